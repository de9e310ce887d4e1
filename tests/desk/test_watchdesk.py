"""What collectors leave is taken in once, stops become states, and alerts are listed without content."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.desk import standings
from tests.desk.offices import Desk

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.desk.watchdesk import (
    acknowledge,
    alert_line,
    alert_lines,
    open_event,
    take_in,
    told,
)
from pastwatch.errors import StorageError, UsageError
from pastwatch.model.watch import Verdict, WatchState
from pastwatch.stages.watch.journal import Outbox, Stop, stop_entry
from pastwatch.storage import durable


@pytest.fixture
def running(desk: Desk) -> Desk:
    """A desk whose watch for valves runs."""
    standings.sign(desk)
    standings.run(desk, standings.valve())
    return desk


def journals(desk: Desk) -> list[Path]:
    return sorted(WatchPlace.of(desk.place).outbox.glob("*.jsonl"))


def left(desk: Desk, stop: Stop) -> None:
    """A collector's journal that says a watch is stopped."""
    with desk.open() as archive:
        signer = archive.office.ring.collector().key.signing
    Outbox(WatchPlace.of(desk.place).outbox, "ab12", signer=signer).put([stop_entry(stop)])


def sha(desk: Desk) -> str:
    with desk.open() as archive:
        return archive.office.desk.watch("valve").watch.text_sha256


def test_alerts_are_taken_in_once_and_their_journals_removed(running: Desk) -> None:
    standings.collect(running, ["the valve", "cake", "valve again"])
    assert journals(running)
    with running.open() as archive:
        taken = take_in(archive.office)
        again = take_in(archive.office)
        examined = archive.office.desk.examined("valve")
    assert (taken.alerts, taken.examined, taken.unsigned) == (2, 3, 0)
    assert (again.journals, again.alerts) == (0, 0)
    assert sum(e.records for e in examined) == 3
    assert journals(running) == []


