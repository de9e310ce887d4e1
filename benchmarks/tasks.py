"""The engine suite's tasks, each run in a process of its own by `benchmarks.child`."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import given, inputs, ours, questions, stores
from benchmarks.levels import LEVEL
from benchmarks.measure import most_held, peak_bytes, whole_cpu
from benchmarks.stores import NotInstalled

ZSTD_BYTES_TOGETHER = 1 << 19


def run(cache: Path, task: str, *arguments: str) -> dict[str, Any]:
    """What a task measured; a peer that is missing gives {"missing": its name}."""
    try:
        found = _TASKS[task](cache, *arguments)
    except NotInstalled as missing:
        return {"missing": str(missing)}
    return found


def _ready(cache: Path, name: str) -> dict[str, Any]:
    made = inputs.prepared(name, cache)
    if made is None:
        return {"missing": f"{name}: its real set is not under PASTWATCH_DATA"}
    columns = given.columns(made, cache)
    import pyarrow.parquet as pq

    meta = pq.read_metadata(columns)
    return {"records": meta.num_rows, "words": made.words}


def _collect(cache: Path, name: str, level: str, depth: str, workers: str = "1") -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        path = _input(cache, name).path
        return ours.collect(path, Path(scratch), level=level, depth=depth, workers=int(workers))


def _hold(cache: Path, name: str, level: str, workers: str = "") -> dict[str, Any]:
    """An archive kept for the looks that follow, with a case over all of it."""
    folder = _held(cache, name, level)
    shutil.rmtree(folder, ignore_errors=True)
    many = int(workers or os.cpu_count() or 1)
    path = _input(cache, name).path
    found = ours.collect(path, folder, level=level, depth="ready", workers=many)
    with ours.archive(folder) as held:
        ours.open_case(held, folder, name="all").close()
    return found


def _ask(cache: Path, name: str, level: str, workers: str, kinds: str) -> dict[str, Any]:
    asked = [q for q in _questions(cache, name) if q.kind in kinds.split(";")]
    return ours.ask(_held(cache, name, level), asked, case="all", workers=int(workers))


def _scan(cache: Path, name: str, level: str, workers: str, needle: str) -> dict[str, Any]:
    asked = [questions.Question("full scan", (needle,))] * 2
    return ours.ask(_held(cache, name, level), asked, case="all", workers=int(workers))


def _slice(cache: Path, name: str, workers: str) -> dict[str, Any]:
    """The span that holds 10,000 records around the middle of all of them."""
    import numpy as np
    import pyarrow.parquet as pq

    columns = given.columns(_input(cache, name), cache)
    sent = np.sort(pq.read_table(columns, columns=["sent_us"])["sent_us"].to_numpy())
    sent = sent[sent > 0]
    at = max(0, len(sent) // 2 - 5_000)
    span = tuple(
        str(np.datetime64(int(us), "us").astype("datetime64[s]")) + "Z"
        for us in (sent[at], sent[min(at + 10_000, len(sent) - 1)])
    )
    folder = _held(cache, name, LEVEL)
    return ours.slice_opened(folder, span, name=f"slice-{os.getpid()}", workers=int(workers))  # type: ignore[arg-type]


def _look_memory(cache: Path, name: str) -> dict[str, Any]:
    return ours.look_memory(_held(cache, name, LEVEL), _questions(cache, name), case="all")


def _fresh(cache: Path, name: str) -> dict[str, Any]:
    """Wall seconds of `pastwatch look` for a rare word, and over an archive of one record."""
    folder, empty = _held(cache, name, LEVEL), cache / "held" / "empty"
    if not empty.exists():
        (cache / "held").mkdir(parents=True, exist_ok=True)
        file = cache / "one.csv"
        file.write_text("time,sender,text\n2019-01-01T00:00:00Z,a@b.example,nothing here\n")
        with ours.archive(empty) as held:
            held.collect(file, source="one", basis="published")
            ours.open_case(held, empty, name="all").close()
    word = next(q for q in _questions(cache, name) if q.kind == "rare word").text
    return {"rare_s": _cli(folder, word), "empty_s": _cli(empty, word)}


def _cli(folder: Path, query: str) -> float:
    command = [sys.executable, "-m", "pastwatch", "look", query, "--json", "--case", "all"]
    env = {
        **os.environ,
        "PASTWATCH_ARCHIVE": str(folder / "archive"),
        "PASTWATCH_KEYS": str(folder / "keys"),
        "PASTWATCH_PERSON": "bench",
        "PASTWATCH_WORKERS": "1",
    }
    begun = time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    took_s = time.perf_counter() - begun
    if done.returncode not in {0, 1}:
        raise SystemExit(f"look failed: {done.stderr.decode(errors='replace')[-400:]}")
    return took_s


def _build(cache: Path, name: str, peer: str, keep: str = "") -> dict[str, Any]:
    """Build a peer's store; it is kept for the questions that follow when `keep` is said."""
    store = stores.named(peer)
    loaded = store.load(given.columns(_input(cache, name), cache))
    folder = _peer_folder(cache, name, peer) if keep else Path(tempfile.mkdtemp(dir=cache))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wall = time.perf_counter()
    took_s, (held_bytes, _) = whole_cpu(lambda: most_held(lambda: store.build(loaded, folder)))
    found = {
        "cpu_s": took_s,
        "wall_s": time.perf_counter() - wall,
        "store_bytes": store.size_bytes(folder),
        "held_bytes": held_bytes,
        "peak_bytes": peak_bytes(),
    }
    if not keep:
        shutil.rmtree(folder)
    return found


