"""What an overseer reads of watches: who runs what under which authority, counted, each by its entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pastwatch.archive.signatures import digest
from pastwatch.casefile.watching import KeptWatch
from pastwatch.desk.office import Office
from pastwatch.desk.standing import follow_ledger, lock
from pastwatch.desk.standingrules import is_revoked
from pastwatch.desk.standingsources import watched_sources
from pastwatch.desk.watchdesk import PURPOSE
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, Entry
from pastwatch.model.authority import Authority
from pastwatch.model.watch import Severity, Verdict, WatchState
from pastwatch.stages.watch.limits import accounts_of, directed

STATE_ACTS = (Act.WATCH_START, Act.WATCH_END)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityTold:
    """The standing authority of a watch: ids of keys, dates, and how many accounts it lists."""

    authority_id: str
    sha256: str
    valid_from_us: int
    valid_until_us: int
    review_us: int | None
    review_due: bool
    revoked: bool
    signed_by: tuple[str, ...]
    self_authorised: bool
    accounts: int
    event: bool
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchTold:
    """One version of a watch: no purpose, no query, nobody's name.

    `examined` counts records, `read` alerts shown to somebody; `*_entries` are the numbers of the
    ledger's entries that say so. `kept_by` is the key that kept it.
    """

    watch: str
    version: int
    sha256: str
    state: WatchState
    severity: Severity
    alerts_a_day: int
    kept_by: str
    kept_us: int | None
    state_entries: tuple[int, ...]
    authority: AuthorityTold | None
    follows_persons: tuple[str, ...]
    accounts_named: int
    examined: int
    timed_out: int
    alerts: int
    read: int
    read_entries: tuple[int, ...]
    acknowledged: int
    useful: int
    false_alarms: int
    verdict_entries: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTold:
    """One seal of a run as the ledger tells it: how many records machines examined."""

    sequence: int
    time_us: int
    source_id: str
    watches: int
    examined_by_machine: int
    withheld: int
    unparsed: int
    alerts: int
    stopped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchReport:
    """Everything there is to oversee of watches, and whether desk and ledger agree.

    `alerts_in_ledger` counts what collectors entered; an alert raised again after a crash is
    entered twice and kept once, so that fewer on the desk need not mean that any is missing.
    """

    watches: tuple[WatchTold, ...]
    runs: tuple[RunTold, ...]
    sources_watched: int
    sources_unwatched: int
    refused_entries: tuple[int, ...]
    alerts_in_ledger: int
    alerts_kept: int
    ledger_entries: int
    ledger_root: str
    doubts: tuple[str, ...]

    @property
    def directed(self) -> tuple[WatchTold, ...]:
        """The watches that follow persons."""
        return tuple(w for w in self.watches if w.follows_persons)


def watch_report(office: Office) -> WatchReport:
    """The report, made from the ledger; what only the desk knows is compared with it."""
    with lock(office).wait():
        follow_ledger(office)
    office.ledger.refresh()
    by_text: dict[str, list[Entry]] = {}
    acts = (*STATE_ACTS, Act.SHOWN, Act.JUDGE, Act.REFUSE)
    for entry in entries_of(office.ledger, *acts):
        if "watch" in entry.objects:
            by_text.setdefault(entry.objects["watch"], []).append(entry)
    kept = office.desk.watches()
    raised = _raised(office)
    told = tuple(_watch(office, k, by_text.get(k.watch.text_sha256, []), raised) for k in kept)
    runs = tuple(map(_run, entries_of(office.ledger, Act.WATCH_ALERT)))
    sources = watched_sources(office)
    size = office.ledger.size
    return WatchReport(
        watches=told,
        runs=runs,
        sources_watched=sum(s.watched for s in sources),
        sources_unwatched=sum(not s.watched for s in sources),
        refused_entries=tuple(e.sequence for es in by_text.values() for e in _of(es, Act.REFUSE)),
        alerts_in_ledger=sum(r.alerts for r in runs),
        alerts_kept=sum(raised.values()),
        ledger_entries=size,
        ledger_root=office.ledger.root(size).hex(),
        doubts=tuple(_doubts(kept, by_text, told, runs, sum(raised.values()))),
    )


def _watch(
    office: Office,
    kept: KeptWatch,
    entries: list[Entry],
    raised: Counter[tuple[str, int]],
) -> WatchTold:
    watch, shown = kept.watch, _of(entries, Act.SHOWN)
    states = _of(entries, *STATE_ACTS)
    verdicts = [e for e in _of(entries, Act.JUDGE) if e.outcome.get("purpose") == PURPOSE]
    last = {str(e.outcome.get("alert")): str(e.outcome.get("verdict")) for e in verdicts}
    own = [e for e in office.desk.examined(watch.name) if e.version == watch.version]
    return WatchTold(
        watch=watch.name,
        version=watch.version,
        sha256=watch.text_sha256,
        state=kept.state,
        severity=watch.severity,
        alerts_a_day=watch.alerts_a_day,
        kept_by=states[0].actor if states else "",
        kept_us=states[0].time_us if states else None,
        state_entries=_numbers(states),
        authority=_authority(office, watch.authority_id),
        follows_persons=tuple(f"{d.branch}: {d.reason}" for d in directed(watch)),
        accounts_named=len(accounts_of(watch)),
        examined=sum(e.records for e in own),
        timed_out=sum(e.timed_out for e in own),
        alerts=raised[watch.name, watch.version],
        read=len({str(e.outcome.get("alert")) for e in shown}),
        read_entries=_numbers(shown),
        acknowledged=len(last),
        useful=sum(v == Verdict.USEFUL for v in last.values()),
        false_alarms=sum(v == Verdict.FALSE for v in last.values()),
        verdict_entries=_numbers(verdicts),
    )


def _authority(office: Office, authority_id: str) -> AuthorityTold | None:
    states = office.desk.authority_states(authority_id)
    if not states:
        return None
    authority: Authority = states[-1].authority
    own = digest(authority)
    entries = [
        e
        for e in entries_of(office.ledger, Act.AUTHORITY, Act.REVOKE)
        if e.authority == authority_id
        and (e.act == Act.REVOKE or e.objects.get("authority") == own)
    ]
    now_us = office.ledger.now_us(office.clock())
    return AuthorityTold(
        authority_id=authority_id,
        sha256=own,
        valid_from_us=authority.valid.start_us,
        valid_until_us=authority.valid.end_us,
        review_us=authority.review_us,
        review_due=authority.review_us is not None and authority.review_us <= now_us,
        revoked=is_revoked(office, states[-1]),
        signed_by=tuple(s.key_id for s in authority.signatures),
        self_authorised=authority.self_authorised,
        accounts=len(authority.scope.accounts),
        event=bool(authority.event_id),
        entries=_numbers(entries),
    )


def _run(entry: Entry) -> RunTold:
    def of(name: str) -> int:
        value = entry.outcome.get(name)
        return value if isinstance(value, int) else 0

    return RunTold(
        sequence=entry.sequence,
        time_us=entry.time_us,
        source_id=str(entry.outcome.get("source_id", "")),
        watches=of("watches"),
        examined_by_machine=of("examined_by_machine"),
        withheld=of("withheld"),
        unparsed=of("unparsed"),
        alerts=of("alerts"),
        stopped=of("stopped"),
    )


def _raised(office: Office) -> Counter[tuple[str, int]]:
    total = office.desk.count_alerts()
    alerts = office.desk.alerts(limit=max(total, 1))
    return Counter((k.alert.watch, k.alert.version) for k in alerts)


def _doubts(
    kept: Iterable[KeptWatch],
    by_text: dict[str, list[Entry]],
    told: Iterable[WatchTold],
    runs: Iterable[RunTold],
    held: int,
) -> Iterator[str]:
    """Where desk and ledger do not agree."""
    unknown = set(by_text) - {k.watch.text_sha256 for k in kept}
    if unknown:
        yield f"{len(unknown)} watches of the ledger are not on this desk"
    for one in told:
        if not one.state_entries:
            yield f"watch {one.watch} version {one.version} is not in the ledger"
    entered = sum(r.alerts for r in runs)
    if held < entered:
        yield (
            f"collectors entered {entered} alerts, and {held} are kept: others were raised twice, "
            "or their journals are not here"
        )


def _of(entries: Iterable[Entry], *acts: Act) -> list[Entry]:
    return [e for e in entries if e.act in acts]


def _numbers(entries: Iterable[Entry]) -> tuple[int, ...]:
    return tuple(e.sequence for e in entries)
