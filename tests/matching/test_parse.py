"""Queries as typed: what each form means, and where a wrong one stops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadQuery
from pastwatch.matching.matcher import Matcher, RecordFacts
from pastwatch.matching.parse import parse
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Regex, Term

A, B, C = Term("a"), Term("b"), Term("c")


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("a", A),
        ("a b", And((A, B))),
        ("a AND b OR c", Or((And((A, B)), C))),
        ("a (b OR c)", And((A, Or((B, C))))),
        ("a -b", And((A, Not(B)))),
        ("NOT a", Not(A)),
        ('-"a b"', Not(Phrase(("a", "b")))),
        ("e-mail", Term("e-mail")),
        ("a NEAR/5 b", Near(left=A, right=B, distance=5)),
        ("a ONEAR/2 b", Near(left=A, right=B, distance=2, ordered=True)),
        ('(a OR "b c") NEAR/1 c', Near(left=Or((A, Phrase(("b", "c")))), right=C, distance=1)),
        (r"/a\/b/i", Regex("a/b", "i")),
        ("“a b”", Phrase(("a", "b"))),
        ('from:"J Doe"', Field(name="from", value="J Doe")),
        ("After:1970", Field(name="after", value="1970", at_us=0)),
        ("before:1970-01-02", Field(name="before", value="1970-01-02", at_us=86_400_000_000)),
        ("and or", And((Term("and"), Term("or")))),
    ],
)
def test_a_query_means_its_tree(text: str, root: Node) -> None:
    assert parse(text).root == root


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", 1), ("(a", 3), ("a)", 2), ('"a b', 5), ("a AND", 6), ("OR a", 1), ("a NEAR b", 3),
        ("a NEAR/0 b", 3), ("a NEAR/3 (b c)", 10), ("a NEAR/3 b NEAR/3 c", 12), ("*", 1),
        ("/x*/", 1), ("/(/", 1), ("/ab", 4), ("/x/y", 4), ("after:soon", 1), ("from:", 1),
        ("a $$", 3), ("a - b", 3), ("(" * 200 + "a" + ")" * 200, 101),
    ],
)  # fmt: skip
def test_a_wrong_query_names_the_character_and_an_example(text: str, place: int) -> None:
    with pytest.raises(BadQuery, match=f"at character {place}:") as caught:
        parse(text)
    assert caught.value.hint


@given(st.text(st.sampled_from('ab*?"()/\\- ANDORNEAR/3:from after:20')) | st.text())
def test_any_text_parses_or_is_a_bad_query(text: str) -> None:
    try:
        Matcher(parse(text)).spans({0: "a b"})
    except BadQuery as error:
        assert error.hint  # noqa: PT017 - both ways out are right


def test_a_time_without_offset_is_read_in_the_zone() -> None:
    here = parse("after:2012-09-11T22:00", zone="Africa/Tripoli").root
    there = parse("after:2012-09-11T20:00Z").root
    assert isinstance(here, Field)
    assert isinstance(there, Field)
    assert here.at_us == there.at_us


def test_an_unknown_zone_is_a_bad_query() -> None:
    with pytest.raises(BadQuery):
        parse("a", zone="Nowhere/Atall")


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("from:ann", True), ("from:ann@firm.example", True), ("from:bob", False),
        ("to:b*", True), ("to:ann", False), ("source:ministry-mail", True), ("source:mail", False),
        ("source:ministry", True), ("after:1970-01-01T00:00:05Z", True),
        ("after:1970-01-01T00:00:06Z", False), ("before:1970-01-01T00:00:05Z", False),
        ("before:1970-01-01T00:00:06Z", True), ("NOT from:ann", False), ("from:ann -to:zoe", True),
    ],
)  # fmt: skip
def test_envelope_conditions_hold_or_not(text: str, matches: bool) -> None:
    facts = RecordFacts(
        sender_address="ann@firm.example",
        sender_name="Ann Lee",
        recipients=(("bob@firm.example", "Bob"),),
        source_id="ministry-mail",
        source_name="The Ministry",
        earliest_us=5_000_000,
        latest_us=5_000_000,
    )
    assert Matcher(parse(text)).spans({0: "x"}, facts) == ([] if matches else None)
    assert Matcher(parse("after:1970")).spans({0: "x"}) is None
