"""The verbs of saying in an English sentence, each with the auxiliaries and negations around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pastwatch.stages.corroborate.claims_tokens import (
    ABSENT,
    ADVERBS,
    AUXILIARY,
    BE,
    DETERMINERS,
    MODAL,
    NOT,
    OBJECTS,
    OPENERS,
    PREPOSITIONS,
    PRONOUNS,
    STEM,
    Sentence,
)
from pastwatch.stages.corroborate.verbs_en import Verb, english, listed

THAT_WITHIN = 16
OF = listed("speak talk tell warn complain boast brag accuse")
TO_DO = listed("claim profess admit confess swear purport")
GERUND = listed(
    "deny admit confirm recall report describe mention remember acknowledge confess dispute contest see hear"
)
WH = listed("how why who whom what when where which whether if whose")
_SURE = listed("convinced certain sure confident positive adamant aware clear satisfied persuaded")
_UNSURE = listed(
    "afraid fearful worried sceptical skeptical doubtful concerned hopeful inclined unsure"
)
_PARTICLES = {
    ("take", "back"): Verb(denies_charge=True, denies=True, lemma="take back"),
    ("walk", "back"): Verb(denies_charge=True, lemma="walk back"),
    ("rule", "out"): Verb(denies=True, lemma="rule out"),
    ("back", "away"): Verb(denies_charge=True, lemma="back away"),
    ("wave", "away"): Verb(denies_charge=True, lemma="wave away"),
    ("brush", "aside"): Verb(denies_charge=True, lemma="brush aside"),
    ("brush", "off"): Verb(denies_charge=True, lemma="brush off"),
    ("laugh", "off"): Verb(denies_charge=True, lemma="laugh off"),
    ("shrug", "off"): Verb(denies_charge=True, lemma="shrug off"),
    ("go", "back"): Verb(denies_charge=True, lemma="go back"),
    ("scoff", "at"): Verb(denies_charge=True, lemma="scoff at"),
}
_FORMS = {
    f"{stem}{tail}": lemma
    for lemma, stem, tails in (
        ("walk", "walk", ("", "s", "ed")), ("back", "back", ("", "s", "ed")),
        ("wave", "wave", ("", "s", "d")), ("brush", "brush", ("", "es", "ed")),
        ("laugh", "laugh", ("", "s", "ed")), ("shrug", "shrug", ("", "s", "ged")),
        ("rule", "rule", ("", "s", "d")), ("scoff", "scoff", ("", "s", "ed")),
        ("take", "take", ("", "s", "n")), ("take", "took", ("",)),
        ("go", "go", ("", "es", "ne")), ("go", "went", ("",)),
    )
    for tail in tails
}  # fmt: skip
_ARTICLES = listed("the a an his its their our my your no of these those each every")
_PARTY_WORDS = 6


class Cue(NamedTuple):
    """A verb of saying at a place: from its first auxiliary up to the word after it."""

    first: int
    at: int
    after: int
    verb: Verb
    negated: bool
    modal: bool
    passive: bool
    infinitive: bool


def cues_of(s: Sentence) -> Iterator[Cue]:
    """The verbs of saying outside quotations, each with what stands around it."""
    lists = english()
    for at, word in enumerate(s.words):
        if s.inside[at] != ABSENT:
            continue
        verb = lists.verbs.get(word)
        after = at + 1
        lemma = _FORMS.get(word)
        if lemma:
            for reach in (1, 2):
                particle = _PARTICLES.get((lemma, s.word(at + reach)))
                if particle and (reach == 1 or s.word(at + 1) in OBJECTS):
                    verb, after = particle, at + reach + 1
        reduced = (
            verb is not None
            and verb.participle
            and s.word(at + 1) == "by"
            and s.word(at - 1) not in AUXILIARY
        )
        if verb is None or reduced or s.word(at - 1) in _ARTICLES:
            continue
        if word in lists.words["also_nouns"] and not _is_verb(s, at):
            continue
        yield _cue(s, at, after, verb)


def _is_verb(s: Sentence, at: int) -> bool:
    """Whether a word that may be a noun stands like a verb."""
    before, after = s.word(at - 1), s.word(at + 1)
    if before in AUXILIARY or before in PRONOUNS or before == "to":
        return True
    if (
        before in DETERMINERS
        or before in PREPOSITIONS
        or before.endswith("'s")
        or before in {"", "'", "such"}
    ):
        return False
    if before in {"no", "more", "any"} or (before == "," and at == 1):
        return False
    clause = after in {"that", "a", "the", "it", "he", "she", "they", "there", "no", "his", "her", "its", "“",
                       '"', ":", "having", "herself", "himself", "this", "an", "seeing", "these", "those"}  # fmt: skip
    clause = clause or after in DETERMINERS
    ends = after in {".", ",", ""} and _has_own_party(s, at)
    if (
        before.isalpha()
        and after.isalpha()
        and not after.endswith("ly")
        and s.inside[at + 1] == ABSENT
    ):
        lists = english()
        taken = AUXILIARY | PREPOSITIONS | {"and", "or", "of", "that", "who", "which", "about"}
        if (
            after not in taken
            and after not in lists.verbs
            and lists.verbs[s.words[at]].asserts_thing | lists.verbs[s.words[at]].hedges_thing
        ):
            return True
    return clause or ends or s.capital(at + 1) or after.isdigit() or after.endswith("ing")


def _has_own_party(s: Sentence, at: int) -> bool:
    """Whether a party of its own stands before a word at the end: `…, the port reports`."""
    for place in range(at - 1, max(at - 10, -1), -1):
        word = s.words[place]
        if word in PREPOSITIONS - {"of"} or word in {"according", "a", "an"}:
            return False
        if word == "," or s.inside[place] != ABSENT:
            return True
    return True


def _cue(s: Sentence, at: int, after: int, verb: Verb) -> Cue:
    first = at
    negated = modal = passive = infinitive = False
    nearest = True
    while first > 0:
        word = s.words[first - 1]
        if word in NOT or word.endswith("n't"):
            negated = True
        elif word in AUXILIARY:
            passive = passive or (nearest and word in BE and verb.participle)
            modal = modal or word in MODAL
            nearest = nearest and word in BE
        elif word == "to" and nearest:
            infinitive = True
        elif word in ADVERBS or (word.endswith("ly") and len(word) > STEM):
            if word == "out":
                break
        else:
            break
        first -= 1
        if infinitive:
            break
    if infinitive:
        infinitive = not _goes_on(s, first)
        if not infinitive:
            first = _back_over(s, first)
    return Cue(first, at, after, verb, negated, modal, passive, infinitive)


def _goes_on(s: Sentence, to: int) -> bool:
    """`went on to say`, `continues to deny`, `was quick to say`: it is said."""
    before = s.word(to - 1)
    return before in {
        "continues",
        "continued",
        "continue",
        "quick",
        "rushed",
        "keen",
        "appeared",
        "seemed",
    } or (before == "on" and s.word(to - 2) in {"went", "goes", "go"})


def _back_over(s: Sentence, to: int) -> int:
    place = to - 1
    if s.word(place) == "on":
        place -= 1
    while place > 0 and s.word(place - 1) in BE | {"has", "have", "had"}:
        place -= 1
    return place


def sure_cue(s: Sentence, at: int) -> bool | None:
    """Of `is convinced that`: whether the adjective at a place asserts (True) or hedges (False)."""
    if s.word(at) in _SURE:
        return True
    return False if s.word(at) in _UNSURE else None


def party_end(s: Sentence, at: int) -> int:
    """The place after a party that begins at a place: a pronoun, a name, or `the` and its nouns."""
    word = s.word(at)
    if word in OBJECTS:
        return at + 1
    end = at
    if s.capital(at):
        while s.capital(end) or (
            s.word(end) in {"of", "and", "the", "for"} and s.capital(end + 1) and end > at
        ):
            end += 1
        while (
            end < len(s)
            and s.word(end).endswith("s")
            and s.word(end).isalpha()
            and s.word(end) not in english().verbs
        ):
            end += 1
        return end
    if word in DETERMINERS:
        end += 1
    while end < len(s) and end - at < _PARTY_WORDS:
        word = s.word(end)
        if (
            not word[:1].isalpha()
            or word
            in OPENERS | DETERMINERS | PRONOUNS | AUXILIARY | PREPOSITIONS | OBJECTS - {"her"}
        ):
            if (
                word in {"of", "at", "for", "from"}
                and end > at + 1
                and (s.capital(end + 1) or s.word(end + 1) == "the")
            ):
                end += 1
                continue
            break
        end += 1
    return end
