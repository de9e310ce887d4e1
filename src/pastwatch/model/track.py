"""Where a transmitter said it was and when, what the receiver covered, and what a silence can mean."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.record import Citation

IDENTITY_NOTE = (
    "the identity is the one that was transmitted: a transmitter can be set to another's, "
    "or carried elsewhere"
)
ALTERNATIVES = (
    "the transmitter was switched off or failed",
    "it was out of the receiver's range: distance, terrain, low altitude",
    "interference or too many transmitters at once",
    "the receiver or a later filter left it out",
    "it went on under another identity",
)
"""What a silence can mean, in no order of likelihood."""
RECORDER_ALTERNATIVES = (
    "the recorder was switched off, paused by its program or out of power",
    "it had no fix: indoors, in a tunnel, between high walls",
    "points were left out when the file was written or exported",
    "it stood still, and records only what moves",
)
"""What a gap in a device's own recording can mean, in no order of likelihood."""


class TrackKind(enum.StrEnum):
    """In what form timed positions were written down."""

    CSV = "csv"
    GPX = "gpx"
    SBS = "sbs"
    READSB = "readsb"
    OPENSKY = "opensky"
    AIS = "ais"
    NMEA = "nmea"


class TrackSilence(enum.StrEnum):
    """What a gap in a track can be told to be, from what else was received in it."""

    RECEIVER = "receiver gap"
    """Nobody was received either: the gap says nothing of the one who made the track."""
    SUBJECT = "not received while others were"
    """An observation of what the receiver had; it is shown with what it can mean."""
    STATED = "not received while the receiver is stated to have listened"
    PARTLY = "partly a receiver gap"
    NO_POSITION = "received without a position"
    """It was heard, and gave no position."""
    UNKNOWN = "coverage unknown"
    """Nothing else in the file tells whether the receiver was listening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time in which a receiver was listening, as somebody states it."""

    start_us: int
    end_us: int
    stated_by: str

    def __post_init__(self) -> None:
        if self.start_us >= self.end_us:
            raise BadValue("a window of coverage ends after it begins")
        if not self.stated_by:
            raise BadValue("a window of coverage says who states it")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackGap:
    """A stretch without a position in a track, much longer than its own interval."""

    subject: str
    start_us: int
    end_us: int
    silence: TrackSilence
    own_interval_s: float
    others: int
    """How many others were received in it."""
    covered_s: float
    """For how long of it the receiver is known to have been listening."""
    heard: int = 0
    """How often the subject itself was heard in it without a position."""
    nearest_other_m: float | None = None
    """How near to its last position another was received in it."""
    alternatives: tuple[str, ...] = ()
    is_last: bool = False
    """It lasts to the end of what the receiver reported: nothing says that it ends."""

    def __post_init__(self) -> None:
        if self.silence is not TrackSilence.RECEIVER and len(self.alternatives) < 3:  # noqa: PLR2004 - never one reading
            raise BadValue("a silence is shown with at least three things it can mean")

    @property
    def length_s(self) -> float:
        """How long it lasted."""
        return (self.end_us - self.start_us) / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who transmitted, by the identity transmitted, and over what its positions stretch."""

    subject: str
    positions: int
    first_us: int
    last_us: int
    own_interval_s: float | None
    heard: int = 0
    jumps: int = 0
    clock_steps: int = 0
    label: str = ""
    """A name sent along: a call sign, a ship's name."""
    maker_type: str = ""
    """What it is said to have been built as; it says nothing of who uses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFile:
    """A sealed file of positions."""

    record_id: bytes
    name: str
    sha256: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """The timed positions of one receiver or device: sealed files, how they are read, what they hold.

    Positions are read from the sealed files each time; what stands here sums them up. `rejected`
    counts the rows left out, `flagged` those kept and doubted, each by reason.
    """

    title: str
    kind: TrackKind
    subject_kind: str
    """What transmits: "aircraft", "vessel", "vehicle", "device"."""
    subject: str
    """Whose positions they are where no row says it."""
    files: tuple[TrackFile, ...]
    mapping: Mapping[str, str]
    """Which column plays which part, as it was given."""
    columns: Mapping[str, str]
    """The same as it was settled for the first file, with units."""
    zone: str
    """"stated" in the file, an offset or name that was given, or "unknown"."""
    dates: str
    rows: int
    positions: int
    subject_count: int
    subjects: tuple[Subject, ...]
    """The subjects with most positions; `subject_count` says how many there are."""
    first_us: int | None
    last_us: int | None
    slack_before_us: int = 0
    slack_after_us: int = 0
    """How much earlier or later every time may be, where its zone is unknown."""
    rejected: Mapping[str, int]
    flagged: Mapping[str, int]
    windows: tuple[Window, ...] = ()
    reporting: tuple[tuple[int, int], ...] = ()
    """When the receiver reported anything at all; empty where one subject is all there is."""
    reporting_count: int = 0
    gaps: tuple[TrackGap, ...] = ()
    """The longest gaps of the subjects listed; `gap_count` says how many there are."""
    gap_count: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        if not self.files:
            raise BadValue("tracks are read from at least one file")
        if not self.title.strip():
            raise BadValue("tracks have a title")
        if self.slack_before_us < 0 or self.slack_after_us < 0:
            raise BadValue("how far a time may be off is not negative")

    @property
    def coverage(self) -> str:
        """In a few words, what is known of when the receiver was listening."""
        if self.windows:
            return f"{len(self.windows)} windows stated by {self.windows[0].stated_by}"
        if self.reporting:
            return "by what the receiver reported of all subjects"
        return "coverage unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCite:
    """A row of a sealed file by its exact bytes; `citation` where the record's text holds them too."""

    record_id: bytes
    file_name: str
    start_byte: int
    end_byte: int
    sha256: bytes
    citation: Citation | None = None


class Presence(enum.StrEnum):
    """Whether a track came within a distance, as far as its positions tell."""

    WITHIN = "within"
    NOT_WITHIN = "not within"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """How close one subject is known to have come to a point, and what is not known of it.

    `least_m` is the least distance possible at the closest approach, `most_m` the greatest.
    `unknown_s` is how long of the time asked no position and no short gap tells where it was.
    """

    subject: str
    label: str
    presence: Presence
    distance_m: float
    least_m: float
    most_m: float
    at_us: int
    earliest_us: int
    latest_us: int
    interpolated: bool
    first_us: int | None
    last_us: int | None
    dwell_s: float
    heading_deg: float | None
    speed_m_s: float | None
    altitude_m: float | None
    positions: int
    unknown_s: float
    doubted: bool
    cites: tuple[RowCite, ...] = ()
