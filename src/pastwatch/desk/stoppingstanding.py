"""Where a review stands by the rule it was laid down with: bound, what is to be read, may it stop."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pastwatch.casefile.reviewing import Draw
from pastwatch.desk.case import CaseWork
from pastwatch.desk.stoppingcalls import Calls, calls_of, drawn_calls
from pastwatch.model.note import Mode
from pastwatch.stages.review.recall import (
    Bound,
    Rests,
    control_lower,
    pilot_lower,
    rest_lower,
)
from pastwatch.stages.review.stopping import (
    Anytime,
    Goal,
    Unit,
    control_needed,
    fewest_control,
    relevant_among,
    rest_plan,
)

CONTROL, PILOT, REST, BEFORE = "control", "pilot", "rest", "before"
LOOK, ANYTIME, WHOLE = "look", "anytime", "everything read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Drawn records that a reviewer has to decide on next, in drawn order."""

    draw: int
    mode: Mode
    record_ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a review stands: its bound, whether its rule lets it stop, and what is still to read."""

    rule: str
    may_stop: bool
    says: str
    bound: Bound
    figures: dict[str, Any]
    waiting: Waiting | None = None


Told = list[tuple[bool | None, list[int]]]


def standing(case: CaseWork) -> Standing:
    """Work it out from the judgements that stand now, on the draws as they were laid down.

    After an undo or an adjudication the same draw is read with the calls as they are now, and the
    plan is made again from the corrected count found before it; what was read before the look and
    is undecided again has to be decided before the review may stop.
    """
    calls = calls_of(case)
    draws = {draw.purpose: draw for draw in case.papers.draws()}
    if REST in draws:
        now = _by_rest(case, calls, draws[REST])
    elif CONTROL in draws:
        now = _by_control(case, calls, draws[CONTROL])
    elif PILOT in draws:
        now = _by_pilot(case, calls, draws[PILOT])
    else:
        now = _by_nothing(calls)
    return now if now.may_stop else _whole(calls, now)


def _goal(draw: Draw) -> tuple[Goal, Unit]:
    design = draw.design
    goal = Goal(target=Fraction(design["target"]), alpha=Fraction(design["alpha"]))
    return goal, Unit(design["unit"])


def _figures(rule: str, bound: Bound, **more: int) -> dict[str, Any]:
    return {
        "rule": rule,
        "of": "what this reader calls relevant",
        "unit": bound.unit.value,
        "target": str(bound.goal.target),
        "alpha": str(bound.goal.alpha),
        "lower_ratio": bound.lower_ratio,
        "conversations_ratio": bound.conversations_ratio,
        "conversations_found": bound.conversations_found,
        "conversations_left": bound.conversations_left,
        "found": bound.found,
        **more,
    }


def _talks(calls: Calls) -> dict[str, int]:
    units = calls.units(Unit.CONVERSATION)
    return {"conversations_found": units.found, "conversations_left": len(units.left)}


def _by_rest(case: CaseWork, calls: Calls, draw: Draw) -> Standing:
    goal, unit = _goal(draw)
    rule = str(draw.design["rule"])
    told = drawn_calls(calls, case.papers.drawn(draw.number))
    kept = case.papers.drawn(int(draw.design["before"]))
    before = [calls.place_of[one.record_id] for one in kept if one.record_id in calls.place_of]
    again = [place for place in before if place not in calls.called and place not in calls.outside]
    found = calls.units_at(unit, before=before).found
    decided = _decided(told)
    plan = rest_plan(found, draw.population, goal)
    if rule == LOOK:
        state, read, relevant = relevant_among(decided, plan)
        needs = plan.reads(relevant)
    else:
        evidence = Anytime(goal=goal, found=found, population=draw.population)
        state, read, relevant = _anytime(decided, evidence)
        needs = min(draw.population, read + max(read // 10, 20))
    reached = state == "reached" and not again
    lower = rest_lower(found, drawn=read, relevant=relevant, population=draw.population, goal=goal)
    bound = Bound(
        rests_on=Rests.REST,
        unit=unit,
        found=found + relevant,
        lower_ratio=max(lower, float(goal.target)) if reached else min(lower, 1.0),
        goal=goal,
        undecided=len(again),
        **_talks(calls),
    )
    waiting = None
    if state == "read on" and needs is not None:
        waiting = _waiting(calls, draw, Mode.REST, told[:needs])
    says = {
        "reached": f"{read:,} drawn {unit}s read, {relevant:,} of them relevant: the goal is reached",
        "read on": f"{relevant:,} relevant of {read:,} drawn so far"
        + (f": read on to {needs:,}" if needs is not None else ""),
        "missed": f"{relevant:,} relevant of {read:,} drawn: more than the plan allows, the look "
        "has failed, and only reading everything closes this review",
    }[state]
    if again:
        says += f"; {len(again):,} read before the look are undecided again"
    figures = _figures(rule, bound, draw=draw.number, read=read, relevant=relevant,
                       rest=draw.population)  # fmt: skip
    return Standing(rule=rule, may_stop=reached, says=says, bound=bound, figures=figures,
                    waiting=waiting)  # fmt: skip


def _anytime(decided: list[bool], evidence: Anytime) -> tuple[str, int, int]:
    """As `relevant_among`, looked at after every record."""
    relevant = read = 0
    until = evidence.stops_at(0)
    for call in decided:
        if read >= until:
            break
        read += 1
        if call:
            relevant += 1
            until = evidence.stops_at(relevant, after=read)
    return ("reached" if read >= until else "read on"), read, relevant


def _by_control(case: CaseWork, calls: Calls, draw: Draw) -> Standing:
    goal, unit = _goal(draw)
    drawn = case.papers.drawn(draw.number)
    told = drawn_calls(calls, drawn)
    waiting = _waiting(calls, draw, Mode.CONTROL, told)
    relevant = sum(1 for call, _ in told if call)
    reached = _reached(calls, [calls.place_of.get(one.record_id, -1) for one in drawn],
                       [one.stratum for one in drawn])  # fmt: skip
    needed = control_needed(relevant, goal)
    closed = needed is not None and reached >= needed and waiting is None
    lower = control_lower(reached, relevant=relevant, goal=goal) if relevant else 0.0
    bound = Bound(
        rests_on=Rests.CONTROL,
        unit=unit,
        found=calls.units(unit).found,
        lower_ratio=max(lower, float(goal.target)) if closed else 0.0 if waiting else lower,
        goal=goal,
        undecided=len(waiting.record_ids) if waiting else 0,
        **_talks(calls),
    )
    if waiting:
        says = f"{len(waiting.record_ids):,} of the control sample are to be read first"
    elif needed is None:
        says = (
            f"the control sample holds {relevant:,} relevant {unit}s, and this rule needs "
            f"{fewest_control(goal):,}: only reading everything closes this review"
        )
    else:
        says = f"ranking has come to {reached:,} of {relevant:,} relevant control {unit}s; "
        says += "the goal is reached" if closed else f"it has to come to {needed:,}"
    figures = _figures(CONTROL, bound, draw=draw.number, reached=reached, relevant=relevant,
                       needed=needed or 0)  # fmt: skip
    return Standing(rule=CONTROL, may_stop=closed, says=says, bound=bound, figures=figures,
                    waiting=waiting)  # fmt: skip


def _reached(calls: Calls, places: list[int], strata: list[int]) -> int:
    """Relevant control units of which ranking has come to a relevant record."""
    come_to = calls.come_to()
    return len(
        {
            stratum
            for place, stratum in zip(places, strata, strict=True)
            if calls.called.get(place) and place in come_to
        }
    )


def _by_pilot(case: CaseWork, calls: Calls, draw: Draw) -> Standing:
    goal, unit = _goal(draw)
    told = drawn_calls(calls, case.papers.drawn(draw.number))
    waiting = _waiting(calls, draw, Mode.CONTROL, told)
    found = calls.units(unit).found
    lower = 0.0
    if waiting is None:
        relevant = sum(1 for call, _ in told if call)
        lower = pilot_lower(found, drawn=len(told), relevant=relevant,
                            population=draw.population, goal=goal)  # fmt: skip
    bound = Bound(
        rests_on=Rests.PILOT,
        unit=unit,
        found=found,
        lower_ratio=lower,
        goal=goal,
        undecided=len(waiting.record_ids) if waiting else 0,
        **_talks(calls),
    )
    says = "to stop, take the one look: 'pastwatch review look'"
    return Standing(rule=PILOT, may_stop=False, says=says, bound=bound,
                    figures=_figures(PILOT, bound), waiting=waiting)  # fmt: skip


def _by_nothing(calls: Calls) -> Standing:
    found = calls.units(Unit.RECORD).found
    bound = Bound(
        rests_on=Rests.NOTHING, unit=Unit.RECORD, found=found, lower_ratio=0.0, goal=Goal()
    )
    says = "to stop, take the one look: 'pastwatch review look'"
    return Standing(
        rule="none", may_stop=False, says=says, bound=bound, figures=_figures("none", bound)
    )


def _whole(calls: Calls, now: Standing) -> Standing:
    """The same, or leave to stop where every record that a statement is about is decided."""
    if calls.units(Unit.RECORD).left or not calls.record_ids:
        return now
    found = calls.units(now.bound.unit).found
    bound = Bound(rests_on=Rests.WHOLE, unit=now.bound.unit, found=found, lower_ratio=1.0,
                  goal=now.bound.goal)  # fmt: skip
    figures = _figures(WHOLE, bound, read=len(calls.called))
    return Standing(rule=WHOLE, may_stop=True, says="every record is decided", bound=bound,
                    figures=figures)  # fmt: skip


def _decided(told: Told) -> list[bool]:
    """The calls up to the first unit that is undecided."""
    calls: list[bool] = []
    for call, _ in told:
        if call is None:
            break
        calls.append(call)
    return calls


def _waiting(calls: Calls, draw: Draw, mode: Mode, told: Told) -> Waiting | None:
    places = [place for call, open_places in told if call is None for place in open_places]
    if not places:
        return None
    ids = tuple(calls.record_ids[place] for place in places)
    return Waiting(draw=draw.number, mode=mode, record_ids=ids)
