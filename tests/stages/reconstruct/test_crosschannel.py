"""Talk of the same two across media is told as argued, with what it goes by, and never over a pause."""

from __future__ import annotations

import pytest
from tests.stages.reconstruct.reachtalks import Said, block

from pastwatch.model.when import HOUR_US
from pastwatch.stages.reconstruct.crosschannel import Crossing, crossings, known_by
from pastwatch.stages.reconstruct.talk import Talk, talk_of
from pastwatch.stages.reconstruct.threads import read_blocks, threads_of

MAIL = [Said(at="09:00", by="ann.lee@a.example", to=["bob.ray@b.example"], text="shall we meet?")]


def found(
    chat: list[Said], *, actors: dict[tuple[str, str], str] | None = None, gap_us: int = HOUR_US
) -> tuple[Talk, list[Crossing]]:
    blocks = [block(MAIL, medium="mail"), block(chat, source="s2")]
    made = threads_of(read_blocks(blocks))
    return made.talk, crossings(made.talk, made.parent, actors=actors, gap_us=gap_us)


def test_the_same_two_by_handle_go_on_in_a_chat() -> None:
    talk, (one,) = found([Said(at="09:30", by="bob.ray", to=["ann.lee"], text="at noon")])
    assert (one.one, one.other, one.by) == ("ann.lee", "bob.ray", "handle")
    assert one.media == ("mail", "chat")
    assert len(one.rows) == 2
    assert {talk.account_keys[a][0] for a in one.accounts} == {"mail", "chat"}


def test_a_longer_pause_ends_the_conversation() -> None:
    assert found([Said(at="10:30", by="bob.ray", to=["ann.lee"])])[1] == []
    assert len(found([Said(at="10:30", by="bob.ray", to=["ann.lee"])], gap_us=2 * HOUR_US)[1]) == 1


def test_others_of_the_chat_are_no_part_of_it() -> None:
    assert found([Said(at="09:30", by="zoe", to=["ann.lee"])])[1] == []


def test_merged_accounts_go_by_their_actor() -> None:
    actors = {
        ("mail", "ann.lee@a.example"): "a1",
        ("chat", "lioness"): "a1",
        ("mail", "bob.ray@b.example"): "a2",
        ("chat", "otter"): "a2",
    }
    _, (one,) = found([Said(at="09:30", by="otter", to=["lioness"])], actors=actors)
    assert (one.one, one.other, one.by) == ("a1", "a2", "actor")


def test_what_answers_a_record_counts_between_the_two_without_recipients() -> None:
    room = [
        Said(at="09:20", by="ann.lee", room="r", native_id="1", text="here I am"),
        Said(at="09:30", by="bob.ray", room="r", native_id="2", reply_to="1", text="so am I"),
    ]
    _, (one,) = found(room)
    assert one.media == ("mail", "chat")


def test_a_record_to_many_is_no_talk_of_two() -> None:
    many = ["ann.lee", *(f"p{n}x" for n in range(5))]
    assert found([Said(at="09:30", by="bob.ray", to=many)])[1] == []


def test_nothing_gives_nothing() -> None:
    talk = talk_of([])
    assert crossings(talk, talk.sender) == []


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("+49 (0)171 5550 123", "715550123"),
        ("01715550123", "715550123"),
        ("ann.lee@a.example", "ann.lee"),
        ("al", ""),
        ("", ""),
    ],
)
def test_an_account_is_known_by_its_handle_or_the_end_of_its_number(
    address: str, known: str
) -> None:
    assert known_by(address) == known
