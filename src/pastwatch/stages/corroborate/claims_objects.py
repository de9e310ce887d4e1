"""What a statement after an English verb is made of: a thing shown, a label, words heard from another."""

from __future__ import annotations

import re
from typing import NamedTuple

from pastwatch.stages.corroborate.claims_cues import THAT_WITHIN, Cue
from pastwatch.stages.corroborate.claims_frames import Span, end_of_clause
from pastwatch.stages.corroborate.claims_tokens import ABSENT, DETERMINERS, Sentence
from pastwatch.stages.corroborate.speakers import Who
from pastwatch.stages.corroborate.verbs_en import english, listed

REPORT_OF = re.compile(
    r"(?:(?:the|a|an|any|all|these|those|his|her|its|their|such|this|that|media|press|earlier|recent|repeated)\s+)*"
    r"(?:[\w’'-]+(?:['’]s|s['’])\s+)?"
    r"(?:reports?|claims?|allegations?|accusations?|rumou?rs?|suggestions?|assertions?|charges?|talk|"
    r"statements?|remarks?|story|stories|accounts?|idea|notion|theory|speculation|insinuations?|"
    r"confessions?|testimony|insistence|findings?|admissions?|words?|boasts?|warnings?|comments?)"
    r"(?:\s+(?:by|from|in|made by)\s+[^,]{1,60}?)?\s+(of|that)\s+",
    re.IGNORECASE,
)
_FALSE_THAT = re.compile(
    r"(?:that\s+)?(?:it|there)\s+(?:is|was|'s|’s|were|would be)\s+(?:\w+ly\s+)?"
    r"(?:not true|not the case|not correct|not so|untrue|false|a lie|nonsense|wrong|incorrect|absurd|"
    r"rubbish|a myth|a fairy tale|no truth (?:in|to)(?: \w+){0,3}?)\s+(?:that\s+)?",
    re.IGNORECASE,
)
_IS_FALSE = re.compile(
    r"\s+(?:is|was|are|were|had been|has been|have been)\s+(?:\w+ly\s+|all\s+|a\s+|an\s+|pure\s+|complete\s+|total\s+|"
    r"nothing but\s+)*(?:not true|untrue|false|lies?|nonsense|fabricat\w+|baseless|groundless|unfounded|"
    r"fiction|invented|invention\w*|absurd|ridiculous|rubbish|slander\w*|propaganda|fake|hoax|fairy tales?|"
    r"not correct|incorrect|made up|wrong)\s*\W*$",
    re.IGNORECASE,
)


class Complement(NamedTuple):
    """A statement in characters of the sentence, and what the verb makes of it."""

    start: int
    end: int
    to: Span | None = None
    denies: bool = False
    hedges: bool = False
    quoted: bool = False
    fixed: bool = False
    who: tuple[Who, ...] = ()
    silent: bool = False


_EVIDENCE = listed(
    "evidence trace traces sign signs proof indication indications no nothing fault faults defect defects "
    "irregularities violations remains residue cracks"
)
_THINGS = listed(
    "photo photos photograph photographs picture pictures image images footage video videos film record records "
    "document documents map maps chart scan scans x-ray test tests letter log logs logbook data report satellite "
    "minutes table file files recording recordings tape autopsy register ledger invoice receipts readings "
    "screenshot screenshots certificate inscription label plaque sign notice display list email e-mail memo note "
    "results analysis samples receipt contract diary manifest"
)


def sees(s: Sentence, cue: Cue, at: int) -> bool:
    """Whether a thing shows another, or somebody found a trace or none: `found no sign of`."""
    if cue.verb.lemma in {"find", "see", "discover", "detect", "have"}:
        return any(w in _EVIDENCE for w in s.words[at : at + 4])
    if cue.verb.lemma in {
        "show",
        "reveal",
        "record",
        "indicate",
        "demonstrate",
        "document",
        "read",
        "say",
    }:
        return any(w in _THINGS for w in s.words[max(0, cue.first - 6) : cue.first])
    return False


def hedging(cue: Cue) -> bool:
    """Whether a verb only suspects."""
    return (cue.verb.hedges or cue.verb.hedges_thing) and not cue.verb.asserts


