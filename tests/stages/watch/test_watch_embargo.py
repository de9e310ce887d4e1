"""What a back-test may be called: the ledger's time against the event's, and never tuned ahead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import UsageError
from pastwatch.model.backtest import Foresight
from pastwatch.model.when import DAY_US
from pastwatch.stages.watch.embargo import check_embargo, claim_of

EVENT_US = 1_000 * DAY_US


def test_only_what_stood_in_the_ledger_before_the_event_is_a_prediction() -> None:
    def claim(kept_us: int | None) -> Foresight:
        return claim_of("e", EVENT_US, kept_us=kept_us, tuned_us={})

    assert claim(EVENT_US - 1) is Foresight.PREDICTION
    assert claim(EVENT_US) is Foresight.RETROSPECTIVE
    assert claim(EVENT_US + 1) is Foresight.RETROSPECTIVE
    assert claim(None) is Foresight.RETROSPECTIVE


def test_what_was_made_from_an_event_or_a_later_one_explains() -> None:
    def claim(**tuned_us: int | None) -> Foresight:
        return claim_of("e", EVENT_US, kept_us=EVENT_US - 1, tuned_us=tuned_us)

    assert claim(e=EVENT_US) is Foresight.EXPLAINS
    assert claim(later=EVENT_US + 1) is Foresight.EXPLAINS
    assert claim(unknown=None) is Foresight.EXPLAINS
    assert claim(earlier=EVENT_US - 1) is Foresight.PREDICTION


@given(
    st.integers(0, 100),
    st.none() | st.integers(0, 100),
    st.dictionaries(st.sampled_from("abe"), st.none() | st.integers(0, 100)),
)
def test_a_prediction_never_knew_what_came_after(
    event_us: int, kept_us: int | None, tuned_us: dict[str, int | None]
) -> None:
    if claim_of("e", event_us, kept_us=kept_us, tuned_us=tuned_us) is Foresight.PREDICTION:
        assert kept_us is not None
        assert kept_us < event_us
        assert "e" not in tuned_us
        assert all(at_us is not None and at_us < event_us for at_us in tuned_us.values())


def test_an_event_within_the_gap_after_one_it_was_made_from_is_refused() -> None:
    tuned = {"first": EVENT_US}
    check_embargo({"e": EVENT_US + 7 * DAY_US}, tuned_us=tuned, embargo_s=7 * 86_400)
    check_embargo({"e": EVENT_US - 1, "first": EVENT_US}, tuned_us=tuned, embargo_s=7 * 86_400)
    for at_us in (EVENT_US, EVENT_US + 7 * DAY_US - 1):
        with pytest.raises(UsageError, match="within 7 days"):
            check_embargo({"e": at_us}, tuned_us=tuned, embargo_s=7 * 86_400)
