"""Outlook's own files: all that is in them is found, and what is half read says so."""

import zlib
from pathlib import Path
from typing import Any

import pytest

from pastwatch.archive.layout import basis_of
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.when import SECOND_US, Basis, parse_iso
from pastwatch.stages.collect.connectors import msg
from pastwatch.testing.connectors import ConnectorConformance
from pastwatch.testing.outlook import Property, Tree, compound_file, filetime, message_tree

SENT_US = parse_iso("2017-04-04T06:30:00+03:00")[0]
TEXT, BINARY, NUMBER, TIME, NARROW = 0x1F, 0x102, 0x03, 0x40, 0x1E


def said(tag: int, text: str) -> Property:
    return (tag, TEXT, text.encode("utf-16-le"))


def number(tag: int, value: int) -> Property:
    return (tag, NUMBER, value.to_bytes(4, "little"))


NOTE = [
    said(0x001A, "IPM.Note"),
    said(0x0037, "The bridge мост"),
    (0x0039, TIME, filetime(SENT_US)),
    said(0x0C1A, "Berg, Anna"),
    said(0x5D01, "anna@Example.ORG"),
    said(0x1035, "<one@example.org>"),
    said(0x1042, "<zero@example.org>"),
]
OMAR = [number(0x0C15, 1), said(0x3001, "Omar Weir"), said(0x39FE, "omar@example.net")]
HIDDEN = [number(0x0C15, 3), said(0x3001, "Hidden One"), said(0x3003, "hidden@example.net")]
PLAN = [number(0x3705, 1), said(0x3707, "plan.txt"), (0x3701, BINARY, b"canary in the plan")]


def packed(rtf: bytes) -> bytes:
    """RTF in the compressed form, each letter as it is (MS-OXRTFCP §2.2.2)."""
    runs = b"".join(b"\0" + rtf[at : at + 8] for at in range(0, len(rtf), 8))
    checksum = zlib.crc32(runs) ^ 0xFFFFFFFF
    sizes = (len(runs) + 12).to_bytes(4, "little") + len(rtf).to_bytes(4, "little")
    return sizes + b"LZFu" + checksum.to_bytes(4, "little") + runs


def message(*extra: Property, files: Any = (), people: Any = (OMAR, HIDDEN)) -> bytes:
    return compound_file(message_tree([*NOTE, *extra], people=people, files=files))


def read(folder: Path, content: bytes) -> dict[str, Any]:
    path = folder / "sample.msg"
    path.write_bytes(content)
    (batch,) = msg.CONNECTOR.read(path, {})
    assert isinstance(batch, Batch)
    (row,) = batch.columns.to_pylist()
    assert row["original"] == content
    return dict(row)


class TestMsg(ConnectorConformance):
    connector = msg.CONNECTOR
    suffix = ".msg"
    least_records = 1

    def sample(self) -> bytes:
        inner = message_tree([*NOTE, said(0x1000, "inner words")], is_inner=True)
        files: list[tuple[list[Property], Tree | None]] = [
            (PLAN, None),
            ([number(0x3705, 5)], inner),
        ]
        return message(said(0x1000, "the body " * 600), files=files)


def test_people_times_and_threads_of_an_outlook_mail_are_read(tmp_path: Path) -> None:
    row = read(tmp_path, message(said(0x1000, "words")))
    assert (row["sender_address"], row["sender_name"]) == ("anna@example.org", "Berg, Anna")
    assert [(p["address"], p["name"], p["role"]) for p in row["recipients"]] == [
        ("omar@example.net", "Omar Weir", 0),
        ("hidden@example.net", "Hidden One", 2),
    ]
    assert (row["earliest_us"], row["latest_us"]) == (SENT_US, SENT_US)
    assert basis_of(row["basis"]) is Basis.HEADER
    assert (row["native_id"], row["reply_to"]) == ("one@example.org", "zero@example.org")
    assert (row["subject"], row["text"]) == ("The bridge мост", "words")
    assert row["defects"] == 0


@pytest.mark.parametrize(
    "body",
    [
        said(0x1000, "canary1 мост"),
        (0x1000, NARROW, "canary1 мост".encode("cp1251")),
        (0x1013, BINARY, "<p>canary1 мост</p>".encode("cp1251")),
        said(0x1013, "<p>canary1 мост</p>"),
        (0x1009, BINARY, packed(rb"{\rtf1\ansi canary1 \u1084?\u1086?\u1089?\u1090?}")),
        (
            0x1009,
            BINARY,
            packed(
                rb"{\rtf1\fromhtml1{\*\htmltag64 <p>}\htmlrtf x\htmlrtf0 canary1 "
                rb"{\*\htmltag84 &#1084;&#1086;&#1089;&#1090;}{\*\htmltag72 </p>}}"
            ),
        ),
    ],
)
def test_each_form_of_a_body_is_read(tmp_path: Path, body: Property) -> None:
    row = read(tmp_path, message(number(0x3FFD, 1251), number(0x3FDE, 1251), body))
    assert row["text"].split() == ["canary1", "мост"]
    assert row["defects"] == 0


