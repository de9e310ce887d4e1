"""What stands on a timeline: marks of several sorts, entries of analysts, and how full each source is."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.authority import Event
from pastwatch.model.record import Citation
from pastwatch.model.source import Gap
from pastwatch.model.when import EARLIEST_US, LATEST_US, Span


class MarkSort(enum.StrEnum):
    """What a mark stands for."""

    RECORD = "record"
    ENTRY = "entry"
    CLAIM = "claim"
    EXHIBIT = "exhibit"
    TRACK = "track"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an analyst puts on the timeline: a title, a time or none, and what it rests on.

    It happened at one moment between `earliest_us` and `latest_us`, or from the one to the other
    where it `lasts`. Without citations it says that it cites nothing.
    """

    title: str
    earliest_us: int | None
    latest_us: int | None
    lasts: bool = False
    reason: str = ""
    citations: tuple[Citation, ...] = ()
    place: str = ""
    lane: str = ""

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise BadValue("an entry of a timeline has a title")
        _check_time(self.earliest_us, self.latest_us, lasts=self.lasts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing on a timeline, with its place in time: between two moments, or without a usable date.

    `name` is how the case names it (h3, e2, c1, x1 …; eight digits of a record's id where it has
    no other). `rests_on` says in words why it stands there.
    """

    sort: MarkSort
    lane: str
    title: str
    earliest_us: int | None
    latest_us: int | None
    name: str = ""
    who: str = ""
    lasts: bool = False
    """From earliest to latest, rather than at some moment between the two."""
    doubtful: bool = False
    """Whether the time is not to be believed: it places the mark, and is counted nowhere."""
    unjudged: bool = False
    """A record that a search hit, and nobody has cited or judged relevant."""
    place: str = ""
    rests_on: str = ""
    cites: tuple[Citation, ...] = ()
    record_id: bytes = b""

    def __post_init__(self) -> None:
        if not isinstance(self.sort, MarkSort):
            raise BadValue("a mark of a timeline has a sort")
        _check_time(self.earliest_us, self.latest_us, lasts=self.lasts)

    @property
    def is_dated(self) -> bool:
        """Whether it has a time that can be believed."""
        return self.earliest_us is not None and not self.doubtful


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How many lie before the event, in it, after it; the rest cannot be told, each for its reason."""

    before: int = 0
    during: int = 0
    after: int = 0
    either: int = 0
    """The uncertain time reaches over an edge of the event."""
    doubtful: int = 0
    undated: int = 0

    @property
    def total(self) -> int:
        """All of them together."""
        known = self.before + self.during + self.after
        return known + self.either + self.doubtful + self.undated


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """How many records of a source lie in each stretch of a timeline; no text of them is read.

    `counts` begin at `start_us` and are `width_us` long each. A record is counted where its time
    begins. `held_from_us` to `held_until_us` is what the archive holds of the source (None: nothing
    dated). A gap without a span lies nobody knows where.
    """

    source_id: str
    name: str
    start_us: int
    width_us: int
    counts: tuple[int, ...]
    split: Split
    held_from_us: int | None = None
    held_until_us: int | None = None
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A stretch of time around an event, with the marks chosen for it and the volume of each source.

    `opened` is what the authority covers. Of `found` marks, `outside` lie outside the stretch and
    of the rest only those shown are in `marks`: first what is cited, then the nearest to the event.
    `marks` are in order of time, undated ones last.
    """

    event: Event
    span: Span
    opened: Span
    marks: tuple[Mark, ...]
    found: int
    outside: int
    split: Split
    """Of all marks found, shown or not."""
    volumes: tuple[Volume, ...] = ()
    notes: tuple[str, ...] = ()


def _check_time(earliest_us: int | None, latest_us: int | None, *, lasts: bool) -> None:
    if (earliest_us is None) != (latest_us is None):
        raise BadValue("a time on a timeline has both ends or none")
    if earliest_us is None or latest_us is None:
        if lasts:
            raise BadValue("what has no time cannot last")
        return
    if earliest_us > latest_us:
        raise BadValue("a time on a timeline ends before it begins")
    if earliest_us < EARLIEST_US or latest_us > LATEST_US:
        raise BadValue("a time lies outside the years 1 to 9999")
