"""What a case parsed of records that were sealed unparsed, kept in its encrypted papers."""

from __future__ import annotations

from pastwatch.casefile.papers import Papers


class ParsedPapers(Papers):
    """Parsed blocks by pack and block; the last kept counts."""

    def keep_parsed(self, pack_id: str, block: int, parsed: bytes) -> None:
        """Keep what was parsed of a block, durably."""
        with self._change() as change:
            change.execute(
                "INSERT INTO parsed (pack_id, block, value) VALUES (?, ?, ?)",
                (bytes.fromhex(pack_id), block, parsed),
            )

    def parsed(self, pack_id: str, block: int) -> bytes | None:
        """What was parsed of a block; None when nothing was."""
        rows = self._rows(
            "SELECT value FROM parsed WHERE pack_id = ? AND block = ? ORDER BY no DESC LIMIT 1",
            bytes.fromhex(pack_id),
            block,
        )
        return bytes(rows[0][0]) if rows else None
