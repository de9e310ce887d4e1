"""What a picture file says of itself (EXIF): read as the file's own claim, never as what was so."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from typing import Any

from pastwatch.model.exhibit import Claimed

PICTURES = (b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"\x89PNG\r\n")
LIMIT_BYTES = 64 * 1024 * 1024
_VALUE_LETTERS = 120
_FORMATS = ("JPEG", "TIFF", "PNG")
_EXIF, _GPS = 0x8769, 0x8825
_NAMES = {
    0x010F: "camera maker",
    0x0110: "camera type",
    0x0131: "program",
    0x0132: "time of last change",
    0x9003: "time taken",
    0x9011: "offset of that time",
    0x9004: "time made digital",
}
_NOT_READ = "not read: install the extra: pip install 'pastwatch[photos]'"


def claimed_by(raw: bytes) -> tuple[Claimed, ...]:
    """What the head of a picture claims; nothing for another file. No pixel is decoded."""
    if not raw.startswith(PICTURES):
        return ()
    if len(raw) > LIMIT_BYTES:
        return (Claimed(name="EXIF", value="not read: the file is above 64 MiB"),)
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        return (Claimed(name="EXIF", value=_NOT_READ),)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # it warns of sizes and broken heads; nothing is decoded
            with Image.open(io.BytesIO(raw), formats=_FORMATS) as picture:
                head = picture.getexif()
                inner = {**head, **head.get_ifd(_EXIF)}
                where = head.get_ifd(_GPS)
    except (
        *(UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, TypeError),
        *(SyntaxError, KeyError, IndexError, OverflowError, AttributeError, ZeroDivisionError),
        *(EOFError, MemoryError, NotImplementedError),
    ):
        return (Claimed(name="EXIF", value="does not read"),)
    found = [Claimed(name=n, value=_words(inner[tag])) for tag, n in _NAMES.items() if tag in inner]
    if place := _place(where):
        found.append(Claimed(name="place", value=place))
    return tuple(found)


def _words(value: Any) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text.replace("\0", "").strip()[:_VALUE_LETTERS]


def _place(where: Mapping[int, Any]) -> str:
    """Latitude and longitude of the GPS block, in degrees."""
    try:
        sides = []
        for side, value, most in ((1, 2, 90), (3, 4, 180)):
            degrees, minutes, seconds = (float(part) for part in where[value])
            found = degrees + minutes / 60 + seconds / 3600
            found = -found if _words(where.get(side, "")) in {"S", "W"} else found
            if not -most <= found <= most:
                return ""
            sides.append(found)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return ""
    return f"{sides[0]:.6f}, {sides[1]:.6f}"
