"""Who said which words to whom and when, as columns of numbers: what rhythms are counted from."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive.columns import text_column
from pastwatch.archive.identity import normal_address
from pastwatch.archive.tokens import row_hashes, token_hash
from pastwatch.matching.fold import fold, token_bounds

MOST_RECIPIENTS: Final = 4
"""A record to more people than this is no talk of two."""
KEY_BYTES: Final = 16
NOBODY: Final = 0
_QUOTED: Final = r"(?m)^[ \t]*>.*$"
_ANSWERED: Final = r"(?i)^\s*(re|fw|fwd|aw|wg|sv|tr|rv|ответ)\s*(\[\d+\])?:.*$"
_TERM_BITS: Final = np.uint64(32)

Int64s = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Records in order of time, and beside them their words and pairs; no text, no address.

    Words, accounts and pairs are hashes under a key made for one count. `term_record` and
    `pair_record` give the record that a word or a pair belongs to, in order.
    """

    sources: tuple[str, ...]
    time_us: Int64s
    source: Int64s
    speaker: Keys  # 0: nobody is named
    term_record: Int64s
    term: Keys
    pair_record: Int64s
    pair: Keys

    def __len__(self) -> int:
        return len(self.time_us)

    def between(self, start_us: int, end_us: int) -> Occurrences:
        """Those of the records from `start_us` to before `end_us`."""
        low, high = (int(n) for n in np.searchsorted(self.time_us, (start_us, end_us)))
        term, pair = (
            slice(*np.searchsorted(own, (low, high)))
            for own in (self.term_record, self.pair_record)
        )
        return Occurrences(
            self.sources,
            self.time_us[low:high],
            self.source[low:high],
            self.speaker[low:high],
            self.term_record[term] - low,
            self.term[term],
            self.pair_record[pair] - low,
            self.pair[pair],
        )


@dataclass(slots=True)
class Gatherer:
    """Takes opened blocks one after another and gives their occurrences; keeps no text.

    Not counted: lines quoted with `>`, a subject taken over from the record answered, and the
    texts of attachments, for none of them is said anew.
    """

    key: bytes
    order: Int64s = field(default_factory=lambda: np.zeros(0, np.int64))  # set by `done`
    _sources: dict[str, int] = field(default_factory=dict)
    _known: dict[str, int] = field(default_factory=dict)
    _count: int = 0
    _parts: list[tuple[npt.NDArray[Any], ...]] = field(default_factory=list)
    _members: list[tuple[Keys, Keys, Keys]] = field(default_factory=list)

    def add(self, source_id: str, time_us: Int64s, text: pa.RecordBatch) -> None:
        """The records of one block, their times beside their text columns."""
        count = len(time_us)
        source = self._sources.setdefault(source_id, len(self._sources))
        if not count:
            return
        speaker = self._accounts(senders(text))
        term_row, term = terms_of(text, self.key)
        pair_row, pair = self._pairs(text, speaker)
        rows = (term_row + self._count, term, pair_row + self._count, pair)
        self._parts.append((time_us, np.full(count, source, np.int64), speaker, *rows))
        self._count += count

    def done(self) -> Occurrences:
        """All that was added, in order of time."""
        if not self._parts:
            return nothing()
        time_us, source, speaker, term_row, term, pair_row, pair = (
            np.concatenate(own) for own in zip(*self._parts, strict=True)
        )
        self.order = order = np.argsort(time_us, kind="stable")
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        term_row, pair_row = place[term_row], place[pair_row]
        by_term, by_pair = np.argsort(term_row, kind="stable"), np.argsort(pair_row, kind="stable")
        return Occurrences(
            tuple(self._sources),
            time_us[order],
            source[order],
            speaker[order],
            term_row[by_term],
            term[by_term],
            pair_row[by_pair],
            pair[by_pair],
        )

    def account(self, address: str) -> int:
        """The key of an account; 0 for nobody."""
        kept = self._known.get(address)
        if kept is None:
            kept = self._known[address] = account_key(address, self.key)
        return kept

    def accounts(self) -> dict[int, tuple[str, ...]]:
        """The addresses met of every account, by its key."""
        found: dict[int, tuple[str, ...]] = {}
        for address, key in sorted(self._known.items()):
            if key != NOBODY:
                found[key] = (*found.get(key, ()), address)
        return found

    def members(self) -> dict[int, tuple[int, int]]:
        """The accounts of every pair met, by the pair's key."""
        return {
            pair: (one, other)
            for columns in self._members
            for pair, one, other in zip(*(own.tolist() for own in columns), strict=True)
        }

    def _accounts(self, addresses: pa.Array) -> Keys:
        spelt = pc.fill_null(addresses, "").dictionary_encode()
        keys = np.array([self.account(a) for a in spelt.dictionary.to_pylist()] or [0], np.uint64)
        own: Keys = keys[spelt.indices.to_numpy(zero_copy_only=False)]
        return own

    def _pairs(self, text: pa.RecordBatch, speaker: Keys) -> tuple[Int64s, Keys]:
        held = text.column("recipients")
        row = pc.list_parent_indices(held).to_numpy(zero_copy_only=False).astype(np.int64)
        other = self._accounts(held.flatten().field("address"))
        few = np.bincount(row, minlength=len(speaker)) <= MOST_RECIPIENTS
        own = speaker[row]
        kept = few[row] & (own != NOBODY) & (other != NOBODY) & (own != other)
        row, pair = row[kept], pair_keys(own[kept], other[kept])
        _, at = np.unique(pair, return_index=True)
        self._members.append((pair[at], own[kept][at], other[kept][at]))
        once = np.unique(np.stack((row.astype(np.uint64), pair)), axis=1)
        return once[0].astype(np.int64), once[1]


