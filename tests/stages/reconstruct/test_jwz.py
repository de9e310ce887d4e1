"""Threads by headers: missing parents hold a thread together, cycles break, ids count once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.stages.reconstruct import jwz
from pastwatch.stages.reconstruct.talk import Talk

Mail = tuple[str, str, str]  # own id, id answered, first id of the thread


def talk(mails: Sequence[Mail], *, medium: str = "mail", sources: Sequence[int] = ()) -> Talk:
    count = len(mails)
    places = np.array(sources or [0] * count, np.int64)
    names = [(f"s{s}", root) for s, (_, _, root) in zip(places, mails, strict=True)]
    talks = tuple(dict.fromkeys(n for n in names if n[1]))
    at_us = np.arange(count, dtype=np.int64) * 1_000_000
    return Talk(
        record_ids=np.frombuffer(b"".join(n.to_bytes(16, "big") for n in range(count)), "V16"),
        source=places,
        sources=tuple(f"s{n}" for n in range(int(places.max(initial=0)) + 1)),
        medium=np.zeros(count, np.int64),
        media=(medium,),
        earliest_us=at_us,
        latest_us=at_us,
        dated=np.ones(count, np.bool_),
        kind=np.zeros(count, np.uint8),
        defects=np.zeros(count, np.uint32),
        conversation=np.array([talks.index(n) if n[1] else -1 for n in names], np.int64),
        conversations=talks,
        sender=np.zeros(count, np.int64),
        to_start=np.zeros(count + 1, np.int64),
        to_account=np.zeros(0, np.int64),
        to_role=np.zeros(0, np.uint8),
        account_keys=((medium, "a@a.example"),),
        native_id=pa.array([m[0] for m in mails], pa.large_string()),
        reply_to=pa.array([m[1] for m in mails], pa.large_string()),
        subject=pa.array([""] * count, pa.large_string()),
        shown_names=(np.zeros(0, np.int64), np.zeros(0, np.int64), (), np.zeros(0, np.int64)),
    )


def test_answers_hang_on_what_they_name_also_before_it_in_time() -> None:
    headed = jwz.by_headers(
        talk([("b@x", "a@x", "a@x"), ("a@x", "", "a@x"), ("c@x", "b@x", "a@x")])
    )
    assert headed.parent.tolist() == [1, -1, 0]
    assert headed.thread().tolist() == [0, 0, 0]
    assert headed.late_parents == 1


def test_a_missing_parent_holds_its_answers_together() -> None:
    headed = jwz.by_headers(talk([("b@x", "a@x", ""), ("c@x", "a@x", ""), ("d@x", "", "")]))
    assert headed.parent.tolist() == [-1, -1, -1]
    assert headed.thread().tolist() == [0, 0, 2]
    assert headed.missing == 1


def test_a_missing_parent_hangs_on_the_first_of_its_thread() -> None:
    mails = [("a@x", "", "a@x"), ("c@x", "b@x", "a@x"), ("d@x", "b@x", "b@x")]
    headed = jwz.by_headers(talk(mails))
    assert headed.thread().tolist() == [0, 0, 0]
    assert headed.missing == 1


def test_a_circle_is_broken_at_its_first_record_and_counted() -> None:
    mails = [("a@x", "c@x", ""), ("b@x", "a@x", ""), ("c@x", "b@x", ""), ("d@x", "c@x", "")]
    headed = jwz.by_headers(talk(mails))
    assert headed.cycles == 1
    assert headed.parent.tolist() == [-1, 0, 1, 2]


def test_a_record_that_answers_itself_answers_nothing() -> None:
    headed = jwz.by_headers(talk([("a@x", "a@x", "a@x"), ("b@x", "a@x", "a@x")]))
    assert headed.parent.tolist() == [-1, 0]
    assert headed.self_replies == 1


def test_of_one_id_twice_the_copy_in_the_same_source_is_answered() -> None:
    mails = [("a@x", "", ""), ("a@x", "", ""), ("b@x", "a@x", "")]
    headed = jwz.by_headers(talk(mails, sources=(0, 1, 1)))
    assert headed.parent.tolist() == [-1, -1, 1]
    assert headed.duplicates == 1
    assert headed.thread().tolist() == [0, 0, 0]


def test_a_mail_is_found_in_another_source_by_its_whole_id_alone() -> None:
    far = jwz.by_headers(talk([("a@x", "", ""), ("b@x", "a@x", "")], sources=(0, 1)))
    assert far.parent.tolist() == [-1, 0]
    short = jwz.by_headers(talk([("1", "", ""), ("2", "1", "")], sources=(0, 1)))
    assert short.parent.tolist() == [-1, -1]


def test_an_id_of_a_chat_means_something_in_its_own_room_only() -> None:
    rooms = [("1", "", "red"), ("1", "", "blue"), ("2", "1", "blue")]
    headed = jwz.by_headers(talk(rooms, medium="chat"))
    assert headed.parent.tolist() == [-1, -1, 1]
    assert headed.thread().tolist() == [0, 1, 1]


def test_nothing_gives_nothing() -> None:
    headed = jwz.by_headers(talk([]))
    assert len(headed.parent) == 0
    assert len(headed.thread()) == 0


@given(st.lists(st.integers(-1, 30), max_size=31))
def test_every_circle_loses_one_link_and_every_row_then_leads_to_an_end(above: list[int]) -> None:
    parent = np.array([p if p < len(above) else -1 for p in above], np.int64)
    whole, cycles = jwz.broken(parent)
    assert (parent != whole).sum() == cycles
    for row in range(len(whole)):
        steps, at = 0, row
        while at >= 0:
            at, steps = int(whole[at]), steps + 1
            assert steps <= len(whole)


@given(st.lists(st.integers(-1, 30), max_size=31))
def test_rows_are_joined_exactly_when_links_lead_from_one_to_the_other(above: list[int]) -> None:
    parent = np.array([p if p < len(above) else -1 for p in above], np.int64)
    label = list(range(len(parent)))

    def top(one: int) -> int:
        while label[one] != one:
            one = label[one]
        return one

    for row, other in enumerate(parent.tolist()):
        if other >= 0:
            a, b = sorted((top(row), top(other)))
            label[b] = a
    assert jwz.joined(parent).tolist() == [top(row) for row in range(len(parent))]
