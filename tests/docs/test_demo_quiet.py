"""The demo asks no network and no truth: it passes with sockets refused and never opens the answers."""

import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from pastwatch.config import Settings
from pastwatch.desk.demo import run_demo
from pastwatch.town import build

_watched: list[str] | None = None


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if _watched is not None and event in {"open", "os.listdir", "os.scandir"}:
        _watched.append(str(args[0]))


sys.addaudithook(_watch)  # can never be removed again: it only listens while a test asks it to


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("the demo asked for the network")


def test_the_demo_tells_its_story_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    said: list[str] = []
    result = run_demo(
        keep=tmp_path / "town",
        seed=1,
        records=1000,
        null=False,
        say=said.append,
        settings=Settings(),
    )
    assert result.passed
    assert [line[0] for line in said if line[0] != " "] == list("12345678")


@pytest.mark.parametrize("null", [False, True])
def test_the_demo_passes_beside_a_truth_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, null: bool
) -> None:
    truth = tmp_path / "truth"
    build(tmp_path / "scratch", seed=1, records=1000, null=null, truth=truth)
    assert (truth / "truth.json").is_file()
    shutil.rmtree(tmp_path / "scratch")
    truth.chmod(0)
    opened: list[str] = []
    monkeypatch.setattr(sys.modules[__name__], "_watched", opened)
    try:
        result = run_demo(
            keep=tmp_path / "town",
            seed=1,
            records=1000,
            null=null,
            say=lambda _: None,
            settings=Settings(),
        )
    finally:
        monkeypatch.undo()
        truth.chmod(0o700)
    assert result.passed
    assert any("exports" in path for path in opened)
    assert [path for path in opened if "truth" in Path(path).name] == []
    assert list((tmp_path / "town").rglob("*truth*")) == []
