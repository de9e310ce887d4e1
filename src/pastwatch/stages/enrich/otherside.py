"""The same conversation as two devices kept it, compared record by record."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from pastwatch.stages.enrich.held import Check, Held, Outcome, Remark, remark

CHECK = "other-side"
WITHIN_US = 120 * 1_000_000


@dataclass(slots=True)
class _Side:
    """One side's records by what they say, in order of time, each matched once at most."""

    by_text: dict[str, list[Held]]
    by_time: list[tuple[int, Held]]
    taken: set[int]


def other_side(one: str, other: str) -> Check:
    """The check of source `one` against source `other`, and back.

    Records match by the words they say, whoever is named as their sender (each device names people
    in its own way), when they claim times within two minutes. What has no match, while its time lies
    in what both sides cover, is told; so is the same time with other words.
    """

    def check(given: list[Held]) -> Iterator[Remark]:
        sides = {name: [h for h in given if h.source == name] for name in (one, other)}
        yield from _against(sides[one], sides[other], other)
        yield from _against(sides[other], sides[one], one)

    return check


def _against(own: list[Held], theirs: list[Held], name: str) -> Iterator[Remark]:
    side, span = _side(theirs), _covered(theirs)
    matches = [_match(held, side) for held in own]
    for held, match in zip(own, matches, strict=True):
        yield remark(held, CHECK, *_seen(held, match, side, span, name))


def _seen(
    held: Held, match: Held | None, side: _Side, span: tuple[int, int] | None, name: str
) -> tuple[Outcome, str, tuple[int, int] | None]:
    """What the other side has in a record's place."""
    time = _time(held)
    if time is None:
        return Outcome.UNDECIDED, "it claims no time to compare by", None
    if match is not None:
        return Outcome.AGREES, f"{name} holds the same words at that time", None
    if span is None or not span[0] <= time <= span[1]:
        return Outcome.ABSENT, f"{name} covers no such time", None
    if _near(time, side):
        return Outcome.DIFFERS, f"{name} holds other words at that time", (0, len(held.original))
    says = f"{name} covers that time and does not hold it"
    return Outcome.DIFFERS, says, (0, len(held.original))


def _match(held: Held, side: _Side) -> Held | None:
    time = _time(held)
    if time is None:
        return None
    for other in side.by_text.get(_words(held), ()):
        at = _time(other)
        if id(other) not in side.taken and at is not None and abs(at - time) <= WITHIN_US:
            side.taken.add(id(other))
            return other
    return None


def _near(time: int, side: _Side) -> bool:
    """Whether a record that no words matched stands close in time."""
    at = bisect_left(side.by_time, time - WITHIN_US, key=lambda pair: pair[0])
    for moment, other in side.by_time[at:]:
        if moment > time + WITHIN_US:
            return False
        if id(other) not in side.taken:
            return True
    return False


def _side(given: list[Held]) -> _Side:
    by_text: dict[str, list[Held]] = defaultdict(list)
    for held in given:
        by_text[_words(held)].append(held)
    by_time = [(time, held) for held in given if (time := _time(held)) is not None]
    return _Side(by_text, sorted(by_time, key=lambda pair: pair[0]), set())


def _covered(given: list[Held]) -> tuple[int, int] | None:
    times = [time for held in given if (time := _time(held)) is not None]
    return (min(times) - WITHIN_US, max(times) + WITHIN_US) if times else None


def _words(held: Held) -> str:
    return " ".join(held.record.text.split()).casefold()


def _time(held: Held) -> int | None:
    claimed = held.record.envelope.claimed
    return None if claimed is None else claimed.earliest_us
