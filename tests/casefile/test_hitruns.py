"""Hits kept as columns: read back as they were, numbered as rows would be, found by their record."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pastwatch.casefile import hitruns, schema
from pastwatch.casefile.hitruns import Found, HitRun, RecordsHit, distinct, runs_of, unpacked
from pastwatch.casefile.schema import prepare
from pastwatch.casefile.sqlite import open_encrypted
from pastwatch.casefile.store import CaseStore
from pastwatch.errors import CaseDamaged, UsageError

Ask = Callable[[str], str]
Finder = Callable[..., Found]


def hits_of_run(run: HitRun) -> list[tuple[object, ...]]:
    return [(run.row(n), run.citation(n), run.spans_of(n)) for n in range(len(run))]


@pytest.mark.parametrize("most", [200, 40_000, 3_000_000_000])
def test_a_run_comes_back_as_it_was_packed(found: Finder, most: int) -> None:
    draw = random.Random(most)  # noqa: S311 - test data
    given = []
    for number in range(60):
        one = found(number)
        start = draw.randrange(most)
        spans = tuple((draw.randrange(-1, 3), start, start + n) for n in range(draw.randrange(4)))
        cited = replace(
            one.citation,
            start_byte=start,
            end_byte=start + 4,
            text_sha256=found(number % 3).citation.text_sha256,
        )
        given.append(Found(cited, one.pack_id, 0, number, spans))
    (run,) = runs_of(given)
    back = unpacked(run.pack_id, run.block, run.record_ids, run.packed())
    assert hits_of_run(back) == [(hit.row, hit.citation, hit.spans) for hit in given]
    kept = back.kept([3, 4, 59])
    assert hits_of_run(kept) == [hits_of_run(back)[n] for n in (3, 4, 59)]
    assert kept.record_ids == b"".join(given[n].citation.record_id for n in (3, 4, 59))


@pytest.mark.parametrize(
    "cut", [lambda v: v[:-1], lambda v: v[:7], lambda v: v + b"x", lambda _: b""]
)
def test_a_run_that_was_cut_is_damaged(found: Finder, cut: Callable[[bytes], bytes]) -> None:
    (run,) = runs_of([found(1), found(2)])
    with pytest.raises(CaseDamaged, match="run of hits"):
        unpacked(run.pack_id, run.block, run.record_ids, cut(run.packed()))


def test_hits_are_numbered_and_found_as_if_each_were_a_row(
    case_path: Path, key: bytes, found: Finder
) -> None:
    draw = random.Random(5)  # noqa: S311 - test data
    numbers: dict[str, dict[bytes, int]] = {}
    order: list[tuple[str, Found]] = []
    for _ in range(4):  # each time the file is opened anew
        with CaseStore.open(case_path, key, create=True) as case:
            for _ in range(2):
                query_id = case.add_search("a", salt=b"", digest=b"", by="ana", at_us=1, plan={})
                numbers[query_id] = {}
            for _ in range(12):
                query_id = draw.choice(sorted(numbers))
                batch = [found(draw.randrange(900)) for _ in range(draw.choice((0, 1, 3, 80)))]
                ids = case.add_hits(query_id, batch)
                mine = numbers[query_id]
                for hit in batch:
                    if mine.setdefault(hit.citation.record_id, len(order) + 1) > len(order):
                        order.append((query_id, hit))
                assert ids == [f"h{mine[hit.citation.record_id]}" for hit in batch]
            for query_id, mine in numbers.items():
                assert case.count_hits(query_id) == len(mine)
                page = case.hits(query_id, offset=5, limit=30)
                assert [p.hit.hit_id for p in page] == [
                    f"h{n}" for n in sorted(mine.values())[5:35]
                ]
            page = case.hits(offset=7, limit=1000)
            assert [(p.hit.query_id, p.hit.citation, p.row) for p in page] == [
                (query_id, hit.citation, hit.row) for query_id, hit in order[7:1007]
            ]
            record_id = found(draw.randrange(900)).citation.record_id
            held = sorted(mine[record_id] for mine in numbers.values() if record_id in mine)
            assert [p.hit.hit_id for p in case.hits_of(record_id)] == [f"h{n}" for n in held]
            assert case.count_hit_records() == len(set().union(*numbers.values()))
            assert case.count_hit_records(["q1", "q2"]) == len({*numbers["q1"], *numbers["q2"]})


def test_records_are_told_apart_by_all_of_their_ids() -> None:
    ids = [b"same-8-b" + n.to_bytes(8, "big") for n in range(40)]
    known = RecordsHit()
    known.add(b"".join(ids[:9]), np.arange(1, 10))
    known.add(b"".join(ids[9:12]), np.arange(20, 23))
    assert [known.number(one) for one in ids[:14]] == [*range(1, 10), 20, 21, 22, 0, 0]
    assert known.last == 22
    assert known.may_repeat(b"new-8-by" * 4)
    assert not known.may_repeat(b"new-8-byother-8-")
    assert distinct(b"".join(ids + ids[:5])) == 40
    assert distinct(b"") == 0


def test_large_pieces_are_merged_no_more_and_answer_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hitruns, "_MERGED", 8)
    draw, known, numbers = random.Random(5), RecordsHit(), dict[bytes, int]()  # noqa: S311 - a seeded draw, no secret
    for size in (3, 9, 4, 20, 1, 2, 30, 5):
        ids = [draw.randbytes(16) for _ in range(size)]
        first = known.last + 1
        numbers |= dict(zip(ids, range(first, first + size), strict=True))
        assert not known.may_repeat(b"".join(ids))
        known.add(b"".join(ids), np.arange(first, first + size))
    assert {one: known.number(one) for one in numbers} == numbers
    assert all(known.may_repeat(one) for one in numbers)
    assert distinct(known.record_ids()) == len(numbers)


def test_hits_and_notes_of_an_older_file_are_there_after_its_step(
    case_path: Path, key: bytes, found: Finder
) -> None:
    older = replace(schema.CASE, steps=schema.CASE.steps[:5])
    connection = open_encrypted(case_path, key, create=True)
    prepare(connection, older, of="case.db", create=True)
    connection.execute("INSERT INTO searches VALUES (1, 'a', x'', x'', 'ana', 1, '{}')")
    given = [found(300), found(7), found(512)]
    for number, hit in enumerate(given, 1):
        cited = hit.citation
        connection.execute(
            "INSERT INTO hits VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(number, cited.record_id, hit.pack_id, hit.block, hit.row),
                *(cited.part, cited.start_byte, cited.end_byte, cited.text_sha256),
                f"[{','.join(f'[{a},{b},{c}]' for a, b, c in hit.spans)}]",
            ),
        )
    note = (2, given[1].citation.record_id)
    connection.execute("INSERT INTO notes VALUES (1, ?, ?, 'seen', 'ana', 1)", note)
    connection.close()
    with CaseStore.open(case_path, key) as case:
        assert [(p.hit.citation, p.hit.spans, p.pack_id, p.block, p.row) for p in case.hits()] == [
            (hit.citation, hit.spans, hit.pack_id, hit.block, hit.row) for hit in given
        ]
        assert [(n.note_id, n.hit_id, n.text) for n in case.notes()] == [("n1", "h2", "seen")]
        assert case.add_hits("q1", [found(7), found(8)]) == ["h2", "h4"]
        assert case.hit("h4").hit.citation == found(8).citation
        assert case.add_note(note[1], text="more", by="ana", at_us=2, hit_id="h2") == "n2"
        with pytest.raises(UsageError, match="no hit on this record"):
            case.add_note(note[1], text="more", by="ana", at_us=2, hit_id="h4")


def test_a_run_of_which_nothing_is_left_is_kept_as_nothing(
    case_path: Path, key: bytes, found: Finder
) -> None:
    (some,) = runs_of([found(1), found(2)])
    none = some.kept([])
    with CaseStore.open(case_path, key, create=True) as case:
        query_id = case.add_search("a", salt=b"", digest=b"", by="ana", at_us=1, plan={})
        assert case.add_runs(query_id, [none, none]) == [range(1, 1), range(1, 1)]
        assert case.add_runs(query_id, [none, some, none])[1] == range(1, 3)
        assert case.add_runs(query_id, [none]) == [range(3, 3)]
        assert case.count_hits(query_id) == 2
        assert len(case.hits(query_id)) == 2
