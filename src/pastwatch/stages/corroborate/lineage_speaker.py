"""Who is said to have said it: by name, by office or by nobody's name; and on whose side that stands."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from pastwatch.stages.corroborate.lineage_text import COUNTRY, Told, lists, phrases

_AND = re.compile(r"\s*(?:,?\s+and\s+|,?\s+including\s+|,?\s+et\s+|,?\s+и\s+|\s*;\s*|\s*,\s*(?=(?:and|including)\b))", re.IGNORECASE)  # fmt: skip
_BOTH = re.compile(r"^(?:both|either|neither)\s+", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|a|an|one of the|an?other|its|his|her|their|our|le|la|les|un|une)\s+", re.IGNORECASE)  # fmt: skip
_NAME = re.compile(r"[^\W\d_][\w’'.-]*")
_OF_ANOTHER = re.compile(r"[^\W\d_][\w-]*['’]s\s|\s(?:of|for|to|at|in|from)\s.*$")
_FURTHER = re.compile(r",|\s+(?:of|for|to|at|in|on|from|who|with|near|by|whose|that|close|familiar)\b", re.IGNORECASE)  # fmt: skip
_POSSESSED = re.compile(r"['’]s$")


_FEW = 2
_BODIES = frozenset({"UN", "NATO", "EU"})
_WITH_THE = frozenset({"US", "UK", "Netherlands", "Philippines"})


class Sort(enum.StrEnum):
    """How far a speaker is told."""

    PERSON = "person"
    BODY = "body"
    """A ministry, an outlet, a government: named, and nobody by name."""
    UNNAMED = "unnamed"
    NOBODY = "nobody"
    """The report itself."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, as told."""

    text: str
    sort: Sort
    key: str
    """By which two mentions are the same speaker; of an unnamed one only what describes it."""
    countries: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()
    head: str = ""
    is_plural: bool = False
    is_of_state: bool = False
    place: str = ""
    """Its country as the words tell it: "Turkish"."""
    is_other: bool = False
    """Told as another than one before: "a second official"."""
    is_outlet: bool = False
    described_as: str = ""
    """What an unnamed one is, where that is no general word such as "official": "night watchman"."""

    @property
    def interest(self) -> str:
        """On whose side it speaks, where the words tell: the government of a country."""
        if self.is_of_state and len(self.countries) == 1:
            return government_of(next(iter(self.countries)))
        return ""

    def may_be(self, other: Speaker) -> bool:
        """Whether two who are not both named could be one and the same."""
        if self.sort is not Sort.UNNAMED and other.sort is not Sort.UNNAMED:
            return self.key == other.key
        if self.is_other or other.is_other:
            return False
        for one, two in ((self.countries, other.countries), (self.branches, other.branches)):
            if one and two and not one & two:
                return False
        if self.is_of_state != other.is_of_state and self.head not in _loose() | {""}:
            return False
        if self.described_as and other.described_as:
            mine, its = set(self.described_as.split()), set(other.described_as.split())
            return mine <= its or its <= mine
        heads = {self.head, other.head} - {""}
        return len(heads) < 2 or heads <= _loose()  # noqa: PLR2004 - two heads to compare

    @property
    def undescribed(self) -> Speaker:
        """The same, without the word that only a description of its own gave it."""
        return replace(self, described_as="", head="") if self.described_as else self

    @property
    def described(self) -> str:
        """An unnamed speaker in short: "US official"."""
        place = self.place or "/".join(sorted(self.countries))
        what = self.described_as or self.head or "source"
        return " ".join(w for w in (place, *sorted(self.branches), what) if w)


@cache
def _loose() -> frozenset[str]:
    return frozenset(_singular(w) for w in lists("who")["same"])


def an_outlet(name: str) -> Speaker:
    """An outlet that speaks, by the one name it has among the reports."""
    return Speaker(name, Sort.BODY, name.lower(), is_outlet=True)


def government_of(country: str) -> str:
    """The side of those who speak for a state, or for a body of states."""
    if country in _BODIES:
        return country
    return f"government of {'the ' if country in _WITH_THE else ''}{country}"


def speakers_of(text: str, *, unnamed: bool = False) -> tuple[Speaker, ...]:
    """Each of those whom a report names together as saying something; none for the report itself."""
    pieces = [p for p in _AND.split(_BOTH.sub("", text.strip())) if p and p.strip()]
    if not pieces:
        return ()
    # "The foreign and defence ministers": the first has no head of its own and is no speaker alone.
    if len(pieces) > 1 and not all(_stands_alone(p) for p in pieces):
        pieces = [text.strip()]
    found = [speaker(p, unnamed=unnamed and len(pieces) == 1) for p in pieces]
    shared = frozenset[str]().union(*(s.countries for s in found))
    if len(shared) == 1:
        found = [
            s if s.countries or s.sort is Sort.BODY else replace(s, countries=shared) for s in found
        ]
    return tuple(dict.fromkeys(found))


def _stands_alone(piece: str) -> bool:
    return (
        bool(Told(piece).countries)
        or phrases("who", "unnamed").search(piece) is not None
        or any(w[0].isupper() for w in _NAME.findall(_ARTICLE.sub("", piece)))
    )


