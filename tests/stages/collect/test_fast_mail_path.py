"""Mails read many at once give the columns that reading each by itself gives."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors import arrays, mailcolumns, mbox
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.mailcolumns import MailColumns
from pastwatch.stages.collect.mailread import read_mail, unquoted
from pastwatch.stages.collect.mailtime import Moment, read_date

DataSet = Callable[[str], Path]
FIELDS = st.sampled_from(
    (
        "From: Ana <ana@a.example>",
        "FROM: list at d.example (L)",
        "From: nobody in particular",
        'To: b@b.example, "Doe, J" <j@b.example>',
        "To:",
        "Cc: =?utf-8?q?J=C3=BCrgen?= <j@e.example>",
        "Bcc:\tz@z.example",
        "Date: Thu, 4 Mar 1993 11:11:40 -0800",
        "Date: Thu, 4 Mar 1993 11:11:40",
        "date: 4 Mar 1993 11:11 GMT",
        "Date: once",
        "Received: by x.example; Sat, 6 Mar 1993 00:00:01 GMT",
        "Message-ID: <1@a.example>",
        "Message-Id: 17",
        "References: <0@a.example>\n\t<2@a.example>",
        "References: none",
        "In-Reply-To: <2@a.example> of Monday",
        "In-Reply-To: <>",
        "Subject: word  =?iso-8859-1?q?caf=E9?=\n and more",
        "Subject:   ",
        "Subject: \x01\x7f",
        "Content-Type: text/plain",
        "Content-Type:",
        "Content-Type: text",
        "Content-type: text/plain; charset=iso-8859-1",
        "Content-Type: text/plain; charset=utf-16",
        "Content-Type: text/plain; charset=nonesuch",
        "Content-Type: text/plain; name=note.txt",
        "Content-Type: text/html; charset=utf-8",
        "Content-Type: text/calendar",
        "Content-Type: multipart/mixed; boundary=b",
        "Content-Transfer-Encoding: 7BIT",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: odd",
        "Content-Transfer-Encodings: base64",
        "Content-Disposition: inline",
        "Content-Disposition: attachment; filename=a.txt",
        "X-" + "Long" * 20 + ": x",
        "a line of text",
        " folded",
        "Subject : spaced",
        "S\u00fcbject: no",
    )
)
BODIES = st.sampled_from(
    (
        b"",
        b"text\n",
        b"caf\xc3\xa9 \xe6\xa0\xb8\n",
        b"caf\xe9\n",
        b"a\0b\n",
        b"=E2=82=AC =\nx\n",
        b"aGVsbG8gd29ybGQ=\n",
        b"--b\n\none\n--b\nContent-Type: text/html\n\n<p>two</p>\n--b--\n",
        b"BEGIN:VCARD\nFN:A\nEND:VCARD\n",
        b"%PDF-1.4 no\n",
        b">From here\n",
        b"From: not@a.example\n\nx\n",
    )
)
MAILS = st.builds(
    lambda before, fields, newline, gap, body: (
        before
        + newline.join(f.replace("\n", newline) for f in fields).encode()
        + (newline + gap).encode()
        + body
    ),
    st.sampled_from((b"", b"", b"", b"From x@y.example Thu\n", b">From z\n", b"\n")),
    st.lists(FIELDS, max_size=10),
    st.sampled_from(("\n", "\n", "\n", "\r\n", "\r")),
    st.sampled_from(("\n", "\n", "\n", "\r\n", "")),
    BODIES,
)
USUAL = (
    b"From: Ana <ana@a.example>\nTo: b@b.example\nDate: Thu, 4 Mar 1993 11:11:40 -0800\n"
    b"Message-ID: <1@a.example>\nSubject: harbour\n\nThe crates are here.\n"
)


def one_by_one(mails: Sequence[bytes], received: Moment | None = None) -> pa.RecordBatch:
    columns = Columns("")
    for raw in mails:
        mail = read_mail(raw)
        if mail.earliest_us is None and received:
            mail = read_mail(raw, received=received)
        columns.add(raw, **mail._asdict())
    return columns.take().columns


def assert_same(made: pa.RecordBatch, wanted: pa.RecordBatch) -> None:
    made.validate(full=True)
    assert made.schema == wanted.schema
    for name in wanted.schema.names:
        assert made.column(name).to_pylist() == wanted.column(name).to_pylist(), name
    assert made.equals(wanted)


@settings(max_examples=400, deadline=None)
@given(st.lists(MAILS, min_size=1, max_size=6))
@example([USUAL, b"", USUAL])
def test_many_mails_at_once_are_read_as_each_by_itself(mails: list[bytes]) -> None:
    received = read_date("Fri, 5 Mar 1993 00:00:00 GMT")
    assert_same(MailColumns(few=0).read(mails, mails), one_by_one(mails))
    made = MailColumns(few=0).read(mails, mails, received_of=lambda _: received)
    assert_same(made, one_by_one(mails, received))


@settings(max_examples=60, deadline=None)
@given(st.lists(MAILS, min_size=1, max_size=6))
def test_what_was_read_before_changes_nothing(mails: list[bytes]) -> None:
    reader = MailColumns(few=0)
    assert_same(MailColumns().read(mails, mails), one_by_one(mails))
    first = reader.read(mails, mails)
    assert reader.read(mails, mails).equals(first)


def test_the_usual_mail_is_not_parsed_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    crlf = USUAL.replace(b"\n", b"\r\n")
    coded = USUAL.replace(b"\n\n", b"\nContent-Transfer-Encoding: quoted-printable\n\n")
    marked = b"From ana Thu Mar  4 11:11:40 1993\n" + USUAL
    mails = [USUAL, crlf, coded, marked, USUAL.replace(b"crates", b"gr\xc3\xb6\xc3\x9fe")]
    wanted = one_by_one(mails)
    monkeypatch.delattr(mailcolumns, "read_mail")
    assert_same(MailColumns(few=0).read(mails, mails), wanted)


@pytest.mark.parametrize("few", [0, 16])
def test_a_mail_that_ends_too_soon_is_flagged_and_no_other(few: int) -> None:
    made = MailColumns(few=few).read([USUAL, USUAL], [USUAL, USUAL], cut=[1])
    assert made.column("defects").to_pylist() == [0, int(Defect.CUT_SHORT)]


@pytest.mark.parametrize("few", [0, 16])
def test_no_mail_makes_no_row(few: int) -> None:
    made = MailColumns(few=few).read([], [])
    assert made.num_rows == 0
    assert made.schema == one_by_one([]).schema


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
@pytest.mark.parametrize(
    "values", [[], ["a", "", "bc"], ["", ""], ["é", "", "核\n"], ["\ud83d\ude00", "\udc00", "x"]]
)
def test_columns_of_text_are_those_arrow_builds(values: list[str], kind: pa.DataType) -> None:
    wanted = [arrays.clean(value) for value in values]
    assert arrays.strings(values, kind).equals(pa.array(wanted, kind))
    nulls: list[Any] = [value or None for value in wanted]
    assert arrays.filled(values, kind).equals(pa.array(nulls, kind))
    assert arrays.strings([value or None for value in values], kind).equals(pa.array(nulls, kind))


@pytest.mark.parametrize(
    ("name", "pattern", "step"),
    [
        ("r-lists", "rlists/*/*.txt", 12),
        ("cypherpunks-early", "cypherpunks_mbox/*.mbox", 6),
        ("mail-fixtures", "**/*.eml", 1),
        ("spamassassin", "**/*.txt", 7),
    ],
)
def test_real_mail_is_read_as_one_by_one(
    data_set: DataSet, name: str, pattern: str, step: int
) -> None:
    files = sorted(path for path in data_set(name).glob(pattern) if path.is_file())[::step]
    mails: list[bytes] = []
    for path in files:
        if pattern.startswith("**"):
            mails.append(path.read_bytes())
            continue
        for piece in mbox.CONNECTOR.read(path, {"depth": "raw"}):
            mails += piece.columns.column("original").to_pylist()  # type: ignore[union-attr]
    assert len(mails) > 20
    for at in range(0, len(mails), 500):
        raws = [unquoted(mail) for mail in mails[at : at + 500]]
        assert_same(MailColumns().read(raws, raws), one_by_one(raws))