def test_a_crash_before_the_journal_is_removed_counts_nothing_twice(
    running: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    standings.collect(running, ["the valve", "cake"])

    def lost(_: Path) -> None:
        raise StorageError("the disk is full")

    with running.open() as archive:
        with monkeypatch.context() as patch:
            patch.setattr(durable, "remove", lost)
            with pytest.raises(StorageError):
                take_in(archive.office)
        assert take_in(archive.office).alerts == 0
        assert archive.office.desk.count_alerts() == 1
        assert sum(e.records for e in archive.office.desk.examined()) == 2
    assert journals(running) == []


@pytest.mark.parametrize("how", ["cut", "changed", "stranger"])
def test_a_journal_that_no_collector_signed_is_told_and_left_where_it_is(
    running: Desk, how: str
) -> None:
    standings.collect(running, ["the valve"])
    (path,) = journals(running)
    raw = path.read_bytes()
    lines = raw.splitlines(keepends=True)
    with running.open() as archive:
        stranger = archive.office.ring.user().signing
    if how == "cut":
        path.write_bytes(raw[:-20])
    elif how == "changed":
        path.write_bytes(raw.replace(b'"version":1', b'"version":2', 1))
    else:
        path.unlink()
        Outbox(path.parent, "ab12", signer=stranger).put([])
    (path,) = journals(running)
    with running.open() as archive:
        taken = take_in(archive.office)
        assert (taken.alerts, taken.unsigned) == (0, 1)
        assert taken.damaged == (how == "cut")
        assert archive.office.desk.count_alerts() == 0
    assert journals(running) == [path]
    path.write_bytes(b"".join(lines))
    assert len(standings.alerts(running)) == 1


def test_a_watch_that_broke_is_disabled_everywhere_and_its_owner_told(running: Desk) -> None:
    reason = "it takes too long a record"
    left(running, Stop("valve", 1, sha(running), reason, running.clock.now_us))
    with running.open() as archive:
        (stopped,) = take_in(archive.office).stopped
        kept = archive.office.desk.watch("valve")
        (line,) = told(archive.office)
    assert stopped.reason == reason
    assert (kept.state, kept.states[-1].reason) == (WatchState.DISABLED, reason)
    assert line == f"watch valve version 1 stopped: {reason}; told to its owner ana"
    report = standings.collect(running, ["the valve"])
    assert report.tap is not None
    assert report.tap.seats == ()


def test_a_stop_of_before_it_was_started_anew_stops_nothing(running: Desk) -> None:
    left(running, Stop("valve", 1, sha(running), "slow", running.clock.now_us - 1))
    left_for_another = Stop("other", 1, "", "its text cannot be read", running.clock.now_us)
    WatchPlace.of(running.place).outbox.joinpath("ab12-1.jsonl").rename(
        WatchPlace.of(running.place).outbox / "cd34-7.jsonl"
    )
    left(running, left_for_another)
    with running.open() as archive:
        assert take_in(archive.office).stopped == ()
        assert archive.office.desk.watch("valve").state is WatchState.STARTED


def test_a_text_that_a_collector_cannot_open_is_told_and_the_watch_is_not_ended(
    running: Desk,
) -> None:
    WatchPlace.of(running.place).text("valve", 1).write_bytes(b"torn")
    standings.collect(running, ["the valve"])
    standings.collect(running, ["a second valve"], first=5)
    with running.open() as archive:
        assert len(take_in(archive.office).stopped) == 2
        kept = archive.office.desk.watch("valve")
        (line,) = told(archive.office)
    assert kept.state is WatchState.STARTED
    assert len(kept.states) == 2, "told once, however often it is met"
    assert "a collector did not run it" in line


def test_alerts_are_listed_by_watch_and_time_without_content(running: Desk) -> None:
    standings.collect(running, ["the valve", "valve again"])
    running.clock.pass_days(1)
    standings.collect(running, ["third valve"], first=7)
    ids = standings.alerts(running)
    with running.open() as archive:
        office = archive.office
        late, total = alert_lines(office, since_us=running.clock.now_us)
        assert ([a.alert_id for a in late], total) == (ids[2:], 1)
        last, total = alert_lines(office, "valve", limit=1)
        assert ([a.alert_id for a in last], total) == (ids[2:], 3)
        with pytest.raises(UsageError):
            alert_lines(office, "other")
        with pytest.raises(UsageError, match="no one alert"):
            alert_line(office, "")
        assert "valve again" not in repr(alert_lines(office))
        assert "example" not in repr(alert_lines(office))


def test_a_verdict_stands_in_the_ledger_without_its_note(running: Desk) -> None:
    standings.collect(running, ["the valve"])
    (one,) = standings.alerts(running)
    with running.open() as archive:
        office = archive.office
        with pytest.raises(UsageError, match="no verdict"):
            acknowledge(office, one, "splendid")
        acknowledge(office, one[:10], "false-alarm", note="a drill")
        acknowledge(office, one, "useful")
        entries = [e for e in office.ledger.entries() if e.act == "judge"]
        assert [e.outcome["verdict"] for e in entries] == ["false-alarm", "useful"]
        assert [a.note for a in office.desk.acknowledged(one)] == ["a drill", ""]
        assert alert_line(office, one).verdict is Verdict.USEFUL
        raw = b"".join(office.ledger.raw(0, office.ledger.size))
    assert b"drill" not in raw


def test_an_event_opened_from_an_alert_stands_at_its_time(running: Desk) -> None:
    standings.collect(running, ["the valve"])
    (one,) = standings.alerts(running)
    with running.open() as archive:
        event = open_event(archive.office, one, "pump", "The pump")
        assert event.when.start_us == running.clock.now_us
        assert not event.supported
        line = alert_line(archive.office, one)
        assert (line.event_id, line.verdict) == ("pump", Verdict.USEFUL)
        with pytest.raises(UsageError):
            open_event(archive.office, one, "pump", "The pump")
        assert len(archive.office.desk.acknowledged(one)) == 1


def test_two_desks_at_once_take_each_alert_in_once(running: Desk) -> None:
    standings.collect(running, [f"valve {n}" for n in range(20)])
    counts: list[int] = []

    def take() -> None:
        with running.open() as archive:
            counts.append(take_in(archive.office).alerts)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 20]
    with running.open() as archive:
        assert sum(e.records for e in archive.office.desk.examined()) == 20
