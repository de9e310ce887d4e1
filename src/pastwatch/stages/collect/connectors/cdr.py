"""Reads call detail records from operators' tables: who called whom, when, how long, from where.

Columns are found by a mapping (fields to columns, `types` and `directions` to an operator's words),
or guessed by header and values. Numbers come in one form: E.164 with the option region, else as
their digits tell. A record's interval runs from start to end; what no field holds is its part
`stated`. The cell is the area; all stands in the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import NO_BASIS, basis_number
from pastwatch.errors import BadValue
from pastwatch.model.batch import Batch
from pastwatch.model.party import Role
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import SECOND_US, Basis
from pastwatch.stages.collect.connectors.batched import Columns, Recipient, clean
from pastwatch.stages.collect.connectors.cdr_columns import (
    FIELDS,
    by_values,
    counts_minutes,
    guessed,
    is_named,
)
from pastwatch.stages.collect.connectors.cdr_values import Numbers, Words, duration_s
from pastwatch.stages.collect.connectors.dayorder import DayOrder
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.stated import stated
from pastwatch.stages.collect.connectors.tables import Table
from pastwatch.stages.collect.connectors.times import Times
from pastwatch.stages.collect.mailtime import Moment

_SURE = 85
_BEFORE_HEADER = 30  # rows of titles an operator may print above the header
_LEAST_CELLS = 4
_SAMPLE = 200
_CLOCK = re.compile(r"(\d\d)(\d\d)(\d\d)")
_EXPORT = basis_number(Basis.EXPORT)
_SPOILT = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")  # a number that a spreadsheet rounded


class Cdr:
    """The call detail connector; options: a mapping, region, zone, order, delimiter, charset, time_unit."""

    name = "cdr"
    medium = "phone"
    most_sure = _SURE

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - content decides
        """Sure when a header names two numbers, a time, and what only calls have."""
        if b"\n" not in head or head[:1] in b"{[<" or b"\0\0" in head:
            return 0
        try:
            table = Table(head, {}, Columns("head"))
            rows = table.first_rows(_BEFORE_HEADER, least_cells=_LEAST_CELLS)
        except BadValue:
            return 0
        is_one = any(len(row) >= _LEAST_CELLS and is_named(guessed(row, [])) for row in rows)
        return _SURE if is_one else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The rows in file order; the header and the titles above it are framing."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            table = Table(view, options, columns)
            if table.refused is not None:
                yield table.refused
                return
            calls = _Calls(table, options, columns)
            yield from table.read(calls.begin(), calls.add)
            yield from columns.rest()


class _Calls:
    """One operator's table: where its columns are, and what its words mean."""

    def __init__(self, table: Table, options: Mapping[str, Any], columns: Columns) -> None:
        self._table = table
        self._columns = columns
        self._numbers = Numbers(str(options.get("region") or ""))
        self._words = Words(options)
        self._times = Times(options)
        sample = table.first_rows(_SAMPLE)
        self._above, self._names, self._places = _layout(sample, options)
        place = self._places.get("time", self._places.get("date"))
        has_dates = place is not None and self._names is not None
        dates = (_cell(row, place).split(" ")[0] for row in table.rows()) if has_dates else ()
        self._order = DayOrder(options, dates)
        self._is_minutes = str(options.get("duration_unit") or "") == "min" or counts_minutes(
            self._name(self._places.get("duration"))
        )
        unspoken = {"text", "date", "clock", "time"}
        silent = {place for field, place in self._places.items() if field in unspoken}
        names = self._names or []
        self._told = [(n, name) for n, name in enumerate(names) if n not in silent and name]

    def begin(self) -> int:
        """Where the calls begin."""
        at = self._table.begin()
        for _ in range(self._above):
            _, at = self._table.header(at)
        return at

    def add(self, original: bytes, cells: list[str], defects: Defect, is_broken: bool) -> None:
        """Add one row as a record."""
        names = self._names or []
        if is_broken or (names and len(cells) != len(names)):
            defects |= Defect.BAD_STRUCTURE
        count = len(cells)
        given = {f: cells[n].strip() for f, n in self._places.items() if 0 <= n < count}
        get = given.get
        kind, is_incoming = self._kind(
            (get("type") or "")[:64], (get("direction") or "")[:64], given
        )
        caller, called = self._ends(given, is_incoming=is_incoming)
        if not caller:
            defects |= Defect.NO_SENDER
        if _SPOILT.fullmatch(caller) or _SPOILT.fullmatch(called):
            defects |= Defect.BAD_STRUCTURE
        moment, defect = self._when(given)
        told = [(name, cells[n]) for n, name in self._told if n < len(cells) and cells[n]]
        told += [("", cell.strip()) for cell in cells[len(names) :]] if names else []
        text = get("text") or ""
        if not self._places:
            text, told = "\n".join(cell.strip() for cell in cells if cell.strip()), []
            defects |= Defect.FALLBACK
        recipients: list[Recipient] = [(called, called, int(Role.TO))] if called else []
        if forwarded := self._numbers.read(get("forwarded") or ""):
            recipients.append((forwarded, forwarded, int(Role.CC)))
        place = "-".join(filter(None, (get("lac"), get("cell")))) or get("area")
        self._columns.add(
            original,
            text=clean(text),
            earliest_us=moment.earliest_us if moment else None,
            latest_us=moment.latest_us if moment else None,
            basis=_EXPORT if moment else NO_BASIS,
            sender_address=clean(caller),
            sender_name=clean(caller),
            recipients=recipients,
            native_id=clean(get("id") or ""),
            parts=stated(told),
            kind=int(kind),
            area=clean(place or ""),
            defects=int(defects | defect),
        )

    def _kind(
        self, type_shown: str, direction: str, given: Mapping[str, str]
    ) -> tuple[Kind, bool | None]:
        is_incoming = self._words.is_incoming(direction) if direction else None
        if is_incoming is None and type_shown:
            is_incoming = self._words.is_incoming(type_shown)
        kind = self._words.kind(type_shown) if type_shown else None
        if kind is None and direction:
            kind = self._words.kind(direction)
        if kind is None:
            kind = Kind.SAID if given.get("text") else Kind.CALLED
        return kind, is_incoming

    def _ends(self, given: Mapping[str, str], *, is_incoming: bool | None) -> tuple[str, str]:
        """(who called, who was called): as columns say, or as the subscriber's direction does."""
        read = self._numbers.read
        if "caller" in given or "called" in given:
            return read(given.get("caller", "")), read(given.get("called", ""))
        own, other = read(given.get("subscriber", "")), read(given.get("other", ""))
        return (other, own) if is_incoming else (own, other)

    def _when(self, given: Mapping[str, str]) -> tuple[Moment | None, Defect]:
        shown = given.get("time") or ""
        if not shown and given.get("date"):
            clock = given.get("clock") or ""
            if found := _CLOCK.fullmatch(clock):
                clock = ":".join(found.groups())
            shown = f"{given['date']} {clock}".strip()
        if not shown:
            return None, Defect.NO_DATE
        start, is_split = self._moment(shown)
        if start is None:
            return None, Defect.BAD_DATE
        latest_us = start.latest_us
        lasted_s = duration_s(given.get("duration") or "", is_minutes=self._is_minutes)
        if lasted_s:
            latest_us += lasted_s * SECOND_US
        elif end := given.get("time_end"):
            until, _ = self._moment(end)
            latest_us = max(latest_us, until.latest_us if until else 0)
        is_sure = start.has_zone and not is_split
        defect = Defect.NONE if is_sure else Defect.AMBIGUOUS_DATE
        return start._replace(latest_us=latest_us), defect

    def _moment(self, shown: str) -> tuple[Moment | None, bool]:
        return self._order.read(shown) or (self._times.read(shown), False)

    def _name(self, place: int | None) -> str:
        names = self._names or []
        return names[place] if place is not None and place < len(names) else ""


