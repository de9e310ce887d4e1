"""Who was shown one record of a case, and when its block was opened: what says that it is known."""

from __future__ import annotations

from typing import NamedTuple

from pastwatch.casefile.papers import Papers


class Reading(NamedTuple):
    """That a record was shown to a person."""

    by: str
    at_us: int
    as_context: bool


def readings_of(papers: Papers, record_id: bytes) -> list[Reading]:
    """Every time a record was shown in a case, first first."""
    rows = papers._rows(  # noqa: SLF001 - a question to the same file
        "SELECT by, at_us, as_context FROM shown WHERE record_id = ? ORDER BY no", record_id
    )
    return [Reading(by, at_us, bool(as_context)) for by, at_us, as_context in rows]


def block_opened_us(papers: Papers, pack_id: str, block: int) -> int | None:
    """When a block was first opened in a case; None when it never was."""
    rows = papers._rows(  # noqa: SLF001 - a question to the same file
        "SELECT at_us FROM opened WHERE pack_id = ? AND block = ?", bytes.fromhex(pack_id), block
    )
    return int(rows[0][0]) if rows else None
