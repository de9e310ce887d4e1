"""Standing watches over what arrives: what they look for, for whom, within which limits; their alerts."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from pastwatch.errors import BadValue

WATCH_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")


class Severity(enum.StrEnum):
    """How soon somebody should look at an alert."""

    NOTICE = "notice"
    WARNING = "warning"
    URGENT = "urgent"


class Per(enum.StrEnum):
    """Over what a rhythm is counted."""

    ALL = "all"
    SOURCE = "source"
    CONVERSATION = "conversation"
    PAIR = "pair"
    ACCOUNT = "account"

    @property
    def personal(self) -> bool:
        """Whether counting so follows persons."""
        return self in (Per.PAIR, Per.ACCOUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRule:
    """At least so many records within so long: of a query, between accounts of a list, or both."""

    at_least: int
    within_s: int
    query: str = ""
    per: Per = Per.ALL
    between: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.at_least < 1 or self.within_s < 1:
            raise BadValue("a count has a least number and a length of time, both above nothing")
        if not self.query and not self.between and not self.per.personal:
            raise BadValue("a count says what is counted: a query, or between whom")


@dataclass(frozen=True, slots=True, kw_only=True)
class RiseRule:
    """So many times as often as over its own baseline before; and at least so many records."""

    query: str
    times: float
    within_s: int
    baseline_s: int
    at_least: int = 5
    per: Per = Per.ALL

    def __post_init__(self) -> None:
        if not self.query:
            raise BadValue("a rise says of what")
        if self.times <= 1 or self.at_least < 1:
            raise BadValue("a rise is above once the baseline, of at least one record")
        if not 0 < self.within_s < self.baseline_s:
            raise BadValue("a rise is counted over a stretch shorter than its baseline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A frozen model's judgement as a watch: alert above a threshold set for a false-alarm rate."""

    model_sha256: str
    threshold: float
    false_alarm_rate: float
    case_id: str

    def __post_init__(self) -> None:
        if len(self.model_sha256) != 64 or not self.case_id:  # noqa: PLR2004 - hexadecimal SHA-256
            raise BadValue("a learned watch names its model by its hash, and the case it is from")
        if not 0 < self.false_alarm_rate < 1:
            raise BadValue("a false-alarm rate lies between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One version of a watch, as its exact text says it: `text_sha256` is the hash of those bytes.

    Each of its branches raises alerts alone: the query, each count, each rise, the learned model.
    `sources` empty means every source not marked *no-watch*. `alerts_a_day` is what its readers can
    look at. `horizon_s` is how long an alarm lasts, declared beforehand. `made_from` names the
    events that its words were taken from: on these it explains, and predicts nothing.
    """

    name: str
    version: int
    owner: str
    purpose: str
    severity: Severity
    authority_id: str
    alerts_a_day: int
    horizon_s: int
    text_sha256: str
    query: str = ""
    counts: tuple[CountRule, ...] = ()
    rises: tuple[RiseRule, ...] = ()
    learned: Learned | None = None
    sources: tuple[str, ...] = ()
    context_records: int = 0
    made_from: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not WATCH_NAME.fullmatch(self.name) or self.version < 1:
            raise BadValue(
                "a watch has a name of small letters, digits and dashes, and a version from 1"
            )
        if not self.owner or not self.purpose.strip() or not self.authority_id:
            raise BadValue("a watch has an owner, a purpose and a standing authority")
        if not (self.query or self.counts or self.rises or self.learned):
            raise BadValue("a watch watches for something")
        if self.alerts_a_day < 1 or self.horizon_s < 1 or self.context_records < 0:
            raise BadValue("a watch says how many alerts a day can be read, and how long one lasts")
        if len(self.text_sha256) != 64:  # noqa: PLR2004 - hexadecimal SHA-256
            raise BadValue("a watch is bound to its exact text")


class WatchState(enum.StrEnum):
    """Whether a version of a watch runs, and if not, why not."""

    KEPT = "kept"
    """Its hash stands in the ledger; it does not run yet."""
    STARTED = "started"
    ENDED = "ended"
    EXPIRED = "expired"
    """Its authority ran out or was revoked."""
    DISABLED = "disabled"
    """It was too slow or broke; its owner is told, the others go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """That a watch matched one record as it arrived; of the record itself nothing but its id."""

    alert_id: str
    """The same for the same watch text and record, however often it is raised."""
    watch: str
    version: int
    record_id: bytes
    source_id: str
    at_us: int
    """When it arrived."""

    def __post_init__(self) -> None:
        if len(self.alert_id) != 32 or len(self.record_id) != 16:  # noqa: PLR2004
            raise BadValue("an alert has an id and a record's id")


class Verdict(enum.StrEnum):
    """What somebody who looked at an alert says of it."""

    USEFUL = "useful"
    FALSE = "false-alarm"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """That somebody took note of an alert, and what came of it."""

    alert_id: str
    by: str
    at_us: int
    verdict: Verdict
    note: str = ""
    event_id: str = ""

    def __post_init__(self) -> None:
        if not self.by:
            raise BadValue("an acknowledgement names who took note")
