"""Examine records with every watch at once: which raise which alert, and which watch is to be stopped."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from pastwatch.archive.identity import normal_address
from pastwatch.matching.compile import Plan
from pastwatch.model.watch import CountRule, Per, RiseRule, Watch
from pastwatch.stages.watch.arrivals import Arrivals
from pastwatch.stages.watch.many import Many, Met, words_in
from pastwatch.stages.watch.rhythms import Counting, Rising
from pastwatch.stages.watch.standing import plan_of

SLOW_S: Final = 0.0005
"""A watch that takes longer than this a record, on average, is stopped."""
SLOW_FROM_S: Final = 2.0
"""And not before it took so long in all: a single odd record stops no watch."""
TIMED_OUT_AT_MOST: Final = 5
EVERYTHING_RATIO: Final = 0.5
EVERYTHING_FROM: Final = 2_000
"""A watch that matched more than half of so many records looks for nothing in particular."""

Scores = Callable[[Watch, Arrivals], np.ndarray]
"""How likely each record is of what a learned watch was taught: one number a record, from 0 to 1."""


class Raised(NamedTuple):
    """That a watch matched a record: with the branches that did, numbered as `Branches` names them."""

    watch: int
    row: int
    branches: tuple[int, ...]


@dataclass(slots=True)
class Account:
    """What one watch examined so far, and why it was stopped, if it was."""

    examined: int = 0
    matched: int = 0
    raised: int = 0
    timed_out: int = 0
    seconds: float = 0.0
    stopped: str = ""


@dataclass(slots=True)
class _Branch:
    """One branch of a watch: what it counts of what its query matches."""

    watch: int
    number: int
    plan: int | None
    rule: CountRule | RiseRule | None = None
    counting: Counting | None = None
    rising: Rising | None = None
    between: frozenset[str] = frozenset()


@dataclass(slots=True)
class Examiner:
    """Every branch of every watch; `examine` takes records in the order they came.

    A watch that fails, takes too long or matches nearly everything is stopped alone: its account
    says why, and the others go on.
    """

    watches: Sequence[Watch]
    scores: Scores | None = None
    engine: str | None = None
    accounts: list[Account] = field(init=False)
    _branches: list[_Branch] = field(init=False)
    _many: Many = field(init=False)
    _key: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.accounts = [Account() for _ in self.watches]
        plans: list[Plan] = []
        self._branches = list(self._built(plans))
        self._many = Many(plans, engine=self.engine)
        self._key = secrets.token_bytes(16)

    def examine(self, arrivals: Arrivals) -> list[Raised]:
        """The alerts of some records, by record and then by watch."""
        if not len(arrivals):
            return []
        stopped = frozenset(
            b.plan for b in self._branches if b.plan is not None and self.accounts[b.watch].stopped
        )
        met = self._many.examine(
            arrivals.lanes,
            len(arrivals),
            words=words_in(arrivals.lanes, self._key),
            key=self._key,
            facts=arrivals.facts,
            without=stopped,
        )
        raised: dict[tuple[int, int], list[int]] = defaultdict(list)
        matched: dict[int, set[int]] = defaultdict(set)
        for branch in self._branches:
            if not self.accounts[branch.watch].stopped:
                own = self._note(branch, met)
                matched[branch.watch].update(own or ())
                for row in self._reached(branch, own, arrivals):
                    raised[row, branch.watch].append(branch.number)
        self._score(arrivals, raised)
        self._settle(len(arrivals), matched, raised)
        return [Raised(watch, row, tuple(raised[row, watch])) for row, watch in sorted(raised)]

    def _note(self, branch: _Branch, met: dict[int, Met]) -> list[int] | None:
        """The records that a branch's query matches; None where it asks for any."""
        if branch.plan is None:
            return None
        own = met.get(branch.plan)
        if own is None:
            return []
        account = self.accounts[branch.watch]
        account.seconds += own.seconds
        account.timed_out += own.timed_out
        return own.rows

    def _reached(
        self, branch: _Branch, rows: list[int] | None, arrivals: Arrivals
    ) -> Iterator[int]:
        """The records with which a branch raises an alert."""
        if branch.rule is None:
            yield from rows or ()
            return
        moments = arrivals.moments_us
        stands = moments != np.iinfo(np.int64).min
        if branch.rising is not None and stands.any():
            branch.rising.watched(int(moments[stands].min()))
        for row in range(len(arrivals)) if rows is None else rows:
            if stands[row]:
                reached = [
                    (branch.counting or branch.rising).reached(int(moments[row]), key)  # type: ignore[union-attr]
                    for key in _keys(branch, arrivals, row)
                ]
                if any(reached):
                    yield row

    def _score(self, arrivals: Arrivals, raised: dict[tuple[int, int], list[int]]) -> None:
        for number, watch in enumerate(self.watches):
            if watch.learned is None or self.accounts[number].stopped or self.scores is None:
                continue
            scores = self.scores(watch, arrivals)
            for row in np.flatnonzero(scores >= watch.learned.threshold).tolist():
                raised[row, number].append(_learned(watch))

    def _settle(
        self,
        count: int,
        matched: dict[int, set[int]],
        raised: dict[tuple[int, int], list[int]],
    ) -> None:
        for number, account in enumerate(self.accounts):
            if account.stopped:
                continue
            account.examined += count
            account.matched += len(matched[number])
            if account.seconds > SLOW_FROM_S and account.seconds > SLOW_S * account.examined:
                account.stopped = "it takes too long a record"
            elif account.timed_out > TIMED_OUT_AT_MOST:
                account.stopped = "its patterns run out of time"
            elif (
                self.watches[number].query
                and account.examined >= EVERYTHING_FROM
                and account.matched > EVERYTHING_RATIO * account.examined
            ):
                account.stopped = "it matches more than half of all records"
        for _, number in raised:
            self.accounts[number].raised += 1

    def _built(self, plans: list[Plan]) -> Iterator[_Branch]:
        """The branches of every watch, in the order in which `branches_of` names them."""

        def plan(query: str) -> int | None:
            if not query:
                return None
            plans.append(plan_of(query))
            return len(plans) - 1

        for number, watch in enumerate(self.watches):
            at = 0
            if watch.query:
                yield _Branch(number, at, plan(watch.query))
                at += 1
            for count in watch.counts:
                between = frozenset(map(normal_address, count.between))
                counting = Counting(count)
                yield _Branch(number, at, plan(count.query), count, counting, between=between)
                at += 1
            for rise in watch.rises:
                yield _Branch(number, at, plan(rise.query), rise, rising=Rising(rise))
                at += 1


