"""What the formats for paper share: text made harmless, cut where a line may end, and weighed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from pastwatch.model.when import DAY_US
from pastwatch.stages.brief.draw import coverage_bar, timeline
from pastwatch.stages.brief.given import BriefInput
from pastwatch.stages.brief.moments import made_on
from pastwatch.stages.brief.pictures import OWN, alone, is_wide
from pastwatch.stages.brief.render import (
    FACTS,
    edition_marks,
    ledger_refs,
    marked,
    record_refs,
    shares,
)
from pastwatch.stages.brief.sentences import Group, Outline, Section, Sentence

LINE_CAPTION: Final = (
    "Bars: records in scope. Triangles: cited in this brief. Shaded: before the event. "
    "Times in the event's zone."
)
FOOT: Final = (
    "Every sentence bears its number. A label such as r1 leads to the record it cites; “ledger” "
    "names the entries it rests on. To check them all without archive or key: python verify.py "
    "in the folder this paper came in."
)
# What paper cannot show, what XML cannot hold, and what turns the text around it: a visible sign.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LONG_WORD: Final = re.compile(r"[^\s-]{25,}")
_PIECE_LETTERS: Final = 8


def shown(text: str, stand_in: Mapping[int, str] | None = None) -> str:
    """The text as paper shows it: line ends alike, what cannot be seen as a visible sign."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    safe = _UNSAFE.sub(lambda found: sign(found[0]), plain)
    return safe.translate(stand_in) if stand_in else safe


def sign(character: str) -> str:
    """What stands where a character cannot: its number, as in ‹U+202E›."""
    return f"‹U+{ord(character):04X}›"


def is_rtl(text: str) -> bool:
    """Whether its first letter that has a direction runs from right to left."""
    for character in text:
        way = unicodedata.bidirectional(character)
        if way in ("L", "R", "AL"):
            return way != "L"
    return False


def broken(text: str) -> list[str]:
    """The text in pieces; a line may end between two, so that no long word leaves its column."""
    pieces, at = [], 0
    for found in _LONG_WORD.finditer(text):
        pieces.append(text[at : found.start()] + found[0][:_PIECE_LETTERS])
        rest = found[0][_PIECE_LETTERS:]
        pieces += [rest[n : n + _PIECE_LETTERS] for n in range(0, len(rest), _PIECE_LETTERS)]
        at = found.end()
        if pieces and at < len(text):
            pieces[-1], at = pieces[-1] + text[at], at + 1
    return [*pieces, text[at:]] if at < len(text) else pieces


def stamp_s(given: BriefInput) -> int:
    """The time that a file says it was made, in whole seconds; whole days where it is handed out."""
    step_us = DAY_US if given.edition.released else 1_000_000
    return given.made_us // step_us * step_us // 1_000_000


def head(given: BriefInput) -> dict[str, Any]:
    """What stands at the head of the paper and of each of its pages."""
    marks = " · ".join(edition_marks(given.edition))
    made = made_on(
        given.made_us, given.event.zone_offset_s, to_the_day=bool(given.edition.released)
    )
    return {
        "title": shown(given.title),
        "strip": shown(f"{given.case_id} · {marks} · ledger {given.ledger_state}"),
        "made": shown(f"Made {made} by {given.made_by} · archive {given.archive_id}"),
        "foot": FOOT,
    }


def sections(outline: Outline, stand_in: Mapping[int, str]) -> list[dict[str, Any]]:
    """Every section as plain values, its pictures as files of SVG."""
    own = _own_pictures(outline.given, stand_in)
    return [
        {
            "key": one.key,
            "title": shown(one.title, stand_in),
            "picture": own.get(one.key),
            "groups": [_group(one, group, stand_in) for group in one.groups],
        }
        for one in outline.sections
    ]


def _own_pictures(given: BriefInput, stand_in: Mapping[int, str]) -> dict[str, Any]:
    made = {"coverage": (coverage_bar(given.coverage), "How far the searches reached")}
    if given.timeline:
        made["timeline"] = (timeline(given.timeline, given.event), LINE_CAPTION)
    return {
        key: {"svg": alone(svg, rules=OWN, stand_in=stand_in), "caption": words, "wide": False}
        for key, (svg, words) in made.items()
    }


def _group(section: Section, group: Group, stand_in: Mapping[int, str]) -> dict[str, Any]:
    drawn = group.picture
    return {
        "heading": shown(group.heading, stand_in),
        "label": group.anchor if section.key == "records" else "",
        "picture": drawn
        and {
            "svg": alone(drawn.svg, stand_in=stand_in),
            "caption": shown(drawn.caption, stand_in),
            "wide": is_wide(drawn.svg),
        },
        "columns": [shown(c, stand_in) for c in group.columns],
        "shares": shares(group),
        "said": [_said(s, group, stand_in) for s in group.sentences],
        "ledger": ledger_refs(group),
    }


def _said(one: Sentence, group: Group, stand_in: Mapping[int, str]) -> dict[str, Any]:
    before, after = group.cuts.get(one.id, (0, 0))
    part = one.citations[0].part if one.kind == "quote" else 0
    text = shown(one.text, stand_in)
    name, colon, rest = text.partition(": ")
    is_fact = one.kind in FACTS and bool(colon) and "\n" not in name
    plain = [(rest if is_fact else text, False)]
    quoted = [(shown(p, stand_in), m) for p, m in marked(one.text, one.marks)]
    return {
        "id": one.id,
        "kind": one.kind,
        "part": bool(one.negative),
        "name": f"{name}:" if is_fact else "",
        "pieces": quoted if one.kind == "quote" else plain,
        "cells": [] if not group.columns else text.split("\t"),
        "refs": [] if one.kind == "quote" else record_refs(one),
        "above": [f"… {before:,} bytes before …"] * bool(before)
        + [f"attachment {part}"] * (part > 0),
        "below": [f"… {after:,} bytes after …"] * bool(after),
        "subject": part < 0,
    }
