"""Two reports of one event, read by the rules: the claims that an investigator needs of them are there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pastwatch.model.claim import Claim, Stance
from pastwatch.model.when import parse_iso
from pastwatch.stages.corroborate.claims import Reading, read_claims
from pastwatch.stages.corroborate.claims_language import language_of
from pastwatch.stages.corroborate.sentences import Sort
from pastwatch.stages.corroborate.timessaid import Published

ROOT = os.environ.get("PASTWATCH_DATA", "")
FOLDER = Path(ROOT) / "news-2017"
pytestmark = pytest.mark.skipif(
    not ROOT or not FOLDER.is_dir(), reason="the data set news-2017 is not here (PASTWATCH_DATA)"
)
OUT = Published(parse_iso("2017-04-13T15:00:00+00:00")[0])
"""A Thursday in the week in which both came out; the files themselves state no date."""


def read(number: int, published: Published | None = OUT) -> tuple[str, Reading]:
    text = sorted(FOLDER.glob("*.txt"))[number].read_text(encoding="utf-8")
    assert language_of(text) == "en"
    return text, read_claims(
        text, report_id=b"an article, 2017", language="en", published=published
    )


def one(reading: Reading, *words: str, who: str, stance: Stance | None = None) -> Claim:
    found = [
        c
        for c in reading.claims
        if all(w in c.statement for w in words) and who in c.who_says and stance in {None, c.stance}
    ]
    assert len(found) == 1, [(c.who_says, c.stance.value) for c in found]
    return found[0]


def test_the_intercept_claim_goes_back_to_an_unnamed_official_in_both() -> None:
    _, first = read(0)
    _, second = read(1)
    told = one(first, "had intercepted", who="senior-level U.S. official")
    assert (told.to_whom, told.unnamed, told.stance) == ("CNN", True, Stance.ASSERTS)
    passed = one(second, "had intercepted", who="senior US official")
    assert (passed.via, passed.unnamed, passed.stance) == (
        ("a CNN report",),
        True,
        Stance.ATTRIBUTES,
    )


def test_he_the_source_and_the_official_are_the_official() -> None:
    _, reading = read(0)
    spoken = [c for c in reading.claims if c.who_says == "A senior-level U.S. official"]
    assert [c.cue.split()[0] for c in spoken] == ["told", "According", "The", "He", "The"]


def test_no_doubt_is_said_by_officials_and_by_a_secretary() -> None:
    _, first = read(0)
    _, second = read(1)
    assert one(first, "no doubt", who="U.S. officials").unnamed
    named = one(second, "no doubt", who="US officials")
    assert "Mattis" in named.who_says
    assert not named.unnamed


def test_what_turkish_officials_confirm_is_theirs_and_ends_before_what_russia_asserts() -> None:
    _, reading = read(1)
    held = one(reading, "still in possession", "autopsies", "sarin", who="Turkish officials")
    assert (held.stance, held.unnamed) == (Stance.ASSERTS, True)
    assert "2013" not in held.statement
    gone = one(reading, "destroyed in 2013", who="Russia")
    assert gone.cue == "assertions"
    assert [t.text for t in gone.times] == ["in 2013"]


def test_a_suspicion_is_hedged_and_dated() -> None:
    _, reading = read(1)
    help_ = one(reading, "suspect that they have help", who="US military official")
    assert help_.stance is Stance.HEDGES
    (day,) = help_.times
    assert (day.text, day.earliest_us) == ("on April 7", parse_iso("2017-04-07T00:00:00Z")[0])
    assert one(reading, "know they have", who="US military official").stance is Stance.ASSERTS


def test_those_who_deny_are_two_and_one() -> None:
    _, first = read(0)
    _, second = read(1)
    denied = [(c.who_says, c.statement) for c in second.claims if c.stance is Stance.DENIES]
    assert [who for who, _ in denied] == ["Russia", "Syria"]
    assert all("involvement" in what for _, what in denied)
    assert [c.who_says for c in first.claims if c.stance is Stance.DENIES] == ["Moscow"]


def test_what_was_not_found_is_said_with_its_caveat_beside_it() -> None:
    _, first = read(0)
    _, second = read(1)
    nothing = one(first, "no evidence", who="")
    assert nothing.stance is Stance.ASSERTS
    assert one(first, "very careful", who="official").stance is Stance.HEDGES
    told = one(second, "No communications", who="official")
    assert (told.via, told.stance) == (("CNN",), Stance.ATTRIBUTES)
    assert one(second, "more careful", who="official").stance is Stance.HEDGES


def test_passives_without_a_sayer_are_nobodys() -> None:
    _, reading = read(1)
    hearsay = [c for c in reading.claims if not c.who_says]
    assert [c.stance for c in hearsay] == [Stance.HEDGES, Stance.HEDGES]
    assert ["jets" in hearsay[0].statement, "drone" in hearsay[1].statement] == [True, True]


def test_figures_and_weekdays_are_told_apart() -> None:
    _, first = read(0)
    _, second = read(1)
    assert [(f.text, f.low, f.high) for c in first.claims for f in c.figures] == [
        ("dozens", 24, None)
    ]
    thursday = one(first, "had intercepted", who="official").times
    wednesday = one(second, "had intercepted", who="official").times
    assert [t.text for t in thursday] == ["on Thursday morning"]
    assert [t.text for t in wednesday] == ["last week", "on Wednesday"]
    assert wednesday[1].earliest_us == parse_iso("2017-04-12T00:00:00Z")[0]
    assert thursday[0].earliest_us == parse_iso("2017-04-13T00:00:00Z")[0]


def test_lives_claimed_are_no_claim_and_the_page_around_is_not_read() -> None:
    text, reading = read(0)
    assert all("lives" not in c.cue and c.cue != "claimed" for c in reading.claims)
    sorts = {s.sort for s in reading.stretches}
    assert sorts >= {Sort.HEADING, Sort.CAPTION, Sort.NAVIGATION, Sort.SENTENCE}
    marks = [text[s.start : s.end] for s in read(1)[1].stretches if s.sort is Sort.UPDATE]
    assert len(marks) <= 1
    _, second = read(1)
    assert sum(s.sort is Sort.UPDATE for s in second.stretches) == 1


def test_without_a_date_weekdays_stay_as_they_are_said() -> None:
    _, reading = read(1, None)
    told = {t.text: t.earliest_us for c in reading.claims for t in c.times}
    assert told["on Wednesday"] is None
    assert told["in 2013"] is not None


def test_a_figure_that_a_report_tells_itself_is_nobodys_claim() -> None:
    text, reading = read(1)
    assert "at least 83" in text
    assert not any(f.low == 83 for c in reading.claims for f in c.figures)
