"""When a receiver was listening, and what a gap in one track can be told to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pastwatch.model.track import (
    ALTERNATIVES,
    RECORDER_ALTERNATIVES,
    Subject,
    TrackGap,
    TrackSilence,
    Window,
)
from pastwatch.stages.corroborate.tracks.earth import distance_m
from pastwatch.stages.corroborate.tracks.positions import CLOCK_STEP, JUMP, Positions

Ints = npt.NDArray[np.int64]

GAP_TIMES = 10.0
"""A gap is so many times a track's own interval."""
LEAST_GAP_S = 60.0
LEAST_POSITIONS = 5
"""With fewer, a track has no interval of its own, and no gap is told."""
_SILENT_RATIO, _LISTENING_RATIO = 0.1, 0.9
_COMPARED = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """When anybody at all was received, over all subjects, and who at which time."""

    time_us: Ints
    """Of every position and every transmission heard, in order."""
    code: npt.NDArray[np.int32]
    row: Ints
    """The row of the position, −1 for what was heard without one."""
    stretches: Ints
    """Between when something was received again and again: pairs of start and end."""
    limit_s: float
    """Longer than this without anybody, and the receiver is taken as silent."""
    is_known: bool
    """Whether several subjects are there to tell the receiver from the subject."""
    windows: tuple[Window, ...]

    def covered_us(self, start_us: int, end_us: int) -> int:
        """For how long of a stretch the receiver is known to have been listening."""
        if self.windows:
            pairs = np.array([(w.start_us, w.end_us) for w in self.windows], np.int64)
        else:
            first = int(np.searchsorted(self.stretches[:, 1], start_us))
            last = int(np.searchsorted(self.stretches[:, 0], end_us))
            pairs = self.stretches[first:last]
        if not len(pairs):
            return 0
        inside = np.minimum(pairs[:, 1], end_us) - np.maximum(pairs[:, 0], start_us)
        return int(np.maximum(inside, 0).sum())


def listening_of(
    positions: Positions, windows: Sequence[Window] = (), *, subject_kind: str
) -> Listening:
    """What the receiver's own reporting tells over all subjects.

    Costs 20 bytes a position, and one sort. A device that records itself is no receiver of others.
    """
    time = np.concatenate((positions.time_us, positions.heard_us))
    code = np.concatenate((positions.code, positions.heard_code))
    order = np.argsort(time, kind="stable")
    time, code = time[order], code[order]
    row = np.where(order < len(positions), order, -1)
    steps = np.diff(time) / 1e6
    usual = float(np.median(steps)) if len(steps) else 0.0
    limit_s = max(LEAST_GAP_S, GAP_TIMES * usual)
    is_known = len(positions.names) > 1 and subject_kind != "device"
    stretches = np.zeros((0, 2), np.int64)
    if is_known and len(time):
        breaks = np.flatnonzero(steps > limit_s)
        first = np.concatenate(([0], breaks + 1))
        last = np.concatenate((breaks, [len(time) - 1]))
        stretches = np.stack((time[first], time[last]), 1)
    return Listening(
        time_us=time,
        code=code,
        row=row,
        stretches=stretches,
        limit_s=limit_s,
        is_known=is_known,
        windows=tuple(_apart(windows)),
    )


def _apart(windows: Sequence[Window]) -> list[Window]:
    """Windows in order, those that overlap joined."""
    joined: list[Window] = []
    for one in sorted(windows, key=lambda w: w.start_us):
        if joined and one.start_us <= joined[-1].end_us:
            last = joined.pop()
            end_us = max(last.end_us, one.end_us)
            one = Window(start_us=last.start_us, end_us=end_us, stated_by=last.stated_by)  # noqa: PLW2901
        joined.append(one)
    return joined


def own_interval_s(positions: Positions, code: int) -> float | None:
    """The middle of a track's steps in time; None for one too short to have an interval."""
    times = positions.time_us[positions.first[code] : positions.first[code + 1]]
    if len(times) < LEAST_POSITIONS:
        return None
    steps = np.diff(times)
    steps = steps[steps > 0]
    return float(np.median(steps)) / 1e6 if len(steps) else None


