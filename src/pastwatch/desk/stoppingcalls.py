"""What each record of a slice is called now, by which act it was read, and in what order it is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

from pastwatch.casefile.reviewing import Drawn, Judged
from pastwatch.desk.case import CaseWork
from pastwatch.desk.conversations import conversations_of
from pastwatch.model.note import Code, Mode
from pastwatch.stages.review.recall import Units, units_of
from pastwatch.stages.review.stopping import Unit

_ID_BYTES = 16
_DECIDED = {Code.RELEVANT: True, Code.NOT_RELEVANT: False}


@dataclass(frozen=True)
class Calls:
    """The standing call of each record by its place in the slice.

    An adjudicator's call stands over a reviewer's, a later one over an earlier one. Unsure and
    deferred are undecided; protected records are outside every statement.
    """

    record_ids: Sequence[bytes]
    conversation: Sequence[int]
    place_of: Mapping[bytes, int]
    called: dict[int, bool]
    outside: frozenset[int]
    order: tuple[tuple[int, Mode, bool | None], ...]
    """Place, mode and call of every judgement that stands, oldest first."""

    def units(self, unit: Unit) -> Units:
        """Found and left now."""
        return self._units(unit, self.called)

    def units_at(self, unit: Unit, *, before: Iterable[int]) -> Units:
        """Found among some records alone, as they are called now, and what all the others leave."""
        chosen = set(before)
        return self._units(unit, {p: c for p, c in self.called.items() if p in chosen})

    def _units(self, unit: Unit, called: dict[int, bool]) -> Units:
        return units_of(unit, calls=called, conversation=self.conversation, outside=self.outside)

    @property
    def population(self) -> int:
        """Records that a statement is about."""
        return len(self.record_ids) - len(self.outside)

    def come_to(self) -> set[int]:
        """Places that ranking has come to: by rank, or judged before any control record was read.

        A second reviewer's or an adjudicator's call on a control record is none, nor is one that a
        reader picked who had seen it in the sample.
        """
        reached: set[int] = set()
        control_read = False
        for place, how, _ in self.order:
            control_read |= how is Mode.CONTROL
            if how in {Mode.RANKED, Mode.EXPLORED} or not control_read:
                reached.add(place)
        return reached

    def ranked(self) -> list[bool]:
        """The calls in the order of ranked reading, each record once."""
        kept: dict[int, bool] = {}
        for place, how, call in self.order:
            if how in {Mode.RANKED, Mode.EXPLORED} and call is not None:
                kept.setdefault(place, call)
        return list(kept.values())


class _Records(NamedTuple):
    """What of a slice no judgement changes."""

    record_ids: list[bytes]
    conversation: list[int]
    place_of: dict[bytes, int]


_RECORDS: WeakKeyDictionary[CaseWork, _Records] = WeakKeyDictionary()
"""By open case, as a reviewer is told the bound at every turn."""


def _records_of(case: CaseWork) -> _Records:
    kept = _RECORDS.get(case)
    if kept is None:
        raw = case.gate.index().record_ids.tobytes()
        record_ids = [raw[at : at + _ID_BYTES] for at in range(0, len(raw), _ID_BYTES)]
        places = {record_id: place for place, record_id in enumerate(record_ids)}
        kept = _RECORDS[case] = _Records(record_ids, conversations_of(case).tolist(), places)
    return kept


def calls_of(case: CaseWork) -> Calls:
    """Read the case's judgements against the records of its slice."""
    records = _records_of(case)
    places = records.place_of
    judged = [one for one in case.papers.judged() if one.judgement.record_id in places]
    standing: dict[int, Judged] = {}
    for one in judged:
        place = places[one.judgement.record_id]
        held = standing.get(place)
        if held is None or held.mode is not Mode.ADJUDICATED or one.mode is Mode.ADJUDICATED:
            standing[place] = one
    protected = case.papers.protected_ids()
    outside = frozenset(places[one] for one in protected if one in places)
    return Calls(
        record_ids=records.record_ids,
        conversation=records.conversation,
        place_of=places,
        called={
            place: _DECIDED[one.judgement.code]
            for place, one in standing.items()
            if one.judgement.code in _DECIDED and place not in outside
        },
        outside=outside,
        order=tuple(
            (places[one.judgement.record_id], one.mode, _DECIDED.get(one.judgement.code))
            for one in judged
        ),
    )


def drawn_order(units: Sequence[int], names: Sequence[bytes], seed: bytes) -> list[int]:
    """The units in the order that the seed gives: by SHA-256 of the seed and each one's name.

    Anybody with the seed can draw it again; a name is a record's id.
    """
    keys = [hashlib.sha256(seed + name).digest() for name in names]
    return [units[at] for at in sorted(range(len(units)), key=keys.__getitem__)]


def members(
    calls: Calls, units: Sequence[int], unit: Unit, *, decided_too: bool = False
) -> dict[int, list[int]]:
    """The records of each unit by place: the undecided ones, or all that a statement is about."""
    if unit is Unit.RECORD:
        return {place: [place] for place in units}
    found: dict[int, list[int]] = {one: [] for one in units}
    for place, talk in enumerate(calls.conversation):
        undecided = decided_too or place not in calls.called
        if talk in found and undecided and place not in calls.outside:
            found[talk].append(place)
    return found


def drawn_calls(calls: Calls, drawn: Sequence[Drawn]) -> list[tuple[bool | None, list[int]]]:
    """For each drawn unit in order: its call, None while undecided, and what is to be read of it.

    A unit is relevant with its first relevant record; not relevant once all of them are judged so.
    Records judged protected since are left out, and a unit of nothing else with them.
    """
    strata: dict[int, list[int]] = {}
    for one in drawn:
        place = calls.place_of.get(one.record_id)
        if place is not None and place not in calls.outside:
            strata.setdefault(one.stratum, []).append(place)
    told: list[tuple[bool | None, list[int]]] = []
    for stratum in sorted(strata):
        places = strata[stratum]
        open_places = [place for place in places if place not in calls.called]
        if any(calls.called.get(place) for place in places):
            told.append((True, []))
        else:
            told.append((None if open_places else False, open_places))
    return told
