"""The list of ids beside a pack gives back every id, as the first packs' lists do."""

from __future__ import annotations

from itertools import pairwise

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.archive.held import LISTED_BYTES, MAGIC, Held, listed_ids, packed_ids
from pastwatch.errors import PackDamaged

IDS = st.lists(st.binary(min_size=16, max_size=16), max_size=40)


def second_form(ids: list[bytes]) -> bytes:
    """The list as packs had it for a while: whole ids, the upper halves as steps."""
    tops = [0, *(int.from_bytes(one[:8]) for one in sorted(ids))]
    steps = [(b - a).to_bytes(8) for a, b in pairwise(tops)]
    planes = b"".join(bytes(step[n] for step in steps) for n in range(8))
    lower = b"".join(one[8:] for one in sorted(ids))
    return b"PWIDS1\n\0" + zstandard.ZstdCompressor(level=3).compress(planes) + lower


@given(IDS)
def test_the_ids_come_back_in_order(ids: list[bytes]) -> None:
    expected = [one[:LISTED_BYTES] for one in sorted(ids)]
    for file in (packed_ids(ids), second_form(ids), b"".join(sorted(ids))):
        assert [one.tobytes() for one in listed_ids(file)] == expected


@given(IDS, IDS)
def test_what_either_list_holds_is_held(now: list[bytes], then: list[bytes]) -> None:
    held = Held()
    held.load([packed_ids(now), second_form(then[:3]), b"".join(sorted(then[3:]))])
    assert held.mark(now + then).all()
    known = {one[:LISTED_BYTES] for one in now + then}
    assert bytes(LISTED_BYTES) in known or not held.mark([bytes(16)])[0]


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
