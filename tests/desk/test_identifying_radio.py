"""Pseudonyms on the radio are put forward with the ones that analysts answered first, and none is merged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from benchmarks.reconstruct.identities import RADIO, radio

DATA = Path(os.environ.get("PASTWATCH_DATA", "none"))
needs_data = pytest.mark.skipif(
    not (DATA / RADIO).is_file(), reason="PASTWATCH_DATA names no folder with the set radio-2025"
)


@needs_data
def test_the_first_pseudonyms_put_forward_are_those_that_analysts_answered() -> None:
    told = radio(DATA)["put_forward"]
    in_order = told["in_order"]
    assert [one["in_the_answer"] for one in in_order[:4]] == [True] * 4
    assert told["pairs"] < 20
    assert all(one["against"] for one in in_order if not one["in_the_answer"])
