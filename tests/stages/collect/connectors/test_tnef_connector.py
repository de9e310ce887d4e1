"""winmail.dat, alone or in a mail: its words and the files in it are found."""

import base64
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.when import parse_iso
from pastwatch.stages.collect.connectors import tnef
from pastwatch.stages.collect.mailread import read_mail
from pastwatch.testing.connectors import ConnectorConformance
from pastwatch.testing.outlook import filetime, tnef_properties, tnef_stream

SENT_US = parse_iso("2017-04-04T06:30:00+03:00")[0]
TEXT, NARROW, BINARY, TIME, OBJECT = 0x1F, 0x1E, 0x102, 0x40, 0x0D
CODEPAGE, CLASS, SUBJECT, FROM = 0x00069007, 0x00078008, 0x00018004, 0x00008000
PROPERTIES, NEW, FILE, TITLE, FILE_PROPERTIES = (
    0x00069003,
    0x00069002,
    0x0006800F,
    0x00018010,
    0x00069005,
)


def stream(*extra: tuple[int, int, bytes]) -> bytes:
    sender = b"Anna\0", b"SMTP:anna@example.org\0"
    sizes = [2, 0, len(sender[0]), len(sender[1])]
    return tnef_stream(
        [
            (1, CODEPAGE, (1251).to_bytes(4, "little") + bytes(4)),
            (1, CLASS, b"IPM.Microsoft Mail.Note\0"),
            (1, FROM, b"".join(n.to_bytes(2, "little") for n in sizes) + b"".join(sender)),
            (1, SUBJECT, "мост".encode("cp1251") + b"\0"),
            (
                1,
                PROPERTIES,
                tnef_properties(
                    [
                        (0x1000, TEXT, "canary1 in the body".encode("utf-16-le")),
                        (0x0039, TIME, filetime(SENT_US)),
                    ]
                ),
            ),
            (2, NEW, bytes(14)),
            (2, TITLE, b"PLAN~1.TXT\0"),
            (2, FILE, b"canary2 in the plan"),
            (
                2,
                FILE_PROPERTIES,
                tnef_properties([(0x3707, TEXT, "the plan.txt".encode("utf-16-le"))]),
            ),
            *extra,
        ]
    )


def read(folder: Path, content: bytes) -> dict[str, Any]:
    path = folder / "winmail.dat"
    path.write_bytes(content)
    (batch,) = tnef.CONNECTOR.read(path, {})
    assert isinstance(batch, Batch)
    return dict(batch.columns.to_pylist()[0])


class TestTnef(ConnectorConformance):
    connector = tnef.CONNECTOR
    suffix = ".dat"
    least_records = 1

    def sample(self) -> bytes:
        return stream()


def test_a_winmail_file_gives_its_mail_and_files(tmp_path: Path) -> None:
    row = read(tmp_path, stream())
    assert (row["subject"], row["text"]) == ("мост", "canary1 in the body")
    assert (row["sender_address"], row["sender_name"]) == ("anna@example.org", "Anna")
    assert row["earliest_us"] == SENT_US
    assert [(p["name"], p["size_bytes"], p["text"]) for p in row["parts"]] == [
        ("the plan.txt", 19, "canary2 in the plan")
    ]
    assert row["defects"] == 0


def test_a_mail_inside_is_read_too(tmp_path: Path) -> None:
    inner = bytes(16) + stream()
    row = read(
        tmp_path,
        stream(
            (2, NEW, bytes(14)), (2, FILE_PROPERTIES, tnef_properties([(0x3701, OBJECT, inner)]))
        ),
    )
    assert "canary1 in the body" in row["parts"][1]["text"]
    assert "canary2 in the plan" in row["parts"][1]["text"]


def test_a_winmail_part_of_a_mail_is_opened() -> None:
    raw = (
        b"From: a@b.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Type: application/ms-tnef; name=winmail.dat\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(stream()) + b"--b--\n"
    )
    outer, plan = read_mail(raw).parts
    assert outer[:2] == ("winmail.dat", "application/ms-tnef")
    assert "canary1 in the body" in outer[4]
    assert (plan[0], plan[2], plan[4]) == ("the plan.txt", 19, "canary2 in the plan")


def test_a_cut_stream_is_flagged_and_its_words_stay(tmp_path: Path) -> None:
    whole = stream()
    row = read(tmp_path, whole[: whole.index(b"canary2") + 7])
    assert row["defects"] & Defect.CUT_SHORT
    assert "canary2" in row["text"] + row["parts"][0]["text"]


def test_a_changed_byte_is_seen_by_its_checksum(tmp_path: Path) -> None:
    row = read(tmp_path, stream().replace(b"canary2", b"canary3"))
    assert row["defects"] & Defect.BAD_STRUCTURE
