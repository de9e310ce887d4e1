"""Recall and when to stop, in a case: what is drawn at random, what that lets one say, the decision."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from pastwatch.casefile.reviewing import Drawn
from pastwatch.desk.case import CaseWork
from pastwatch.desk.stoppingcalls import Calls, calls_of, drawn_calls, drawn_order, members
from pastwatch.desk.stoppingstanding import ANYTIME, BEFORE, CONTROL, LOOK, PILOT, REST, standing
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.note import Mode
from pastwatch.stages.review.heuristics import Heuristic, heuristics_of
from pastwatch.stages.review.price import Price, price
from pastwatch.stages.review.stopping import Goal, LookWhen, Unit, one_look_only, rest_plan

_SEED_BYTES = 16


def price_of(
    case: CaseWork, *, targets: Sequence[str], relevant: tuple[int, int] | None = None
) -> list[Price]:
    """What the review will cost for each recall: from a guess of the relevant ones, or the pilot.

    The guess is a range of records; without one a pilot or control sample must have been read.
    """
    calls = calls_of(case)
    if relevant is None:
        draws = [d for d in case.papers.draws() if d.purpose in {CONTROL, PILOT}]
        told = drawn_calls(calls, case.papers.drawn(draws[0].number)) if draws else []
        read, found = _read_through([call for call, _ in told])
        if not read:
            raise UsageError(
                "nothing says how many records may be relevant",
                hint="give a range with --relevant, or draw and read a pilot first",
            )
        return [
            price(calls.population, Goal.of(one), drawn=read, drawn_relevant=found)
            for one in targets
        ]
    return [price(calls.population, Goal.of(one), relevant=relevant) for one in targets]


def draw_control(
    case: CaseWork,
    records: int,
    *,
    target: str = "0.95",
    unit: str = Unit.RECORD,
    pilot: bool = False,
    seed: bytes | None = None,
) -> int:
    """Draw the control sample, once, before ranking; gives the draw's number.

    A pilot only tells the price and a first bound: the learner may use its labels. The labels of
    a control sample proper are withheld from it (`withheld`) until ranking comes to the record.
    """
    case.gate.check(Allowed.READ)
    goal, unit = Goal.of(target), Unit(unit)
    calls = calls_of(case)
    purpose = PILOT if pilot else CONTROL
    if any(d.purpose in {CONTROL, PILOT, REST} for d in case.papers.draws()):
        raise UsageError("a sample of this case was drawn already, and it is drawn once")
    if calls.ranked():
        raise UsageError(
            "ranked reading has begun, and a control sample is drawn before it",
            hint="rule (b) draws from the unread rest instead: 'pastwatch review look'",
        )
    places = [p for p in range(len(calls.record_ids)) if p not in calls.outside]
    if unit is Unit.CONVERSATION:
        units = list(dict.fromkeys(calls.conversation[p] for p in places))
    else:
        units = places
    if not 0 < records <= len(units):
        raise UsageError(f"a sample holds 1 to {len(units):,} of this slice")
    design = {
        "rule": purpose,
        "unit": unit.value,
        "target": str(goal.target),
        "alpha": str(goal.alpha),
        "units": records,
    }
    held = members(calls, units, unit, decided_too=True)
    return _drawn(case, calls, held, purpose, design, most=records, seed=seed)


def look(
    case: CaseWork,
    *,
    target: str = "0.95",
    unit: str = Unit.RECORD,
    anytime: bool = False,
    seed: bytes | None = None,
) -> int:
    """Take the one look at the rest: lay the plan down and draw; gives the draw's number.

    UsageError for a second look: it would void both.
    """
    case.gate.check(Allowed.READ)
    one_look_only(len(case.papers.draws(REST)))
    if case.papers.draws(CONTROL):
        raise UsageError(
            "this review stops by its control sample, laid down before ranking",
            hint="two rules tried one after the other are wrong more often than either",
        )
    goal, unit = Goal.of(target), Unit(unit)
    calls = calls_of(case)
    units = calls.units(unit)
    if not units.left:
        raise UsageError(
            f"no {unit} is left that could still be found",
            hint=None if unit is Unit.RECORD else "draw records: '--unit record'",
        )
    plan = rest_plan(units.found, len(units.left), goal)
    design = {
        "rule": ANYTIME if anytime else LOOK,
        "unit": unit.value,
        "target": str(goal.target),
        "alpha": str(goal.alpha),
        "found": units.found,
        "steps": [] if anytime else list(plan.steps),
        "before": _keep_before(case, calls),
    }
    most = len(units.left) if anytime else plan.steps[-1]
    held = members(calls, units.left, unit)
    return _drawn(case, calls, held, REST, design, most=most, seed=seed)


def _read_through(told: Sequence[bool | None]) -> tuple[int, int]:
    """How many of a draw are decided before the first that is not, and how many are relevant."""
    until = next((place for place, call in enumerate(told) if call is None), len(told))
    return until, sum(1 for call in told[:until] if call)


def withheld(case: CaseWork) -> frozenset[bytes]:
    """Control records whose labels the learner must not have yet: ranking has not come to them.

    Empty without a control sample; a pilot withholds nothing.
    """
    drawn = {
        one.record_id for d in case.papers.draws(CONTROL) for one in case.papers.drawn(d.number)
    }
    if not drawn:
        return frozenset()
    calls = calls_of(case)
    return frozenset(drawn - {calls.record_ids[place] for place in calls.come_to()})


def came_to(case: CaseWork, record_ids: Collection[bytes]) -> int:
    """Say that ranking came to these control records, which are not shown a second time.

    Each is judged as it was, now by rank, and its label is the learner's; gives how many were.
    """
    wanted = withheld(case) & set(record_ids)
    control = {j.judgement.record_id: j for j in case.papers.judged() if j.mode is Mode.CONTROL}
    for record_id in sorted(wanted & control.keys()):
        again = replace(control[record_id].judgement, at_us=case.office.clock())
        case.papers.judge(again, mode=Mode.RANKED, codes=control[record_id].codes)
    return len(wanted & control.keys())


def bound_line(case: CaseWork) -> str:
    """The bound reached so far, in one line, for every page of a review."""
    return standing(case).bound.line()


def stop(case: CaseWork) -> int:
    """Decide to stop, with the figures it rests on, where the rule lets one; gives its number.

    UsageError while it does not. No rule of thumb comes to a decision here.
    """
    case.gate.check(Allowed.READ)
    now = standing(case)
    if not now.may_stop:
        raise UsageError(f"this review may not stop yet: {now.says}", hint=now.bound.line())
    by, at_us = case.office.person, case.office.clock()
    number = case.papers.decide("stop", now.figures, by=by, at_us=at_us)
    counts = {k: v for k, v in now.figures.items() if isinstance(v, int)}
    _log(case, {"decision": number, "act": "stop", "rule": now.rule.replace(" ", "-"), **counts})
    return number


def heuristics(case: CaseWork) -> tuple[Heuristic, ...]:
    """What rules of thumb say of the ranked reading so far: shown beside, never acted on."""
    return heuristics_of(calls_of(case).ranked())


def look_due(case: CaseWork, *, target: str = "0.95") -> tuple[bool, int, int]:
    """(Whether the one look is worth taking, records in a row not relevant, how many it takes)."""
    calls = calls_of(case)
    units = calls.units(Unit.RECORD)
    ranked = calls.ranked()
    run = next((n for n, call in enumerate(reversed(ranked)) if call), len(ranked))
    when, goal = LookWhen(), Goal.of(target)
    found, rest, read = units.found, len(units.left), len(ranked)
    late = sum(ranked[read // 2 :])
    due = bool(read) and when.due(run, found=found, rest=rest, goal=goal, late=late, read=read)
    return due, run, when.run_needed(found=found, rest=rest, goal=goal)


def _keep_before(case: CaseWork, calls: Calls) -> int:
    """Keep which records were decided when the look was taken, as a draw of all of them."""
    return case.papers.add_draw(
        BEFORE,
        (Drawn(calls.record_ids[place], 0, 1.0) for place in sorted(calls.called)),
        design={},
        seed=b"",
        population=len(calls.called),
        by=case.office.person,
        at_us=case.office.clock(),
    )


def _drawn(
    case: CaseWork,
    calls: Calls,
    held: dict[int, list[int]],
    purpose: str,
    design: dict[str, Any],
    *,
    most: int,
    seed: bytes | None,
) -> int:
    """Order: the draw into the papers, then into the ledger; only then is a record of it shown.

    Killed between the two, the draw stands in the papers and no record of it was read.
    """
    seed = seed or secrets.token_bytes(_SEED_BYTES)
    units = list(held)
    names = [min(calls.record_ids[place] for place in held[one]) for one in units]
    order = drawn_order(units, names, seed)[:most]
    rows = [
        Drawn(calls.record_ids[place], stratum, len(order) / len(units))
        for stratum, one in enumerate(order)
        for place in held[one]
    ]
    by, at_us = case.office.person, case.office.clock()
    number = case.papers.add_draw(
        purpose, rows, design=design, seed=seed, population=len(units), by=by, at_us=at_us
    )
    _log(case, {"draw": number, "rule": purpose, "units": len(units), "drawn": len(order)})
    return number


def _log(case: CaseWork, outcome: dict[str, str | int]) -> None:
    draft = EntryDraft(
        act=Act.JUDGE,
        clock_us=case.office.clock(),
        authority=case.case_id,
        outcome=outcome,
    )
    case.office.ledger.append([draft], case.office.ring.user().signing)
