"""What the engine suite measures on: real sets laid out as folders, and text made fresh from them."""

from __future__ import annotations

import csv
import os
import random
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from benchmarks import corpora

FIRST_DAY = datetime(2019, 1, 1, tzinfo=UTC)
NEWS_BYTES = 30_000_000
CALLS_COUNT = 150_000
_IRC_LINE = re.compile(r"^\[(\d\d):(\d\d)\] <([^>]+)> (.*)$")


@dataclass(frozen=True, slots=True)
class Input:
    """A folder to collect, and what it is called in the tables."""

    name: str
    path: Path
    words: str


def data_root() -> Path | None:
    """Where the real sets are unpacked, or None."""
    given = os.environ.get("PASTWATCH_DATA", "")
    return Path(given) if given and Path(given).is_dir() else None


def prepared(name: str, cache: Path) -> Input | None:
    """An input laid out in the cache, made at its first use; None where its real set is not there."""
    if name.startswith("town-"):
        return Input(name, corpora.named(name, cache=cache).path, "synthetic mail, two alphabets")
    make, words, needs = _KINDS[name]
    root = data_root()
    if needs and (root is None or not all((root / need).exists() for need in needs)):
        return None
    folder = cache / "inputs" / name
    if not (folder / ".made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(root or Path(), folder)
        (folder / ".made").touch()
    return Input(name, folder, words)


def _lists(root: Path, folder: Path) -> None:
    for name, of in (("r-lists", "r-lists/rlists"), ("cypherpunks", "cypherpunks-early")):
        for path in sorted((root / of).rglob("*")):
            if path.is_file() and path.suffix in {".mbox", ".txt"}:
                _copy(path, folder / f"{name}-{path.parent.name}-{path.stem}.mbox")


def _mail(root: Path, folder: Path) -> None:
    _lists(root, folder)
    _copy(root / "foia-mail/clinton_blind/messages.jsonl", folder / "foia.jsonl")


def _mime(root: Path, folder: Path) -> None:
    for of in ("spamassassin", "enron-annotated"):
        for path in sorted((root / of).rglob("*.txt")):
            if path.parent.name not in {of, "enron_with_categories"}:
                _copy(path, folder / f"{of}-{path.parent.name}-{path.stem}.eml")


def _chat(root: Path, folder: Path) -> None:
    lines: dict[tuple[str, str, str], None] = {}  # excerpts of one day overlap: each line once
    for path in sorted((root / "irc-threads").rglob("*.raw.txt")):
        day = path.name[:10]
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            found = _IRC_LINE.match(line)
            if found:
                hour, minute, nick, text = found.groups()
                lines[f"{day}T{hour}:{minute}:00Z", nick, text] = None
    _table(folder / "irc.csv", ("time", "sender", "text"), lines)


def _tweets(root: Path) -> Iterator[tuple[str, str, str]]:
    epoch_ms = 1_288_834_974_657  # the ids carry their time
    for path in sorted((root / "crisis-tweets").rglob("*labeled.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file, skipinitialspace=True):
                if row and row[0].isdigit():
                    at = datetime.fromtimestamp(((int(row[0]) >> 22) + epoch_ms) // 1000, tz=UTC)
                    yield at.isoformat(), f"{path.parent.name}", row[1]


def _chat_and_tweets(root: Path, folder: Path) -> None:
    _chat(root, folder)
    _table(folder / "tweets.csv", ("time", "sender", "text"), dict.fromkeys(_tweets(root)))


def _calls(_: Path, folder: Path) -> None:
    """Call records: who called whom, when and for how long; drawn with a heavy tail."""
    rng = random.Random(4)  # noqa: S311 - a seeded draw, no secret
    numbers = [f"+37060{rng.randrange(10**6):06d}" for _ in range(4000)]
    weights = [1 / (n + 3) for n in range(len(numbers))]
    at, rows = FIRST_DAY, []
    for caller, callee in zip(
        rng.choices(numbers, weights, k=CALLS_COUNT),
        rng.choices(numbers, weights, k=CALLS_COUNT),
        strict=True,
    ):
        at += timedelta(seconds=int(rng.expovariate(1 / 40)) + 1)
        seconds, cell = int(rng.expovariate(1 / 90)), rng.randrange(300)
        rows.append((at.isoformat(), caller, callee, f"call {seconds} s cell {cell:05d}"))
    _table(folder / "calls.csv", ("time", "sender", "recipients", "text"), rows)


def _news(languages: tuple[str, ...]) -> Callable[[Path, Path], None]:
    def make(root: Path, folder: Path) -> None:
        """Chains of words as they follow each other in real news: fresh text, nothing repeated."""
        at, rows = FIRST_DAY, list[tuple[str, ...]]()
        for text in _chains(_sentences(root, languages), NEWS_BYTES):
            at += timedelta(seconds=61)
            rows.append((at.isoformat(), f"desk{len(rows) % 97}@news.example", text))
        _table(folder / "news.csv", ("time", "sender", "text"), rows)

    return make


def _sentences(root: Path, languages: tuple[str, ...]) -> list[str]:
    folder = root / "parallel-news/ntrex/NTREX-128"
    return [
        line
        for language in languages
        for line in (folder / f"newstest2019-ref.{language}.txt")
        .read_text(encoding="utf-8")
        .splitlines()
    ]


def _chains(sentences: list[str], wanted_bytes: int, *, seed: int = 11) -> Iterator[str]:
    """Texts of about 2 KB: a word follows another as it does in the sentences, or is drawn anew."""
    rng = random.Random(seed)  # noqa: S311 - a seeded draw, no secret
    every = [word for line in sentences for word in line.split()]
    after: defaultdict[str, list[str]] = defaultdict(list)
    for line in sentences:
        words = line.split()
        for left, right in pairwise(words):
            after[left].append(right)
    made, word = 0, every[0]
    while made < wanted_bytes:
        text: list[str] = []
        for _ in range(rng.randrange(60, 300)):
            follows = after.get(word)
            word = rng.choice(follows) if follows and rng.random() < 0.8 else rng.choice(every)
            text.append(word)
        whole = " ".join(text)
        made += len(whole.encode())
        yield whole


def _table(path: Path, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


def _copy(path: Path, to: Path) -> None:
    shutil.copyfile(path, to)


_KINDS: dict[str, tuple[Callable[[Path, Path], None], str, tuple[str, ...]]] = {
    "lists": (_lists, "plain mail lists, mbox", ("r-lists", "cypherpunks-early")),
    "mail": (_mail, "lists and JSON lines", ("r-lists", "cypherpunks-early", "foia-mail")),
    "mime": (_mime, "MIME-heavy mail, one file each", ("spamassassin", "enron-annotated")),
    "chat": (_chat_and_tweets, "chat lines, CSV", ("irc-threads", "crisis-tweets")),
    "calls": (_calls, "call records, CSV", ()),
    "cyrillic": (_news(("rus", "ukr")), "Cyrillic, chains of news words", ("parallel-news",)),
    "arabic": (
        _news(("arb", "fas", "ckb-Arab", "pus")),
        "Arabic letters, chains of news words",
        ("parallel-news",),
    ),
}
NAMES = tuple(_KINDS)
