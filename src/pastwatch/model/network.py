"""Who talked with whom: accounts, ties, what changed, who fell silent, and argued roles."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.record import Citation

ALTERNATIVES_AT_LEAST = 2
"""A silence or a newcomer is only ever shown beside so many other explanations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """What one account sent to another, within the window asked for; counts of records.

    `before` and `after` are the whole stretches on either side of the event; `before_equal` and
    `after_equal` those of equal length next to it. `unsure` are the undated ones and those whose
    time may lie on either side.
    """

    from_account: str
    to_account: str
    medium: str
    records: int
    to: int
    cc: int
    bcc: int
    member: int
    turns: int
    """Spoke right after the other in talk that names no recipient: not addressed to it."""
    before: int
    during: int
    after: int
    unsure: int
    before_equal: int
    after_equal: int
    first_us: int | None
    last_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTie:
    """What one account said in one group: talk that is addressed to nobody in particular."""

    account: str
    group: str
    source: str
    records: int
    before: int
    during: int
    after: int
    unsure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One account: what it sent and received, and with how many others."""

    account: str
    shown: str
    medium: str
    sent: int
    received: int
    counterparts: int
    in_groups: int
    """Records said in groups."""
    broadcasts: int
    """Records to more recipients than are counted as ties."""
    before: int
    during: int
    after: int
    unsure: int
    first_us: int | None
    last_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Part of a network: what was asked for, how much of it there is, and how much is hidden."""

    nodes: tuple[Node, ...]
    ties: tuple[Tie, ...]
    groups: tuple[GroupTie, ...]
    nodes_of: int
    ties_of: int
    groups_of: int
    by_turns: bool
    """Ties are of who spoke after whom, for no recipient is named."""
    records: int
    since_us: int
    until_us: int
    equal_us: int
    """The length of the stretches on either side of the event that are compared."""
    left_out: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def nodes_hidden(self) -> int:
        """Accounts of what was asked for that are not among `nodes`."""
        return self.nodes_of - len(self.nodes)

    @property
    def ties_hidden(self) -> int:
        """Ties of what was asked for that are not among `ties`."""
        return self.ties_of - len(self.ties)


class Turn(enum.StrEnum):
    """How talk after the event stands to talk before it."""

    NEW = "new"
    MORE = "more"
    NOT_SHOWN = "not shown"
    """The counts could be chance; that nothing changed is not shown either."""
    LESS = "less"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """A pair's or an account's talk in two stretches of equal length, before and after the event.

    Tested are `before` and `after`, which count spells: hours with any talk, of a pair stretches of
    six hours; shorter where minutes are compared. `ratio` is of their rates, None where nothing was before; its interval is of 95 %.
    """

    about: str  # pair or account
    names: tuple[str, ...]
    turn: Turn
    before: int
    after: int
    records_before: int
    records_after: int
    ratio: float | None
    ratio_low: float
    ratio_high: float | None
    p: float
    p_corrected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that was compared before against after, corrected over all that was tried."""

    changes: tuple[RateChange, ...]
    of: int
    tried: int
    too_few: int
    equal_us: int
    pair_spell_us: int
    account_spell_us: int
    rhythm: str
    level_p: float
    below_level: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """When a volume changed: the best place, and between which two instants it lies (about 95 %)."""

    at_us: int
    earliest_us: int
    latest_us: int
    rate_before: float  # a day
    rate_after: float  # a day


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoints:
    """The change points of one account or pair; `p` that a steady rate would look so uneven."""

    about: str
    names: tuple[str, ...]
    records: int
    bin_us: int
    bins: tuple[int, ...]
    since_us: int
    p: float
    points: tuple[ChangePoint, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another explanation, and what was measured of it; "not measurable" where nothing tells."""

    explanation: str
    measured: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """An account or pair quiet for longer than its own rhythm leads one to expect.

    `expected` spells by its own rate before `from_us`; `p` that none comes by chance.
    """

    about: str
    names: tuple[str, ...]
    from_us: int
    until_us: int
    last_us: int
    spells_before: int
    """Hours, of a pair stretches of six hours, with any talk before `from_us`."""
    expected: float
    p: float
    p_corrected: float
    stretches: int
    """Earlier stretches as long, at the same time of day, that do not overlap."""
    stretches_silent: int
    alternatives: tuple[Alternative, ...]

    def __post_init__(self) -> None:
        if len(self.alternatives) < ALTERNATIVES_AT_LEAST:
            raise BadValue("a silence is told beside two other explanations at least")


