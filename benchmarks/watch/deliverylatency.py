"""How soon after its journal stands in the outbox an alert is delivered to a webhook, by `--follow`.

python -m benchmarks.watch.deliverylatency --out benchmarks/runs/RUN/delivery.json
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.casefile.watching import KeptAlert
from pastwatch.config import Settings
from pastwatch.desk.delivering import deliver, read_targets
from pastwatch.desk.scratch import scratch_archive
from pastwatch.desk.tapping import install
from pastwatch.model.watch import Alert
from pastwatch.stages.watch.journal import Outbox, alert_entry, alert_id

JOURNALS = 200
EVERY_S = 0.15
SIZES = (1, 1, 1, 2, 5, 20)
BURST = 1_000
SEALED_BYTES = 2_000
TEXT = (
    b'watch = "bench"\nversion = 1\nowner = "bench"\npurpose = "a measurement"\n'
    b'authority = "standing-1"\nalerts_a_day = 1000\nhorizon = "24h"\nquery = "valve"\n'
)


class Hook:
    """Notes when each alert came in."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 4096
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                hook.at.setdefault(self.headers["Idempotency-Key"], time.monotonic())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()


def follow(folder: Path) -> None:
    """Deliver until killed: the process that is measured."""
    with scratch_archive(folder, settings=settings(folder), person="bench") as archive:
        deliver(archive.office, read_targets(folder / "deliver.toml"), follow=True)


def settings(folder: Path) -> Settings:
    """Where the archive stands."""
    return Settings(archive=str(folder / "archive"), keys=str(folder / "keys"), person="bench")


def main() -> None:  # noqa: PLR0915 - one measurement, from its first journal to its figures
    """Journals of a few alerts at odd moments, then one of many at once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    parser.add_argument("--follow", type=Path)
    chosen = parser.parse_args()
    if chosen.follow:
        follow(chosen.follow)
        return
    hook, luck = Hook(), random.Random(8)  # noqa: S311 - odd moments, no secret
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        with scratch_archive(folder, settings=settings(folder), person="bench") as archive:
            watch = install(archive.office, TEXT).watch
            signer = archive.office.ring.collector().key.signing
            outbox = Outbox(WatchPlace.of(archive.office.place).outbox, "run", signer=signer)
        (folder / "hook.secret").touch(mode=0o600)
        (folder / "hook.secret").write_text(secrets.token_hex())
        (folder / "deliver.toml").write_text(
            '[[target]]\nname = "hook"\nkind = "webhook"\nsecret = "hook.secret"\n'
            f'address = "http://127.0.0.1:{hook.server.server_address[1]}/"\n'
        )
        command = [
            sys.executable,
            "-m",
            "benchmarks.watch.deliverylatency",
            "--follow",
            str(folder),
        ]
        follower = subprocess.Popen(command)
        put: dict[str, float] = {}

        def stands(count: int) -> None:
            alerts = []
            for _ in range(count):
                record_id = secrets.token_bytes(16)
                own = alert_id(watch.text_sha256, record_id)
                alert = Alert(
                    alert_id=own, watch=watch.name, version=1, record_id=record_id,
                    source_id="s", at_us=time.time_ns() // 1000,
                )  # fmt: skip
                alerts.append(KeptAlert(alert, secrets.token_bytes(SEALED_BYTES)))
            outbox.put(alert_entry(a, text_sha256=watch.text_sha256) for a in alerts)
            now = time.monotonic()
            put.update((a.alert.alert_id, now) for a in alerts)

        def waited(limit_s: float) -> None:
            until = time.monotonic() + limit_s
            while len(hook.at) < len(put) and time.monotonic() < until:
                time.sleep(0.01)

        stands(1)
        waited(60)  # it has started
        first = set(put)
        load = os.getloadavg()[0]
        for _ in range(JOURNALS):
            stands(luck.choice(SIZES))
            time.sleep(EVERY_S * 2 * luck.random())
        waited(60)
        trickle = sorted(
            hook.at[a] - at for a, at in put.items() if a not in first and a in hook.at
        )
        lost = len(put) - len(hook.at)
        before = set(put)
        stands(BURST)
        waited(120)
        burst = sorted(hook.at[a] - at for a, at in put.items() if a not in before and a in hook.at)
        follower.kill()
        follower.wait()
    report = {
        "what": "from a journal standing whole in the outbox to its alerts at a webhook, seconds",
        "cores": len(os.sched_getaffinity(0)),
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
        "trickle": {
            "journals": JOURNALS, "alerts": len(trickle), "lost": lost, **spread(trickle),
            "within_1_s_ratio": round(sum(one <= 1 for one in trickle) / len(trickle), 4),
        },
        "burst": {
            "alerts": len(burst), "lost": BURST - len(burst), **spread(burst),
            "alerts_a_second": round(len(burst) / burst[-1]),
        },
    }  # fmt: skip
    text = json.dumps(report, indent=1) + "\n"
    if chosen.out:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(text)
    sys.stdout.write(text)


def spread(late: list[float]) -> dict[str, float]:
    """Its quantiles."""
    places = {"least": 0.0, "median": 0.5, "95 of 100": 0.95, "99 of 100": 0.99, "most": 1.0}
    return {
        name: round(late[min(int(len(late) * share), len(late) - 1)], 3)
        for name, share in places.items()
    }


if __name__ == "__main__":
    main()
