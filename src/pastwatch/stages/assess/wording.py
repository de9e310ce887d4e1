"""Check the wording of findings: one scale, calibrated words, and no false certainty."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from pastwatch.model.assessment import FindingKind, Likelihood

# ICD 203 (2015) §D.6.e.2.a: two rows of terms for the same seven bands; a text keeps to one row.
FIRST_ROW: dict[str, Likelihood] = {
    "almost no chance": Likelihood.ALMOST_NO_CHANCE,
    "very unlikely": Likelihood.VERY_UNLIKELY,
    "unlikely": Likelihood.UNLIKELY,
    "roughly even chance": Likelihood.ROUGHLY_EVEN_CHANCE,
    "likely": Likelihood.LIKELY,
    "very likely": Likelihood.VERY_LIKELY,
    "almost certain": Likelihood.ALMOST_CERTAIN,
    "almost certainly": Likelihood.ALMOST_CERTAIN,
}
SECOND_ROW: dict[str, Likelihood] = {
    "remote": Likelihood.ALMOST_NO_CHANCE,
    "highly improbable": Likelihood.VERY_UNLIKELY,
    "improbable": Likelihood.UNLIKELY,
    "improbably": Likelihood.UNLIKELY,
    "roughly even odds": Likelihood.ROUGHLY_EVEN_CHANCE,
    "probable": Likelihood.LIKELY,
    "probably": Likelihood.LIKELY,
    "highly probable": Likelihood.VERY_LIKELY,
    "nearly certain": Likelihood.ALMOST_CERTAIN,
    "nearly certainly": Likelihood.ALMOST_CERTAIN,
}
# Terms that only other scales use (PHIA probability yardstick), or that no scale defines.
OTHER_SCALES = (
    "remote chance",
    "highly unlikely",
    "realistic possibility",
    "highly likely",
    "extremely likely",
    "extremely unlikely",
    "more likely than not",
    "presumably",
)
# What an absolute says, and what may be said instead.
ABSOLUTES: tuple[tuple[str, str], ...] = (
    (r"(?:there (?:is|was|can be) )?no (?:possible |shadow of a )?doubt(?! that remains)", "doubt"),
    (r"without (?:a|any|the slightest) (?:shadow of a )?doubt", "doubt"),
    (r"beyond (?:a|any|all)(?: shadow of a| possible)? doubt", "doubt"),
    (r"undoubtedly|doubtless|unquestionabl[ey]|indubitabl[ey]", "doubt"),
    (r"(?<!almost )(?<!nearly )(?:absolutely )?certainly|(?:it is|we are|is) certain", "certain"),
    (
        r"with (?:absolute |complete |full )?certainty|100 ?(?:%|per ?cent) (?:certain|sure)",
        "certain",
    ),
    (r"definitely|definitively|surely|for sure|obviously|of course", "certain"),
    (r"prove[sdn]?|proving|proof (?:of|that)", "proof"),
    (
        r"undeniabl[ey]|indisputabl[ey]|irrefutabl[ey]|incontrovertibl[ey]|conclusive(?:ly)?",
        "proof",
    ),
    (r"must have(?: been)?|can only have(?: been)?|impossible", "only"),
)
ADVICE = {
    "doubt": 'say how likely it is, as in "almost certain", and in another sentence why',
    "certain": 'the scale ends at "almost certain" (95–99 %)',
    "proof": 'say what it shows: "is consistent with", "supports", or "records show"',
    "only": "name what else could explain it, then say how likely this one is",
}
ABSENCES = (
    r"did not (?:happen|occur|take place|exist)|there (?:was|were|is|are) no|never|nobody|no one"
)

_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|‹[^›]*›")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»’)]*\s+")
_ATTRIBUTED = re.compile(
    r"\b(?:said|says|wrote|writes|told|reported|reports|stated|states|claimed|claims|according to|"
    r"asked|asks|answered|replied|repl(?:y|ies)|called|calls|denied|denies|testified|announced|"
    r"added|insisted|quoted|quotes|reads|in the words of|words of|argued|argues)\b",
    re.IGNORECASE,
)
_CONFIDENCE = re.compile(
    r"\b(?:low|moderate|medium|high) (?:level of )?confidence\b|\bconfidence\b|\bconfident(?:ly)?\b",
    re.IGNORECASE,
)


def _words(terms: list[str]) -> re.Pattern[str]:
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


_SCALED = _words([*FIRST_ROW, *SECOND_ROW, *OTHER_SCALES])
_ABSOLUTE = tuple((re.compile(rf"\b(?:{p})(?!\w)", re.IGNORECASE), why) for p, why in ABSOLUTES)
_ABSENT = re.compile(rf"\b(?:{ABSENCES})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Words that claim more, or less clearly, than a finding may, and what to write instead.

    `position` counts characters from the start of the statement.
    """

    position: int
    words: str
    advice: str


