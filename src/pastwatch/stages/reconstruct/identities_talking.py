"""Who answers what was sent to another: by the records named as answered, or by turns taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.model.record import Kind
from pastwatch.stages.reconstruct.identities_evidence import Evidence
from pastwatch.stages.reconstruct.talk import NOBODY, Int64s, Talk

ANSWERS: Final = "answers what went to the other alone"
WRITES_BACK: Final = "wrote back where the other had been written to"
IS_ANSWERED: Final = "was written back to where the other had written"
_LEAST_ANSWERS = 2
_TURN_US = 10 * 60 * 1_000_000
_LEAST_TURNS = 2
_LEAST_SHARE: Final = {WRITES_BACK: 0.25, IS_ANSWERED: 0.5}
_WEIGHT: Final = {WRITES_BACK: 0.8, IS_ANSWERED: 0.4}
_ROWS: Final = 5
_MOST_PAIRS = 100_000
_NONE: Final[Mapping[int, int]] = MappingProxyType({})


def answering_evidence(talk: Talk, stands_for: Mapping[int, int] = _NONE) -> list[Evidence]:
    """Pairs where one account answers what went to the other alone."""
    return [*_by_reply(talk), *_by_turns(talk, stands_for)]


def alone(talk: Talk) -> Int64s:
    """For each record the one account it went to, −1 where it went to none or several."""
    count = np.diff(talk.to_start)
    found = np.full(len(talk), NOBODY, np.int64)
    one = np.flatnonzero(count == 1)
    found[one] = talk.to_account[talk.to_start[one]]
    return found


def _by_reply(talk: Talk) -> Iterator[Evidence]:
    """Records that name, as what they answer, a record that went to another account alone."""
    reply_to = talk.reply_to.to_pylist()
    rows = [n for n, named in enumerate(reply_to) if named]
    if not rows:
        return
    wanted = {reply_to[n] for n in rows}
    place = {name: n for n, name in enumerate(talk.native_id.to_pylist()) if name in wanted}
    to = alone(talk)
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n in rows:
        asked = place.get(reply_to[n])
        if asked is None or talk.source[asked] != talk.source[n]:
            continue
        went_to, answered_by = int(to[asked]), int(talk.sender[n])
        wrote = int(talk.sender[asked])
        if NOBODY in (went_to, answered_by) or answered_by in (went_to, wrote):
            continue
        found[went_to, answered_by].append(n)
    for (went_to, answered_by), own in sorted(found.items()):
        if len(own) >= _LEAST_ANSWERS:
            text = f"{ANSWERS}, {len(own):,} times"
            score = 0.7 * (1 - 0.5 ** (len(own) / 2))
            yield Evidence(went_to, answered_by, ANSWERS, text, round(score, 3), tuple(own[:_ROWS]))


def _by_turns(talk: Talk, stands_for: Mapping[int, int]) -> Iterator[Evidence]:
    """Where nothing names what it answers: a record to one account, and the next back from another.

    Also where what comes back goes to another than who had written. `stands_for` gives, of accounts
    taken for one already, the one that stands for all: their turns are each other's.
    """
    to, own = alone(talk), _turns(talk)
    if not len(own):
        return
    stood = np.arange(len(talk.account_keys), dtype=np.int64)
    for account, other in stands_for.items():
        stood[account] = other
    senders, recipients = stood[talk.sender[own]].tolist(), stood[to[own]].tolist()
    times, rows = talk.earliest_us[own].tolist(), own.tolist()
    waiting: dict[int, tuple[int, int]] = {}  # who wrote last -> (to whom, place)
    written_to: dict[int, tuple[int, int]] = {}  # to whom was last written -> (by whom, place)
    back = _Turns(WRITES_BACK), _Turns(IS_ANSWERED)
    for n, (sender, recipient, time_us) in enumerate(zip(senders, recipients, times, strict=True)):
        for turns, before, other in (
            (back[0], waiting.pop(recipient, None), sender),
            (back[1], written_to.pop(sender, None), recipient),
        ):
            if before is not None and time_us - times[before[1]] <= _TURN_US:
                turns.add(before[0], other, rows[n])
        waiting[sender] = (recipient, n)
        written_to[recipient] = (sender, n)
    for turns in back:
        yield from turns.evidence()


def _turns(talk: Talk) -> Int64s:
    """The rows that may be turns: said at a known time to one other account, naming no record."""
    to = alone(talk)
    said = talk.dated & (talk.kind == int(Kind.SAID)) & (talk.sender != NOBODY)
    own = np.flatnonzero(said & (to != NOBODY) & (to != talk.sender))
    bare = pc.equal(talk.reply_to.take(pa.array(own)), "").to_numpy(zero_copy_only=False)
    return np.asarray(own[bare], np.int64)


class _Turns:
    """Counts by whom, or to whom, a turn was made that was another's to make or to get."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.taken: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.all: dict[int, int] = defaultdict(int)

    def add(self, whose: int, who: int, row: int) -> None:
        self.all[whose] += 1
        if whose != who and ((whose, who) in self.taken or len(self.taken) < _MOST_PAIRS):
            self.taken[whose, who].append(row)

    def evidence(self) -> Iterator[Evidence]:
        for (whose, who), rows in sorted(self.taken.items()):
            share = len(rows) / self.all[whose]
            if len(rows) >= _LEAST_TURNS and share >= _LEAST_SHARE[self.kind]:
                text = (
                    f"{self.kind}, {len(rows):,} times within ten minutes "
                    f"({share:.0%} of such turns)"
                )
                score = _WEIGHT[self.kind] * share * (1 - 0.5 ** (len(rows) / 2))
                yield Evidence(whose, who, self.kind, text, round(score, 3), tuple(rows[:_ROWS]))
