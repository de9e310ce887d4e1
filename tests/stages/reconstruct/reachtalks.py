"""Builds the talk of a few invented records, without an archive."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyarrow as pa

from pastwatch.archive.block import OpenBlock
from pastwatch.archive.layout import ENVELOPE, TEXT, basis_number
from pastwatch.model.party import Role
from pastwatch.model.record import Kind
from pastwatch.model.when import Basis, parse_iso
from pastwatch.stages.reconstruct.talk import Talk, talk_of


@dataclass(frozen=True, kw_only=True)
class Said:
    """One invented record; `at` is a time of 2031-05-06, or "" for none."""

    at: str = "10:00"
    by: str = ""
    name: str = ""
    to: Sequence[str | tuple[str, Role]] = ()
    room: str = ""
    text: str = "nothing much"
    subject: str = ""
    native_id: str = ""
    reply_to: str = ""
    kind: Kind = Kind.SAID
    lasts_us: int = 0


def at_us(time: str) -> int:
    return parse_iso(f"2031-05-06T{time}:00Z")[0]


def record_id(number: int, source: str = "s1") -> bytes:
    return hashlib.sha256(f"{source}/{number}".encode()).digest()[:16]


def block(said: Sequence[Said], *, medium: str = "chat", source: str = "s1") -> OpenBlock:
    """The records as an opened block of one source; the nth has the id `record_id(n)`."""
    texts = [
        {
            "subject": one.subject or None,
            "text": one.text,
            "sender_address": one.by or None,
            "sender_name": one.name or None,
            "recipients": [_recipient(whom) for whom in one.to],
            "conversation": one.room or None,
            "native_id": one.native_id or None,
            "reply_to": one.reply_to or None,
            "parts": None,
        }
        for one in said
    ]
    times = [at_us(one.at) if one.at else None for one in said]
    ids = [record_id(n, source) for n in range(len(said))]
    envelopes: dict[str, list[Any]] = {
        "record_id": ids,
        "earliest_us": times,
        "latest_us": [
            t + one.lasts_us if t is not None else None for t, one in zip(times, said, strict=True)
        ],
        "basis": [basis_number(Basis.EXPORT) if t is not None else 0 for t in times],
        "held_us": [0] * len(said),
        "size_bytes": [10] * len(said),
        "kind": [int(one.kind) for one in said],
        "defects": [0] * len(said),
        "accounts": [[] for _ in said],
        "conversation": [0] * len(said),
        "area": [None] * len(said),
    }
    text = pa.RecordBatch.from_pylist(texts, schema=TEXT)
    envelope = pa.RecordBatch.from_pydict(envelopes, schema=ENVELOPE)
    made = SimpleNamespace(
        text=text,
        envelope=envelope,
        medium=medium,
        ref=SimpleNamespace(source_id=source),
        ids=lambda: ids,
        rows=np.arange(len(said)),
    )
    return cast("OpenBlock", made)


def talk(said: Sequence[Said], *, medium: str = "chat") -> Talk:
    """The talk of one source."""
    return talk_of([block(said, medium=medium)])


def row(made: Talk, number: int, source: str = "s1") -> int:
    """Where the nth record stands in the talk."""
    found = made.row_of(record_id(number, source))
    assert found is not None
    return found


def _recipient(whom: str | tuple[str, Role]) -> dict[str, object]:
    address, role = whom if isinstance(whom, tuple) else (whom, Role.TO)
    return {"address": address, "name": "", "role": int(role)}
