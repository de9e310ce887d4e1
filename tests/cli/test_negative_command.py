"""The commands of a finding of nothing fit a hundred columns, and tell nobody which is a copy."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pastwatch.cli import finding, hypotheses, look, negative
from pastwatch.cli.session import Session
from pastwatch.cli.show import width
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import UsageError

WORDING = '[en]\nother = ["the cargo goes by night", "send the cargo after dark"]\n'
COUNTS = "a record that orders it, or tells of it"


class Desk:
    """Runs commands at an archive, and keeps all they print."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printed: list[str] = []

    def run(self, *args: str, status: int = 0) -> str:
        tree = click.Group(
            commands={
                "negative": negative.negative,
                "look": look.look,
                "finding": finding.finding,
                "hypotheses": hypotheses.hypotheses,
            }
        )
        given = (
            *("--archive", str(self.folder / "archive"), "--keys", str(self.folder / "keys")),
            *("--person", "ana"),
        )
        result = CliRunner().invoke(
            tree, [*args, *given], obj=Session(), standalone_mode=False, catch_exceptions=False
        )
        assert int(result.return_value) == status, result.output
        text = str(result.stdout)
        if args[0] == "negative" and "--json" not in args:
            self.printed.append(text)
        return text


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case in which cargo was looked for, sampled, rehearsed, read, and not found."""
    folder = tmp_path_factory.mktemp("negative")
    (folder / "wording.toml").write_text(WORDING, encoding="utf-8")
    rows = folder / "rows.jsonl"
    rows.write_text(
        "".join(
            json.dumps(
                {
                    "id": str(n),
                    "date": f"2017-07-01T{n % 24:02d}:00:00Z",
                    "from": f"p{n % 3}@a.example",
                    "to": "q@a.example",
                    "conversation": f"talk {n}",
                    "text": f"lot {n} of the yard",
                }
            )
            + "\n"
            for n in range(30)
        ),
        encoding="utf-8",
    )
    with scratch_archive(folder, person="ana") as opened:
        opened.collect(rows, source="rows", basis="own", connector="jsonl")
        opened.add_event("e", "Event", at="2017-07-01T12:00Z", references=("report",))
        open_self_authorised(opened, "e", folder / "grant.toml", ground="own data")[0].close()
    made = Desk(folder)
    made.run("look", "cargo", status=1)
    made.run("negative", "list", status=1)
    made.run("negative", "price", "--at-most", "5")
    made.run("negative", "sample", "Was cargo moved?", "--would-count", COUNTS, "--size", "12")
    made.run(
        *("negative", "rehearse", str(folder / "wording.toml")),
        *("--sample", "p1", "--shown", "4", "--as-written"),
    )
    return made


def read_all(desk: Desk) -> list[str]:
    """Read the sample to its end; the pages that were shown."""
    pages = []
    for _ in range(14):
        page = desk.run("negative", "next", "p1")
        pages.append(page)
        desk.run("negative", "call", "p1", "--found" if "cargo" in page else "--none")
    desk.run("negative", "next", "p1", status=1)
    return pages


def test_a_finding_of_nothing_is_made_from_price_to_check(desk: Desk) -> None:
    shown = json.loads(desk.run("negative", "next", "p1", "--json"))
    assert set(shown) == {"sample", "turn", "of", "records", "would_count"}
    assert set(shown["records"][0]) == {
        *("when", "sender", "recipients", "subject", "text", "attachments"),
    }
    still = json.loads(desk.run("negative", "show", "j1", "--json"))
    assert still["copies"] == "still unmarked"
    pages = read_all(desk)
    assert sum("cargo" in page for page in pages) == 2
    assert not re.search(r"[0-9a-f]{16}|\bcopy|j1", "".join(pages))
    over = desk.run("negative", "show", "p1")
    assert "of copies mixed in, 2 of 2 recognised" in over
    desk.run("finding", "add", "No word of cargo was found.", "--kind", "negative")
    page = desk.run(
        *("negative", "add", "--sample", "p1", "--rehearsal", "j1", "--finding", "f1"),
        *("--parties", "Nemo,p1@a", "--not-held", "the telephone", "--accounts", "p1@a"),
    )
    assert "no communications of Nemo are held" in page
    assert "never summed" in page
    assert "it comes out the same" in desk.run("negative", "check", "n1")
    told = json.loads(desk.run("negative", "show", "n1", "--json"))
    assert told["sampled"]["at_most"] > 0
    assert told["unheld"] == ["Nemo"]
    rows = [json.loads(line) for line in desk.run("negative", "list", "--json").splitlines()]
    assert [row["kind"] for row in rows] == ["negative", "sample", "rehearsal"]
    desk.run("negative", "list")
    assert "found by q1" in desk.run("negative", "show", "j1")
    desk.run("hypotheses", "item", "no word of cargo", "--negative", "n1")
    with pytest.raises(UsageError, match="has its own rehearsal"):
        desk.run("hypotheses", "item", "x", "--negative", "n1", "--rehearsed", "5:5")
    desk.run("look", "lot")
    desk.run("negative", "add", "Any lot?", "--would-count", "a lot", "--queries", "q2")
    assert "no bound: nothing was sampled" in desk.printed[-1]
    desk.run("negative", "strike", "n2", "--reason", "lots are everywhere")
    wide = [line for text in desk.printed for line in text.splitlines() if width(line) > 100]
    assert not wide


def test_what_makes_no_sense_is_refused_with_a_way_out(desk: Desk) -> None:
    for args, words in (
        (("price",), "say how many"),
        (("sample", "x", "--would-count", "y", "--size", "900"), "holds 1 to"),
        (("rehearse",), "name a file of wording"),
        (("call", "p1"), "say what it holds"),
        (("next", "p9"), "no sample"),
        (("show", "n9"), "no finding of nothing"),
        (("show", "j9"), "no rehearsal"),
        (("add", "x", "--would-count", "y", "--sample", "p1"), "another question"),
    ):
        with pytest.raises(UsageError, match=words):
            desk.run("negative", *args)
