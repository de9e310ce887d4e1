"""The characters of a lane that are not ASCII: the same wherever they stand, and in however large a text."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pastwatch.matching.lanes import Lane, foreign

CHARACTERS = "é—’ﬁя\u0301\u200d😀"


def _lane(text: bytes) -> Lane:
    return Lane(0, memoryview(text), 0, np.array([0, len(text)], np.int64))


def _placed(places: list[int], size: int, *, seed: int) -> bytes:
    """Plain text of about this size, with a character beyond ASCII at each of these places."""
    chance = random.Random(seed)  # noqa: S311 - a sample, repeatable
    out = ["x"] * size
    for at in places:
        out[at] = chance.choice(CHARACTERS)
    return "".join(out).encode()


@pytest.mark.parametrize("size", [1, 1000, 1023, 1024, 16_383, 16_384, 16_500, 40_000, 300_001])
@pytest.mark.parametrize("seed", range(4))
def test_each_character_is_told_with_the_place_it_begins_at(size: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a sample, repeatable
    near = [n for n in (0, 1021, 1022, 1023, 1024, 2047, 2048, size - 2, size - 1) if 0 <= n < size]
    spread = chance.sample(range(size), min(size, [0, 3, 20, 60][seed]))
    data = _placed([*near[: 3 * seed], *spread], size, seed=seed)
    told = foreign(_lane(data))
    assert told is not None
    text = data.decode()
    begins = np.cumsum([0, *(len(char.encode()) for char in text)])[:-1]
    wanted = [at for at, char in enumerate(text) if not char.isascii()]
    assert told.characters == "".join(text[at] for at in wanted)
    assert told.firsts.tolist() == begins[wanted].tolist()
    ends = [int(begins[at]) + 3 for at in wanted if text[at] == "—"]
    assert told.ends({"—"}).tolist() == ends


def test_a_text_full_of_such_characters_is_told_to_be_so() -> None:
    assert foreign(_lane("я".encode() * 100_000)) is None
    assert foreign(_lane(("x" * 500 + "é").encode() * 3000)) is not None
    assert foreign(_lane(("x" * 40 + "é").encode() * 3000)) is None
