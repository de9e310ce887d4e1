"""A watch suggested from a case: what was tried is said, it explains, and a lead needs another event."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.desk import offices

from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.desk.slicereading import blocks_of
from pastwatch.desk.suggesting import suggest
from pastwatch.errors import UsageError
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.stages.watch.limits import directed
from pastwatch.stages.watch.standing import read_watch

PEOPLE = ("maria", "james", "robert", "linda")


def rows() -> list[dict[str, Any]]:
    """Thirty days of talk; of a valve in the two days before the tenth and before the twenty-fifth."""
    made = []
    for n in range(720):
        day, hour = divmod(n, 24)
        valve = day in (7, 8, 23) and hour % 3 == 0
        made.append(
            {
                "id": f"m{n}",
                "from": f"{PEOPLE[n % 4]}@works.example",
                "to": "desk@firm.example",
                "text": (
                    "open the valve tonight, says quentin" if valve else "lunch was fish again"
                )
                + f"\nregards {PEOPLE[n % 4]}",
                "date": f"2017-06-{day + 1:02d}T{hour:02d}:00:00Z",
            }
        )
    return made


def opened(desk: offices.Desk, archive: Archive, *, other: bool) -> OpenCase:
    lines = offices.write_lines(desk.folder / "input.jsonl", rows())
    archive.collect(lines, source="mail", basis="own")
    archive.add_event("fire", "Fire", at="2017-06-10T00:00+00:00", references=("a",))
    if other:
        archive.add_event("flood", "Flood", at="2017-06-25T00:00+00:00", references=("b",))
    draft = archive.draft_authority("fire", desk.folder / "grant.toml")
    text = draft.read_text().replace('ground = ""', 'ground = "order 17"')
    text = re.sub(r"(?m)^from = .*", 'from = "2017-06-01T00:00Z"', text)
    text = re.sub(r"(?m)^until = .*", 'until = "2017-06-30T00:00Z"', text)
    draft.write_text(re.sub(r'(?m)^necessity = ""', 'necessity = "all of it"', text))
    archive.sign_authority(draft)
    work = archive.open_case("fire", draft)[0]
    made = []
    for block in blocks_of(work, purpose="test"):
        texts = block.text.column("text").to_pylist()
        for place, (record_id, own) in enumerate(zip(block.ids(), texts, strict=True)):
            when = block.when(place)
            assert when is not None
            if when.earliest_us >= work.event.when.start_us:
                continue
            code = Code.RELEVANT if "valve" in own else Code.NOT_RELEVANT
            made.append(
                Judgement(record_id=record_id, code=code, reviewer="ana", at_us=offices.NOW_US)
            )
    work.papers.judge_all(made, mode=Mode.RANKED)
    return work


def test_words_are_suggested_with_the_number_tried_and_none_of_them_names_anybody(
    desk: offices.Desk, tmp_path: Path
) -> None:
    with desk.open() as archive:
        work = opened(desk, archive, other=False)
        found = suggest(work, out=tmp_path / "w.toml", name="valves", most=3)
        work.close()
    words = {one.word for one in found.words}
    assert "valve" in words or {"open", "tonight", "says"} & words
    assert found.tried >= len(found.words)
    assert not {*PEOPLE, "works", "firm", "desk"} & words
    assert found.leads == ()
    assert found.elsewhere is not None
    assert found.elsewhere.alerts > 0
    said = "\n".join(found.said())
    assert "They explain the event they were taken from" in said
    assert "Lead: none is given" in said
    text = (tmp_path / "w.toml").read_text()
    for line in found.said():
        assert f"# {line}" in text
    filled = text.replace('purpose = ""', 'purpose = "x"').replace(
        'authority = ""', 'authority = "s"'
    )
    watch = read_watch(filled.encode())
    assert watch.made_from == ("fire",)
    assert not [one for one in directed(watch) if "person" in one.reason]


def test_a_lead_is_given_of_an_event_that_nothing_was_taken_from(
    desk: offices.Desk, tmp_path: Path
) -> None:
    with desk.open() as archive:
        work = opened(desk, archive, other=True)
        found = suggest(work, out=tmp_path / "w.toml", name="valves")
        work.close()
    ((event_id, warned),) = found.leads
    assert event_id == "flood"
    assert warned.lead_s is not None
    assert 0 < warned.luck_p <= 1
    assert "Retrospective" in found.said()[-1] or "Retrospective" in "".join(found.said())


def test_a_file_that_stands_and_a_name_no_watch_may_have_are_refused(
    desk: offices.Desk, tmp_path: Path
) -> None:
    with desk.open() as archive:
        work = opened(desk, archive, other=False)
        with pytest.raises(UsageError, match="no name of a watch"):
            suggest(work, out=tmp_path / "w.toml", name="Valve Room")
        (tmp_path / "w.toml").write_text("")
        with pytest.raises(UsageError, match="exists"):
            suggest(work, out=tmp_path / "w.toml", name="valves")
        work.close()
