"""Alerts to deliver, a file of targets, and a delivery that is killed between sending and keeping."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.desk import offices, taps
from tests.stages.watch.hooks import SECRET

from pastwatch.casefile.watching import WatchingPapers
from pastwatch.desk.delivering import Delivered, deliver, read_targets

FILE = '[[target]]\nname = "kept"\nkind = "file"\naddress = "alerts.jsonl"\n'


def quick() -> float:
    """A clock of ticks on which waits pass ten times as fast."""
    return 10 * time.monotonic()


def raised(desk: offices.Desk, count: int, *, first: int = 0) -> None:
    """Have a collector raise so many alerts, and leave them in the outbox."""
    if not first:
        taps.start(desk, taps.toml("number", "number"))
    path = offices.write_lines(desk.folder / f"in{first}.jsonl", offices.lines(count, first=first))
    with desk.open() as archive:
        archive.collect(path, source="mail", basis="own", connector="jsonl", watch=True)


def hook_target(url: str, *, name: str = "duty", rest: str = "") -> str:
    """The lines of a webhook."""
    return (
        f'[[target]]\nname = "{name}"\nkind = "webhook"\naddress = "{url}"\n'
        f'secret = "hook.secret"\n{rest}\n'
    )


def targets(folder: Path, *texts: str) -> Path:
    """The file of targets, and the secret beside it."""
    secret = folder / "hook.secret"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_bytes(SECRET)
    path = folder / "deliver.toml"
    path.write_text("\n".join(texts))
    return path


def sent(desk: offices.Desk, path: Path, **given: Any) -> Delivered:
    """Deliver once, without waiting long."""
    settings: dict[str, Any] = {"ticks": quick, "luck": lambda: 0.0, **given}
    with desk.open() as archive:
        return deliver(archive.office, read_targets(path), **settings)


def main(folder: Path) -> None:
    """Deliver, and die once a target took an alert and before that is kept."""

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    WatchingPapers.add_delivery = die  # type: ignore[assignment,method-assign]
    sent(offices.Desk(folder, offices.Clock()), folder / "deliver.toml")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
