"""The loop that follows: what is told to the source, when, and what happens when it cannot be."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from tests.desk.offices import Desk
from tests.stages.collect.live import followers, scripted
from tests.stages.collect.live.scripted import DOWN, Event, Scripted, arrival, follow, following

from pastwatch.archive.verify import verify_archive
from pastwatch.errors import StorageError
from pastwatch.model.source import Gap
from pastwatch.stages.collect.follow import Rhythm
from pastwatch.stages.collect.live import pump
from pastwatch.stages.collect.live.arriving import Arrival, Idle, Trouble


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits before a second try."""
    monkeypatch.setattr(pump, "FIRST_WAIT_S", 0.0)


def test_a_source_is_told_only_of_what_is_durable_and_in_the_ledger(desk: Desk) -> None:
    standing: list[int] = []

    def look(_: Sequence[Any]) -> None:
        with desk.open() as archive:  # as another process sees it
            standing.append(sum(row.records for row in archive.office.catalogue.packs()))
            assert len(archive.office.catalogue.runs()) == len(standing)

    live = Scripted([[arrival(1, 2), arrival(3), arrival(4)]], on_acknowledge=look)
    health, _ = follow(desk, live, rhythm=Rhythm(seal_records=3))
    assert standing == [3, 4]
    assert live.acknowledged == [2, 3, 4]
    assert (health.records, health.seals, health.waiting) == (4, 2, 0)


def test_nothing_is_acknowledged_when_the_seal_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Scripted([[arrival(1)]])
    with following(desk, live) as (follower, _):

        def fail() -> None:
            raise StorageError("the disk is full")

        monkeypatch.setattr(follower.writer, "flush", fail)
        with pytest.raises(StorageError):
            follower.run(threading.Event())
    assert live.acknowledged == []
    again = Scripted([[arrival(1)]])
    health, _ = follow(desk, again)
    assert (health.records, health.held) == (1, 0)
    assert again.acknowledged == [1]


def test_what_is_given_again_is_held_already(desk: Desk) -> None:
    health, _ = follow(desk, Scripted([[arrival(1, 2), arrival(2, 3), arrival(1)]]))
    assert (health.records, health.held) == (3, 2)
    later, _ = follow(desk, Scripted([[arrival(3, 4)]]))
    assert (later.records, later.held) == (1, 1)
    assert sorted(followers.account(desk)) == [f"word {n}" for n in (1, 2, 3, 4)]


def test_an_acknowledgement_that_fails_is_counted_and_the_rest_goes_on(desk: Desk) -> None:
    failures = [DOWN]

    def refuse(_: Sequence[Any]) -> None:
        if failures:
            raise failures.pop()

    live = Scripted([[arrival(1), arrival(2)]], on_acknowledge=refuse)
    health, _ = follow(desk, live, rhythm=Rhythm(seal_records=1))
    assert (health.records, health.retries) == (2, 1)
    assert live.acknowledged == [2]


def test_a_server_out_of_reach_is_tried_again_and_told(desk: Desk) -> None:
    live = Scripted([[arrival(1), DOWN], [DOWN], [arrival(2)]])
    health, told = follow(desk, live)
    assert (health.records, health.retries) == (2, 2)
    assert [h.trouble for h in told[:2]] == [str(DOWN)] * 2
    assert not told[0].is_reached
    assert (health.trouble, health.is_reached) == ("", True)


def test_the_wait_before_another_try_doubles_up_to_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return False

    monkeypatch.setattr(pump, "FIRST_WAIT_S", 1.0)
    monkeypatch.setattr(pump, "WAITING_ARRIVALS", 100)
    drawn = pump.Pump(Scripted([[DOWN]] * 12 + [[]]), stop=Stop())
    while not drawn.is_done:
        drawn.next(0.1)
    drawn.close()
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]


def test_a_source_that_fails_for_good_is_told_to_the_caller(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError):
        follow(desk, Scripted([[arrival(1), ZeroDivisionError()]]))


def test_a_slow_follower_holds_the_source_back() -> None:
    live = Scripted([[arrival(n) for n in range(1000)]])
    drawn = pump.Pump(live)
    for _ in range(10):
        assert drawn.next(5) is not None
    drawn.close()
    assert live.given <= 10 + pump.WAITING_ARRIVALS + 2


def test_a_stop_seals_what_is_in_hand_and_leaves_the_rest_unacknowledged(desk: Desk) -> None:
    stop = threading.Event()
    live = Scripted([[arrival(n) for n in range(1000)]])
    with following(desk, live) as (follower, _):
        add = follower.writer.add

        def stopping(*args: Any, **given: Any) -> None:
            add(*args, **given)
            if follower.writer.pending_records >= 5:
                stop.set()

        follower.writer.add = stopping  # type: ignore[method-assign]
        health = follower.run(stop)
    assert health.records == 5
    assert live.acknowledged == [0, 1, 2, 3, 4]
    assert verify_archive(desk.place).problems == []


def test_a_gap_is_in_the_ledger_before_it_is_acknowledged_and_counts_once(desk: Desk) -> None:
    gap = Gap(source_id="", reason="an empty payload", bytes=0, container="s/9", offset=0)
    counted: list[int] = []

    def look(_: Sequence[Any]) -> None:
        with desk.open() as archive:
            counted.append(len(archive.office.catalogue.gaps()))

    def play() -> Scripted:
        return Scripted([[Arrival(found=(gap,), mark=9)]], on_acknowledge=look)

    health, _ = follow(desk, play())
    assert (health.gaps, counted) == (1, [1])
    follow(desk, play())
    assert counted == [1, 1], "the same gap met again"


def test_equal_originals_are_counted_afresh_after_a_trouble(desk: Desk) -> None:
    """A file whose reading broke off is read again from its start: its records are the same."""
    import pyarrow as pa

    def piece(n: int) -> Arrival:
        made = scripted.batch(n)
        at = made.columns.schema.get_field_index("position")
        unplaced = made.columns.set_column(at, "position", pa.nulls(1, pa.int64()))
        unplaced = unplaced.cast(made.columns.schema)
        return Arrival(found=(type(made)(columns=unplaced, container="f"),), ended=False)

    first: list[Event] = [piece(1), piece(1), Trouble("broke off")]
    second: list[Event] = [piece(1), piece(1), piece(1), Arrival(found=(), mark="f")]
    health, _ = follow(desk, Scripted([[*first, *second]]))
    assert (health.records, health.held) == (3, 2)


def test_quiet_alone_seals_nothing(desk: Desk) -> None:
    health, told = follow(desk, Scripted([[Idle(), Idle()]]))
    assert (health.seals, health.records, len(told)) == (0, 0, 1)
    with desk.open() as archive:
        assert archive.office.catalogue.runs() == []


def test_health_is_told_at_its_interval(desk: Desk) -> None:
    _, told = follow(
        desk,
        Scripted([[arrival(n) for n in range(20)]]),
        rhythm=Rhythm(health_s=10),
        ticks=itertools.count(0.0, 1.0).__next__,
    )
    assert len(told) >= 3
