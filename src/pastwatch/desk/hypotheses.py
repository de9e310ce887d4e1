"""Write down competing hypotheses, items, ratings, refuters and dissent; each act is in the ledger."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pastwatch.casefile.entered import Entered
from pastwatch.casefile.papers import to_text
from pastwatch.desk.assessing import assessed, cited_hit, whole_text
from pastwatch.desk.case import CaseWork
from pastwatch.desk.negative.making import negative_named, unfound_by
from pastwatch.desk.toml import read_toml
from pastwatch.errors import UsageError
from pastwatch.model.assessment import Coverage, FindingKind
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.claim import Claim
from pastwatch.model.exhibit import Exhibit
from pastwatch.model.hypothesis import (
    Asked,
    Dissent,
    EvidenceItem,
    Hypothesis,
    HypothesisSort,
    Rated,
    Refuter,
    Unfound,
    Weight,
)
from pastwatch.model.negative import Negative
from pastwatch.model.plain import to_plain
from pastwatch.model.record import Citation, Record
from pastwatch.model.timeline import Entry
from pastwatch.stages.assess.hypotheses_file import rating_of, read_sheet
from pastwatch.stages.assess.hypotheses_raters import is_sighted
from pastwatch.stages.assess.wording import Remark, lint

HYPOTHESIS: Final = "hypothesis"
ITEM: Final = "item"
RATING: Final = "rating"
REFUTER: Final = "refuter"
DISSENT: Final = "dissent"
QUESTION: Final = "question"
NONE_TITLE: Final = "none of these"
NONE_SAYS: Final = "None of these, or it cannot be told from what is held."
REPORTS: Final = frozenset({"report"})
"""Media of what was published: not a sealed communication."""
_SALT_BYTES = 16
_RECORD_ID = re.compile(r"[0-9a-f]{32}")
_THING = re.compile(r"([a-z])[1-9][0-9]*")
RESTS_ON: Final[dict[str, tuple[str, type[Any]]]] = {
    "c": ("claim", Claim),
    "e": ("entry", Entry),
    "x": ("exhibit", Exhibit),
}
"""The things that an item may rest on, beside hits, records and findings."""


def add_hypothesis(
    case: CaseWork,
    title: str,
    *,
    statement: str = "",
    argued_by: str = "",
    none: bool = False,
) -> tuple[str, tuple[Remark, ...]]:
    """Keep a hypothesis, its salted hash in the ledger first; its name, and remarks on its wording."""
    sort = HypothesisSort.ARGUED if argued_by.strip() else HypothesisSort.STATED
    if none:
        if argued_by.strip():
            raise UsageError("nobody argues for none of these: add what they argue for")
        if any(h.value.sort is HypothesisSort.NONE for h in hypotheses_of(case)):
            raise UsageError("the case has its none-of-these already")
        sort, title, statement = HypothesisSort.NONE, title or NONE_TITLE, statement or NONE_SAYS
    made = Hypothesis(
        title=title,
        statement=statement or title,
        sort=sort,
        argued_by=argued_by.strip(),
        salt=secrets.token_bytes(_SALT_BYTES),
    )
    tell(case, {"hypotheses": 1}, {HYPOTHESIS: hash_of(made)})
    return _enter(case, HYPOTHESIS, made), lint(made.statement, kind=FindingKind.ASSUMPTION)


def ask(case: CaseWork, text: str) -> str:
    """Keep a question that the case is to answer, its salted hash in the ledger first."""
    made = Asked(text=text, salt=secrets.token_bytes(_SALT_BYTES))
    tell(case, {"questions": 1}, {QUESTION: hash_of(made)})
    return _enter(case, QUESTION, made)


def add_item(
    case: CaseWork,
    title: str,
    *,
    cites: Sequence[str],
    root: str = "",
    source: str = "",
    credibility: str = "medium",
    relevance: str = "medium",
) -> str:
    """Keep an item that rests on what `cites` names: h3, a record's 32 digits, c1, x2, e1, f4.

    NoSuchRecord or UsageError for what the case has not, or was judged protected.
    """
    citations, rests_on, records = _cited(case, cites)
    held = [r.envelope.claimed.earliest_us for r in records if r.envelope.claimed is not None]
    made = EvidenceItem(
        title=title,
        citations=citations,
        rests_on=rests_on,
        root=root.strip(),
        source=source.strip() or _only_source(case, records),
        credibility=_weight(credibility, "credibility"),
        relevance=_weight(relevance, "relevance"),
        at_us=max(held, default=None),
        sealed=any(r.envelope.medium not in REPORTS for r in records),
    )
    tell(case, {"items": 1, "citations": len(citations)})
    return _enter(case, ITEM, made)


def add_unfound(
    case: CaseWork,
    title: str,
    *,
    finding: str,
    planted: int = 0,
    found: int = 0,
    elsewhere: Sequence[str] = (),
    relevance: str = "medium",
) -> str:
    """Keep a finding of nothing as an item, worth what its coverage and the rehearsal make it worth.

    `found` of `planted` copies of known wording were found in the rehearsal. Records that were lost
    in a number nobody knows count as somewhere else where it could stand. A `finding` worked out
    with its own rehearsal (n1) says both itself.
    """
    if finding.startswith("n"):
        return _add_negative(case, title, negative_named(case, finding), elsewhere, relevance)
    kept = case.papers.finding(finding)
    if kept.kind is not FindingKind.NEGATIVE or kept.coverage is None:
        raise UsageError(
            f"{finding} is no finding of nothing", hint='pastwatch finding add "…" --kind negative'
        )
    if finding in {gone.finding_id for gone in case.papers.withdrawals()}:
        raise UsageError(f"{finding} is withdrawn")
    made = EvidenceItem(
        title=title or kept.statement,
        rests_on=(finding,),
        relevance=_weight(relevance, "relevance"),
        unfound=unfound_of(kept.coverage, planted=planted, found=found, elsewhere=elsewhere),
    )
    tell(case, {"items": 1, "negative": True})
    return _enter(case, ITEM, made)


def _add_negative(
    case: CaseWork, title: str, negative: Negative, elsewhere: Sequence[str], relevance: str
) -> str:
    """Keep a finding of nothing that was worked out as an item, worth what it measured itself."""
    unfound = unfound_by(negative)
    places = [place.strip() for place in elsewhere if place.strip()]
    made = EvidenceItem(
        title=title or negative.question,
        rests_on=tuple(name for name in (negative.name, negative.finding) if name),
        relevance=_weight(relevance, "relevance"),
        unfound=replace(unfound, elsewhere=(*unfound.elsewhere, *places)),
    )
    tell(case, {"items": 1, "negative": True})
    return _enter(case, ITEM, made)


def unfound_of(
    coverage: Coverage, *, planted: int = 0, found: int = 0, elsewhere: Sequence[str] = ()
) -> Unfound:
    """What a coverage is worth to a finding of nothing, once its search was rehearsed."""
    lost = [gap.lost_records_at_most for gap in coverage.gaps]
    places = [place.strip() for place in elsewhere if place.strip()]
    if None in lost:
        places.append("what was lost in a number that nobody knows")
    return Unfound(
        covered_count=coverage.scanned,
        of_count=coverage.in_scope + sum(n for n in lost if n is not None),
        rehearsed_count=planted,
        found_count=found,
        elsewhere=tuple(places),
    )


def rate(case: CaseWork, item: str, signs: Mapping[str, str], *, reason: str) -> list[str]:
    """Keep one's ratings of an item, by hypothesis; gives their names."""
    person = case.office.person
    made = [
        Rated(item=item, hypothesis=name, rating=rating_of(sign), rater=person, reason=reason)
        for name, sign in signs.items()
    ]
    if not made:
        raise UsageError("no rating was given", hint="rate i1 y1=C y2=II --reason …")
    return _keep_ratings(case, made)


