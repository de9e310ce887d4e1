"""Marked, personal and protected sources meet no watch; the ledger says which were marked."""

from __future__ import annotations

import json

import pytest
from tests.desk import standings
from tests.desk.offices import Desk

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.desk import standingsources
from pastwatch.desk.standingsources import is_watched, mark_source, watched_sources
from pastwatch.desk.tapping import protect
from pastwatch.errors import UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act


def judged(desk: Desk) -> dict[str, tuple[bool, str]]:
    with desk.open() as archive:
        found = watched_sources(archive.office)
        for one in found:
            assert is_watched(archive.office, one.source) is one.watched
    return {one.source.name: (one.watched, one.why) for one in found}


def mark(desk: Desk, name: str, *, watched: bool) -> None:
    with desk.open() as archive:
        mark_source(archive.office, name, watched=watched, reason="asked for")


def test_what_was_given_by_consent_is_personal_and_not_watched_by_default(desk: Desk) -> None:
    standings.collect(desk, ["x"], source="given", basis="consent")
    standings.collect(desk, ["x"], source="firm", basis="own")
    assert judged(desk) == {
        "firm": (True, standingsources.BY_DEFAULT),
        "given": (False, standingsources.PERSONAL),
    }
    mark(desk, "given", watched=True)
    assert judged(desk)["given"] == (True, standingsources.ALLOWED)


def test_a_source_in_which_protected_accounts_were_met_is_not_watched_from_then_on(
    desk: Desk,
) -> None:
    standings.sign(desk)
    standings.run(desk, standings.valve())
    with desk.open() as archive:
        protect(archive.office, ["ben@b.example"])
    standings.collect(desk, ["valve"], source="mine", basis="own")
    standings.collect(desk, ["valve"], source="seized", basis="order")
    assert standings.alerts(desk) == []
    assert judged(desk) == {
        "mine": (False, standingsources.PROTECTED),
        "seized": (True, standingsources.BY_DEFAULT),
    }


def test_a_mark_stands_in_the_ledger_and_outlives_its_file(desk: Desk) -> None:
    standings.collect(desk, ["x"])
    mark(desk, "mail", watched=False)
    assert judged(desk)["mail"] == (False, standingsources.NEVER)
    here = WatchPlace.of(desk.place)
    here.nowatch.unlink()
    assert judged(desk)["mail"] == (False, standingsources.NEVER)
    mark(desk, "mail", watched=True)
    assert judged(desk)["mail"] == (True, standingsources.ALLOWED)
    with desk.open() as archive:
        entries = list(entries_of(archive.office.ledger, Act.WATCH_START, Act.WATCH_END))
    assert [e.outcome["state"] for e in entries] == ["never", "allowed"]


def test_a_list_can_keep_sources_from_watches_and_let_none_through(desk: Desk) -> None:
    standings.collect(desk, ["x"], basis="consent")
    standings.collect(desk, ["x"], source="firm")
    with desk.open() as archive:
        ids = {name: archive.office.source_id(name) for name in ("mail", "firm")}
    here = WatchPlace.of(desk.place)
    here.folder.mkdir(exist_ok=True)
    here.nowatch.write_text(json.dumps({"sources": [ids["firm"]], "allowed": [ids["mail"]]}))
    assert judged(desk) == {
        "firm": (False, standingsources.NEVER),
        "mail": (False, standingsources.PERSONAL),
    }
    here.nowatch.write_text("{")
    assert {watched for watched, _ in judged(desk).values()} == {False}


def test_the_reason_of_a_mark_is_sealed_to_who_made_it(desk: Desk) -> None:
    standings.collect(desk, ["x"])
    with desk.open() as archive:
        with pytest.raises(UsageError, match="says why"):
            mark_source(archive.office, "mail", watched=False, reason=" ")
        with pytest.raises(UsageError, match="no source"):
            mark_source(archive.office, "other", watched=False, reason="x")
        marked = mark_source(archive.office, "mail", watched=False, reason="her clinic")
    assert marked.reason == "her clinic"
    assert b"clinic" not in WatchPlace.of(desk.place).nowatch.read_bytes()
