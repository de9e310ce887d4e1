"""How soon an alert stands after its record was published: a stream of 5,000 records a second.

python -m benchmarks.watch.latency --out benchmarks/runs/RUN/latency.json
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.watch.tap import batches_of, texts_of
from pastwatch.archive.place import Place
from pastwatch.archive.watchplace import WatchPlace
from pastwatch.config import Settings
from pastwatch.desk.scratch import scratch_archive
from pastwatch.desk.tapping import install
from pastwatch.sealing.casekey import AgeIdentity, unwrap_own
from pastwatch.stages.watch.journal import read_journal

RATES = (5_000, 2_500)
SECONDS = 10
MARKED = 100
"""One record in so many holds what the first watch looks for."""
WATCHES = 100
TEXT_CHARACTERS = 400
STREAM = "TALK"
GROUP_S = 0.01
LOOK_S = 0.005
FOLLOW = ("collect", "--source", "live", "--basis", "own", "--connector", "jsonl", "--watch")
KILLS_AT_S = (2.0, 5.0, 8.0)
WARM = 10**9
"""The number of a first record, before the clock runs: the follower starts its reader with it."""


def main() -> None:
    """Once undisturbed, once killed three times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--publish", nargs=4)
    chosen = parser.parse_args()
    if chosen.publish:
        port, seconds, rate, texts = chosen.publish
        plain = json.loads(Path(texts).read_text())
        asyncio.run(publish(int(port), int(seconds), plain, rate=int(rate)))
        return
    texts = [text[:TEXT_CHARACTERS] for text in texts_of(batches_of("foia-mail"))[:5_000]]
    report = {
        "what": "from publishing a record to its alert standing whole in the outbox, seconds",
        "seconds": chosen.seconds,
        "watches": WATCHES,
        "marked_one_in": MARKED,
        "text_characters_at_most": TEXT_CHARACTERS,
        "cores": len(os.sched_getaffinity(0)),
        "niceness": os.nice(0),
        "undisturbed": {
            f"{rate} a second": measured(texts, chosen.seconds, kills=(), rate=rate)
            for rate in RATES
        },
        "killed": measured(texts, chosen.seconds, kills=KILLS_AT_S, rate=RATES[0]),
    }
    text = json.dumps(report, indent=1) + "\n"
    if chosen.out:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(text)
    sys.stdout.write(text)


def measured(
    texts: list[str], seconds: int, *, kills: tuple[float, ...], rate: int
) -> dict[str, Any]:
    """One stream, one follower at a time; what became of every marked record."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        found(folder)
        (folder / "texts.json").write_text(json.dumps(texts))
        load_before = os.getloadavg()[0]
        seen = Seen(WatchPlace.of(Place(folder / "archive")).outbox)
        with nats_server(folder / "nats") as port, seen.looking():
            asyncio.run(_stream(port))
            address = f"nats://127.0.0.1:{port}/{STREAM}?ack_wait=5"
            with following(folder, address) as follower:
                asyncio.run(warmed(port))
                while not seen.count:
                    time.sleep(0.1)
                command = [sys.executable, "-m", "benchmarks.watch.latency", "--publish"]
                publisher = subprocess.Popen(
                    [*command, str(port), str(seconds), str(rate), str(folder / "texts.json")],
                    stdout=subprocess.PIPE,
                )
                begun = time.monotonic()
                for at_s in kills:
                    time.sleep(max(begun + at_s - time.monotonic(), 0))
                    follower.restart()
                told, _ = publisher.communicate(timeout=seconds * 6 + 60)
                published_s = time.monotonic() - begun
                sent = {int(k): v for k, v in json.loads(told.splitlines()[-1]).items()}
                patience = time.monotonic() + 90
                while seen.count <= len(sent) and time.monotonic() < patience:
                    time.sleep(0.5)
                follower.process.send_signal(signal.SIGTERM)
                follower.process.wait(120)
        alerts = seen.alerts(folder)
        late = sorted(alerts[n] - at for n, at in sent.items() if n in alerts)
        return {
            "published": seconds * rate,
            "published_s": round(published_s, 1),
            "marked": len(sent),
            "alerted": len(late),
            "lost": len(sent.keys() - alerts.keys()),
            "kills": len(kills),
            "latency_s": {
                name: round(late[min(int(len(late) * share), len(late) - 1)], 3)
                for name, share in (
                    ("least", 0.0), ("median", 0.5), ("95 of 100", 0.95), ("99 of 100", 0.99), ("most", 1.0)
                )
            },
            "within_1_s_ratio": round(sum(one <= 1 for one in late) / max(len(late), 1), 4),
            "journals": seen.files,
            "last_line": follower.last_line(),
            "load": [round(load_before, 1), round(os.getloadavg()[0], 1)],
        }  # fmt: skip


class Seen:
    """Notes when each journal stood whole under its name."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self._at: dict[str, float] = {}
        self._done = threading.Event()
        self.count = 0

    @property
    def files(self) -> int:
        return len(self._at)

    @contextmanager
    def looking(self) -> Iterator[None]:
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()

    def alerts(self, folder: Path) -> dict[int, float]:
        """By the number of a marked record when its first alert stood."""
        with scratch_archive(folder, settings=settings(folder), person="bench") as archive:
            policy, user = archive.office.policy, archive.office.ring.user().identity
        raw = WatchPlace.of(Place(folder / "archive")).identity("w0").read_bytes()
        own = AgeIdentity.from_secret(unwrap_own(raw, identity=user).decode())
        found: dict[int, float] = {}
        for name, at in self._at.items():
            journal = read_journal((self._outbox / name).read_bytes(), public=policy.public)
            for one in journal.alerts:
                number = int(
                    json.loads(unwrap_own(one.sealed, identity=own))["record"]["native_id"]
                )
                found[number] = min(at, found.get(number, at))
        return found

    def _look(self) -> None:
        while not self._done.wait(LOOK_S):
            with contextlib.suppress(FileNotFoundError):
                for entry in os.scandir(self._outbox):
                    if entry.name.endswith(".jsonl") and entry.name not in self._at:
                        self._at[entry.name] = time.monotonic()
                        self.count += Path(entry.path).read_bytes().count(b'"alert_id"')


