"""Whether ids are told once and numbers run on: what a record removed or slipped in would disturb."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator

from pastwatch.stages.enrich.header import fields_of, named
from pastwatch.stages.enrich.held import Held, Outcome, Remark, remark

IDS, NUMBERS = "ids", "numbers"
_NUMBER = re.compile(r"\d{1,18}")
FEWEST = 5  # numbers in a conversation before a hole in them says anything


def ids(given: list[Held]) -> Iterator[Remark]:
    """Records that bear the id of another and are not the same."""
    by_id: dict[tuple[str, str], list[Held]] = defaultdict(list)
    for held in given:
        if held.record.native_id:
            by_id[held.source, held.record.native_id].append(held)
    for held in given:
        if not held.record.native_id:
            yield remark(held, IDS, Outcome.ABSENT, "it bears no id of its own")
            continue
        alike = by_id[held.source, held.record.native_id]
        others = {other.original for other in alike} - {held.original}
        if others:
            says = f"{len(others)} other records bear its id and are not the same"
            yield remark(held, IDS, Outcome.DIFFERS, says, _id_place(held))


def numbers(given: list[Held]) -> Iterator[Remark]:
    """Holes and steps back in the numbers that an export gives the records of a conversation."""
    rows: dict[tuple[str, str], list[tuple[int, Held]]] = defaultdict(list)
    for held in given:
        if _NUMBER.fullmatch(held.record.native_id):
            key = held.source, held.record.conversation
            rows[key].append((int(held.record.native_id), held))
    for found in rows.values():
        if len(found) >= FEWEST:
            yield from _run(sorted(found, key=lambda pair: pair[0]))


def _run(found: list[tuple[int, Held]]) -> Iterator[Remark]:
    """Numbers in order: what is missing before one, and a time that runs against them."""
    for (before, earlier), (number, held) in itertools.pairwise(found):
        missing = number - before - 1
        if missing > 0:
            says = f"{missing} numbers before it are not among the records read"
            yield remark(held, NUMBERS, Outcome.UNDECIDED, says)
        one, two = earlier.record.envelope.claimed, held.record.envelope.claimed
        if one and two and two.latest_us < one.earliest_us:
            says = "it bears a later number than a record that claims a later time"
            yield remark(held, NUMBERS, Outcome.DIFFERS, says)


def _id_place(held: Held) -> tuple[int, int] | None:
    fields = named(fields_of(held), "message-id")
    if fields:
        return fields[0].place
    at = held.original.find(held.record.native_id.encode())
    return (at, at + len(held.record.native_id.encode())) if at >= 0 else None
