"""Reads transcripts: SRT, WebVTT, and lines or blocks of an elapsed time, a speaker and words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pastwatch.archive.layout import NO_BASIS, basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, clean
from pastwatch.stages.collect.connectors.files import container_name, whole
from pastwatch.stages.collect.connectors.stated import stated
from pastwatch.stages.collect.connectors.times import elapsed_us
from pastwatch.stages.collect.connectors.zones import epoch_us_of
from pastwatch.stages.collect.mailcharset import decoded

FILE_LIMIT_BYTES = 256 * 1024 * 1024
_MARK = b"\xef\xbb\xbf"
_NAME_LENGTH = 40
_TIME = r"[+-]?(?:\d{1,4}[: ])?\d{1,4}[: ]\d\d[: ]\d\d(?:[.,]\d{1,6})?"
_CLOCK = re.compile(r"([+-]?)(?:(\d{1,4})[: ])?(\d{1,4})[: ](\d\d)[: ](\d\d)(?:[.,](\d{1,6}))?")
_SHORT = re.compile(r"(\d\d):(\d\d)\.(\d{3})")
_CUE = re.compile(r"\s*(\S+)\s*-->\s*(\S+)")
_STAMP = re.compile(
    rf"\[\s*(?P<start>{_TIME})?\s*(?P<dash>[-–])?\s*(?P<end>{_TIME})?\s*\]\s*(?P<rest>.*)",
    re.DOTALL,
)
_STAMP_AT = re.compile(rb"^\[[ \t]*(?:[-\xe2+][^\]\r\n]{0,40}|\d[^\]\r\n]{0,40})\]", re.MULTILINE)
_SPEAKER = re.compile(
    r"([^\W\d_][\w .'/()-]{0,40}?)\s*:\s+(?=\S)|([^\W\d_][\w .'/()-]{0,40}?):$", re.MULTILINE
)
_NAMED_AT = re.compile(
    rb"^(?!_)([^\s\d_\[\]{}:\"#][^:\r\n\[\]]{0,60}?)[ \t]*:(?=[ \t\r\n])", re.MULTILINE
)
_AFTER_STAMP = re.compile(rb"\][ \t]*\r?\n(?:[_#][^\r\n]*\r?\n)*")
# Lines that tell of the record itself: "_page : 8", "_note: …", and remarks of the editors.
_MARKED = re.compile(
    r"^(?:_(?P<key>\w{1,20})[ \t]*:[ \t]*(?P<value>.*(?:\n[ \t\[\]{}].*)*)|#[ \t]*(?P<remark>.*))\n?",
    re.MULTILINE,
)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_VTT_TAG = re.compile(r"</?(?:[cibuv]|ruby|rt|lang|\d{2}:)[^<>]{0,200}>", re.IGNORECASE)
_EMPTY_LINES = re.compile(rb"(?:[ \t]*\r?\n)*(?:[ \t]*\r?\Z)?")
_BLOCK = re.compile(rb"[^\r\n][^\n]*(?:\n(?![ \t]*\r?\n|[ \t]*\r?\Z)[^\n]*)*")


class _Said(NamedTuple):
    speaker: str
    text: str
    start_us: int | None
    end_us: int | None
    is_inferred: bool = False
    kind: Kind = Kind.SAID
    marks: tuple[tuple[str, str], ...] = ()


class Transcript:
    """The transcript connector; options: epoch, container."""

    name = "transcript"
    medium = "voice"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of WebVTT and SRT; likely when several lines begin with a time in brackets."""
        start = head.removeprefix(_MARK).lstrip()
        if start.startswith(b"WEBVTT"):
            return 95
        if re.match(rb"(?:\d+[ \t]*\r?\n)?\d{1,3}:\d\d:\d\d[.,]\d{1,3}[ \t]*-->", start):
            return 95
        if _STAMP_AT.match(start):  # asked first: counting them takes the whole head
            stamps = sum(1 for found in _STAMP_AT.finditer(head) if _is_elapsed(found[0]))
            if stamps >= 2:  # noqa: PLR2004
                return 75
        return 30 if path.suffix.lower() in {".srt", ".vtt"} else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """What was said, in file order; without an epoch it is undated."""
        raw = whole(path, limit_bytes=FILE_LIMIT_BYTES)
        columns = Columns(container_name(path, options))
        start = len(_MARK) if raw.startswith(_MARK) else 0
        columns.frame("mark", start)
        is_vtt = raw.startswith(b"WEBVTT", start)
        reader = _Reader(epoch_us_of(options), is_vtt=is_vtt, has_cues=b"-->" in raw)
        for at, end, kind in _pieces(raw, start, has_cues=reader.has_cues, is_vtt=is_vtt):
            if kind:
                columns.frame(kind, end - at)
                continue
            original = raw[at:end]
            reader.add(columns, original)
            if columns.is_full:
                yield columns.take()
        yield from columns.rest()