def speaker(text: str, *, unnamed: bool = False) -> Speaker:
    """One who speaks, as the words tell."""
    bare = _ARTICLE.sub("", text.strip().strip("\"'“”«»,.:"))
    told = Told(bare)
    countries = told.countries
    branches = frozenset(m[0].lower() for m in phrases("who", "branches").finditer(bare))
    of_state = phrases("who", "state").search(bare) is not None
    proper = _named_part(bare) or _proper(bare, told)
    found = phrases("who", "unnamed").findall(bare)
    head = _singular(found[-1].lower()) if found else ""
    plural = bool(found) and found[-1].lower() != head
    described = _description(bare) if unnamed and not found else ""
    if described:
        last = described.rsplit(" ", 1)[-1]
        head = _singular(last)
        plural, described = last != head, described[: len(described) - len(last)] + head
    common = {
        "place": _place(told), "countries": countries, "branches": branches, "is_plural": plural,
        "is_of_state": of_state,
    }  # fmt: skip
    if proper and not unnamed:
        person = head == "" or " " in proper or phrases("who", "titles").search(bare) is not None
        is_body = of_state and not _titled(bare) and " " not in proper
        sort = Sort.BODY if is_body or not person else Sort.PERSON
        return Speaker(text.strip(), sort, proper.lower(), head=head, **common)  # type: ignore[arg-type]
    if head or unnamed:
        other = phrases("who", "others").search(text) is not None
        key = f"unnamed {'/'.join(sorted(countries | branches))} {head}".strip()
        spoken = Speaker(text.strip(), Sort.UNNAMED, key, head=head, is_other=other, **common)  # type: ignore[arg-type]
        return replace(spoken, described_as=described)
    if countries and not _left(told):
        name = "/".join(sorted(countries))
        return Speaker(
            name, Sort.BODY, f"government of {name}".lower(), countries, is_of_state=True
        )
    key = " ".join(told.words.folded)
    return Speaker(text.strip(), Sort.BODY, key, head="", **common)  # type: ignore[arg-type]


def _description(bare: str) -> str:
    """One or two common words that an unnamed one is told by: "night watchman"; "" for more, or a body."""
    told = [m[0] for m in _NAME.finditer(_FURTHER.split(bare)[0])]
    kept = [w for w in told if not phrases("who", "rank").fullmatch(w)]
    if not 0 < len(kept) <= _FEW or not all(w[0].islower() and w.isalpha() for w in kept):
        return ""
    if any(phrases("who", of).fullmatch(w) for of in ("branches", "state") for w in kept):
        return ""
    return "" if phrases("who", "rank").fullmatch(_singular(kept[-1])) else " ".join(kept)


def _titled(bare: str) -> bool:
    return phrases("who", "titles").match(bare) is not None


def _place(told: Told) -> str:
    """The first country as it is written, without the dots of "U.S."."""
    for name, first, last in told.placed:
        if name.startswith(COUNTRY):
            said = told.text[told.words.starts[first] : told.words.ends[last - 1]]
            return _POSSESSED.sub("", said).replace(".", "")
    return ""


def _left(told: Told) -> list[str]:
    """The words that say more than the country and its government."""
    return [
        name for name, _, _ in told.placed if not name.startswith(COUNTRY) and name != "government"
    ]


def _proper(bare: str, told: Told) -> str:
    """The name in the words, without titles, countries and common words; "" when there is none."""
    country_words = {
        n
        for name, first, last in told.placed
        if name.startswith(COUNTRY)
        for n in range(first, last)
    }
    kept: list[str] = []
    for at, word in enumerate(told.words.folded):
        start, end = told.words.starts[at], told.words.ends[at]
        said = _POSSESSED.sub("", bare[start:end])
        if at in country_words or not said[0].isupper():
            continue
        if any(phrases("who", of).fullmatch(word) for of in ("titles", "state", "unnamed", "rank", "pronouns")):  # fmt: skip
            continue
        kept.append(said)
    return " ".join(kept)


def _named_part(bare: str) -> str:
    """The name among words set apart by commas: "Lena Voss" of "Krall's lawyer, Lena Voss"."""
    parts = [p for p in bare.split(",") if p.strip()]
    if len(parts) < 2:  # noqa: PLR2004 - nothing set apart
        return ""
    for part in parts:
        own = _OF_ANOTHER.sub("", part).strip()
        name = _proper(own, Told(own)) if own else ""
        if " " in name:
            return name
    return ""


def _singular(word: str) -> str:
    for many, one in (
        ("ies", "y"),
        ("smen", "sman"),
        ("men", "man"),
        ("people", "person"),
        ("sses", "ss"),
    ):
        if word.endswith(many) and word != "women":
            return word[: -len(many)] + one
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def same_person(one: str, other: str) -> bool:
    """Whether two keys of persons are one: the same last name, and no first names that differ."""
    a, b = one.split(), other.split()
    if not a or not b or a[-1] != b[-1]:
        return False
    return all(x[0] == y[0] if min(len(x), len(y)) <= 2 else x == y for x, y in zip(a[:-1][:1], b[:-1][:1], strict=False))  # noqa: PLR2004  # fmt: skip


def is_pronoun(text: str) -> bool:
    """Whether the words point back to somebody told before: "he", "the official"."""
    bare = text.strip().lower()
    if phrases("who", "pronouns").fullmatch(bare):
        return True
    rest = re.sub(r"^(?:the|this|that|same)\s+(?:same\s+)?", "", bare)
    return rest != bare and phrases("who", "unnamed").fullmatch(rest) is not None


def names_in(speakers: Iterable[Speaker]) -> frozenset[str]:
    """The keys of those told by name."""
    return frozenset(s.key for s in speakers if s.sort in {Sort.PERSON, Sort.BODY})
