"""Collects whole folders of real data, as they are handed over, and counts each format another way.

Journeys for examples/real_data.py. Each says which formats were recognised, how many records each
gave beside a count that shares no code with Pastwatch, and where every byte went, layer by layer.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pastwatch as pw
from pastwatch import plugins
from pastwatch.model.batch import Batch
from pastwatch.stages.collect.items import items_of

Say = Callable[[str, object], None]
Count = Callable[[Path], int]
APOLLO_13 = "1970-04-11T19:13:00Z"
STREAM_ROW = {
    "time": "date(yyyyMMddHHmmss)",
    "text": "message",
    "sender": "author",
    "area": " location",
}
DATED_LINE = rb"(?m)^\[?\d+[./-]\d+[./-]\d+"
BRACKETED_LINE = rb"(?m)^\["


class Scratch(Protocol):
    """An archive to be thrown away, and the folder it stands in."""

    folder: Path
    archive: pw.Archive


@dataclass(frozen=True)
class Rule:
    """How the files whose path fits a pattern are counted another way, under which kind."""

    pattern: str
    kind: str
    count: Count


def _one(_path: Path) -> int:
    return 1


def _lines(path: Path) -> int:
    return len(path.read_bytes().splitlines())


def _matches(pattern: bytes) -> Count:
    return lambda path: len(re.findall(pattern, path.read_bytes()))


def _rows(path: Path) -> int:
    """The rows of a table by Python's own reader, without the first, that names the columns."""
    text = path.read_bytes().decode("utf-8", "replace")
    return sum(1 for row in csv.reader(text.splitlines(keepends=True)) if row) - 1


def _json(*keys: str) -> Count:
    """The objects in an array under a key, through arrays of arrays; 1 for an object alone."""

    def count(path: Path) -> int:
        value = json.loads(path.read_bytes())
        return sum(_objects(value[key]) for key in keys) if keys else _objects(value)

    return count


def _objects(value: Any) -> int:
    return sum(map(_objects, value)) if isinstance(value, list) else 1


def _json_lines(path: Path) -> int:
    """The objects of a file of JSON: of an array, or one a line."""
    try:
        return _json()(path)
    except json.JSONDecodeError:
        return _lines(path)


def _telegram(path: Path) -> int:
    chats = json.loads(path.read_bytes())["chats"]["list"]
    return sum(len(chat["messages"]) for chat in chats)


def _turns(path: Path) -> int:
    """Turns of speech: below each time, as many as there are names; a paragraph without one is one."""
    turns = 0
    for paragraph in re.split(r"\n[ \t]*\n", path.read_text("utf-8")):
        for piece in re.split(r"(?m)^(?=\[[-\d])", paragraph):
            names = re.findall(r"(?m)^[^\W\d_][\w .'/()-]{0,30} ?:\s", piece)
            turns += max(1, len(names)) if piece.strip() else 0
    return turns


# A file that fits none counts as one record, kind "file"; an empty file as none.
RULES: Mapping[str, tuple[Rule, ...]] = {
    "mail-fixtures": (
        Rule(r"\.eml$", "mail", _one),
        Rule(r"test\.zip$", "bundle", lambda _: 2),  # as `unzip -l` lists it
        Rule(r"dist-list\.pst$", "pst", lambda _: 4),  # no second reader at hand: as seen once
        Rule(r"passworded\.pst$", "pst", lambda _: 3),
    ),
    "spamassassin": (
        Rule(r"data/.*\.txt$", "mail", _one),
        Rule(r"data/.*\.json$", "jsonl", _one),
    ),
    "chat-exports": (
        Rule(r"whatsapp/.*\.txt$", "whatsapp", _matches(DATED_LINE)),
        Rule(r"telegram/test_batch.*\.json$", "telegram", _telegram),
        Rule(r"telegram/test_single.*\.json$", "telegram", _json("messages")),
        Rule(r"instagram/test.*\.json$", "facebook", _json("messages")),
        Rule(r"signal/.*\.txt$", "signal", _matches(BRACKETED_LINE)),
        Rule(r"target\.json$", "jsonl", _json()),
    ),
    "kronos-2021": (
        Rule(r"\.csv$", "csv", _rows),
        Rule(r"News Articles/.*\.txt$", "report", _one),
        Rule(r"\.ndjson$", "jsonl", _lines),
        Rule(r"grid\.json$", "jsonl", _one),
    ),
    "irc-threads": (
        Rule(r"\.(raw|ascii)\.txt$", "irc", _lines),
        Rule(r"LICENSE-data\.txt$", "report", _one),
    ),
    "radio-2025": (
        Rule(r"MC3_graph\.json$", "nested", _json("nodes", "edges")),
        Rule(r"\.htm$", "report", _one),
    ),
    "fauci-threads": (Rule(r"data\.json$", "nested", _json("emails")),),
    "apollo13-loops": (
        Rule(r"-loop\.json$", "jsonl", _json()),
        Rule(r"(lookup|glossary)\.json$", "jsonl", _one),
        Rule(r"-loop\.txt$", "transcript", _matches(BRACKETED_LINE)),
        Rule(r"\.csv$", "csv", _rows),
    ),
    "mission-transcripts": (
        Rule(r"tecatg(\.min)?\.json$", "nested", _json("transcript")),
        Rule(r"_sample\.json$", "nested", _one),
        Rule(r"transcripts/(?!_meta)", "transcript", _turns),
    ),
    "speech-clips": (
        Rule(r"\.(wav|mp3|ogg|flac)$", "audio", _one),
        Rule(r"\.json$", "jsonl", _json_lines),
    ),
}
_KINDS = {"eml": "mail", "mbox": "mail"}


