"""From what a person wrote down of a piece of evidence to an exhibit, and what a maker cannot say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pastwatch.errors import BadValue
from pastwatch.model.claim import Grade, Reliability
from pastwatch.model.exhibit import (
    Claimed,
    CustodyStep,
    Exhibit,
    LineMark,
    OperatedBy,
    Place,
)
from pastwatch.model.record import Citation
from pastwatch.model.when import DAY_US, SECOND_US, iso, parse_iso

KINDS = (
    "laboratory report", "autopsy report", "medical record", "photograph", "video", "sound",
    "satellite frame", "official statement", "wreckage", "sample", "map", "table of measurements",
)  # fmt: skip
"""Kinds offered; any other words do as well."""

DRAFT = """\
# An exhibit: a sealed file, and what it shows. Leave a line empty ("") where nothing is stated:
# it then prints "not stated". Nothing is filled in for you.

kind = ""          # {kinds} …
title = ""
found = ""         # what was measured, found or shown
found_by = ""      # by whom: a laboratory, a physician, a photographer
method = ""        # how: the procedure, the instrument, the standard
result = ""        # what came out, with its unit and uncertainty
limits = ""        # what it cannot show; what was not examined

# When it was taken or made, with its zone: a moment, a day, or ["from", "until"]; "" is undated.
taken = ""

# Who built a thing, or its type, as stated. It never says who used it: for that, see operated_by.
maker_type = ""

# How reliable the source has been (A to F) and how credible the item is (1 to 6): "B2"; or "".
grade = ""
note = ""

[place]
name = ""
# lat = 55.7052
# lon = 12.6002
# radius_m = 50    # how far off the point may be

# Through whose hands it went, first to last; what a step does not state is listed as a gap.
# [[custody]]
# from = ""
# to = ""
# at = ""          # a moment, a day, or ["from", "until"]
# seal = ""        # the seal's number, or a hash
# note = ""

