"""A review stops by what was drawn at random, laid down beforehand, and by nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from tests.desk import offices

from pastwatch.desk import stopping
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.desk.stoppingcalls import calls_of, drawn_order
from pastwatch.desk.stoppingstanding import Waiting, standing
from pastwatch.errors import BadValue, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.stages.review.recall import Rests
from pastwatch.stages.review.stopping import Goal, rest_plan

COUNT = 240
SEED = b"sixteen bytes..."


@pytest.fixture
def archive(desk: offices.Desk) -> Iterator[Archive]:
    rows = [
        {
            "id": f"m{number}",
            "from": f"p{number % 4}@a.example",
            "to": "q@firm.example",
            "conversation": f"talk-{number // 4}",
            "text": f"text of number {number}",
            "date": f"2017-07-01T{number // 10:02d}:{number % 10:02d}:00Z",
        }
        for number in range(COUNT)
    ]
    with desk.open() as held:
        path = offices.write_lines(desk.folder / "input.jsonl", rows)
        held.collect(path, source="mail", basis="own")
        held.add_event("fire", "Fire", at="2017-07-01T12:00+00:00", references=("a",))
        draft = held.draft_authority("fire", desk.folder / "grant.toml")
        text = draft.read_text().replace('ground = ""', 'ground = "order 17"')
        draft.write_text(re.sub(r"(?m)^undated = false", "undated = true", text))
        held.sign_authority(draft)
        held.open_case("fire", draft)[0].close()
        yield held


@pytest.fixture
def case(archive: Archive) -> Iterator[OpenCase]:
    work = archive.case()
    assert len(calls_of(work).record_ids) == COUNT
    yield work
    work.close()


def ids(case: OpenCase) -> list[bytes]:
    return list(calls_of(case).record_ids)


def judge(
    case: OpenCase,
    record_id: bytes,
    *,
    relevant: bool = False,
    mode: Mode = Mode.RANKED,
    code: Code | None = None,
    draw: int | None = None,
) -> int:
    chosen = code or (Code.RELEVANT if relevant else Code.NOT_RELEVANT)
    note = "the sound is missing" if chosen is Code.DEFER else ""
    judgement = Judgement(record_id=record_id, code=chosen, reviewer="ana", at_us=1, note=note)
    return case.papers.judge(judgement, mode=mode, draw=draw)


def read(case: OpenCase, relevant: int, others: int) -> None:
    """Ranked reading from the slice's first record on."""
    for place, record_id in enumerate(ids(case)[: relevant + others]):
        judge(case, record_id, relevant=place < relevant)


def read_waiting(case: OpenCase, relevant: frozenset[bytes] = frozenset()) -> int:
    """Decide what is drawn until nothing waits; gives how many were read."""
    count = 0
    while isinstance(waiting := standing(case).waiting, Waiting):
        for record_id in waiting.record_ids:
            judge(case, record_id, relevant=record_id in relevant, mode=waiting.mode,
                  draw=waiting.draw)  # fmt: skip
            count += 1
            if record_id in relevant:
                break
    return count


def test_a_review_stops_once_the_plan_is_read_and_not_before(case: OpenCase) -> None:
    read(case, 80, 20)
    assert "nothing can be said" in stopping.bound_line(case)
    with pytest.raises(UsageError, match="may not stop yet"):
        stopping.stop(case)
    number = stopping.look(case, seed=SEED)
    plan = rest_plan(80, COUNT - 100, Goal())
    now = standing(case)
    assert now.waiting is not None
    assert len(now.waiting.record_ids) == plan.least
    assert now.waiting.mode is Mode.REST
    assert (now.bound.lower_ratio, now.may_stop) == (80 / COUNT * 240 / 220, False)
    with pytest.raises(UsageError, match="may not stop yet"):
        stopping.stop(case)
    assert read_waiting(case) == plan.least
    assert standing(case).may_stop
    decision = stopping.stop(case)
    (kept,) = case.papers.decisions("stop")
    assert kept.number == decision
    assert kept.value["rule"] == "look"
    assert kept.value["of"] == "what this reader calls relevant"
    assert (kept.value["read"], kept.value["relevant"]) == (plan.least, 0)
    assert kept.value["draw"] == number
    assert "at least 95 %" in stopping.bound_line(case)


def test_a_relevant_record_in_the_draw_makes_the_plan_longer(case: OpenCase) -> None:
    read(case, 80, 20)
    stopping.look(case, seed=SEED)
    waiting = standing(case).waiting
    assert waiting is not None
    plan = rest_plan(80, COUNT - 100, Goal())
    read_waiting(case, frozenset({waiting.record_ids[2]}))
    now = standing(case)
    assert now.may_stop
    assert (now.figures["read"], now.figures["relevant"]) == (plan.steps[1], 1)
    assert now.bound.found == 81


