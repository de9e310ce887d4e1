"""On the real voice loops those who spoke of the stir stand in order before the explosion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.desk.timelining import picture_of, timeline_of
from pastwatch.model.timeline import Timeline
from pastwatch.model.when import SECOND_US, iso, parse_iso

LAUNCH = "1970-04-11T19:13:00Z"
LOOPS = ("flight-director-loop", "air-ground-loop")
FIELDS = {
    "time": "start",
    "time_end": "end",
    "sender": "source",
    "text": "message",
    "id": "id",
    "epoch": LAUNCH,
}
EXPLOSION_S = 55 * 3600 + 54 * 60 + 53


@pytest.fixture(scope="module")
def timeline(data_set: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    script = data_set("apollo13-loops") / "apollo" / "apollo13rt" / "script"
    folder = tmp_path_factory.mktemp("apollo")
    at = iso(parse_iso(LAUNCH)[0] + EXPLOSION_S * SECOND_US)
    with scratch_archive(folder, settings=Settings(isolate=False)) as archive:
        for loop in LOOPS:
            archive.collect(script / f"{loop}.json", source=loop, basis="published", options=FIELDS)
        archive.add_event("explosion", "Explosion", at=at, references=("the set's description",))
        case, _, _ = open_self_authorised(
            archive, "explosion", folder / "grant.toml", ground="public record", span_hours=1
        )
        cites = [hit.hit_id for hit in case.look("stir")]
        case.finding("Three controllers speak of the stir in order of their times.", cites=cites)
        made = timeline_of(case)
        case.close()
    return made


def test_who_asked_who_ordered_and_who_called_stand_in_order_before_it(timeline: Timeline) -> None:
    launch_us = parse_iso(LAUNCH)[0]
    said = []
    for mark in timeline.marks:
        assert mark.earliest_us is not None
        seconds = (mark.earliest_us - launch_us) // SECOND_US
        said.append(
            (mark.who, f"{seconds // 3600:03}:{seconds // 60 % 60:02}:{seconds % 60:02}", mark.lane)
        )
    assert said == [
        ("EECOM", "055:47:15", "flight-director-loop"),
        ("FLIGHT", "055:52:38", "flight-director-loop"),
        ("CAPCOM", "055:52:59", "air-ground-loop"),
    ]
    assert (timeline.split.before, timeline.split.after) == (3, 0)


def test_the_picture_has_a_lane_for_each_loop_with_its_volume(timeline: Timeline) -> None:
    svg = picture_of(timeline)
    assert [volume.name for volume in timeline.volumes] == sorted(LOOPS)
    assert all(sum(volume.counts) for volume in timeline.volumes)
    assert all(name in svg for name in (*LOOPS, "EECOM", "FLIGHT", "CAPCOM"))
