"""What a pack tells of its characters beyond ASCII spares a look at them, and changes no hit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.archive import worlds
from tests.stages.lookback import slices

from pastwatch.archive import packing
from pastwatch.archive.columns import MOST_CHARACTERS, foreign_characters
from pastwatch.archive.frames import read_characters, with_characters
from pastwatch.errors import BadQuery, PackDamaged
from pastwatch.matching import finder, lanes

FRAME = b"\x05\0\0\0batch"
QUERIES = (
    "*tan*",
    "*ffi*",
    "office",
    "*атак*",
    "елка",
    "*محمد*",
    "احمد OR the OR stir",
    "/t.nk/",
    "/атака/ OR *ess*",
    "東京",
    "*qzxqzx*",
    '"the officer" OR *é*',
)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_the_characters_of_a_column_are_told_each_once(texts: list[str]) -> None:
    coded = [text.encode("utf-8", "ignore") for text in texts]
    ends = [0]
    for octets in coded:
        ends.append(ends[-1] + len(octets))
    column = (memoryview(b"".join(coded)), np.array(ends, np.int64))
    expected = {c for octets in coded for c in octets.decode() if not c.isascii()}
    assert foreign_characters([column, column]) == "".join(sorted(expected))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_what_stands_behind_a_batch_is_read_back(characters: str) -> None:
    assert read_characters(memoryview(with_characters(FRAME, characters))) == characters
    assert with_characters(FRAME, None) == FRAME
    assert read_characters(memoryview(FRAME)) is None


@pytest.mark.parametrize(
    "tail", [b"\0", b"\1\0\0\0", b"\2\0\0\0\xd0", b"\1\0\0\0\xd0", b"\1\0\0\0ab", b"\xff" * 9]
)
def test_a_tail_that_is_no_text_of_that_size_is_a_damage(tail: bytes) -> None:
    with pytest.raises(PackDamaged, match="characters do not read"):
        read_characters(memoryview(FRAME + tail))


def test_of_very_many_characters_none_is_told() -> None:
    text = "".join(chr(0x4E00 + n) for n in range(MOST_CHARACTERS + 1)).encode()
    assert foreign_characters([(memoryview(text), np.array([0, len(text)], np.int64))]) is None


@pytest.fixture(scope="module")
def untold(tmp_path_factory: pytest.TempPathFactory) -> slices.Slice:
    """The records of `many`, as the first packs had them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "foreign_characters", lambda _: None)
        return slices.made(tmp_path_factory.mktemp("untold"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> slices.Slice:
    return slices.made(tmp_path_factory.mktemp("told"))


@settings(max_examples=60, deadline=None)
@given(query=st.sampled_from(QUERIES) | st.sampled_from(slices.WRITTEN).map("*{}*".format))
def test_hits_are_the_same_whether_or_not_characters_are_told(
    told: slices.Slice, untold: slices.Slice, query: str
) -> None:
    try:
        now, before = told.look(query), untold.look(query)
    except BadQuery:
        return
    assert [m.spans for m in now] == [m.spans for m in before]


def test_where_no_character_could_be_a_letter_asked_for_none_is_looked_for(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.collect(
        "mail", [slices.simple(f"the tank — {n} «атака» ½", number=n) for n in range(300)]
    )
    found = slices.of(world)
    seen: list[lanes.Lane] = []
    plain = lanes.foreign

    def counted(held: lanes.Lane) -> lanes.Foreign | None:
        seen.append(held)
        return plain(held)

    monkeypatch.setattr(finder, "foreign", counted)
    assert len(found.look("*tan*")) == 300
    assert len(found.look("*така*")) == 300
    assert seen == []
    assert len(found.look("/t.n[k]/")) == 300
    assert seen