def test_a_second_look_is_refused(case: OpenCase) -> None:
    read(case, 80, 20)
    stopping.look(case)
    with pytest.raises(UsageError, match="would void both"):
        stopping.look(case)
    with pytest.raises(UsageError, match="drawn already"):
        stopping.draw_control(case, 10)


def test_draw_and_decision_stand_in_the_ledger_by_counts(case: OpenCase, archive: Archive) -> None:
    first = archive.office.ledger.size
    read(case, 80, 20)
    stopping.look(case, seed=SEED)
    read_waiting(case)
    stopping.stop(case)
    drawn, stopped = [e for e in archive.office.ledger.entries(first) if e.act == Act.JUDGE]
    assert drawn.outcome["units"] == COUNT - 100
    assert drawn.outcome["rule"] == "rest"
    assert stopped.outcome["act"] == "stop"
    assert stopped.outcome["found"] == 80
    assert not any(
        isinstance(v, str) and " " in v for e in (drawn, stopped) for v in e.outcome.values()
    )


def test_the_draw_can_be_drawn_again_from_its_seed(case: OpenCase) -> None:
    read(case, 80, 20)
    number = stopping.look(case, seed=SEED)
    left = ids(case)[100:]
    (draw,) = case.papers.draws("rest")
    again = drawn_order(range(100, COUNT), left, draw.seed)
    kept = [one.record_id for one in case.papers.drawn(number)]
    assert kept == [ids(case)[place] for place in again][: len(kept)]
    assert json.loads(json.dumps(draw.design))["steps"] == list(rest_plan(80, 140, Goal()).steps)


def test_an_undo_after_the_look_has_to_be_decided_again(case: OpenCase) -> None:
    read(case, 80, 20)
    stopping.look(case, seed=SEED)
    read_waiting(case)
    assert standing(case).may_stop
    first = case.papers.judged()[0]
    case.papers.undo(first.number, by="ana", at_us=2)
    now = standing(case)
    assert not now.may_stop
    assert "undecided again" in now.says
    judge(case, first.judgement.record_id, relevant=True, mode=Mode.CHOSEN)
    assert standing(case).may_stop


def test_calls_changed_after_the_look_change_the_plan_on_the_same_draw(case: OpenCase) -> None:
    read(case, 80, 20)
    stopping.look(case, seed=SEED)
    read_waiting(case)
    for record_id in ids(case)[:45]:
        judge(case, record_id, mode=Mode.ADJUDICATED)
    now = standing(case)
    assert not now.may_stop
    assert now.bound.found == 35
    assert now.waiting is not None
    judge(case, ids(case)[0], relevant=True)  # a reviewer's call does not stand over that
    assert standing(case).bound.found == 35
    read_waiting(case)
    assert standing(case).figures["read"] == rest_plan(35, 140, Goal()).least


def test_deferred_records_are_undecided_and_protected_ones_outside(case: OpenCase) -> None:
    read(case, 80, 20)
    judge(case, ids(case)[0], code=Code.DEFER)
    judge(case, ids(case)[1], code=Code.PROTECTED)
    calls = calls_of(case)
    assert calls.population == COUNT - 1
    stopping.look(case, seed=SEED)
    (draw,) = case.papers.draws("rest")
    assert (draw.population, draw.design["found"]) == (141, 78)
    waiting = standing(case).waiting
    assert waiting is not None
    chosen = waiting.record_ids[0]
    judge(case, chosen, code=Code.UNSURE, mode=Mode.REST)
    assert standing(case).figures["read"] == 0  # nothing is said past an undecided one
    judge(case, chosen, code=Code.PROTECTED, mode=Mode.REST)
    following = standing(case).waiting
    assert following is not None
    assert chosen not in following.record_ids


def test_a_pilot_gives_price_and_bound_and_never_closes(case: OpenCase) -> None:
    with pytest.raises(UsageError, match="nothing says how many"):
        stopping.price_of(case, targets=["0.95"])
    stopping.draw_control(case, 60, pilot=True, seed=SEED)
    relevant = frozenset(ids(case)[:80])
    assert "60 drawn are undecided" in stopping.bound_line(case)
    read_waiting(case, relevant)
    dear, cheap = stopping.price_of(case, targets=["0.95", "0.8"])
    assert cheap.about <= dear.about <= COUNT
    now = standing(case)
    assert now.bound.rests_on is Rests.PILOT
    assert 0 < now.bound.lower_ratio < 0.5
    assert not now.may_stop
    assert stopping.withheld(case) == frozenset()
    stopping.look(case)


