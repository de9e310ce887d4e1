"""Reads whole columns of times: ISO dates, dates by day or month first, seconds since 1970."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pastwatch.errors import BadValue
from pastwatch.model.when import EPOCH, HOUR_US, SECOND_US

BEFORE_US, AFTER_US = 14 * HOUR_US, 12 * HOUR_US
"""How much earlier and later a wall clock of unknown zone may stand than the same time in UTC."""
_FIRST_US, _LAST_US = 0, int((datetime(2100, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) * SECOND_US
_SMALLEST_S = 1e8
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_NUMBER = r"^[0-9]{9,19}(\.[0-9]{1,9})?$"
_ISO = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$"
)
_STATED = r"[0-9](Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
_YEAR_FIRST = r"^([0-9]{4})[/.]([0-9]{2})[/.]([0-9]{2})"
_YEAR_LAST = r"^([0-9]{2})[/.-]([0-9]{2})[/.-]([0-9]{4})"
DATES = ("", "dmy", "mdy")


@dataclass(frozen=True, slots=True)
class Clock:
    """The zone that wall clocks of a file showed; an empty name is one nobody stated."""

    name: str = ""

    def __post_init__(self) -> None:
        if self.name and self.name.upper() not in {"UTC", "Z"} and not _OFFSET.fullmatch(self.name):
            try:
                ZoneInfo(self.name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise BadValue(
                    f'"{self.name}" is not a zone',
                    hint="write Europe/Paris, or an offset such as +03:00",
                ) from None

    def to_utc(self, wall: Any) -> tuple[Any, Any]:
        """Wall times as UTC, and which of them clocks show twice (read as the earlier)."""
        never = pa.nulls(len(wall), pa.bool_()).fill_null(False)
        if not self.name or self.name.upper() in {"UTC", "Z"}:
            return wall, never
        if fixed := _OFFSET.fullmatch(self.name):
            shift_s = (int(fixed[2]) * 60 + int(fixed[3])) * 60 * (-1 if fixed[1] == "-" else 1)
            return pc.subtract(wall, pa.scalar(shift_s * SECOND_US, pa.duration("us"))), never
        early, late = (
            pc.assume_timezone(wall, self.name, ambiguous=which, nonexistent=which).cast(
                pa.timestamp("us", "UTC")
            )
            for which in ("earliest", "latest")
        )
        return early.cast(pa.timestamp("us")), pc.not_equal(early, late).fill_null(False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A column of times read: where `valid` they are microseconds since 1970."""

    time_us: npt.NDArray[np.int64]
    valid: npt.NDArray[np.bool_]
    loose: npt.NDArray[np.bool_]
    """No zone was stated: read as if in UTC."""
    twice: npt.NDArray[np.bool_]


def date_order(values: Any) -> str:
    """How dates that end in the year are written, "dmy" or "mdy"; "" where none does.

    BadValue where neither a first nor a second number is above 12: it could be both.
    """
    found = pc.extract_regex(pc.utf8_trim_whitespace(values), _named(_YEAR_LAST)).drop_null()
    if not len(found):
        return ""
    first = pc.max(found.field("p1").cast(pa.int32())).as_py()
    second = pc.max(found.field("p2").cast(pa.int32())).as_py()
    if first > 12 >= second:  # noqa: PLR2004 - months
        return "dmy"
    if second > 12 >= first:  # noqa: PLR2004 - months
        return "mdy"
    raise BadValue(
        "dates can be read day first or month first",
        hint="say which with --dates dmy or --dates mdy",
    )


def _named(pattern: str) -> str:
    number = iter(range(1, 9))
    return re.sub(r"\((?!\?)", lambda _: f"(?P<p{next(number)}>", pattern)


def times_of(values: Any, *, clock: Clock, dates: str = "") -> Read:
    """Read a column of text; what is no time from 1970 to 2099 is not valid."""
    values = pc.utf8_trim_whitespace(values)
    is_number = pc.match_substring_regex(values, _NUMBER).fill_null(False)
    if pc.any(is_number).as_py():
        time_us, valid = _since_1970(pc.if_else(is_number, values, None))
        read = Read(time_us=time_us, valid=valid, loose=_none(valid), twice=_none(valid))
        if pc.all(is_number).as_py():
            return read
        rest = _written(pc.if_else(is_number, None, values), clock, dates)
        return Read(
            time_us=np.where(valid, read.time_us, rest.time_us),
            valid=valid | rest.valid,
            loose=rest.loose & ~valid,
            twice=rest.twice & ~valid,
        )
    return _written(values, clock, dates)


def _since_1970(values: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return from_numbers(numbers)


def from_numbers(
    numbers: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Numbers since 1970 in seconds, thousandths, millionths or less, told by their size."""
    with np.errstate(invalid="ignore"):
        valid = np.isfinite(numbers) & (numbers >= _SMALLEST_S) & (numbers < 1e20)  # noqa: PLR2004
        units = np.select(
            [numbers < 1e11, numbers < 1e14, numbers < 1e17],  # noqa: PLR2004 - sizes of units
            [1e6, 1e3, 1.0],
            1e-3,
        )
    time_us = np.rint(np.where(valid, numbers, 0.0) * units).astype(np.int64)
    return time_us, valid & (time_us < _LAST_US)


def _written(values: Any, clock: Clock, dates: str) -> Read:
    iso = values
    if pc.any(pc.match_substring_regex(values, _YEAR_FIRST)).as_py():
        iso = pc.replace_substring_regex(iso, _YEAR_FIRST, r"\1-\2-\3")
    if dates and pc.any(pc.match_substring_regex(values, _YEAR_LAST)).as_py():
        order = r"\3-\2-\1" if dates == "dmy" else r"\3-\1-\2"
        iso = pc.replace_substring_regex(iso, _YEAR_LAST, order)
    fits = pc.match_substring_regex(iso, _ISO).fill_null(False)
    if not pc.all(fits).as_py():
        iso = pc.if_else(fits, iso, None)
    stated = pc.match_substring_regex(iso, _STATED).fill_null(False)
    if pc.all(stated).as_py():
        utc, twice = _cast(iso, pa.timestamp("us", "UTC")).cast(pa.timestamp("us")), None
    elif not pc.any(stated).as_py():
        utc, twice = clock.to_utc(_cast(iso, pa.timestamp("us")))
    else:
        wall, twice = clock.to_utc(_cast(pc.if_else(stated, None, iso), pa.timestamp("us")))
        exact = _cast(pc.if_else(stated, iso, None), pa.timestamp("us", "UTC"))
        utc = pc.coalesce(exact.cast(pa.timestamp("us")), wall)
    valid = utc.is_valid().to_numpy(zero_copy_only=False)
    time_us = utc.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    valid = valid & (time_us >= _FIRST_US) & (time_us < _LAST_US)
    is_stated = stated.to_numpy(zero_copy_only=False)
    loose = valid & ~is_stated if not clock.name else _none(valid)
    seen_twice = _none(valid) if twice is None else twice.to_numpy(zero_copy_only=False) & valid
    return Read(time_us=time_us, valid=valid, loose=loose, twice=seen_twice)


def _cast(values: Any, kind: pa.DataType) -> Any:
    """The column as timestamps; one by one where a value has the form of a date and is none."""
    try:
        return values.cast(kind)
    except pa.ArrowInvalid:
        pass
    return pa.array([_one(value, kind) for value in values.to_pylist()], kind)


def _one(value: str | None, kind: pa.DataType) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if kind.tz and moment.tzinfo else moment.replace(tzinfo=None)


def _none(like: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.zeros(len(like), np.bool_)
