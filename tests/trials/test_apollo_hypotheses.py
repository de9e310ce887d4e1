"""Apollo 13's loops: instrumentation, failure or crew action, as told minute by minute from the records."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pastwatch.config import Settings
from pastwatch.desk import hypotheses as act
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.hypotheses_table import Moment, changes, resting, table, what_if
from pastwatch.desk.negative.making import add_negative, negative_named, unfound_by
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.desk.wording_briefs import remarks_on_folder
from pastwatch.model.when import SECOND_US, Basis, iso, parse_iso
from pastwatch.stages.assess.diagnostic import worth_of
from pastwatch.stages.brief.verifier import verify

FOLDER = Path(__file__).with_name("apollo13")
LAUNCH = "1970-04-11T19:13:00Z"
LOOPS = ("flight-director", "air-ground")
FIELDS = {
    "time": "start",
    "time_end": "end",
    "sender": "source",
    "text": "message",
    "id": "id",
    "epoch": LAUNCH,
}
MINUTES = sorted(path.stem for path in FOLDER.glob("05*.toml"))
NEVER_HELD = ("the loops before 055:46", "the back rooms")


def us_of(elapsed: str) -> int:
    hours, minutes, seconds = map(int, elapsed.split(":"))
    return parse_iso(LAUNCH)[0] + (hours * 3600 + minutes * 60 + seconds) * SECOND_US


def said_at(work: OpenCase, loop: str, elapsed: str, who: str) -> bytes:
    """The record in which a speaker begins to speak on a loop at a moment."""
    index = work.gate.index()
    places = (index.earliest_us == us_of(elapsed)).nonzero()[0]
    ids = [index.record_ids[int(at)].tobytes() for at in places]
    (found,) = (
        record.record_id
        for record in work.records(ids)
        if record.sender is not None
        # A line that goes on has no time of its own, and is told apart from where it began.
        and record.envelope.claimed is not None
        and record.envelope.claimed.basis is Basis.EXPORT
        and record.sender.shown.upper() == who
        and work.source_name(record.envelope.source_id) == loop
    )
    return found


@pytest.fixture(scope="module")
def case(
    data_set: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenCase]:
    script = data_set("apollo13-loops") / "apollo" / "apollo13rt" / "script"
    folder = tmp_path_factory.mktemp("apollo")
    archive = scratch_archive(folder, person="trial", settings=Settings(isolate=False))
    for loop in LOOPS:
        archive.collect(
            script / f"{loop}-loop.json", source=loop, basis="published", options=FIELDS
        )
    archive.add_event(
        "explosion", "Explosion", at=iso(us_of("055:54:53")), references=("the set's description",)
    )
    work, _, _ = open_self_authorised(
        archive, "explosion", folder / "grant.toml", ground="public record", span_hours=1
    )
    furnish(work)
    yield work
    work.close()
    archive.close()


def furnish(work: OpenCase) -> None:
    """The hypotheses, the items with the records they stand on, then the ratings file by file."""
    plain: dict[str, Any] = tomllib.loads((FOLDER / "case.toml").read_text(encoding="utf-8"))
    for own in plain["hypothesis"].values():
        act.add_hypothesis(
            work,
            own["title"] if own["sort"] != "none" else "",
            statement=own["statement"],
            argued_by=own.get("argued_by", ""),
            none=own["sort"] == "none",
        )
    for name, own in plain["item"].items():
        if "covered_count" in own:
            continue
        loop, _, elapsed = own["rests_on"][0].split()
        record_id = said_at(work, loop, elapsed, own["who"])
        made = act.add_item(
            work,
            own["title"],
            cites=[record_id.hex()],
            root=own["root"],
            relevance=own.get("relevance", "medium"),
        )
        assert made == name
    hits = list(work.look('switched OR "threw a switch" OR "opened the valve"'))
    finding, _ = work.finding(
        f"No record of the two loops was found that tells of a switch thrown at the moment of the "
        f"alarm; {len(hits)} hits were read.",
        kind="negative",
    )
    negative = add_negative(
        work,
        "Was a switch thrown at the moment of the alarm?",
        would_count="somebody on a loop says that they threw one then, or is told that they did",
        finding=finding,
        queries=["q1"],
        not_held=NEVER_HELD,
    )
    made = act.add_unfound(work, plain["item"]["i19"]["title"], finding=negative)
    assert made == "i19"
    for minute in MINUTES:
        act.rate_file(work, FOLDER / f"{minute}.toml")


def told(moments: tuple[Moment, ...]) -> list[tuple[str, list[str], list[str]]]:
    """The order of each moment as ranks of titles' names, and what changed it."""
    found = []
    for one in moments:
        ranks = [" = ".join(rank) for rank in one.order]
        seconds = (one.as_of_us - us_of("000:00:00")) // SECOND_US
        clock = f"{seconds // 3600:03}:{seconds // 60 % 60:02}"
        found.append((clock, ranks, list(one.by or one.together)))
    return found


