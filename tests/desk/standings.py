"""Watches kept and started under a standing authority, as a person does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.desk import taps
from tests.desk.offices import NOW_US, Desk, write_lines

from pastwatch.desk import standing
from pastwatch.desk.collecting import CollectReport
from pastwatch.desk.standingrules import sign_standing
from pastwatch.desk.watchdesk import alert_lines, take_in
from pastwatch.model.authority import Authority
from pastwatch.model.when import DAY_US, iso

AUTHORITY = "standing-1"


def sign(
    desk: Desk,
    *,
    name: str = AUTHORITY,
    days: int = 30,
    review_days: int = 15,
    accounts: Sequence[str] = (),
    sources: Sequence[str] = (),
    necessity: str = "",
    granting: bool = False,
) -> Authority:
    """A standing authority from now on, signed."""
    path = desk.folder / f"{name}.toml"
    listed = {"accounts": accounts, "sources": sources}
    lists = "".join(f"{line} = {list(own)!r}\n" for line, own in listed.items())
    path.write_text(
        f'kind = "standing"\nauthority_id = "{name}"\npurpose = "know"\nground = "own plant"\n'
        f'ground_document = ""\ngranted_to = "ana"\ngranted_by = "ana"\n'
        f'valid_from = "{iso(desk.clock.now_us)}"\n'
        f'valid_until = "{iso(desk.clock.now_us + days * DAY_US)}"\n'
        f'review = "{iso(desk.clock.now_us + review_days * DAY_US)}"\napprovals = 1\n'
        f'event = ""\nnecessity = "{necessity}"\n{lists}'
    )
    with desk.open() as archive:
        return sign_standing(archive.office, path, granting=granting)


def keep(desk: Desk, text: bytes) -> Path:
    """Keep the text of a watch."""
    path = desk.folder / "watch.toml"
    path.write_bytes(text)
    with desk.open() as archive:
        standing.add(archive.office, path)
    return path


def run(desk: Desk, text: bytes) -> standing.Started:
    """Keep a watch and start it."""
    path = keep(desk, text)
    name = path.read_text().split('"')[1]
    with desk.open() as archive:
        return standing.start(archive.office, name)


def collect(
    desk: Desk, texts: Sequence[str], *, source: str = "mail", first: int = 0, **given: Any
) -> CollectReport:
    """Records of one conversation, examined as they come."""
    rows = [
        {
            "id": f"{source}{first + n}",
            "from": "ana@a.example",
            "to": "ben@b.example",
            "date": iso(NOW_US + n),
            "text": text,
        }
        for n, text in enumerate(texts)
    ]
    path = write_lines(desk.folder / f"{source}.jsonl", rows)
    with desk.open() as archive:
        return archive.collect(
            path, source=source, **{"connector": "jsonl", "basis": "own", "watch": True, **given}
        )


def alerts(desk: Desk) -> list[str]:
    """The ids of all alerts, taken in first."""
    with desk.open() as archive:
        take_in(archive.office)
        return [one.alert_id for one in alert_lines(archive.office)[0]]


def valve(name: str = "valve", query: str = "valve", **more: Any) -> bytes:
    """The text of a watch for a word."""
    return taps.toml(name, query, **more)
