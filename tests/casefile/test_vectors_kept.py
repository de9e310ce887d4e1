"""Vectors come back by maker and version, in the order kept, as near as half precision goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from pastwatch.casefile.store import CaseStore
from pastwatch.errors import BadValue

KEY = bytes(range(32))
IDS = [bytes([n]) * 16 for n in range(5)]


@pytest.fixture
def store(tmp_path: Path) -> CaseStore:
    return CaseStore.open(tmp_path / "papers.db", KEY, create=True)


def unit_vectors(count: int) -> npt.NDArray[np.float32]:
    rows = np.random.default_rng(7).normal(size=(count, 8)).astype(np.float32)
    units: npt.NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return units


def test_two_models_vectors_never_come_together(store: CaseStore) -> None:
    store.add_vectors(IDS[:3], unit_vectors(3), maker="embed", version="1")
    store.add_vectors(IDS[3:], unit_vectors(2), maker="embed", version="1")
    store.add_vectors(IDS[:1], unit_vectors(1), maker="embed", version="2")
    store.add_vectors(IDS[:1], unit_vectors(1), maker="embed-e5", version="1")
    runs = list(store.vectors(maker="embed", version="1"))
    assert [ids for ids, _ in runs] == [IDS[:3], IDS[3:]]
    assert list(store.vectors(maker="embed", version="3")) == []


def test_a_cosine_keeps_three_digits(store: CaseStore) -> None:
    given = unit_vectors(5)
    store.add_vectors(IDS, given, maker="embed", version="1")
    ((_, kept),) = store.vectors(maker="embed", version="1")
    assert kept.dtype == np.float32
    assert np.abs(kept @ kept.T - given @ given.T).max() < 1e-3


def test_no_run_without_a_vector_for_each_record(store: CaseStore) -> None:
    for broken in (unit_vectors(2), unit_vectors(1)[0]):
        with pytest.raises(BadValue, match="one vector a record"):
            store.add_vectors(IDS[:1], broken, maker="embed", version="1")
