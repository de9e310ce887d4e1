"""Makes malformed mails, each with a canary word in its text, in base64 and in quoted-printable."""

from __future__ import annotations

import base64
import gzip
import io
import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SAID, CODED, QUOTED = "canarythatsings", "canarythatsleeps", "canarythatflies"
CANARIES = (SAID, CODED, QUOTED)
_CODED = base64.encodebytes(
    f"Behind the door, as was agreed on Monday, the {CODED} waits for the morning.\r\n".encode()
)
_QUOTED = b"The caf=C3=A9 is where the canarythat=\r\nf=6Cies was seen, in=20the evening.\r\n"
_ODD_CHARSETS = (
    b"idna rot13 punycode hex base64 bz2 zlib uu quopri unicode_escape raw_unicode_escape undefined "
    b"mbcs oem x-none utf-9 iso-8859-99 utf8mb4 %00 =?utf-8?q?utf-8?= utf-8\x00 "
    b"utf-8;x=y \xff\xfe cp65001 unicode-2-0-utf-7 iso-2022-zz"
).split(b" ")


@dataclass(slots=True)
class Spec:
    """A mail of three parts before it is put together, and what is done to it afterwards."""

    head: list[bytes]
    parts: list[tuple[list[bytes], bytes]]
    border: bytes = b"=_border"
    declared: bytes = b'; boundary="=_border"'
    close: bytes = b"--\r\n"
    after: list[Callable[[bytes], bytes]] = field(default_factory=list)

    def built(self) -> bytes:
        """The mail's bytes."""
        kind = b"Content-Type: multipart/mixed" + self.declared
        pieces = [*self.head, kind, b"", b"This text stands before the first border."]
        for head, body in self.parts:
            pieces += [b"--" + self.border, *head, b"", body]
        raw = b"\r\n".join(pieces) + b"\r\n--" + self.border + self.close
        for change in self.after:
            raw = change(raw)
        return raw


Mutation = Callable[[Spec, random.Random], None]


def plain(number: int) -> Spec:
    """A mail without any fault."""
    head = [
        b"From: Ana <ana@a.example>",
        b"To: Ben <ben@b.example>",
        b"Date: Mon, 03 Apr 2017 09:%02d:00 +0300" % (number % 60),
        b"Message-ID: <%d@a.example>" % number,
        b"Subject: note %d" % number,
        b"MIME-Version: 1.0",
    ]
    text = b"Content-Type: text/plain; charset=%s"
    return Spec(head, [
        ([text % b"utf-8"], f"Under the bridge the {SAID} all day.\r\n".encode()),
        ([text % b"utf-8", b"Content-Transfer-Encoding: base64"], _CODED),
        ([text % b"utf-8", b"Content-Transfer-Encoding: quoted-printable"], _QUOTED),
    ])  # fmt: skip


def _border(declared: bytes, border: bytes = b"=_border", close: bytes = b"--\r\n") -> Mutation:
    def change(spec: Spec, _draw: random.Random) -> None:
        spec.declared, spec.border, spec.close = declared, border, close

    return change


def _charset(spec: Spec, draw: random.Random) -> None:
    for place, (head, body) in enumerate(spec.parts):
        name = draw.choice(_ODD_CHARSETS)
        spec.parts[place] = ([b"Content-Type: text/plain; charset=" + name, *head[1:]], body)


def _head(*lines: bytes, front: bool = False) -> Mutation:
    def change(spec: Spec, _draw: random.Random) -> None:
        spec.head = [*lines, *spec.head] if front else [*spec.head, *lines]

    return change


def _after(change: Callable[[bytes, random.Random], bytes]) -> Mutation:
    return lambda spec, draw: spec.after.append(lambda raw: change(raw, draw))


def _part(place: int, change: Callable[[bytes, random.Random], bytes]) -> Mutation:
    def apply(spec: Spec, draw: random.Random) -> None:
        head, body = spec.parts[place]
        spec.parts[place] = (head, change(body, draw))

    return apply


