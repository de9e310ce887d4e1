"""What a query's own limits rule out, and what it is expected to cost, before anything opens."""

from __future__ import annotations

import pytest
from tests.archive import worlds
from tests.stages.lookback import slices

from pastwatch.matching.compile import compile_query
from pastwatch.matching.parse import parse
from pastwatch.model.when import DAY_US, SECOND_US, iso
from pastwatch.sealing import seal
from pastwatch.stages.lookback.pace import Pace, Took, as_before, first_pace, kind_of, learnt
from pastwatch.stages.lookback.prune import limits


def day(number: int) -> str:
    return iso(worlds.START_US + number * DAY_US)[:10]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("tank after:2017-01-01", 1),
        ("tank (after:2017-01-01 before:2018) -source:chat", 3),
        ("tank OR after:2017-01-01", 0),
        ("from:ann after:2017-01-01", 1),
        ("(from:ann OR after:2017-01-01) tank", 0),
        ("NOT after:2017-01-01", 1),
        ("tank subject:van", 0),
    ],
)
def test_a_limit_is_what_every_hit_must_fulfil_by_time_or_source(query: str, count: int) -> None:
    assert len(limits(parse(query).root)) == count


@pytest.mark.parametrize(
    "query",
    [
        "tank after:2019",
        f"tank before:{day(10)}",
        f"*an* after:{day(20)} before:{day(30)}",
        f"the NOT after:{day(15)}",
        f"the (before:{day(5)} OR after:2019)",
        "the source:chat",
        "the -source:chat",
        f"source:mail before:{day(20)}",
        "after:1999 before:2000",
    ],
)
def test_limits_rule_blocks_out_and_lose_no_hit(many: slices.Slice, query: str) -> None:
    plan = many.plan(query)
    found = many.look(query)
    everywhere = many.look(f"{query} OR qzxqzx")  # an OR sets no limit: every block is opened
    assert found == everywhere
    assert plan.pruned > 0
    kept = {(ref.pack_id, ref.block) for ref in plan.blocks}
    assert {(m.ref.pack_id, m.ref.block) for m in everywhere} <= kept


def test_of_records_in_order_only_the_blocks_after_a_moment_are_opened(
    world: worlds.World,
) -> None:
    world.collect("mail", [slices.simple(f"tank {n}", number=n) for n in range(1000)])
    found = slices.of(world)
    moment = iso(worlds.START_US + 900 * SECOND_US)
    assert len(found.look(f"tank after:{moment}")) == 100
    assert len(found.plan(f"tank after:{moment}").blocks) == 1
    assert len(found.gate.blocks) == 4


def test_no_envelope_is_opened_to_plan(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.collect("mail", slices.drafts(300, seed=1))
    found = slices.of(world)
    opened = worlds.opened_frames(monkeypatch)
    found.plan("*an* source:mail")
    assert opened == []
    found.plan("*an* after:2017-04-20")
    assert opened == []
    found.plan("tank from:ann after:2017-04-20")
    assert {section for _, section, _ in opened} == {seal.TOKENS}


def test_queries_of_one_kind_are_priced_alike() -> None:
    kinds = {
        query: kind_of(compile_query(parse(query)), workers=2)
        for query in ("tank", "*an*", "/t.nk/ tank", "NOT tank", "from:ann", "from:ann tank")
    }
    assert list(kinds.values()) == [
        *("words/2", "pieces/2", "patterns/2", "every/2", "envelopes/2", "words/2")
    ]
    assert kind_of(compile_query(parse("tank")), workers=1, narrowed=True) == "words/1/index"


def test_words_near_each_other_cost_more_and_have_a_price_of_their_own() -> None:
    assert kind_of(compile_query(parse("tank NEAR/5 bridge")), workers=1) == "near/1"


def test_a_query_asked_before_is_priced_by_what_it_took_then() -> None:
    kind = Pace(start_s=0.1, byte_s=0.04, decoded_ratio=1.0)
    pace = as_before(kind, sealed_bytes=1000, decoded_bytes=3000, seconds=2.0)
    assert pace.seconds(1000) == pytest.approx(2.0)
    assert pace.decoded(1000) == 3000
    assert pace.seconds(0) == 0.1
    quick = as_before(kind, sealed_bytes=1000, decoded_bytes=3000, seconds=0.1)
    assert quick.seconds(1000) == pytest.approx(0.1)
    assert quick.seconds(0) == 0.05


def took(**given: float) -> Took:
    plain = {
        "blocks": 10,
        "sealed_bytes": 1000,
        "decoded_bytes": 4000,
        "first_bytes": 100,
        "first_s": 1.0,
        "seconds": 10.0,
    }
    return Took(**{**plain, **given})  # type: ignore[arg-type]


def test_a_look_tells_what_its_bytes_cost_and_what_it_costs_to_begin() -> None:
    pace = learnt(None, took(), held_s=0.0)
    assert pace is not None
    assert pace.byte_s == pytest.approx(9 / 900)
    assert pace.seconds(1000) == pytest.approx(10.0, rel=0.001)
    assert pace.decoded(1000) == 4000


def test_a_newer_look_counts_for_half() -> None:
    before = Pace(start_s=0.1, byte_s=0.04, decoded_ratio=1.0)
    pace = learnt(before, took(), held_s=0.0)
    assert pace is not None
    assert pace.byte_s == pytest.approx(0.02)
    assert pace.decoded_ratio == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("told", "held_s"), [({"blocks": 3}, 0.0), ({"first_bytes": 1000}, 0.0), ({}, 5.0)]
)
def test_a_short_look_or_one_that_waited_tells_nothing(
    told: dict[str, float], held_s: float
) -> None:
    assert learnt(None, took(**told), held_s=held_s) is None


def test_the_first_price_grows_with_what_is_opened_and_falls_with_workers() -> None:
    ticks = iter(range(100))
    plan = compile_query(parse("*an*"))
    one = first_pace(plan, workers=1, stopwatch=lambda: float(next(ticks)))
    two = first_pace(plan, workers=2, stopwatch=lambda: float(next(ticks)))
    assert one.seconds(2_000_000) > one.seconds(1_000_000) > 0
    assert two.byte_s < one.byte_s
