"""Reply links in mail without headers: trains the stored weights, and judges them on later mail.

    python -m benchmarks.reconstruct.mail train FOLDER DATA    writes the weights (earlier half only)
    python -m benchmarks.reconstruct.mail judge FOLDER DATA    the figures on the later half

DATA holds `r-lists`, monthly archives of mailing lists; FOLDER is scratch, where they are sealed once.
In-Reply-To, References, Thread-Index and the order of the archive are hidden from the method: it
gets texts, subjects, writers and dates, in order of date. The gold is what the hidden headers say.
Half of the mails, by date, is for training and choosing; what is reported is of the later half.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import itertools
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.reconstruct.fitting import fitted
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.desk.slicereading import blocks_of
from pastwatch.model.when import DAY_US
from pastwatch.stages.reconstruct import jwz
from pastwatch.stages.reconstruct import quotedlinks_pairs as pairing
from pastwatch.stages.reconstruct import replylinks_net as nets
from pastwatch.stages.reconstruct.quotedlinks import by_quotes, in_talk_order
from pastwatch.stages.reconstruct.quotedlinks_lines import QuoteGatherer, Quotes
from pastwatch.stages.reconstruct.talk import Gatherer, Talk

LISTS = ("r-announce", "r-devel", "r-package-devel")
WINDOWS_DAYS = (1, 3, 7, 14, 30, 60, 120, 100_000)
_MEMBERS = 3
_EPOCHS = 12
_START = re.compile(rb"^From .+\d{4}\n(?=From: )", re.MULTILINE)
_ID = re.compile(r"<[^<>\s]+>")
_MADE_OF = (
    "weights learnt from the earlier half of public R mailing list archives (r-announce, r-devel, "
    "r-package-devel), by their reply headers; no text is in them"
)

Int64s = npt.NDArray[np.int64]


@dataclass
class Lists:
    """The lists as a talk in order of date, what they quote, and what their headers say."""

    talk: Talk
    quotes: Quotes
    gold: Int64s  # row answered, −1 none, −2 one that is not held
    thread: Int64s  # by every id that any header names


def lists_of(folder: Path, data: Path, *, files: Sequence[Path] = ()) -> Lists:
    """Seal the lists, or some of their files, into `folder` once; open them, read their headers anew."""
    sealed = folder / "archive"
    fresh = not sealed.exists()
    every = data / "r-lists" / "rlists"
    files = files or [p for one in LISTS for p in sorted((every / one).glob("*.txt"))]
    with scratch_archive(folder, person="bench") as archive:
        if fresh:
            for path in files:
                archive.collect(path, source=path.parent.name, basis="own", connector="mbox")
            archive.add_event("e", "An event", at="2021-01-01T00:00+00:00", references=("report",))
            open_self_authorised(
                archive,
                "e",
                folder / "grant.toml",
                ground="own data",
                since="1990-01-01T00:00:00Z",
                until="2030-01-01T00:00:00Z",
                undated=True,
                necessity="a measurement",
            )[0].close()
        case = archive.case()
        talks, quotes, ids = Gatherer(), QuoteGatherer(), bytearray()
        for block in blocks_of(case, purpose="threads"):
            talks.add(block)
            quotes.add(block.text.column("text"))
            ids += b"".join(block.ids())
        case.close()
    talk = talks.done()
    place = {i.tobytes(): n for n, i in enumerate(talk.record_ids)}
    at = np.array([place[bytes(ids[n : n + 16])] for n in range(0, len(ids), 16)], np.int64)
    gold, thread = _gold(talk, files)
    return Lists(talk, in_talk_order(quotes.done(), at, len(talk)), gold, thread)


def _gold(talk: Talk, files: Sequence[Path]) -> tuple[Int64s, Int64s]:
    """The record each answers and its thread, from every id of the headers as they stand in the files."""
    row_of: dict[str, int] = {}
    for row, own in enumerate(talk.native_id.to_pylist()):
        row_of.setdefault(f"<{own.strip('<>')}>", row)
    gold = np.full(len(talk), -1, np.int64)
    above: dict[str, str] = {}

    def top(one: str) -> str:
        while above.setdefault(one, one) != one:
            above[one] = one = above[above[one]]
        return one

    for path in files:
        raw = path.read_bytes()
        bounds = [m.start() for m in _START.finditer(raw)] + [len(raw)]
        for start, end in itertools.pairwise(bounds):
            head = raw[raw.index(b"\n", start) + 1 : end].partition(b"\n\n")[0]
            mail = email.message_from_bytes(head, policy=email.policy.compat32)
            own = _ID.findall(str(mail["Message-ID"] or ""))[:1]
            replied = _ID.findall(str(mail["In-Reply-To"] or ""))
            named = _ID.findall(str(mail["References"] or ""))
            if not own or own[0] not in row_of:
                continue
            chain = [i for i in [*named, *replied[:1]] if i != own[0]]
            for one in chain:
                above[top(one)] = top(own[0])
            held = [
                row_of[i] for i in [*replied[:1], *reversed(named)] if i in row_of and i != own[0]
            ]
            gold[row_of[own[0]]] = held[0] if held else (-2 if chain else -1)
    thread = {top(i): n for n, i in enumerate(row_of)}
    threads = np.arange(len(talk)) + len(talk)
    for one, row in row_of.items():
        threads[row] = thread[top(one)] if top(one) in thread else thread.setdefault(top(one), row)
    return gold, threads


def links(parent: Int64s, gold: Int64s, rows: Int64s) -> dict[str, float]:
    """Precision, recall and F1 of reply links among `rows`."""
    given, asked = parent[rows] >= 0, gold[rows] >= 0
    hits = int(np.count_nonzero(given & (parent[rows] == gold[rows])))
    precision, recall = hits / max(given.sum(), 1), hits / max(asked.sum(), 1)
    return {
        "links": int(given.sum()),
        "gold links": int(asked.sum()),
        "precision": round(float(precision), 4),
        "recall": round(float(recall), 4),
        "f1": round(float(2 * precision * recall / max(precision + recall, 1e-9)), 4),
    }


def clusters(thread: Int64s, gold: Int64s, rows: Int64s) -> dict[str, float]:
    """B³ (Bagga and Baldwin 1998) over `rows`, and how many gold threads are met exactly."""
    one, other = thread[rows], gold[rows]
    sizes, golds = Counter(one.tolist()), Counter(other.tolist())
    both = Counter(zip(one.tolist(), other.tolist(), strict=True))
    precision = sum(n * n / sizes[a] for (a, _), n in both.items()) / len(rows)
    recall = sum(n * n / golds[b] for (_, b), n in both.items()) / len(rows)
    exact = sum(n == sizes[a] == golds[b] for (a, b), n in both.items())
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / (precision + recall), 4),
        "threads": len(golds),
        "met exactly": round(exact / len(golds), 4),
    }


def baseline(talk: Talk, subjects: pairing.Subjects, *, days: int, answers_only: bool) -> Int64s:
    """The nearest earlier mail of the same subject within so many days."""
    parent = np.full(len(talk), -1, np.int64)
    last: dict[int, int] = {}
    for row, code in enumerate(subjects.code.tolist()):
        before = last.get(code)
        if code >= 0:
            last[code] = row
        if before is None or code < 0 or (answers_only and not subjects.answers[row]):
            continue
        if talk.earliest_us[row] - talk.earliest_us[before] <= days * DAY_US:
            parent[row] = before
    return parent


def halves(talk: Talk) -> tuple[Int64s, Int64s]:
    """The earlier half of the mails, for choosing, and the later, for judging."""
    rows = np.flatnonzero(talk.dated)
    return rows[: len(rows) // 2], rows[len(rows) // 2 :]


def train(folder: Path, data: Path) -> str:
    """Learn the weights from the earlier half; its last fifth is kept back to stop by."""
    held = lists_of(folder, data)
    early, _ = halves(held.talk)
    learnt, apart = early[: len(early) * 4 // 5], early[len(early) * 4 // 5 :]
    subjects = pairing.subjects_of(held.talk.subject)
    sets = {}
    for name, rows in (("learnt", learnt), ("apart", apart)):
        pairs = pairing.pairs_of(held.talk, held.quotes, subjects, rows)
        laid = list(pairing.laid_out(held.talk, held.quotes, subjects, pairs, rows))
        own, earlier, figures, valid = (np.concatenate(c) for c in zip(*laid, strict=True))
        right = earlier == held.gold[own][:, None]
        right[:, 0] = held.gold[own] < 0
        sets[name] = own, earlier, figures, valid, right
    own, _, figures, valid, right = sets["learnt"]
    fits = right.any(axis=1)
    asked = held.gold[own] >= 0
    sys.stdout.write(
        f"candidates hold the gold parent of {(fits & asked).sum() / asked.sum():.3f}\n"
    )
    made: list[nets.Layers] = []
    for seed in range(_MEMBERS):
        layers, best = fitted(
            *(c[fits] for c in (figures, valid, right)),
            seed=seed,
            epochs=_EPOCHS,
            judged=partial(_f1, held, sets["apart"]),
            hidden=(32, 16),
        )
        made.append(layers)
        together = _f1(held, sets["apart"], *made)
        sys.stdout.write(f"member {seed}: kept back {best}, together {together}\n")
    return nets.to_json(made, pairing.NAMES, name="lists-1", provenance=_MADE_OF)


def _f1(held: Lists, apart: tuple[Any, ...], *members: nets.Layers) -> float:
    own, earlier, figures, valid, _ = apart
    shares = nets.Net("", members).shares(figures, valid)
    best = shares.argmax(axis=1)
    parent = np.full(len(held.talk), -1, np.int64)
    parent[own] = earlier[np.arange(len(own)), best]
    return links(parent, held.gold, own)["f1"]


def judge(folder: Path, data: Path) -> dict[str, Any]:
    """Headers against headers read anew; quotes and the baseline against hidden headers."""
    held = lists_of(folder, data)
    early, late = halves(held.talk)
    subjects = pairing.subjects_of(held.talk.subject)
    every = np.arange(len(held.talk))
    headed = jwz.by_headers(held.talk)
    told: dict[str, Any] = {
        "records": len(held.talk),
        "by headers": {
            "links": links(headed.parent, held.gold, every),
            "threads": clusters(headed.thread(), held.thread, every),
            "missing": headed.missing,
            "duplicates": headed.duplicates,
            "cycles": headed.cycles,
        },
    }
    tuned: dict[tuple[int, bool], float] = {}
    for days in WINDOWS_DAYS:
        for only in (False, True):
            parent = baseline(held.talk, subjects, days=days, answers_only=only)
            tuned[days, only] = links(parent, held.gold, early)["f1"]
    days, only = max(tuned, key=lambda k: tuned[k])
    told["baseline chosen on the earlier half"] = {"days": days, "answers only": only}
    large = pairing.oversized(subjects)
    for name, parent in (
        ("baseline", baseline(held.talk, subjects, days=days, answers_only=only)),
        ("quotes", by_quotes(held.talk, held.quotes, every).parent),
    ):
        thread = jwz.joined(parent)
        told[name] = {
            part: {
                "mails": len(rows),
                "links": links(parent, held.gold, rows),
                "threads": clusters(thread, held.thread, rows),
            }
            for part, rows in (
                ("later half", late[~large[late]]),
                ("oversized subjects", late[large[late]]),
                ("later half, all", late),
            )
            if len(rows)
        }
    told["margin"] = {
        what: round(
            told["quotes"]["later half"][what]["f1"] - told["baseline"]["later half"][what]["f1"], 4
        )
        for what in ("links", "threads")
    }
    return told


def main(arguments: Sequence[str] | None = None) -> None:
    """Train or judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("train", "judge"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("data", type=Path)
    given = parser.parse_args(arguments)
    if given.what == "train":
        nets.MAIL.write_text(train(given.folder, given.data), encoding="utf-8")
    else:
        sys.stdout.write(json.dumps(judge(given.folder, given.data), indent=1) + "\n")


if __name__ == "__main__":
    main()