def rate_file(case: CaseWork, path: Path) -> tuple[int, int]:
    """Keep the ratings of a dated file, all or none; how many, and the moment they were written up to."""
    items = {one.name: one.value for one in items_of(case)}
    sheet = read_sheet(read_toml(path), items=items, rater=case.office.person)
    return len(_keep_ratings(case, sheet.ratings)), sheet.as_of_us


def refute(
    case: CaseWork,
    hypothesis: str,
    would_refute: str,
    *,
    queries: Sequence[str] = (),
    outcome: str = "",
) -> str:
    """Keep what would refute a hypothesis, and the searches in which it was looked for."""
    _standing(case, HYPOTHESIS, hypothesis)
    for query in queries:
        case.papers.search(query)
    made = Refuter(
        hypothesis=hypothesis,
        would_refute=would_refute,
        queries=tuple(queries),
        outcome=outcome.strip(),
    )
    tell(case, {"refuters": 1, "searches": len(queries)})
    return _enter(case, REFUTER, made)


def dissent(case: CaseWork, about: str, says: str, *, who: str = "") -> str:
    """Keep a dissent from a hypothesis, an item or the order ("order"); it stands for good."""
    if about != "order":
        _standing(case, HYPOTHESIS if about.startswith("y") else ITEM, about)
    made = Dissent(who=who.strip() or case.office.person, about=about, says=says)
    tell(case, {"dissents": 1})
    return _enter(case, DISSENT, made)


