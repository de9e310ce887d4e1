"""How ids, moments and texts are written in every format, and how what stays behind is counted."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import Any, Final

from pastwatch.model.record import Defect, Kind
from pastwatch.model.when import EPOCH, SECOND_US, When
from pastwatch.stages.export.taken import LeftBehind, TakenRecord
from pastwatch.storage.durable import NewFile

CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
"""What XML 1.0 forbids or discourages (§2.2): control characters but tab and the ends of lines."""
_ID_DIGITS: Final = 40
_LINE_ENDS: Final = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""Ends of a line to some readers of lines, though not to JSON: written as escapes."""


class Tally:
    """Counts what a format cannot hold, by what it is and why, in the order of first sight."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def leave(self, what: str, why: str, count: int = 1) -> None:
        """Count something that stays behind; a count of nothing is no line."""
        if count:
            self._counts[what, why] = self._counts.get((what, why), 0) + count

    def left(self) -> tuple[LeftBehind, ...]:
        """All that stayed behind."""
        counts = self._counts.items()
        return tuple(LeftBehind(what=what, count=n, why=why) for (what, why), n in counts)


def leave_bytes(one: TakenRecord, tally: Tally) -> None:
    """Count what a format that holds no bytes leaves of a record: its files, and itself as collected."""
    tally.leave("attachments' bytes", "this format holds none", len(one.record.parts))
    tally.leave("records' original bytes", "this format holds none", int(one.original is not None))


def stable_id(*parts: str) -> str:
    """40 hex digits that name the same thing in every export: SHA-256 over parts, NUL between."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:_ID_DIGITS]


def iso_us(time_us: int) -> str:
    """The moment in UTC as ISO 8601 to the microsecond: 2017-04-04T03:30:00.000000Z."""
    moment = EPOCH + timedelta(microseconds=time_us)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def when_words(when: When) -> str:
    """A time in words, exact or between its two ends, with what says so."""
    if not when.width_us:
        return f"at {iso_us(when.earliest_us)} (basis: {when.basis})"
    first, last = iso_us(when.earliest_us), iso_us(when.latest_us)
    return f"between {first} and {last} (basis: {when.basis})"


def is_moment(when: When) -> bool:
    """Whether a time is known to the second, so that it may stand as one moment."""
    return when.width_us < SECOND_US


def kind_word(kind: Kind) -> str:
    """What a record reports, in one word: said, edited, joined."""
    return kind.name.lower()


def defect_words(defects: Defect) -> tuple[str, ...]:
    """What was wrong with a record as it came, as words."""
    return tuple(str(one.name).lower().replace("_", "-") for one in defects)


def judged(judgement: str) -> tuple[str, str]:
    """A judgement taken apart: who judged, and the word."""
    person, _, word = judgement.rpartition(": ")
    return person, word


def bare(text: str) -> tuple[str, int]:
    """A text without control characters, and how many there were."""
    return CONTROLS.subn("", text)


def put_json(file: NewFile, line: dict[str, Any], *, end: str = "\n") -> None:
    """Write an object as one line of JSON in UTF-8; half a surrogate pair becomes a question mark."""
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":")).translate(_LINE_ENDS)
    file.write((text + end).encode("utf-8", "replace"))
