"""Which pairs and accounts talk more, less, newly or no longer after the event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pastwatch.errors import UsageError
from pastwatch.model.network import Changes, RateChange, Turn
from pastwatch.model.when import SECOND_US
from pastwatch.stages.reconstruct.changerhythm import EVERY, Floats, Rhythm
from pastwatch.stages.reconstruct.changetest import (
    ACCOUNT_SPELL_US,
    LEVEL_P,
    PAIR_SPELL_US,
    binomial_tails,
    corrected,
    ratio_interval,
    spells_of,
    two_sided,
)
from pastwatch.stages.reconstruct.network import Aggregate
from pastwatch.stages.reconstruct.networkview import account_name
from pastwatch.stages.reconstruct.talk import Int64s

PAIR, ACCOUNT = "pair", "account"
ORDERS: Final = ("volume", "name")
Held = dict[int, tuple[int, int]]
"""By place of a medium from when to when its sources hold anything."""


@dataclass(frozen=True)
class Subjects:
    """Pairs and accounts with the moments of their records; a key is a place in `first`, `second`."""

    first: Int64s
    second: Int64s  # the account itself where it is no pair
    medium: Int64s
    key: Int64s  # one a record and subject
    row: Int64s  # of the talk
    at_us: Int64s
    about: str  # PAIR or ACCOUNT
    spell_us: int

    same: Int64s | None = None
    """Of each account the one it is counted under, where accounts of one handle are one."""

    def names(self, network: Aggregate, at: int) -> tuple[str, ...]:
        """The accounts of one subject; behind one of several of one handle how many more there are."""
        both = dict.fromkeys((int(self.first[at]), int(self.second[at])))
        return tuple(self._name(network, one) for one in both)

    def of(self, accounts: Int64s) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which subjects some accounts are in."""
        chosen = accounts if self.same is None else self.same[accounts]
        return np.asarray(np.isin(self.first, chosen) | np.isin(self.second, chosen))

    def members(self, account: int) -> list[int]:
        """The accounts that are counted as one of its two."""
        return [account] if self.same is None else np.flatnonzero(self.same == account).tolist()

    def _name(self, network: Aggregate, account: int) -> str:
        name = account_name(network.talk, account)
        more = 0 if self.same is None else int((self.same == account).sum()) - 1
        return f"{name} +{more}" if more else name


def pairs_of(network: Aggregate, same: Int64s | None = None) -> Subjects:
    """Every two accounts with a tie, whoever writes."""
    talk, links = network.talk, network.links
    dated = talk.dated[links.row]
    row, one, other = links.row[dated], links.sender[dated], links.to[dated]
    medium = talk.medium[row]
    if same is not None:
        one, other = same[one], same[other]
        apart = one != other
        row, one, other, medium = row[apart], one[apart], other[apart], medium[apart]
    size = max(len(talk.account_keys), 1)
    each, key = np.unique(
        np.minimum(one, other) * size + np.maximum(one, other), return_inverse=True
    )
    return Subjects(
        each // size,
        each % size,
        _medium(medium, key, len(each)),
        key,
        row,
        talk.earliest_us[row],
        PAIR,
        _spell_us(network, PAIR_SPELL_US, 12),
        same,
    )


def accounts_of(network: Aggregate, same: Int64s | None = None) -> Subjects:
    """Every account with what it sent."""
    talk, rows = network.talk, network.rows[network.talk.dated[network.rows]]
    sender = talk.sender[rows] if same is None else same[talk.sender[rows]]
    each, key = np.unique(sender, return_inverse=True)
    medium = _medium(talk.medium[rows], key, len(each))
    return Subjects(
        each,
        each,
        medium,
        key,
        rows,
        talk.earliest_us[rows],
        ACCOUNT,
        _spell_us(network, ACCOUNT_SPELL_US, 24),
        same,
    )


