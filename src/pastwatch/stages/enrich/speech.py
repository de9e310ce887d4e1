"""Drafts what is said in a recording, stretch by stretch, and says where it could not be made out.

A draft is never a transcript of anybody's: what the model doubts, what it repeats and what it hears
nothing in is *unintelligible*, never silence. A stretch is a guess when its mean log probability a
token is below -1, when the chance that nobody speaks is above 0.6, when its words compress more than
2.4 times or repeat four times in a row: the published limits of Whisper (Radford et al. 2023, §4.5),
each used to refuse, none to try again. A model made to write a language that is not spoken writes
fluent words that nobody said: a stretch that is surely in another language is written in that one.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pastwatch.model.passage import PassageKind
from pastwatch.stages.enrich.hearing import RATE_HZ, Samples
from pastwatch.stages.enrich.hearingkinds import Voices, stretches
from pastwatch.stages.enrich.wer import words_of

LEAST_LOGPROB = -1.0
MOST_NO_SPEECH_P = 0.6
MOST_COMPRESSION = 2.4
SURE_P = 0.8  # of a language, to call a stretch switched into it
_LEAST_P = 0.5  # of a language, to write a stretch in it against the rest of the recording
_KEPT_TOGETHER_MS = 120_000
_REPEATED = re.compile(r"(?P<said>\b\w+(?:\W+\w+){0,7}?)(?:\W+(?P=said)\b){3,}", re.IGNORECASE)
_MUSIC_SIGN = re.compile(
    r"[\s.]*(?:[♪♫🎵]+|[\[(*]\s*(?:music|singing|applause|instrumental)[^\])*]*[\])*])[\s.♪♫]*",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w")

Facts = dict[str, str | int | float | bool | None]


class Guess(NamedTuple):
    """What a model heard in at most thirty seconds: its best text first, then the next ones."""

    texts: Sequence[str]
    logprob: float
    no_speech_p: float


class Listener(Protocol):
    """A speech model: what it is, and what it hears."""

    maker: str
    version: str
    languages: frozenset[str]

    def detect(self, samples: Samples) -> tuple[tuple[str, float], ...]:
        """The likeliest languages of a stretch, likeliest first; none when the model knows one alone."""
        ...

    def hear(self, samples: Samples, *, language: str) -> Guess:
        """What is said in a stretch of at most thirty seconds, in a language."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A stretch of a recording as a model heard it."""

    start_ms: int
    end_ms: int
    kind: PassageKind
    language: str = ""
    text: str = ""
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


def drafts(
    samples: Samples,
    listener: Listener,
    *,
    voices: Voices,
    language: str | None = None,
    from_ms: int = 0,
) -> Iterator[list[Heard]]:
    """The whole of a recording from a moment on, some two minutes at a time, without gap or overlap.

    `language` is the one asked for, and kept unless a stretch is surely in another; without it each
    stretch is written in the language detected there, or in that of the most of the recording so
    far where none is likely.
    """
    so_far: Counter[str] = Counter()
    together: list[Heard] = []
    for stretch in stretches(samples, voices):
        if stretch.end_ms <= from_ms:
            continue
        start_ms = max(stretch.start_ms, from_ms)
        if stretch.kind is not None:
            heard = Heard(start_ms=start_ms, end_ms=stretch.end_ms, kind=stretch.kind)
        else:
            piece = samples[start_ms * RATE_HZ // 1000 : stretch.end_ms * RATE_HZ // 1000]
            heard = _speech(
                piece, listener, asked=language, so_far=so_far, at=(start_ms, stretch.end_ms)
            )
        together.append(heard)
        if heard.end_ms - together[0].start_ms >= _KEPT_TOGETHER_MS:
            yield together
            together = []
    if together:
        yield together


def judged(guess: Guess) -> PassageKind:
    """Whether a guess is a draft, music, or nothing that may stand as words."""
    text = guess.texts[0] if guess.texts else ""
    if _MUSIC_SIGN.fullmatch(text):
        return PassageKind.MUSIC
    doubted = guess.logprob < LEAST_LOGPROB or guess.no_speech_p > MOST_NO_SPEECH_P
    if doubted or not _WORD.search(text) or repeats(text):
        return PassageKind.UNINTELLIGIBLE
    return PassageKind.TRANSCRIPT


def repeats(text: str) -> bool:
    """Whether a text says the same over and over, as a model does that has lost the speaker."""
    raw = text.encode()
    shrinks = len(raw) / len(zlib.compress(raw)) if raw else 0.0
    return shrinks > MOST_COMPRESSION or _REPEATED.search(text) is not None


def _speech(
    piece: Samples,
    listener: Listener,
    *,
    asked: str | None,
    so_far: Counter[str],
    at: tuple[int, int],
) -> Heard:
    likely = listener.detect(piece)
    main = so_far.most_common(1)[0][0] if so_far else None
    language = _chosen(likely, asked, main, listener)
    guess = listener.hear(piece, language=language)
    kind = judged(guess)
    first = likely[0] if likely else None
    is_switched = (
        first is not None and first[1] >= SURE_P and (asked or main or first[0]) != first[0]
    )
    facts: Facts = {
        "asked": asked,
        "detected": first[0] if first else None,
        "detected_p": round(first[1], 3) if first else None,
        "logprob": round(guess.logprob, 3),
        "no_speech_p": round(guess.no_speech_p, 3),
        "switched": is_switched,
    }
    if len(likely) > 1:
        facts["second"], facts["second_p"] = likely[1][0], round(likely[1][1], 3)
    if kind is PassageKind.TRANSCRIPT:
        so_far[language] += at[1] - at[0]
    if kind is not PassageKind.MUSIC:
        facts.update(_guesses(guess.texts, written=kind is PassageKind.TRANSCRIPT))
    return Heard(
        start_ms=at[0],
        end_ms=at[1],
        kind=kind,
        language=language if kind is not PassageKind.MUSIC else "",
        text=guess.texts[0].strip() if kind is PassageKind.TRANSCRIPT else "",
        facts=facts,
    )


def _guesses(texts: Sequence[str], *, written: bool) -> Facts:
    """The other texts a model put forward, those of other words than the ones before alone."""
    known: set[tuple[str, ...]] = {tuple(words_of(texts[0]))} if written else set()
    kept: Facts = {}
    for text in texts:
        words = tuple(words_of(text))
        if words not in known and words and not repeats(text):
            known.add(words)
            kept[f"guess_{len(kept) + 1}"] = text
    return kept


def _chosen(
    likely: Sequence[tuple[str, float]], asked: str | None, main: str | None, listener: Listener
) -> str:
    """The language to write a stretch in: the likely one where it is likely enough."""
    usual = asked or main
    if not likely:
        return usual or min(listener.languages)
    first, chance = likely[0]
    enough = SURE_P if asked else _LEAST_P
    return first if usual is None or chance >= enough else usual
