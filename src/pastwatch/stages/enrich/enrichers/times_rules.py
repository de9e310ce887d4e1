"""Where times stand in a text: the written forms, and the words each may start with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from pastwatch.stages.enrich.enrichers import times_words as words
from pastwatch.stages.enrich.enrichers.times_atoms import (
    Atom,
    Clock,
    Day,
    Shift,
    one_date,
    read_colon,
    read_date,
    read_four,
    read_hour,
    read_iso,
    read_month,
    read_near,
    read_noon,
    read_numeric,
    read_part,
    read_shift,
    read_stretch,
    read_weekday,
)


def _any(table: Iterable[str]) -> str:
    listed = sorted(table, key=len, reverse=True)
    return "|".join(re.escape(word).replace("\\ ", r"\s") for word in listed if word)


_M, _W, _N = _any(words.MONTHS), _any(words.WEEKDAYS), _any(words.NEAR_DAYS)
_HALF = _any((*words.MORNING, *words.EVENING))
_ZONE = rf"(?:UTC|GMT)?[+-]\d{{1,2}}(?::?\d{{2}})?|(?:{_any(words.ZONES)})(?!\w)"
_COUNT = rf"\d{{1,3}}|{_any(words.COUNTS)}"
_UNIT = _any(words.UNITS)
_YEAR = r"(?:[12]\d{3}|['’]\d{2})(?!\d)"
_GAP = r"[^\S\n]{0,3}"

_TURNS = ("next", "last", "past", "this", "coming")
_NOONS = ("noon", "midday", "midnight", "полдень", "полночь", "midi", "minuit")
_WORD, _HAN = re.compile(r"\w+"), re.compile("[年月天]")
_Make = Callable[[re.Match[str], bool | None], Day | Clock | Shift | tuple[Day, Clock] | None]


def atoms_in(text: str, *, day_first: bool | None) -> list[Atom]:
    """The pieces found in a text, in order, none inside another; longer ones win."""
    found: list[Atom] = []
    for match, rule, make in _matches(text):
        what = make(match, day_first)
        if what is not None:
            found.append(Atom(start=match.start(), end=match.end(), rule=rule, what=what))
    found.sort(key=lambda atom: (atom.start, -atom.end))
    return list(_outermost(found))


def _matches(text: str) -> Iterator[tuple[re.Match[str], str, _Make]]:
    """Each rule is tried where a word stands that it may start with, and nowhere else."""
    for word in _WORD.finditer(text):
        first = word[0]
        rules = _DIGIT_RULES if first[0].isdecimal() else _WORD_RULES.get(first.lower(), ())
        for rule, form, make in rules:
            match = form.match(text, word.start())
            if match is not None:
                yield match, rule, make
    if _HAN.search(text):  # written without spaces
        for rule, form, make in _HAN_RULES:
            for match in form.finditer(text):
                yield match, rule, make


def _outermost(found: list[Atom]) -> Iterator[Atom]:
    reached = -1
    for atom in found:
        if atom.start >= reached:
            reached = atom.end
            yield atom


_Rule = tuple[str, re.Pattern[str], _Make]


def _rule(name: str, form: str, make: _Make, *, cased: bool = False) -> _Rule:
    return name, re.compile(form, 0 if cased else re.IGNORECASE), make


_FOUR = r"(?P<hour>[01]\d|2[0-4])(?P<minute>[0-5]\d)"
_AT = r"(?:(?<=\bat\s)|(?<=\bby\s)|(?<=@\s)|(?<=@)|(?<=\bat\saround\s)|(?<=\bat\sabout\s))"
_DIGIT_RULES: tuple[_Rule, ...] = (
    _rule(
        "iso",
        r"(?<!-)(?P<year>[12]\d{3})-(?P<month>\d{2})-(?P<day>\d{2})(?![\d-])"
        r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
        r"(?P<zone>[ ]?(?:Z\b|UTC\b|GMT\b|[+-]\d{2}:?\d{2}))?(?!\d))?",
        read_iso,
    ),
    _rule(
        "dtg",
        rf"(?<!:)(?P<day>[0-3]\d){_FOUR}(?P<letter>[A-Z])[ ]?(?P<month>{_M})\.?[ ]?"
        r"(?P<year>\d{4}|\d{2})?(?!\w)",
        read_four,
    ),
    _rule(
        "dtg",
        rf"(?<!:){_FOUR}[ ]?(?P<letter>[A-Z])[ ]{{1,2}}(?P<day>\d{{1,2}})[ ]?(?P<month>{_M})"
        r"(?:[ ](?P<year>\d{4}|\d{2}))?(?!\w)",
        read_four,
    ),
    _rule("dtg", rf"(?<![:.,]){_FOUR}(?P<letter>Z)(?!\w)", read_four, cased=True),
    _rule("hours", rf"(?<![:.,]){_FOUR}{_GAP}(?:hrs|hours)(?!\w)", read_four),
    _rule(
        "date",
        rf"(?<![/.,-])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|-го|-е|\.)?[\s-]{{0,2}}(?:of\s|de\s)?"
        rf"(?P<month>{_M})(?!\w)(?:\.?(?:,?[\s-]|\sde\s)(?P<year>{_YEAR}))?",
        read_date,
    ),
    _rule(
        "numeric",
        r"(?<![./-])(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<year>[12]\d{3}|\d{2})"
        r"(?![\w/-]|\.\d)",
        read_numeric,
    ),
    _rule(
        "clock",
        r"(?<![:.,])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?![\d:])"
        rf"(?:{_GAP}(?P<half>{_HALF})(?!\w))?(?:[ ]?\(?(?P<zone>{_ZONE})\)?)?",
        read_colon,
    ),
    _rule(
        "clock",
        rf"(?<![:.,$])(?P<hour>\d{{1,2}})(?:\.(?P<minute>\d{{2}}))?{_GAP}"
        r"(?P<half>am|pm|a\.m\.?|p\.m\.?|утра|вечера|du\smatin|du\ssoir)(?!\w)"
        rf"(?:[ ](?P<zone>{_ZONE}))?",
        read_hour,
    ),
    _rule(
        "clock",
        rf"{_AT}(?P<hour>\d{{1,2}})(?=\s*(?:o['’]?clock|[.!?;\n)]|,\s|$|"
        rf"\s(?:on|{_N}|tonight|sharp|and|or|but|in\sthe|next)\b))(?:\s*o['’]?clock)?",
        read_hour,
    ),
    _rule("clock", r"(?<![:.,])(?P<hour>\d{1,2})[ ]?h(?:eures?)?[ ]?(?P<minute>[0-5]\d)(?!\w)", read_hour),
    _rule("clock", r"(?<=à )(?P<hour>\d{1,2})[ ]?h(?:eures?)?(?!\w)", read_hour),
    _rule("clock", r"(?<=\bв )(?P<hour>\d{1,2})[ ]?(?:час(?:а|ов)?)?(?!\s?[\w%.]|,\d)", read_hour),
    _rule("shift", rf"(?P<count>\d{{1,3}})\s(?P<unit>{_UNIT})\s(?P<before>ago|earlier|назад)(?!\w)", read_shift),
)  # fmt: skip
_TURN = r"(?P<turn>next|last|past|this|coming)"
_STARTED: tuple[tuple[Iterable[str], _Rule], ...] = (
    (words.MONTHS, _rule(
        "date",
        rf"(?P<month>{_M})\.?\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:]|[.,]\d)(?:,?\s(?P<year>{_YEAR}))?",
        read_date,
    )),
    (words.MONTHS, _rule("month", rf"(?P<month>{_M})\.?,?\s(?P<year>1[89]\d\d|20\d\d)(?!\w)", read_month)),
    (["الساعة"], _rule(
        "clock",
        rf"الساعة\s(?P<hour>\d{{1,2}})(?::(?P<minute>\d{{2}}))?(?:\s(?P<half>{_HALF})(?!\w))?",
        read_hour,
    )),
    (_NOONS, _rule("clock", rf"(?:{_any(_NOONS)})(?!\w)", read_noon)),
    (words.WEEKDAYS, _rule("weekday", rf"(?P<weekday>{_W})(?!\w)", read_weekday)),
    (_TURNS, _rule("weekday", rf"{_TURN}\s(?P<weekday>{_W})(?!\w)", read_weekday)),
    (words.SHORT_WEEKDAYS, _rule(
        "weekday", rf"(?P<weekday>{_any(words.SHORT_WEEKDAYS)})(?!\w)", read_weekday, cased=True
    )),
    (words.NEAR_DAYS, _rule("day", rf"(?:{_N})(?!\w)", read_near)),
    (_TURNS, _rule(
        "part", r"(?P<which>this|last)\s(?P<part>morning|afternoon|evening|night)(?!\w)", read_part
    )),
    (["tonight", "tonite", "2nite"], _rule("part", r"(?P<which>tonight|tonite|2nite)(?!\w)", read_part)),
    (words.PARTS, _rule("part", rf"(?P<part>{_any(words.PARTS)})(?!\w)", read_part)),
    (_TURNS, _rule("stretch", rf"{_TURN}\s(?P<unit>week|weekend|month|year)(?!\w)", read_stretch)),
    ([*words.COUNTS, *words.UNITS], _rule(
        "shift",
        rf"(?:(?P<count>{_any(words.COUNTS)})\s)?(?P<unit>{_UNIT})\s(?P<before>ago|earlier|назад)(?!\w)",
        read_shift,
    )),
    (["il", "قبل", "منذ"], _rule(
        "shift", rf"(?P<before>il\sy\sa|قبل|منذ)\s(?:(?P<count>{_COUNT})\s)?(?P<unit>{_UNIT})(?!\w)", read_shift
    )),
    (["in", "within", "через", "dans", "بعد", "خلال"], _rule(
        "shift",
        rf"(?:in|within|через|dans|بعد|خلال)\s(?:(?P<count>{_COUNT})\s)?(?P<unit>{_UNIT})(?!\w)",
        read_shift,
    )),
)  # fmt: skip


def _by_first_word() -> dict[str, tuple[_Rule, ...]]:
    table: dict[str, tuple[_Rule, ...]] = {}
    for starts, rule in _STARTED:
        firsts = {m[0].lower() for start in starts if (m := _WORD.match(start))}
        for first in firsts:
            table[first] = (*table.get(first, ()), rule)
    return table


_WORD_RULES = _by_first_word()
_HAN_RULES: tuple[_Rule, ...] = (
    _rule(
        "date",
        r"(?P<year>[12]\d{3})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日",
        lambda m, _: one_date(int(m["year"]), int(m["month"]), int(m["day"])),
    ),
    _rule(
        "date",
        r"(?<![\d年])(?P<month>\d{1,2})月(?P<day>\d{1,2})日",
        lambda m, _: one_date(None, int(m["month"]), int(m["day"])),
    ),
    _rule("day", "今天|明天|昨天|后天|前天", read_near),
)
