"""The archive under measurement: founded in a scratch folder, collected into, looked through."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zstandard

import pastwatch as pw
from benchmarks.corpora import MEGABYTE, Corpus
from benchmarks.measure import cpu, most_held, peak_bytes
from pastwatch.archive import frames
from pastwatch.archive.opening import PackOpener
from pastwatch.config import Settings
from pastwatch.desk import indexing
from pastwatch.desk.clock import now_us
from pastwatch.desk.founding import found

QUERIES = {
    "absent": "*qzxwvk*",
    "rare word": "moratorium",
    "common word": "when",
    "phrase": '"at the end"',
    "pattern": "/[a-z]{4}[0-9]{5}q/",
}
"""`absent` can be answered by no index: it opens every block of the slice."""


@contextmanager
def archive(cache: Path) -> Iterator[tuple[Any, Path]]:
    """A fresh archive with throw-away keys, in one thread."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        folder = Path(scratch)
        settings = Settings(
            archive=str(folder / "archive"), keys=str(folder / "keys"), person="bench", workers=1
        )
        found(
            folder / "archive",
            settings=settings,
            person="bench",
            granting_passphrase=None,
            user_passphrase=None,
            throwaway=True,
            clock=now_us,
        )
        yield pw.open(folder / "archive", settings=settings), folder


def collect(corpus: Corpus, cache: Path) -> dict[str, Any]:
    """Seal a corpus: CPU-seconds, bytes on disk, the most memory held."""
    with archive(cache) as (held, folder):
        wall = time.perf_counter()
        took_s, (held_bytes, report) = cpu(lambda: most_held(lambda: _collect(held, corpus)))
        wall = time.perf_counter() - wall
        files = [p for p in (folder / "archive").rglob("*") if p.is_file()]
        return {
            "records": report.collected.taken.records + report.collected.taken.already_held,
            "raw_bytes": report.collected.read_bytes,
            "text_bytes": sum(s.text_bytes for s in _packs(held)),
            "archive_bytes": sum(p.stat().st_size for p in files),
            "cpu_s": took_s,
            "wall_s": wall,
            "peak_bytes": peak_bytes(),
            "held_bytes": held_bytes,
        }


def look(corpus: Corpus, cache: Path, rounds: int) -> dict[str, Any]:
    """Look through all of a corpus; the absent query beside decoding the same frames alone.

    The case does not index its slice meanwhile: that would be counted with the looks.
    """
    indexing.DUE_FROM_RECORDS = sys.maxsize
    with archive(cache) as (held, folder):
        _collect(held, corpus)
        case = _case(held, corpus, folder)
        with _recorded() as kept:
            list(case.look(QUERIES["absent"]))
        text_bytes = sum(size for _, size in kept)
        measured: dict[str, Any] = {
            "text_bytes": text_bytes,
            "packed_bytes": sum(len(p) for p, _ in kept),
            "frames": len(kept),
            "decode_cpu_s": [],
            "queries": {name: {"cpu_s": [], "first_s": []} for name in QUERIES},
        }
        for _ in range(rounds):
            measured["decode_cpu_s"].append(cpu(lambda: _decode(kept))[0])
            for name, text in QUERIES.items():
                row = measured["queries"][name]
                took_s, (hits, first_s, blocks) = cpu(lambda text=text: _hits(case, text))  # type: ignore[misc]
                row["cpu_s"].append(took_s)
                row["first_s"].append(first_s)
                row |= {"query": text, "hits": hits, "blocks": blocks}
        return measured


def look_memory(corpus: Corpus, cache: Path) -> dict[str, Any]:
    """The most memory a look holds; the archive is collected by a process of its own."""
    with archive(cache) as (held, folder):
        _collect_apart(held, corpus)
        case = _case(held, corpus, folder)
        before = peak_bytes()
        names = ("absent", "common word")
        held_bytes, hits = most_held(lambda: [_hits(case, QUERIES[name])[0] for name in names])
        return {
            "hits": hits,
            "opened_bytes": before,
            "peak_bytes": peak_bytes(),
            "held_bytes": held_bytes,
        }


def _collect(held: Any, corpus: Corpus) -> Any:
    return held.collect(corpus.path, source=corpus.name.lower(), basis="published")


def _collect_apart(held: Any, corpus: Corpus) -> None:
    import os

    child = os.fork()
    if not child:
        _collect(held, corpus)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise SystemExit("collecting failed")


def _packs(held: Any) -> list[Any]:
    catalogue = held.office.catalogue
    return [row for s in held.office.sources() for row in catalogue.packs(s)]


def _case(held: Any, corpus: Corpus, folder: Path) -> Any:
    """A case whose slice is the whole corpus."""
    held.add_event("event", "Event", at=corpus.event_at, references=("benchmark",))
    path = held.draft_authority("event", folder / "grant.toml")
    lines = []
    for line in path.read_text().splitlines():
        key = line.partition(" = ")[0]
        value = {
            "ground": '"benchmark"',
            "from": f'"{corpus.first}"',
            "until": f'"{corpus.until}"',
            "undated": "true",
            "necessity": '"benchmark"',
        }.get(key)
        lines.append(f"{key} = {value}" if value else line)
    path.write_text("\n".join(lines) + "\n")
    held.sign_authority(path)
    return held.open_case("event", path)[0]


def _hits(case: Any, text: str) -> tuple[int, float, int]:
    """How many hits, seconds to the first, blocks opened."""
    begun = time.perf_counter()
    first_s, count = 0.0, 0
    found = case.look(text)
    for _ in found:
        if not count:
            first_s = time.perf_counter() - begun
        count += 1
    return count, first_s, found.figures.blocks


@contextmanager
def _recorded() -> Iterator[list[tuple[bytes, int]]]:
    """Keeps the compressed bytes and raw size of each text frame that is opened meanwhile."""
    kept: list[tuple[bytes, int]] = []
    whole, into = PackOpener.text, frames.decode_into
    is_text = False

    def text(self: PackOpener, *arguments: Any, **options: Any) -> Any:
        nonlocal is_text
        is_text = True
        try:
            return whole(self, *arguments, **options)
        finally:
            is_text = False

    def decode_into(packed: Any, raw: memoryview, decompressor: Any) -> None:
        if is_text:
            kept.append((bytes(packed), len(raw)))
        into(packed, raw, decompressor)

    PackOpener.text, frames.decode_into = text, decode_into  # type: ignore[method-assign]
    try:
        yield kept
    finally:
        PackOpener.text, frames.decode_into = whole, into  # type: ignore[method-assign]


def _decode(kept: list[tuple[bytes, int]]) -> None:
    """Decode frames one after another into one buffer: the yardstick of a full scan."""
    buffer = memoryview(bytearray(max(size for _, size in kept)))
    decompressor = zstandard.ZstdDecompressor()
    for packed, size in kept:
        with decompressor.stream_reader(packed) as reader:
            filled = 0
            while filled < size and (got := reader.readinto(buffer[filled:size])):
                filled += got


def megabytes_per_s(size_bytes: float, took_s: float) -> float:
    """MB/s."""
    return size_bytes / took_s / MEGABYTE
