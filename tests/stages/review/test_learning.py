"""Words, features and the learner: what is seen of a record, and what is made of judgements."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.matching.words import split_words
from pastwatch.stages.review.features import Features, Texts, features_of, token_names
from pastwatch.stages.review.learner import Learner
from pastwatch.stages.review.words import Reader

PLAIN = ["the crew met at noon", "lunch was late again", "who took the van keys"]
ASKED = ["the tanker carried grain to port", "grain prices rose at the port", "a tanker of grain"]


def _records(count: int) -> tuple[list[str], list[int]]:
    luck = np.random.default_rng(5)
    texts, told = [], []
    for place in range(count):
        relevant = place % 10 == 3
        words = (ASKED if relevant else PLAIN)[place % 3].split()
        extra = [f"w{number}" for number in luck.integers(0, 40, size=6)]
        texts.append(" ".join([*words, *extra]))
        told.append(int(relevant))
    return texts, told


def _features(texts: list[str]) -> Features:
    ids = [b"%016d" % place for place in range(len(texts))]
    return features_of([(ids, [[t[:8] for t in texts], texts])])


@given(st.lists(st.text(alphabet="ab zЖй1ö-!化", max_size=12), max_size=6))
def test_the_words_of_texts_are_those_of_each_text_alone(texts: list[str]) -> None:
    reader = Reader()
    whole = reader.words(texts)
    for row, text in enumerate(texts):
        alone = reader.words([text])
        assert whole.names[whole.rows == row].tolist() == alone.names.tolist()


@pytest.mark.parametrize("text", ["Plain words here", "naïve Ёлка", "كتاب كبير", "化学 test"])
def test_a_text_has_as_many_words_as_a_query_finds_in_it(text: str) -> None:
    assert len(Reader().words([text]).names) == len(split_words(text))


def test_spellings_that_fold_to_one_word_have_one_name() -> None:
    first, second = Reader().words(["Café"]).names, Reader().words(["CAFE"]).names
    assert first.tolist() == second.tolist()


def test_words_that_begin_alike_share_their_beginning() -> None:
    read = Reader().words(["shipping shipped ship"])
    assert read.stems[0] == read.stems[1] != read.stems[2]
    assert len(set(read.names.tolist())) == 3


def test_pairs_never_span_two_records() -> None:
    rows, names = Reader().words(["one two", "three", "four five six"]).pairs()
    assert rows.tolist() == [0, 2, 2]
    assert len(set(names.tolist())) == 3


def test_a_list_and_an_arrow_array_read_alike() -> None:
    texts = ["one", None, "two words", ""]
    reader = Reader()
    cut = pa.array(["before", *texts], type=pa.large_string())[1:]
    assert reader.words(texts).names.tolist() == reader.words(cut).names.tolist()


def test_the_words_of_each_row_have_length_one_or_are_none() -> None:
    features = _features([*_records(40)[0], ""])
    words = features.matrix[:, : features.word_columns]
    norms = np.sqrt(np.asarray(words.multiply(words).sum(axis=1)).ravel())
    assert np.allclose(norms[:40], 1, atol=1e-5)
    assert norms[40] == 0
    assert features.row_of[b"%016d" % 7] == 7


def test_records_given_in_pieces_are_weighed_as_one() -> None:
    texts, _ = _records(60)
    whole = _features(texts)
    ids = [b"%016d" % place for place in range(60)]
    columns = [[t[:8] for t in texts], texts]
    parts = [(ids[a : a + 25], [c[a : a + 25] for c in columns]) for a in range(0, 60, 25)]
    pieced = features_of(parts)
    assert pieced.ids == whole.ids
    assert abs(pieced.matrix - whole.matrix).max() < 1e-6


def test_a_shared_value_tells_records_apart_that_have_no_text() -> None:
    names = token_names([b"A" * 8, b"B" * 8], salt=1)
    who = (np.arange(4), names[[0, 1, 0, 1]])
    ids = [b"%016d" % place for place in range(4)]
    learner = Learner(features_of([Texts(ids, [["", "", "", ""]], [who])]), 0)
    learner.fit({0: 1, 1: 0})
    assert learner.scores()[2] > learner.scores()[3]


def test_the_learner_puts_what_is_like_the_relevant_ones_first() -> None:
    texts, told = _records(400)
    learner = Learner(_features(texts), 3)
    learner.fit({row: told[row] for row in range(40)})
    best = np.argsort(-learner.scores(), kind="stable")[:40]
    assert sum(told[row] for row in best) == 40


def test_the_same_seed_and_judgements_give_the_same_scores() -> None:
    texts, told = _records(120)
    labels = {row: told[row] for row in range(20)}
    first, second = Learner(_features(texts), 9), Learner(_features(texts), 9)
    second.fit({3: 1})
    first.fit(labels)
    second.fit(labels)
    assert np.array_equal(first.scores(), second.scores())


def test_nothing_is_learnt_without_a_relevant_record() -> None:
    texts, _ = _records(30)
    learner = Learner(_features(texts), 0)
    learner.fit({0: 0, 1: 0})
    assert not learner.scores().any()
    learner.fit(dict.fromkeys(range(30), 1))  # all judged, and no other side to learn from
    assert not learner.scores().any()


def test_an_empty_slice_is_no_failure() -> None:
    learner = Learner(features_of([]), 0)
    learner.fit({})
    assert len(learner.scores()) == 0


def test_vectors_alone_lift_a_record_whose_words_are_the_others() -> None:
    texts, told = _records(400)
    texts[50] = "who took the van keys"
    vectors = np.tile(np.array([0, 1], dtype=np.float32), (400, 1))
    vectors[[*np.flatnonzero(told).tolist(), 50]] = [1, 0]
    plain, told_more = Learner(_features(texts), 0), _features(texts).with_vectors(vectors)
    meaning = Learner(told_more, 0)
    for learner in (plain, meaning):
        learner.fit({row: told[row] for row in range(40)})
    place = [int((one.scores() > one.scores()[50]).sum()) for one in (plain, meaning)]
    assert place[1] < place[0]
    with pytest.raises(BadValue, match="one vector"):
        _features(texts).with_vectors(vectors[:3])
