"""What watches add to sealing on one core, beside tantivy as a percolator and a loop of patterns.

python -m benchmarks.watch.tap --out benchmarks/runs/RUN/tap.json
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.corpora import named
from benchmarks.measure import ONE_THREAD
from pastwatch import plugins
from pastwatch.config import Settings
from pastwatch.desk.scratch import scratch_archive
from pastwatch.desk.sources import admit, sealing
from pastwatch.model.batch import Batch
from pastwatch.model.watch import Severity, Watch
from pastwatch.sealing.casekey import AgeIdentity
from pastwatch.stages.collect.items import items_of
from pastwatch.stages.collect.readers import Readers
from pastwatch.stages.watch.tap import Seat, Seating

ROUNDS = 5
CORPUS = "foia-mail"
OTHER = "r-lists"
ALERT_RATIO = 0.01
SEED = 8
WORD = re.compile(r"[a-z]{5,14}")
PERCOLATED = 2_000
"""Records that tantivy and the loop are given; both are linear in them."""


class Kind(NamedTuple):
    """One set of watches."""

    name: str
    words: int = 0
    mixed: int = 0


KINDS = (
    Kind("no tap"),
    Kind("1 watch", words=1),
    Kind("1,000 words", words=1_000),
    Kind("10,000 words", words=10_000),
    Kind("100 mixed", mixed=100),
    Kind("1,000 words and 100 mixed", words=1_000, mixed=100),
)


def batches_of(corpus: str) -> list[Batch]:
    """The records as the connector gives them; nothing of the time below is theirs."""
    given = named(corpus, cache=Path(tempfile.gettempdir()))
    items = items_of(given.path, plugins.every("connectors"), chosen=None)
    found: list[Batch] = []
    with Readers([given.path], count=0) as readers:
        for _, pieces in readers.read_all(items, {"depth": "ready"}):
            found += [piece for piece in pieces if isinstance(piece, Batch)]
    return found


def texts_of(batches: Sequence[Batch]) -> list[str]:
    """Subject and text of each record."""
    return [
        f"{subject or ''}\n{text}"
        for batch in batches
        for subject, text in zip(
            batch.columns.column("subject").to_pylist(),
            batch.columns.column("text").to_pylist(),
            strict=True,
        )
    ]


def words_at(texts: Sequence[str], count: int) -> list[str]:
    """Words that stand in one or two records, until one record in a hundred has one; then none's."""
    held: Counter[str] = Counter()
    for text in texts:
        held.update(set(WORD.findall(text.lower())))
    draw = random.Random(SEED)  # noqa: S311 - a sample, no secret
    rare = sorted(word for word, records in held.items() if records <= 2)
    draw.shuffle(rare)
    chosen: list[str] = []
    alerts = 0
    for word in rare:
        if len(chosen) == count or alerts >= ALERT_RATIO * len(texts):
            break
        chosen.append(word)
        alerts += held[word]
    letters = "abcdefghijklmnopqrstuvwxyz"
    while len(chosen) < count:
        made = "".join(draw.choices(letters, k=draw.randrange(6, 12)))
        if made not in held:
            chosen.append(made)
    return chosen


def mixed_queries(texts: Sequence[str], count: int) -> list[str]:
    """Neighbours, phrases, patterns and words with others, of words from one record in 200 up."""
    held: Counter[str] = Counter()
    for text in texts:
        held.update(set(WORD.findall(text.lower())))
    draw = random.Random(SEED)  # noqa: S311 - a sample, no secret
    some = sorted(w for w, records in held.items() if 0.005 < records / len(texts) < 0.02)
    rare = sorted(w for w, records in held.items() if 2 < records < 0.001 * len(texts))
    found = []
    for number in range(count):
        a, b, c = draw.sample(some, 3)
        d, e = draw.sample(rare, 2)
        found.append(
            (
                f"({a} OR {d}) NEAR/8 ({e} OR {b[:5]}*)",
                f'"{d} {a}"',
                f"/{d}s?[ ,]+{a[:4]}[a-z]+/",
                f"{d} AND ({a} OR {b}) NOT {c}",
            )[number % 4]
        )
    return found


def watches_of(queries: Sequence[str]) -> list[Watch]:
    """A watch for each query."""
    return [
        Watch(
            name=f"w{number}",
            version=1,
            owner="bench",
            purpose="bench",
            severity=Severity.NOTICE,
            authority_id="standing-1",
            alerts_a_day=20,
            horizon_s=86_400,
            text_sha256=f"{number:064x}",
            query=query,
        )
        for number, query in enumerate(queries)
    ]


