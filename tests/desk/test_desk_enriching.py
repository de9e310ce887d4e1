"""Enriching a slice: once a version, likely relevant first, resumed after a kill, protected never."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.desk import offices, searchcases

from pastwatch import plugins
from pastwatch.desk import enriching, enrichingslice
from pastwatch.desk.enriching import Enrichment, enriched_so_far
from pastwatch.desk.holding import OpenCase
from pastwatch.errors import MissingExtra, NoAuthority, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.note import Annotation
from pastwatch.model.record import Record

RECORDS = 40


class Seeing:
    """Marks each record with its text, remembers the order, breaks on what `breaks` names."""

    name = "seeing"

    def __init__(self, *, version: str = "1", breaks: str = "", name: str = "seeing") -> None:
        self.version, self.breaks, self.name = version, breaks, name
        self.seen: list[str] = []

    def enrich(self, records: Iterable[Record]) -> Iterator[Annotation]:
        held = list(records)
        if self.breaks and any(self.breaks in record.text for record in held):
            raise LookupError
        for record in held:
            self.seen.append(record.text)
            yield Annotation(
                record_id=record.record_id,
                kind="seen",
                value=record.text,
                maker=self.name,
                version=self.version,
            )


class Gathering(Seeing):
    """Sketches each record, and tells of all sketches those not told yet."""

    sketch, settles = "seen", "told"

    def settle(
        self, sketches: Iterable[tuple[bytes, str]], settled: Iterable[tuple[bytes, str]]
    ) -> Iterator[Annotation]:
        told = {record_id for record_id, _ in settled}
        for record_id, value in sketches:
            if record_id not in told:
                yield Annotation(
                    record_id=record_id, kind="told", value=value, maker=self.name, version="1"
                )


class Embedding:
    """A vector of a text's length."""

    name, version, dims = "lengths", "1", 2

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.asarray([[len(text), 1.0] for text in texts], dtype=np.float32)


def texts(count: int = RECORDS) -> list[str]:
    return [f"number {n} spoke of the gate" for n in range(count)]


@pytest.fixture
def case(desk: offices.Desk) -> Iterator[OpenCase]:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, texts())
        yield case
        case.close()


def run(case: OpenCase, *enrichers: Any, **given: Any) -> enriching.Running:
    """Run it with a batch of four records, so that there are many."""
    cancel = given.pop("cancel", None)
    progress = given.pop("progress", None)
    work = Enrichment(case, {e.name: e for e in enrichers}, **given)
    return work.run(cancel=cancel, progress=progress)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrichingslice, "BATCH", 4)


def test_every_record_is_gone_over_once_and_never_again(case: OpenCase) -> None:
    first, second = Seeing(), Seeing()
    done = run(case, first)
    assert sorted(first.seen) == sorted(texts())
    assert (done.records, done.values, done.defects) == (RECORDS, RECORDS, {})
    again = run(case, second)
    assert (again.records, second.seen) == (0, [])


def test_a_newer_version_goes_over_what_is_stale_and_the_other_stays(case: OpenCase) -> None:
    run(case, Seeing(), Seeing(name="other"))
    newer, other = Seeing(version="2"), Seeing(name="other")
    work = Enrichment(case, {"seeing": newer, "other": other})
    costs = {c.enricher: c for c in work.cost()}
    assert (costs["seeing"].to_do, costs["seeing"].stale) == (RECORDS, RECORDS)
    assert (costs["other"].to_do, costs["other"].stale) == (0, 0)
    newer.seen.clear()
    work.run()
    assert len(newer.seen) == RECORDS
    assert other.seen == []


def test_hits_come_first_then_their_conversation(case: OpenCase) -> None:
    (hit,) = case.look('"number 30"')
    seeing = Seeing()
    run(case, seeing)
    assert seeing.seen[0] == texts()[30]
    assert hit.citation.record_id in case.papers.enriched_ids("seeing", "1")


