"""Letters on a sheet: made harmless, measured without a font, and cut to the room there is."""

from __future__ import annotations

import re
import unicodedata

# What XML cannot hold, and what re-orders or hides the text around it: C0, DEL, C1, marks and
# embeddings of direction, separators, invisible tags, halves of characters, and no characters.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"[\s\u2028\u2029]+")
ELLIPSIS = "…"
_FULL, _UPPER, _LETTER, _HEAVY_RATIO = 1.05, 0.77, 0.68, 1.08
# The widths of ASCII from the space to the tilde in DejaVu Sans or Noto Sans, whichever is wider,
# one sign each: how many sixtieths of an em its code lies above 33.
_ASCII = (
    r"49=SGZP188BS4747GGGGGGGGGG55SSSA]JJKOGDON53HBWOP"
    r"EPKGFMJ\JFJ878S??FGBGF6GG22D2[GFGG:@9GEREE@GBGS"
)


def visible(text: str) -> str:
    """The text on one line, with what a reader would not see standing there as a sign."""
    return _UNSAFE.sub(_sign, _SPACES.sub(" ", text)).strip()


def width(text: str, *, size_px: float = 12, heavy: bool = False) -> float:
    """About how wide a line is in pixels, rather more than less; no font is asked."""
    em = sum(map(_em, text))
    return em * size_px * (_HEAVY_RATIO if heavy else 1)


def cut(text: str, room_px: float, *, size_px: float = 12, heavy: bool = False) -> str:
    """The text in at most so many pixels, with an ellipsis where it was cut.

    A character keeps the marks that stand on it. Nothing where not even the ellipsis fits.
    """
    if width(text, size_px=size_px, heavy=heavy) <= room_px:
        return text
    left = room_px - width(ELLIPSIS, size_px=size_px, heavy=heavy)
    if left < 0:
        return ""
    kept = 0
    for at, character in enumerate(text):
        left -= width(character, size_px=size_px, heavy=heavy)
        if left < 0:
            break
        kept = at + 1
    while 0 < kept < len(text) and (_joins(text[kept]) or text[kept - 1] == "\u200d"):
        kept -= 1
    return text[:kept].rstrip() + ELLIPSIS


def _sign(found: re.Match[str]) -> str:
    return f"‹U+{ord(found[0]):04X}›"


def _joins(character: str) -> bool:
    """Whether it stands on the character before it."""
    return unicodedata.category(character) in ("Mn", "Me", "Cf")


def _em(character: str) -> float:
    code = ord(character)
    if 0x20 <= code < 0x7F:  # noqa: PLR2004 - printable ASCII
        return (ord(_ASCII[code - 0x20]) - 33) / 60
    if _joins(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return _FULL
    if unicodedata.category(character) in ("Lu", "So", "Sm"):
        return _UPPER
    return _LETTER