@dataclass(frozen=True, slots=True, kw_only=True)
class Silences:
    """Who fell silent from the event on, what could not be told, and over how many it was asked."""

    silences: tuple[Silence, ...]
    of: int
    untold: tuple[tuple[str, int, str], ...]  # (source, accounts and pairs, why)
    tried: int
    too_few: int
    level_p: float
    from_us: int
    until_us: int
    rhythm: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """An account first seen after the event, with what else may explain that."""

    account: str
    shown: str
    first_us: int
    records: int
    counterparts: int
    alternatives: tuple[Alternative, ...]

    def __post_init__(self) -> None:
        if len(self.alternatives) < ALTERNATIVES_AT_LEAST:
            raise BadValue("a newcomer is told beside two other explanations at least")


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomers:
    """Accounts first seen after the event, and how many are new in an ordinary stretch as long."""

    newcomers: tuple[Newcomer, ...]
    of: int
    untold: tuple[tuple[str, int], ...]
    """Why of so many accounts it cannot be told."""
    usual: tuple[int, ...]
    """New accounts of each earlier stretch of that length, oldest first."""
    from_us: int
    until_us: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """Accounts that talk more with each other than with the rest."""

    number: int
    accounts: tuple[str, ...]
    accounts_of: int
    records_inside: int
    records_across: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Communities:
    """A division of the network, how good it is (modularity), and how far other seeds agree."""

    communities: tuple[Community, ...]
    of: int
    modularity: float
    seed: int
    seeds: int
    counts: tuple[int, ...]
    """How many communities each seed gave."""
    agreement_low: float
    agreement_mean: float
    """Adjusted Rand index of the other seeds' divisions with this one: 1 alike, 0 as by chance."""
    accounts: int
    ties: int
    notes: tuple[str, ...] = ()


class ArguedRole(enum.StrEnum):
    """What an account is argued to have done in the records cited, and nothing more."""

    ASKS = "asks"
    ORDERS = "orders"
    REPORTS = "reports"
    ACKNOWLEDGES = "acknowledges"
    BROKERS = "brokers"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechAct:
    """One record in which an account asks, orders, reports or acknowledges, by a named rule."""

    account: str
    role: ArguedRole
    rule: str
    record_id: bytes
    earliest_us: int | None
    latest_us: int | None
    source: str
    citation: Citation
    words: str
    """The words that the rule rests on, and a little around them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A role that a rule suggests for an account; a person decides."""

    account: str
    role: ArguedRole
    rules: tuple[str, ...]
    records: int
    first_us: int | None
    last_us: int | None
    citations: tuple[Citation, ...]
    otherwise: tuple[str, ...]
    """How else the same words may be read."""
    reason: str = ""

    def __post_init__(self) -> None:
        if not self.citations or len(self.otherwise) < ALTERNATIVES_AT_LEAST:
            raise BadValue("a role is suggested with citations and two other readings")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLabel:
    """A role that a person argues for an account, from cited records, with the reason."""

    account: str
    role: str
    reason: str
    citations: tuple[Citation, ...]

    def __post_init__(self) -> None:
        if not self.account or not self.role.strip() or not self.reason.strip():
            raise BadValue("a label names an account, a role and a reason")
        if not self.citations:
            raise BadValue("a label cites the records that it rests on")
