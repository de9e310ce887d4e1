"""Sampled alerts are read blind under a reading authority: text alone, in an order that tells nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.desk import offices

from pastwatch.desk.backtesting import Asked, backtest, draft
from pastwatch.desk.backtesting_kept import judge_sampled, next_sampled, sample_of
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.errors import IntegrityError, NoAuthority, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.when import DAY_US, SECOND_US, Span

EVENT = datetime(2017, 7, 10, 12, tzinfo=UTC)
EVENT_US = int(EVENT.timestamp()) * SECOND_US
OVER = Span(start_us=EVENT_US - 2 * DAY_US, end_us=EVENT_US + DAY_US)
TEXT = b"""
watch = "valve"
version = 1
owner = "ana"
purpose = "know of the valve"
authority = "standing-1"
alerts_a_day = 20
horizon = "6h"
query = 'valve'
"""
ALERTS = 8


def fill(archive: Archive, draft_path: Path) -> None:
    text = draft_path.read_text().replace('ground = ""', 'ground = "own data"')
    draft_path.write_text(text)
    archive.sign_authority(draft_path)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("sampled")
    rows = [
        {
            "id": f"m{n}",
            "from": "p@a.example",
            "to": "q@b.example",
            "text": f"valve number {n // 3}" if n % 3 == 0 else "bread",
            "date": (EVENT - timedelta(hours=n + 1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for n in range(3 * ALERTS)
    ]
    with offices.Desk.founded(folder / "desk").open() as opened:
        path = offices.write_lines(folder / "talk.jsonl", rows)
        opened.collect(path, source="talk", basis="own", connector="jsonl")
        opened.add_event("leak", "A leak", at=EVENT.isoformat())
        yield opened


@pytest.fixture(scope="module")
def made(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("authority")
    asked = Asked(over=OVER, event_ids=("leak",), sample=5, seed=4)
    fill(archive, draft(archive.office, TEXT, asked, folder / "b.toml"))
    found = backtest(archive.office, TEXT, asked, baseline=folder / "b.toml")
    assert (found.sampled, len(found.over.alerts_us)) == (5, ALERTS)
    return found.backtest_id


def opened_case(archive: Archive, path: Path, *, acts: str = '["read"]') -> OpenCase:
    archive.draft_authority("leak", path, span_hours=48)
    path.write_text(path.read_text().replace('acts = ["read"]', f"acts = {acts}"))
    fill(archive, path)
    return archive.open_case("leak", path)[0]


def test_the_sample_is_read_one_text_at_a_time_and_told_in_counts(
    archive: Archive, made: str, tmp_path: Path
) -> None:
    case = opened_case(archive, tmp_path / "r.toml")
    before = sum(line.act == Act.SHOWN for line in archive.ledger_lines())
    seen: list[str] = []
    verdicts = ["useful", "false-alarm", "unsure", "useful", "useful"]
    for verdict in verdicts:
        shown = next_sampled(case, made)
        assert shown is not None
        assert (shown.number, shown.of) == (len(seen) + 1, 5)
        seen.append(shown.text)
        judge_sampled(case, made, shown.number, verdict)
    read = sample_of(case, made)
    assert next_sampled(case, made) is None
    assert len(set(seen)) == 5
    assert all(text.startswith("valve number") for text in seen)
    assert seen != sorted(seen)
    assert seen != sorted(seen, reverse=True)
    assert (read.useful, read.false_alarms, read.unsure, read.unread) == (3, 1, 1, 0)
    assert read.precision is None  # one event: counts alone
    assert sum(line.act == Act.SHOWN for line in archive.ledger_lines()) == before + 5
    with pytest.raises(UsageError, match="judged already"):
        judge_sampled(case, made, 1, "useful")
    archive.close_case(case.case_id)
    case.close()


def test_an_authority_that_does_not_allow_reading_opens_no_sampled_alert(
    archive: Archive, made: str, tmp_path: Path
) -> None:
    case = opened_case(archive, tmp_path / "r.toml", acts='["locate"]')
    with pytest.raises(NoAuthority):
        next_sampled(case, made)
    archive.close_case(case.case_id)
    case.close()


def test_a_sample_that_the_ledger_does_not_name_is_not_read(
    archive: Archive, made: str, tmp_path: Path
) -> None:
    folder = archive.office.place.folder / "watch" / "backtests"
    other = folder / "b1.age"
    other.write_bytes((folder / f"{made}.age").read_bytes())
    case = opened_case(archive, tmp_path / "r.toml")
    with pytest.raises(IntegrityError):
        next_sampled(case, "b1")
    for name, why in (("../x", "no name"), ("b999999", "there is no")):
        with pytest.raises(UsageError, match=why):
            next_sampled(case, name)
    other.unlink()
    archive.close_case(case.case_id)
    case.close()
