"""Choose what stands on a timeline, and count before, during and after: columns in, places out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.scope import WIDEST_US
from pastwatch.archive.sliceindex import SliceIndex
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.model.timeline import Mark, Split, Volume
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Span

DATED, UNDATED, DOUBTFUL = 0, 1, 2
BINS: Final = 96
LEAST_US: Final = 60_000_000
"""A timeline is at least a minute long."""
_MARGIN_RATIO = 0.04
_NO_TIME: Final = np.iinfo(np.int64).min  # what an envelope without a time holds in a column
_ID: Final = "S16"
_WIDTHS_US: Final = (
    *(SECOND_US * n for n in (1, 2, 5, 10, 15, 20, 30)),
    *(60 * SECOND_US * n for n in (1, 2, 5, 10, 15, 20, 30)),
    *(HOUR_US * n for n in (1, 2, 3, 4, 6, 8, 12)),
    *(DAY_US * n for n in (1, 2, 3, 5, 7, 14, 28, 91, 182, 365, 3650)),
)

Int64s = npt.NDArray[np.int64]
Int8s = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Times:
    """One row a thing: when it was, how far that is to be believed, how much it matters.

    `state` is DATED, UNDATED or DOUBTFUL; times of undated rows mean nothing. `rank` 0 comes first.
    """

    earliest_us: Int64s
    latest_us: Int64s
    state: Int8s
    lasts: Bools
    rank: Int8s

    def __len__(self) -> int:
        return len(self.state)

    def take(self, places: npt.NDArray[np.integer] | Bools) -> Times:
        """Some of the rows."""
        return Times(
            self.earliest_us[places],
            self.latest_us[places],
            self.state[places],
            self.lasts[places],
            self.rank[places],
        )

    def joined(self, other: Times) -> Times:
        """These rows, then the other's."""
        return Times(
            np.concatenate((self.earliest_us, other.earliest_us)),
            np.concatenate((self.latest_us, other.latest_us)),
            np.concatenate((self.state, other.state)),
            np.concatenate((self.lasts, other.lasts)),
            np.concatenate((self.rank, other.rank)),
        )


def times_of_marks(marks: Sequence[Mark], *, rank: int = 0) -> Times:
    """The times of marks that are given; one wider than 400 days places nothing, unless it lasts."""
    earliest = np.array([m.earliest_us or 0 for m in marks], dtype=np.int64)
    latest = np.array([m.latest_us or 0 for m in marks], dtype=np.int64)
    lasts = np.array([m.lasts for m in marks], dtype=np.bool_)
    dated = np.array([m.earliest_us is not None for m in marks], dtype=np.bool_)
    doubtful = np.array([m.doubtful for m in marks], dtype=np.bool_)
    state = _state(dated & (lasts | (latest - earliest < WIDEST_US)), doubtful)
    return Times(earliest, latest, state, lasts, np.full(len(marks), rank, dtype=np.int8))


def times_of_rows(index: SliceIndex, rows: Int64s, rank: Int8s) -> Times:
    """The times of some records of a slice."""
    earliest, latest = index.earliest_us[rows], index.latest_us[rows]
    doubtful = (index.defects[rows] & int(Defect.DOUBTFUL)) != 0
    undated = ~index.dated[rows] & ~doubtful
    undated |= (earliest == _NO_TIME) | (latest == _NO_TIME)
    return Times(earliest, latest, _state(~undated, doubtful), np.zeros(len(rows), np.bool_), rank)


def split_of(times: Times, event: Span) -> Split:
    """Where the rows lie as to the event; an event of no length is a moment that after begins with."""
    dated = times.state == DATED
    early, late = times.earliest_us, times.latest_us
    before = dated & (late < event.start_us)
    after = dated & (early >= event.end_us)
    inside = (early >= event.start_us) & (late < event.end_us)
    during = dated & (inside | (times.lasts & ~before & ~after))
    return Split(
        before=int(before.sum()),
        during=int(during.sum()),
        after=int(after.sum()),
        either=int((dated & ~before & ~during & ~after).sum()),
        doubtful=int((times.state == DOUBTFUL).sum()),
        undated=int((times.state == UNDATED).sum()),
    )


def inside_of(times: Times, span: Span) -> Bools:
    """Which rows may lie in the span; those without a usable date may lie anywhere."""
    touches = (times.earliest_us < span.end_us) & (times.latest_us >= span.start_us)
    return np.asarray(touches | (times.state != DATED))


