"""A chapter says what the case holds of its sort, on what it stands, and nothing that is protected."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.desk.chapterscases import chapter, lines, words
from tests.desk.hypothesiscases import at_the_desk, furnish, looked
from tests.desk.offices import Desk
from tests.desk.searchcases import case_of, protect

from pastwatch.desk.briefs.chapters import chapters_of
from pastwatch.desk.briefs.made import network, timeline
from pastwatch.desk.briefs.made.cells import row, stretch
from pastwatch.desk.grades import grade_source
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.hypotheses import add_hypothesis, add_item, ask, dissent, rate
from pastwatch.desk.identifying import merge
from pastwatch.desk.networking import CaseNetwork
from pastwatch.desk.timelining_entries import add_entry
from pastwatch.desk.translating import certify
from pastwatch.errors import UsageError
from pastwatch.model.when import DAY_US, HOUR_US

TEXTS = ["the gate was shut", "zanzibarbody to counsel", "nobody told us", "the gate again"]
OPEN_KEYS = {"sources-described", "scales"}
"""The chapters that every case has."""
SIGNS = {"y1": "CC", "y2": "II", "y3": "N"}


@pytest.fixture
def case(desk: Desk) -> Iterator[OpenCase]:
    with desk.open() as archive:
        yield case_of(desk, archive, TEXTS)


def three(case: OpenCase) -> None:
    add_hypothesis(case, "ordered", argued_by="Ben Ode")
    add_hypothesis(case, "by chance")
    add_hypothesis(case, "", none=True)


def test_a_case_of_nothing_has_its_sources_and_its_scales(case: OpenCase) -> None:
    assert {one.key for one in chapters_of(case)} == OPEN_KEYS


def test_what_is_protected_is_in_no_chapter(case: OpenCase) -> None:
    (hit,) = looked(case, "zanzibarbody")
    three(case)
    add_entry(case, "a word of zanzibarentry", at="2017-07-01", cites=[hit])
    item = add_item(case, "an item of zanzibaritem", cites=[hit])
    rate(case, item, SIGNS, reason="as zanzibarreason says")
    dissent(case, item, "no: zanzibardissent")
    certify(case, hit, "zanzibartranslation", qualification="sworn")
    merge(
        case,
        ["mail:p1@a.example", "mail:p2@a.example"],
        reason="zanzibarmerge",
        cites=[hit],
    )
    finding, _ = case.finding("Somebody wrote of zanzibarfinding.", cites=[hit])
    assert all(
        canary in "".join(map(words, chapters_of(case)))
        for canary in ("zanzibarbody", "zanzibarentry", "zanzibaritem", "zanzibarmerge")
    )
    record_id = protect(case, "zanzibarbody")
    case.retract(finding, reason="protected")
    found = chapters_of(case)
    assert not [one.key for one in found if "zanzibar" in words(one)]
    assert not [
        c for one in found for s in lines(one) for c in s.citations if c.record_id == record_id
    ]


def test_marks_stand_on_their_side_of_the_event_and_cite(case: OpenCase) -> None:
    hits = looked(case, "gate")
    case.finding("The gate was spoken of.", cites=hits)
    add_entry(case, "a lorry came", at="2017-07-02T08:00Z", reason="as told")
    made = chapter(case, "pictures-timeline")
    by_heading = {one.heading: one.lines for one in made.stretches}
    assert [line.kind for line in by_heading["Before the event"]] == ["observation"] * 2
    assert all(line.citations for line in by_heading["Before the event"])
    (entry,) = by_heading["After the event"]
    assert "entered by ana; analyst's entry, cites nothing" in entry.text
    (logged,) = entry.ledger
    assert list(case.office.ledger.entries())[logged].outcome["timeline_entries"] == 1


def test_a_cut_timeline_says_of_how_many(case: OpenCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "LIMIT", 1)
    case.finding("The gate was spoken of.", cites=looked(case, "gate"))
    said = words(chapter(case, "pictures-timeline"))
    assert "Showing 1 of 2 marks" in said


def test_what_a_search_hit_and_nobody_cited_is_not_on_the_timeline(case: OpenCase) -> None:
    assert looked(case, "gate")
    assert "pictures-timeline" not in {one.key for one in chapters_of(case)}


def test_a_large_slice_is_not_read_for_its_network_unasked(
    case: OpenCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.finding("The gate was spoken of.", cites=looked(case, "gate"))
    unread = "the slice was not read for its network"
    assert unread not in words(chapter(case, "network"))
    monkeypatch.setattr(network, "SMALL_SLICE", 0)
    assert unread not in words(chapter(case, "network"))  # it was asked for by the one before
    monkeypatch.setattr(network, "PURPOSE", "never asked")
    opened = case.office.ledger.size
    said = words(chapter(case, "network"))
    assert unread in said
    since = list(case.office.ledger.entries())[opened:]
    purposes = {str(entry.outcome["purpose"]) for entry in since if "purpose" in entry.outcome}
    assert purposes == {"show"}


def test_only_accounts_of_what_is_cited_stand_in_the_network(case: OpenCase) -> None:
    case.finding("Nobody was told.", cites=looked(case, '"told us"'))
    said = words(chapter(case, "network"))
    assert "p2@a.example" in said
    assert "p0@a.example" not in said
    assert "p1@a.example" not in said


def test_a_rating_that_one_alone_gave_is_shown_to_nobody(desk: Desk) -> None:
    furnish(desk, desk.folder)
    with at_the_desk(desk) as ana:
        three(ana)
        item = add_item(ana, "the gates were locked", cites=looked(ana, "gates"))
        rate(ana, item, SIGNS, reason="a lock is an order")
        made = chapter(ana, "hypotheses")
        said = words(made)
        assert "No order: nothing was rated by two" in said
        assert "a lock is an order" not in said
        assert [line.text for line in lines(made)].count("y1 ordered\topen") == 1
    with at_the_desk(desk, "ben") as ben:
        rate(ben, item, SIGNS | {"y2": "I"}, reason="locks are common")
        said = words(chapter(ben, "hypotheses"))
    assert "y2 by chance\tII / I" in said
    assert "ana: II (a lock is an order); ben: I (locks are common)" in said
    assert "2 raters: ana, ben. 2 of 3 cells rated blind by two are alike." in said


def test_hypotheses_that_are_no_set_yet_have_no_table(desk: Desk) -> None:
    furnish(desk, desk.folder)
    with at_the_desk(desk) as ana:
        ask(ana, "Was it ordered?")
        add_hypothesis(ana, "ordered", argued_by="Ben Ode")
        said = words(chapter(ana, "hypotheses"))
    assert "“Was it ordered?”\tana\twritten down before the first opening" in said
    assert "No table: 1 of at least 3 hypotheses" in said


def test_a_dissent_stands_with_its_words_and_its_entry(desk: Desk) -> None:
    furnish(desk, desk.folder)
    with at_the_desk(desk) as ana:
        three(ana)
        dissent(ana, "y1", "Nobody was there to order it.")
        (line,) = lines(chapter(ana, "dissent"))
        (logged,) = line.ledger
        assert list(ana.office.ledger.entries())[logged].outcome["dissents"] == 1
    assert line.text == "ana dissents from hypothesis y1 (ordered): “Nobody was there to order it.”"


def test_a_reason_for_a_grade_is_told_without_names(case: OpenCase) -> None:
    grade_source(case, "mail", "E", reason="mail of q@firm.example was forged before")
    grade_source(case, "mail", "C", reason="this batch of Mail is signed")
    said = words(chapter(case, "sources-described"))
    assert "Reliability\tC: this batch of the source is signed" in said
    assert "Graded before\tE: the source of an address was forged before" in said


def test_a_translation_names_how_whoever_made_it_is_qualified(case: OpenCase) -> None:
    (hit,) = looked(case, '"told us"')
    with pytest.raises(UsageError, match="qualified"):
        certify(case, hit, "keiner sagte es uns", qualification=" ", language="de")
    certify(case, hit, "keiner sagte es uns", qualification="sworn, en–de", language="de")
    assert "translations" not in {one.key for one in chapters_of(case)}
    case.finding("Nobody was told.", cites=[hit])
    (told,) = [s for s in lines(chapter(case, "translations")) if s.kind == "translation"]
    assert told.text.startswith("nobody told us\tkeiner sagte es uns\tana, sworn, en–de; de; ")
    (logged,) = told.ledger
    assert "translation" in list(case.office.ledger.entries())[logged].objects


def test_a_merge_says_by_whom_and_because_of_what(case: OpenCase) -> None:
    pair = ["mail:p1@a.example", "mail:p2@a.example"]
    merge(case, pair, reason="both sign as P", label="P")
    merge(case, [pair[0], "mail:p3@a.example"], reason="one telephone")
    made = chapter(case, "identities")
    assert "a1 P\tmail:p1@a.example\tana\tboth sign as P\ta2" in words(made)
    assert "mail:p1@a.example stands in several actors: a1, a2." in words(made)


def test_accounts_of_one_actor_are_one_in_silences_and_it_says_so(case: OpenCase) -> None:
    keys = CaseNetwork(case).talk.account_keys
    pair = [f"{medium}:{address}" for medium, address in keys if address[:2] in {"p1", "p2"}]
    told = CaseNetwork(case, as_one=[pair]).silences()
    assert told.notes == (
        "accounts argued to be one actor are taken for one person: an assumption",
    )
    alone = CaseNetwork(case).silences()
    assert alone.notes == CaseNetwork(case, as_one=[pair[:1]]).silences().notes == ()
    assert [count for _, count, _ in told.untold] == [6]
    assert [count for _, count, _ in alone.untold] == [8]


def test_a_cell_is_one_line_and_a_day_is_its_date() -> None:
    assert row("a\tb\nc", "") == "a b c\t–"
    day_us = 400 * DAY_US
    assert stretch(day_us - 3 * HOUR_US, day_us + 21 * HOUR_US - 1, 3 * 3600) == "1971-02-05"
    assert stretch(day_us, day_us, 0) == "1971-02-05 00:00:00"
    assert stretch(day_us, day_us + HOUR_US, 0) == "1971-02-05 00:00:00 to 01:00:00"
    assert stretch(None, None, 0) == "no usable date"