def branches_of(watch: Watch) -> list[str]:
    """What each branch of a watch is, for a person, in the order of their numbers."""
    found = ["query"] if watch.query else []
    found += [f"count {n}" for n in range(1, len(watch.counts) + 1)]
    found += [f"rise {n}" for n in range(1, len(watch.rises) + 1)]
    return [*found, "learned"] if watch.learned else found


def _learned(watch: Watch) -> int:
    return len(branches_of(watch)) - 1


def _keys(branch: _Branch, arrivals: Arrivals, row: int) -> Iterator[Hashable]:
    """What a record counts towards: nothing, where it is not between the accounts of a list."""
    sender = arrivals.senders[row]
    others: list[str] | None = None
    if branch.between:
        others = [o for o in arrivals.recipients(row) if o in branch.between and o != sender]
        if sender not in branch.between or not others:
            return
    match branch.rule.per if branch.rule is not None else Per.ALL:
        case Per.SOURCE:
            yield arrivals.source_id
        case Per.CONVERSATION:
            yield arrivals.conversation(row)
        case Per.ACCOUNT:
            yield from [sender] if sender else []
        case Per.PAIR:
            whom = arrivals.recipients(row) if others is None else others
            yield from {tuple(sorted((sender, o))) for o in whom if sender and o and o != sender}
        case _:
            yield ""
