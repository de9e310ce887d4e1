"""Finds the tags of an XML file with their exact places, however damaged it is; builds no tree.

No entity is ever fetched or expanded but the five of XML and numbers; a tag that does not close is
passed over. UTF-16 is read as it stands: places count in the bytes of the file.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from pastwatch.stages.collect.mailcharset import decoded

_TAG = re.compile(rb"<(/?)([A-Za-z_][\w:.-]{0,100}+)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_ATTRIBUTE = re.compile(r"([\w:.-]{1,100})\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_CHARSET = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
_WIDE = {b"\xff\xfe": "<u2", b"\xfe\xff": ">u2", b"<\0": "<u2", b"\0<": ">u2"}
_SKIPPED = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))
_SKIPPED_BY = frozenset((b"!", b"?"))
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)


class Tag(NamedTuple):
    """A tag: where it begins and ends in the file, and its name as written."""

    start: int
    end: int
    name: str
    attributes: Mapping[str, str]
    is_end: bool
    is_empty: bool

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]


class Markup:
    """The bytes of an XML file, its charset, and its tags."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._narrow, self.width, self.charset = narrowed(raw)
        if self.width > 1:
            return
        named = _CHARSET.search(raw[:400])
        self.charset = named[1].decode("ascii") if named else "utf-8"

    def tags(self, start: int = 0, stop: int | None = None) -> Iterator[Tag]:
        """The tags in file order; comments, CDATA and instructions are stepped over."""
        narrow, width = self._narrow, self.width
        limit = len(narrow) if stop is None else stop // width
        at, endless = start // width, set[bytes]()
        while (at := narrow.find(b"<", at, limit)) >= 0:
            skipped = None
            if narrow[at + 1 : at + 2] in _SKIPPED_BY:
                skipped = next((pair for pair in _SKIPPED if narrow.startswith(pair[0], at)), None)
            if skipped:
                mark, closing = skipped
                end = -1 if mark in endless else narrow.find(closing, at + len(mark), limit)
                if end < 0:
                    endless.add(mark)
                at = at + len(mark) if end < 0 else end + len(closing)
                continue
            found = _TAG.match(narrow, at, limit)
            if found is None:
                at += 1
                continue
            inside = self.text(found.start(3) * width, found.end(3) * width)
            at = found.end()
            yield Tag(
                start=found.start() * width,
                end=at * width,
                name=found[2].decode("ascii", "replace"),
                attributes=_attributes(inside) if "=" in inside else {},
                is_end=bool(found[1]),
                is_empty=inside.endswith("/"),
            )

    def text(self, start: int, stop: int) -> str:
        """The characters between two places, as written."""
        return decoded(self.raw[start:stop], self.charset)[0]


def narrowed(raw: bytes) -> tuple[bytes, int, str]:
    """(bytes to scan, how many of the file's bytes each stands for, charset) of text in any width.

    Of UTF-16 each unit is one byte: itself where it is ASCII, else "?".
    """
    order = _WIDE.get(raw[:2])
    if order is None:
        return raw, 1, "utf-8"
    units = np.frombuffer(raw[: len(raw) & ~1], order)
    scanned = np.where(units < 128, units, 63).astype(np.uint8).tobytes()  # noqa: PLR2004
    return scanned, 2, "utf-16le" if order == "<u2" else "utf-16be"


def plain(source: str) -> str:
    """What an element's text says: CDATA as it stands, entities resolved, tags kept as written."""
    pieces, at = [], 0
    for found in _CDATA.finditer(source):
        pieces += [html.unescape(source[at : found.start()]), found[1]]
        at = found.end()
    pieces.append(html.unescape(source[at:]))
    return "".join(pieces)


def _attributes(source: str) -> dict[str, str]:
    return {
        found[1]: html.unescape(found[2] if found[2] is not None else found[3])
        for found in _ATTRIBUTE.finditer(source)
    }