def whole(name: str) -> Callable[[Path, Scratch, Say], None]:
    """A journey that collects a set's whole folder, with no options, and counts it another way."""

    def journey(data: Path, scratch: Scratch, say: Say) -> None:
        folder = data / name
        sealed = _collect(folder, "all", scratch, say)
        read = _read_again(folder, say)
        say("records sealed or held as read", sealed == sum(read.values()))
        counted = _counted(folder, RULES[name])
        for kind in sorted(read | counted):
            say(f"{kind}: records", read[kind])
            say(f"{kind}: counted another way", counted[kind])

    return journey


def kronos(data: Path, scratch: Scratch, say: Say) -> None:
    """The whole case, then its stream of short posts and calls by a mapping."""
    whole("kronos-2021")(data, scratch, say)
    folder = data / "kronos-2021" / "vast" / "2021_mc3"
    rows = 0
    for number, path in enumerate(sorted(folder.glob("*.csv"))):
        options = {**STREAM_ROW, "zone": "UTC"}
        done = scratch.archive.collect(
            path, source=f"stream-{number}", basis="published", options=options
        )
        say(f"stream, part {number + 1}: records", done.run.records + done.run.already_held)
        say(f"stream, part {number + 1}: undated", done.collected.taken.undated)
        rows += _rows(path)
    say("stream: rows counted another way", rows)


def missions(data: Path, scratch: Scratch, say: Say) -> None:
    """All missions, elapsed times alone; then one whose moment of launch is stated."""
    whole("mission-transcripts")(data, scratch, say)
    folder = data / "mission-transcripts" / "apollo" / "spacelog" / "missions" / "a13"
    path = folder / "transcripts" / "TEC"
    done = scratch.archive.collect(
        path, source="apollo-13", basis="published", options={"epoch": APOLLO_13}
    )
    say("apollo 13, with its launch: records", done.run.records + done.run.already_held)
    say("apollo 13, with its launch: undated", done.collected.taken.undated)


SETS: Mapping[str, Callable[[Path, Scratch, Say], None]] = {
    "all-mail-fixtures": whole("mail-fixtures"),
    "all-chat-exports": whole("chat-exports"),
    "all-kronos": kronos,
    "all-radio": whole("radio-2025"),
    "all-fauci": whole("fauci-threads"),
    "all-apollo13": whole("apollo13-loops"),
    "all-missions": missions,
    "all-speech": whole("speech-clips"),
    "all-irc": whole("irc-threads"),
    "all-spamassassin": whole("spamassassin"),
}


def _collect(folder: Path, source: str, scratch: Scratch, say: Say) -> int:
    """Seal a folder; say the formats chosen and the account; give records new and held."""
    done = scratch.archive.collect(folder, source=source, basis="published")
    run, taken = done.run, done.collected.taken
    for name, files in sorted(done.formats.items()):
        say(f"files read as {name}" if name else "files of no format", files)
    say("records", run.records)
    say("records already held", run.already_held)
    say("undated", taken.undated)
    say("kept opaque", f"{taken.opaque} of {run.records} ({taken.opaque / run.records:.2%})")
    say("bytes read", run.read_bytes)
    say("bytes of records", run.record_bytes)
    say("bytes already held", run.held_bytes)
    for kind, size in sorted(done.collected.framing.items()):
        say(f"bytes of framing, {kind}", f"{size:,} ({size / run.read_bytes:.4%})")
    reasons: Counter[str] = Counter()
    for gap in done.collected.gaps:
        reasons[gap.reason] += gap.bytes
    for reason, size in sorted(reasons.items()):
        say(f"bytes of gaps, {reason}", size)
    say("gaps, share of bytes read", f"{run.gap_bytes / run.read_bytes:.4%}")
    say("every byte accounted for", done.accounted)
    return run.records + run.already_held


def _read_again(folder: Path, say: Say) -> Counter[str]:
    """Read each file once more without sealing: records by kind, and the sum of each layer."""
    known = plugins.every("connectors")
    records: Counter[str] = Counter()
    outer, inner = 0, Counter[str]()
    for item in items_of(folder, known):
        if item.connector is None:
            outer += item.path.stat().st_size
            continue
        name = item.connector.name
        for piece in item.connector.read(item.path, {"container": item.name}):
            is_batch = isinstance(piece, Batch)
            size = sum(piece.framing.values()) if isinstance(piece, Batch) else piece.bytes
            if isinstance(piece, Batch):
                records[_KINDS.get(name, name)] += piece.columns.num_rows
                size += sum(map(len, piece.columns.column("original").to_pylist()))
            if not is_batch or piece.container == item.name or item.path.is_dir():
                outer += size
            else:
                inner[piece.container] += size
    say("bytes of the files", sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()))
    say("bytes of the outermost containers", outer)
    say("containers inside them", len(inner))
    say("bytes of the containers inside", sum(inner.values()))
    return records


def _counted(folder: Path, rules: tuple[Rule, ...]) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if not path.is_file() or not path.stat().st_size:
            continue
        name = path.relative_to(folder).as_posix()
        rule = next((rule for rule in rules if re.search(rule.pattern, name)), None)
        found[rule.kind if rule else "file"] += rule.count(path) if rule else 1
    return found
