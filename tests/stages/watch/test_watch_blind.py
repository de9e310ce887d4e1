"""A blind reading: its order tells nothing of when, and few events give counts and no share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.model.watch import Verdict
from pastwatch.stages.watch.blind import blind_order, sample_read

IDS = [f"{n:032x}" for n in range(20)]


@given(st.permutations(IDS))
def test_the_order_does_not_depend_on_the_order_in_which_alerts_came(given_ids: list[str]) -> None:
    assert blind_order(given_ids, seed=3) == blind_order(IDS, seed=3)


def test_every_seed_has_an_order_of_its_own() -> None:
    orders = {tuple(blind_order(IDS, seed=seed)) for seed in range(10)}
    assert len(orders) == 10
    assert all(sorted(order) == IDS for order in orders)


def test_a_share_is_told_from_five_events_on_and_counts_before() -> None:
    verdicts = {
        IDS[0]: Verdict.USEFUL,
        IDS[1]: Verdict.USEFUL,
        IDS[2]: Verdict.FALSE,
        IDS[3]: Verdict.UNSURE,
    }
    few = sample_read(verdicts, IDS[:6], events=4)
    assert (few.sampled, few.useful, few.false_alarms, few.unsure, few.unread) == (6, 2, 1, 1, 2)
    assert few.precision is few.precision_at_least is None
    many = sample_read(verdicts, IDS[:6], events=5)
    assert many.precision == 0.5
    assert many.precision_at_least == pytest.approx(0.0976, abs=1e-4)  # Clopper–Pearson, 2 of 4
    assert sample_read({}, IDS[:6], events=5).precision is None
