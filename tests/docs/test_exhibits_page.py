"""What the page on exhibits tells to type is typed, and every line that it shows is printed."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from pastwatch.cli.main import main
from pastwatch.config import Settings
from pastwatch.desk.scratch import open_self_authorised, scratch_archive

PAGE = "docs/exhibits.md"
ROOT = Path(__file__).parents[2]
RUN = ROOT / "benchmarks" / "runs" / "2026-11-22-corroborate" / "tracks.json"


def test_every_line_shown_is_printed(
    workplace: Path,
    blocks: Callable[[str, str], list[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exec(blocks(PAGE, "python")[0], {})  # noqa: S102 - the page's own invented files
    with scratch_archive(workplace / "s", settings=Settings(isolate=False)) as archive:
        archive.collect("mail.mbox", source="mail", basis="own", connector="mbox")
        archive.add_event("fire", "Fire at the quay", at="2031-05-06T10:40:00+02:00")
        case, _, _ = open_self_authorised(
            archive, "fire", workplace / "g.toml", ground="own material", span_hours=24
        )
        case.close()
    for name, value in (("ARCHIVE", "s/archive"), ("KEYS", "s/keys"), ("PERSON", "you")):
        monkeypatch.setenv(f"PASTWATCH_{name}", value)
    (console,) = blocks(PAGE, "console")
    commands = re.split(r"(?m)^\$ ", console)[1:]
    assert len(commands) == 3
    for command in commands:
        typed, *shown = command.splitlines()
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(shlex.split(typed)[1:])
        printed = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
        assert not ended.value.code
        for line in shown:
            assert " ".join(line.split()) in printed, line


def test_the_figures_told_are_those_of_the_run() -> None:
    run = json.loads(RUN.read_text(encoding="utf-8"))
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    for form, told in run["forms"].items():
        (row,) = re.findall(rf"(?m)^\| `{form}` \|(.+)\|$", page.partition("## What it costs")[2])
        rows, megabytes, ratio = (cell.strip() for cell in row.split("|")[:3])
        assert rows == f"{told['rows_a_second']:,}"
        assert megabytes == str(told["megabytes_a_second"])
        assert ratio.startswith(f"{told['times_the_yardstick']} × ")
    assert f"{run['many']['read_s']:.0f} s" in page