def _attached(name: bytes, kind: bytes, content: bytes) -> Mutation:
    head = [
        b'Content-Type: %s; name="%s"' % (kind, name),
        b"Content-Transfer-Encoding: base64",
        b"Content-Disposition: attachment",
    ]
    coded = base64.encodebytes(content)
    return lambda spec, _draw: spec.parts.append((head, coded))


def _nested(levels: int, kind: bytes) -> Mutation:
    """The mail inside so many others, a border or an attached mail each."""

    def wrap(raw: bytes, _draw: random.Random) -> bytes:
        for level in range(levels):
            if kind == b"message/rfc822":
                raw = b"Subject: level %d\r\nContent-Type: message/rfc822\r\n\r\n" % level + raw
            else:
                raw = (
                    b'Content-Type: %s; boundary="%d_"\r\n\r\n--%d_\r\n' % (kind, level, level)
                ) + raw + b"\r\n--%d_--\r\n" % level  # fmt: skip
        return raw

    return _after(wrap)


def _flipped(raw: bytes, draw: random.Random) -> bytes:
    """Bits flipped anywhere but in the parts that hold a canary."""
    made = bytearray(raw)
    first = raw.find(b"Under the bridge")
    for _ in range(draw.randrange(1, 30)):
        at = draw.randrange(max(first, 1))
        made[at] ^= 1 << draw.randrange(8)
    return bytes(made)


def _beheaded(raw: bytes) -> bytes:
    body = raw.partition(b"\r\n\r\n")[2]
    return body if SAID.encode() in body else raw


def _zip(name: str, size_bytes: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, b"\0" * size_bytes)
    return made.getvalue()


def _repeated(raw: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(raw))
    return raw[:at] + raw[max(0, at - 400) : at] * draw.randrange(1, 50) + raw[at:]


_BOMB = 64 * 1024 * 1024
_RECIPIENTS = b",\r\n ".join(b'"Last%d, First" <r%d@b.example>' % (n, n) for n in range(10_000))