def sealed_once(batches: Sequence[Batch], watches: Sequence[Watch]) -> dict[str, Any]:
    """CPU-seconds to seal every batch into a fresh archive, one after the other."""
    recipient = AgeIdentity.make().recipient
    seating = Seating(tuple(Seat(watch, recipient) for watch in watches))
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        chosen = Settings(
            archive=str(folder / "archive"), keys=str(folder / "keys"), person="bench"
        )
        with scratch_archive(folder, settings=chosen, person="bench") as archive:
            office = archive.office
            admitted = admit(office, "s", basis="own", document=None, handover=None, medium="mail")

            with sealing(office, admitted, level=1, watch=bool(watches)) as run:
                if run.tap is not None:  # thousands of files would measure the disk
                    run.tap._seat(seating, {})  # noqa: SLF001
                rested = _rss_bytes()
                before = time.process_time()
                for batch in batches:
                    run.writer.add(batch, clock_us=office.clock())
                run.writer.flush()
                spent = time.process_time() - before
                tally = run.tap.tally if run.tap else None
    return {
        "cpu_s": spent,
        "records": run.writer.taken.records,
        "examined": tally.examined if tally else 0,
        "alerts": tally.alerts if tally else 0,
        "stopped": len(tally.stops) if tally else 0,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "before_mb": rested // 1_000_000,
    }


def _rss_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def queries_of(kind: Kind, texts: Sequence[str]) -> list[str]:
    """What the watches of a kind look for."""
    return words_at(texts, kind.words) * bool(kind.words) + mixed_queries(texts, kind.mixed)


def one(kind_name: str) -> dict[str, Any]:
    """One kind, in this process."""
    kind = next(k for k in KINDS if k.name == kind_name)
    batches = batches_of(CORPUS)
    watches = watches_of(queries_of(kind, texts_of(batches)))
    return sealed_once(batches, watches)


def all_kinds(rounds: int) -> dict[str, list[dict[str, Any]]]:
    """Every kind in turn, so many rounds, in this process; a first round of each warms up."""
    batches = batches_of(CORPUS)
    texts = texts_of(batches)
    watches = {kind.name: watches_of(queries_of(kind, texts)) for kind in KINDS}
    runs: dict[str, list[dict[str, Any]]] = {kind.name: [] for kind in KINDS}
    sealed_once(batches, ())
    for _ in range(rounds):
        for kind in KINDS:
            runs[kind.name].append(sealed_once(batches, watches[kind.name]))
    return runs


def tapped(texts: Sequence[str], queries: Sequence[str], *, at_once: int) -> tuple[float, int]:
    """CPU-seconds of the watches alone on records that were parsed, and what they raised."""
    import pyarrow as pa

    from pastwatch.archive.layout import batch_of
    from pastwatch.model.record import Draft
    from pastwatch.stages.watch.arrivals import Arrivals
    from pastwatch.stages.watch.examiner import Examiner

    made = Examiner(watches_of(queries))
    rows = batch_of([Draft(original=b"", text=text) for text in texts])
    ids = pa.array([n.to_bytes(16, "big") for n in range(len(texts))], pa.binary(16))
    rows = rows.append_column("record_id", ids)
    before, raised = time.process_time(), 0
    for at in range(0, len(texts), at_once):
        some = rows.slice(at, at_once)
        came = Arrivals.of_batch(some, source_id="s", source_name="s", clock_us=0)
        raised += len(made.examine(came))
    return time.process_time() - before, raised


