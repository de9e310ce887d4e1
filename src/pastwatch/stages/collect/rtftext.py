"""Reads the words of RTF, also where it wraps HTML or came compressed, and never fails."""

from __future__ import annotations

import html
import re
import struct

from pastwatch.model.record import Defect
from pastwatch.stages.collect.mailbody import html_text
from pastwatch.stages.collect.mailcharset import decoded

RTF_LIMIT_BYTES = 32 * 1024 * 1024
PIECES_LIMIT = 2_000_000  # words, signs and braces
GROUPS_LIMIT = 1000  # open at once
_PIECE = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_LINK = re.compile(r"<link\b[^<>]*>", re.IGNORECASE)  # to a style sheet: no word of the text
_BINARY = re.compile(rb"\\bin(\d{1,9}) ?")
# What of a document is not shown: fonts, colours, styles, pictures, properties.
_UNSHOWN = frozenset(
    (
        b"fonttbl", b"colortbl", b"stylesheet", b"pict", b"info", b"listtable", b"rsidtbl",
        b"listoverridetable", b"themedata", b"colorschememapping", b"latentstyles", b"datastore",
        b"objdata", b"generator", b"xmlnstbl", b"filetbl", b"revtbl",
    )
)  # fmt: skip
_SHOWN_STARRED = frozenset((b"htmltag", b"fldinst", b"shptxt", b"footnote", b"annotation"))
_SIGNS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t",
    b"cell": "\t", b"nestcell": "\t", b"nestrow": "\n", b"lquote": "\u2018", b"rquote": "\u2019",
    b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022", b"endash": "\u2013",
    b"emdash": "\u2014",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\n": "\n", b"\r": "\n", b"\\": "\\", b"{": "{", b"}": "}"}
