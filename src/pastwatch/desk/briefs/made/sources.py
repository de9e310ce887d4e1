"""Sources described without naming them (ICD 206): what kind, how good, how far, and what limits them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pastwatch.desk.briefs.made.cells import cell, joined, many, moment, row
from pastwatch.desk.briefs.made.ledgered import acts_of
from pastwatch.desk.case import CaseWork, sources_told
from pastwatch.desk.covering import gaps_of
from pastwatch.desk.grades import (
    GradedItem,
    GradedSource,
    GradeGiven,
    graded_items,
    graded_sources,
    interests,
)
from pastwatch.desk.hypotheses import items_of
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act
from pastwatch.model.source import LawfulBasis
from pastwatch.stages.brief.given import Chapter, Line, Stretch

COLUMNS = ("Asked", "Stated")
_ACCESS = {
    "mail": "correspondence of a mail system, as those who wrote it or their server kept it",
    "chat": "talk in rooms and groups, as a member or a server kept it",
    "voice": "recorded speech on a line or a channel",
    "radio": "traffic of a radio channel, as it was written down",
    "report": "open publications",
    "feed": "open publications, as they were sent out",
    "exhibit": "files handed in as evidence",
    "calls": "who called whom and when, without what was said",
    "directory": "a list of persons with their posts or accounts",
}
_OBTAINED = {
    LawfulBasis.OWN: "held by ourselves",
    LawfulBasis.CONSENT: "given with consent",
    LawfulBasis.ORDER: "obtained under an order",
    LawfulBasis.STATUTE: "obtained under a statute",
    LawfulBasis.PUBLISHED: "published by its maker",
    LawfulBasis.OTHER: "obtained on another ground, which the record of sources states",
}
_PUBLISHED = ("report", "feed")
_FILES = ("exhibit", "directory")
_ADDRESS = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class _Known:
    """What the case knows of its sources beside what was handed over with their keys."""

    graded: Mapping[str, GradedSource]
    items: Mapping[str, Sequence[GradedItem]]
    interests: int
    names: tuple[str, ...]
    entries: Mapping[str, tuple[int, ...]]
    begun: tuple[int, ...]
    """The entries that opened the case, for a source that the ledger does not name otherwise."""


def make(case: CaseWork) -> Chapter | None:
    """The chapter; None where the case reaches no source."""
    held = _held(case)
    if not held:
        return None
    known = _known(case, held)
    stretches = [
        Stretch(
            heading=f"Source {number}",
            columns=COLUMNS,
            lines=tuple(_lines(case, plain, known)),
        )
        for number, plain in enumerate(held, 1)
    ]
    beside = [one for name, one in known.graded.items() if name not in known.names]
    if beside:
        stretches.append(_beside(beside, known))
    return Chapter(
        key="sources-described",
        title="Sources described",
        stretches=tuple(stretches),
        after="authority",
    )


def _held(case: CaseWork) -> list[dict[str, Any]]:
    """The sources of the slice and of what was brought to the case, in the order they were met."""
    chosen = set(case.authority.scope.source_ids)
    found = {i: one for i, one in sources_told(case.gate).items() if not chosen or i in chosen}
    for gate in case.annexes:
        found |= sources_told(gate)
    return list(found.values())


def _known(case: CaseWork, held: Sequence[Mapping[str, Any]]) -> _Known:
    items: dict[str, list[GradedItem]] = {}
    source = {one.name: one.value.source for one in items_of(case)}
    for one in graded_items(case):
        if one.about in source:
            items.setdefault(source[one.about], []).append(one)
    return _Known(
        graded={one.source: one for one in graded_sources(case)},
        items=items,
        interests=len(interests(case)),
        names=tuple(str(plain["name"]) for plain in held),
        entries=_entries(case, {str(plain["source_id"]) for plain in held}),
        begun=acts_of(case).begun,
    )


def _entries(case: CaseWork, source_ids: set[str]) -> dict[str, tuple[int, ...]]:
    """The entries that registered each source and counted what was collected from it."""
    found: dict[str, list[int]] = {}
    for entry in entries_of(case.office.ledger, Act.SOURCE_ADD, Act.COLLECT_RUN):
        source_id = str(entry.outcome.get("source_id", ""))
        if source_id in source_ids:
            found.setdefault(source_id, []).append(entry.sequence)
    return {source_id: tuple(own) for source_id, own in found.items()}


def _lines(case: CaseWork, plain: Mapping[str, Any], known: _Known) -> Iterable[Line]:
    source_id, name, medium = str(plain["source_id"]), str(plain["name"]), str(plain["medium"])
    graded = known.graded.get(name)
    said = [
        ("Kind and access", f"{medium}: {_ACCESS.get(medium, 'records of a medium of its own')}"),
        ("How obtained", _obtained(plain)),
        ("Period", _period(case, plain)),
        ("Volume", many(int(plain["records"]), "record")),
        ("Reliability", _reliability(graded, known)),
        *(("Graded before", text) for text in _history(graded.history if graded else (), known)),
    ]
    for one in known.items.get(name, ()):
        said += _item(one, sealed=medium not in _PUBLISHED, known=known)
    said.append(("Limits and gaps", _limits(case, source_id)))
    if medium in _PUBLISHED:
        said.append(
            (
                "Interest",
                f"{many(known.interests, 'root')} of what it reports argued to stand on a side"
                if known.interests
                else "of none of the roots of what it reports is a side stated",
            )
        )
    elif medium in _FILES:
        said.append(("Interest", "of whoever made it none is stated"))
    else:
        said.append(("Interest", "what those who speak here want is not stated"))
    ledger = known.entries.get(source_id, known.begun)
    return [Line(kind="stated", text=row(*pair), ledger=ledger) for pair in said]


def _obtained(plain: Mapping[str, Any]) -> str:
    handover = "how it came to us is stated" if plain.get("handover") else "how it came to us is not stated"  # fmt: skip
    return f"{_OBTAINED[LawfulBasis(plain['lawful_basis'])]}; {handover}"


def _period(case: CaseWork, plain: Mapping[str, Any]) -> str:
    first, last = plain.get("from_us"), plain.get("until_us")
    if first is None or last is None:
        return "nothing in it is dated"
    zone = case.event.zone_offset_s
    return f"{moment(int(first), zone)[:10]} to {moment(int(last), zone)[:10]}"


def _reliability(graded: GradedSource | None, known: _Known) -> str:
    if graded is None:
        return "not graded"
    said = f"{graded.reliability.value}{'' if graded.judged else ' (cannot be judged)'}"
    return f"{said}: {_unnamed(graded.history[-1].reason, known)}"


def _history(given: Sequence[GradeGiven], known: _Known) -> list[str]:
    """The grades before the one that stands, oldest first."""
    return [f"{one.grade}: {_unnamed(one.reason, known)}" for one in given[:-1]]


def _item(one: GradedItem, *, sealed: bool, known: _Known) -> list[tuple[str, str]]:
    """What one of its items is graded, on both questions where it is a sealed communication."""
    asked = [("so", one.true)]
    if sealed or one.said:
        asked.insert(0, ("said on this line", one.said))
    rows = []
    for question, given in asked:
        stands = (
            f"{given[-1].grade}: {_unnamed(given[-1].reason, known)}" if given else "not graded"
        )
        before = joined((g.grade for g in given[:-1]), otherwise="")
        rows.append(
            (f"{one.about}, {question}?", stands + (f" (before: {before})" if before else ""))
        )
    if one.weighed:
        weighed = "; ".join(f"{w.doubt}: {_unnamed(w.found, known)}" for w in one.weighed)
        rows.append((f"{one.about}, weighed", weighed))
    return rows


def _limits(case: CaseWork, source_id: str) -> str:
    gaps = gaps_of(case.office, (source_id,))
    said = "records hold what their senders and devices claim"
    if not gaps:
        return f"{said}; no gap is known"
    lost = [gap.lost_records_at_most for gap in gaps]
    size = sum(gap.bytes for gap in gaps)
    most = (
        "in a number that nobody knows"
        if None in lost
        else f"{sum(n for n in lost if n is not None):,} records at most"
    )
    return f"{said}; {many(len(gaps), 'sort', 'sorts')} of gap, {size:,} bytes, {most}"


def _beside(graded: Sequence[GradedSource], known: _Known) -> Stretch:
    """Sources that are graded and of which nothing is held under their own name."""
    lines = tuple(
        Line(
            kind="stated",
            text=row(f"Further source {number}", _reliability(one, known)),
            ledger=next(iter(known.entries.values()), known.begun),
        )
        for number, one in enumerate(graded, 1)
    )
    return Stretch(
        heading="Graded, and held under no name of their own", columns=COLUMNS, lines=lines
    )


def _unnamed(text: str, known: _Known) -> str:
    """Somebody's reason without the names of sources and without addresses."""
    said = _ADDRESS.sub("an address", cell(text))
    for name in sorted({*known.names, *known.graded}, key=len, reverse=True):
        said = re.sub(rf"(?i)\b{re.escape(name)}\b", "the source", said) if len(name) > 1 else said
    return said
