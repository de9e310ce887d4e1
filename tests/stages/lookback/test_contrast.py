"""What stands out is found, what is ordinary is not, and p holds over all that was tried."""

from dataclasses import replace

import numpy as np
import pytest

from pastwatch.archive.aggregates import Rhythm, Told
from pastwatch.archive.occurrences import Occurrences, pair_keys
from pastwatch.model.when import DAY_US, HOUR_US
from pastwatch.stages.lookback.contrast import Asked, asked_of, compare
from pastwatch.stages.lookback.contrastmath import PAIRS, RUN_GAP_US, TERMS, Stream, scores
from pastwatch.stages.lookback.windows import Frame, apart, weekend

EVENT_US = 1_560_000_000_000_000 // DAY_US * DAY_US + 9 * HOUR_US + 3 * DAY_US  # a Tuesday
DAYS = 120
PEOPLE = 40
WORDS = 300


def world(seed: int = 1, *, days: int = DAYS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, speakers, hearers of ordinary records, as evenly as chance makes them."""
    rng = np.random.default_rng(seed)
    count = days * 40
    times = EVENT_US - (rng.random(count) * days * DAY_US).astype(np.int64) - 1
    speaker = rng.integers(1, PEOPLE + 1, count)
    return times, speaker, speaker % PEOPLE + 1


def occurrences(
    times: np.ndarray, speaker: np.ndarray, hearer: np.ndarray, *, said: dict[int, int], seed: int
) -> Occurrences:
    """Three common words a record, and one word more where it is said."""
    rng = np.random.default_rng(seed)
    order = np.argsort(times, kind="stable")
    words = [
        np.unique(np.append((rng.random(3) ** 2 * WORDS).astype(np.int64) + 1, said.get(n, 1)))
        for n in range(len(times))
    ]
    record = np.repeat(np.arange(len(times)), [len(words[at]) for at in order])
    return Occurrences(
        sources=("talk",),
        time_us=times[order],
        source=np.zeros(len(times), np.int64),
        speaker=speaker[order].astype(np.uint64),
        term_record=record,
        term=np.concatenate([words[at] for at in order]).astype(np.uint64),
        pair_record=np.arange(len(times)),
        pair=pair_keys(speaker[order].astype(np.uint64), hearer[order].astype(np.uint64)),
    )


FRAME = Frame(event_us=EVENT_US)
NEW_WORD = 9_999


@pytest.fixture(scope="module")
def told() -> tuple[Rhythm, int]:
    """A world in which twelve accounts say a new word, and two talk nine times, before the event."""
    times, speaker, hearer = world()
    spoken = EVENT_US - np.arange(1, 13) * HOUR_US
    talked = EVENT_US - np.arange(1, 10) * 7 * HOUR_US
    said = {len(times) + n: NEW_WORD for n in range(12)}
    times = np.concatenate((times, spoken, talked))
    speaker = np.concatenate((speaker, np.arange(1, 13), np.full(9, 5)))
    hearer = np.concatenate((hearer, np.arange(2, 14), np.full(9, 31)))
    held = occurrences(times, speaker, hearer, said=said, seed=2)
    pair = int(pair_keys(np.array([5], np.uint64), np.array([31], np.uint64))[0])
    return compare(held, asked=asked_of(held, FRAME), frame=FRAME), pair


def of(rhythm: Rhythm, sort: str) -> list[Told]:
    return [one for one in rhythm.told if one.sort == sort]


def test_a_new_word_of_many_stands_first_and_below_the_level(told: tuple[Rhythm, int]) -> None:
    first = of(told[0], "terms")[0]
    assert first.key == NEW_WORD
    assert first.voices == 12
    assert first.p <= 0.05


def test_two_who_begin_to_talk_stand_first_of_the_pairs(told: tuple[Rhythm, int]) -> None:
    first = of(told[0], "pairs")[0]
    assert (first.key, first.runs) == (told[1], 9)
    assert first.p <= 0.05


def test_p_is_never_below_one_in_as_many_windows_as_stand_apart(told: tuple[Rhythm, int]) -> None:
    distinct = dict(told[0].apart)
    for one in told[0].told:
        assert one.p >= 1 / (1 + distinct[one.scale_us])
        assert one.p >= 1 / (1 + told[0].windows)


def test_the_same_is_told_of_the_same() -> None:
    held = occurrences(*world(), said={}, seed=3)
    asked = asked_of(held, FRAME)
    assert compare(held, asked=asked, frame=FRAME) == compare(held, asked=asked, frame=FRAME)


def test_ordinary_talk_holds_nothing_unusual_more_often_than_stated() -> None:
    # Each world ends in nothing out of the ordinary: 5 % of 16 is 0.8, and 4 or more is 1 in 140.
    frame = replace(FRAME, trail_us=14 * DAY_US, least_windows=100)
    found = 0
    for seed in range(16):
        held = occurrences(*world(seed, days=60), said={}, seed=seed)
        rhythm = compare(held, asked=asked_of(held, frame), frame=frame)
        found += any(one.p <= 0.05 for one in rhythm.told)
    assert found < 4


def test_a_source_that_falls_silent_is_told() -> None:
    times, speaker, hearer = world()
    kept = times < EVENT_US - 24 * HOUR_US
    held = occurrences(times[kept], speaker[kept], hearer[kept], said={}, seed=4)
    (day,) = [
        one
        for one in compare(held, asked=asked_of(held, FRAME), frame=FRAME).told
        if one.sort == "silences" and one.scale_us == 24 * HOUR_US
    ]
    assert (day.runs, day.p <= 0.05) == (0, True)


def test_too_short_a_reference_tests_nothing_and_says_how_long_it_must_be() -> None:
    held = occurrences(*world(days=40), said={}, seed=5)
    rhythm = compare(held, asked=asked_of(held, FRAME), frame=FRAME)
    assert not rhythm.told
    why = f"{rhythm.windows} matched windows, 200 are needed: a reference of "
    why += f"{FRAME.reference_days()} days would give them"
    assert {told for _, told in rhythm.untold} == {why}


def test_the_days_asked_for_give_the_windows_needed() -> None:
    days = FRAME.reference_days()
    assert len(FRAME.ends(EVENT_US - days * DAY_US)) >= FRAME.least_windows
    ends = FRAME.ends(EVENT_US - days * DAY_US)
    assert 1 / (1 + apart(ends, FRAME.longest_us)) < 0.05


@pytest.mark.parametrize("shift_h", [0, 5, 17])
def test_matched_windows_end_near_the_same_hour_on_the_same_sort_of_day(shift_h: int) -> None:
    frame = Frame(event_us=EVENT_US + shift_h * HOUR_US, zone_offset_s=3 * 3600)
    ends = frame.ends(EVENT_US - 300 * DAY_US)
    apart_us = (frame.event_us - ends) % DAY_US
    assert set((np.minimum(apart_us, DAY_US - apart_us) // HOUR_US).tolist()) == {0, 1, 2}
    assert ends.max() <= frame.start_us
    assert not weekend(ends[(frame.event_us - ends) % DAY_US == 0], 3 * 3600).any()


def test_windows_apart_do_not_overlap() -> None:
    ends = np.array([0, 1, 2, 6, 7, 12], np.int64) * HOUR_US
    assert apart(ends, 6 * HOUR_US) == 3


def test_repeats_of_one_account_within_hours_are_one_run() -> None:
    gap = RUN_GAP_US[TERMS]
    times = EVENT_US - np.array([4 * gap, 4 * gap - HOUR_US, 2 * gap, HOUR_US], np.int64)
    one = np.ones(4, np.int64)
    held = occurrences(times, one, one + 1, said=dict.fromkeys(range(4), NEW_WORD), seed=6)
    stream = Stream(TERMS, held, np.zeros(1, np.int64))
    tally = stream.tally(EVENT_US - 5 * gap, EVENT_US)
    at = int(np.flatnonzero(stream.keys[tally.items] == NEW_WORD)[0])
    assert (tally.runs[at], tally.voices[at]) == (3, 1)


def test_a_run_that_began_before_a_window_counts_in_it_once() -> None:
    times = EVENT_US - np.array([3, 2, 1], np.int64) * HOUR_US
    one = np.ones(3, np.int64)
    stream = Stream(PAIRS, occurrences(times, one, one + 1, said={}, seed=7), np.zeros(1, np.int64))
    assert stream.tally(EVENT_US - 2 * HOUR_US, EVENT_US).runs.tolist() == [1]


def test_trails_count_what_a_plain_count_counts() -> None:
    held = occurrences(*world(days=30), said={}, seed=8)
    stream = Stream(TERMS, held, np.zeros(1, np.int64))
    starts = EVENT_US - np.array([9, 5, 4, 1], np.int64) * DAY_US
    first = stream.previous_us < stream.time_us - stream.gap_us
    for start, (counts, totals) in zip(
        starts.tolist(), stream.trails(starts, 7 * DAY_US), strict=True
    ):
        inside = first & (stream.time_us < start) & (stream.time_us >= start - 7 * DAY_US)
        plain = np.bincount(stream.item[inside], minlength=len(stream.keys))
        assert counts.sum(axis=0).tolist() == plain.tolist()
        assert totals.tolist() == [int(plain.sum())]


def test_a_score_is_nothing_where_shares_agree_and_grows_with_the_count() -> None:
    runs = np.array([1, 2, 4, 8])
    found = scores(runs, np.full(4, 9.5), np.full(4, 0.1), prior=0.5)
    assert found[0] == pytest.approx(0, abs=1e-6)
    assert (np.diff(found) > 0).all()
    assert scores(np.array([0]), np.array([30.0]), np.array([0.1]), prior=0.5)[0] < -2


def test_a_slice_without_the_hours_before_asks_nothing() -> None:
    held = occurrences(*world(days=30), said={}, seed=9).between(0, EVENT_US - 10 * DAY_US)
    asked: Asked = asked_of(held, FRAME)
    assert all(not len(tally.items) for _, tally in asked.tallies.values())
