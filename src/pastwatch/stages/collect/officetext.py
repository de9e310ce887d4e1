"""Reads the words of zipped office documents (Word, Excel, PowerPoint, OpenDocument) in a stream."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat

MEMBERS_LIMIT = 10_000
MEMBER_LIMIT_BYTES = 64 * 1024 * 1024
INFLATED_LIMIT_BYTES = 64 * 1024 * 1024
TAGS_LIMIT = 2_000_000  # of one document: some two seconds
RATIO_LIMIT = 200  # a text that shrinks more than this is made to fill memory
_CHUNK_BYTES = 1 << 16
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError,
           RuntimeError, expat.ExpatError, KeyError, IndexError)  # fmt: skip
_NUMBERS = re.compile(r"(\d+)")
_LINE_ENDS = frozenset(("p", "h", "tr", "row", "title"))
_BLANKS = {"tab": "\t", "tc": "\t", "table-cell": "\t", "s": " ", "br": "\n", "line-break": "\n", "cr": "\n"}  # fmt: skip
_LONGEST_NUMBER = 9


class Office(NamedTuple):
    """What a document holds: its kind, its words, when it says it was made, if all was read."""

    kind: str
    text: str
    created: str
    is_whole: bool


KINDS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "zip": "application/zip",
}


def office_kind(content: bytes) -> str:
    """docx, xlsx, pptx or odt (any OpenDocument); "zip" for another zip; "" for none at all."""
    if not content.startswith(b"PK\x03\x04"):
        return ""
    if content[30:38] == b"mimetype" and b"application/vnd.oasis.opendocument" in content[38:120]:
        return "odt"
    for kind, folder in (("docx", b"word/"), ("xlsx", b"xl/"), ("pptx", b"ppt/")):
        # The names stand in clear before each member, and once more at the end.
        if folder in content[:65536] or folder in content[-65536:]:
            return kind if b"[Content_Types].xml" in content else "zip"
    return "zip"


def office_text(content: bytes, *, limit: int) -> Office:
    """The words of a document, at most `limit` characters; what is broken ends the reading there."""
    kind = office_kind(content)
    words = _Words(limit)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()[:MEMBERS_LIMIT]
            names = {member.filename: member for member in members}
            shared = _shared_strings(package, names, words) if kind == "xlsx" else []
            for member in _texts_of(kind, members):
                words.feed(package, member, _reader_of(kind, words, shared))
            created = _created(package, names, words)
    except _BROKEN:
        return Office(kind, words.text(), "", is_whole=False)
    return Office(kind, words.text(), created, is_whole=words.is_whole)


def zip_members(content: bytes, *, limit_bytes: int) -> Iterator[tuple[str, bytes | None]]:
    """(name, bytes) of a zip's members, in order; None for one too large, locked or broken."""
    left = limit_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for member in package.infolist()[:MEMBERS_LIMIT]:
                if member.filename.endswith("/"):
                    continue
                raw = _whole(package, member, left)
                left -= len(raw or b"")
                yield member.filename, raw
    except _BROKEN:
        yield "", None


