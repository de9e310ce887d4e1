"""Readers' children: the same records as in one process, and a child that dies is a counted gap."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pastwatch import plugins
from pastwatch.archive import layout
from pastwatch.archive.layout import BATCH
from pastwatch.errors import BadValue, EngineError, SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.record import Draft
from pastwatch.model.source import Gap
from pastwatch.stages.collect import wire
from pastwatch.stages.collect.account import Sums, outermost
from pastwatch.stages.collect.childpipe import Child
from pastwatch.stages.collect.items import Item, items_of
from pastwatch.stages.collect.readers import GROUP_ITEMS, Readers, primed

posix = pytest.mark.skipif(os.name != "posix", reason="children need POSIX pipes")
linux = pytest.mark.skipif(sys.platform != "linux", reason="these walls are Linux's")
MAIL = (
    b"From a@b Mon Apr  3 10:00:00 2017\nFrom: a@example.org\nSubject: one\n\nthe convoy left\n\n"
)


def mailbox(folder: Path, name: str = "box.mbox", *, mails: int = 3) -> Path:
    path = folder / name
    path.write_bytes(MAIL * mails)
    return path


def connectors() -> dict[str, Any]:
    return plugins.every("connectors")


def pieces_of(path: Path, *, count: int, **options: Any) -> list[Batch | Gap]:
    items = items_of(path, connectors())
    with Readers([path], count=count) as readers:
        return [piece for _, pieces in readers.read_all(items, options) for piece in pieces]


def same(one: Batch | Gap, other: Batch | Gap) -> bool:
    if isinstance(one, Batch) and isinstance(other, Batch):
        return one.columns.equals(other.columns) and (
            one.container,
            dict(one.framing),
            one.cursor,
            one.form,
        ) == (other.container, dict(other.framing), other.cursor, other.form)
    return one == other


@posix
def test_children_give_what_one_process_gives(tmp_path: Path) -> None:
    for number in range(7):
        mailbox(tmp_path, f"{number}.mbox", mails=number + 1)
    (tmp_path / "chat.txt").write_text("[03.04.17, 10:00:00] Ana: hello\n" * 3, encoding="utf-8")
    here, there = (pieces_of(tmp_path, count=count) for count in (0, 2))
    assert len(here) == len(there)
    assert all(map(same, here, there))


@posix
def test_a_child_that_is_killed_is_a_gap_of_what_was_left(tmp_path: Path) -> None:
    path = mailbox(tmp_path, mails=40_000)
    items = items_of(path, connectors())
    with Readers([path], count=1) as readers:
        readings = readers.read_all(items, {})
        item, pieces = next(readings)
        sums = Sums()
        sums.add(next(pieces), container=item.name)
        (child,) = children_of(os.getpid())
        os.kill(child, signal.SIGKILL)
        rest = list(pieces)
    for piece in rest:
        sums.add(piece, container=item.name)
    assert isinstance(rest[-1], Gap)
    assert rest[-1].reason == "its reader was stopped: signal 9"
    assert rest[-1].lost_records_at_most is None
    assert sums.outer_bytes == path.stat().st_size


@posix
def test_after_a_child_died_the_next_file_is_read(tmp_path: Path) -> None:
    mailbox(tmp_path, "a.mbox", mails=40_000)
    mailbox(tmp_path, "b.mbox")
    read = {}
    with Readers([tmp_path], count=1) as readers:
        for item, pieces in readers.read_all(items_of(tmp_path, connectors()), {}):
            if item.name == "a.mbox":
                next(pieces)
                os.kill(children_of(os.getpid())[0], signal.SIGKILL)
            read[item.name] = list(pieces)
    assert isinstance(read["a.mbox"][-1], Gap)
    assert [isinstance(piece, Batch) for piece in read["b.mbox"]] == [True]


def small_mails(folder: Path, *, count: int) -> None:
    for number in range(count):
        mail = f"From: a@example.org\nTo: b@example.org\nDate: Mon, 3 Apr 2017 10:00:00 +0200\nSubject: {number}\n\nwords\n"
        (folder / f"{number:03}.eml").write_bytes(mail.encode())


@posix
def test_small_files_asked_for_together_are_read_as_one_by_one(tmp_path: Path) -> None:
    small_mails(tmp_path, count=GROUP_ITEMS + 9)
    (tmp_path / "010.bin").write_bytes(b"")
    (tmp_path / "020 chat.txt").write_text("[03.04.17, 10:00:00] Ana: hello\n" * 3)
    mailbox(tmp_path, "030.mbox", mails=4000)
    (tmp_path / "040.bin").write_bytes(bytes(range(256)) * 9)
    here, there = (pieces_of(tmp_path, count=count) for count in (0, 2))
    assert len(here) == len(there) > GROUP_ITEMS
    assert all(map(same, here, there))


@posix
def test_a_child_that_dies_over_one_small_file_loses_none_of_its_group(tmp_path: Path) -> None:
    small_mails(tmp_path, count=9)
    items, read = items_of(tmp_path, connectors()), {}
    with Readers([tmp_path], count=1) as readers:
        for number, (item, pieces) in enumerate(readers.read_all(items, {})):
            if number == 0:
                os.kill(children_of(os.getpid())[0], signal.SIGKILL)
            read[item.name] = list(pieces)
    assert list(read) == [item.name for item in items]
    assert all(isinstance(piece, Batch) for (piece,) in read.values())


@posix
def test_a_small_file_that_kills_every_child_is_a_gap_and_its_neighbours_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_mails(tmp_path, count=5)
    ask, ask_many = Child.ask, Child.ask_many

    def kill_on(items: Iterable[Item]) -> None:
        if any(item.name == "002.eml" for item in items):
            os.kill(children_of(os.getpid())[0], signal.SIGKILL)

    def asked(child: Child, item: Item, options: Mapping[str, Any]) -> None:
        kill_on([item])
        ask(child, item, options)

    def asked_many(child: Child, wanted: Sequence[tuple[Item, Mapping[str, Any]]]) -> None:
        kill_on([item for item, _ in wanted])
        ask_many(child, wanted)

    monkeypatch.setattr(Child, "ask", asked)
    monkeypatch.setattr(Child, "ask_many", asked_many)
    pieces = pieces_of(tmp_path, count=1)
    assert [isinstance(piece, Gap) for piece in pieces] == [False, False, True, False, False]
    assert pieces[2].bytes == (tmp_path / "002.eml").stat().st_size  # type: ignore[union-attr]


@posix
def test_what_is_left_of_a_small_file_is_passed_over_and_the_next_is_whole(tmp_path: Path) -> None:
    small_mails(tmp_path, count=3)
    items = items_of(tmp_path, connectors())
    with Readers([tmp_path], count=1) as readers:
        names = [
            item.name
            for item, pieces in readers.read_all(items, {})
            if item.name == "001.eml" or list(pieces)
        ]
        last = list(readers.read_all(items, {}))
        assert len(children_of(os.getpid())) == 1
    assert names == ["000.eml", "001.eml", "002.eml"]
    assert len(last) == 3


@pytest.mark.parametrize("told", [[[0, "B", 2]], [[0, "B", 0]], [[0, "X", 0]]])
def test_a_message_of_many_that_tells_other_rows_than_it_gives_is_a_lie(told: list[Any]) -> None:
    one = layout.batch_of([Draft(original=b"a", claimed=None, text="a")])
    said: dict[str, Any] = {"container": "a", "framing": {}, "cursor": None, "form": 0}
    answers = [[number, form, {**said, "rows": rows}] for number, form, rows in told]
    account = json.dumps({"answers": answers}).encode()
    with pytest.raises(EngineError, match="what no connector gives"):
        wire.unpacked_many(wire.MANY_KIND, account, one.serialize())


@posix
def test_what_a_child_cannot_read_is_the_connectors_own_error(tmp_path: Path) -> None:
    path = mailbox(tmp_path)
    items = [Item(tmp_path / "absent", "absent", connectors()["mbox"], is_alone=True)]
    with (
        Readers([path], count=1) as readers,
        pytest.raises(SourceError, match='"absent" cannot be read'),
    ):
        primed(readers.read_all(items, {}))
    with Readers([path], count=1) as readers, pytest.raises(BadValue):
        primed(readers.read_all([Item(path, "x", connectors()["whatsapp"])], {"order": "never"}))


@linux
def test_a_child_says_which_walls_hold(tmp_path: Path) -> None:
    path = mailbox(tmp_path)
    with Readers([path], count=1) as readers:
        for _, pieces in readers.read_all(items_of(path, connectors()), {}):
            list(pieces)
        assert "limits" in readers.walls


def _close_all_but(kept: int) -> None:
    """A fork has all that earlier tests left open, and the walls allow few: a child starts with none."""
    os.closerange(3, kept)
    os.closerange(kept + 1, 1 << 16)


def in_a_child(tmp_path: Path, attempt: Any) -> str:
    """What an attempt behind the walls ends in: the name of its error, or "done"."""
    from pastwatch.stages.collect import walls

    open_folder = tmp_path / "open"
    open_folder.mkdir(exist_ok=True)
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        _close_all_but(tell)
        held = walls.put_up([open_folder], [open_folder])
        try:
            attempt()
            answer = "done"
        except BaseException as wrong:  # noqa: BLE001 - the child reports and ends
            answer = type(wrong).__name__
        os.write(tell, f"{' '.join(held)}|{answer}".encode())
        os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as answers:
        held_names, _, answer = answers.read().decode().partition("|")
    os.waitpid(child, 0)
    in_a_child.held = held_names.split()  # type: ignore[attr-defined]
    return answer


@linux
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_behind_the_walls_there_is_no_network_no_program_and_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("key")

    def connect() -> None:
        with socket.create_connection(("127.0.0.1", 9), timeout=1):
            pass

    attempts = {
        "no-programs": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
        "own-files-only": secret.read_text,
        "no-network": connect,
    }
    for wall, attempt in attempts.items():
        answer = in_a_child(tmp_path, attempt)
        held = in_a_child.held  # type: ignore[attr-defined]
        if wall in held:
            assert answer in {"PermissionError", "OSError"}, (wall, answer)
    assert in_a_child(tmp_path, lambda: (tmp_path / "open" / "x").write_text("y")) == "done"


def test_the_parent_takes_nothing_that_no_connector_may_give() -> None:
    batch = pa.RecordBatch.from_pylist(
        [
            {
                "original": b"x",
                "basis": 0,
                "text": "x",
                "kind": 0,
                "defects": 0,
                "recipients": [],
                "parts": [],
            }
        ],
        schema=BATCH,
    )
    good = Batch(columns=batch, container="c", framing={"line": 1})
    head, columns = wire.packed(good)
    kind, account_bytes, _ = wire.sizes(head[: wire.HEAD.size])
    account = head[wire.HEAD.size :]
    assert len(account) == account_bytes
    again = wire.unpacked(kind, account, pa.py_buffer(columns))
    assert isinstance(again, Batch)
    assert same(good, again)
    lies = [
        (kind, b"{}", columns),
        (kind, account.replace(b'"line": 1', b'"line": -1'), columns),
        (kind, account, b"not arrow"),
        (kind, b"[" * 100_000, columns),
        (b"?", account, b""),
        (b"G", b'{"reason": "", "bytes": 1}', b""),
        (b"G", b'{"reason":"r","bytes":-1,"lost":0,"span":null,"container":"","offset":0}', b""),
        (kind, account, wire.packed(Batch(columns=changed(batch, "basis", 9), container="c"))[1]),
        (kind, account, wire.packed(Batch(columns=changed(batch, "kind", 99), container="c"))[1]),
        (kind, account, wire.packed(Batch(columns=changed(batch, "basis", 1), container="c"))[1]),
    ]
    for lie in lies:
        with pytest.raises(EngineError):
            wire.unpacked(lie[0], lie[1], pa.py_buffer(lie[2]))
    with pytest.raises(EngineError):
        wire.sizes(wire.HEAD.pack(b"B", 10, 1 << 40))


def changed(batch: pa.RecordBatch, name: str, value: int) -> pa.RecordBatch:
    at = batch.schema.get_field_index(name)
    column = pa.array([value], type=batch.schema.field(at).type)
    return batch.set_column(at, batch.schema.field(at), column)


def test_what_is_packed_inside_a_file_is_not_counted_twice() -> None:
    sizes = {"a.zip": 10, "a.zip/b.mbox": 30, "a.zip/c/d": 5, "a.zipped": 2, "e/f": 1}
    assert outermost(sizes) == {"a.zip": 10, "a.zipped": 2, "e/f": 1}


def children_of(parent: int) -> list[int]:
    if not Path("/proc/self/stat").exists():
        pytest.skip("the system does not tell a process's children")
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
            is_reader = b"stages.collect.child" in (folder / "cmdline").read_bytes()
            if is_reader and int(fields[1]) == parent:
                found.append(int(folder.name))
    return found
