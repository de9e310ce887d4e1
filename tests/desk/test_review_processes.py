"""Reviewing in several processes: killed at any moment, or two of them at one case at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.desk import offices, reviews

SCRIPT = Path(__file__).with_name("reviewprocess.py")
ROOT = SCRIPT.parents[2]


def started(desk: offices.Desk, person: str) -> subprocess.Popen[str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(desk.folder), person],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )


def judged(desk: offices.Desk) -> list[tuple[str, str]]:
    with desk.open() as archive:
        case = archive.case()
        found = [(j.judgement.record_id.hex(), j.judgement.reviewer) for j in case.papers.judged()]
        case.close()
    return found


@pytest.mark.parametrize("after", [1, 13])
def test_a_judgement_that_was_acknowledged_outlives_a_kill(desk: offices.Desk, after: int) -> None:
    with desk.open() as archive:
        reviews.opened(desk, archive).close()
    process = started(desk, "ana")
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(after)]
    process.kill()
    told += process.stdout.read().split()  # what it told before it died
    process.stdout.close()
    assert process.wait() < 0
    kept = [record_id for record_id, _ in judged(desk)]
    assert kept[: len(told)] == told
    assert len(kept) <= len(told) + 1  # one may stand that it did not come to tell
    again = started(desk, "ana")
    out, _ = again.communicate()
    assert again.returncode == 0
    assert sorted([*kept, *out.split()]) == sorted(set(kept) | set(out.split()))
    assert len(judged(desk)) == 60


def test_two_at_one_case_at_once_leave_no_record_out_and_take_it_in_turns(
    desk: offices.Desk,
) -> None:
    with desk.open() as archive:
        reviews.opened(desk, archive).close()
    both = [started(desk, person) for person in ("ana", "bo")]
    told = [process.communicate()[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    found = judged(desk)
    assert len({record_id for record_id, _ in found}) == 60
    assert sorted(one for lines in told for one in lines) == sorted(
        record_id for record_id, _ in found
    )
    assert len(found) <= 65  # they may meet at a record now and then, and no more
