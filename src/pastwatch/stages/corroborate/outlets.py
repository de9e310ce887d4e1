"""The outlets that the reports of a case name, each under one name whatever its form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.lineage_text import lists, phrases
from pastwatch.stages.corroborate.outlets_bylines import is_like_outlet

_REPORT_OF = re.compile(
    r"\b(?:a|an|the|in|by|its|reports?|news|agency|story|article|interview|television|tv|network)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_THE = re.compile(r"^\s*the\s+", re.IGNORECASE)
_LEAD = re.compile(r"^\s*(?:the|an?|its|their)\s+", re.IGNORECASE)
_TAIL = re.compile(r"(?:['’]s?)?(?:\s+(?:reports?|story|article|interview))?$", re.IGNORECASE)
_BEGINNING_WORDS = 2
"""So many words at least a name must keep to be known by its beginning."""

Key = tuple[str, ...]


def outlet_named(text: str) -> str:
    """An outlet's name out of words such as "a CNN report"; "" where they name none."""
    return re.sub(r"['’]s?$", "", " ".join(_REPORT_OF.sub(" ", text).split()).strip(" ,.'\"“”"))


def outlet_key(text: str) -> str:
    """By which two mentions of an outlet are the same."""
    return outlet_named(text).lower()


class Outlets:
    """The outlets named in some reports: those they stand in, and those they pass something on from.

    Words mean an outlet where they are its name, the end of it ("the Courier") or a longer name's
    beginning, with or without "the", and no other outlet could be meant. Two outlets that reports
    stand in are two, however alike.
    """

    def __init__(self, articles: Iterable[Article], passed_on: Iterable[str] = ()) -> None:
        self._own = {_key(a.outlet): " ".join(a.outlet.split()) for a in articles if _key(a.outlet)}
        self._of: dict[Key, str] = dict(self._own)
        named = {_key(p): _bare(p) for p in passed_on if is_like_outlet(outlet_named(p))}
        for key in sorted(named, key=lambda k: (-len(k), k)):
            if key and key not in self._of:
                self._of[key] = self._form_of(key) or named[key]
        self._told: dict[str, str] = {}

    def meant(self, words: str) -> str:
        """The outlet that words for one mean, by its one name; without a known one the name in the words."""
        return self.known(words) or outlet_named(words)

    def known(self, words: str) -> str:
        """The outlet that words mean, of those the reports name; "" where they mean none, or one of two."""
        if words not in self._told:
            key = _key(words)
            found = self._of.get(key, "")
            if not found and (len(key) > 1 or _is_name(words)) and not _bare(words)[:1].islower():
                found = self._form_of(key)
            if _bare(words)[:1].islower() and not found[:1].islower():
                found = ""  # "the world" is not The World
            self._told[words] = found
        return self._told[words]

    def _form_of(self, key: Key) -> str:
        """The only outlet of which some words are a form; "" with none or several."""
        fits = {name for other, name in self._of.items() if _is_form(key, other)}
        return next(iter(fits)) if len(fits) == 1 else ""

    def before(self, article: Article, end_byte: int) -> tuple[str, ...]:
        """The other outlets that a report names before some byte, in order, each once."""
        text = article.text.encode()[:end_byte].decode(errors="ignore")
        words = list(_WORD.finditer(text))
        own, found = self.known(article.outlet), dict[str, None]()
        at = 0
        while at < len(words):
            for length in range(min(self._longest, len(words) - at), 0, -1):
                said = text[words[at].start() : words[at + length - 1].end()]
                lead = "the " if at and words[at - 1][0].lower() == "the" else ""
                named = (
                    self.known(lead + said) if said[:1].isupper() and said[-1:].isalnum() else ""
                )
                if named and (length > 1 or lead or _key(said) in self._of):
                    if named != own:
                        found[named] = None
                    at += length - 1
                    break
            at += 1
        return tuple(found)

    @property
    def _longest(self) -> int:
        return max(map(len, self._of), default=0)


def points_back(words: str) -> bool:
    """Whether words point to an outlet named before: "the newspaper"."""
    return _pointing().fullmatch(words.strip()) is not None


def is_another_body(words: str, text: str) -> bool:
    """Whether the noun of "the agency" is the last word of a name in a text: "the Harbour Agency"."""
    noun = words.rsplit(maxsplit=1)[-1]
    return re.search(rf"\b[A-ZÀ-ÞА-Я][\w-]+\s+{re.escape(noun.capitalize())}\b", text) is not None


@cache
def _pointing() -> re.Pattern[str]:
    nouns = lists("outlets")["pointed"]
    bare = "|".join(re.escape(w) for w in nouns if not w.isascii() and w[0] > "а")
    return re.compile(
        rf"(?:(?:the|this|that|le|la|ce|cette)\s+(?:same\s+)?|l['’]){phrases('outlets', 'pointed').pattern}"
        rf"|(?:(?:эта|это|этот)\s+)?(?:{bare})",
        re.IGNORECASE,
    )


def _is_form(one: Key, other: Key) -> bool:
    short, long = sorted((one, other), key=len)
    if not short or len(short) == len(long):
        return False
    return long[-len(short) :] == short or (
        len(short) >= _BEGINNING_WORDS and long[: len(short)] == short
    )


def _is_name(words: str) -> bool:
    """Whether one word alone stands as an outlet's name does: with "the", or called as outlets are."""
    return _THE.match(words) is not None or is_like_outlet(outlet_named(words))


def _bare(name: str) -> str:
    said = " ".join(name.split()).strip(" ,.'\"“”")
    return _TAIL.sub("", _LEAD.sub("", said), count=1)


def _key(name: str) -> Key:
    return tuple(w.lower() for w in _WORD.findall(_bare(name)))
