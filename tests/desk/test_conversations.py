"""Records that name no conversation stand each alone; the others by the one they name."""

from __future__ import annotations

from typing import Any

from tests.desk import offices
from tests.desk.searchcases import opened

from pastwatch.desk.conversations import conversations_of


def row(number: int, room: str | None) -> dict[str, Any]:
    return {
        "id": f"m{number}",
        "from": f"p{number}@a.example",
        "text": f"text {number}",
        "date": f"2017-07-01T{number:02d}:00:00Z",
        **({"room": room} if room else {}),
    }


def test_a_record_without_a_conversation_is_one_of_its_own(desk: offices.Desk) -> None:
    rooms = [None, "one", "one", None, "two", None, "two", "one"]
    with desk.open() as archive:
        rows = [row(number, room) for number, room in enumerate(rooms)]
        path = offices.write_lines(desk.folder / "input.jsonl", rows)
        archive.collect(path, source="chat", basis="own", options={"conversation": "room"})
        case = opened(desk, archive)
        talks = conversations_of(case).tolist()
        assert len(set(talks)) == 3 + 2
        by_room = {
            room: {t for t, r in zip(talks, rooms, strict=True) if r == room} for room in rooms
        }
        assert {len(by_room["one"]), len(by_room["two"])} == {1}
        opened_before = case.papers.setting("unthreaded")
        assert conversations_of(case).tolist() == talks
        assert case.papers.setting("unthreaded") == opened_before
        case.close()


def test_where_all_are_threaded_the_numbers_stand(desk: offices.Desk) -> None:
    with desk.open() as archive:
        rows = [row(number, "one" if number % 2 else "two") for number in range(6)]
        path = offices.write_lines(desk.folder / "input.jsonl", rows)
        archive.collect(path, source="chat", basis="own", options={"conversation": "room"})
        case = opened(desk, archive)
        assert conversations_of(case).tolist() == case.gate.index().conversation.tolist()
        case.close()
