"""Where characters of a text stand in its UTF-8 bytes: what every cited span is counted in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pastwatch.model.note import Annotation
from pastwatch.model.record import PART_SUBJECT, PART_TEXT, Record


class ByteSpans:
    """Byte offsets for the character offsets of one text; costs nothing while it is ASCII."""

    def __init__(self, text: str) -> None:
        self._starts = None if text.isascii() else _starts(text)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The byte span of the characters from start up to end."""
        if self._starts is None:
            return start, end
        return int(self._starts[start]), int(self._starts[end])


class Marker:
    """Makes annotations of one part of one record, spans given in characters."""

    def __init__(self, record: Record, part: int, text: str, *, maker: str, version: str) -> None:
        self._record_id = record.record_id
        self._part = part
        self._spans = ByteSpans(text)
        self._maker = maker
        self._version = version

    def mark(
        self, kind: str, value: str, start: int, end: int, *, confidence_p: float | None = None
    ) -> Annotation:
        """An annotation of the characters from start up to end."""
        start_byte, end_byte = self._spans.span(start, end)
        return Annotation(
            record_id=self._record_id,
            kind=kind,
            value=value,
            maker=self._maker,
            version=self._version,
            confidence_p=confidence_p,
            part=self._part,
            start_byte=start_byte,
            end_byte=end_byte,
        )


def texts_of(record: Record) -> Iterator[tuple[int, str]]:
    """Every part of a record that has text: the subject, the text, each attachment read."""
    if record.subject:
        yield PART_SUBJECT, record.subject
    if record.text:
        yield PART_TEXT, record.text
    for place, part in enumerate(record.parts, start=1):
        if part.text:
            yield place, part.text


def _starts(text: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    widths = 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)  # noqa: PLR2004 - RFC 3629 §3
    starts = np.zeros(len(points) + 1, np.int64)
    np.cumsum(widths, out=starts[1:])
    return starts
