"""How far a judgement goes, from what a person wrote: a term of the case's scale, or its standard met."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pastwatch.errors import BadValue
from pastwatch.model.assessment import Finding, Likelihood, Worded
from pastwatch.model.wording import WordingChoice
from pastwatch.stages.assess.scales import (
    DEFAULT,
    SCALES,
    Band,
    Scale,
    scale_named,
    standards,
)

UNCHOSEN = WordingChoice(scale=DEFAULT, standard="", reason="by default")
"""What a case is on that chose nothing."""
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?) ?(?:%|per ?cent)?")


def stated(words: str, choice: WordingChoice = UNCHOSEN) -> Likelihood | Worded:
    """What these words state in a case of this choice; BadValue for what does not belong to it.

    A number in per cent gets the term whose band it lies in; one in a gap, or on an edge of two
    bands, gets none and is refused. A case that chose a standard of proof takes that standard, met,
    and neither a term nor a number.
    """
    said = " ".join(words.lower().split())
    if said == Likelihood.INSUFFICIENT:
        return Likelihood.INSUFFICIENT
    number = _NUMBER.fullmatch(said)
    if choice.standard:
        return _met(said, choice.standard, is_number=number is not None)
    scale = scale_named(choice.scale)
    if any(said in (one.name, *one.terms) for one in standards()):
        raise BadValue(
            f"this case is worded on {scale.name}, and on no standard of proof",
            hint='choose it for the whole case: pastwatch wording choose --standard "…"',
        )
    if number is not None:
        said = scale.term_for(float(number[1].replace(",", ".")), row=choice.row - 1)
    band, row = scale.terms.get(said, (None, 0))
    if band is None:
        terms = [band.terms[choice.row - 1][0] for band in scale.bands]
        raise BadValue(
            f'"{words}" is no likelihood on {scale.name}',
            hint=", ".join([*terms, Likelihood.INSUFFICIENT]),
        )
    if row != choice.row - 1:
        raise BadValue(
            f'"{words}" stands in the other row of {scale.name}, and this case keeps to row {choice.row}',
            hint=f'say "{band.terms[choice.row - 1][0]}"',
        )
    return _worded(scale, band, row)


def fits(likelihood: Likelihood | Worded | None, choice: WordingChoice) -> bool:
    """Whether what a finding states belongs to a choice; that the records do not suffice always does."""
    if likelihood is None or likelihood is Likelihood.INSUFFICIENT:
        return True
    if isinstance(likelihood, Worded) and likelihood.is_standard:
        return likelihood.term == choice.standard
    if choice.standard:
        return False
    name, term = (
        (likelihood.scale, likelihood.term)
        if isinstance(likelihood, Worded)
        else (scale_named(DEFAULT).name, str(likelihood))
    )
    scale = scale_named(choice.scale)
    return name == scale.name and term in scale.terms and scale.terms[term][1] == choice.row - 1


def misfits(findings: Iterable[Finding], choice: WordingChoice) -> tuple[str, ...]:
    """The findings whose likelihood is not one of the choice: a text has one scale."""
    return tuple(one.finding_id for one in findings if not fits(one.likelihood, choice))


def choice_of(scale_name: str, *, term: str = "", standard: str = "") -> WordingChoice:
    """The choice that a printed scale and term, or a printed standard, belong to."""
    for key in SCALES:
        scale = scale_named(key)
        if scale.name == scale_name:
            row = scale.terms[term][1] + 1 if term in scale.terms else 1
            return WordingChoice(scale=key, standard=standard, reason="as printed", row=row)
    return WordingChoice(scale=DEFAULT, standard=standard, reason="as printed")


def _met(said: str, standard: str, *, is_number: bool) -> Worded:
    if is_number:
        raise BadValue(
            "a standard of proof is no percentage, and is never made one",
            hint=f'this case writes to "{standard}"',
        )
    if not any(said in (one.name, *one.terms) for one in standards() if one.name == standard):
        raise BadValue(
            f'this case writes to the standard "{standard}", which takes the place of likelihood',
            hint=f'--standard "{standard}", or --likelihood "{Likelihood.INSUFFICIENT}"',
        )
    return Worded(term=standard)


def _worded(scale: Scale, band: Band, row: int) -> Likelihood | Worded:
    if scale.key == DEFAULT and row == 0:
        return Likelihood(band.term)
    return Worded(
        term=band.terms[row][0],
        scale=scale.name,
        low_percent=band.low,
        high_percent=band.high,
        high_open=band.high_open,
    )
