"""The hypotheses commands fit a hundred columns, and never say how sure anybody may be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pastwatch.cli import finding, grades, hypotheses, look
from pastwatch.cli.session import Session
from pastwatch.cli.show import width
from pastwatch.desk.scratch import open_self_authorised, scratch_archive

SURE = re.compile(
    r"%|per ?cent|\b(?:almost no chance|remote|(?:very |highly |un|im)?(?:likely|probabl[ey])|"
    r"even (?:chance|odds)|realistic possibility|(?:almost|nearly) certain(?:ly)?|likelihood|"
    r"probability|odds|confidence)\b",
    re.IGNORECASE,
)
ITEMS = 16


class Desk:
    """Runs commands at an archive, and keeps all they print."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printed: list[str] = []

    def run(self, *args: str, person: str = "ana", status: int = 0) -> str:
        tree = click.Group(
            commands={
                "hypotheses": hypotheses.hypotheses,
                "grades": grades.grades,
                "look": look.look,
                "finding": finding.finding,
            }
        )
        given = (
            *("--archive", str(self.folder / "archive"), "--keys", str(self.folder / "keys")),
            *("--person", person),
        )
        result = CliRunner().invoke(
            tree, [*args, *given], obj=Session(), standalone_mode=False, catch_exceptions=False
        )
        assert int(result.return_value) == status, result.output
        text = "".join(line for line in result.stdout.splitlines(keepends=True) if line.strip())
        if args[0] in ("hypotheses", "grades"):
            self.printed.append(text)
        return text


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A case with hypotheses, sixteen items rated by two, grades, a negative and a dissent."""
    folder = tmp_path_factory.mktemp("hypotheses")
    rows = folder / "rows.jsonl"
    row = {"date": "2017-07-01T10:00:00Z", "from": "a", "to": "b"}
    rows.write_text(
        "".join(
            json.dumps({**row, "id": str(n), "text": f"gate number{n} closed"}) + "\n"
            for n in range(ITEMS)
        ),
        encoding="utf-8",
    )
    with scratch_archive(folder, person="ana") as opened:
        opened.collect(rows, source="rows", basis="own", connector="jsonl")
        opened.add_event("e", "Event", at="2017-07-01T12:00Z", references=("report",))
        open_self_authorised(opened, "e", folder / "grant.toml", ground="own data")[0].close()
    made = Desk(folder)
    made.run("hypotheses", "ask", "Who closed the gates?")
    made.run("hypotheses", "add", "strike", "--says", "The gates were closed by a strike.")
    made.run("hypotheses", "add", "an order of the firm", "--argued-by", "Cleo")
    made.run("hypotheses", "add", "--none")
    made.run("look", "gate")
    made.run("hypotheses", "add", "accident", "--says", "A wagon caught fire.")
    for n in range(1, ITEMS):
        made.run("hypotheses", "item", f"gate {n} was closed at the hour named in the rota of the day",
                 "--cites", f"h{n}", "--relevance", ("low", "medium", "high")[n % 3])  # fmt: skip
    made.run("look", "strike", status=1)
    made.run("finding", "add", "No talk of a strike was found.", "--kind", "negative")
    made.run(
        "hypotheses", "item", "no talk of a strike", "--negative", "f1", "--rehearsed", "50:40"
    )
    signs = ("C", "I", "II", "N", "CC")
    for person, shift in (("ana", 0), ("ben", 1)):
        file = folder / f"{person}.toml"
        file.write_text(
            "as_of = 2017-07-01T12:00:00Z\n"
            + "".join(
                f'[i{n}]\nwhy = "so it reads"\ny1 = "{signs[n % 5]}"\n'
                f'y2 = "{signs[(n * 2 + shift * (n % 4 == 1)) % 5]}"\ny3 = "N"\ny4 = "{signs[(n + 3) % 5]}"\n'
                for n in range(1, ITEMS + 1)
            ),
            encoding="utf-8",
        )
    made.run("hypotheses", "rate", "--file", str(folder / "ana.toml"))
    return made


def test_the_second_rater_sees_no_rating_of_the_first(desk: Desk) -> None:
    text = desk.run("hypotheses", "matrix", person="ben")
    assert "4 ratings of others hidden" in text
    assert not re.search(r"\bII\b(?!  hypothesis)|\bCC\b", text.split("item  steps")[0])
    desk.run("hypotheses", "rate", "--file", str(desk.folder / "ben.toml"), person="ben")
    assert "hidden" not in desk.run("hypotheses", "matrix", person="ben")


def test_the_matrix_has_hypotheses_in_rows_and_fits_a_hundred_columns(desk: Desk) -> None:
    text = desk.run("hypotheses", "matrix")
    assert max(map(width, text.splitlines())) <= 100
    rows = [line for line in text.splitlines() if line.startswith("y1 strike")]
    assert len(rows) == 2  # sixteen items stand in two blocks
    named = re.findall(r"(?m)^i\d+ ", text)
    assert len(named) == ITEMS + len(re.findall(r"(?m)^i\d+ is not diagnostic", text))
    steps = [float(s) for s in re.findall(r"(?m)^i\d+ +([\d.]+) +\d\.\d\d ", text)]
    assert steps == sorted(steps, reverse=True)
    assert "apart" in text
    assert "Rated blind by two: 64 cells" in text
    assert "Later than the first opening: y4." in text
    assert "is not diagnostic: looked at" in text


def test_items_stand_in_rows_where_asked(desk: Desk) -> None:
    text = desk.run("hypotheses", "matrix", "--items-in-rows")
    assert "    y1  y2" in text
    assert re.search(r"(?m)^i2 +II +\S+ +N +C$", text)


def test_json_gives_the_exact_table(desk: Desk) -> None:
    lines = [json.loads(line) for line in desk.run("hypotheses", "matrix", "--json").splitlines()]
    kinds = [line["kind"] for line in lines]
    assert kinds.count("hypothesis") == 4
    assert kinds.count("item") == ITEMS
    assert kinds.count("standing") == 4
    (rested,) = [line for line in lines if line["kind"] == "remarks"]
    assert rested["agreement"]["cells"] == 64


def test_questions_and_hypotheses_say_when_they_were_written_down(desk: Desk) -> None:
    desk.run("hypotheses", "refute", "y1", "a list of who worked", "--queries", "q1",
             "--outcome", "none found")  # fmt: skip
    text = desk.run("hypotheses", "list")
    assert text.count("before the first opening") == 4
    assert text.count("LATER than the first opening") == 1
    assert "looked for in q1: none found" in text
    assert "nothing is said that would refute it" in text


def test_switches_flips_and_dates_are_told(desk: Desk) -> None:
    desk.run("grades", "source", "rows", "E", "--reason", "two of its times were wrong")
    desk.run("grades", "source", "the paper", "F", "--reason", "nothing was ever checked")
    desk.run("grades", "item", "i1", "2", "--reason", "r", "--question", "said",
             "--weighed", "authenticity=held by both", "--weighed", "handover=logged")  # fmt: skip
    text = desk.run("hypotheses", "what-if")
    assert "without D-E" in text
    assert "ben alone" in text
    assert "F and 6 mean that it cannot be judged" in text
    assert "As it stands: " in desk.run("hypotheses", "flips")
    assert re.match(r"2017-07-01 12:00:00 \+00:00  y", desk.run("hypotheses", "changes"))
    told = desk.run("grades", "list")
    assert "F     source the paper (cannot be judged)" in told
    assert "E2/–  item i1; not graded yet: true" in told


def test_a_dissent_is_printed_under_the_order(desk: Desk) -> None:
    desk.run("hypotheses", "dissent", "y1", "the rota was drawn up later", "--who", "Dora")
    assert "Dissent of Dora from y1: the rota was drawn up later" in desk.run(
        "hypotheses", "matrix"
    )
    desk.run("hypotheses", "strike", "i3", "--reason", "a quotation")
    assert not re.search(r"(?m)^i3 ", desk.run("hypotheses", "matrix"))


def test_no_output_holds_a_share_or_a_word_of_likelihood(desk: Desk) -> None:
    for command in ("list", "matrix", "what-if", "flips", "changes"):
        desk.run("hypotheses", command)
        desk.run("hypotheses", command, "--json")
    desk.run("grades", "list", "--json")
    assert len(desk.printed) > 20
    found = {m.group() for text in desk.printed for m in SURE.finditer(text)}
    assert found == set()
    assert SURE.search("That is very unlikely.")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("rate",), "name an item or a file"),
        (("rate", "i1", "y1", "--reason", "r"), "is no rating"),
        (("rate", "i1", "y1=maybe", "--reason", "r"), "is no rating"),
        (("rate", "i1", "--reason", "r"), "no rating was given"),
        (("rate", "i1", "y9=C", "--reason", "r"), "no hypothesis"),
        (("add",), "has a title"),
        (("item", "t", "--negative", "f1", "--rehearsed", "many"), "is no rehearsal"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, args: tuple[str, ...], said: str) -> None:
    with pytest.raises(Exception, match=said):
        desk.run("hypotheses", *args)