class Follower:
    """The follower's process, and another one after it was killed."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder, self._address = folder, address
        self.process = self._started()

    def restart(self) -> None:
        """Kill it as the power does, and start it again."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = self._started()

    def last_line(self) -> str:
        """What it said at its end."""
        lines = (self._folder / "follower.log").read_text().splitlines()
        return next((line for line in reversed(lines) if "watched" in line), "")

    def _started(self) -> subprocess.Popen[bytes]:
        with (self._folder / "follower.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "pastwatch", *FOLLOW, "--follow", self._address],
                env={
                    **os.environ,
                    "PASTWATCH_ARCHIVE": str(self._folder / "archive"),
                    "PASTWATCH_KEYS": str(self._folder / "keys"),
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@contextmanager
def following(folder: Path, address: str) -> Iterator[Follower]:
    """A follower; whatever of it still runs at the end is killed."""
    follower = Follower(folder, address)
    try:
        yield follower
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(follower.process.pid, signal.SIGKILL)
        follower.process.wait()


def settings(folder: Path) -> Settings:
    """Of a throw-away archive."""
    return Settings(archive=str(folder / "archive"), keys=str(folder / "keys"), person="bench")


def found(folder: Path) -> None:
    """An archive with its watches started: the first is looked for, the others hardly occur."""
    draw = random.Random(8)  # noqa: S311 - a sample, no secret
    letters = "abcdefghijklmnopqrstuvwxyz"
    with scratch_archive(folder, settings=settings(folder), person="bench") as archive:
        for number in range(WATCHES):
            word = "zzmarked" if number == 0 else "".join(draw.choices(letters, k=8))
            install(
                archive.office,
                f'watch = "w{number}"\nversion = 1\nowner = "bench"\npurpose = "bench"\n'
                f'authority = "standing-1"\nalerts_a_day = 1000\nhorizon = "1h"\n'
                f"query = '{word}'\n".encode(),
            )


@contextmanager
def nats_server(folder: Path) -> Iterator[int]:
    """A server with streams on a loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    folder.mkdir()
    beside = Path(sys.executable).parent / "nats-server"
    program = str(beside) if beside.exists() else str(shutil.which("nats-server"))
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder)],
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.05)
        yield port
    finally:
        server.kill()
        server.wait()


async def _stream(port: int) -> None:
    import nats

    client = await nats.connect(f"nats://127.0.0.1:{port}")
    await client.jetstream().add_stream(name=STREAM, subjects=["talk.>"])
    await client.close()


async def warmed(port: int) -> None:
    """One record that is looked for."""
    import nats

    client = await nats.connect(f"nats://127.0.0.1:{port}")
    await client.publish("talk.room", record(WARM, "zzmarked"))
    await client.close()


def record(number: int, text: str) -> bytes:
    """A record as it is published."""
    plain = {"id": str(number), "from": f"p{number % 97}@a.example", "text": f"{number} {text}"}
    return json.dumps(plain).encode()


async def publish(port: int, seconds: int, texts: list[str], *, rate: int) -> None:
    """At an even rate; prints when each marked record went out."""
    import nats

    client = await nats.connect(f"nats://127.0.0.1:{port}")
    sent: dict[int, float] = {}
    begun, group = time.monotonic(), round(rate * GROUP_S)
    for number in range(0, seconds * rate, group):
        wait_s = begun + number / rate - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        for own in range(number, number + group):
            text = texts[own % len(texts)]
            if own % MARKED == 0:
                text = f"{text[:200]} zzmarked {text[200:]}"
                sent[own] = time.monotonic()
            await client.publish("talk.room", record(own, text))
        await client.flush()
    await client.close()
    print(json.dumps(sent))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