def gaps_of(
    positions: Positions,
    code: int,
    listening: Listening,
    *,
    times: float = GAP_TIMES,
    least_s: float = LEAST_GAP_S,
    with_end: bool = False,
) -> list[TrackGap]:
    """The gaps in one track, in order, each told from what else was received in it.

    With `with_end` also the stretch from its last position to the end of the file, where that is
    as long as a gap.
    """
    interval_s = own_interval_s(positions, code)
    if interval_s is None:
        return []
    rows = slice(int(positions.first[code]), int(positions.first[code + 1]))
    track_us = positions.time_us[rows]
    longest_us = max(times * interval_s, least_s) * 1e6
    found = []
    for at in np.flatnonzero(np.diff(track_us) > longest_us).tolist():
        start_us, end_us = int(track_us[at]), int(track_us[at + 1])
        found.append(_gap(positions, rows.start + at, (start_us, end_us), listening, interval_s))
    if with_end and len(listening.time_us):
        end_us = max(
            int(listening.time_us[-1]), max((w.end_us for w in listening.windows), default=0)
        )
        if end_us - int(track_us[-1]) > longest_us:
            last = _gap(
                positions,
                rows.stop - 1,
                (int(track_us[-1]), end_us),
                listening,
                interval_s,
                is_last=True,
            )
            found.append(last)
    return found


def _gap(
    positions: Positions,
    row: int,
    span_us: tuple[int, int],
    listening: Listening,
    interval_s: float,
    *,
    is_last: bool = False,
) -> TrackGap:
    start_us, end_us = span_us
    code = int(positions.code[row])
    # Edges belong to the track itself: what is counted lies strictly inside, or at the file's end.
    first = int(np.searchsorted(listening.time_us, start_us, "right"))
    last = int(np.searchsorted(listening.time_us, end_us, "right" if is_last else "left"))
    codes = listening.code[first:last]
    own = codes == code
    others = len(np.unique(codes[~own]))
    heard = int(own.sum())
    covered_us = listening.covered_us(start_us, end_us)
    silence = _silence(listening, covered_us / max(end_us - start_us, 1), others, heard)
    is_recorder = not listening.is_known and not listening.windows and len(positions.names) == 1
    return TrackGap(
        subject=positions.names[code],
        start_us=start_us,
        end_us=end_us,
        silence=silence,
        own_interval_s=interval_s,
        others=others,
        covered_s=covered_us / 1e6,
        heard=heard,
        nearest_other_m=_nearest(positions, row, listening.row[first:last][~own]),
        alternatives=()
        if silence is TrackSilence.RECEIVER
        else RECORDER_ALTERNATIVES
        if is_recorder
        else ALTERNATIVES,
        is_last=is_last,
    )


def _silence(listening: Listening, covered_ratio: float, others: int, heard: int) -> TrackSilence:
    if not listening.is_known and not listening.windows:
        return TrackSilence.NO_POSITION if heard else TrackSilence.UNKNOWN
    if covered_ratio < _SILENT_RATIO and not heard:
        return TrackSilence.RECEIVER
    if heard:
        return TrackSilence.NO_POSITION
    if covered_ratio <= _LISTENING_RATIO:
        return TrackSilence.PARTLY
    return TrackSilence.SUBJECT if others else TrackSilence.STATED


def _nearest(positions: Positions, row: int, rows: Ints) -> float | None:
    rows = rows[rows >= 0]
    if not len(rows):
        return None
    rows = rows[:: max(1, len(rows) // _COMPARED)]
    apart = distance_m(
        float(positions.lat_e7[row]) / 1e7,
        float(positions.lon_e7[row]) / 1e7,
        positions.lat_e7[rows] / 1e7,
        positions.lon_e7[rows] / 1e7,
    )
    return float(apart.min())


def subjects_of(positions: Positions, *, limit: int | None = None) -> list[Subject]:
    """Who transmitted, those with most positions first, then by identity."""
    counts = np.diff(positions.first)
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda c: (-counts[c], positions.names[c]))
    heard = np.bincount(positions.heard_code, minlength=len(positions.names))
    return [_subject(positions, code, int(heard[code])) for code in order[:limit]]


def _subject(positions: Positions, code: int, heard: int) -> Subject:
    rows = slice(int(positions.first[code]), int(positions.first[code + 1]))
    name, flags = positions.names[code], positions.flags[rows]
    return Subject(
        subject=name,
        positions=rows.stop - rows.start,
        first_us=int(positions.time_us[rows.start]),
        last_us=int(positions.time_us[rows.stop - 1]),
        own_interval_s=own_interval_s(positions, code),
        heard=heard,
        jumps=int(((flags & JUMP) > 0).sum()),
        clock_steps=int(((flags & CLOCK_STEP) > 0).sum()),
        label=positions.labels.get(name, ""),
        maker_type=positions.maker_types.get(name, ""),
    )
