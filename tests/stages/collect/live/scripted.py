"""A live source that plays a script, for tests of the loop that follows it; and followers of it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.desk.offices import Desk

from pastwatch.desk.sources import admit, sealing
from pastwatch.errors import SourceError
from pastwatch.model.batch import Batch
from pastwatch.stages.collect.follow import Follower, Health, Rhythm
from pastwatch.stages.collect.live.arriving import Arrival, Idle, Live, Trouble
from pastwatch.stages.collect.live.grouped import Payload, opaque
from pastwatch.stages.collect.run import Collected

Event = Arrival | Idle | Trouble


def batch(*numbers: int) -> Batch:
    """Records of their own position; the same number is the same record."""
    import pyarrow as pa

    made = [opaque(Payload(f"s/{n}", f"word {n}".encode()), "s") for n in numbers]
    columns = pa.Table.from_batches([b.columns for b in made]).combine_chunks().to_batches()[0]
    return Batch(columns=columns, container="s")


def arrival(*numbers: int, mark: Any = None) -> Arrival:
    """Such records, with a mark: the last number unless given."""
    return Arrival(found=(batch(*numbers),), mark=numbers[-1] if mark is None else mark)


@dataclass
class Scripted:
    """Plays its parts: each call of `arrivals` plays the next; a SourceError in it is raised."""

    parts: Sequence[Sequence[Event | Exception]]
    on_acknowledge: Callable[[Sequence[Any]], None] = lambda _: None
    name: str = "scripted"
    medium: str = "other"
    acknowledged: list[Any] = field(default_factory=list)
    given: int = 0
    calls: int = 0
    closed: int = 0

    def arrivals(self, stop: threading.Event) -> Iterator[Event]:
        part = self.parts[min(self.calls, len(self.parts) - 1)]
        self.calls += 1
        for event in part:
            if stop.is_set():
                return
            if isinstance(event, Exception):
                raise event
            self.given += 1
            yield event

    def acknowledge(self, marks: Sequence[Any]) -> None:
        self.on_acknowledge(marks)
        self.acknowledged.extend(marks)

    def lag(self) -> int | None:
        return None

    def close(self) -> None:
        self.closed += 1


class Kept:
    """Keeps a place in memory."""

    def __init__(self) -> None:
        self.cursor: dict[str, Any] = {}

    def get(self) -> dict[str, Any]:
        return dict(self.cursor)

    def put(self, cursor: Mapping[str, Any]) -> None:
        self.cursor = dict(cursor)

    def token(self, name: str) -> str:
        return f"t-{name}"


DOWN = SourceError("the server is out of reach")


@contextmanager
def following(
    desk: Desk,
    live: Live,
    *,
    rhythm: Rhythm | None = None,
    ticks: Callable[[], float] | None = None,
) -> Iterator[tuple[Follower, list[Health]]]:
    told: list[Health] = []
    with desk.open() as archive:
        admitted = admit(
            archive.office,
            "live",
            basis="own",
            document=None,
            handover=None,
            medium="other",
        )
        with sealing(archive.office, admitted, level=1) as run:

            def end(run_id: str, done: Collected) -> None:
                type(run)(
                    office=run.office, source=run.source, run_id=run_id, writer=run.writer
                ).end(done)

            yield (
                Follower(
                    live=live,
                    writer=run.writer,
                    rhythm=rhythm or Rhythm(),
                    clock=desk.clock,
                    ticks=ticks or itertools.count(0.0, 0.001).__next__,
                    end_run=end,
                    on_health=told.append,
                    on_change=lambda _: None,
                ),
                told,
            )


def follow(
    desk: Desk, live: Live, *, until_idle: bool = False, **given: Any
) -> tuple[Health, list[Health]]:
    with following(desk, live, **given) as (follower, told):
        return follower.run(threading.Event(), until_idle=until_idle), told
