"""What the commands of roots, relations, copies and undoing print, and as which status they end."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pastwatch.cli.lineage import COMMANDS
from pastwatch.cli.session import Session
from pastwatch.cli.tree import Family
from pastwatch.config import Settings
from pastwatch.desk.bringing import bring
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import UsageError
from pastwatch.model.claim import Claim, Stance
from pastwatch.model.record import Citation

MAIL = (
    b"From ana@port.example Tue May  6 08:00:00 2031\n"
    b"From: ana@port.example\nTo: ben@port.example\nDate: Tue, 06 May 2031 08:00:00 +0000\n"
    b"Message-ID: <1@port.example>\nSubject: quay\n\nThe crane is down.\n\n"
)
BODY = (
    "Swedish officers had shut the valve at pier four by hand before the fire, a senior Swedish "
    "official told the Harbour Wire on Monday. Crews from two towns fought the flames until the "
    "early hours, and dozens of people were hurt. The port stays closed."
)
OTHER = (
    "A Swedish official claimed that the Swedish military had closed a valve by hand at pier four "
    "before the fire, according to a Harbour Wire report on Tuesday. At least 61 people were hurt "
    "in the fire at the pier. Stockholm has denied any role in the fire."
)


def claim(report: bytes, text: str, statement: str, who: str, **given: object) -> Claim:
    start = text.encode().index(statement.encode())
    raw = statement.encode()
    plain: dict[str, object] = {
        "claim_id": "", "report_id": report, "who_says": who, "statement": statement,
        "stance": Stance.ASSERTS, "maker": "hand", "version": "1",
        "citation": Citation(
            record_id=report, part=0, start_byte=start, end_byte=start + len(raw),
            text_sha256=hashlib.sha256(raw).digest(),
        ),
    }  # fmt: skip
    return Claim(**{**plain, **given})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch archive with a case of two reports and four claims."""
    folder = tmp_path_factory.mktemp("lineage")
    archive = scratch_archive(folder, settings=Settings(isolate=False))
    box = folder / "box.mbox"
    box.write_bytes(MAIL)
    archive.collect(box, source="mail", basis="own", connector="mbox")
    archive.add_event("fire", "Fire at the quay", at="2031-05-06T10:00:00+00:00")
    case, _, _ = open_self_authorised(
        archive, "fire", folder / "grant.toml", ground="own material", span_hours=24
    )
    paths = []
    for outlet, body in (("Courier", BODY), ("Evening Post", OTHER)):
        path = folder / f"{outlet}.txt"
        path.write_text(f"SOURCE: {outlet}\nTITLE: Fire\nPUBLISHED: 2031-05-07\n\n{body}\n")
        paths.append(path)
    brought = bring(
        case, paths, source="reports", basis="published", connector="report", medium="report",
        ground="published",
    )  # fmt: skip
    (_, one), (_, two) = brought.records
    first, second = (r.text for r in case.records([one, two]))
    claims = [
        claim(one, first, BODY.split(", a senior", maxsplit=1)[0], "a senior Swedish official", to_whom="the Harbour Wire"),
        claim(two, second, OTHER[32:].split(", acc", maxsplit=1)[0], "A Swedish official", via=("Harbour Wire",)),
        claim(two, second, "any role in the fire", "Stockholm", stance=Stance.DENIES),
    ]  # fmt: skip
    case.papers.enter("claim", claims, by="you", at_us=1)
    case.close()
    archive.close()
    return folder


def run(place: Path, *args: str, json_: bool = False) -> Result:
    family = Family("reports", commands=list(COMMANDS))
    session = Session(
        given={"archive": str(place / "archive"), "keys": str(place / "keys"), "person": "you"}
    )
    if json_:
        session.given["json"] = True
    return CliRunner().invoke(family, list(args), obj=session, standalone_mode=False)


def name_in(done: Result) -> str:
    return next(w.strip(":") for w in done.stdout.split() if w[0] == "r" and w[1:2].isdigit())


def test_roots_are_printed_with_their_count_first(place: Path) -> None:
    done = run(place, "roots")
    assert done.return_value == 0, done.output
    assert "2 reports · 1 root (Harbour Wire ← 1–2 unnamed Swedish officials)" in done.output
    assert "via Harbour Wire" in done.output
    assert "they may be one and the same" in done.output


def test_roots_as_json_hold_the_lineage_and_its_chains(place: Path) -> None:
    done = run(place, "roots", json_=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    first = lines[0]
    assert first["lineage"]["roots_at_least"] == 1
    assert first["chains"][0]["via"] == ["Harbour Wire"]
    assert first["line"].startswith("2 reports · 1 root")


def test_relations_are_printed_by_kind_with_reasons(place: Path) -> None:
    done = run(place, "relations")
    assert "differs in precision:" in done.output
    assert '"dozens" leaves room for "At least 61"' in done.output
    assert "differs in time or scope:" in done.output
    assert '"Monday" in c1, "Tuesday" in c2' in done.output
    assert "drift of the actor:" in done.output
    only = run(place, "relations", "--kind", "drift of the actor")
    assert "differs in time" not in only.output


def test_a_kind_that_does_not_exist_is_named(place: Path) -> None:
    assert isinstance(run(place, "relations", "--kind", "likes").exception, UsageError)


def test_a_cut_table_says_of_how_many(place: Path) -> None:
    assert "showing 1 of" in run(place, "relations", "--limit", "1").output


def test_nothing_copied_ends_as_nothing_found(place: Path) -> None:
    assert run(place, "copies").return_value == 1
    outlets = run(place, "copies", "--outlets")
    assert "Evening Post" in outlets.output


def test_a_decision_is_kept_shown_and_undone(place: Path) -> None:
    done = run(place, "apart", "c1", "c2", "--reason", "two valves")
    name = name_in(done)
    assert "2 reports · 1 root" not in run(place, "roots").output
    undone = run(place, "undo", name, "--reason", "a slip")
    assert f"undone: {name}, not the same (c1 → c2)" in undone.output
    assert "2 reports · 1 root" in run(place, "roots").output
    assert "(undone)" in run(place, "relations", "--undone").output


def test_an_interest_is_shown_beside_the_root(place: Path) -> None:
    side = run(place, "interest", "A Swedish official", "the navy", "--reason", "named so")
    assert "stands with the navy" in side.output
    same = run(place, "same", "c1", "c3", "--reason", "for the test")
    assert "state the same" in same.output
    for made in (side, same):
        run(place, "undo", name_in(made), "--reason", "over")


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_a_picture_is_written(place: Path, tmp_path: Path, suffix: str) -> None:
    if suffix == "png":
        pytest.importorskip("vl_convert")
    path = tmp_path / f"roots.{suffix}"
    assert run(place, "roots", "--picture", str(path)).return_value == 0
    raw = path.read_bytes()
    assert (raw.startswith(b"<svg") and b"Harbour Wire" in raw) or raw.startswith(b"\x89PNG")


def test_a_picture_of_another_kind_is_refused(place: Path, tmp_path: Path) -> None:
    done = run(place, "roots", "--picture", str(tmp_path / "roots.gif"))
    assert isinstance(done.exception, UsageError)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_examples_that_name_it(command: click.Command) -> None:
    examples = command.examples  # type: ignore[attr-defined]
    assert all(e.startswith(f"reports {command.name}") for e in examples)
