"""Every reading of a file's bytes that something could be hidden in: decoded, unpacked, undressed."""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import io
import json
import quopri
import re
import zipfile
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_to_bytes

from pastwatch.errors import BadValue, MissingExtra

DEPTH_MOST: Final = 4
TEXT_RATIO: Final = 0.75
SHIFTED_RATIO: Final = 0.9
LONG_RUN_BYTES: Final = 4_096
MEMBERS_MOST: Final = 2_000
UNPACKED_BYTES_MOST: Final = 200_000_000
_PACKED: Final = (b"PK\x03\x04", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_OWN_PART: Final = re.compile(
    r"word/(?:fontTable|styles\w*|theme/\w+|numbering|\w*[sS]ettings)\.xml$"
)
"""Parts of a Word file that come with its template: fonts and styles, nothing of a case."""
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX: Final = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_QUOTED: Final = re.compile(rb"=[0-9A-F]{2}|=\r?\n")
_PERCENT: Final = re.compile(rb"%[0-9A-Fa-f]{2}")
_ENTITY: Final = re.compile(rb"&(?:#\d+|#x[0-9a-fA-F]+|\w+);")
_PDF_STREAM: Final = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


class Layer(NamedTuple):
    """One reading of a file: where it was found, and its bytes.

    `is_markup`: the file as it stands, with words of the markup's own; `is_opaque`: bytes that read
    as no text, in which a short word stands by chance.
    """

    where: str
    raw: bytes
    is_markup: bool = False
    is_opaque: bool = False


def layers(name: str, raw: bytes) -> Iterator[Layer]:
    """Every reading of a file, itself first; MissingExtra where one cannot be made here."""
    yield Layer("its name", name.encode())
    yield from _unpacked(name, raw, "", 0)


def _unpacked(name: str, raw: bytes, where: str, depth: int) -> Iterator[Layer]:
    suffix = name.lower().rpartition(".")[2]
    is_packed = raw.startswith(
        _PACKED
    )  # what it holds is read below: its own bytes are mostly chance
    yield Layer(
        where or "as it stands",
        raw,
        is_markup=suffix in ("html", "svg", "xml"),
        is_opaque=is_packed,
    )
    if depth > DEPTH_MOST:
        return
    if raw[:4] == b"PK\x03\x04":
        yield from _zipped(raw, where, depth)
    elif raw[:5] == b"%PDF-":
        yield from _of_pdf(raw, where, depth)
    elif raw[:8] == b"\x89PNG\r\n\x1a\n" or raw[:3] == b"\xff\xd8\xff":
        yield from _of_picture(raw, where)
    else:
        if b"<" in raw and suffix in ("html", "svg", "xml", "rels", ""):
            at, is_own = f"{where} text between tags".strip(), _OWN_PART.search(where) is not None
            yield Layer(at, _between_tags(raw), is_markup=is_own)
        if suffix in ("json", "jsonl", "stix") or raw[:1] in (b"{", b"["):
            yield from _of_json(raw, where)
        yield from _decoded(raw, where)


def _decoded(raw: bytes, where: str) -> Iterator[Layer]:
    if _ENTITY.search(raw):
        text = html.unescape(raw.decode("utf-8", "replace"))
        yield Layer(f"{where} entities".strip(), text.encode("utf-8", "replace"))
    if _PERCENT.search(raw):
        yield Layer(f"{where} percent-encoded".strip(), unquote_to_bytes(raw))
    if _QUOTED.search(raw):
        yield Layer(f"{where} quoted-printable".strip(), quopri.decodestring(raw))
    if b"\\u" in raw or b"\\x" in raw:
        yield Layer(f"{where} escapes".strip(), _unescaped(raw))
    whole = [_from_base64(run, 0) for run in _BASE64.findall(raw)]
    whole += [binascii.unhexlify(run) for run in _HEX.findall(raw)]
    shifted = [
        _from_base64(run, skip)
        for run in _BASE64.findall(raw)
        for skip in (1, 2, 3)
        if len(run) < LONG_RUN_BYTES
    ]
    texts = [one for one in whole if _is_text(one)]
    texts += [one for one in shifted if _is_text(one, ratio=SHIFTED_RATIO)]
    if texts:
        yield Layer(f"{where} base64 or hex".strip(), b"\n".join(texts))
    others = [one for one in (*whole, *shifted) if not _is_text(one)]
    if others:
        yield Layer(f"{where} base64 or hex, bytes".strip(), b"\n".join(others), is_opaque=True)


def _is_text(raw: bytes, *, ratio: float = TEXT_RATIO) -> bool:
    """Whether bytes read as text for the most part; zeros, as in written lengths, do not count."""
    plain = raw.replace(b"\x00", b"")
    text = plain.decode("utf-8", "ignore")
    shown = sum(len(c.encode()) for c in text if c.isprintable() or c in "\n\t")
    return shown >= ratio * max(len(plain), 1)


def _from_base64(run: bytes, skip: int) -> bytes:
    """What a run decodes to if it begins after so many of its characters."""
    part = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")[skip:]
    part = part[: len(part) - (len(part) % 4 == 1)]
    return base64.b64decode(part + b"=" * (-len(part) % 4))


def _unescaped(raw: bytes) -> bytes:
    text = raw.decode("utf-8", "replace")
    text = re.sub(r"\\u\{?([0-9a-fA-F]{4})\}?", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text)
    return text.encode("utf-8", "replace")


def _of_json(raw: bytes, where: str) -> Iterator[Layer]:
    try:
        lines = [json.loads(raw)]
    except ValueError:
        try:
            lines = [json.loads(line) for line in raw.splitlines() if line.strip()]
        except ValueError:
            return
    words = "\n".join(_strings(lines))
    yield Layer(f"{where} JSON texts".strip(), words.encode("utf-8", "replace"))


def _strings(plain: Any) -> Iterator[str]:
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for key, held in plain.items():
            yield str(key)
            yield from _strings(held)
    elif isinstance(plain, list):
        for one in plain:
            yield from _strings(one)


class _Between(HTMLParser):
    """Texts, values of attributes and comments of a page; its style sheet is read as it stands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.found += [f"\n{held}\n" for _, held in attrs if held]

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"

    handle_startendtag = handle_starttag

    def handle_comment(self, data: str) -> None:
        self.found.append(f"\n{data}\n")


def _between_tags(raw: bytes) -> bytes:
    parser = _Between()
    parser.feed(raw.decode("utf-8", "replace"))
    parser.close()
    return "".join(parser.found).encode("utf-8", "replace")


def _zipped(raw: bytes, where: str, depth: int) -> Iterator[Layer]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        yield Layer(f"{where} zip comment".strip(), archive.comment)
        total = 0
        for member in archive.infolist()[:MEMBERS_MOST]:
            total += member.file_size
            if total > UNPACKED_BYTES_MOST:
                return
            at = f"{where}/{member.filename}".lstrip("/")
            stamp = "{:04}-{:02}-{:02} {:02}:{:02}:".format(*member.date_time[:5])
            second = member.date_time[5]  # kept in steps of two
            stamps = f"{stamp}{second:02}\n{stamp}{second + 1:02}\n"
            told = f"{member.filename}\n{stamps}".encode() + member.comment + member.extra
            yield Layer(f"{at} zip entry", told)
            yield from _unpacked(member.filename, archive.read(member), at, depth + 1)


def _of_pdf(raw: bytes, where: str, depth: int) -> Iterator[Layer]:
    try:
        import pypdf
    except ImportError:
        raise MissingExtra(
            "a PDF cannot be looked into here", hint="pip install 'pastwatch[documents]'"
        ) from None
    try:
        reader = pypdf.PdfReader(io.BytesIO(raw))
    except pypdf.errors.PyPdfError:
        raise BadValue("a PDF does not read: it cannot be looked into") from None
    told = [f"{k}: {v}" for k, v in (reader.metadata or {}).items()]
    told += [str(item.title) for item in _flat(reader.outline) if item.title]
    for page in reader.pages:
        told.append(page.extract_text())
        told += [str(a.get_object()) for a in page.get("/Annots", None) or ()]
    yield Layer(
        f"{where} PDF text and metadata".strip(), "\n".join(told).encode("utf-8", "replace")
    )
    for number, found in enumerate(_PDF_STREAM.findall(raw), 1):
        plain = found
        with contextlib.suppress(zlib.error):
            plain = zlib.decompressobj().decompress(found, UNPACKED_BYTES_MOST)
        at = f"{where} PDF stream {number}".strip()
        yield Layer(at, plain, is_opaque=not _is_text(plain))
        if plain[:4] in (b"PK\x03\x04", b"%PDF") or plain[:3] == b"\xff\xd8\xff":
            yield from _unpacked("", plain, at, depth + 1)


def _flat(outline: Any) -> Iterator[Any]:
    for item in outline:
        if isinstance(item, list):
            yield from _flat(item)
        else:
            yield item


def _of_picture(raw: bytes, where: str) -> Iterator[Layer]:
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtra(
            "a picture cannot be looked into here", hint="pip install 'pastwatch[photos]'"
        ) from None
    with Image.open(io.BytesIO(raw)) as picture:
        told = [f"{k}: {v}" for k, v in picture.info.items()]
        told += [f"{k}: {v}" for k, v in picture.getexif().items()]
    yield Layer(f"{where} picture's metadata".strip(), "\n".join(told).encode("utf-8", "replace"))
