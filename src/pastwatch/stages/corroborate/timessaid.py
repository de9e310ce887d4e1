"""Times as a report says them (`Thursday`, `last week`, `April 7`), as stretches around its own date."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from pastwatch.model.when import DAY_US, SECOND_US

_MONTHS = 12
_YEAR_DIGITS = 4
_BEFORE, _BEHIND = 40, 80
"""So many letters before and behind a telling word are looked at."""
_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"\d{4}")
_SATURDAY = 5
_YEARS = (1500, 2200)
Dates = tuple[date, date]


class Said(NamedTuple):
    """A time as said, in characters of the text, and its first and last day where they are told."""

    start: int
    end: int
    days: Dates | None


@dataclass(frozen=True, slots=True)
class Published:
    """When a report came out, and at which offset its days begin."""

    at_us: int
    offset_s: int = 0

    @property
    def day(self) -> date:
        """The calendar day of publication where its days begin."""
        shifted = self.at_us + self.offset_s * SECOND_US
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=shifted)).date()


def bounds_us(days: Dates, offset_s: int) -> tuple[int, int]:
    """The first and the last microsecond of some days at an offset."""
    zone = timezone(timedelta(seconds=offset_s))
    start = datetime(days[0].year, days[0].month, days[0].day, tzinfo=zone)
    first = (start - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return first, first + ((days[1] - days[0]).days + 1) * DAY_US - 1


class _Words(NamedTuple):
    pattern: re.Pattern[str]
    weekdays: Mapping[str, int]
    months: Mapping[str, int]
    seasons: Mapping[str, int]
    days: Mapping[str, int]
    units: Mapping[str, str]
    numbers: Mapping[str, int]
    phrases: Mapping[str, tuple[str, str]]
    fronts: Mapping[str, str]
    future: re.Pattern[str] | None
    quick: frozenset[str]


@cache
def _words(language: str) -> _Words:
    text = files("pastwatch.stages.corroborate.verbs").joinpath("times.toml").read_text("utf-8")
    told: dict[str, Any] = tomllib.loads(text)[language]
    weekdays = {w: n for n, forms in enumerate(told["weekdays"]) for w in forms.split("|")}
    months = {w: n for n, forms in enumerate(told["months"], 1) for w in forms.split("|")}
    seasons = {w: n for n, forms in enumerate(told["seasons"]) for w in forms.split("|")}
    units = {w: unit for unit, forms in told["units"].items() for w in forms.split("|")}
    fronts = {word: sort for sort in ("since", "by", "loose", "at") for word in told.get(sort, ())}
    phrases: dict[str, tuple[str, str]] = {}
    for sort in ("last", "next", "this"):
        for entry in told[sort]:
            if "=" in entry:
                phrase, unit = entry.split("=")
                phrases[phrase] = (sort, unit)
            else:
                for word in [*units, *weekdays, *seasons]:
                    phrases[f"{entry} {word}"] = (sort, word)
    phrases |= {phrase: ("ago", unit) for phrase, unit in told.get("bare", {}).items()}
    number = rf"(?:\d{{1,3}}|{_any(told['numbers'])})"
    month, unit = _any(months), _any(units)
    ago = told.get("ago", [])
    forms = [
        r"(?P<iso>\d{4}-\d{2}-\d{2})",
        rf"(?P<md>(?P<md_m>{month})\.?\s+(?P<md_d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s+(?P<md_y>\d{{4}}))?)",
        rf"(?P<dm>(?P<dm_d>\d{{1,2}})(?:st|nd|rd|th|er|-го)?\s+(?:of\s+)?(?P<dm_m>{month})(?:,?\s+(?P<dm_y>\d{{4}}))?)",
        rf"(?P<my>(?P<my_m>{month})\s+(?:of\s+)?(?P<my_y>\d{{4}}))",
        rf"(?P<phrase>{_any(phrases)})",
        rf"(?P<day>{_any(told['days'])})",
        rf"(?P<night>{_any(told['overnight'])})",
        rf"(?P<weekday>{_any(weekdays)})",
    ]
    if ago:
        forms.insert(0, rf"(?P<ago>(?P<ago_n>{number})\s+(?P<ago_u>{unit})\s+(?:{_any(ago)}))")
    if front := told.get("ago_front"):
        forms.insert(0, rf"(?P<fr>(?:{_any(front)})\s+(?P<fr_n>{number})\s+(?P<fr_u>{unit}))")
    forms += [
        rf"(?P<season>{_any(seasons)})(?:\s+(?P<season_y>\d{{4}}))?",
        rf"(?P<month>{month})",
        r"(?P<year>\d{4})",
    ]
    parts = rf"(?:\s+(?:{_any(told['parts'])}))?"
    front = rf"(?:(?P<front>{_any(fronts)})\s+(?:the\s+|l[’'])?)?"
    pattern = re.compile(rf"(?<!\w){front}(?:{'|'.join(forms)}){parts}(?!\w)", re.IGNORECASE)
    future = told.get("future")
    quick_words = [
        *weekdays,
        *months,
        *seasons,
        *told["days"],
        *told["overnight"],
        *units,
        *told.get("bare", ()),
    ]
    return _Words(
        pattern, weekdays, months, seasons, told["days"], units, told["numbers"], phrases, fronts,
        re.compile(rf"(?<!\w)(?:{_any(future)})(?!\w)", re.IGNORECASE) if future else None,
        frozenset(_turning(quick_words)),
    )  # fmt: skip


def _turning(phrases: Any) -> Iterator[str]:
    """The word of each phrase that tells it best: the longest."""
    for phrase in phrases:
        yield max(_WORD.findall(phrase), key=len)


def _any(words: Any) -> str:
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in ordered)


def times_of(text: str, published: Published | None, *, language: str = "en") -> Iterator[Said]:
    """The times said in a text, in order; a relative one has no days where nothing tells the day."""
    words = _words(language)
    low = text.lower()
    if words.quick.isdisjoint(_WORD.findall(low)) and _YEAR.search(low) is None:
        return
    places = [m.start() for m in _WORD.finditer(low) if m[0] in words.quick or _is_year(m[0])]
    ahead = words.future is not None and words.future.search(text) is not None
    today = published.day if published else None
    for found in _near(words.pattern, text, places):
        front = " ".join((found["front"] or "").lower().split())
        sort = words.fronts.get(front, "")
        if not _stands(found, sort, text):
            continue
        try:
            days = _days(found, words, today, ahead=ahead)
        except (ValueError, OverflowError):  # no such day: a time said, and no stretch
            days = None
        start = found.start()
        if sort == "at" and front in {"of", "for", "de", "du", "from"}:
            start = found.end("front") + 1
        yield Said(start, found.end(), _turned(days, sort, today))


def _is_year(word: str) -> bool:
    return len(word) == _YEAR_DIGITS and word.isdecimal()


def _near(pattern: re.Pattern[str], text: str, places: list[int]) -> Iterator[re.Match[str]]:
    """What a pattern finds around some places; looked for nowhere else, which is most of a text."""
    done = 0
    for place in places:
        if place < done:
            continue
        at = max(done, place - _BEFORE)
        while at <= place and (found := pattern.search(text, at, place + _BEHIND)):
            at = done = found.end()
            yield found


def _stands(found: re.Match[str], sort: str, text: str) -> bool:
    """Whether what looks like a time is one: `may`, `march` and bare years need more."""
    if year := found["year"]:
        fits = _YEARS[0] <= int(year) <= _YEARS[1]
        follows = re.match(r"\s+(?:\w+s\b)|[.,]\d", text[found.end() : found.end() + 12])
        return fits and bool(sort) and not follows
    if found["month"]:
        word = found["month"]
        if word.lower() in {"may", "march", "mar", "mars", "mai", "mae", "май"}:
            return (bool(sort) and word[0].isupper()) or (bool(sort) and not word.isascii())
        return word[0].isupper() or not word.isascii() or bool(sort)
    if season := found["season"]:
        return bool(sort) and season.lower() != "fall"
    if weekday := found["weekday"]:
        return (
            weekday[0].isupper() or not weekday.isascii() or weekday.lower() not in {"sun", "sat"}
        )
    return True


def _days(found: re.Match[str], words: _Words, today: date | None, *, ahead: bool) -> Dates | None:  # noqa: PLR0911 - a branch a form of sentence
    told = found.groupdict()
    if told["iso"]:
        day = date.fromisoformat(told["iso"])
        return day, day
    for kind in ("md", "dm"):
        if told[kind]:
            return _dated(
                int(told[f"{kind}_d"]),
                words.months[told[f"{kind}_m"].lower()],
                told[f"{kind}_y"],
                today,
                ahead=ahead,
            )
    if told["my"]:
        return _month(int(told["my_y"]), words.months[told["my_m"].lower()])
    if told["year"]:
        return date(int(told["year"]), 1, 1), date(int(told["year"]), 12, 31)
    if told["season"] and told.get("season_y"):
        return _season(words.seasons[told["season"].lower()], int(told["season_y"]))
    if today is None:
        return None
    return _relative(told, words, today, ahead=ahead)


def _relative(  # noqa: PLR0911 - a branch a form of sentence
    told: Mapping[str, Any], words: _Words, today: date, *, ahead: bool
) -> Dates | None:
    """Days that are counted from a report's own."""
    if told.get("ago") or told.get("fr"):
        kind = "ago" if told.get("ago") else "fr"
        number = " ".join(told[f"{kind}_n"].lower().split())
        count = int(number) if number.isdigit() else words.numbers[number]
        return _ago(today, count, words.units[told[f"{kind}_u"].lower()])
    if told["phrase"]:
        return _phrase(words, " ".join(told["phrase"].lower().split()), today)
    if told["day"]:
        key = " ".join(told["day"].lower().split())
        day = today + timedelta(days=words.days[key])
        return day, day
    if told["night"]:
        return today - timedelta(days=1), today
    if told["weekday"]:
        return _weekday(today, words.weekdays[told["weekday"].lower()], ahead=ahead)
    if told["season"]:
        return _last_season(words.seasons[told["season"].lower()], today, ahead=ahead)
    return _last_month(words.months[told["month"].lower()], today, ahead=ahead)


