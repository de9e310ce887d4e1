"""Reads IRC logs: irssi, weechat, znc, energymech, eggdrop, hexchat, and the logs Ubuntu publishes."""

from __future__ import annotations

import itertools
import mmap
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import Any, NamedTuple

import numpy as np

from pastwatch.archive.layout import NO_BASIS, basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.party import Role
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, clean
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.irc_clock import DAY_LINE, Clock, Dated
from pastwatch.stages.collect.connectors.irc_lines import (
    STAMP,
    Said,
    channel_named,
    spoken,
    unstamped,
)
from pastwatch.stages.collect.mailcharset import decoded

BLOCK_BYTES = 1024 * 1024
_HEAD_BYTES = 1024 * 1024
_HELD_LINES = 512  # lines without a clock that wait for the next one
_MARK = b"\xef\xbb\xbf"
_SURE = 88
_LINE_END = 0x0A
_MOST_OTHERS_TENTHS = 4
_DATED = re.compile(rb"---|\*\*\*|Session |\[\d\d:\d\d(?::\d\d)?\] --- ")
_CHANNEL = re.compile(r"[#&][^\s/\\]{1,64}?(?=[._-]?\d{4}[-_.]?\d\d|\.(?:weechat)?log|\.txt|$)")
_KNOWN = re.compile(
    rb"\[?(?:\d{4}-\d\d-\d\d[T ]|[A-Z][a-z]{2} [ \d]\d )?\d\d:\d\d(?::\d\d)?(?: ?[AP]M)?(?:Z|[+-]\d{4})?\]?"
    rb"(?:[ \t]+(?:<[ @+%&~]?[^\s<>]{1,64}>|-!- |\*\*\* |\* \S|-[^\s()-]{1,64}- |Action: |<--\t|-->\t|--\t)|"
    rb"\t[ @+%&~]?[^\s<>\t]{1,64}\t)"
    rb"|=== (?:\S+ (?:\[[^\]]+\] )? ?(?:is now known as|has joined|has left)|mode/)"
)
_BEGINS = re.compile(rb"[\[\d=*S-]|[A-Z][a-z]{2} [ \d]\d ")
"""How any line begins that is known, or tells a day."""
_BEGINNINGS = np.frombuffer(b"[=*-0123456789 \t\r\n\x0b\x0c" + ascii_uppercase.encode(), np.uint8)
_IS_OTHER = ~np.isin(np.arange(256), _BEGINNINGS)
"""Whether a line that begins with this byte is surely no such line, and no blank one."""
_COMMON = re.compile(r"\[?(\d\d:\d\d(?::\d\d)?)\]? <[ @+%&~]?([^\s<>]{1,64})> ?")
_NO_SENDER = int(Defect.NO_SENDER)
_INFERRED = basis_number(Basis.INFERRED)


class _Held(NamedTuple):
    """A line without a clock, until the next clock bounds it."""

    original: bytes
    said: Said
    flags: int


class Irc:
    """The IRC connector; options: zone, date (the first day), clock (12, 24), conversation, container."""

    name = "irc"
    medium = "irc"
    most_sure = _SURE

    def recognises(self, path: Path, head: bytes) -> int:
        """Likely when most lines are a clock and a nick in brackets, or what a client writes."""
        del path
        octets = np.frombuffer(head, np.uint8)
        firsts = octets[np.flatnonzero(octets[:-1] == _LINE_END) + 1]
        most_lines = len(firsts) + head.count(b"\r") + 2
        if _are_too_many(int(_IS_OTHER[firsts].sum()) - 1, most_lines):
            return 0
        lines = head.removeprefix(_MARK).splitlines()
        while lines and not lines[-1].strip():
            lines.pop()
        if not head.endswith(b"\n") and any(line.strip() for line in lines[:-1]):
            lines.pop()
        known = told = others = 0
        for line in lines:
            if _BEGINS.match(line):
                is_known = _KNOWN.match(line) is not None
                known += is_known
                if is_known or DAY_LINE.match(line):
                    told += 1
                    continue
            others += bool(line.strip())
            if _are_too_many(others, len(lines)):  # the rest cannot make up for it
                return 0
        return _SURE if known and not _are_too_many(others, told + others) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The lines in file order; days come from day lines, the name, or the option `date`."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            head = view[:_HEAD_BYTES]
            has_marks = head.startswith(b"=== ") or b"\n=== " in head
            clock = Clock(view, path.name, options, has_marks=has_marks)
            log = _Log(columns, clock, _conversation(path, head, options))
            yield from log.read(view)
            yield from columns.rest()


def _are_too_many(others: int, lines: int) -> bool:
    """Whether so many lines are of no IRC log that the file is none."""
    return others * 10 > lines * _MOST_OTHERS_TENTHS


