"""The loop of review: the next record, its judgement, a change of mind; every face uses these calls."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Self

from pastwatch.casefile.reviewing import Judged
from pastwatch.desk.case import CaseWork
from pastwatch.desk.judged import STANDS, JudgedState
from pastwatch.desk.ranking import OnProgress, Places, Ranking, keep_order, kept_order
from pastwatch.desk.served import Progress, Served, Surroundings
from pastwatch.desk.stopping import bound_line
from pastwatch.desk.stoppingstanding import standing
from pastwatch.errors import BadValue, NoSuchRecord, UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.model.record import Record
from pastwatch.model.when import SECOND_US
from pastwatch.stages.review.exploring import FIRST_SHARE
from pastwatch.stages.review.families import Families
from pastwatch.stages.review.queue import Queue, Turn

LEASE_US = 600 * SECOND_US
"""A record put before somebody else so lately is left to them."""
STALE_RATIO = 0.1
"""A kept order serves until so many more were judged since; then it is learnt anew."""
_SERVED = "review_served"
_SERVED_KEPT = 20


class Review:
    """One reviewer at work in an open case. Close it, or use it in a `with` block.

    Every call that judges is durable when it returns. Any number of processes may review one case:
    each takes in what the others judged before its next record, and leaves them what they read.
    """

    def __init__(
        self,
        case: CaseWork,
        *,
        learn: bool | None = True,
        seed_text: str = "",
        explore: float = FIRST_SHARE,
        on_progress: OnProgress | None = None,
    ) -> None:
        """Open the review; reads the slice once where it is to `learn`.

        With `learn` None it does so only when the order kept in the case is out of date. `explore` is
        the share of turns for what is unlike all that was read, until each kind was looked into.
        """
        if not 0 <= explore <= 0.5:  # noqa: PLR2004 - half of the turns
            raise UsageError("a share to explore is from nothing to a half")
        self.case, self.person = case, case.office.person
        self._index = case.gate.index()
        self.places = Places(self._index.record_ids)
        seed = int.from_bytes(hashlib.sha256(case.case_id.encode()).digest()[:4], "big")
        self.queue = Queue(len(self.places), seed=seed)
        self.state = JudgedState(
            papers=case.papers,
            places=self.places,
            queue=self.queue,
            person=self.person,
            waiting=lambda: standing(case).waiting,
        )
        self._turns: dict[bytes, Turn] = {}
        self._counted: Counter[str] = Counter()
        self._ranking: Ranking | None = None
        self.families: Families | None = None
        self._kept_labels = -1
        self.state.sync()
        kept = kept_order(case.papers, count=len(self.places))
        if kept is not None:
            self.queue.put_order(kept[0])
            self._kept_labels = kept[1]
        if learn or (learn is None and self._is_stale()):
            self._ranking = Ranking(
                case,
                self.queue,
                self.places,
                seed=seed,
                seed_text=seed_text,
                explore=explore,
                on_progress=on_progress,
            )
            self._learn()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Keep the order for the next time, and note in the ledger how much was judged."""
        if self._ranking is not None:
            self._ranking.close()
            if self._ranking.fits:
                keep_order(
                    self.case.papers, self.queue.order, label_count=self._ranking.label_count
                )
            self._ranking = None
        if self._counted:
            office = self.case.office
            entry = EntryDraft(
                act=Act.JUDGE,
                clock_us=office.clock(),
                authority=self.case.authority.authority_id,
                outcome=dict(sorted(self._counted.items())),
            )
            office.ledger.append([entry], office.ring.user().signing)
            self._counted.clear()

    def next(self, *, only: Mode | None = None) -> Served | None:
        """The next record of this reviewer, logged as shown; None when all is read.

        `only` narrows to the records of a kind of draw. AuthorityError when the authority is over:
        all that was judged is kept.
        """
        self._sync()
        now_us = self.case.office.clock()
        since_us = now_us - LEASE_US
        others = self.case.papers.claims(since_us=since_us, but_of=self.person)
        held = {p for i in others if (p := self.places.of(i)) is not None}
        while True:
            turn, passed = self.queue.next(turns=self.state.mine, held=held, only=only)
            for one in passed:
                self._take_over(one, at_us=now_us)
            if turn is None:
                self._sync()  # what was just taken over counts as any other
                return None
            record_id = self.places.id(turn.row)
            if turn.mode is Mode.OVERLAP or self.case.papers.claim(
                record_id,
                by=self.person,
                at_us=now_us,
                since_us=since_us,
                judged_to=self.state.last,
            ):
                self._serve(record_id, turn)
                return self.show(record_id)
            held.add(turn.row)  # somebody was quicker

    def show(self, record_id: bytes) -> Served:
        """A record of the slice, logged as shown; UsageError for one judged protected."""
        place = self._open_place(record_id)
        (record,) = self.case.show_refs([self._index.ref(place)])
        turn = self._turn_of(record_id, place)
        papers = self.case.papers
        blind = self.state.is_blind(record_id)
        return Served(
            record=record,
            source=self.case.source_name(record.envelope.source_id),
            mode=turn.mode,
            draw=turn.draw,
            rank=turn.rank,
            own=self.state.own(record_id),
            notes=tuple(n for n in papers.notes(record_id) if not blind or n.by == self.person),
            tags=() if blind else papers.tags(record_id).get(record_id, ()),
        )

    def around(self, record_id: bytes, *, before: int = 3, after: int = 3) -> Surroundings:
        """The records next to it in the same conversation, logged as context, none protected."""
        place = self._open_place(record_id)
        # One more either side than asked for tells whether there is more.
        first, last = self._index.around(place, before=before + 1, after=after + 1)
        more_before, more_after = len(first) > before, len(last) > after
        first, last = first[-before:] if before else [], last[:after]
        shut = self.state.protected
        wanted = [p for p in (*first, *last) if self.places.id(p) not in shut]
        records = self._shown_as_context(wanted)
        cut = sum(1 for p in wanted if p in set(first))
        return Surroundings(
            before=tuple(records[:cut]),
            after=tuple(records[cut:]),
            more_before=more_before,
            more_after=more_after,
        )

    def judge(
        self,
        record_id: bytes,
        code: str,
        *,
        note: str = "",
        codes: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> int:
        """Judge one record, and no other; durable when it returns. Gives the judgement's number."""
        place = self._open_place(record_id)
        turn = self._turn_of(record_id, place)
        judgement = self.judgement(record_id, code, note=note)
        number = self.case.papers.judge(
            judgement, mode=turn.mode, draw=turn.draw, rank=turn.rank, codes=codes
        )
        for tag in tags:
            self.tag(record_id, tag)
        self.told(judgement.code, [record_id])
        return number

    def judgement(self, record_id: bytes, code: str, *, note: str = "") -> Judgement:
        """A judgement of this reviewer, now; BadValue for a code that is none, or a deferral without a reason."""
        try:
            chosen = Code(code)
        except ValueError:
            raise BadValue(f'"{code}" is no judgement', hint=", ".join(Code)) from None
        return Judgement(
            record_id=record_id,
            code=chosen,
            reviewer=self.person,
            at_us=self.case.office.clock(),
            note=note,
        )

    def show_all(self, record_ids: Sequence[bytes]) -> list[Record]:
        """Records of the slice in the order asked, logged as shown."""
        return self.case.show_refs([self._index.ref(self._open_place(i)) for i in record_ids])

    def told(self, code: Code, record_ids: Sequence[bytes]) -> None:
        """Take in that records were judged: the ranking learns of it, or forgets what is protected."""
        self._counted[code.value.replace("-", "_")] += len(record_ids)
        for record_id in record_ids:
            self._turns.pop(record_id, None)
        self._sync()

    def undo(self) -> list[Judged]:
        """Take one's last judgement back, with the family it was given to; UsageError where there is none."""
        self.state.sync()
        last = self.state.last_act()
        if not last:
            raise UsageError("you have no judgement to take back")
        now_us = self.case.office.clock()
        for judged in last:
            self.case.papers.undo(judged.number, by=self.person, at_us=now_us)
        self._counted["undone"] += len(last)
        self._sync()
        for judged in last:
            turn = Turn(0, judged.mode, judged.draw, judged.rank)
            self._serve(judged.judgement.record_id, turn)
        return last

    def note(self, record_id: bytes, text: str) -> str:
        """Write a note beside a record."""
        self._open_place(record_id)
        return self.case.papers.add_note(
            record_id, text=text, by=self.person, at_us=self.case.office.clock()
        )

    def tag(self, record_id: bytes, tag: str, *, taken_off: bool = False) -> None:
        """Put a tag on a record, or take it off."""
        self._open_place(record_id)
        word = " ".join(tag.split())
        if not word:
            raise BadValue("a tag is a word or a few")
        self.case.papers.tag(
            record_id, word, by=self.person, at_us=self.case.office.clock(), taken_off=taken_off
        )

    def add_code(self, code: str, title: str = "") -> None:
        """Add a code of the case's own, beside the five that every case has."""
        if not code.strip() or code in list(Code):
            raise BadValue(f'"{code}" cannot be a code of the case')
        self.case.papers.add_code(
            code, title or code, by=self.person, at_us=self.case.office.clock()
        )

    def codes(self) -> dict[str, str]:
        """The case's own codes with their titles."""
        return self.case.papers.codes()

    def deferred(self) -> list[bytes]:
        """The records that were put off and are not settled since, oldest first."""
        self.state.sync()
        return self.state.deferred()

    def record_named(self, name: str) -> bytes:
        """The record a person means: a hit (h3), or the first digits of an id, six at least."""
        if name[:1] == "h" and name[1:].isdigit():
            return self.case.papers.hit(name).hit.record_id
        digits = name.lower()
        if len(digits) < 6 or len(digits) > 32 or set(digits) - set("0123456789abcdef"):  # noqa: PLR2004 - an id has 32 digits
            raise UsageError("name a record by six digits of its id or more, or by a hit, as h3")
        found = self.places.named(digits)
        if len(found) != 1:
            raise NoSuchRecord(
                "several records begin like that" if found else "no such record in this case"
            )
        return found[0]

    def progress(self, *, bound: bool = True) -> Progress:
        """How far the review is, by all who take part; the bound is worked out where it is wanted."""
        self.state.sync()
        count = self.state.counts()
        return Progress(
            records=len(self.places),
            relevant=count[Code.RELEVANT],
            not_relevant=count[Code.NOT_RELEVANT],
            unsure=count[Code.UNSURE],
            deferred=count[Code.DEFER],
            protected=count[Code.PROTECTED],
            mine=self.state.mine,
            draws=self.state.draw_counts(),
            ranked=self.queue.is_ranking,
            learnt_from=max(self._ranking.label_count if self._ranking else self._kept_labels, 0),
            bound=bound_line(self.case) if bound else "",
        )

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the order stands on all that was judged; scripts and tests do, readers do not."""
        return self._ranking is None or self._ranking.wait(timeout_s)

    @property
    def ranking(self) -> Ranking | None:
        """What learns, where this review does."""
        return self._ranking

    def _shown_as_context(self, places: Sequence[int]) -> list[Record]:
        if not places:
            return []
        records = self.case.gate.show([self._index.ref(p) for p in places], context=True)
        self.case.papers.add_shown(
            [record.record_id for record in records],
            by=self.person,
            at_us=self.case.office.clock(),
            as_context=True,
        )
        return records

    def _sync(self) -> None:
        for place in self.state.sync():
            if self._ranking is not None:
                self._ranking.forget(place)
        self._learn()

    def _learn(self) -> None:
        if self._ranking is not None and self.state.changed:
            self.state.changed = False
            self._ranking.learn(self.state.labels())

    def _is_stale(self) -> bool:
        labels = len(self.state.labels())
        return labels > max(self._kept_labels, 0) * (1 + STALE_RATIO)

    def _open_place(self, record_id: bytes) -> int:
        place = self.places.of(record_id)
        if place is None:
            raise NoSuchRecord("no such record in this case")
        if record_id in self.state.protected:
            raise UsageError("this record is protected: it is not shown, and not judged again")
        return place

    def _take_over(self, turn: Turn, *, at_us: int) -> None:
        """The ranking came to a record of the control sample: what its coder said of it stands here."""
        judged = self.state.standing_on(self.places.id(turn.row))
        if judged is not None:
            again = replace(judged.judgement, at_us=at_us, note=STANDS)
            self.case.papers.judge(again, mode=turn.mode, rank=turn.rank, codes=judged.codes)

    def _serve(self, record_id: bytes, turn: Turn) -> None:
        """Remember how a record came to its turn, for whichever process judges it."""
        self._turns[record_id] = turn
        name = f"{_SERVED}/{self.person}"
        served = self.case.papers.setting(name, otherwise={})
        served.pop(record_id.hex(), None)
        served[record_id.hex()] = [turn.mode.value, turn.draw, turn.rank]
        self.case.papers.put_setting(name, dict(list(served.items())[-_SERVED_KEPT:]))

    def _turn_of(self, record_id: bytes, place: int) -> Turn:
        """How a record comes to be judged: as before, by a draw it stands in, as served, or chosen."""
        earlier = self.state.own(record_id)
        if earlier is not None:
            return Turn(place, earlier.mode, earlier.draw, earlier.rank)
        drawn = self.state.open_draw(record_id)
        if drawn is not None:
            return Turn(place, drawn[0], drawn[1])
        turn = self._turns.get(record_id)
        if turn is None:
            served = self.case.papers.setting(f"{_SERVED}/{self.person}", otherwise={})
            mode, draw, rank = served.get(record_id.hex(), (Mode.CHOSEN.value, None, None))
            turn = Turn(place, Mode(mode), draw, rank)
        return turn
