"""Dissent as a chapter: who does not go along, with what, and in which words."""

from __future__ import annotations

from pastwatch.desk.briefs.made.cells import cell, quoted
from pastwatch.desk.briefs.made.ledgered import acts_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.hypotheses import DISSENT, hypotheses_of, items_of
from pastwatch.model.hypothesis import Dissent
from pastwatch.stages.brief.given import Chapter, Line, Stretch


def make(case: CaseWork) -> Chapter | None:
    """The chapter; None where nobody dissents."""
    given = case.papers.entered(DISSENT, Dissent)
    known = {one.name: one.value.title for one in hypotheses_of(case)}
    known |= {one.name: one.value.title for one in items_of(case)}
    every = known | {"order": "the order of the hypotheses"}
    # A dissent from an item that rests on a record judged protected goes with the item.
    standing = [one for one in given if one.value.about in every or one.value.about.startswith("y")]
    if not standing:
        return None
    acts = acts_of(case)
    lines = tuple(
        Line(
            kind="dissent",
            text=f"{cell(one.value.who)} dissents from {_about(one.value.about, every)}: "
            f"{quoted(one.value.says)}",
            ledger=acts.numbered("dissents", one.name),
        )
        for one in standing
    )
    return Chapter(
        key="dissent",
        title="Dissent",
        stretches=(Stretch(heading="", lines=lines),),
        after="negatives",
    )


def _about(about: str, known: dict[str, str]) -> str:
    if about == "order":
        return known[about]
    what = "hypothesis" if about.startswith("y") else "item"
    title = f" ({cell(known[about])})" if about in known else ", struck since"
    return f"{what} {about}{title}"
