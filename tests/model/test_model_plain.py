"""Every value of the model goes to JSON and comes back, through the same constructors."""

import dataclasses
import enum
import functools
import importlib
import json
import math
import pkgutil
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

import pastwatch.model
from pastwatch.errors import BadValue
from pastwatch.model.assessment import Coverage, Finding, FindingKind, Worded
from pastwatch.model.authority import Authority
from pastwatch.model.claim import Claim, Figure, Grade, Lineage, TimeSaid
from pastwatch.model.exhibit import CustodyStep, Exhibit, Place
from pastwatch.model.negative import SampledPart
from pastwatch.model.note import Annotation, Code, Judgement
from pastwatch.model.passage import Passage
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.model.record import Citation, Defect, Envelope, Kind, Record
from pastwatch.model.source import Source
from pastwatch.model.watch import Alert, CountRule, Learned, RiseRule, Watch
from pastwatch.model.when import EARLIEST_US, LATEST_US, Basis, Span, When

# A batch is columns and no JSON; a query is kept as its text.
APART = {"pastwatch.model.batch", "pastwatch.model.query", "pastwatch.model.plain"}


def model_types() -> list[type]:
    names = [f"pastwatch.model.{m.name}" for m in pkgutil.iter_modules(pastwatch.model.__path__)]
    return [
        kind
        for name in names
        if name not in APART
        for kind in vars(importlib.import_module(name)).values()
        if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind.__module__ == name
    ]


TYPES = model_types()
TEXT = st.text(max_size=12)
NAMED = st.text(min_size=1, max_size=12).filter(lambda text: bool(text.strip()))
TIMES = st.integers(EARLIEST_US, LATEST_US)
SMALL = st.integers(0, 2**40)
RAW = st.binary(min_size=16, max_size=16)
HASHES = st.binary(min_size=32, max_size=32)
HEX64 = st.from_regex(r"\A[0-9a-f]{64}\Z")
COUNTED = st.integers(1, 2**40)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type, of any dataclass of the model too."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([st.none() if i is type(None) else values(i) for i in inner])
    if origin is tuple:
        some = st.lists(values(inner[0]), max_size=3).map(tuple)
        return some if inner[-1] is Ellipsis else st.tuples(*map(values, inner))
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(NAMED, values(inner[1]), max_size=2)
    if dataclasses.is_dataclass(kind):
        return dataclass_values(typing.cast("type", kind))
    if issubclass(kind, enum.Enum):
        whole = sum(int(m) for m in kind) if issubclass(kind, enum.IntFlag) else 0
        return st.integers(0, whole).map(kind) if whole else st.sampled_from(list(kind))
    simple = {str: NAMED, int: SMALL, float: st.floats(0, 1), bool: st.booleans(), bytes: RAW}
    return simple[kind]


@functools.cache
def dataclass_values(kind: type) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(kind)
    fields = {f.name: values(hints[f.name]) for f in dataclasses.fields(kind)}
    fields |= NARROWER.get(kind, dict)()

    def build(given: Mapping[str, Any]) -> Any:
        try:
            return kind(**(TIDIED.get(kind, dict)(given)))
        except BadValue:
            reject()

    return st.fixed_dictionaries(fields).map(build)


# What a constructor would refuse almost always is drawn to fit.
NARROWER: dict[type, Callable[[], dict[str, st.SearchStrategy[Any]]]] = {
    Source: lambda: {"name": st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,9}\Z")},
    Citation: lambda: {"text_sha256": HASHES, "part": st.integers(-1, 3)},
    Span: lambda: {"start_us": TIMES, "end_us": TIMES},
    When: lambda: {"earliest_us": TIMES, "latest_us": TIMES},
    Grade: lambda: {"credibility": st.integers(1, 6)},
    Exhibit: lambda: {"sha256": HASHES},
    Place: lambda: {"lat": st.floats(-90, 90), "lon": st.floats(-180, 180)},
    CountRule: lambda: {"at_least": COUNTED, "within_s": COUNTED},
    RiseRule: lambda: {"at_least": COUNTED, "times": st.floats(1.5, 9)},
    Learned: lambda: {"model_sha256": HEX64, "false_alarm_rate": st.floats(0.01, 0.5)},
    Watch: lambda: {
        "name": st.from_regex(r"\A[a-z0-9][a-z0-9-]{0,9}\Z"),
        "version": COUNTED,
        "alerts_a_day": COUNTED,
        "horizon_s": COUNTED,
        "text_sha256": HEX64,
    },
    Worded: lambda: {"low_percent": st.floats(0, 50), "high_percent": st.floats(50, 100)},
    Alert: lambda: {"alert_id": st.from_regex(r"\A[0-9a-f]{32}\Z")},
}


