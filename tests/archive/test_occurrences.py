"""Occurrences are hashes in order of time; what was said before, or by nobody, does not count."""

import numpy as np
import pyarrow as pa

from pastwatch.archive.layout import TEXT
from pastwatch.archive.occurrences import (
    MOST_RECIPIENTS,
    NOBODY,
    Gatherer,
    Occurrences,
    account_key,
    handle,
    terms_of,
    words_of,
)
from pastwatch.archive.tokens import token_hash

KEY = bytes(range(16))


def text(*rows: dict[str, object]) -> pa.RecordBatch:
    plain = {"subject": "", "text": "", "sender_address": "a@x.example", "sender_name": ""}
    return pa.RecordBatch.from_pylist(
        [{**plain, "recipients": [], **row} for row in rows], schema=TEXT
    )


def to(*addresses: str) -> list[dict[str, object]]:
    return [{"address": address, "name": "", "role": 1} for address in addresses]


def gathered(batch: pa.RecordBatch, *times: int) -> Occurrences:
    gatherer = Gatherer(KEY)
    gatherer.add("mail", np.array(times, np.int64), batch)
    return gatherer.done()


def words(batch: pa.RecordBatch) -> set[int]:
    return set(terms_of(batch, KEY)[1].tolist())


def test_a_quoted_line_and_an_answered_subject_say_nothing_anew() -> None:
    batch = text({"subject": "Re: anchor", "text": "fresh words\n> old barley\n  > older"})
    assert words(batch) == {token_hash(word, KEY) for word in ("fresh", "words")}


def test_a_word_counts_once_a_record_and_in_its_folded_form() -> None:
    batch = text({"subject": "Ёлка", "text": "ёлка ЁЛКА harbour Harbour"})
    assert words(batch) == {token_hash(word, KEY) for word in ("елка", "harbour")}


def test_the_words_wanted_are_found_again_in_their_record() -> None:
    batch = text({"text": "nothing here"}, {"text": "the Harbour, ёлка"})
    wanted = {token_hash("harbour", KEY), token_hash("елка", KEY)}
    assert set(words_of(batch, 1, wanted, KEY).values()) == {"harbour", "елка"}
    assert words_of(batch, 0, wanted, KEY) == {}


def test_occurrences_stand_in_order_of_time_whatever_the_order_of_blocks() -> None:
    held = gathered(text({"text": "late"}, {"text": "early"}), 20, 10)
    assert held.time_us.tolist() == [10, 20]
    assert held.term[held.term_record == 0].tolist() == [token_hash("early", KEY)]


def test_between_keeps_the_records_of_a_stretch_with_their_words() -> None:
    rows: list[dict[str, object]] = [{"text": f"w{n}"} for n in range(4)]
    held = gathered(text(*rows), 0, 10, 20, 30)
    kept = held.between(10, 30)
    assert kept.time_us.tolist() == [10, 20]
    assert kept.term_record.tolist() == [0, 1]
    assert kept.term.tolist() == [token_hash(w, KEY) for w in ("w1", "w2")]


def test_a_pair_is_one_whoever_writes_and_in_whatever_medium() -> None:
    held = gathered(
        text(
            {"sender_address": "ana@x.example", "recipients": to("omar@y.example")},
            {"sender_address": "omar", "recipients": to("ana")},
        ),
        1,
        2,
    )
    assert len(set(held.pair.tolist())) == 1
    assert held.pair_record.tolist() == [0, 1]


def test_a_record_to_oneself_or_to_many_is_no_talk_of_two() -> None:
    many = to(*(f"p{n}" for n in range(MOST_RECIPIENTS + 1)))
    held = gathered(text({"recipients": to("a")}, {"recipients": many}), 1, 2)
    assert not len(held.pair)


def test_a_record_without_a_sender_has_no_speaker_and_no_pair() -> None:
    held = gathered(text({"sender_address": None, "recipients": to("b")}), 1)
    assert held.speaker.tolist() == [NOBODY]
    assert not len(held.pair)


def test_keys_differ_from_count_to_count() -> None:
    assert account_key("a@x.example", KEY) != account_key("a@x.example", bytes(16))
    assert account_key("", KEY) == NOBODY


def test_a_handle_is_what_stands_before_the_at() -> None:
    assert handle("Ana.Maro@x.example") == "ana.maro"
    assert handle("UNIT 2") == "unit 2"


def test_nothing_added_is_nothing() -> None:
    assert len(Gatherer(KEY).done()) == 0
