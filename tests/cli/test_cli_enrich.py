"""The cost before the work, the work, what was skipped, and how far it is: as a person meets them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pastwatch import plugins
from pastwatch.cli.enrich import enrich
from pastwatch.cli.main import main, tree
from pastwatch.desk.scratch import draft_filled, scratch_archive
from pastwatch.errors import MissingExtra
from pastwatch.stages.enrich.enrichers import quoted

DOOR = "enrichers"
TEXTS = [f"number {n} came to the gate\n\n> what was said" for n in range(12)]


class Breaking(quoted.Quoted):
    """Breaks on one record."""

    name = "breaking"

    def enrich(self, records: Any) -> Any:
        held = list(records)
        if any("number 7 " in record.text for record in held):
            raise LookupError("number 7")
        return super().enrich(held)


class Absent:
    """Needs what is not there."""

    name, version = "absent", "1"

    def setup(self, _: object) -> Any:
        raise MissingExtra("needs a thing", hint="pip install 'pastwatch[enrich]'")


PRESENT = {"absent": Absent(), "quoted": quoted.ENRICHER, "breaking": Breaking()}


class Program:
    name = "pastwatch"

    def main(self, args: list[str], **_: object) -> None:
        main(args)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve records with a case over them; `copy` beside it holds both as they were."""
    folder = tmp_path_factory.mktemp("enriched")
    lines = [
        {"id": f"m{n}", "from": "a@a.example", "date": f"2017-07-01T{n:02d}:00:00Z", "text": text}
        for n, text in enumerate(TEXTS)
    ]
    (folder / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with scratch_archive(folder, person="ana") as archive:
        archive.collect(folder / "in.jsonl", source="mail", basis="own")
        archive.add_event("fire", "Fire", at="2017-07-01T12:00+00:00", references=("a",))
        draft = draft_filled(
            archive, "fire", folder / "a.toml", ground="own", acts=["read", "enrich"]
        )
        archive.open_case("fire", draft)[0].close()
    for name in ("archive", "keys"):
        shutil.copytree(folder / name, folder / "copy" / name)
    return folder


@pytest.fixture(autouse=True)
def case(pristine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was, where the case knows itself to be; found through the environment."""
    for name in ("archive", "keys"):
        shutil.rmtree(pristine / name)
        shutil.copytree(pristine / "copy" / name, pristine / name)
    names, load = plugins.names, plugins.load
    monkeypatch.setenv("PASTWATCH_ARCHIVE", str(pristine / "archive"))
    monkeypatch.setenv("PASTWATCH_KEYS", str(pristine / "keys"))
    monkeypatch.setitem(tree.commands, "enrich", enrich)
    monkeypatch.setattr(
        plugins, "names", lambda door: tuple(sorted(PRESENT)) if door == DOOR else names(door)
    )
    monkeypatch.setattr(
        plugins,
        "load",
        lambda door, name: PRESENT[name] if name in PRESENT else load(door, name),
    )


def run(*words: str) -> Result:
    return CliRunner().invoke(Program(), ["enrich", *words])  # type: ignore[arg-type]


def test_the_plan_tells_records_and_seconds_and_does_nothing() -> None:
    done = run("--plan")
    assert done.exit_code == 0, done.output
    assert re.search(r"(?m)^quoted +1 +12 +0 +\S+/s +under 1 s$", done.stdout)
    assert "expected: under 1 s for 12 records, likely relevant first" in done.stdout
    assert "without absent: needs a thing (pip install 'pastwatch[enrich]')" in done.stderr
    assert run("--status").exit_code == 1


def test_it_runs_says_what_it_skipped_and_has_nothing_to_do_again() -> None:
    done = run()
    assert done.exit_code == 3, done.output
    assert "12 records in under 1 s" in done.stdout
    assert "1 record by breaking (LookupError)" in done.stdout
    assert "number" not in done.output
    again = run()
    assert again.exit_code == 0
    assert "nothing to do: 12 records, all done in these versions" in again.stdout
    status = run("--status")
    assert status.exit_code == 0
    assert re.search(r"(?m)^breaking +1 +12 +100 % +1 LookupError$", status.stdout)
    assert re.search(r"(?m)^quoted +1 +12 +100 %$", status.stdout)


def test_a_program_reads_cost_work_and_status_as_lines_of_json() -> None:
    done = run("--enrichers", "quoted", "--json")
    assert done.exit_code == 0, done.output
    cost, work = map(json.loads, done.stdout.splitlines())
    assert (cost["enricher"], cost["to_do"], cost["stale"]) == ("quoted", 12, 0)
    assert (work["records"], work["values"], work["defects"]) == (12, 12, {})
    (status,) = map(json.loads, run("--status", "--json").stdout.splitlines())
    assert (status["records"], status["slice_records"]) == (12, 12)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--enrichers", "nobody"), 'no enricher is called "nobody"'),
        (("--enrichers", "absent"), "needs a thing"),
        (("--set", "model=/x"), "is no setting"),
        (("--set", "nobody.model=/x"), "not asked for"),
        (("--first", "0"), "0 is not in the range"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert done.exit_code == 2, done.output
    assert said in done.stderr


def test_the_first_few_alone_can_be_done_now_and_the_rest_later() -> None:
    assert "3 records in" in run("--enrichers", "quoted", "--first", "3").stdout
    assert "9 records in" in run("--enrichers", "quoted").stdout
