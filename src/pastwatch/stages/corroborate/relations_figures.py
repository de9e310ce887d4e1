"""Figures that count the same thing in different reports: as exact, less exact, or not to be squared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pastwatch.model.claim import Figure
from pastwatch.stages.corroborate.copying import Article
from pastwatch.stages.corroborate.copying_words import Weights, stem
from pastwatch.stages.corroborate.lineage import far_apart, overlap, overlaps
from pastwatch.stages.corroborate.lineage_text import Told

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}  # fmt: skip
_LOTS = {"dozens": (24, None), "scores": (40, None), "hundreds": (200, None), "thousands": (2000, None), "a dozen": (12, 12), "десятки": (20, None), "сотни": (200, None), "des dizaines": (20, None)}  # fmt: skip
_TIMES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_WRITTEN = "|".join([*sorted(_LOTS, key=len, reverse=True), *(f"{t}(?:[- ](?:{'|'.join(_ONES[:9])}))?" for t in _TENS), *sorted(_ONES, key=len, reverse=True)])  # fmt: skip
_NUMBER = re.compile(
    r"(?<![\w$€£.,:/-])(?:(?P<least>at least|no fewer than|not less than|more than|over|upwards of|не менее|более|au moins)\s+"
    r"|(?P<most>at most|no more than|up to|fewer than|less than|under|до)\s+"
    r"|(?P<about>about|around|some|near|nearly|close to|almost|roughly|approximately|около|environ)\s+)?"
    rf"(?P<n>\d{{1,3}}(?:[,.]\d{{3}})+|\d+(?:\.\d+)?|(?:{_WRITTEN}))(?:\s+(?P<times>hundred|thousand|million))?"
    r"(?![\w%/:-]|[.,]\d)",
    re.IGNORECASE,
)
_TOLL = re.compile(
    r"\b(?:(?P<what>\w+)\s+(?:toll|tally|count)|(?:toll|tally|total|number|count)\s+of\s+(?:the\s+|those\s+)?(?P<of>\w+))\b"
    r"[^.;:\d]{0,40}$",
    re.IGNORECASE,
)
"""Words of a count of the whole event: "the number of injured at …", "the death toll rose to …"."""
_YEARS = (1800, 2100)
_NEAR_WORDS = 6
_AFTER_WORDS = 3
_ABOUT = 0.1
_ACTIONS = frozenset({"kill", "injure", "arrest", "evacu", "rescue", "displa", "missin", "hostag"})
_ALIKE_RATIO = 0.45
_ALIKE_WORDS = 4
_ALIKE_DEEDS = 3
_NEAR_US = 10 * 86_400_000_000
_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
_UNITS = frozenset(
    stem(w)
    for w in [
        "hr",
        "hrs",
        "year",
        "years",
        "month",
        "months",
        "week",
        "weeks",
        "day",
        "days",
        "hour",
        "hours",
        "minute",
        "minutes",
        "second",
        "seconds",
        "mile",
        "miles",
        "km",
        "kilometre",
        "kilometres",
        "kilometer",
        "kilometers",
        "metre",
        "metres",
        "meter",
        "meters",
        "feet",
        "foot",
        "percent",
        "per",
        "cent",
        "am",
        "pm",
        "a.m",
        "p.m",
        "oclock",
        "o'clock",
        "age",
        "aged",
        "old",
        "euro",
        "euros",
        "dollar",
        "dollars",
        "pound",
        "pounds",
        "times",
        "am",
        "years-old",
        "лет",
        "года",
        "часов",
        "минут",
        "дней",
        "километров",
        "процентов",
        "рублей",
        "ans",
        "heures",
        "jours",
        "mètres",
    ]
)
"""What is measured, not counted."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A figure in a report, what it counts and what its sentence is about."""

    article: Article
    figure: Figure
    counted: frozenset[str]
    actions: frozenset[str]
    about: frozenset[str]
    sentence: tuple[int, int]
    is_toll: bool = False
    """Whether it is told as the count of the whole event, so that its sentence need not tell of what."""


