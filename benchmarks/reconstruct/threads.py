"""Threads: how well they are found, how long a slice takes, and what real mail without headers gives.

    python -m benchmarks.reconstruct.threads FOLDER DATA [--million]

FOLDER is scratch. The parts: links of IRC (see irc.py), of mailing lists with and without headers
(see mail.py), seconds for made-up slices of 100,000 and, with --million, of 1,000,000 records, and
two collections of released mail that have no headers, for which no truth is known.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.reconstruct import irc, mail
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.desk.threaded import threads_in
from pastwatch.stages.reconstruct import jwz
from pastwatch.stages.reconstruct.quotedlinks import by_quotes
from pastwatch.stages.reconstruct.quotedlinks_lines import QuoteGatherer
from pastwatch.stages.reconstruct.replylinks import by_rank, chat_rows
from pastwatch.stages.reconstruct.talk import Talk
from pastwatch.stages.reconstruct.threads import How, Read, Threads, threads_of

RUNS = Path(__file__).parents[1] / "runs" / "2026-11-22-reconstruct"
_BATCH = 4096


def made_up(count: int, *, seed: int = 1) -> tuple[Talk, list[str]]:
    """A slice: half mail with headers, a quarter mail that has lost them, a quarter chat in rooms.

    Words are drawn by a Zipf law; a mail without headers quotes what it answers.
    """
    draw = np.random.default_rng(seed)
    words = [f"w{n:x}" for n in range(50_000)]
    sort = draw.choice(3, count, p=(0.5, 0.25, 0.25))  # 0 mail with headers, 1 without, 2 chat
    zipf = np.minimum(draw.zipf(1.3, count * 12), len(words)) - 1
    lines = [" ".join(words[w] for w in row) for row in zipf.reshape(count, 12).tolist()]
    own: list[list[int]] = [[], [], []]
    texts: list[str] = []
    subjects: list[str] = []
    replies, talks = [], []
    room = draw.integers(0, max(count // 2000, 1), count)
    back = draw.geometric(0.1, count)
    answers = draw.random(count) < 0.7  # the rest start something
    for row, kind in enumerate(sort.tolist()):
        held = own[kind]
        above = held[-min(int(back[row]), len(held))] if held and answers[row] and kind < 2 else -1
        held.append(row)
        text = lines[row]
        if kind == 1 and above >= 0:
            text += "\n" + "\n".join(f"> {line}" for line in texts[above].split("\n")[:3])
        texts.append(text)
        replies.append(f"<{above}@x>" if kind == 0 and above >= 0 else "")
        subjects.append(
            "" if kind == 2 else subjects[above] if above >= 0 else f"s{row % 997} {row}"
        )
        talks.append(f"room {room[row]}" if kind == 2 else "")
    people = 2000
    at_us = np.cumsum(draw.integers(1, 20_000_000, count))
    name = pa.array(talks, pa.large_string()).dictionary_encode()
    names = name.dictionary.to_pylist()
    blank = names.index("")
    code = name.indices.to_numpy().astype(np.int64)
    return (
        Talk(
            record_ids=np.frombuffer(draw.bytes(16 * count), "V16"),
            source=sort.astype(np.int64),
            sources=("a", "b", "c"),
            medium=(sort == 2).astype(np.int64),
            media=("mail", "chat"),
            earliest_us=at_us,
            latest_us=at_us,
            dated=np.ones(count, np.bool_),
            kind=np.zeros(count, np.uint8),
            defects=np.zeros(count, np.uint32),
            conversation=np.where(code == blank, -1, code - (code > blank)),
            conversations=tuple(("c", n) for n in names if n),
            sender=draw.integers(0, people, count),
            to_start=np.zeros(count + 1, np.int64),
            to_account=np.zeros(0, np.int64),
            to_role=np.zeros(0, np.uint8),
            account_keys=tuple(("mail", f"p{n}@x.example") for n in range(people)),
            native_id=pa.array([f"<{n}@x>" for n in range(count)], pa.large_string()),
            reply_to=pa.array(replies, pa.large_string()),
            subject=pa.array(subjects, pa.large_string()),
            shown_names=(np.zeros(0, np.int64), np.zeros(0, np.int64), (), np.zeros(0, np.int64)),
        ),
        texts,
    )


def timed(count: int) -> dict[str, Any]:
    """Seconds of each step over a made-up slice, and of all of them together."""
    talk, texts = made_up(count)
    told: dict[str, Any] = {"records": count, "text megabytes": round(sum(map(len, texts)) / 1e6)}
    column = pa.array(texts, pa.large_string())
    is_mail = talk.medium == 0
    empty = pa.array([""] * _BATCH, pa.large_string())
    seconds: dict[str, float] = {}

    def step(name: str, act: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        made = act()
        seconds[name] = round(time.perf_counter() - begun, 2)
        return made

    def gathered() -> Any:
        quotes = QuoteGatherer()
        for start in range(0, count, _BATCH):
            mails = pa.array(is_mail[start : start + _BATCH])
            part = column.slice(start, _BATCH)
            quotes.add(pc.if_else(mails, part, empty.slice(0, len(part))))
        return quotes.done()

    quotes = step("what mails quote", gathered)
    headed = step("headers", lambda: jwz.by_headers(talk))
    rows = np.flatnonzero(talk.source == 1)
    step("mail without headers", lambda: by_quotes(talk, quotes, rows))
    chat = chat_rows(talk)
    said = column.take(pa.array(chat))
    step("chat", lambda: by_rank(talk, chat, said, known=headed.names_parent))
    read = Read(talk, quotes, chat, said)
    made: Threads = step("all of it, but what mails quote", lambda: threads_of(read))
    told["seconds"] = seconds
    told["threads"] = len(made)
    told["links"] = {
        how.name.lower(): int(n) for how in How if how and (n := made.counted(how).sum())
    }
    return told


def released(folder: Path, path: Path, name: str) -> dict[str, Any]:
    """What a collection of released mail gives: there is no truth, so only counts."""
    with scratch_archive(folder / name, person="bench") as archive:
        archive.collect(path, source="mail", basis="own", medium="mail")
        archive.add_event("e", "An event", at="2012-09-11T12:00+00:00", references=("report",))
        case, _, estimate = open_self_authorised(
            archive,
            "e",
            folder / f"{name}.toml",
            ground="own data",
            since="1990-01-01T00:00:00Z",
            until="2030-01-01T00:00:00Z",
            undated=True,
            necessity="a measurement",
        )
        begun = time.perf_counter()
        threads = threads_in(case)
        found = threads.listed(sort="records", limit=5)
        seconds = round(time.perf_counter() - begun, 1)
        links = {
            how.name.lower(): int(n)
            for how in How
            if how and (n := threads.threads.counted(how).sum())
        }
        case.close()
    return {
        "records": estimate.records,
        "seconds": seconds,
        "threads": found.said.threads,
        "alone": found.said.alone,
        "largest": [line.records for line in found.lines],
        "links": links,
    }


def as_lines(path: Path, out: Path) -> Path:
    """The one JSON file of chains of mails as a line a mail."""
    held = json.loads(path.read_text(encoding="utf-8"))
    names = held["names"]
    with out.open("w", encoding="utf-8") as lines:
        for number, one in enumerate(mail for chain in held["emails"] for mail in chain):
            row = {
                "id": f"m{number}",
                "date": one["time"],
                "from": names[one["sender"]],
                "to": "; ".join(names[n] for n in one["recipients"]),
                "cc": "; ".join(names[n] for n in one["cc"]),
                "subject": one["subject"],
                "text": one["body"],
            }
            lines.write(json.dumps(row) + "\n")
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each part and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--million", action="store_true")
    given = parser.parse_args(arguments)
    data = given.data
    parts: dict[str, Callable[[], Any]] = {
        "irc": partial(irc.judge, data / "irc-threads"),
        "mail": partial(mail.judge, given.folder / "lists", data),
        "100,000": partial(timed, 100_000),
        **({"1,000,000": partial(timed, 1_000_000)} if given.million else {}),
        "foia-mail": partial(
            released, given.folder, data / "foia-mail" / "clinton_blind" / "messages.jsonl", "foia"
        ),
    }
    chains = data / "fauci-threads" / "fauci" / "fauci-email-data.json"
    given.folder.mkdir(parents=True, exist_ok=True)
    lines = as_lines(chains, given.folder / "chains.jsonl")
    parts["fauci-threads"] = partial(released, given.folder, lines, "fauci")
    figures: dict[str, Any] = {}
    RUNS.mkdir(parents=True, exist_ok=True)
    for name, part in parts.items():
        figures[name] = part()
        (RUNS / "threads.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {json.dumps(figures[name])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
