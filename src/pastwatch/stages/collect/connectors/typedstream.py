"""Finds the words in an Apple typedstream of an attributed string, and those it had before edits."""

from __future__ import annotations

import plistlib
import re
import struct
from collections.abc import Iterator
from typing import Any

_STRING = re.compile(rb"NS(?:Mutable)?String.{1,8}?\x84\x01[+*]", re.DOTALL)
_LENGTHS = {0x81: 2, 0x82: 4, 0x83: 8}
_OBJECT = "\ufffc"  # where a picture stands among the words
_HISTORY_LIMIT_BYTES = 4 * 1024 * 1024
_PLIST_FAILURES = (
    plistlib.InvalidFileException,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    RecursionError,
    AttributeError,
    struct.error,
)


def stream_text(stream: bytes) -> str | None:
    """The string of an attributed string; None when the bytes are none."""
    found = _STRING.search(stream)
    if found is None:
        return None
    at = found.end()
    size = stream[at] if at < len(stream) else 0
    width = _LENGTHS.get(size, 0)
    at += 1 + width
    if width:
        size = int.from_bytes(stream[at - width : at], "little")
    return stream[at : at + size].decode("utf-8", "replace").replace(_OBJECT, "")


def earlier_texts(summary: bytes) -> Iterator[str]:
    """The wordings an edited record had, oldest first, from `message_summary_info`."""
    if len(summary) > _HISTORY_LIMIT_BYTES or not summary.startswith(b"bplist00"):
        return
    try:
        history: Any = plistlib.loads(summary)
        pieces = [
            e["t"] for edits in history.get("ec", {}).values() for e in edits[:-1] if "t" in e
        ]
    except _PLIST_FAILURES:
        return
    for piece in pieces:
        if isinstance(piece, bytes) and (text := stream_text(piece)):
            yield text
