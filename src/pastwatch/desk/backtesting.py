"""Back-tests: would a watch have warned? Counted as a baseline; only times and counts leave."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from pastwatch.archive.aggregates import AlertTimes, count_alerts
from pastwatch.archive.scope import time_class, times
from pastwatch.desk import authorities
from pastwatch.desk.backtesting_kept import keep
from pastwatch.desk.backtesting_results import Told, paired, quiet, told
from pastwatch.desk.backtesting_rules import (
    check_authority,
    check_control,
    check_directed,
    check_spans,
    check_watch,
    limits_of,
)
from pastwatch.desk.counting import custody_of
from pastwatch.desk.learning_models import open_model, scorer_of
from pastwatch.desk.office import Office
from pastwatch.desk.opencase import approved
from pastwatch.desk.standing import is_watched, kept_entry
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act, Entry, EntryDraft, Outcome
from pastwatch.model.authority import Authority
from pastwatch.model.backtest import Backtest
from pastwatch.model.watch import Watch
from pastwatch.model.when import HOUR_US, SECOND_US, Span, iso
from pastwatch.stages.watch.arrivals import Arrivals
from pastwatch.stages.watch.backtest import Trial, trial
from pastwatch.stages.watch.embargo import EMBARGO_S, check_embargo
from pastwatch.stages.watch.examiner import Examiner
from pastwatch.stages.watch.standing import read_watch

SAMPLE: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a back-test is asked for; `against` is the text of another version."""

    over: Span
    event_ids: tuple[str, ...]
    control: Span | None = None
    against: bytes | None = None
    sample: int = SAMPLE
    seed: int = 0
    embargo_s: int = EMBARGO_S


def text_of(office: Office, named: str, version: int | None = None) -> bytes:
    """The exact text of a watch: of one that is kept, or of a file."""
    path = Path(named)
    if path.suffix == ".toml" or path.is_file():
        try:
            return path.read_bytes()
        except OSError as wrong:
            raise UsageError(f'"{path.name}" cannot be read') from wrong
    return office.desk.watch(named, version).text


def backtest(office: Office, text: bytes, asked: Asked, *, baseline: Path) -> Backtest:
    """Try a watch on what is held; asks for the granting key, and no record is read.

    Sources that meet no watch are left out. Order: everything is checked → the `baseline` entry →
    the records are examined, the sampled ids sealed → a `backtest` entry a version → it is kept.
    """
    watches = [read_watch(one) for one in (text, asked.against) if one is not None]
    events = {name: office.desk.event(name) for name in dict.fromkeys(asked.event_ids)}
    starts = {name: event.when.start_us for name, event in events.items()}
    spans = [asked.over, *([asked.control] if asked.control else [])]
    for watch in watches:
        check_watch(watch)
        check_spans(spans, starts, horizon_s=watch.horizon_s)
        check_embargo(starts, tuned_us=_tuned(office, watch), embargo_s=asked.embargo_s)
    if asked.control:
        check_control(office, asked.control, horizon_s=watches[0].horizon_s)
    authority = authorities.read_authority(office, baseline)
    check_authority(authority, spans, events)
    custodian = office.ring.granting()
    authority = approved(office, authority, custodian)
    for watch in watches:
        check_directed(watch, authority)
    held, unwatched = _sources(office, watches, authority)
    zone_offset_s = next((e.zone_offset_s for e in events.values()), 0)
    trying = _Trying(office, watches)
    times_ = count_alerts(
        authority,
        custody_of(office, custodian),
        raises=trying.raises,
        watches=len(watches),
        source_ids=held,
        spans=spans,
        sample=asked.sample,
        seed=asked.seed,
        reader=office.ring.user().identity.recipient,
    )
    trials = [
        _trial(own, watch, asked.over, starts, zone_offset_s, asked.seed)
        for own, watch in zip(times_.moments_us, watches, strict=True)
    ]
    made = [
        told(done, own, starts, kept_us=_kept_us(office, watch), tuned_us=_tuned(office, watch))
        for watch, done, own in zip(watches, trials, times_.moments_us, strict=True)
    ]
    entries = _enter(office, authority, watches, asked, times_, made)
    found = Backtest(
        backtest_id=f"b{entries[0].sequence}",
        watch=watches[0].name,
        version=watches[0].version,
        text_sha256=watches[0].text_sha256,
        kept_us=_kept_us(office, watches[0]),
        authority_id=authority.authority_id,
        horizon_s=watches[0].horizon_s,
        seed=asked.seed,
        zone_offset_s=zone_offset_s,
        examined=times_.examined,
        left_out=times_.left_out,
        unwatched_sources=unwatched,
        stopped=trying.stopped(0),
        over=made[0][0],
        events=made[0][1],
        missed=trials[0].missed,
        detection_at_least=trials[0].detection_at_least,
        limits=(),
        control=quiet(times_.moments_us[0], watches[0], asked.control, seed=asked.seed),
        against=paired(watches, trials, made),
        sampled=times_.sampled,
    )
    found = replace(found, limits=limits_of(found))
    keep(office, found, times_.sample)
    return found