_CHARSETS = {
    0: "cp1252", 77: "macintosh", 128: "cp932", 129: "cp949", 134: "cp936", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
# MS-OXRTFCP §2.1.2.1: what the window of the compressor holds at its start.
_WINDOW = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_PACKED, _PLAIN = b"LZFu", b"MELA"


def rtf_unpacked(packed: bytes) -> tuple[bytes, Defect]:
    """Compressed RTF unpacked (MS-OXRTFCP), as far as it goes, and what was wrong."""
    if packed.lstrip().startswith(b"{\\rtf"):
        return packed, Defect.NONE
    if len(packed) < 16:  # noqa: PLR2004 - its header
        return b"", Defect.CUT_SHORT
    _, size, kind = struct.unpack_from("<II4s", packed)
    if kind == _PLAIN:
        made = packed[16 : 16 + size]
        return made, Defect.NONE if len(made) == size else Defect.CUT_SHORT
    if kind != _PACKED:
        return b"", Defect.BAD_ENCODING
    out = _unpacked(packed, min(size, RTF_LIMIT_BYTES))
    return out, Defect.NONE if len(out) == size else Defect.CUT_SHORT


def _unpacked(packed: bytes, size: int) -> bytes:
    out = bytearray(_WINDOW)
    base, at, end = len(_WINDOW), 16, len(packed)
    while at < end and len(out) - base < size:
        flags = packed[at]
        at += 1
        for bit in range(8):
            if at >= end or len(out) - base >= size:
                break
            if not flags >> bit & 1:
                out.append(packed[at])
                at += 1
                continue
            if at + 1 >= end:
                return bytes(out[base : base + size])
            pair = packed[at] << 8 | packed[at + 1]
            at += 2
            offset, length = pair >> 4, (pair & 15) + 2
            back = (len(out) - offset) % 4096
            if back == 0:  # points at the place of writing: the end
                return bytes(out[base : base + size])
            start = len(out) - back
            if start < 0:  # a part of the window nothing was written to
                return bytes(out[base : base + size])
            if back >= length:
                out += out[start : start + length]
            else:  # it runs into what it writes: the last letters over and over
                out += (bytes(out[start:]) * (length // back + 1))[:length]
    return bytes(out[base : base + size])


def rtf_text(source: bytes) -> str:
    """The words of an RTF document; HTML wrapped in it is read as HTML (MS-OXRTFEX)."""
    return rtf_words(source)[0]


def rtf_words(source: bytes) -> tuple[str, Defect]:
    """The words of an RTF document, and whether it was too long to be read to its end."""
    walk = _Walk(source[:RTF_LIMIT_BYTES])
    made, is_html = walk.run()
    is_whole = walk.is_whole and len(source) <= RTF_LIMIT_BYTES
    defect = Defect.NONE if is_whole else Defect.TEXT_LIMIT
    if is_html:
        return html_text(_LINK.sub("", made)), defect
    return re.sub(r"\n{3,}", "\n\n", made.replace("\0", "")).strip(), defect


def _without_binary(source: bytes) -> bytes:
    """The document without the bytes that stand in it uncoded: braces in them open no group."""
    pieces, at = [], 0
    for found in _BINARY.finditer(source):
        if found.start() >= at:
            pieces.append(source[at : found.start()])
            at = found.end() + int(found[1])
    return b"".join((*pieces, source[at:])) if pieces else source


class _Walk:
    """Goes through the groups of one document, with what each of them sets."""

    def __init__(self, source: bytes) -> None:
        self.is_whole = True
        self._source = _without_binary(source)
        self._is_html = b"\\fromhtml1" in source[:4096]
        self._pieces: list[str] = []
        self._pending = bytearray()
        self._codec = "cp1252"
        self._fonts: dict[int, str] = {}
        # (shown, skip after \u, charset, hidden by \htmlrtf), a row each open group
        self._stack: list[tuple[bool, int, str, bool]] = []
        self._shown, self._skip, self._charset, self._hidden = True, 1, "", False
        self._left = 0  # characters that stand in for the last \u
        self._starred = False
        self._in_fonts, self._font = False, 0
        self._in_tag = False
        self._high = self._beyond = 0

    def run(self) -> tuple[str, bool]:
        """The text, or the HTML that was wrapped."""
        for piece_count, found in enumerate(_PIECE.finditer(self._source)):
            if piece_count >= PIECES_LIMIT:
                self.is_whole = False
                break
            word, number, code, symbol, brace, plain = found.groups()
            if word:
                self._word(word, int(number) if number else None)
            elif code:
                self._octets(bytes([int(code, 16)]))
            elif symbol is not None:
                self._symbol(symbol)
            elif brace:
                self._brace(brace)
            elif plain:
                self._octets(plain)
        self._flush()
        return "".join(self._pieces), self._is_html

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._left, self._starred = 0, False
        if brace == b"{" and len(self._stack) >= GROUPS_LIMIT:
            self._beyond += 1
        elif brace == b"{":
            self._stack.append((self._shown, self._skip, self._charset, self._hidden))
        elif self._beyond:
            self._beyond -= 1
        elif self._stack:
            self._shown, self._skip, self._charset, self._hidden = self._stack.pop()
            self._in_tag = False
        if not self._stack:
            self._in_fonts = False

    def _word(self, word: bytes, number: int | None) -> None:  # noqa: C901 - one branch a word
        starred, self._starred = self._starred, False
        if word == b"u" and number is not None:
            self._unicode(number)
            return
        self._left = 0
        if word == b"htmlrtf":
            self._flush()
            self._hidden = number != 0
        elif word == b"htmltag":
            self._flush()
            self._in_tag = self._shown = True
        elif word in _UNSHOWN or (starred and word not in _SHOWN_STARRED):
            self._flush()
            self._in_fonts = self._in_fonts or word == b"fonttbl"
            self._shown = False
        elif word == b"ansicpg" and number:
            self._codec = f"cp{number}" if number != 65001 else "utf-8"  # noqa: PLR2004
        elif word == b"mac":
            self._codec = "macintosh"
        elif word == b"uc":
            self._skip = min(max(number or 0, 0), 64)
        elif word == b"f" and number is not None:
            self._flush()
            self._font = number
            self._charset = self._fonts.get(number, "")
        elif word == b"fcharset" and not self._shown:
            self._fonts[self._font] = _CHARSETS.get(number or 0, "")
        elif word in _SIGNS:
            self._put(_SIGNS[word])

    def _unicode(self, number: int) -> None:
        self._flush()
        number &= 0xFFFF
        if 0xD800 <= number < 0xDC00:  # noqa: PLR2004 - the first half of a pair
            self._high = number
        else:
            if 0xDC00 <= number < 0xE000:  # noqa: PLR2004
                number = 0x10000 + ((self._high - 0xD800) << 10) + number - 0xDC00 if self._high else 0xFFFD  # fmt: skip
            self._high = 0
            self._put(chr(number))
        self._left = self._skip

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
        elif self._left:
            self._left -= 1
        elif symbol in _SYMBOLS:
            self._put(_SYMBOLS[symbol])

    def _octets(self, raw: bytes) -> None:
        self._starred = False
        if self._left:
            dropped = min(self._left, len(raw))
            self._left -= dropped
            raw = raw[dropped:]
        if raw and self._shown and not (self._hidden and not self._in_tag):
            self._pending += raw

    def _put(self, text: str) -> None:
        if self._is_html and text == "\n" and not self._in_tag and self._hidden:
            return
        self._flush()
        if self._shown and not (self._hidden and not self._in_tag):
            self._pieces.append(
                html.escape(text, quote=False) if self._is_html and not self._in_tag else text
            )

    def _flush(self) -> None:
        if not self._pending:
            return
        text = decoded(bytes(self._pending), self._charset or self._codec)[0]
        self._pending.clear()
        self._pieces.append(
            html.escape(text, quote=False) if self._is_html and not self._in_tag else text
        )
