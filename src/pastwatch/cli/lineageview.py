"""How statements, roots, relations and copies are printed for a reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pastwatch.cli import show
from pastwatch.cli.show import count, neutral

if TYPE_CHECKING:
    from pastwatch.desk.rooting import Rooted
    from pastwatch.desk.rooting_copies import CopyShown, Outlet
    from pastwatch.model.relation import Relation

_STATEMENT = 96
_NAME = 60
_RECORD = 32
_SOURCES = 4


def print_rooted(rooted: Sequence[Rooted], *, of: int, left: int) -> None:
    """A block a statement: its count, then reports, roots, what stands beside, each on a line."""
    for one in rooted:
        _print_statement(one)
    if of > len(rooted):
        show.out(f"showing {len(rooted)} of {count(of, 'statement')} (--limit)")
    if left:
        show.out(f"{count(left, 'statement')} of one report and one root not shown (--all)")


def _print_statement(one: Rooted) -> None:
    lineage = one.lineage
    reports = count(len(lineage.reports), "report")
    low, high = lineage.roots_at_least, lineage.roots_at_most
    roots = count(low, "root") if low == high else f"{low}–{high} roots"
    denied = "denied: " if one.is_denied else ""
    show.out(show.cut(f"{denied}“{neutral(lineage.statement)}”", _STATEMENT))
    show.out(f"  {neutral(one.line) if len(one.line) <= _STATEMENT else f'{reports} · {roots}'}")
    if one.interests and high > 1:
        shared = "one side" if len(one.interests) == 1 else f"{len(one.interests)} sides"
        least, most = one.independent_at_least, one.independent_at_most
        told = str(least) if least == most else f"{least}–{most}"
        show.out(f"  independent: {told} ({shared}: {neutral(', '.join(one.interests))})")
    for chain in one.chains:
        through = f" via {neutral(', '.join(chain.via))}" if chain.via else ""
        who = neutral(chain.who) or "the report itself"
        show.out(f"    {chain.claim:<5} {neutral(chain.outlet)}: {show.cut(who, _NAME)}{through}")
    for root in lineage.roots:
        side = f" · {neutral(root.interest)}" if root.interest else ""
        show.out(f"    root  {neutral(root.name)}{side}: {neutral(root.reason)}")
    for reason in lineage.reasons:
        show.out(f"    why   {neutral(reason)}")
    for denial in one.denials:
        show.out(
            f"    denied by {neutral(denial.who)} ({denial.name}, {denial.relation_id}): "
            f"{show.cut(neutral(denial.statement), _NAME)}"
        )
    for denial in one.in_line:
        show.out(
            f"    in line with the denial by {neutral(denial.who)} ({denial.name}, {denial.relation_id})"
        )
    other = [r for r in one.relations if r.kind not in {"denies", "supports"}]
    for relation in other:
        show.out(
            f"    {relation.relation_id:<5} {relation.kind}: {_thing(relation.from_id)} – "
            f"{_thing(relation.to_id)}: {neutral(relation.reason)}"
        )
    show.out()


def print_relations(found: Sequence[Relation], words: Mapping[str, str], *, of: int) -> None:
    """Two lines a relation: what it is with its reason, then the words of both ends."""
    kind = ""
    for one in found:
        if one.kind != kind:
            kind = one.kind
            show.out(f"{kind}:")
        gone = "  (undone)" if one.undone else ""
        show.out(
            f"  {one.relation_id:<5} {_thing(one.from_id)} – {_thing(one.to_id)}: "
            f"{neutral(one.reason)}{gone}"
        )
        for name in (one.from_id, one.to_id):
            if name in words:
                show.out(
                    f"          {_thing(name)}: “{show.cut(neutral(words[name]), _STATEMENT - 12)}”"
                )
    if of > len(found):
        show.out(f"showing {len(found)} of {count(of, 'relation')} (--limit)")


def print_copies(found: Sequence[CopyShown], *, of: int) -> None:
    """Two lines a copy: who takes from whom and why, then the longest passage."""
    for one in found:
        arrow = "takes from" if one.is_directed else "shares a text with"
        show.out(
            f"{one.relation.relation_id:<5} {one.relation.kind}: {neutral(one.taker)} {arrow} "
            f"{neutral(one.giver)}"
        )
        show.out(f"      {neutral(one.relation.reason)}")
        if one.passage:
            show.out(f"      “{show.cut(neutral(one.passage), _STATEMENT)}”")
    if of > len(found):
        show.out(f"showing {len(found)} of {count(of, 'pair')} (--limit)")


def print_outlets(lines: Sequence[Outlet], *, of: int) -> None:
    """A line an outlet: how much of it is taken, and from whom."""
    rows = [
        (
            neutral(line.outlet),
            count(line.reports),
            count(line.taken),
            show.share(line.taken, line.reports),
            count(line.open),
            count(line.given),
            ", ".join(f"{neutral(n)} {k}" for n, k in line.sources[:_SOURCES])
            + (" …" if len(line.sources) > _SOURCES else "")
            + ("  [gathers from many]" if line.is_aggregator else ""),
        )
        for line in lines
    ]
    show.table(
        rows,
        head=("outlet", "reports", "taken", "share", "open", "given", "taken from"),
        right=(1, 2, 3, 4, 5),
    )
    if of > len(lines):
        show.out(f"showing {len(lines)} of {count(of, 'outlet')} (--limit)")


def _thing(name: str) -> str:
    """A claim by its name; a record by the first digits of its id; another name bare."""
    if len(name) == _RECORD and all(c in "0123456789abcdef" for c in name):
        return f"report {name[:8]}"
    return neutral(name.removeprefix("name:"))
