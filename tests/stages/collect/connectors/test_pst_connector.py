"""Outlook mailboxes: as many items as the folders state, lost ones marked, bytes accounted for."""

import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pastwatch.errors import MissingExtra, SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.model.when import parse_iso
from pastwatch.stages.collect.connectors import pst
from pastwatch.testing.connectors import accounted, check
from pastwatch.testing.outlook import filetime

DataSet = Callable[[str], Path]
SENT_US = parse_iso("2017-04-04T06:30:00+03:00")[0]
TEXT, BINARY, NUMBER, TIME = 0x1F, 0x102, 0x03, 0x40
Values = dict[int, tuple[int, bytes]]


def said(text: str) -> tuple[int, bytes]:
    return TEXT, text.encode("utf-16-le")


def listed(*sets: Values) -> list[Any]:
    return [
        SimpleNamespace(
            number_of_entries=len(values),
            get_entry=lambda at, values=values: SimpleNamespace(
                entry_type=list(values)[at],
                value_type=list(values.values())[at][0],
                data=list(values.values())[at][1],
            ),
        )
        for values in sets
    ]


def item(values: Values, **more: Any) -> Any:
    sets = listed(values)
    return SimpleNamespace(number_of_record_sets=1, get_record_set=lambda at: sets[at], **more)


class Broken:
    """What libpff does where the file does not hold together."""

    @property
    def number_of_record_sets(self) -> int:
        raise OSError


def mail(subject: str, *, files: tuple[Any, ...] = (), people: tuple[Values, ...] = ()) -> Any:
    sets = listed(*people)
    table = SimpleNamespace(number_of_record_sets=len(sets), get_record_set=lambda at: sets[at])
    return item(
        {
            0x001A: said("IPM.Note"),
            0x0037: said(subject),
            0x0039: (TIME, filetime(SENT_US)),
            0x0C1A: said("Anna"),
            0x0C1F: said("anna@example.org"),
            0x1000: said("the canary words"),
        },
        recipients=table if people else None,
        number_of_attachments=len(files),
        get_attachment=lambda at: files[at],
    )


def folder(name: str, messages: tuple[Any, ...] = (), folders: tuple[Any, ...] = ()) -> Any:
    def message(at: int) -> Any:
        if messages[at] is None:
            raise OSError
        return messages[at]

    return SimpleNamespace(
        name=name,
        number_of_sub_messages=len(messages),
        get_sub_message=message,
        number_of_sub_folders=len(folders),
        get_sub_folder=lambda at: folders[at],
    )


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Batch | Gap]]:
    """Reads a mailbox that libpff would show as these folders and lost items."""

    def read(root: Any, lost: tuple[Any, ...] = ()) -> list[Batch | Gap]:
        mailbox = SimpleNamespace(
            open_file_object=lambda _: None,
            get_root_folder=lambda: root,
            number_of_orphan_items=len(lost),
            get_orphan_item=lambda at: lost[at],
            close=lambda: None,
        )
        library = SimpleNamespace(file=lambda: mailbox)
        monkeypatch.setitem(sys.modules, "pypff", library)
        path = tmp_path / "box.pst"
        path.write_bytes(b"!BDN" + bytes(96))
        found = list(pst.CONNECTOR.read(path, {}))
        for piece in found:
            check(piece)
        assert accounted(found)["box.pst"] == 100
        return found

    return read


def rows(found: list[Batch | Gap]) -> Iterator[tuple[str, dict[str, Any]]]:
    for piece in found:
        if isinstance(piece, Batch):
            for row in piece.columns.to_pylist():
                yield piece.container, row


def test_items_stand_in_their_folders_and_lost_ones_apart(
    reads: Callable[..., list[Batch | Gap]],
) -> None:
    inbox = folder("In/box", (mail("one"), mail("two")))
    found = reads(folder("", (), (folder("Top", (), (inbox,)),)), (mail("three"), item({})))
    assert [(name, row["subject"]) for name, row in rows(found)] == [
        ("box.pst/Top/In_box", "one"),
        ("box.pst/Top/In_box", "two"),
        ("box.pst/recovered", "three"),
    ]
    marked = [bool(Defect(row["defects"]) & Defect.FALLBACK) for _, row in rows(found)]
    assert marked == [False, False, True]


def test_an_original_is_a_mail_that_says_all_and_twice_the_same(
    reads: Callable[..., list[Batch | Gap]],
) -> None:
    people: tuple[Values, ...] = (
        {0x0C15: (NUMBER, b"\1\0\0\0"), 0x3001: said("Omar"), 0x39FE: said("omar@example.net")},
        {0x0C15: (NUMBER, b"\2\0\0\0"), 0x3001: said("Lee"), 0x3003: said("lee@example.net")},
    )
    plan = b"canary in the plan"
    file = item(
        {0x3705: (NUMBER, b"\1\0\0\0"), 0x3707: said("plan.txt")},
        number_of_sub_items=0,
        size=len(plan),
        seek_offset=lambda *_: None,
        read_buffer=lambda size: plan[:size],
    )
    inner = item({}, number_of_sub_items=1, get_sub_item=lambda _: mail("inside"))
    box = folder("", (mail("one", files=(file, inner), people=people),))
    (_, row), *_ = rows(reads(box))
    (_, again), *_ = rows(reads(box))
    assert row == again
    assert [(p["address"], p["role"]) for p in row["recipients"]] == [
        ("omar@example.net", 0),
        ("lee@example.net", 1),
    ]
    assert row["sender_address"] == "anna@example.org"
    assert row["earliest_us"] == SENT_US
    part = row["parts"][0]
    assert (part["name"], part["text"]) == ("plan.txt", "canary in the plan")
    assert "the canary words" in row["parts"][1]["text"]
    assert b"Subject: one\n" in row["original"]
    assert row["defects"] == 0


