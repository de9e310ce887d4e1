"""Reads calendars (iCalendar, .ics): each event, task, journal entry or busy time is a record."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pastwatch.errors import BadValue
from pastwatch.model.batch import Batch
from pastwatch.model.party import Party, Role
from pastwatch.model.record import Defect, Draft, Part
from pastwatch.model.source import Gap
from pastwatch.model.when import DAY_US, SECOND_US, Basis, When
from pastwatch.stages.collect.cards import Line, address_of, lines_of, shown
from pastwatch.stages.collect.connectors.batched import batched, clean
from pastwatch.stages.collect.connectors.cardspans import Span, spans
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.zones import Zone, zone_of
from pastwatch.stages.collect.mailcharset import decoded
from pastwatch.stages.collect.mailtime import Moment, local_us

_KINDS = (b"VEVENT", b"VTODO", b"VJOURNAL", b"VFREEBUSY", b"VAVAILABILITY")
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")
_DURATION = re.compile(
    r"\+?P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?"
)
_ZONE_BEGIN = re.compile(rb"(?im)^BEGIN:VTIMEZONE[ \t]*\r?$")
_ZONES_LIMIT, _ZONE_BYTES = 200, 65536
_ZONE_ID = re.compile(rb"(?im)^TZID[^:\r\n]{0,200}:([^\r\n]{1,200})")
_OFFSET = re.compile(rb"(?im)^TZOFFSETTO[^:\r\n]{0,200}:([+-])(\d\d)(\d\d)")
_CALENDAR_NAME = re.compile(rb"(?im)^(?:X-WR-CALNAME|NAME)[^:\r\n]{0,200}:([^\r\n]{1,500})")
_SHOWN_ELSEWHERE = frozenset(("summary", "dtstart", "dtend", "due"))
_HEAD_BYTES = 1024 * 1024


class Calendar:
    """The calendar connector; options: container, zone (for times that name none)."""

    name = "calendar"
    medium = "calendar"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the content says it
        """Sure of a file that begins a calendar or one of its entries."""
        start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
        if start.startswith(b"BEGIN:VCALENDAR"):
            return 95
        return 85 if start.startswith(tuple(b"BEGIN:" + kind for kind in _KINDS)) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The entries in order; what stands around them, zones too, is framing."""
        container = container_name(path, options)
        own = zone_of(options)
        with opened(path) as view:
            head = bytes(view[:_HEAD_BYTES])
            clocks = _Clocks(own, head)
            named = _CALENDAR_NAME.search(head)
            title = clean(decoded(named[1], "utf-8")[0].strip()) if named else ""
            found = (
                piece
                if not isinstance(piece, Span)
                else _draft(piece.raw, is_cut=piece.is_cut, clocks=clocks, title=title)
                for piece in spans(view, _KINDS, container, kind="calendar")
            )
            yield from batched(found, container=container)


class _Clocks:
    """Places the times of one calendar, in the zones it describes."""

    def __init__(self, own: Zone, head: bytes) -> None:
        self._own = own
        self._zones: dict[str, Zone | None] = {}
        self._offsets_s: dict[str, set[int]] = {}
        for found in itertools.islice(_ZONE_BEGIN.finditer(head), _ZONES_LIMIT):
            told = head[found.end() : found.end() + _ZONE_BYTES].partition(b"END:VTIMEZONE")[0]
            if named := _ZONE_ID.search(told):
                self._offsets_s[decoded(named[1], "utf-8")[0].strip()] = {
                    (1 if sign == b"+" else -1) * (int(hours) * 3600 + int(minutes) * 60)
                    for sign, hours, minutes in _OFFSET.findall(told)
                }

    def moment(self, line: Line) -> Moment | None:
        """When a property says; a day where it names no hour."""
        found = _STAMP.match(line.value.strip())
        if not found:
            return None
        year, month, day, hour, minute, second = (int(found[n] or 0) for n in range(1, 7))
        at_us = local_us(year, month, day, hour=hour, minute=minute, second=second)
        if at_us is None:
            return None
        width_us = 0 if found[4] else DAY_US - 1
        if found[7]:
            return Moment(at_us, at_us, has_zone=True)
        name = line.parameters.get("tzid", "")
        zone = self._zone(name)
        if zone is not None:
            return zone.moment(at_us, width_us=width_us)
        offsets_s = self._offsets_s.get(name)
        if offsets_s:  # a zone of its own making: summer or winter, whichever
            earliest_us = at_us - max(offsets_s) * SECOND_US
            latest_us = at_us - min(offsets_s) * SECOND_US
            return Moment(earliest_us, latest_us + width_us, has_zone=len(offsets_s) == 1)
        return self._own.moment(at_us, width_us=width_us)

    def _zone(self, name: str) -> Zone | None:
        if not name:
            return None
        if name not in self._zones:
            try:
                ZoneInfo(name)
                self._zones[name] = Zone(name)
            except (ZoneInfoNotFoundError, ValueError, OSError, BadValue):
                self._zones[name] = None
        return self._zones[name]


