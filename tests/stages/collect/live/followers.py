"""A follower as a process of its own, killed at random moments; and what must be true afterwards."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.desk.offices import Desk

from pastwatch.archive.held import listed_ids

ROOT = Path(__file__).resolve().parents[4]
SEALING = ("--seal-every", "25,0.1s", "--health-every", "1s")
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Command:
    """`pastwatch` on the archive of a desk."""

    desk: Desk
    password: str = ""

    def line(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "pastwatch", *words]

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "PASTWATCH_ARCHIVE": str(self.desk.place.folder),
            "PASTWATCH_KEYS": str(self.desk.folder / "keys"),
            "PASTWATCH_LIVE_PASSWORD": self.password,
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run to the end."""
        return subprocess.run(
            self.line(*words),
            env=self.environment,
            cwd=self.desk.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start it; it is killed at the end if it still runs."""
        log = self.desk.folder / "follower.log"
        with log.open("ab") as file:
            child = subprocess.Popen(
                self.line(*words),
                env=self.environment,
                cwd=self.desk.folder,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        try:
            yield child
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def packs(desk: Desk) -> int:
    """How many packs lie in the archive, whether they count or not."""
    return sum(1 for _ in desk.place.packs.rglob("*.pack"))


def wait(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether the child ends within so long."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
        return True
    return False


def kill_often(
    command: Command, words: Sequence[str], *, times: int, feed: Callable[[int], None], seed: int
) -> None:
    """Start, feed, and kill -9 at a random moment: mostly while it seals, sometimes while it starts."""
    dice = random.Random(seed)  # noqa: S311 - moments, no secret
    for number in range(times):
        before = packs(command.desk)
        with command.started(*words) as child:
            feed(number)
            waited_s, patience_s = 0.0, dice.uniform(0.1, 2.0) if number % 5 == 4 else PATIENCE_S
            while packs(command.desk) == before and waited_s < patience_s:
                assert not wait(child, 0.02), (command.desk.folder / "follower.log").read_text()
                waited_s += 0.02
            assert not wait(child, dice.uniform(0.0, 0.4))
            child.send_signal(signal.SIGKILL)
            assert wait(child, 10)


def account(desk: Desk) -> list[str]:
    """Every text held, after the checks that no record stands twice."""
    ids = [one.tobytes() for p in standing_ids(desk) for one in listed_ids(p.read_bytes())]
    every = set(ids)
    assert len(every) == len(ids), "no record id twice"
    texts = desk.texts()
    assert len(texts) == len(every)
    return texts


def standing_ids(desk: Desk) -> list[Path]:
    """The ids beside packs that the ledger names; a kill leaves others, for repair to sweep."""
    with desk.open() as archive:
        named = {row.pack_id for row in archive.office.catalogue.packs()}
    return [p for p in desk.place.packs.rglob("*.ids") if p.stem in named]
