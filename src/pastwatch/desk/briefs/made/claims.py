"""The claims of the open reports as a chapter: statements, to how many roots they go back, who denies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pastwatch.desk.briefs.made.cells import NOTHING, joined, many, quoted, row, showing
from pastwatch.desk.briefs.made.citing import usable
from pastwatch.desk.briefs.made.ledgered import acts_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.claiming import claims_of
from pastwatch.desk.rooting import Rooted, relations_of_case, roots_of_case
from pastwatch.desk.rooting_picture import picture_of
from pastwatch.model.claim import Claim
from pastwatch.model.record import Citation
from pastwatch.model.relation import Relation
from pastwatch.stages.brief.given import Chapter, Line, Picture, Stretch
from pastwatch.stages.corroborate.relations import DENIES, NAME, SUPPORTS

STATEMENTS_AT_MOST = 40
DRAWN_AT_MOST = 6
RELATIONS_AT_MOST = 60
COLUMNS = ("Statement", "Reports and roots", "Who says it, and through whom", "Denied by", "Claims")


def make(case: CaseWork) -> Chapter | None:
    """The chapter; None where no report was read."""
    claims = {one.name: one.value for one in claims_of(case)}
    if not claims:
        return None
    rooted = roots_of_case(case)
    # Claims are related while their roots are counted: the ledger is read after that.
    related = acts_of(case).saying("relate")
    shown, drawn = rooted[:STATEMENTS_AT_MOST], rooted[:DRAWN_AT_MOST]
    heading = "Statements"
    if len(rooted) > len(shown):
        heading += f": {showing(len(shown), len(rooted), 'statements')[:-1].lower()}"
    reports = len({one.report_id for one in claims.values()})
    stretches = [
        Stretch(
            heading="",
            lines=(
                Line(
                    kind="lineage",
                    text=f"{many(reports, 'open report')} make {many(len(claims), 'claim')} of "
                    f"{many(len(rooted), 'statement')}. Reports that go back to one root count "
                    "once; what a report states is its own claim, and no finding of ours.",
                    citations=_cited(case, claims, _first_of_each(claims)),
                ),
            ),
            picture=Picture(
                name="lineage",
                svg=picture_of(drawn, of=len(rooted)),
                caption="To the left the reports, to the right the roots that each statement goes "
                f"back to; {len(drawn):,} of {many(len(rooted), 'statement')}.",
            ),
        ),
        Stretch(
            heading=heading,
            columns=COLUMNS,
            lines=tuple(_statement(case, one, claims, related) for one in shown),
        ),
    ]
    relations = _relations(case, claims, related)
    return Chapter(
        key="claims",
        title="What open reports claim",
        stretches=(*stretches, *([relations] if relations else [])),
        after="findings",
    )


def _first_of_each(claims: Mapping[str, Claim]) -> list[str]:
    first: dict[bytes, str] = {}
    for name, claim in claims.items():
        first.setdefault(claim.report_id, name)
    return list(first.values())


def _statement(
    case: CaseWork, one: Rooted, claims: Mapping[str, Claim], ledger: tuple[int, ...]
) -> Line:
    said = quoted(one.lineage.statement)
    if one.is_denied:
        said = f"denied: {said}"
    told = (f"{chain.who or chain.outlet}{_through(chain.via)}" for chain in one.chains)
    who = "; ".join(dict.fromkeys(told))
    denied = [f"{d.who} ({d.name}): {quoted(d.statement)}" for d in one.denials]
    denied += [f"in line with what {d.who} denies ({d.name})" for d in one.in_line]
    otherwise = NOTHING if one.is_denied else "nobody found"
    names = [*one.lineage.claims, *(d.name for d in (*one.denials, *one.in_line))]
    return Line(
        kind="lineage",
        text=row(said, one.line, who, "; ".join(denied) or otherwise, joined(one.lineage.claims)),
        citations=_cited(case, claims, names),
        ledger=ledger,
    )


def _through(via: Sequence[str]) -> str:
    return f" (through {', '.join(via)})" if via else ""


def _relations(
    case: CaseWork, claims: Mapping[str, Claim], ledger: tuple[int, ...]
) -> Stretch | None:
    """How claims bear on one another beside denying: contradiction, precision, time, drift, caveat."""
    found = [r for r in relations_of_case(case) if r.kind not in {DENIES, SUPPORTS}]
    if not found:
        return None
    shown = found[:RELATIONS_AT_MOST]
    heading = "How they bear on one another"
    if len(found) > len(shown):
        heading += f": {showing(len(shown), len(found), 'relations')[:-1].lower()}"
    return Stretch(
        heading=heading,
        columns=("Which", "How", "To which", "Because"),
        lines=tuple(_relation(case, one, claims, ledger) for one in shown),
    )


def _relation(
    case: CaseWork, one: Relation, claims: Mapping[str, Claim], ledger: tuple[int, ...]
) -> Line:
    ends = [name for name in (one.from_id, one.to_id) if name in claims]
    cites = usable(case, one.citations) or _cited(case, claims, ends)
    return Line(
        kind="lineage",
        text=row(
            *(_end(one.from_id, claims), one.kind, _end(one.to_id, claims)),
            f"{one.reason} ({one.maker})",
        ),
        citations=cites,
        ledger=ledger,
    )


def _end(name: str, claims: Mapping[str, Claim]) -> str:
    if name in claims:
        claim = claims[name]
        who = f"{claim.who_says}: " if claim.who_says else ""
        return f"{name} {who}{quoted(claim.statement)}"
    if name.startswith(NAME):
        return name.removeprefix(NAME)
    return "a report as a whole"


def _cited(
    case: CaseWork, claims: Mapping[str, Claim], names: Iterable[str]
) -> tuple[Citation, ...]:
    return usable(case, (claims[name].citation for name in names if name in claims))
