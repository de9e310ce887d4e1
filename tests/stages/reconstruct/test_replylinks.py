"""Replies in chat: who is spoken to, what is ranked first, and what pauses rule out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from tests.stages.reconstruct.reachtalks import Said, block, record_id

from pastwatch.model.record import Kind
from pastwatch.stages.reconstruct.replylinks_features import NAMES, WINDOW, Stream, blocks
from pastwatch.stages.reconstruct.replylinks_words import Said as Read
from pastwatch.stages.reconstruct.replylinks_words import read
from pastwatch.stages.reconstruct.threads import How, Threads, read_blocks, threads_of

ANN, BOB, CAT = 0, 1, 2


def said(*texts: str, names: tuple[str, ...] = ("ann", "bob_r", "unit 4")) -> Read:
    return read(
        pa.array(texts, pa.large_string()),
        np.zeros(len(texts), np.int64),
        names=pa.array(names, pa.large_string()),
        bearer=np.arange(len(names)),
        home=np.zeros(len(names), np.int64),
    )


def chat(*lines: Said, medium: str = "irc") -> Threads:
    return threads_of(read_blocks([block(lines, medium=medium)]))


def link(made: Threads, child: int) -> tuple[int | None, How]:
    rows = {made.talk.row_of(record_id(n)): n for n in range(len(made.talk))}
    row = made.talk.row_of(record_id(child))
    assert row is not None
    above = int(made.parent[row])
    return (rows[above] if above >= 0 else None), How(int(made.how[row]))


def test_who_is_named_first_is_spoken_to_with_or_without_a_colon() -> None:
    found = said(
        "ann: which one?", "bob_r try again", "unit 4, come in", "thanks ann", "zoe: hello"
    )
    assert found.spoken_to.tolist() == [ANN, BOB, CAT, -1, -1]
    assert found.firmly.tolist() == [True, False, True, False, False]
    assert found.to_unknown.tolist() == [False, False, False, False, True]
    assert (found.named_row.tolist(), found.named.tolist()) == ([0, 1, 2, 3], [ANN, BOB, CAT, ANN])


def test_a_name_that_two_bear_names_nobody() -> None:
    found = said("unit: come in", "unit 5, come in", names=("unit 4", "unit 5"))
    assert found.spoken_to.tolist() == [-1, 1]


def test_a_name_that_is_an_ordinary_word_is_an_address_only_before_a_colon() -> None:
    texts = ["so the more the merrier", *["well the more the better"] * 6, "the: are you there?"]
    assert said(*texts, names=("the",)).spoken_to.tolist() == [*[-1] * 7, 0]


def test_questions_greetings_and_answers_are_told_in_several_languages() -> None:
    found = said("hello everybody", "что это?", "да конечно", "هل هذا صحيح؟", "")
    assert found.greets.tolist() == [True, False, False, False, False]
    assert found.asks.tolist() == [False, True, False, True, False]
    assert found.answers.tolist() == [False, False, True, False, False]


def test_every_place_of_a_window_has_its_figures_and_none_reaches_into_another_stream() -> None:
    count = 5
    stream = Stream(
        np.array([0, 0, 0, 1, 1]),
        np.array([0, 1, 0, 2, 3]),
        np.arange(count) * 1_000_000,
        said(*["some words here"] * count),
    )
    ((own, figures, valid),) = blocks(stream, np.arange(count))
    assert own.tolist() == list(range(count))
    assert figures.shape == (count, WINDOW + 1, len(NAMES))
    assert valid.sum(axis=1).tolist() == [1, 2, 3, 1, 2]
    assert np.isfinite(figures).all()
    assert (figures[:, 0, 0] == 1).all()


def test_an_answer_by_name_passes_over_what_others_say_between() -> None:
    made = chat(
        Said(
            at="10:00",
            by="ann",
            room="#pier",
            text="hi, does anyone know why the ferry ramp is shut?",
        ),
        Said(
            at="10:01", by="zoe", room="#pier", text="hello all, how do I bake bread without yeast?"
        ),
        Said(
            at="10:01",
            by="bob",
            room="#pier",
            text="ann: the ferry ramp was damaged, look at the notice",
        ),
        Said(at="10:02", by="kim", room="#pier", text="zoe: use baking powder for the bread"),
        Said(at="10:02", by="ann", room="#pier", text="bob: thanks"),
    )
    assert [link(made, n) for n in (2, 3, 4)] == [(0, How.RANKED), (1, How.RANKED), (2, How.RANKED)]
    assert link(made, 0) == (None, How.NONE)
    assert len(made) == 2


def test_what_names_its_parent_is_believed_and_not_ranked() -> None:
    made = chat(
        Said(at="10:00", by="ann", room="#pier", text="first", native_id="1"),
        Said(at="10:01", by="bob", room="#pier", text="second", native_id="2"),
        Said(at="10:02", by="kim", room="#pier", text="bob: third", native_id="3", reply_to="1"),
    )
    assert link(made, 2) == (0, How.EXPLICIT)


def test_nothing_is_ranked_over_an_hour_unless_it_names_the_other() -> None:
    quiet = chat(
        Said(at="10:00", by="ann", room="#pier", text="is the ramp open?"),
        Said(at="12:00", by="bob", room="#pier", text="yes it is"),
        Said(at="15:00", by="bob", room="#pier", text="and still is"),
    )
    assert [link(quiet, n)[0] for n in range(3)] == [None, None, None]
    named = chat(
        Said(at="10:00", by="ann", room="#pier", text="is the ramp open?"),
        Said(at="12:00", by="bob", room="#pier", text="ann: yes it is"),
    )
    assert link(named, 1) == (0, How.RANKED)


def test_who_joins_or_leaves_neither_answers_nor_is_answered() -> None:
    made = chat(
        Said(at="10:00", by="ann", room="#pier", text="bob: are you there?"),
        Said(at="10:00", by="zoe", room="#pier", text="zoe has joined", kind=Kind.JOINED),
        Said(at="10:01", by="bob", room="#pier", text="ann: yes"),
    )
    assert link(made, 1) == (None, How.NONE)
    assert link(made, 2) == (0, How.RANKED)


def test_a_radio_without_conversations_is_one_stream_a_source() -> None:
    made = chat(
        Said(at="10:00", by="CONTROL", text="unit 4, report"),
        Said(at="10:01", by="UNIT 4", text="control, all quiet"),
        medium="radio",
    )
    assert link(made, 1) == (0, How.RANKED)


def test_a_record_without_a_time_is_not_ranked() -> None:
    made = chat(
        Said(at="10:00", by="ann", room="#pier", text="bob: are you there?"),
        Said(at="", by="bob", room="#pier", text="ann: yes"),
    )
    assert link(made, 1) == (None, How.NONE)
