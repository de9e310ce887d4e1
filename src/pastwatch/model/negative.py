"""A finding of nothing: what was looked through, what was not, and what the figures rest on."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue

LEVEL_PERCENT = 95


class LookStep(enum.StrEnum):
    """How far looking went; the first five are each a part of the one before."""

    HELD = "held"
    IN_SCOPE = "in scope"
    READABLE = "readable"
    SCANNED = "scanned"
    SEARCHED = "searched"
    REVIEWED = "reviewed"
    SAMPLED = "sampled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One step of how far looking went, in each unit it is counted in; None where it is not known.

    `sound_ms` of recorded sound stand in its records; a person heard `human_ms` of it, a machine
    alone wrote down `machine_ms`.
    """

    step: LookStep
    records: int
    bytes: int | None = None
    sound_ms: int | None = None
    machine_ms: int | None = None
    human_ms: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.step, LookStep):
            raise BadValue("looking has its steps: held, in scope, readable, scanned, searched …")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedQuery:
    """A search that a finding of nothing rests on, by its name (q1), as it was asked.

    Of the records it `matched` a person judged so many `relevant` and `not_relevant`; the rest could
    be any.
    """

    query_id: str
    text: str
    matched: int
    relevant: int = 0
    not_relevant: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.relevant + self.not_relevant <= self.matched:
            raise BadValue("no more records are judged than were matched")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderSensitivity:
    """How often a reader recognised what counts: `recognised` of `shown`, and on what that rests.

    `lower_per_10000` is the lower end of that share, one-sided, rounded down.
    """

    basis: str
    recognised: int
    shown: int
    lower_per_10000: int

    def __post_init__(self) -> None:
        if not 0 <= self.recognised <= self.shown or not self.shown:
            raise BadValue("a reader recognises no more than was shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledPart:
    """What a random sample says of the conversations it was drawn from, and of no others.

    `population` conversations were readable, in scope, and not reviewed in full when it was drawn;
    `reviewed_in_full` stand beside it. Of `drawn`, the first `read` in drawn order were decided on.
    `at_most` could still hold what would have counted; `at_most_lower` at the reader's lower limit,
    which is `at_most` where no sensitivity was measured.
    """

    name: str
    population: int
    reviewed_in_full: int
    drawn: int
    read: int
    found: int
    records_read: int
    at_most: int
    at_most_lower: int
    sensitivity: ReaderSensitivity | None = None
    design: str = "simple random, without replacement"
    level_percent: int = LEVEL_PERCENT
    sequence: int = -1
    """The entry of the ledger that the seed was committed in, before the draw."""

    def __post_init__(self) -> None:
        if not 0 <= self.found <= self.read <= self.drawn <= self.population:
            raise BadValue("a sample is read as far as it was drawn, and drawn from what there is")


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPart:
    """Records that could be any: at most so many, or None for a number that nobody knows.

    `of_scope` says that they are counted in scope, and are what is missing from readable.
    """

    what: str
    records: int | None
    bytes: int = 0
    places: int = 1
    of_scope: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedPart:
    """Of copies of known wording in one language and medium: how many the searches found.

    `shown` of them were put before the reader unmarked, who recognised `recognised`.
    """

    language: str
    medium: str
    planted: int
    found: int
    lower_per_10000: int
    shown: int = 0
    recognised: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.found <= self.planted or not 0 <= self.recognised <= self.shown:
            raise BadValue("a rehearsal finds no more copies than it planted")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainingSignal:
    """What could explain that nothing was found, as it was measured: never evidence for it.

    `before` of `before_of` in the stretch before the event, `after` of `after_of` in the stretch of
    the same length after it; `of` says what both count.
    """

    explanation: str
    of: str
    before: int
    before_of: int
    after: int
    after_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative:
    """That nothing of a sort was found, over what was held; `name` is what papers call it (n1, n2 …).

    Three parts that are never summed: `sampled`, `lost` and `never_held`. `parties` are those whose
    communications were looked for, `unheld` those of them of whom none are held. `entries` are the
    ledger's that hold its hash, which leaves out `name` and `entries`.
    """

    name: str
    question: str
    would_count: str
    finding: str = ""
    queries: tuple[NamedQuery, ...] = ()
    looked: tuple[Looked, ...] = ()
    sampled: SampledPart | None = None
    lost: tuple[LostPart, ...] = ()
    never_held: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    unheld: tuple[str, ...] = ()
    rehearsal: str = ""
    rehearsed: tuple[RehearsedPart, ...] = ()
    not_rehearsed: tuple[str, ...] = ()
    signals: tuple[ExplainingSignal, ...] = ()
    accounts: tuple[str, ...] = ()
    made_by: str = ""
    made_us: int = 0
    salt: bytes = b""
    entries: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.question.strip() or not self.would_count.strip():
            raise BadValue(
                "a finding of nothing says what was asked, and what would have counted",
                hint='--would-count "…"',
            )
        if self.sampled is not None and self.sampled.found:
            raise BadValue("what the sample found is no finding of nothing")

    def step(self, name: str) -> Looked | None:
        """How far looking went at that step; None where it was not worked out."""
        return next((one for one in self.looked if one.step == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeSample:
    """A draw of conversations to be read for a question; `draw` is its number in the papers.

    `judged_to` is the last judgement that the population was worked out from.
    """

    question: str
    would_count: str
    draw: int
    population: int
    reviewed_in_full: int
    drawn: int
    judged_to: int
    population_sha256: str
    sequence: int

    def __post_init__(self) -> None:
        if not self.question.strip() or not self.would_count.strip():
            raise BadValue(
                "a sample is read for a question, and for what would count",
                hint='--would-count "…"',
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalCopy:
    """A copy of known wording: never in the archive, and in no count of records.

    `host_id` is the record that it borrows sender, time and place from; `variant` how its wording
    was varied; `found_by` the searches that found it; `in_review` whether it was put before the
    reader; `origin_id` the record that its wording was taken from, if it was taken from one.
    """

    text: str
    language: str
    medium: str
    variant: str
    host_id: bytes
    found_by: tuple[str, ...] = ()
    in_review: bool = False
    origin_id: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Copies of known wording put through the searches and, within a sample, before its reader."""

    queries: tuple[str, ...]
    copies: tuple[RehearsalCopy, ...]
    sample: str = ""
    slice_holds: tuple[tuple[str, str, int], ...] = ()
    """(language, medium, records) of the slice, most first; what is in no copy was not rehearsed."""

    def __post_init__(self) -> None:
        if not self.copies:
            raise BadValue("a rehearsal puts copies through the searches")
