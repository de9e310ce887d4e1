"""A case of a few records to hold hypotheses against, opened as whoever sits at the desk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.desk.offices import Desk

import pastwatch
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import open_self_authorised

ROWS = (
    ("10:00", "the gates were locked at noon"),
    ("11:00", "the wagon came early"),
    ("12:00", "nobody told us of an order"),
)


def furnish(desk: Desk, folder: Path) -> None:
    """Seal the records and open a case around them."""
    rows = folder / "rows.jsonl"
    rows.write_text(
        "".join(
            json.dumps(
                {
                    "id": str(n),
                    "date": f"2017-07-01T{hour}:00Z",
                    "from": "ben@a.example",
                    "to": "ana@a.example",
                    "text": text,
                }
            )
            + "\n"
            for n, (hour, text) in enumerate(ROWS)
        ),
        encoding="utf-8",
    )
    with desk.open() as archive:
        archive.collect(rows, source="mail", basis="own", connector="jsonl")
        archive.add_event("e", "Event", at="2017-07-01T13:00Z", references=("report",))
        open_self_authorised(archive, "e", folder / "grant.toml", ground="own data")[0].close()


@contextmanager
def at_the_desk(desk: Desk, person: str = "ana") -> Iterator[OpenCase]:
    """The case, as this person opens it."""
    settings = replace(desk.settings, person=person)
    with pastwatch.open(
        desk.place.folder, settings=settings, ask=lambda _: None, clock=desk.clock
    ) as archive:
        work = archive.case(None)
        try:
            yield work
        finally:
            work.close()


def looked(work: OpenCase, query: str) -> list[str]:
    """Run a query to its end; the names of its hits."""
    return [hit.hit_id for hit in work.look(query)]
