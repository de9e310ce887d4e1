"""Examine records with every watch at once: which raise which alert, and which watch is to be stopped."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from pastwatch.archive.identity import normal_address
from pastwatch.archive.rowwords import Words
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
    recalled: bool = False


@dataclass(slots=True)
class Examiner:
    """Every branch of every watch; `examine` takes records in the order they came.

    A watch that fails, takes too long or matches nearly everything is stopped alone: its account
    says why, and the others go on. `keyed` is how what is counted for is named in memory, where
    what is remembered is to be kept: a token, not the name itself.
    """

    watches: Sequence[Watch]
    scores: Scores | None = None
    engine: str | None = None
    keyed: Callable[[str], str] = str
    accounts: list[Account] = field(init=False)
    _branches: list[_Branch] = field(init=False)
    _of_plan: dict[int, _Branch] = field(init=False)
    _always: list[_Branch] = field(init=False)
    _learned: list[int] = field(init=False)
    _many: Many = field(init=False)
    _key: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.accounts = [Account() for _ in self.watches]
        plans: list[Plan] = []
        self._branches = list(self._built(plans))
        self._of_plan = {b.plan: b for b in self._branches if b.plan is not None}
        self._always = [b for b in self._branches if b.plan is None or b.rising is not None]
        self._learned = [n for n, watch in enumerate(self.watches) if watch.learned]
        self._many = Many(plans, engine=self.engine)
        self._key = secrets.token_bytes(16)

    def examine(
        self,
        arrivals: Arrivals,
        *,
        words: Words | None = None,
        key: bytes | None = None,
        counted: frozenset[bytes] = frozenset(),
    ) -> list[Raised]:
        """The alerts of some records, by record and then by watch.

        `words` are the words of all lanes under `key`, where they were found before. Records whose
        ids are `counted` are among what was recalled: no rhythm counts them again.
        """
        if not len(arrivals):
            return []
        stopped = frozenset(
            b.plan for b in self._branches if b.plan is not None and self.accounts[b.watch].stopped
        )
        met = self._many.examine(
            arrivals.lanes,
            len(arrivals),
            words=words_in(arrivals.lanes, self._key) if words is None else words,
            key=self._key if key is None else key,
            facts=arrivals.facts,
            without=stopped,
        )
        again = (
            {n for n, own in enumerate(arrivals.record_ids) if own in counted} if counted else ()
        )
        raised: dict[tuple[int, int], list[int]] = defaultdict(list)
        matched: dict[int, set[int]] = defaultdict(set)
        for branch in self._called(met):
            if not self.accounts[branch.watch].stopped:
                own = self._note(branch, met)
                matched[branch.watch].update(own or ())
                if branch.recalled and again:
                    own = [
                        r for r in (range(len(arrivals)) if own is None else own) if r not in again
                    ]
                for row in self._reached(branch, own, arrivals):
                    raised[row, branch.watch].append(branch.number)
        self._score(arrivals, raised)
        self._settle(len(arrivals), matched, raised)
        return [Raised(watch, row, tuple(raised[row, watch])) for row, watch in sorted(raised)]

    def remembered(self) -> dict[str, dict[str, Any]]:
        """By the hash of a watch's text and the number of a branch what its rhythms counted."""
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for branch in self._branches:
            rhythm = branch.counting or branch.rising
            if rhythm is not None:
                text_sha256 = self.watches[branch.watch].text_sha256
                found[text_sha256][str(branch.number)] = rhythm.remembered()
        return dict(found)

    def recall(self, plain: dict[str, dict[str, Any]]) -> None:
        """Go on from what was remembered of these very texts."""
        for branch in self._branches:
            rhythm = branch.counting or branch.rising
            own = plain.get(self.watches[branch.watch].text_sha256, {}).get(str(branch.number))
            if rhythm is not None and own is not None:
                rhythm.recall(own)
                branch.recalled = True

    def _called(self, met: dict[int, Met]) -> Iterator[_Branch]:
        """The branches that met a record, and those that look at every one, in their order."""
        called = [self._of_plan[number] for number in met]
        every = {(b.watch, b.number): b for b in (*called, *self._always)}
        for place in sorted(every):
            yield every[place]

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
                    (branch.counting or branch.rising).reached(int(moments[row]), self._name(key))  # type: ignore[union-attr]
                    for key in _keys(branch, arrivals, row)
                ]
                if any(reached):
                    yield row

    def _name(self, key: tuple[str, ...]) -> str:
        return self.keyed("\0".join(key)) if key else ""

    def _score(self, arrivals: Arrivals, raised: dict[tuple[int, int], list[int]]) -> None:
        for number in self._learned:
            watch = self.watches[number]
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
        for account in self.accounts:
            if not account.stopped:
                account.examined += count
        for number, rows in matched.items():
            account = self.accounts[number]
            account.matched += len(rows)
            if account.timed_out > TIMED_OUT_AT_MOST:
                account.stopped = "its patterns run out of time"
            elif account.seconds > SLOW_FROM_S and account.seconds > SLOW_S * account.examined:
                account.stopped = "it takes too long a record"
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


def _keys(branch: _Branch, arrivals: Arrivals, row: int) -> Iterator[tuple[str, ...]]:
    """What a record counts towards: nothing, where it is not between the accounts of a list."""
    sender = arrivals.senders[row]
    others: list[str] | None = None
    if branch.between:
        others = [o for o in arrivals.recipients(row) if o in branch.between and o != sender]
        if sender not in branch.between or not others:
            return
    match branch.rule.per if branch.rule is not None else Per.ALL:
        case Per.SOURCE:
            yield (arrivals.source_id,)
        case Per.CONVERSATION:
            yield (arrivals.conversation(row),)
        case Per.ACCOUNT:
            yield from [(sender,)] if sender else []
        case Per.PAIR:
            whom = arrivals.recipients(row) if others is None else others
            pairs = {o for o in whom if sender and o and o != sender}
            yield from ((min(sender, o), max(sender, o)) for o in pairs)
        case _:
            yield ()
