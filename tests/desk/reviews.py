"""A small case to review: three kinds of talk in conversations, with a few copies among them."""

from __future__ import annotations

import re
from typing import Any

from tests.desk import offices

from pastwatch.config import Settings
from pastwatch.desk.holding import Archive, OpenCase, open_archive

KINDS = (
    "the valve of the pump was opened by the night shift",
    "lunch in the canteen was fish and the queue was long",
    "the football match was lost because nobody can shoot",
)
COPY = "a circular to all staff: the gate is shut on Sunday from noon on, use the other one"


def rows(count: int) -> list[dict[str, Any]]:
    """Records of three kinds in turn; every tenth is a copy of one text."""
    return [
        {
            "id": f"m{n}",
            "from": f"p{n % 4}@a.example",
            "to": "q@firm.example",
            "conversation": f"talk {n // 6}",
            "subject": "circular" if n % 10 == 9 else f"subject {n}",
            "text": COPY if n % 10 == 9 else f"{KINDS[n % 3]}, as number {n} says",
            "date": f"2017-07-01T{n // 60 % 24:02d}:{n % 60:02d}:00Z",
        }
        for n in range(count)
    ]


def opened(
    desk: offices.Desk,
    archive: Archive,
    *,
    count: int = 60,
    made: list[dict[str, Any]] | None = None,
) -> OpenCase:
    """A case over so many records, ready to be reviewed."""
    lines = offices.write_lines(desk.folder / "input.jsonl", made or rows(count))
    archive.collect(lines, source="mail", basis="own")
    archive.add_event("fire", "Fire", at="2017-07-01T12:00+00:00", references=("a",))
    draft = archive.draft_authority("fire", desk.folder / "grant.toml")
    text = draft.read_text().replace('ground = ""', 'ground = "order 17"')
    draft.write_text(re.sub(r"(?m)^undated = false", "undated = true", text))
    archive.sign_authority(draft)
    return archive.open_case("fire", draft)[0]


def as_person(desk: offices.Desk, person: str) -> Archive:
    """The archive as another person's process opens it, with the same keys."""
    settings = desk.settings
    changed = Settings(archive=settings.archive, keys=settings.keys, person=person, isolate=False)
    return open_archive(desk.place.folder, settings=changed, ask=lambda _: None, clock=desk.clock)
