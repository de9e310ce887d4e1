"""The tap on the way in: every new record meets every watch once, in memory, before it is sealed.

The order of a seal, and what a crash at each arrow leaves:

the journal of alerts durable → what the rhythms counted durable → the entry in the ledger → the
packs. Before the last arrow no record of the seal is held: all are offered and examined again, and
an alert raised twice has the same id. After it every alert of what is held is in a journal.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.rowwords import Words
from pastwatch.casefile.watching import Examined, KeptAlert
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.watch import Alert, Watch
from pastwatch.sealing import seal
from pastwatch.stages.watch.arrivals import Arrivals
from pastwatch.stages.watch.examiner import Account, Examiner, Raised, Scores, branches_of
from pastwatch.stages.watch.journal import (
    Outbox,
    Passed,
    Stop,
    alert_entry,
    alert_id,
    passed_entry,
    stop_entry,
)
from pastwatch.stages.watch.tapmemory import Memory
from pastwatch.stages.watch.taprecords import Recent, Shut, plain_record, ready, small

AT_ONCE_RECORDS: Final = 2048
AT_ONCE_BYTES: Final = 4 * 1024 * 1024
EXPIRED: Final = "its authority ran out"


@dataclass(frozen=True, slots=True)
class Seat:
    """A watch that runs, to whom its alerts are sealed, and until when it may."""

    watch: Watch
    recipient: str
    until_us: int | None = None


@dataclass(slots=True)
class Tally:
    """What became of the records that passed so far."""

    examined: int = 0
    withheld: int = 0
    unparsed: int = 0
    alerts: int = 0
    stops: list[Stop] = field(default_factory=list)

    def __sub__(self, before: Tally) -> Tally:
        return Tally(
            self.examined - before.examined,
            self.withheld - before.withheld,
            self.unparsed - before.unparsed,
            self.alerts - before.alerts,
            self.stops[len(before.stops) :],
        )


@dataclass(frozen=True, slots=True)
class Seating:
    """The watches that run, and those that do not though they were started: each with its reason.

    `shut` are the accounts whose records meet none.
    """

    seats: tuple[Seat, ...]
    refused: tuple[Stop, ...] = ()
    shut: Shut | None = None


class Tap:
    """All watches over what one collector takes in of one source; `settle` and `seal` make durable.

    `enter` writes into the ledger; `renew` gives the watches anew where they changed meanwhile,
    and is asked after each seal. Memory is bounded: a few MB of records that wait, 32 MB of
    context where a watch asks for it, and what the rhythms count.
    """

    def __init__(
        self,
        seating: Seating,
        *,
        source_id: str,
        source_name: str,
        outbox: Outbox,
        memory: Memory,
        clock: Callable[[], int],
        enter: Callable[[EntryDraft], None],
        scores: Scores | None = None,
        renew: Callable[[], Seating | None] = lambda: None,
    ) -> None:
        self._source_id, self._source_name = source_id, source_name
        self._outbox, self._memory, self._clock, self._enter = outbox, memory, clock, enter
        self._scores, self._renew = scores, renew
        self.tally, self._sealed = Tally(), Tally()
        self._waiting: list[pa.RecordBatch] = []
        self._words: list[Words] = []
        self._key16 = b""
        self._waiting_records = self._waiting_bytes = 0
        self._unsealed: list[bytes] = []
        self._entries: list[dict[str, Any]] = []
        self._recent = Recent()
        kept = memory.get()
        self.memory_reads = kept.reads
        self._counted = kept.counted
        self._untold: list[Stop] = []
        self._counts_changed = False
        self._seat(seating, kept.rhythms)

    def _seat(self, seating: Seating, rhythms: dict[str, dict[str, Any]]) -> None:
        self.seats, self._shut = seating.seats, seating.shut
        self._examiner = Examiner(
            [seat.watch for seat in seating.seats], scores=self._scores, keyed=self._memory.keyed
        )
        self._examiner.recall(rhythms)
        self._told = [Account() for _ in self.seats]
        self._has_rhythm = any(s.watch.counts or s.watch.rises for s in self.seats)
        self._context = max((s.watch.context_records for s in self.seats), default=0)
        ends = [s.until_us for s in self.seats if s.until_us is not None]
        self._first_end_us = min(ends, default=None)
        self._untold += seating.refused

    def next_run(self, run_id: str) -> None:
        """Name what follows after another run; call it with nothing waiting."""
        self._outbox.next_run(run_id)

    def examine(self, rows: pa.RecordBatch, words: Words, key16: bytes) -> None:
        """Take records that are new to the archive (`layout.BATCH`, `record_id`, `held_us`, `form`).

        Small batches wait for each other: what they raise is there at the latest after `settle`.
        """
        if key16 != self._key16:
            self._examine()
            self._key16 = key16
        rows = small(rows)
        rows, words = self._only(rows, words, ready(rows), "unparsed")
        if self._shut is not None and rows.num_rows:
            rows, words = self._only(rows, words, ~self._shut.among(rows), "withheld")
        if not rows.num_rows:
            return
        self._waiting.append(rows)
        self._words.append((words[0], words[1] + self._waiting_records))
        self._waiting_records += rows.num_rows
        self._waiting_bytes += rows.nbytes
        if self._waiting_records >= AT_ONCE_RECORDS or self._waiting_bytes >= AT_ONCE_BYTES:
            self._examine()

    def settle(self) -> None:
        """Have what came examined, and what was raised made durable: alerts, and watches stopped."""
        self._examine()
        self._note_stops()
        if self._entries:
            self._outbox.put(self._entries)
            self._entries = []
        if self._counts_changed:
            self._remember()

    def seal(self) -> None:
        """As `settle`, for records that are sealed next: what rhythms counted, and the ledger, too."""
        self._examine()
        self._note_stops()
        done = self.tally - self._sealed
        if done.examined or done.withheld or done.unparsed or self._entries:
            self._put_passed(done)
        if self._has_rhythm:
            self._remember()
        self._unsealed = []
        if done.examined or done.withheld or done.unparsed:
            self._enter(self._draft(done))
        self._sealed = replace(self.tally, stops=list(self.tally.stops))
        self._reseat()

    def _only(
        self, rows: pa.RecordBatch, words: Words, kept: npt.NDArray[np.bool_], counter: str
    ) -> tuple[pa.RecordBatch, Words]:
        if kept.all():
            return rows, words
        setattr(self.tally, counter, getattr(self.tally, counter) + int((~kept).sum()))
        hashes, owners = words
        inside = kept[owners]
        places = np.cumsum(kept) - 1
        return rows.filter(pa.array(kept)), (hashes[inside], places[owners[inside]])

    def _examine(self) -> None:
        waiting, self._waiting = self._waiting, []
        words, self._words = self._words, []
        self._waiting_records = self._waiting_bytes = 0
        self._expire()
        if not waiting:
            return
        rows = pa.concat_batches(waiting) if len(waiting) > 1 else waiting[0]
        came_us = rows.column("held_us").to_numpy()
        arrivals = Arrivals.of_batch(
            rows, source_id=self._source_id, source_name=self._source_name, clock_us=came_us
        )
        raised = self._examiner.examine(
            arrivals,
            words=(np.concatenate([h for h, _ in words]), np.concatenate([r for _, r in words])),
            key=self._key16,
            counted=self._counted,
        )
        for one in raised:
            self._raise(one, rows, int(came_us[one.row]))
        self.tally.examined += rows.num_rows
        if self._has_rhythm:
            self._unsealed += arrivals.record_ids
        if self._context:
            self._recent.add(rows)

    def _raise(self, one: Raised, rows: pa.RecordBatch, at_us: int) -> None:
        seat = self.seats[one.watch]
        watch, names = seat.watch, branches_of(seat.watch)
        record_id = rows.column("record_id")[one.row].as_py()
        alert = Alert(
            alert_id=alert_id(watch.text_sha256, record_id),
            watch=watch.name,
            version=watch.version,
            record_id=record_id,
            source_id=self._source_id,
            at_us=at_us,
        )
        places = [
            (rows, one.row),
            *self._recent.before(rows, one.row, count=watch.context_records),
        ]
        record, *context = (
            plain_record(held, row, source_id=self._source_id, source_name=self._source_name)
            for held, row in places
        )
        shown = {
            "alert_id": alert.alert_id,
            "watch": watch.name,
            "version": watch.version,
            "branches": [names[number] for number in one.branches],
            "record": record,
            "context": context,
        }
        sealed = seal.wrap(json.dumps(shown).encode(), recipients=[seat.recipient])
        self._entries.append(alert_entry(KeptAlert(alert, sealed), text_sha256=watch.text_sha256))
        self.tally.alerts += 1
        self._counts_changed |= any(not names[n].startswith("query") for n in one.branches)

    def _expire(self) -> None:
        now_us = self._clock()
        if self._first_end_us is None or now_us < self._first_end_us:
            return
        for seat, account in zip(self.seats, self._examiner.accounts, strict=True):
            if seat.until_us is not None and now_us >= seat.until_us and not account.stopped:
                account.stopped = EXPIRED

    def _note_stops(self) -> None:
        """Have the owners told of watches that were refused or stopped."""
        now_us = self._clock()
        for seat, account, told in zip(
            self.seats, self._examiner.accounts, self._told, strict=True
        ):
            if account.stopped and not told.stopped:
                told.stopped = account.stopped
                own = seat.watch.name, seat.watch.version, seat.watch.text_sha256
                self._untold.append(Stop(*own, account.stopped, now_us))
        self._entries += map(stop_entry, self._untold)
        self.tally.stops += self._untold
        self._untold = []

    def _put_passed(self, done: Tally) -> None:
        at_us, run_id = self._clock(), self._outbox.run_id
        passed = Passed(self._source_id, run_id, done.examined, done.withheld, done.unparsed, at_us)
        self._entries.append(passed_entry(passed, self._examined(run_id, at_us)))
        self._outbox.put(self._entries)
        self._entries = []

    def _examined(self, run_id: str, at_us: int) -> list[Examined]:
        """What each watch examined since the last seal."""
        found = []
        for seat, account, told in zip(
            self.seats, self._examiner.accounts, self._told, strict=True
        ):
            counts = (
                account.examined - told.examined,
                account.raised - told.raised,
                account.timed_out - told.timed_out,
            )
            told.examined, told.raised = account.examined, account.raised
            told.timed_out = account.timed_out
            watch = seat.watch
            if any(counts):
                own = watch.name, watch.version, self._source_id, run_id
                found.append(Examined(*own, *counts, at_us))
        return found

    def _remember(self) -> None:
        self._memory.put(self._examiner.remembered(), self._unsealed)
        self._counts_changed = False

    def _draft(self, done: Tally) -> EntryDraft:
        return EntryDraft(
            act=Act.WATCH_ALERT,
            clock_us=self._clock(),
            outcome={
                "source_id": self._source_id,
                "run_id": self._outbox.run_id,
                "watches": len(self.seats),
                "examined_by_machine": done.examined,
                "withheld": done.withheld,
                "unparsed": done.unparsed,
                "alerts": done.alerts,
                "stopped": len(done.stops),
            },
        )

    def _reseat(self) -> None:
        seating = self._renew()
        if seating is None:
            return
        stopped = {
            seat.watch.text_sha256: account.stopped
            for seat, account in zip(self.seats, self._examiner.accounts, strict=True)
        }
        told = set(self.tally.stops)
        refused = tuple(s for s in seating.refused if s not in told)
        self._seat(replace(seating, refused=refused), self._examiner.remembered())
        for seat, account, known in zip(
            self.seats, self._examiner.accounts, self._told, strict=True
        ):
            account.stopped = known.stopped = stopped.get(seat.watch.text_sha256, "")