def _pieces(raw: bytes, at: int, *, has_cues: bool, is_vtt: bool) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind of framing or "") of every stretch of the file, in order."""
    size, is_first = len(raw), True
    names = frozenset[bytes]() if has_cues else _names(raw)
    while at < size:
        blank = _EMPTY_LINES.match(raw, at)
        if blank and blank.end() > at:
            yield at, blank.end(), "blank"
            at = blank.end()
            continue
        found = _BLOCK.match(raw, at)
        stop = found.end() if found and found.end() > at else size
        if is_vtt and (is_first or raw.startswith((b"STYLE", b"REGION"), at)):
            yield at, stop, "header"
        else:
            cuts = [at] if has_cues else _cuts(raw, at, stop, names)
            for start, end in zip(cuts, [*cuts[1:], stop], strict=True):
                tail = end
                while tail > start and raw[tail - 1] in b"\r\n":
                    tail -= 1
                yield start, tail, ""
                if tail < end:
                    yield tail, end, "newline"
        is_first = False
        at = stop


def _cuts(raw: bytes, at: int, stop: int, names: frozenset[bytes]) -> list[int]:
    """Where a block's lines begin a new record: at each time in brackets, and at a speaker's name."""
    starts = {found.start() for found in _STAMP_AT.finditer(raw, at, stop) if _is_elapsed(found[0])}
    cuts = {at, *starts}
    if names:
        named = [f.start() for f in _NAMED_AT.finditer(raw, at, stop) if f[1] in names]
        # The first name below a time belongs to it; the next one speaks anew.
        borders = sorted(starts)
        passed = 0 if at in starts or not named or named[0] == at else 1
        for place in named:
            below = bisect_right(borders, place)
            if below == passed:
                cuts.add(place)
            passed = below
    return sorted(cuts)


def _names(raw: bytes) -> frozenset[bytes]:
    """The speakers named below a time on a line of its own, more than once."""
    counts: Counter[bytes] = Counter()
    for found in _AFTER_STAMP.finditer(raw):
        named = _NAMED_AT.match(raw, found.end())
        if named:
            counts[named[1]] += 1
    return frozenset(name for name, count in counts.items() if count > 1)


def _is_elapsed(stamp: bytes) -> bool:
    found = _STAMP.fullmatch(stamp.decode("utf-8", "replace"))
    return bool(found and (found["start"] or found["end"]))


class _Reader:
    """Reads the pieces of one transcript; a piece without a start takes it from the one it goes on."""

    def __init__(self, epoch_us: int | None, *, is_vtt: bool, has_cues: bool) -> None:
        self.has_cues = has_cues
        self._is_vtt = is_vtt
        self._epoch_us = epoch_us
        self._last: tuple[int, int] | None = None
        self._open: dict[str, int] = {}

    def add(self, columns: Columns, original: bytes) -> None:
        """Add a piece as a record."""
        text, defects = decoded(original, "utf-8")
        said = self._cue(text) if self.has_cues else self._stamped(text)
        start_us, end_us, basis = None, None, NO_BASIS
        if said.start_us is not None and self._epoch_us is not None:
            start_us = self._epoch_us + said.start_us
            end_us = self._epoch_us + max(said.end_us or 0, said.start_us)
            basis = basis_number(Basis.INFERRED if said.is_inferred else Basis.EXPORT)
        else:
            defects |= Defect.NO_DATE
        if said.kind is Kind.SAID and not said.speaker:
            defects |= Defect.NO_SENDER
        columns.add(
            original,
            text=clean(said.text),
            earliest_us=start_us,
            latest_us=end_us,
            basis=basis,
            sender_address=said.speaker,
            sender_name=said.speaker,
            parts=stated(said.marks),
            kind=int(said.kind),
            defects=int(defects),
        )

    def _cue(self, text: str) -> _Said:
        if self._is_vtt and text.startswith("NOTE"):
            return _Said("", text, None, None, kind=Kind.NOTICE)
        lines = text.splitlines()
        at = next((n for n, line in enumerate(lines[:2]) if "-->" in line), -1)
        found = _CUE.match(lines[at]) if at >= 0 else None
        start_us = _cue_us(found[1]) if found else None
        if found is None or start_us is None:
            start, end = self._last or (None, None)
            return _Said("", text, start, end, is_inferred=True)
        end_us = max(_cue_us(found[2]) or start_us, start_us)
        self._last = (start_us, end_us)
        # An identifier that is no number may be words.
        name = lines[0] if at == 1 and not lines[0].strip().isdecimal() else ""
        body = "\n".join([*([name] if name else []), *lines[at + 1 :]])
        voice = _VOICE.search(body)
        body = _VTT_TAG.sub("", body)
        if voice:
            return _Said(" ".join(voice[1].split()), body, start_us, end_us)
        speaker, rest = _speaker(body)
        return _Said(
            speaker if speaker.isupper() else "",
            rest if speaker.isupper() else body,
            start_us,
            end_us,
        )

    def _stamped(self, text: str) -> _Said:
        found = _STAMP.match(text)
        if found is None or not (found["start"] or found["end"]):
            rest, marks = _unmarked(text)
            start, end = self._last or (None, None)
            if not rest.strip():
                return _Said("", text, start, end, is_inferred=True, kind=Kind.NOTICE)
            speaker, rest = _speaker(rest)
            return _Said(speaker, rest, start, end, is_inferred=True, marks=marks)
        rest, marks = _unmarked(found["rest"])
        is_notice = bool(marks) and not rest.strip()
        rest = found["rest"] if is_notice else rest
        first, _, below = rest.partition("\n")
        speaker, body = ("", rest) if is_notice else _speaker(rest)
        is_alone = not speaker and not is_notice and "\n" in found["rest"].strip()
        if is_alone and below and not marks and 0 < len(first.strip()) <= _NAME_LENGTH:
            speaker, body = first.strip(), below
        start_us = _clock_us(found["start"]) if found["start"] else None
        end_us = _clock_us(found["end"]) if found["end"] else None
        is_inferred = start_us is None
        if start_us is None:  # "[- 55 49 12]" ends what the same speaker began earlier
            start_us = self._open.pop(speaker, end_us)
        elif found["dash"] and end_us is None:
            self._open[speaker] = start_us
        if start_us is not None:
            end_us = max(start_us, end_us if end_us is not None else start_us)
            self._last = (start_us, end_us)
        kind = Kind.NOTICE if is_notice else Kind.SAID
        marks = () if is_notice else marks
        return _Said(speaker, body, start_us, end_us, is_inferred, kind, marks)


def _unmarked(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """A record's words without the lines that tell of the record, and those lines."""
    marks = tuple(
        (found["key"] or "remark", found["value"] or found["remark"] or "")
        for found in _MARKED.finditer(text)
    )
    return (_MARKED.sub("", text), marks) if marks else (text, ())


def _speaker(text: str) -> tuple[str, str]:
    found = _SPEAKER.match(text)
    if not found:
        return "", text
    return (found[1] or found[2]).strip(), text[found.end() :].lstrip()


def _cue_us(text: str) -> int | None:
    short = _SHORT.fullmatch(text)
    return _clock_us(f"00:{short[1]}:{short[2]}.{short[3]}" if short else text)


def _clock_us(text: str) -> int | None:
    found = _CLOCK.fullmatch(text.strip())
    return elapsed_us(found) if found else None


CONNECTOR = Transcript()
