"""From two files of the news to roots and relations, by the commands a person types."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pastwatch.cli.main import tree
from pastwatch.cli.session import Session
from pastwatch.config import Settings
from pastwatch.desk.scratch import open_self_authorised, scratch_archive

ROOT = os.environ.get("PASTWATCH_DATA", "")
FOLDER = Path(ROOT) / "news-2017"
pytestmark = pytest.mark.skipif(
    not ROOT or not FOLDER.is_dir(), reason="the data set news-2017 is not here (PASTWATCH_DATA)"
)
MAIL = (
    b"From ana@port.example Tue Apr  4 08:00:00 2017\n"
    b"From: ana@port.example\nTo: ben@port.example\nDate: Tue, 04 Apr 2017 08:00:00 +0000\n"
    b"Message-ID: <1@port.example>\nSubject: quay\n\nThe crane is down.\n\n"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trial")
    archive = scratch_archive(folder, settings=Settings(isolate=False))
    (folder / "box.mbox").write_bytes(MAIL)
    archive.collect(folder / "box.mbox", source="mail", basis="own", connector="mbox")
    archive.add_event("attack", "The attack", at="2017-04-04T03:30:00+00:00")
    case, _, _ = open_self_authorised(
        archive, "attack", folder / "grant.toml", ground="own material", span_hours=24
    )
    case.close()
    archive.close()
    files = sorted(str(path) for path in FOLDER.glob("*.txt"))
    done = run(folder, "reports", "read", *files)
    assert done.return_value == 0, done.output
    return folder


def run(place: Path, *args: str, json_: bool = False) -> Result:
    session = Session(
        given={"archive": str(place / "archive"), "keys": str(place / "keys"), "person": "you"}
    )
    if json_:
        session.given["json"] = True
    return CliRunner().invoke(
        tree, list(args), obj=session, standalone_mode=False, env={"PASTWATCH_ISOLATE": "0"}
    )


def test_the_intercepts_print_as_two_reports_and_one_root(place: Path) -> None:
    printed = run(place, "reports", "roots").output
    assert "2 reports · 1 root (CNN ← 1–2 unnamed US officials)" in printed


def test_every_cell_of_the_table_is_cited(place: Path) -> None:
    lines = run(place, "reports", "roots", json_=True).stdout.splitlines()
    rooted = [json.loads(line) for line in lines]
    assert len(rooted) >= 10
    for one in rooted:
        assert one["lineage"]["claims"]
        for chain in one["chains"]:
            assert len(chain["report_id"]) == 32
        for relation in one["relations"]:
            assert relation["citations"]


def test_relations_of_each_sort_are_listed(place: Path) -> None:
    lines = run(place, "reports", "relations", json_=True).stdout.splitlines()
    kinds = {json.loads(line)["kind"] for line in lines}
    assert kinds >= {
        "contradicts",
        "stands against",
        "denies",
        "differs in precision",
        "differs in time or scope",
        "drift of the actor",
        "caveat",
        "maker",
    }
    assert "operator" not in kinds


def test_the_two_reports_do_not_copy_each_other(place: Path) -> None:
    assert run(place, "reports", "copies").return_value == 1
