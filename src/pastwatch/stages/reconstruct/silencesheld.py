"""What the collection itself may explain of a silence: what ended, began, was lost."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from pastwatch.model.when import iso
from pastwatch.stages.reconstruct.changerhythm import Floats, Rhythm
from pastwatch.stages.reconstruct.network import Aggregate, Bools

_QUIET_SOURCE_RATIO: Final = 0.1
_HOLE_EXPECTED: Final = 30.0
_HOLE_RATIO: Final = 0.5
_QUIET_END: Final = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHeld:
    """What the collection itself can explain of a source: from when to when, and what was lost."""

    name: str
    from_us: int
    until_us: int
    lost_at_most: float = 0.0
    """Records that its gaps may hide, at a time unknown; infinite where nobody knows."""
    reason: str = ""


def reaching(
    network: Aggregate, rhythm: Rhythm, sources: tuple[SourceHeld, ...]
) -> tuple[SourceHeld, ...]:
    """The sources, each held to the ends of the window where its last hours may just be quiet ones.

    Where fewer than a dozen records are missing by its own rhythm, a source did not end: nobody
    wrote.
    """
    talk, window = network.talk, network.window
    found = []
    for number, source in enumerate(sources):
        rows = np.flatnonzero(talk.source == number)
        medium = int(talk.medium[rows[0]]) if len(rows) else 0
        from_us, until_us = source.from_us, source.until_us
        dated = int(talk.dated[rows].sum())
        inside = max(from_us, window.since_us), min(until_us, window.until_us)
        usual = rhythm.exposure(medium, *inside) if inside[0] < inside[1] else 0.0
        rate = dated / usual if usual else math.inf
        if (
            rate * rhythm.exposure(medium, min(until_us, window.until_us), window.until_us)
            < _QUIET_END
        ):
            until_us = max(until_us, window.until_us)
        if (
            rate * rhythm.exposure(medium, window.since_us, max(from_us, window.since_us))
            < _QUIET_END
        ):
            from_us = min(from_us, window.since_us)
        found.append(replace(source, from_us=from_us, until_us=until_us))
    return tuple(found)


@dataclass(frozen=True)
class Asked:
    """The stretch from an anchor on in which silences are sought, and all they are held against."""

    network: Aggregate
    rhythm: Rhythm
    sources: tuple[SourceHeld, ...]  # in the order of the talk's
    anchor_us: int
    zone_offset_s: int

    def moment(self, at_us: int) -> str:
        """A moment in the zone of the case."""
        return iso(at_us, offset_s=self.zone_offset_s)


def why_untold(asked: Asked, seen: Bools, expected: Floats) -> dict[int, tuple[list[int], str]]:
    """By source the subjects met there whose silence it may explain, with why.

    `seen` is (subject, source); a gap explains the silence of those `expected` to say no more than
    it may hide.
    """
    found: dict[int, tuple[list[int], str]] = {}
    told = np.zeros(len(seen), np.bool_)
    for number, source in enumerate(asked.sources):
        own = seen[:, number] & ~told
        why = _silent_itself(asked, number)
        if not why:
            own &= (source.lost_at_most > 0) & (expected <= source.lost_at_most)
            lost = source.lost_at_most
            most = "an unknown number of" if math.isinf(lost) else f"up to {lost:,.0f}"
            why = f'its collection has a gap ("{source.reason}") of unknown time that may hide {most} records'
        told |= own
        if own.any():
            found[number] = np.flatnonzero(own).tolist(), why
    return found


def _silent_itself(asked: Asked, number: int) -> str:
    """How it shows that a source says nothing itself in the stretch; "" where it does."""
    source, rhythm, anchor_us = asked.sources[number], asked.rhythm, asked.anchor_us
    if source.until_us <= anchor_us:
        return f"nothing of it is held after {asked.moment(source.until_us)}"
    if source.from_us >= anchor_us:
        return f"nothing of it is held before {asked.moment(source.from_us)}"
    talk, window = asked.network.talk, asked.network.window
    rows = np.flatnonzero((talk.source == number) & talk.dated)
    at_us = talk.earliest_us[rows]
    medium = int(talk.medium[rows[0]]) if len(rows) else 0
    start_us = max(window.since_us, source.from_us)
    until_us = min(window.until_us, source.until_us)
    usual = rhythm.exposure(medium, start_us, anchor_us)
    earlier = int(((at_us >= start_us) & (at_us < anchor_us)).sum())
    rate = earlier / usual if usual else 0.0
    own = at_us[(at_us >= anchor_us) & (at_us < until_us)]
    due = rate * rhythm.exposure(medium, anchor_us, until_us)
    if due and len(own) < _QUIET_SOURCE_RATIO * due:
        return (
            f"all of it is silent: {len(own):,} records where about {due:,.0f} were to be expected"
        )
    edges = np.concatenate(([anchor_us], own, [until_us]))
    missing = rate * rhythm.many(medium, edges[:-1], edges[1:])
    worst = int(np.argmax(missing))
    if missing[worst] < _HOLE_EXPECTED or missing[worst] < _HOLE_RATIO * due:
        return ""
    ends = " and ".join(asked.moment(int(edges[worst + n])) for n in (0, 1))
    return f"nothing of it is held between {ends}"
