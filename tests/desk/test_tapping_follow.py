"""While a live source is followed alerts stand before their records are sealed, and watches come and go."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from tests.desk import taps
from tests.desk.offices import Desk
from tests.stages.collect.live.scripted import Scripted

from pastwatch.archive.layout import batch_of
from pastwatch.archive.repair import repair
from pastwatch.archive.watchplace import WatchPlace
from pastwatch.desk.following import Rhythm
from pastwatch.desk.sources import admit, sealing
from pastwatch.desk.tapping import Tally, uninstall
from pastwatch.errors import StorageError
from pastwatch.model.batch import Batch
from pastwatch.model.record import Draft
from pastwatch.stages.collect.follow import Follower
from pastwatch.stages.collect.live.arriving import Arrival
from pastwatch.stages.watch.standing import read_watch

VALVE = taps.toml("valve", "valve")


def arrival(*texts: str) -> Arrival:
    """Records that arrive together."""
    rows = batch_of([Draft(original=text.encode(), text=text) for text in texts])
    return Arrival(found=(Batch(columns=rows, container="s"),), mark=texts[-1], ended=False)


@contextlib.contextmanager
def following(desk: Desk, live: Scripted, rhythm: Rhythm) -> Iterator[tuple[Follower, Tally]]:
    with desk.open() as archive:
        admitted = admit(
            archive.office, "s", basis="own", document=None, handover=None, medium="mail"
        )
        with sealing(archive.office, admitted, level=1, watch=True) as run:
            assert run.tap is not None
            follower = Follower(
                live=live,
                writer=run.writer,
                rhythm=rhythm,
                clock=desk.clock,
                ticks=itertools.count(0.0, 0.1).__next__,
                end_run=lambda _run_id, _done: None,
                on_health=lambda _: None,
                on_change=lambda _: None,
                settles=True,
            )
            yield follower, run.tap.tally


def follow(desk: Desk, live: Scripted, *, seal_records: int = 1000) -> Tally:
    with following(desk, live, Rhythm(seal_records=seal_records, seal_s=1e6)) as (follower, tally):
        follower.run(threading.Event())
    return tally


class Played(Scripted):
    """Does something before each arrival after the first."""

    def __init__(self, parts: Sequence[Arrival], between: Callable[[], Any]) -> None:
        super().__init__([parts])
        self._between = between

    def arrivals(self, stop: threading.Event) -> Iterator[Any]:
        for number, event in enumerate(super().arrivals(stop)):
            if number:
                self._between()
            yield event


def test_alerts_stand_before_anything_is_sealed(desk: Desk) -> None:
    taps.start(desk, VALVE)
    live = Scripted([[arrival("a valve"), *[arrival(f"quiet {n}") for n in range(20)]]])
    with following(desk, live, Rhythm(seal_s=1e6)) as (follower, _):

        def fail() -> None:
            assert len(taps.left(desk).alerts) == 1
            assert not list(desk.place.packs.rglob("*.pack"))
            raise StorageError("the disk is full")

        follower.writer.flush = fail  # type: ignore[method-assign]
        with pytest.raises(StorageError):
            follower.run(threading.Event())
    assert live.acknowledged == []
    repair(desk.place, dry_run=False)
    again = Scripted([[arrival("a valve", "another valve")]])
    tally = follow(desk, again)
    assert (tally.examined, tally.alerts) == (2, 2)
    left = taps.left(desk)
    assert (len(left.alerts), len(left.ids)) == (3, 2), "offered again, raised again, the same id"
    assert left.texts("valve") == ["a valve", "another valve"]


def test_what_is_offered_twice_is_examined_once(desk: Desk) -> None:
    taps.start(desk, VALVE)
    live = Scripted([[arrival("valve 1"), arrival("valve 1", "valve 2")]])
    live.parts = [[Arrival(found=a.found, mark=a.mark) for a in live.parts[0]]]  # type: ignore[union-attr]
    tally = follow(desk, live)
    assert (tally.examined, tally.alerts) == (2, 2)


def test_each_seal_has_its_own_account(desk: Desk) -> None:
    taps.start(desk, VALVE)
    follow(desk, Scripted([[arrival(f"valve {n}") for n in range(4)]]), seal_records=2)
    passed = taps.left(desk).passed
    assert [p.records for p in passed] == [2, 2]
    assert len({p.run_id for p in passed}) == 2


def test_a_watch_ended_meanwhile_stops_at_the_next_seal(desk: Desk) -> None:
    taps.start(desk, VALVE, taps.toml("quiet", "quiet"))

    def end() -> None:
        if WatchPlace.of(desk.place).text("valve", 1).exists():
            with desk.open() as archive:
                uninstall(archive.office, read_watch(VALVE))

    live = Played([arrival(f"valve and quiet {n}") for n in range(12)], end)
    follow(desk, live, seal_records=1)
    left = taps.left(desk)
    assert len(left.texts("quiet")) == 12
    assert 1 <= len(left.texts("valve")) < 12


def test_a_watch_started_meanwhile_runs_from_the_next_seal(desk: Desk) -> None:
    taps.start(desk, taps.toml("quiet", "quiet"))

    def begin() -> None:
        if not WatchPlace.of(desk.place).text("valve", 1).exists():
            taps.start(desk, VALVE)

    live = Played([arrival(f"valve and quiet {n}") for n in range(12)], begin)
    follow(desk, live, seal_records=1)
    left = taps.left(desk)
    assert len(left.texts("quiet")) == 12
    assert 1 <= len(left.texts("valve")) < 12


def test_a_watch_that_was_stopped_stays_so_when_another_one_is_started(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pastwatch.stages.watch import examiner

    monkeypatch.setattr(examiner, "EVERYTHING_FROM", 2)
    taps.start(desk, taps.toml("everything", "quiet"))

    def begin() -> None:
        if not WatchPlace.of(desk.place).text("valve", 1).exists():
            taps.start(desk, VALVE)

    live = Played([arrival(f"valve and quiet {n}") for n in range(12)], begin)
    follow(desk, live, seal_records=3)
    left = taps.left(desk)
    assert [(s.watch, s.reason) for s in left.stops if s.watch == "everything"] == [
        ("everything", "it matches more than half of all records")
    ]
    assert len(left.texts("everything")) <= 3
