"""Threads of mail by what headers name: parents, places for missing ones, circles broken.

After J. Zawinski's "message threading" (jwz.org/doc/threading.html), over columns. An archive keeps
of References the first and, without In-Reply-To, the last: what is missing in between is not made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.stages.reconstruct.talk import Talk

NONE: Final = -1

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Headed:
    """What headers say, one row a record: the row answered, and what holds the thread together."""

    parent: Int64s  # −1: names none, or one that is not held
    hangs: tuple[Int64s, Int64s]  # (row, place): rows that share an id no parent joins them by
    first_of: Int64s  # row of the first record with the same id; its own row for most
    names_parent: npt.NDArray[np.bool_]
    missing: int
    duplicates: int
    cycles: int
    self_replies: int
    late_parents: int  # answers whose parent claims a later time

    def thread(self) -> Int64s:
        """The thread of each row, named by its least row."""
        return joined(self.parent, hangs=self.hangs, first_of=self.first_of)


def by_headers(talk: Talk) -> Headed:
    """The parents that records name, of a talk in order of time.

    A mail's id means the same in every source where it has an @; other ids mean something in their
    own source, and in chats in their own conversation.
    """
    count = len(talk)
    rows = np.arange(count, dtype=np.int64)
    own, named, begun = _keys(talk)
    wide = len(talk.sources) or 1
    here = own * wide + talk.source
    held, first = np.unique(own, return_index=True)
    held_here, first_here = np.unique(here, return_index=True)
    parent = _found(named * wide + talk.source, held_here, first_here)
    parent = np.where(parent == NONE, _found(named, held, first), parent)
    parent[named == NONE] = NONE
    selves = parent == rows
    same = (own != NONE) & (named == own)
    parent[selves | same] = NONE
    named = np.where(same, NONE, named)
    first_of = np.where(own == NONE, rows, first[np.searchsorted(held, own)] if count else rows)
    parent, cycles = broken(parent)
    hangs, missing = _hung(parent, (own, named, begun), held, first)
    earliest = talk.earliest_us
    dated = talk.dated
    at = np.flatnonzero(parent != NONE)
    late = dated[at] & dated[parent[at]] & (earliest[parent[at]] > talk.latest_us[at])
    return Headed(
        parent=parent,
        hangs=hangs,
        first_of=first_of,
        names_parent=named != NONE,
        missing=missing,
        duplicates=int(np.count_nonzero(first_of != rows)),
        cycles=cycles,
        self_replies=int(np.count_nonzero(same)),
        late_parents=int(np.count_nonzero(late)),
    )


def joined(
    parent: Int64s, *, hangs: tuple[Int64s, Int64s] | None = None, first_of: Int64s | None = None
) -> Int64s:
    """The least row that each row hangs together with, through parents and what else is shared."""
    count = len(parent)
    places = 0 if hangs is None else int(hangs[1].max(initial=NONE)) + 1
    label = np.arange(count + places, dtype=np.int64)
    ends = [np.stack((np.flatnonzero(parent != NONE), parent[parent != NONE]))]
    if hangs is not None:
        ends.append(np.stack((hangs[0], count + hangs[1])))
    if first_of is not None:
        copies = np.flatnonzero(first_of != np.arange(count))
        ends.append(np.stack((copies, first_of[copies])))
    one, other = np.concatenate(ends, axis=1)
    while True:
        a, b = label[one], label[other]
        low, high = np.minimum(a, b), np.maximum(a, b)
        apart = low != high
        if not apart.any():
            return label[:count]
        one, other = one[apart], other[apart]
        np.minimum.at(label, high[apart], low[apart])
        while not np.array_equal(further := label[label], label):
            label = further


def broken(parent: Int64s) -> tuple[Int64s, int]:
    """Parents without cycles, and how many there were: the first row of each answers nobody."""
    rows = np.arange(len(parent), dtype=np.int64)
    step = np.where(parent == NONE, rows, parent)
    steps = max(len(parent), 1).bit_length()
    reach = step
    for _ in range(steps):
        reach = reach[reach]
    around = np.unique(reach)
    around = around[parent[around] != NONE]
    if not len(around):
        return parent, 0
    low, jump = rows.copy(), step
    for _ in range(steps):
        low[around] = np.minimum(low[around], low[jump[around]])
        jump = jump[jump]
    heads = around[low[around] == around]
    whole = parent.copy()
    whole[heads] = NONE
    return whole, len(heads)


def _keys(talk: Talk) -> tuple[Int64s, Int64s, Int64s]:
    """Numbers of each row's own id, of the id it answers and of its thread's first id; −1 none.

    Rows that name no parent get as first id what their conversation is called, in mail alone.
    """
    count = len(talk)
    spelt = pa.array([name for _, name in talk.conversations], pa.large_string())
    every = pa.concat_arrays([talk.native_id, talk.reply_to, spelt]).dictionary_encode()
    code = every.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    ids = every.dictionary
    wide = max(len(ids), 1)
    filled = np.array([i != "" for i in ids.to_pylist()] or [False])
    anywhere = np.array(["@" in i for i in ids.to_pylist()] or [False])
    mail = (
        np.array([m == "mail" for m in talk.media] or [False])[talk.medium] if count else filled[:0]
    )
    place = np.where(
        mail, 1 + talk.source, 1 + len(talk.sources) + np.maximum(talk.conversation, NONE) + 1
    )
    own, named = code[:count], code[count : 2 * count]
    begun = np.append(code[2 * count :], 0)[talk.conversation] if count else own
    has = mail & (talk.conversation != NONE)

    def key(of: Int64s, fits: npt.NDArray[np.bool_]) -> Int64s:
        where = np.where(mail & anywhere[of], 0, place)
        return np.where(fits & filled[of], where * wide + of, NONE)

    every_row = np.ones(count, np.bool_)
    return key(own, every_row), key(named, every_row), key(begun, has)


def _found(wanted: Int64s, held: Int64s, first: Int64s) -> Int64s:
    if not len(held):
        return np.full(len(wanted), NONE, np.int64)
    at = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    return np.where(held[at] == wanted, first[at], NONE)


def _hung(
    parent: Int64s, keys: tuple[Int64s, Int64s, Int64s], held: Int64s, first: Int64s
) -> tuple[tuple[Int64s, Int64s], int]:
    """What rows without a parent hang on, as (row, place of an id), and how many ids are missing.

    Such a row hangs on the id it answers, and on the first of its thread; so does the record, where
    it is held, whose id that is. An id in between that no row names is not known.
    """
    own, named, begun = keys
    loose = parent == NONE
    answers = np.flatnonzero(loose & (named != NONE))
    begins = np.flatnonzero(loose & (begun != NONE) & (begun != own))
    row, key = np.concatenate((answers, begins)), np.concatenate((named[answers], begun[begins]))
    ids, place = np.unique(key, return_inverse=True)
    bearer = _found(ids, held, first)
    there = bearer != NONE
    row = np.concatenate((row, bearer[there]))
    return (row, np.concatenate((place, np.flatnonzero(there)))), int(np.count_nonzero(~there))
