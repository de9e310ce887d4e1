"""Who could have seen a record is told with its way, its certainty and its basis; unknown is a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.stages.reconstruct.reachtalks import Said, at_us, block, record_id, row

from pastwatch.errors import BadValue
from pastwatch.model.party import Role
from pastwatch.model.reach import Certainty, Reach, Reached, Way
from pastwatch.model.record import Kind
from pastwatch.stages.reconstruct.reach import events_for, reach_of, summary
from pastwatch.stages.reconstruct.reach_quoting import Quoting, pieces_of
from pastwatch.stages.reconstruct.talk import talk_of

WORDS = "the crane at the north quay is to be stopped at six and nobody is to be told of it\n"


def reached(said: Sequence[Said], number: int = 0, *, medium: str = "mail") -> Reach:
    """The reach of the nth record, its words looked for in all."""
    one = block(said, medium=medium)
    made = talk_of([one])
    quoting = Quoting(pieces_of(said[number].text))
    quoting.add(one)
    at = row(made, number)
    texts = {
        n: said[_number(made.record_ids[n].tobytes(), len(said))].text for n in events_for(made, at)
    }
    return reach_of(made, at, event_texts=texts, quoted_in=quoting.shares(made, at))


def _number(wanted: bytes, count: int) -> int:
    return next(n for n in range(count) if record_id(n) == wanted)


def ways(found: Reach, account: str) -> dict[Way, Certainty]:
    return {r.way: r.certainty for r in found.rows if r.account == account}


def unknown(found: Reach) -> list[str]:
    return [r.basis for r in found.rows if r.certainty is Certainty.UNKNOWN]


def test_who_wrote_and_whom_a_mail_names_are_certain_and_blind_copies_unknown() -> None:
    said = [Said(by="ana@a", to=["ben@a", ("cleo@a", Role.CC), ("dan@a", Role.BCC)], text=WORDS)]
    found = reached(said)
    assert ways(found, "mail:ana@a") == {Way.WROTE: Certainty.CERTAIN}
    assert ways(found, "mail:ben@a") == {Way.TO: Certainty.CERTAIN}
    assert ways(found, "mail:cleo@a") == {Way.CC: Certainty.CERTAIN}
    assert ways(found, "mail:dan@a") == {Way.BCC: Certainty.CERTAIN}
    assert any("blind copies" in why for why in unknown(found))
    assert any("outside of what is held" in why for why in unknown(found))
    assert summary(found.rows) == {
        Certainty.CERTAIN: 4,
        Certainty.POSSIBLE: 0,
        Certainty.UNKNOWN: 2,
    }


def test_an_address_of_a_list_is_told_apart_from_those_it_stands_for() -> None:
    said = [Said(by="ana@a", to=["harbour-list@a"], text=WORDS)]
    found = reached(said)
    assert ways(found, "mail:harbour-list@a") == {Way.LIST: Certainty.POSSIBLE}
    crowd = [Said(by=f"p{n}@a", to=["berth@a"]) for n in range(12)]
    assert ways(reached(crowd), "mail:berth@a") == {Way.LIST: Certainty.POSSIBLE}
    assert ways(reached(crowd[:3]), "mail:berth@a") == {Way.TO: Certainty.CERTAIN}


def test_a_later_record_with_its_words_reaches_its_readers_from_then_on() -> None:
    quoted = "FYI\n> the crane at the north quay is to be\n> stopped at six and nobody is to be told\n> of it\n"
    said = [
        Said(at="10:00", by="ana@a", to=["ben@a"], text=WORDS),
        Said(at="12:00", by="ben@a", to=["eve@b"], text=quoted),
        Said(at="13:00", by="eve@b", to=["kim@b"], text="the crane at the south gate is fine"),
    ]
    found = reached(said)
    assert ways(found, "mail:eve@b") == {Way.RECEIVED_ON: Certainty.CERTAIN}
    assert ways(found, "mail:ben@a") == {
        Way.TO: Certainty.CERTAIN,
        Way.PASSED_ON: Certainty.CERTAIN,
    }
    assert ways(found, "mail:kim@b") == {}
    (eve,) = [r for r in found.rows if r.account == "mail:eve@b"]
    assert eve.since_us == at_us("12:00")
    assert eve.record_id == record_id(1)


def test_what_came_before_it_did_not_pass_it_on() -> None:
    said = [
        Said(at="10:00", by="ana@a", to=["ben@a"], text=WORDS),
        Said(at="09:00", by="eve@b", to=["kim@b"], text=WORDS),
    ]
    assert "mail:eve@b" not in reached(said).accounts


def test_words_that_stood_in_earlier_records_too_are_nobodys_own() -> None:
    notice = "this mail is meant for nobody but those whom it names and is to be burnt\n"
    said = [
        Said(at="08:00", by="kim@b", to=["lou@b"], text="lunch\n" + notice),
        Said(at="10:00", by="ana@a", to=["ben@a"], text=WORDS + notice),
        Said(at="11:00", by="kim@b", to=["lou@b"], text="dinner\n" + notice),
        Said(at="12:00", by="ben@a", to=["eve@b"], text="> " + WORDS),
    ]
    found = reached(said, 1)
    assert "mail:lou@b" not in found.accounts
    assert ways(found, "mail:eve@b") == {Way.RECEIVED_ON: Certainty.CERTAIN}


def test_an_answer_and_a_receipt_show_that_it_was_had() -> None:
    said = [
        Said(at="10:00", by="ana@a", to=["ben@a", "cleo@a"], text=WORDS, native_id="<1>"),
        Said(at="10:30", by="ben@a", to=["ana@a"], reply_to="<1>"),
        Said(at="10:40", by="cleo@a", to=["ana@a"], reply_to="<1>", subject="Read: crane"),
    ]
    found = reached(said)
    assert ways(found, "mail:ben@a")[Way.ANSWERED] is Certainty.CERTAIN
    assert ways(found, "mail:cleo@a")[Way.RECEIPT] is Certainty.CERTAIN
    (answered,) = [r for r in found.rows if r.way is Way.ANSWERED]
    assert answered.since_us == at_us("10:30")


def test_a_forward_whose_words_are_gone_is_possible_and_says_so() -> None:
    said = [
        Said(at="10:00", by="ana@a", to=["ben@a"], text=WORDS, native_id="<1>"),
        Said(
            at="11:00", by="ben@a", to=["eve@b"], reply_to="<1>", subject="Fwd: crane", text="look"
        ),
    ]
    found = reached(said)
    assert ways(found, "mail:eve@b") == {Way.RECEIVED_ON: Certainty.POSSIBLE}
    assert any("not found there" in r.basis for r in found.rows)


def test_a_copy_elsewhere_tells_of_recipients_that_this_one_hides() -> None:
    one = block([Said(by="ana@a", to=["ben@a"], native_id="<1>")], medium="mail", source="s1")
    other = block(
        [Said(by="ana@a", to=["ben@a", ("spy@x", Role.BCC)], native_id="<1>")],
        medium="mail",
        source="s2",
    )
    made = talk_of([one, other])
    found = reach_of(made, row(made, 0, "s1"))
    assert ways(found, "mail:spy@x") == {Way.BCC: Certainty.CERTAIN}
    assert any(r.way is Way.COPY and "s2" in r.basis for r in found.rows)


def test_members_of_a_room_are_those_of_that_moment() -> None:
    said = [
        Said(at="08:00", by="ana", room="r", kind=Kind.CREATED),
        Said(at="08:10", by="ana", to=["ben"], room="r", kind=Kind.ADDED),
        Said(at="09:00", by="ana", room="r", text=WORDS),
        Said(at="10:00", by="ana", to=["cleo"], room="r", kind=Kind.ADDED),
        Said(at="11:00", by="ben", room="r", kind=Kind.LEFT),
    ]
    found = reached(said, 2, medium="chat")
    assert ways(found, "chat:ben") == {Way.MEMBER: Certainty.CERTAIN}
    assert ways(found, "chat:cleo") == {Way.JOINED_LATER: Certainty.POSSIBLE}
    assert found.conversation == "r"
    (cleo,) = [r for r in found.rows if r.account == "chat:cleo"]
    assert cleo.since_us == at_us("10:00")
    assert "whether older records were shown" in cleo.basis
    later = reached([*said, Said(at="12:00", by="ana", room="r")], 5, medium="chat")
    assert "chat:ben" not in later.accounts


def test_a_record_without_a_time_has_no_instant_and_no_certain_member() -> None:
    said = [Said(at="", by="ana", room="r", text=WORDS), Said(at="09:00", by="ben", room="r")]
    found = reached(said, medium="chat")
    assert found.earliest_us is None
    assert ways(found, "chat:ben") == {Way.MEMBER: Certainty.POSSIBLE}
    assert any("no usable time" in note for note in found.notes)


def test_a_record_to_nobody_in_no_conversation_says_that_nothing_tells() -> None:
    found = reached([Said(by="ana", text=WORDS)], medium="radio")
    assert found.accounts == ("radio:ana",)
    assert "the record names nobody it went to" in unknown(found)
    empty = reached([Said(by="", text=WORDS)], medium="radio")
    assert empty.accounts == ()


def test_a_hundred_thousand_recipients_each_have_a_row() -> None:
    said = [Said(by="ana@a", to=[f"p{n}@a" for n in range(100_000)])]
    found = reached(said)
    assert len(found.accounts) == 100_001


def test_short_words_are_looked_for_nowhere() -> None:
    assert pieces_of("ok\nsee you there\n> " + WORDS) == []
    assert pieces_of("From: ana at the harbour office of the port") == []
    assert len(pieces_of(WORDS * 1)) >= 2


def test_many_lines_give_few_pieces_from_all_over() -> None:
    lines = [f"line number {n} says something of its own about berth {n}" for n in range(200)]
    pieces = pieces_of("\n".join(lines))
    assert len(pieces) <= 12
    assert "199" in pieces[-1] or "18" in pieces[-1]


def test_nobody_is_reached_for_certain_without_a_name() -> None:
    row_ = Reached(account="", name="", way=Way.OTHERS, certainty=Certainty.UNKNOWN, basis="x")
    with pytest.raises(BadValue, match="named account"):
        replace(row_, certainty=Certainty.CERTAIN)
    with pytest.raises(BadValue, match="basis"):
        replace(row_, basis="")


def test_an_earlier_copy_of_a_record_takes_none_of_its_words_away() -> None:
    words = "the blue crane at pier four will stop at noon and nobody may go near it until three"
    said = [
        Said(at="09:00", by="ana", native_id="1@a", text=words),
        Said(at="10:00", by="ana", native_id="1@a", text=words),
        Said(at="11:00", by="ben", to=["kim"], text=f"she said: {words}"),
    ]
    for native_id, share in (("1@a", 1.0), ("2@a", 0.0)):
        said[0] = replace(said[0], native_id=native_id)
        opened = block(said)
        made, quoting = talk_of([opened]), Quoting(pieces_of(words))
        quoting.add(opened)
        assert quoting.shares(made, row(made, 1)).get(record_id(2), 0.0) == share
