"""Before against after is an exact test over equal stretches, corrected over all that was tried."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.stages.reconstruct.networktalks import EVENT_H, Said, every, network_of

from pastwatch.errors import UsageError
from pastwatch.model.network import Changes, Turn
from pastwatch.model.when import HOUR_US
from pastwatch.stages.reconstruct.change import compared, pairs_of
from pastwatch.stages.reconstruct.changepoints import points_of, segments, steadiness
from pastwatch.stages.reconstruct.changerhythm import rhythm_of
from pastwatch.stages.reconstruct.changetest import (
    binomial_tails,
    corrected,
    ratio_interval,
    spells_of,
    two_sided,
)

HELD = {0: (0, EVENT_H * 2 * HOUR_US)}


def changes_of(lines: list[Said], **given: str) -> Changes:
    network = network_of(lines)
    return compared(network, rhythm_of(network, zone_offset_s=0), held=HELD, **given)  # type: ignore[arg-type]


def test_binomial_tails_are_those_of_the_sum() -> None:
    n, x, p = np.array([10, 10, 3]), np.array([2, 9, 0]), np.array([0.5, 0.3, 0.9])
    low, high = binomial_tails(n, x, p)
    for at, (size, hits, chance) in enumerate(zip(n.tolist(), x.tolist(), p.tolist(), strict=True)):
        masses = [
            math.comb(size, k) * chance**k * (1 - chance) ** (size - k) for k in range(size + 1)
        ]
        assert low[at] == pytest.approx(sum(masses[: hits + 1]))
        assert high[at] == pytest.approx(sum(masses[hits:]))
    assert two_sided(low, high).max() <= 1


def test_p_is_corrected_as_benjamini_and_hochberg_have_it() -> None:
    assert corrected(np.array([0.01, 0.04, 0.03, 0.5])).tolist() == pytest.approx(
        [0.04, 0.16 / 3, 0.16 / 3, 0.5]
    )
    assert len(corrected(np.zeros(0))) == 0


def test_an_interval_holds_the_ratio_and_is_open_where_nothing_was_before() -> None:
    low, high = ratio_interval(10, 20, exposure_before=1, exposure_after=1)
    assert high is not None
    assert low < 2 < high
    assert (round(low, 2), round(high, 2)) == (0.89, 4.78)
    assert ratio_interval(0, 5, exposure_before=1, exposure_after=1)[1] is None


def test_a_burst_of_records_is_one_spell_and_more_talk_is_never_fewer_spells() -> None:
    at_us = np.array([0, 1, 2, 30, 61]) * (HOUR_US // 60)
    few = spells_of(np.zeros(5, np.int64), at_us, length_us=HOUR_US, anchor_us=0)
    assert few.start_us.tolist() == [0, 61 * (HOUR_US // 60)]
    many = np.arange(600) * (HOUR_US // 60)
    assert len(spells_of(np.zeros(600, np.int64), many, length_us=HOUR_US, anchor_us=0).key) == 10


def test_a_pair_that_stops_is_told_and_one_that_goes_on_is_not() -> None:
    made = changes_of([*every(12, "ana", "ben", until_h=EVENT_H), *every(12, "cy", "di")])
    turns = {c.names: c.turn for c in made.changes if c.about == "pair"}
    assert turns["mail:ana", "mail:ben"] is Turn.ENDED
    assert turns["mail:cy", "mail:di"] is Turn.NOT_SHOWN
    assert made.changes[0].p_corrected <= made.level_p
    assert made.tried == made.of


def test_a_new_pair_has_no_ratio_and_an_open_interval() -> None:
    made = changes_of([*every(12, "ana", "ben", start_h=EVENT_H + 1), *every(12, "cy", "di")])
    (new,) = [c for c in made.changes if c.names == ("mail:ana", "mail:ben")]
    assert (new.turn, new.ratio, new.ratio_high) == (Turn.NEW, None, None)


def test_what_could_never_reach_the_level_is_not_tried_and_is_counted() -> None:
    made = changes_of([Said(1, "ana", ["ben"]), *every(12, "cy", "di")])
    assert made.too_few == 2  # the pair, and its writer
    assert all("ana" not in name for c in made.changes for name in c.names)


def test_weekends_are_no_change_where_the_rhythm_is_known() -> None:
    """Talk on working days only: a week of holidays after the event would show, a weekend does not."""
    office = [
        Said(day * 24 + hour, "ana", ["ben"])
        for day in range(57)
        for hour in (9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)
        if (day + 3) % 7 < 5  # 1970-01-01 was a Thursday
    ]
    network = network_of(office, event_h=24 * 29 + 18, until_h=24 * 31 + 18)  # a Friday evening
    rhythm = rhythm_of(network, zone_offset_s=0)
    held = {0: (0, 24 * 57 * HOUR_US)}
    made = compared(network, rhythm, held=held)
    assert "hours of the week" in made.rhythm
    assert made.below_level == 0


def test_changes_are_ordered_by_volume_or_name_alone() -> None:
    with pytest.raises(UsageError, match="not ordered by"):
        changes_of(every(12, "ana", "ben"), order="p")


def test_a_medium_not_held_over_both_stretches_is_not_compared() -> None:
    network = network_of(every(12, "ana", "ben", until_h=EVENT_H))
    held = {0: (0, (EVENT_H + 1) * HOUR_US)}
    made = compared(network, rhythm_of(network, zone_offset_s=0), held=held)
    assert made.tried == 0
    assert "mail: not held over both stretches, not compared" in made.notes


def test_steady_worlds_are_called_changed_no_more_often_than_the_level() -> None:
    rng = np.random.default_rng(7)
    alarms = 0
    for _ in range(60):
        lines = [
            Said(float(at), f"p{n}", [f"q{n}"])
            for n in range(12)
            for at in rng.uniform(0, EVENT_H * 2, rng.poisson(40))
        ]
        alarms += changes_of(lines).below_level > 0
    assert alarms <= 6  # 3 expected at 5 %, 1 in 30 by chance above


def test_series_are_cut_where_their_rate_changes() -> None:
    bins = np.array([1] * 20 + [6] * 20)
    p, penalty = steadiness(bins, np.ones(40))
    assert p <= 0.01
    assert segments(bins, np.ones(40), penalty=penalty) == [20]
    three = np.repeat([1, 6, 2], 20)
    assert segments(three, np.ones(60), penalty=penalty) == [20, 40]
    assert segments(np.full(40, 3), np.ones(40), penalty=penalty) == []


def test_steady_series_are_cut_no_more_often_than_the_level() -> None:
    rng = np.random.default_rng(9)
    cut = 0
    for _ in range(100):
        bins = rng.multinomial(30, np.full(60, 1 / 60))
        p, penalty = steadiness(bins, np.ones(60))
        cut += p <= 0.05 and bool(segments(bins, np.ones(60), penalty=penalty))
    assert cut <= 10  # 5 expected


def test_a_change_point_has_an_interval_around_it() -> None:
    rng = np.random.default_rng(3)
    before = rng.uniform(0, EVENT_H, 30)
    lines = [Said(float(at), "ana", ["ben"]) for at in before]
    network = network_of(lines)
    found = points_of(
        network, rhythm_of(network, zone_offset_s=0), pairs_of(network), 0, held=HELD[0]
    )
    assert found.p <= 0.01
    (point,) = found.points
    last_us = round(before.max() * HOUR_US)
    assert point.earliest_us <= last_us <= point.latest_us
    assert point.rate_after < point.rate_before


def test_too_few_spells_give_no_change_point_and_say_so() -> None:
    network = network_of([Said(1, "ana", ["ben"]), Said(50, "ana", ["ben"])])
    found = points_of(
        network, rhythm_of(network, zone_offset_s=0), pairs_of(network), 0, held=HELD[0]
    )
    assert found.points == ()
    assert "fewer than 6" in found.notes[0]
