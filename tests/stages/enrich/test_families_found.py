"""Near-duplicates become families with a name that stays; what merely is short does not."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import MissingExtra
from pastwatch.model.record import Part, Record
from pastwatch.stages.enrich.enrichers.families import ENRICHER
from pastwatch.testing.enrichers import OPTIONS, record_of

FAMILIES = ENRICHER.setup(OPTIONS)
WORDS = [f"word{n}" for n in range(400)]
STORY = " ".join(WORDS[:60])
HEADER = "From: Bo\nSent: Monday\nTo: Ana\nSubject: Gate"


def families_of(records: Sequence[Record]) -> dict[int, int]:
    """By the number of a record: the number of its family's leader."""
    sketches = [(a.record_id, a.value) for a in FAMILIES.enrich(records)]
    return {
        int.from_bytes(a.record_id, "big"): int(a.value, 16) for a in FAMILIES.settle(sketches, [])
    }


def of_texts(*texts: str) -> dict[int, int]:
    return families_of([record_of(text, number=n) for n, text in enumerate(texts)])


def test_a_text_with_a_few_words_changed_is_of_the_family_of_the_first() -> None:
    assert of_texts(STORY, " ".join(WORDS[200:260]), f"{STORY} indeed", STORY.upper()) == {
        0: 0,
        2: 0,
        3: 0,
    }


def test_what_is_alike_by_less_than_four_fifths_is_not_of_a_family() -> None:
    assert of_texts(STORY, " ".join([*WORDS[:30], *WORDS[300:330]])) == {}


def test_short_words_that_everybody_says_make_no_family() -> None:
    assert of_texts("ok thanks", "ok thanks", "ok, thanks!") == {}


def test_quoted_text_makes_no_family() -> None:
    quoted = f"\n\n{HEADER}\n\n{STORY}"
    own = (" ".join(WORDS[100:130]), " ".join(WORDS[200:230]))
    assert of_texts(*(text + quoted for text in own)) == {}
    assert of_texts(own[0], own[0] + quoted) == {0: 0, 1: 0}


def test_copies_of_one_mail_are_a_family_by_its_message_id_however_short() -> None:
    records = [record_of("ok", number=n, native_id="<1@a.example>") for n in range(2)]
    other = [record_of("ok", number=2, native_id="<2@a.example>"), record_of("ok", number=3)]
    assert families_of([*records, *other]) == {0: 0, 1: 0}


def test_the_same_attachment_makes_a_family_of_short_texts() -> None:
    part = Part(name="a.pdf", media_type="", size_bytes=9, sha256=b"a" * 32)
    other = Part(name="a.pdf", media_type="", size_bytes=9, sha256=b"b" * 32)
    records = [
        record_of(text, number=n, parts=[attached])
        for n, (text, attached) in enumerate([("see", part), ("see", other), ("see", part)])
    ]
    assert families_of(records) == {0: 0, 2: 0}


def test_texts_without_spaces_are_compared_by_their_signs() -> None:
    text = "大门开着那里没有人我们等了一个小时然后回家明天早上再来一次请带钥匙不要迟到"
    assert of_texts(text, text + "好", text[::-1]) == {0: 0, 1: 0}


def test_a_family_never_drifts_from_follower_to_follower() -> None:
    steps = [" ".join(WORDS[n : n + 60]) for n in range(0, 30, 3)]
    found = of_texts(*steps)
    assert found[1] == 0
    assert found.get(9) != 0


@given(st.lists(st.integers(0, 4), max_size=14), st.integers(0, 14), st.booleans())
def test_what_was_settled_stays_whatever_comes_or_goes(
    drawn: list[int], cut: int, gone: bool
) -> None:
    dice = random.Random(7)  # noqa: S311 - texts, not secrets
    texts = [" ".join(dice.sample(WORDS, 40)) for _ in range(5)]
    records = [record_of(texts[t], number=n) for n, t in enumerate(drawn)]
    sketches = [(a.record_id, a.value) for a in FAMILIES.enrich(records)]
    first = [(a.record_id, a.value) for a in FAMILIES.settle(sketches[:cut], [])]
    kept = sketches[1:] if gone else sketches
    later = [(a.record_id, a.value) for a in FAMILIES.settle(kept, first)]
    assert not {i for i, _ in first} & {i for i, _ in later}
    family = dict([*first, *later])
    for one, other in itertools.pairwise(kept):
        if drawn[int.from_bytes(one[0], "big")] == drawn[int.from_bytes(other[0], "big")]:
            assert family[one[0]] == family[other[0]]


def test_without_its_package_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rensa", None)
    with pytest.raises(MissingExtra) as missing:
        ENRICHER.setup(OPTIONS)
    assert missing.value.hint == "pip install 'pastwatch[enrich]'"
