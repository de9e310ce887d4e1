"""Apollo 13's loops: nobody is heard to speak of a strike, over so many spells of talk, and no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pastwatch.config import Settings
from pastwatch.desk.negative.making import add_negative, checked, negative_named
from pastwatch.desk.negative.rehearsing import Wording, rehearse
from pastwatch.desk.negative.sampling import call_turn, draw_sample, next_turn, state_of
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.model.when import SECOND_US, iso, parse_iso
from pastwatch.stages.assess.negative_bound import at_most

LAUNCH = "1970-04-11T19:13:00Z"
LOOPS = ("flight-director-loop", "air-ground-loop")
ROW = {
    "time": "start",
    "time_end": "end",
    "sender": "source",
    "text": "message",
    "id": "id",
    "epoch": LAUNCH,
}
TOLD = ("could a meteoroid have struck us", "looks like debris tore the panel off")


def test_what_is_not_held_of_the_loops_is_named_beside_the_bound_on_what_is(
    data_set: Callable[[str], Path], tmp_path: Path
) -> None:
    script = data_set("apollo13-loops") / "apollo" / "apollo13rt" / "script"
    at_us = parse_iso(LAUNCH)[0] + (55 * 3600 + 54 * 60 + 53) * SECOND_US
    with scratch_archive(tmp_path, settings=Settings(isolate=False)) as archive:
        for loop in LOOPS:
            archive.collect(script / f"{loop}.json", source=loop, basis="published", options=ROW)
        archive.add_event("explosion", "Explosion", at=iso(at_us), references=("the set's own",))
        work, _, _ = open_self_authorised(
            archive, "explosion", tmp_path / "g.toml", ground="public record", span_hours=1
        )
        list(work.look("meteor* OR debris"))
        p1 = draw_sample(
            work, "Did anybody speak of a strike?", would_count="a strike, even as a guess", size=60
        )
        wordings = [Wording(text=text, language="en", medium="other") for text in TOLD]
        j1 = rehearse(work, wordings, sample=p1, shown=2, vary=False)
        while put := next_turn(work, p1):
            said = " ".join(record.text for record in put.records)
            call_turn(work, p1, found=any(text in said for text in TOLD))
        assert state_of(work, p1).recognised == 2
        n1 = add_negative(
            work,
            sample=p1,
            rehearsal=j1,
            parties=["eecom", "back room"],
            not_held=["the loops before 055:46"],
            accounts=["eecom"],
        )
        assert checked(work, n1) == []
        found = negative_named(work, n1)
        work.close()
    part = found.sampled
    assert part is not None
    assert part.population > 800
    assert part.at_most == at_most(0, population=part.population, read=60)
    assert [step.records for step in found.looked][:2] == [5386, part.population]
    assert found.unheld == ("back room",)
    assert "the loops before 055:46" in found.never_held
    assert found.rehearsed[0].found == 2
    assert any(what.startswith("und") for what in found.not_rehearsed)
    assert found.signals[0].before_of < found.signals[0].after_of
