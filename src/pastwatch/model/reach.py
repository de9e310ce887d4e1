"""Who could have seen a record, and the three states of what it says: held, findable, known."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue


class Certainty(enum.StrEnum):
    """How firmly it stands that an account could have seen a record."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"
    """Nothing held tells it, in either direction."""


class Way(enum.StrEnum):
    """By which way a record came, or may have come, before an account."""

    WROTE = "wrote"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    MEMBER = "member"
    """In the conversation at that time."""
    JOINED_LATER = "joined later"
    """Came into the conversation after it, and may have been shown what stood in it."""
    ANSWERED = "answered"
    """Wrote a later record that names it as what is answered."""
    PASSED_ON = "passed on"
    """Wrote a later record that quotes it."""
    RECEIVED_ON = "received on"
    """Received a later record that quotes it."""
    RECEIPT = "read receipt"
    COPY = "copy"
    """A copy of it stands in another source."""
    LIST = "list"
    """An address that may stand for others, whose names are not held."""
    OTHERS = "others"
    """Whoever may have received it without a trace in what is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """An account that could have seen a record: since when, by which way, how certain, on what basis.

    `account` is "" for what is no account: recipients who are not told. `since_us` is the earliest
    moment it could have been seen, None where no time is known; `record_id` is the record that the
    basis stands in.
    """

    account: str
    name: str
    way: Way
    certainty: Certainty
    basis: str
    since_us: int | None = None
    record_id: bytes | None = None

    def __post_init__(self) -> None:
        if not self.basis:
            raise BadValue("an account is reached on some basis")
        if not self.account and self.certainty is not Certainty.UNKNOWN:
            raise BadValue("only a named account is reached for certain, or possibly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """All that is known of who could have seen one record, and what is not known of it."""

    record_id: bytes
    earliest_us: int | None
    latest_us: int | None
    conversation: str
    rows: tuple[Reached, ...]
    notes: tuple[str, ...] = ()

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts named, each once, in the order of the rows."""
        return tuple(dict.fromkeys(row.account for row in self.rows if row.account))


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Since when the archive holds a record, and from which source."""

    since_us: int
    source: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findable:
    """That a person could have found a record: an authority stood, and a query then known finds it."""

    by: str
    since_us: int
    until_us: int | None
    query_id: str
    query: str
    authority_id: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """That a record was shown to a person, and what shows it."""

    by: str
    at_us: int
    as_context: bool
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """Held, findable, known: three states of one record, never one for another.

    A state that is empty is "no" or "not known", as its reason says.
    """

    record_id: bytes
    as_of_us: int
    held: Held | None
    findable: tuple[Findable, ...]
    known: tuple[Known, ...]
    not_findable: str = ""
    not_known: str = ""

    def at(self, as_of_us: int) -> States:
        """The same as it stood at an earlier moment."""
        held = self.held if self.held and self.held.since_us <= as_of_us else None
        findable = tuple(one for one in self.findable if one.since_us <= as_of_us)
        known = tuple(one for one in self.known if one.at_us <= as_of_us)
        return States(
            record_id=self.record_id,
            as_of_us=as_of_us,
            held=held,
            findable=findable,
            known=known,
            not_findable=self.not_findable or ("" if findable else _NOT_YET),
            not_known=self.not_known or ("" if known else _NOT_YET),
        )


_NOT_YET = "not by then"
