"""No text of a mail is left out silently, and no bytes make the reader fail."""

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.archive.layout import basis_of
from pastwatch.model.record import Defect
from pastwatch.model.when import HOUR_US, Basis, parse_iso
from pastwatch.stages.collect.mailheader import addresses, ids, outer_ids
from pastwatch.stages.collect.mailread import Mail, read_mail
from pastwatch.stages.collect.mailtime import read_date

HEAD = b"From: Anna <anna@Example.ORG>\nSubject: canary0\nDate: Tue, 4 Apr 2017 06:30:00 +0300\n"


def everything(mail: Mail) -> str:
    parts = [text for part in mail.parts for text in (part[0], part[4])]
    return "\n".join([mail.subject, mail.text, *parts])


def typed(kind: str, body: bytes, *, encoding: str = "") -> bytes:
    transfer = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    return HEAD + f"Content-Type: {kind}\n{transfer}\n".encode() + body


def part(kind: str, body: bytes, extra: str = "") -> bytes:
    return f"--b\nContent-Type: {kind}\n{extra}\n".encode() + body + b"\n"


CANARIES = {
    "plain": HEAD + b"\ncanary1 here",
    "crlf": (HEAD + b"\ncanary1 here\n").replace(b"\n", b"\r\n"),
    "no empty line": HEAD + b"canary1 stands where a header should\n",
    "no header": b"canary0\n\ncanary1",
    "base64": typed("text/plain", base64.b64encode(b"canary0 canary1"), encoding="base64"),
    "base64 with a footer in clear": typed(
        "text/plain", base64.encodebytes(b"x" * 60) + b"_____\ncanary1 list\n", encoding="base64"
    ),
    "base64 in two runs": typed(
        "text/plain",
        base64.b64encode(b"first") + b"\n" + base64.b64encode(b"canary1"),
        encoding="base64",
    ),
    "broken base64": typed("text/plain", b"!canary1!" * 3, encoding="base64"),
    "quoted-printable": typed(
        "text/plain", quopri.encodestring("canary1 мост".encode()), encoding="quoted-printable"
    ),
    "encoding with odd spelling": typed(
        "text/plain", b"can=61ry1", encoding="Quoted Printable; x"
    ),
    "unknown encoding": typed("text/plain", b"canary1", encoding="x-mine"),
    "charset that is a codec": typed("text/plain; charset=rot13", b"canary1"),
    "charset with a NUL": typed("text/plain; charset=a\0b", b"canary1"),
    "utf-16": typed(
        "text/plain; charset=utf-16", base64.b64encode("canary1".encode("utf-16")), encoding="base64"
    ),
    "utf-16 that says ascii": typed("text/plain", "canary1".encode("utf-16-le")),
    "html": typed("text/html", b"<p>can<b>ary1</b><script>x</script>"),
    "html with an open script": typed("text/html", b"<script>canary1"),
    "html with an open comment": typed("text/html", b"<!-- canary1"),
    "html attribute": typed("text/html", b'<img alt="canary1" src=x>'),
    "html with an address": typed("text/html", b"mail <canary1@example.org> now"),
    "multipart": typed("multipart/mixed; boundary=b", part("text/plain", b"canary1") + b"--b--\n"),
    "multipart never closed": typed("multipart/mixed; boundary=b", part("text/plain", b"canary1")),
    "multipart without a boundary": typed("multipart/mixed", part("text/plain", b"canary1")),
    "multipart with another boundary": typed(
        "multipart/mixed; boundary=z", part("text/plain", b"canary1") + b"--b--\n"
    ),
    "multipart of nothing but code": typed(
        "multipart/mixed; boundary=z", base64.encodebytes(b"canary1 " * 20)
    ),
    "preamble": typed("multipart/mixed; boundary=b", b"canary1\n" + part("text/plain", b"x")),
    "epilogue": typed(
        "multipart/mixed; boundary=b", part("text/plain", b"x") + b"--b--\ncanary1\n"
    ),
    "part without a header": typed("multipart/mixed; boundary=b", b"--b\nNote: canary1\n--b--\n"),
    "only in the html form": typed(
        "multipart/alternative; boundary=b",
        part("text/plain", b"none") + part("text/html", b"<p>canary1") + b"--b--",
    ),
    "attached text": typed(
        "multipart/mixed; boundary=b",
        part("text/plain", b"x")
        + part("text/csv", b"canary1", "Content-Disposition: attachment; filename=a.csv\n"),
    ),
    "attached without a type": typed(
        "multipart/mixed; boundary=b",
        part("application/octet-stream", base64.b64encode(b"canary1"), "Content-Transfer-Encoding: base64\n"),
    ),
    "file name": typed(
        "multipart/mixed; boundary=b",
        part("image/png", b"\x00", "Content-Disposition: attachment; filename*=utf-8''can%61ry1.png\n"),
    ),
    "nested mail": typed(
        "multipart/mixed; boundary=b", part("message/rfc822", b"Subject: s\n\ncanary1") + b"--b--"
    ),
    "nested subject": typed("message/rfc822", b"Subject: =?utf-8?q?can=61ry1?=\n\nx"),
    "nested attachment": typed(
        "message/rfc822",
        b"Content-Type: multipart/mixed; boundary=b\n\n"
        + part("text/plain", b"canary1", "Content-Disposition: attachment; filename=x\n"),
    ),
    "deeply nested": HEAD + b"Content-Type: message/rfc822\n\n" * 60 + b"canary1",
    "digest": typed("multipart/digest; boundary=b", b"--b\n\nSubject: x\n\ncanary1\n--b--"),
    "delivery status": typed("message/delivery-status", b"Status: canary1"),
    "cut in a code": typed("text/plain", base64.b64encode(b"canary1 and on")[:-3], encoding="base64"),
}  # fmt: skip


