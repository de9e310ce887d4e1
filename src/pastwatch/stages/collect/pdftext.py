"""Reads the words of a PDF through pypdf, under limits, and says when they cannot be read."""

from __future__ import annotations

import io
import logging
import re
import struct
import zlib

from pastwatch.model.record import Defect

PAGE_LIMIT_BYTES = 4 * 1024 * 1024  # of one page's drawing orders: a page of text has some 10 kB
PAGES_LIMIT_BYTES = 32 * 1024 * 1024  # of all pages read
_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?"
)


def pdf_text(content: bytes, *, pages_limit: int, limit: int) -> tuple[str, str, Defect]:
    """(words, date it says it was made, what was wrong); "" when locked, broken or without pypdf."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ModuleNotFoundError:
        return "", "", Defect.FALLBACK
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    # What pypdf lets through from broken files, beside its own kind.
    broken = (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError,
              OverflowError, AssertionError, ZeroDivisionError, NotImplementedError, OSError,
              zlib.error, struct.error, UnicodeError, MemoryError, ImportError)  # fmt: skip
    said: list[str] = []
    created, defects, left, orders_left = "", Defect.NONE, limit, PAGES_LIMIT_BYTES
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return "", "", Defect.BAD_ENCODING
        created = _created(reader.metadata)
        for number, page in enumerate(reader.pages):
            if number >= pages_limit or left <= 0:
                defects |= Defect.TEXT_LIMIT
                break
            try:
                drawn = page.get_contents()
                size = len(drawn.get_data()) if drawn is not None else 0
                orders_left -= size
                if size > PAGE_LIMIT_BYTES or orders_left < 0:
                    defects |= Defect.TEXT_LIMIT
                    continue
                text = page.extract_text()
            except broken:
                defects |= Defect.BAD_STRUCTURE
                continue
            said.append(text[:left])
            left -= len(text)
    except broken:
        defects |= Defect.BAD_STRUCTURE
    return _clean("\n".join(said)), created, defects


def _created(metadata: object) -> str:
    """The /CreationDate as ISO 8601 as far as it says (PDF 32000-1 §7.9.4): D:YYYYMMDDHHmmSS+HH'mm."""
    get = getattr(metadata, "get", None)
    given = str(get("/CreationDate") or "") if callable(get) else ""
    found = _DATE.match(given)
    if not found:
        return ""
    day = f"{found[1]}-{found[2]}-{found[3]}"
    if not found[4]:
        return day
    zone = "+00:00" if found[7] else f"{found[8]}:{found[9] or '00'}" if found[8] else ""
    return f"{day}T{found[4]}:{found[5]}:{found[6] or '00'}{zone}"


def _clean(text: str) -> str:
    text = text.replace("\0", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()
