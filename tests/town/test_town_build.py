"""A built town: exact counts, the same bytes for the same seed, and the truth kept elsewhere."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pastwatch.errors import BadValue
from pastwatch.town import TownPlan, build

SMALL = 1_500
Files = Callable[[Path], dict[str, bytes]]
Read = Callable[[TownPlan], dict[str, list[Any]]]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, files_of: Files) -> None:
    one = build(tmp_path / "one", seed=5, records=SMALL, truth=tmp_path / "t1")
    two = build(tmp_path / "two", seed=5, records=SMALL, truth=tmp_path / "t2")
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert files_of(tmp_path / "t1") == files_of(tmp_path / "t2")
    assert (one.event_us, one.place, one.questions) == (two.event_us, two.place, two.questions)


def test_another_seed_gives_other_people_and_another_day(tmp_path: Path, files_of: Files) -> None:
    one = build(tmp_path / "one", seed=5, records=SMALL)
    two = build(tmp_path / "two", seed=6, records=SMALL)
    assert files_of(tmp_path / "one") != files_of(tmp_path / "two")
    assert one.protected != two.protected
    assert one.event_us != two.event_us


def test_the_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path, files_of: Files) -> None:
    code = "import sys; from pathlib import Path; from pastwatch.town import build; "
    code += f"build(Path(sys.argv[1]), seed=3, records={SMALL})"
    root = str(Path(sys.modules["pastwatch"].__file__ or "").parents[1])
    for hash_seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / hash_seed)],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": root},
        )
    assert files_of(tmp_path / "1") == files_of(tmp_path / "2")


@pytest.mark.parametrize("records", [1_000, 1_037, 4_999])
@pytest.mark.parametrize("null", [False, True])
def test_a_town_holds_exactly_the_records_asked_for(
    tmp_path: Path, read_town: Read, records: int, null: bool
) -> None:
    plan = build(tmp_path, seed=2, records=records, null=null)
    read = read_town(plan)
    assert plan.records == records
    assert {s.name: s.records for s in plan.sources} == {n: len(x) for n, x in read.items()}
    events = [one for one in read["neighbours-chat"] if not one.sender]
    (group,) = (s for s in plan.sources if s.name == "neighbours-chat")
    assert len(events) == group.membership_events > 0


def test_every_record_lies_in_the_span_and_each_source_is_in_order(
    tmp_path: Path, read_town: Read
) -> None:
    plan = build(tmp_path, seed=4, records=3_000)
    for name, seen in read_town(plan).items():
        times = [one.at_us for one in seen]
        assert times == sorted(times), name
        assert plan.start_us <= times[0]
        assert times[-1] < plan.end_us
    assert plan.start_us < plan.event_us < plan.end_us


def test_nights_are_quiet_and_weekends_are_quiet_at_the_office(
    tmp_path: Path, read_town: Read
) -> None:
    plan = build(tmp_path, seed=4, records=3_000)
    hours = [
        (one.at_us - plan.start_us) // 3_600_000_000 for one in read_town(plan)["utility-mail"]
    ]
    assert sum(h % 24 < 6 for h in hours) < len(hours) / 20
    assert sum(h // 24 % 7 >= 5 for h in hours) < len(hours) / 10


def test_the_same_people_write_in_several_sources(tmp_path: Path, read_town: Read) -> None:
    read = read_town(build(tmp_path, seed=4, records=3_000))
    mail = {one.sender for one in read["utility-mail"]}
    room = {one.sender for one in read["room-chat"]}
    group = {one.sender.lower().replace(" ", ".") for one in read["neighbours-chat"] if one.sender}
    assert len(mail & room) > len(room) / 2
    assert len(group & (mail | room)) > len(group) / 2


def test_both_alphabets_are_spoken_in_mail_and_in_both_chats(
    tmp_path: Path, read_town: Read
) -> None:
    read = read_town(build(tmp_path, seed=4, records=2_000))
    for name in ("utility-mail", "neighbours-chat", "room-chat"):
        cyrillic = sum(any("а" <= c <= "я" for c in one.text) for one in read[name])
        assert 0.05 < cyrillic / len(read[name]) < 0.8, name


def test_a_reply_names_a_mail_that_was_sent_before(tmp_path: Path) -> None:
    build(tmp_path, seed=4, records=2_000)
    sent: set[bytes] = set()
    answered = 0
    for line in (tmp_path / "utilities.mbox").read_bytes().split(b"\n"):
        name, _, value = line.partition(b": ")
        if name == b"Message-ID":
            assert value not in sent
            sent.add(value)
        elif name == b"In-Reply-To":
            assert value in sent
            answered += 1
    assert answered > len(sent) / 4


def test_the_truth_is_written_only_where_it_was_asked_for(tmp_path: Path, files_of: Files) -> None:
    town, truth = tmp_path / "town", tmp_path / "truth"
    build(town, seed=9, records=SMALL, truth=truth)
    assert [*files_of(truth)] == ["truth.json"]
    told = json.loads((truth / "truth.json").read_text(encoding="utf-8"))
    assert told["cause"] == "planned"
    inside = files_of(town)
    assert "truth.json" not in inside
    assert not [name for name, text in inside.items() if b"planted" in text or b"drum of" in text]
    build(tmp_path / "again", seed=9, records=SMALL)
    assert files_of(tmp_path / "again") == inside


@pytest.mark.parametrize("below", ["", "deep/inside"])
def test_the_truth_is_refused_inside_the_town(tmp_path: Path, below: str) -> None:
    with pytest.raises(BadValue):
        build(tmp_path / "town", seed=1, records=SMALL, truth=tmp_path / "town" / below)
    assert not (tmp_path / "town").exists()


@pytest.mark.parametrize("records", [0, 999, 1_000_001])
def test_a_town_too_small_or_too_large_is_refused(tmp_path: Path, records: int) -> None:
    with pytest.raises(BadValue):
        build(tmp_path / "town", seed=1, records=records)
