"""Runs a watch of general emergency words (kronos.toml) over a stream of posts, against first dispatches.

python -m benchmarks.watch.kronos --out benchmarks/runs/RUN/kronos.json

The posts are what the watch meets; the call centre's dispatches are the events and no input. The
watch and the rule for a spam account stood before any post was read; who wrote them knew roughly what
the published case is about. Needs PASTWATCH_DATA.

An account is a spam account when it wrote 20 posts or more and half of them or more hold one and
the same run of five words, with links, tags, mentions and digits left out. That rule finds none: the posts of the account that
floods the stream are all different. A second rule, made after that was seen, stands beside it: 100
posts or more, every one with the same tag.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from benchmarks.watch import tried
from pastwatch.archive.layout import batch_of
from pastwatch.model.party import Party
from pastwatch.model.record import Draft
from pastwatch.model.watch import Watch
from pastwatch.model.when import SECOND_US, Basis, Span, When
from pastwatch.stages.watch.standing import read_watch

TEXT = Path(__file__).with_name("kronos.toml")
FIRSTS = {
    "fire": re.compile(r"POSSIBLE FIRE"),
    "hit and run": re.compile(r"VEHICLE ACCIDENT - "),
    "pursuit": re.compile(r"PURSUIT"),
    "officer down": re.compile(r"FELONY ASSAULT/WEAPON"),
}
"""The incidents that many units were sent to, by what their first dispatch says."""
SPAM_POSTS, SPAM_RATIO, RUN_WORDS = 20, 0.5, 5
FLOOD_POSTS = 100
_LEFT_OUT = re.compile(r"https?://\S+|[#@]\w+|\d+")
_WORD = re.compile(r"[a-z']+")
_TAG = re.compile(r"#\w+")


class Line(NamedTuple):
    """A line of the stream."""

    kind: str
    at_us: int
    author: str
    text: str


def lines() -> list[Line]:
    """The stream in order of time; its clocks are taken for UTC."""
    return sorted(_read(), key=lambda line: line.at_us)


def _read() -> Iterator[Line]:
    folder = tried.data("kronos-2021").joinpath("vast", "2021_mc3")
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for row in list(csv.reader(file))[1:]:
                at = datetime.strptime(row[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
                yield Line(row[0], int(at.timestamp()) * SECOND_US, row[2], row[3])


def spammers(posts: Sequence[Line]) -> set[str]:
    """The spam accounts, by the rule above."""
    held: dict[str, list[set[tuple[str, ...]]]] = defaultdict(list)
    for post in posts:
        words = _WORD.findall(_LEFT_OUT.sub(" ", post.text.lower()))
        runs = zip(*(words[n:] for n in range(RUN_WORDS)), strict=False)
        held[post.author].append(set(runs))
    found = set()
    for author, own in held.items():
        counts = Counter(run for runs in own for run in runs)
        commonest = max(counts.values(), default=0)
        if len(own) >= SPAM_POSTS and commonest >= SPAM_RATIO * len(own):
            found.add(author)
    return found


def flooders(posts: Sequence[Line]) -> set[str]:
    """The spam accounts, by the second rule."""
    held: dict[str, list[set[str]]] = defaultdict(list)
    for post in posts:
        held[post.author].append(set(_TAG.findall(post.text.lower())))
    return {a for a, own in held.items() if len(own) >= FLOOD_POSTS and set.intersection(*own)}


def run(watch: Watch, posts: Sequence[Line], *, span: Span, events_us: Sequence[int]) -> Any:
    """The watch over some posts."""
    drafts = [
        Draft(
            original=post.text.encode(),
            text=post.text,
            claimed=When(earliest_us=post.at_us, latest_us=post.at_us, basis=Basis.EXPORT),
            sender=Party(address=post.author),
        )
        for post in posts
    ]
    arrivals = tried.in_order(pa.Table.from_batches([batch_of(drafts)]))
    return tried.run(watch, arrivals, span=span, events_us=events_us, zero_us=span.start_us)


def _told(accounts: set[str], posts: Sequence[Line]) -> dict[str, int]:
    return {"accounts": len(accounts), "posts": sum(p.author in accounts for p in posts)}


def main() -> None:
    """With and without the spam accounts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    watch = read_watch(TEXT.read_bytes())
    stream = lines()
    posts = [line for line in stream if line.kind == "mbdata"]
    calls = [line for line in stream if line.kind == "ccdata"]
    firsts = {
        name: next(line.at_us for line in calls if said.search(line.text))
        for name, said in FIRSTS.items()
    }
    span = Span(start_us=stream[0].at_us, end_us=stream[-1].at_us + 1)
    spam = flooders(posts)
    events_us = sorted(firsts.values())
    report: dict[str, Any] = {
        "watch": watch.name,
        "text_sha256": watch.text_sha256,
        "horizon_s": watch.horizon_s,
        "hours": "from the first line",
        "events": {
            name: round((at - span.start_us) / 3600 / SECOND_US, 3)
            for name, at in sorted(firsts.items(), key=lambda one: one[1])
        },
        "spam_by_the_rule_before": _told(spammers(posts), posts),
        "spam_by_the_rule_after": _told(spam, posts),
        "all": run(watch, posts, span=span, events_us=events_us),
        "without_spam": run(
            watch, [p for p in posts if p.author not in spam], span=span, events_us=events_us
        ),
        "claim": "retrospective",
    }
    tried.write(report, chosen.out)


if __name__ == "__main__":
    main()
