"""SECURITY.md lists everything that stays readable without a key: a new column must be told there."""

from dataclasses import fields
from pathlib import Path

from pastwatch.archive.catalogue import GapRow, PackRow, RunRow
from pastwatch.archive.place import Place
from pastwatch.model.source import Source

PAGE = (Path(__file__).parents[2] / "SECURITY.md").read_text(encoding="utf-8")
TOLD = {
    "pack_id": "pack id",
    "source_id": "source id",
    "time_class": "dated or not",
    "start_us": "span rounded outwards to the hour",
    "end_us": "span rounded outwards to the hour",
    "records": "records",
    "blocks": "blocks",
    "text_bytes": "bytes of text",
    "original_bytes": "of originals",
    "pack_bytes": "of the pack",
    "text_frame_bytes": "of its text frames",
    "sha256": "its hashes",
    "root": "its hashes",
    "ids_sha256": "its hashes",
    "keys_sha256": "its hashes",
    "run_id": "run id",
    "defects": "how many records had defects",
    "opaque": "are opaque",
    "sequence": "ledger sequence",
    "read_bytes": "the five byte counts",
    "record_bytes": "the five byte counts",
    "held_bytes": "the five byte counts",
    "gap_bytes": "the five byte counts",
    "framing_bytes": "the five byte counts",
    "already_held": "already held",
    "ended_us": "when it ended",
    "gap_id": "a gap",
    "reason": "reason",
    "bytes": "bytes",
    "lost": "records lost at most",
    "container": "the container as a keyed token",
    "at": "offset",
}
TOLD_OF_A_SOURCE = {
    "source_id": "source id",
    "name": "name",
    "medium": "medium",
    "lawful_basis": "lawful basis",
    "document_sha256": "hash of its document",
    "held_since_us": "held since when",
    "retention_s": "retention",
    "live": "whether it is live",
    "lag_s": "by how much it lags",
}


def test_every_column_readable_without_a_key_is_told() -> None:
    columns = {f.name for kind in (PackRow, RunRow, GapRow) for f in fields(kind)}
    assert columns == set(TOLD)
    assert {f.name for f in fields(Source)} == set(TOLD_OF_A_SOURCE)
    table = PAGE[PAGE.index("## What stays readable") : PAGE.index("## Where the keys are")]
    assert [
        phrase for phrase in (*TOLD.values(), *TOLD_OF_A_SOURCE.values()) if phrase not in table
    ] == []


def test_every_place_of_the_archive_is_told() -> None:
    names = {n for n, v in vars(Place).items() if isinstance(v, property)} - {
        "locks",
        "granting_lock",
        "desk_key",
    }
    here = Place(Path("archive"))
    assert [n for n in names if getattr(here, n).name not in PAGE] == []