def test_the_order_at_each_minute_and_which_item_changed_it(case: OpenCase) -> None:
    assert told(changes(case)) == [
        ("055:56", ["y1 = y3", "y2"], []),
        ("055:57", ["y3", "y1 = y2"], ["i5"]),
        ("056:00", ["y3", "y2", "y1"], ["i6", "i11"]),
        ("056:03", ["y2", "y3", "y1"], ["i12"]),
        ("056:09", ["y2", "y3", "y1"], []),
        ("056:22", ["y2", "y3", "y1"], []),
        ("056:27", ["y2", "y3", "y1"], []),
        ("056:43", ["y2", "y3", "y1"], []),
    ]


def test_no_moment_holds_a_number_to_draw_a_curve_of(case: OpenCase) -> None:
    assert set(Moment.__slots__) == {"as_of_us", "order", "changed", "by", "together"}
    for one in changes(case):
        assert all(isinstance(name, str) for rank in one.order for name in rank)


def test_what_was_never_held_is_named_and_speaks_against_nobody(case: OpenCase) -> None:
    (row,) = (one for one in table(case).items if one.name == "i19")
    assert (row.diagnostic, row.found_p) == (False, None)
    assert all(name in row.worth for name in NEVER_HELD)
    rated = {sign for signs in row.cells.values() for _, sign in signs}
    assert "II" in rated  # the rater held it against crew action, and the rule does not


def test_the_finding_of_nothing_names_what_was_never_held_beside_what_it_counts(
    case: OpenCase,
) -> None:
    kept = negative_named(case, "n1")
    assert set(NEVER_HELD) <= set(kept.never_held)
    # That the loops begin at 055:46 is told by the sources themselves.
    assert sum("1970-04-14T02:59" in one for one in kept.never_held) == len(LOOPS)
    assert kept.sampled is None
    worth = worth_of(unfound_by(kept))
    assert (worth.diagnostic, worth.found_p) == (False, None)
    assert all(name in worth.why for name in NEVER_HELD)


def test_by_the_end_no_single_item_and_no_one_console_carries_the_top(case: OpenCase) -> None:
    rests = resting(case)
    assert rests.order[0] == ("y2",)
    assert rests.flips == ()
    _, trials = what_if(case)
    assert all(one.same_top for one in trials)


def test_nobody_rated_what_they_had_not_yet_read(case: OpenCase) -> None:
    times = {one.name: one.value.at_us for one in act.items_of(case)}
    given = tomllib.loads((FOLDER / "055-56.toml").read_text(encoding="utf-8"))
    as_of_us = as_of(given)
    assert all((times[name] or 0) <= as_of_us for name in given if name.startswith("i"))
    assert sum((at or 0) > as_of_us for at in times.values()) > len(times) // 2


def as_of(given: dict[str, Any]) -> int:
    return int(given["as_of"].timestamp()) * SECOND_US


def test_the_brief_of_it_states_the_order_in_words_that_pass(
    case: OpenCase, tmp_path: Path
) -> None:
    case.brief(tmp_path / "brief")
    plain = json.loads((tmp_path / "brief" / "brief.json").read_text(encoding="utf-8"))
    texts = [one["text"] for one in plain["sentences"]]
    assert any(NEVER_HELD[1] in text for text in texts)
    assert remarks_on_folder(tmp_path / "brief") == ()
    assert verify(tmp_path / "brief").problems == ()