def draft(office: Office, text: bytes, asked: Asked, path: Path) -> Path:
    """Write a draft of the baseline authority that a back-test needs, to be read, changed, signed."""
    if path.exists():
        raise UsageError(f'"{path.name}" exists already')
    if not asked.event_ids:
        raise UsageError("an authority is for an event", hint="name one with --event")
    watch, event = read_watch(text), office.desk.event(asked.event_ids[0])
    body, offset_s = authorities.draft(office, event, file_name=path.name), event.zone_offset_s
    known = office.sources()
    own = [s.name for s in known.values() if _meets(watch, s.source_id, s.name)]
    spans = [asked.over, *([asked.control] if asked.control else [])]
    warm_us = max((rise.baseline_s for rise in watch.rises), default=0) * SECOND_US
    changed = {
        "from": json.dumps(iso(min(s.start_us for s in spans) - warm_us, offset_s=offset_s)),
        "until": json.dumps(iso(max(s.end_us for s in spans), offset_s=offset_s)),
        "sources": json.dumps(own, ensure_ascii=False),
        "acts": '["baseline"]',
        "purpose": json.dumps(f"try watch {watch.name} on the past; no record is read"),
        "necessity": json.dumps(
            "the span shows how often the watch would have alerted for nothing"
        ),
    }
    lines = []
    for line in body.splitlines():
        name, equals, _ = line.partition(" = ")
        lines.append(f"{name} = {changed[name]}" if equals and name in changed else line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class _Trying:
    """The watches over each source in turn: as the tap has it, rhythms are counted a source each."""

    def __init__(self, office: Office, watches: Sequence[Watch]) -> None:
        self._names = {i: s.name for i, s in office.sources().items()}
        self._watches = watches
        for watch in watches:
            if watch.learned is not None:
                open_model(office, watch.learned.model_sha256)  # refused where it is not kept
        self._scores = scorer_of(office)
        self._examiners: dict[str, tuple[Examiner, list[int]]] = {}

    def raises(self, source_id: str, rows: pa.RecordBatch) -> list[tuple[int, int]]:
        """(watch, row) of the alerts of a source's next records."""
        examiner, numbers = self._examiner(source_id)
        earliest_us, latest_us = times(rows)
        arrivals = Arrivals(
            rows,
            source_id,
            self._names[source_id],
            None,
            rows.column("record_id").to_pylist(),
            np.asarray(time_class(rows) == 0),
            earliest_us,
            latest_us,
        )
        return [(numbers[one.watch], one.row) for one in examiner.examine(arrivals)]

    def stopped(self, number: int) -> str:
        """Why a watch was stopped on the way, if it was."""
        reasons = {
            e.accounts[own.index(number)].stopped
            for e, own in self._examiners.values()
            if number in own
        }
        return "; ".join(sorted(reasons - {""}))

    def _examiner(self, source_id: str) -> tuple[Examiner, list[int]]:
        if source_id not in self._examiners:
            name = self._names[source_id]
            own = [n for n, w in enumerate(self._watches) if _meets(w, source_id, name)]
            watches = [self._watches[n] for n in own]
            self._examiners[source_id] = Examiner(watches, scores=self._scores), own
        return self._examiners[source_id]


def _meets(watch: Watch, source_id: str, name: str) -> bool:
    return not watch.sources or not {source_id, name}.isdisjoint(watch.sources)


def _sources(
    office: Office, watches: Sequence[Watch], authority: Authority
) -> tuple[list[str], int]:
    """The sources that are tried, and how many that would be are marked no-watch."""
    asked = [
        source
        for source_id, source in office.sources().items()
        if not authority.scope.source_ids or source_id in authority.scope.source_ids
        if any(_meets(w, source_id, source.name) for w in watches)
    ]
    held = [source.source_id for source in asked if is_watched(office, source)]
    if not held:
        raise UsageError(
            "no source is left to try this watch on: none is both in the authority and watched",
            hint="see 'pastwatch watch sources'",
        )
    return held, len(asked) - len(held)


def _trial(  # noqa: PLR0917 - the parts of one trial
    own: Sequence[int],
    watch: Watch,
    span: Span,
    starts: Mapping[str, int],
    zone_offset_s: int,
    seed: int,
) -> Trial:
    return trial(
        own,
        list(starts.values()),
        span=span,
        horizon_s=watch.horizon_s,
        zone_offset_s=zone_offset_s,
        seed=seed,
    )


def _enter(  # noqa: PLR0917 - the parts of one entry
    office: Office,
    authority: Authority,
    watches: Sequence[Watch],
    asked: Asked,
    times_: AlertTimes,
    made: Sequence[Told],
) -> list[Entry]:
    drafts = []
    for number, (watch, (over, events)) in enumerate(zip(watches, made, strict=True)):
        objects = {"watch": watch.text_sha256}
        if number == 0 and times_.sample:
            objects["sample"] = hashlib.sha256(times_.sample).hexdigest()
        outcome: dict[str, Outcome] = {
            "watch": watch.name,
            "version": watch.version,
            "span_hours": over.span.length_us // HOUR_US,
            "control_hours": asked.control.length_us // HOUR_US if asked.control else 0,
            "examined": times_.examined,
            "alerts": len(times_.moments_us[number]),
            "alarms": len(over.alarms),
            "events": len(events),
            "warned": sum(e.lead_s is not None for e in events),
            "claims": [e.claim.value for e in events],
            "sampled": times_.sampled if number == 0 else 0,
            "seed": asked.seed,
        }
        drafts.append(
            EntryDraft(
                act=Act.BACKTEST,
                clock_us=office.clock(),
                authority=authority.authority_id,
                objects=objects,
                outcome=outcome,
            )
        )
    return list(office.ledger.append(drafts, office.ring.user().signing))


def _kept_us(office: Office, watch: Watch) -> int | None:
    entry = kept_entry(office, watch.text_sha256)
    return entry.time_us if entry else None


def _tuned(office: Office, watch: Watch) -> dict[str, int | None]:
    """The events a watch was made from, with their times as far as this desk knows them.

    What was learned in a case is made from that case's event, whatever the text says.
    """
    known: dict[str, int | None] = {e.event_id: e.when.start_us for e in office.desk.events()}
    names = list(watch.made_from)
    if watch.learned is not None:
        learned_in = watch.learned.case_id
        cases = [c.event_id for c in office.desk.cases() if c.case_id == learned_in]
        names += cases or [learned_in]
    return {name: known.get(name) for name in names}