def percolated(texts: Sequence[str], words: Sequence[str], *, at_once: int) -> tuple[float, int]:
    """Tantivy: an index in memory of so many records, asked by every query; CPU-seconds, matches."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", index_option="basic", tokenizer_name="default")
    schema = builder.build()
    queries = [tantivy.Query.term_query(schema, "body", word) for word in words]
    found = 0
    before = time.process_time()
    for at in range(0, len(texts), at_once):
        index = tantivy.Index(schema)
        writer = index.writer(15_000_000, 1)
        for text in texts[at : at + at_once]:
            document = tantivy.Document()
            document.add_text("body", text)
            writer.add_document(document)
        writer.commit()
        index.reload()
        searcher = index.searcher()
        for query in queries:
            found += len(searcher.search(query, limit=at_once, count=False).hits)
    return time.process_time() - before, found


def looped(texts: Sequence[str], words: Sequence[str]) -> tuple[float, int]:
    """A loop of compiled patterns, one a watch, over each record."""
    patterns = [re.compile(rf"\b{word}\b", re.IGNORECASE) for word in words]
    before, found = time.process_time(), 0
    for text in texts:
        found += sum(1 for pattern in patterns if pattern.search(text))
    return time.process_time() - before, found


def peers(count: int) -> dict[str, Any]:
    """The same words over the same records: microseconds a record each, medians of five."""
    texts = texts_of(batches_of(CORPUS))
    words = words_at(texts, count)
    some = texts[:: max(len(texts) // PERCOLATED, 1)][:PERCOLATED]
    few = some[:: 100 if count > 1_000 else 20]

    def figures(act: Callable[[], tuple[float, int]], records: int, rounds: int = ROUNDS) -> Any:
        runs = [act() for _ in range(rounds)]
        spent = [1e6 * seconds / records for seconds, _ in runs]
        return {
            "us_a_record": round(statistics.median(spent), 1),
            "low": round(min(spent), 1),
            "high": round(max(spent), 1),
            "records": records,
            "matches": runs[0][1],
            "rounds": rounds,
        }

    found: dict[str, Any] = {"watches": count}
    for at_once in (1, 64, 2_000):
        asked = few if at_once == 1 else some
        found[f"ours, {at_once} a time"] = figures(
            lambda asked=asked, at_once=at_once: tapped(asked, words, at_once=at_once),  # type: ignore[misc]
            len(asked),
        )
        found[f"tantivy, {at_once} a time"] = figures(
            lambda asked=asked, at_once=at_once: percolated(asked, words, at_once=at_once),  # type: ignore[misc]
            len(asked),
            3,
        )
    found["loop of patterns"] = figures(lambda: looped(few, words), len(few), 3)

    def ratio(peer: str, own: str) -> float:
        return round(float(found[peer]["us_a_record"]) / float(found[own]["us_a_record"]), 1)

    found["times tantivy"] = {
        str(n): ratio(f"tantivy, {n} a time", f"ours, {n} a time") for n in (1, 64, 2_000)
    }
    found["times the loop"] = ratio("loop of patterns", "ours, 2000 a time")
    return found


def _child(*words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.watch.tap", *words],
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, **ONE_THREAD},
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """The kinds in turn in one process, memory of each in one of its own, then the peers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    parser.add_argument("--kind")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--peers", type=int)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    chosen = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if chosen.kind:
        print(json.dumps(one(chosen.kind)))  # noqa: T201 - the answer
        return
    if chosen.all:
        print(json.dumps(all_kinds(chosen.rounds)))  # noqa: T201 - the answer
        return
    if chosen.peers:
        print(json.dumps(peers(chosen.peers)))  # noqa: T201 - the answer
        return
    loads = [os.getloadavg()[0]]
    runs = _child("--all", "--rounds", str(chosen.rounds))
    loads.append(os.getloadavg()[0])
    alone = {kind.name: _child("--kind", kind.name) for kind in KINDS}
    loads.append(os.getloadavg()[0])
    report = {
        "corpus": CORPUS,
        "what": "CPU time of Writer.add and flush over parsed batches, on one core",
        "words": f"of one or two records each until {ALERT_RATIO:.0%} of the records raise; the rest of none",
        "sealing": {
            name: _summed(held, runs["no tap"], alone[name]) for name, held in runs.items()
        },
        "peers": {str(count): _child("--peers", str(count)) for count in (1_000, 10_000)},
        "niceness": os.nice(0),
        "load": [round(load, 1) for load in loads],
    }
    text = json.dumps(report, indent=1) + "\n"
    if chosen.out:
        chosen.out.parent.mkdir(parents=True, exist_ok=True)
        chosen.out.write_text(text)
    sys.stdout.write(text)


def _summed(
    held: Sequence[dict[str, Any]], without: Sequence[dict[str, Any]], alone: dict[str, Any]
) -> dict[str, Any]:
    records = held[0]["records"]
    spent = [1e6 * run["cpu_s"] / records for run in held]
    shares = [run["cpu_s"] / before["cpu_s"] - 1 for run, before in zip(held, without, strict=True)]
    return {
        "us_a_record": round(statistics.median(spent), 1),
        "low": round(min(spent), 1),
        "high": round(max(spent), 1),
        "added_ratio": round(statistics.median(shares), 4),
        "added_low": round(min(shares), 4),
        "added_high": round(max(shares), 4),
        "records": records,
        "alerts": held[0]["alerts"],
        "stopped": held[0]["stopped"],
        "peak_mb": alone["peak_mb"],
        "held_before_mb": alone["before_mb"],
        "rounds": len(held),
    }


if __name__ == "__main__":
    main()
