"""Threads of a slice: what records name, what else is argued, what a person corrected."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.block import OpenBlock
from pastwatch.stages.reconstruct import jwz
from pastwatch.stages.reconstruct.quotedlinks import by_quotes, in_talk_order
from pastwatch.stages.reconstruct.quotedlinks_lines import QuoteGatherer, Quotes
from pastwatch.stages.reconstruct.quotedlinks_pairs import subjects_of
from pastwatch.stages.reconstruct.replylinks import NOT_CHAT, by_rank, chat_rows
from pastwatch.stages.reconstruct.talk import Gatherer, Talk

NONE: Final = -1
_NAMING_RATIO: Final = 0.02
"""Of a source where fewer mails name a parent, the headers are taken for lost."""

Int64s = npt.NDArray[np.int64]
Float32s = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


class How(enum.IntEnum):
    """What a link to the record answered rests on."""

    NONE = 0  # starts a thread, or only shares one
    HEADER = 1  # a mail names the one it answers
    EXPLICIT = 2  # a chat's record names the one it answers
    QUOTED = 3  # argued: it repeats words of the earlier mail
    SUBJECT = 4  # argued: subject, time and names
    RANKED = 5  # argued: ranked among the utterances before it
    PERSON = 6  # a person said so

    @property
    def argued(self) -> bool:
        """Whether a machine argued for it, and the record does not say so itself."""
        return self in (How.QUOTED, How.SUBJECT, How.RANKED)


@dataclass(frozen=True)
class Read:
    """A slice read for its threads: the talk, what mails quote, and the texts of chats."""

    talk: Talk
    quotes: Quotes
    chat: Int64s  # rows, in order of conversation and time
    chat_texts: pa.LargeStringArray


@dataclass(slots=True)
class ThreadGatherer:
    """Takes opened blocks; keeps of mails numbers alone, and the texts of chats until `done`."""

    _talk: Gatherer = field(default_factory=Gatherer)
    _quotes: QuoteGatherer = field(default_factory=QuoteGatherer)
    _ids: list[tuple[bool, bytes]] = field(default_factory=list)
    _texts: list[pa.LargeStringArray] = field(default_factory=list)

    def add(self, block: OpenBlock) -> None:
        """The records of one block."""
        self._talk.add(block)
        texts = block.text.column("text")
        chat = block.medium not in NOT_CHAT
        if not chat:
            self._quotes.add(texts)
        else:
            self._texts.append(texts)
        self._ids.append((chat, b"".join(block.ids())))

    def done(self) -> Read:
        """All that was added, in the talk's order."""
        talk = self._talk.done()
        mail = _rows_of(talk, b"".join(ids for chat, ids in self._ids if not chat))
        said = _rows_of(talk, b"".join(ids for chat, ids in self._ids if chat))
        quotes = in_talk_order(self._quotes.done(), mail, len(talk))
        at = np.zeros(len(talk), np.int64)
        at[said] = np.arange(len(said))
        rows = chat_rows(talk)
        texts = pa.concat_arrays([pa.array([], pa.large_string()), *self._texts])
        return Read(talk, quotes, rows, texts.take(pa.array(at[rows])))


@dataclass(frozen=True)
class Corrections:
    """What a person said, by row: answers with the one answered, and rows that answer nothing here."""

    child: Int64s
    parent: Int64s
    apart: Int64s


def no_corrections() -> Corrections:
    """Nothing was corrected."""
    none = np.zeros(0, np.int64)
    return Corrections(none, none, none)