def mentions_of(article: Article) -> Iterator[Mention]:
    """The figures of a report in their order; no years, times of day, sums of money or shares."""
    for first, last in article.words.sentences:
        start, end = article.words.starts[first], article.words.ends[last - 1]
        text = article.text[start:end]
        found = [m for m in _NUMBER.finditer(text) if _range(m) is not None and _counts(text, m)]
        if not found:
            continue
        told = Told(text)
        before = len(article.text[:start].encode())
        for one in found:
            yield _mention(article, told, one, before)


def _counts(text: str, found: re.Match[str]) -> bool:
    """Whether something is counted: not an age, an hour, a distance, a number of a thing."""
    if _toll(text[: found.start()])[0]:
        return True
    if re.search(r"(?:\b(?:age|aged|at|no|number|chapter|page|road|route|since|until|in)\.?\s*)$", text[: found.start()], re.IGNORECASE):  # fmt: skip
        return False
    after = re.match(r"[\s-]*([^\W\d_][\w'’.]*)", text[found.end() :])
    if after is None or stem(after[1].lower().rstrip(".")) in _UNITS:
        return False
    return not _CLOCK.fullmatch(found["n"]) or after[1].endswith("s") or after[1] == "people"


def _toll(before: str) -> tuple[str, frozenset[str]]:
    """What the words before a figure say that it counts, where they tell of a toll; as said, and known."""
    found = _TOLL.search(before)
    said = (found["what"] or found["of"]) if found else ""
    known = Told(said).concepts & _ACTIONS if said else frozenset[str]()
    return (said, known) if known else ("", known)


def _mention(article: Article, told: Told, found: re.Match[str], before: int) -> Mention:
    low, high = _range(found) or (None, None)
    words, text = told.words, told.text
    at = next(n for n, start in enumerate(words.starts) if start >= found.start())
    after = next((n for n, start in enumerate(words.starts) if start >= found.end()), len(words))
    counted = [(n, f, t) for n, f, t in told.placed if after <= f < after + _AFTER_WORDS]
    near = [n for n, f, _ in told.placed if at - _NEAR_WORDS <= f < after + _NEAR_WORDS]
    start = before + len(text[: found.start()].encode())
    of, tolled = _toll(text[: found.start()]) if not counted else ("", frozenset[str]())
    if counted:
        of = text[words.starts[counted[0][1]] : words.ends[counted[0][2] - 1]]
    whole = before + len(text.encode())
    return Mention(
        article,
        Figure(
            text=found[0], start_byte=start, end_byte=start + len(found[0].encode()), low=low,
            high=high, of=of,
        ),
        frozenset(n for n, _, _ in counted[:1]) | tolled,
        tolled or frozenset(near) & _ACTIONS,
        told.concepts,
        (before, whole),
        bool(tolled),
    )  # fmt: skip


def _range(found: re.Match[str]) -> tuple[float | None, float | None] | None:
    """Between what a figure lies; None for what only looks like a count."""
    said = found["n"].lower()
    low: float | None
    high: float | None
    if said in _LOTS:
        return _LOTS[said]
    if said[0].isdigit():
        if said[0] == "0":
            return None
        value = float(re.sub(r"[,.](?=\d{3}(?!\d))", "", said))
        if _YEARS[0] <= value < _YEARS[1] and not found["times"] and "," not in said:
            return None
    elif said in _ONES:
        value = _ONES.index(said) + 1
        if value == 1 and not (found["least"] or found["most"]):
            return None
    else:
        parts = re.split(r"[- ]", said)
        value = _TENS[parts[0]] + (_ONES.index(parts[1]) + 1 if len(parts) > 1 else 0)
    value *= _TIMES[found["times"].lower()] if found["times"] else 1
    low = high = value
    if found["least"]:
        more = found["least"].lower() in {"more than", "over", "upwards of", "более"}
        low, high = value + (value == int(value) and more), None
    elif found["most"]:
        low, high = None, value
    elif found["about"]:
        low, high = value * (1 - _ABOUT), value * (1 + _ABOUT)
    return low, high


