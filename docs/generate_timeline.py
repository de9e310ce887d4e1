"""Draws docs/img/timeline-town.svg: the timeline of a small town, as docs/timeline.md tells it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pastwatch.config import Settings
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import collect_town, open_self_authorised, scratch_archive
from pastwatch.desk.timelining import picture_of, timeline_of
from pastwatch.desk.timelining_entries import add_entry
from pastwatch.model.timeline import Timeline
from pastwatch.model.when import HOUR_US, iso
from pastwatch.town import build

PICTURE = Path(__file__).parent / "img" / "timeline-town.svg"
SEED, RECORDS = 1, 4000
ZONE_S = 3 * 3600
QUESTIONS = ("(cake OR торт*) NEAR/12 (bridge OR мост*)", "(key OR ключ*) NEAR/8 (bridge OR мост*)")


def town_timeline(folder: Path) -> Timeline:
    """The town sealed, its case opened, two questions asked, some entries made: its timeline."""
    plan = build(folder / "exports", seed=SEED, records=RECORDS)
    settings = Settings(isolate=False, workers=1)
    with scratch_archive(folder, settings=settings) as archive:
        collect_town(archive, plan)
        at = iso(plan.event_us, offset_s=ZONE_S)
        archive.add_event("blast", plan.title, at=at, references=plan.references)
        case, _, _ = open_self_authorised(
            archive, "blast", folder / "grant.toml", ground="an example", span_hours=72
        )
        made = _worked(case)
        case.close()
    return made


def _worked(case: OpenCase) -> Timeline:
    hits = [hit for question in QUESTIONS for hit in case.look(question)]
    before = [
        hit.hit_id
        for hit, record in zip(hits, case.peek(hits), strict=True)
        if (claimed := record.envelope.claimed) and claimed.latest_us < case.event.when.start_us
    ]
    case.finding("They speak of a cake at the bridge in the days before.", cites=before[:3])
    event = case.event.when.start_us
    add_entry(case, "The bakery took the order", at=iso(event - 84 * HOUR_US, offset_s=ZONE_S))
    add_entry(
        case,
        "The box was left by the bridge door",
        at=iso(event - 11 * HOUR_US, offset_s=ZONE_S),
        until=iso(event - 2 * HOUR_US, offset_s=ZONE_S),
        cites=before[:1],
    )
    add_entry(
        case,
        "The bridge was closed to cars",
        at=iso(event - 33 * HOUR_US, offset_s=ZONE_S),
        until=iso(event - 25 * HOUR_US, offset_s=ZONE_S),
        lasts=True,
        reason="a sign that is still there",
    )
    add_entry(case, "Somebody bought a timer", at=None, reason="the report names no day")
    return timeline_of(case, hits=True, limit=30)


def main() -> None:
    """Put a fresh picture in place of the kept one."""
    with tempfile.TemporaryDirectory(prefix="pastwatch-timeline-") as name:
        PICTURE.write_text(picture_of(town_timeline(Path(name))), encoding="utf-8")


if __name__ == "__main__":
    main()