def test_only_hits_and_the_first_few_can_be_asked_for(case: OpenCase) -> None:
    list(case.look('"number 3"'))
    some = Seeing()
    run(case, some, only_hits=True)
    assert some.seen == [texts()[3]]
    few = Seeing()
    run(case, few, first=5)
    assert len(few.seen) == 4  # the hit is one of the five, and done
    with pytest.raises(UsageError):
        run(case, few, first=0)


def test_a_record_that_breaks_an_enricher_is_kept_with_its_defect_and_left_alone(
    case: OpenCase,
) -> None:
    done = run(case, Seeing(breaks="number 7 "), Seeing(name="other"))
    assert done.defects == {("seeing", "LookupError"): 1}
    assert done.records == 2 * RECORDS
    assert enriched_so_far(case) == (
        RECORDS,
        [
            ("other", "1", "", RECORDS),
            ("seeing", "1", "", RECORDS - 1),
            ("seeing", "1", "LookupError", 1),
        ],
    )
    assert run(case, Seeing()).records == 0


def test_a_protected_record_reaches_no_enricher(case: OpenCase) -> None:
    run(case, Gathering(), first=10)
    protected = searchcases.protect(case, '"number 9"')
    seeing, gathering = Seeing(name="late"), Gathering()
    work = Enrichment(case, {"late": seeing, "seeing": gathering})
    work.cost()
    work.run()
    assert texts()[9] not in seeing.seen + gathering.seen
    assert len(set(seeing.seen)) == RECORDS - 1
    told = {i for i, *_ in case.papers.annotations_of_kind("told")}
    late = {i for i, *_ in case.papers.annotations_of_kind("seen", maker="late")}
    assert protected not in late
    assert len(late) == RECORDS - 1
    assert len(told) >= RECORDS - 1


def test_a_record_judged_protected_while_it_runs_is_left_out_from_then_on(case: OpenCase) -> None:
    seeing = Seeing()
    gone: list[str] = []

    def progress(_: enriching.Running) -> None:
        if not gone:
            gone.extend(set(texts()) - set(seeing.seen))
            (hit,) = case.look(f'"{gone[0].partition(" spoke")[0]}"')
            case.mark(hit.hit_id, "protected")

    run(case, seeing, progress=progress)
    assert gone[0] not in seeing.seen


def test_without_the_act_it_is_refused_and_nothing_is_opened(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, texts(), acts='"read"')
        with pytest.raises(NoAuthority):
            Enrichment(case, {"seeing": Seeing()})
        assert case.papers.count_enriched() == []
        case.close()


def test_the_ledger_says_what_was_gone_over_and_nothing_of_it(case: OpenCase) -> None:
    run(case, Seeing(breaks="number 7 "))
    ledger = case.office.ledger
    acts = [entry for entry in ledger.entries() if entry.act == Act.ENRICH]
    opened = [e for e in ledger.entries() if e.outcome.get("purpose") == "enrich"]
    (entry,) = acts
    assert entry.outcome == {
        "records": RECORDS,
        "values": RECORDS - 1,
        "defects": 1,
        "by.seeing": RECORDS,
    }
    assert [e.act for e in opened] == [Act.OPEN, Act.OPENED]
    run(case, Seeing())
    assert sum(1 for e in ledger.entries() if e.act == Act.ENRICH) == 1


def test_only_the_blocks_that_hold_what_is_to_do_are_opened(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, texts(600))
        assert len(case.gate.blocks) == 3
        seeing = Seeing()
        run(case, seeing, first=1)
        (opened,) = (
            entry.outcome
            for entry in case.office.ledger.entries()
            if (entry.act, entry.outcome.get("purpose")) == (Act.OPENED, "enrich")
        )
        assert opened["blocks"] == len(seeing.seen) == 1
        case.close()


def test_cancelled_it_keeps_what_is_done_and_the_next_run_goes_on(case: OpenCase) -> None:
    cancel = threading.Event()
    first, second = Seeing(), Seeing()
    done = run(case, first, cancel=cancel, progress=lambda _: cancel.set())
    assert done.cancelled
    assert len(first.seen) == 4
    run(case, second)
    assert sorted(first.seen + second.seen) == sorted(texts())


