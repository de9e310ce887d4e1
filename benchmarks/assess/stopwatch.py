"""From an event to a brief over a gigabyte, by typed commands: what the machine takes of each step.

python -m benchmarks.assess.stopwatch --work DIR --out benchmarks/runs/RUN/stopwatch.json

The steps are those of docs/quickstart.md, on a synthetic town of a million records (0.97 GB of mail,
chats and radio). What is searched for stands in the town's open reports: a cake, a bridge. What a
person takes to read and to think is not in these figures; how many commands they type is. DIR keeps
the sealed archive: a second run over it takes minutes less. The truth of the town is not asked for.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pastwatch.town.build import build

RECORDS, SEED = 1_000_000, 2026
PASSPHRASE = "a passphrase of this benchmark"  # noqa: S105 - of a throw-away archive
EVENT = "2019-07-02T06:44+03:00"
FIRST_QUERY = "(cake OR торт) NEAR/12 (bridge OR мост OR моста OR мосту OR мостом)"
RELEVANT = re.compile(r"^(h\d+) .*cake\] goes over the \[bridge\]", re.MULTILINE)
"""What the author of this script took for the first record that matters, on reading the page."""
Step = tuple[str, list[str]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--records", type=int, default=RECORDS)
    given = parser.parse_args()
    town, sealed = given.work / "town", given.work / "sealed"
    given.work.mkdir(parents=True, exist_ok=True)
    (given.work / "passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
    before: list[dict[str, Any]] = []
    if not sealed.exists():
        before = seal(given.work, town, sealed, records=given.records)
    tried = given.work / "tried"
    shutil.rmtree(tried, ignore_errors=True)
    shutil.copytree(sealed, tried)
    steps = look_back(tried, town)
    for step in steps:
        step.pop("printed", None)
    size = sum(p.stat().st_size for p in town.glob("*.*") if p.is_file())
    told = {
        "bytes": size,
        "sealing": before,
        "steps": steps,
        "seconds_to": {name: round(until(steps, name), 1) for name in MILESTONES},
        "commands_to": {name: place(steps, name) + 1 for name in MILESTONES},
        "slowest": max(steps, key=lambda step: step["seconds"])["step"],
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


MILESTONES = ("first relevant record shown", "first finding", "brief", "brief passes the linter")


def seal(work: Path, town: Path, sealed: Path, *, records: int) -> list[dict[str, Any]]:
    """Build the town and seal it: what happened before the event, timed apart."""
    plan = build(town, seed=SEED, records=records)
    unfinished = work / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    done = [run(unfinished, "init", ["init", "archive/"])]
    for source in plan.sources:
        options = dict(source.options)
        extra = [
            part
            for name in ("zone", "epoch")
            if name in options
            for part in (f"--{name}", str(options.pop(name)))
        ]
        if options:
            lines = (f'{key} = "{value}"' for key, value in options.items())
            mapping = unfinished / f"{source.name}.toml"
            mapping.write_text("\n".join(lines), encoding="utf-8")
            extra += ["--mapping", str(mapping)]
        command = ["collect", str(source.path.resolve()), "--source", source.name, "--basis"]
        command += ["order", "--connector", source.connector, *extra]
        done.append(run(unfinished, f"collect {source.name}", command))
    unfinished.rename(sealed)
    return done


def look_back(folder: Path, town: Path) -> list[dict[str, Any]]:
    """Every step from the event on, typed as the first hour types it."""
    references = [p for name in ("courier", "department", "wire") for p in ("--reference", str(town.resolve() / "reports" / f"{name}.txt"))]  # fmt: skip
    steps = [
        run(folder, "event", ["event", "add", "bridge", "Explosion at Lower Bridge", "--at", EVENT, *references]),
        run(folder, "draft an authority", ["authority", "draft", "bridge"]),
    ]  # fmt: skip
    grant = folder / "grant.toml"
    ground = re.sub(r"^ground = .*$", 'ground = "order of the inquiry"', grant.read_text(encoding="utf-8"), flags=re.MULTILINE)  # fmt: skip
    grant.write_text(ground, encoding="utf-8")
    steps += [
        run(folder, "sign it", ["authority", "sign", "grant.toml"]),
        run(folder, "open the case", ["case", "open", "bridge", "--authority", "grant.toml"]),
        run(folder, "first look", ["look", FIRST_QUERY]),
    ]
    found = RELEVANT.search(steps[-1]["printed"])
    if found is None:
        sys.exit("the first page does not show the record that this script knows")
    first = found[1]
    return steps + [run(folder, name, command) for name, command in afterwards(first)]


def afterwards(first: str) -> list[Step]:
    """What follows once the first record is known: the pair, two findings, the brief, its checks."""
    said = (
        "The two correspondents spoke of the bridge before the event in words agreed between them."
    )
    why = "The words are ordinary, and nobody has confirmed who used the accounts"
    return [
        ("first relevant record shown", ["show", first, "--around", "3"]),
        ("mark it", ["mark", first, "relevant"]),
        ("second look", ["look", "from:grenilley to:kesadsen OR from:kesadsen to:grenilley"]),
        ("first finding", ["finding", "add", "Two accounts wrote of a cake for the bridge.", "--cites", first]),
        ("a judgement", ["finding", "add", said, "--kind", "judgement", "--likelihood", "likely", "--confidence", "low", "--reasons", why, "--cites", first]),
        ("look for others", ["look", "korvath OR корват*"]),
        ("a finding of nothing", ["finding", "add", "No record in the slice names the Korvath Circle.", "--kind", "negative", "--queries", "q3"]),
        ("brief", ["brief", "--out", "brief/"]),
        ("brief passes the linter", ["wording", "lint", "--brief", "brief/"]),
        ("verify it", ["verify", "brief/"]),
    ]  # fmt: skip


def run(folder: Path, step: str, command: list[str]) -> dict[str, Any]:
    """One command in a fresh process, by the clock."""
    environment: Mapping[str, str] = {
        **os.environ,
        "HOME": str(folder / "home"),
        "XDG_DATA_HOME": str(folder / "home" / "share"),
        "PASTWATCH_GRANTING_PASSPHRASE_FILE": str(folder.parent / "passphrase"),
    }
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pastwatch", *command],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    if done.returncode not in {0, 1, 3}:
        sys.exit(f"{step}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    shown = {"step": step, "seconds": round(seconds, 2), "exit": done.returncode}
    sys.stderr.write(f"{seconds:7.2f} s  {step}\n")
    return {**shown, "printed": done.stdout} if step == "first look" else shown


def place(steps: list[dict[str, Any]], name: str) -> int:
    """Which step it is."""
    return [step["step"] for step in steps].index(name)


def until(steps: list[dict[str, Any]], name: str) -> float:
    """Seconds of all steps up to and with one."""
    return float(sum(step["seconds"] for step in steps[: place(steps, name) + 1]))


if __name__ == "__main__":
    main()
