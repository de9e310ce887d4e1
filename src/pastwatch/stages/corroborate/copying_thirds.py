"""What a whole collection tells of two reports: a third behind both, an outlet's habit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from pastwatch.stages.corroborate.copying import Copy, Direction

_NEARER = 0.05
_TIMES = 3
_MOSTLY = 0.85
_TOLD = (Direction.CREDITED, Direction.TIME, Direction.SUBSET)

Ends = frozenset[bytes]


def settled(copies: Sequence[Copy]) -> list[Copy]:
    """The same copies, with directions that only show when all are looked at together.

    First the habit of outlets, for pairs whose dates leave it open; then, for each pair, a third
    report that both are nearer to than to each other and that takes from neither.
    """
    habits = _habits(copies)
    turned = [_by_habit(c, habits) if c.direction is Direction.UNKNOWN else c for c in copies]
    near: dict[Ends, Copy] = {_ends(c): c for c in turned}
    about: defaultdict[bytes, set[bytes]] = defaultdict(set)
    for copy in turned:
        about[copy.taker.report_id].add(copy.giver.report_id)
        about[copy.giver.report_id].add(copy.taker.report_id)
    return [_by_third(c, near, about) for c in turned]


def _ends(copy: Copy) -> Ends:
    return frozenset((copy.taker.report_id, copy.giver.report_id))


def _habits(copies: Sequence[Copy]) -> Counter[tuple[str, str]]:
    """How often one outlet's report takes from another's, where credit, dates or extent tell."""
    return Counter((c.taker.outlet, c.giver.outlet) for c in copies if c.direction in _TOLD)


def _by_habit(copy: Copy, habits: Counter[tuple[str, str]]) -> Copy:
    one, other = copy.taker.outlet, copy.giver.outlet
    forth, back = habits[one, other], habits[other, one]
    if one == other or max(forth, back) < _TIMES or max(forth, back) < _MOSTLY * (forth + back):
        return copy
    ground = f"elsewhere {{}} takes from {{}} in {max(forth, back)} of {forth + back} reports"
    if forth > back:
        return replace(copy, direction=Direction.HABIT, ground=ground.format(one, other))
    return _turned(copy, Direction.HABIT, ground.format(other, one))


def _turned(copy: Copy, direction: Direction, ground: str) -> Copy:
    return replace(
        copy,
        taker=copy.giver,
        giver=copy.taker,
        direction=direction,
        ground=ground,
        share=copy.share_back,
        share_back=copy.share,
        told=copy.told_back,
        told_back=copy.told,
        passages=tuple((c, d, a, b) for a, b, c, d in copy.passages),
    )


def _by_third(copy: Copy, near: dict[Ends, Copy], about: dict[bytes, set[bytes]]) -> Copy:
    """The copy, with COMMON where a third report stands behind both."""
    if copy.direction in {Direction.CREDITED, Direction.COMMON, Direction.SUBSET}:
        return copy
    a, b = copy.taker.report_id, copy.giver.report_id
    best: tuple[float, str] | None = None
    for third in about[a] & about[b]:
        one, other = near[frozenset((a, third))], near[frozenset((b, third))]
        gain = min(one.strength, other.strength) - copy.strength
        if gain < _NEARER or third in {one.taker.report_id, other.taker.report_id} - _open(
            one, other
        ):
            continue
        giver = one.giver if one.giver.report_id == third else one.taker
        best = max(best, (gain, giver.outlet)) if best else (gain, giver.outlet)
    if best is None:
        return copy
    return replace(
        copy,
        direction=Direction.COMMON,
        agency=best[1],
        ground=f"both stand nearer to a report of {best[1]} than to each other",
    )


def _open(*copies: Copy) -> set[bytes]:
    """Those told as takers only because nothing tells who took."""
    return {c.taker.report_id for c in copies if c.direction is Direction.UNKNOWN}
