"""Reads the words of a file by what its bytes are: PDF, office, RTF, HTML, calendars, winmail.dat."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pastwatch.errors import MissingExtra
from pastwatch.model.record import Defect
from pastwatch.stages.collect import cards, mailbody, officetext
from pastwatch.stages.collect.mailcharset import decoded
from pastwatch.stages.collect.rtftext import rtf_words

if TYPE_CHECKING:
    from pastwatch.stages.collect.mapi import Item

CONTENT_LIMIT_BYTES = 64 * 1024 * 1024
RUNS_LIMIT_BYTES = 8 * 1024 * 1024
TEXT_LIMIT = 16 * 1024 * 1024  # characters of one file
PAGES_LIMIT = 2000
DEPTH_LIMIT = 4  # files inside files
MEMBERS_LIMIT = 500
_HTML = re.compile(
    rb"\s*(?:<!--(?:(?!-->).){0,2000}-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_CARD = re.compile(rb"(?:\xef\xbb\xbf)?\s*BEGIN:V(?:CALENDAR|CARD|EVENT|TODO)\b", re.IGNORECASE)
_RIFF = {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo", b"WEBP": "image/webp"}
_TNEF = b'x\x9f>"'
_OUTLOOK = "__substg1".encode("utf-16-le")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCUMENTS = (b"PK\x03\x04", b"{\\rtf", _TNEF, _OLE)
_LETTERS = bytes(range(65, 91)) + bytes(range(97, 123)) + b" " + bytes(range(0xC0, 0x100))
_NARROW_RUN = re.compile(rb"[\t\r\n\x20-\x7e\x80-\xff]{6,}")
_WIDE_RUN = re.compile(rb"(?:[\t\r\n\x20-\x7e\xa0-\xff]\x00|[\x00-\xff][\x04-\x06]){6,}")
_MAGIC = (
    (b"%PDF-", "application/pdf"), (b"{\\rtf", "application/rtf"), (_TNEF, "application/ms-tnef"),
    (_OLE, "application/x-ole-storage"), (b"\x89PNG\r\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"), (b"II*\0", "image/tiff"), (b"MM\0*", "image/tiff"), (b"BM", "image/bmp"),
    (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"), (b"\x1aE\xdf\xa3", "video/x-matroska"), (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf'\x1c", "application/x-7z-compressed"), (b"SQLite format 3\0", "application/vnd.sqlite3"),
)  # fmt: skip


class PartText(NamedTuple):
    """What was read of a file: its words, when it says it was made, and what was wrong."""

    text: str
    created: str = ""
    defects: Defect = Defect.NONE


class FilePart(NamedTuple):
    """One file of an attachment: itself, then those packed in it."""

    name: str
    media_type: str
    content: bytes
    text: str
    defects: Defect


def text_of(content: bytes, *, media_type: str = "", name: str = "") -> str:
    """The words of a file, told by its bytes; "" where there are none or they cannot be read."""
    return read_part(content, media_type=media_type, name=name).text


def media_type_of(content: bytes, *, name: str = "") -> str:
    """The media type the bytes show; "" where they show none. A name decides between texts only."""
    head = content[:4096]
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if packed := _in_box(head):
        return packed
    if head.startswith(b"PK\x03\x04"):
        return officetext.KINDS.get(officetext.office_kind(content), "application/zip")
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    return _kind_of_text(content, name)


def _kind_of_text(content: bytes, name: str) -> str:
    head = content[:4096]
    if _CARD.match(head):
        return "text/vcard" if b"VCARD" in head[:200].upper() else "text/calendar"
    if _HTML.match(head) or (name.lower().endswith((".html", ".htm")) and b"<" in head):
        return "text/html"
    return "text/plain" if content and mailbody.looks_like_text(content) else ""


def _in_box(head: bytes) -> str:
    """The media type of sound and pictures whose kind stands after their first bytes."""
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], "application/octet-stream")
    if head[4:8] == b"ftyp":
        return "audio/mp4" if head[8:11] in {b"M4A", b"M4B"} else "video/mp4"
    return ""


def is_document(content: bytes, *, media_type: str = "") -> bool:
    """Whether the bytes are of a form that has to be read to find its words."""
    head = content[:1024]
    if b"%PDF-" in head or head.startswith(_DOCUMENTS):
        return True
    is_card = media_type not in {"text/plain", "text/html"} and b"BEGIN:V" in head[:200].upper()
    return is_card and _CARD.match(head) is not None


def read_part(content: bytes, *, media_type: str = "", name: str = "", depth: int = 0) -> PartText:
    """The words of a file and what was wrong; it never fails, and a missing reader reads nothing."""
    if not content:
        return PartText("")
    if len(content) > CONTENT_LIMIT_BYTES or depth > DEPTH_LIMIT:
        return PartText("", defects=Defect.TEXT_LIMIT)
    found = _read(content, media_type_of(content, name=name) or media_type, depth)
    if found.defects and not found.text.strip() and mailbody.looks_like_text(content):
        # A text that only begins like a document, or one cut off: it stays readable as it stands.
        found = found._replace(text=decoded(content, "")[0])
    if len(found.text) > TEXT_LIMIT:
        found = found._replace(
            text=found.text[:TEXT_LIMIT], defects=found.defects | Defect.TEXT_LIMIT
        )
    return found


def _read(content: bytes, kind: str, depth: int) -> PartText:
    if kind in officetext.KINDS.values() and kind != officetext.KINDS["zip"]:
        office = officetext.office_text(content, limit=TEXT_LIMIT)
        defects = Defect.NONE if office.is_whole else Defect.BAD_STRUCTURE
        return PartText(office.text, office.created, defects)
    if kind in _NESTED:
        return _NESTED[kind](content, depth)
    return _FLAT[kind](content) if kind in _FLAT else PartText("")


def file_parts(content: bytes, *, media_type: str, name: str) -> Iterator[FilePart]:
    """The attachment, then the files that Outlook packed in it (winmail.dat), each with its text."""
    found = read_part(content, media_type=media_type, name=name)
    if content.startswith(b'x\x9f>"'):
        from pastwatch.stages.collect.mapitext import words_of
        from pastwatch.stages.collect.tnef import read_tnef

        item = read_tnef(content)
        yield FilePart(name, media_type, content, words_of(item), found.defects)
        for file in item.attachments[:MEMBERS_LIMIT]:
            inner = read_part(file.content, media_type=file.media_type, name=file.name, depth=1)
            kind = file.media_type or media_type_of(file.content, name=file.name)
            yield FilePart(
                file.name,
                kind or "application/octet-stream",
                file.content,
                inner.text,
                inner.defects,
            )
        return
    yield FilePart(name, media_type, content, found.text, found.defects)


def _html(content: bytes) -> PartText:
    stated = _META.search(content[:4096])
    charset = stated[1].decode("ascii", "ignore") if stated else ""
    return PartText(mailbody.html_text(decoded(content, charset)[0]))


def _rtf(content: bytes) -> PartText:
    text, defects = rtf_words(content)
    return PartText(text, defects=defects)


def _pdf(content: bytes) -> PartText:
    from pastwatch.stages.collect.pdftext import pdf_text

    text, created, defects = pdf_text(content, pages_limit=PAGES_LIMIT, limit=TEXT_LIMIT)
    return PartText(text, created, defects)


def _zip(content: bytes, depth: int) -> PartText:
    """The names in a zip, and the words of what they name."""
    said: list[str] = []
    defects, left = Defect.NONE, TEXT_LIMIT
    members = officetext.zip_members(content, limit_bytes=CONTENT_LIMIT_BYTES)
    for number, (name, raw) in enumerate(members):
        if number >= MEMBERS_LIMIT or left <= 0:
            defects |= Defect.TEXT_LIMIT
            break
        shown = decoded(name.encode("utf-8", "replace"), "utf-8")[0]
        if raw is None:
            defects |= Defect.BAD_STRUCTURE
            said.append(shown)
            continue
        inner = read_part(raw, name=name, depth=depth + 1)
        defects |= inner.defects
        said.extend(piece for piece in (shown, inner.text[:left]) if piece)
        left -= len(inner.text)
    return PartText("\n".join(said), defects=defects)


def _tnef(content: bytes, depth: int) -> PartText:
    from pastwatch.stages.collect.tnef import read_tnef

    return _item_words(read_tnef(content), depth)


def _item_words(item: Item, depth: int) -> PartText:
    """The words of an item of Outlook, and of what is attached to it."""
    from pastwatch.stages.collect.mapitext import words_of

    said, defects = [words_of(item)], item.defects
    for file in item.attachments[:MEMBERS_LIMIT]:
        if file.inner is not None and depth < DEPTH_LIMIT:
            inner = _item_words(file.inner, depth + 1)
        else:
            inner = read_part(
                file.content, media_type=file.media_type, name=file.name, depth=depth + 1
            )
        said.extend(piece for piece in (file.name, inner.text) if piece)
        defects |= inner.defects
    return PartText("\n".join(said), defects=defects)


def _ole(content: bytes, depth: int) -> PartText:
    """A .msg; or Word, Excel and PowerPoint up to 2003 and the like, by their readable runs."""
    item = None
    if _OUTLOOK in content:
        from pastwatch.stages.collect.olemail import read_msg

        try:
            item = read_msg(content)
        except MissingExtra:
            item = None
    if item is not None:
        return _item_words(item, depth)
    is_whole = len(content) <= RUNS_LIMIT_BYTES
    defects = Defect.FALLBACK | (Defect.NONE if is_whole else Defect.TEXT_LIMIT)
    return PartText(readable_runs(content), defects=defects)


def readable_runs(content: bytes) -> str:
    """Runs of letters in bytes of no known form, one byte a letter or two."""
    content = content[:RUNS_LIMIT_BYTES]
    narrow = [run for run in _NARROW_RUN.findall(content) if _is_wordy(run)]
    wide = [run.decode("utf-16-le", "ignore") for run in _WIDE_RUN.findall(content)]
    lines = [*(run.decode("cp1252", "replace") for run in narrow), *wide]
    return "\n".join(line.strip() for line in lines if line.strip())[:TEXT_LIMIT]


def _is_wordy(run: bytes) -> bool:
    others = len(run.translate(None, _LETTERS))
    return others * 10 <= len(run) * (3 if run.isascii() else 1)


_FLAT: dict[str, Callable[[bytes], PartText]] = {
    "application/pdf": _pdf,
    "text/html": _html,
    "application/rtf": _rtf,
    "text/vcard": lambda content: PartText(cards.card_text(content)),
    "text/calendar": lambda content: PartText(cards.card_text(content)),
    "text/plain": lambda content: PartText(decoded(content, "")[0]),
}
_NESTED: dict[str, Callable[[bytes, int], PartText]] = {
    "application/zip": _zip,
    "application/ms-tnef": _tnef,
    "application/x-ole-storage": _ole,
}
