"""Made text behaves as measured on real mail: sizes, vocabulary, compression."""

import re
from collections import Counter
from itertools import islice

import pytest
import zstandard

from pastwatch.town.makers import chat_text, mail_text

_WORD = re.compile(r"\w+")


@pytest.fixture(scope="module")
def letters() -> list[str]:
    return list(mail_text(11, 4096))


def _distinct(letters: list[str], count: int) -> list[set[str]]:
    return [
        {word for text in letters[i : i + count] for word in _WORD.findall(text.lower())}
        for i in range(0, len(letters), count)
    ]


def test_a_mail_is_about_two_kilobytes(letters: list[str]) -> None:
    assert 1_900 < sum(len(text.encode()) for text in letters) / len(letters) < 2_600


def test_256_mails_hold_about_5300_distinct_words(letters: list[str]) -> None:
    counts = [len(words) for words in _distinct(letters, 256)]
    assert 4_900 < sum(counts) / len(counts) < 5_700


def test_three_quarters_of_the_words_occur_in_one_block_only(letters: list[str]) -> None:
    blocks = Counter(word for words in _distinct(letters, 1024) for word in words)
    alone = sum(count == 1 for count in blocks.values()) / len(blocks)
    assert 0.72 < alone < 0.80


def test_mail_compresses_to_a_quarter(letters: list[str]) -> None:
    blocks = ["\0".join(letters[i : i + 256]).encode() for i in range(0, len(letters), 256)]
    packed = [len(zstandard.ZstdCompressor(level=1).compress(block)) for block in blocks]
    assert 0.21 < sum(packed) / sum(len(block) for block in blocks) < 0.29


def test_word_frequencies_fall_as_in_a_language(letters: list[str]) -> None:
    counts = Counter(word for text in letters for word in _WORD.findall(text.lower()))
    ranked = [count for _, count in counts.most_common()]
    assert ranked[0] > 5 * ranked[20] > 25 * ranked[1000]


def test_made_text_is_the_same_for_the_same_seed_and_streams() -> None:
    assert list(mail_text(3, 50)) == list(islice(mail_text(3, 10**9), 50))
    assert list(chat_text(3, 50)) == list(islice(chat_text(3, 10**9), 50))
    assert list(mail_text(3, 50)) != list(mail_text(4, 50))


def test_made_chat_is_short_and_in_two_alphabets() -> None:
    lines = list(chat_text(3, 5000))
    assert 20 < sum(len(line.encode()) for line in lines) / len(lines) < 120
    assert 0.3 < sum(any("а" <= c <= "я" for c in line) for line in lines) / len(lines) < 0.5
