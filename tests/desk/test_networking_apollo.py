"""Apollo 13's loops: who asked for the tank stir, who ordered it, who passed it on, with their times."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.networking import CaseNetwork
from pastwatch.desk.networking_roles import label, labels, roles_of
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.model.network import ArguedRole, Turn
from pastwatch.model.when import SECOND_US, iso, parse_iso

LAUNCH_US = parse_iso("1970-04-11T19:13:00Z")[0]
LOOPS = ("flight-director-loop", "air-ground-loop")
ROW = {
    "time": "start",
    "time_end": "end",
    "sender": "source",
    "text": "message",
    "id": "id",
    "epoch": "1970-04-11T19:13:00Z",
}


def elapsed(at_us: int | None) -> str:
    seconds = ((at_us or 0) - LAUNCH_US) // SECOND_US
    return f"{seconds // 3600:03}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@pytest.fixture(scope="module")
def case(data_set: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> OpenCase:
    script = data_set("apollo13-loops") / "apollo" / "apollo13rt" / "script"
    folder = tmp_path_factory.mktemp("apollo")
    archive = scratch_archive(folder, settings=Settings(isolate=False))
    for loop in LOOPS:
        archive.collect(script / f"{loop}.json", source=loop, basis="published", options=ROW)
    at_us = LAUNCH_US + (55 * 3600 + 54 * 60 + 53) * SECOND_US
    archive.add_event("explosion", "Explosion", at=iso(at_us), references=("the set's own",))
    return open_self_authorised(
        archive, "explosion", folder / "grant.toml", ground="public record", span_hours=1
    )[0]


def test_the_stir_is_asked_for_ordered_passed_on_and_acknowledged_in_that_order(
    case: OpenCase,
) -> None:
    made = roles_of(case, query="stir", after=3)
    acts = [(elapsed(a.earliest_us), a.account, a.role) for a in made.acts]
    asks, orders, answers = ArguedRole.ASKS, ArguedRole.ORDERS, ArguedRole.ACKNOWLEDGES
    wanted = [
        ("055:47:15", "other:eecom", asks),
        ("055:52:38", "other:flight", orders),
        ("055:52:46", "other:capcom", answers),
        ("055:52:59", "other:capcom", orders),
        ("055:53:07", "other:cmp", answers),
    ]
    assert [act for act in acts if act in wanted] == wanted
    (first,) = [a for a in made.acts if a.role is asks]
    assert first.source == "flight-director-loop"


def test_capcom_alone_joins_the_crew_to_the_control_room(case: OpenCase) -> None:
    made = roles_of(case, query="stir", after=3, network=CaseNetwork(case))
    brokers = [s for s in made.suggestions if s.role is ArguedRole.BROKERS]
    assert [s.account for s in brokers] == ["other:capcom"]
    assert len(brokers[0].citations) == 2


def test_a_person_argues_who_ordered_from_the_cited_words(case: OpenCase) -> None:
    made = roles_of(case, query="stir")
    (act,) = [a for a in made.acts if a.account == "other:flight"]
    label(case, act.account, "orders", cites=[act.record_id.hex()], reason="names it the last item")
    assert [k.label.account for k in labels(case)] == ["other:flight"]


def test_the_network_before_and_after_is_of_turns_over_equal_stretches(case: OpenCase) -> None:
    read = CaseNetwork(case)
    made = read.show()
    assert made.by_turns
    ties = {(t.from_account, t.to_account): t for t in made.ties}
    loop = ties["other:eecom", "other:flight"]
    assert loop.before_equal < loop.after_equal
    lunar = ties["other:lmp", "other:capcom"]
    assert (lunar.before_equal, lunar.before) == (0, 0)
    assert lunar.after_equal > 0


def test_after_the_explosion_more_is_said_by_the_power_console_and_newly_by_the_lunar_pilot(
    case: OpenCase,
) -> None:
    made = CaseNetwork(case).changes()
    turns = {c.names: c.turn for c in made.changes if c.p_corrected <= made.level_p}
    assert turns == {("other:eecom",): Turn.MORE, ("other:lmp",): Turn.NEW}
    assert made.tried + made.too_few > 30
