"""A mailbox is cut at its borders and nowhere else."""

from pathlib import Path

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.mbox import CONNECTOR

BORDER = b"From a@b.org Tue Apr  4 03:30:00 2017\n"
MAIL = b"From: a@b.org\nDate: Tue, 4 Apr 2017 03:30:00 +0000\n\nwords\n"


def originals(tmp_path: Path, content: bytes) -> list[bytes]:
    path = tmp_path / "box.mbox"
    path.write_bytes(content)
    return [
        row
        for piece in CONNECTOR.read(path, {})
        if isinstance(piece, Batch)
        for row in piece.columns.column("original").to_pylist()
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"From here on it is downhill\nNote: no border\n",
        b"\nFrom the start of 2017\nthere: was talk\n",
        b"\nFrom now until Tue Apr  4 03:30:00 2017\nno header follows\n",
        b"\n>From a@b.org Tue Apr  4 03:30:00 2017\nFrom: a@b.org\n",
        b"From Anonymous (Unknown Date)\nFrom: nobody\n",
    ],
)
def test_a_line_that_only_begins_like_a_border_is_none(tmp_path: Path, body: bytes) -> None:
    mails = [MAIL + body, MAIL]
    assert originals(tmp_path, b"".join(BORDER + mail + b"\n" for mail in mails)) == mails


@pytest.mark.parametrize(
    "border",
    [
        b"From a@b.org Tue Apr  4 03:30:00 2017\n",
        b"From a@b.org  Tue Apr  4 03:30 MET 2017\n",
        b"From a@b.org Tue Apr  4 03:30:00 2017 +0200\n",
        b"From a@b.org 1993-03-04 19:11:40 UTC\n",
        b"From a at b.org  Tue Apr  4 03:30:00 2017\n",
        b"From uucp Tue Apr  4 03:30:00 2017 remote from far\n",
        b"From a@b.org Tue, 4 Apr 2017 03:30:00 +0000\n",
        b"From - Tue Apr 04 03:30:00 2017\n",
        b"From Anonymous (Unknown Date)\n",
    ],
)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_borders_of_every_kind_are_seen(tmp_path: Path, border: bytes, newline: bytes) -> None:
    content = ((border + MAIL + b"\n") * 3).replace(b"\n", newline)
    assert originals(tmp_path, content) == [MAIL.replace(b"\n", newline)] * 3


def test_borders_without_an_empty_line_before_are_seen(tmp_path: Path) -> None:
    assert originals(tmp_path, (BORDER + MAIL) * 3) == [MAIL] * 3


def test_a_counted_body_keeps_the_borders_inside_it(tmp_path: Path) -> None:
    body = b"see:\n\n" + BORDER + MAIL
    mail = b"From: a@b.org\nContent-Length: %d\n\n" % len(body) + body
    assert originals(tmp_path, BORDER + mail + b"\n" + BORDER + MAIL) == [mail, MAIL]


def test_a_wrong_count_is_not_believed(tmp_path: Path) -> None:
    mail = b"From: a@b.org\nContent-Length: 7777\n\nwords\n"
    assert originals(tmp_path, BORDER + mail + b"\n" + BORDER + MAIL) == [mail, MAIL]


def test_the_text_is_unquoted_and_the_original_is_not(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    path.write_bytes(BORDER + MAIL + b">From here\n>>From there\n")
    (batch,) = CONNECTOR.read(path, {})
    assert isinstance(batch, Batch)
    row = batch.columns.to_pylist()[0]
    assert row["text"].splitlines()[1:] == ["From here", ">From there"]
    assert b">From here" in row["original"]


def test_what_stands_before_the_first_border_is_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    path.write_bytes(
        b"half a mail\n\n" + BORDER + MAIL + b"\n" + BORDER + b"From: a@b.org\n\ncut he"
    )
    gap, batch = CONNECTOR.read(path, {})
    assert isinstance(gap, Gap)
    assert (gap.bytes, gap.offset) == (13, 0)
    assert isinstance(batch, Batch)
    assert Defect(batch.columns.column("defects").to_pylist()[-1]) & Defect.CUT_SHORT
