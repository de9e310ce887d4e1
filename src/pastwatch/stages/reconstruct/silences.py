"""Silences longer than one's own rhythm leads one to expect, held against the collection first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pastwatch.errors import UsageError
from pastwatch.model.network import Silence, Silences
from pastwatch.model.when import HOUR_US
from pastwatch.stages.reconstruct.change import ACCOUNT, PAIR, Subjects, accounts_of, pairs_of
from pastwatch.stages.reconstruct.changerhythm import Floats, Rhythm
from pastwatch.stages.reconstruct.changetest import LEVEL_P, corrected, spells_of
from pastwatch.stages.reconstruct.network import Aggregate, Bools
from pastwatch.stages.reconstruct.silencesheld import Asked, SourceHeld, why_untold
from pastwatch.stages.reconstruct.silencesother import Elsewhere
from pastwatch.stages.reconstruct.talk import Int64s

ORDERS: Final = ("name", "volume", "last")
_STRETCHES_AT_LEAST: Final = 4
_STRETCHES_AT_MOST: Final = 52


@dataclass(frozen=True)
class _Tested:
    about: str
    subjects: Subjects
    start_us: Int64s  # of each subject's rhythm
    until_us: Int64s
    before: Int64s  # spells with talk
    within: Int64s
    last_us: Int64s
    expected: Floats
    p: Floats
    tried: Bools
    stretches: Int64s
    stretches_silent: Int64s
    untold: dict[int, tuple[list[int], str]]  # by source: (subjects, why)
    too_few: int


def silences_of(
    network: Aggregate,
    rhythm: Rhythm,
    sources: tuple[SourceHeld, ...],
    *,
    from_us: int | None = None,
    accounts: Int64s | None = None,
    same: Int64s | None = None,
    order: str = "name",
    limit: int | None = None,
    zone_offset_s: int = 0,
    notes: tuple[str, ...] = (),
) -> Silences:
    """Who says nothing from the event (or `from_us`) on, over all pairs and accounts.

    Given k spells with talk in all, the chance that none falls into the stretch is (share of the rhythm outside
    it) to the power k ÷ φ, where φ ≥ 1 is how much more unevenly those of earlier stretches lie
    than chance has it. `sources` in the order of the talk's. What the collection may explain is
    `untold` and in no test.
    """
    if order not in ORDERS:
        raise UsageError(f'silences are not ordered by "{order}"', hint=", ".join(ORDERS))
    anchor_us = network.window.event.start_us if from_us is None else from_us
    asked = Asked(network, rhythm, sources, anchor_us, zone_offset_s)
    tested = [
        _tested(asked, PAIR, pairs_of(network, same)),
        _tested(asked, ACCOUNT, accounts_of(network, same)),
    ]
    is_tried = np.concatenate([one.tried for one in tested])
    p = np.concatenate([one.p for one in tested])
    adjusted = np.ones(len(p))
    adjusted[is_tried] = corrected(p[is_tried])
    rows: list[tuple[_Tested, int, float]] = []
    for one, own in zip(tested, np.split(adjusted, [len(tested[0].p)]), strict=True):
        kept = one.tried & (one.within == 0)
        if accounts is not None:
            kept &= one.subjects.of(accounts)
        rows += [(one, int(at), float(own[at])) for at in np.flatnonzero(kept)]
    _order(network, rows, order)
    other = Elsewhere(network, rhythm, tuple(s.name for s in sources), zone_offset_s)
    return Silences(
        silences=tuple(_silence(asked, other, row) for row in rows[:limit]),
        of=len(rows),
        untold=_untold(tested, sources),
        tried=int(is_tried.sum()),
        too_few=sum(one.too_few for one in tested),
        level_p=LEVEL_P,
        from_us=anchor_us,
        until_us=network.window.until_us,
        rhythm=rhythm.told,
        notes=notes,
    )


def _tested(asked: Asked, about: str, subjects: Subjects) -> _Tested:
    anchor_us = asked.anchor_us
    size = len(subjects.first)
    seen = _seen_in(asked, subjects)
    start_us, until_us = _held(asked, seen)
    spells = spells_of(
        subjects.key, subjects.at_us, length_us=subjects.spell_us, anchor_us=anchor_us
    )
    own_until, own_start = until_us[spells.key], start_us[spells.key]
    is_before = (spells.start_us < anchor_us) & (spells.start_us >= own_start)
    is_within = (spells.start_us >= anchor_us) & (spells.start_us < own_until)
    before = np.bincount(spells.key[is_before], minlength=size)
    within = np.bincount(spells.key[is_within], minlength=size)
    last_us = np.zeros(size, np.int64)
    np.maximum.at(last_us, subjects.key, subjects.at_us)
    usual, stretch = _exposures(asked, subjects, start_us, until_us)
    expected = before * stretch / np.maximum(usual, 1e-9)
    share = usual / np.maximum(usual + stretch, 1e-9)
    # Only those that could be told at all are looked at for how unevenly they talk.
    chosen = np.flatnonzero((before > 0) & (share**before <= LEVEL_P))
    earlier = spells.key[is_before], spells.start_us[is_before]
    ends = start_us[chosen], until_us[chosen]
    spread, stretches, silent = np.ones(size), np.zeros(size, int), np.zeros(size, int)
    spread[chosen], stretches[chosen], silent[chosen] = _spread(
        asked, subjects.medium[chosen], _of(earlier, chosen, size), *ends
    )
    alone = share ** (before / spread)
    untold = why_untold(asked, seen & (before > 0)[:, None], expected)
    is_told = np.ones(size, np.bool_)
    for silent_subjects, _ in untold.values():
        is_told[silent_subjects] = False
    tried = is_told & (before > 0) & (alone <= LEVEL_P)
    return _Tested(
        about,
        subjects,
        start_us,
        until_us,
        before,
        within,
        last_us,
        expected,
        np.where(within == 0, alone, 1.0),
        tried,
        stretches,
        silent,
        untold,
        int((is_told & (before > 0) & ~tried).sum()),
    )


def _seen_in(asked: Asked, subjects: Subjects) -> Bools:
    """(subject, source): whether it was met there before the stretch."""
    early = subjects.at_us < asked.anchor_us
    sources = len(asked.sources)
    key = subjects.key[early] * sources + asked.network.talk.source[subjects.row[early]]
    found = np.bincount(key, minlength=len(subjects.first) * sources)
    return np.asarray(found.reshape(len(subjects.first), sources) > 0)


def _held(asked: Asked, seen: Bools) -> tuple[Int64s, Int64s]:
    """From when to when all sources of a subject are held."""
    sources, window = asked.sources, asked.network.window
    since_us, until_us = window.since_us, window.until_us
    first = np.array([max(since_us, s.from_us) for s in sources], np.int64)
    last = np.array([min(until_us, s.until_us) for s in sources], np.int64)
    start = np.where(seen, first[None, :], since_us).max(axis=1, initial=since_us)
    until = np.where(seen, last[None, :], until_us).min(axis=1, initial=until_us)
    return start, until


def _exposures(
    asked: Asked, subjects: Subjects, start_us: Int64s, until_us: Int64s
) -> tuple[Floats, Floats]:
    """The usual rhythm of each subject's time before the stretch, and of the stretch."""
    usual, stretch = np.zeros(len(start_us)), np.zeros(len(start_us))
    anchor, rhythm = np.full(len(start_us), asked.anchor_us, np.int64), asked.rhythm
    for medium in np.unique(subjects.medium).tolist():
        own = subjects.medium == medium
        usual[own] = rhythm.many(medium, start_us[own], np.maximum(anchor, start_us)[own])
        stretch[own] = rhythm.many(medium, anchor[own], np.maximum(anchor, until_us)[own])
    return usual, stretch