MUTATIONS: Mapping[str, Mutation] = {
    "no border declared": _border(b""),
    "another border declared": _border(b"; boundary=other"),
    "an empty border": _border(b'; boundary=""'),
    "two borders declared": _border(b"; boundary=first; boundary=second"),
    "a border of signs": _border(b'; boundary="(.*)+[a-z]$"', b"(.*)+[a-z]$"),
    "a border of 5,000 letters": _border(b"; boundary=" + b"x" * 5000, b"x" * 5000),
    "a border in a folded line": _border(b';\r\n boundary="=_border"'),
    "a border continued": _border(b"; boundary*0==_bor; boundary*1=der"),
    "no border at the end": _border(b'; boundary="=_border"', close=b""),
    "a border without its quote": _border(b'; boundary="=_border'),
    "charsets that are none": _charset,
    "a subject of a megabyte": _head(b"Subject: " + b"word " * 200_000),
    "20,000 header lines": _head(*(b"X-Line-%d: value" % n for n in range(20_000))),
    "a header folded 50,000 times": _head(b"X-Long: a" + b"\r\n a" * 50_000),
    "10,000 recipients": _head(b"Cc: " + _RECIPIENTS),
    "a lying content-length": _head(b"Content-Length: 7"),
    "a huge content-length": _head(b"Content-Length: 99999999999999999999"),
    "a line that is no header": _head(b"this is no header at all", front=True),
    "a header without a name": _head(b": nameless", front=True),
    "broken encoded words": _head(
        b"Subject: =?utf-8?b?!!!?= =?x?q?=ZZ?= =?utf-8?q? =?=?=?= =?idna?b?eHg=?= =?",
        b"From: =?rot13?q?nan?= <=?utf-8?b?//8=?=>",
    ),
    "40,000 encoded words": _head(b"Subject: " + b"=?utf-8?q?a?= " * 40_000),
    "20,000 opened comments": _head(b"To: " + b"(" * 20_000, b"From: " + b"<" * 20_000),
    "20,000 opened quotes": _head(b"To: " + b'"\\' * 20_000),
    "a date of digits": _head(b"Date: " + b"9" * 10_000, front=True),
    "two content types": _head(b"Content-Type: text/html; charset=hex", front=False),
    "a NUL in the header": _head(b"X-Nul: a\0b\0"),
    "NULs in the text": _part(0, lambda body, _: b"\0\0 " + body.replace(b" ", b"\0 ")),
    "text in UTF-16": _part(
        0, lambda body, _: b"\xff\xfe" + body.decode("latin-1").encode("utf-16-le")
    ),
    "text in unmarked UTF-16": _part(0, lambda body, _: body.decode("latin-1").encode("utf-16-le")),
    "text that is no UTF-8": _part(0, lambda body, _: b"\xff\xc3\x28 " + body),
    "base64 without padding": _part(1, lambda body, _: body.rstrip(b"=\n") + b"\r\n"),
    "base64 with rubbish": _part(1, lambda body, _: body.replace(b"\n", b" !\r\n#~ ")),
    "base64 and words": _part(
        1, lambda body, _: body + b"\r\nSent by a list server, not coded.\r\n"
    ),
    "base64 in lines of three": _part(
        1, lambda body, _: b"\n".join(body[at : at + 3] for at in range(0, len(body), 3))
    ),
    "quoted-printable that is none": _part(2, lambda body, _: b"=ZZ=\t=4 =\r\n" + body + b"=3"),
    "lone CR": _after(lambda raw, _: raw.replace(b"\r\n", b"\r")),
    "lone LF": _after(lambda raw, _: raw.replace(b"\r\n", b"\n")),
    "CR CR LF": _after(lambda raw, _: raw.replace(b"\r\n", b"\r\r\n")),
    "no empty line": _after(lambda raw, _: raw.replace(b"\r\n\r\n", b"\r\n", 1)),
    "no header": _after(lambda raw, _: _beheaded(raw)),
    "empty lines first": _after(lambda raw, _: b"\r\n" * 40 + raw),
    "a From line first": _after(lambda raw, _: b"From ana Mon Apr  3 12:00:00 2017\n" + raw),
    "bits flipped": _after(_flipped),
    "a stretch repeated": _after(_repeated),
    "a tail of zeros": _after(lambda raw, _: raw + b"\0" * 1_000_000),
    "a tail of dashes": _after(lambda raw, _: raw + b"--" * 400_000),
    "a tail of borders": _after(lambda raw, _: raw + b"--=_border\r\n" * 20_000),
    "30 mails deep": _nested(30, b"message/rfc822"),
    "1,500 mails deep": _nested(1500, b"message/rfc822"),
    "30 borders deep": _nested(30, b"multipart/mixed"),
    "1,500 borders deep": _nested(1500, b"multipart/alternative"),
    "a bomb in a zip": _attached(b"a.zip", b"application/zip", _zip("a.txt", _BOMB)),
    "a bomb in a document": _attached(
        b"a.docx", b"application/msword", _zip("word/document.xml", _BOMB)
    ),
    "a bomb in a gzip": _attached(b"a.gz", b"application/gzip", gzip.compress(b"\0" * _BOMB)),
    "a document cut short": _attached(
        b"a.pdf", b"application/pdf", b"%PDF-1.7\n" + b"1 0 obj" * 99
    ),
    "a winmail of rubbish": _attached(
        b"winmail.dat", b"application/ms-tnef", b"\x78\x9f\x3e\x22" + b"\xff" * 4000
    ),
    "a name that climbs": _attached(b"../../../etc/passwd", b"text/plain", b"a note"),
}


def mutated(number: int, *names: str, seed: int = 0) -> bytes:
    """The mail of that number under the mutations named, in order."""
    draw = random.Random(f"{seed}/{number}")  # noqa: S311 - a sample, drawn the same each time
    spec = plain(number)
    for name in names:
        MUTATIONS[name](spec, draw)
    return spec.built()