def test_a_price_from_a_guess_needs_no_draw(case: OpenCase) -> None:
    (told,) = stopping.price_of(case, targets=["0.95"], relevant=(10, 40))
    assert told.population == COUNT


def test_a_control_sample_closes_when_ranking_has_come_to_enough_of_it(case: OpenCase) -> None:
    relevant = frozenset(ids(case)[:120])
    stopping.draw_control(case, 200, seed=SEED)
    with pytest.raises(UsageError, match="by its control sample"):
        stopping.look(case)
    read_waiting(case, relevant)
    held = [r for r in stopping.withheld(case) if r in relevant]
    assert len(stopping.withheld(case)) == 200
    needed = int(standing(case).figures["needed"])
    assert 59 <= needed <= len(held)
    judge(case, held[-1], relevant=True, mode=Mode.OVERLAP)  # a second reader is no ranking
    assert stopping.came_to(case, held[: needed - 1]) == needed - 1
    assert stopping.came_to(case, held[: needed - 1]) == 0
    now = standing(case)
    assert not now.may_stop
    assert f"has come to {needed - 1}" in now.says
    assert len(stopping.withheld(case)) == 200 - (needed - 1)
    judge(case, held[needed - 1], relevant=True)
    assert standing(case).may_stop
    stopping.stop(case)
    assert case.papers.decisions("stop")[0].value["rule"] == "control"


def test_a_control_sample_with_too_few_relevant_ones_says_that_it_cannot_close(
    case: OpenCase,
) -> None:
    stopping.draw_control(case, 60, seed=SEED)
    read_waiting(case, frozenset(ids(case)[:40]))
    assert "needs 59" in standing(case).says


def test_a_control_sample_comes_before_ranked_reading(case: OpenCase) -> None:
    read(case, 1, 0)
    with pytest.raises(UsageError, match="drawn before it"):
        stopping.draw_control(case, 60)


def test_what_is_read_whole_may_stop_without_any_rule(case: OpenCase) -> None:
    read(case, 10, COUNT - 11)
    with pytest.raises(UsageError):
        stopping.stop(case)
    judge(case, ids(case)[-1])
    assert "all of it" in stopping.bound_line(case)
    stopping.stop(case)
    with pytest.raises(UsageError, match="no record is left"):
        stopping.look(case)


def test_conversations_are_drawn_whole_and_counted_once(case: OpenCase) -> None:
    read(case, 120, 20)  # thirty conversations found, five read in vain
    stopping.look(case, target="0.8", unit="conversation", seed=SEED)
    (draw,) = case.papers.draws("rest")
    assert (draw.population, draw.design["found"]) == (25, 30)
    plan = rest_plan(30, 25, Goal.of(0.8))
    waiting = standing(case).waiting
    assert waiting is not None
    assert len(waiting.record_ids) == 4 * plan.least
    read_waiting(case)
    now = standing(case)
    assert now.may_stop
    assert now.figures["read"] == plan.least
    assert "conversations at least 80 %" in now.bound.line()


def test_a_draw_of_records_bounds_conversations_too(case: OpenCase) -> None:
    read(case, 80, 20)
    stopping.look(case, seed=SEED)
    read_waiting(case)
    ratio = standing(case).bound.conversations_ratio
    assert ratio == pytest.approx(20 / 24)  # at most four records are missed
    assert "in conversations at least 83.3 %" in stopping.bound_line(case)


def test_the_anytime_form_may_be_read_to_wherever_it_is_enough(case: OpenCase) -> None:
    read(case, 80, 20)
    stopping.look(case, anytime=True, seed=SEED)
    read_waiting(case)
    now = standing(case)
    assert now.may_stop
    assert now.figures["read"] >= rest_plan(80, 140, Goal()).least
    assert now.rule == "anytime"


def test_rules_of_thumb_are_shown_and_close_nothing(case: OpenCase) -> None:
    read(case, 5, 205)
    thumbs = {one.name: one for one in stopping.heuristics(case)}
    assert thumbs["in vain"].says_stop
    assert "no guarantee" in thumbs["in vain"].line
    with pytest.raises(UsageError, match="may not stop yet"):
        stopping.stop(case)


def test_the_look_is_called_due_after_a_run_in_vain(case: OpenCase) -> None:
    assert stopping.look_due(case)[0] is False
    read(case, 20, 180)
    due, run, needed = stopping.look_due(case)
    assert due
    assert run == 180 >= needed


def test_a_target_that_makes_no_sense_is_refused(case: OpenCase) -> None:
    with pytest.raises(BadValue):
        stopping.look(case, target="95")
    with pytest.raises(UsageError, match="holds 1 to"):
        stopping.draw_control(case, COUNT + 1)
