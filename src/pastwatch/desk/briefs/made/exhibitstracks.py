"""Tracks in the chapter of exhibits: what they cover, their gaps, and what each gap can mean."""

from __future__ import annotations

from collections.abc import Sequence

from pastwatch.casefile.entered import Entered
from pastwatch.desk.briefs.made.cells import cell, joined, many, moment, row, told
from pastwatch.desk.briefs.made.ledgered import Acts
from pastwatch.desk.case import CaseWork
from pastwatch.model.track import IDENTITY_NOTE, TrackGap, Tracks
from pastwatch.model.when import HOUR_US
from pastwatch.stages.brief.given import Line, Stretch

GAPS_AT_MOST = 12
SUBJECTS_AT_MOST = 12
_COLUMNS = ("Who", "From", "Until", "Hours", "What was received", "What it can mean")


def tracks_stretches(
    case: CaseWork, tracks: Sequence[Entered[Tracks]], acts: Acts
) -> list[Stretch]:
    """For each track of the case what it covers, then a table of its gaps nearest to the event."""
    stretches = []
    for one in tracks:
        ledger = acts.numbered("tracks", one.name)
        stretches.append(
            Stretch(
                heading=f"{one.name} {one.value.title}, entered by {one.by}",
                columns=("Asked", "Stated"),
                lines=tuple(
                    Line(kind="exhibit", text=told(text), ledger=ledger)
                    for text in _told(case, one.value)
                ),
            )
        )
        gaps = _nearest(one.value, case.event.when.start_us)
        if gaps:
            shown = f"{len(gaps):,} of {one.value.gap_count:,}, the nearest to the event first"
            stretches.append(
                Stretch(
                    heading=f"{one.name} gaps: showing {shown}",
                    columns=_COLUMNS,
                    lines=tuple(
                        Line(kind="exhibit", text=_gap(case, gap), ledger=ledger) for gap in gaps
                    ),
                )
            )
    return stretches


def _told(case: CaseWork, tracks: Tracks) -> list[str]:
    zone = case.event.zone_offset_s
    said = [
        (
            f"What it is: {many(tracks.positions, 'position')} of "
            f"{many(tracks.subject_count, tracks.subject_kind)}, {tracks.kind.value}, "
            f"from {many(len(tracks.files), 'sealed file')}."
        ),
        *(
            f"File: {cell(f.name)}, {f.size_bytes:,} bytes, SHA-256 {f.sha256.hex()}"
            for f in tracks.files
        ),
    ]
    if tracks.first_us is not None and tracks.last_us is not None:
        slack = (tracks.slack_before_us + tracks.slack_after_us) / HOUR_US
        off = f"; its zone is unknown: up to {slack:.0f} h off" if slack else ""
        said.append(
            f"Dated: {moment(tracks.first_us, zone)} to {moment(tracks.last_us, zone)}{off}."
        )
    said.append(f"Coverage of the receiver: {tracks.coverage}.")
    subjects = [f"{s.subject} ({s.positions:,})" for s in tracks.subjects[:SUBJECTS_AT_MOST]]
    said.append(
        f"Who transmitted, with positions: {joined(subjects)}; showing {len(subjects):,} of "
        f"{tracks.subject_count:,}."
    )
    for what, counts in (("Left out", tracks.rejected), ("Kept and doubted", tracks.flagged)):
        if counts:
            said.append(f"{what}: {joined(f'{n:,} {reason}' for reason, n in counts.items())}.")
    said.append(f"Does not show: {IDENTITY_NOTE}.")
    if tracks.note:
        said.append(f"Note: {tracks.note}")
    return said


def _nearest(tracks: Tracks, event_us: int) -> list[TrackGap]:
    def far(gap: TrackGap) -> int:
        return max(gap.start_us - event_us, event_us - gap.end_us, 0)

    return sorted(tracks.gaps, key=lambda g: (far(g), g.start_us, g.subject))[:GAPS_AT_MOST]


def _gap(case: CaseWork, gap: TrackGap) -> str:
    zone = case.event.zone_offset_s
    others = f"; {many(gap.others, 'other')} received in it" if gap.others else ""
    last = "; nothing says that it ends" if gap.is_last else ""
    return row(
        gap.subject,
        moment(gap.start_us, zone),
        moment(gap.end_us, zone),
        f"{gap.length_s / 3600:.1f}",
        f"{gap.silence.value}{others}{last}",
        "; ".join(gap.alternatives) or "the receiver had nobody: it says nothing of this one",
    )
