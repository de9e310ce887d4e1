"""Adds what an annotation of sound says as a record: who, what, and when since the sound began."""

from __future__ import annotations

from pastwatch.archive.layout import NO_BASIS, basis_number
from pastwatch.model.record import Defect
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, clean


def add_spoken(
    columns: Columns,
    original: bytes,
    *,
    speaker: str,
    text: str,
    start_us: int | None,
    end_us: int | None,
    epoch_us: int | None,
    is_inferred: bool = False,
    native_id: str = "",
    reply_to: str = "",
    conversation: str = "",
    defects: Defect = Defect.NONE,
) -> None:
    """Add a stretch of speech; without an epoch or a start it is undated."""
    earliest_us, latest_us, basis = None, None, NO_BASIS
    if start_us is not None and epoch_us is not None:
        earliest_us = epoch_us + start_us
        latest_us = epoch_us + max(start_us, end_us if end_us is not None else start_us)
        basis = basis_number(Basis.INFERRED if is_inferred else Basis.EXPORT)
    else:
        defects |= Defect.NO_DATE
    columns.add(
        original,
        text=clean(text),
        earliest_us=earliest_us,
        latest_us=latest_us,
        basis=basis,
        sender_address=clean(speaker),
        sender_name=clean(speaker),
        native_id=clean(native_id),
        reply_to=clean(reply_to),
        conversation=clean(conversation),
        defects=int(defects if speaker else defects | Defect.NO_SENDER),
    )
