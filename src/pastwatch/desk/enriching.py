"""Enriches the records of a case's slice: cost told first, likely relevant first, done once a version."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pastwatch import plugins
from pastwatch.archive.opened import digest_of
from pastwatch.casefile.enriched import Embedded, Enriched
from pastwatch.desk.case import CaseWork
from pastwatch.desk.enrichingslice import EnrichingSlice
from pastwatch.desk.soundlist import list_sound
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import NAME, EntryDraft
from pastwatch.ledger.entry import Act as Entered
from pastwatch.model.authority import Act
from pastwatch.ports import Embedder, Gatherer
from pastwatch.stages.enrich.run import Ready, made_of, paced, ready
from pastwatch.stages.enrich.workers import Done, Workers

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_LANGUAGES = "enrich_languages"  # settings of the case: those chosen last, for the next run
_SETTLED = "enrich_settled"
_SAMPLE_BUDGET_S = 2.0
_WORTH_S = 20.0  # of work, below which starting processes for it takes longer

Progress = Callable[["Running"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one enricher has before it: records, and seconds as measured on a sample of them."""

    enricher: str
    version: str
    records: int
    done: int
    stale: int  # of those to do, how many another version has been over
    setup_s: float
    pace_s: float

    @property
    def to_do(self) -> int:
        """Records it has not been over in this version."""
        return self.records - self.done

    @property
    def expected_s(self) -> float:
        """Seconds for what is to do, at the measured pace."""
        return self.to_do * self.pace_s


@dataclass(slots=True, kw_only=True)
class Running:
    """How far a run is: records an enricher went over, each once an enricher."""

    total: int
    records: int = 0
    values: int = 0
    defects: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_enricher: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    cancelled: bool = False


