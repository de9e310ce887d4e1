"""Who was in a conversation at a moment is told from what was held, and otherwise said to be unknown."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.stages.reconstruct.reachtalks import Said, at_us, row, talk

from pastwatch.model.party import Role
from pastwatch.model.reach import Certainty
from pastwatch.model.record import Kind
from pastwatch.stages.reconstruct.membership import Members, Was, members_at

ROOM = "harbour"


def at(
    said: Sequence[Said], time: str, until: str = "", texts: dict[int, str] | None = None
) -> Members:
    made = talk(said)
    conversation = [name for _, name in made.conversations].index(ROOM)
    return members_at(
        made,
        conversation,
        at_us(time),
        at_us(until or time),
        event_texts={row(made, n): text for n, text in (texts or {}).items()},
    )


def was(
    said: Sequence[Said], time: str, until: str = "", texts: dict[int, str] | None = None
) -> dict[str, tuple[Was, Certainty]]:
    made = talk(said)
    found = at(said, time, until, texts)
    return {made.account_keys[m.account][1]: (m.was, m.certainty) for m in found.members}


def event(time: str, kind: Kind, by: str = "", *to: str, text: str = "") -> Said:
    return Said(at=time, by=by, to=to, room=ROOM, kind=kind, text=text)


def said(time: str, by: str) -> Said:
    return Said(at=time, by=by, room=ROOM)


IN = (Was.IN, Certainty.CERTAIN)
OUT = (Was.OUT, Certainty.CERTAIN)
LATER = (Was.LATER, Certainty.POSSIBLE)
MAYBE = (Was.MAYBE, Certainty.POSSIBLE)

HISTORY = [
    event("08:00", Kind.CREATED, "ana"),
    event("08:10", Kind.ADDED, "ana", "ben", "cleo"),
    event("08:20", Kind.JOINED, "dan"),
    said("08:30", "ben"),
    event("09:00", Kind.LEFT, "dan"),
    event("09:30", Kind.REMOVED, "ana", "cleo"),
    event("10:00", Kind.JOINED, "eve"),
    event("11:00", Kind.JOINED, "dan"),
]


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("08:05", {"ana": IN, "ben": LATER, "cleo": LATER, "dan": LATER, "eve": LATER}),
        ("08:40", {"ana": IN, "ben": IN, "cleo": IN, "dan": IN, "eve": LATER}),
        ("09:10", {"ana": IN, "ben": IN, "cleo": IN, "dan": OUT, "eve": LATER}),
        ("09:40", {"ana": IN, "ben": IN, "cleo": OUT, "dan": OUT, "eve": LATER}),
        ("11:30", {"ana": IN, "ben": IN, "cleo": OUT, "dan": IN, "eve": IN}),
    ],
)
def test_coming_and_going_are_followed(
    time: str, expected: dict[str, tuple[Was, Certainty]]
) -> None:
    assert was(HISTORY, time) == expected
    assert at(HISTORY, time).others == ""


def test_without_any_event_nobody_is_certain_and_others_may_be_there() -> None:
    talked = [said("08:00", "ana"), said("09:00", "ben"), said("10:00", "ana")]
    assert was(talked, "08:30") == {"ana": MAYBE, "ben": MAYBE}
    assert "never wrote" in at(talked, "08:30").others


def test_who_leaves_later_was_there_and_a_history_that_begins_late_says_so() -> None:
    talked = [
        said("08:00", "ana"),
        event("09:00", Kind.LEFT, "ana"),
        event("09:00", Kind.LEFT, "ben"),
    ]
    assert was(talked, "08:30") == {"ana": IN, "ben": IN}
    assert "begins later" in at(talked, "08:30").others


def test_a_time_known_within_hours_gives_no_certainty_about_who_came_within_them() -> None:
    assert was(HISTORY, "08:15", until="09:10")["dan"] == MAYBE
    assert was(HISTORY, "08:40", until="08:50")["dan"] == IN


def test_a_list_of_members_that_an_export_gives_is_of_the_exports_date() -> None:
    talked = [Said(at="08:00", by="ana", to=[("ben", Role.MEMBER)], room=ROOM)]
    found = at(talked, "08:00").members
    assert was(talked, "08:00")["ben"] == MAYBE
    assert any("export's own date" in one.basis for one in found)


def test_whom_an_event_names_in_its_words_alone_is_read_and_called_possible() -> None:
    talked = [
        said("08:00", "ana"),
        said("08:01", "ben"),
        said("08:02", "benjamin"),
        event("08:10", Kind.REMOVED, ""),
        event("08:20", Kind.ADDED, "ana"),
    ]
    texts = {3: "Ana removed Ben", 4: "Ana added Benjamin"}
    found = was(talked, "08:15", texts=texts)
    assert found["ben"] == MAYBE
    assert "ana" in found
    made = at(talked, "08:15", texts=texts)
    assert (
        sum("if the words of the event are read rightly" in one.basis for one in made.members) == 2
    )
    assert was(talked, "08:25", texts=texts)["benjamin"] == MAYBE


def test_one_who_was_added_in_words_and_never_wrote_may_be_there() -> None:
    talked = [event("08:00", Kind.CREATED, "ana"), event("08:10", Kind.ADDED, "ana")]
    found = at(talked, "09:00", texts={1: "Ana added Cleo"})
    assert "has no account here" in found.others


def test_records_without_a_time_tell_nothing_of_a_moment() -> None:
    assert was([Said(at="", by="ana", room=ROOM), said("08:00", "ben")], "09:00") == {"ben": MAYBE}


def test_an_empty_conversation_has_no_members() -> None:
    made = talk([Said(at="08:00", room=ROOM)])
    assert members_at(made, 0, 0, 0).members == ()


def test_a_hundred_thousand_members_are_no_hundred_thousand_steps_of_a_record() -> None:
    listed = [(f"m{n}", Role.MEMBER) for n in range(100_000)]
    talked = [Said(at="08:00", by="ana", to=listed, room=ROOM), *[said("08:30", "ana")] * 300]
    assert len(at(talked, "08:10").members) == 100_001
