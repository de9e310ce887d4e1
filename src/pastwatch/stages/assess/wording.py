"""Check the wording of findings: one scale, calibrated words, and no false certainty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pastwatch.model.assessment import FindingKind, Likelihood, Worded
from pastwatch.model.wording import WordingChoice
from pastwatch.stages.assess.scales import SCALES, scale_named, standards
from pastwatch.stages.assess.wording_languages import QUOTED, unchecked
from pastwatch.stages.assess.wording_stated import UNCHOSEN

ICD203 = scale_named("icd203")


def _row(number: int) -> dict[str, Likelihood]:
    """The terms of one row of ICD 203 (2015) §D.6.e.2.a, with what each means."""
    return {t: Likelihood(band.term) for t, (band, row) in ICD203.terms.items() if row == number}


FIRST_ROW = _row(0)
SECOND_ROW = _row(1)
# Terms that no scale defines, and that sound as if one did.
NO_SCALE = (
    "extremely likely",
    "extremely unlikely",
    "quite likely",
    "most likely",
    "more likely than not",
    "presumably",
)
# What an absolute says, and what may be said instead.
ABSOLUTES: tuple[tuple[str, str], ...] = (
    (
        r"(?:there (?:is|was) )?no (?:possible |reasonable |shadow of a |room for )?doubt(?! that rem)",
        "doubt",
    ),
    (r"without (?:a|any|the slightest) (?:shadow of a )?doubt", "doubt"),
    (r"(?:beyond|removes?|past) (?:a|any|all)(?: shadow of a| possible)? doubt", "doubt"),
    (r"beyond (?:all |any )?(?:dispute|question)", "doubt"),
    (r"(?:can ?not|no ?(?:one|body) can) (?:be )?doubt(?:ed)?|not in doubt", "doubt"),
    (r"(?:hardly any|little|scant) doubt", "doubt"),
    (r"undoubted(?:ly)?|doubtless|unquestionabl[ey]|indubitabl[ey]", "doubt"),
    (r"without question|(?:there (?:is|was|can be) )no question|unmistakabl[ey]", "doubt"),
    (r"self-evident(?:ly)?", "doubt"),
    (r"(?<!almost )(?<!nearly )(?:absolutely )?certainly|(?:it is|we are|is) certain", "certain"),
    (
        r"with (?:absolute |complete |full )?certainty|100 ?(?:%|per ?cent) (?:certain|sure)",
        "certain",
    ),
    (r"definitely|definitively|surely|for sure|(?:am|are|is|was|were) sure|obviously", "certain"),
    (r"of course|inevitabl[ey]|we know (?:that|for a fact)", "certain"),
    (r"it (?:is|was) (?:a fact|clear|plain|obvious|evident|established) that", "certain"),
    (r"(?:clearly|plainly|evidently)(?=,)|(?:(?<=\. )|^)(?:clearly|plainly|evidently)", "certain"),
    (
        r"proves|prove[dn]?(?! to be)|proving|proof (?:of(?! (?:delivery|identity|payment|address))|that)",
        "proof",
    ),
    (
        r"undeniabl[ey]|indisputabl[ey]|irrefutabl[ey]|incontrovertibl[ey]|incontestabl[ey]|conclusive(?:ly)?",
        "proof",
    ),
    (r"guarantee[sd]?|zero chance|no other (?:explanation|possibility)", "only"),
    (
        r"must have(?! (?:the|a|an|their|his|her|its|no)\b)(?: been)?|can only (?:be|have(?: been)?)",
        "only",
    ),
    (r"impossible(?! to\b)|could not have been any(?:body|one|thing) else", "only"),
    (r"no ?(?:body|one) else could", "only"),
)
ADVICE = {
    "doubt": 'say how likely it is, as in "almost certain", and in another sentence why',
    "certain": 'the scale ends at "almost certain" (95–99 %)',
    "proof": 'say what it shows: "is consistent with", "supports", or "records show"',
    "only": "name what else could explain it, then say how likely this one is",
}
NO_JUDGEMENT = "only a judgement states a likelihood; make it one, or quote who said it"
APART = "say confidence in a sentence of its own, with its reasons"
COVERED = "say what was not found, and over what coverage it was looked for"
BARE = "say what the confidence rests on"
NO_NUMBER = "a standard of proof is no percentage: leave the number out"
NO_STANDARD = "only a judgement meets a standard of proof; make it one, or quote who said it"
BOTH = "one scale a text: this judgement is given by a likelihood, and not by a standard of proof"
ONE_ROW = "keep to one row of terms over the whole text"
ABSENCES = (
    r"did not (?:happen|occur|take place|exist)|there (?:was|were|is|are) no|never|nobody|no one"
)

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»’)]*\s+")
_ATTRIBUTED = re.compile(
    r"\b(?:said|says|wrote|writes|told|reported|reports|stated|states|claimed|claims|according to|"
    r"asked|asks|answered|replied|repl(?:y|ies)|called|calls|denied|denies|testified|announced|"
    r"added|insisted|quoted|quotes|reads|in the words of|words of|argued|argues|declared|declares|"
    r"concluded|concludes|maintained|maintains|described|describes|tweeted|posted)\b",
    re.IGNORECASE,
)
_CONFIDENCE = re.compile(
    r"\b(?:low|moderate|medium|high) (?:level of )?confidence\b|\bconfidence\b|\bconfident(?:ly)?\b",
    re.IGNORECASE,
)
_REASONED = re.compile(
    r"\b(?:because|since|for|as|rests? on|resting on|based on|given|reasons?|owing to|due to)\b|:",
    re.IGNORECASE,
)


def _words(terms: list[str]) -> re.Pattern[str]:
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)


_SCALED = _words([t for key in SCALES for t in scale_named(key).terms] + list(NO_SCALE))
_STANDARD = _words([term for standard in standards() for term in standard.terms])
_PERCENT = re.compile(r"\d\s?(?:%|per ?cent\b)", re.IGNORECASE)
_ABSOLUTE = tuple((re.compile(rf"\b(?:{p})(?!\w)", re.IGNORECASE), why) for p, why in ABSOLUTES)
_DENIED = re.compile(
    r"\b(?:not|neither|nor|never|cannot|no|without)(?: (?!only\b)\w+){0,2} $|n['’]t (?:\w+ )?$",
    re.IGNORECASE,
)
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
    statement: str,
    *,
    kind: FindingKind,
    likelihood: Likelihood | Worded | None = None,
    choice: WordingChoice = UNCHOSEN,
) -> tuple[Remark, ...]:
    """Remarks on a statement, in reading order; none means that its wording is calibrated.

    Words inside quotation marks are the speaker's: they pass when the same sentence says who
    spoke. A statement in another script, or in a language that has no terms here, gets one remark,
    "not checked". UsageError for a scale that there is not.
    """
    if why := unchecked(statement):
        return (Remark(position=0, words="", advice=why),)
    found: list[Remark] = []
    for start, end in _sentences(statement):
        sentence = statement[start:end]
        quoted = [(start + m.start(), start + m.end()) for m in QUOTED.finditer(sentence)]
        attributed = bool(_ATTRIBUTED.search(QUOTED.sub("", sentence)))

        def ours(
            pattern: re.Pattern[str],
            within: tuple[int, int] = (start, end),
            quoted: list[tuple[int, int]] = quoted,
        ) -> list[re.Match[str]]:
            return [m for m in pattern.finditer(statement, *within) if not _within(m, quoted)]

        spans = ours(_SCALED)
        found += _scale_remarks(spans, kind, likelihood, choice)
        proofs = ours(_STANDARD)
        found += _standard_remarks(proofs, kind, likelihood, choice)
        if spans or proofs:
            found += [_remark(m, APART) for m in ours(_CONFIDENCE)]
        if proofs:
            found += [_remark(m, NO_NUMBER) for m in ours(_PERCENT)]
        found += _absolute_remarks(statement, (start, end), quoted, attributed=attributed)
        if kind is FindingKind.NEGATIVE:
            found += [_remark(m, COVERED) for m in ours(_ABSENT)]
    found += _mixed_rows(statement)
    return tuple(sorted(set(found), key=lambda r: (r.position, r.advice)))


def lint_reasons(reasons: str) -> tuple[Remark, ...]:
    """Remarks on the reasons for a confidence: no likelihood words, no absolutes."""
    return lint(reasons, kind=FindingKind.OBSERVATION) if reasons.strip() else ()


def lint_text(
    statements: Sequence[tuple[str, FindingKind]],
    *,
    choice: WordingChoice = UNCHOSEN,
    row: int | None = None,
) -> tuple[tuple[int, Remark], ...]:
    """Remarks on a whole text, each with the number of its statement, from 0 on.

    Beside those of each statement: one row of terms over all of them (`row`, counted from 1, or that
    of the first term met), and a confidence with its reasons in the same statement or the next.
    """
    rows = scale_named(choice.scale).terms
    found: list[tuple[int, Remark]] = []
    first_row = None if row is None else row - 1
    for at, (statement, kind) in enumerate(statements):
        own = lint(statement, kind=kind, choice=choice)
        found += [(at, remark) for remark in own]
        if unchecked(statement):
            continue
        quoted = [m.span() for m in QUOTED.finditer(statement)]
        for span in _SCALED.finditer(statement):
            term = span.group().lower()
            if _within(span, quoted) or term not in rows:
                continue
            own_row = rows[term][1]
            first_row = own_row if first_row is None else first_row
            if own_row != first_row and not any(r.position == span.start() for r in own):
                found.append((at, _remark(span, ONE_ROW)))
        after = statements[at + 1][0] if at + 1 < len(statements) else ""
        sure = next((m for m in _CONFIDENCE.finditer(statement) if not _within(m, quoted)), None)
        if sure and not _REASONED.search(statement[sure.start() :]) and not _REASONED.search(after):
            found.append((at, _remark(sure, BARE)))
    return tuple(sorted(found, key=lambda one: (one[0], one[1].position)))


def _scale_remarks(
    spans: list[re.Match[str]],
    kind: FindingKind,
    likelihood: Likelihood | Worded | None,
    choice: WordingChoice,
) -> list[Remark]:
    scale = scale_named(choice.scale)
    given, given_row = scale.terms.get(str(likelihood or ""), (None, 0))
    found = []
    for span in spans:
        band, row = scale.terms.get(span.group().lower(), (None, 0))
        if kind is not FindingKind.JUDGEMENT:
            found.append(_remark(span, NO_JUDGEMENT))
        elif choice.standard:
            found.append(_remark(span, f'this case writes to a standard: "{choice.standard}"'))
        elif band is None:
            found.append(_remark(span, f"not a term of the scale in use ({scale.name})"))
        elif likelihood is not None and band is not given:
            found.append(_remark(span, f'the judgement is given as "{likelihood}"'))
        elif likelihood is not None and row != given_row:
            found.append(_remark(span, f'{ONE_ROW}: the judgement is given as "{likelihood}"'))
    return found


def _standard_remarks(
    proofs: list[re.Match[str]],
    kind: FindingKind,
    likelihood: Likelihood | Worded | None,
    choice: WordingChoice,
) -> list[Remark]:
    if kind is not FindingKind.JUDGEMENT:
        return [_remark(m, NO_STANDARD) for m in proofs]
    if choice.standard:
        own = {t for one in standards() if one.name == choice.standard for t in one.terms}
        other = f'this case writes to the standard "{choice.standard}"'
        return [_remark(m, other) for m in proofs if m.group().lower() not in own]
    return [_remark(m, BOTH) for m in proofs] if likelihood is not None else []


def _absolute_remarks(
    statement: str, within: tuple[int, int], quoted: list[tuple[int, int]], *, attributed: bool
) -> list[Remark]:
    found = []
    for pattern, why in _ABSOLUTE:
        for span in pattern.finditer(statement, *within):
            # "neither proves it" claims nothing.
            denied = why == "proof" and _DENIED.search(statement, within[0], span.start())
            if not _within(span, quoted):
                found += [] if denied else [_remark(span, ADVICE[why])]
            elif not attributed:
                found.append(_remark(span, "say in the same sentence whose words these are"))
    return found


def _mixed_rows(statement: str) -> list[Remark]:
    quoted = [m.span() for m in QUOTED.finditer(statement)]
    spans = [m for m in _SCALED.finditer(statement) if not _within(m, quoted)]
    first = [m for m in spans if m.group().lower() in FIRST_ROW]
    second = [m for m in spans if m.group().lower() in SECOND_ROW]
    if not first:
        return []
    return [_remark(m, "keep to one row of terms: likely, unlikely …") for m in second]


def _sentences(statement: str) -> list[tuple[int, int]]:
    """Where sentences start and end; a full stop inside quotation marks ends none."""
    quoted = [m.span() for m in QUOTED.finditer(statement)]
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