@dataclass(frozen=True, slots=True)
class Difference:
    """Two figures of one thing: `vaguer` is the one that leaves more open, or the earlier of two."""

    kind: str
    vaguer: Mention
    other: Mention
    reason: str


def differences(mentions: Sequence[Mention], weights: Weights) -> Iterator[Difference]:
    """Yield the pairs of figures of one thing, from different reports, that differ."""
    held: defaultdict[str, list[Mention]] = defaultdict(list)
    for one in mentions:
        for action in one.actions or one.counted:
            held[action].append(one)
    seen: set[tuple[int, int]] = set()
    for listed in held.values():
        for a, b in combinations(listed, 2):
            if a.article is b.article or (id(a), id(b)) in seen:
                continue
            seen.add((id(a), id(b)))
            if _told_too(a, b, held) or not _one_thing(a, b):
                continue
            if _alike(a, b, weights):
                found = _difference(a, b)
                if found is not None:
                    yield found


def _told_too(a: Mention, b: Mention, held: Mapping[str, Sequence[Mention]]) -> bool:
    """Whether the sentence of one holds the other's figure as well: then the two count two things."""
    for one, other in ((a, b), (b, a)):
        for action in one.actions or one.counted:
            for beside in held[action]:
                if (
                    beside.article is one.article
                    and beside.sentence == one.sentence
                    and (beside.figure.low, beside.figure.high)
                    == (other.figure.low, other.figure.high)
                ):
                    return True
    return False


def _alike(a: Mention, b: Mention, weights: Weights) -> bool:
    """Whether their sentences tell of the same, and their reports came out near each other."""
    shared = len(a.about & b.about)
    if (a.is_toll or b.is_toll) and a.actions & b.actions:
        return not far_apart(a.article, b.article, within_us=_NEAR_US)
    if a.actions & b.actions and shared >= _ALIKE_DEEDS:
        return not far_apart(a.article, b.article, within_us=_NEAR_US)
    if far_apart(a.article, b.article) or shared < min(_ALIKE_WORDS, len(a.about), len(b.about)):
        return False
    return overlap(a.about, b.about, weights) >= _ALIKE_RATIO


def _one_thing(a: Mention, b: Mention) -> bool:
    """The same thing counted, and the same done to it where both tell."""
    if a.actions or b.actions:
        people = {"person", "kill", "injure", ""}
        same = a.counted & b.counted or (a.counted <= people and b.counted <= people)
        return bool(a.actions & b.actions) and bool(same)
    return bool(a.counted & b.counted)


def _difference(a: Mention, b: Mention) -> Difference | None:
    one, other = a.figure, b.figure
    if (one.low, one.high) == (other.low, other.high):
        return None
    a_width, b_width = _width(one), _width(other)
    if a_width < b_width or (a_width == b_width and (one.low or 0) > (other.low or 0)):
        a, b, one, other = b, a, other, one
    if overlaps(one, other):
        why = f'"{one.text}" leaves room for "{other.text}"'
        return Difference("differs in precision", a, b, why)
    x, y = a.article.published, b.article.published
    if (
        x is not None
        and y is not None
        and (x.latest_us < y.earliest_us or y.latest_us < x.earliest_us)
    ):
        why = f'"{one.text}" and "{other.text}" cannot both hold at one time; published at different times'
        return Difference("differs in time or scope", a, b, why)
    return Difference("contradicts", a, b, f'"{one.text}" and "{other.text}" cannot both hold')


def _width(figure: Figure) -> float:
    if figure.low is None or figure.high is None:
        return 1e18 - (figure.low or 0)
    return figure.high - figure.low
