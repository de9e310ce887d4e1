"""Grade sources A to F and items 1 to 6, each with its history; what is graded 1 has two roots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pastwatch.casefile.entered import Entered
from pastwatch.desk.case import CaseWork
from pastwatch.desk.grades_roots import counted_roots, links_of, told_of
from pastwatch.desk.hypotheses import ITEM, REPORTS, hash_of, items_of, tell
from pastwatch.errors import UsageError
from pastwatch.model.claim import Reliability
from pastwatch.model.grading import (
    Credibility,
    Doubt,
    GradedQuestion,
    ItemGrade,
    SourceGrade,
    Weighed,
)
from pastwatch.stages.assess.grading import Grades, check_confirmed, grades_of, groups_of

SOURCE_GRADE: Final = "source-grade"
ITEM_GRADE: Final = "item-grade"
ONE_ROOT: Final = ("same root", "copies", "paraphrases", "shares a text")
"""The kinds of relations by which two things go back to one root."""
INTEREST: Final = "shares interest"
_NAME: Final = "name:"
_RECORD_ID = re.compile(r"[0-9a-f]{32}")
_THING = re.compile(r"[a-z][1-9][0-9]*")
_KINDS = {"i": ITEM, "c": "claim", "x": "exhibit", "e": "entry"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeGiven:
    """One grade as it was given: by whom, when, and why."""

    name: str
    grade: str
    reason: str
    by: str
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedSource:
    """A source with its grade as it stands, and every grade it was given, the last one last."""

    source: str
    reliability: Reliability
    history: tuple[GradeGiven, ...]

    @property
    def judged(self) -> bool:
        """Whether it could be judged: F is no worse than E, it is no judgement."""
        return self.reliability is not Reliability.F


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedItem:
    """An item with its grades on both questions, what is still to be graded, and their histories."""

    about: str
    grades: Grades
    missing: tuple[str, ...]
    said: tuple[GradeGiven, ...]
    true: tuple[GradeGiven, ...]
    weighed: tuple[Weighed, ...]


def grade_source(case: CaseWork, source: str, letter: str, *, reason: str) -> str:
    """Keep a grade of a source; the ones before it stay in its history."""
    try:
        reliability = Reliability(letter.strip().upper())
    except ValueError:
        raise UsageError(
            f'"{letter}" is no grade of a source', hint="A, B, C, D, E; F: cannot be judged"
        ) from None
    made = SourceGrade(source=source.strip(), reliability=reliability, reason=reason)
    tell(case, {"source_grades": 1}, {"grade": hash_of(made)})
    return _enter(case, SOURCE_GRADE, made)


def grade_item(
    case: CaseWork,
    about: str,
    digit: str,
    *,
    reason: str,
    question: str = "true",
    weighed: Mapping[str, str] | None = None,
    roots: Sequence[str] = (),
) -> str:
    """Keep a grade of an item, a claim, an exhibit or a record on one of the two questions.

    BadValue for a 1 without two independent roots, and for a sealed communication whose doubts were
    not weighed: said: authenticity, handover; true: boast, rumour, deception. Where a 1 names no
    roots, those count that the lineage of the claim, or of the item's claims, goes back to.
    """
    sealed, credibility = _is_sealed(case, about), _credibility(digit)
    named = tuple(dict.fromkeys(root.strip() for root in roots if root.strip()))
    if credibility is Credibility.CONFIRMED and not named:
        named = counted_roots(case, about)
    made = ItemGrade(
        about=about,
        question=_question(question),
        credibility=credibility,
        reason=reason,
        sealed=sealed,
        weighed=tuple(Weighed(doubt=_doubt(n), found=f) for n, f in (weighed or {}).items()),
        roots=named,
    )
    for root in made.roots:
        if _THING.fullmatch(root) and root[0] in _KINDS:
            case.papers.entered_raw(_KINDS[root[0]], root)
    if made.credibility is Credibility.CONFIRMED:
        told = told_of(case, made.roots)
        links = [*joined(case), *links_of(case, made.roots, told)]
        check_confirmed(made, joined=links, interest={**interests(case), **told.interests})
    tell(case, {"item_grades": 1}, {"grade": hash_of(made)})
    return _enter(case, ITEM_GRADE, made)


def graded_sources(case: CaseWork) -> list[GradedSource]:
    """The sources that were graded, by name, each with its history."""
    found: dict[str, list[Entered[SourceGrade]]] = {}
    for one in case.papers.entered(SOURCE_GRADE, SourceGrade):
        found.setdefault(one.value.source, []).append(one)
    return [
        GradedSource(
            source=source,
            reliability=given[-1].value.reliability,
            history=tuple(
                _given(one, one.value.reliability.value, one.value.reason) for one in given
            ),
        )
        for source, given in sorted(found.items())
    ]


def graded_items(case: CaseWork) -> list[GradedItem]:
    """The items that were graded, in order, each with its histories."""
    letters = {one.source: one.reliability for one in graded_sources(case)}
    sources = {one.name: one.value.source for one in items_of(case)}
    found: dict[str, list[Entered[ItemGrade]]] = {}
    for one in case.papers.entered(ITEM_GRADE, ItemGrade):
        found.setdefault(one.value.about, []).append(one)
    graded = []
    for about, given in found.items():
        grades = grades_of(letters.get(sources.get(about, "")), [one.value for one in given])
        told = {
            question: tuple(
                _given(one, str(int(one.value.credibility)), one.value.reason)
                for one in given
                if one.value.question is question
            )
            for question in GradedQuestion
        }
        last = {one.value.question: one.value for one in given}
        graded.append(
            GradedItem(
                about=about,
                grades=grades,
                missing=grades.missing,
                said=told[GradedQuestion.SAID],
                true=told[GradedQuestion.TRUE],
                weighed=tuple(w for one in last.values() for w in one.weighed),
            )
        )
    return graded


def grades_of_items(case: CaseWork) -> dict[str, Grades]:
    """The grades of every item that stands; of one not graded, its source's letter alone."""
    letters = {one.source: one.reliability for one in graded_sources(case)}
    given = {one.about: one.grades for one in graded_items(case)}
    return {
        one.name: given.get(one.name)
        or Grades(reliability=letters.get(one.value.source), sealed=one.value.sealed)
        for one in items_of(case)
    }


