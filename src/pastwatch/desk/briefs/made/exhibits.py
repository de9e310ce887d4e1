"""Exhibits as a chapter: what each is, in whose hands it was, what it shows and does not show."""

from __future__ import annotations

from pastwatch.casefile.entered import Entered
from pastwatch.desk.briefs.made.cells import cell, joined, quoted, row, told
from pastwatch.desk.briefs.made.citing import head_of, usable
from pastwatch.desk.briefs.made.exhibitstracks import tracks_stretches
from pastwatch.desk.briefs.made.ledgered import Acts, acts_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.exhibiting import exhibits_of, picture_of_exhibits, tracks_kept
from pastwatch.model.exhibit import NOT_STATED, Exhibit, Place
from pastwatch.model.record import Citation
from pastwatch.stages.brief.given import Chapter, Line, Picture, Stretch
from pastwatch.stages.brief.moments import between
from pastwatch.stages.corroborate.exhibits import when_words

COLUMNS = ("Asked", "Stated")
CITED_AT_MOST_BYTES = 64 * 1024
"""A larger file stands by its hash in the ledger: its whole text would go into the brief's proofs."""


def make(case: CaseWork) -> Chapter | None:
    """The chapter; None where no exhibit and no track was brought to the case."""
    exhibits, tracks = exhibits_of(case), tracks_kept(case)
    if not exhibits and not tracks:
        return None
    acts = acts_of(case)
    stretches = [_exhibit(case, one, acts) for one in exhibits]
    stretches += tracks_stretches(case, tracks, acts)
    pointed = [one for one in exhibits if one.value.place.lat is not None]
    if pointed:
        stretches.append(
            Stretch(
                heading="Where",
                lines=tuple(
                    Line(
                        kind="exhibit",
                        text=f"{one.name} {cell(one.value.title)}: {_place(one.value.place)}.",
                        ledger=acts.numbered("exhibits", one.name),
                    )
                    for one in pointed
                ),
                picture=Picture(
                    name="map",
                    svg=picture_of_exhibits(case),
                    caption="The exhibits that have a point on the map; a ring is how far off the "
                    "point may be.",
                ),
            )
        )
    return Chapter(key="exhibits", title="Exhibits", stretches=tuple(stretches), after="findings")


def _exhibit(case: CaseWork, one: Entered[Exhibit], acts: Acts) -> Stretch:
    exhibit, ledger = one.value, acts.numbered("exhibits", one.name)
    cites: tuple[Citation, ...] = ()
    if exhibit.size_bytes <= CITED_AT_MOST_BYTES:
        (record,) = case.records([exhibit.record_id])
        cites = head_of(record)
    said = [
        f"What it is: {exhibit.kind}; {exhibit.size_bytes:,} bytes, SHA-256 {exhibit.sha256.hex()}",
        f"Taken or made: {when_words(exhibit)}",
        f"Where: {_place(exhibit.place)}",
        f"Shows: {exhibit.found or NOT_STATED}",
        f"Found by: {exhibit.found_by or NOT_STATED}; method: {exhibit.method or NOT_STATED}",
        f"Result: {exhibit.result or NOT_STATED}",
        f"Does not show: {exhibit.limits or NOT_STATED}",
        f"Grade: {_grade(exhibit)}",
    ]
    if exhibit.maker_type:
        said.append(f"Made as: {exhibit.maker_type}; that says who built it, not who used it")
    lines = [Line(kind="exhibit", text=told(said[0]), citations=cites, ledger=ledger)]
    lines += [Line(kind="exhibit", text=told(text), ledger=ledger) for text in said[1:]]
    lines += [
        Line(
            kind="exhibit",
            text=row("Used by, as somebody says", quoted(said_by.statement)),
            citations=usable(case, (said_by.citation,)),
            ledger=ledger,
        )
        for said_by in exhibit.operated_by
    ]
    lines += _custody(case, exhibit, ledger)
    if exhibit.claimed_by_file:
        claimed = joined(f"{c.name} {c.value}" for c in exhibit.claimed_by_file)
        lines.append(
            Line(
                kind="exhibit",
                text=row(
                    "The file says of itself",
                    f"{claimed}; whoever can write the file can write this",
                ),
                ledger=ledger,
            )
        )
    if exhibit.note:
        lines.append(Line(kind="exhibit", text=row("Note", exhibit.note), ledger=ledger))
    return Stretch(
        heading=f"{one.name} {exhibit.title}, entered by {one.by}",
        columns=COLUMNS,
        lines=tuple(lines),
    )


def _custody(case: CaseWork, exhibit: Exhibit, ledger: tuple[int, ...]) -> list[Line]:
    """Each step of the chain, then what the chain leaves open."""
    zone = case.event.zone_offset_s
    lines = []
    for number, step in enumerate(exhibit.custody, 1):
        when = (
            between(step.earliest_us, step.latest_us, zone)
            if step.earliest_us is not None and step.latest_us is not None
            else "when not stated"
        )
        kept = f"; {step.seal}" if step.seal else ""
        note = f"; {step.note}" if step.note else ""
        text = (
            f"Custody {number}: from {step.given_by or NOT_STATED} to "
            f"{step.taken_by or NOT_STATED}, {when}{kept}{note}"
        )
        lines.append(Line(kind="exhibit", text=told(text), ledger=ledger))
    return lines + [
        Line(kind="exhibit", text=row("Custody open", gap), ledger=ledger)
        for gap in exhibit.custody_gaps()
    ]


def _grade(exhibit: Exhibit) -> str:
    if exhibit.grade is None:
        return "none given"
    return f"source {exhibit.grade.reliability.value}, item {exhibit.grade.credibility}"


def _place(place: Place) -> str:
    parts = [place.name] if place.name else []
    if place.lat is not None and place.lon is not None:
        off = f", off by {place.radius_m:,.0f} m at most" if place.radius_m is not None else ""
        parts.append(f"{place.lat:.4f}, {place.lon:.4f}{off}")
    return "; ".join(parts) or NOT_STATED