def lint(
    statement: str, *, kind: FindingKind, likelihood: Likelihood | None = None
) -> tuple[Remark, ...]:
    """Remarks on a statement, in reading order; none means that its wording is calibrated.

    Words inside quotation marks are the speaker's: they pass when the same sentence says who
    spoke. A statement that is not written in Latin letters gets one remark, "not checked".
    """
    if not _mostly_latin(statement):
        return (Remark(position=0, words="", advice="not checked: no scale terms for this script"),)
    found: list[Remark] = []
    for start, end in _sentences(statement):
        sentence = statement[start:end]
        quoted = [(start + m.start(), start + m.end()) for m in _QUOTED.finditer(sentence)]
        attributed = bool(_ATTRIBUTED.search(_QUOTED.sub("", sentence)))
        spans = [m for m in _SCALED.finditer(statement, start, end) if not _within(m, quoted)]
        found += _scale_remarks(spans, kind, likelihood)
        if spans:
            found += [
                _remark(m, "say confidence in a sentence of its own, with its reasons")
                for m in _CONFIDENCE.finditer(statement, start, end)
                if not _within(m, quoted)
            ]
        found += _absolute_remarks(statement, (start, end), quoted, attributed=attributed)
        if kind is FindingKind.NEGATIVE:
            found += [
                _remark(m, "say what was not found, and over what coverage it was looked for")
                for m in _ABSENT.finditer(statement, start, end)
                if not _within(m, quoted)
            ]
    found += _mixed_rows(statement)
    return tuple(sorted(set(found), key=lambda r: (r.position, r.advice)))


def lint_reasons(reasons: str) -> tuple[Remark, ...]:
    """Remarks on the reasons for a confidence: no likelihood words, no absolutes."""
    return lint(reasons, kind=FindingKind.OBSERVATION) if reasons.strip() else ()


def _scale_remarks(
    spans: list[re.Match[str]], kind: FindingKind, likelihood: Likelihood | None
) -> list[Remark]:
    found = []
    for span in spans:
        words = span.group().lower()
        means = FIRST_ROW.get(words) or SECOND_ROW.get(words)
        if kind is not FindingKind.JUDGEMENT:
            found.append(
                _remark(
                    span, "only a judgement states a likelihood; make it one, or quote who said it"
                )
            )
        elif means is None:
            found.append(_remark(span, "not a term of the scale in use (ICD 203)"))
        elif likelihood is not None and means is not likelihood:
            found.append(_remark(span, f'the judgement is given as "{likelihood}"'))
    return found


def _absolute_remarks(
    statement: str, within: tuple[int, int], quoted: list[tuple[int, int]], *, attributed: bool
) -> list[Remark]:
    found = []
    for pattern, why in _ABSOLUTE:
        for span in pattern.finditer(statement, *within):
            if not _within(span, quoted):
                found.append(_remark(span, ADVICE[why]))
            elif not attributed:
                found.append(_remark(span, "say in the same sentence whose words these are"))
    return found


def _mixed_rows(statement: str) -> list[Remark]:
    quoted = [m.span() for m in _QUOTED.finditer(statement)]
    spans = [m for m in _SCALED.finditer(statement) if not _within(m, quoted)]
    first = [m for m in spans if m.group().lower() in FIRST_ROW]
    second = [m for m in spans if m.group().lower() in SECOND_ROW]
    if not first:
        return []
    return [_remark(m, "keep to one row of terms: likely, unlikely …") for m in second]


def _sentences(statement: str) -> list[tuple[int, int]]:
    """Where sentences start and end; a full stop inside quotation marks ends none."""
    quoted = [m.span() for m in _QUOTED.finditer(statement)]
    bounds, start = [], 0
    for gap in _SENTENCE_END.finditer(statement):
        if any(a < gap.start() < b for a, b in quoted):
            continue
        bounds.append((start, gap.start()))
        start = gap.end()
    bounds.append((start, len(statement)))
    return bounds


def _within(span: re.Match[str], quoted: list[tuple[int, int]]) -> bool:
    return any(start <= span.start() and span.end() <= end for start, end in quoted)


def _remark(span: re.Match[str], advice: str) -> Remark:
    return Remark(position=span.start(), words=span.group(), advice=advice)


def _mostly_latin(statement: str) -> bool:
    letters = [c for c in _QUOTED.sub("", statement) if c.isalpha()]
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters)
    return 2 * latin >= len(letters)
