"""Competing hypotheses as a chapter: questions, the table, and what speaks against which."""

from __future__ import annotations

from collections.abc import Sequence

from pastwatch.desk.briefs.made.cells import joined, quoted, row, stop
from pastwatch.desk.briefs.made.hypothesestable import table_stretches
from pastwatch.desk.briefs.made.ledgered import Acts, acts_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.hypotheses import QUESTION, REFUTER, hash_of
from pastwatch.desk.hypotheses_table import HypothesisRow, QuestionRow, listed
from pastwatch.errors import UsageError
from pastwatch.model.hypothesis import Asked, HypothesisSort, Refuter
from pastwatch.stages.brief.given import Chapter, Line, Stretch


def make(case: CaseWork) -> Chapter | None:
    """The chapter; None where the case asks nothing and holds no hypothesis."""
    rows, questions = listed(case)
    if not rows and not questions:
        return None
    acts = acts_of(case)
    stretches = [*_questions(case, questions, acts), *_hypotheses(rows, acts)]
    if rows:
        try:
            stretches += table_stretches(case, acts)
        except UsageError as lacking:
            # Two hypotheses, or none that is "none of these": nothing is held against them yet.
            text = f"No table: {stop(lacking.args[0])}"
            stretches.append(
                Stretch(heading="Table", lines=(Line(kind="stated", text=text, ledger=acts.begun),))
            )
        stretches += _refuters(case, acts)
    return Chapter(
        key="hypotheses", title="Competing hypotheses", stretches=tuple(stretches), after="findings"
    )


def _questions(case: CaseWork, questions: Sequence[QuestionRow], acts: Acts) -> list[Stretch]:
    if not questions:
        return []
    values = {one.name: one.value for one in case.papers.entered(QUESTION, Asked)}
    lines = tuple(
        Line(
            kind="question",
            text=row(one.name, quoted(one.text), one.by, f"written down {one.written}"),
            ledger=acts.hashed(hash_of(values[one.name])),
        )
        for one in questions
    )
    return [Stretch(heading="Questions", columns=("", "Question", "By", "When"), lines=lines)]


def _hypotheses(rows: Sequence[HypothesisRow], acts: Acts) -> list[Stretch]:
    if not rows:
        return []
    lines = tuple(
        Line(
            kind="hypothesis",
            text=row(
                one.name,
                f"{one.hypothesis.title}: {one.hypothesis.statement}"
                if one.hypothesis.statement != one.hypothesis.title
                else one.hypothesis.title,
                _sort(one),
                f"{one.written}, by {one.by}",
            ),
            ledger=acts.hashed(hash_of(one.hypothesis)),
        )
        for one in rows
    )
    columns = ("", "Hypothesis", "Why it is on the list", "Written down")
    return [Stretch(heading="Hypotheses", columns=columns, lines=lines)]


def _sort(one: HypothesisRow) -> str:
    if one.hypothesis.sort is HypothesisSort.ARGUED:
        return f"argued for by {one.hypothesis.argued_by}"
    if one.hypothesis.sort is HypothesisSort.NONE:
        return "none of these; it is not ranked"
    return "stated"


def _refuters(case: CaseWork, acts: Acts) -> list[Stretch]:
    """What would refute each hypothesis, and what came of looking for it."""
    found = case.papers.entered(REFUTER, Refuter)
    if not found:
        return []
    lines = tuple(
        Line(
            kind="stated",
            text=row(
                one.value.hypothesis,
                one.value.would_refute,
                joined(one.value.queries, otherwise="not looked for"),
                one.value.outcome or ("not said" if one.value.queries else "–"),
            ),
            ledger=acts.numbered("refuters", one.name),
        )
        for one in found
    )
    columns = ("Of", "What would refute it", "Looked for in", "What came of it")
    looked = sum(bool(one.value.queries) for one in found)
    heading = f"Refuters: {looked:,} of {len(found):,} looked for"
    return [Stretch(heading=heading, columns=columns, lines=lines)]
