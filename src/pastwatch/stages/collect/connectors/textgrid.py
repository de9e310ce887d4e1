"""Reads Praat TextGrids, long and short form: each labelled interval or point is a record.

Tiers are the speakers. Praat reads free-standing numbers and quoted strings and skips all else, so
that both forms are one; so does this. Intervals without a label are framing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.annotated import add_spoken
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.files import container_name, whole
from pastwatch.stages.collect.connectors.xmltags import narrowed
from pastwatch.stages.collect.connectors.zones import epoch_us_of
from pastwatch.stages.collect.mailcharset import decoded

FILE_LIMIT_BYTES = 256 * 1024 * 1024
_KIND = re.compile(rb"(?:\xef\xbb\xbf|[?]{1,2})?\s*(?:File type\s*=\s*)?\"ooTextFile(?: short)?\"\s+(?:Object class\s*=\s*)?\"TextGrid")  # fmt: skip
_TOKEN = re.compile(
    rb"\"((?:[^\"]|\"\")*+)\"|(?<![^\s])([-+]?\d{1,15}(?:\.\d{1,20})?(?:[eE][-+]?\d{1,3})?)(?=\s|\Z)"
    rb"|(?m:![^\n]*$)"
)
_TIERS = {b"IntervalTier": 2, b"TextTier": 1}  # how many times stand before each label
_TIER_NUMBERS = 3
_LATEST_S = 1e9


class TextGrid:
    """The connector of TextGrids; options: epoch (when the sound begins), conversation, container."""

    name = "textgrid"
    medium = "voice"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the content decides
        """Sure of a file that says it is a TextGrid in text."""
        return 95 if _KIND.match(narrowed(head)[0]) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The labels in file order, tier by tier; without an epoch they are undated."""
        raw = whole(path, limit_bytes=FILE_LIMIT_BYTES)
        columns = Columns(container_name(path, options))
        scanned, width, charset = narrowed(raw)
        epoch_us, conversation = epoch_us_of(options), str(options.get("conversation") or "")
        at = 0
        for label in _labels(scanned):
            start, end = label.start * width, label.end * width
            if start > at:
                columns.frame("structure", start - at)
            text, defects = _said(raw, label, width, charset)
            at = end
            if not text.strip():
                columns.frame("no label", end - start)
                continue
            tier, more = decoded(raw[label.tier[0] * width : label.tier[1] * width], charset)
            add_spoken(
                columns,
                raw[start:end],
                speaker=tier.replace('""', '"').strip(),
                text=text,
                start_us=_us(label.times[0]) if label.times else None,
                end_us=_us(label.times[-1]) if label.times else None,
                epoch_us=epoch_us,
                conversation=conversation,
                defects=defects | more | label.defects,
            )
            if columns.is_full:
                yield columns.take()
        if not at and raw.strip():
            yield Gap(
                source_id="",
                reason="no tier of a TextGrid",
                bytes=len(raw),
                container=columns.container,
                offset=0,
            )
            return
        columns.frame("structure", len(raw) - at)
        yield from columns.rest()


class _Label(NamedTuple):
    """A labelled stretch: where it stands, its words and its tier's name there, and its times."""

    start: int
    end: int
    words: tuple[int, int]
    tier: tuple[int, int]
    times: tuple[float, ...]
    defects: Defect


def _labels(scanned: bytes) -> Iterator[_Label]:
    """Every label of every tier; one whose numbers are not those of its tier is flagged."""
    expected, tier, is_named, numbers = 0, (0, 0), False, list[float]()
    start = 0
    for token in _TOKEN.finditer(scanned):
        if token[2] is not None:
            if not numbers:
                start = _line_start(scanned, token.start(), start)
            numbers.append(float(token[2]))
            continue
        if token[1] is None:
            continue
        if token[1] in _TIERS and len(numbers) != expected:
            expected, is_named = _TIERS[token[1]], False
        elif not expected:
            pass
        elif not is_named:
            tier, is_named = token.span(1), True
        else:
            # After the tier's name stand its ends and how many labels follow.
            skip = _TIER_NUMBERS if len(numbers) == _TIER_NUMBERS + expected else 0
            if skip:
                start = _line_start(scanned, _nth_number(scanned, start, skip), start)
            times = tuple(numbers[skip:])
            is_good = len(times) == expected and list(times) == sorted(times)
            defects = Defect.NONE if is_good else Defect.BAD_STRUCTURE
            yield _Label(start, token.end(), token.span(1), tier, times if is_good else (), defects)
        start = token.end()
        numbers = []


def _nth_number(scanned: bytes, at: int, number: int) -> int:
    found = [t.start() for t, _ in zip(_numbers(scanned, at), range(number + 1), strict=False)]
    return found[-1]


def _numbers(scanned: bytes, at: int) -> Iterator[re.Match[bytes]]:
    return (token for token in _TOKEN.finditer(scanned, at) if token[2] is not None)


def _line_start(scanned: bytes, at: int, floor: int) -> int:
    """Where the lines that lead to a number begin: in the long form its name stands before it."""
    line = scanned.rfind(b"\n", floor, at) + 1 or floor
    bracket = scanned.rfind(b"[", floor, line)
    before = scanned.rfind(b"\n", floor, bracket) + 1 if bracket >= floor else 0
    is_heading = bracket >= floor and scanned[bracket:line].rstrip().endswith(b"]:")
    return max(before, floor) if is_heading and before else line


def _said(raw: bytes, label: _Label, width: int, charset: str) -> tuple[str, Defect]:
    text, defects = decoded(raw[label.words[0] * width : label.words[1] * width], charset)
    return text.replace('""', '"'), defects


def _us(seconds: float) -> int | None:
    return round(seconds * 1_000_000) if abs(seconds) < _LATEST_S else None


CONNECTOR = TextGrid()
