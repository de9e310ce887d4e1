"""Lay marks into rows so that no label lies on another; numbered where they are too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pastwatch.drawing.axis import MINUTE_US, TimeAxis, zone_name
from pastwatch.drawing.lettering import cut, visible, width
from pastwatch.model.timeline import Mark, MarkSort
from pastwatch.model.when import DAY_US, HOUR_US, iso

SIGN_PX: Final = 10.0
"""How wide the sign of a moment is."""
LABEL_PX: Final = 11.0
_ROOMS_PX: Final = (420.0, 300.0, 200.0)
"""How wide labels may be; the next where rows are too many, and numbers after the last."""
_ROWS_AT_MOST: Final = 9
_BESIDE_PX, _APART_PX = 4.0, 10.0
_BAR_FROM_PX: Final = 8.0
_CLOCK_PX, _WHO_PX = 4.0, 84.0
_DAYS_US, _DATES_US = 2 * DAY_US, 60 * DAY_US
_ORDER: Final = {
    MarkSort.ENTRY: 0,
    MarkSort.CLAIM: 1,
    MarkSort.EXHIBIT: 2,
    MarkSort.TRACK: 3,
    MarkSort.RECORD: 4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A mark in its row: from where to where its sign reaches, and where its label stands."""

    mark: Mark
    row: int
    from_px: float
    to_px: float
    clock: str
    words: str
    label_px: float
    """Where the label begins."""

    @property
    def texts(self) -> list[tuple[float, str, str]]:
        """The clock and the words: where each stands, by which end, and what; the clock at the sign."""
        clock_px = width(self.clock, size_px=LABEL_PX) + _CLOCK_PX
        end = self.label_px + _wide(self.clock, self.words)
        if end <= self.from_px:
            return [(end, "end", self.clock), (end - clock_px, "end", self.words)]
        return [
            (self.label_px, "start", self.clock),
            (self.label_px + clock_px, "start", self.words),
        ]

    @property
    def is_bar(self) -> bool:
        """Whether its time is wide enough to be drawn as wide as it is."""
        return self.to_px - self.from_px >= _BAR_FROM_PX

    @property
    def reach(self) -> tuple[float, float]:
        """The pixels that sign and label take together."""
        sign_from, sign_to = _sign(self.from_px, self.to_px)
        end = self.label_px + _wide(self.clock, self.words)
        return min(self.label_px, sign_from), max(end, sign_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLayout:
    """The marks of one lane in rows; `numbered` where their labels are numbers of a key."""

    name: str
    placed: tuple[Placed, ...]
    rows: int
    numbered: bool


def lanes_in_order(marks: Sequence[Mark]) -> list[str]:
    """The lanes of marks: entries, claims, exhibits and tracks first, then records; by name."""
    rank: dict[str, int] = {}
    for mark in marks:
        rank[mark.lane] = min(rank.get(mark.lane, 9), _ORDER[mark.sort])
    return sorted(rank, key=lambda lane: (rank[lane], lane))


def laid_out(
    name: str,
    marks: Sequence[Mark],
    axis: TimeAxis,
    *,
    offset_s: int,
    first_number: int,
    room_until_px: float,
) -> LaneLayout:
    """The lane with the longest labels that fit into a few rows, else with numbers from `first_number`."""
    clocks = [clock_of(mark, axis, offset_s=offset_s) for mark in marks]
    whole = [words_of(mark) for mark in marks]
    for room_px in _ROOMS_PX:
        words = [
            cut(text, room_px - _wide(clock, ""), size_px=LABEL_PX)
            for clock, text in zip(clocks, whole, strict=True)
        ]
        placed = _packed(marks, clocks, words, axis, room_until_px)
        rows = 1 + max((one.row for one in placed), default=-1)
        if rows <= _ROWS_AT_MOST:
            return LaneLayout(name=name, placed=placed, rows=rows, numbered=False)
    numbers = [str(number) for number, _ in enumerate(marks, first_number)]
    placed = _packed(marks, numbers, [""] * len(marks), axis, room_until_px)
    rows = 1 + max(one.row for one in placed)
    return LaneLayout(name=name, placed=placed, rows=rows, numbered=True)


def words_of(mark: Mark) -> str:
    """What stands beside a mark: who, where it is a record, by the part before the @, and what."""
    if not mark.who or mark.sort is not MarkSort.RECORD:
        return visible(mark.title)
    handle = visible(mark.who).partition("@")[0] or visible(mark.who)
    return f"{cut(handle, _WHO_PX, size_px=LABEL_PX)}: {visible(mark.title)}"


def clock_of(mark: Mark, axis: TimeAxis, *, offset_s: int) -> str:
    """When a mark was, as exactly as the axis needs it: both ends of a bar, ~ before a lesser doubt.

    Hours and minutes, with seconds on an axis below an hour, with the day on one above two days or
    where it is not a day of the axis, the date alone on an axis above sixty days.
    """
    if mark.earliest_us is None or mark.latest_us is None:
        return "no date"
    first = _written(mark.earliest_us, axis, offset_s)
    if axis.x(mark.latest_us) - axis.x(mark.earliest_us) >= _BAR_FROM_PX:
        last = _written(mark.latest_us, axis, offset_s)
        return f"{first} – {last}" if first != last else first
    doubted = not mark.lasts and mark.latest_us - mark.earliest_us >= MINUTE_US
    return f"~{first}" if doubted and len(first) < len("2017-04-04") else first


def _written(time_us: int, axis: TimeAxis, offset_s: int) -> str:
    text = iso(time_us, offset_s=offset_s)
    if "T" not in text:
        return text
    length_us = axis.end_us - axis.start_us
    if length_us > _DATES_US:
        return text[:10]
    away = not axis.holds(time_us) and text[:10] not in _days(axis, offset_s)
    day = f"{text[5:10]} " if length_us > _DAYS_US else f"{text[:10]} " if away else ""
    return f"{day}{text[11:19] if length_us < HOUR_US else text[11:16]}"


def _days(axis: TimeAxis, offset_s: int) -> tuple[str, str]:
    """The first and the last day of an axis."""
    return iso(axis.start_us, offset_s=offset_s)[:10], iso(axis.end_us, offset_s=offset_s)[:10]


def stretch_of(mark: Mark, *, offset_s: int) -> str:
    """The whole time of a mark with its zone, for who points at it."""
    if mark.earliest_us is None or mark.latest_us is None:
        return "no usable date"
    ends = [
        iso(at, offset_s=offset_s).replace("T", " ")[:19]
        for at in (mark.earliest_us, mark.latest_us)
    ]
    how = "from {} to {}" if mark.lasts else "between {} and {}"
    text = how.format(*ends) if ends[0] != ends[1] else ends[0]
    return f"{text} {zone_name(offset_s)}{', doubtful' if mark.doubtful else ''}"


def _packed(
    marks: Sequence[Mark],
    clocks: Sequence[str],
    words: Sequence[str],
    axis: TimeAxis,
    room_until_px: float,
) -> tuple[Placed, ...]:
    """Each mark in the first row that has room for it; those given first stand higher."""
    taken: list[list[tuple[float, float]]] = []
    placed = []
    for mark, clock, text in zip(marks, clocks, words, strict=True):
        one = _beside(mark, clock, text, axis, room_until_px)
        reach = one.reach
        row = next((n for n, held in enumerate(taken) if _is_free(held, reach)), len(taken))
        if row == len(taken):
            taken.append([])
        taken[row].append(reach)
        placed.append(replace(one, row=row))
    return tuple(placed)


def _is_free(taken: Sequence[tuple[float, float]], reach: tuple[float, float]) -> bool:
    start, end = reach
    return all(end + _APART_PX <= other or start >= until + _APART_PX for other, until in taken)


def _beside(mark: Mark, clock: str, words: str, axis: TimeAxis, room_until_px: float) -> Placed:
    """Label to the right of the sign, else to its left, else in the bar, cut to what it holds."""
    start, end = axis.x(mark.earliest_us or 0), axis.x(mark.latest_us or 0)
    sign_from, sign_to = _sign(start, end)
    wide = _wide(clock, words)
    at = sign_to + _BESIDE_PX
    if at + wide > room_until_px:
        at = sign_from - _BESIDE_PX - wide
        if at < axis.left_px:
            at = max(sign_from, axis.left_px) + _BESIDE_PX
            room = max(sign_to, room_until_px) - at - _BESIDE_PX - _wide(clock, "")
            words = cut(words, room, size_px=LABEL_PX)
    return Placed(mark=mark, row=0, from_px=start, to_px=end, clock=clock, words=words, label_px=at)


def _wide(clock: str, words: str) -> float:
    """How wide a label is."""
    wide = width(clock, size_px=LABEL_PX)
    return wide + _CLOCK_PX + width(words, size_px=LABEL_PX) if words else wide


def _sign(start: float, end: float) -> tuple[float, float]:
    """From where to where a sign is drawn: a moment's has a width too."""
    if end - start >= _BAR_FROM_PX:
        return start, end
    middle = (start + end) / 2
    return middle - SIGN_PX / 2, middle + SIGN_PX / 2
