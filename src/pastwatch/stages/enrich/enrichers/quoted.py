"""Splits off what a record only repeats: quoted mails, its own printed header, its signature."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.stages.enrich.enrichers import replywords as words

NAME = "quoted"
VERSION = "1"
QUOTED, SIGNATURE, HEADER = "quoted", "signature", "header"
KINDS = (QUOTED, SIGNATURE, HEADER)

_MARKED = re.compile(r"[ \t]{0,3}(?:[A-Z]{1,3})?[>›»]")
_MBOX = re.compile(r">From ")
_REMEMBERED = 100_000  # letters; a longer text is split anew each time
_BLOCK_LINES, _WRAPPED = 14, 3
_ABOVE = 60  # letters that may stand before a record's own printed header
_SIGNED_LINES = 15
_CLOSED_LINES, _CLOSING_LETTERS = 8, 40
_SEPARATOR_LETTERS = 100


class Split(NamedTuple):
    """A stretch of a text that is no new statement, in characters: what it is, and how it was told."""

    kind: str
    how: str
    start: int
    end: int


class _Line(NamedTuple):
    start: int
    end: int
    said: str  # without directional marks and surrounding white space


class Quoted:
    """Kinds `quoted` (value: `marks`, `reply` or `forward`), `signature` and `header`, with spans."""

    name = NAME
    version = VERSION

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        """Yield the stretches of each text that repeat, in the order they stand."""
        for record in records:
            text = record.text
            for split in splits_of(record):
                yield Annotation(
                    record_id=record.record_id,
                    kind=split.kind,
                    value=split.how,
                    maker=NAME,
                    version=VERSION,
                    start_byte=_bytes_to(text, split.start),
                    end_byte=_bytes_to(text, split.end),
                )


ENRICHER = Quoted()


def new_text(record: Record, annotations: Iterable[Annotation]) -> str:
    """What a record itself says: its text without what kept annotations mark as quoted or signed.

    Only spans of this enricher's kinds in the record's text count; each leaves a line break.
    """
    spans = sorted(
        (a.start_byte, a.end_byte)
        for a in annotations
        if a.kind in KINDS
        and a.part == 0
        and a.record_id == record.record_id
        and a.start_byte is not None
        and a.end_byte is not None
    )
    text = record.text.encode()
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = max(at, end)
    return b"\n".join([*kept, text[at:]]).decode(errors="ignore")


def new_text_of(record: Record) -> str:
    """What a record itself says, split here and now: the same as `new_text` of this version."""
    kept, at = [], 0
    for split in splits_of(record):
        kept.append(record.text[at : split.start])
        at = max(at, split.end)
    return "\n".join([*kept, record.text[at:]])


def splits_of(record: Record) -> Sequence[Split]:
    """The stretches of a record's text that are no new statement, in order, apart from each other."""
    sender = f"{record.sender.name} {record.sender.address}" if record.sender else ""
    make = _remembered if len(record.text) <= _REMEMBERED else _split
    return make(record.text, record.subject, sender)


def _bytes_to(text: str, at: int) -> int:
    return at if text.isascii() else len(text[:at].encode())


def _split(text: str, subject: str, sender: str) -> tuple[Split, ...]:
    lines = _lines(text)
    found: list[Split] = []
    at, end = 0, len(lines)
    own = True
    while at < end:
        span = _repeated(lines, at)
        if span is None:
            at += 1
            continue
        first, stop, how = span
        if how == HEADER:
            above = text[: lines[first].start].strip()
            if own and len(above) <= _ABOVE and _is_own(lines[first:stop], subject, sender):
                found.append(Split(HEADER, "printed", lines[first].start, lines[stop - 1].end))
                at, own = stop, False
                continue
            how = "forward" if words.FORWARD_SUBJECT.match(subject) else "reply"
            stop = end
        found.append(Split(QUOTED, how, lines[first].start, lines[stop - 1].end))
        if stop == end:
            end = first
        at = stop
    signed = _signed(lines, found, end)
    return tuple(sorted([*found, *signed], key=lambda s: s.start))


_remembered = functools.lru_cache(maxsize=1024)(_split)


def _lines(text: str) -> list[_Line]:
    found, at = [], 0
    for raw in text.split("\n"):
        said = raw if raw.isascii() else words.MARKS.sub("", raw)
        stop = min(at + len(raw) + 1, len(text))
        found.append(_Line(at, stop, said.strip()))
        at = stop
    return found


