"""This project under measurement: an archive in a kept folder, collected into, opened, asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.levels import LEVEL
from benchmarks.measure import most_held, peak_bytes, whole_cpu
from benchmarks.questions import NOWHERE, Question
from benchmarks.seams import opened_frames, timed_sealing
from pastwatch.config import Settings
from pastwatch.desk.scratch import draft_filled, scratch_archive

EVENT_AT = "2000-01-01T00:00+00:00"
ALWAYS = ("1971-01-01T00:00Z", "2038-01-01T00:00Z")


def settings(folder: Path, *, workers: int, level: str) -> Settings:
    """Settings for an archive with throw-away keys beside it."""
    return Settings(
        archive=str(folder / "archive"),
        keys=str(folder / "keys"),
        person="bench",
        workers=workers,
        level=level,
    )


@contextmanager
def archive(folder: Path, *, workers: int = 1, level: str = LEVEL) -> Iterator[Any]:
    """The archive in a folder, founded where there is none."""
    chosen = settings(folder, workers=workers, level=level)
    with scratch_archive(folder, settings=chosen, person="bench") as held:
        yield held


def collect(path: Path, folder: Path, *, level: str, depth: str, workers: int) -> dict[str, Any]:
    """Seal a folder; CPU-seconds, bytes by section, the most memory held, the cipher's share."""
    with archive(folder, workers=workers, level=level) as held, timed_sealing() as cipher:
        wall = time.perf_counter()
        took_s, (held_bytes, report) = whole_cpu(
            lambda: most_held(
                lambda: held.collect(path, source=path.stem, basis="published", depth=depth)
            )
        )
        wall = time.perf_counter() - wall
        taken = report.collected.taken
        files = [p for p in (folder / "archive").rglob("*") if p.is_file()]
        return {
            "records": taken.records,
            "raw_records": taken.raw,
            "raw_bytes": report.collected.read_bytes,
            "text_bytes": sum(row.text_bytes for row in held.office.catalogue.packs()),
            "sections": _sections(held, folder),
            "archive_bytes": sum(p.stat().st_size for p in files),
            "cpu_s": took_s,
            "wall_s": wall,
            "cipher_s": sum(cipher),
            "peak_bytes": peak_bytes(),
            "held_bytes": held_bytes,
        }


def open_case(held: Any, folder: Path, *, name: str, span: tuple[str, str] = ALWAYS) -> Any:
    """A case whose slice is all records of a span."""
    signed = sign(held, folder, name=name, span=span)
    return held.open_case(name, signed)[0]


def sign(held: Any, folder: Path, *, name: str, span: tuple[str, str]) -> Path:
    """An event, and a signed authority over a span of every source."""
    held.add_event(name, "Event", at=EVENT_AT, references=("benchmark",))
    return draft_filled(
        held,
        name,
        folder / f"{name}.toml",
        ground="benchmark",
        necessity="benchmark",
        since=span[0],
        until=span[1],
        undated=span == ALWAYS,
    )


def ask(
    folder: Path, questions: list[Question], *, case: str, workers: int, decode_rounds: int = 1
) -> dict[str, Any]:
    """Each question once, in a process that has looked before; beside decoding the same frames."""
    from pastwatch.desk import indexing

    indexing.DUE_FROM_RECORDS = 1 << 60  # the case's own index is measured on its own
    with archive(folder, workers=workers) as held:
        work = held.case(case)
        with opened_frames() as kept:
            warm, _ = _asked(work, f"*{NOWHERE}*")
        _asked(work, NOWHERE[::-1])  # the word index is read once a process: "fresh" measures that
        slice_bytes = sum(frame.raw_bytes for frame in kept)
        row: dict[str, Any] = {
            "text_bytes": warm["decoded_bytes"],
            "decoded_bytes": slice_bytes,
            "frames": len(kept),
            "records": sum(ref.inside for ref in work.gate.blocks),
            "decode_cpu_s": [],
            "decrypt_cpu_s": [],
            "answers": {},
        }
        for _ in range(decode_rounds):
            row["decode_cpu_s"].append(min(kept.decode(), kept.decode_by_zstandard()))
            row["decrypt_cpu_s"].append(kept.decrypt())
        del kept
        for question in questions:
            row["answers"][question.kind] = _asked(work, question.text)[0]
        work.close()
        return row


def _asked(work: Any, text: str) -> tuple[dict[str, Any], Any]:
    begun, first_s, count = time.perf_counter(), 0.0, 0

    def run() -> Any:
        nonlocal first_s, count
        look = work.look(text)
        for _ in look:
            first_s = first_s or time.perf_counter() - begun
            count += 1
        return look

    took_s, look = whole_cpu(run)
    return {
        "cpu_s": took_s,
        "wall_s": time.perf_counter() - begun,
        "first_s": first_s,
        "hits": count,
        "blocks": look.figures.blocks,
        "decoded_bytes": look.figures.decoded_bytes,
    }, look


def slice_opened(folder: Path, span: tuple[str, str], *, name: str, workers: int) -> dict[str, Any]:
    """From a signed authority to a slice that answers from its own index: wall seconds."""
    with archive(folder, workers=workers) as held:
        signed = sign(held, folder, name=name, span=span)
        begun = time.perf_counter()
        case = held.open_case(name, signed)[0]
        opened_s = time.perf_counter() - begun
        case.indexing.begin()
        case.indexing.wait()
        indexed_s = time.perf_counter() - begun
        hits = len(list(case.look("qzxwvk")))
        done_s = time.perf_counter() - begun
        records = sum(ref.inside for ref in case.gate.blocks)
        case.close()
        return {
            "records": records,
            "hits": hits,
            "opened_s": opened_s,
            "indexed_s": indexed_s,
            "wall_s": done_s,
        }


def look_memory(folder: Path, questions: list[Question], *, case: str) -> dict[str, Any]:
    """The most memory a look holds in a process that did nothing else."""
    with archive(folder) as held:
        work = held.case(case)
        wanted = [q for q in questions if q.kind in {"full scan", "common word"}]
        held_bytes, _ = most_held(lambda: [_asked(work, q.text)[0] for q in wanted])
        work.close()
        return {"held_bytes": held_bytes, "peak_bytes": peak_bytes()}


def _sections(held: Any, folder: Path) -> dict[str, int]:
    """Bytes of the packs by section, and of the ids beside them."""
    from pastwatch.archive.pack import read_pack
    from pastwatch.sealing.seal import SECTIONS

    sizes = Counter[str]()
    for row in held.office.catalogue.packs():
        (path,) = (folder / "archive").rglob(f"{row.pack_id}.pack")
        pack = read_pack(memoryview(path.read_bytes()), name=row.pack_id)
        for number, name in enumerate(SECTIONS):
            frames = pack.frames[number] if number < len(pack.frames) else ()
            sizes[name] += sum(frame.size for frame in frames)
        sizes["ids"] += path.with_suffix(".ids").stat().st_size
        sizes["pack"] += path.stat().st_size
    return dict(sizes)
