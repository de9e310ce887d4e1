"""Quotations whose speaker no known verb tells: `“…,” quipped the mayor`, `Ana Belk: “…”`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pastwatch.stages.corroborate.claims_frames import Frame
from pastwatch.stages.corroborate.claims_tokens import (
    ABSENT,
    AUXILIARY,
    DETERMINERS,
    PRONOUNS,
    STEM,
    Sentence,
)
from pastwatch.stages.corroborate.speakers import Subject, subject_of
from pastwatch.stages.corroborate.verbs_en import english

_FEWEST = 3
_MOST_AFTER = 14
_MOST_BEFORE = 8


def quotations_of(s: Sentence, held: Sequence[Frame]) -> Iterator[Frame]:
    """Quotations of some length beside a party, that no frame held already states."""
    lists = english()
    for number, quote in enumerate(s.quotes):
        words = s.text[quote.start : quote.end].split()
        if len(words) < _FEWEST and s.text[quote.end - 1 : quote.end] not in {",", ".", "!"}:
            continue
        if any(f.start < quote.end and quote.start < f.end for f in held if not f.silent):
            continue
        first = s.at_char(quote.mark_start)
        after = s.at_char(quote.mark_end)
        if any(
            w in lists.verbs and lists.verbs[w].none
            for w in [*s.words[max(0, first - 8) : first], *s.words[after : after + 8]]
        ):
            continue
        found = _behind(s, after) or _in_front(s, first)
        if found is not None:
            subject, cue = found
            own = (s.starts[subject.first], cue[1])
            yield Frame(
                subject.who, quote.start, quote.end, cue=cue, own=own, quoted=True, fixed=True
            )
        _ = number


def _behind(s: Sentence, at: int) -> tuple[Subject, tuple[int, int]] | None:
    """Who stands behind: `“…,” quipped Mayor X` and `“…,” the mayor quipped`."""
    if s.word(at) == ",":
        at += 1
    end = at
    while end < len(s) and s.inside[end] == ABSENT and s.words[end] not in {",", ".", ";", ":"}:
        end += 1
    if not 1 < end - at <= _MOST_AFTER or any(s.words[i] in AUXILIARY for i in range(at, end)):
        return None
    if (
        _past(s.word(at))
        and not s.capital(at)
        and (s.capital(at + 1) or s.word(at + 1) in DETERMINERS | PRONOUNS)
    ):
        subject = subject_of(s, at + 1, end)
        return (subject, s.span(at, at + 1)) if subject and subject.who else None
    for place in range(at + 1, end):
        if (
            _past(s.words[place]) and not s.capital(place) and s.word(at) in DETERMINERS | PRONOUNS
        ) or (_past(s.words[place]) and s.capital(at) and not s.capital(place)):
            subject = subject_of(s, at, place)
            return (subject, s.span(place, place + 1)) if subject and subject.who else None
    return None


def _in_front(s: Sentence, first: int) -> tuple[Subject, tuple[int, int]] | None:
    """`Villager Mette Aas remembers: “…”` and `Mette Aas: “…”`."""
    if s.word(first - 1) not in {":", ","} or first <= 1:
        return None
    colon = s.word(first - 1) == ":"
    verb = first - 2
    if _past(s.word(verb)) and not s.capital(verb) and verb > 0:
        subject = subject_of(s, 0, verb)
        return (subject, s.span(verb, verb + 1)) if subject and subject.who else None
    if colon:
        for place in range(first - 2, 0, -1):
            if _past(s.words[place]) and not s.capital(place):
                subject = subject_of(s, 0, place)
                return (subject, s.span(place, place + 1)) if subject and subject.who else None
        if first <= _MOST_BEFORE:
            subject = subject_of(s, 0, first - 1)
            return (subject, s.span(first - 1, first)) if subject and subject.who else None
    return None


def _past(word: str) -> bool:
    return (word.endswith(("ed", "s")) and len(word) >= STEM) or word in english().verbs
