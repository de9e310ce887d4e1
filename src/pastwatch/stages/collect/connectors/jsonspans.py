"""Finds records in a JSON export: the exact bytes of each, its value, and the gaps between.

    yield from json_records(view, columns, ("messages[]", "chats.list[].messages[]"), add)
    yield from json_lines(view, columns, add)

`view` is the file (bytes or mmap). A path is keys joined by dots, `[]` for "each element of"; it ends
where the records are (`[]` alone: the file is one array of them). For every record
`add(original, value, around, defects)` is called with its exact bytes, its parsed object, the objects
that enclose it (outermost first; each holds the plain values that stand before the array; empty for an
array at the top) and what was wrong with its charset. It adds a row to `columns` and returns "", or the
reason why this is no record, which makes its bytes a gap. All records of one array get the same
`around` object: what is derived from it can be kept while it `is` the same. All else is framing.

A broken element is a gap of its bytes: reading goes on at the next place that looks as the elements
before it did (the same white space, or one of the first keys). A value beside the records of more than
64 KiB is a gap. Strings may hold lone surrogates and NULs: `clean` them.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, TypeAlias

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.jsonwindow import RECORD_LIMIT_BYTES, Window

Around: TypeAlias = tuple[dict[str, Any], ...]
Add: TypeAlias = Callable[[bytes, dict[str, Any], Around, Defect], str]
View: TypeAlias = mmap.mmap | bytes

_KEPT_BYTES = 64 * 1024
_FAILURES = 1000  # broken places after which the rest of a file is one gap
_REJECTED = 10_000  # elements that are no records, after which the same
_FIRST_KEYS = 16
_BROKEN = "not JSON, or cut short"
_KIND = "structure"  # of framing
_MARK = b"\xef\xbb\xbf"
_BLANK = re.compile(rb"[ \t\r\n]*")
_COMMA = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
_KEY = re.compile(rb'("(?:[^"\\]|\\.){0,1000}")[ \t\r\n]*:[ \t\r\n]*', re.DOTALL)
_OPENING = re.compile(rb'\[([ \t\r\n]*)\{[ \t\r\n]*("(?:[^"\\]|\\.){0,100}")?', re.DOTALL)

_Node: TypeAlias = dict[str, Any]  # a step of a path to what lies behind it; {} is a record


# What a walk yields, and what it ends with: the place behind, and whether it came to the end it sought.
_Steps: TypeAlias = Generator[Batch | Gap, None, tuple[int, bool]]


def json_records(
    view: View, columns: Columns, paths: Sequence[str], add: Add
) -> Iterator[Batch | Gap]:
    """All a JSON export holds, in file order; the caller yields `columns.rest()` after it."""
    yield from _Walk(view, columns, paths, add).steps()


def json_lines(view: View, columns: Columns, add: Add) -> Iterator[Batch | Gap]:
    """All that JSON Lines hold, in file order; the caller yields `columns.rest()` after it."""
    size = len(view)
    at = len(_MARK) if view[: len(_MARK)] == _MARK else 0
    columns.frame("mark", at)
    while at < size:
        newline = view.find(b"\n", at)
        stop = size if newline < 0 else newline
        following = min(stop + 1, size)
        end, reason = stop, "a line larger than a record may be"
        if stop - at <= RECORD_LIMIT_BYTES:
            line = view[at:stop]
            line = line[:-1] if newline >= 0 and line.endswith(b"\r") else line
            line = line if line.strip() else b""
            end, reason = at + len(line), _add_line(line, add) if line else ""
        if reason:
            yield _gap(columns, at, end, reason, records=1)
        columns.frame("newline", following - end)
        at = following
        if columns.is_full:
            yield columns.take()


def _add_line(line: bytes, add: Add) -> str:
    try:
        text, defects = line.decode(), Defect.NONE
    except UnicodeDecodeError:
        text, defects = line.decode("utf-8", "surrogateescape"), Defect.BAD_CHARSET
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return "not JSON"
    return add(line, value, (), defects) if isinstance(value, dict) else "not a JSON object"


def _gap(columns: Columns, start: int, end: int, reason: str, *, records: int | None) -> Gap:
    return Gap(
        source_id="",
        reason=reason,
        bytes=end - start,
        lost_records_at_most=records,
        container=columns.container,
        offset=start,
    )


class _Walk:
    """One walk through a file: along the paths step by step, past all else in one stride."""

    def __init__(self, view: View, columns: Columns, paths: Sequence[str], add: Add) -> None:
        self._view = view
        self._size = len(view)
        self._window = Window(view)
        self._columns = columns
        self._add = add
        self._failures = self._rejected = 0
        self._root: _Node = {}
        for path in paths:
            node = self._root
            for step in path.replace("[]", ".[]").strip(".").split("."):
                node = node.setdefault(step, {})

    def steps(self) -> _Steps:
        start = len(_MARK) if self._view[: len(_MARK)] == _MARK else 0
        at = self._framed(0, self._blank_end(start))
        first = self._view[at : at + 1]
        if first == b"[" and "[]" in self._root:
            at, _ = yield from self._array(at, self._root["[]"], (), b"")
        elif first == b"{":
            at, _ = yield from self._object(at, self._root, (), b"")
        end = self._framed(at, self._blank_end(at))
        yield from self._lost(end, self._size, "bytes outside the export")
        return self._size, True

    def _object(self, at: int, node: _Node, around: Around, outer: bytes) -> _Steps:
        here: dict[str, Any] = {}
        within = (*around, here)
        at = self._framed(at, self._blank_end(at + 1))
        while self._view[at : at + 1] != b"}":
            start = at
            at, is_whole = yield from self._member(at, node, here, within, outer)
            if at > start and not is_whole:
                return at, False
            at = self._framed(at, self._blank_end(at))
            if is_whole and self._view[at : at + 1] == b",":
                at = self._framed(at, self._blank_end(at + 1))
            elif not is_whole or self._view[at : at + 1] != b"}":
                if at >= self._size:
                    return at, False
                again, is_here = self._resumed(at, _of_keys(node), outer)
                yield from self._lost(at, again, _BROKEN)
                at = again
                if not is_here:
                    return at, False
        return self._framed(at, at + 1), True

    def _member(
        self, at: int, node: _Node, here: dict[str, Any], within: Around, outer: bytes
    ) -> _Steps:
        """Walk a key and its value; broken, it ends where it began."""
        key = _KEY.match(self._view, at)
        if key is None:
            return at, False
        inside, name = key.end(), _name(key[1])
        child, first = node.get(name), self._view[inside : inside + 1]
        if child and first == b"[" and "[]" in child:
            self._framed(at, inside)
            return (yield from self._array(inside, child["[]"], within, outer))
        if child and first == b"{":
            self._framed(at, inside)
            return (yield from self._object(inside, child, within, outer))
        found = self._window.value(inside)
        if found is None:
            return at, False
        end = inside + len(found.original)
        if end - inside <= _KEPT_BYTES:
            here[name] = found.value
            self._framed(at, end)
        else:
            self._framed(at, inside)
            yield from self._lost(inside, end, "a section that holds no records", records=0)
        return end, True

    def _array(self, at: int, node: _Node, around: Around, outer: bytes) -> _Steps:
        view = self._view
        opening = _OPENING.match(view, at)
        firsts = dict.fromkeys([opening[2]] if opening and opening[2] else [])
        at = self._framed(at, self._blank_end(at + 1))
        while view[at : at + 1] != b"]":
            start = at
            if not node:
                at = yield from self._records(at, around, firsts)
            elif view[at : at + 1] == b"{":
                signs = b"|".join(filter(None, (outer, _of_elements(opening, firsts))))
                at, _ = yield from self._object(at, node, around, signs)
            elif found := self._window.value(at):
                at = self._framed(at, at + len(found.original))
            if at > start:
                comma = _COMMA.match(view, at)
                at = self._framed(at, comma.end() if comma else self._blank_end(at))
                if comma or view[at : at + 1] == b"]":
                    continue
            if at >= self._size:
                return at, False
            again, is_here = self._resumed(at, _of_elements(opening, firsts), outer)
            yield from self._lost(at, again, _BROKEN, records=1 if again < self._size else None)
            at = again
            if not is_here:
                return at, False
            comma = _COMMA.match(view, at)
            at = self._framed(at, comma.end() if comma else at)
        return self._framed(at, at + 1), True

    def _records(
        self, at: int, around: Around, firsts: dict[bytes, None]
    ) -> Generator[Batch | Gap, None, int]:
        """Add records as long as one follows another; gives the place behind."""
        window, columns, add = self._window, self._columns, self._add
        framed_bytes, seen = 0, set[str]()
        for value, original, defects in window.run(at):
            is_object = isinstance(value, dict)
            reason = add(original, value, around, defects) if is_object else "not a JSON object"
            if reason:
                start = window.at - len(original) - (window.between_bytes - framed_bytes)
                yield from self._lost(start, start + len(original), reason, records=1)
                self._rejected += 1
                if self._rejected > _REJECTED:
                    columns.frame(_KIND, window.between_bytes)
                    yield from self._lost(window.at, self._size, "too much that is no record")
                    return self._size
            elif value and (key := next(iter(value))) not in seen and len(seen) < _FIRST_KEYS:
                seen.add(key)
                firsts[json.dumps(key).encode()] = None
            framed_bytes = window.between_bytes
            if columns.is_full:
                yield columns.take()
        columns.frame(_KIND, window.between_bytes)
        return window.at

    def _resumed(self, at: int, own: bytes, outer: bytes) -> tuple[int, bool]:
        """Where to go on after a broken place, and whether that is on the same level."""
        self._failures += 1
        if self._failures > _FAILURES:
            return self._size, False
        signs = b"|".join(b"(" + sign + b")" for sign in (own, outer) if sign)
        found = re.compile(signs).search(self._view, at + 1) if signs else None
        if found is None:
            return self._size, False
        return found.start(), bool(own) and found[1] is not None

    def _framed(self, at: int, end: int) -> int:
        self._columns.frame(_KIND, end - at)
        return end

    def _lost(self, at: int, end: int, reason: str, *, records: int | None = None) -> Iterator[Gap]:
        if end > at:
            yield _gap(self._columns, at, end, reason, records=records)

    def _blank_end(self, at: int) -> int:
        found = _BLANK.match(self._view, at)
        return found.end() if found else at


def _name(key: bytes) -> str:
    try:
        return str(json.loads(key.decode("utf-8", "surrogateescape"), strict=False))
    except ValueError:
        return ""


def _of_keys(node: _Node) -> bytes:
    """A pattern of where an object goes on: at a key that a path names."""
    names = b"|".join(re.escape(json.dumps(name).encode()) for name in node if name != "[]")
    return rb"(?:" + names + rb")[ \t\r\n]*:[ \t\r\n]*[\[{]" if names else b""


def _of_elements(opening: re.Match[bytes] | None, firsts: dict[bytes, None]) -> bytes:
    """A pattern of where an array goes on: at a comma before an object like those before it."""
    if opening and b"\n" in opening[1]:
        return rb"," + re.escape(opening[1]) + rb"\{"
    keys = b"|".join(re.escape(key) for key in firsts)
    return rb",[ \t\r\n]*\{" + (rb"[ \t\r\n]*(?:" + keys + rb")" if keys else b"")
