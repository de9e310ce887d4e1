"""What the gate hands to the rooms behind it: one pack's frames, opened by keys they are given.

The opener itself is seen by the gate alone; these are the parts of it that others are handed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa


class Opener(Protocol):
    """What the gate hands in: frames of one pack, opened by their keys."""

    @property
    def is_raw(self) -> bool:
        """Whether its records were sealed unparsed."""
        ...

    def originals(self, key: bytes, block: int, /) -> tuple[Any, pa.RecordBatch]:
        """The envelope's form and the originals of a raw block."""
        ...

    def remainder(self, key: bytes, block: int, /, *, text_key: bytes) -> pa.RecordBatch:
        """What the originals of a block have beyond their text."""
        ...

    def text(self, key: bytes, block: int, /, *, reuse: bool) -> tuple[Any, pa.RecordBatch]:
        """The seed and the text of a block."""
        ...

    def lanes(self, key: bytes, block: int, /, *, reuse: bool) -> tuple[Any, int, Any]:
        """The text frame of a block, its records, and its text as lanes."""
        ...

    def ids(self, key: bytes, block: int, /) -> Sequence[bytes]:
        """The record ids of a block."""
        ...
