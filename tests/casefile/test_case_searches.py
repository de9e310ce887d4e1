"""Searches, hits by number, and the blocks a case has opened."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pastwatch.casefile.searches import Found, OpenedBlock, OpenedCount
from pastwatch.casefile.store import CaseStore
from pastwatch.errors import BadValue, UsageError

Ask = Callable[[str], str]
Finder = Callable[[int], Found]


def test_a_search_is_kept_with_its_plan_before_and_its_figures_after(
    case: CaseStore, ask: Ask, found: Finder
) -> None:
    assert ask("officer NEAR/5 expert") == "q1"
    before = case.search("q1")
    assert (before.text, before.by, before.at_us) == ("officer NEAR/5 expert", "ana", 1)
    assert before.plan == {"blocks": 2}
    assert not before.ended
    case.add_hits("q1", [found(1)])
    case.finish_search("q1", hits=1, figures={"frames": 2}, at_us=9)
    after = case.search("q1")
    assert after.ended
    assert (after.hits, after.figures, after.ended_us) == (1, {"frames": 2}, 9)
    assert case.searches() == [after]


def test_hits_are_numbered_over_the_case_in_the_order_they_came(
    case: CaseStore, ask: Ask, found: Finder
) -> None:
    first, second = ask("a"), ask("b")
    assert case.add_hits(first, [found(5), found(3)]) == ["h1", "h2"]
    assert case.add_hits(second, [found(3)]) == ["h3"]
    assert case.add_hits(first, [found(4)]) == ["h4"]
    assert [placed.hit.hit_id for placed in case.hits(first)] == ["h1", "h2", "h4"]
    assert [placed.hit.hit_id for placed in case.hits()] == ["h1", "h2", "h3", "h4"]
    assert [p.hit.hit_id for p in case.hits_of(found(3).citation.record_id)] == ["h2", "h3"]
    assert (case.count_hits(first), case.count_hits(second)) == (3, 1)
    assert case.count_hit_records() == 3


def test_hits_on_a_record_are_all_there_as_searches_go_on(
    case: CaseStore, ask: Ask, found: Finder
) -> None:
    first = ask("a")
    case.add_hits(first, [found(1)])
    wanted = found(1).citation.record_id
    assert [p.hit.hit_id for p in case.hits_of(wanted)] == ["h1"]
    second, third = ask("b"), ask("c")
    case.add_hits(second, [found(2), found(1)])
    case.add_hits(first, [found(4)])
    assert case.count_hit_records([third, second]) == 2
    case.add_hits(third, [found(1), found(9)])
    assert [p.hit.hit_id for p in case.hits_of(wanted)] == ["h1", "h3", "h5"]
    assert case.hits_of(found(7).citation.record_id) == []
    assert (case.count_hit_records(), case.count_hit_records([first, third])) == (4, 3)


def test_a_hit_comes_back_as_the_scan_found_it(case: CaseStore, ask: Ask, found: Finder) -> None:
    case.add_hits(ask("a"), [found(300)])
    placed = case.hit("h1")
    given = found(300)
    assert (placed.hit.citation, placed.hit.spans) == (given.citation, given.spans)
    assert (placed.pack_id, placed.block, placed.row) == (given.pack_id, 1, 44)
    assert (placed.hit.query_id, placed.hit.record_id) == ("q1", given.citation.record_id)


def test_a_record_is_one_hit_a_search_however_often_it_is_found(
    case: CaseStore, ask: Ask, found: Finder
) -> None:
    query_id = ask("a")
    assert case.add_hits(query_id, [found(1), found(2)]) == ["h1", "h2"]
    assert case.add_hits(query_id, [found(2), found(3), found(3)]) == ["h2", "h3", "h3"]
    assert case.add_hits(query_id, [found(4)]) == ["h4"]
    assert case.count_hits(query_id) == 4


def test_a_search_that_ended_takes_no_more_hits_and_does_not_end_twice(
    case: CaseStore, ask: Ask, found: Finder
) -> None:
    query_id = ask("a")
    case.finish_search(query_id, hits=0, figures={}, at_us=2)
    with pytest.raises(UsageError, match="has ended"):
        case.add_hits(query_id, [found(1)])
    with pytest.raises(UsageError, match="has ended"):
        case.finish_search(query_id, hits=0, figures={}, at_us=3)
    assert case.hits() == []


def test_a_search_cannot_end_with_a_count_that_is_not_what_it_kept(
    case: CaseStore, ask: Ask, found: Finder
) -> None:
    query_id = ask("a")
    case.add_hits(query_id, [found(1)])
    with pytest.raises(BadValue):
        case.finish_search(query_id, hits=2, figures={}, at_us=2)
    assert not case.search(query_id).ended


@pytest.mark.parametrize("name", ["h0", "h01", "q1", "h", "h-1", "h1 ", "h٣", "H1", ""])
def test_a_name_that_is_no_hit_is_refused(case: CaseStore, name: str) -> None:
    with pytest.raises(UsageError):
        case.hit(name)


def test_an_unknown_hit_or_search_is_refused(case: CaseStore, found: Finder) -> None:
    with pytest.raises(UsageError, match="no hit h1"):
        case.hit("h1")
    with pytest.raises(UsageError, match="no search q1"):
        case.search("q1")
    with pytest.raises(UsageError, match="no search q1"):
        case.add_hits("q1", [found(1)])


def test_a_hundred_thousand_hits_are_counted_and_paged_exactly(
    case: CaseStore, ask: Ask, found: Finder
) -> None:
    odd, even = ask("odd"), ask("even")
    step = 10_000
    for start in range(0, 100_000, step):
        case.add_hits(odd, [found(n) for n in range(start + 1, start + step, 2)])
        case.add_hits(even, [found(n) for n in range(start, start + step, 2)])
    assert case.count_hits(odd) == case.count_hits(even) == 50_000
    assert case.hits()[0].hit.hit_id == "h1"
    last = case.hits(even, offset=49_990, limit=50)
    assert [p.hit.hit_id for p in last] == [f"h{n}" for n in range(99_991, 100_001)]
    assert [p.hit.citation.start_byte for p in last] == list(range(99_980, 100_000, 2))
    seen = [
        placed.hit.citation.start_byte
        for offset in range(0, 50_000, 5_000)
        for placed in case.hits(odd, offset=offset, limit=5_000)
    ]
    assert seen == list(range(1, 100_000, 2))
    assert case.hits(odd, offset=50_000) == []


def test_pages_are_read_from_the_index_and_not_by_walking_the_table(
    case: CaseStore, case_path: Path, key: bytes
) -> None:
    del case
    from pastwatch.casefile.sqlite import open_encrypted

    connection = open_encrypted(case_path, key, create=False)
    plan = connection.execute(
        "EXPLAIN QUERY PLAN SELECT first_no, last_no FROM hit_runs INDEXED BY hit_runs_in_order "
        "WHERE query_no = 1 ORDER BY last_no"
    ).fetchall()
    connection.close()
    assert [row[3] for row in plan] == [
        "SEARCH hit_runs USING COVERING INDEX hit_runs_in_order (query_no=?)"
    ]


def test_a_page_starts_at_zero_or_later(case: CaseStore) -> None:
    with pytest.raises(UsageError):
        case.hits(offset=-1)


def test_an_opened_block_counts_once_over_the_whole_case(case: CaseStore) -> None:
    one, two = b"1" * 16, b"2" * 16
    assert case.count_opened() == OpenedCount(0, 0, 0, 0)
    assert case.add_opened([OpenedBlock(one, 0, 256, 3), OpenedBlock(one, 1, 10, 0)], at_us=1) == 2
    assert case.add_opened([OpenedBlock(one, 1, 10, 0), OpenedBlock(two, 0, 7, 7)], at_us=2) == 1
    assert case.add_opened([], at_us=3) == 0
    assert case.count_opened() == OpenedCount(packs=2, blocks=3, records=273, exposed=10)
