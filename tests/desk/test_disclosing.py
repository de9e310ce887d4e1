"""A disclosure pack holds what speaks against the conclusion, and nothing of protected records."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.desk import offices, reviews

from pastwatch.desk.briefs.disclosing import Disclosed, disclose
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.hypotheses import add_hypothesis, add_item, dissent, rate
from pastwatch.desk.identifying import merge
from pastwatch.stages.brief.laid_open import OpenTable, csv_of, index_page, json_lines


@pytest.fixture
def case(desk: offices.Desk) -> Iterator[OpenCase]:
    with desk.open() as archive:
        work = reviews.opened(desk, archive)
        hits = list(work.look("valve"))
        list(work.look("submarine"))
        work.finding("The valve was opened.", cites=[hits[0].hit_id])
        work.finding("It was shut again.", cites=[hits[1].hit_id])
        work.retract("f2", reason="it was another valve")
        work.mark(hits[0].hit_id, "not-relevant", note="on second reading")
        work.mark(hits[2].hit_id, "protected")
        work.note(hits[0].hit_id, "=HYPERLINK(1)")
        work.note(hits[2].hit_id, "counsel speaks")
        yield work


@pytest.fixture
def pack(case: OpenCase, tmp_path: Path) -> Disclosed:
    for title in ("opened", "shut"):
        add_hypothesis(case, f"It was {title}.")
    add_item(case, "what was said of the valve", cites=["h1"])
    rate(case, "i1", {"y1": "C", "y2": "II"}, reason="it says so")
    dissent(case, "y1", "the night shift was not there")
    return disclose(case, tmp_path / "pack")


def rows(pack: Disclosed, name: str) -> list[dict[str, Any]]:
    lines = (pack.folder / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_what_speaks_against_it_is_in_one_table(pack: Disclosed) -> None:
    against = rows(pack, "against")
    assert {r["sort"] for r in against} >= {"rating", "judgement", "dissent"}
    (rated,) = [r for r in against if r["sort"] == "rating"]
    assert rated["about"] == "i1 against y2"
    assert [r for r in against if r["says"] == "on second reading"]


def test_fruitless_searches_and_withdrawn_findings_are_there(pack: Disclosed) -> None:
    queries = {r["text"]: r for r in rows(pack, "queries")}
    assert queries["submarine"]["fruitless"]
    assert not queries["valve"]["fruitless"]
    (gone,) = [r for r in rows(pack, "findings") if r["withdrawn"]]
    assert gone["withdrawn_for"] == "it was another valve"


def test_protected_records_are_withheld_and_counted(pack: Disclosed, case: OpenCase) -> None:
    (shut,) = case.papers.protected_ids()
    everything = b"\n".join(p.read_bytes() for p in pack.folder.iterdir())
    assert shut.hex().encode() not in everything
    assert b"counsel speaks" not in everything
    assert pack.protected == 1
    assert pack.withheld == 2
    assert b"1 protected records; 2 rows" in everything


def test_formulas_are_text_in_csv_and_exact_in_json(pack: Disclosed) -> None:
    told = list(csv.DictReader(io.StringIO((pack.folder / "notes.csv").read_text("utf-8"))))
    assert told[0]["text"] == "'=HYPERLINK(1)"
    assert rows(pack, "notes")[0]["text"] == "=HYPERLINK(1)"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t=", " =", "＝"])
def test_no_cell_begins_as_a_formula(first: str) -> None:
    table = OpenTable(name="a", title="A", says="", columns=("x",), rows=((f"{first}1+1",),))
    (_, (cell,)) = csv.reader(io.StringIO(csv_of(table).decode()))
    assert cell.startswith("'")


def test_what_a_terminal_obeys_stands_as_a_sign() -> None:
    table = OpenTable(name="a", title="A", says="", columns=("x",), rows=(("\x1b[31m\u202eb<i>",),))
    made = csv_of(table) + json_lines(table) + index_page("\x1bt", (), (table,))
    for sign in (b"\x1b", "\u202e".encode(), b"<i>b"):
        assert sign not in made.replace(b"b<i>", b"")
    assert b"b&lt;i&gt;" in made
    assert json.loads(json_lines(table))["x"] == "\x1b[31m\u202eb<i>"


def test_a_negative_number_stays_a_number_in_csv() -> None:
    table = OpenTable(name="a", title="A", says="", columns=("x",), rows=((-3,),))
    assert csv_of(table).decode().splitlines()[1] == "-3"


def test_the_hash_list_and_the_ledger_name_every_file(pack: Disclosed, case: OpenCase) -> None:
    (entry,) = [e for e in case.office.ledger.entries() if e.sequence == pack.release_sequence]
    assert entry.act == "release"
    lines = (pack.folder / "hashes.txt").read_text().splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for path in pack.folder.iterdir():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if path.name not in ("hashes.txt", "ledger.json"):
            assert listed[path.name] == digest
        if path.name != "ledger.json":
            assert entry.objects[path.name] == digest


def test_the_page_names_every_table(pack: Disclosed) -> None:
    page = (pack.folder / "index.html").read_text("utf-8")
    for name, _ in pack.tables:
        assert f'id="{name}"' in page
        assert (pack.folder / f"{name}.csv").is_file()
    assert "http" not in page.replace("http-equiv", "")


def test_an_actor_of_protected_records_alone_is_withheld_with_what_was_argued(
    case: OpenCase, tmp_path: Path
) -> None:
    (shut,) = case.papers.protected_ids()
    hidden = next(h for h in case.papers.hits_of(shut))
    case.papers.undo(case.papers.judged()[-1].number, by="ana", at_us=0)
    merge(case, ["mail:p9@a.example", "mail:p8@a.example"], label="The Ferryman", reason="the ferry", cites=[hidden.hit.hit_id])  # fmt: skip
    case.mark(hidden.hit.hit_id, "protected")
    made = disclose(case, tmp_path / "pack")
    everything = b"\n".join(p.read_bytes() for p in made.folder.iterdir())
    assert b"Ferryman" not in everything
    assert b"the ferry" not in everything
    assert made.withheld >= 5
