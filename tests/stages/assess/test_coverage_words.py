"""Coverage is said in plain words, and a finding of nothing says how much was looked at."""

import pytest

from pastwatch.errors import BadValue
from pastwatch.model.assessment import Coverage
from pastwatch.model.source import Gap
from pastwatch.stages.assess.coverage import (
    NO_BOUND,
    chain,
    coverage_of,
    lines,
    negative_statement,
    percent,
)

COUNTS = {
    "held": 27_159,
    "in_scope": 3_196,
    "unreadable": 6,
    "scanned": 3_190,
    "matched": 0,
    "shown": 0,
}


def made(**more: int) -> Coverage:
    return coverage_of({**COUNTS, **more}, queries=("bread", "road"))


def test_readable_is_worked_out_from_what_is_not() -> None:
    assert made().readable == 3_190


def test_a_count_that_coverage_does_not_know_is_refused() -> None:
    with pytest.raises(BadValue, match="counts no seen"):
        made(seen=3)


def test_a_missing_count_is_refused() -> None:
    with pytest.raises(BadValue, match="coverage needs scanned, shown"):
        coverage_of({"held": 2, "in_scope": 1, "matched": 0})


def test_the_chain_gives_each_step_its_share() -> None:
    assert [(s.name, s.records, s.share_of) for s in chain(made())] == [
        ("held", 27_159, ""),
        ("in scope", 3_196, "held"),
        ("readable", 3_190, "in scope"),
        ("scanned", 3_190, "in scope"),
        ("shown", 0, "in scope"),
    ]


def test_the_first_line_is_the_chain() -> None:
    assert lines(made())[0] == (
        "Records: 27,159 held ▸ 3,196 in scope (11.8 % of held) ▸ 3,190 readable (99.81 % of in "
        "scope) ▸ 3,190 scanned (99.81 % of in scope) ▸ 0 shown (0 % of in scope)."
    )


def test_all_that_was_not_looked_at_has_a_line() -> None:
    said = " ".join(
        lines(made(undated=18, doubtful=1, protected=4, exposed=132, counted=9, unknown_place=7))
    )
    for words in (
        "6 records in scope could not be read",
        "18 records undated",
        "1 record doubtful",
        "4 records withheld as protected",
        "132 records out of scope exposed by granularity",
        "9 records counted, not read",
        "7 records of unknown place",
    ):
        assert words in said


def test_gaps_are_added_up_by_reason() -> None:
    gaps = (
        Gap(source_id="a", reason="cut short", bytes=100, lost_records_at_most=2),
        Gap(source_id="b", reason="cut short", bytes=50, lost_records_at_most=1),
        Gap(source_id="a", reason="unreadable", bytes=7),
    )
    said = lines(coverage_of(COUNTS, gaps=gaps))
    assert "Gap, cut short: 150 bytes in 2 places, at most 3 records." in said
    assert "Gap, unreadable: 7 bytes in 1 place, an unknown number of records." in said
    assert "No gap is known in what was collected." in lines(made())


def test_queries_alone_give_no_bound() -> None:
    assert lines(made())[-1] == NO_BOUND
    assert NO_BOUND not in lines(made(sampled=10))


def test_nothing_found_is_said_with_what_was_scanned() -> None:
    assert negative_statement(made()) == (
        "Nothing was found in 3,190 records scanned by 2 queries (99.81 % of the 3,196 in scope). "
        "6 records in scope were not scanned and could be any. No bound: nothing was sampled."
    )


def test_nothing_is_said_where_nothing_was_scanned() -> None:
    empty = coverage_of({**COUNTS, "scanned": 0})
    assert negative_statement(empty) == "Nothing was scanned; nothing can be said."


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.000_001, "< 0.01 %"),
        (0.999_999, "> 99.99 %"),
        (0.5, "50.0 %"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_none(ratio: float, shown: str) -> None:
    assert percent(ratio) == shown
