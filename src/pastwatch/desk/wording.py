"""Choose a case's scale and standard of proof, and check its findings and any text against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pastwatch.desk.case import CaseWork
from pastwatch.desk.hypotheses import tell
from pastwatch.errors import UsageError
from pastwatch.model.assessment import FindingKind
from pastwatch.model.wording import WordingChoice
from pastwatch.stages.assess.scales import (
    DEFAULT,
    SCALES,
    Scale,
    Standard,
    scale_named,
    standard_named,
    standards,
)
from pastwatch.stages.assess.wording import BARE, Remark, lint_reasons, lint_text
from pastwatch.stages.assess.wording_stated import UNCHOSEN, misfits

CHOICE: Final = "scale"
NO_STANDARD: Final = "none"
ONE_SCALE: Final = "not of this case's scale or standard: withdraw the finding and judge it anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a case chose, by whom and when; by itself every case is worded on the default scale."""

    scale: str
    row: int
    standard: str
    reason: str
    by: str
    at_us: int | None

    @property
    def choice(self) -> WordingChoice:
        """The choice itself."""
        why = self.reason or UNCHOSEN.reason
        return WordingChoice(scale=self.scale, standard=self.standard, reason=why, row=self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """A remark on the words of one finding, or on one line of a text."""

    where: str
    position: int
    words: str
    advice: str


def choose(
    case: CaseWork,
    *,
    scale: str | None = None,
    standard: str | None = None,
    row: int | None = None,
    reason: str,
) -> Choice:
    """Choose the scale, its row, the standard, or all; what is not named stays as it was.

    "none" as a standard goes back to likelihoods. UsageError where a judgement that stands is worded
    on what was chosen before: a brief has one scale, and no term is ever turned into another's.
    """
    before = chosen(case)
    if not scale and not standard and row is None:
        raise UsageError("no scale and no standard was named", hint="--scale phia --standard …")
    named = scale_named(scale or before.scale)
    kept_row = (1 if scale and scale != before.scale else before.row) if row is None else row
    if not 1 <= kept_row <= named.rows:
        raise UsageError(f"{named.name} has {named.rows} of rows of terms, counted from 1")
    made = WordingChoice(
        scale=named.key,
        standard=_standard(standard) if standard else before.standard,
        reason=reason,
        row=kept_row,
    )
    if other := misfits(case.findings(), made):
        raise UsageError(
            f"{', '.join(other)} {'is' if len(other) == 1 else 'are'} worded otherwise, and a brief has one scale",
            hint=f"withdraw it and judge it anew: pastwatch finding retract {other[0]} --reason …",
        )
    tell(case, {"wording": 1})
    case.papers.enter(CHOICE, [made], by=case.office.person, at_us=case.office.clock())
    return chosen(case)


def chosen(case: CaseWork) -> Choice:
    """What the case chose last; the default scale and no standard where it chose nothing."""
    given = case.papers.entered(CHOICE, WordingChoice)
    if not given:
        return Choice(scale=DEFAULT, row=1, standard="", reason="", by="", at_us=None)
    last = given[-1]
    return Choice(
        scale=last.value.scale,
        row=last.value.row,
        standard=last.value.standard,
        reason=last.value.reason,
        by=last.by,
        at_us=last.at_us,
    )


def check_findings(case: CaseWork) -> list[Flagged]:
    """Remarks on the findings that stand, taken as one text on the case's scale."""
    findings = {one.finding_id: one for one in case.findings()}
    statements = [(one.statement, one.kind) for one in findings.values()]
    choice = chosen(case).choice
    is_judged = any(one.likelihood is not None for one in findings.values())
    remarks = lint_text(statements, choice=choice, row=choice.row if is_judged else None)
    names = list(findings)
    found = [
        _of(names[at], remark)
        for at, remark in remarks
        # The confidence of a finding has its reasons beside it.
        if remark.advice != BARE or not findings[names[at]].reasons.strip()
    ]
    for name in misfits(findings.values(), choice):
        words = str(findings[name].likelihood)
        found.append(Flagged(where=name, position=0, words=words, advice=ONE_SCALE))
    for one_id, one in findings.items():
        found += [_of(f"{one_id} reasons", remark) for remark in lint_reasons(one.reasons)]
    return found


def check_text(
    text: str, *, kind: str = "judgement", choice: WordingChoice = UNCHOSEN
) -> list[Flagged]:
    """Remarks on a text, a line a statement, all of them of one kind and on one scale."""
    try:
        chosen_kind = FindingKind(kind)
    except ValueError:
        raise UsageError(f'"{kind}" is no kind of finding', hint=", ".join(FindingKind)) from None
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    found = lint_text([(line, chosen_kind) for _, line in lines], choice=choice)
    return [_of(f"line {lines[at][0]}", remark) for at, remark in found]


def scales() -> tuple[Scale, ...]:
    """The scales there are."""
    return tuple(scale_named(key) for key in SCALES)


def standards_of_proof() -> tuple[Standard, ...]:
    """The standards of proof there are, the weakest first."""
    return standards()


def _standard(name: str) -> str:
    return "" if name == NO_STANDARD else standard_named(name).name


def _of(where: str, remark: Remark) -> Flagged:
    return Flagged(where=where, position=remark.position, words=remark.words, advice=remark.advice)
