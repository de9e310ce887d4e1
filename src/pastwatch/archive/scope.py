"""Which records an authority reaches, decided from envelope columns alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.model.authority import Scope
from pastwatch.model.record import Defect
from pastwatch.model.when import DAY_US

DATED, UNDATED, DOUBTFUL = "dated", "undated", "doubtful"
WIDEST_US = 400 * DAY_US  # a claimed time wider than this places nothing
Mask = npt.NDArray[np.bool_]
NO_TIME = np.iinfo(np.int64).min
"""Stands in a column for a moment that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceScope:
    """A scope made ready for one source: its accounts as that source's keyed tokens."""

    scope: Scope
    accounts: frozenset[bytes]
    protected: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Reached:
    """What a scope makes of the records of a block."""

    inside: Mask  # in scope and not withheld
    protected: Mask  # in scope, withheld
    unknown_place: Mask  # inside, though its place is not known


def time_class(envelope: pa.RecordBatch) -> npt.NDArray[np.int8]:
    """For each record 0 dated, 1 undated, 2 doubtful."""
    return _class_of(*times(envelope), envelope)


def times(envelope: pa.RecordBatch) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Claimed earliest and latest, the least integer where there is none."""
    return _filled(envelope.column("earliest_us")), _filled(envelope.column("latest_us"))


def _class_of(
    earliest: npt.NDArray[np.int64], latest: npt.NDArray[np.int64], envelope: pa.RecordBatch
) -> npt.NDArray[np.int8]:
    undated = (earliest == NO_TIME) | (latest == NO_TIME)
    width = latest - earliest
    width[undated] = WIDEST_US
    found = (width >= WIDEST_US).astype(np.int8)
    defects = envelope.column("defects").to_numpy(zero_copy_only=False)
    found[(defects & int(Defect.DOUBTFUL)) != 0] = 2
    return found


def _filled(column: pa.Int64Array) -> npt.NDArray[np.int64]:
    filled = pc.fill_null(column, NO_TIME) if column.null_count else column
    return np.asarray(filled.to_numpy(zero_copy_only=False))


def reached(envelope: pa.RecordBatch, tokens: pa.RecordBatch, within: SourceScope) -> Reached:
    """The records of a block that the scope reaches, and those it reaches but must withhold."""
    scope = within.scope
    earliest, latest = times(envelope)
    dated = _class_of(earliest, latest, envelope) == 0
    inside = dated & (earliest < scope.span.end_us) & (latest >= scope.span.start_us)
    if scope.undated:
        inside |= ~dated
    unknown = np.zeros(len(inside), dtype=bool)
    if scope.areas:
        area = envelope.column("area")
        known = pc.fill_null(pc.not_equal(area, ""), False).to_numpy(zero_copy_only=False)
        named = pc.is_in(area, value_set=pa.array(scope.areas, type=pa.string())).to_numpy(
            zero_copy_only=False
        )
        inside &= named | ~known
        unknown = ~known
    if scope.accounts:
        inside &= _touches(envelope, tokens, within.accounts)
    protected = inside & _touches(envelope, tokens, within.protected)
    inside &= ~protected
    return Reached(inside, protected, unknown & inside)


def _touches(envelope: pa.RecordBatch, tokens: pa.RecordBatch, wanted: frozenset[bytes]) -> Mask:
    """The records one of whose account tokens is wanted."""
    found = np.zeros(envelope.num_rows, dtype=bool)
    if not wanted:
        return found
    table = tokens.column("token").to_pylist()
    rows = np.array([token in wanted for token in table], dtype=bool)
    if not rows.any():
        return found
    accounts = envelope.column("accounts")
    flat = accounts.flatten().to_numpy(zero_copy_only=False)
    counts = pc.list_value_length(accounts).to_numpy(zero_copy_only=False)
    owner = np.repeat(np.arange(len(counts)), counts)
    found[owner[rows[flat]]] = True
    return found
