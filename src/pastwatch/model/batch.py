"""A run of records as columns, with the account of the bytes it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Columns of the schema in `archive.layout.BATCH`, and the framing read with them.

    `container` names the file or stream the records stand in: equal originals are told apart by
    how many of them precede in the same container. Over a container, the bytes of all originals,
    of all gaps and of all framing add up to its size. `cursor` is where a later run may resume.
    `form` is not 0 where the text was not made: the number of how the originals are to be parsed.
    """

    columns: pa.RecordBatch
    container: str
    framing: Mapping[str, int] = field(default_factory=dict)
    cursor: str | None = None
    form: int = 0
