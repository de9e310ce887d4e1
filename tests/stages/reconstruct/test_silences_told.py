"""A silence is held against the collection first, then against one's own rhythm."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.stages.reconstruct.networktalks import (
    EVENT_H,
    Said,
    every,
    network_of,
    talk_of_lines,
    window,
)

from pastwatch.errors import BadValue
from pastwatch.model.network import Newcomers, Silence, Silences
from pastwatch.model.when import HOUR_US
from pastwatch.stages.reconstruct.changerhythm import rhythm_of
from pastwatch.stages.reconstruct.network import aggregate
from pastwatch.stages.reconstruct.silences import silences_of
from pastwatch.stages.reconstruct.silencesheld import SourceHeld, reaching
from pastwatch.stages.reconstruct.silencesnew import newcomers_of
from pastwatch.stages.reconstruct.silencesother import same_handles

END_H = EVENT_H * 2
BOX = SourceHeld(name="the box", from_us=0, until_us=END_H * HOUR_US)
CHATTER = [line for n in range(6) for line in every(9 + n, f"p{n}", f"q{n}", start_h=1 + n)]


def silences(lines: list[Said], *sources: SourceHeld, by_handle: bool = False) -> Silences:
    talk = talk_of_lines(lines)
    network = aggregate(talk, window())
    return silences_of(
        network,
        rhythm_of(network, zone_offset_s=0),
        sources or (BOX,),
        same=same_handles(talk) if by_handle else None,
    )


def pair(made: Silences, *names: str) -> Silence | None:
    wanted = {f"mail:{name}" for name in names}
    found = [s for s in made.silences if s.about == "pair" and set(s.names) == wanted]
    return found[0] if found else None


def test_a_pair_that_talked_daily_and_stops_is_silent_beyond_its_rhythm() -> None:
    made = silences([*CHATTER, *every(24, "ana", "ben", until_h=EVENT_H)])
    found = pair(made, "ana", "ben")
    assert found is not None
    assert found.p_corrected <= made.level_p
    assert found.expected == pytest.approx(28, rel=0.1)
    assert pair(made, "p0", "q0") is None


def test_every_silence_stands_beside_two_other_explanations_at_least() -> None:
    made = silences([*CHATTER, *every(24, "ana", "ben", until_h=EVENT_H)])
    for one in made.silences:
        assert len(one.alternatives) >= 2
        assert all(a.explanation and a.measured for a in one.alternatives)
    with pytest.raises(BadValue, match="two other explanations"):
        replace(made.silences[0], alternatives=made.silences[0].alternatives[:1])


def test_where_the_source_ended_nobody_is_silent_and_it_is_said() -> None:
    ended = replace(BOX, until_us=EVENT_H * HOUR_US)
    made = silences([line for line in CHATTER if (line.at_h or 0) < EVENT_H], ended)
    assert made.silences == ()
    ((source, subjects, why),) = made.untold
    assert source == "the box"
    assert subjects == 12  # six pairs and their writers
    assert "nothing of it is held after" in why


def test_where_all_of_a_source_is_silent_no_silence_is_told() -> None:
    few = [line for line in CHATTER if (line.at_h or 0) < EVENT_H + 1]
    made = silences([*few, Said(END_H - 1, "late", ["riser"])])
    assert made.silences == ()
    assert "all of it is silent" in made.untold[0][2]


def test_a_hole_in_a_source_tells_nothing_of_those_in_it() -> None:
    hole = [line for line in CHATTER if not EVENT_H <= (line.at_h or 0) < EVENT_H + 400]
    made = silences([*hole, *every(24, "ana", "ben", until_h=EVENT_H)])
    assert made.silences == ()
    assert "nothing of it is held between" in made.untold[0][2]


def test_a_gap_of_unknown_time_untells_those_it_may_hide() -> None:
    lines = [*CHATTER, *every(24, "ana", "ben", until_h=EVENT_H)]
    known = silences(lines, replace(BOX, lost_at_most=3, reason="cut"))
    assert pair(known, "ana", "ben") is not None
    unknown = silences(lines, replace(BOX, lost_at_most=math.inf, reason="cut"))
    assert unknown.silences == ()
    assert 'a gap ("cut") of unknown time' in unknown.untold[0][2]


def test_a_source_whose_last_hours_are_only_quiet_did_not_end() -> None:
    network = network_of(every(24, "ana", "ben"))
    held = replace(BOX, until_us=(END_H - 20) * HOUR_US, from_us=20 * HOUR_US)
    (full,) = reaching(network, rhythm_of(network, zone_offset_s=0), (held,))
    assert (full.from_us, full.until_us) == (0, END_H * HOUR_US)
    cut = replace(BOX, until_us=(EVENT_H + 1) * HOUR_US)
    (short,) = reaching(network, rhythm_of(network, zone_offset_s=0), (cut,))
    assert short.until_us == cut.until_us


def test_moving_to_another_channel_is_measured_by_handle_and_name() -> None:
    lines = [*CHATTER, *every(24, "annalind@x", "ben", until_h=EVENT_H)]
    lines += [Said(EVENT_H + n, "annalind", ["q1"], medium="chat", source="rooms") for n in (5, 50)]
    found = pair(silences(lines, BOX, replace(BOX, name="rooms")), "annalind@x", "ben")
    assert found is not None
    (moved,) = [a for a in found.alternatives if "another channel" in a.explanation]
    assert "chat:annalind (2)" in moved.measured


def test_by_handle_talk_on_another_medium_breaks_a_silence() -> None:
    lines = [*CHATTER, *every(24, "annalind@x", "benmoss@x", until_h=EVENT_H)]
    lines += [
        Said(EVENT_H + n, "annalind", ["benmoss"], medium="chat", source="rooms") for n in (5, 50)
    ]
    held = BOX, replace(BOX, name="rooms")
    assert pair(silences(lines, *held), "annalind@x", "benmoss@x") is not None
    assert not [s for s in silences(lines, *held, by_handle=True).silences if s.about == "pair"]


def test_a_pair_that_often_pauses_as_long_is_not_called_silent() -> None:
    """Talk in bursts of a day, each a fortnight apart: one more pause is no silence."""
    bursts = [Said(d * 336 + 7 * h, "ana", ["ben"]) for d in range(2) for h in range(6)]
    found = pair(silences([*CHATTER, *bursts]), "ana", "ben")
    assert found is None or found.stretches_silent >= 0
    wide = [Said(d * 200 + 7 * h, "ana", ["ben"]) for d in range(4) for h in range(4)]
    talk = aggregate(talk_of_lines([*CHATTER, *wide]), window(until_h=EVENT_H + 60))
    made = silences_of(talk, rhythm_of(talk, zone_offset_s=0), (BOX,))
    own = [s for s in made.silences if "mail:ana" in s.names and s.about == "pair"]
    assert all(s.p > 0.01 for s in own)
    assert all(s.stretches_silent > 0 for s in own)


def test_steady_talkers_are_called_silent_no_more_often_than_the_level() -> None:
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(40):
        lines = [
            Said(float(at), f"p{n}", [f"q{n}"])
            for n in range(15)
            for at in rng.uniform(0, END_H, rng.poisson(8))
        ]
        made = silences(lines)
        alarms += any(s.p_corrected <= made.level_p for s in made.silences)
    assert alarms <= 5  # 2 expected at 5 %


def newcomers(lines: list[Said], *, until_h: float = EVENT_H + 48, from_h: float = 0) -> Newcomers:
    talk = talk_of_lines(lines, shown={"mail:old@x": "Nora Old", "mail:fresh@y": "Nora Old"})
    network = aggregate(talk, window(until_h=until_h))
    held = replace(BOX, from_us=round(from_h * HOUR_US))
    return newcomers_of(network, rhythm_of(network, zone_offset_s=0), (held,))


def test_a_newcomer_stands_beside_other_explanations_and_the_usual_number() -> None:
    lines = [*CHATTER, Said(3, "old@x", ["q1"]), Said(EVENT_H + 5, "fresh@y", ["q1"])]
    made = newcomers(lines)
    (one,) = made.newcomers
    assert one.account == "mail:fresh@y"
    assert len(one.alternatives) >= 2
    assert "mail:old@x" in " ".join(a.measured for a in one.alternatives)
    assert len(made.usual) >= 3


def test_who_was_written_to_before_is_no_newcomer() -> None:
    lines = [*CHATTER, Said(3, "p1", ["quiet@x"]), Said(EVENT_H + 5, "quiet@x", ["p1"])]
    assert newcomers(lines).of == 0


def test_where_a_source_begins_shortly_before_no_newcomer_is_told() -> None:
    late = [line for line in CHATTER if (line.at_h or 0) > EVENT_H - 24]
    made = newcomers([*late, Said(EVENT_H + 5, "fresh@y", ["q1"])], from_h=EVENT_H - 24)
    assert made.newcomers == ()
    assert "too short to know who is new" in made.untold[0][0]
