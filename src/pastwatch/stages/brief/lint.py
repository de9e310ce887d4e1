"""Remarks on the words of a whole brief: one scale, calibrated judgements, and no false certainty."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pastwatch.model.assessment import FindingKind
from pastwatch.stages.brief.sentences import Outline

# The words of these sentences are ours; those of a record, a query or the program itself are not.
OURS = {
    "judgement": FindingKind.JUDGEMENT,
    "likelihood": FindingKind.JUDGEMENT,
    "confidence": FindingKind.OBSERVATION,
    "observation": FindingKind.OBSERVATION,
    "reported-claim": FindingKind.REPORTED_CLAIM,
    "assumption": FindingKind.ASSUMPTION,
    "negative": FindingKind.NEGATIVE,
    "lineage": FindingKind.REPORTED_CLAIM,
    "entry": FindingKind.OBSERVATION,
    "exhibit": FindingKind.OBSERVATION,
    "hypothesis": FindingKind.ASSUMPTION,
    "item": FindingKind.OBSERVATION,
    "note": FindingKind.OBSERVATION,
}
ONE_SCALE = "one scale a brief: another judgement is given on another"
NOT_A_JUDGEMENT = "only a judgement states a likelihood, a standard met or a confidence"
TOGETHER = "a likelihood and a confidence never stand in one sentence"
NO_REASONS = "a confidence is said with its reasons"
_UNCHECKED = "not checked"
_LIKELIHOOD = re.compile(r"Likelihood: ([^()]+) \([^()]*, ([^(),]+)\)\.")
_STANDARD = re.compile(r"Standard of proof met: (.+)\.")
_CONFIDENCE = re.compile(r"Confidence: \w+\.(?: Reasons: (.*))?", re.DOTALL)
_QUOTED = re.compile(r"“(?:[^“”]|“[^“”]*”)*”|\"[^\"]*\"|«[^»]*»")


class Level(enum.StrEnum):
    """What a remark on a brief means for it."""

    ERROR = "error"
    """The brief does not pass."""
    UNCHECKED = "unchecked"
    """A language without terms of likelihood: nobody looked."""


class Told(Protocol):
    """A sentence of a brief, from its outline or from a folder that was released."""

    @property
    def id(self) -> str:
        """Its number in the brief, as s12."""

    @property
    def kind(self) -> str:
        """What sort of sentence it is."""

    @property
    def text(self) -> str:
        """Its words."""

    @property
    def about(self) -> str:
        """The sentence that a likelihood or a confidence belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefRemark:
    """A remark on the words of one sentence of a brief, and what to write instead."""

    sentence: str
    level: Level
    words: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a brief says of how far its judgements go, first met first: scale, term, and standard."""

    sentence: str
    scale: str = ""
    term: str = ""
    standard: str = ""


Check = Callable[[Sequence[tuple[str, FindingKind]]], Iterable[tuple[int, str, str]]]
"""Remarks on a whole text: the number of a statement, the words flagged, and the advice."""


def lint_brief(outline: Outline, *, check: Check) -> tuple[BriefRemark, ...]:
    """Remarks on a brief that is about to be released, in the order of its sentences."""
    return lint_sentences(tuple(outline.sentences()), check=check)


def lint_sentences(sentences: Sequence[Told], *, check: Check) -> tuple[BriefRemark, ...]:
    """Remarks on the sentences of a brief, in their order; none means that it passes.

    `check` is told the sentences that are our own words (`assess.wording.lint_text`). In rows of
    claims, what stands in quotation marks is said by those whom the row names.
    """
    found = [*_structure(sentences)]
    ours = [one for one in sentences if one.kind in OURS]
    text = [(_words_of(one), OURS[one.kind]) for one in ours]
    for at, words, advice in check(text):
        level = Level.UNCHECKED if advice.startswith(_UNCHECKED) else Level.ERROR
        found.append(_remark(ours[at], words, advice, level=level))
    place = {one.id: at for at, one in enumerate(sentences)}
    return tuple(sorted(dict.fromkeys(found), key=lambda one: place[one.sentence]))


def stated_in(sentences: Iterable[Told]) -> tuple[Stated, ...]:
    """Every likelihood and standard that a brief states, in order."""
    found = []
    for one in sentences:
        if one.kind != "likelihood":
            continue
        if said := _LIKELIHOOD.fullmatch(one.text):
            found.append(Stated(sentence=one.id, scale=said[2], term=said[1]))
        elif met := _STANDARD.fullmatch(one.text):
            found.append(Stated(sentence=one.id, standard=met[1]))
    return tuple(found)


def passes(remarks: Iterable[BriefRemark]) -> bool:
    """Whether nothing was flagged; what could not be checked does not count against a brief."""
    return all(one.level is not Level.ERROR for one in remarks)


def _structure(sentences: Sequence[Told]) -> Iterable[BriefRemark]:
    """What no single sentence shows: one scale, and what likelihoods and confidences belong to."""
    by_id = {one.id: one for one in sentences}
    stated = stated_in(sentences)
    for one in stated:
        if (one.scale, one.standard) != (stated[0].scale, stated[0].standard):
            yield _remark(by_id[one.sentence], one.term or one.standard, ONE_SCALE)
    for said in sentences:
        if said.kind not in ("likelihood", "confidence"):
            continue
        about = by_id.get(said.about)
        if about is None or about.kind != "judgement":
            yield _remark(said, said.text, NOT_A_JUDGEMENT)
        if said.kind == "likelihood" and "confidence" in said.text.lower():
            yield _remark(said, said.text, TOGETHER)
        reasons = _CONFIDENCE.fullmatch(said.text) if said.kind == "confidence" else None
        if said.kind == "confidence" and (reasons is None or not (reasons[1] or "").strip(" .")):
            yield _remark(said, said.text, NO_REASONS)


def _words_of(one: Told) -> str:
    """The words that are ours; rows of claims name who says what stands in quotation marks."""
    if one.kind == "lineage" or (one.kind == "reported-claim" and "\t" in one.text):
        return _QUOTED.sub("…", one.text).replace("\t", "; ")
    return one.text


def _remark(one: Told, words: str, advice: str, *, level: Level = Level.ERROR) -> BriefRemark:
    return BriefRemark(sentence=one.id, level=level, words=words, advice=advice)
