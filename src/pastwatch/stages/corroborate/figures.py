"""Numbers as a report says them (`at least 83`, `dozens`, `between 12 and 15`), with their two ends."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from pastwatch.stages.corroborate.verbs_en import listed

_NUMBER = r"\d{1,3}(?:[,.\u00a0\u202f' ]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_LARGEST = 1e15
_CLOCK_HOURS = 24
_NO_NOUNS = listed(
    "are were is was have had has died in on at and or to by the last that who for from"
)
_THOUSAND = 1000


class Counted(NamedTuple):
    """A number as said, in characters of the text, its ends, and the noun that it counts."""

    start: int
    end: int
    low: float | None
    high: float | None
    of: str


class _Words(NamedTuple):
    pattern: re.Pattern[str]
    quick: frozenset[str]
    value: Mapping[str, float]
    times: Mapping[str, float]
    alone: Mapping[str, float]
    vague: Mapping[str, float]
    least: frozenset[str]
    most: frozenset[str]
    before_not: frozenset[str]
    after_not: frozenset[str]
    multiples: frozenset[str]
    clock: frozenset[str]
    comma_is_point: bool


@cache
def _words(language: str) -> _Words:
    text = files("pastwatch.stages.corroborate.verbs").joinpath("figures.toml").read_text("utf-8")
    told: dict[str, Any] = tomllib.loads(text)[language]
    units, tens = told["units"], told["tens"]
    word = rf"(?:(?:{_any(tens)})(?:[-\s](?:{_any([*units, *told['one']])}))?|{_any(units)})"
    mult = _any(told["times"])
    one = (
        rf"(?:{_any(told['vague'])})|(?:{_any(told['alone'])})(?:\s+(?:{mult}))*|"
        rf"(?:{_NUMBER})(?:(?:\s|-)?(?:{mult}))?|(?:{word})(?:[-\s](?:{mult}))*(?:\s(?:and\s)?(?:{word}))?"
    )
    front = rf"(?:(?P<front>{_any([*told['least'], *told['most'], *told['about']])})\s*(?:(?:a|an|the)\s+(?!{_any([w.split()[-1] for w in told['alone']])}))?)?"
    pattern = re.compile(
        rf"(?<![\w.,:/$€£-])(?:(?P<between>{_any(told['between'])})\s+(?P<low>{one})\s+(?:{_any(told['and'])})\s*(?P<high>{one})|"
        rf"{front}[$€£]?(?P<one>{one})(?:\s*(?:-|–|to|or|à|или)\s*(?P<upto>{one}))?)(?![\w])(?![.,:]\d)",
        re.IGNORECASE,
    )
    counted = [*units, *tens, *told["vague"], *told["alone"], *told["times"]]
    quick = frozenset(max(_WORD.findall(w), key=len) for w in counted)
    return _Words(
        pattern, quick, units | tens | told["one"], told["times"], told["alone"], told["vague"],
        frozenset(told["least"]), frozenset(told["most"]), frozenset(told["not"]),
        frozenset(told["after_not"]), frozenset(told["multiples"]), frozenset(told["clock"]),
        language in {"fr", "ru"},
    )  # fmt: skip


def _any(words: Any) -> str:
    return "|".join(
        re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True)
    )


def figures_of(  # noqa: C901 - a branch a form of sentence
    text: str, *, language: str = "en", taken: tuple[tuple[int, int], ...] = ()
) -> Iterator[Counted]:
    """The figures of a text, in order, but for those in stretches `taken` by times.

    *About 40* is 40 to 40; an open end is None. Clock times, ordinals, parts of names and figures
    said to be wrong (`not 14`) are none.
    """
    words = _words(language)
    if _DIGIT.search(text) is None and words.quick.isdisjoint(_WORD.findall(text.lower())):
        return
    for found in words.pattern.finditer(text):
        if any(a < found.end() and found.start() < b for a, b in taken):
            continue
        start, end = found.span()
        if found["between"]:
            low, high = _value(found["low"], words), _value(found["high"], words)
            if low is None or high is None or low > high:
                continue
            yield Counted(start, end, low, high, _of(text, end))
            continue
        value = _value(found["one"], words)
        if value is None or not _counts(text, found, value, words):
            continue
        front = " ".join((found["front"] or "").lower().split())
        key = " ".join(found["one"].lower().split())
        ends: tuple[float | None, float | None] = (value, value)
        if key in words.vague:
            ends = (value, None) if front not in words.most else (None, None)
        elif (
            found["upto"] and (upper := _value(found["upto"], words)) is not None and upper > value
        ):
            ends = (value, upper)
        if front in words.least:
            ends = (ends[0], None)
        elif front in words.most:
            ends = (None, ends[1])
        yield Counted(start, end, *ends, _of(text, end))


def _value(said: str, words: _Words) -> float | None:  # noqa: C901 - a branch a form of sentence
    key = " ".join(said.lower().split())
    if key in words.vague:
        return words.vague[key]
    if key in words.alone:
        return words.alone[key]
    total, current = 0.0, 0.0
    digits = re.match(_NUMBER, key)
    if digits:
        plain = digits[0]
        grouped = re.fullmatch(r"\d{1,3}(?:[,.\u00a0\u202f' ]\d{3})+(?:[.,]\d+)?", plain)
        if grouped:
            plain = re.sub(r"[,.\u00a0\u202f' ](?=\d{3}(?:\D|$))", "", plain)
        current = float(plain.replace(",", "."))
        key = key[digits.end() :]
    for name, value in words.alone.items():
        if not digits and key.startswith(f"{name} "):
            current, key = value, key[len(name) :]
            break
    for word in re.split(r"[-\s]+", key):
        if word in words.value:
            current += words.value[word]
        elif word in words.times:
            scale = words.times[word]
            current = (current or 1) * scale
            if scale >= _THOUSAND:
                total, current = total + current, 0.0
        elif word not in {"", "and"}:
            return None
    value = total + current
    return value if value <= _LARGEST else None


def _counts(text: str, found: re.Match[str], value: float, words: _Words) -> bool:
    """Whether a number counts something: no clock time, ordinal, name, multiple or correction."""
    before = re.findall(r"[\w’'.№-]+", text[max(0, found.start() - 24) : found.start()])
    last = before[-1] if before else ""
    after = re.match(r"\s*([\w’'.]+)?", text[found.end() : found.end() + 24])
    following = (after[1] or "").lower().rstrip(".") if after else ""
    said = found["one"].lower()
    if last.lower() in words.before_not or following in words.after_not:
        return False
    if said in words.multiples and following in {"the", "as", "that", "its", "his", "her", "what"}:
        return False
    if (
        found["one"][0].isdigit()
        and last[:1].isupper()
        and not found["front"]
        and found.start() > len(last)
        and before[:-1]
    ):
        return False
    small = value <= _CLOCK_HOURS and value == int(value)
    clock = small and last.lower() in words.clock and not found["front"]
    bare = not following or text[found.end() : found.end() + 1] in {",", ".", ";", "”", '"'} or following in {
        "in", "on", "and", "or", "the", "when", "local", "that"
    }  # fmt: skip
    return not (clock and bare)


def _of(text: str, end: int) -> str:
    """The noun after a number, as far as it can be told: up to three words."""
    found = re.match(r"\s+(?:of\s+(?:the\s+)?)?([^\W\d_]+(?:-[^\W\d_]+)*)", text[end : end + 60])
    return "" if found is None or found[1].lower() in _NO_NOUNS else found[1]
