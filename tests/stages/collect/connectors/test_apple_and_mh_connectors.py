"""Apple Mail's files and MH folders: the mail in them exactly, their own notes as framing."""

from pathlib import Path
from typing import Any

import pytest

from pastwatch.archive.layout import basis_of
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.model.when import SECOND_US, Basis
from pastwatch.stages.collect.connectors import emlx, mh
from pastwatch.testing.connectors import ConnectorConformance, accounted

MAIL = (
    b"From: Anna <anna@example.org>\nTo: omar@example.net\nSubject: bridge\n"
    b"Date: Tue, 4 Apr 2017 06:30:00 +0300\nMessage-ID: <one@example.org>\n\nthe canary words\n"
)
LIST = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"'
    b' "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0"><dict>'
    b"<key>date-received</key>\n\t<integer>1491276600</integer></dict></plist>\n"
)


def wrapped(mail: bytes = MAIL, listed: bytes = LIST) -> bytes:
    return b"%-10d\n" % len(mail) + mail + listed


def row_of(path: Path) -> dict[str, Any]:
    (batch,) = emlx.CONNECTOR.read(path, {})
    assert isinstance(batch, Batch)
    (row,) = batch.columns.to_pylist()
    return dict(row)


class TestEmlx(ConnectorConformance):
    connector = emlx.CONNECTOR
    suffix = ".emlx"
    least_records = 1

    def sample(self) -> bytes:
        return wrapped()


class TestMh(ConnectorConformance):
    connector = mh.CONNECTOR
    least_records = 1

    def sample(self) -> bytes:
        return MAIL

    def place(self, folder: Path, content: bytes) -> Path:
        box = folder / "inbox"
        box.mkdir(exist_ok=True)
        (box / "1").write_bytes(content)
        return box

    def expect_unreadable(self, path: Path) -> None:
        found = list(self.connector.read(path, {}))
        assert [piece.bytes for piece in found if isinstance(piece, Gap)] == [len(MAIL)]


def test_the_mail_is_the_original_and_the_list_is_framing(tmp_path: Path) -> None:
    path = tmp_path / "7.emlx"
    path.write_bytes(wrapped())
    (batch,) = emlx.CONNECTOR.read(path, {})
    assert isinstance(batch, Batch)
    assert batch.columns.column("original").to_pylist() == [MAIL]
    assert batch.framing == {"length": 11, "property list": len(LIST)}
    assert batch.columns.column("defects").to_pylist() == [0]


def test_a_mail_without_a_date_takes_when_it_was_received(tmp_path: Path) -> None:
    path = tmp_path / "7.emlx"
    path.write_bytes(wrapped(MAIL.replace(b"Date:", b"X-Date:")))
    row = row_of(path)
    assert (row["earliest_us"], basis_of(row["basis"])) == (1491276600 * SECOND_US, Basis.RECEIVED)


def test_a_partial_mail_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "7.partial.emlx"
    path.write_bytes(wrapped())
    assert row_of(path)["defects"] == Defect.CUT_SHORT


@pytest.mark.parametrize("length", [b"1\n", b"999999\n"])
def test_a_wrong_length_loses_no_word_of_the_mail(tmp_path: Path, length: bytes) -> None:
    path = tmp_path / "7.emlx"
    path.write_bytes(length + MAIL + LIST)
    row = row_of(path)
    assert row["original"] == MAIL
    assert row["defects"] & Defect.CUT_SHORT


def test_both_depths_give_an_apple_mail_the_same_envelope(tmp_path: Path) -> None:
    path = tmp_path / "7.emlx"
    path.write_bytes(wrapped(MAIL.replace(b"Date:", b"X-Date:")))
    (ready,) = emlx.CONNECTOR.read(path, {})
    (raw,) = emlx.CONNECTOR.read(path, {"depth": "raw"})
    assert isinstance(ready, Batch)
    assert isinstance(raw, Batch)
    for name in ("original", "earliest_us", "latest_us", "basis", "sender_address", "defects"):
        assert ready.columns.column(name).equals(raw.columns.column(name))


def test_an_mh_folder_reads_by_number_and_accounts_for_every_file(tmp_path: Path) -> None:
    box = tmp_path / "inbox"
    (box / "sub").mkdir(parents=True)
    for name in ("10", "9", ",11", "sub/1"):
        (box / name).write_bytes(MAIL + name.encode())
    (box / ".mh_sequences").write_bytes(b"unseen: 9-10\n")
    (box / "draft~").write_bytes(b"left over")
    found = list(mh.CONNECTOR.read(box, {}))
    originals = [
        row["original"]
        for piece in found
        if isinstance(piece, Batch)
        for row in piece.columns.to_pylist()
    ]
    assert originals == [MAIL + name for name in (b"9", b"10", b",11", b"sub/1")]
    assert sum(accounted(found).values()) == sum(
        file.stat().st_size for file in box.rglob("*") if file.is_file()
    )
    assert [gap.container for gap in found if isinstance(gap, Gap)] == ["inbox/draft~"]


def test_an_mh_folder_is_known_by_its_numbered_mails(tmp_path: Path) -> None:
    box = tmp_path / "inbox"
    box.mkdir()
    assert mh.CONNECTOR.recognises(box, b"") == 0
    (box / "1").write_bytes(b"no mail at all")
    assert mh.CONNECTOR.recognises(box, b"") == 0
    (box / "2").write_bytes(MAIL)
    assert mh.CONNECTOR.recognises(box, b"") > 80
    for number in range(5):
        (box / f"photo{number}.jpg").write_bytes(b"x")
    assert mh.CONNECTOR.recognises(box, b"") == 0
