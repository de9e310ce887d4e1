"""Standing queries over what arrives, their alerts, and their trial on the past."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.when import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A standing query with an owner and an authority of its own."""

    watch_id: str
    query: str
    authority_id: str
    owner: str

    def __post_init__(self) -> None:
        if not self.authority_id or not self.owner:
            raise BadValue("a watch has an owner and an authority")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One record that a watch matched as it arrived."""

    watch_id: str
    record_id: bytes
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a watch would have done over a past span."""

    watch_id: str
    span: Span
    alerts: int
    false_alarms: int
    lead_s: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.false_alarms <= self.alerts:
            raise BadValue("false alarms are among the alerts")
