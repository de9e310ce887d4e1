"""A founded archive with throw-away keys, a clock of its own, and small files to collect."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pastwatch
from pastwatch.archive.opening import PackOpener, frame_keys
from pastwatch.archive.place import Place, keys_key
from pastwatch.config import Settings
from pastwatch.desk.holding import Archive
from pastwatch.desk.scratch import scratch_archive
from pastwatch.model.when import DAY_US
from pastwatch.storage.local import LocalStore

NOW_US = 1_500_000_000_000_000


@dataclass
class Clock:
    """A clock that stands still unless it is pushed."""

    now_us: int = NOW_US

    def __call__(self) -> int:
        return self.now_us

    def pass_days(self, days: int) -> None:
        self.now_us += days * DAY_US


@dataclass
class Desk:
    """Where an archive stands and how it is opened."""

    folder: Path
    clock: Clock

    @classmethod
    def founded(cls, folder: Path) -> Desk:
        """A new single-user archive."""
        desk = cls(folder, Clock())
        scratch_archive(folder, settings=desk.settings, person="ana", clock=desk.clock).close()
        return desk

    @property
    def settings(self) -> Settings:
        return Settings(
            archive=str(self.folder / "archive"),
            keys=str(self.folder / "keys"),
            person="ana",
            isolate=False,
        )

    @property
    def place(self) -> Place:
        return Place(self.folder / "archive")

    def open(self, *, ask: Callable[[str], str | None] | None = None) -> Archive:
        """The archive, as a new process would open it."""
        return pastwatch.open(
            self.place.folder, settings=self.settings, ask=ask or (lambda _: None), clock=self.clock
        )

    def texts(self) -> list[str]:
        """Every text in the archive, opened with the custodian's key frame by frame."""
        found_texts: list[str] = []
        with self.open() as archive:
            office = archive.office
            for row in office.catalogue.packs():
                opener = PackOpener(LocalStore(self.place.packs), row.pack_id)
                wrapped = office.store.get(keys_key(row.pack_id))
                keys = opener.section_keys(wrapped, office.ring.granting().identity)
                for block in range(row.blocks):
                    opener.envelope(frame_keys(keys, 0, block), block)
                    _, text = opener.text(frame_keys(keys, 2, block), block, reuse=False)
                    opener.remainder(
                        frame_keys(keys, 3, block), block, text_key=frame_keys(keys, 2, block)
                    )
                    found_texts += text.column("text").to_pylist()
                for group in range((row.blocks + 15) // 16):
                    opener.tokens(frame_keys(keys, 1, group), group)
        return found_texts


def lines(count: int, *, first: int = 0, undated_every: int = 5) -> list[dict[str, Any]]:
    """Records as JSON objects, an hour apart; some without a date."""
    return [
        {
            "id": f"m{number}",
            "from": f"p{number % 4}@a.example",
            "to": "q@firm.example",
            "subject": f"subject {number}",
            "text": f"text of number {number}",
            **(
                {}
                if number % undated_every == 4
                else {"date": f"2017-07-01T{number % 24:02d}:00:00Z"}
            ),
        }
        for number in range(first, first + count)
    ]


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A JSON Lines file."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
