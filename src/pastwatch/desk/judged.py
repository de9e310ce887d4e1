"""What stands of the judgements of a case, as one reviewer's queue and the learner need it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from pastwatch.casefile.reviewing import Judged
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.ranking import Places
from pastwatch.desk.stoppingstanding import CONTROL, PILOT, REST, Waiting
from pastwatch.model.note import Code, Mode
from pastwatch.stages.review.queue import Queue

OVERLAP = "overlap"
STANDS = "stands as judged in the control sample"
"""The note of a judgement that ranking took over when it came to a record of that sample."""
SETTLED = (Code.RELEVANT, Code.NOT_RELEVANT)
_CODERS = 2


@dataclass
class JudgedState:
    """Reads what was judged since, by whomever, and settles it in the queue of one reviewer."""

    papers: CaseStore
    places: Places
    queue: Queue
    person: str
    waiting: Callable[[], Waiting | None]

    def __post_init__(self) -> None:
        self.changed = True
        self.protected: set[bytes] = set()
        self._standing: dict[int, Judged] = {}
        self._by_record: dict[bytes, list[Judged]] = {}
        self.last = 0
        self._undone: set[int] = set()
        self._draws: list[tuple[int, str, dict[bytes, float]]] = []
        self._drawn_rows: tuple[int, Mode, list[int]] | None = None
        self._ask_waiting = True

    def sync(self) -> list[int]:
        """Take in what is new; gives the places of records that are protected from now on."""
        undone = self.papers.undone_ids()
        if undone != self._undone:
            self._undone = undone
            self._rebuild()
        new = self.papers.judged(since=self.last)
        for judged in new:
            self._take(judged)
        known = {number for number, _, _ in self._draws}
        for draw in self.papers.draws():
            if draw.number not in known:
                drawn = {one.record_id: one.chance_p for one in self.papers.drawn(draw.number)}
                self._draws.append((draw.number, draw.purpose, drawn))
                self._ask_waiting = True
        self.changed |= bool(new)
        protected = {
            record_id
            for record_id, given in self._by_record.items()
            if any(one.judgement.code is Code.PROTECTED for one in given)
        }
        fresh = [p for i in protected - self.protected if (p := self.places.of(i)) is not None]
        freed = [p for i in self.protected - protected if (p := self.places.of(i)) is not None]
        self.protected = protected
        for place in fresh:
            self.queue.bar(place)
        for place in freed:
            self.queue.unbar(place)
        self._put_draws()
        return fresh

    def own(self, record_id: bytes) -> Judged | None:
        """The last judgement of this reviewer on a record that stands."""
        own = [j for j in self._of(record_id) if j.judgement.reviewer == self.person]
        return own[-1] if own else None

    def last_act(self) -> list[Judged]:
        """The last judgement of this reviewer, with all that was given to its family in the same act."""
        own = [j for j in self._standing.values() if j.judgement.reviewer == self.person]
        meant = [j for j in own if j.judgement.note != STANDS]
        if not meant:
            return []
        last = meant[-1]
        if last.mode is Mode.FAMILY:
            moment = last.judgement.at_us
            act = [j for j in meant if j.mode is Mode.FAMILY and j.judgement.at_us == moment]
        else:
            act = [last]
        ids = {j.judgement.record_id for j in act}
        with_it = [j for j in own if j.judgement.note == STANDS and j.judgement.record_id in ids]
        return [*with_it, *act]

    def is_blind(self, record_id: bytes) -> bool:
        """Whether this reviewer must not learn what others said: of the overlap, and not judged yet."""
        return self.own(record_id) is None and any(
            purpose == OVERLAP and record_id in drawn for _, purpose, drawn in self._draws
        )

    def in_draw(self, record_id: bytes) -> bool:
        """Whether a record stands in a random draw, so that it is judged by itself alone."""
        purposes = (CONTROL, PILOT, REST, OVERLAP)
        return any(p in purposes and record_id in drawn for _, p, drawn in self._draws)

    def open_draw(self, record_id: bytes) -> tuple[Mode, int] | None:
        """The draw that a judgement of this reviewer would serve."""
        place = self.places.of(record_id)
        if self._drawn_rows is not None and place in self._drawn_rows[2]:
            return self._drawn_rows[1], self._drawn_rows[0]
        for number, purpose, drawn in self._draws:
            if purpose == OVERLAP and record_id in drawn and self.own(record_id) is None:
                return Mode.OVERLAP, number
        return None

    def labels(self) -> dict[int, int]:
        """What the learner may know, by place: 1 relevant, 0 not; nothing unsure, deferred, protected.

        An adjudicator's word stands over the coders'; where coders differ it counts as relevant. What
        was judged in the control sample is withheld until the ranking comes to it by itself.
        """
        shut = self.withheld() | self.protected
        found: dict[int, int] = {}
        for record_id, given in self._by_record.items():
            place = self.places.of(record_id)
            code = settled_as(given)
            if place is None or code not in SETTLED or record_id in shut:
                continue
            found[place] = int(code is Code.RELEVANT)
        return found

    def withheld(self) -> set[bytes]:
        """Records judged in the control sample, to which the ranking has not come."""
        numbers = {number for number, purpose, _ in self._draws if purpose == CONTROL}
        return {
            record_id
            for record_id, given in self._by_record.items()
            if given and all(j.mode is Mode.CONTROL and j.draw in numbers for j in given)
        }

    def standing_on(self, record_id: bytes) -> Judged | None:
        """The first settled judgement that stands on a record, of whomever."""
        settled = [j for j in self._of(record_id) if j.judgement.code in SETTLED]
        return settled[0] if settled else None

    @property
    def mine(self) -> int:
        """How many records this reviewer has judged."""
        own = (j.judgement for j in self._standing.values())
        return len({j.record_id for j in own if j.reviewer == self.person})

    def reviewers_of(self, record_id: bytes) -> set[str]:
        """Who judged a record."""
        return {j.judgement.reviewer for j in self._of(record_id)}

    def counts(self) -> Counter[Code]:
        """Records by how they are settled; each once."""
        codes = (settled_as(given) for given in self._by_record.values())
        return Counter(code for code in codes if code is not None)

    def deferred(self) -> list[bytes]:
        """Records put off and not settled since."""
        return [i for i, given in self._by_record.items() if settled_as(given) is Code.DEFER]

    def draw_counts(self) -> tuple[tuple[int, str, int, int], ...]:
        """For each draw its number and purpose, how many of it are judged, and how many it holds."""
        found = []
        for number, purpose, drawn in self._draws:
            if purpose in (CONTROL, PILOT, REST, OVERLAP):
                needed = _CODERS if purpose == OVERLAP else 1
                done = sum(len(self.reviewers_of(one)) >= needed for one in drawn)
                found.append((number, purpose, done, len(drawn)))
        return tuple(found)

    def _of(self, record_id: bytes) -> list[Judged]:
        return self._by_record.get(record_id, [])

    def _take(self, judged: Judged) -> None:
        self.last = max(self.last, judged.number)
        self._standing[judged.number] = judged
        record_id = judged.judgement.record_id
        self._by_record.setdefault(record_id, []).append(judged)
        place = self.places.of(record_id)
        if place is not None:
            self.queue.settle(place)

    def _rebuild(self) -> None:
        """Read everything anew: something was taken back."""
        for record_id in self._by_record:
            place = self.places.of(record_id)
            if place is not None:
                self.queue.free(place)
        self._standing, self._by_record, self.last = {}, {}, 0
        self._drawn_rows = None
        self.changed = self._ask_waiting = True

    def _put_draws(self) -> None:
        """Tell the queue which drawn records are still to be judged by this reviewer."""
        self.queue.drop_draws()
        rows = self._drawn_rows
        if rows is not None:
            left = [r for r in rows[2] if not self.reviewers_of(self.places.id(r))]
            self._drawn_rows = (rows[0], rows[1], left) if left else None
            self._ask_waiting |= not left
        if self._drawn_rows is None and self._ask_waiting:
            self._ask_waiting = False
            now = self.waiting()
            places = [] if now is None else [self.places.of(i) for i in now.record_ids]
            open_ones = [
                p for p in places if p is not None and not self.reviewers_of(self.places.id(p))
            ]
            if now is not None and open_ones:
                self._drawn_rows = (now.draw, now.mode, open_ones)
        if self._drawn_rows is not None:
            self.queue.put_draw(*self._drawn_rows)
        for number, purpose, drawn in self._draws:
            if purpose == OVERLAP:
                blind = [i for i in drawn if self._is_to_code(i)]
                places = [self.places.of(i) for i in blind]
                self.queue.put_draw(number, Mode.OVERLAP, [p for p in places if p is not None])
        unpassed = [self.places.of(i) for i in self.withheld()]
        self.queue.put_unpassed([p for p in unpassed if p is not None])
        modes = Counter(j.mode for j in self._standing.values())
        self.queue.count_turns(ranked=modes[Mode.RANKED], explored=modes[Mode.EXPLORED])

    def _is_to_code(self, record_id: bytes) -> bool:
        who = self.reviewers_of(record_id)
        return self.person not in who and len(who) < _CODERS


def settled_as(given: list[Judged]) -> Code | None:
    """What a record counts as: protected by anybody, as adjudicated, else the most relevant word."""
    latest: dict[str, Code] = {}
    for judged in given:
        latest[judged.judgement.reviewer] = judged.judgement.code
    adjudicated = [j.judgement.code for j in given if j.mode is Mode.ADJUDICATED]
    said = set(latest.values())
    if Code.PROTECTED in {j.judgement.code for j in given}:
        return Code.PROTECTED
    if adjudicated:
        return adjudicated[-1]
    order = (Code.RELEVANT, Code.NOT_RELEVANT, Code.UNSURE, Code.DEFER)
    return next((code for code in order if code in said), None)
