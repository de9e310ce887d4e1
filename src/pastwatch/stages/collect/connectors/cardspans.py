"""Cuts calendars and card files into their entries, exactly, and what stands between them."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from typing import NamedTuple

from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.mbox import RECORD_LIMIT_BYTES


class Span(NamedTuple):
    """The bytes of one entry, from its BEGIN to its END, line end included."""

    raw: bytes
    is_cut: bool


def spans(
    view: mmap.mmap | bytes, kinds: tuple[bytes, ...], container: str, *, kind: str
) -> Iterator[Span | tuple[str, int] | Gap]:
    """The entries in order; bytes between are pairs (kind, bytes), an endless entry is cut short.

    An entry without its end ends where the next begins.
    """
    done = 0
    for start, stop, is_cut in _places(view, kinds):
        if start > done:
            yield kind, start - done
        done = stop
        if stop - start <= RECORD_LIMIT_BYTES:
            yield Span(bytes(view[start:stop]), is_cut)
        else:
            yield Gap(
                source_id="",
                reason="larger than a record may be",
                bytes=stop - start,
                lost_records_at_most=1,
                container=container,
                offset=start,
            )
    if done < len(view):
        yield kind, len(view) - done


def _places(view: mmap.mmap | bytes, kinds: tuple[bytes, ...]) -> Iterator[tuple[int, int, bool]]:
    """(start, stop, whether its end is missing) of each entry."""
    names = b"|".join(kinds)
    marks = re.compile(rb"(?i)(?:^|(?<=[\r\n]))(BEGIN|END):(" + names + rb")[ \t]*(?=[\r\n]|\Z)")
    start, depth, opening = -1, 0, b""
    for found in marks.finditer(view):
        is_begin, name = found[1].upper() == b"BEGIN", found[2].upper()
        if is_begin and start >= 0 and name == opening and _is_nested(view, found.start()):
            depth += 1
        elif is_begin:
            if start >= 0:  # the last one had no end
                yield start, found.start(), True
            start, depth, opening = found.start(), 1, name
        elif start >= 0 and name == opening:
            depth -= 1
            if not depth:
                yield start, _line_end(view, found.end()), False
                start = -1
    if start >= 0:
        yield start, len(view), True


def _is_nested(view: mmap.mmap | bytes, at: int) -> bool:
    """Whether a BEGIN stands in another card (AGENT, version 2.1)."""
    before = bytes(view[max(0, at - 80) : at]).rstrip(b"\r\n \t").upper()
    return before.endswith(b"AGENT:")


def _line_end(view: mmap.mmap | bytes, at: int) -> int:
    if view[at : at + 2] == b"\r\n":
        return at + 2
    return at + 1 if view[at : at + 1] in {b"\r", b"\n"} else at
