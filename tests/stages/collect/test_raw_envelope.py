"""Mail sealed unparsed has the envelope that reading it whole gives: bytes, times, accounts, talk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.archive.layout import FORM_MAIL, FORM_MBOX_MAIL
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors import borders, eml, jsonl, maildir, mbox
from pastwatch.stages.collect.datescan import DATE_BYTES, plain_dates
from pastwatch.stages.collect.headscan import HeadScan
from pastwatch.stages.collect.mailread import read_envelope, read_mail, unquoted
from pastwatch.stages.collect.mailtime import read_date
from pastwatch.stages.collect.rawparse import parse_originals

DataSet = Callable[[str], Path]
RAW = {"depth": "raw"}
# What a mail's header alone shows; what its body shows is told once it is parsed.
HEADER_DEFECTS = int(Defect.BAD_DATE | Defect.NO_DATE | Defect.AMBIGUOUS_DATE | Defect.NO_SENDER)

NAMES = st.sampled_from(
    [
        "Date",
        "From",
        "To",
        "Cc",
        "Bcc",
        "Message-ID",
        "References",
        "In-Reply-To",
        "Subject",
        "Received",
        "Sender",
        "X-To",
        "DATE",
        "from",
        "tO",
        "message-id",
        "Return-Path",
        "Reply-To",
        "Fromage",
        "Datex",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        (
            "Thu, 4 Mar 1993 11:11:40 -0800",
            "Thu, 4 Mar 93 11:11:40 PST",
            "4 Mar 1993 11:11 GMT",
            "Fri, 31 Jun 1994 10:00:00 +0000",
            "Thu, 29 Feb 1996 23:59:60 +0130 (XYZ)",
            "Mon, 1 Jan 1900 00:00:00 GMT",
            "Tue, 2 Feb 1999 09:08:07 BST",
            "1999-02-02 09:08:07 +0100",
            "by x.example; Sat, 6 Mar 1993 00:00:01 GMT",
            "ana <ana@a.example>",
            '"Doe, John" <j@b.example>, k@c.example (K)',
            "list at d.example, undisclosed: ;",
            "=?utf-8?q?J=C3=BCrgen?= <j@e.example>",
            "<1.2@a.example> <3.4@b.example>",
            "<9@z.example>",
            "plain-id",
            "<>",
            "",
            " ",
        )
    ),
    st.text('ab<>@.,;:"( )=?1\t', max_size=20),
)
BREAKS = st.sampled_from(("\n", "\n", "\n", "\n ", "\r\n", "\r", "\n\t", "\n>From x\n", " :\n"))
LINES = st.builds(
    lambda name, gap, value, end: f"{name}{gap}{value}{end}",
    NAMES,
    st.sampled_from((":", ": ", ":  ", " : ", ":\t", "", ":\n ")),
    VALUES,
    BREAKS,
)
BODIES = st.sampled_from(("", "text\n", ">From here on\n", "From: not@a.example\n\nx", "é\n", "\0"))
MAILS = st.builds(
    lambda first, lines, gap, body: (first + "".join(lines) + gap + body).encode(),
    st.sampled_from(("", "", "", "From x@y.example Thu\n", ">From z\n", "\n", " odd\n")),
    st.lists(LINES, max_size=8),
    st.sampled_from(("\n", "\r\n", "", "\nDate: no\n\n")),
    BODIES,
)


def envelope(row: dict[str, Any]) -> tuple[Any, ...]:
    """What the archive's envelope is made of."""
    accounts = [row["sender_address"], *(p["address"] for p in row["recipients"] or ())]
    return (
        row["original"],
        row["earliest_us"],
        row["latest_us"],
        row["basis"],
        row["kind"],
        row["defects"] & HEADER_DEFECTS,
        row["conversation"] or "",
        [address for address in accounts if address],
    )


def rows(connector: Any, path: Path, options: dict[str, str]) -> list[dict[str, Any]]:
    found = [piece for piece in connector.read(path, options) if isinstance(piece, Batch)]
    return [row for batch in found for row in batch.columns.to_pylist()]


def same_envelopes(connector: Any, path: Path) -> int:
    ready, raw = rows(connector, path, {}), rows(connector, path, RAW)
    assert [envelope(r) for r in raw] == [envelope(r) for r in ready]
    assert not any(r["text"] or r["subject"] or r["parts"] or r["native_id"] for r in raw)
    return len(raw)


def same_once_parsed(connector: Any, path: Path, form: int) -> None:
    """Text, parts and defects of originals parsed later are those of the ready depth."""
    ready, raw = rows(connector, path, {}), rows(connector, path, RAW)
    parsed = parse_originals([r["original"] for r in raw], [form] * len(raw)).to_pylist()
    for one, sealed, later in zip(ready, raw, parsed, strict=True):
        later["defects"] |= sealed["defects"]
        assert later == {name: one[name] for name in later}