def _draft(raw: bytes, *, is_cut: bool, clocks: _Clocks, title: str) -> Draft:
    lines, defects = lines_of(raw)
    inner, top = _without_alarms(lines)
    first = {line.name: line for line in reversed(top)}
    claimed, more = _claimed(first, clocks)
    defects |= more | (Defect.CUT_SHORT if is_cut else Defect.NONE)
    sender = _party(first["organizer"]) if "organizer" in first else None
    if sender is None:
        defects |= Defect.NO_SENDER
    attendees = [_party(line) for line in top if line.name == "attendee"]
    said = [line for line in (*top, *inner) if line.name not in _SHOWN_ELSEWHERE]
    words = [
        f"{name}: {first[key].value}"
        for key, name in (("dtstart", "start"), ("dtend", "end"), ("due", "due"))
        if key in first
    ]
    return Draft(
        original=raw,
        text=clean("\n".join([*words, shown(said)])),
        claimed=claimed,
        sender=sender,
        recipients=tuple(attendee for attendee in attendees if attendee),
        conversation=title,
        native_id=clean(first["uid"].text) if "uid" in first else "",
        reply_to=clean(first["related-to"].text) if "related-to" in first else "",
        subject=clean(first["summary"].text) if "summary" in first else "",
        parts=tuple(part_of(line) for line in top if line.is_binary),
        defects=defects,
    )


def _without_alarms(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """(lines of what stands inside an entry, lines of the entry itself)."""
    depth = 0
    inner: list[Line] = []
    top: list[Line] = []
    for line in lines:
        if line.name == "begin":
            depth += 1
        elif line.name == "end":
            depth -= 1
        elif depth > 1:
            inner.append(line)
        else:
            top.append(line)
    return inner, top


def _claimed(first: dict[str, Line], clocks: _Clocks) -> tuple[When | None, Defect]:
    stated = first.get("dtstart") or first.get("due") or first.get("completed")
    if stated is None:
        return None, Defect.NO_DATE
    start = clocks.moment(stated)
    if start is None:
        return None, Defect.BAD_DATE
    ends = first.get("dtend") or first.get("due")
    end = clocks.moment(ends) if ends is not None and ends is not stated else None
    latest_us, is_sure = start.latest_us, start.has_zone
    if ends is not None and end is not None and end.earliest_us >= start.earliest_us:
        # The end is the first moment after (RFC 5545 §3.6.1); of a day, its first moment.
        day_us = 0 if "T" in ends.value else DAY_US - 1
        latest_us = max(latest_us, end.latest_us - day_us - 1)
        is_sure = is_sure and end.has_zone
    elif "duration" in first:
        latest_us += max(_duration_us(first["duration"].value) - 1, 0)
    when = When(
        earliest_us=start.earliest_us,
        latest_us=max(latest_us, start.earliest_us),
        basis=Basis.EXPORT,
    )
    return when, Defect.NONE if is_sure else Defect.AMBIGUOUS_DATE


def _duration_us(text: str) -> int:
    found = _DURATION.fullmatch(text.strip().upper())
    if not found:
        return 0
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total_s = ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
    return min(total_s, 366 * 86_400) * SECOND_US


def _party(line: Line) -> Party | None:
    address, name = address_of(line)
    address, name = clean(address.strip()), clean(name)
    if not address and not name:
        return None
    return Party(address=address or name, name=name, role=Role.TO)


def part_of(line: Line) -> Part:
    """A file or picture that stands in a line."""
    content = line.octets
    kind = line.parameters.get("fmttype") or line.parameters.get("mediatype") or ""
    if not kind and line.value[:5].lower() == "data:":
        kind = line.value[5:].partition(";")[0]
    if not kind and "type" in line.parameters:
        kind = f"image/{line.parameters['type'].split(',')[0].lower()}"
    name = line.parameters.get("filename") or line.parameters.get("x-filename") or line.name
    return Part(
        name=clean(name),
        media_type=clean(kind) or "application/octet-stream",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).digest(),
    )


CONNECTOR = Calendar()
