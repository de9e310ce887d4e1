"""The rules of stopping keep their rate of error: counted over every order there is."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.errors import BadValue, UsageError
from pastwatch.stages.review.hypergeometric import fewest_drawn
from pastwatch.stages.review.stopping import (
    Anytime,
    Goal,
    LookWhen,
    RestPlan,
    control_needed,
    fewest_control,
    one_look_only,
    relevant_among,
    rest_plan,
    wrong_stop_p,
)

GOALS = [Goal.of(0.95), Goal.of(0.8), Goal.of(0.6, 0.2), Goal.of(0.5, 0.3)]


def wrong_share(plan: RestPlan, relevant: int) -> Fraction:
    """Of all places the relevant records can have in the drawn order, those that stop wrongly."""
    wrong = orders = 0
    for places in itertools.combinations(range(plan.population), relevant):
        orders += 1
        calls = [place in places for place in range(plan.population)]
        state, _, found = relevant_among(calls, plan)
        total = plan.found + relevant
        wrong += state == "reached" and not plan.goal.reached(plan.found + found, total)
    return Fraction(wrong, orders)


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("found", [0, 1, 3, 8, 19])
def test_a_plan_stops_wrongly_no_more_often_than_stated_whatever_is_missed(
    goal: Goal, found: int
) -> None:
    for population in (1, 4, 9):
        plan = rest_plan(found, population, goal)
        for relevant in range(population + 1):
            share = wrong_share(plan, relevant)
            assert share <= goal.alpha
            assert math.isclose(wrong_stop_p(plan, relevant), share, abs_tol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 400), st.integers(1, 3000), st.sampled_from(GOALS))
def test_the_worst_case_of_a_large_plan_keeps_to_the_rate(
    found: int, population: int, goal: Goal
) -> None:
    plan = rest_plan(found, population, goal)
    first = goal.fails_from(found)
    for relevant in {*range(first, min(first + 40, population + 1)), population}:
        assert wrong_stop_p(plan, relevant) <= goal.alpha_p * (1 + 1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5000), st.integers(1, 50_000), st.sampled_from(GOALS))
def test_the_first_step_is_the_fewest_with_which_the_test_can_reject(
    found: int, population: int, goal: Goal
) -> None:
    plan = rest_plan(found, population, goal)
    fewest = fewest_drawn(population, goal.fails_from(found), limit_p=goal.alpha_p)
    assert plan.least == fewest
    assert list(plan.steps) == sorted(plan.steps)
    assert plan.steps[-1] <= population


def test_a_plan_follows_its_steps() -> None:
    plan = RestPlan(goal=Goal(), found=10, population=20, steps=(3, 5))
    assert relevant_among([False] * 2, plan) == ("read on", 2, 0)
    assert relevant_among([False] * 9, plan) == ("reached", 3, 0)
    assert relevant_among([True] + [False] * 3, plan) == ("read on", 4, 1)
    assert relevant_among([False, True] + [False] * 9, plan) == ("reached", 5, 1)
    assert relevant_among([True, True, False], plan) == ("missed", 3, 2)
    assert plan.reads(1) == 5
    assert plan.reads(2) is None


def test_a_rest_read_whole_is_reached_however_many_it_held() -> None:
    plan = RestPlan(goal=Goal(), found=10, population=4, steps=(3, 4))
    assert relevant_among([True] * 4, plan) == ("reached", 4, 4)


def test_a_goal_is_exact_where_decimals_are_not() -> None:
    goal = Goal.of(0.95)
    assert goal.fails_from(19) == 2
    assert goal.reached(19, 20)
    assert not goal.reached(18, 19)
    assert goal.fails_from(18) == 1


@given(st.integers(0, 300), st.integers(0, 20), st.sampled_from(GOALS))
def test_the_fewest_missed_that_fall_short_are_the_fewest(
    found: int, more: int, goal: Goal
) -> None:
    fails = goal.fails_from(found, more)
    assert not goal.reached(found + more, found + fails)
    assert fails <= more or goal.reached(found + more, found + fails - 1)


@pytest.mark.parametrize("goal", [Goal.of(0.6, 0.2), Goal.of(0.5, 0.3), Goal.of(0.7, 0.25)])
def test_a_control_sample_stops_too_early_no_more_often_than_stated(goal: Goal) -> None:
    stopped_early = False
    for total, relevant in itertools.product(range(3, 12), range(1, 9)):
        needed = control_needed(relevant, goal)
        if needed is None or relevant > total:
            continue
        wrong = orders = 0
        for ranks in itertools.combinations(range(1, total + 1), relevant):
            orders += 1
            wrong += not goal.reached(ranks[needed - 1], total)
        assert Fraction(wrong, orders) <= goal.alpha
        stopped_early |= wrong > 0
    assert stopped_early  # the enumeration met orders that do stop early


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("relevant", [5, 59, 60, 93, 124, 300])
def test_the_control_unit_needed_is_the_first_whose_tail_is_within_the_rate(
    goal: Goal, relevant: int
) -> None:
    def tail(j: int) -> Fraction:
        t = goal.target
        return sum(
            (
                math.comb(relevant, x) * t**x * (1 - t) ** (relevant - x)
                for x in range(j, relevant + 1)
            ),
            Fraction(0),
        )

    needed = control_needed(relevant, goal)
    allowed = [j for j in range(relevant + 1) if tail(j) <= goal.alpha]
    assert needed == min(allowed, default=None)


def test_fifty_nine_are_the_fewest_control_units_at_95_per_cent() -> None:
    assert fewest_control(Goal.of(0.95)) == 59
    assert control_needed(58, Goal.of(0.95)) is None
    assert control_needed(59, Goal.of(0.95)) == 59


def ever_wrong_p(evidence: Anytime, relevant: int) -> float:
    """The chance ever to stop wrongly, looking after every record: by walking over all states."""
    goal, population = evidence.goal, evidence.population
    alive, wrong = {0: 1.0}, 0.0
    for drawn in range(population + 1):
        stopping = [x for x in alive if evidence.stops(x, drawn)]
        for x in stopping:
            chance = alive.pop(x)
            if not goal.reached(evidence.found + x, evidence.found + relevant):
                wrong += chance
        after: dict[int, float] = {}
        for x, chance in alive.items():
            if drawn < population:
                hit = (relevant - x) / (population - drawn)
                after[x + 1] = after.get(x + 1, 0.0) + chance * hit
                after[x] = after.get(x, 0.0) + chance * (1 - hit)
        alive = {x: p for x, p in after.items() if p > 0}
    return wrong


@pytest.mark.parametrize("goal", GOALS)
@pytest.mark.parametrize("found", [0, 2, 9, 30])
def test_evidence_looked_at_after_every_record_is_ever_wrong_no_more_often_than_stated(
    goal: Goal, found: int
) -> None:
    for population in (1, 5, 25):
        evidence = Anytime(goal=goal, found=found, population=population)
        for relevant in range(population + 1):
            assert ever_wrong_p(evidence, relevant) <= goal.alpha_p


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60), st.integers(1, 40), st.sampled_from(GOALS), st.data())
def test_the_most_missed_are_those_not_ruled_out(
    found: int, population: int, goal: Goal, data: st.DataObject
) -> None:
    evidence = Anytime(goal=goal, found=found, population=population)
    drawn = data.draw(st.integers(0, population))
    relevant = data.draw(st.integers(0, drawn))
    most = evidence.most_missed(relevant, drawn)
    level = evidence._log_marginal(relevant, drawn) + math.log(goal.alpha_p)  # noqa: SLF001 - checked
    kept = [
        k
        for k in range(relevant, population - (drawn - relevant) + 1)
        if evidence._log_likelihood(relevant, drawn, k) > level  # noqa: SLF001 - checked
    ]
    assert most == max(kept)


def test_the_anytime_form_never_stops_before_the_one_look_could() -> None:
    goal = Goal()
    for found, population in ((100, 3000), (400, 20_000)):
        evidence = Anytime(goal=goal, found=found, population=population)
        at = evidence.stops_at(0)
        assert evidence.stops(0, at)
        assert not evidence.stops(0, at - 1)
        assert at > rest_plan(found, population, goal).least


def test_a_second_look_is_refused_with_the_reason() -> None:
    one_look_only(0)
    with pytest.raises(UsageError, match="would void both") as refused:
        one_look_only(1)
    assert refused.value.hint


def test_the_wait_before_the_look_grows_with_what_a_failed_test_would_cost() -> None:
    when, goal = LookWhen(), Goal()
    waits = [when.run_needed(found=n, rest=20_000, goal=goal) for n in (1000, 400, 100, 40)]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    assert when.run_needed(found=5, rest=0, goal=goal) == 0
    assert when.run_needed(found=500, rest=10, goal=goal) == 0  # ten more could not spoil it


def test_the_look_is_due_after_a_run_in_vain_unless_much_was_found_of_late() -> None:
    when, goal = LookWhen(), Goal()
    needed = when.run_needed(found=500, rest=10_000, goal=goal)
    assert when.due(needed, found=500, rest=10_000, goal=goal)
    assert not when.due(needed - 1, found=500, rest=10_000, goal=goal)
    assert not when.due(needed, found=500, rest=10_000, goal=goal, late=200, read=2500)
    assert when.due(needed, found=500, rest=10_000, goal=goal, late=2, read=2500)
    assert when.due(0, found=500, rest=5, goal=goal, late=200, read=500)


@pytest.mark.parametrize("late", [0, 150])
@pytest.mark.parametrize("target", [0.95, 0.8])
def test_the_first_place_due_is_the_first_of_all_places(target: float, late: int) -> None:
    calls = np.zeros(3000, dtype=np.uint8)
    calls[:150] = 1
    calls[700 : 700 + late] = 1
    goal, when = Goal.of(target), LookWhen()
    gains = np.cumsum(calls).tolist()
    expected = len(calls)
    for read in range(1, len(calls) + 1):
        found = gains[read - 1]
        half = gains[read // 2 - 1] if read > 1 else 0
        last = int(np.flatnonzero(calls[:read])[-1]) + 1
        if when.due(
            read - last, found=found, rest=3000 - read, goal=goal, late=found - half, read=read
        ):
            expected = read
            break
    assert when.first_due(calls, goal) == expected
    assert 150 < expected < 3000


@pytest.mark.parametrize("wrong", ["1", "0", "1.2", "much"])
def test_a_goal_that_makes_no_sense_is_refused(wrong: str) -> None:
    with pytest.raises(BadValue):
        Goal.of(wrong)


def test_counts_below_nothing_are_refused() -> None:
    with pytest.raises(BadValue):
        rest_plan(-1, 10, Goal())