@pytest.mark.parametrize("name", CANARIES)
def test_every_canary_is_found(name: str) -> None:
    mail = read_mail(CANARIES[name])
    assert "canary0" in everything(mail)
    assert "canary1" in everything(mail)
    assert "\0" not in everything(mail)


@pytest.mark.parametrize(
    ("name", "defect"),
    [
        ("no header", Defect.OPAQUE),
        ("no empty line", Defect.BAD_STRUCTURE),
        ("broken base64", Defect.BAD_ENCODING),
        ("charset that is a codec", Defect.BAD_CHARSET),
        ("multipart never closed", Defect.CUT_SHORT),
        ("multipart without a boundary", Defect.FALLBACK),
        ("deeply nested", Defect.OPAQUE),
    ],
)
def test_each_fallback_leaves_its_mark(name: str, defect: Defect) -> None:
    assert Defect(read_mail(CANARIES[name]).defects) & defect


@given(st.binary(max_size=400), st.sampled_from([b"", HEAD, CANARIES["multipart"]]))
def test_no_bytes_make_it_fail(raw: bytes, before: bytes) -> None:
    everything(read_mail(before + raw)).encode()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_any_text_in_base64_comes_back(text: str) -> None:
    raw = typed("text/plain; charset=utf-8", base64.encodebytes(text.encode()), encoding="base64")
    assert text in read_mail(raw).text


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: text/html\n\n" + b"<script>" * 40_000,
        b"Content-Type: text/html\n\n" + b"<td> " * 60_000,
        b"Subject: " + b"=?a?q?" * 50_000 + b"\n\nx",
        b"To: " + b"a" * 300_000 + b"@\n\nx",
        b"To: " + b"a@b:" * 80_000 + b"\n\nx",
        b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * 80_000,
        b"References: " + b"<" * 300_000 + b"\n\nx",
    ],
)
@pytest.mark.timeout(10)
def test_no_mail_takes_more_than_linear_time(body: bytes) -> None:
    assert read_mail(body).text is not None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            '"Berg, Anna" <Anna@EX.org>, b@c.d (Bob)',
            [("Anna@ex.org", "Berg, Anna"), ("b@c.d", "Bob")],
        ),
        ("Group: a@b.c, D <d@e.f>;", [("a@b.c", ""), ("d@e.f", "D")]),
        ("anna at ex.org (Anna Berg)", [("anna@ex.org", "Anna Berg")]),
        ("m@ech|er @end|ng |rom @t@t@m@th (Anna Berg)", [("m@ech|er@@t@t@m@th", "Anna Berg")]),
        ("=?utf-8?q?J=C3=B6rg?= <j@x.de>", [("j@x.de", "Jörg")]),
        ("undisclosed-recipients:;", []),
        ("H", [("H", "H")]),
    ],
)
def test_addresses_are_read_as_people_write_them(
    value: str, expected: list[tuple[str, str]]
) -> None:
    assert list(addresses(value)) == expected


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Tue, 4 Apr 2017 06:30:00 +0300", "2017-04-04T03:30:00Z"),
        ("Thu, 4 Mar 93 11:11:40 PST", "1993-03-04T19:11:40Z"),
        ("1993-03-04 19:11:40 UTC", "1993-03-04T19:11:40Z"),
        ("Thu Mar  4 11:11:40 1993 -0800", "1993-03-04T19:11:40Z"),
        ("Thu Mar  4 20:11:40 MET 1993", "1993-03-04T19:11:40Z"),
        ("Sat, 31 Dec 2016 23:59:60 GMT", "2017-01-01T00:00:00Z"),
    ],
)
def test_dates_are_read_as_mailers_write_them(text: str, iso: str) -> None:
    moment = read_date(text)
    assert moment == (parse_iso(iso)[0], parse_iso(iso)[0], True)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "Tue, 4 Apr 0017 06:30:00", "31 Feb 2017 06:30:00", "4 Apr 9999 06:30:00 +0000"],
)
def test_what_is_no_usable_date_is_none(text: str) -> None:
    assert read_date(text) is None


def test_a_date_without_a_zone_is_twenty_six_hours_wide() -> None:
    moment = read_date("Tue Apr  4 06:30:00 2017")
    assert moment is not None
    assert moment.latest_us - moment.earliest_us == 26 * HOUR_US


def test_without_a_date_the_time_of_receipt_counts_and_says_so() -> None:
    raw = b"From: a@b\nDate: yesterday\nReceived: by x; Tue, 4 Apr 2017 06:30:00 +0000\n\nx"
    mail = read_mail(raw)
    assert basis_of(mail.basis) is Basis.RECEIVED
    assert Defect(mail.defects) & Defect.BAD_DATE


def test_the_same_words_in_html_are_not_said_twice() -> None:
    body = part("text/plain", b"the bridge") + part("text/html", b"<p>the <b>bridge</b>") + b"--b--"
    assert read_mail(typed("multipart/alternative; boundary=b", body)).text.strip() == "the bridge"


def test_utf8_that_says_latin1_is_read_as_utf8() -> None:
    mail = read_mail(typed("text/plain; charset=iso-8859-1", "мост".encode()))
    assert mail.text == "мост"
    assert Defect(mail.defects) & Defect.BAD_CHARSET


@given(st.text(alphabet="<>a@b \n", max_size=24))
def test_the_outer_ids_of_a_header_are_the_first_and_last_of_all(value: str) -> None:
    every, outer = ids(value), outer_ids(value)
    assert (outer[:1], outer[-1:]) == (every[:1], every[-1:])
