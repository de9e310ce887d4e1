"""Ties count records by how they were addressed and on which side of the event they lie."""

from __future__ import annotations

import numpy as np
import pytest
from tests.stages.reconstruct.networktalks import (
    BCC,
    CC,
    EVENT_H,
    MEMBER,
    Said,
    network_of,
    talk_of_lines,
    window,
)

from pastwatch.errors import UsageError
from pastwatch.model.record import Kind
from pastwatch.model.when import HOUR_US
from pastwatch.stages.reconstruct.network import GROUP_FROM, WIDE_FROM, aggregate
from pastwatch.stages.reconstruct.networkview import accounts_named, view

LATER = EVENT_H + 5


def test_each_way_of_addressing_is_counted_apart() -> None:
    made = view(
        network_of([Said(1, "ana", ["ben", ("cy", CC), ("di", BCC)]), Said(LATER, "ana", ["ben"])])
    )
    ties = {t.to_account: t for t in made.ties}
    ben, cy, di = (ties[f"mail:{name}"] for name in ("ben", "cy", "di"))
    assert (ben.records, ben.to, ben.before, ben.after) == (2, 2, 1, 1)
    assert (cy.cc, cy.to, di.bcc) == (1, 0, 1)
    assert ben.first_us == HOUR_US
    assert ben.last_us == LATER * HOUR_US


def test_who_stands_in_to_and_cc_is_one_counterpart_and_oneself_is_none() -> None:
    made = view(network_of([Said(1, "ana", ["ben", ("ben", CC), "ana"])]))
    (tie,) = made.ties
    assert (tie.records, tie.to, tie.cc) == (1, 1, 0)


def test_the_compared_stretches_are_of_equal_length() -> None:
    lines = [Said(h, "ana", ["ben"]) for h in (1, EVENT_H - 10, EVENT_H - 9, EVENT_H + 3)]
    (tie,) = view(network_of(lines, until_h=EVENT_H + 12)).ties
    assert (tie.before, tie.after) == (3, 1)
    assert (tie.before_equal, tie.after_equal) == (2, 1)


def test_a_time_that_may_lie_on_either_side_is_unsure() -> None:
    lines = [
        Said(EVENT_H - 1, "ana", ["ben"], width_h=3),
        Said(None, "ana", ["ben"]),
        Said(1, "ana", ["ben"]),
    ]
    (tie,) = view(network_of(lines)).ties
    assert (tie.before, tie.during, tie.after, tie.unsure) == (1, 0, 0, 2)


def test_only_undated_records_give_no_first_and_no_last() -> None:
    (tie,) = view(network_of([Said(None, "ana", ["ben"])])).ties
    assert (tie.first_us, tie.last_us, tie.unsure) == (None, None, 1)


def test_a_brush_of_time_leaves_undated_records_out() -> None:
    talk = talk_of_lines(
        [Said(None, "ana", ["ben"]), Said(5, "ana", ["ben"]), Said(9, "ana", ["ben"])]
    )
    made = view(aggregate(talk, window(since_h=8, undated=False)))
    assert [t.records for t in made.ties] == [1]
    assert dict(made.left_out) == {"not in the time or medium asked for": 2}


def test_a_group_of_400_makes_no_tie_between_its_members() -> None:
    crowd = [(f"m{n}", MEMBER) for n in range(400)]
    lines = [Said(h, f"m{h}", crowd, talk="all hands", medium="chat") for h in range(400)]
    network = network_of(lines)
    assert len(network.ties) == 0
    made = view(network, source_names={"box": "the rooms"})
    assert made.groups_of == 400
    assert {(g.group, g.source, g.records) for g in made.groups} == {("all hands", "the rooms", 1)}


def test_a_small_group_ties_its_members_and_counts_them_as_such() -> None:
    few = [(f"m{n}", MEMBER) for n in range(GROUP_FROM - 1)]
    made = view(network_of([Said(1, "ana", few, talk="four", medium="chat")]))
    assert {t.member for t in made.ties} == {1}
    assert made.groups_of == 0