class Enrichment:
    """The enrichers made ready for a case, and what of its slice each has still to go over."""

    def __init__(
        self,
        case: CaseWork,
        enrichers: Mapping[str, Any] | None = None,
        *,
        names: Sequence[str] = (),
        settings: Mapping[str, Mapping[str, str]] | None = None,
        languages: Sequence[str] | None = None,
        only_hits: bool = False,
        first: int | None = None,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        """AuthorityError where enriching is not allowed; all that are installed where none are named.

        `names` are those of registered enrichers, `enrichers` objects of one's own by name;
        `left_out` says why one that was not asked for is not among them. `settings` are taken by
        each, by its name. `languages` are those of the case, kept for the next run.
        """
        case.gate.check(Act.ENRICH)
        self._case, self._stopwatch = case, stopwatch
        self.left_out: dict[str, str] = {}
        self.setup_s: dict[str, float] = {}
        self._options: dict[str, dict[str, Any]] = {}  # by the name each is registered under
        self._enrichers = self._made_ready(enrichers, names, settings or {}, languages)
        self._slice = EnrichingSlice(case, only_hits=only_hits, first=first)
        self._to_do = {
            e.name: self._slice.left(case.papers.enriched_ids(e.name, e.version))
            for e in self._enrichers
        }
        self._pace_s: dict[str, float] = {}

    def cost(self) -> tuple[Cost, ...]:
        """What it will take, measured on a sample of the records to do; nothing of it is kept."""
        sample = self._slice.sample(self._any_left())
        found, place = [], self._slice.place
        versions = self._case.papers.count_enriched()
        for enricher in self._enrichers:
            name, to_do = enricher.name, self._to_do[enricher.name]
            if to_do.any() and name not in self._pace_s:
                self._pace_s[name] = paced(
                    enricher, sample, stopwatch=self._stopwatch, budget_s=_SAMPLE_BUDGET_S
                )
            older = {v for e, v, _, _ in versions if e == name and v != enricher.version}
            stale = set().union(*(self._case.papers.enriched_ids(name, v) for v in older))
            found.append(
                Cost(
                    enricher=name,
                    version=enricher.version,
                    records=len(self._slice),
                    done=len(self._slice) - int(to_do.sum()),
                    stale=sum(1 for i in stale if i in place and to_do[place[i]]),
                    setup_s=self.setup_s[name],
                    pace_s=self._pace_s.get(name, 0.0),
                )
            )
        return tuple(found)

    def run(
        self,
        *,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
        workers: int = 1,
    ) -> Running:
        """Go over what is to do, a batch at a time, each kept whole; what was kept is not done again.

        Killed or cancelled at any point, the next run goes on. A record that breaks an enricher is
        kept with a defect and left alone by it from then on, in this version. Logged at the end.
        With more `workers` than one, registered enrichers run in processes of their own where there
        is work enough for it; a script that asks for that guards its main module.
        """
        self._case.papers.put_setting(_LANGUAGES, self._languages)
        run = Running(total=sum(int(left.sum()) for left in self._to_do.values()))
        try:
            for done in self._done(cancel, self._workers(workers)):
                self._keep(done, run)
                if progress is not None:
                    progress(run)
            run.cancelled = cancel is not None and cancel.is_set()
            for enricher in self._enrichers:
                if isinstance(enricher, Gatherer) and not run.cancelled:
                    self._settle(enricher, run)
            if not run.cancelled:
                self._list_sound()
        finally:
            if run.records:
                self._enter(run)
        return run

    def _list_sound(self) -> None:
        """Sound in mail and chats, so that a coverage counts its minutes too."""
        case = self._case
        if case.authority.allows(Act.READ):
            list_sound(
                case.gate, case.papers, at_us=case.office.clock(), note_opened=case.note_opened
            )

    def _workers(self, count: int) -> Workers | None:
        if count <= 1 or not self._options:
            return None
        expected_s = sum(
            int(left.sum()) * self._pace_s.get(name, 1.0) for name, left in self._to_do.items()
        )
        return Workers(self._options, count=count) if expected_s >= _WORTH_S else None

    def _done(self, cancel: threading.Event | None, workers: Workers | None) -> Iterator[Done]:
        """Each batch by each enricher, as it is done."""
        with ExitStack() as stack:
            if workers is not None:
                stack.enter_context(workers)
            for batch in self._slice.batches(self._any_left(), cancel=cancel):
                protected = self._case.papers.protected_ids()  # judged so since the run began
                for enricher in self._enrichers:
                    records = [
                        record
                        for record in batch
                        if self._to_do[enricher.name][self._slice.place[record.record_id]]
                        and record.record_id not in protected
                    ]
                    if not records:
                        continue
                    pace_s = self._pace_s.get(enricher.name, 1.0)
                    if workers is not None:
                        yield from workers.give(enricher.name, records, pace_s=pace_s)
                        continue
                    started = self._stopwatch()
                    made = made_of(enricher, records, pace_s=pace_s)
                    yield Done(enricher.name, records, made, self._stopwatch() - started)
            if workers is not None:
                yield from workers.rest()

    def _any_left(self) -> npt.NDArray[np.bool_]:
        import numpy as np

        left = self._slice.left(set(self._slice.place))
        for to_do in self._to_do.values():
            np.logical_or(left, to_do, out=left)
        return left

    def _made_ready(
        self,
        given: Mapping[str, Any] | None,
        asked: Sequence[str],
        settings: Mapping[str, Mapping[str, str]],
        languages: Sequence[str] | None,
    ) -> tuple[Ready, ...]:
        case = self._case
        if languages is None:
            languages = case.papers.setting(_LANGUAGES, otherwise=[])
        options = {
            "languages": tuple(languages),
            "zone_offset_s": case.event.zone_offset_s,
            "start_us": case.event.when.start_us,
            "end_us": case.event.when.end_us,
        }
        names = asked or (plugins.names("enrichers") if given is None else tuple(given))
        for name in settings:
            if name not in names:
                raise UsageError(f'a setting for "{name}", which is not asked for')
        made = []
        for name in dict.fromkeys(names):
            started = self._stopwatch()
            own = {**options, **settings.get(name, {})}
            try:
                found = plugins.load("enrichers", name) if given is None else given[name]
                enricher = ready(found, own)
            except UsageError as missing:
                if given is not None or name in asked or name in settings:
                    raise
                self.left_out[name] = f"{missing}" + (f" ({missing.hint})" if missing.hint else "")
                continue
            if NAME.fullmatch(name) is None or enricher.name != name:
                raise UsageError(f'"{enricher.name}" is no name for the enricher "{name}"')
            if given is None:
                self._options[name] = own
            self.setup_s[name] = self._stopwatch() - started
            made.append(enricher)
        self._languages = list(languages)
        return tuple(made)

    def _keep(self, done: Done, run: Running) -> None:
        name, made = done.name, done.made
        (enricher,) = (e for e in self._enrichers if e.name == name)
        embedded = None
        if isinstance(enricher, Embedder) and made.vectors is not None:
            embedded = Embedded(made.embedded_ids, made.vectors)
        run.values += self._case.papers.add_enriched(
            name,
            enricher.version,
            [Enriched(i, made.defects.get(i, "")) for i in made.record_ids],
            made.annotations,
            at_us=self._case.office.clock(),
            embedded=embedded,
        )
        self._to_do[name][[self._slice.place[i] for i in made.record_ids]] = False
        run.seconds[name] += done.seconds
        run.records += len(made.record_ids)
        run.by_enricher[name] += len(made.record_ids)
        run.defects.update((name, defect) for defect in made.defects.values())

    def _settle(self, enricher: Gatherer, run: Running) -> None:
        """Bring together all sketches of this version, once there are other ones than last time."""
        papers, name = self._case.papers, enricher.name
        protected = papers.protected_ids()
        last = papers.setting(_SETTLED, otherwise={})
        found = [
            [(i, value) for i, value, *_ in kept if i not in protected]
            for kept in (
                papers.annotations_of_kind(kind, maker=name, version=enricher.version)
                for kind in (enricher.sketch, enricher.settles)
            )
        ]
        standing = [enricher.version, len(found[0])]
        if last.get(name) == standing:
            return
        started = self._stopwatch()
        settled = list(enricher.settle(*found))
        at_us = self._case.office.clock()
        run.values += papers.add_enriched(name, enricher.version, [], settled, at_us=at_us)
        papers.put_setting(_SETTLED, {**last, name: standing})
        run.seconds[f"{name}, settled"] += self._stopwatch() - started

    def _enter(self, run: Running) -> None:
        office = self._case.office
        entry = EntryDraft(
            act=Entered.ENRICH,
            clock_us=office.clock(),
            authority=self._case.authority.authority_id,
            objects={"makers": digest_of(f"{e.name} {e.version}" for e in self._enrichers)},
            outcome={
                "records": max(run.by_enricher.values(), default=0),
                "values": run.values,
                "defects": sum(run.defects.values()),
                **{f"by.{name}": count for name, count in sorted(run.by_enricher.items())},
            },
        )
        office.ledger.append([entry], office.ring.user().signing)


def enriched_so_far(case: CaseWork) -> tuple[int, list[tuple[str, str, str, int]]]:
    """The records of the slice, and (enricher, version, defect, records) of what was gone over."""
    return sum(ref.inside for ref in case.gate.blocks), case.papers.count_enriched()
