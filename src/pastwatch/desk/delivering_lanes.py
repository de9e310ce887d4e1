"""One target's alerts under way: what waits, what is tried in its own thread, what is tried again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Final, NamedTuple

from pastwatch.errors import PastwatchError
from pastwatch.stages.watch.delivery import Answer, Notice, Target, TargetLine, wait_s

AT_ONCE: Final = 200
"""Notices handed to a target at once; of a mail, the most in its list."""
ASIDE_S: Final = 600.0
"""A notice that failed as often as a run tries waits so long, and lets the others pass."""
_CLOSES_S: Final = 2.0
_HUNG_FOLD: Final = 4
HUNG: Final = "it does not come back; its connection was given up"


class Told(NamedTuple):
    """What a lane's thread says: an answer, or that a job is over."""

    lane: int
    job: int
    answer: Answer | None


Make = Callable[[TargetLine], Target]
Luck = Callable[[], float]


@dataclass(slots=True)
class Lane:
    """Everything on its way to one target; what goes on in it touches no other.

    The desk's thread alone calls these; the lane's own thread sees the target and its notices.
    """

    number: int
    line: TargetLine
    make: Make
    tell: SimpleQueue[Told]
    luck: Luck
    tries: int
    forever: bool
    """Whether what failed is tried again for as long as the lane stands."""
    attempts: Counter[str] = field(default_factory=Counter)
    """How often each alert was tried in all, in earlier runs too."""
    failures: int = 0
    reason: str = ""
    _waiting: dict[str, Notice] = field(default_factory=dict)
    _tried: Counter[str] = field(default_factory=Counter)
    _aside: dict[str, float] = field(default_factory=dict)
    _job: int = 0
    _batch: list[Notice] = field(default_factory=list)
    _failed: bool = False
    _answered: bool = False
    _asked_s: float = 0.0
    _due_s: float = 0.0
    _moved_s: float = 0.0
    _target: Target | None = None
    _thread: threading.Thread | None = None
    _jobs: SimpleQueue[tuple[int, list[Notice]] | None] | None = None

    def add(self, notices: Iterable[Notice]) -> None:
        """Have these delivered, those tried least first."""
        new = sorted(
            (n for n in notices if self.line.wants(n)), key=lambda n: self.attempts[n.alert_id]
        )
        self._waiting.update((n.alert_id, n) for n in new)

    @property
    def waiting(self) -> int:
        """How many were not delivered yet, nor refused for good."""
        return len(self._waiting)

    @property
    def is_busy(self) -> bool:
        """Whether its thread is at work."""
        return bool(self._batch)

    def is_over(self) -> bool:
        """Whether a run that ends is done here: nothing left to try, or its target is out of reach."""
        if self.is_busy:
            return False
        out_of_reach = self.failures > self.tries
        return out_of_reach or all(one in self._aside for one in self._waiting)

    def step(self, now_s: float) -> Iterator[Answer]:
        """Hand its thread what is due; a thread that does not come back is left behind, and told."""
        if self.is_busy:
            if now_s - self._moved_s > _HUNG_FOLD * self.line.timeout_s:
                yield Answer(self._batch[0].alert_id, delivered=False, reason=HUNG)
                self._leave_behind()
                self._end(now_s)
            return
        if now_s < self._due_s or not self._waiting or (not self.forever and self.is_over()):
            return
        batch = []
        for one in self._waiting.values():
            due_s = self._aside.get(one.alert_id)
            if due_s is None or (self.forever and due_s <= now_s):
                batch.append(one)
            if len(batch) == AT_ONCE:
                break
        if batch:
            self._begin(batch, now_s)

    def heard(self, told: Told, now_s: float) -> Answer | None:
        """Note what its thread said; gives the answer where it is one of the job under way."""
        if told.job != self._job or not self._batch:
            return told.answer if told.answer and told.answer.delivered else None
        self._moved_s = now_s
        if told.answer is None:
            self._failed |= not self._answered
            self._end(now_s)
        self._answered = True
        return told.answer

    def note(self, answer: Answer, now_s: float) -> None:
        """Go on from an answer: delivered, refused for good, or to be tried again."""
        alert_id = answer.alert_id
        self.attempts[alert_id] += 1
        if answer.delivered or not answer.again:
            self._waiting.pop(alert_id, None)
            self._aside.pop(alert_id, None)
        if answer.delivered:
            self.failures, self.reason = 0, ""
            return
        self.reason = answer.reason
        if answer.again:
            self._failed = True
            self._asked_s = max(self._asked_s, answer.after_s)
            self._tried[alert_id] += 1
            if self._tried[alert_id] >= self.tries:
                self._aside[alert_id] = now_s + ASIDE_S
                self._tried[alert_id] = 0

    def close(self) -> None:
        """End its thread; one that is at work is broken off and not waited for."""
        thread = None if self.is_busy else self._thread
        self._leave_behind()
        if thread is not None:
            thread.join(_CLOSES_S)

    def _begin(self, batch: list[Notice], now_s: float) -> None:
        if self._target is None or self._jobs is None:
            self._target, self._jobs = self.make(self.line), SimpleQueue()
            self._thread = threading.Thread(
                target=_work,
                args=(self.number, self._target, self._jobs, self.tell),
                name=f"deliver {self.line.name}",
                daemon=True,
            )
            self._thread.start()
        self._job += 1
        self._batch, self._moved_s = batch, now_s
        self._failed, self._answered, self._asked_s = False, False, 0.0
        self._jobs.put((self._job, batch))

    def _end(self, now_s: float) -> None:
        self._batch = []
        if self._failed:
            self.failures += 1
            self._due_s = now_s + wait_s(self.failures, luck=self.luck(), asked_s=self._asked_s)

    def _leave_behind(self) -> None:
        if self._jobs is not None:
            self._jobs.put(None)
        if self._target is not None and self.is_busy:
            self._failed = True
            self._target.abort()
        self._target = self._jobs = None
        self._job += 1


def _work(
    number: int,
    target: Target,
    jobs: SimpleQueue[tuple[int, list[Notice]] | None],
    tell: SimpleQueue[Told],
) -> None:
    """A lane's thread: delivers one job after another, and says each answer as it comes."""
    while (given := jobs.get()) is not None:
        job, notices = given
        try:
            for answer in target.deliver(notices):
                tell.put(Told(number, job, answer))
        except PastwatchError as wrong:
            tell.put(
                Told(number, job, Answer(notices[0].alert_id, delivered=False, reason=str(wrong)))
            )
        finally:
            tell.put(Told(number, job, None))
    target.close()
