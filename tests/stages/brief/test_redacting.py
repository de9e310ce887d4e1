"""What is replaced in a text: names, addresses, numbers and times, each by one label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue
from pastwatch.stages.brief.redacting_drawing import redrawn
from pastwatch.stages.brief.redacting_times import Times, passes
from pastwatch.stages.brief.redacting_words import Labels, Redactor, Words, capitalised


def redactor(times: Times = Times.DAY) -> Redactor:
    words, labels = Words(), Labels()
    for name in ("Nadia Okafor", "Okafor", "Nadia", "May", "Theresa May", "Зоя Ким"):
        words.add(name, labels.of("Person", name.split()[-1]))
    return Redactor(words, labels, times=times)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Nadia Okafor came.", "Person 1 came."),
        ("OKAFOR, NADIA", "Person 1, Person 2"),
        ("N\u200badia Ok\u0061\u0301for", "Person 1"),
        ("okafor's van", "Person 1's van"),
        ("file okafor_plan.pdf is there", "file File 1 is there"),
        ("nadiaokafor99 spoke", "Person 1 spoke"),
        ("Зоя Ким", "Person 4"),
        ("we may go in May 2012", "we may go in May 2012"),
        ("then Theresa May spoke", "then Person 3 spoke"),
        ("I saw May there", "I saw Person 3 there"),
        ("write to a.b@quay.example now", "write to Account 1 now"),
        ("see https://quay.example/x?y=1 now", "see Link 1 now"),
        ("call +44 20 7946 0123 now", "call Number 1 now"),
        ("1,234,567 records in 12 blocks", "1,234,567 records in 12 blocks"),
        ("at 36.20210, 37.13430 it was", "at Place 1 it was"),
        ("from 10.0.0.17 it came", "from Address 1 it came"),
        (f"SHA-256 {'a1' * 32}", "SHA-256 Code 1"),
        ("@zoya_k wrote", "Account 1 wrote"),
        ("Nadia Okafor <n.o@quay.example>", "Account 1"),
    ],
)
def test_what_names_somebody_is_replaced_and_numbers_stay(text: str, made: str) -> None:
    assert redactor().text(text) == made


@pytest.mark.parametrize(
    ("text", "hour", "day", "none"),
    [
        (
            "2017-04-04 06:30:12 +03:00 (2017-04-04 03:30:12 UTC), inferred",
            "2017-04-04, 06 h +03:00, inferred",
            "2017-04-04, inferred",
            "[time], inferred",
        ),
        ("2017-04-04T06:30:12.5Z", "2017-04-04, 06 h Z", "2017-04-04", "[time]"),
        (
            "Tue, 4 Apr 2017 06:30:12 +0300",
            "Tue, 4 Apr 2017, 06 h +0300",
            "Tue, 4 Apr 2017",
            "[time]",
        ),
        ("April 4, 2017 6:30 PM", "April 4, 2017, 6 h PM", "April 4, 2017", "[time]"),
        ("04/04/2017 10:38 PM", "04/04/2017, 10 h PM", "04/04/2017", "[time]"),
        ("at 06:30 they met", "at 06 h they met", "at [time] they met", "at [time] they met"),
        ("at 055:46:10 it said", "at 055 h it said", "at [time] it said", "at [time] it said"),
        ("1491287412", "[time]", "[time]", "[time]"),
        ("times at +02:00", "times at +02:00", "times at +02:00", "times at +02:00"),
        ("a ratio of 3:1, 12 of 20", *(["a ratio of 3:1, 12 of 20"] * 3)),
    ],
)
def test_times_are_made_as_coarse_as_asked(text: str, hour: str, day: str, none: str) -> None:
    for times, made in zip(Times, (hour, day, none), strict=True):
        assert redactor(times).text(text) == made


@given(st.text(max_size=80))
def test_a_text_made_anew_holds_no_name_and_is_not_changed_again(text: str) -> None:
    made = redactor().text(f"{text} Okafor {text}")
    assert "okafor" not in made.casefold()
    assert "Person" in made or "[" in made or "Account" in made or "File" in made or "Link" in made


@pytest.mark.parametrize("times", Times)
@given(seconds=st.integers(0, 4_000_000_000))
def test_a_coarse_time_is_a_whole_hour_or_day_not_after_the_time(
    times: Times, seconds: int
) -> None:
    made = times.coarse(seconds * 1_000_000, offset_s=7_200)
    assert (made + 7_200_000_000) % times.step_us == 0
    assert 0 <= seconds * 1_000_000 - made < times.step_us


def test_labels_are_the_same_for_the_same_thing_and_go_on_where_they_were_left() -> None:
    first = Labels()
    assert first.of("Person", "Ana Lind") == first.of("Person", "ANA LIND") == "Person 1"
    assert [first.of("Source", n) for n in ("mail", "radio")] == ["Source A", "Source B"]
    second = Labels(first.kept())
    assert second.of("Source", "mail") == "Source A"
    assert second.of("Source", "news") == "Source C"
    assert second.of("Person", "Bo") == "Person 2"


def test_a_name_two_people_share_stands_for_both() -> None:
    words, labels = Words(), Labels()
    words.add("Lind", labels.of("Person", "Ana Lind"))
    words.add("Lind", labels.of("Person", "Bo Lind"))
    assert Redactor(words, labels, times=Times.DAY).text("Lind") == "Person 1 / Person 2"


def test_what_may_still_be_a_name_is_counted() -> None:
    seen = capitalised(["Then Zelengrad fell. The Mayor of Zelengrad left."])
    assert seen["Zelengrad"] == 2
    assert "The" not in seen


def test_a_drawing_is_made_anew_with_its_titles_and_without_comments() -> None:
    svg = (
        '<svg viewBox="0 0 9 9" aria-label="Okafor"><!-- Okafor --><metadata>Okafor</metadata>'
        '<path d="M1.1234 2.1234"/><g data-who="Okafor"><title>Okafor</title>'
        "<text>Nadia Oka…</text></g></svg>"
    )
    made = redrawn(svg, redactor())
    assert "kafor" not in made
    assert "Oka" not in made
    assert 'd="M1.1234 2.1234"' in made
    assert 'aria-label="Person 1"' in made


def test_a_drawing_with_an_axis_of_time_is_left_out() -> None:
    svg = "<svg><text>{}</text></svg>"
    assert redrawn(svg.format("2017-04-04"), redactor()) == ""
    assert redrawn(svg.format("06:30"), redactor()) == ""
    assert redrawn(svg.format("12 records"), redactor()) != ""


def test_a_drawing_that_does_not_read_is_refused() -> None:
    with pytest.raises(BadValue, match="does not read"):
        redrawn("<svg><text>", redactor())


def test_there_is_a_pass_for_each_way_of_writing_a_time() -> None:
    assert all(len(passes(times)) == 4 for times in Times)