def test_what_libpff_cannot_follow_is_a_gap_that_counts(
    reads: Callable[..., list[Batch | Gap]],
) -> None:
    found = reads(folder("", (mail("one"), None, Broken())))
    assert [row["subject"] for _, row in rows(found)] == ["one"]
    assert sum(gap.lost_records_at_most or 0 for gap in found if isinstance(gap, Gap)) == 2


def test_people_that_cannot_be_read_are_a_defect_of_the_item(
    reads: Callable[..., list[Batch | Gap]],
) -> None:
    class WithoutPeople(SimpleNamespace):
        @property
        def recipients(self) -> None:
            raise OSError

    whole = vars(mail("one"))
    del whole["recipients"]
    ((_, row),) = rows(reads(folder("", (WithoutPeople(**whole),))))
    assert (row["subject"], row["text"]) == ("one", "the canary words")
    assert row["defects"] & Defect.CUT_SHORT


def test_an_attachment_whose_bytes_do_not_come_is_a_defect(
    reads: Callable[..., list[Batch | Gap]],
) -> None:
    def refused(_: int) -> bytes:
        raise OSError

    file = item(
        {0x3707: said("plan.txt")},
        number_of_sub_items=0,
        size=5,
        seek_offset=lambda *_: None,
        read_buffer=refused,
    )
    ((_, row),) = rows(reads(folder("", (mail("one", files=(file,)),))))
    assert row["defects"] & Defect.CUT_SHORT


@pytest.mark.parametrize("content", [b"", b"!BDN", b"!BDN" + bytes(5000), b"no mailbox at all"])
def test_a_file_that_is_no_mailbox_is_one_gap(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("pypff", reason="libpff-python is not installed")
    path = tmp_path / "box.pst"
    path.write_bytes(content)
    found = list(pst.CONNECTOR.read(path, {}))
    assert all(isinstance(piece, Gap) for piece in found)
    assert sum(accounted(found).values()) == len(content)


def test_without_libpff_the_way_out_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypff", None)
    path = tmp_path / "box.pst"
    path.write_bytes(b"!BDN" + bytes(96))
    with pytest.raises(MissingExtra) as failure:
        list(pst.CONNECTOR.read(path, {}))
    assert "pastwatch[pst]" in (failure.value.hint or "")


def test_a_folder_is_no_mailbox(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        list(pst.CONNECTOR.read(tmp_path, {}))


@pytest.mark.parametrize("name", ["dist-list", "passworded"])
def test_real_mailboxes_give_every_item_their_folders_state(data_set: DataSet, name: str) -> None:
    pypff = pytest.importorskip("pypff", reason="libpff-python is not installed")
    (path,) = data_set("mail-fixtures").glob(f"**/{name}.pst")
    found = list(pst.CONNECTOR.read(path, {}))
    again = list(pst.CONNECTOR.read(path, {}))
    assert [row for _, row in rows(found)] == [row for _, row in rows(again)]
    assert accounted(found)[path.name] == path.stat().st_size
    assert not any(isinstance(piece, Gap) for piece in found)
    # Independent of how items are found: the number that each folder keeps of its own items.
    mailbox = pypff.file()
    mailbox.open(str(path))
    stated, folders = 0, [mailbox.get_root_folder()]
    for one in folders:
        folders.extend(one.get_sub_folder(n) for n in range(one.number_of_sub_folders))
        if one.identifier & 31 != 2:  # the root, or a search folder, which shows others' items
            continue
        for number in range(one.number_of_record_sets):
            values = one.get_record_set(number)
            for at in range(values.number_of_entries):
                entry = values.get_entry(at)
                if entry.entry_type == 0x3602:  # PR_CONTENT_COUNT
                    stated += struct.unpack("<I", entry.data)[0]
    mailbox.close()
    assert sum(1 for _ in rows(found)) == stated


def test_damaged_mailboxes_end_and_sum(data_set: DataSet, tmp_path: Path) -> None:
    pytest.importorskip("pypff", reason="libpff-python is not installed")
    (source,) = data_set("mail-fixtures").glob("**/dist-list.pst")
    whole = source.read_bytes()
    path = tmp_path / "box.pst"
    for number in range(16):
        for content in (
            whole[: len(whole) * number // 16],
            whole[: 16_000 * number] + b"\xff" * 64 + whole[16_000 * number + 64 :],
        ):
            path.write_bytes(content)
            found = list(pst.CONNECTOR.read(path, {}))
            for piece in found:
                check(piece)
            assert accounted(found).get("box.pst", 0) == len(content)
