"""The records of a run as alerts seal them, those kept in memory as context, and those kept away."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive import layout
from pastwatch.archive.identity import Tokens

KEPT_BYTES: Final = 32 * 1024 * 1024
"""So much of what came last is kept in memory for the context of alerts."""
_LARGE: Final = "original"
_ALONE: Final = ("record_id", "earliest_us", "latest_us", "conversation", "native_id", "subject")


@dataclass(frozen=True, slots=True)
class Shut:
    """The keyed tokens of accounts whose records meet no watch."""

    tokens: Tokens
    held: frozenset[bytes]
    _known: dict[str, bool] = field(default_factory=dict)

    def among(self, rows: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        """Which of these records are from or to such an account, by address or by name."""
        recipients = rows.column("recipients")
        counts = pc.fill_null(recipients.value_lengths(), 0).to_numpy(zero_copy_only=False)
        people = recipients.flatten()
        at = np.arange(rows.num_rows)
        owners = np.concatenate((at, at, *(2 * [np.repeat(at, counts)])))
        names = pa.concat_arrays(
            [
                rows.column("sender_address"),
                rows.column("sender_name"),
                people.field("address"),
                people.field("name"),
            ]
        )
        coded = pc.fill_null(names, "").dictionary_encode()
        shut = np.array([self._is_shut(name) for name in coded.dictionary.to_pylist()], np.bool_)
        found = np.zeros(rows.num_rows, np.bool_)
        if shut.any():
            found[owners[shut[coded.indices.to_numpy(zero_copy_only=False)]]] = True
        return found

    def _is_shut(self, name: str) -> bool:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = not self.held.isdisjoint(self.tokens.of(name))
        return known


class Recent:
    """What came last, as far as memory goes: the earlier records of a conversation."""

    def __init__(self) -> None:
        self._kept: deque[pa.RecordBatch] = deque()
        self._bytes = 0

    def add(self, rows: pa.RecordBatch) -> None:
        """Keep what came; the oldest goes where it grows beyond its bound."""
        self._kept.append(rows)
        self._bytes += rows.nbytes
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._bytes -= self._kept.popleft().nbytes

    def before(self, rows: pa.RecordBatch, row: int, *, count: int) -> list[tuple[Any, int]]:
        """Up to so many records that came before this one in its conversation, oldest first."""
        conversation = rows.column("conversation")[row]
        if not count or not conversation.is_valid:
            return []
        found: list[tuple[Any, int]] = []
        for batch in (rows.slice(0, row), *reversed(self._kept)):
            same = pc.fill_null(pc.equal(batch.column("conversation"), conversation), False)
            places = np.flatnonzero(same.to_numpy(zero_copy_only=False))
            found += [(batch, int(place)) for place in places[::-1]]
            if len(found) >= count:
                break
        return found[:count][::-1]


def small(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Rows about to be sealed, without their originals."""
    return rows.select([name for name in rows.schema.names if name != _LARGE])


def plain_record(
    rows: pa.RecordBatch, row: int, *, source_id: str, source_name: str
) -> dict[str, Any]:
    """One record as JSON: what whoever may read the alert sees of it."""

    def of(name: str) -> Any:
        return rows.column(name)[row].as_py()

    plain = {name: of(name) for name in _ALONE}
    plain["record_id"] = plain["record_id"].hex()
    sender = {"address": of("sender_address") or "", "name": of("sender_name") or ""}
    return {
        **plain,
        "source_id": source_id,
        "source": source_name,
        "sender": sender,
        "recipients": of("recipients") or [],
        "text": of("text"),
        "parts": list(_parts(of("parts") or [])),
    }


def ready(rows: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """Which rows have their texts made: those sealed unparsed have none to examine."""
    forms: npt.NDArray[np.bool_] = rows.column("form").to_numpy() == layout.FORM_READY
    return forms


def _parts(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for part in parts:
        yield {name: part[name] or "" for name in ("name", "media_type", "text")}
