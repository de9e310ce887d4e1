"""Whose turn it is: draws first, the ranking with its share of exploring, and no row twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.model.note import Mode
from pastwatch.stages.review.exploring import Explorer, Spread, spread_of
from pastwatch.stages.review.overlap import CUTS, draw_overlap
from pastwatch.stages.review.queue import OVERLAP_EVERY, Queue, Turn


def read_all(queue: Queue) -> list[Turn]:
    read: list[Turn] = []
    while (turn := queue.next(turns=len(read))[0]) is not None:
        read.append(turn)
        queue.settle(turn.row)
    return read


def test_without_a_ranking_every_row_comes_once_in_random_order() -> None:
    read = [turn.row for turn in read_all(Queue(50, seed=1))]
    assert sorted(read) == list(range(50))
    assert read != sorted(read)
    assert read == [turn.row for turn in read_all(Queue(50, seed=1))]


def test_a_new_order_serves_from_the_next_turn_on() -> None:
    queue = Queue(6, seed=1)
    queue.put_order(np.array([5, 4, 3, 2, 1, 0]))
    assert queue.next(turns=0)[0] == Turn(5, Mode.RANKED, None, 1)
    queue.settle(5)
    assert queue.next(turns=1)[0] == Turn(4, Mode.RANKED, None, 2)
    queue.put_order(np.array([0, 5, 1, 2, 3, 4]))
    assert queue.next(turns=1)[0] == Turn(0, Mode.RANKED, None, 1)
    queue.free(5)
    queue.settle(0)
    assert queue.next(turns=2)[0] == Turn(5, Mode.RANKED, None, 2)


def test_a_row_in_front_of_somebody_else_or_protected_is_left_out() -> None:
    queue = Queue(4, seed=1)
    queue.put_order(np.array([0, 1, 2, 3]))
    queue.bar(1)
    turn, _ = queue.next(turns=0, held={0})
    assert turn is not None
    assert turn.row == 2
    queue.put_draw(1, Mode.CONTROL, [1])
    assert queue.next(turns=0, only=Mode.CONTROL)[0] is None


def test_a_draw_is_read_first_and_an_overlap_now_and_then() -> None:
    queue = Queue(20, seed=1)
    queue.put_order(np.arange(20))
    queue.put_draw(7, Mode.REST, [9])
    assert queue.next(turns=0)[0] == Turn(9, Mode.REST, 7)
    queue.drop_draws()
    queue.put_draw(8, Mode.OVERLAP, [15])
    modes = [queue.next(turns=n)[0].mode for n in range(OVERLAP_EVERY)]  # type: ignore[union-attr]
    assert modes == [Mode.RANKED] * (OVERLAP_EVERY - 1) + [Mode.OVERLAP]
    assert queue.next(turns=0, only=Mode.OVERLAP)[0] == Turn(15, Mode.OVERLAP, 8)


def test_the_ranking_passes_the_control_sample_as_if_it_were_unread() -> None:
    queue = Queue(4, seed=1)
    queue.put_order(np.array([2, 0, 1, 3]))
    for row in (2, 0):
        queue.settle(row)
    queue.put_unpassed([2, 0])
    turn, passed = queue.next(turns=0)
    assert turn == Turn(1, Mode.RANKED, None, 3)
    assert [(one.row, one.rank) for one in passed] == [(2, 1), (0, 2)]
    assert queue.next(turns=0)[1] == []


def test_exploring_looks_into_each_cluster_by_the_likeliest_of_it() -> None:
    cluster = np.repeat(np.arange(10), 10)
    queue = Queue(100, seed=1)
    queue.put_order(np.arange(100))
    queue.put_explorer(Explorer(Spread(cluster), first_share=0.5))
    read = read_all(queue)
    assert sorted(turn.row for turn in read) == list(range(100))
    first = [turn for turn in read[:20] if turn.mode is Mode.EXPLORED]
    assert [turn.row for turn in first[:9]] == [10 * n for n in range(1, 10)]
    assert len({cluster[turn.row] for turn in read[:19]}) == 10


def test_alike_rows_share_a_cluster_and_an_empty_row_has_none() -> None:
    from scipy import sparse

    dice = np.random.default_rng(0)
    rows = [dice.random(40) * (np.arange(40) // 10 == kind) for kind in range(4) for _ in range(30)]
    matrix = sparse.csr_matrix(np.array([*rows, np.zeros(40)], dtype=np.float32))
    spread = spread_of(matrix, seed=1, clusters=4)
    groups = [set(spread.cluster[30 * kind : 30 * kind + 30].tolist()) for kind in range(4)]
    assert all(len(group) == 1 for group in groups)
    assert len(set.union(*groups)) == 4
    assert spread.cluster[-1] == -1
    placed = spread.placed(np.array([*range(119, -1, -1), -1]), count=125)
    assert placed.cluster[119] == spread.cluster[0]
    assert (placed.cluster[120:] == -1).all()
    assert spread_of(sparse.csr_matrix((3, 0), dtype=np.float32), seed=1).count == 0


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 400), st.integers(1, 80), st.binary(min_size=8, max_size=8))
def test_an_overlap_draws_each_stratum_with_the_chance_it_states(
    size: int, count: int, seed: bytes
) -> None:
    order = np.random.default_rng(0).permutation(size).astype(np.int64)
    drawn = draw_overlap(order, count, seed=seed)
    assert len({one.row for one in drawn}) == len(drawn) == min(count, size)
    ends = [round(size * cut) for cut in CUTS]
    for number, (first, last) in enumerate(zip([0, *ends], ends, strict=False)):
        own = [one for one in drawn if one.stratum == number]
        assert {one.row for one in own} <= set(order[first:last].tolist())
        if own:  # the weights of a stratum sum to its size: that is what makes them right
            assert sum(1 / one.chance_p for one in own) == pytest.approx(last - first)
    assert drawn == draw_overlap(order, count, seed=seed)
