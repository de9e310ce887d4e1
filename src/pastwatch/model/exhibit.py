"""Evidence that is no communication: what it is, what was found, by whom, in whose hands it was."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.claim import Grade
from pastwatch.model.record import Citation

NOT_STATED = "not stated"
_POLE, _TURN = 90.0, 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something is: its name, a point on the map where one is known, and how far off it may be."""

    name: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None

    def __post_init__(self) -> None:
        if (self.lat is None) != (self.lon is None):
            raise BadValue("a place has a latitude and a longitude, or neither")
        if self.lat is not None and not -_POLE <= self.lat <= _POLE:
            raise BadValue("a latitude lies from -90 to 90")
        if self.lon is not None and not -_TURN <= self.lon <= _TURN:
            raise BadValue("a longitude lies from -180 to 180")
        if self.radius_m is not None and not self.radius_m >= 0:
            raise BadValue("a radius is not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyStep:
    """From whose hands into whose, when, and what kept it shut: a seal's number, or a hash."""

    given_by: str = ""
    taken_by: str = ""
    earliest_us: int | None = None
    latest_us: int | None = None
    seal: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not self.given_by and not self.taken_by:
            raise BadValue("a step of custody names who gave or who took")
        _in_order(self.earliest_us, self.latest_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatedBy:
    """Who is said to have used a thing, with the words it rests on; a maker's name is none."""

    statement: str
    citation: Citation

    def __post_init__(self) -> None:
        if not self.statement.strip():
            raise BadValue("who operated a thing is a statement")
        if not isinstance(self.citation, Citation):
            raise BadValue(
                "who operated a thing needs a citation",
                hint="a maker or a type says who built it, not who used it",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What a file says of itself: anybody who can write the file can write this."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A sealed file of evidence and a short account of it; what is empty was not stated.

    `maker_type` is what built a thing, as stated; only an `OperatedBy` says who used it.
    """

    kind: str
    title: str
    record_id: bytes
    file_name: str
    sha256: bytes
    size_bytes: int
    found: str = ""
    """What was measured, found or shown."""
    found_by: str = ""
    method: str = ""
    earliest_us: int | None = None
    latest_us: int | None = None
    """Between when it was taken or made; neither where it is undated."""
    zone_offset_s: int = 0
    place: Place = Place()
    custody: tuple[CustodyStep, ...] = ()
    result: str = ""
    limits: str = ""
    maker_type: str = ""
    operated_by: tuple[OperatedBy, ...] = ()
    grade: Grade | None = None
    claimed_by_file: tuple[Claimed, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if not self.kind.strip() or not self.title.strip():
            raise BadValue("an exhibit says what it is, and has a title")
        if len(self.record_id) != 16 or len(self.sha256) != 32:  # noqa: PLR2004 - the format's lengths
            raise BadValue("an exhibit names its record and the hash of its file")
        _in_order(self.earliest_us, self.latest_us)

    @property
    def is_dated(self) -> bool:
        """Whether anything says when it was taken or made."""
        return self.earliest_us is not None

    def custody_gaps(self) -> tuple[str, ...]:
        """What the account of custody leaves open, in words; nothing where it is whole."""
        if not self.custody:
            return ("no step of custody is stated",)
        open_ends: list[str] = []
        for number, step in enumerate(self.custody, 1):
            missing = [
                what
                for what, there in (
                    ("who gave it", step.given_by),
                    ("who took it", step.taken_by),
                    ("when", step.earliest_us is not None),
                    ("a seal or hash", step.seal),
                )
                if not there
            ]
            if missing:
                open_ends.append(f"step {number}: {', '.join(missing)} not stated")
            before = self.custody[number - 2] if number > 1 else None
            if before is None:
                continue
            if before.taken_by and step.given_by and before.taken_by != step.given_by:
                open_ends.append(
                    f"between steps {number - 1} and {number}: taken by {before.taken_by}, "
                    f"given on by {step.given_by}"
                )
            if _is_before(step, before):
                open_ends.append(f"step {number} is earlier than step {number - 1}")
        return tuple(open_ends)


def _is_before(step: CustodyStep, before: CustodyStep) -> bool:
    if step.latest_us is None or before.earliest_us is None:
        return False
    return step.latest_us < before.earliest_us


def _in_order(earliest_us: int | None, latest_us: int | None) -> None:
    if (earliest_us is None) != (latest_us is None):
        raise BadValue("a time has both ends or none")
    if (earliest_us or 0) > (latest_us or 0):
        raise BadValue("a time ends before it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMark:
    """What stands on a line of time: in which lane, between when, and what it cites by name.

    Without `earliest_us` it is undated; without `latest_us` it goes on to an unknown end.
    """

    lane: str
    title: str
    earliest_us: int | None
    latest_us: int | None
    cites: tuple[str, ...]
    sort: str
