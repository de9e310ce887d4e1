"""Scopes at their edges, and the index of a slice: order, places and neighbours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.archive import worlds

from pastwatch.archive.block import RecordRef
from pastwatch.archive.sliceindex import SliceIndex, index_of
from pastwatch.model.authority import Scope
from pastwatch.model.record import Draft
from pastwatch.model.when import DAY_US, HOUR_US, LATEST_US, Basis, Span, When

AT = worlds.START_US


def between(earliest_us: int, latest_us: int) -> Draft:
    (draft,) = worlds.drafts(1)
    claimed = When(earliest_us=earliest_us, latest_us=latest_us, basis=Basis.HEADER)
    return replace(draft, claimed=claimed, area="")


@pytest.mark.parametrize(
    ("earliest_us", "latest_us", "inside"),
    [
        (AT, AT, True),
        (AT - 1, AT - 1, False),
        (AT - 1, AT, True),
        (AT + HOUR_US - 1, AT + HOUR_US - 1, True),
        (AT + HOUR_US, AT + HOUR_US, False),
        (AT - 300 * DAY_US, AT + 99 * DAY_US, True),
        (AT - 300 * DAY_US, AT + 100 * DAY_US - 1, True),
        (AT - 300 * DAY_US, AT + 100 * DAY_US, False),  # 400 days wide: it places nothing
    ],
)
def test_a_span_holds_its_start_and_not_its_end(
    world: worlds.World, earliest_us: int, latest_us: int, inside: bool
) -> None:
    world.collect("mail", [between(earliest_us, latest_us)])
    scope = Scope(span=Span(start_us=AT, end_us=AT + HOUR_US))
    assert world.grant(world.authority(scope)).estimate.records == inside


def test_width_is_counted_exactly_in_far_years(world: worlds.World) -> None:
    """In the year 9999 a float of microseconds is off by thirty-two."""
    wide = 400 * DAY_US
    world.collect(
        "mail", [between(LATEST_US - wide + 1, LATEST_US), between(LATEST_US - wide, LATEST_US)]
    )
    assert {r.time_class: r.records for r in world.catalogue.packs()} == {"dated": 1, "undated": 1}


def test_undated_records_are_counted_and_opened_only_on_demand(world: worlds.World) -> None:
    world.collect("mail", [replace(between(AT, AT), claimed=None), between(AT, AT)])
    world.collect("chat", [replace(between(AT, AT), claimed=None)])
    scope = Scope(
        span=Span(start_us=AT, end_us=AT + 1), source_ids=(world.sources["mail"].source_id,)
    )
    estimate = world.grant(world.authority(scope)).estimate
    assert (estimate.records, estimate.undated) == (1, 1)
    with_undated = world.authority(replace(scope, undated=True), authority_id="case-2")
    assert world.grant(with_undated).estimate.records == 2


def test_an_unknown_place_is_inside_and_counted(world: worlds.World) -> None:
    world.collect("mail", [replace(between(AT, AT), area=a) for a in ("north", "south", "", "")])
    scope = Scope(span=Span(start_us=AT, end_us=AT + 1), areas=("north",))
    estimate = world.grant(world.authority(scope)).estimate
    assert (estimate.records, estimate.unknown_place, estimate.exposed) == (3, 2, 1)


def slice_of(world: worlds.World, drafts: list[Draft]) -> tuple[SliceIndex, list[str]]:
    """The index over drafts, and their names by its places."""
    world.collect("mail", drafts)
    gate = world.gate()
    index = gate.index()
    with gate.opening(gate.blocks, purpose="look") as opening:
        names = {
            (ref.pack_id, ref.block): opening.block(ref).text.column("native_id").to_pylist()
            for ref in gate.blocks
        }
    refs = [index.ref(i) for i in range(len(index))]
    return index, [names[r.pack_id, r.block][r.row] for r in refs]


def test_a_slice_is_in_the_order_of_claimed_time_undated_last(world: worlds.World) -> None:
    drafts = worlds.drafts(80)
    index, names = slice_of(world, drafts)
    by_name = {d.native_id: d for d in drafts}
    dated = [by_name[n] for n in names[: int(index.dated.sum())]]
    times = [d.claimed.earliest_us for d in dated if d.claimed]
    assert times == sorted(times)
    assert len(times) == len(dated) == sum(map(worlds.dated, drafts))
    assert not any(worlds.dated(by_name[n]) for n in names[len(dated) :])
    assert sorted(names) == sorted(by_name)


def test_every_place_is_found_again_and_others_are_not(world: worlds.World) -> None:
    index, _ = slice_of(world, worlds.drafts(30))
    assert [index.find(index.ref(i)) for i in range(30)] == list(range(30))
    assert index.find(RecordRef("00" * 16, 0, 0)) == -1
    assert index.find(replace(index.ref(0), row=400)) == -1


def test_neighbours_are_the_next_of_the_same_conversation(world: worlds.World) -> None:
    drafts = worlds.drafts(80)
    index, names = slice_of(world, drafts)
    talk = {d.native_id: d.conversation for d in drafts}
    for at in range(0, 80, 7):
        same = [i for i, n in enumerate(names) if talk[n] == talk[names[at]]]
        own = same.index(at)
        before, after = index.around(at, before=3, after=2)
        assert before == same[max(own - 3, 0) : own]
        assert after == same[own + 1 : own + 3]
    assert index.around(0, before=0, after=0) == ([], [])


def test_the_same_name_in_two_sources_is_two_conversations(world: worlds.World) -> None:
    world.collect("chat", [between(AT, AT)])
    index, _ = slice_of(world, [between(AT + 1, AT + 1)])
    assert index.around(0, before=1, after=1) == ([], [])


def test_an_index_over_nothing_is_empty() -> None:
    assert len(index_of([])) == 0
