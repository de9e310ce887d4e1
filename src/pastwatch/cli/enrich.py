"""Enrich: derive languages, quotes, names, times … from a slice; the cost first, then the work."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, INTERRUPTED, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.progress import StepLine, stopping
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, lasting, share
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.case import CaseWork
    from pastwatch.desk.enriching import Cost, Enrichment, Running

_VERSION_COLUMNS = 28
_FASTEST_S = 0.001  # a record; below it a pace is told in records a second


@click.command(
    cls=Command,
    examples=(
        "enrich --plan",
        "enrich --enrichers quoted,language --languages ar,en,ru",
        "enrich --only-hits --set translate.model=/models/opus-ar-en",
    ),
    statuses=(0, 1, 2, 3, 10, 20, 60, 130),
)
@case_option()
@click.option("--enrichers", metavar="A,B", help="These alone; all that are installed by default.")
@click.option("--only-hits", is_flag=True, help="Records hit or judged relevant, and no others.")
@click.option("--first", type=click.IntRange(min=1), metavar="N", help="The N likeliest records.")
@click.option("--languages", metavar="A,B", help="Languages of the case, as in ar,en; kept for it.")
@click.option("--set", "settings", multiple=True, metavar="ENRICHER.NAME=VALUE", help="A setting.")
@click.option("--plan", is_flag=True, help="Show what it would take, and stop there.")
@click.option("--status", is_flag=True, help="Show what was gone over so far, and stop there.")
@click.pass_obj
def enrich(
    session: Session,
    *,
    case_name: str | None,
    enrichers: str | None,
    only_hits: bool,
    first: int | None,
    languages: str | None,
    settings: Sequence[str],
    plan: bool,
    status: bool,
) -> int:
    """Derive what helps to find: once for each record and version, likely relevant first."""
    from pastwatch.desk.enriching import Enrichment

    with session.case(case_name) as work:
        if status:
            return _status(session, work)
        enrichment = Enrichment(
            work,
            names=_listed(enrichers),
            settings=_settings(settings),
            languages=None if languages is None else _listed(languages),
            only_hits=only_hits,
            first=first,
        )
        costs = enrichment.cost()
        _print_cost(session, costs, enrichment)
        if plan or not any(cost.to_do for cost in costs):
            return DONE if any(cost.records for cost in costs) else NOTHING_FOUND
        run = _run(enrichment, costs, workers=session.settings.worker_count)
    _print(session, run)
    if run.cancelled:
        return INTERRUPTED
    return WITH_GAPS if run.defects else DONE


def _run(enrichment: Enrichment, costs: Sequence[Cost], *, workers: int) -> Running:
    pace_s = {cost.enricher: cost.pace_s for cost in costs}
    to_do = {cost.enricher: cost.to_do for cost in costs}
    expected_s = sum(cost.expected_s for cost in costs)
    step, started = StepLine(), time.monotonic()

    def progress(run: Running) -> None:
        left_s = sum((to_do[n] - run.by_enricher[n]) * pace_s[n] for n in to_do)
        done_s, gone_s = expected_s - left_s, time.monotonic() - started
        if done_s > 0:  # what was done took this long: the rest is taken to be like it
            left_s *= gone_s / done_s
        far = share(run.records, run.total)
        step(f"{count(run.values, 'value')} · {far} · {_lasting(left_s)} left · Ctrl-C to stop")

    with stopping("stopping after the batch in hand") as cancel:
        try:
            return enrichment.run(progress=progress, cancel=cancel, workers=workers)
        finally:
            step.end()


def _listed(text: str | None) -> list[str]:
    return list(dict.fromkeys(t.strip() for t in (text or "").split(",") if t.strip()))


def _settings(given: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        enricher, dot, setting = name.partition(".")
        if not (equals and dot and enricher and setting):
            raise UsageError(f'"{name}" is no setting', hint="write --set ENRICHER.NAME=VALUE")
        found.setdefault(enricher, {})[setting] = value
    return found


def _print_cost(session: Session, costs: Sequence[Cost], enrichment: Enrichment) -> None:
    if session.json:
        for cost in costs:
            show.json_line(cost, to_do=cost.to_do, expected_s=round(cost.expected_s, 1))
    else:
        head = ("enricher", "version", "to do", "stale", "done", "pace", "expected")
        show.table(
            [
                (
                    *(cost.enricher, show.cut(cost.version, _VERSION_COLUMNS)),
                    *(count(cost.to_do), count(cost.stale) if cost.stale else "", count(cost.done)),
                    *(_pace(cost.pace_s), _lasting(cost.expected_s) if cost.to_do else ""),
                )
                for cost in costs
            ],
            head=head,
            right=(2, 3, 4, 5, 6),
        )
    for name, why in sorted(enrichment.left_out.items()):
        show.say(f"pastwatch: without {name}: {why}")
    if session.json:
        return
    records = max((cost.records for cost in costs), default=0)
    if not any(cost.to_do for cost in costs):
        show.out(f"nothing to do: {count(records, 'record')}, all done in these versions")
        return
    whole_s = sum(cost.expected_s for cost in costs)
    show.out(
        f"expected: {_lasting(whole_s)} for {count(records, 'record')}, likely relevant first; "
        "measured on a few of them"
    )


def _lasting(seconds: float) -> str:
    return lasting(seconds) if seconds >= 1 else "under 1 s"


def _pace(seconds: float) -> str:
    if not seconds:
        return ""
    if seconds < _FASTEST_S:
        return f"{1 / seconds:,.0f}/s"
    return f"{1 / seconds:,.1f}/s" if seconds < 1 else f"{seconds:,.1f} s each"


def _print(session: Session, run: Running) -> None:
    if session.json:
        show.json_line(
            None,
            records=run.records,
            values=run.values,
            defects={" ".join(key): number for key, number in sorted(run.defects.items())},
            seconds={name: round(taken, 2) for name, taken in sorted(run.seconds.items())},
            interrupted=run.cancelled,
        )
        return
    rows = [
        (
            name,
            f"{count(run.by_enricher[name], 'record')} in {_lasting(taken)}"
            if run.by_enricher[name]
            else f"in {_lasting(taken)}",
        )
        for name, taken in run.seconds.items()
    ]
    defects = [
        f"{count(number, 'record')} by {name} ({defect})"
        for (name, defect), number in sorted(run.defects.items())
    ]
    if defects:
        rows.append(("skipped", "; ".join(defects)))
    rows.append(("kept", count(run.values, "value")))
    show.facts(rows, label=max(len(name) for name, _ in rows) + 1)
    if run.cancelled:
        show.say("pastwatch: stopped: what was kept stands; the same command goes on from there")


def _status(session: Session, work: CaseWork) -> int:
    from pastwatch.desk.enriching import enriched_so_far

    slice_records, found = enriched_so_far(work)
    by_version: dict[tuple[str, str], dict[str, int]] = {}
    for enricher, version, defect, records in found:
        by_version.setdefault((enricher, version), {})[defect] = records
    if session.json:
        for (enricher, version), records_by in by_version.items():
            show.json_line(
                None,
                enricher=enricher,
                version=version,
                records=sum(records_by.values()),
                slice_records=slice_records,
                defects={defect: n for defect, n in records_by.items() if defect},
            )
        return DONE if by_version else NOTHING_FOUND
    if not by_version:
        show.out("nothing was enriched in this case: 'pastwatch enrich --plan' shows the cost")
        return NOTHING_FOUND
    show.table(
        [
            (
                *(enricher, show.cut(version, _VERSION_COLUMNS)),
                *(count(sum(by.values())), share(sum(by.values()), slice_records)),
                ", ".join(f"{count(n)} {d}" for d, n in sorted(by.items()) if d),
            )
            for (enricher, version), by in by_version.items()
        ],
        head=("enricher", "version", "records", "of slice", "skipped"),
        right=(2, 3),
    )
    return DONE