@settings(max_examples=400, deadline=None)
@given(st.lists(MAILS, min_size=1, max_size=6))
def test_a_scan_of_many_headers_gives_what_reading_each_mail_gives(mails: list[bytes]) -> None:
    heads = HeadScan().scan(mails, raw_of=mails.__getitem__, received_of=lambda _: None)
    at, whens = 0, heads.whens
    for row, raw in enumerate(mails):
        mail = read_mail(raw)
        count = heads.counts[row]
        assert (
            int(whens.earliest_us[row]) if whens.dated[row] else None,
            int(whens.latest_us[row]) if whens.dated[row] else None,
            whens.basis[row],
            heads.senders[row] or None,
            heads.recipients[at : at + count],
            heads.conversations[row],
            whens.defects[row],
        ) == (
            mail.earliest_us,
            mail.latest_us,
            mail.basis,
            mail.sender_address or None,
            [address for address, _, _ in mail.recipients],
            mail.conversation,
            mail.defects & HEADER_DEFECTS,
        )
        at += count


@settings(max_examples=200, deadline=None)
@given(MAILS)
def test_an_envelope_is_read_as_with_the_body(raw: bytes) -> None:
    mail, alone = read_mail(raw), read_envelope(raw)
    assert alone[1:9] == mail[1:9]
    assert alone.text == ""


