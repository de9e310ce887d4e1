"""Who speaks: the name or the words for somebody before a verb of saying, and whom a pronoun means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from pastwatch.stages.corroborate.claims_tokens import (
    ABSENT,
    ADVERBS,
    AUXILIARY,
    DETERMINERS,
    LEADS,
    PREPOSITIONS,
    PRONOUNS,
    STEM,
    Sentence,
)
from pastwatch.stages.corroborate.verbs_en import english, listed

_MOST_WORDS = 18
_APPOSITION = 9
_CITING = listed("citing quoting cites quotes relying referring")
_THROUGH = re.compile(
    r"(?:as )?(?:quoted|cited|reported|interviewed|relayed|paraphrased|carried)\s+(?:by|in)\s+(.+)|"
    r"(?:speaking )?(?:through|via)\s+(.+)|(?:as )?told (?:by|to)\s+(.+)|according to\s+(.+)",
    re.IGNORECASE,
)
_INNER_THROUGH = re.compile(
    r"\s(?:as )?(?:quoted|cited|interviewed|named|relayed|paraphrased)\s+(?:by|in)\s+(.+)$",
    re.IGNORECASE,
)
_SEEN = re.compile(
    r"(?:seen|obtained|reviewed|read|viewed|shared) (?:by|with)\s+(.+)", re.IGNORECASE
)
_ASIDES = listed(
    "too of course for example instance example's part his her its their though in turn"
)
_POSSESSIVE = {"his": "he", "her": "she", "its": "it", "their": "they"}
_NOBODY = listed("no none nobody neither nor not never few hardly no-one nothing")
_NO_SUBJECT = listed(
    "what whatever whoever whether how why where when if unless there here than i we you let please "
    "nothing everything something"
)
_WORD = re.compile(r"\w+")
_SUFFIXES = listed("jr sr ii iii iv esq phd md")
_RELATIVE = listed("who which whose that")
_DAYS = listed(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june "
    "july august september october november december morning afternoon evening night week month "
    "year weekend"
)
_SHORTEST = 3


class Who(NamedTuple):
    """Words for a speaker, in characters of the sentence; `via` are spans that the words came through."""

    start: int
    end: int
    via: tuple[tuple[int, int], ...] = ()


class Subject(NamedTuple):
    """Who stands before a verb, from which word on; `after_comma`: a clause may stand before it."""

    who: tuple[Who, ...]
    first: int
    after_comma: bool
    nobody: bool = False


NOBODY = Subject((), ABSENT, after_comma=False, nobody=True)


def subject_of(s: Sentence, first: int, after: int) -> Subject | None:
    """Who the words from `first` up to `after`, just before a verb, name; None where they do not."""
    while first < after and s.word(first) in LEADS | {","}:
        first += 1
    if first >= after:
        return None
    if s.word(after - 1) == ",":
        return _with_parenthesis(s, first, after)
    comma = _last_comma(s, first, after)
    if comma != ABSENT and not _lists(s, first, comma, after):
        return _plain(s, comma + 1, after, after_comma=True)
    return _plain(s, first, after, after_comma=False)


def _with_parenthesis(s: Sentence, first: int, after: int) -> Subject | None:  # noqa: PLR0911 - a branch a form of sentence
    """`The minister, Casper Rohn, …` and `The Post, citing two men, …`."""
    opened = next(
        (
            n
            for n in range(first + 1, after - 1)
            if s.words[n] == "," and s.word(n + 1) in {"who", "which", "whose"}
        ),
        _last_comma(s, first, after - 1),
    )
    if opened in {ABSENT, first}:
        return None
    head = subject_of(s, first, opened)
    if head is None or head.nobody or not head.who:
        return head
    inner = opened + 1
    word = s.word(inner)
    start, end = s.span(inner, after - 1)
    own = head.who[-1]
    if word in _CITING:
        skip = 2 if s.word(inner + 1) in {"on", "to"} else 1
        whom = Who(*_short(s, inner + skip, after - 1), via=((own.start, own.end), *own.via))
        return head._replace(who=(*head.who[:-1], whom))
    if through := _THROUGH.match(s.text[start:end]):
        kind = through.lastindex or 1
        span = (start + through.start(kind), start + through.end(kind))
        return head._replace(who=(*head.who[:-1], own._replace(via=(*own.via, span))))
    if seen := _SEEN.match(s.text[start:end]):
        span = (start + seen.start(1), start + seen.end(1))
        return head._replace(who=(*head.who[:-1], own._replace(via=(*own.via, span))))
    if all(w in LEADS | _ASIDES or w == "," for w in s.words[inner : after - 1]) or _participle(
        word
    ):
        return head
    joins = word not in _RELATIVE and not (word.endswith("ing") and word != "including")
    if joins and word not in PREPOSITIONS and after - 1 - inner <= _APPOSITION:
        joined = own._replace(end=end)
        return head._replace(who=(*head.who[:-1], joined))
    return head


def _participle(word: str) -> bool:
    return (word.endswith("ed") and len(word) > STEM) or word in {
        "seen",
        "known",
        "written",
        "held",
        "then",
        "now",
    }


def _plain(s: Sentence, first: int, after: int, *, after_comma: bool) -> Subject | None:  # noqa: C901 - a branch a form of sentence
    while first < after and (s.word(first) in LEADS or s.word(first) == ","):
        first += 1
    first = _past_adjunct(s, first, after)
    while after > first and (s.word(after - 1) in ADVERBS or s.word(after - 1).endswith("ly")):
        after -= 1
    for at in range(first + 1, after):
        if s.word(at) in _RELATIVE and s.inside[at] == ABSENT:
            after = at
            break
    if (
        s.word(first) in {"it", "that"}
        and s.word(first + 1) in {"is", "was"}
        and after - first >= _SHORTEST
    ):
        first += 2
    if not 0 < after - first <= _MOST_WORDS:
        return None
    word = s.word(first)
    if after - first == 1 and word in DETERMINERS - {
        "this",
        "that",
        "these",
        "those",
        "some",
        "many",
        "others",
    }:
        return None
    if word in _NOBODY or (word == "no" and s.word(first + 1) == "one"):
        return NOBODY
    if (
        (word in PREPOSITIONS and word != "next")
        or word in _NO_SUBJECT
        or word in AUXILIARY
        or any(s.words[i] in {"as", "than"} for i in range(first, after))
        or any(s.words[i] in AUXILIARY for i in range(first, after))
    ):
        return None
    if not s.text[s.starts[first]].isalnum() and s.inside[first] == ABSENT:
        return None
    who = tuple(_through(s, Who(*s.span(a, b))) for a, b in _parties(s, first, after))
    return Subject(who, first, after_comma)


def _through(s: Sentence, who: Who) -> Who:
    """`Railway staff cited by the agency`."""
    found = _INNER_THROUGH.search(s.text, who.start, who.end)
    if found is None:
        return who
    return Who(who.start, found.start(), (found.span(1), *who.via))


def _short(s: Sentence, first: int, after: int) -> tuple[int, int]:
    """A party without what is told about it."""
    for at in range(first + 1, after):
        if s.word(at) in {",", "who", "which"}:
            return s.span(first, at)
    return s.span(first, after)


def _past_adjunct(s: Sentence, first: int, after: int) -> int:
    """Past `On Monday`, `In a statement`, where a party follows without a comma."""
    if s.word(first) not in PREPOSITIONS or after - first < _SHORTEST:
        return first
    at = first + 1
    if s.word(at) in DETERMINERS:
        at += 1
    elif s.capital(at) or s.word(at) in _DAYS:
        while at < after and (s.capital(at) or s.word(at) in _DAYS or s.word(at).isdigit()):
            at += 1
        return at if at < after else first
    for place in range(at + 1, after):
        if s.word(place) in DETERMINERS or s.word(place) in PRONOUNS or s.capital(place):
            return place
    return first


def _last_comma(s: Sentence, first: int, after: int) -> int:
    for at in range(after - 1, first - 1, -1):
        if s.words[at] == "," and s.inside[at] == ABSENT and s.word(at + 1) not in _SUFFIXES:
            return at
    return ABSENT


def _lists(s: Sentence, first: int, comma: int, after: int) -> bool:
    """Whether a comma parts a list of parties: `the army, the port and the mayor`."""
    if s.find(("and", "or"), comma, after) == ABSENT or after - first > _MOST_WORDS:
        return False
    if s.word(first) in PREPOSITIONS or any(s.words[i] in AUXILIARY for i in range(first, comma)):
        return False
    return all(not w.endswith("ed") for w in s.words[first:comma])


def _parties(s: Sentence, first: int, after: int) -> Iterator[tuple[int, int]]:
    """The parties joined by `and` or commas; one where what is joined is one name."""
    cuts = [
        at
        for at in range(first + 1, after - 1)
        if s.words[at] in {"and", ",", "&"} and s.inside[at] == ABSENT
    ]
    if not any(s.words[at] == "and" for at in cuts):
        yield first, after
        return
    parts = []
    begin = first
    for at in [*cuts, after]:
        if at > begin:
            parts.append((begin, at))
        begin = at + 1
    if all(
        _stands_alone(s, *part, first_one=n == 0) for n, part in enumerate(parts)
    ) and not _one_name(s, parts):
        yield from parts
    else:
        yield first, after


def _stands_alone(s: Sentence, first: int, after: int, *, first_one: bool) -> bool:
    word = s.word(first)
    return (
        first_one
        or word in DETERMINERS
        or s.capital(first)
        or word.isdigit()
        or (word.endswith("s") and after - first < _SHORTEST)
        or word in english().words["people"]
    )


def _one_name(s: Sentence, parts: list[tuple[int, int]]) -> bool:
    """`Ministry of Trade and Industry`, `the chairman and founder`."""
    for (a, b), (c, d) in pairwise(parts):
        linked = any(w in {"of", "for", "including"} for w in s.words[a:b])
        if linked and d - c == 1 and s.capital(c):
            return True
        if s.word(c) not in DETERMINERS and not s.capital(c) and not s.word(d - 1).endswith("s"):
            return s.word(d - 1) not in english().words["people"]
    return False


def is_unnamed(name: str) -> bool:
    """Whether words for a speaker name nobody: `a senior official`, `two sources`."""
    words = [w.strip(",.'’\"“”") for w in name.split()]
    people = english().words["people"]
    places = [at for at, word in enumerate(words) if word.lower() in people]
    if not places:
        return False
    rest = words[places[-1] + 1 :]
    # "Guard commander Lew Hardt" has a name after it; "US officials" has none.
    return not any(word[:1].isupper() for word in rest)


_PERSON = listed("he she")
_GROUP_HEADS = listed("ministry agency government army authority council company office police")


@dataclass(slots=True)
class Spoken:
    """Who has spoken so far in a report, the last one last."""

    names: list[str] = field(default_factory=list)

    def heard(self, name: str) -> None:
        """Note a speaker named in full."""
        if name and name.lower() not in PRONOUNS:
            self.names.append(name)
            del self.names[:-40]

    def meant(self, words: str) -> str:
        """Whom `he`, `the official` or `the source` means: the nearest speaker that fits; "" for none."""
        low = words.lower()
        low = _POSSESSIVE.get(low, low)
        if low in PRONOUNS:
            return next((name for name in reversed(self.names) if _fits(low, name)), "")
        first, _, rest = low.partition(" ")
        if first not in {"the", "this", "that"} or not rest:
            return ""
        head = _head(rest)
        if head not in english().words["people"]:
            return ""
        for name in reversed(self.names):
            told = name.lower()
            if told == low:
                continue
            if set(_WORD.findall(rest)) <= set(_WORD.findall(told)):
                return name
            if head == "source" and is_unnamed(name) and not _plural(name):
                return name
        return ""


def _head(words: str) -> str:
    """The noun that a name turns on: the last word before `of`, `for` or a comma."""
    return re.split(r"\s(?:of|for|at|from|in|on|who|with)\s|,", words, maxsplit=1)[0].split()[-1]


def _plural(name: str) -> bool:
    head = _head(name) if name.strip() else ""
    many = head.islower() and head.endswith("s") and not head.endswith(("ss", "us", "is"))
    return many or head.lower() in {"police", "people", "men", "women", "staff"}


def _is_body(name: str) -> bool:
    words = set(_WORD.findall(name.lower()))
    return bool(words & _GROUP_HEADS)


def _fits(pronoun: str, name: str) -> bool:
    if pronoun == "they":
        return _plural(name) or _is_body(name) or " and " in name
    if pronoun == "it":
        return not _plural(name) and (_is_body(name) or not is_unnamed(name))
    return pronoun in _PERSON and not _plural(name) and not _is_body(name)
