"""A watch finds what a look finds; counts, rises and limits hold; one that fails stops alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pastwatch.archive.layout import batch_of
from pastwatch.config import Settings
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import collect_town, open_self_authorised, scratch_archive
from pastwatch.desk.slicereading import blocks_of
from pastwatch.matching.compile import compile_query
from pastwatch.matching.parse import parse
from pastwatch.model.party import Party
from pastwatch.model.record import Draft
from pastwatch.model.watch import CountRule, Learned, Per, RiseRule, Severity, Watch
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, Basis, When, iso
from pastwatch.stages.watch import examiner
from pastwatch.stages.watch.arrivals import AHEAD_US, Arrivals
from pastwatch.stages.watch.examiner import Examiner, Raised, branches_of
from pastwatch.town import build

NOW_US = 1_900_000_000 * SECOND_US
WATCH = Watch(
    name="valve",
    version=1,
    owner="ana",
    purpose="chlorine at the bridge",
    severity=Severity.WARNING,
    authority_id="standing-1",
    alerts_a_day=20,
    horizon_s=3600,
    text_sha256="0" * 64,
    query="chlorine",
)
QUERIES = (
    "bridge",
    "bridge AND key",
    "(van OR фургон*) NEAR/12 (bridge OR мост*)",
    "/[Pp]ump ?[0-9]+/",
    '"the valve"',
    "subject:re",
    "торт NOT bridge",
    "source:room-chat AND cake",
)


def draft(
    text: str,
    *,
    at_us: int | None = NOW_US,
    sender: str = "ana@x",
    to: str = "ben@x",
    conversation: str = "c1",
) -> Draft:
    when = None if at_us is None else When(earliest_us=at_us, latest_us=at_us, basis=Basis.HEADER)
    return Draft(
        original=text.encode(),
        text=text,
        claimed=when,
        sender=Party(address=sender),
        recipients=(Party(address=to),) if to else (),
        conversation=conversation,
    )


def arrived(*drafts: Draft, clock_us: int = NOW_US) -> Arrivals:
    rows = batch_of(drafts)
    ids = [hashlib.sha256(b"%d" % n).digest()[:16] for n in range(len(drafts))]
    rows = rows.append_column("record_id", pa.array(ids, pa.binary(16)))
    return Arrivals.of_batch(rows, source_id="s1", source_name="mail", clock_us=clock_us)


def rule(**changes: object) -> Watch:
    return replace(WATCH, query="", **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> OpenCase:
    folder: Path = tmp_path_factory.mktemp("watch")
    plan = build(folder / "town", seed=2, records=1500)
    archive = scratch_archive(folder, settings=Settings(isolate=False))
    collect_town(archive, plan)
    archive.add_event("e", plan.title, at=iso(plan.event_us))
    work, _, _ = open_self_authorised(
        archive, "e", folder / "grant.toml", ground="own", span_hours=2000, necessity="all of it"
    )
    return work


def test_a_watch_raises_for_the_records_that_a_look_hits(case: OpenCase) -> None:
    watches = [replace(WATCH, name=f"w{n}", query=query) for n, query in enumerate(QUERIES)]
    made = Examiner(watches)
    found: dict[int, set[bytes]] = {n: set() for n in range(len(QUERIES))}
    for block in blocks_of(case, purpose="test"):
        name = case.source_names[block.ref.source_id]
        ids = block.ids()
        for one in made.examine(Arrivals.of_block(block, source_name=name)):
            found[one.watch].add(ids[one.row])
    hit = {
        n: {one.citation.record_id for one in case.look(query)} for n, query in enumerate(QUERIES)
    }
    assert found == hit
    assert sum(map(len, hit.values())) > 50
    assert all(a.examined == made.accounts[0].examined for a in made.accounts)


def test_a_record_raises_one_alert_with_all_branches_that_matched() -> None:
    watch = replace(WATCH, counts=(CountRule(at_least=2, within_s=60, query="valve"),))
    made = Examiner([watch])
    first = made.examine(arrived(draft("the valve"), draft("chlorine in the valve")))
    assert first == [Raised(0, 1, (0, 1))]
    assert branches_of(watch) == ["query", "count 1"]


def test_a_count_between_accounts_of_a_list_leaves_others_out() -> None:
    count = CountRule(at_least=2, within_s=3600, between=("Ana@x", "ben@x", "cy@x"))
    made = Examiner([rule(counts=(count,))])
    assert (
        made.examine(arrived(draft("a"), draft("b", sender="zoe@x"), draft("c", to="zoe@x"))) == []
    )
    assert [one.row for one in made.examine(arrived(draft("d", sender="ben@x", to="cy@x")))] == [0]


def test_pairs_are_counted_apart_whoever_of_them_writes() -> None:
    made = Examiner([rule(counts=(CountRule(at_least=2, within_s=3600, per=Per.PAIR),))])
    assert made.examine(arrived(draft("a"), draft("b", to="cy@x"))) == []
    assert [r.row for r in made.examine(arrived(draft("c", sender="ben@x", to="ana@x")))] == [0]


def test_records_in_no_conversation_are_counted_each_alone() -> None:
    count = CountRule(at_least=2, within_s=3600, query="valve", per=Per.CONVERSATION)
    made = Examiner([rule(counts=(count,))])
    assert (
        made.examine(arrived(draft("valve", conversation=""), draft("valve", conversation="")))
        == []
    )
    assert len(made.examine(arrived(draft("valve"), draft("valve")))) == 1


def test_a_rise_is_told_by_what_is_usual_for_the_stream() -> None:
    rise = RiseRule(query="valve", times=5.0, within_s=3600, baseline_s=10 * 3600, at_least=3)
    made = Examiner([rule(rises=(rise,))])
    for hour in range(13):
        at_us = NOW_US + hour * HOUR_US
        assert made.examine(arrived(draft("quiet", at_us=at_us), clock_us=at_us)) == []
    at_us = NOW_US + 13 * HOUR_US
    drafts = [draft("valve", at_us=at_us + n * SECOND_US) for n in range(4)]
    assert [r.row for r in made.examine(arrived(*drafts, clock_us=at_us + HOUR_US))] == [2]


def test_a_record_stands_at_its_arrival_where_its_time_cannot_be() -> None:
    ahead = draft("a", at_us=NOW_US + 9 * DAY_US)
    just = draft("b", at_us=NOW_US + AHEAD_US)
    before = draft("c", at_us=NOW_US - HOUR_US)
    moments = arrived(ahead, just, before, draft("d", at_us=None)).moments_us
    assert moments.tolist() == [NOW_US, NOW_US, NOW_US - HOUR_US, NOW_US]


def test_an_undated_record_of_the_past_counts_towards_no_rhythm_and_still_matches() -> None:
    watch = replace(WATCH, counts=(CountRule(at_least=1, within_s=60, query="chlorine"),))
    past = replace(arrived(draft("chlorine", at_us=None)), arrived_us=None)
    assert Examiner([watch]).examine(past) == [Raised(0, 0, (0,))]


def test_a_watch_that_takes_too_long_is_stopped_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(examiner, "SLOW_FROM_S", 0.0)
    monkeypatch.setattr(examiner, "SLOW_S", 0.0)
    made = Examiner([WATCH, replace(WATCH, name="other", query="nothing")])
    made.examine(arrived(draft("chlorine")))
    assert [a.stopped for a in made.accounts] == ["it takes too long a record", ""]
    assert made.examine(arrived(draft("chlorine"), draft("nothing"))) == [Raised(1, 1, (0,))]
    assert [a.examined for a in made.accounts] == [1, 3]


def test_patterns_that_run_out_of_time_stop_their_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examiner, "TIMED_OUT_AT_MOST", 0)
    monkeypatch.setattr(
        examiner, "plan_of", lambda query: compile_query(parse(query), regex_timeout_s=0.02)
    )
    slow = replace(WATCH, query="/(a|aa)+$(?!b)/")
    made = Examiner([slow, WATCH])
    made.examine(arrived(draft("a" * 60 + "b"), draft("chlorine")))
    assert made.accounts[0].timed_out == 1
    assert made.accounts[0].stopped == "its patterns run out of time"
    assert made.accounts[1].raised == 1


def test_a_watch_that_matches_nearly_everything_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(examiner, "EVERYTHING_FROM", 4)
    made = Examiner([replace(WATCH, query="the"), WATCH])
    made.examine(arrived(*[draft(f"the {n}") for n in range(3)], draft("chlorine")))
    assert made.accounts[0].stopped == "it matches more than half of all records"
    assert not made.accounts[1].stopped


def test_a_learned_watch_alerts_above_its_threshold() -> None:
    learned = Learned(model_sha256="0" * 64, threshold=0.5, false_alarm_rate=0.01, case_id="c")

    def scores(watch: Watch, arrivals: Arrivals) -> np.ndarray:
        assert watch.learned == learned
        return np.linspace(0.4, 0.6, len(arrivals))

    made = Examiner([rule(learned=learned)], scores=scores)
    assert made.examine(arrived(draft("a"), draft("b"), draft("c"))) == [
        Raised(0, 1, (0,)), Raised(0, 2, (0,)),
    ]  # fmt: skip


def test_taking_one_persons_records_away_changes_no_alert_on_others() -> None:
    watch = replace(
        WATCH, counts=(CountRule(at_least=2, within_s=60, query="valve", per=Per.CONVERSATION),)
    )
    drafts = [
        draft("chlorine", sender="ana@x", conversation="a"),
        draft("valve", sender="ben@x", conversation="b"),
        draft("valve", sender="ben@x", conversation="b"),
    ]
    every = {drafts[r.row].text for r in Examiner([watch]).examine(arrived(*drafts))}
    without = {drafts[1:][r.row].text for r in Examiner([watch]).examine(arrived(*drafts[1:]))}
    assert every - {"chlorine"} == without == {"valve"}