def chosen(times: Times, *, event: Span, limit: int) -> Int64s:
    """The places of the rows to show, in order of time, undated ones last.

    Of more than `limit` the first by rank are taken, then the nearest to the event; of two as near
    the earlier.
    """
    far = np.maximum(event.start_us - times.latest_us, times.earliest_us - event.end_us)
    far = np.where(times.state == UNDATED, np.iinfo(np.int64).max, np.maximum(far, 0))
    order = np.lexsort((np.arange(len(times)), times.earliest_us, far, times.rank))[:limit]
    kept = times.take(order)
    undated = kept.state == UNDATED
    early = np.where(undated, 0, kept.earliest_us)
    late = np.where(undated, 0, kept.latest_us)
    return np.asarray(order[np.lexsort((order, late, early, undated))], dtype=np.int64)


def span_of(times: Times, *, event: Span, since_us: int | None, until_us: int | None) -> Span:
    """The stretch to draw: as asked, else all dated rows and the event with a margin around them."""
    dated = times.state == DATED
    start = int(np.min(times.earliest_us[dated], initial=event.start_us))
    end = int(np.max(times.latest_us[dated], initial=event.end_us))
    margin = max(int((end - start) * _MARGIN_RATIO), 1)
    if end - start + 2 * margin < LEAST_US:
        margin = (LEAST_US - (end - start)) // 2 + 1
    first = since_us if since_us is not None else start - margin
    last = until_us if until_us is not None else end + margin
    if until_us is not None and since_us is None:
        first = min(first, last - LEAST_US)
    return Span(start_us=first, end_us=max(last, first + LEAST_US))


def rows_of(index: SliceIndex, wanted: Collection[bytes]) -> Int64s:
    """The rows of those records that are in the slice, in order of time."""
    if not wanted:
        return np.zeros(0, dtype=np.int64)
    return np.asarray(np.flatnonzero(_among(index, wanted)), dtype=np.int64)


def volumes_of(
    index: SliceIndex,
    *,
    span: Span,
    event: Span,
    names: Sequence[tuple[str, str]],
    held: dict[str, tuple[int | None, int | None]],
    gaps: Sequence[Gap] = (),
    withheld: Collection[bytes] = (),
    bins: int = BINS,
) -> tuple[Volume, ...]:
    """How many records of each source (id, name) lie in each stretch; the event is an edge.

    None of the withheld is counted. No Python is run for each record.
    """
    width_us = width_of(span, bins)
    first_us = span.start_us
    if span.start_us < event.start_us < span.end_us:
        first_us = event.start_us - -(-(event.start_us - span.start_us) // width_us) * width_us
    count = -(-(span.end_us - first_us) // width_us)
    place = {source_id: number for number, (source_id, _) in enumerate(names)}
    source = np.array([place.get(s, -1) for s in index.source] or [-1], dtype=np.int64)[index.pack]
    open_ = source >= 0
    if withheld:
        open_ &= ~_among(index, withheld)
    rows = np.flatnonzero(open_)
    times = times_of_rows(index, rows, np.zeros(len(rows), np.int8))
    source = source[rows]
    inside = (times.state == DATED) & (times.earliest_us >= first_us)
    inside &= times.earliest_us < first_us + count * width_us
    at = source[inside] * count + (times.earliest_us[inside] - first_us) // width_us
    counts = np.bincount(at, minlength=count * len(names)).reshape(len(names), count)
    return tuple(
        Volume(
            source_id=source_id,
            name=name,
            start_us=first_us,
            width_us=width_us,
            counts=tuple(counts[number].tolist()),
            split=split_of(times.take(source == number), event),
            held_from_us=held.get(source_id, (None, None))[0],
            held_until_us=held.get(source_id, (None, None))[1],
            gaps=tuple(gap for gap in gaps if gap.source_id == source_id),
        )
        for number, (source_id, name) in enumerate(names)
    )


def width_of(span: Span, bins: int) -> int:
    """The shortest round length that cuts the span into so many stretches at most."""
    round_ = (s for s in _WIDTHS_US if span.length_us <= s * bins)
    return next(round_, -(-span.length_us // bins))


def _state(placed: Bools, doubtful: Bools) -> Int8s:
    state = np.where(placed, DATED, UNDATED)
    return np.asarray(np.where(doubtful & placed, DOUBTFUL, state), dtype=np.int8)


def _among(index: SliceIndex, wanted: Collection[bytes]) -> Bools:
    """Which records of a slice are among those wanted; the ids are compared as words of 16 bytes."""
    held = index.record_ids.view(_ID)
    asked = np.sort(np.array(list(wanted), dtype=_ID))
    at = np.minimum(np.searchsorted(asked, held), len(asked) - 1)
    return np.asarray(asked[at] == held)
