"""The evidence beside the records is alike in every world and names nobody from outside."""

from __future__ import annotations

import csv
import itertools
from datetime import datetime
from pathlib import Path

from pastwatch.town import build
from pastwatch.town.plan import TownPlan

VANS = ("van-1", "van-2", "van-3")


def town(folder: Path, *, seed: int = 3, null: bool = False) -> TownPlan:
    return build(folder, seed=seed, records=1000, null=null)


def test_evidence_does_not_tell_whether_anything_was_planted(tmp_path: Path) -> None:
    told, null = town(tmp_path / "a").evidence, town(tmp_path / "b", null=True).evidence
    for one, other in (
        (told.directory, null.directory),
        (told.exhibit, null.exhibit),
        (told.track, null.track),
    ):
        assert one.read_bytes() == other.read_bytes()
    assert told.track.read_bytes() != town(tmp_path / "c", seed=4).evidence.track.read_bytes()


def test_the_staff_list_holds_each_of_the_utility_once(tmp_path: Path) -> None:
    plan = town(tmp_path)
    with plan.evidence.directory.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert (
        len({row["mail"] for row in rows}) == len({row["telephone"] for row in rows}) == len(rows)
    )
    assert len({row["mail"].partition("@")[2] for row in rows}) == 1
    assert all(row["room"] == row["mail"].partition("@")[0] for row in rows)
    assert sum(row["post"] == "dosing technician" for row in rows) == 1
    assert datetime.fromisoformat(plan.evidence.directory_dated).timestamp() * 1e6 < plan.event_us


def test_one_van_is_not_received_while_the_others_are(tmp_path: Path) -> None:
    with town(tmp_path).evidence.track.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    times = {v: [datetime.fromisoformat(r["time"]) for r in rows if r["id"] == v] for v in VANS}
    widest = {
        van: max((b - a).total_seconds() for a, b in itertools.pairwise(own))
        for van, own in times.items()
    }
    assert widest["van-1"] == widest["van-3"] == 60
    assert 3 * 3600 < widest["van-2"] < 3.5 * 3600