# Who operated it, as somebody says. It needs the words: a hit of this case ("h3"), or the id of a
# record with the exact words in it.
# [[operated_by]]
# statement = ""
# cites = "h3"
# record = ""
# words = ""
"""
_TEXTS = ("kind", "title", "found", "found_by", "method", "result", "limits", "maker_type", "note")
_TABLES = ("taken", "grade", "place", "custody", "operated_by")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MINUTE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)?")
_MADE = re.compile(
    r"-(?:made|built|designed|supplied)\b|\b(?:made|built|manufactured|produced|designed|assembled|"
    r"supplied|sold|delivered|purchased|bought|exported)\s+(?:in|by|from|to)\b|\bmanufacturer\b|"
    r"\b(?:purchased|bought|sold)\b|\bof\s+\w+\s+(?:make|origin|design|manufacture|type)\b",
    re.IGNORECASE,
)
_USED = re.compile(
    r"\b(?:operat\w*|us(?:ed|es|ing)|flew|flown|fl(?:ies|y|ying)|fir(?:ed|ing)|launch\w*|pilot\w*|"
    r"steer\w*|control\w*|crew\w*|dr[io]ve\w*|dropp\w*|sail\w*|command\w*|belong\w*|carr(?:ied|y\w*))\b",
    re.IGNORECASE,
)


def draft() -> str:
    """The commented template of an exhibit."""
    return DRAFT.format(kinds=", ".join(KINDS[:6]))


def says_maker_only(words: str) -> bool:
    """Whether words speak of who made or sold a thing, and of nobody who used it."""
    return bool(_MADE.search(words)) and not _USED.search(words)


def exhibit_of(
    table: Mapping[str, Any],
    *,
    record_id: bytes,
    file_name: str,
    sha256: bytes,
    size_bytes: int,
    zone_offset_s: int,
    cited: Callable[[Mapping[str, Any]], tuple[Citation, str]],
    claimed: Sequence[Claimed] = (),
) -> Exhibit:
    """The exhibit of a table as in the draft; BadValue that names the line that cannot stand.

    `cited` gives the citation that an `operated_by` names, and its words.
    """
    _known(table, {*_TEXTS, *_TABLES}, "the exhibit")
    taken = _span(table.get("taken"), "taken", zone_offset_s)
    return Exhibit(
        **{name: _text(table.get(name), name) for name in _TEXTS},
        record_id=record_id,
        file_name=file_name,
        sha256=sha256,
        size_bytes=size_bytes,
        earliest_us=taken[0],
        latest_us=taken[1],
        zone_offset_s=taken[2],
        place=_place(table.get("place")),
        custody=tuple(_step(step, zone_offset_s) for step in _list(table, "custody")),
        operated_by=tuple(_operated(one, cited) for one in _list(table, "operated_by")),
        grade=_grade(table.get("grade")),
        claimed_by_file=tuple(claimed),
    )


def _operated(
    table: Mapping[str, Any], cited: Callable[[Mapping[str, Any]], tuple[Citation, str]]
) -> OperatedBy:
    _known(table, {"statement", "cites", "record", "words"}, "operated_by")
    if not any(table.get(name) for name in ("cites", "record")):
        raise BadValue(
            "who operated a thing needs a citation",
            hint='cites = "h3", or record = "…" with the exact words = "…" in it',
        )
    citation, words = cited(table)
    if says_maker_only(words):
        raise BadValue(
            "the words cited say who made, bought or sold a thing, not who used it",
            hint="keep that in maker_type",
        )
    return OperatedBy(statement=_text(table.get("statement"), "statement"), citation=citation)


def _place(table: Any) -> Place:
    if table in (None, "", {}):
        return Place()
    if isinstance(table, str):
        return Place(name=table)
    if not isinstance(table, Mapping):
        raise BadValue("place is a table", hint='[place] with name = "…", lat = …, lon = …')
    _known(table, {"name", "lat", "lon", "radius_m"}, "place")
    numbers = {name: _number(table.get(name), name) for name in ("lat", "lon", "radius_m")}
    return Place(name=_text(table.get("name"), "name"), **numbers)


def _step(table: Mapping[str, Any], zone_offset_s: int) -> CustodyStep:
    _known(table, {"from", "to", "at", "seal", "note"}, "custody")
    at = _span(table.get("at"), "at", zone_offset_s)
    return CustodyStep(
        given_by=_text(table.get("from"), "from"),
        taken_by=_text(table.get("to"), "to"),
        earliest_us=at[0],
        latest_us=at[1],
        seal=_text(table.get("seal"), "seal"),
        note=_text(table.get("note"), "note"),
    )


def _grade(said: Any) -> Grade | None:
    if not said:
        return None
    found = re.fullmatch(r"([A-Fa-f])([1-6])", str(said).strip())
    if found is None:
        raise BadValue(f'"{said}" is no grade', hint='A to F with 1 to 6, as in grade = "B2"')
    return Grade(reliability=Reliability(found[1].upper()), credibility=int(found[2]))


def _span(said: Any, name: str, zone_offset_s: int) -> tuple[int | None, int | None, int]:
    """Earliest, latest and zone of a moment, a day, or a pair of them; all between is meant."""
    if said in (None, "", []):
        return None, None, zone_offset_s
    pair = list(said) if isinstance(said, (list, tuple)) else [said, said]
    if len(pair) != 2:  # noqa: PLR2004 - from and until
        raise BadValue(f"{name} is a time, or two", hint=f'{name} = ["from", "until"]')
    (first, _, offset_s), (_, last, _) = (_moment(str(one).strip(), zone_offset_s) for one in pair)
    if first > last:
        raise BadValue(f"{name} ends before it begins")
    return first, last, offset_s


def _moment(text: str, zone_offset_s: int) -> tuple[int, int, int]:
    has_zone = re.search(r"(?:Z|[+-]\d\d:?\d\d)\Z", text) is not None and not _DAY.fullmatch(text)
    time_us, offset_s = parse_iso(text)
    if not has_zone:  # the event's own zone, as everywhere in the case
        time_us, offset_s = time_us - zone_offset_s * SECOND_US, zone_offset_s
    width_us = DAY_US - 1 if _DAY.fullmatch(text) else 0
    if _MINUTE.fullmatch(text):
        width_us = 60 * SECOND_US - 1
    return time_us, time_us + width_us, offset_s


def _known(table: Mapping[str, Any], names: set[str], where: str) -> None:
    for name in table:
        if name not in names:
            hint = None
            if name in {"operator", "operated", "used_by", "owner"}:
                hint = "who used a thing is a statement with a citation: [[operated_by]]"
            raise BadValue(f'{where} has no line "{name}"', hint=hint)


def _list(table: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = table.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise BadValue(f"{name} is a list of tables", hint=f"[[{name}]]")
    return found


def _text(said: Any, name: str) -> str:
    if said is None:
        return ""
    if not isinstance(said, str):
        raise BadValue(f"{name} is a text")
    return said.strip()


def _number(said: Any, name: str) -> float | None:
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        raise BadValue(f"{name} is a number")
    return float(said)


def mark_of(name: str, exhibit: Exhibit) -> LineMark:
    """An exhibit as it stands on the timeline; undated where nothing says when it was made."""
    by = f", {exhibit.found_by}" if exhibit.found_by else ""
    return LineMark(
        lane="exhibits",
        title=f"{exhibit.title} ({exhibit.kind}{by})",
        earliest_us=exhibit.earliest_us,
        latest_us=exhibit.latest_us if exhibit.is_dated else None,
        cites=(name, exhibit.record_id.hex()),
        sort="exhibit",
    )


def when_words(exhibit: Exhibit) -> str:
    """When an exhibit was taken or made, in its own zone."""
    if exhibit.earliest_us is None or exhibit.latest_us is None:
        return "undated"
    first = iso(exhibit.earliest_us, offset_s=exhibit.zone_offset_s)
    last = iso(exhibit.latest_us, offset_s=exhibit.zone_offset_s)
    return first if first == last else f"{first} to {last}"
