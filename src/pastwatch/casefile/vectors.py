"""Embeddings of records, kept by their maker and version: two models' vectors never mix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from pastwatch.casefile.papers import Papers
from pastwatch.errors import BadValue

_ID_BYTES = 16


class VectorPapers(Papers):
    """Runs of unit vectors as half-precision numbers, in the order they were made."""

    def add_vectors(
        self,
        record_ids: Sequence[bytes],
        vectors: npt.NDArray[np.float32],
        *,
        maker: str,
        version: str,
    ) -> None:
        """Keep one vector a record: `vectors` is (records, dims)."""
        if vectors.ndim != 2 or len(vectors) != len(record_ids):  # noqa: PLR2004 - a table
            raise BadValue("one vector a record")
        with self._change() as change:
            change.execute(
                "INSERT INTO vectors (maker, version, dims, record_ids, value) "
                "VALUES (?, ?, ?, ?, ?)",
                (
                    *(maker, version, vectors.shape[1]),
                    *(b"".join(record_ids), vectors.astype("<f2").tobytes()),
                ),
            )

    def vector_makers(self) -> list[tuple[str, str, int]]:
        """(maker, version, records) of all that is kept, the one of most records first."""
        rows = self._rows(
            "SELECT maker, version, sum(length(record_ids)) FROM vectors "
            "GROUP BY maker, version ORDER BY 3 DESC, 1, 2"
        )
        return [(str(m), str(v), int(size) // _ID_BYTES) for m, v, size in rows]

    def vectors(
        self, *, maker: str, version: str
    ) -> Iterator[tuple[list[bytes], npt.NDArray[np.float32]]]:
        """Runs of (record ids, vectors) of one maker and version, in the order kept."""
        rows = self._rows(
            "SELECT no FROM vectors WHERE maker = ? AND version = ? ORDER BY no", maker, version
        )
        for (number,) in rows:
            ((dims, ids, value),) = self._rows(
                "SELECT dims, record_ids, value FROM vectors WHERE no = ?", number
            )
            table = np.frombuffer(value, "<f2").reshape(-1, dims).astype(np.float32)
            yield [ids[i : i + _ID_BYTES] for i in range(0, len(ids), _ID_BYTES)], table