def statement(
    s: Sentence, start: int, stop: int, cue: Cue, *, to: Span | None = None, clause: bool = False
) -> Complement | None:
    """A statement from a character to a word, with what its own words make of it: denied, or with doubt."""
    end = s.ends[stop - 1]
    text = s.text[start:end]
    denies = cue.verb.denies or (cue.verb.denies_charge and not cue.verb.asserts)
    if cue.verb.denies_charge and not denies and not clause:
        denies = True
    if found := _FALSE_THAT.match(text):
        return Complement(start + found.end(), end, to, denies=True)
    if not denies and (found := _IS_FALSE.search(text)):
        return Complement(start, start + found.start(), to, denies=True, fixed=True)
    return (
        Complement(start, end, to, denies=denies, hedges=hedging(cue))
        if text.strip(" .,;:")
        else None
    )


def labelled(s: Sentence, cue: Cue, at: int, stop: int) -> Complement | None:
    """`labelled the inquiry “theatre”`, `dismissed the report as fiction`."""
    lists = english().words
    if cue.verb.lemma == "call" and s.word(at) in {
        "for",
        "on",
        "off",
        "in",
        "up",
        "to",
        "out",
        "upon",
    }:
        return None
    as_at = s.find(("as",), at + 1, stop)
    false = next(
        (i for i in range(at, stop) if s.words[i] in lists["falsehoods"] and i > at), ABSENT
    )
    denies = false != ABSENT or (as_at != ABSENT and cue.verb.lemma in {"dismiss", "reject"})
    if not denies:
        if cue.verb.lemma in {"call", "label", "brand", "term"} and s.word(at + 2):
            return Complement(s.starts[at], s.ends[stop - 1])
        return None
    cut = as_at if as_at != ABSENT and (false == ABSENT or as_at < false) else false
    while cut > at + 1 and (
        s.words[cut - 1] in DETERMINERS | {"“", '"', "pure", "complete", "total", "utter", "mere"}
        or s.inside[cut - 1] != ABSENT
        or s.words[cut - 1].endswith("ly")
    ):
        cut -= 1
    return Complement(s.starts[at], s.ends[cut - 1], denies=True, fixed=True)


CHANGES = listed("amend correct revise lower raise update")


def falsified(text: str, statement: Span) -> Span | None:
    """The stretch that `it is untrue that …` or `… is a lie` calls false; None where nothing is."""
    start, end = statement
    found = _FALSE_THAT.match(text, start, end)
    if found is not None and found.end() < end:
        return found.end(), end
    found = _IS_FALSE.search(text[start:end])
    return (start, start + found.start()) if found is not None and found.start() else None


def changed(s: Sentence, at: int, stop: int) -> Complement | None:
    """`amended the number from 4,000 to 2,600`, `corrected the figure: 11 people were hurt`."""
    for place in range(stop - 2, at, -1):
        if s.words[place] == ":" or (s.words[place] == "to" and s.words[place + 1][0].isdigit()):
            return Complement(s.starts[place + 1], s.ends[stop - 1])
    return None


def heard_from(s: Sentence, at: int) -> Complement | None:
    """`had heard from the builder that the roof was a gift`."""
    that = s.find(("that",), at, min(len(s), at + THAT_WITHIN))
    if that in (ABSENT, at) or that + 1 >= len(s):
        return None
    return Complement(
        s.starts[that + 1], s.ends[end_of_clause(s, that) - 1], who=(Who(*s.span(at, that)),)
    )


def quoting(s: Sentence, at: int) -> Complement | None:
    """`quoted a watchman as saying that …`, `quoted a man who had seen a van`."""
    stop = end_of_clause(s, at)
    as_at = s.find(("as", "who", "that"), at, min(stop, at + THAT_WITHIN))
    if as_at in {ABSENT, at}:
        return None
    start = as_at + 1
    if s.word(as_at) == "as" and s.word(start).endswith("ing"):
        start += 1
    if s.word(start) == "that":
        start += 1
    if start >= stop:
        return None
    quote = s.inside[start]
    who = (Who(*s.span(at, as_at)),)
    if quote != ABSENT:
        return Complement(
            s.quotes[quote].start, s.quotes[quote].end, who=who, quoted=True, fixed=True
        )
    return Complement(s.starts[start], s.ends[stop - 1], who=who)
