"""Who wrote to whom, when and where: the records of a slice as columns, without their texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive.block import OpenBlock
from pastwatch.archive.identity import normal_address
from pastwatch.archive.scope import time_class, times
from pastwatch.model.party import Account

NOBODY: Final = -1
"""Stands for no account, and for no conversation."""

Int64s = npt.NDArray[np.int64]
Strings: TypeAlias = pa.LargeStringArray


@dataclass(frozen=True)
class Talk:
    """One row a record, in order of claimed time, undated ones last; no text of any record.

    `sender` and `to_account` are places in `accounts` (−1 nobody), `conversation` a place in
    `conversations` (−1 none). The recipients of row i are `to_account[to_start[i]:to_start[i + 1]]`,
    with how each was addressed (`party.Role`) in `to_role`.
    """

    record_ids: npt.NDArray[np.void]  # 16 bytes each
    source: Int64s  # a place in `sources`
    sources: tuple[str, ...]
    medium: Int64s  # a place in `media`
    media: tuple[str, ...]
    earliest_us: Int64s
    latest_us: Int64s
    dated: npt.NDArray[np.bool_]  # False: no usable time, or one not to be relied on
    kind: npt.NDArray[np.uint8]  # record.Kind
    defects: npt.NDArray[np.uint32]  # record.Defect
    conversation: Int64s
    conversations: tuple[tuple[str, str], ...]  # (source id, name)
    sender: Int64s
    to_start: Int64s
    to_account: Int64s
    to_role: npt.NDArray[np.uint8]
    account_keys: tuple[tuple[str, str], ...]  # (medium, normal address)
    native_id: Strings
    reply_to: Strings
    subject: Strings
    shown_names: tuple[Int64s, Int64s, tuple[str, ...], Int64s]
    """(account, place of the name, names, how often): the names that accounts were shown with."""

    def __len__(self) -> int:
        return len(self.sender)

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts met, as senders or recipients."""
        return tuple(Account(medium=m, address=a) for m, a in self.account_keys)

    @cached_property
    def names(self) -> dict[int, tuple[tuple[str, int], ...]]:
        """By account the names it was shown with, most often first, with how often."""
        found: dict[int, list[tuple[str, int]]] = defaultdict(list)
        account, name, names, times_shown = self.shown_names
        for at in np.argsort(-times_shown, kind="stable").tolist():
            found[int(account[at])].append((names[int(name[at])], int(times_shown[at])))
        return {one: tuple(shown) for one, shown in found.items()}

    @cached_property
    def recipient_row(self) -> Int64s:
        """Of each recipient the row of its record: beside `to_account`."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.to_start))

    def label(self, account: int) -> str:
        """An account for a reader: the name most often shown with its address, or the address."""
        if account == NOBODY:
            return "unknown"
        address = self.account_keys[account][1]
        shown = self.names.get(account)
        return f"{shown[0][0]} <{address}>" if shown and shown[0][0] != address else address

    def recipients(self, row: int) -> list[tuple[int, int]]:
        """The (account, role) of each recipient of a record."""
        own = slice(int(self.to_start[row]), int(self.to_start[row + 1]))
        return list(zip(self.to_account[own].tolist(), self.to_role[own].tolist(), strict=True))

    def row_of(self, record_id: bytes) -> int | None:
        """The row of a record, None when it is not among these."""
        found = np.flatnonzero(self.record_ids == np.void(record_id))
        return int(found[0]) if len(found) else None

    def rows_of(self, record_ids: Collection[bytes]) -> dict[bytes, int]:
        """The rows of records, by their ids, in order; those that are not among these are left out."""
        if not record_ids:
            return {}
        width = pa.binary(16)
        octets = pa.py_buffer(np.ascontiguousarray(self.record_ids))
        every = pa.FixedSizeBinaryArray.from_buffers(width, len(self), [None, octets])
        wanted = pa.array(list(record_ids), width)
        found = np.flatnonzero(pc.is_in(every, wanted).to_numpy(zero_copy_only=False))
        return {self.record_ids[row].tobytes(): row for row in found.tolist()}


@dataclass(slots=True)
class Gatherer:
    """Takes opened blocks one after another; `done` gives their talk."""

    _blocks: list[dict[str, Any]] = field(default_factory=list)

    def add(self, block: OpenBlock) -> None:
        """The records of one block."""
        text, envelope = block.text, block.envelope
        if not text.num_rows:
            return
        earliest_us, latest_us = times(envelope)
        recipients = text.column("recipients")
        whom = recipients.flatten()
        self._blocks.append(
            {
                "ids": b"".join(block.ids()),
                "source": block.ref.source_id,
                "medium": block.medium,
                "earliest_us": earliest_us,
                "latest_us": latest_us,
                "dated": time_class(envelope) == 0,
                "kind": envelope.column("kind").to_numpy(zero_copy_only=False),
                "defects": envelope.column("defects").to_numpy(zero_copy_only=False),
                "sender": _who(text.column("sender_address"), text.column("sender_name")),
                "sender_name": _filled(text.column("sender_name")),
                "to_count": pc.fill_null(pc.list_value_length(recipients), 0)
                .to_numpy(zero_copy_only=False)
                .astype(np.int64),
                "to": _who(whom.field("address"), whom.field("name")),
                "to_name": _filled(whom.field("name")),
                "to_role": pc.fill_null(whom.field("role"), 0).to_numpy(zero_copy_only=False),
                "conversation": _filled(text.column("conversation")),
                "native_id": _filled(text.column("native_id")),
                "reply_to": _filled(text.column("reply_to")),
                "subject": _filled(text.column("subject")),
            }
        )

    def done(self) -> Talk:
        """All that was added, in order of time."""
        blocks = self._blocks
        sources = tuple(dict.fromkeys(b["source"] for b in blocks))
        media = tuple(dict.fromkeys(b["medium"] for b in blocks))
        sizes = [len(b["kind"]) for b in blocks]
        source = _repeated([sources.index(b["source"]) for b in blocks], sizes)
        medium = _repeated([media.index(b["medium"]) for b in blocks], sizes)
        to_medium = _repeated(
            [media.index(b["medium"]) for b in blocks], [len(b["to"]) for b in blocks]
        )
        accounts: dict[tuple[str, str], int] = {}
        sender = _accounts(_strings(blocks, "sender"), medium, media, accounts)
        to = _accounts(_strings(blocks, "to"), to_medium, media, accounts)
        named = _shown(
            np.concatenate((sender, to)),
            pa.concat_arrays([_strings(blocks, "sender_name"), _strings(blocks, "to_name")]),
        )
        talk, talks = _conversations(_strings(blocks, "conversation"), source, sources)
        dated, earliest_us = _column(blocks, "dated", bool), _column(blocks, "earliest_us")
        order = np.lexsort((np.arange(len(dated)), earliest_us, ~dated))
        count = _column(blocks, "to_count")
        to_start, to_order = _reordered(count, order)
        place = pa.array(order)
        return Talk(
            record_ids=np.frombuffer(b"".join(b["ids"] for b in blocks), "V16")[order],
            source=source[order],
            sources=sources,
            medium=medium[order],
            media=media,
            earliest_us=earliest_us[order],
            latest_us=_column(blocks, "latest_us")[order],
            dated=dated[order],
            kind=_column(blocks, "kind", np.uint8)[order],
            defects=_column(blocks, "defects", np.uint32)[order],
            conversation=talk[order],
            conversations=talks,
            sender=sender[order],
            to_start=to_start,
            to_account=to[to_order],
            to_role=_column(blocks, "to_role", np.uint8)[to_order],
            account_keys=tuple(accounts),
            native_id=_strings(blocks, "native_id").take(place),
            reply_to=_strings(blocks, "reply_to").take(place),
            subject=_strings(blocks, "subject").take(place),
            shown_names=named,
        )


def talk_of(blocks: Iterable[OpenBlock]) -> Talk:
    """The talk of opened blocks."""
    gatherer = Gatherer()
    for block in blocks:
        gatherer.add(block)
    return gatherer.done()


def _filled(column: pa.Array) -> Strings:
    return pc.fill_null(column.cast(pa.large_string()), "")


def _who(address: pa.Array, name: pa.Array) -> Strings:
    """The address, and where there is none the name."""
    own = _filled(address)
    return pc.if_else(pc.equal(own, ""), _filled(name), own)


def _strings(blocks: list[dict[str, Any]], name: str) -> Strings:
    return pa.concat_arrays([pa.array([], pa.large_string()), *(b[name] for b in blocks)])


def _column(blocks: list[dict[str, Any]], name: str, kind: Any = np.int64) -> npt.NDArray[Any]:
    return np.concatenate([np.zeros(0, kind), *(b[name].astype(kind, copy=False) for b in blocks)])


def _repeated(values: list[int], sizes: list[int]) -> Int64s:
    return np.repeat(np.array(values, np.int64), np.array(sizes, np.int64))


def _accounts(
    spelt: Strings, medium: Int64s, media: tuple[str, ...], known: dict[tuple[str, str], int]
) -> Int64s:
    """The place of each account among all; new ones are added to `known`."""
    coded = spelt.dictionary_encode()
    written = [normal_address(a) for a in coded.dictionary.to_pylist()]
    code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    both = medium * max(len(written), 1) + code
    each, at = np.unique(both, return_inverse=True)
    places = np.full(len(each), NOBODY, np.int64)
    for number, one in enumerate(each.tolist()):
        address = written[one % len(written)]
        if address:
            key = media[one // len(written)], address
            places[number] = known.setdefault(key, len(known))
    return places[at] if len(at) else np.zeros(0, np.int64)


def _shown(account: Int64s, name: Strings) -> tuple[Int64s, Int64s, tuple[str, ...], Int64s]:
    coded = name.dictionary_encode()
    names = tuple(coded.dictionary.to_pylist())
    code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    blank = names.index("") if "" in names else -1
    kept = (account != NOBODY) & (code != blank)
    both, often = np.unique(account[kept] * max(len(names), 1) + code[kept], return_counts=True)
    return both // max(len(names), 1), both % max(len(names), 1), names, often.astype(np.int64)


def _conversations(
    name: Strings, source: Int64s, sources: tuple[str, ...]
) -> tuple[Int64s, tuple[tuple[str, str], ...]]:
    coded = name.dictionary_encode()
    names = coded.dictionary.to_pylist()
    code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    each, at = np.unique(source * max(len(names), 1) + code, return_inverse=True)
    talks: list[tuple[str, str]] = []
    places = np.full(len(each), NOBODY, np.int64)
    for number, one in enumerate(each.tolist()):
        if names[one % len(names)]:
            places[number] = len(talks)
            talks.append((sources[one // len(names)], names[one % len(names)]))
    return (places[at] if len(at) else np.zeros(0, np.int64)), tuple(talks)


def _reordered(count: Int64s, order: Int64s) -> tuple[Int64s, Int64s]:
    """Where each record's recipients begin once records are in `order`, and which each one is."""
    start = np.concatenate((np.zeros(1, np.int64), np.cumsum(count)))
    wide = count[order]
    begins = np.concatenate((np.zeros(1, np.int64), np.cumsum(wide)))
    within = np.arange(int(begins[-1]), dtype=np.int64) - np.repeat(begins[:-1], wide)
    return begins, np.repeat(start[order], wide) + within