@dataclass(frozen=True)
class Threads:
    """Every record's thread, what it answers, and what that rests on; rows as in the talk."""

    talk: Talk
    parent: Int64s  # −1: nothing that is held
    how: npt.NDArray[np.uint8]
    score: Float32s  # of argued links alone
    quoted: Int64s  # runs of words repeated of the one answered
    thread: Int64s  # the least row of the thread
    headed: jwz.Headed
    cycles: int

    def __len__(self) -> int:
        return len(self.order[1]) - 1

    @cached_property
    def order(self) -> tuple[Int64s, Int64s]:
        """Rows in order of thread and time, and where each thread begins in them, with their end."""
        rows = np.argsort(self.thread, kind="stable")
        sorted_by = self.thread[rows]
        begins = np.flatnonzero(np.append(True, sorted_by[1:] != sorted_by[:-1])[: len(rows)])
        return rows, np.append(begins, len(rows))

    def rows(self, number: int) -> Int64s:
        """The rows of a thread, in order of time."""
        rows, begins = self.order
        return rows[begins[number] : begins[number + 1]]

    def number_of(self, row: int) -> int:
        """The number of the thread that a row stands in."""
        rows, begins = self.order
        return int(np.searchsorted(self.thread[rows[begins[:-1]]], self.thread[row]))

    @cached_property
    def sizes(self) -> Int64s:
        """How many records each thread has."""
        return np.diff(self.order[1])

    @cached_property
    def accounts(self) -> Int64s:
        """How many accounts wrote in each thread."""
        return self._distinct(self.talk.sender)

    def _distinct(self, column: Int64s) -> Int64s:
        own = np.repeat(np.arange(len(self)), self.sizes)
        value = column[self.order[0]]
        wide = int(value.max(initial=0)) + 1
        each = np.unique((own * wide + value)[value >= 0])
        return np.bincount(each // wide, minlength=len(self)).astype(np.int64)

    def counted(self, how: How) -> Int64s:
        """How many links of each thread rest on this."""
        hits = (self.how[self.order[0]] == int(how)).astype(np.int64)
        ends = np.concatenate(([0], np.cumsum(hits)))
        return ends[self.order[1][1:]] - ends[self.order[1][:-1]]


def read_blocks(blocks: Iterable[OpenBlock]) -> Read:
    """What threads are made of, from opened blocks."""
    gatherer = ThreadGatherer()
    for block in blocks:
        gatherer.add(block)
    return gatherer.done()


def threads_of(read: Read, corrections: Corrections | None = None) -> Threads:
    """The threads of a slice: a person's word first, then the record's own, then what is argued.

    Argued are mails that name no parent, where their source has lost its headers or their subject
    says that they answer, and what was said in chats without naming what it answers.
    """
    talk, said = read.talk, corrections or no_corrections()
    headed = jwz.by_headers(talk)
    mail = np.array([m == "mail" for m in talk.media] or [False], np.bool_)
    is_mail = mail[talk.medium] if len(talk) else np.zeros(0, np.bool_)
    parent, score = headed.parent.copy(), np.zeros(len(talk), np.float32)
    named = parent != NONE
    how = np.where(named, np.where(is_mail, int(How.HEADER), int(How.EXPLICIT)), 0).astype(np.uint8)
    closed = headed.names_parent.copy()
    closed[said.apart] = True
    closed[said.child] = True
    argued = by_quotes(talk, read.quotes, _to_argue(talk, headed, is_mail, closed))
    at = np.flatnonzero(argued.parent != NONE)
    parent[at], score[at] = argued.parent[at], argued.score[at]
    how[at] = np.where(argued.quoted[at] > 0, int(How.QUOTED), int(How.SUBJECT))
    ranked = by_rank(talk, read.chat, read.chat_texts, known=closed)
    at = np.flatnonzero(ranked.parent != NONE)
    parent[at], score[at], how[at] = ranked.parent[at], ranked.score[at], int(How.RANKED)
    free = np.concatenate((said.apart, said.child))
    parent[said.apart], how[said.apart] = NONE, int(How.NONE)
    parent[said.child], how[said.child] = said.parent, int(How.PERSON)
    score[free] = 0
    whole, cycles = jwz.broken(parent)
    how[(whole == NONE) & (parent != NONE)] = int(How.NONE)
    hangs, first_of = headed.hangs, headed.first_of.copy()
    if len(free):  # what a person set apart hangs on nothing else
        kept = ~np.isin(hangs[0], free)
        hangs = hangs[0][kept], hangs[1][kept]
        first_of[free] = free
    thread = jwz.joined(whole, hangs=hangs, first_of=first_of)
    return Threads(
        talk=talk,
        parent=whole,
        how=how,
        score=score,
        quoted=argued.quoted,
        thread=thread,
        headed=headed,
        cycles=headed.cycles + cycles,
    )


def _to_argue(talk: Talk, headed: jwz.Headed, is_mail: Bools, closed: Bools) -> Int64s:
    """The mails that may answer something that no header names."""
    if not len(talk):
        return np.zeros(0, np.int64)
    mails = np.bincount(talk.source[is_mail], minlength=len(talk.sources))
    naming = np.bincount(talk.source[is_mail & headed.names_parent], minlength=len(talk.sources))
    lost = naming < _NAMING_RATIO * mails
    answers = subjects_of(talk.subject).answers
    return np.flatnonzero(is_mail & ~closed & talk.dated & (lost[talk.source] | answers))


def _rows_of(talk: Talk, ids: bytes) -> Int64s:
    """The talk's rows of records by their ids, 16 bytes each; every one of them is in it."""
    held = np.frombuffer(talk.record_ids.tobytes(), ">u8").reshape(-1, 2)
    asked = np.frombuffer(ids, ">u8").reshape(-1, 2)
    both = np.concatenate((held, asked))
    order = np.lexsort((both[:, 1], both[:, 0]))
    mine = order < len(held)
    # Ids are unique in the talk: each run of equal ids has one row of it, which the sort puts first.
    at = np.maximum.accumulate(np.where(mine, np.arange(len(order)), -1))
    rows = np.empty(len(both), np.int64)
    rows[order] = order[at]
    return rows[len(held) :]
