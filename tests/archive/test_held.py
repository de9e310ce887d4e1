"""The list of ids beside a pack gives back every id, as the first packs' lists do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.archive.held import MAGIC, Held, listed_ids, packed_ids
from pastwatch.errors import PackDamaged

IDS = st.lists(st.binary(min_size=16, max_size=16), max_size=40)


@given(IDS)
def test_the_ids_come_back_in_order(ids: list[bytes]) -> None:
    assert [one.tobytes() for one in listed_ids(packed_ids(ids))] == sorted(ids)
    assert [one.tobytes() for one in listed_ids(b"".join(sorted(ids)))] == sorted(ids)


@given(IDS, IDS)
def test_what_either_list_holds_is_held(now: list[bytes], then: list[bytes]) -> None:
    held = Held()
    held.load([packed_ids(now), b"".join(sorted(then))])
    assert held.mark(now + then).all()
    strange = bytes(16) if bytes(16) not in now + then else b""
    assert not strange or not held.mark([strange])[0]


@given(IDS.filter(bool), st.data())
def test_a_list_that_is_cut_is_a_damage(ids: list[bytes], data: st.DataObject) -> None:
    whole = packed_ids(ids)
    at = data.draw(st.integers(len(MAGIC), len(whole) - 1))
    with pytest.raises(PackDamaged, match="cut short"):
        listed_ids(whole[:at])
    with pytest.raises(PackDamaged, match="cut short"):
        listed_ids(whole + b"\0")


def test_a_list_that_swells_is_a_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pastwatch.archive.held.PACK_RECORDS", 3)
    with pytest.raises(PackDamaged, match="cut short"):
        listed_ids(packed_ids([bytes([n]) * 16 for n in range(4)]))