def test_what_a_gatherer_settles_follows_what_was_sketched(case: OpenCase) -> None:
    gathering = Gathering()
    run(case, gathering, first=10)
    assert len(list(case.papers.annotations_of_kind("told"))) == 10
    run(case, gathering)
    told = [i for i, *_ in case.papers.annotations_of_kind("told")]
    assert len(told) == len(set(told)) == RECORDS


def test_vectors_are_kept_with_the_note_that_they_are_there(case: OpenCase) -> None:
    run(case, Embedding())
    kept = list(case.papers.vectors(maker="lengths", version="1"))
    ids = [record_id for some, _ in kept for record_id in some]
    assert set(ids) == case.papers.enriched_ids("lengths", "1")
    assert len(ids) == len(set(ids)) == RECORDS
    assert {table.shape[1] for _, table in kept} == {2}


def test_the_cost_is_measured_on_some_records_and_leaves_nothing(case: OpenCase) -> None:
    ticks = iter(range(1, 100_000))
    work = Enrichment(case, {"seeing": Seeing()}, stopwatch=lambda: float(next(ticks)))
    (cost,) = work.cost()
    assert (cost.to_do, cost.done, cost.stale) == (RECORDS, 0, 0)
    assert cost.expected_s == RECORDS * cost.pace_s > 0
    assert case.papers.count_enriched() == []
    assert list(case.papers.annotations_of_kind("seen")) == []


def test_the_languages_of_a_case_are_kept_for_the_next_run(case: OpenCase) -> None:
    class Told:
        """Made ready with the languages it is told."""

        name, version = "told", "0"
        given: tuple[str, ...] = ()

        def setup(self, options: dict[str, Any]) -> Seeing:
            self.given = options["languages"]
            return Seeing(version="+".join(self.given) or "any", name="told")

    told = Told()
    run(case, told, languages=["ar", "en"])
    assert run(case, told).records == 0
    assert told.given == ("ar", "en")


def test_one_that_is_not_installed_is_left_out_or_named_where_it_was_asked_for(
    case: OpenCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Absent:
        """Needs what is not there."""

        name, version = "absent", "1"

        def setup(self, _: object) -> Seeing:
            raise MissingExtra("needs a thing", hint="pip install 'pastwatch[enrich]'")

    monkeypatch.setattr(plugins, "names", lambda _: ("absent", "seeing"))
    monkeypatch.setattr(plugins, "load", lambda _, name: Absent() if name == "absent" else Seeing())
    work = Enrichment(case)
    assert work.left_out == {"absent": "needs a thing (pip install 'pastwatch[enrich]')"}
    assert work.run().records == RECORDS
    with pytest.raises(MissingExtra):
        Enrichment(case, {"absent": Absent()})
    with pytest.raises(UsageError, match="not asked for"):
        Enrichment(case, {"seeing": Seeing()}, settings={"other": {"model": "x"}})


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.parametrize("batches", [1, 3, 7])
def test_killed_at_any_batch_it_resumes_and_ends_as_if_it_had_not_been(
    desk: offices.Desk, batches: int
) -> None:
    with desk.open() as archive:
        searchcases.case_of(desk, archive, texts()).close()
    child = os.fork()
    if not child:
        with desk.open() as archive:
            left = batches

            def progress(_: enriching.Running) -> None:
                nonlocal left
                left -= 1
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

            run(archive.case(None), Gathering(), progress=progress)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    with desk.open() as archive:
        case = archive.case(None)
        assert len(case.papers.enriched_ids("seeing", "1")) == 4 * batches
        rest = Gathering()
        run(case, rest)
        assert len(rest.seen) == RECORDS - 4 * batches
        values = sorted(value for _, value, *_ in case.papers.annotations_of_kind("seen"))
        assert values == sorted(texts())
        assert len(list(case.papers.annotations_of_kind("told"))) == RECORDS
        case.close()
