"""A baseline tells counts of days with enough records, and nothing of any record."""

from pathlib import Path

import pytest

from pastwatch.desk.holding import Archive
from pastwatch.desk.scratch import draft_filled, scratch_archive

HOURS = 24 * 20


def mail(day: int, number: int) -> str:
    return (
        f"From a@example.org Tue Apr  {day} 06:00:00 2017\n"
        f"From: a@example.org\nTo: b@example.org\nSubject: n{number}\n"
        f"Date: {day} Apr 2017 06:00:00 +0000\nMessage-ID: <{day}.{number}@example.org>\n\n"
        "ordinary words\n\n"
    )


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    box = tmp_path / "mail.mbox"
    box.write_text("".join([mail(4, n) for n in range(25)] + [mail(6, n) for n in range(3)]))
    held = scratch_archive(tmp_path, person="ana")
    held.collect(box, source="mail", basis="own")
    held.add_event("e", "Event", at="2017-04-05T00:00+00:00", references=("report",))
    return held


def signed(archive: Archive, path: Path, act: str) -> Path:
    return draft_filled(archive, "e", path, span_hours=HOURS // 2, ground="own data", acts=[act])


def test_small_days_are_counted_and_not_told(archive: Archive, tmp_path: Path) -> None:
    counted = archive.baseline(signed(archive, tmp_path / "count.toml", "baseline"))
    assert [(n) for _, _, n in counted.days] == [25]
    assert (counted.counted, counted.suppressed) == (28, 3)


def test_what_was_counted_stands_in_the_coverage_of_the_open_case(
    archive: Archive, tmp_path: Path
) -> None:
    archive.open_case("e", signed(archive, tmp_path / "read.toml", "read"))
    archive.baseline(signed(archive, tmp_path / "count.toml", "baseline"))
    assert archive.case().coverage().counted == 28


def test_a_baseline_is_in_the_ledger_and_puts_no_key_into_any_case(
    archive: Archive, tmp_path: Path
) -> None:
    archive.baseline(signed(archive, tmp_path / "count.toml", "baseline"))
    assert [line.act for line in archive.ledger_lines()][-2:] == ["authority", "baseline"]
    assert not list((tmp_path / "k").rglob("grant.age"))
