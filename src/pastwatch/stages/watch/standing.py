"""The text of a watch: a TOML file read into what it says, with every line that does not fit named."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from pastwatch.errors import BadQuery, BadValue, UsageError
from pastwatch.matching.compile import Plan, compile_query
from pastwatch.matching.parse import parse
from pastwatch.model.watch import CountRule, Learned, Per, RiseRule, Severity, Watch

TEMPLATE: Final = """\
# A watch: what is looked for in everything that arrives, for whom, and within which limits.
# Its exact text is bound to the ledger by its hash: a changed watch is a new version.

watch = "valve-room"
version = 1
owner = "{person}"
purpose = ""                # why somebody must know, in a sentence
severity = "warning"        # notice, warning, urgent
authority = ""              # the standing authority it runs under
alerts_a_day = 20           # how many its readers can look at
horizon = "24h"             # how long an alarm lasts, said beforehand
sources = []                # empty = every source not marked no-watch
context = 0                 # so many records before it in its conversation are sealed with an alert
made_from = []              # events whose records its words were taken from

query = ''                  # in the language of 'pastwatch look'

# [[count]]                 # at least so many within so long
# at_least = 5
# within = "1h"
# query = ''                # of records that match this; empty = any
# per = "conversation"      # all, source, conversation; pair and account follow persons
# between = []              # accounts: follows persons

# [[rise]]                  # so many times as often as before
# query = ''
# times = 5.0
# within = "6h"
# baseline = "14d"
# at_least = 5
"""

_REQUIRED: Final = ("watch", "version", "owner", "purpose", "authority", "alerts_a_day", "horizon")
_KNOWN: Final = frozenset(
    {*_REQUIRED, "severity", "sources", "context", "made_from", "query", "count", "rise", "learned"}
)
_COUNT: Final = frozenset({"at_least", "within", "query", "per", "between"})
_RISE: Final = frozenset({"query", "times", "within", "baseline", "at_least", "per"})
_LEARNED: Final = frozenset({"model_sha256", "threshold", "false_alarm_rate", "case"})
_LASTS: Final = re.compile(r"([0-9]{1,6})\s*(s|min|h|d|w)")
_UNITS_S: Final = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
TEXT_AT_MOST_BYTES: Final = 262_144


def read_watch(raw: bytes) -> Watch:
    """The watch that some exact bytes describe; UsageError names what does not fit."""
    if len(raw) > TEXT_AT_MOST_BYTES:
        raise UsageError("the text of a watch is longer than a watch may be")
    try:
        plain: dict[str, Any] = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise UsageError("the text of the watch does not parse as TOML") from wrong
    _only(plain, _KNOWN, "the watch")
    missing = [name for name in _REQUIRED if plain.get(name) in (None, "")]
    if missing:
        raise UsageError(f"the watch does not say: {', '.join(missing)}")
    learned = plain.get("learned")
    try:
        watch = Watch(
            name=_text(plain, "watch"),
            version=_whole(plain, "version"),
            owner=_text(plain, "owner"),
            purpose=_text(plain, "purpose"),
            severity=_one_of(Severity, _text(plain, "severity", "warning"), "severity"),
            authority_id=_text(plain, "authority"),
            alerts_a_day=_whole(plain, "alerts_a_day"),
            horizon_s=seconds_of(_text(plain, "horizon")),
            text_sha256=hashlib.sha256(raw).hexdigest(),
            query=_query(_text(plain, "query", "")),
            counts=tuple(map(_count, _tables(plain, "count"))),
            rises=tuple(map(_rise, _tables(plain, "rise"))),
            learned=_learned(learned) if learned is not None else None,
            sources=_texts(plain, "sources"),
            context_records=_whole(plain, "context", 0),
            made_from=_texts(plain, "made_from"),
        )
    except BadValue as wrong:
        raise UsageError(str(wrong), hint=wrong.hint) from None
    return watch


def plan_of(query: str) -> Plan:
    """How a branch of a watch is answered: the query language of looks, in no zone of its own."""
    return compile_query(parse(query))


def seconds_of(text: str) -> int:
    """A stretch of time as 90s, 30min, 6h, 14d or 2w; UsageError for another."""
    found = _LASTS.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise UsageError(f'"{text}" is no stretch of time', hint="write 90s, 30min, 6h, 14d or 2w")
    return int(found[1]) * _UNITS_S[found[2]]


def _count(plain: Mapping[str, Any]) -> CountRule:
    _only(plain, _COUNT, "a count")
    return CountRule(
        at_least=_whole(plain, "at_least"),
        within_s=seconds_of(_text(plain, "within")),
        query=_query(_text(plain, "query", "")),
        per=_one_of(Per, _text(plain, "per", "all"), "way to count"),
        between=_texts(plain, "between"),
    )


def _rise(plain: Mapping[str, Any]) -> RiseRule:
    _only(plain, _RISE, "a rise")
    return RiseRule(
        query=_query(_text(plain, "query")),
        times=_number(plain, "times"),
        within_s=seconds_of(_text(plain, "within")),
        baseline_s=seconds_of(_text(plain, "baseline")),
        at_least=_whole(plain, "at_least", 5),
        per=_one_of(Per, _text(plain, "per", "all"), "way to count"),
    )


def _learned(plain: Any) -> Learned:
    if not isinstance(plain, dict):
        raise UsageError("what is learned is a table: [learned]")
    _only(plain, _LEARNED, "what is learned")
    return Learned(
        model_sha256=_text(plain, "model_sha256"),
        threshold=_number(plain, "threshold"),
        false_alarm_rate=_number(plain, "false_alarm_rate"),
        case_id=_text(plain, "case"),
    )


def _query(text: str) -> str:
    """The query, once it is certain that it parses; "" is none."""
    if text.strip():
        try:
            plan_of(text)
        except BadQuery as wrong:
            raise UsageError(
                f"a query of the watch does not parse: {wrong}", hint=wrong.hint
            ) from None
    return text.strip()


def _only(plain: Mapping[str, Any], known: frozenset[str], of: str) -> None:
    unknown = sorted(set(plain) - known)
    if unknown:
        raise UsageError(f"{of} has no line {unknown[0]!r}", hint=", ".join(sorted(known)))


def _tables(plain: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    tables = plain.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise UsageError(f"each {name} is a table of its own: [[{name}]]")
    return tables


def _text(plain: Mapping[str, Any], name: str, otherwise: str | None = None) -> str:
    value = plain.get(name, otherwise)
    if not isinstance(value, str):
        raise UsageError(f"the line {name!r} of a watch is text")
    return value


def _texts(plain: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = plain.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise UsageError(f"the line {name!r} of a watch is a list of texts")
    return tuple(value)


def _whole(plain: Mapping[str, Any], name: str, otherwise: int | None = None) -> int:
    value = plain.get(name, otherwise)
    if type(value) is not int:
        raise UsageError(f"the line {name!r} of a watch is a whole number")
    return value


def _number(plain: Mapping[str, Any], name: str) -> float:
    value = plain.get(name)
    if type(value) not in (int, float):
        raise UsageError(f"the line {name!r} of a watch is a number")
    return float(value)  # type: ignore[arg-type]


def _one_of(kind: Any, value: str, what: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise UsageError(f'"{value}" is no {what}', hint=", ".join(kind)) from None