def joined(case: CaseWork) -> list[tuple[str, str]]:
    """What relations that stand say goes back to one root, two by two."""
    return [
        (kept.relation.from_id, kept.relation.to_id)
        for kind in ONE_ROOT
        for kept in case.papers.relations(kind)
    ]


def interests(case: CaseWork) -> dict[str, str]:
    """On whose side a root stands, as relations that stand say."""
    return {
        kept.relation.from_id.removeprefix(_NAME): kept.relation.to_id.removeprefix(_NAME)
        for kept in case.papers.relations(INTEREST)
    }


def roots_of_items(case: CaseWork, roots: Mapping[str, str] | None = None) -> dict[str, str]:
    """The root of each item that is not one of its own, by relations and by `roots`.

    `roots` names the root of a claim or a record (c3 or 32 digits), as the lineage of claims tells
    it. An item goes to a root where all that it rests on does.
    """
    items = items_of(case)
    known = dict(roots or {})
    links = [*joined(case), *((name, f"root {root}") for name, root in known.items())]
    links += [(one.name, f"root {one.value.root}") for one in items if one.value.root]
    bases = {
        one.name: [*one.value.rests_on, *(c.record_id.hex() for c in one.value.citations)]
        for one in items
    }
    told = {name for pair in links for name in pair}
    names = [*bases, *(name for own in bases.values() for name in own)]
    group = groups_of(names, links)
    for name, own in bases.items():
        if name not in told and own and set(own) <= told and len({group[n] for n in own}) == 1:
            links.append((name, own[0]))
    group = groups_of(bases, links)
    sizes: dict[str, int] = {}
    for head in group.values():
        sizes[head] = sizes.get(head, 0) + 1
    own_root = {one.name: one.value.root for one in items}
    heads: dict[str, str] = {}
    for name, head in group.items():
        heads[head] = heads.get(head) or own_root[name]
    return {name: heads[head] or head for name, head in group.items() if sizes[head] > 1}


def _given(one: Entered[SourceGrade] | Entered[ItemGrade], grade: str, reason: str) -> GradeGiven:
    return GradeGiven(name=one.name, grade=grade, reason=reason, by=one.by, at_us=one.at_us)


def _enter(case: CaseWork, kind: str, value: SourceGrade | ItemGrade) -> str:
    (name,) = case.papers.enter(kind, [value], by=case.office.person, at_us=case.office.clock())
    return name


def _is_sealed(case: CaseWork, about: str) -> bool:
    """Whether what is graded is a communication; UsageError when the case has no such thing."""
    if _RECORD_ID.fullmatch(about):
        (record,) = case.records([bytes.fromhex(about)])
        return record.envelope.medium not in REPORTS
    if not _THING.fullmatch(about) or about[0] not in _KINDS:
        raise UsageError(
            f'"{about}" is nothing that can be graded', hint="i1, c1, x1, a record's id"
        )
    case.papers.entered_raw(_KINDS[about[0]], about)
    if about[0] != "i":
        return False
    standing = {one.name: one.value for one in items_of(case)}
    if about not in standing:
        raise UsageError(f"{about} is struck, or rests on a record that was judged protected")
    return standing[about].sealed


def _credibility(digit: str) -> Credibility:
    try:
        return Credibility(int(digit))
    except ValueError:
        raise UsageError(
            f'"{digit}" is no grade of an item', hint="1, 2, 3, 4, 5; 6: cannot be judged"
        ) from None


def _question(word: str) -> GradedQuestion:
    try:
        return GradedQuestion(word)
    except ValueError:
        raise UsageError(
            f'"{word}" is no question of a grade', hint=_listed(GradedQuestion)
        ) from None


def _doubt(word: str) -> Doubt:
    try:
        return Doubt(word.strip().lower())
    except ValueError:
        raise UsageError(f'"{word}" is no doubt to weigh', hint=_listed(Doubt)) from None


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