def ordered(*names: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Puts the values under these names in ascending order."""

    def tidy(given: Mapping[str, Any]) -> dict[str, Any]:
        given = dict(given)
        return given | dict(zip(names, sorted(given[n] for n in names), strict=True))

    return tidy


def covered(given: Mapping[str, Any]) -> dict[str, Any]:
    """Puts the counts of a coverage in order and within each other."""
    tidy = ordered("matched", "scanned", "readable", "in_scope", "held")(given)
    tidy["unreadable"] = tidy["in_scope"] - tidy["readable"]
    tidy["shown"] %= tidy["in_scope"] + 1
    tidy["reviewed"] %= tidy["in_scope"] + 1
    if tidy["recall_interval"] is not None:
        tidy["recall_interval"] = tuple(sorted(tidy["recall_interval"]))
    return tidy


def unread(given: Mapping[str, Any]) -> dict[str, Any]:
    """Has a sample be drawn from what there is, and read as far as it was drawn."""
    return ordered("found", "read", "drawn", "population")(given)


def said(given: Mapping[str, Any]) -> dict[str, Any]:
    """Drops likelihood and confidence where the finding is no judgement."""
    if given["kind"] is FindingKind.JUDGEMENT:
        return dict(given)
    return {**given, "likelihood": None, "confidence": None}


def heard(given: Mapping[str, Any]) -> dict[str, Any]:
    """Gives a passage words where it must have some, and none elsewhere."""
    tidy = ordered("start_ms", "end_ms")(given)
    tidy["end_ms"] += 1
    return tidy | {"text": given["text"] if given["kind"].worded else "", "about": 1}


def quoted(given: Mapping[str, Any]) -> dict[str, Any]:
    """Has a claim cite its own report."""
    return {**given, "report_id": given["citation"].record_id}


def placed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Puts a figure somewhere in the text, its ends in order."""
    low, high = (given[name] for name in ("low", "high"))
    ends = {"low": min(low, high), "high": max(low, high)} if None not in (low, high) else {}
    start = min(given["start_byte"], given["end_byte"])
    return {**given, **ends, "start_byte": start, "end_byte": start + 1}


def timed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Gives a time said both ends, in order, or none."""
    ends = [given[name] for name in ("earliest_us", "latest_us")]
    told = sorted(ends) if None not in ends else [None, None]
    return {**given, "earliest_us": told[0], "latest_us": told[1]}


def risen(given: Mapping[str, Any]) -> dict[str, Any]:
    """Has a rise be counted over less than its baseline."""
    tidy = ordered("within_s", "baseline_s")(given)
    return {**tidy, "within_s": tidy["within_s"] + 1, "baseline_s": tidy["baseline_s"] + 2}


TIDIED: dict[type, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    Passage: heard,
    Span: ordered("start_us", "end_us"),
    When: ordered("earliest_us", "latest_us"),
    Citation: ordered("start_byte", "end_byte"),
    RiseRule: risen,
    Coverage: covered,
    SampledPart: unread,
    Finding: said,
    Claim: quoted,
    Figure: placed,
    TimeSaid: timed,
    Exhibit: timed,
    CustodyStep: timed,
    Lineage: ordered("roots_at_least", "roots_at_most"),
}


def test_there_are_types_to_look_at() -> None:
    assert {Finding, Coverage, Record, Envelope, Authority, Annotation} <= set(TYPES)
    assert len(TYPES) > 25


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: str(kind.__name__))
@settings(max_examples=40)
@given(draw=st.data())
def test_every_value_comes_back_from_json_as_it_was(kind: type, draw: st.DataObject) -> None:
    value = draw.draw(values(kind))
    text = json.dumps(to_plain(value), allow_nan=False)
    back: Any = from_plain(kind, json.loads(text))
    assert back == value
    assert json.dumps(to_plain(back)) == text


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: str(kind.__name__))
@settings(max_examples=40)
@given(draw=st.data())
def test_an_unknown_a_missing_and_a_wrong_field_are_refused(
    kind: type, draw: st.DataObject
) -> None:
    plain = to_plain(draw.draw(values(kind)))
    with pytest.raises(BadValue, match="surplus: no such field"):
        from_plain(kind, {**plain, "surplus": 1})
    for field in dataclasses.fields(kind):
        wrong = {**plain, field.name: {"never": ["a value"]}}
        with pytest.raises(BadValue, match=field.name):
            from_plain(kind, wrong)
        optional = (
            field.default is not dataclasses.MISSING
            or field.default_factory is not dataclasses.MISSING
        )
        if not optional:
            short = {name: plain[name] for name in plain if name != field.name}
            with pytest.raises(BadValue, match=f"{field.name}: missing"):
                from_plain(kind, short)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: str(kind.__name__))
@pytest.mark.parametrize("plain", [None, [], "x", 1, True])
def test_what_is_no_object_is_no_value(kind: type, plain: object) -> None:
    with pytest.raises(BadValue):
        from_plain(kind, plain)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sample:
    """One field of each plain kind."""

    whole: int = 0
    ratio: float = 0.0
    raw: bytes = b""
    flag: bool = False
    text: str = ""
    basis: Basis = Basis.HEADER
    kind: Kind = Kind.SAID
    defects: Defect = Defect.NONE
    pair: tuple[int, str] = (1, "")
    counts: Mapping[str, int] = dataclasses.field(default_factory=dict)


@pytest.mark.parametrize(
    ("field", "plain"),
    [
        ("whole", True),
        ("whole", 1.0),
        ("whole", "1"),
        ("ratio", True),
        ("ratio", math.nan),
        ("ratio", math.inf),
        ("ratio", 10**400),
        ("raw", "0"),
        ("raw", "zz"),
        ("raw", "ab cd"),
        ("raw", [1]),
        ("flag", 1),
        ("text", b"x"),
        ("text", None),
        ("basis", "hearsay"),
        ("basis", None),
        ("kind", True),
        ("kind", 1.0),
        ("kind", 99),
        ("defects", -1),
        ("defects", 1 << 30),
        ("defects", True),
        ("defects", "OPAQUE"),
        ("pair", [1]),
        ("pair", [1, "", ""]),
        ("pair", "1x"),
        ("counts", [["a", 1]]),
        ("counts", {"a": "1"}),
    ],
)
def test_a_value_that_merely_looks_right_is_refused(field: str, plain: object) -> None:
    with pytest.raises(BadValue, match=f"Sample.{field}"):
        from_plain(Sample, {field: plain})


def test_a_value_that_is_right_is_taken() -> None:
    given = {
        "whole": 10**30, "ratio": 1, "raw": "00ff", "basis": "export", "kind": 3,
        "defects": 5, "pair": [1, "x"], "counts": {"a": 1},
    }  # fmt: skip
    assert from_plain(Sample, given) == Sample(
        whole=10**30, ratio=1.0, raw=b"\x00\xff", basis=Basis.EXPORT, kind=Kind.REACTED,
        defects=Defect.OPAQUE | Defect.BAD_ENCODING, pair=(1, "x"), counts={"a": 1},
    )  # fmt: skip


def test_a_choice_between_types_is_refused_rather_than_guessed() -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Either:
        """Objects carry no type name, so this could come back as the other one."""

        one: Span | When

    Either.__annotations__["one"] = Span | When
    with pytest.raises(BadValue, match="a choice between types"):
        from_plain(Either, {"one": {"start_us": 0, "end_us": 1}})


def test_a_number_that_json_cannot_write_is_not_written() -> None:
    with pytest.raises(BadValue):
        to_plain(Sample(ratio=math.nan))


def test_the_message_names_the_place_and_never_the_value() -> None:
    plain = {"record_id": "secret", "code": "relevant", "reviewer": "ana", "at_us": 1}
    with pytest.raises(BadValue) as told:
        from_plain(Judgement, plain)
    assert str(told.value) == "Judgement.record_id: expected hexadecimal text"


def test_a_flag_of_no_defects_is_zero() -> None:
    assert to_plain(Defect.NONE) == 0
    assert to_plain(Code.DEFER) == "defer"
    assert to_plain({"a": frozenset([1])}) == {"a": [1]}