def _last_season(number: int, today: date, *, ahead: bool) -> Dates:
    season = _season(number, today.year)
    return season if season[0] <= today or ahead else _season(number, today.year - 1)


def _last_month(number: int, today: date, *, ahead: bool) -> Dates:
    if ahead:
        return _month(today.year + (number < today.month), number)
    return _month(today.year - (number > today.month), number)


def _dated(
    day: int, month: int, year: str | None, today: date | None, *, ahead: bool
) -> Dates | None:
    if year:
        one = date(int(year), month, day)
        return one, one
    if today is None:
        return None
    one = date(today.year, month, day)
    if one > today and not ahead:
        one = date(today.year - 1, month, day)
    return one, one


def _month(year: int, number: int) -> Dates:
    after = date(year + number // _MONTHS, number % _MONTHS + 1, 1)
    return date(year, number, 1), after - timedelta(days=1)


def _season(number: int, year: int) -> Dates:
    """Spring is March to May; winter begins in December."""
    first = 3 * number + 3
    start = date(year, first, 1)
    last = first + 2
    return start, _month(year + (last > _MONTHS), (last - 1) % _MONTHS + 1)[1]


def _weekday(today: date, weekday: int, *, ahead: bool) -> Dates:
    """The last one up to today; the next one after it where the text looks ahead."""
    back = (today.weekday() - weekday) % 7
    day = today - timedelta(days=back)
    if ahead:
        day = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return day, day


def _ago(today: date, count: int, unit: str) -> Dates:
    if unit == "hour":
        return today - timedelta(days=(count + 23) // 24), today
    if unit in {"day", "week", "weekend"}:
        day = today - timedelta(days=count * (1 if unit == "day" else 7))
        return day, day
    if unit == "month":
        months = today.year * _MONTHS + today.month - 1 - count
        first, last = _month(months // _MONTHS, months % _MONTHS + 1)
        day = min(first + timedelta(days=today.day - 1), last)
        return day, day
    return date(today.year - count, 1, 1), date(today.year - count, 12, 31)


def _phrase(words: _Words, phrase: str, today: date) -> Dates | None:  # noqa: PLR0911 - a branch a form of sentence
    sort, what = words.phrases[phrase]
    if sort == "ago":
        found = re.fullmatch(r"(\d*)(\w+)", what)
        return _ago(today, int(found[1] or 1), found[2]) if found else None
    step = {"last": -1, "this": 0, "next": 1}[sort]
    if what in words.weekdays:
        weekday = words.weekdays[what]
        if step > 0:
            return _weekday(today, weekday, ahead=True)
        return _weekday(today - timedelta(days=1) if step else today, weekday, ahead=False)
    if what in words.seasons:
        number = words.seasons[what]
        season = _season(number, today.year + max(step, 0))
        return season if season[1] < today or step >= 0 else _season(number, today.year - 1)
    unit = words.units.get(what, what)
    monday = today - timedelta(days=today.weekday())
    if unit == "week":
        return monday + timedelta(days=7 * step), monday + timedelta(days=7 * step + 6)
    if unit == "weekend":
        saturday = monday + timedelta(days=_SATURDAY + 7 * step)
        return saturday, saturday + timedelta(days=1)
    if unit == "month":
        months = today.year * _MONTHS + today.month - 1 + step
        return _month(months // _MONTHS, months % _MONTHS + 1)
    if unit == "year":
        return date(today.year + step, 1, 1), date(today.year + step, 12, 31)
    return (today + timedelta(days=step),) * 2 if unit == "day" else None


def _turned(days: Dates | None, sort: str, today: date | None) -> Dates | None:
    """What `since`, `by`, `before` make of some days."""
    if days is None or sort in {"", "at"}:
        return days
    if sort == "since" and today is not None:
        return (days[0], today) if days[0] <= today else days
    if sort == "by" and today is not None:
        return (today, days[1]) if days[1] >= today else days
    return None if sort in {"loose", "since"} else days
