"""The lists of Arabic, Russian and French, and how their verbs and clauses are told in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from pastwatch.stages.corroborate.verbs_en import read_lists

Span = tuple[int, int]
THAT_WITHIN = 10
TOKEN = re.compile(r"[^\W\d_]{1,4}['’](?=\w)|[^\W\d_]+(?:-[^\W\d_]+)*|\d+(?:[.,]\d+)*|[^\w\s]")
_INVERTED = re.compile(r"-(?:t-)?(?:il|elle|ils|elles|on)$")
MARKS = frozenset(",،")
STOPS = frozenset(';:؛—–«»“”"()')


class Lists(NamedTuple):
    """What a language's file holds, ready to look words up in."""

    verbs: Mapping[str, str]
    phrases: re.Pattern[str]
    words: Mapping[str, frozenset[str]]
    told: Mapping[str, Any]


class Words(NamedTuple):
    """The words of a sentence, folded, with their places in it."""

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    quotes: tuple[Span, ...]

    def word(self, at: int) -> str:
        """The word at a place; nothing beyond the ends."""
        return self.words[at] if 0 <= at < len(self.words) else ""

    def quoted(self, at: int) -> bool:
        """Whether the word at a place stands in a quotation."""
        start = self.starts[at]
        return any(a <= start < b for a, b in self.quotes)


def _forms(language: str, form: str) -> list[str]:
    """Further forms of a verb that its listed one tells: past tenses by their endings."""
    if " " in form:
        return []
    if language == "fr" and form.endswith("e"):
        return [form[:-1] + tail for tail in ("ait", "aient", "a", "èrent", "é")]
    if language == "ru" and form.endswith("л"):
        return [form + tail for tail in ("а", "о", "и")]
    return []


@cache
def lists_of(language: str) -> Lists:
    """The lists of a language, read once."""
    told = read_lists("others")[language]
    verbs = {
        form: kind
        for kind in ("asserts", "hedges", "denies", "labels", "none")
        for form in told.get(kind, ())
    }
    verbs |= {
        more: kind
        for form, kind in verbs.items()
        for more in _forms(language, form)
        if more not in verbs
    }
    phrases = [*told["according"], *told.get("citing", ())]
    ordered = "|".join(
        re.escape(p).replace(r"\ ", r"\s+") for p in sorted(phrases, key=len, reverse=True)
    )
    tail = "" if language == "ar" else r"\s+"
    lead = r"(?<!\w)(?:و)?" if language == "ar" else r"(?<!\w)"
    words = {name: frozenset(listed) for name, listed in told.items() if isinstance(listed, list)}
    return Lists(verbs, re.compile(rf"{lead}(?P<cue>{ordered}){tail}", re.IGNORECASE), words, told)


def read(text: str) -> Words:
    """The words of a sentence, with their places and its quotations."""
    found = list(TOKEN.finditer(text))
    quotes = tuple(m.span() for m in re.finditer(r"«[^»]*»|“[^”]*”|\"[^\"]*\"|„[^“”]*[“”]", text))
    return Words(
        text, tuple(m[0].lower() for m in found), tuple(m.start() for m in found),
        tuple(m.end() for m in found), quotes,
    )  # fmt: skip


def form_at(language: str, s: Words, lists: Lists, at: int) -> tuple[str, int]:
    """The verb at a place, of two words where the list has it so, without an Arabic conjunction."""
    word = s.words[at]
    two = f"{word} {s.word(at + 1)}"
    forms = [(two, at + 2), (word, at + 1)]
    if language == "fr":
        forms.append((_INVERTED.sub("", word), at + 1))
        forms.insert(0, (f"{word}{s.word(at + 1)}", at + 2))
    if language == "ar" and word[:1] in {"و", "ف"}:
        forms += [(two[1:], at + 2), (word[1:], at + 1)]
    return next(((form, after) for form, after in forms if form in lists.verbs), ("", at + 1))


