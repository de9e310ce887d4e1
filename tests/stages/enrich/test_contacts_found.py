"""Contacts are found where they stand, and a figure that may mean two things keeps both."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import UsageError
from pastwatch.stages.enrich.enrichers.contacts import ENRICHER, contacts_in
from pastwatch.stages.enrich.enrichers.contacts_money import sums_in
from pastwatch.testing.enrichers import record_of

pytest.importorskip("phonenumbers")


def found(text: str, *, region: str | None = None) -> list[tuple[str, str, str]]:
    return [(kind, value, text[s:e]) for kind, value, s, e in contacts_in(text, region=region)]


def money(text: str) -> list[tuple[str, str, str]]:
    read = [json.loads(value) for value, _, _ in sums_in(text)]
    return [(one["currency"], one["least"], one["most"]) for one in read]


def test_a_number_from_abroad_needs_no_region() -> None:
    assert found("call +44 20 7946 0018 now") == [("phone", "+442079460018", "+44 20 7946 0018")]


def test_a_national_number_has_a_country_only_where_a_region_is_set() -> None:
    text = "call 020 7946 0018"
    assert found(text, region="GB") == [("phone", "+442079460018", "020 7946 0018")]
    assert found(text) == [("phone-local", "02079460018", "020 7946 0018")]


@pytest.mark.parametrize("text", ["on 2012-09-11 10:22", "id 12345678", "1 2 3 4 5 6 7 8 9 10"])
def test_dates_ids_and_columns_are_no_numbers(text: str) -> None:
    assert not [kind for kind, _, _ in found(text, region="US") if kind.startswith("phone")]


def test_addresses_and_handles_are_told_apart() -> None:
    assert found("A.Person@Example.com, then @The_Courier") == [
        ("email", "a.person@example.com", "A.Person@Example.com"),
        ("handle", "@the_courier", "@The_Courier"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1,234.50", ("$", "1234.5", "1234.5")),
        ("$50,000", ("$", "50000", "50000")),
        ("2 million euros", ("EUR", "2000000", "2000000")),
        ("12 500 руб.", ("RUB", "12500", "12500")),
        ("5 млн долларов", ("$", "5000000", "5000000")),
        ("٥٠٠ ألف دولار", ("$", "500000", "500000")),
        ("300万美元", ("USD", "3000000", "3000000")),
        ("USD 40k", ("USD", "40000", "40000")),
    ],
)
def test_money_is_read_in_several_scripts(text: str, expected: tuple[str, str, str]) -> None:
    assert money(f"paid {text} today") == [expected]


def test_a_figure_that_may_be_two_keeps_both() -> None:
    assert money("€1.234 million") == [("EUR", "1234000", "1234000000")]


def test_two_numbers_side_by_side_are_not_one() -> None:
    assert money("in 2012 50 dollars") == [("$", "50", "50")]


def test_spans_are_bytes_of_the_part() -> None:
    record = record_of("Привет, звони +44 20 7946 0018", subject="à moi: ana@a.example")
    marks = list(ENRICHER.setup({}).enrich([record]))
    shown = [record.part_text(a.part).encode()[a.start_byte : a.end_byte].decode() for a in marks]
    assert shown == ["ana@a.example", "+44 20 7946 0018"]


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(UsageError, match="region"):
        ENRICHER.setup({"region": "XQ"})


def test_the_region_is_part_of_the_version() -> None:
    assert ENRICHER.setup({"region": "GB"}).version != ENRICHER.setup({}).version


@given(st.text(alphabet="0123456789 .,€$kmn@+-()", max_size=80))
def test_every_find_lies_in_the_text_and_sums_run_upwards(text: str) -> None:
    for _, value, start, end in contacts_in(text, region="US"):
        assert 0 <= start < end <= len(text)
        if value.startswith("{"):
            read = json.loads(value)
            assert float(read["least"]) <= float(read["most"])
