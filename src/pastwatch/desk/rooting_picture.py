"""The picture of statements with their reports and roots."""

from __future__ import annotations

from collections.abc import Sequence

from pastwatch.desk.rooting import Rooted
from pastwatch.drawing.lineage import ReportBox, RootBox, StatementDrawn, draw_lineage


def picture_of(rooted: Sequence[Rooted], *, of: int) -> str:
    """The picture as SVG; `of` is how many statements there are."""
    title = "What reports say, and to how many roots it goes back"
    if of > len(rooted):
        title += f" (showing {len(rooted)} of {of} statements)"
    return draw_lineage([_drawn(one) for one in rooted], title=title)


def _drawn(one: Rooted) -> StatementDrawn:
    lineage = one.lineage
    low, high = lineage.roots_at_least, lineage.roots_at_most
    roots = f"{low}" if low == high else f"{low}–{high}"
    reports = len(lineage.reports)
    count = f"{reports} report{'s' * (reports != 1)} · {roots} root{'s' * (roots != '1')}"
    if one.interests:
        count += f" · {', '.join(one.interests)}"
    return StatementDrawn(
        title=f"denied: {lineage.statement}" if one.is_denied else lineage.statement,
        count=count,
        reports=tuple(
            ReportBox(
                title=f"{chain.outlet} · {chain.claim}",
                under=chain.who or "the report itself",
                via=chain.via,
                roots=tuple(map(_plain, chain.roots)),
            )
            for chain in one.chains
        ),
        roots=tuple(
            RootBox(
                name=_plain(root.name),
                under=f"{root.interest}: {root.reason}" if root.interest else root.reason,
                is_sure=not root.reason.startswith(("the same text", "told without", "a circle")),
            )
            for root in lineage.roots
        ),
        beneath=(
            *(f"denied by {d.who} ({d.name}): {d.statement}" for d in one.denials),
            *(f"in line with the denial by {d.who} ({d.name})" for d in one.in_line),
        ),
    )


def _plain(name: str) -> str:
    """A root's name without its arrow, which not every face of letters has."""
    return name.replace(" ← ", ": ")
