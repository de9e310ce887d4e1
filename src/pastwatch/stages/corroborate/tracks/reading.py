"""From sealed bytes to positions: which form a file has, how it is read, what it came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pastwatch.errors import BadValue
from pastwatch.model.track import TrackKind
from pastwatch.stages.corroborate.tracks import adsb, ais, columns, gpx, tables
from pastwatch.stages.corroborate.tracks.positions import Block, Gatherer, Positions
from pastwatch.stages.corroborate.tracks.times import Clock

SUBJECT_KINDS = ("aircraft", "vessel", "vehicle", "device")
_KIND_OF = {
    TrackKind.SBS: "aircraft",
    TrackKind.READSB: "aircraft",
    TrackKind.OPENSKY: "aircraft",
    TrackKind.AIS: "vessel",
    TrackKind.NMEA: "vessel",
}
_UTC_BY_FORM = (TrackKind.OPENSKY, TrackKind.AIS, TrackKind.GPX)
_TABLES = (TrackKind.CSV, TrackKind.OPENSKY, TrackKind.AIS)
FILES_LIMIT = 255
_SBS_LINES = (b"MSG,", b"SEL,", b"ID,", b"AIR,", b"STA,", b"CLK,")
_PRESETS: Mapping[TrackKind, Mapping[str, str]] = {
    TrackKind.OPENSKY: {"time": "time", "id": "icao24", "speed": "velocity:m/s",
                        "altitude": "geoaltitude:m"},
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAs:
    """How files of positions are read; empty where the file itself is to tell."""

    kind: TrackKind
    subject_kind: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""
    dates: str = ""
    alone: str = ""
    """Whose positions they are where no column says it."""

    def __post_init__(self) -> None:
        Clock(self.zone)
        if self.subject_kind and self.subject_kind not in SUBJECT_KINDS:
            raise BadValue(
                f'"{self.subject_kind}" is no kind of transmitter', hint=", ".join(SUBJECT_KINDS)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What files came to: the positions, how many rows, and why rows were left out."""

    positions: Positions
    rows: int
    rejected: dict[str, int]
    settled: ReadAs
    """How they were read, with what the first file told."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Of a table: which column of the first file plays which part, with its unit."""
    unread: tuple[str, ...] = ()


def kind_of(raw: bytes, name: str) -> TrackKind:
    """The form that a file's first bytes show; BadValue where they show none."""
    found = _shown(raw)
    if found is None:
        raise BadValue(
            f'nothing tells how "{name}" is to be read', hint="name its form with --kind"
        )
    return found


def _shown(raw: bytes) -> TrackKind | None:
    head = raw[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    first = head.split(b"\n", 1)[0].lower()
    tells = (
        (TrackKind.GPX, head.startswith(b"<") and b"<gpx" in raw[:65536]),
        (TrackKind.READSB, adsb.looks_like_readsb(raw)),
        (TrackKind.SBS, head.startswith(_SBS_LINES)),
        (TrackKind.NMEA, head.startswith((b"!", b"\\")) and b"VDM," in head),
        (TrackKind.OPENSKY, b"icao24" in first and b"lat" in first),
        (TrackKind.AIS, b"mmsi" in first),
        (TrackKind.CSV, any(mark in first for mark in (b",", b";", b"\t", b"|"))),
    )
    return next((kind for kind, is_shown in tells if is_shown), None)


def read(originals: Sequence[Callable[[], bytes]], read_as: ReadAs) -> Reading:
    """Read sealed files, one in memory at a time, into positions of one receiver or device."""
    if not 1 <= len(originals) <= FILES_LIMIT:
        raise BadValue(f"positions are read from 1 to {FILES_LIMIT} files at once")
    gatherer, tally = Gatherer(), Counter[str]()
    settled, unread = read_as, tuple[str, ...]()
    kept_form: columns.Form | None = None
    for number, original in enumerate(originals):
        raw = original()
        if read_as.kind in _TABLES:
            settled, form, own_unread = _settled(raw, settled, kept_form)
            kept_form, unread = kept_form or form, unread + own_unread
            blocks = columns.read_table(
                raw, form, clock=_clock(settled), dates=settled.dates, tally=tally,
                alone=settled.alone or columns.ALONE,
            )  # fmt: skip
        else:
            blocks = _blocks(raw, settled, tally)
        gatherer.add(blocks, file=number)
        del raw, blocks
    subject_kind = settled.subject_kind or _KIND_OF.get(settled.kind, "device")
    positions = gatherer.done(subject_kind=subject_kind, tally=tally)
    rejected = {reason: n for reason, n in tally.items() if n}
    return Reading(
        positions=positions,
        rows=len(positions) + len(positions.heard_us) + sum(rejected.values()),
        rejected=dict(sorted(rejected.items())),
        settled=replace(settled, subject_kind=subject_kind),
        columns=kept_form.mapping if kept_form else {},
        unread=tuple(dict.fromkeys(unread)),
    )


def is_utc_by_form(kind: TrackKind) -> bool:
    """Whether a form lays down that its times are UTC."""
    return kind in _UTC_BY_FORM


def _clock(read_as: ReadAs) -> Clock:
    return Clock(read_as.zone or ("UTC" if is_utc_by_form(read_as.kind) else ""))


def _settled(
    raw: bytes, read_as: ReadAs, before: columns.Form | None
) -> tuple[ReadAs, columns.Form, tuple[str, ...]]:
    """How a table is read: by its head, or where it has none as the file before it."""
    try:
        given = {**_preset(raw, read_as.kind), **read_as.mapping}
        form = columns.form_of(raw, given)
    except BadValue:
        if before is None:
            raise
        form = replace(before, start=0)
    if read_as.kind is TrackKind.AIS:
        form = replace(form, no_place=(91.0, 181.0))
    dates = read_as.dates
    if not dates and b"# timestamp" in raw[:64].lower():
        dates = "dmy"  # the Danish maritime authority's tables
    dates = dates or columns.dates_of(raw, form)
    return replace(read_as, dates=dates), form, form.unread


def _preset(raw: bytes, kind: TrackKind) -> dict[str, str]:
    head = tables.first_line(raw)[1].decode("utf-8", "replace").casefold()
    return {
        role: said
        for role, said in _PRESETS.get(kind, {}).items()
        if said.partition(":")[0] in head.split(",")
    }


def _blocks(raw: bytes, read_as: ReadAs, tally: Counter[str]) -> Iterator[Block]:
    if read_as.kind is TrackKind.GPX:
        alone = read_as.alone or columns.ALONE
        return gpx.read_gpx(raw, clock=_clock(read_as), tally=tally, alone=alone)
    if read_as.kind is TrackKind.SBS:
        return adsb.read_sbs(raw, clock=_clock(read_as), tally=tally)
    if read_as.kind is TrackKind.READSB:
        return adsb.read_readsb(raw, tally=tally)
    return ais.read_nmea(raw, tally=tally)
