"""Invented records to learn a watch from: some speak of a valve, most of lunch, all of them signed."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from pastwatch.archive.layout import batch_of
from pastwatch.model.party import Party
from pastwatch.model.record import Draft
from pastwatch.model.when import SECOND_US, Basis, When
from pastwatch.stages.watch.arrivals import Arrivals
from pastwatch.stages.watch.learned import KEY
from pastwatch.stages.watch.learned_fit import Fit, Lesson, Vocabulary, fit
from pastwatch.stages.watch.many import words_in

NOW_US = 1_900_000_000 * SECOND_US
PEOPLE = ("maria", "james", "robert", "linda")
TALK = (
    "the soup in the canteen was cold again today",
    "can somebody move the meeting to friday please",
    "the printer on the second floor is jammed",
    "who left a bicycle in the corridor",
)
VALVE = (
    "open the valve when the guard has gone",
    "the pressure of the tank must rise before the valve gives",
    "nobody checks the valve of the tank at night",
)


def text(number: int, *, valve: bool, signed: str = "") -> str:
    """The text of a record; `signed` is who put the name under it."""
    own = VALVE[number % len(VALVE)] if valve else TALK[number % len(TALK)]
    return f"{own}\nregards {signed or PEOPLE[number % len(PEOPLE)]}"


def arrivals(texts: Sequence[str], *, senders: Sequence[str] = ()) -> Arrivals:
    """Some records as they arrive, an hour apart."""
    drafts = []
    for number, own in enumerate(texts):
        at_us = NOW_US + number * 3600 * SECOND_US
        drafts.append(
            Draft(
                original=own.encode(),
                text=own,
                claimed=When(earliest_us=at_us, latest_us=at_us, basis=Basis.HEADER),
                sender=Party(address=senders[number] if senders else "ana@x.example"),
                recipients=(Party(address="ben@x.example"),),
                conversation=f"c{number}",
            )
        )
    ids = [number.to_bytes(16, "big") for number in range(len(texts))]
    rows = batch_of(drafts)
    if "record_id" not in rows.schema.names:
        rows = rows.append_column("record_id", pa.array(ids, pa.binary(16)))
    return Arrivals.of_batch(rows, source_id="s", source_name="room", clock_us=NOW_US + 10**12)


def lesson(texts: Sequence[tuple[str, int]], vocabulary: Vocabulary | None = None) -> Lesson:
    """Judged records as a lesson; their words are noted where a vocabulary is given."""
    made = Lesson()
    some = arrivals([own for own, _ in texts])
    hashes, rows = words_in(some.lanes, KEY)
    for number, (own, relevant) in enumerate(texts):
        made.add(hashes[rows == number], relevant)
        if vocabulary is not None:
            vocabulary.text(own)
    return made


def judged(count: int, *, every: int = 10) -> list[tuple[str, int]]:
    """So many records, each tenth of which speaks of a valve; that James wrote most of those."""
    return [
        (
            text(n, valve=n % every == 0, signed="james" if n % every == 0 else ""),
            int(n % every == 0),
        )
        for n in range(count)
    ]


def fitted(*, rate: float = 0.05, count: int = 400) -> Fit:
    """What is learned of these."""
    vocabulary = Vocabulary()
    vocabulary.people(["ana@x.example", "ben@x.example"])
    learn = lesson(judged(count), vocabulary)
    return fit(learn, lesson(judged(count)), vocabulary.words(), rate=rate)
