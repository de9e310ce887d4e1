"""Searching as a person meets it: ranked pages, counts, narrowing, other spellings, lists of terms."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pastwatch.cli.main import main, tree
from pastwatch.cli.search import search
from pastwatch.cli.terms import terms
from pastwatch.desk.scratch import draft_filled, scratch_archive

TEXTS = [
    "the van the van", "a blue van", "Mohammed drove", "محمد عند الباب", *["small talk"] * 6,
]  # fmt: skip


class Program:
    name = "pastwatch"

    def main(self, args: list[str], **_: object) -> None:
        main(args)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten records with a case over them: every search only adds to it."""
    made = tmp_path_factory.mktemp("searched")
    lines = [
        {
            "id": f"m{n}",
            "from": f"p{n % 2}@a.example",
            "date": f"2017-07-01T{n:02d}:00:00Z",
            "text": text,
        }
        for n, text in enumerate(TEXTS)
    ]
    (made / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with scratch_archive(made, person="ana") as archive:
        archive.collect(made / "in.jsonl", source="mail", basis="own")
        archive.add_event("fire", "Fire", at="2017-07-01T12:00+00:00", references=("a",))
        draft = draft_filled(archive, "fire", made / "a.toml", ground="own")
        archive.open_case("fire", draft)[0].close()
    return made


@pytest.fixture(autouse=True)
def place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PASTWATCH_ARCHIVE", str(folder / "archive"))
    monkeypatch.setenv("PASTWATCH_KEYS", str(folder / "keys"))
    monkeypatch.setitem(tree.commands, "search", search)
    monkeypatch.setitem(tree.commands, "terms", terms)


def run(*words: str) -> Result:
    return CliRunner().invoke(Program(), [*words])  # type: ignore[arg-type]


def test_hits_are_shown_best_first_and_the_rest_is_one_page_on() -> None:
    done = run("search", "van", "--limit", "1", "--facet", "sender")
    assert done.exit_code == 0, done.output
    first, *rest = done.stdout.splitlines()
    assert "the [van] the [van]" in first
    assert "by sender:" in rest
    assert rest[-1].startswith("showing 1 to 1 of 2 hits, best first (q")
    query_id = rest[-1].partition("(")[2].partition(")")[0]
    more = run("search", query_id, "--offset", "1")
    assert "a blue [van]" in more.stdout
    assert f"showing 2 to 2 of 2 hits, best first ({query_id})" in more.stdout


def test_narrowing_says_from_how_many() -> None:
    done = run("search", "van OR talk", "--only", "sender=p1@a.example", "--json")
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["ranked"], told["only"]) == (4, {"sender": "p1@a.example"})
    assert run("search", "van", "--only", "sender").exit_code == 2
    assert run("search", "van", "--only", "colour=red").exit_code == 2


def test_nothing_found_is_no_failure() -> None:
    done = run("search", "zeppelin")
    assert done.exit_code == 1
    assert "nothing found" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("van", "--meaning", "x"),
        ("--meaning", " "),
        ("--similar", "nobody"),
        ("van", "--take", "a"),
        ("--expand", "van", "--facet", "day"),
    ],
)
def test_what_makes_no_sense_is_refused(words: tuple[str, ...]) -> None:
    assert run("search", *words).exit_code == 2


def test_likeness_says_that_it_is_no_search() -> None:
    hit = json.loads(run("search", "blue", "--json").stdout.splitlines()[0])["hit_id"]
    done = run("search", "--similar", hit, "--limit", "3")
    assert done.exit_code == 0, done.output
    assert "ranked by shared words: no threshold, not exhaustive" in done.stdout
    assert "the van the van" in done.stdout
    lines = run("search", "--similar", hit, "--json").stdout.splitlines()
    assert json.loads(lines[0])["how"] == "ranked by shared words: no threshold, not exhaustive"


def test_a_term_is_offered_in_other_spellings_and_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anyascii", reason="the library for other scripts is not installed")
    pytest.importorskip("rapidfuzz", reason="the library for spellings is not installed")
    monkeypatch.setattr("pastwatch.desk.searching_words.embedders", dict)
    done = run("search", "--expand", "Mohammed")
    assert done.exit_code == 0, done.output
    assert "محمد" in done.stdout
    assert "consonants" in done.stdout
    taken = run("search", "--expand", "Mohammed", "--take", "محمد")
    assert taken.stdout == "Mohammed OR محمد\n"
    assert "logged in the case" in taken.stderr
    found = run("search", taken.stdout.strip())
    assert "of 2 hits" in found.stdout
    assert "محمد: consonants" in found.stdout
    assert run("search", "--expand", "Mohammed", "--take", "van").exit_code == 2
    assert run("search", "--expand", "zzzzzzz").exit_code == 1


def test_a_list_of_terms_is_reported_and_written(folder: Path) -> None:
    (folder / "list.csv").write_text("term\nvan\nzeppelin\n(\nvan\n", encoding="utf-8")
    done = run("terms", "list.csv", "--out", "report.csv", "--accounts", "accounts.csv")
    assert done.exit_code == 0, done.output
    assert "4 terms: 2 records hit in 2 families" in done.stdout
    assert "1 term without a hit: zeppelin" in done.stdout
    assert "1 term in error: line 4" in done.stdout
    assert "1 term repeated: van" in done.stdout
    with (folder / "report.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["term"], r["hits"], r["source mail"]) for r in rows][:2] == [
        ("van", "2", "2"),
        ("zeppelin", "0", "0"),
    ]
    assert "p1@a.example" in (folder / "accounts.csv").read_text(encoding="utf-8")
    told = [json.loads(line) for line in run("terms", "list.csv", "--json").stdout.splitlines()]
    assert told[0]["unique_hits"] == 2
    assert told[-1]["records"] == 2


def test_a_list_that_is_not_there_or_has_nothing_is_said(folder: Path) -> None:
    assert run("terms", "gone.csv").exit_code == 2
    (folder / "none.csv").write_text("term\nzeppelin\n", encoding="utf-8")
    assert run("terms", "none.csv").exit_code == 1
