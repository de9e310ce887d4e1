"""Watches started in a founded archive, and what collectors left of them, opened with their keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.desk.offices import Desk

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.casefile.watching import KeptAlert
from pastwatch.desk.tapping import install
from pastwatch.sealing.casekey import AgeIdentity, unwrap_own
from pastwatch.stages.watch.journal import Journal, Passed, Stop, read_journal


def toml(name: str, query: str = "", *, rest: str = "", version: int = 1, lines: str = "") -> bytes:
    """The text of a watch."""
    return (
        f'watch = "{name}"\nversion = {version}\nowner = "ana"\npurpose = "a test"\n'
        f'authority = "standing-1"\nalerts_a_day = 20\nhorizon = "24h"\n{lines}\n'
        f"query = '''{query}'''\n{rest}"
    ).encode()


def start(desk: Desk, *texts: bytes, until_us: int | None = None) -> None:
    """Start these."""
    with desk.open() as archive:
        for text in texts:
            install(archive.office, text, until_us=until_us)


@dataclass(frozen=True)
class Left:
    """What stands in the outbox."""

    journals: list[Journal]
    shown: list[dict[str, Any]]

    @property
    def alerts(self) -> list[KeptAlert]:
        return [one for journal in self.journals for one in journal.alerts]

    @property
    def ids(self) -> set[str]:
        return {one.alert.alert_id for one in self.alerts}

    @property
    def stops(self) -> list[Stop]:
        return [one for journal in self.journals for one in journal.stops]

    @property
    def passed(self) -> list[Passed]:
        return [one for journal in self.journals for one in journal.passed]

    def texts(self, name: str) -> list[str]:
        """The texts that a watch raised, each record once, sorted."""
        own = {
            s["record"]["record_id"]: s["record"]["text"] for s in self.shown if s["watch"] == name
        }
        return sorted(own.values())


def left(desk: Desk) -> Left:
    """The journals, in order, and their alerts opened with the identity of each watch."""
    journals, shown = [], []
    here = WatchPlace.of(desk.place)
    with desk.open() as archive:
        policy, user = archive.office.policy, archive.office.ring.user().identity
    for path in sorted(here.outbox.glob("*.jsonl"), key=_age):
        journal = read_journal(path.read_bytes(), public=policy.public)
        journals.append(journal)
        for one in journal.alerts:
            wrapped = here.identity(one.alert.watch).read_bytes()
            own = AgeIdentity.from_secret(unwrap_own(wrapped, identity=user).decode())
            shown.append(json.loads(unwrap_own(one.sealed, identity=own)))
    return Left(journals, shown)


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns
