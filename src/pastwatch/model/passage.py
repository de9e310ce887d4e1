"""A stretch of recorded speech as somebody, or something, heard or translated it."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pastwatch.errors import BadValue

_CLOCK = re.compile(r"(?:(?:([0-9]{1,3}):)?([0-9]{1,4}):)?([0-9]{1,6}(?:\.[0-9]{1,3})?)")


class PassageKind(enum.StrEnum):
    """What a passage says of its stretch of sound."""

    TRANSCRIPT = "transcript"
    TRANSLATION = "translation"
    SILENT = "silent"
    NOISE = "noise"
    MUSIC = "music"
    UNINTELLIGIBLE = "unintelligible"
    """Speech that the maker could not make out, or not in a language the maker knows."""

    @property
    def worded(self) -> bool:
        """Whether it carries words: the others are heard stretches without any."""
        return self in (PassageKind.TRANSCRIPT, PassageKind.TRANSLATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What one maker heard from `start_ms` to `end_ms` of a part; a machine's is always a draft.

    `about` is the number of the passage that this one translates; `blind` says that its maker had
    not seen what any person wrote; `facts` holds what a model said of itself, as its probabilities.
    """

    record_id: bytes
    part: int
    start_ms: int
    end_ms: int
    kind: PassageKind
    language: str
    text: str
    maker: str
    person: bool
    version: str
    qualification: str = ""
    about: int | None = None
    blind: bool = False
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.kind, PassageKind):
            raise BadValue("a passage says what was heard")
        if not 0 <= self.start_ms < self.end_ms:
            raise BadValue("a passage ends after it starts")
        if not self.maker or not self.version:
            raise BadValue("a passage names its maker and version")
        if self.kind.worded != bool(self.text.strip()):
            raise BadValue("a transcript or translation has words, and nothing else has")
        if self.person and self.kind.worded and not self.qualification.strip():
            raise BadValue("a person's transcript or translation states their qualification")
        if self.kind is PassageKind.TRANSLATION and self.about is None:
            raise BadValue("a translation names the transcript it is of")

    @property
    def heard_by(self) -> str:
        """Who heard it, as it is printed: a machine's words are never without the word draft."""
        if not self.person:
            return f"machine draft, {self.maker}"
        return f"{self.maker}, {self.qualification}" if self.qualification else self.maker


def covered_ms(spans: Iterable[tuple[int, int]]) -> int:
    """How many milliseconds the spans cover together, each counted once."""
    covered = last = 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, last))
        last = max(last, end)
    return covered


def clock_ms(text: str) -> int:
    """The milliseconds of a place in a recording, as 0:12, 1:02:03.5 or 12.5; BadValue for others."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise BadValue(f'"{text}" is no place in a recording', hint="write 0:12 or 1:02:03.5")
    hours, minutes, seconds = (found[n] or "0" for n in (1, 2, 3))
    return (int(hours) * 60 + int(minutes)) * 60_000 + round(float(seconds) * 1000)


def clock(ms: int) -> str:
    """A place in a recording as 0:12, 1:02:03 or 0:12.345."""
    seconds, rest = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    part = f".{rest:03d}".rstrip("0") if rest else ""
    return (f"{hours}:{minute:02d}" if hours else f"{minute}") + f":{second:02d}{part}"
