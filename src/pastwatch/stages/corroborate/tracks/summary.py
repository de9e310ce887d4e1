"""Sums up what sealed files of positions hold, so that a case can keep it and look again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pastwatch.errors import BadValue
from pastwatch.model.track import TrackFile, TrackGap, Tracks, Window
from pastwatch.stages.corroborate.tracks.coverageoftracks import (
    Listening,
    gaps_of,
    listening_of,
    subjects_of,
)
from pastwatch.stages.corroborate.tracks.positions import LOOSE
from pastwatch.stages.corroborate.tracks.reading import ReadAs, Reading, is_utc_by_form
from pastwatch.stages.corroborate.tracks.times import AFTER_US, BEFORE_US

SUBJECTS_KEPT = 50
GAPS_KEPT = 200
STRETCHES_KEPT = 100


def tracks_of(
    reading: Reading,
    *,
    title: str,
    subject: str,
    files: Sequence[TrackFile],
    windows: Sequence[Window] = (),
    note: str = "",
) -> tuple[Tracks, Listening]:
    """What a case keeps of a reading, and when its receiver was listening.

    BadValue where nothing can be read, or windows are stated for times of unknown zone.
    """
    positions, settled = reading.positions, reading.settled
    if not len(positions) and not len(positions.heard_us):
        why = ", ".join(f"{n:,} × {reason}" for reason, n in reading.rejected.items())
        raise BadValue(f"no position can be read: {why or 'the file has no rows'}")
    is_loose = bool((positions.flags & LOOSE).any())
    if is_loose and windows:
        raise BadValue(
            "windows of coverage cannot be held against times whose zone is unknown",
            hint="state the zone of the file with --zone",
        )
    listening = listening_of(positions, windows, subject_kind=settled.subject_kind)
    subjects = subjects_of(positions, limit=SUBJECTS_KEPT)
    codes = {name: code for code, name in enumerate(positions.names)}
    gaps = [g for s in subjects for g in gaps_of(positions, codes[s.subject], listening)]
    longest = sorted(gaps, key=lambda g: (-g.length_s, g.subject, g.start_us))[:GAPS_KEPT]
    stretches = listening.stretches
    first = min((int(t.min()) for t in _times(reading)), default=None)
    last = max((int(t.max()) for t in _times(reading)), default=None)
    tracks = Tracks(
        title=title,
        kind=settled.kind,
        subject_kind=settled.subject_kind,
        subject=subject,
        files=tuple(files),
        mapping=dict(settled.mapping),
        columns=dict(reading.columns),
        zone=zone_words(settled, is_loose=is_loose),
        dates=settled.dates,
        rows=reading.rows,
        positions=len(positions),
        subject_count=int((np.diff(positions.first) > 0).sum()),
        subjects=tuple(subjects),
        first_us=first,
        last_us=last,
        slack_before_us=BEFORE_US if is_loose else 0,
        slack_after_us=AFTER_US if is_loose else 0,
        rejected=reading.rejected,
        flagged=positions.flagged,
        windows=listening.windows,
        reporting=tuple((int(a), int(b)) for a, b in stretches[:STRETCHES_KEPT].tolist()),
        reporting_count=len(stretches),
        gaps=tuple(longest),
        gap_count=len(gaps),
        note=note,
    )
    return tracks, listening


def read_as_of(tracks: Tracks) -> ReadAs:
    """How files kept in a case are read again, exactly as they were."""
    return ReadAs(
        kind=tracks.kind,
        subject_kind=tracks.subject_kind,
        mapping=tracks.mapping,
        zone="" if tracks.zone in _NO_ZONE else tracks.zone,
        dates=tracks.dates,
        alone=tracks.subject,
    )


_BY_FORM = "UTC by the form"
_NO_ZONE = ("stated", "unknown", _BY_FORM)


def zone_words(read_as: ReadAs, *, is_loose: bool) -> str:
    """Where the zone of the times comes from."""
    if read_as.zone:
        return read_as.zone
    if is_loose:
        return "unknown"
    return _BY_FORM if is_utc_by_form(read_as.kind) else "stated"


def _times(reading: Reading) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    held = (reading.positions.time_us, reading.positions.heard_us)
    return [times for times in held if len(times)]


def gaps_in(tracks: Tracks, *, start_us: int, end_us: int) -> tuple[TrackGap, ...]:
    """The kept gaps that lie over a stretch of time, in order."""
    over = (g for g in tracks.gaps if g.start_us < end_us and g.end_us > start_us)
    return tuple(sorted(over, key=lambda g: (g.start_us, g.subject)))
