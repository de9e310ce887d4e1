"""The threads of a case: read once through the gate, listed, opened one at a time, and corrected."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.archive.identity import normal_address
from pastwatch.desk import threaded_correcting as correcting
from pastwatch.desk.assessing import open_relations
from pastwatch.desk.case import CaseWork
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import NoSuchRecord, UsageError
from pastwatch.stages.reconstruct.crosschannel import GAP_US, crossings
from pastwatch.stages.reconstruct.talk import NOBODY
from pastwatch.stages.reconstruct.threads import How, Read, Threads, read_blocks, threads_of

SORTS = ("start", "end", "records", "accounts")
IS = "is"
_LEAST_DIGITS = 6
_SHORT = 10
_OVERSIZED = 50
_NAME = re.compile(r"t?([0-9a-f]{6,32})\Z")

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadLine:
    """A thread as the list shows it; times are those its records claim, None where none does."""

    thread: str
    root_id: str
    title: str
    records: int
    accounts: int
    start_us: int | None
    end_us: int | None
    undated: int
    media: tuple[str, ...]
    linked: tuple[tuple[str, int], ...]  # (what links rest on, how many)
    unlinked: int  # records that only share the thread, its first one left out
    oversized: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadsSaid:
    """What reading the slice for threads met."""

    records: int
    threads: int
    alone: int
    missing: int
    duplicates: int
    cycles: int
    self_replies: int
    late_parents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of threads, how many there are of that sort, and what was met in all."""

    lines: tuple[ThreadLine, ...]
    found: int
    said: ThreadsSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossedLine:
    """Two who talked on several media without a long pause: argued, with what it goes by."""

    one: str
    other: str
    by: str
    reason: str
    media: tuple[str, ...]
    accounts: tuple[str, ...]
    records: int
    start_us: int
    end_us: int
    record_ids: tuple[str, ...]  # the first of each medium
    maker: str


