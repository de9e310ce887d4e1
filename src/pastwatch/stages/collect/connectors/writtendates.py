"""Reads dates as people write them: by name of month, or in figures whose order may be in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pastwatch.model.when import DAY_US, SECOND_US
from pastwatch.stages.collect.connectors.dayorder import DayOrder
from pastwatch.stages.collect.connectors.times import Times
from pastwatch.stages.collect.connectors.zones import zone_of
from pastwatch.stages.collect.mailtime import MONTHS, Moment, local_us, placed, zone_offset_s

_LONGEST = 120
_CLOCK = (
    r"(?:[ ,T]+(?:at |um |à )?(?P<h>\d{1,2})(?:[:.]?(?P<mi>\d{2}))(?:[:.](?P<s>\d{2})(?:[.,]\d+)?)?"
    r"[ ]*(?P<ap>[AaPp]\.?[Mm]\.?)?[ ]*(?:hrs|h\b|Uhr)?[ ]*"
    r"\(?(?P<zone>[+-]\d{2}:?\d{2}|[A-Za-z]{1,5})?\)?)?"
)
_WEEKDAY = r"(?:[A-Za-z]{2,9}\.?,?[ ]+)?"
_MONTH = r"(?P<mo>[A-Za-z]{3,9})\.?"
_NAMED = tuple(
    re.compile(rf"{_WEEKDAY}{form},?{_CLOCK}\s*")
    for form in (
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?[ -]*(?:of )?{_MONTH}[ ,-]+(?P<y>\d{{4}})",
        rf"{_MONTH}[ -]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[ -]+(?P<y>\d{{4}})",
        rf"(?P<y>\d{{4}})[ -]+{_MONTH}[ -]+(?P<d>\d{{1,2}})",
    )
)
_FIGURES = re.compile(
    rf"{_WEEKDAY}(?P<date>\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}\.?"
    r"(?:[ T,]+\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d{1,9})?(?: ?[AaPp]\.?[Mm]\.?)?)?)"
    r"[ ]*\(?(?P<zone>[+-]\d{2}:?\d{2}|[A-Za-z]{1,5})?\)?"
)
_ISO = re.compile(r"\d{4}-\d")
_YEAR_FIRST = re.compile(r"\d{4}")
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d\d)(?P<mo>\d\d)(?P<d>\d\d)")


class WrittenDates:
    """Reads dates under the options zone and order; without an order, as the ones seen allow."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = {key: options.get(key) for key in ("zone", "order")}
        self._order: str | None = None
        self._zone = zone_of(options)
        self._times = Times({"zone": options.get("zone")})
        DayOrder(self._options, ())  # an unknown order is told now

    def learn(self, texts: Iterable[str]) -> None:
        """Let all dates of a column decide the order of day and month of each."""
        bare = (found["date"] for text in texts if (found := _FIGURES.fullmatch(text.strip())))
        orders = DayOrder(self._options, bare).orders
        self._order = orders[0] if len(orders) == 1 else None

    def read(self, text: str) -> Moment | None:
        """The moment the text states and nothing else; with two readings, both lie in it.

        A date alone is a day wide; `has_zone` is false where zone or order are in doubt.
        """
        text = " ".join(text.split())[:_LONGEST]
        if not text:
            return None
        for form in _NAMED:
            if (found := form.fullmatch(text)) and found["mo"][:3].lower() in MONTHS:
                month = MONTHS[found["mo"][:3].lower()]
                at_us = local_us(int(found["y"]), month, int(found["d"]))
                return self._placed(found, at_us)
        if _ISO.match(text):
            return self._times.read(text)
        if figures := _FIGURES.fullmatch(text):
            return self._in_figures(figures["date"], figures["zone"] or "")
        if compact := _COMPACT.fullmatch(text):
            at_us = local_us(int(compact["y"]), int(compact["mo"]), int(compact["d"]))
            return None if at_us is None else self._zone.moment(at_us, width_us=DAY_US - 1)
        return self._times.read(text) if any(sign.isdecimal() for sign in text) else None

    def is_date(self, text: str) -> bool:
        """Whether the text is a date and nothing else."""
        return len(text) <= _LONGEST and self.read(text) is not None

    def _in_figures(self, date: str, zone: str) -> Moment | None:
        offset_s = zone_offset_s(zone)
        options = dict(self._options)
        if offset_s is not None:
            sign, minutes = "-" if offset_s < 0 else "+", abs(offset_s) // 60
            options["zone"] = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
        if _YEAR_FIRST.match(date):
            options["order"] = "ymd"
        figures = DayOrder(options, [date])
        if self._order and not options["order"]:
            figures.orders = [self._order]
        found = figures.read(date)
        return found[0]._replace(has_zone=found[0].has_zone and not found[1]) if found else None

    def _placed(self, found: re.Match[str], day_us: int | None) -> Moment | None:
        if day_us is None:
            return None
        if found["h"] is None:
            return self._zone.moment(day_us, width_us=DAY_US - 1)
        hour, minute, second = int(found["h"]), int(found["mi"]), int(found["s"] or 0)
        if found["ap"]:
            hour = hour % 12 + (12 if found["ap"][0] in "pP" else 0)
        if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - a clock's ends
            return None
        at_us = day_us + ((hour * 60 + minute) * 60 + second) * SECOND_US
        width_us = 0 if found["s"] else 60 * SECOND_US - 1
        offset_s = zone_offset_s(found["zone"] or "")
        if offset_s is None:
            return self._zone.moment(at_us, width_us=width_us)
        return placed(at_us, offset_s=offset_s, width_us=width_us)
