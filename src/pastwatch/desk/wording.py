"""Choose a case's scale and standard of proof, and check its findings and any text against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

CHOICE: Final = "scale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a case chose, by whom and when; by itself every case is worded on the default scale."""

    scale: str
    standard: str
    reason: str
    by: str
    at_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagged:
    """A remark on the words of one finding, or on one line of a text."""

    where: str
    position: int
    words: str
    advice: str


def choose(
    case: CaseWork, *, scale: str | None = None, standard: str | None = None, reason: str
) -> Choice:
    """Choose the scale, the standard or both; what is not named stays as it was."""
    before = chosen(case)
    made = WordingChoice(
        scale=scale_named(scale).key if scale else before.scale,
        standard=standard_named(standard).name if standard else before.standard,
        reason=reason,
    )
    if not scale and not standard:
        raise UsageError("no scale and no standard was named", hint="--scale phia --standard …")
    tell(case, {"wording": 1})
    case.papers.enter(CHOICE, [made], by=case.office.person, at_us=case.office.clock())
    return chosen(case)


def chosen(case: CaseWork) -> Choice:
    """What the case chose last; the default scale and no standard where it chose nothing."""
    given = case.papers.entered(CHOICE, WordingChoice)
    if not given:
        return Choice(scale=DEFAULT, standard="", reason="", by="", at_us=None)
    last = given[-1]
    return Choice(
        scale=last.value.scale,
        standard=last.value.standard,
        reason=last.value.reason,
        by=last.by,
        at_us=last.at_us,
    )


def check_findings(case: CaseWork) -> list[Flagged]:
    """Remarks on the findings that stand, taken as one text on the case's scale."""
    findings = {one.finding_id: one for one in case.findings()}
    statements = [(one.statement, one.kind) for one in findings.values()]
    found = [
        one
        for one in _flagged(list(findings), statements, chosen(case).scale)
        # The confidence of a finding has its reasons beside it.
        if one.advice != BARE or not findings[one.where].reasons.strip()
    ]
    for one_id, one in findings.items():
        found += [_of(f"{one_id} reasons", remark) for remark in lint_reasons(one.reasons)]
    return found


def check_text(text: str, *, kind: str = "judgement", scale: str = DEFAULT) -> list[Flagged]:
    """Remarks on a text, a line a statement, all of them of one kind and on one scale."""
    try:
        chosen_kind = FindingKind(kind)
    except ValueError:
        raise UsageError(f'"{kind}" is no kind of finding', hint=", ".join(FindingKind)) from None
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    names = [f"line {n}" for n, _ in lines]
    return list(_flagged(names, [(line, chosen_kind) for _, line in lines], scale))


def scales() -> tuple[Scale, ...]:
    """The scales there are."""
    return tuple(scale_named(key) for key in SCALES)


def standards_of_proof() -> tuple[Standard, ...]:
    """The standards of proof there are, the weakest first."""
    return standards()


def _flagged(
    names: Sequence[str], statements: Sequence[tuple[str, FindingKind]], scale: str
) -> Iterator[Flagged]:
    for at, remark in lint_text(statements, scale=scale):
        yield _of(names[at], remark)


def _of(where: str, remark: Remark) -> Flagged:
    return Flagged(where=where, position=remark.position, words=remark.words, advice=remark.advice)
