"""A million probes of the word index, each for a word that is there: not one is told it is not."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from pastwatch.archive.tokens import all_of, build, frame_tokens, lookup, token_hash
from pastwatch.matching.fold import fold, tokens
from pastwatch.matching.lanes import Column

PROBES = 1_000_000
ALPHABETS = (
    "etaoinshrdlucmfwypvbgkjqxz",
    "ETAOINSHRDLU0123456789_",
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ",
    "ا ل م ن و ي ه ر ت ب ع د س ف ق ك ح ج أ إ ة ى ش ص ض ط ظ غ ث ذ ز".replace(" ", ""),
    "אבגדהוזחטיכלמנסעפצקרשתםןףץך",
    "核电站東京都知事選挙",
    "éüñøåçßﬁＡｋ",
    "가각간한국어",
    "😀👍🏽🚢",
    "кe\u0301о\u0308a\u00adи\u0306م\u064e",
)


def words(draw: random.Random, count: int) -> list[str]:
    """Made-up words of all alphabets, from short to longer than what is hashed."""
    found = []
    for number in range(count):
        letters = ALPHABETS[number % len(ALPHABETS)]
        size = 90 if number % 997 == 0 else draw.randrange(1, 12)
        found.append("".join(draw.choices(letters, k=size)))
    return found


def column(texts: list[str]) -> Column:
    raw = [text.encode() for text in texts]
    return b"".join(raw), np.array([0, *itertools.accumulate(map(len, raw))], np.int64)


@pytest.mark.heavy
@pytest.mark.timeout(600)
def test_a_million_probes_of_the_word_index_miss_nothing() -> None:
    draw = random.Random(11)  # noqa: S311 - test data
    blocks = [
        [" ".join(words(draw, 500)), ", ".join(words(draw, 500)), "\n".join(words(draw, 200))]
        for _ in range(48)
    ]
    spelt = []
    for texts in blocks:
        folded = [fold(text) for text in texts]
        spelt.append(sorted({text[start:end] for text in folded for start, end in tokens(text)}))
    probes, misses, first = 0, 0, np.zeros(1, np.int64)
    while probes < PROBES:
        key = draw.randbytes(16)  # another pack
        frames = build([[column(texts)] for texts in blocks], key)
        held = [frame_tokens(frame) for frame in frames]
        for number, listed in enumerate(spelt):
            frame, bit = divmod(number, 16)
            hashes = np.array([token_hash(token, key) for token in listed], np.uint32)
            misses += int(np.count_nonzero(lookup(frames[frame], hashes) >> bit & 1 == 0))
            misses += not all_of(*held[frame], hashes[:1], first) >> bit & 1
            probes += len(listed) + 1
    assert misses == 0
