"""A terms report counts for every term what a look for it alone would find."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from pathlib import Path

import pytest
from tests.desk import offices, searchcases
from tests.stages.lookback import slices

from pastwatch.desk.searching_terms import report_terms
from pastwatch.ledger.entry import Act
from pastwatch.model.note import Annotation

TERMS = (
    "tank", "Tank", "атака", "أحمد", "東京", "van", '"blue van"', "off*", "tank AND van",
    "tank OR office", "from:p1", "subject:note", "NOT the", "/t[ae]nk/", "tank NEAR/3 van", "zeppelin",
    "e-mail", "after:2017-07-02 tank", "ß", '"the tank"', "source:mail tank", "*an*", '"атака * *"', "атак?", '"the * the"', "/an/",
)  # fmt: skip


def asked(folder: Path, rows: list[list[str]]) -> Path:
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    path = folder / "terms.csv"
    path.write_text(made.getvalue(), encoding="utf-8")
    return path


@pytest.mark.parametrize("patterns", [True, False])
def test_each_term_counts_what_a_look_for_it_finds(
    desk: offices.Desk, tmp_path: Path, patterns: bool
) -> None:
    terms = [term for term in TERMS if patterns or not term.startswith("/")]
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, slices.texts(600, seed=6))
        done = report_terms(case, asked(tmp_path, [["term"], *([t] for t in terms)]))
        looked = {t: {h.citation.record_id for h in case.look(t)} for t in terms}
        times = Counter(i for ids in looked.values() for i in ids)
        for line in done.report.lines:
            ids = looked[line.asked.text]
            assert (line.asked.text, line.hits) == (line.asked.text, len(ids))
            assert line.unique_hits == sum(times[i] == 1 for i in ids)
            assert line.families == line.hits
            assert sum(line.sources.values()) == sum(line.accounts.values()) == line.hits
        assert done.report.records == len(times)
        assert [x.asked.text for x in done.report.ended("none")] == ["zeppelin", "e-mail"]
        assert done.query_id is not None
        kept = case.papers.search(done.query_id)
        assert kept.ended
        assert kept.hits == len(times)
        case.close()


def test_a_list_is_one_look_and_one_reading_however_long(
    desk: offices.Desk, tmp_path: Path
) -> None:
    draw = random.Random(3)  # noqa: S311 - test data
    words = [f"w{n}" for n in range(400)]
    texts = [" ".join(draw.choices(words, k=8)) for _ in range(300)]
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, texts)
        first = archive.office.ledger.size
        done = report_terms(case, asked(tmp_path, [[w] for w in words]))
        entries = list(archive.office.ledger.entries(first))
        purposes = [str(e.outcome["purpose"]) for e in entries if e.act == Act.OPEN]
        assert Counter(p for p in purposes if p != "plan") == {"look": 1, "terms": 1}
        assert len(case.papers.searches()) == 1
        expected = {w: sum(w in t.split() for t in texts) for w in words}
        assert {line.asked.text: line.hits for line in done.report.lines} == expected
        case.close()


def test_errors_and_repeats_are_told_by_their_line(desk: offices.Desk, tmp_path: Path) -> None:
    rows = [["no", "Term"], ["1", "van"], ["2", '"van'], ["3", ""], ["4", "van"], ["5", "a NEAR b"]]
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, ["a van"])
        report = report_terms(case, asked(tmp_path, rows)).report
        case.close()
    assert [(x.asked.line, x.status.split(":")[0], x.hits) for x in report.lines] == [
        (2, "found", 1),
        (3, "error", 0),
        (5, "repeats line 2", 0),
        (6, "error", 0),
    ]
    assert "character" in report.ended("error")[0].status


def test_a_list_with_nothing_to_ask_opens_nothing(desk: offices.Desk, tmp_path: Path) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, ["a van"])
        first = archive.office.ledger.size
        done = report_terms(case, asked(tmp_path, [["("], ['"x']]))
        assert done.query_id is None
        assert len(done.report.ended("error")) == 2
        assert archive.office.ledger.size == first
        case.close()


def test_no_cell_of_the_report_is_a_formula(desk: offices.Desk, tmp_path: Path) -> None:
    (tmp_path / "terms.txt").write_text('-van\n=van\n"@van"\n+van\nvan\n', encoding="utf-8")
    with desk.open() as archive:
        rows = searchcases.rows(["a van", "no"])
        rows[0]["from"] = "=HYPERLINK(1)"
        archive.collect(
            offices.write_lines(desk.folder / "input.jsonl", rows), source="mail", basis="own"
        )
        case = searchcases.opened(desk, archive)
        done = report_terms(case, tmp_path / "terms.txt")
        case.close()
    cells = [
        c
        for text in (done.as_csv(), done.accounts_as_csv())
        for r in csv.reader(io.StringIO(text))
        for c in r
    ]
    assert len(cells) > 30
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]
    assert "'=HYPERLINK(1)" in cells


def test_families_are_counted_once_and_protected_records_never(
    desk: offices.Desk, tmp_path: Path
) -> None:
    with desk.open() as archive:
        case = searchcases.case_of(desk, archive, ["van one", "van two", "van three", "van four"])
        hits = list(case.look("van"))
        notes = [
            Annotation(
                record_id=h.citation.record_id, kind="family", value="f1", maker="m", version="1"
            )
            for h in hits[:2]
        ]
        case.papers.add_annotations(notes, at_us=1)
        (line,) = report_terms(case, asked(tmp_path, [["van"]])).report.lines
        assert (line.hits, line.families) == (4, 3)
        case.mark(hits[3].hit_id, "protected")
        report = report_terms(case, asked(tmp_path, [["van"]])).report
        assert (report.lines[0].hits, report.records, report.families) == (3, 3, 2)
        case.close()
