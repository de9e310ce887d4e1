"""A chat of eight records to export, the cases over it, and a format that keeps what it is given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.desk import offices, searchcases

from pastwatch import plugins
from pastwatch.desk.case import CaseWork
from pastwatch.desk.holding import Archive
from pastwatch.ledger.entry import Act, Entry
from pastwatch.stages.export.taken import Exported, LeftBehind, Taken, TakenRecord

ROWS = [
    ("m1", "Anna Quist <anna@a.example>", "ben@a.example", "quay", "", "the crane stands idle"),
    ("m2", "Ben Oduya <ben@a.example>", "carl@b.example", "quay", "m1", "tell Carl Ming of it, carl@b.example or 0301 234567, not Anna"),
    ("m3", "Carl Ming <carl@b.example>", "dora@b.example", "quay", "", "Dora, Ming here; write to zed@z.example; Anna knows"),
    ("m4", "dora@b.example", "carl@b.example", "quay", "m3", "lunch?"),
    ("m5", "Dora Pell <dora@b.example>", "eve@c.example", "mole", "", "the pell is deep"),
    ("m6", "+49 30 1234567", "dora@b.example", "mole", "", "ring me"),
    ("m7", "lawyer@l.example", "anna@a.example", "quay", "m1", "privileged zyx"),
    ("m8", "anna@a.example", "ben@a.example", "quay", "m7", "as the lawyer said"),
]  # fmt: skip


class Kept:
    """Keeps what it is given, and writes one file."""

    name = "kept"

    def __init__(self) -> None:
        self.taken: Taken
        self.records: list[TakenRecord] = []
        self.meanwhile: Callable[[Path], None] = lambda _: None

    def write(self, taken: Taken, folder: Path) -> Exported:
        self.taken, self.records = taken, list(taken.records)
        said = [repr(one) for one in self.records]
        (folder / "a").mkdir()
        (folder / "a" / "kept.txt").write_text("\n".join(said), encoding="utf-8")
        self.meanwhile(folder)
        left = (LeftBehind(what="tunes", count=2, why="no place"), LeftBehind(what="none", count=0, why="x"))  # fmt: skip
        return Exported(files=("a/kept.txt",), counts=(("lines", len(said)),), left_out=left)

    def of(self, native: str) -> TakenRecord:
        return next(one for one in self.records if one.record.native_id == native)


@contextmanager
def collected(desk: offices.Desk) -> Iterator[Archive]:
    """An archive that holds the chat."""
    rows = [
        {"id": i, "from": by, "to": to, "conversation": talk, "reply_to": above, "text": text,
         "date": f"2017-07-01T{n + 8:02d}:00:00Z"}
        for n, (i, by, to, talk, above, text) in enumerate(ROWS)
    ]  # fmt: skip
    path = offices.write_lines(desk.folder / "rows.jsonl", rows)
    with desk.open() as opened:
        opened.collect(path, source="chat", basis="own", connector="jsonl", medium="chat")
        yield opened


@pytest.fixture
def archive(desk: offices.Desk) -> Iterator[Archive]:
    with collected(desk) as opened:
        yield opened


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """The format that goes by the name "kept"."""
    made = Kept()
    load = plugins.load
    monkeypatch.setattr(
        plugins, "load", lambda door, name: made if name == "kept" else load(door, name)
    )
    return made


@pytest.fixture
def reading(desk: offices.Desk, archive: Archive) -> Iterator[CaseWork]:
    """A case whose authority allows reading alone."""
    case = searchcases.opened(desk, archive, acts='"read"')
    yield case
    case.close()


@pytest.fixture
def exporting(desk: offices.Desk, archive: Archive) -> Iterator[CaseWork]:
    """A case whose authority allows export too."""
    case = searchcases.opened(desk, archive, acts='"read", "export"')
    yield case
    case.close()


def judge(case: CaseWork, query: str, code: str = "relevant") -> None:
    (hit,) = case.look(query)
    case.mark(hit.hit_id, code)


def cite(case: CaseWork, query: str) -> str:
    (hit,) = case.look(query)
    return case.finding("It was said.", cites=[hit.hit_id])[0]


def entries(case: CaseWork) -> list[Entry]:
    return [e for e in case.office.ledger.entries() if e.act == Act.EXPORT]


def words(kept: Kept) -> str:
    return json.dumps([repr(one.record) for one in kept.records], ensure_ascii=False)
