"""Reads a file that is one record as a whole: the original is all its bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Draft
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns, add_draft
from pastwatch.stages.collect.connectors.eml import too_large
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.mbox import RECORD_LIMIT_BYTES
from pastwatch.stages.collect.mailread import Mail


def one_record(
    path: Path, options: Mapping[str, Any], *, made_of: Callable[[bytes], Mail | Draft]
) -> Iterator[Batch | Gap]:
    """The one record of a file; a gap above 128 MiB, nothing for an empty file."""
    columns = Columns(container_name(path, options))
    with opened(path) as view:
        if len(view) > RECORD_LIMIT_BYTES:
            yield too_large(columns.container, len(view))
        elif len(view):
            original = bytes(view)
            made = made_of(original)
            if isinstance(made, Draft):
                add_draft(columns, made)
            else:
                columns.add(original, **made._asdict())
    yield from columns.rest()
