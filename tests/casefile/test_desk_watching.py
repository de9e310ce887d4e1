"""What the desk keeps of its watches: versions, states, alerts once each, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pastwatch.casefile.desk import DeskStore
from pastwatch.casefile.watching import Delivery, Examined, KeptAlert
from pastwatch.errors import UsageError
from pastwatch.model.watch import (
    Acknowledged,
    Alert,
    Severity,
    Verdict,
    Watch,
    WatchState,
)

WATCH = Watch(
    name="valve",
    version=1,
    owner="ana",
    purpose="chlorine at the bridge",
    severity=Severity.WARNING,
    authority_id="standing-1",
    alerts_a_day=20,
    horizon_s=3600,
    text_sha256="0" * 64,
    query="chlorine NEAR/3 bridge",
)
Ids = Callable[[int], bytes]


def alert(ids: Ids, number: int) -> KeptAlert:
    made = Alert(
        alert_id=f"{number:032x}",
        watch="valve",
        version=1,
        record_id=ids(number),
        source_id="s",
        at_us=number,
    )
    return KeptAlert(made, b"sealed %d" % number)


def test_a_changed_watch_is_a_new_version(desk: DeskStore) -> None:
    desk.add_watch(WATCH, b"one", by="ana", at_us=1)
    with pytest.raises(UsageError, match="version 1 already"):
        desk.add_watch(WATCH, b"other", by="ana", at_us=2)
    second = replace(WATCH, version=2, query="chlorine")
    desk.add_watch(second, b"two", by="ben", at_us=3)
    assert [k.text for k in desk.watches("valve")] == [b"one", b"two"]
    assert desk.watch("valve").watch == second
    assert desk.watch("valve", 1).watch == WATCH
    with pytest.raises(UsageError, match="no such watch"):
        desk.watch("other")


def test_the_last_state_of_a_version_counts_and_all_stay(desk: DeskStore) -> None:
    desk.add_watch(WATCH, b"one", by="ana", at_us=1)
    assert desk.watch("valve").state is WatchState.KEPT
    desk.put_watch_state("valve", 1, WatchState.STARTED, by="ana", at_us=2)
    desk.put_watch_state("valve", 1, WatchState.DISABLED, by="tap", at_us=3, reason="too slow")
    kept = desk.watch("valve")
    assert kept.state is WatchState.DISABLED
    assert [(n.by, n.reason) for n in kept.states] == [("ana", ""), ("tap", "too slow")]
    with pytest.raises(UsageError, match="no such watch"):
        desk.put_watch_state("valve", 2, WatchState.ENDED, by="ana", at_us=4)


def test_an_alert_raised_twice_is_kept_once(desk: DeskStore, record_id: Ids) -> None:
    first = [alert(record_id, n) for n in range(3)]
    assert desk.add_alerts(first) == 3
    assert desk.add_alerts([*first, alert(record_id, 3)]) == 1
    assert desk.count_alerts("valve") == desk.count_alerts() == 4
    assert desk.count_alerts(since_us=2) == 2
    assert desk.alerts("valve", offset=1, limit=1) == [first[1]]
    assert desk.alert(f"{2:032x}") == first[2]
    for unclear in ("0000", "", "ff"):
        with pytest.raises(UsageError, match="no one alert"):
            desk.alert(unclear)


def test_what_was_not_delivered_is_told_by_target(desk: DeskStore, record_id: Ids) -> None:
    alerts = [alert(record_id, n) for n in range(2)]
    desk.add_alerts(alerts)
    name = alerts[0].alert.alert_id
    desk.add_delivery(Delivery(name, "file", False, 1, "timed out", 5))
    assert desk.undelivered("file") == alerts
    desk.add_delivery(Delivery(name, "file", True, 2, "", 6))
    assert desk.undelivered("file") == alerts[1:]
    assert desk.undelivered("mail") == alerts
    assert [d.attempt for d in desk.deliveries(name)] == [1, 2]


def test_disclosures_are_counted_once_an_alert(desk: DeskStore, record_id: Ids) -> None:
    alerts = [alert(record_id, n) for n in range(2)]
    desk.add_alerts(alerts)
    for at_us, which in ((10, 0), (11, 0), (12, 1)):
        desk.add_disclosure(alerts[which].alert.alert_id, by="ana", at_us=at_us)
    assert desk.count_disclosures("valve", since_us=0) == 2
    assert desk.count_disclosures("valve", since_us=12) == 1
    assert desk.count_disclosures("other", since_us=0) == 0


def test_acknowledgements_and_what_was_examined_come_back(desk: DeskStore, record_id: Ids) -> None:
    desk.add_alerts([alert(record_id, 1)])
    taken = Acknowledged(
        alert_id=f"{1:032x}", by="ana", at_us=9, verdict=Verdict.FALSE, note="a drill"
    )
    desk.acknowledge(taken)
    assert desk.acknowledged() == desk.acknowledged(taken.alert_id) == [taken]
    with pytest.raises(UsageError):
        desk.acknowledge(replace(taken, alert_id="f" * 32))
    run = Examined("valve", 1, "s", "run", 100, 1, 0, 9)
    desk.add_examined([run])
    assert desk.examined("valve") == desk.examined() == [run]
    assert desk.examined("other") == []
