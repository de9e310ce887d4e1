"""Endless ordinary text for benchmarks, shaped like real mail and chat, from a seed."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator

from pastwatch.town.talk import Talker, mixed
from pastwatch.town.vocabulary import names_of

RUSSIAN_RATIO = 0.18
"""The share of Russian in the town's mail."""

_NOTES_RATIO = 0.1
_THREADS_COUNT = 60


def talker(seed: int, *, stream: str) -> Talker:
    """A talker of one world; each stream of a world draws apart, over the same names."""
    return Talker(random.Random(f"{seed}/{stream}"), names_of(random.Random(f"{seed}/names")))


def mail_text(seed: int, records: int) -> Iterator[str]:
    """Bodies of `records` mails, about 2.1 KB of UTF-8 each, one at a time; replies quote.

    About 5,300 distinct words in 256 records, and a Zstandard level 1 ratio of about 0.25.
    """
    voice = talker(seed, stream="mail-text")
    rng = random.Random(f"{seed}/mail-text/shape")
    for _, text in letters(rng, voice, records):
        yield text


def chat_text(seed: int, records: int, *, russian_ratio: float = 0.4) -> Iterator[str]:
    """`records` chat lines of 5 to 120 bytes in two languages, one at a time."""
    voice = talker(seed, stream="chat-text")
    lines = mixed(
        random.Random(f"{seed}/chat-text/shape"),
        [(1 - russian_ratio, voice.chat), (russian_ratio, voice.chat_ru)],
    )
    for _, line in zip(range(records), lines, strict=False):
        yield line


def letters(rng: random.Random, voice: Talker, records: int) -> Iterator[tuple[bool, str]]:
    """Bodies with whether each is Russian; half of them quote one of the last 60."""
    recent: deque[tuple[bool, str]] = deque(maxlen=_THREADS_COUNT)
    for _ in range(records):
        quoted = ""
        is_russian = rng.random() < RUSSIAN_RATIO
        if recent and rng.random() < 0.5:
            is_russian, quoted = recent[int(rng.random() * len(recent))]
        text = letter(rng, voice, is_russian=is_russian, quoted=quoted, signed="")
        recent.append((is_russian, text))
        yield is_russian, text


def letter(
    rng: random.Random,
    voice: Talker,
    *,
    is_russian: bool,
    quoted: str,
    signed: str,
    to: str = "",
) -> str:
    """One body of a length drawn as in real mail: many short, few very long."""
    size_bytes = min(9000, int(rng.expovariate(1 / 740)) + 220)
    if rng.random() < _NOTES_RATIO:
        size_bytes = 60
    write = voice.letter_ru if is_russian else voice.letter
    return write(signed=signed, size_bytes=size_bytes, to=to, quoted=quoted)
