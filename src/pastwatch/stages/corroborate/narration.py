"""Hearsay without a sayer, passives of saying, and what a report says was looked for and not found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pastwatch.stages.corroborate.claims_frames import Frame, end_of_clause, place_of_clause
from pastwatch.stages.corroborate.claims_objects import REPORT_OF
from pastwatch.stages.corroborate.claims_tokens import (
    ABSENT,
    AUXILIARY,
    BE,
    DETERMINERS,
    LEADS,
    Sentence,
)
from pastwatch.stages.corroborate.speakers import Who, subject_of
from pastwatch.stages.corroborate.verbs_en import english, listed

_FEARED = listed(
    "feared presumed believed thought suspected rumoured rumored reported said alleged understood estimated"
)
_STATED = listed("announced confirmed stated disclosed revealed established found declared shown")
_DENIED = listed("denied rejected dismissed disputed refuted contested")
_QUOTED = frozenset({"quoted", "cited"})
_NOT_AFTER = listed("by in on at for from as with of and or , . ; to")
_NO_EVIDENCE = re.compile(
    r"\bno\s+(?:\w+\s+){0,2}(?:evidence|sign|signs|trace|traces|proof|indication|indications|link|links|record)\b"
    r".{0,160}?\b(?:(?:has|have|had)\s+(?:so far\s+|yet\s+|ever\s+)?been|was|were|is|are)\s+(?:\w+ly\s+)?"
    r"(?:found|discovered|seen|detected|uncovered|established|produced|presented|shown|offered|recovered|made public)\b",
    re.IGNORECASE,
)
_BY_WITHIN = 6


def hearsay_of(s: Sentence) -> Iterator[Frame]:
    """Sayings of nobody in particular, and of those whom a passive names with `by`."""
    lists = english().words
    every = lists["hearsay"] | lists["passive_hearsay"] | _STATED | _DENIED | {"told"}
    for at in (n for n, word in enumerate(s.words) if word in every) if every & s.held else ():
        word = s.words[at]
        if s.inside[at] != ABSENT:
            continue
        if word in lists["hearsay"] and not _conditional(s, at):
            yield _whole(s, at, at + 1)
        elif word in lists["passive_hearsay"] or word in _STATED or word in _DENIED:
            found = _passive(s, at)
            if found is not None:
                yield found
        elif s.word(at - 1) in BE and (found := _told(s, at)):
            yield found
    if not s.held.isdisjoint(_QUOTED):
        yield from _quoted_passive(s)


def findings_of(s: Sentence) -> Iterator[Frame]:
    """`No evidence … has been found`: what the report itself says was not found."""
    if "no" not in s.held:
        return
    for found in _NO_EVIDENCE.finditer(s.text):
        at = s.at_char(found.start())
        if at < len(s) and s.inside[at] == ABSENT:
            first = place_of_clause(s, at)
            stop = s.at_char(found.end())
            end = min(end_of_clause(s, at), max(stop, _comma_or_end(s, stop)))
            yield Frame((), s.starts[_past_leads(s, first)], s.ends[end - 1], cue=(found.start(), found.start() + 2),
                        own=(found.start(), found.start() + 2))  # fmt: skip


def _comma_or_end(s: Sentence, at: int) -> int:
    comma = s.find((",",), at, len(s))
    return comma if comma != ABSENT else len(s)


def _conditional(s: Sentence, at: int) -> bool:
    return s.word(place_of_clause(s, at)) in {"if", "unless"}


def _past_leads(s: Sentence, at: int) -> int:
    while at < len(s) - 1 and s.words[at] in LEADS | {","} and s.word(at + 1) != "far":
        at += 1
    return at


def _whole(
    s: Sentence, at: int, after: int, who: tuple[Who, ...] = (), *, hedges: bool = True
) -> Frame:
    """The clause that a word of hearsay stands in, with its subject."""
    first = _past_leads(s, place_of_clause(s, at))
    first = min(first, at)
    cue = s.span(at, after)
    return Frame(
        who, s.starts[first], s.ends[end_of_clause(s, at) - 1], cue=cue, own=cue, hedges=hedges
    )


def _passive(s: Sentence, at: int) -> Frame | None:  # noqa: C901, PLR0911, PLR0912 - a branch a form of sentence
    """`was reported to`, `is feared dead`, `it was alleged that`, `was confirmed by the clinic`."""
    first = at
    while first > 0 and (
        s.words[first - 1] in {"also", "widely", "now", "still", "then", "first", "since"}
        or s.words[first - 1].endswith("ly")
    ):
        first -= 1
    if s.word(first - 1) not in BE or _conditional(s, at):
        return None
    if s.word(first - 1) == "be" or any(
        w in {"not", "never"} or w.endswith("n't") for w in s.words[max(0, first - 4) : at]
    ):
        return None
    word = s.words[at]
    it = _it_subject(s, first - 1)
    after = at + 1
    agent: tuple[Who, ...] = ()
    if s.word(after) == "by":
        end = s.find(
            ("to", "that", ",", ".", "as", "on", "in", "of"),
            after + 1,
            min(len(s), after + 1 + 2 * _BY_WITHIN),
        )
        end = end if end != ABSENT else min(len(s), after + 2 * _BY_WITHIN)
        if end > after + 1:
            found = subject_of(s, after + 1, end)
            agent = found.who if found and found.who else (Who(*s.span(after + 1, end)),)
            after = end
    if it and s.word(after) in DETERMINERS - {"that"}:
        after -= 1
    elif it and s.word(after) != "that":
        it = 0
    if it and after + 1 < len(s):
        stated = word in _STATED
        return Frame(
            agent, s.starts[after + 1], s.ends[end_of_clause(s, after) - 1], cue=s.span(at, at + 1),
            own=(s.starts[it - 1], s.ends[after]), hedges=not stated and not agent,
        )  # fmt: skip
    lists = english().words["passive_hearsay"]
    if word in lists and s.word(after) == "to" and s.word(after + 1) not in {"the", "a"}:
        return _whole(
            s,
            first,
            at + 1,
            agent,
            hedges=not agent or word in _FEARED - {"reported", "said", "alleged"},
        )
    if word in {"accused", "blamed", "suspected"} and s.word(after) in {"of", "for"}:
        return _whole(s, first, at + 1, agent, hedges=not agent)
    if (
        word in _FEARED
        and not agent
        and s.word(after) not in _NOT_AFTER
        and after < len(s)
        and s.inside[after] == ABSENT
        and not s.word(after).endswith("ly")
    ):
        return _whole(s, first, at + 1)
    if agent and (
        word in _DENIED or (word in _STATED | {"reported", "alleged", "claimed"} and not it)
    ):
        start = s.starts[_past_leads(s, place_of_clause(s, at))]
        if charge := REPORT_OF.match(s.text, start, s.starts[first - 1]):
            start = charge.end()
        return Frame(agent, start, _subject_end(s, first), cue=s.span(at, at + 1),
                     own=s.span(at, after), fixed=True, denies=word in _DENIED)  # fmt: skip
    return None


def _subject_end(s: Sentence, first: int) -> int:
    """Where the subject of a passive ends: before all its auxiliaries."""
    place = first - 1
    while place > 0 and (s.words[place] in AUXILIARY or s.words[place] in {"also", "since", "now"}):
        place -= 1
    return s.ends[place]


def _it_subject(s: Sentence, be: int) -> int:
    """The place after `it` before a form of be; 0 without one."""
    place = be
    while place > 0 and s.words[place - 1] in {
        "has",
        "had",
        "have",
        "is",
        "was",
        "been",
        "also",
        "widely",
    }:
        place -= 1
    return place if place > 0 and s.words[place - 1] == "it" else 0


def _told(s: Sentence, at: int) -> Frame | None:
    """`Drivers were told that the pass was open`: by nobody named."""
    that = s.find(("that",), at + 1, min(len(s), at + 10))
    if that == ABSENT or that + 1 >= len(s):
        return None
    subject = subject_of(s, place_of_clause(s, at), at - 1)
    agent: tuple[Who, ...] = ()
    if s.word(at + 1) == "by":
        agent = (Who(*s.span(at + 2, that)),)
    elif that != at + 1 and s.word(at + 1) not in {
        "last",
        "on",
        "in",
        "yesterday",
        "at",
        "earlier",
        "this",
        "again",
    }:
        return None
    to = (subject.who[0].start, subject.who[0].end) if subject and subject.who else None
    own = (to[0] if to else s.starts[at], s.ends[that])
    return Frame(agent, s.starts[that + 1], s.ends[end_of_clause(s, that) - 1], cue=s.span(at, at + 1), own=own,
                 to=to, hedges=not agent)  # fmt: skip


def _quoted_passive(s: Sentence) -> Iterator[Frame]:
    """`He was quoted by the Courier as saying (that) …`."""
    for at, word in enumerate(s.words):
        if word not in _QUOTED or s.word(at - 1) not in BE or s.inside[at] != ABSENT:
            continue
        saying = s.find(("as",), at + 1, min(len(s), at + 12))
        if saying == ABSENT or not s.word(saying + 1).endswith("ing"):
            continue
        first = at - 1
        while first > 0 and s.words[first - 1] in BE | {"has", "have", "had"}:
            first -= 1
        subject = subject_of(s, place_of_clause(s, first), first)
        if subject is None or not subject.who:
            continue
        via = (
            (s.span(at + 2, saying),) if s.word(at + 1) in {"by", "in"} and saying > at + 2 else ()
        )
        start = saying + 2 + (s.word(saying + 2) == "that")
        if start < len(s):
            who = tuple(w._replace(via=(*w.via, *via)) for w in subject.who)
            yield Frame(who, s.starts[start], s.ends[end_of_clause(s, start) - 1], cue=s.span(at, saying + 2),
                        own=(s.starts[subject.first], s.ends[saying + 1]), attributes=True)  # fmt: skip
