"""The demo: a synthetic town, an event, and the eight beats of the story, figures its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pastwatch.archive.block import BlockRef
from pastwatch.config import Settings
from pastwatch.desk.demoafter import around, reports_and_evidence
from pastwatch.desk.demoweighing import SECOND_READER, ask_first, rate_all, told, weigh
from pastwatch.desk.holding import Archive, OpenCase, open_archive
from pastwatch.desk.looking import CaseHit
from pastwatch.desk.overseeing import verify_path
from pastwatch.desk.pairs import PairHits, pairs_in_two_alphabets
from pastwatch.desk.scratch import collect_town, open_self_authorised, scratch_archive
from pastwatch.errors import OutsideScope, UsageError
from pastwatch.model.assessment import FindingKind
from pastwatch.model.when import iso
from pastwatch.town import build
from pastwatch.town.plan import TownPlan

EVENT_ID = "bridge"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """Where the demo's things stand, and whether every beat came out as it must."""

    brief: Path
    folder: Path
    passed: bool


def run_demo(
    *,
    keep: Path | None,
    seed: int,
    records: int,
    null: bool,
    say: Say,
    settings: Settings,
) -> DemoResult:
    """Build the town, seal it, tell the story, and leave the brief.

    The town's truth is never written: what is found is found by what the open reports say.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix="pastwatch-demo-"))
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        if any(keep.iterdir()):
            raise UsageError(
                f'"{keep.name}" is not an empty folder', hint="name another with --keep"
            )
    (folder / "exports").mkdir(exist_ok=True)
    plan = build(folder / "exports", seed=seed, records=records, null=null)
    with scratch_archive(folder, settings=settings, person="demo") as archive:
        _seal(archive, plan, say)
        case = _open(archive, plan, folder, say)
        pair = _talk(case, plan, say)
        silent, asked = _third_party(case, plan, say)
        reports_and_evidence(case, plan, say)
        around(case, pair, folder, say)
        _weigh(case, archive, asked, say)
        refused = _outside(case, say)
        brief = folder / "brief"
        sound = _brief(case, plan, brief, say)
        case.close()
    passed = silent and refused and sound and (pair is None if null else pair is not None)
    return DemoResult(brief=brief / "brief.html", folder=folder, passed=passed)


def _seal(archive: Archive, plan: TownPlan, say: Say) -> None:
    read = collect_town(archive, plan)
    for address in plan.protected:
        archive.protect(address, reason="a lawyer's correspondence")
    held = archive.status()
    ratio = held.sealed_bytes / max(held.bytes, 1)
    say(
        f"1  sealed {held.records:,} records from {len(held.sources)} sources "
        f"({read / 1e6:.1f} MB, {ratio:.2f} of their size), 0 read"
    )


def _open(archive: Archive, plan: TownPlan, folder: Path, say: Say) -> OpenCase:
    event = archive.add_event(
        EVENT_ID,
        plan.title,
        at=_local(plan),
        place=plan.place,
        references=plan.references,
    )
    say(f"2  event: {event.title}, {_local(plan)}, {len(plan.references)} open reports")
    case, bound, estimate = open_self_authorised(
        archive, EVENT_ID, folder / "grant.toml", ground="demonstration"
    )
    ask_first(case)
    share = 100 * estimate.records / max(bound.held_records, 1)
    say(
        f"   may open {estimate.records:,} of {bound.held_records:,} records ({share:.1f} %), "
        f"{estimate.protected} withheld as protected; self-authorised"
    )
    return case


def _talk(case: OpenCase, plan: TownPlan, say: Say) -> PairHits | None:
    """Ask what the reports suggest; find the pair whose hits stand in two alphabets."""
    hits: dict[bytes, CaseHit] = {}
    for question in plan.questions:
        if question.about == "seen":
            for hit in case.look(question.query):
                hits.setdefault(hit.citation.record_id, hit)
    records = case.peek(list(hits.values()))
    pairs = pairs_in_two_alphabets(records)
    if not pairs:
        finding, _ = case.finding(
            "No two correspondents in the slice spoke in two alphabets of what the reports "
            "say was seen at the bridge.",
            kind="negative",
        )
        say(f"3  asked {len(hits)} hits of the reports' words: no pair stands out ({finding})")
        return None
    pair = pairs[0]
    event_us = plan.event_us
    before = [
        r for r in pair.records if r.envelope.claimed and r.envelope.claimed.latest_us < event_us
    ]
    cites = [hits[r.record_id].hit_id for r in pair.records]
    case.finding(
        f"{pair.first} and {pair.second} wrote {len(pair.records)} records in "
        f"{' and '.join(pair.alphabets)} script, on {' and '.join(pair.media)}, in which the "
        "words of the reports stand close together.",
        cites=cites,
    )
    case.finding(
        f"Accounts of the same handle belong to one person: {pair.first}, {pair.second}.",
        kind="assumption",
    )
    case.finding(
        "The two correspondents spoke of the bridge before the event in words agreed between them.",
        cites=cites,
        kind="judgement",
        likelihood="likely",
        confidence="low",
        reasons="The words are ordinary, and nobody has confirmed who used the accounts",
    )
    say(
        f"3  {pair.first} and {pair.second} talked: {len(pair.records)} records, "
        f"{len(before)} before the event, {' and '.join(pair.alphabets)} script, "
        f"{' and '.join(pair.media)}"
    )
    return pair


def _third_party(case: OpenCase, plan: TownPlan, say: Say) -> tuple[bool, list[str]]:
    """Look for the group that the reports name; whether nothing was found, and by which queries."""
    found = 0
    asked: list[str] = []
    for question in plan.questions:
        if question.about == "suspect":
            look = case.look(question.query)
            found += sum(1 for _ in look)
            asked.append(look.query_id)
    coverage = case.coverage(asked)
    if not found:
        case.finding(
            "No record in the slice names the group that the reports bring up.",
            kind="negative",
            queries=asked,
        )
    say(
        f"4  the group the reports name: {found or 'nothing'} found in {coverage.scanned:,} records "
        f"scanned of {coverage.in_scope:,} in scope; {coverage.protected} protected unread, "
        f"{coverage.undated} undated, no bound: nothing was sampled"
    )
    return found == 0, asked


def _weigh(case: OpenCase, archive: Archive, asked: list[str], say: Say) -> None:
    """Hold what was found against the hypotheses; a second person rates without seeing the first."""
    cited = [f for f in case.findings() if f.kind is FindingKind.OBSERVATION]
    hits = [case.papers.hits_of(c.record_id)[0].hit.hit_id for f in cited for c in f.citations]
    weighing = weigh(case, hits=hits, asked=asked)
    rate_all(case, weighing, cautious=False)
    place, settings = archive.office.place.folder, archive.office.settings
    with open_archive(place, settings=replace(settings, person=SECOND_READER)) as beside:
        second = beside.case(case.case_id)
        rate_all(second, weighing, cautious=True)
        second.close()
    told(case, say)


def _outside(case: OpenCase, say: Say) -> bool:
    """Ask the gate for a block it was not granted."""
    granted = {(ref.pack_id, ref.block) for ref in case.gate.blocks}
    for row in case.office.catalogue.packs():
        for block in range(row.blocks):
            if (row.pack_id, block) in granted:
                continue
            outside = BlockRef(row.pack_id, block, row.source_id, 0, 0, dated=True)
            try:
                with case.gate.opening([outside], purpose="look") as opening:
                    opening.block(outside)
            except OutsideScope as refused:
                say(f"7  reading outside the slice: refused (exit {refused.exit_status}, logged)")
                return True
            return False
    say("7  reading outside the slice: nothing lies outside it")
    return True


def _brief(case: OpenCase, plan: TownPlan, folder: Path, say: Say) -> bool:
    made = case.brief(folder, title=plan.title)
    whole = verify_path(folder)
    forged = folder.with_name("brief-forged")
    shutil.rmtree(forged, ignore_errors=True)
    shutil.copytree(folder, forged)
    page = forged / "brief.html"
    raw = page.read_bytes()
    at = raw.index(b"data-sentence=")
    at = raw.index(b">", at) + 3
    page.write_bytes(raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :])
    broken = verify_path(forged)
    shutil.rmtree(forged)
    named = next((p for p in broken.problems if "sentence" in p), "")
    say(
        f"8  brief: {made.sentences} sentences, {made.cited} records cited, "
        f"{'verified' if not whole.problems else 'NOT verified'}; one byte changed: "
        f"{'fails, ' + named if named else 'NOT noticed'}"
    )
    return not whole.problems and bool(named)


def _local(plan: TownPlan) -> str:
    sign = -1 if plan.zone.startswith("-") else 1
    hours, minutes = plan.zone[1:].split(":")
    return iso(plan.event_us, offset_s=sign * (int(hours) * 3600 + int(minutes) * 60))