def acts(language: str, s: Words, lists: Lists, at: int, form: str) -> bool:
    """Whether a form stands as a verb: a French participle needs `a` or `ont` before it."""
    if language != "fr" or not form.endswith(("é", "u", "is")) or form == "reconnu que":
        return not (
            language == "fr"
            and s.word(at - 1) in lists.words["articles"] - {"l'", "l’", "le", "la", "les", "leur"}
        )
    place = at - 1
    while place >= 0 and (
        s.words[place] in lists.words["clitics"] | lists.words["not"]
        or s.words[place].endswith("ment")
    ):
        place -= 1
    return place >= 0 and s.words[place] in lists.words["auxiliaries"] and s.word(at - 1) != "été"


def chain_start(s: Words, lists: Lists, at: int) -> int:
    """The first auxiliary of a verb."""
    first = at
    skip = lists.words["auxiliaries"] | lists.words["clitics"] | lists.words["not"]
    while (
        first > 0
        and (s.words[first - 1] in skip or s.words[first - 1].endswith(("ment", "t-il")))
        and not s.quoted(first - 1)
    ):
        if s.words[first - 1] in {"le", "la"} and s.word(first - 2) not in skip | {"a"}:
            break
        first -= 1
    return first


def is_negated(language: str, s: Words, lists: Lists, first: int, at: int) -> bool:
    """Whether a verb is negated, or nobody its subject."""
    near = s.words[first:at] + ((s.word(at + 1),) if language == "fr" else ())
    start = max(0, first - 3)
    subject = s.words[start:first]
    nobody = {"никто", "personne", "aucun", "aucune", "أحد", "ни"}
    form = s.words[at]
    refuses = "n'exclut" in form or (s.word(at - 1) in {"n'", "n’"} and form.startswith("exclu"))
    return (not refuses and any(w in lists.words["not"] for w in near)) or any(w in nobody for w in subject) or (
        language == "ar" and s.word(at - 1) in lists.words["not"]
    )  # fmt: skip


def is_supposed(s: Words, lists: Lists, first: int) -> bool:
    """Whether a verb stands in an `if`: nothing but a comma ends one."""
    for place in range(first - 1, -1, -1):
        word = s.words[place]
        if word in MARKS or word in STOPS:
            return False
        if word in lists.words["conditionals"] and (word != "إن" or place == 0):
            return True
    return False


def is_joined(s: Words, first: int) -> bool:
    """Whether a verb stands after `and` or a comma."""
    return s.word(first - 1) in {
        "et",
        "mais",
        "и",
        "но",
        "а",
        ",",
        "،",
        "ولكن",
        "لكن",
        "tandis",
        "alors",
    } or s.word(first).startswith(("و", "ف"))


def past_join(s: Words, lists: Lists, char: int) -> int:
    """The end of what stands before a conjunction."""
    at = next((n for n, start in enumerate(s.starts) if start >= char), len(s.starts))
    while at > 0 and (
        s.words[at - 1] in lists.words["openers"]
        or s.words[at - 1] in MARKS
        or s.words[at - 1] in {"et", "и", "а", "que"}
    ):
        at -= 1
    return s.ends[at - 1] if at else 0


def bare(word: str) -> str:
    """An Arabic word without the particles written to it."""
    return word.removeprefix("ب").removeprefix("و") if word[:1] in "بو" else word


def is_infinitive(s: Words, at: int) -> bool:
    """Whether a French infinitive stands at a place."""
    word = s.word(at)
    if word in {"s'", "s’", "n'", "n’", "ne", "l'", "l’"}:
        word = s.word(at + 1)
    return word.endswith(("er", "ir", "re", "oir"))


def that_at(s: Words, lists: Lists, after: int, stop: int) -> int:
    """The place of the word that opens the statement; -1 without one."""
    for place in range(after, min(stop, after + THAT_WITHIN)):
        word = s.words[place]
        if word in lists.words["that"] and not s.quoted(place):
            return place
        if word in {":", "«"}:
            return -1
    return -1


def clause_end(s: Words, at: int) -> int:
    """The place after the last word of a clause."""
    for place in range(at, len(s.words)):
        if s.words[place] in {";", "؛"} and not s.quoted(place):
            return place
    last = len(s.words)
    while last > at and s.words[last - 1] in {".", "!", "…"}:
        last -= 1
    return last
