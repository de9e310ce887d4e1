"""The talk of a slice says of each record what the record itself says, in columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from pastwatch.archive.identity import normal_address
from pastwatch.config import Settings
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import collect_town, open_self_authorised, scratch_archive
from pastwatch.desk.slicereading import blocks_of
from pastwatch.desk.talking import talk_of_case
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.model.record import Record
from pastwatch.model.when import iso
from pastwatch.stages.reconstruct.talk import NOBODY, talk_of
from pastwatch.town import build


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> OpenCase:
    """A week of a small town: mail, a group, rooms and radio."""
    folder: Path = tmp_path_factory.mktemp("talk")
    plan = build(folder / "town", seed=5, records=1000)
    archive = scratch_archive(folder, settings=Settings(isolate=False))
    collect_town(archive, plan)
    archive.add_event("e", plan.title, at=iso(plan.event_us))
    work, _, _ = open_self_authorised(
        archive, "e", folder / "grant.toml", ground="own", span_hours=2000, necessity="all of it"
    )
    return work


@pytest.fixture(scope="module")
def records(case: OpenCase) -> dict[bytes, Record]:
    """Every record of the slice as an object."""
    found = {}
    for block in blocks_of(case, purpose="test"):
        for place in range(len(block.rows)):
            record = block.record(place)
            found[record.record_id] = record
    return found


def test_each_row_says_what_its_record_says(case: OpenCase, records: dict[bytes, Record]) -> None:
    talk = talk_of_case(case, purpose="test")
    assert len(talk) == len(records) > 500
    seen = set()
    for row in range(len(talk)):
        record = records[talk.record_ids[row].tobytes()]
        seen.add(record.record_id)
        sender = record.sender
        spoken = (sender.address or sender.name) if sender else ""
        if talk.sender[row] == NOBODY:
            assert not spoken
        else:
            own = talk.account_keys[talk.sender[row]]
            assert own == (record.envelope.medium, normal_address(spoken))
        whom = [(normal_address(p.address or p.name), int(p.role)) for p in record.recipients]
        assert [(talk.account_keys[a][1], role) for a, role in talk.recipients(row)] == whom
        named = talk.conversation[row]
        assert (talk.conversations[named][1] if named != NOBODY else "") == record.conversation
        assert talk.native_id[row].as_py() == record.native_id
        assert talk.reply_to[row].as_py() == record.reply_to
        assert talk.subject[row].as_py() == record.subject
        assert talk.kind[row] == int(record.envelope.kind)
        assert talk.sources[talk.source[row]] == record.envelope.source_id
        claimed = record.envelope.claimed
        assert bool(talk.dated[row]) == (claimed is not None)
        if claimed is not None:
            assert (talk.earliest_us[row], talk.latest_us[row]) == (
                claimed.earliest_us,
                claimed.latest_us,
            )
    assert seen == set(records)


def test_rows_stand_in_order_of_time(case: OpenCase) -> None:
    talk = talk_of_case(case, purpose="test")
    times = talk.earliest_us[talk.dated]
    assert (times[1:] >= times[:-1]).all()
    assert list(talk.dated) == sorted(talk.dated, reverse=True)


def test_names_shown_are_counted_by_account(case: OpenCase, records: dict[bytes, Record]) -> None:
    talk = talk_of_case(case, purpose="test")
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for record in records.values():
        for party in (*((record.sender,) if record.sender else ()), *record.recipients):
            key = record.envelope.medium, normal_address(party.address or party.name)
            if party.name and key[1]:
                own = counted.setdefault(key, {})
                own[party.name] = own.get(party.name, 0) + 1
    told = {talk.account_keys[one]: dict(shown) for one, shown in talk.names.items()}
    assert told == counted


def test_a_record_judged_protected_is_in_no_talk(case: OpenCase) -> None:
    talk = talk_of_case(case, purpose="test")
    shut = talk.record_ids[3].tobytes()
    judgement = Judgement(record_id=shut, code=Code.PROTECTED, reviewer="you", at_us=1)
    number = case.papers.judge(judgement, mode=Mode.CHOSEN)
    after = talk_of_case(case, purpose="test")
    assert len(after) == len(talk) - 1
    assert after.row_of(shut) is None
    case.papers.undo(number, by="you", at_us=2)


def test_nothing_gives_an_empty_talk() -> None:
    talk = talk_of([])
    assert len(talk) == 0
    assert talk.accounts == ()
    assert talk.names == {}
    assert talk.row_of(bytes(16)) is None