def _spell_us(network: Aggregate, most_us: int, least_count: int) -> int:
    """The length of a spell: shorter where only minutes are compared, so that enough fit in."""
    equal_us = network.window.equal_us
    return max(SECOND_US, min(most_us, equal_us // least_count)) if equal_us else most_us


def compared(
    network: Aggregate,
    rhythm: Rhythm,
    *,
    held: Held,
    accounts: Int64s | None = None,
    same: Int64s | None = None,
    order: str = "volume",
    limit: int | None = None,
    notes: tuple[str, ...] = (),
) -> Changes:
    """Compare equal stretches before and after the event, by spells with talk, over all pairs and accounts.

    Given how often a subject talks in both, how many of its spells fall after the event is binomial
    with the share of the usual rhythm that lies there (the conditional test of two Poisson rates).
    With `accounts` only they and their pairs are shown; the correction is over all that was tried.
    """
    if order not in ORDERS:
        raise UsageError(f'changes are not ordered by "{order}"', hint=", ".join(ORDERS))
    window = network.window
    low, high = window.event.start_us - window.equal_us, window.event.end_us + window.equal_us
    told = [m for m in held if held[m][0] <= low and held[m][1] >= high]
    told += [EVERY] * (len(told) == len(held))
    subjects = pairs_of(network, same), accounts_of(network, same)
    counted = [_counted(network, rhythm, one, (low, high), told) for one in subjects]
    p = np.concatenate([c.p for c in counted])
    adjusted = np.full(len(p), 1.0)
    is_tried = np.concatenate([c.tried for c in counted])
    adjusted[is_tried] = corrected(p[is_tried])
    parts = np.split(adjusted, [len(counted[0].p)])
    rows: list[tuple[_Counted, int, float]] = []
    for one, own in zip(counted, parts, strict=True):
        kept = np.ones(len(own), np.bool_)
        if accounts is not None:
            kept = one.subjects.of(accounts)
        rows += [(one, int(at), float(own[at])) for at in np.flatnonzero(kept & one.tried)]
    if order == "volume":
        rows.sort(key=_volume)
    else:
        rows.sort(key=lambda r: r[0].subjects.names(network, r[1]))
    # What is below the level stands first; nothing else is put in order for the reader.
    rows.sort(key=lambda r: r[2] > LEVEL_P)
    left = tuple(
        f"{network.talk.media[m]}: not held over both stretches, not compared"
        for m in held
        if m not in told
    )
    return Changes(
        changes=tuple(_change(network, *row) for row in rows[:limit]),
        of=len(rows),
        tried=int(is_tried.sum()),
        too_few=int((~is_tried).sum()),
        equal_us=window.equal_us,
        pair_spell_us=subjects[0].spell_us,
        account_spell_us=subjects[1].spell_us,
        rhythm=rhythm.told,
        level_p=LEVEL_P,
        below_level=int((adjusted <= LEVEL_P).sum()),
        notes=(*notes, *left),
    )


@dataclass(frozen=True)
class _Counted:
    about: str
    subjects: Subjects
    before: Int64s
    after: Int64s
    records: tuple[Int64s, Int64s]
    exposure: tuple[Floats, Floats]
    p: Floats
    tried: np.ndarray[tuple[int], np.dtype[np.bool_]]


def _counted(
    network: Aggregate, rhythm: Rhythm, subjects: Subjects, ends: tuple[int, int], told: list[int]
) -> _Counted:
    event = network.window.event
    size = len(subjects.first)
    spells = spells_of(
        subjects.key, subjects.at_us, length_us=subjects.spell_us, anchor_us=event.start_us
    )

    def count(key: Int64s, at_us: Int64s, start: int, end: int) -> Int64s:
        return np.bincount(key[(at_us >= start) & (at_us < end)], minlength=size)

    stretches = ((ends[0], event.start_us), (event.end_us, ends[1]))
    before, after = (count(spells.key, spells.start_us, *s) for s in stretches)
    records = tuple(count(subjects.key, subjects.at_us, *s) for s in stretches)
    # EVERY is the last of the media: place −1.
    media = [*range(len(network.talk.media)), EVERY]
    of = [
        np.array([rhythm.exposure(m, *stretch) for m in media])[subjects.medium]
        for stretch in stretches
    ]
    both = before + after
    share = of[1] / np.maximum(of[0] + of[1], 1e-9)
    p = two_sided(*binomial_tails(both, after, share))
    # What could not reach the level however it fell is not tried (Tarone 1990).
    none, every = (
        binomial_tails(both, np.zeros_like(both), share),
        binomial_tails(both, both, share),
    )
    least = 2 * np.minimum(none[0], every[1])
    tried = (both > 0) & (least <= LEVEL_P) & np.isin(subjects.medium, told)
    return _Counted(
        subjects.about, subjects, before, after, (records[0], records[1]), (of[0], of[1]), p, tried
    )


def _volume(row: tuple[_Counted, int, float]) -> int:
    one, at, _ = row
    return -int(one.records[0][at] + one.records[1][at])


def _change(network: Aggregate, one: _Counted, at: int, p_corrected: float) -> RateChange:
    before, after = int(one.before[at]), int(one.after[at])
    exposure = float(one.exposure[0][at]), float(one.exposure[1][at])
    low, high = ratio_interval(
        before, after, exposure_before=exposure[0], exposure_after=exposure[1]
    )
    ratio = after / before * exposure[0] / exposure[1] if before else None
    return RateChange(
        about=one.about,
        names=one.subjects.names(network, at),
        turn=_turn(after, ratio, p_corrected),
        before=before,
        after=after,
        records_before=int(one.records[0][at]),
        records_after=int(one.records[1][at]),
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        p=float(one.p[at]),
        p_corrected=p_corrected,
    )


def _turn(after: int, ratio: float | None, p: float) -> Turn:
    if p > LEVEL_P:
        return Turn.NOT_SHOWN
    if not after:
        return Turn.ENDED
    if ratio is None:
        return Turn.NEW
    return Turn.MORE if ratio > 1 else Turn.LESS


def _medium(medium: Int64s, key: Int64s, size: int) -> Int64s:
    """The medium of each subject; `EVERY` where it is met in several."""
    low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(low, key, medium)
    np.maximum.at(high, key, medium)
    return np.where(low == high, low, EVERY)