def nothing() -> Occurrences:
    """No record at all."""
    none, keys = np.zeros(0, np.int64), np.zeros(0, np.uint64)
    return Occurrences((), none, none, keys, none, keys, none, keys)


def senders(text: pa.RecordBatch) -> pa.Array:
    """Who speaks in each record: the address, and where there is none the name."""
    named = text.column("sender_name")
    address = text.column("sender_address")
    return pc.if_else(pc.fill_null(pc.equal(address, ""), True), named, address)


def terms_of(text: pa.RecordBatch, key: bytes) -> tuple[Int64s, Keys]:
    """The distinct words of each record, as (row, hash), in order of rows."""
    found = []
    for column in _said(text):
        hashes, rows = row_hashes(text_column(column), key)
        found.append((rows.astype(np.uint64) << _TERM_BITS) | hashes)
    both = np.unique(np.concatenate(found))
    return (both >> _TERM_BITS).astype(np.int64), both & np.uint64(0xFFFFFFFF)


def words_of(text: pa.RecordBatch, row: int, wanted: Collection[int], key: bytes) -> dict[int, str]:
    """Of one record the folded words whose hashes are wanted."""
    found: dict[int, str] = {}
    for column in _said(text.slice(row, 1)):
        folded = fold(column[0].as_py() or "")
        for start, end in zip(*(a.tolist() for a in token_bounds(folded)), strict=True):
            word = folded[start:end]
            hashed = token_hash(word, key)
            if hashed in wanted:
                found.setdefault(hashed, word)
    return found


def handle(address: str) -> str:
    """What an account is counted under: the part of a mail address before the @.

    That accounts of one handle are one person's is an assumption, which whoever shows them states.
    """
    own = normal_address(address)
    return own.rpartition("@")[0] or own


def account_key(address: str, key: bytes) -> int:
    """The key of an account by its handle; 0 for nobody."""
    own = handle(address)
    if not own:
        return NOBODY
    made = hashlib.blake2b(own.encode("utf-8", "surrogatepass"), digest_size=8, key=key)
    return int.from_bytes(made.digest(), "little") | 1


def pair_keys(one: Keys, other: Keys) -> Keys:
    """The key of each two accounts, whoever of them wrote."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    mixed = (low * np.uint64(0x9E3779B97F4A7C15)) ^ (high + (low >> np.uint64(29)))
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    pairs: Keys = mixed ^ (mixed >> np.uint64(29))
    return pairs


def _said(text: pa.RecordBatch) -> tuple[pa.LargeStringArray, pa.LargeStringArray]:
    """Subjects and texts without what is not said anew."""
    subject = pc.fill_null(text.column("subject"), "")
    subject = pc.replace_substring_regex(subject, pattern=_ANSWERED, replacement="")
    body = pc.replace_substring_regex(text.column("text"), pattern=_QUOTED, replacement="")
    return subject, body
