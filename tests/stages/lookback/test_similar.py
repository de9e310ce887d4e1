"""The nearest vectors are found run by run, and only among records that may be shown."""

from __future__ import annotations

import numpy as np
import pytest

from pastwatch.stages.lookback.similar import nearest, words_of_text


def test_the_nearest_of_several_runs_are_those_of_all_together() -> None:
    draw = np.random.default_rng(4)
    table = draw.normal(size=(400, 8)).astype(np.float32)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    ids = [n.to_bytes(16) for n in range(400)]
    runs = [(ids[at : at + 90], table[at : at + 90]) for at in range(0, 400, 90)]
    asked = table[7]
    found = nearest(runs, asked, count=12, within=lambda i: int.from_bytes(i) % 2 == 1)
    likeness = table @ asked
    expected = sorted((n for n in range(1, 400, 2)), key=lambda n: -likeness[n])[:12]
    assert [int.from_bytes(near.record_id) for near in found] == expected
    assert found[0].likeness == pytest.approx(1.0)


def test_a_record_with_two_vectors_is_found_once() -> None:
    one = np.array([[1.0, 0.0]], np.float32)
    runs = [([b"a" * 16], one), ([b"a" * 16], one)]
    assert len(nearest(runs, one[0], count=5, within=lambda _: True)) == 1


def test_the_words_of_a_text_are_counted_folded() -> None:
    hashes, times = words_of_text("Van van VAN \u0623\u062d\u0645\u062f \u0627\u062d\u0645\u062f")
    assert sorted(times.tolist()) == [2, 3]
    assert len(hashes) == 2
    assert len(words_of_text("... --")[0]) == 0
