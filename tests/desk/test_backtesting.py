"""Back-tests on a desk: only times and counts leave, and "prediction" needs the ledger before the event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.desk import offices

from pastwatch.archive import aggregates
from pastwatch.desk import backtesting, standing
from pastwatch.desk.backtesting import Asked, backtest, draft, text_of
from pastwatch.desk.backtesting_kept import kept_backtest, kept_backtests
from pastwatch.desk.holding import Archive
from pastwatch.desk.standingsources import mark_source
from pastwatch.errors import NoAuthority, OutsideScope, UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act
from pastwatch.model.backtest import Backtest, Foresight
from pastwatch.model.plain import to_plain
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Span
from pastwatch.stages.watch.examiner import Scores

EVENT = datetime(2017, 7, 20, 12, tzinfo=UTC)
EVENT_US = int(EVENT.timestamp()) * SECOND_US
EARLY = EVENT - timedelta(days=10)
DAYS = 40
LAWYER = "lawyer@law.example"
OVER = Span(start_us=EVENT_US - 20 * DAY_US, end_us=EVENT_US + 2 * DAY_US)
QUIET = Span(start_us=EVENT_US - 38 * DAY_US, end_us=EVENT_US - 24 * DAY_US)
TEXT = """\
watch = "valve"
version = 1
owner = "ana"
purpose = "know of the valve"
authority = "standing-1"
alerts_a_day = 20
horizon = "6h"
made_from = []
query = '"seen at the gate"'
[[count]]
at_least = 3
within = "2h"
query = 'valve'
"""
PLANTED = (
    (timedelta(hours=5), "the valve is open"),
    (timedelta(hours=4, minutes=30), "which valve"),
    (timedelta(hours=4), "the valve by the river"),
    (timedelta(days=12), "a van seen at the gate"),
    (timedelta(days=30), "nobody seen at the gate"),
    (timedelta(hours=-3), "the valve, too late"),
)


def rows() -> list[dict[str, Any]]:
    """Eight records a day, out of order, three hours apart; a few that mean something."""
    said = [
        (EVENT + timedelta(days=1, minutes=7) - timedelta(hours=3 * n), f"bread and rain {n % 7}")
        for n in range(8 * DAYS)
    ]
    said += [(EVENT - before, text) for before, text in PLANTED]
    said += [(EVENT - timedelta(days=6), "seen at the gate, said my client")]
    return [
        {
            "id": f"m{n}",
            "from": LAWYER if "client" in text else f"p{n % 5}@a.example",
            "to": "q@firm.example",
            "text": text,
            "date": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for n, (at, text) in enumerate(reversed(said))
    ]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("backtesting")
    desk = offices.Desk.founded(folder / "desk")  # its clock says 2017-07-14
    with desk.open() as opened:
        opened.collect(
            offices.write_lines(folder / "talk.jsonl", rows()),
            source="talk",
            basis="own",
            connector="jsonl",
        )
        opened.protect(LAWYER, reason="counsel")
        opened.add_event("leak", "A leak", at=EVENT.isoformat())
        opened.add_event("early", "Before it", at=EARLY.isoformat())
        (folder / "valve.toml").write_text(TEXT)
        standing.add(opened.office, folder / "valve.toml")
        yield opened


def asked(*event_ids: str, **changes: Any) -> Asked:
    return Asked(**{"over": OVER, "event_ids": event_ids, **changes})


def signed(archive: Archive, path: Path, wanted: Asked, *, text: bytes, **lines: str) -> Path:
    draft(archive.office, text, wanted, path)
    lines = {"ground": '"own data"', **lines}
    written = [
        f"{name} = {lines[name]}" if (name := line.partition(" = ")[0]) in lines else line
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    path.write_text("\n".join(written) + "\n", encoding="utf-8")
    archive.sign_authority(path)
    return path


def tried(
    archive: Archive, folder: Path, wanted: Asked, *, text: str = TEXT, **lines: str
) -> Backtest:
    raw = text.encode()
    path = signed(archive, folder / "baseline.toml", wanted, text=raw, **lines)
    return backtest(archive.office, raw, wanted, baseline=path)


def before(when: timedelta) -> int:
    return EVENT_US - int(when.total_seconds()) * SECOND_US


def test_a_back_test_tells_when_the_watch_would_have_alerted_and_how_early(
    archive: Archive, tmp_path: Path
) -> None:
    made = tried(archive, tmp_path, asked("leak"))
    # The third mention within two hours fills the count; the lawyer's record is withheld.
    assert made.over.alerts_us == (before(timedelta(days=12)), before(timedelta(hours=4)))
    (event,) = made.events
    assert event.lead_s == 4 * 3600
    assert made.over.false_alarms == 1
    assert made.over.under_alarm_ratio == pytest.approx(12 / (22 * 24))
    assert (event.pseudo_events, 0 < event.luck_p < 0.1) == (1000, True)
    assert made.examined == len(rows()) - 1 - sum(
        not OVER.start_us <= int(datetime.fromisoformat(r["date"]).timestamp()) * SECOND_US
        for r in rows()
    )


def test_the_order_in_which_records_are_opened_changes_nothing(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aggregates, "STRETCH_RECORDS", 3)
    made = tried(archive, tmp_path, asked("leak"))
    assert made.over.alerts_us == (before(timedelta(days=12)), before(timedelta(hours=4)))


def test_nothing_but_times_and_counts_leaves(archive: Archive, tmp_path: Path) -> None:
    draft_path = tmp_path / "reading.toml"
    archive.draft_authority("leak", draft_path, span_hours=24)
    draft_path.write_text(draft_path.read_text().replace('ground = ""', 'ground = "own data"'))
    archive.sign_authority(draft_path)
    case, _, _ = archive.open_case("leak", draft_path)
    index = case.gate.index()
    ids = {bytes(index.record_ids[n].tobytes()).hex() for n in range(len(index))}
    made = tried(archive, tmp_path, asked("leak"))
    told = json.dumps(to_plain(made))
    entries = list(entries_of(archive.office.ledger, Act.BACKTEST, Act.BASELINE))[-2:]
    assert [e.act for e in entries] == [Act.BASELINE, Act.BACKTEST]
    written = "".join(e.to_bytes().decode() for e in entries)
    assert ids
    for text in (told, written):
        assert not [one for one in ids if one in text]
        assert not [w for w in ("@", "talk", "valve is", "gate") if w in text]
    assert entries[1].objects["watch"] == made.text_sha256
    assert entries[1].outcome["alerts"] == 2
    assert entries[1].outcome["span_hours"] == 22 * 24
    kept = (archive.office.place.folder / "watch" / "backtests").glob("*.age")
    assert all(b"valve" not in path.read_bytes() for path in kept)
    archive.close_case(case.case_id)
    case.close()


def test_a_result_is_a_prediction_only_where_the_exact_text_stood_in_the_ledger_before(
    archive: Archive, tmp_path: Path
) -> None:
    made = tried(archive, tmp_path, asked("leak", "early"))
    assert [(e.event_id, e.claim) for e in made.events] == [
        ("early", Foresight.RETROSPECTIVE),
        ("leak", Foresight.PREDICTION),
    ]
    assert made.claim is Foresight.RETROSPECTIVE
    (tmp_path / "again").mkdir()
    same_words = tried(archive, tmp_path / "again", asked("leak"), text=TEXT + "\n# the same words")
    assert same_words.kept_us is None
    assert [e.claim for e in same_words.events] == [Foresight.RETROSPECTIVE]
    assert any(line.startswith("retrospective") for line in same_words.limits)


def test_a_watch_made_from_an_event_explains_it_and_keeps_clear_of_its_aftermath(
    archive: Archive, tmp_path: Path
) -> None:
    tuned = TEXT.replace("made_from = []", 'made_from = ["leak"]')
    made = tried(archive, tmp_path, asked("leak", "early"), text=tuned)
    assert {e.claim for e in made.events} == {Foresight.EXPLAINS}
    early = TEXT.replace("made_from = []", 'made_from = ["early"]')
    (tmp_path / "again").mkdir()
    with pytest.raises(UsageError, match="lies within 14 days"):
        tried(archive, tmp_path / "again", asked("leak", embargo_s=14 * 86_400), text=early)


def test_a_quiet_span_has_false_alarms_only_and_may_hold_no_event(
    archive: Archive, tmp_path: Path
) -> None:
    made = tried(archive, tmp_path, asked("leak", control=QUIET))
    assert made.control is not None
    assert made.control.alerts_us == (before(timedelta(days=30)),)
    assert made.control.false_alarms == 1
    assert made.over.alerts_us == (before(timedelta(days=12)), before(timedelta(hours=4)))
    late = Span(start_us=QUIET.start_us, end_us=EVENT_US - 2 * HOUR_US)
    with pytest.raises(UsageError, match="quiet span"):
        backtest(
            archive.office,
            TEXT.encode(),
            asked("leak", control=late),
            baseline=tmp_path / "baseline.toml",
        )


def test_two_versions_are_paired_on_the_same_records(archive: Archive, tmp_path: Path) -> None:
    other = TEXT.replace("version = 1", "version = 2").replace("at_least = 3", "at_least = 2")
    made = tried(archive, tmp_path, asked("leak", against=other.encode()))
    assert made.against is not None
    assert made.against.over.alerts_us[-1] == before(timedelta(hours=4, minutes=30))
    assert (made.against.both, made.against.only_first, made.against.p) == (1, 0, 1.0)
    assert (made.against.earlier_first, made.against.earlier_second) == (0, 1)
    assert made.against.shared_alerts == 1
    entries = list(entries_of(archive.office.ledger, Act.BACKTEST))[-2:]
    assert [e.outcome["version"] for e in entries] == [1, 2]


def test_a_world_without_the_words_has_no_alarm_and_the_event_is_missed(
    archive: Archive, tmp_path: Path
) -> None:
    nothing = TEXT.replace("seen at the gate", "nobody says this").replace("valve'", "absent'")
    made = tried(archive, tmp_path, asked("leak"), text=nothing)
    assert (made.over.alerts_us, made.missed, made.over.under_alarm_ratio) == ((), 1, 0.0)
    assert made.detection_at_least == 0.0


def test_the_authority_allows_counting_and_reaches_over_the_whole_span(
    archive: Archive, tmp_path: Path
) -> None:
    with pytest.raises(NoAuthority, match="baseline"):
        tried(archive, tmp_path, asked("leak"), acts='["read"]')
    (tmp_path / "again").mkdir()
    with pytest.raises(OutsideScope, match="whole span"):
        tried(archive, tmp_path / "again", asked("leak"), until='"2017-07-19T00:00:00Z"')


def test_what_cannot_be_told_is_refused_before_anything_is_opened(
    archive: Archive, tmp_path: Path
) -> None:
    path = signed(archive, tmp_path / "b.toml", asked("leak"), text=TEXT.encode())
    before_it = sum(line.act == Act.BASELINE for line in archive.ledger_lines())
    short = Span(start_us=EVENT_US - HOUR_US, end_us=EVENT_US + HOUR_US)
    learned = TEXT + (
        '[learned]\nmodel_sha256 = "' + "0" * 64 + '"\nthreshold = 0.5\n'
        'false_alarm_rate = 0.01\ncase = "c"\n'
    )
    for text, wanted, why in (
        (TEXT, asked("leak", over=QUIET), "outside the span"),
        (TEXT, asked("leak", over=short), "shorter than an alarm"),
        (learned, asked("leak"), "model of this watch is not kept"),
        (TEXT.replace("'\"seen at the gate\"'", "'a*'"), asked("leak"), "nothing in particular"),
    ):
        with pytest.raises(UsageError, match=why):
            backtest(archive.office, text.encode(), wanted, baseline=path)
    assert sum(line.act == Act.BASELINE for line in archive.ledger_lines()) == before_it


def test_a_watch_that_follows_persons_needs_them_listed_in_the_baseline(
    archive: Archive, tmp_path: Path
) -> None:
    person = TEXT.replace("""'"seen at the gate"'""", "'from:p1@a.example'")
    with pytest.raises(NoAuthority, match="follows persons"):
        tried(archive, tmp_path, asked("leak"), text=person)


def test_the_limit_of_one_event_is_always_said(archive: Archive, tmp_path: Path) -> None:
    made = tried(archive, tmp_path, asked("leak"))
    assert any(line.startswith("1 of 1 event bounds detection only at 5 %") for line in made.limits)
    assert any("fewer than five events" in line for line in made.limits)
    assert kept_backtest(archive.office, made.backtest_id) == made
    assert made.backtest_id in [one.backtest_id for one in kept_backtests(archive.office)]


def test_the_text_of_a_kept_watch_is_the_one_in_the_ledger(archive: Archive) -> None:
    assert text_of(archive.office, "valve") == TEXT.encode()


def test_what_was_learned_in_a_case_explains_the_event_of_that_case(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "reading.toml"
    archive.draft_authority("leak", path, span_hours=1)
    path.write_text(path.read_text().replace('ground = ""', 'ground = "own data"'))
    archive.sign_authority(path)
    case, _, _ = archive.open_case("leak", path)

    def scorer(*_: object) -> Scores:
        return lambda _, arrivals: np.array(
            [float("gate" in text) for text in arrivals.columns.column("text").to_pylist()]
        )

    monkeypatch.setattr(backtesting, "open_model", lambda *_: None)
    monkeypatch.setattr(backtesting, "scorer_of", scorer)
    head = TEXT.partition("query")[0]
    learned = head + (
        '[learned]\nmodel_sha256 = "' + "0" * 64 + '"\nthreshold = 0.5\n'
        f'false_alarm_rate = 0.01\ncase = "{case.case_id}"\n'
    )
    made = tried(archive, tmp_path, asked("leak"), text=learned)
    assert made.over.alerts_us == (before(timedelta(days=12)),)
    assert [e.claim for e in made.events] == [Foresight.EXPLAINS]
    archive.close_case(case.case_id)
    case.close()


def test_a_source_that_meets_no_watch_is_not_tried(tmp_path: Path) -> None:
    desk = offices.Desk.founded(tmp_path / "desk")
    with desk.open() as opened:
        for name in ("talk", "other"):
            path = offices.write_lines(tmp_path / f"{name}.jsonl", rows())
            opened.collect(path, source=name, basis="own", connector="jsonl")
        opened.add_event("leak", "A leak", at=EVENT.isoformat())
        mark_source(opened.office, "other", watched=False, reason="asked for")
        made = tried(opened, tmp_path, asked("leak"))
        assert made.unwatched_sources == 1
        # Nobody is protected here: the lawyer's record alerts as well, once and not twice.
        assert len(made.over.alerts_us) == 3
        assert any("meet no watch" in line for line in made.limits)
