"""What may have been so, what speaks for and against it, and who rated that how: never how sure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.record import Citation


class HypothesisSort(enum.StrEnum):
    """Why a hypothesis is on the list."""

    STATED = "stated"
    ARGUED = "argued"
    """A named person argues for it, against the others."""
    NONE = "none"
    """None of these, or it cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """Something that may have been so, worded so that evidence can speak against it.

    `salt` makes the hash that goes into the ledger one that nobody can guess the words from.
    """

    title: str
    statement: str
    sort: HypothesisSort = HypothesisSort.STATED
    argued_by: str = ""
    salt: bytes = b""

    def __post_init__(self) -> None:
        if not self.title.strip() or not self.statement.strip():
            raise BadValue("a hypothesis has a title, and states something")
        if (self.sort is HypothesisSort.ARGUED) != bool(self.argued_by.strip()):
            raise BadValue("a hypothesis that is argued names who argues for it, and no other does")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that the case is to answer, kept with the hash that the ledger holds of it."""

    text: str
    salt: bytes = b""

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise BadValue("a question asks something")


class Rating(enum.StrEnum):
    """How an item sits with a hypothesis, were that hypothesis so."""

    CC = "CC"
    """Very consistent."""
    C = "C"
    N = "N"
    """Neither."""
    I = "I"  # noqa: E741 - the scale's own sign
    """Inconsistent."""
    II = "II"
    """Very inconsistent."""
    NA = "NA"
    """Does not apply."""


class Weight(enum.StrEnum):
    """How far an item is believed, or bears on the question."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfound:
    """What a finding of nothing is worth: how much was looked at, and how well looking finds.

    `covered_count` of `of_count` records, those that were lost included, were looked at;
    `found_count` of `rehearsed_count` copies of known wording put among them were found. `elsewhere`
    names where it could stand that was never held, or was lost in a number that nobody knows.
    """

    covered_count: int
    of_count: int
    rehearsed_count: int = 0
    found_count: int = 0
    elsewhere: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.covered_count <= self.of_count or not self.of_count:
            raise BadValue("what was looked at is a part of what there was to look at")
        if not 0 <= self.found_count <= self.rehearsed_count:
            raise BadValue("a rehearsal finds no more copies than it planted")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """A thing that every hypothesis is held against, in our words, with what it stands on.

    `rests_on` names claims, exhibits, findings, entries (c3, x1, f2, e1). Items of one `root` count
    once. `source` is the one whose grade it bears; `sealed` says that it stands on communications,
    which are graded on two questions. `unfound` makes it a negative item.
    """

    title: str
    citations: tuple[Citation, ...] = ()
    rests_on: tuple[str, ...] = ()
    root: str = ""
    source: str = ""
    credibility: Weight = Weight.MEDIUM
    relevance: Weight = Weight.MEDIUM
    at_us: int | None = None
    sealed: bool = False
    unfound: Unfound | None = None

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise BadValue("an item says what it is")
        if not self.citations and not self.rests_on:
            raise BadValue(
                "an item cites records, or rests on claims, exhibits or findings",
                hint="--cites h3,c1,x2,f4",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """How one person rates one item against one hypothesis, and why.

    `as_of_us` is the moment up to which the rater had read. `sighted` says that another's rating of
    it was open to the rater before.
    """

    item: str
    hypothesis: str
    rating: Rating
    rater: str
    reason: str
    as_of_us: int | None = None
    sighted: bool = False

    def __post_init__(self) -> None:
        if not self.item or not self.hypothesis or not self.rater:
            raise BadValue("a rating names its item, its hypothesis and its rater")
        if not isinstance(self.rating, Rating):
            raise BadValue("a rating is one of CC, C, N, I, II, NA")
        if not self.reason.strip():
            raise BadValue("a rating gives its reason", hint='--reason "…"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuter:
    """What would refute a hypothesis, and the searches in which it was looked for."""

    hypothesis: str
    would_refute: str
    queries: tuple[str, ...] = ()
    outcome: str = ""

    def __post_init__(self) -> None:
        if not self.hypothesis or not self.would_refute.strip():
            raise BadValue("what would refute a hypothesis is said, and of which")
        if self.outcome.strip() and not self.queries:
            raise BadValue(
                "what came of looking names the searches",
                hint="--queries q1,q2",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissent:
    """Who does not go along, with what, and why; it stands beside the order for good."""

    who: str
    about: str
    says: str

    def __post_init__(self) -> None:
        if not self.who.strip() or not self.about or not self.says.strip():
            raise BadValue("a dissent names who dissents, from what, and what they say")