def test_a_body_of_two_forms_is_kept_once_unless_one_says_more(tmp_path: Path) -> None:
    plain = said(0x1000, "the same words")
    same = read(tmp_path, message(plain, (0x1013, BINARY, b"<p>the same words</p>")))
    more = read(tmp_path, message(plain, (0x1013, BINARY, b"<p>the same words and more</p>")))
    assert same["text"] == "the same words"
    assert more["text"].split()[-1] == "more"


def test_attachments_keep_name_size_and_words_also_inside_a_mail_inside(tmp_path: Path) -> None:
    inner = message_tree([*NOTE, said(0x1000, "inner canary")], files=[(PLAN, None)], is_inner=True)
    row = read(tmp_path, message(files=[(PLAN, None), ([number(0x3705, 5)], inner)]))
    plan, mail = row["parts"]
    assert (plan["name"], plan["size_bytes"], plan["text"]) == (
        "plan.txt",
        18,
        "canary in the plan",
    )
    assert mail["media_type"] == "message/rfc822"
    assert "inner canary" in mail["text"]
    assert "canary in the plan" in mail["text"]


def test_the_words_of_a_signed_mail_are_read_from_its_one_attachment(tmp_path: Path) -> None:
    signed = (
        b'Content-Type: multipart/signed; boundary="s"\r\n\r\n--s\r\n'
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nY2FuYXJ5MQ==\r\n"
        b"--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx\r\n--s--\r\n"
    )
    file = [said(0x3707, "smime.p7m"), said(0x370E, "multipart/signed"), (0x3701, BINARY, signed)]
    (part,) = read(tmp_path, message(files=[(file, None)]))["parts"]
    assert "canary1" in part["text"]


def test_an_attachment_that_only_points_elsewhere_keeps_where(tmp_path: Path) -> None:
    pointing = [
        number(0x3705, 2),
        said(0x3707, "map.png"),
        said(0x370D, "\\\\host\\share\\map.png"),
    ]
    (part,) = read(tmp_path, message(files=[(pointing, None)]))["parts"]
    assert part["text"] == "\\\\host\\share\\map.png"


def test_an_attachment_without_its_bytes_is_a_defect(tmp_path: Path) -> None:
    row = read(tmp_path, message(files=[([number(0x3705, 1), said(0x3707, "gone.txt")], None)]))
    assert row["defects"] & Defect.CUT_SHORT
    assert [part["name"] for part in row["parts"]] == ["gone.txt"]


def test_a_stream_shorter_than_listed_does_not_look_read(tmp_path: Path) -> None:
    tree = message_tree([*NOTE, said(0x1000, "canary1 and what was lost")])
    tree["__substg1.0_1000001F"] = "canary1".encode("utf-16-le")
    row = read(tmp_path, compound_file(tree))
    assert row["defects"] & Defect.CUT_SHORT
    assert "canary1" in row["text"]


def test_a_file_cut_in_half_keeps_its_words_findable(tmp_path: Path) -> None:
    whole = message(said(0x1000, "canary1 " * 900))
    row = read(tmp_path, whole[: len(whole) // 2])
    assert row["defects"] & (Defect.CUT_SHORT | Defect.OPAQUE)
    assert "canary1" in row["text"]


def test_a_meeting_stands_at_its_own_time(tmp_path: Path) -> None:
    names: Tree = {
        "__substg1.0_00020102": bytes(16),
        "__substg1.0_00030102": b"".join(
            given.to_bytes(4, "little") + b"\6\0" + place.to_bytes(2, "little")
            for place, given in enumerate((0x820D, 0x820E, 0x8208))
        ),
        "__substg1.0_00040102": b"",
    }
    later_us = SENT_US + 3600 * SECOND_US
    tree = message_tree(
        [
            said(0x001A, "IPM.Appointment"),
            said(0x0037, "Meeting"),
            (0x8000, TIME, filetime(SENT_US)),
            (0x8001, TIME, filetime(later_us)),
            said(0x8002, "the bridge house"),
        ]
    )
    tree["__nameid_version1.0"] = names
    row = read(tmp_path, compound_file(tree))
    assert (row["earliest_us"], row["latest_us"]) == (SENT_US, later_us)
    assert "location: the bridge house" in row["text"]


def test_what_was_never_sent_is_dated_by_when_it_was_made(tmp_path: Path) -> None:
    made = [
        said(0x001A, "IPM.StickyNote"),
        said(0x1000, "words"),
        (0x3007, TIME, filetime(SENT_US)),
    ]
    row = read(tmp_path, compound_file(message_tree(made)))
    assert (row["earliest_us"], basis_of(row["basis"])) == (SENT_US, Basis.INFERRED)
    assert row["defects"] & Defect.NO_DATE


def test_the_header_a_mail_travelled_with_is_believed_first(tmp_path: Path) -> None:
    header = (
        "Microsoft Mail Internet Headers Version 2.0\r\nFrom: Real <real@example.org>\r\n"
        "Content-Type: multipart/mixed;\r\n\tboundary=lost\r\n"
        "Date: Wed, 5 Apr 2017 06:30:00 +0300\r\nSubject: as sent\r\n"
    )
    row = read(tmp_path, message(said(0x007D, header), said(0x1000, "words")))
    assert row["sender_address"] == "real@example.org"
    assert row["earliest_us"] == SENT_US + 24 * 3600 * SECOND_US
    assert row["subject"] == "as sent\nThe bridge мост"
    assert row["text"] == "words"
