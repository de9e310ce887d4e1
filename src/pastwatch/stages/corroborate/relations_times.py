"""Times of one statement that cannot be the same: when it was, or when it was told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pastwatch.stages.corroborate.lineage import Said, times_apart
from pastwatch.stages.corroborate.lineage_text import lists, pattern_of, phrases, sides
from pastwatch.stages.corroborate.outlets import outlet_key

_NEAR_CHARS = 60


@dataclass(frozen=True, slots=True)
class TellingsApart:
    """Two days given for one telling, with the bytes of each in its report."""

    first: tuple[int, int]
    second: tuple[int, int]
    reason: str


def times_differ(a: Said, b: Said) -> str:
    """The reason when both tell a time of the same, and the times do not touch."""
    if a.claim.report_id == b.claim.report_id or not times_apart(a.claim, b.claim):
        return ""
    one = next(t.text for t in a.claim.times if t.earliest_us is not None)
    other = next(t.text for t in b.claim.times if t.earliest_us is not None)
    return f'"{one}" in {a.name}, "{other}" in {b.name}'


def tellings_apart(a: Said, b: Said) -> TellingsApart | None:
    """The days on which the same speaker told the same outlet, where two reports give two."""
    if a.claim.report_id == b.claim.report_id or not _same_telling(a, b):
        return None
    one, other = _day(a), _day(b)
    if one is None or other is None or one[0] == other[0]:
        return None
    through = a.channel[0] if a.channel else a.speakers[0].text
    return TellingsApart(
        one[2], other[2],
        f'the telling ({through}): "{one[1]}" in {a.name}, "{other[1]}" in {b.name}',
    )  # fmt: skip


def _same_telling(a: Said, b: Said) -> bool:
    if {outlet_key(c) for c in a.channel} & {outlet_key(c) for c in b.channel}:
        return True
    return bool({s.key for s in a.speakers} & {s.key for s in b.speakers}) and not a.channel and not b.channel  # fmt: skip


@cache
def _days() -> dict[str, int]:
    listed = sides("telling")["days"]
    return {word: place for place, words in enumerate(listed) for word in words}


def _day(said: Said) -> tuple[int, str, tuple[int, int]] | None:
    """The weekday beside the word of telling in a claim's sentence: its place, word and bytes."""
    raw = said.article.text.encode()
    start, end = said.claim.sentence
    if end <= start:
        start, end = _sentence_of(said)
    text = raw[start:end].decode(errors="replace")
    tellings = [m.start() for m in phrases("telling", "told").finditer(text)]
    days = list(pattern_of(lists("telling")["days"]).finditer(text))
    inside = range(said.claim.citation.start_byte - start, said.claim.citation.end_byte - start)
    near = [
        (min(abs(d.start() - t) for t in tellings), d) for d in days
        if tellings and len(text[: d.start()].encode()) not in inside
    ]  # fmt: skip
    near = [(gap, d) for gap, d in near if gap <= _NEAR_CHARS]
    if not near:
        return None
    day = min(near, key=lambda one: one[0])[1]
    at = start + len(text[: day.start()].encode())
    return _days()[day[0].lower()], day[0], (at, at + len(day[0].encode()))


def _sentence_of(said: Said) -> tuple[int, int]:
    at = said.claim.citation.start_byte
    for first, last in said.article.words.sentences:
        start, end = said.article.words.bytes_between(first, last)
        if start <= at < end:
            return start, end
    return said.claim.citation.start_byte, said.claim.citation.end_byte