class _Log:
    """One log, line by line."""

    def __init__(self, columns: Columns, clock: Clock, conversation: str) -> None:
        self._columns = columns
        self._clock = clock
        self._conversation = conversation
        self._last: Dated | None = clock.start()
        self._held: list[_Held] = []

    def read(self, view: mmap.mmap | bytes) -> Iterator[Batch | Gap]:
        at, size, columns = 0, len(view), self._columns
        if view[: len(_MARK)] == _MARK:
            at = len(_MARK)
            columns.frame("mark", at)
        while at < size:
            stop = size if size - at <= BLOCK_BYTES else view.rfind(b"\n", at, at + BLOCK_BYTES) + 1
            if stop == 0:
                newline = view.find(b"\n", at)
                stop = size if newline < 0 else newline
                yield Gap(
                    source_id="",
                    reason="a line larger than a record may be",
                    bytes=stop - at,
                    lost_records_at_most=1,
                    container=columns.container,
                    offset=at,
                )
            else:
                yield from self._block(view[at:stop])
            at = stop
        self._flush(None)

    def _block(self, block: bytes) -> Iterator[Batch | Gap]:
        columns, add, match = self._columns, self._add, _COMMON.match
        lines = block.split(b"\n")
        newline_bytes, blank_bytes = len(lines) - 1, 0
        is_plain = block.isascii() and b"\0" not in block
        texts = block.decode("ascii").split("\n") if is_plain else itertools.repeat(None)
        for original, text in zip(lines, texts, strict=False):
            if original[-1:] == b"\r":
                original = original[:-1]  # noqa: PLW2901 - the line without its end
                text = text[:-1] if text is not None else None  # noqa: PLW2901
                newline_bytes += 1
            if not original or original.isspace():
                blank_bytes += len(original)
                continue
            if text is None:
                text, defects = decoded(original, "")  # noqa: PLW2901
                add(original, text, match(text), int(defects))
            else:
                add(original, text, match(text), 0)
            if columns.is_full:
                yield columns.take()
        columns.frame("newline", newline_bytes)
        columns.frame("blank", blank_bytes)

    def _add(self, original: bytes, line: str, common: re.Match[str] | None, flags: int) -> None:
        if common:
            clock, nick = common.groups()
            dated = self._clock.read(clock, None)
            if self._held:
                self._flush(dated)
            if dated is not None:
                self._last = dated
                self._columns.add(
                    original,
                    text=line[common.end() :],
                    earliest_us=dated.moment.earliest_us,
                    latest_us=dated.moment.latest_us,
                    basis=dated.number,
                    sender_address=nick,
                    sender_name=nick,
                    conversation=self._conversation,
                    defects=flags | dated.flags,
                )
            else:
                said = Said(Kind.SAID, nick, "", line[common.end() :])
                self._row(original, said, None, flags)
            return
        if _DATED.match(original) and (day := DAY_LINE.match(original)):
            self._day(*(day[key].decode("utf-8", "replace") for key in ("what", "rest")))
            self._columns.frame("day", len(original))
            return
        stamp = STAMP.match(line)
        if stamp is None:
            self._hold(_Held(original, unstamped(line), flags))
            return
        said = spoken(line[stamp.end() :])
        if stamp["date"] or stamp["month"]:
            dated = self._clock.read_full(stamp)
        else:
            dated = self._clock.read(stamp["clock"], stamp["half"])
        if self._held:
            self._flush(dated)
        if dated is not None:
            self._last = dated
        self._row(original, said, dated, flags)

    def _day(self, what: str, rest: str) -> None:
        self._flush(None)
        self._clock.day(what, rest)
        self._last = self._clock.start() if what.startswith("Day") else None

    def _hold(self, held: _Held) -> None:
        self._held.append(held)
        if len(self._held) >= _HELD_LINES:
            self._flush(None)

    def _flush(self, until: Dated | None) -> None:
        """Add the lines held: written after the clock before them, and before the next."""
        since = self._last
        for held in self._held:
            bounded = since
            if since is not None and until is not None:
                latest_us = max(since.moment.latest_us, until.moment.latest_us)
                bounded = since._replace(moment=since.moment._replace(latest_us=latest_us))
            self._row(held.original, held.said, bounded, held.flags, is_inferred=True)
        self._held.clear()

    def _row(
        self,
        original: bytes,
        said: Said,
        dated: Dated | None,
        flags: int,
        *,
        is_inferred: bool = False,
    ) -> None:
        flags |= dated.flags if dated else int(Defect.NO_DATE)
        if not said.sender and said.kind is Kind.SAID:
            flags |= _NO_SENDER
        if not said.is_known:
            flags |= int(Defect.FALLBACK)
        basis = NO_BASIS
        if dated is not None:
            basis = _INFERRED if is_inferred else dated.number
        self._columns.add(
            original,
            text=clean(said.text),
            earliest_us=dated.moment.earliest_us if dated else None,
            latest_us=dated.moment.latest_us if dated else None,
            basis=basis,
            sender_address=said.sender,
            sender_name=said.sender,
            recipients=[(said.whom, said.whom, int(Role.TO))] if said.whom else (),
            conversation=self._conversation,
            kind=int(said.kind),
            defects=flags,
        )


def _conversation(path: Path, head: bytes, options: Mapping[str, Any]) -> str:
    """The channel: as given, as the name of the log or its folder says, or as its events name it."""
    if options.get("conversation"):
        return clean(str(options["conversation"]))
    for name in (path.name, path.parent.name):
        if found := _CHANNEL.search(name):
            return clean(found[0])
    return clean(channel_named(head) or path.stem)


CONNECTOR = Irc()