def _repeated(lines: list[_Line], at: int) -> tuple[int, int, str] | None:
    """A repeated stretch that starts at this line: (first line, line after the last, how)."""
    said = lines[at].said
    if not said:
        return None
    if _is_marked(said):
        return at, _marked_until(lines, at), "marks"
    if said[-1] in ":：" or ":" in said[-3:]:
        stretch = _attributed(lines, at)
        if stretch is not None:
            return stretch
    separator = words.SEPARATOR.fullmatch(said) if len(said) < _SEPARATOR_LETTERS else None
    if separator is not None and (said[0] in "-_*=—–" or _header_near(lines, at + 1)):
        return at, len(lines), "forward" if separator["forwarded"] else "reply"
    if _head(said) == "from":
        stop = _header_until(lines, at)
        if stop:
            return at, stop, HEADER
    return None


def _is_marked(said: str) -> bool:
    return _MARKED.match(said) is not None and _MBOX.match(said) is None


def _marked_until(lines: list[_Line], at: int) -> int:
    """The line after a run of marked lines; blank ones between two of them belong to it."""
    stop = at + 1
    for number in range(at + 1, len(lines)):
        said = lines[number].said
        if said and not _is_marked(said):
            break
        if said:
            stop = number + 1
    return stop


def _attributed(lines: list[_Line], at: int) -> tuple[int, int, str] | None:
    """What an attribution that ends at this line introduces; it may begin up to two lines above."""
    first, joined = _attribution(lines, at)
    if not joined:
        return None
    after = next((n for n in range(at + 1, len(lines)) if lines[n].said), len(lines))
    if after < len(lines) and _is_marked(lines[after].said):
        return first, _marked_until(lines, after), "marks"
    if after < len(lines) and words.CERTAIN.search(joined):
        return first, len(lines), "reply"
    return None


def _attribution(lines: list[_Line], at: int) -> tuple[int, str]:
    """The first line of an attribution that ends here, and its words; no words where there is none."""
    joins, joined = [], ""
    for number in range(at, max(at - _WRAPPED, -1), -1):
        if not lines[number].said or _is_marked(lines[number].said):
            break
        joined = f"{lines[number].said} {joined}".strip()
        joins.append((number, joined))
    for pattern in (words.OPENED, words.UNOPENED):
        for number, said in joins:
            if pattern.fullmatch(said):
                return number, said
    return at, ""


def _head(said: str) -> str | None:
    """Which line of a printed header this is, if it is one."""
    cut = said.find(":", 0, words.HEAD_LENGTH + 1)
    if cut < 0:
        cut = said.find("：", 0, words.HEAD_LENGTH + 1)
    if cut < 0:
        return None
    return words.HEADS.get(said[:cut].strip(" *\t").lower())


def _header_near(lines: list[_Line], at: int) -> bool:
    return any(_head(line.said) for line in lines[at : at + 3])


def _header_until(lines: list[_Line], at: int) -> int:
    """The line after a printed header that starts here, 0 when it is none."""
    kinds, stop = {"from"}, at + 1
    for number in range(at + 1, min(at + _BLOCK_LINES, len(lines))):
        kind = _head(lines[number].said)
        if kind == "from" or (not lines[number].said and "subject" in kinds):
            break
        if kind:
            kinds.add(kind)
            stop = number + 1
    return stop if len(kinds - {"from"}) > 1 else 0


def _is_own(header: Iterable[_Line], subject: str, sender: str) -> bool:
    """Whether a header is the record's own, printed above its text, and not that of another."""
    for line in header:
        value = _letters(line.said.partition(":")[2])
        if _head(line.said) == "subject" and value and value == _letters(subject):
            return True
        if _head(line.said) == "from" and value and value in _letters(sender):
            return True
    return False


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _signed(lines: list[_Line], found: list[Split], end: int) -> list[Split]:
    """The signature at the end of what is new, where there is one."""
    repeated = [(s.start, s.end) for s in found]
    last = end
    while last and (not lines[last - 1].said or _inside(lines[last - 1], repeated)):
        last -= 1
    start = None
    for number in range(last - 1, max(last - 1 - _SIGNED_LINES, -1), -1):
        line, left = lines[number], last - number
        if _inside(line, repeated):
            break
        said = line.said
        if not said:
            continue
        ends = words.DELIMITER.fullmatch(said)
        sent = left == 1 and words.SENT_FROM.fullmatch(said)
        short = number and left <= _CLOSED_LINES and len(said) <= _CLOSING_LETTERS
        if ends or sent or (short and words.CLOSING.fullmatch(said)):
            start = number
    if start is None:
        return []
    return [Split(SIGNATURE, "end", lines[start].start, lines[last - 1].end)]


def _inside(line: _Line, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= line.start < end for start, end in spans)