def test_a_mail_to_many_is_a_broadcast_and_no_tie() -> None:
    made = view(network_of([Said(1, "ana", [f"p{n}" for n in range(WIDE_FROM)])]))
    assert made.ties_of == 0
    (ana,) = made.nodes
    assert (ana.account, ana.broadcasts, ana.sent) == ("mail:ana", 1, 1)


def test_edits_notices_and_records_without_a_sender_are_said_to_be_left_out() -> None:
    lines = [
        Said(1, "ana", ["ben"], kind=Kind.EDITED),
        Said(2, None, ["ben"]),
        Said(3, "ana", ["ben"]),
    ]
    made = view(network_of(lines))
    assert dict(made.left_out) == {"edits, reactions and notices": 1, "without a sender": 1}
    assert made.records == 1


def test_where_nobody_is_addressed_ties_are_of_turns_and_say_so() -> None:
    lines = [Said(1 + n / 100, name) for n, name in enumerate(("ana", "ben", "ben", "ana"))]
    made = view(network_of([*lines, Said(3, "cy")]))
    assert made.by_turns
    assert {(t.from_account, t.to_account, t.turns) for t in made.ties} == {
        ("mail:ben", "mail:ana", 1),
        ("mail:ana", "mail:ben", 1),
    }
    assert all(n.received == 0 for n in made.nodes)


def test_addressed_talk_is_never_mixed_with_turns() -> None:
    lines = [Said(1, "ana", ["ben"]), Said(1.01, "cy", talk="room"), Said(1.02, "di", talk="room")]
    assert not view(network_of(lines)).by_turns
    network = aggregate(talk_of_lines(lines), window(), turns=True)
    assert [t.from_account for t in view(network).ties] == ["mail:di"]


def test_a_neighbourhood_holds_the_ties_between_neighbours_and_counts_what_it_hides() -> None:
    pairs = [("ana", "ben"), ("ana", "cy"), ("ben", "cy"), ("cy", "di"), ("di", "ed")]
    network = network_of([Said(n, one, [other]) for n, (one, other) in enumerate(pairs)])
    own = accounts_named(network.talk, ["ana"])
    made = view(network, accounts=own, depth=1)
    assert (made.ties_of, made.nodes_of, made.ties_hidden) == (3, 3, 0)
    assert view(network, accounts=own, depth=2).ties_of == 4
    cut = view(network, accounts=own, depth=1, limit=1)
    assert (len(cut.ties), cut.ties_hidden, cut.ties_of) == (1, 2, 3)


def test_a_table_is_ordered_by_volume_name_or_time_and_by_nothing_else() -> None:
    lines = [Said(5, "ana", ["ben"]), Said(6, "ana", ["ben"]), Said(1, "cy", ["ana"])]
    network = network_of(lines)
    first = {
        o: view(network, order=o).ties[0].from_account for o in ("volume", "name", "first", "last")
    }
    assert first == {
        "volume": "mail:ana",
        "name": "mail:ana",
        "first": "mail:cy",
        "last": "mail:ana",
    }
    with pytest.raises(UsageError, match="nothing is ordered by"):
        view(network, order="suspicion")


def test_an_account_is_named_by_address_medium_or_shown_name() -> None:
    talk = talk_of_lines([Said(1, "ana@x", ["ben@x"])], shown={"mail:ana@x": "Ana Lind"})
    assert (
        accounts_named(talk, ["ana lind"]).tolist() == accounts_named(talk, ["MAIL:ana@x"]).tolist()
    )
    with pytest.raises(UsageError, match="no account"):
        accounts_named(talk, ["nobody"])


def test_an_empty_slice_is_an_empty_network() -> None:
    made = view(network_of([]))
    assert (made.nodes_of, made.ties_of, made.records) == (0, 0, 0)


def test_counterparts_are_counted_once_whoever_writes() -> None:
    network = network_of([Said(1, "ana", ["ben"]), Said(2, "ben", ["ana"]), Said(3, "ana", ["cy"])])
    counts = dict(zip([a for _, a in network.talk.account_keys], network.counterparts, strict=True))
    assert counts == {"ana": 2, "ben": 1, "cy": 1}
    assert np.array_equal(network.ties.records, np.ones(3))