def _peer_ask(cache: Path, name: str, peer: str, kinds: str) -> dict[str, Any]:
    answer = stores.named(peer).opened(_peer_folder(cache, name, peer))
    asked = [q for q in _questions(cache, name) if q.kind in kinds.split(";")]
    answer(asked[0])  # warms up
    rows: dict[str, Any] = {}
    for question in asked:
        begun = time.perf_counter()
        took_s, hits = whole_cpu(lambda q=question: answer(q))  # type: ignore[misc]
        if hits is not None:
            rows[question.kind] = {
                "cpu_s": took_s,
                "wall_s": time.perf_counter() - begun,
                "hits": hits,
            }
    return {"answers": rows}


def _zstd(cache: Path, name: str) -> dict[str, Any]:
    """zstd 1 over the same raw bytes in one thread, half a megabyte at a time, and nothing else."""
    import zstandard

    path = _input(cache, name).path
    files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.suffix)
    raw = b"".join(p.read_bytes() for p in files)
    compressor = zstandard.ZstdCompressor(level=1)
    step = ZSTD_BYTES_TOGETHER

    def compress() -> int:
        return sum(len(compressor.compress(raw[at : at + step])) for at in range(0, len(raw), step))

    took_s, packed = whole_cpu(compress)
    return {"cpu_s": took_s, "raw_bytes": len(raw), "packed_bytes": packed}


def _bounds(cache: Path, packs: str) -> dict[str, Any]:
    """Seconds to bound a query over a simulated catalogue; missing where that is not written."""
    try:
        bounds: Any = importlib.import_module("benchmarks.bounds")
    except ImportError:
        return {"missing": "not measured"}
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        found = bounds.measured(Path(folder), packs=int(packs))
    slowest = max(each["median_s"] for each in found["bounds"].values())
    return {"packs": int(packs), "wall_s": float(slowest), "bounds": found["bounds"]}


def _input(cache: Path, name: str) -> inputs.Input:
    made = inputs.prepared(name, cache)
    if made is None:
        raise SystemExit(f"{name}: its real set is not under PASTWATCH_DATA")
    return made


def _questions(cache: Path, name: str) -> list[questions.Question]:
    return questions.chosen(given.columns(_input(cache, name), cache), cache)


def _held(cache: Path, name: str, level: str) -> Path:
    return cache / "held" / f"{name}-{level}"


def _peer_folder(cache: Path, name: str, peer: str) -> Path:
    return cache / "peers" / name / peer.replace(" ", "-")


_TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "engine-ready": _ready,
    "engine-collect": _collect,
    "engine-hold": _hold,
    "engine-ask": _ask,
    "engine-scan": _scan,
    "engine-slice": _slice,
    "engine-look-memory": _look_memory,
    "engine-fresh": _fresh,
    "engine-build": _build,
    "engine-peer-ask": _peer_ask,
    "engine-zstd": _zstd,
    "engine-bounds": _bounds,
}