def strike(case: CaseWork, name: str, *, reason: str) -> None:
    """Say that a hypothesis, item, refuter or question no longer stands; it stays on file."""
    kind = {"y": HYPOTHESIS, "i": ITEM, "t": REFUTER, "u": QUESTION}.get(name[:1])
    if kind is None:
        raise UsageError(
            f'"{name}" cannot be struck', hint="a rating is given anew; a dissent stands for good"
        )
    if not reason.strip():
        raise UsageError("it is struck for a reason", hint='--reason "…"')
    case.papers.entered_raw(kind, name)
    tell(case, {"struck": 1})
    case.papers.strike(kind, name, by=case.office.person, reason=reason, at_us=case.office.clock())


def hypotheses_of(case: CaseWork, *, struck: bool = False) -> list[Entered[Hypothesis]]:
    """The hypotheses that stand, in order."""
    return case.papers.entered(HYPOTHESIS, Hypothesis, struck=struck)


def items_of(case: CaseWork) -> list[Entered[EvidenceItem]]:
    """The items that stand, in order; one that cites a record judged protected since is left out."""
    shut = case.papers.protected_ids()
    return [
        one
        for one in case.papers.entered(ITEM, EvidenceItem)
        if not any(cite.record_id in shut for cite in one.value.citations)
    ]


def hash_of(value: Any) -> str:
    """The SHA-256 of a value's canonical text."""
    return hashlib.sha256(to_text(to_plain(value)).encode()).hexdigest()


def tell(
    case: CaseWork, outcome: Mapping[str, int | bool], objects: Mapping[str, str] | None = None
) -> None:
    """Write an act of assessment into the ledger: counts and hashes, before it is kept."""
    case.gate.check(Allowed.READ)
    assessed(case, outcome, objects)


def _enter(case: CaseWork, kind: str, value: Any) -> str:
    (name,) = case.papers.enter(kind, [value], by=case.office.person, at_us=case.office.clock())
    return name


def _keep_ratings(case: CaseWork, made: Sequence[Rated]) -> list[str]:
    names = [one.name for one in hypotheses_of(case)]
    items = {one.name for one in items_of(case)}
    for one in made:
        if one.hypothesis not in names:
            raise UsageError(f'this case has no hypothesis "{one.hypothesis}"')
        if one.item not in items:
            raise UsageError(f'this case has no item "{one.item}"')
    given = [one.value for one in case.papers.entered(RATING, Rated)]
    marked = [replace(one, sighted=is_sighted(given, one, names)) for one in made]
    tell(case, {"ratings": len(marked)}, {"ratings": hash_of(tuple(marked))})
    return case.papers.enter(RATING, marked, by=case.office.person, at_us=case.office.clock())


def _cited(
    case: CaseWork, names: Sequence[str]
) -> tuple[tuple[Citation, ...], tuple[str, ...], list[Record]]:
    """The citations, the names of things, and the records that what is named stands for."""
    by_hit: list[Citation] = []
    ids: list[bytes] = []
    things: list[str] = []
    for name in names:
        thing = _THING.fullmatch(name)
        if _RECORD_ID.fullmatch(name):
            ids.append(bytes.fromhex(name))
        elif thing and thing[1] == "h":
            by_hit.append(cited_hit(case, name))
        elif thing and thing[1] == "f":
            case.papers.finding(name)
            things.append(name)
        elif thing and thing[1] in RESTS_ON:
            _standing(case, RESTS_ON[thing[1]][0], name)
            things.append(name)
        else:
            raise UsageError(
                f'"{name}" is nothing that an item can rest on', hint="h3, c1, x2, e1, f4"
            )
    wanted = [*(cite.record_id for cite in by_hit), *ids]
    records = case.records(wanted) if wanted else []
    whole = [whole_text(record) for record in records[len(by_hit) :]]
    return (*by_hit, *whole), tuple(things), records


def _standing(case: CaseWork, kind: str, name: str) -> None:
    """UsageError unless a thing of that kind and name stands."""
    case.papers.entered_raw(kind, name)
    of: dict[str, type[Any]] = {HYPOTHESIS: Hypothesis, ITEM: EvidenceItem}
    of |= dict(RESTS_ON.values())
    if name not in {one.name for one in case.papers.entered(kind, of[kind])}:
        raise UsageError(f"{name} is struck")


def _only_source(case: CaseWork, records: Sequence[Record]) -> str:
    """The name of the source that all the records are of; nothing where there are several."""
    found = {record.envelope.source_id for record in records}
    return case.source_names.get(found.pop(), "") if len(found) == 1 else ""


def _weight(word: str, what: str) -> Weight:
    try:
        return Weight(word)
    except ValueError:
        raise UsageError(f'"{word}" is no {what}', hint=", ".join(Weight)) from None
