"""Prints who was near a point: a table that cites its rows, and what is not known beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pastwatch.cli import show
from pastwatch.cli.session import Session
from pastwatch.model.track import IDENTITY_NOTE

if TYPE_CHECKING:
    from pastwatch.desk.exhibitingtracks import Nearness
    from pastwatch.model.track import Approach, Tracks

_KN = 0.514444
_WHOLE_KM = 100_000.0


def print_near(
    session: Session,
    name: str,
    tracks: Tracks,
    found: Nearness,
    *,
    point: tuple[float, float],
    radius_m: float,
    span: tuple[int, int],
    covered_us: int,
    offset_s: int,
    limit: int,
    unknown: bool,
) -> None:
    """The answer, as text or as JSON Lines; nothing is cut without saying so."""
    if session.json:
        show.json_line(
            None,
            kind="asked",
            tracks=name,
            lat=point[0],
            lon=point[1],
            radius_m=radius_m,
            from_us=span[0],
            until_us=span[1],
            covered_us=covered_us if _knows(tracks) else None,
            within=len(found.within),
            not_known=len(found.not_known),
            not_within=found.not_within,
            not_received=found.not_received,
            identity_note=IDENTITY_NOTE,
        )
        for one in (*found.within, *found.not_known):
            show.json_line(one, kind="near")
        return
    first, last = (show.moment(t, offset_s=offset_s) for t in span)
    covered = tracks.coverage
    if _knows(tracks):
        share = show.share(covered_us, span[1] - span[0])
        covered += f": {show.lasting(covered_us / 1e6)} of the time asked ({share})"
    show.facts(
        [
            ("tracks", f"{name} {show.neutral(tracks.title)}"),
            ("asked", f"within {length(radius_m)} of {point[0]:.5f}, {point[1]:.5f}"),
            ("between", f"{first} and {last}"),
            ("zone", "unknown: every time may be hours off" if tracks.slack_before_us else ""),
            ("coverage", covered),
        ]
    )
    if found.within:
        show.out()
        _table(found.within, offset_s=offset_s, limit=limit)
    show.out()
    kind = tracks.subject_kind
    show.out(f"within: {show.count(len(found.within), kind)}")
    if found.not_known:
        more = "" if unknown else " (--unknown lists them)"
        show.out(f"not known: {show.count(len(found.not_known), kind)}{more}")
        if unknown:
            _unknown(found, offset_s=offset_s, limit=limit)
    show.out(f"not within: {show.count(found.not_within, kind)}")
    show.out(f"no position in the time asked: {show.count(found.not_received, kind)}")
    if any(one.interpolated for one in found.within):
        show.out(
            "≈ by the straight way between two positions; in brackets the least and most possible"
        )
    show.out(f"note: {IDENTITY_NOTE}")


def _knows(tracks: Tracks) -> bool:
    return bool(tracks.windows or tracks.reporting)


def _table(rows: tuple[Approach, ...], *, offset_s: int, limit: int) -> None:
    shown = rows[:limit]
    head = (
        "identity",
        "label",
        "nearest",
        "at",
        "UTC",
        "within for",
        "course",
        "speed",
        "height",
        "no position for",
        "",
    )
    show.table([_row(one, offset_s) for one in shown], head=head, right={2, 5, 6, 7, 8, 9})
    if len(rows) > len(shown):
        show.out(f"showing {len(shown)} of {len(rows):,}")
    show.out()
    for one in shown:
        for cite in one.cites:
            text = "in the record's text" if cite.citation else "original bytes"
            show.out(
                f"{show.cut(show.neutral(one.subject), 24)}: {show.neutral(cite.file_name)} bytes "
                f"{cite.start_byte:,}–{cite.end_byte:,} ({text}), record {cite.record_id.hex()[:12]}…"
            )


def _row(one: Approach, offset_s: int) -> tuple[str, ...]:
    mark = "≈ " if one.interpolated else ""
    bounds = f" ({length(one.least_m)}–{length(one.most_m)})" if one.interpolated else ""
    at = show.moment(one.at_us, offset_s=offset_s, seconds=True)
    return (
        show.cut(show.neutral(one.subject), 24),
        show.cut(show.neutral(one.label), 20),
        f"{mark}{length(one.distance_m)}{bounds}",
        at,
        show.moment(one.at_us, seconds=True)[11:19],
        show.lasting(one.dwell_s) if one.dwell_s else "one position",
        f"{one.heading_deg:.0f}°" if one.heading_deg is not None else "",
        f"{one.speed_m_s / _KN:.1f} kn" if one.speed_m_s is not None else "",
        f"{one.altitude_m:,.0f} m" if one.altitude_m is not None else "",
        show.lasting(one.unknown_s) if one.unknown_s else "",
        "doubted" if one.doubted else "",
    )


def _unknown(found: Nearness, *, offset_s: int, limit: int) -> None:
    shown = found.not_known[:limit]
    rows = [
        (
            f"  {show.cut(show.neutral(one.subject), 24)}",
            show.cut(show.neutral(one.label), 20),
            f"nearest known {length(one.distance_m)}",
            show.moment(one.at_us, offset_s=offset_s, seconds=True),
            f"no position for {show.lasting(one.unknown_s)} of the time asked"
            if one.unknown_s
            else "",
        )
        for one in shown
    ]
    show.table(rows, right=())
    if len(found.not_known) > len(shown):
        show.out(f"  showing {len(shown)} of {len(found.not_known):,}")


def length(value_m: float) -> str:
    """A length in metres or kilometres."""
    if value_m < 1000:  # noqa: PLR2004 - metres up to a kilometre
        return f"{value_m:.0f} m"
    return f"{value_m / 1000:.1f} km" if value_m < _WHOLE_KM else f"{value_m / 1000:,.0f} km"
