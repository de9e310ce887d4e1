"""Small archives to find nothing in: conversations of mail, some planted, some lost."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from tests.desk.offices import Desk

from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import open_self_authorised

WORDS = "the cargo goes by night"
WORDING = '[en]\nother = ["the cargo goes by night", "they send the cargo after dark"]\n'


def row(number: int, *, text: str, day: int = 10, talk: str = "") -> dict[str, str]:
    """One mail; its conversation is its own unless one is named."""
    return {
        "id": f"m{number}",
        "date": f"2017-07-{day:02d}T{number % 24:02d}:00:00Z",
        "from": f"p{number % 5}@a.example",
        "to": "q@firm.example",
        "conversation": talk or f"talk {number}",
        "text": text,
    }


def rows(count: int, *, planted: Collection[int] = ()) -> list[dict[str, str]]:
    """So many mails of one conversation each, those planted with the words that count."""
    return [
        row(
            n,
            text=f"about lot {n} of the yard\n{WORDS if n in planted else 'nothing new'}\nyours",
            day=9 + n % 5,
        )
        for n in range(count)
    ]


def furnish(desk: Desk, folder: Path, held: list[dict[str, str]], *, name: str = "mail") -> None:
    """Seal the records and open a case of the month around them."""
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in held), encoding="utf-8")
    with desk.open() as archive:
        archive.collect(path, source=name, basis="own", connector="jsonl")
        archive.add_event("e", "Event", at="2017-07-11T12:00Z", references=("report",))
        open_self_authorised(archive, "e", folder / "grant.toml", ground="own data")[0].close()


def looked(work: OpenCase, query: str) -> str:
    """Run a query to its end; its name."""
    look = work.look(query)
    list(look)
    return look.query_id
