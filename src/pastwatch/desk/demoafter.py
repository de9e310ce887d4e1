"""The demo's middle beats: what happened around the pair, what the reports rest on, other evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pastwatch.archive.occurrences import handle
from pastwatch.desk.case import CaseWork
from pastwatch.desk.claiming import read_reports
from pastwatch.desk.exhibiting import add_exhibit
from pastwatch.desk.exhibitingtracks import Told, add_tracks, open_tracks
from pastwatch.desk.identifying import merge
from pastwatch.desk.identifying_directories import add_directory, find_rows
from pastwatch.desk.identifying_suggesting import suggest
from pastwatch.desk.networking import CaseNetwork
from pastwatch.desk.pairs import PairHits
from pastwatch.desk.pictures import write_picture
from pastwatch.desk.reaching import counts_line, reach
from pastwatch.desk.rooting import roots_of_case
from pastwatch.desk.threaded import threads_in
from pastwatch.desk.timelinemarks import marks_of_case
from pastwatch.desk.timelining import picture_of, timeline_of
from pastwatch.model.when import HOUR_US, iso
from pastwatch.town.plan import TownPlan

Say = Callable[[str], None]
PICTURE = "timeline.svg"
_GROUND = "demonstration"


def reports_and_evidence(case: CaseWork, plan: TownPlan, say: Say) -> None:
    """Read the open reports, count their roots, and bring the other evidence to the case."""
    files = [plan.reports / name for name in plan.references]
    read = read_reports(case, files, source="open-reports")
    rooted = roots_of_case(case)
    widest = max(rooted, key=lambda one: (len(one.lineage.reports), one.line), default=None)
    say(f"5  {len(files)} open reports, {read.new} claims, {len(rooted)} statements")
    if widest is not None:
        say(f"   “{widest.lineage.statement}”: {widest.line}")
    evidence = plan.evidence
    listed = add_directory(
        case,
        evidence.directory,
        source="the utility's staff list",
        dated=evidence.directory_dated,
        grade="B2",
        basis="own",
        ground=_GROUND,
    )
    exhibit = add_exhibit(
        case,
        evidence.exhibit,
        basis="own",
        ground=_GROUND,
        fields=_swabs(case, plan),
    )
    kept = add_tracks(
        case,
        [evidence.track],
        Told(title="vans", subject_kind="vehicle"),
        basis="own",
        ground=_GROUND,
    )
    tracks = open_tracks(case, kept.name)
    gap = max(
        ((s.subject, g) for s in tracks.subjects() for g in tracks.gaps(s.subject)),
        key=lambda one: one[1].end_us - one[1].start_us,
        default=None,
    )
    told = ""
    if gap is not None:
        hours = (gap[1].end_us - gap[1].start_us) / HOUR_US
        told = f"; {gap[0]} {gap[1].silence} for {hours:.1f} h"
    say(
        f"   evidence: a staff list of {listed.value.rows} rows as of {listed.value.dated}, "
        f"{exhibit.name} a laboratory note, {kept.name} three vans{told}"
    )


def _swabs(case: CaseWork, plan: TownPlan) -> dict[str, object]:
    """The account of the laboratory's note, from what the note says itself."""

    def local(hours: int) -> str:
        return iso(plan.event_us + hours * HOUR_US, offset_s=case.event.zone_offset_s)

    return {
        "kind": "laboratory note",
        "title": "Two swabs from the valve room",
        "found": "residue of a petroleum solvent on swab 1; chlorine compounds, no solvent, on swab 2",
        "found_by": "the Public Health Laboratory",
        "method": "gas chromatography with mass spectrometry",
        "result": "solvent of the kind sold for cleaning machines",
        "limits": "not how or when the solvent came to the floor, nor who brought it; the room had "
        "been hosed down before, and there is no control swab",
        "taken": local(7),
        "grade": "B3",
        "place": {
            "name": plan.place,
            "lat": plan.evidence.latitude,
            "lon": plan.evidence.longitude,
            "radius_m": 50.0,
        },
        "custody": [
            {"to": "the fire service", "at": local(7), "note": "two swabs taken"},
            {"from": "the fire service", "to": "the Public Health Laboratory", "at": local(26)},
        ],
    }


def around(case: CaseWork, pair: PairHits | None, folder: Path, say: Say) -> None:
    """Draw the timeline, and where a pair was found say who it is, and who else could have known."""
    timeline = timeline_of(case, hits=True, marks=marks_of_case(case))
    write_picture(picture_of(timeline), folder / PICTURE)
    threads = threads_in(case).said
    network = CaseNetwork(case, by_handle=True)
    found = network.silences()
    say(
        f"6  timeline of {len(timeline.marks)} marks ({PICTURE}), {threads.threads} threads; "
        f"{len(found.silences)} of {found.tried} ties fell silent after the event"
    )
    if pair is None:
        return
    both = {pair.first, pair.second}
    merged = [
        merge(
            case,
            [one.one, one.two],
            label=one.one_shown,
            reason=one.reasons[0].text,
            maker="demo",
            score=one.score,
        )
        for one in suggest(case)
        if (own := handle(_address(one.one))) in both and own == handle(_address(one.two))
    ]
    rows = [row for name in sorted(both) for row in find_rows(case, account=name)]
    posts = [f"{row.values['role']} ({row.name})" for row in rows if row.values.get("role")]
    first = next(iter(case.hits()))
    say(
        f"   {len(merged)} of the two have accounts in two media, argued to be one; "
        f"on the staff list: {', '.join(dict.fromkeys(posts)) or 'neither'}"
    )
    say(
        f"   the first of their records could have been seen by {counts_line(reach(case, first.hit_id))}"
    )


def _address(account: str) -> str:
    return account.partition(":")[2]