def _whole(package: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes | None:
    if member.file_size > min(left, MEMBER_LIMIT_BYTES) or _is_bomb(member):
        return None
    try:
        with package.open(member) as file:
            return file.read(member.file_size + 1)[: member.file_size]
    except _BROKEN:
        return None


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    return member.file_size > 1 << 20 and member.file_size > RATIO_LIMIT * max(
        member.compress_size, 1
    )


class _Words:
    """Gathers text under limits on characters and on bytes unpacked."""

    def __init__(self, limit: int) -> None:
        self._pieces: list[str] = []
        self._left = limit
        self._bytes_left, self._tags_left = INFLATED_LIMIT_BYTES, TAGS_LIMIT
        self.is_whole = True

    def add(self, text: str) -> None:
        if len(text) > self._left:
            text = text[: self._left]
            self.is_whole = False
        self._left -= len(text)
        self._pieces.append(text)

    def text(self) -> str:
        joined = "".join(self._pieces).replace("\0", "")
        return re.sub(r"[ \t]*\n[ \t\n]*", "\n", joined).strip()

    def feed(self, package: zipfile.ZipFile, member: zipfile.ZipInfo, reader: _Reader) -> None:
        """Pass a member's XML to a reader; entities are refused (they could be made to explode)."""
        if _is_bomb(member) or member.file_size > self._bytes_left or self._left <= 0:
            self.is_whole = False
            return
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
        parser.CharacterDataHandler = reader.data
        parser.EntityDeclHandler = _refuse
        try:
            with package.open(member) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    self._bytes_left -= len(chunk)
                    self._tags_left -= chunk.count(b"<")
                    if self._bytes_left < 0 or self._tags_left < 0:
                        self.is_whole = False
                        return
                    parser.Parse(chunk, False)
                parser.Parse(b"", True)
        except _BROKEN:
            self.is_whole = False


def _refuse(*_: object) -> None:
    raise ValueError


def _texts_of(kind: str, members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The members that hold words, in the order a reader meets them."""
    wanted = {
        "docx": r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments|charts/chart\d+|diagrams/data\d+)\.xml",
        "xlsx": r"xl/(worksheets/[^/]+|comments\d*|drawings/drawing\d+|charts/chart\d+)\.xml",
        "pptx": r"ppt/(slides/slide\d+|notesSlides/notesSlide\d+|comments/[^/]+|charts/chart\d+|diagrams/data\d+)\.xml",
        "odt": r"(content|styles)\.xml",
    }.get(kind, r"$.")
    found = [member for member in members if re.fullmatch(wanted, member.filename)]
    return sorted(
        found, key=lambda member: (_is_beside(member.filename), _natural(member.filename))
    )


def _is_beside(name: str) -> bool:
    return not re.search(r"document|worksheets/|slides/|content", name)


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in _NUMBERS.split(name) if p]


class _Reader:
    """Takes words from elements named `t` and their like (Office Open XML)."""

    said = frozenset(("t", "delText", "instrText", "text"))

    def __init__(self, words: _Words) -> None:
        self._words = words
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        bare = name.rpartition(" ")[2]
        if bare in self.said:
            self._depth += 1
        elif bare in _BLANKS:
            self._words.add(_BLANKS[bare])
        for given, value in attributes.items():
            key = given.rpartition(" ")[2]
            if key == "href" and not value.startswith("#"):
                self._words.add(f" <{value}> ")
            elif key == "descr" and value:
                self._words.add(f" {value} ")

    def end(self, name: str) -> None:
        bare = name.rpartition(" ")[2]
        self._depth -= bare in self.said
        if bare in _LINE_ENDS:
            self._words.add("\n")

    def data(self, text: str) -> None:
        if self._depth > 0:
            self._words.add(text)


class _OpenReader(_Reader):
    """Takes words from the paragraphs and headings of OpenDocument."""

    said = frozenset(("p", "h"))


class _SheetReader(_Reader):
    """The cells of a sheet, a row a line; a formula stands before the value it gave."""

    def __init__(self, words: _Words, shared: list[str]) -> None:
        super().__init__(words)
        self._shared = shared
        self._kind = self._inside = ""
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        bare = name.rpartition(" ")[2]
        if bare == "c":
            self._kind = attributes.get("t", "")
        elif bare in {"v", "t", "f"}:
            self._inside = bare
            self._pieces.clear()

    def end(self, name: str) -> None:
        bare = name.rpartition(" ")[2]
        if bare in {"v", "t", "f"} and self._inside:
            self._inside = ""
            self._words.add(self._value(bare, "".join(self._pieces)))
        elif bare == "c":
            self._words.add("\t")
        elif bare in {"row", "comment", "p"}:
            self._words.add("\n")

    def _value(self, element: str, value: str) -> str:
        if element == "f":
            return f"={value} " if value else ""
        if element == "v" and self._kind == "s":
            number = int(value) if value.isdecimal() and len(value) < _LONGEST_NUMBER else -1
            return self._shared[number] if 0 <= number < len(self._shared) else ""
        return value

    def data(self, text: str) -> None:
        if self._inside:
            self._pieces.append(text)


def _reader_of(kind: str, words: _Words, shared: list[str]) -> _Reader:
    if kind == "xlsx":
        return _SheetReader(words, shared)
    return _OpenReader(words) if kind == "odt" else _Reader(words)


class _Single(_Reader):
    """The texts of one kind of element, each by itself."""

    def __init__(self, *, whole: str, said: frozenset[str], without: str = "") -> None:
        self.found: list[str] = []
        self._whole, self._said, self._without = whole, said, without
        self._pieces: list[str] = []
        self._inside = self._skipped = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - a handler
        bare = name.rpartition(" ")[2]
        self._inside += bare in self._said
        self._skipped += bare == self._without

    def end(self, name: str) -> None:
        bare = name.rpartition(" ")[2]
        self._inside -= bare in self._said
        self._skipped -= bare == self._without
        if bare == self._whole:
            self.found.append("".join(self._pieces))
            self._pieces.clear()

    def data(self, text: str) -> None:
        if self._inside and not self._skipped:
            self._pieces.append(text)


def _shared_strings(
    package: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], words: _Words
) -> list[str]:
    reader = _Single(whole="si", said=frozenset("t"), without="rPh")
    member = names.get("xl/sharedStrings.xml")
    if member:
        words.feed(package, member, reader)
    return reader.found


def _created(package: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], words: _Words) -> str:
    """When the document says it was made (ISO 8601), or ""."""
    member = names.get("docProps/core.xml") or names.get("meta.xml")
    if not member:
        return ""
    reader = _Single(whole="created", said=frozenset(("created", "creation-date")))
    if member.filename == "meta.xml":
        reader = _Single(whole="creation-date", said=frozenset(("creation-date",)))
    words.feed(package, member, reader)
    return "".join(reader.found[:1]).strip()[:40]
