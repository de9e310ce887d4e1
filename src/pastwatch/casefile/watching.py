"""What the desk keeps of its watches: their exact texts, states, alerts, and what came of each."""

# ruff: noqa: S608 - statements are put together from constants of this file; values are bound

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pastwatch.casefile.papers import Papers, to_text
from pastwatch.errors import UsageError
from pastwatch.model.plain import to_plain
from pastwatch.model.watch import Acknowledged, Alert, Watch, WatchState

_ALERT = "SELECT alert_id, watch, version, record_id, source_id, at_us, sealed FROM raised"


class KeptWatch(NamedTuple):
    """One version of a watch: its exact text, and its states, the last of which counts."""

    watch: Watch
    text: bytes
    by: str
    at_us: int
    states: tuple[StateNote, ...]

    @property
    def state(self) -> WatchState:
        """How it stands."""
        return self.states[-1].state if self.states else WatchState.KEPT


class StateNote(NamedTuple):
    """That a watch was started, ended, ran out or was disabled; by whom and why."""

    state: WatchState
    by: str
    reason: str
    at_us: int


class KeptAlert(NamedTuple):
    """An alert with its sealed pointer, which opens under the watch's authority alone."""

    alert: Alert
    sealed: bytes


class Delivery(NamedTuple):
    """One try to deliver an alert."""

    alert_id: str
    target: str
    delivered: bool
    attempt: int
    reason: str
    at_us: int


class Examined(NamedTuple):
    """How many records of a run a watch examined, and what it raised."""

    watch: str
    version: int
    source_id: str
    run_id: str
    records: int
    alerts: int
    timed_out: int
    at_us: int


