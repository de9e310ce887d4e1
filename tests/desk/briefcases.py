"""A small case with a brief to release: an observation, and a finding of nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.desk.hypothesiscases import at_the_desk, furnish, looked
from tests.desk.offices import Desk

from pastwatch.desk.holding import OpenCase
from pastwatch.errors import StorageError
from pastwatch.storage import durable

LATER = {
    "id": "9",
    "date": "2017-07-01T14:00:00Z",
    "from": "cleo@a.example",
    "to": "ana@a.example",
    "text": "the keys were with me",
}


def with_findings(desk: Desk, folder: Path) -> None:
    """f1 cites the record of h1; f2 says that nothing speaks of a strike, over search q2."""
    furnish(desk, folder)
    with at_the_desk(desk) as work:
        (gates,) = looked(work, "gates")
        work.finding("The gates were locked at noon.", cites=[gates])
        looked(work, "strike")
        work.finding("Nobody speaks of a strike.", kind="negative", queries=["q2"])


def collect_later(desk: Desk, folder: Path) -> None:
    """Seal one more record into the source of the case, within its span."""
    rows = folder / "later.jsonl"
    rows.write_text(json.dumps(LATER) + "\n", encoding="utf-8")
    with desk.open() as archive:
        archive.collect(rows, source="mail", basis="own", connector="jsonl")


def sentences(folder: Path, kind: str | None = None) -> list[str]:
    """What a brief says, all of it or of one kind."""
    said = json.loads((folder / "brief.json").read_bytes())["sentences"]
    return [one["text"] for one in said if kind in (None, one["kind"])]


def checkpoint_of(work: OpenCase) -> Path:
    """The newest checkpoint of the archive, as a file."""
    return Path(work.office.place.ledger / "checkpoint")


def full_disk(patch: pytest.MonkeyPatch, within: Path) -> None:
    """Let every write of a new file fail at a path, or in a folder; others are written."""
    write = durable.write_new

    def fail(path: Path, content: bytes) -> None:
        if within in (path, path.parent):
            raise StorageError("the disk is full")
        write(path, content)

    patch.setattr(durable, "write_new", fail)