@given(
    st.lists(
        st.one_of(
            VALUES,
            st.builds(
                lambda named, day, month, year, h, m, s, zone: (
                    f"{named}{day} {month} {year} {h:02d}:{m:02d}:{s:02d} {zone}"
                ),
                st.sampled_from(("", "Thu, ", "Thu ", "xx, ")),
                st.integers(0, 33),
                st.sampled_from(("Jan", "feb", "MAR", "Dec", "Sept", "Foo")),
                st.sampled_from((69, 70, 49, 50, 1970, 1999, 2000, 1900, 2100, 2101, 12345)),
                st.integers(0, 25),
                st.integers(0, 61),
                st.integers(0, 61),
                st.sampled_from(
                    ("GMT", "+0000", "-0830", "+1500", "PST", "PM", "EST (x)", "CET-1", "Z", "")
                ),
            ),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_dates_read_at_once_are_those_read_one_by_one(values: list[str]) -> None:
    texts = [value.replace("\n", " ").lstrip() for value in values]
    whole = "".join(f"{text}\n" for text in texts).encode()
    starts = np.cumsum([0, *(len(text.encode()) + 1 for text in texts)])[:-1]
    octets = np.frombuffer(whole + bytes(DATE_BYTES), np.uint8)
    moments, read = plain_dates(octets, starts)
    for text, moment_us, is_read in zip(texts, moments.tolist(), read.tolist(), strict=True):
        if is_read:
            moment = read_date(text)
            assert moment is not None
            assert (moment.earliest_us, moment.latest_us) == (moment_us, moment_us)


def test_the_usual_date_is_read_at_once() -> None:
    usual = b"Thu, 4 Mar 1993 11:11:40 -0800 (PST)\n"
    octets = np.frombuffer(usual + bytes(DATE_BYTES), np.uint8)
    moments, read = plain_dates(octets, np.array([0]))
    assert read.all()
    assert moments[0] == 731_272_300_000_000


FROM_LINES = st.sampled_from(
    (
        b"From a@b.example Thu Mar  4 11:11:40 1993\n",
        b"From a@b.example  Thu Mar 14 11:11:40 1993 \n",
        b"From a@b.example 1993-03-04 19:11:40 UTC\n",
        b"From a@b.example 1993-03-04 19:11:40\n",
        b"From a@b.example (Unknown Date)\n",
        b"From now on, at 11:11:40 1993\n",
        b"From Thu Mar  4 11:11:40 1993\n",
        b"From a Thu Mar  4 11:11:40 1993 remote from b\n",
        b"From " + b"x" * 700 + b" Thu Mar  4 11:11:40 1993\n",
        b"From a@b.example Thu Mar  4 11:11:40 1993\r\n",
    )
)
PIECES = st.one_of(
    FROM_LINES,
    st.sampled_from(
        (
            b"Subject: x\n",
            b">From me\n",
            b"\n",
            b"text\n",
            b"Content-Length: 12\n",
            b":\n",
            b"a b:\n",
        )
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25), st.sampled_from((64, 500, 1 << 20)))
def test_borders_are_found_as_one_by_one(pieces: list[bytes], window: int) -> None:
    view = b"".join(pieces)
    wanted = [at for at in range(len(view)) if _is_border(view, at)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(borders, "WINDOW_BYTES", window)
        found, at = borders.Borders(view), 0
        starts = []
        while border := found.after(at):
            starts.append(border.start)
            at = border.end
    assert starts == wanted


def _is_border(view: bytes, at: int) -> bool:
    starts_line = at == 0 or view[at - 1 : at] == b"\n"
    return starts_line and borders.border_at(view, at) is not None


def test_a_mailbox_is_cut_and_placed_alike_at_both_depths(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    path.write_bytes(
        b"preface\n"
        b"From a@x.example Thu Mar  4 11:11:40 1993\nFrom: a@x.example\nTo: b@x.example\n"
        b"Date: Thu, 4 Mar 1993 11:11:40 GMT\nMessage-ID: <1@x>\n\n>From the start\n\n"
        b"From b@x.example Fri Mar  5 11:11:40 1993\nFrom: b@x.example\nReferences: <1@x>\n"
        b"  <2@x>\n\nno date but the From line's\n\n"
        b"From c@x.example Sat Mar  6 11:11:40 1993\nContent-Length: 74\nFrom: c@x.example\n\n"
        b"From q@x.example Sun Mar  7 11:11:40 1993\nSubject: inside, by its length\n\nx\n\n"
        b"From d@x.example Mon Mar  8 11:11:40 1993\nFrom: d@x.example\r\nDate: no\r\n\r\ncut"
    )
    assert same_envelopes(mbox.CONNECTOR, path) >= 4
    ready = [p for p in mbox.CONNECTOR.read(path, {}) if not isinstance(p, Batch)]
    raw = [p for p in mbox.CONNECTOR.read(path, RAW) if not isinstance(p, Batch)]
    assert raw == ready
    assert rows(mbox.CONNECTOR, path, RAW)[-1]["defects"] & Defect.CUT_SHORT


@settings(max_examples=60, deadline=None)
@given(st.lists(MAILS, max_size=5))
def test_generated_mailboxes_give_the_same_envelopes(mails: list[bytes]) -> None:
    import tempfile

    line = b"From a@x.example Thu Mar  4 11:11:40 1993\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "box.mbox"
        path.write_bytes(b"\n".join(line + mail for mail in mails))
        same_envelopes(mbox.CONNECTOR, path)


def test_single_files_and_maildirs_are_honoured_and_other_formats_are_made_ready(
    tmp_path: Path,
) -> None:
    mail = b"From: a@x.example\nDate: Thu, 4 Mar 1993 11:11:40 GMT\n\n>From here\n"
    (tmp_path / "dir" / "cur").mkdir(parents=True)
    (tmp_path / "dir" / "cur" / "1").write_bytes(mail)
    (tmp_path / "one.eml").write_bytes(mail)
    (tmp_path / "rows.jsonl").write_bytes(b'{"text": "x", "from": "a@x.example"}\n')
    assert same_envelopes(eml.CONNECTOR, tmp_path / "one.eml") == 1
    assert same_envelopes(maildir.CONNECTOR, tmp_path / "dir") == 1
    forms = {
        name: {p.form for p in connector.read(tmp_path / name, RAW) if isinstance(p, Batch)}
        for name, connector in (
            ("one.eml", eml.CONNECTOR),
            ("dir", maildir.CONNECTOR),
            ("rows.jsonl", jsonl.CONNECTOR),
        )
    }
    assert forms == {"one.eml": {FORM_MAIL}, "dir": {FORM_MAIL}, "rows.jsonl": {0}}


def test_parsing_later_makes_what_collecting_ready_makes(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    path.write_bytes(
        b"From a@x.example Thu Mar  4 11:11:40 1993\nFrom: Ana <a@x.example>\nSubject: s\n\n"
        b">From the start\n>>From twice\n\n"
        b"From b@x.example Thu Mar  4 11:11:40 1993\nFrom: b@x.example\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\npart\n--b--\n"
    )
    same_once_parsed(mbox.CONNECTOR, path, FORM_MBOX_MAIL)


def test_a_mail_nobody_can_follow_is_a_row_of_its_text() -> None:
    hostile = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 3000 + b"the words\n"
    (row,) = parse_originals([hostile], [FORM_MAIL]).to_pylist()
    assert "the words" in row["text"] or any("the words" in p["text"] for p in row["parts"])
    (empty,) = parse_originals([b"\xff" * 100], [FORM_MAIL]).to_pylist()
    assert Defect(empty["defects"]) & Defect.OPAQUE


def test_quoting_is_undone_only_where_a_mailbox_quotes() -> None:
    assert unquoted(b"x\n>From y\n") == b"x\nFrom y\n"
    assert unquoted(b"x\n> From y\n") == b"x\n> From y\n"


@pytest.mark.parametrize(
    ("name", "connector", "pattern", "step"),
    [
        ("r-lists", mbox.CONNECTOR, "rlists/*/*.txt", 12),
        ("cypherpunks-early", mbox.CONNECTOR, "cypherpunks_mbox/*.mbox", 6),
        ("mail-fixtures", eml.CONNECTOR, "**/*.eml", 1),
        ("spamassassin", eml.CONNECTOR, "**/*", 12),
    ],
)
def test_real_mail_is_the_same_at_both_depths(
    data_set: DataSet, name: str, connector: Any, pattern: str, step: int
) -> None:
    form = FORM_MBOX_MAIL if connector is mbox.CONNECTOR else FORM_MAIL
    files = sorted(path for path in data_set(name).glob(pattern) if path.is_file())[::step]
    assert sum(same_envelopes(connector, path) for path in files) > 20
    for path in files[:: max(len(files) // 40, 1)]:
        same_once_parsed(connector, path, form)
