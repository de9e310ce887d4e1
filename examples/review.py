"""A whole review, from an export to a decision to stop, with a reader that a query stands in for.

    python examples/review.py town [RECORDS]       a synthetic town, RECORDS of them (20,000)
    python examples/review.py mail FOLDER          published mail: the set foia-mail, unpacked in FOLDER

The reader calls relevant what the query finds, and knows nothing else; nobody tells the learner the
query. What is printed is what a person would see: prices before, figures after, and how far the
claim at the end is from the truth, which only the query knows.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pastwatch.desk.enriching import Enrichment
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.desk.reviewing import Review
from pastwatch.desk.scratch import collect_town, open_self_authorised, scratch_archive
from pastwatch.desk.searching import search
from pastwatch.desk.stopping import look, look_due, price_of, stop
from pastwatch.desk.stoppingstanding import Standing, standing
from pastwatch.model.when import iso
from pastwatch.town import build

ENRICHERS = ("language", "quoted", "families")
TURNS_BETWEEN_LOOKS = 10
Say = Callable[[str, object], None]


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What is collected, around which moment it is opened, and what the reader calls relevant."""

    at: str
    around: timedelta
    question: str
    wanted: str
    collect: Callable[[Archive], None]


def town(folder: Path, records: int = 20_000, seed: int = 3001) -> Journey:
    """A synthetic town of so many records, and a reader after its bridge."""
    plan = build(folder / "exports", seed=seed, records=records)

    def collect(archive: Archive) -> None:
        collect_town(archive, plan)

    return Journey(
        at=iso(plan.event_us),
        around=timedelta(days=30),
        question="bridge key van",
        wanted="bridge OR мост*",
        collect=collect,
    )


def mail(data: Path) -> Journey:
    """Mail of a foreign ministry that was published, and a reader after one attack."""
    path = data / "foia-mail" / "clinton_blind" / "messages.jsonl"

    def collect(archive: Archive) -> None:
        archive.collect(
            path, source="released", basis="published", options={"zone": "America/New_York"}
        )

    return Journey(
        at="2012-09-11T21:42:00+02:00",
        around=timedelta(days=90),
        question="benghazi",
        wanted="benghazi OR tripoli OR stevens",
        collect=collect,
    )


def run(journey: Journey, folder: Path, say: Say, *, stopwatch: Callable[[], float]) -> Standing:
    """Collect, open, enrich, search, review and stop; gives where the review stands at its end."""
    with scratch_archive(folder) as archive:
        began = stopwatch()
        journey.collect(archive)
        say("collected: records", archive.status().records)
        say("collected: seconds", f"{stopwatch() - began:.1f}")
        archive.add_event("event", "The event", at=journey.at, references=("published",))
        case, _, estimate = open_self_authorised(
            archive,
            "event",
            folder / "grant.toml",
            span_hours=round(journey.around / timedelta(hours=1)),
            ground="published data",
            necessity="an example of a whole review",
            undated=True,
            acts=["read", "enrich"],
        )
        say("the slice: records", estimate.records)
        _enrich(case, say, stopwatch)
        began = stopwatch()
        found = search(case, journey.question)
        say(f'search "{journey.question}": hits, best first', len(found))
        say("search: seconds", f"{stopwatch() - began:.1f}")
        now = _review(case, journey, say, stopwatch)
        case.close()
        return now


def _enrich(case: OpenCase, say: Say, stopwatch: Callable[[], float]) -> None:
    work = Enrichment(case, names=ENRICHERS)
    say("enrich: expected seconds", f"{sum(c.expected_s for c in work.cost()):.1f}")
    began = stopwatch()
    done = work.run(workers=2)
    say("enrich: seconds", f"{stopwatch() - began:.1f}")
    say("enrich: values", done.values)
    say("enrich: records with a defect", sum(done.defects.values()))


def _review(case: OpenCase, journey: Journey, say: Say, stopwatch: Callable[[], float]) -> Standing:
    relevant = {hit.citation.record_id for hit in case.look(journey.wanted)}
    say("relevant to this reader", len(relevant))
    guess = (max(len(relevant) // 2, 1), len(relevant) * 2)
    for price in price_of(case, targets=("0.95", "0.80"), relevant=guess):
        say("price before", price.line())
    began, read, slowest = stopwatch(), 0, 0.0
    with Review(case, seed_text=journey.question) as review:
        say("review: seconds until the first record", f"{stopwatch() - began:.1f}")
        looked = False
        while True:
            if not looked and read and read % TURNS_BETWEEN_LOOKS == 0 and look_due(case)[0]:
                look(case)
                looked = True
                say("review: read by rank until the look", read)
            now = standing(case) if looked else None
            if now is not None and (now.may_stop or now.waiting is None):
                break
            asked = stopwatch()
            served = review.next()
            slowest = max(slowest, stopwatch() - asked)
            if served is None:
                break
            record_id = served.record.record_id
            review.judge(record_id, "relevant" if record_id in relevant else "not-relevant")
            read += 1
    now = standing(case)
    say("review: read in all", f"{read:,} of {sum(r.inside for r in case.gate.blocks):,}")
    say("review: slowest next record, seconds", f"{slowest:.2f}")
    say("review: bound", now.bound.line())
    say("review: may stop", "yes" if now.may_stop else f"no: {now.says}")
    if now.may_stop:
        stop(case)
    found = {j.judgement.record_id for j in case.papers.judged()} & relevant
    say("true recall", f"{len(found) / max(len(relevant), 1):.3f}")
    say("review: seconds", f"{stopwatch() - began:.1f}")
    return now


def _print(name: str, figure: object) -> None:
    sys.stdout.write(f"{name:<44} {figure if isinstance(figure, str) else f'{figure:,}'}\n")


def main(args: list[str]) -> None:
    """Run the journey that is named."""
    with tempfile.TemporaryDirectory(prefix="pastwatch-review-") as name:
        folder = Path(name)
        if args[:1] == ["town"]:
            journey = town(folder, *map(int, args[1:2]))
        elif args[:1] == ["mail"] and len(args) == 2:  # noqa: PLR2004 - and the folder
            journey = mail(Path(args[1]))
        else:
            sys.exit(__doc__)
        run(journey, folder, _print, stopwatch=time.perf_counter)


if __name__ == "__main__":
    main(sys.argv[1:])
