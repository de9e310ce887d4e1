"""A case's network is read through the gate and orders nobody by suspicion."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from tests.desk import offices, searchcases

from pastwatch.desk.holding import OpenCase
from pastwatch.desk.networking import CaseNetwork
from pastwatch.desk.networking_roles import label, labels, roles_of, strike
from pastwatch.errors import BadValue, NoSuchRecord, UsageError
from pastwatch.model import network as model
from pastwatch.model.network import ArguedRole

TEXTS = [
    "Could you close the sluice?",
    "Roger.",
    "Close the sluice now, the pump is out.",
    "the sluice is closed",
    "small talk",
] * 8
RANKING = re.compile(r"suspic|risk|threat|score|danger|guilt|rank|likely_culprit|anomal")


@pytest.fixture
def case(desk: offices.Desk) -> OpenCase:
    return searchcases.case_of(desk, desk.open(), TEXTS)


def test_reading_a_network_is_one_opening_in_the_ledger(case: OpenCase) -> None:
    size = case.office.ledger.size
    CaseNetwork(case)
    acts = [entry.act for entry in case.office.ledger.entries(size)]
    assert acts.count("open") == 1


def test_the_network_counts_what_the_records_say(case: OpenCase) -> None:
    made = CaseNetwork(case).show()
    assert sum(t.records for t in made.ties) == len(TEXTS) == made.records
    assert {t.from_account for t in made.ties} == {f"other:p{n}@a.example" for n in range(4)}
    assert sum(n.sent for n in made.nodes) == len(TEXTS)


def test_a_record_judged_protected_is_not_counted(desk: offices.Desk) -> None:
    work = searchcases.case_of(desk, desk.open(), [*TEXTS, "privileged advice"])
    before = CaseNetwork(work).show().records
    searchcases.protect(work, "privileged")
    assert CaseNetwork(work).show().records == before - 1


def test_a_medium_or_a_stretch_that_is_not_held_is_a_clear_error(case: OpenCase) -> None:
    with pytest.raises(UsageError, match="nothing of the medium"):
        CaseNetwork(case, media=["radio"])
    with pytest.raises(UsageError, match="nothing of that stretch"):
        CaseNetwork(case, since_us=0, until_us=10)


def test_a_brush_of_time_gives_part_of_the_records(case: OpenCase) -> None:
    event_us = case.event.when.start_us
    early = CaseNetwork(case, until_us=event_us).show()
    late = CaseNetwork(case, since_us=event_us).show()
    assert early.records + late.records == len(TEXTS)
    assert all(t.after == 0 for t in early.ties)
    with pytest.raises(UsageError, match="one side of the event"):
        CaseNetwork(case, until_us=event_us).changes()


def test_no_table_of_the_network_holds_a_measure_of_suspicion() -> None:
    kinds = [one for one in vars(model).values() if dataclasses.is_dataclass(one)]
    assert len(kinds) >= 15
    for kind in kinds:
        for field in dataclasses.fields(kind):
            assert not RANKING.search(field.name), (kind, field.name)
    # What an account carries is counts and times, no figure that puts people in an order of their own.
    for kind in (model.Node, model.Newcomer, model.Suggestion, model.RoleLabel, model.SpeechAct):
        types = {f.name: str(f.type) for f in dataclasses.fields(kind)}
        assert not [name for name, of in types.items() if "float" in of], kind


def test_roles_are_suggested_for_those_in_found_records_only(case: OpenCase) -> None:
    assert roles_of(case).suggestions == ()
    made = roles_of(case, query="sluice", limit=500)
    assert made.read == made.of == 24
    assert {s.role for s in made.suggestions} >= {
        ArguedRole.ASKS,
        ArguedRole.ORDERS,
        ArguedRole.REPORTS,
    }
    assert all(s.citations for s in made.suggestions)
    assert [a.earliest_us for a in made.acts] == sorted(a.earliest_us or 0 for a in made.acts)
    # Now that they were found, they may be read without asking again.
    assert roles_of(case, limit=500).of == 24


def test_roles_can_be_read_from_the_answers_behind_a_hit(case: OpenCase) -> None:
    alone = roles_of(case, query='"Could you close"')
    assert ArguedRole.ACKNOWLEDGES not in {a.role for a in alone.acts}
    followed = roles_of(case, query='"Could you close"', after=1)
    assert ArguedRole.ACKNOWLEDGES in {a.role for a in followed.acts}


def test_a_limit_says_how_many_records_it_left_unread(case: OpenCase) -> None:
    made = roles_of(case, query="sluice", limit=5)
    assert (made.read, made.of) == (5, 24)


def test_a_protected_record_suggests_nothing(desk: offices.Desk) -> None:
    work = searchcases.case_of(desk, desk.open(), [*TEXTS, "Close the privileged folder."])
    searchcases.protect(work, "privileged")
    assert roles_of(work, query="privileged").acts == ()


def test_a_label_is_entered_struck_and_stays_on_file(case: OpenCase) -> None:
    (hit, *_) = case.look("sluice")
    size = case.office.ledger.size
    name = label(case, "other:p0@a.example", "asks", cites=[hit.hit_id], reason="her own words")
    assert name == "l1"
    (kept,) = labels(case)
    assert (kept.label.role, kept.by, kept.struck) == ("asks", "ana", None)
    assert kept.label.citations == (hit.citation,)
    strike(case, name, reason="she quotes another")
    assert labels(case) == []
    (gone,) = labels(case, struck=True)
    assert gone.struck == "she quotes another"
    acts = [e.act for e in case.office.ledger.entries(size)]
    assert acts.count("assess") == 2
    with pytest.raises(UsageError, match="struck already"):
        strike(case, name, reason="again")


def test_a_label_cites_records_of_the_case_or_is_refused(case: OpenCase) -> None:
    with pytest.raises(UsageError, match="cites"):
        label(case, "mail:a", "orders", cites=[], reason="because")
    with pytest.raises(NoSuchRecord):
        label(case, "mail:a", "orders", cites=["0" * 32], reason="because")
    (hit, *_) = case.look("sluice")
    with pytest.raises(BadValue, match="a reason"):
        label(case, "mail:a", "orders", cites=[hit.hit_id], reason=" ")


def test_the_ledger_holds_no_account_of_a_label(case: OpenCase) -> None:
    (hit, *_) = case.look("sluice")
    size = case.office.ledger.size
    label(case, "other:p0@a.example", "asks", cites=[hit.hit_id], reason="her own words")
    assert "p0@a" not in json.dumps([str(e) for e in case.office.ledger.entries(size)])


def test_a_picture_is_drawn_as_svg_or_png(case: OpenCase, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert", reason="pictures as PNG need the extra pictures")
    read = CaseNetwork(case)
    shown = read.show(limit=3)
    for name, head in (("a.svg", b"<svg"), ("a.png", b"\x89PNG")):
        read.draw(shown, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(head)
    assert f"{shown.ties_of - 3} of {shown.ties_of} ties hidden" in read.picture(shown)


def test_one_handle_on_two_media_is_one_only_where_that_is_asked(desk: offices.Desk) -> None:
    rows = searchcases.rows(TEXTS)
    other = [dict(row, **{"from": "p0", "to": "q", "id": f"x{n}"}) for n, row in enumerate(rows)]
    with desk.open() as archive:
        for source, medium, written in (("mail", "mail", rows), ("rooms", "chat", other)):
            path = offices.write_lines(desk.folder / f"{source}.jsonl", written)
            archive.collect(path, source=source, basis="own", medium=medium, connector="jsonl")
        work = searchcases.opened(desk, archive)
        apart = CaseNetwork(work).silences()
        joined = CaseNetwork(work, by_handle=True)
        made = joined.silences()
        assert apart.notes == ()
        assert "an assumption" in made.notes[0]
        assert "an assumption" in " ".join(joined.changes().notes)
