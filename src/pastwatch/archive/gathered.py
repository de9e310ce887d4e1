"""Rows of several batches as one, without a second copy of what is large in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.archive.columns import joined, text_column

Int64s = npt.NDArray[np.int64]
LARGE = ("original", "text")


class Gathered:
    """Batches of one schema end to end: `small` is their other columns, joined."""

    def __init__(self, batches: Sequence[pa.RecordBatch]) -> None:
        names = [name for name in batches[0].schema.names if name not in LARGE]
        self.small = pa.concat_batches([batch.select(names) for batch in batches])
        self._columns = {name: _Stretches([b.column(name) for b in batches]) for name in LARGE}

    def sizes(self, name: str) -> Int64s:
        """How many bytes each row of a large column holds."""
        return self._columns[name].sizes

    def octets(self, name: str, chosen: Int64s) -> list[bytes]:
        """The bytes of these rows of a large column."""
        return self._columns[name].octets(chosen)

    def block(self, chosen: Int64s, texts: Sequence[bytes]) -> pa.RecordBatch:
        """These rows, copied: the small columns, and the texts given for them."""
        pool = pa.system_memory_pool()  # what one block frees the next one gets
        small = pc.take(self.small, pa.array(chosen), memory_pool=pool)
        column = joined(texts, pa.large_string())
        return small.append_column(pa.field("text", pa.large_string(), nullable=False), column)


class _Stretches:
    """A column of bytes that lies in several buffers."""

    def __init__(self, columns: Sequence[pa.LargeBinaryArray]) -> None:
        held = [text_column(column) for column in columns]
        self._views = [view for view, _ in held]
        at = [places for _, places in held]
        self._starts = np.concatenate([places[:-1] for places in at])
        self._ends = np.concatenate([places[1:] for places in at])
        counts = [len(places) - 1 for places in at]
        self._which = np.repeat(np.arange(len(held)), counts)
        self.sizes: Int64s = self._ends - self._starts

    def octets(self, chosen: Int64s) -> list[bytes]:
        views = self._views
        return [
            bytes(views[which][start:end])
            for which, start, end in zip(
                self._which[chosen].tolist(),
                self._starts[chosen].tolist(),
                self._ends[chosen].tolist(),
                strict=True,
            )
        ]
