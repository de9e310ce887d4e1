"""The word index of a case's slice, kept in its encrypted papers in segments that stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pastwatch.casefile.papers import Papers

HEAD = -1
"""The shard number under which a segment says which blocks it covers."""


class Shard(NamedTuple):
    """One piece of a segment: the words whose hashes fall to it, or its head."""

    segment: int
    value: bytes


class IndexPapers(Papers):
    """Segments of the slice index. Unlike everything else in a case they may be dropped."""

    def add_segment(self, grant_sha256: bytes, *, head: bytes, shards: Sequence[bytes]) -> None:
        """Keep a segment whole, durably; it counts for this grant alone."""
        with self._change() as change:
            row = change.execute("SELECT coalesce(max(segment), 0) + 1 FROM slice_index").fetchone()
            segment = int(row[0]) if row else 1
            change.executemany(
                "INSERT INTO slice_index (segment, shard, grant_sha256, value) VALUES (?, ?, ?, ?)",
                (
                    (segment, number, grant_sha256, value)
                    for number, value in [(HEAD, head), *enumerate(shards)]
                ),
            )

    def segment_heads(self, grant_sha256: bytes) -> list[Shard]:
        """The head of every segment made for this grant, in order."""
        return self.segment_shards(grant_sha256, HEAD)

    def segment_shards(self, grant_sha256: bytes, shard: int) -> list[Shard]:
        """The pieces of that number of every segment made for this grant, in order."""
        rows = self._rows(
            "SELECT segment, value FROM slice_index WHERE shard = ? AND grant_sha256 = ? "
            "ORDER BY segment",
            shard,
            grant_sha256,
        )
        return [Shard(*row) for row in rows]

    def drop_segments(self, *, but_of: bytes) -> int:
        """Drop every segment that was made for another grant; gives how many."""
        with self._change() as change:
            where = "WHERE grant_sha256 <> ?"
            heads = f"SELECT count(*) FROM slice_index {where} AND shard = {HEAD}"  # noqa: S608 - no value of a caller
            row = change.execute(heads, (but_of,)).fetchone()
            change.execute(f"DELETE FROM slice_index {where}", (but_of,))  # noqa: S608 - as above
            return int(row[0]) if row else 0