class WatchingPapers(Papers):
    """Only ever added to; an alert raised twice is kept once."""

    def add_watch(self, watch: Watch, text: bytes, *, by: str, at_us: int) -> None:
        """Keep a version of a watch; UsageError when that version is on file."""
        with self._change() as change:
            cursor = change.execute(
                "INSERT INTO watch_texts (watch, version, text, value, by, at_us) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (watch, version) DO NOTHING",
                (watch.name, watch.version, text, to_text(to_plain(watch)), by, at_us),
            )
            if cursor.rowcount < 1:
                raise UsageError(
                    f'watch "{watch.name}" has a version {watch.version} already',
                    hint="a changed watch is a new version",
                )

    def watches(self, name: str | None = None) -> list[KeptWatch]:
        """Every version of every watch, or of one, in the order they were kept."""
        rows = self._rows(
            "SELECT watch, version, text, value, by, at_us FROM watch_texts "
            "WHERE ?1 IS NULL OR watch = ?1 ORDER BY no",
            name,
        )
        return [
            KeptWatch(self._read(Watch, value), bytes(text), by, at_us, self._states(own, version))
            for own, version, text, value, by, at_us in rows
        ]

    def watch(self, name: str, version: int | None = None) -> KeptWatch:
        """A version of a watch, the last one by default; UsageError when there is none."""
        found = [k for k in self.watches(name) if version in (None, k.watch.version)]
        if not found:
            raise UsageError(f'there is no such watch "{name}"', hint="see 'pastwatch watch list'")
        return max(found, key=lambda kept: kept.watch.version)

    def put_watch_state(
        self,
        name: str,
        version: int,
        state: WatchState,
        *,
        by: str,
        at_us: int,
        reason: str = "",
    ) -> None:
        """Note that a watch was started, ended, ran out or was disabled."""
        self.watch(name, version)
        with self._change() as change:
            change.execute(
                "INSERT INTO watch_states (watch, version, state, by, reason, at_us) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (name, version, state.value, by, reason, at_us),
            )

    def add_alerts(self, alerts: Iterable[KeptAlert]) -> int:
        """Keep alerts; those on file are left as they are. Gives how many were new."""
        new = 0
        with self._change() as change:
            for alert, sealed in alerts:
                cursor = change.execute(
                    "INSERT INTO raised (alert_id, watch, version, record_id, source_id, at_us, "
                    "sealed) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (alert_id) DO NOTHING",
                    (
                        *(alert.alert_id, alert.watch, alert.version, alert.record_id),
                        *(alert.source_id, alert.at_us, sealed),
                    ),
                )
                new += max(cursor.rowcount, 0)
        return new

    def alerts(
        self,
        name: str | None = None,
        *,
        since_us: int | None = None,
        offset: int = 0,
        limit: int = 1000,
    ) -> list[KeptAlert]:
        """A page of the alerts, of one watch or of all, in the order they came in."""
        rows = self._rows(
            f"{_ALERT} WHERE (?1 IS NULL OR watch = ?1) AND (?2 IS NULL OR at_us >= ?2) "
            "ORDER BY no LIMIT ?3 OFFSET ?4",
            *(name, since_us, limit, offset),
        )
        return [_alert(row) for row in rows]

    def count_alerts(self, name: str | None = None, *, since_us: int | None = None) -> int:
        """How many alerts there are, of one watch or of all."""
        return self._count(
            "SELECT count(*) FROM raised WHERE (?1 IS NULL OR watch = ?1) "
            "AND (?2 IS NULL OR at_us >= ?2)",
            *(name, since_us),
        )

    def alert(self, alert_id: str) -> KeptAlert:
        """One alert by its id, or by the first digits of it that no other has."""
        rows = self._rows(f"{_ALERT} WHERE substr(alert_id, 1, ?) = ?", len(alert_id), alert_id)
        if len(rows) != 1 or not alert_id:
            raise UsageError(f'no one alert is called "{alert_id}"')
        return _alert(rows[0])

    def undelivered(self, target: str) -> list[KeptAlert]:
        """The alerts that were not delivered to a target yet, in order."""
        rows = self._rows(
            f"{_ALERT} WHERE alert_id NOT IN "
            "(SELECT alert_id FROM deliveries WHERE target = ? AND delivered) ORDER BY no",
            target,
        )
        return [_alert(row) for row in rows]

    def add_delivery(self, delivery: Delivery) -> None:
        """Keep one try to deliver."""
        with self._change() as change:
            change.execute(
                "INSERT INTO deliveries (alert_id, target, delivered, attempt, reason, at_us) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                tuple(delivery),
            )

    def deliveries(self, alert_id: str | None = None) -> list[Delivery]:
        """The tries to deliver an alert, or all, in order."""
        rows = self._rows(
            "SELECT alert_id, target, delivered, attempt, reason, at_us FROM deliveries "
            "WHERE ?1 IS NULL OR alert_id = ?1 ORDER BY no",
            alert_id,
        )
        return [Delivery(a, t, bool(d), n, r, at) for a, t, d, n, r, at in rows]

    def acknowledge(self, taken: Acknowledged) -> None:
        """Keep that somebody took note of an alert; a later note counts beside the earlier."""
        self.alert(taken.alert_id)
        with self._change() as change:
            change.execute(
                "INSERT INTO acknowledged (alert_id, value, at_us) VALUES (?, ?, ?)",
                (taken.alert_id, to_text(to_plain(taken)), taken.at_us),
            )

    def acknowledged(self, alert_id: str | None = None) -> list[Acknowledged]:
        """Who took note of an alert, or of any, in order."""
        rows = self._rows(
            "SELECT value FROM acknowledged WHERE ?1 IS NULL OR alert_id = ?1 ORDER BY no", alert_id
        )
        return [self._read(Acknowledged, row[0]) for row in rows]

    def add_disclosure(self, alert_id: str, *, by: str, at_us: int) -> None:
        """Keep that the record behind an alert was shown to somebody."""
        with self._change() as change:
            change.execute(
                "INSERT INTO disclosures (alert_id, by, at_us) VALUES (?, ?, ?)",
                (alert_id, by, at_us),
            )

    def count_disclosures(self, name: str, *, since_us: int) -> int:
        """How many alerts of a watch were shown since then, each once."""
        return self._count(
            "SELECT count(DISTINCT d.alert_id) FROM disclosures d JOIN raised r USING (alert_id) "
            "WHERE r.watch = ? AND d.at_us >= ?",
            *(name, since_us),
        )

    def add_examined(self, runs: Sequence[Examined]) -> None:
        """Keep how many records a run had each watch examine."""
        with self._change() as change:
            change.executemany(
                "INSERT INTO examined (watch, version, source_id, run_id, records, alerts, "
                "timed_out, at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (tuple(one) for one in runs),
            )

    def examined(self, name: str | None = None) -> list[Examined]:
        """What was examined by a watch, or by all, a row a run, in order."""
        rows = self._rows(
            "SELECT watch, version, source_id, run_id, records, alerts, timed_out, at_us "
            "FROM examined WHERE ?1 IS NULL OR watch = ?1 ORDER BY no",
            name,
        )
        return [Examined(*row) for row in rows]

    def _states(self, name: str, version: int) -> tuple[StateNote, ...]:
        rows = self._rows(
            "SELECT state, by, reason, at_us FROM watch_states WHERE watch = ? AND version = ? "
            "ORDER BY no",
            *(name, version),
        )
        return tuple(StateNote(WatchState(s), by, reason, at) for s, by, reason, at in rows)


def _alert(row: tuple[Any, ...]) -> KeptAlert:
    alert_id, watch, version, record_id, source_id, at_us, sealed = row
    alert = Alert(
        alert_id=alert_id,
        watch=watch,
        version=version,
        record_id=bytes(record_id),
        source_id=source_id,
        at_us=at_us,
    )
    return KeptAlert(alert, bytes(sealed))
