"""The overseer's report counts what the ledger says, entry by entry, and names nobody."""

from __future__ import annotations

import json

import pytest
from tests.desk import standings
from tests.desk.offices import Desk

from pastwatch.desk import standing
from pastwatch.desk.alertreading import read_alert
from pastwatch.desk.overseeingwatches import watch_report
from pastwatch.desk.watchdesk import acknowledge
from pastwatch.errors import NoAuthority
from pastwatch.ledger.entry import Act
from pastwatch.model.plain import to_plain
from pastwatch.model.watch import WatchState


def test_every_figure_of_the_report_stands_in_the_ledger(desk: Desk) -> None:
    standings.sign(desk)
    standings.run(desk, standings.valve())
    standings.collect(desk, ["the valve", "cake", "valve again"])
    first, second = standings.alerts(desk)
    with desk.open() as archive:
        office = archive.office
        read_alert(office, first)
        read_alert(office, first)
        acknowledge(office, first, "useful")
        acknowledge(office, second, "unsure")
        acknowledge(office, second, "false-alarm")
        archive.revoke("standing-1", reason="lifted")
        report = watch_report(office)
        entries = {e.sequence: e for e in office.ledger.entries()}
        user = office.ring.user().signing.key_id
        assert report.ledger_root == office.ledger.root(report.ledger_entries).hex()
    (told,) = report.watches
    assert (told.alerts, told.read, told.acknowledged) == (2, 1, 2)
    assert (told.useful, told.false_alarms, told.examined) == (1, 1, 3)
    assert len({entries[n].outcome["alert"] for n in told.read_entries}) == told.read
    verdicts = [entries[n].outcome["verdict"] for n in told.verdict_entries]
    assert verdicts == ["useful", "unsure", "false-alarm"]
    states = [entries[n].outcome["state"] for n in told.state_entries]
    assert states == ["kept", "started"]
    assert {entries[n].objects["watch"] for n in told.state_entries} == {told.sha256}
    (run,) = report.runs
    entry = entries[run.sequence]
    assert (entry.outcome["examined_by_machine"], run.examined_by_machine) == (3, 3)
    assert (report.alerts_in_ledger, report.alerts_kept, report.doubts) == (2, 2, ())
    assert told.authority is not None
    assert [entries[n].act for n in told.authority.entries] == [Act.AUTHORITY, Act.REVOKE]
    assert (told.authority.revoked, told.kept_by) == (True, user)


def test_the_report_holds_no_name_and_no_content(desk: Desk) -> None:
    standings.sign(desk, accounts=["ben@b.example"], necessity="he made a threat")
    standings.run(desk, standings.valve(query="from:ben@b.example AND valve"))
    standings.collect(desk, ["the valve"])
    with desk.open() as archive:
        report = watch_report(archive.office)
    text = json.dumps(to_plain(report))
    for word in ("ana", "ben@", "threat", "from:ben", "a test", "b.example", "the valve"):
        assert word not in text.lower().replace("by a standing", ""), word
    (told,) = report.directed
    assert told.follows_persons[0] == "query: it asks from:"
    assert (told.accounts_named, told.authority.accounts) == (1, 1)  # type: ignore[union-attr]
    assert len(told.authority.signed_by) == 2  # type: ignore[union-attr]


def test_alerts_that_collectors_entered_and_the_desk_has_not_are_in_doubt(desk: Desk) -> None:
    standings.sign(desk)
    standings.run(desk, standings.valve())
    standings.collect(desk, ["the valve"])
    for path in (desk.place.folder / "watch" / "outbox").iterdir():
        path.unlink()
    with desk.open() as archive:
        report = watch_report(archive.office)
    assert (report.alerts_in_ledger, report.alerts_kept) == (1, 0)
    (doubt,) = report.doubts
    assert "collectors entered 1 alerts, and 0 are kept" in doubt


def test_what_expired_and_what_was_refused_is_reported(desk: Desk) -> None:
    standings.sign(desk, days=2, review_days=1)
    standings.run(desk, standings.valve())
    standings.keep(desk, standings.valve("other", "from:ben@b.example"))
    desk.clock.pass_days(2)
    with desk.open() as archive:
        standing.expire(archive.office)
        with pytest.raises(NoAuthority, match="follows persons"):
            standing.start(archive.office, "other")
        report = watch_report(archive.office)
    states = {t.watch: t.state for t in report.watches}
    assert states == {"valve": WatchState.EXPIRED, "other": WatchState.KEPT}
    assert len(report.refused_entries) == 1
    assert all(t.authority is not None and t.authority.review_due for t in report.watches)
