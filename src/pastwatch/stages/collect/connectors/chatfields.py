"""Reads the values that chat exports share: ids, names, times since 1970, files they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pastwatch.model.when import EPOCH, SECOND_US, iso
from pastwatch.stages.collect.connectors.batched import PartRow, clean

NO_HASH = bytes(32)  # of a file that the export names and does not hold
_LAST_US = 4_133_980_800 * SECOND_US  # the year 2101
_TYPES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
    "webp": "image/webp", "heic": "image/heic", "mp4": "video/mp4", "mov": "video/quicktime",
    "webm": "video/webm", "3gp": "video/3gpp", "mp3": "audio/mpeg", "m4a": "audio/mp4",
    "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg", "aac": "audio/aac",
    "wav": "audio/wav", "pdf": "application/pdf", "zip": "application/zip", "txt": "text/plain",
    "vcf": "text/vcard", "tgs": "application/x-tgsticker",
}  # fmt: skip


def shown(value: Any) -> str:
    """A string as it is, a number in digits, all else as nothing."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)[:100]
    return ""


def mapped(value: Any) -> Mapping[str, Any]:
    """An object as it is, all else as an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """An array as it is, all else as an empty one."""
    return value if isinstance(value, list) else []


def words(value: Any) -> Iterator[str]:
    """Every string and number in a value, however nested, in order."""
    stack = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, dict):
            stack.extend(reversed(top.values()))
        elif isinstance(top, list):
            stack.extend(reversed(top))
        elif text := shown(top):
            yield text


def since_1970_us(value: Any, unit_us: int = SECOND_US) -> int | None:
    """Microseconds of a number, or its digits, of such units since 1970; None outside 1970–2100."""
    try:
        if isinstance(value, str) and "." not in value:
            at_us = int(value[:20]) * unit_us
        elif isinstance(value, int):
            at_us = value * unit_us if value < _LAST_US else 0
        else:
            whole, _, part = str(value).partition(".")
            at_us = int(whole[:20]) * unit_us
            if part[:6].isdecimal():
                at_us += int(part[:6].ljust(6, "0")) * unit_us // SECOND_US
    except ValueError:
        return None
    return at_us if 0 < at_us < _LAST_US else None


def stated_us(text: Any) -> int | None:
    """Microseconds of an ISO time that states its zone; None for all else."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None:
        return None
    since = moment - EPOCH
    at_us = (since.days * 86_400 + since.seconds) * SECOND_US + since.microseconds
    return at_us if 0 < at_us < _LAST_US else None


def moment_shown(at_us: int | None) -> str:
    """A time for a reader, or nothing."""
    return "" if at_us is None else iso(at_us)


def named_file(name: str, media_type: str = "", size_bytes: Any = 0) -> PartRow:
    """A file that a record refers to: its name without folders; its content is not at hand."""
    bare = clean(name.replace("\\", "/").rstrip("/").rpartition("/")[2][:1000])
    kind = media_type or _TYPES.get(bare.rpartition(".")[2].lower(), "application/octet-stream")
    is_size = isinstance(size_bytes, int) and 0 <= size_bytes < 1 << 62
    return (bare, clean(kind[:200]), int(size_bytes) if is_size else 0, NO_HASH, "")
