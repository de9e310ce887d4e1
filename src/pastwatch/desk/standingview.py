"""How each watch stands: its states, its authority, by what it follows persons, and its counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pastwatch.casefile.watching import KeptWatch
from pastwatch.desk.office import Office
from pastwatch.desk.standing import kept_entry
from pastwatch.desk.standingrules import refused
from pastwatch.model.case import AuthorityState
from pastwatch.model.watch import Watch, WatchState
from pastwatch.stages.watch.limits import Directed, directed

__all__ = ["KeptWatch", "WatchView", "follows_of", "views"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchView:
    """One version of a watch. `against` is why it could not be started now; `examined` records."""

    kept: KeptWatch
    entry: int | None
    kept_us: int | None
    authority: AuthorityState | None
    follows: tuple[Directed, ...]
    against: tuple[str, ...]
    examined: int
    alerts: int
    unacknowledged: int

    def plain(self) -> dict[str, Any]:
        """As JSON data, without its text."""
        own, authority = self.kept.watch, self.authority
        return {
            "watch": own.name,
            "version": own.version,
            "sha256": own.text_sha256,
            "owner": own.owner,
            "severity": own.severity,
            "state": self.kept.state,
            "reason": self.kept.states[-1].reason if self.kept.states else "",
            "entry": self.entry,
            "kept_us": self.kept_us,
            "authority": own.authority_id,
            "valid_until_us": authority.authority.valid.end_us if authority else None,
            "review_us": authority.authority.review_us if authority else None,
            "follows_persons": [f"{d.branch}: {d.reason}" for d in self.follows],
            "against": list(self.against),
            "examined": self.examined,
            "alerts": self.alerts,
            "unacknowledged": self.unacknowledged,
        }


def views(office: Office, name: str | None = None) -> list[WatchView]:
    """Every watch, or every version of one, in the order they were kept."""
    found = office.desk.watches(name)
    total = office.desk.count_alerts(name)
    raised = [k.alert for k in office.desk.alerts(name, limit=max(total, 1))]
    noted = {one.alert_id for one in office.desk.acknowledged()}
    return [_view(office, kept, raised, noted) for kept in found]


def follows_of(watch: Watch) -> tuple[Directed, ...]:
    """By what a watch follows persons; empty where it does not."""
    return directed(watch)


def _view(office: Office, kept: KeptWatch, raised: list[Any], noted: set[str]) -> WatchView:
    watch = kept.watch
    states = office.desk.authority_states(watch.authority_id)
    authority, entry = states[-1] if states else None, kept_entry(office, watch.text_sha256)
    runs = kept.state is WatchState.STARTED
    against = refused(office, watch, authority) if authority is not None and not runs else ()
    own = [a for a in raised if (a.watch, a.version) == (watch.name, watch.version)]
    records = [e.records for e in office.desk.examined(watch.name) if e.version == watch.version]
    return WatchView(
        kept=kept,
        entry=entry.sequence if entry else None,
        kept_us=entry.time_us if entry else None,
        authority=authority,
        follows=directed(watch),
        against=against,
        examined=sum(records),
        alerts=len(own),
        unacknowledged=sum(a.alert_id not in noted for a in own),
    )
