"""The English words of saying, each form with what it does to what follows it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

VOWELS = "aeiou"


@dataclass(frozen=True, slots=True)
class Verb:
    """What a form of a verb may do; a form can do several things."""

    asserts: bool = False
    tells: bool = False
    asserts_thing: bool = False
    hedges: bool = False
    hedges_thing: bool = False
    denies: bool = False
    denies_charge: bool = False
    labels: bool = False
    none: bool = False
    participle: bool = False
    """Whether the form ends as a past participle may: it can be passive."""
    gerund: bool = False
    lemma: str = ""

    @property
    def clause(self) -> bool:
        """Whether what follows may be a clause that is stated."""
        return self.asserts or self.tells or self.hedges or self.denies or self.denies_charge


@dataclass(frozen=True, slots=True)
class English:
    """Every list of the English file, ready to look words up in."""

    verbs: Mapping[str, Verb]
    words: Mapping[str, frozenset[str]]
    doubt: frozenset[str]
    """Words of doubt and of hearsay together."""
    nouns: frozenset[str]
    """Nouns of saying, of doubt and of denial together."""


def listed(words: str) -> frozenset[str]:
    """The words of a text, as a list to look words up in."""
    return frozenset(words.split())


def read_lists(language: str) -> Mapping[str, Any]:
    """The lists of one language as they stand in its file."""
    text = files("pastwatch.stages.corroborate.verbs").joinpath(f"{language}.toml")
    return tomllib.loads(text.read_text(encoding="utf-8"))


@cache
def english() -> English:
    """The lists, read once."""
    lists = read_lists("en")
    held: dict[str, dict[str, Any]] = {}
    for kind, listed in lists["verbs"].items():
        for entry in listed:
            forms = entry.split("/") if "/" in entry else _forms(entry)
            for form in forms:
                one = held.setdefault(form, {"lemma": forms[0]})
                one[kind] = True
                one["gerund"] = form.endswith("ing") and form != forms[0]
                past = form not in forms[:2] and not form.endswith("ing")
                one["participle"] = past or one.get("participle", False)
    words = {name: frozenset(listed) for name, listed in lists["words"].items()}
    verbs = {form: Verb(**given) for form, given in held.items()}
    nouns = words["nouns_assert"] | words["nouns_hedge"] | words["nouns_deny"]
    return English(verbs, words, words["doubtful"] | words["hearsay"], nouns)


def _forms(verb: str) -> list[str]:
    """The forms of a regular verb: its first, -s, -ed and -ing."""
    if verb.endswith("e"):
        return [verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"]
    if verb.endswith("y") and verb[-2] not in VOWELS:
        return [verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"]
    if verb.endswith(("s", "sh", "ch", "x")):
        return [verb, f"{verb}es", f"{verb}ed", f"{verb}ing"]
    return [verb, f"{verb}s", f"{verb}ed", f"{verb}ing"]
