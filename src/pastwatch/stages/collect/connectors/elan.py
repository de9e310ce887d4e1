"""Reads ELAN files (.eaf): each annotation is a record, its tier's participant the speaker.

An annotation that refers to another (a translation, a gloss) takes that one's times and answers to
it. A time slot without a value lies between its neighbours: the interval is theirs, and flagged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.annotated import add_spoken
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.files import container_name, whole
from pastwatch.stages.collect.connectors.xmltags import Markup, Tag, plain
from pastwatch.stages.collect.connectors.zones import epoch_us_of

FILE_LIMIT_BYTES = 256 * 1024 * 1024
_CHAIN = 20  # annotations of annotations
_KINDS = frozenset(("ALIGNABLE_ANNOTATION", "REF_ANNOTATION"))
_LONGEST_MS = 10**12


class Elan:
    """The connector of ELAN files; options: epoch (when the sound begins), conversation, container."""

    name = "elan"
    medium = "voice"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the content decides
        """Sure of a file whose first element is ANNOTATION_DOCUMENT."""
        markup = Markup(head)
        start = markup.text(0, 256).lstrip("\ufeff \t\r\n")
        first = next(markup.tags(), None) if start.startswith("<") else None
        return 95 if first is not None and first.name == "ANNOTATION_DOCUMENT" else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The annotations in file order, tier by tier; without an epoch they are undated."""
        raw = whole(path, limit_bytes=FILE_LIMIT_BYTES)
        columns = Columns(container_name(path, options))
        markup, epoch_us = Markup(raw), epoch_us_of(options)
        conversation = str(options.get("conversation") or "")
        slots, at = _slots(markup), 0
        notes = list(_notes(markup, len(raw)))
        by_id = {note.tag.attributes.get("ANNOTATION_ID", ""): note for note in notes}
        for note in notes:
            columns.frame("structure", note.start - at)
            at = note.end
            given = note.tag.attributes
            span = _span(note, by_id, slots)
            add_spoken(
                columns,
                raw[note.start : note.end],
                speaker=note.speaker,
                text=plain(markup.text(*note.words)),
                start_us=span.start_us,
                end_us=span.end_us,
                epoch_us=epoch_us,
                is_inferred=span.is_inferred,
                native_id=given.get("ANNOTATION_ID", ""),
                reply_to=given.get("ANNOTATION_REF", ""),
                conversation=conversation,
                defects=note.defects
                | (Defect.AMBIGUOUS_DATE if span.is_open and epoch_us is not None else Defect.NONE),
            )
            if columns.is_full:
                yield columns.take()
        if not notes and raw.strip() and not self.recognises(path, raw[: 64 * 1024]):
            yield Gap(
                source_id="",
                reason="no annotation of ELAN",
                bytes=len(raw),
                container=columns.container,
                offset=0,
            )
            return
        columns.frame("structure", len(raw) - at)
        yield from columns.rest()


class _Note(NamedTuple):
    start: int
    end: int
    tag: Tag
    words: tuple[int, int]
    speaker: str
    defects: Defect


class _Span(NamedTuple):
    start_us: int | None = None
    end_us: int | None = None
    is_inferred: bool = False
    is_open: bool = False


def _notes(markup: Markup, size: int) -> Iterator[_Note]:
    """Every annotation; one without an end goes to where the next begins."""
    speaker, opened, words = "", None, (0, 0)
    is_closed = True
    for tag in markup.tags():
        if tag.name == "TIER" and not tag.is_end:
            speaker = tag.attributes.get("PARTICIPANT") or tag.attributes.get("TIER_ID", "")
        if tag.name in _KINDS:
            if opened is not None:
                is_good = tag.is_end and tag.name == opened.name and is_closed
                end = tag.end if tag.is_end else tag.start
                yield _Note(opened.start, end, opened, words, speaker, _flag(is_good))
                opened = None
            if not tag.is_end:
                opened, words, is_closed = tag, (tag.end, tag.end), True
                if tag.is_empty:
                    yield _Note(tag.start, tag.end, tag, words, speaker, Defect.NONE)
                    opened = None
        elif tag.name == "ANNOTATION_VALUE" and opened is not None and not tag.is_empty:
            is_closed = tag.is_end
            words = (words[0], tag.start) if tag.is_end else (tag.end, tag.end)
    if opened is not None:
        words = words if is_closed else (words[0], size)
        yield _Note(opened.start, size, opened, words, speaker, Defect.CUT_SHORT)


def _flag(is_good: bool) -> Defect:
    return Defect.NONE if is_good else Defect.BAD_STRUCTURE


def _slots(markup: Markup) -> dict[str, tuple[int | None, int | None]]:
    """Each time slot: the earliest and latest moment it may mean, in microseconds."""
    listed: list[tuple[str, int | None]] = []
    for tag in markup.tags():
        if tag.name == "TIME_SLOT" and not tag.is_end:
            value = tag.attributes.get("TIME_VALUE", "").strip()
            is_number = value.isascii() and value.isdecimal() and len(value) < 13  # noqa: PLR2004
            time_us = int(value) * 1000 if is_number and int(value) < _LONGEST_MS else None
            listed.append((tag.attributes.get("TIME_SLOT_ID", ""), time_us))
    found: dict[str, tuple[int | None, int | None]] = {}
    before: int | None = None
    for name, time_us in listed:
        before = before if time_us is None else time_us
        found[name] = (before, time_us)
    after: int | None = None
    for name, time_us in reversed(listed):
        after = after if time_us is None else time_us
        found[name] = (found[name][0], after)
    return found


def _span(
    note: _Note,
    by_id: Mapping[str, _Note],
    slots: Mapping[str, tuple[int | None, int | None]],
) -> _Span:
    """When an annotation's words were said: by its own slots, or those of what it refers to."""
    is_inferred = False
    for _ in range(_CHAIN):
        given = note.tag.attributes
        if "TIME_SLOT_REF1" in given:
            first = slots.get(given["TIME_SLOT_REF1"], (None, None))
            last = slots.get(given.get("TIME_SLOT_REF2", ""), first)
            start, end = first[0], last[1]
            is_open = first[0] != first[1] or last[0] != last[1]
            if start is None or end is None:
                start = end = start if start is not None else end
            if start is None or end is None:
                return _Span()
            return _Span(min(start, end), max(start, end), is_inferred, is_open)
        found = by_id.get(given.get("ANNOTATION_REF", ""))
        if found is None:
            return _Span()
        note, is_inferred = found, True
    return _Span()


CONNECTOR = Elan()
