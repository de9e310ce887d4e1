"""Prints tracks and single subjects of them: span, coverage, gaps and what gaps can mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pastwatch.cli import show
from pastwatch.cli.session import Session
from pastwatch.model.track import ALTERNATIVES, IDENTITY_NOTE, RECORDER_ALTERNATIVES, TrackSilence

if TYPE_CHECKING:
    from pastwatch.desk.exhibiting import Entered
    from pastwatch.model.track import Subject, TrackGap, Tracks


def print_tracks(session: Session, kept: Entered[Tracks], *, offset_s: int, limit: int) -> None:
    """Tracks as a case keeps them, as text or as one line of JSON."""
    value = kept.value
    if session.json:
        show.json_line(value, name=kept.name, by=kept.by, at_us=kept.at_us,
                       struck=kept.struck.reason if kept.struck else None)  # fmt: skip
        return
    zone = value.zone
    if value.slack_before_us:
        zone += f": every time is an interval of {show.lasting((value.slack_before_us + value.slack_after_us) / 1e6)}"
    heard = value.rows - value.positions - sum(value.rejected.values())
    mapped = ", ".join(f"{role}={said}" for role, said in value.columns.items())
    show.facts(
        [
            (kept.name, show.neutral(value.title)),
            ("struck", show.neutral(kept.struck.reason) if kept.struck else ""),
            ("form", f"{value.kind.value}, {value.subject_kind}"),
            ("from", _both(value.first_us, offset_s)),
            ("until", _both(value.last_us, offset_s)),
            ("zone", zone),
            ("columns", show.neutral(mapped)),
            ("positions", (f"{value.positions:,} of {show.count(value.subject_count, value.subject_kind)}"
             f", in {show.count(value.rows, 'row')}")),
            ("heard", f"{heard:,} × without a position" if heard else ""),
            *(("left out", f"{n:,} × {reason}") for reason, n in value.rejected.items()),
            *(("doubted", f"{n:,} × {reason} (kept)") for reason, n in value.flagged.items()),
            ("coverage", value.coverage + (f": {value.reporting_count} stretches"
                                           if value.reporting and not value.windows else "")),
            ("note", show.neutral(value.note)),
        ]
    )  # fmt: skip
    if value.subjects:
        show.out()
        shown = value.subjects[:limit]
        head = ("identity", "label", "type said", "positions", "every", "from", "until", "doubted")
        show.table([_subject_row(s, offset_s) for s in shown], head=head, right={3, 4})
        show.out(f"showing {len(shown)} of {show.count(value.subject_count, value.subject_kind)}")
    _print_gaps(value.gaps, offset_s=offset_s, limit=limit, count=value.gap_count)
    show.out()
    for file in value.files:
        show.out(f"sealed: {show.neutral(file.name)}, {show.size(file.size_bytes)}, record "
                 f"{file.record_id.hex()}, sha-256 {file.sha256.hex()[:16]}…")  # fmt: skip
    show.out(f"note: {IDENTITY_NOTE}")


def _subject_row(one: Subject, offset_s: int) -> tuple[str, ...]:
    doubted = [
        *([show.count(one.jumps, "jump")] if one.jumps else []),
        *([f"clock back {one.clock_steps} ×"] if one.clock_steps else []),
    ]
    return (
        show.cut(show.neutral(one.subject), 24),
        show.cut(show.neutral(one.label), 20),
        show.cut(show.neutral(one.maker_type), 20),
        show.count(one.positions),
        show.lasting(one.own_interval_s) if one.own_interval_s else "",
        show.moment(one.first_us, offset_s=offset_s, seconds=True),
        show.moment(one.last_us, offset_s=offset_s, seconds=True),
        ", ".join(doubted),
    )


def print_subject(
    session: Session, found: Subject, gaps: Sequence[TrackGap], *, offset_s: int, limit: int
) -> None:
    """One subject of tracks with all its gaps, as text or as lines of JSON."""
    if session.json:
        show.json_line(found, kind="subject", identity_note=IDENTITY_NOTE)
        for gap in gaps:
            show.json_line(gap, kind="gap")
        return
    show.facts(
        [
            ("identity", f"{show.neutral(found.subject)} {show.neutral(found.label)}".strip()),
            ("type", f"{show.neutral(found.maker_type)} (as transmitted or stated; not who used it)" if found.maker_type else ""),
            ("positions", show.count(found.positions)
             + (f", every {show.lasting(found.own_interval_s)}" if found.own_interval_s else "")),
            ("heard", f"{found.heard:,} × without a position" if found.heard else ""),
            ("from", _both(found.first_us, offset_s)),
            ("until", _both(found.last_us, offset_s)),
            ("doubted", ", ".join(_subject_row(found, 0)[-1:])),
        ]
    )  # fmt: skip
    _print_gaps(gaps, offset_s=offset_s, limit=limit, count=len(gaps))
    show.out(f"note: {IDENTITY_NOTE}")


def _print_gaps(gaps: Sequence[TrackGap], *, offset_s: int, limit: int, count: int) -> None:
    if not gaps:
        return
    show.out()
    shown = gaps[:limit]
    head = ("gap of", "from", "until", "lasts", "what it is", "others", "nearest")
    show.table([_gap_row(g, offset_s) for g in shown], head=head, right={3, 5, 6})
    show.out(f"showing {len(shown)} of {show.count(count, 'gap')}")
    for alternatives in (ALTERNATIVES, RECORDER_ALTERNATIVES):
        if any(g.alternatives == alternatives for g in shown):
            show.out("what such a gap can mean, in no order (a receiver gap apart):")
            for one in alternatives:
                show.out(f"  - {one}")


def _gap_row(gap: TrackGap, offset_s: int) -> tuple[str, ...]:
    is_plain = gap.silence is TrackSilence.RECEIVER
    nearest = (
        "" if gap.nearest_other_m is None or is_plain else f"{gap.nearest_other_m / 1000:.1f} km"
    )
    return (
        show.cut(show.neutral(gap.subject), 24),
        show.moment(gap.start_us, offset_s=offset_s, seconds=True),
        "end of the file"
        if gap.is_last
        else show.moment(gap.end_us, offset_s=offset_s, seconds=True),
        show.lasting(gap.length_s),
        gap.silence.value,
        show.count(gap.others),
        nearest,
    )


def _both(time_us: int | None, offset_s: int) -> str:
    if time_us is None:
        return ""
    own = show.moment(time_us, offset_s=offset_s, seconds=True)
    return own if not offset_s else f"{own} ({show.moment(time_us, seconds=True)[11:19]} UTC)"