def _of(spells: tuple[Int64s, Int64s], chosen: Int64s, size: int) -> tuple[Int64s, Int64s]:
    """The spells of some subjects, each under its place among them."""
    place = np.full(size, -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    key = place[spells[0]]
    return key[key >= 0], spells[1][key >= 0]


def _spread(
    asked: Asked,
    media: Int64s,
    spells: tuple[Int64s, Int64s],
    start_us: Int64s,
    until_us: Int64s,
) -> tuple[Floats, Int64s, Int64s]:
    """φ of each subject, how many earlier stretches as long it has, and how many held no talk."""
    size, anchor_us, rhythm = len(start_us), asked.anchor_us, asked.rhythm
    key, at_us = spells
    length = np.maximum(until_us - anchor_us, HOUR_US)
    stretches = np.clip((anchor_us - start_us) // length, 0, _STRETCHES_AT_MOST)
    most = int(stretches.max(initial=0))
    back = (anchor_us - 1 - at_us) // length[key]
    inside = back < stretches[key]
    counts = np.bincount(key[inside] * max(most, 1) + back[inside], minlength=size * max(most, 1))
    counts = counts.reshape(size, max(most, 1)).astype(float)
    steps = np.arange(max(most, 1))
    is_there = steps[None, :] < stretches[:, None]
    begins = anchor_us - (steps[None, :] + 1) * length[:, None]
    usual = np.zeros(counts.shape)
    for medium in np.unique(media).tolist():
        own = media == medium
        flat = begins[own].ravel()
        ends = (begins[own] + length[own, None]).ravel()
        usual[own] = rhythm.many(medium, flat, ends).reshape(begins[own].shape)
    usual = np.where(is_there, usual, 0.0)
    counts = np.where(is_there, counts, 0.0)
    rate = counts.sum(axis=1) / np.maximum(usual.sum(axis=1), 1e-9)
    due = rate[:, None] * usual
    squares = np.where(due > 0, (counts - due) ** 2 / np.where(due > 0, due, 1.0), 0.0).sum(axis=1)
    spread = np.where(
        stretches >= _STRETCHES_AT_LEAST, np.maximum(squares / np.maximum(stretches - 1, 1), 1), 1.0
    )
    silent = (is_there & (counts == 0)).sum(axis=1)
    return spread, stretches, silent


def _silence(asked: Asked, other: Elsewhere, row: tuple[_Tested, int, float]) -> Silence:
    one, at, p_corrected = row
    first, second = int(one.subjects.first[at]), int(one.subjects.second[at])
    until_us = int(one.until_us[at])
    return Silence(
        about=one.about,
        names=one.subjects.names(asked.network, at),
        from_us=asked.anchor_us,
        until_us=until_us,
        last_us=int(one.last_us[at]),
        spells_before=int(one.before[at]),
        expected=float(one.expected[at]),
        p=float(one.p[at]),
        p_corrected=p_corrected,
        stretches=int(one.stretches[at]),
        stretches_silent=int(one.stretches_silent[at]),
        alternatives=other.of_silence(
            [one.subjects.members(who) for who in dict.fromkeys((first, second))],
            from_us=asked.anchor_us,
            until_us=until_us,
        ),
    )


def _order(network: Aggregate, rows: list[tuple[_Tested, int, float]], order: str) -> None:
    """Those below the level first, each part in the order asked for."""
    if order == "name":
        rows.sort(key=lambda r: r[0].subjects.names(network, r[1]))
    elif order == "volume":
        rows.sort(key=lambda r: -int(r[0].before[r[1]]))
    else:
        rows.sort(key=lambda r: -int(r[0].last_us[r[1]]))
    rows.sort(key=lambda r: r[2] > LEVEL_P)


def _untold(
    tested: list[_Tested], sources: tuple[SourceHeld, ...]
) -> tuple[tuple[str, int, str], ...]:
    found: dict[tuple[str, str], int] = {}
    for one in tested:
        for number, (told, why) in one.untold.items():
            key = sources[number].name, why
            found[key] = found.get(key, 0) + len(told)
    return tuple((name, count, why) for (name, why), count in found.items())
