"""What weighs in a ranking is what was asked for: words, phrases and patterns that are not negated."""

from __future__ import annotations

import numpy as np
import pytest
from tests.stages.lookback import slices

from pastwatch.matching.parse import parse
from pastwatch.model.query import Field, Phrase, Regex, Term
from pastwatch.stages.lookback.rank import Ranker, asked, ranked, whole_word, words_in


def test_what_is_negated_or_known_from_the_envelope_weighs_nothing() -> None:
    query = 'van "blue sea" -red from:ann after:2017 /x+/ a NEAR/3 van subject:note'
    assert asked(parse(query).root) == (
        Term("van"),
        Phrase(("blue", "sea")),
        Regex("x+"),
        Term("a"),
        Field(name="subject", value="note"),
    )


@pytest.mark.parametrize(
    ("text", "word"), [("Van", "van"), ('"van"', "van"), ("va*", ""), ('"a b"', ""), ("/van/", "")]
)
def test_a_whole_word_is_told_from_all_else(text: str, word: str) -> None:
    assert whole_word(parse(text).root) == word


def test_equal_scores_keep_their_order() -> None:
    assert ranked(np.array([1.0, 3.0, 1.0, 3.0])).tolist() == [1, 3, 0, 2]


def test_words_are_counted_the_same_when_some_records_are_left_out(many: slices.Slice) -> None:
    ref = many.gate.blocks[0]
    with many.gate.opening([ref], purpose="search") as opening:
        block = opening.block(ref)
        hashes, owners = words_in(block)
        places = np.arange(1, len(block.rows), 2)
        fewer, of = words_in(block.kept(places))
        every = sorted(zip(hashes.tolist(), owners.tolist(), strict=True))
        kept = sorted(zip(fewer.tolist(), places[of].tolist(), strict=True))
        assert kept == [pair for pair in every if pair[1] % 2 == 1]
        for query in ("tank", "off*", '"the and"'):
            ranker = Ranker(parse(query).root, hits=len(places))
            ranker.add(block.kept(places), rows=np.arange(len(places)), hits=np.arange(len(places)))
            hits = {m.ref.row for m in many.look(query) if m.ref.block == ref.block
                    and m.ref.pack_id == ref.pack_id}  # fmt: skip
            scores = ranker.scores(records=len(places))
            assert {int(block.rows[places[n]]) for n in np.flatnonzero(scores > 0)} == {
                row for row in hits if row in set(block.rows[places].tolist())
            }