def _layout(
    sample: Sequence[Sequence[str]], options: Mapping[str, Any]
) -> tuple[int, list[str] | None, dict[str, int]]:
    """(rows above the first call, the columns' names, where each field's column is)."""
    given = {field: str(options[field]).strip() for field in FIELDS if options.get(field)}
    head = sample[:_BEFORE_HEADER]
    if given:
        for number, row in enumerate(head):
            names = [name.strip() for name in row]
            if any(name in names for name in given.values()):
                places = {field: names.index(n) for field, n in given.items() if n in names}
                return number + 1, names, places
        if not all(name.isdecimal() for name in given.values()):
            raise BadValue("none of the mapped columns stands in the header row")
        return 0, None, {field: int(name) - 1 for field, name in given.items() if int(name)}
    for number, row in enumerate(head):
        names = [name.strip() for name in row]
        found = guessed(names, sample[number + 1 :])
        if len(names) > 2 and is_named(found):  # noqa: PLR2004
            return number + 1, names, found
    if found := by_values(sample):
        return 0, None, found
    if found := by_values(sample[1:]):
        return 1, [name.strip() for name in sample[0]], found
    return 0, None, {}


def _cell(cells: Sequence[str], place: int | None) -> str:
    return cells[place].strip() if place is not None and 0 <= place < len(cells) else ""


CONNECTOR = Cdr()
