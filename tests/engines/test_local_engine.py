"""Bounded, prompt, and never quietly short."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.engines.local import ENGINE
from pastwatch.errors import BadValue, EngineError
from pastwatch.ports import Engine

MAPS = [ENGINE.map_unordered, ENGINE.map_ordered]


def test_it_fits_the_door() -> None:
    door: Engine = ENGINE
    assert list(door.map_unordered(str, [1], workers=1)) == ["1"]


@given(st.lists(st.integers()), st.integers(1, 4), st.integers(0, 3))
def test_every_input_gives_its_result_once(items: list[int], workers: int, depth: int) -> None:
    def negate(item: int) -> int:
        return -item

    got = ENGINE.map_unordered(negate, items, workers=workers, queue_depth=depth)
    assert sorted(got) == sorted(-item for item in items)
    ordered = ENGINE.map_ordered(negate, items, workers=workers, queue_depth=depth)
    assert list(ordered) == [-item for item in items]


@pytest.mark.parametrize("run", MAPS)
def test_no_more_inputs_are_drawn_than_fit(run: Callable[..., Iterator[int]]) -> None:
    drawn = 0

    def inputs() -> Iterator[int]:
        nonlocal drawn
        for number in range(100):
            drawn += 1
            yield number

    taken = 0
    for _ in run(abs, inputs(), workers=2, queue_depth=3):
        taken += 1
        assert drawn <= taken + 4
    assert taken == 100


def test_unordered_results_come_as_they_are_done() -> None:
    second_is_out = threading.Event()

    def task(number: int) -> int:
        if number == 0:
            assert second_is_out.wait(timeout=60)
        return number

    results = ENGINE.map_unordered(task, [0, 1], workers=2)
    assert next(results) == 1
    second_is_out.set()
    assert list(results) == [0]


@pytest.mark.parametrize("run", MAPS)
def test_a_task_that_fails_reaches_the_consumer_and_stops_the_rest(
    run: Callable[..., Iterator[int]],
) -> None:
    started: list[int] = []

    def task(number: int) -> int:
        started.append(number)
        if number == 3:
            raise ZeroDivisionError
        return number

    with pytest.raises(ZeroDivisionError):
        list(run(task, range(1000), workers=1, queue_depth=1))
    assert len(started) <= 3 + 1 + 2


@pytest.mark.parametrize("run", MAPS)
def test_an_input_that_fails_reaches_the_consumer(run: Callable[..., Iterator[int]]) -> None:
    def inputs() -> Iterator[int]:
        yield 1
        raise KeyError

    with pytest.raises(KeyError):
        list(run(abs, inputs(), workers=1))


@pytest.mark.parametrize("run", MAPS)
def test_closing_returns_while_a_task_still_runs(run: Callable[..., Iterator[int]]) -> None:
    let_go = threading.Event()
    finished: list[int] = []

    def task(number: int) -> int:
        if number:
            let_go.wait(timeout=60)
        finished.append(number)
        return number

    results = run(task, range(100), workers=2, queue_depth=4)
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]
    assert finished == [0]
    let_go.set()


@pytest.mark.parametrize("run", MAPS)
def test_a_cancelled_run_ends_with_an_error_and_not_quietly(
    run: Callable[..., Iterator[int]],
) -> None:
    cancel = threading.Event()
    let_go = threading.Event()

    def task(number: int) -> int:
        if number:
            cancel.set()
            let_go.wait(timeout=60)
        return number

    results = run(task, range(100), workers=1, cancel=cancel)
    with pytest.raises(EngineError, match="cancelled"):
        list(results)
    let_go.set()


def test_nothing_starts_before_the_first_result_is_asked_for() -> None:
    started: list[int] = []
    ENGINE.map_unordered(started.append, [1], workers=1)
    assert started == []


@pytest.mark.parametrize(("workers", "depth"), [(0, 1), (1, -1)])
def test_no_workers_make_no_sense(workers: int, depth: int) -> None:
    with pytest.raises(BadValue, match="at least one worker"):
        ENGINE.map_unordered(abs, [1], workers=workers, queue_depth=depth)
    with pytest.raises(BadValue, match="at least one worker"):
        ENGINE.map_ordered(abs, [1], workers=workers, queue_depth=depth)
