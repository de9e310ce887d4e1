"""The sayings of one sentence, as spans with a stance: what every reader of claims hands in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pastwatch.model.claim import Stance
from pastwatch.stages.corroborate.claims_english import sayings_of
from pastwatch.stages.corroborate.claims_frames import Frame
from pastwatch.stages.corroborate.claims_objects import falsified
from pastwatch.stages.corroborate.claims_settle import is_hedged, statement_of
from pastwatch.stages.corroborate.claims_tokens import Sentence
from pastwatch.stages.corroborate.speakers import Who
from pastwatch.stages.corroborate.verbs_en import english, listed

Span = tuple[int, int]
_WORDS = re.compile(r"[a-z]+")
_OTHER_CUES = listed(
    "according evidence sign signs trace traces proof account words convinced certain sure confident "
    "ruled rule rules took take takes brushed told rumoured rumored afraid aware adamant"
)
_OWN_VOICE = re.compile(
    r"\b(?:lawyer|lawyers|solicitor|attorney|counsel|spokes\w+|representative)\b", re.IGNORECASE
)
_SAW = re.compile(r"(?:seen|obtained|reviewed|read|viewed|shared) (?:by|with)\s+$", re.IGNORECASE)
_CITING = re.compile(
    r",\s*(?:citing|quoting|referring to|relying on|attributing \w+ to)\s+([^,;.]+)", re.IGNORECASE
)


class Saying(NamedTuple):
    """One saying of one speaker, spans in characters of the sentence; `via` from the root outward."""

    who: Span | None
    via: tuple[Span, ...]
    statement: Span
    stance: Stance
    cue: Span
    to: Span | None = None
    quoted: bool = False


def english_sayings(text: str) -> list[Saying]:
    """The sayings of an English sentence by the rules; plural parties one by one."""
    if not may_say(text):
        return []
    s = Sentence(text)
    frames = sayings_of(s)
    for frame in frames:
        _cite(text, frame, frames)
    found: list[Saying] = []
    for frame in frames:
        statement = statement_of(s, frame)
        if statement[1] <= statement[0]:
            continue
        if not frame.denies and (false := falsified(text, statement)):
            statement, frame.denies = false, True
        hedged = frame.hedges or is_hedged(text[slice(*statement)])
        for who in frame.who or (None,):
            via = who.via if who else ()
            passed = any(
                _OWN_VOICE.search(text[slice(*span)]) is None
                and _SAW.search(text, 0, span[0]) is None
                for span in via
            )
            stance = (
                Stance.DENIES if frame.denies else Stance.HEDGES if hedged
                else Stance.ATTRIBUTES if passed or frame.attributes else Stance.ASSERTS
            )  # fmt: skip
            span = (who.start, who.end) if who else None
            found.append(Saying(span, via, statement, stance, frame.cue, frame.to, frame.quoted))
    return found


def _cite(text: str, frame: Frame, frames: Sequence[Frame]) -> None:
    """`…, the Courier reported, citing two officials`: theirs, through the Courier."""
    found = _CITING.search(text, max(frame.own[1], 0))
    if (
        found is None
        or not frame.who
        or any(found.span(1) in ((w.start, w.end), *w.via) for w in frame.who)
    ):
        return
    if any(f is not frame and frame.own[1] <= f.own[0] < found.start() for f in frames):
        return
    start, end = found.span(1)
    through = tuple(span for w in frame.who for span in ((w.start, w.end), *w.via))
    frame.who = (Who(start, end, through),)
    if frame.start < found.start() < frame.end:
        frame.end = found.start()


def may_say(text: str) -> bool:
    """Whether a sentence holds any word of saying or a quotation; most do not."""
    return not _cues().isdisjoint(_WORDS.findall(text.lower())) or any(c in text for c in '"“«„')


@cache
def _cues() -> frozenset[str]:
    lists = english()
    words = lists.words
    listed = ("hearsay", "nouns_assert", "nouns_deny", "nouns_hedge")
    return frozenset(lists.verbs).union(*(words[name] for name in listed), _OTHER_CUES)