class CaseThreads:
    """The threads of a case's slice; no record that was judged protected stands in one.

    Reading is logged as one opening. What a person corrected counts before what records name, and
    that before what is argued.
    """

    def __init__(self, case: CaseWork, *, cancel: threading.Event | None = None) -> None:
        self.case = case
        self._read: Read = read_blocks(blocks_of(case, purpose="threads", cancel=cancel))
        self._hex = self._read.talk.record_ids
        self._made: Threads | None = None

    @property
    def threads(self) -> Threads:
        """The threads with the corrections that stand now."""
        if self._made is None:
            said = correcting.corrections_of(self.case, self._read.talk)
            self._made = threads_of(self._read, said)
        return self._made

    def listed(
        self,
        *,
        query: str | None = None,
        account: str | None = None,
        medium: str | None = None,
        least: int = 2,
        sort: str = "start",
        limit: int | None = 20,
        offset: int = 0,
    ) -> Listed:
        """Threads of at least so many records, undated ones last.

        `query` keeps those with a hit of it (a look, kept with the case's), `account` those an
        account or handle wrote in or was written to, `medium` those with a record of it.
        """
        if sort not in SORTS:
            raise UsageError(f'threads are not sorted by "{sort}"', hint=", ".join(SORTS))
        made = self.threads
        kept = made.sizes >= max(least, 1)
        for rows in self._wanted(query, account, medium):
            hit = np.zeros(len(made.talk), np.bool_)
            hit[rows] = True
            ends = np.concatenate(([0], np.cumsum(hit[made.order[0]])))
            kept &= ends[made.order[1][1:]] > ends[made.order[1][:-1]]
        numbers = np.flatnonzero(kept)
        numbers = numbers[self._sorted(numbers, sort)]
        page = numbers[offset:] if limit is None else numbers[offset : offset + limit]
        return Listed(
            lines=tuple(self.line(int(number)) for number in page),
            found=len(numbers),
            said=self.said,
        )

    @cached_property
    def said(self) -> ThreadsSaid:
        """What reading met."""
        made = self.threads
        return ThreadsSaid(
            records=len(made.talk),
            threads=int(np.count_nonzero(made.sizes > 1)),
            alone=int(np.count_nonzero(made.sizes == 1)),
            missing=made.headed.missing,
            duplicates=made.headed.duplicates,
            cycles=made.cycles,
            self_replies=made.headed.self_replies,
            late_parents=made.headed.late_parents,
        )

    def line(self, number: int) -> ThreadLine:
        """One thread as the list shows it."""
        made, talk = self.threads, self.threads.talk
        rows = made.rows(number)
        dated = rows[talk.dated[rows]]
        how = np.bincount(made.how[rows], minlength=len(How))
        media = dict.fromkeys(talk.media[m] for m in talk.medium[rows].tolist())
        return ThreadLine(
            thread=self.name(number),
            root_id=self.id_of(self.root(number)),
            title=self._title(rows),
            records=len(rows),
            accounts=int(made.accounts[number]),
            start_us=int(talk.earliest_us[dated].min()) if len(dated) else None,
            end_us=int(talk.earliest_us[dated].max()) if len(dated) else None,
            undated=len(rows) - len(dated),
            media=tuple(media),
            linked=tuple((How(n).name.lower(), int(c)) for n, c in enumerate(how) if n and c),
            unlinked=int(how[int(How.NONE)]) - 1,
            oversized=len(rows) > _OVERSIZED,
        )

    def root(self, number: int) -> int:
        """The row a thread is named after: its first that answers nothing."""
        made = self.threads
        rows = made.rows(number)
        return int(rows[np.argmax(made.parent[rows] < 0)])

    def name(self, number: int) -> str:
        """A thread's name: t and the beginning of the id of its first record."""
        return f"t{self.id_of(self.root(number))[:_SHORT]}"

    def id_of(self, row: int) -> str:
        """The id of a row's record, in hexadecimal digits."""
        return str(self._hex[row].tobytes().hex())

    def row_named(self, name: str) -> int:
        """The row of a record named by its id, a thread's name, or the beginning of either."""
        found = _NAME.match(name.lower())
        if found is None:
            raise UsageError(
                f'"{name}" names no record or thread',
                hint=f"at least {_LEAST_DIGITS} digits of its id, as in t3fa9c1",
            )
        digits = found[1]
        head = np.frombuffer(bytes.fromhex(digits[: len(digits) // 2 * 2]), np.uint8)
        octets = self._hex.view(np.uint8).reshape(-1, 16)
        rows = np.flatnonzero((octets[:, : len(head)] == head).all(axis=1))
        rows = np.array([r for r in rows.tolist() if self.id_of(r).startswith(digits)], np.int64)
        if not len(rows):
            raise NoSuchRecord("no such record in this case")
        if len(rows) > 1:
            raise UsageError(
                f'"{name}" begins the ids of {len(rows)} records', hint="write more digits"
            )
        return int(rows[0])

    def link(self, child: str, parent: str, *, reason: str) -> str:
        """Say that one record answers another; gives the name of the relation kept."""
        made = self.threads
        one, other = self.row_named(child), self.row_named(parent)
        if one == other:
            raise UsageError("a record does not answer itself")
        at = other
        while at >= 0:
            if at == one:
                raise UsageError("that record answers this one already: both would go in a circle")
            at = int(made.parent[at])
        name = correcting.link(self.case, self.id_of(one), self.id_of(other), reason=reason)
        self._forget()
        return name

    def unlink(self, child: str, *, reason: str) -> str:
        """Say that a record does not answer what it is linked to; gives the name of what was kept.

        A link that a person made is undone; against any other, a relation is kept that says so.
        """
        made = self.threads
        row = self.row_named(child)
        above = int(made.parent[row])
        number = made.number_of(row)
        if above < 0:
            if row == self.root(number):
                raise UsageError("that record answers nothing: there is nothing to unlink")
            above = self.root(number)
        name = correcting.unlink(self.case, self.id_of(row), self.id_of(above), reason=reason)
        self._forget()
        return name

    def undo(self, name: str, *, reason: str) -> None:
        """Take back a correction; UsageError for a relation that is none."""
        correcting.undo(self.case, name, reason=reason)
        self._forget()

    def across(self, *, gap_us: int = GAP_US) -> list[CrossedLine]:
        """Who talked on several media without a longer pause than `gap_us`, in order of time."""
        made, talk = self.threads, self.threads.talk
        actors = {}
        for kept in open_relations(self.case, IS):
            medium, _, address = kept.relation.from_id.partition(":")
            actors[medium, normal_address(address)] = kept.relation.to_id
        found = []
        for one in crossings(talk, made.parent, actors=actors, gap_us=gap_us):
            rows = np.array(one.rows)
            first = {m: int(rows[talk.medium[rows] == talk.media.index(m)][0]) for m in one.media}
            same = "accounts merged into" if one.by == "actor" else "addresses alike as"
            found.append(
                CrossedLine(
                    one=one.one,
                    other=one.other,
                    by=one.by,
                    reason=f"{same} {one.one} and {one.other}; pauses of at most "
                    f"{gap_us / 3_600_000_000:g} h",
                    media=one.media,
                    accounts=tuple(":".join(talk.account_keys[a]) for a in one.accounts),
                    records=len(rows),
                    start_us=int(talk.earliest_us[rows[0]]),
                    end_us=int(talk.earliest_us[rows[-1]]),
                    record_ids=tuple(self.id_of(row) for row in first.values()),
                    maker="crosschannel",
                )
            )
        return found

    def _forget(self) -> None:
        self._made = None
        self.__dict__.pop("said", None)

    def _title(self, rows: Int64s) -> str:
        """The subject of the first record that has one, else what its conversation is called."""
        talk = self.threads.talk
        for row in rows[:20].tolist():
            subject = talk.subject[row].as_py()
            if subject:
                return str(subject)
        talks = [int(c) for c in talk.conversation[rows[:20]] if c >= 0]
        chat = talk.media[int(talk.medium[rows[0]])] != "mail"
        return talk.conversations[talks[0]][1] if talks and chat else ""

    def _sorted(self, numbers: Int64s, sort: str) -> Int64s:
        made, talk = self.threads, self.threads.talk
        rows, begins = made.order
        first = rows[begins[:-1]][numbers]
        start = np.where(talk.dated[first], talk.earliest_us[first], np.iinfo(np.int64).max)
        if sort == "start":
            return np.lexsort((first, start))
        if sort == "end":
            at = np.where(talk.dated, talk.earliest_us, np.iinfo(np.int64).min)[rows]
            last = np.maximum.reduceat(at, begins[:-1])[numbers] if len(rows) else first
            return np.lexsort((first, -last))
        figure = made.sizes if sort == "records" else made.accounts
        return np.lexsort((start, -figure[numbers]))

    def _wanted(self, query: str | None, account: str | None, medium: str | None) -> list[Int64s]:
        """Of each condition given the rows that meet it."""
        talk, found = self.threads.talk, []
        if query is not None:
            hits = {hit.citation.record_id for hit in self.case.look(query)}
            places = [talk.row_of(record_id) for record_id in hits]
            found.append(np.array([p for p in places if p is not None], np.int64))
        if account is not None:
            found.append(self._of_account(account))
        if medium is not None:
            if medium not in talk.media:
                raise UsageError(
                    f'nothing of the medium "{medium}" is in the slice',
                    hint=f"it holds {', '.join(talk.media) or 'nothing'}",
                )
            found.append(np.flatnonzero(talk.medium == talk.media.index(medium)))
        return found

    def _of_account(self, account: str) -> Int64s:
        talk = self.threads.talk
        asked = normal_address(account)
        named: set[Any] = {
            place
            for place, (medium, address) in enumerate(talk.account_keys)
            if asked in (address, f"{medium}:{address}", address.partition("@")[0])
        }
        if not named:
            raise UsageError("no such account wrote or was written to in this slice")
        fits = np.isin(np.arange(len(talk.account_keys) + 1), sorted(named))
        fits[NOBODY] = False
        to = talk.recipient_row[fits[talk.to_account]]
        return np.unique(np.concatenate((np.flatnonzero(fits[talk.sender]), to)))


def threads_in(case: CaseWork, *, cancel: threading.Event | None = None) -> CaseThreads:
    """The threads of a case."""
    return CaseThreads(case, cancel=cancel)
