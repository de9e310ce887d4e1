"""Reply links in IRC: trains the stored weights, and judges them on files that training never saw.

    python -m benchmarks.reconstruct.irc train DATA    writes the weights (training files only)
    python -m benchmarks.reconstruct.irc judge DATA    the figures on the development files

DATA holds `irc-threads`: the Ubuntu channel with reply links by Kummerfeld and others (ACL 2019,
CC BY 4.0). The weights are learnt from the training files alone; every tenth of these is kept back
to stop by. Scored as its authors do: each annotated line's links, a line that starts a conversation
linking to itself, as pairs; precision, recall and F1 over the pairs of all files.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.reconstruct.fitting import fitted
from pastwatch.stages.reconstruct import replylinks_net as nets
from pastwatch.stages.reconstruct.replylinks_features import NAMES, WINDOW, Stream, blocks
from pastwatch.stages.reconstruct.replylinks_words import read

_SPOKEN = re.compile(r"\[(\d\d):(\d\d)(?::\d\d)?\] (?:<([^>]+)> ?|\* (\S+) ?)(.*)")
_MEMBERS = 1
_EPOCHS = 8
_DAY_S = 86_400
_LICENCE = (
    "weights learnt from the annotations of irc-disentanglement (Kummerfeld and others, ACL 2019), "
    "CC BY 4.0; no text is in them"
)

Int64s = npt.NDArray[np.int64]
Float32s = npt.NDArray[np.float32]


@dataclass
class Logs:
    """Annotated logs as one run of streams; `line` is each utterance's line in its file."""

    stream: Stream
    line: Int64s
    file: Int64s
    gold: list[dict[int, set[int]]]  # of each file: line → the lines it answers
    is_said: list[dict[int, int]]  # of each file: line → utterance


def logs_of(paths: Sequence[Path]) -> Logs:
    """Read `*.annotation.txt` files and the logs beside them."""
    texts: list[str] = []
    columns: list[tuple[int, int, int, int]] = []  # stream, speaker, time, line
    names: dict[tuple[int, str], int] = {}
    gold, places = [], []
    for number, path in enumerate(paths):
        gold.append(_links(path))
        log = path.with_name(path.name.replace(".annotation.", ".ascii."))
        place: dict[int, int] = {}
        day, before = 0, 0
        for line, raw in enumerate(log.read_text(encoding="utf-8").split("\n")):
            if (found := _SPOKEN.match(raw)) is None:
                continue
            hour, minute, nick, acting, text = found.groups()
            at = int(hour) * 3600 + int(minute) * 60
            day += at < before - 3600
            before = at
            who = names.setdefault((number, (nick or acting).lower()), len(names))
            place[line] = len(texts)
            texts.append(text)
            columns.append((number, who, (day * _DAY_S + at) * 1_000_000, line))
        places.append(place)
    stream, speaker, time_us, line_of = np.array(columns, np.int64).T
    said = read(
        pa.array(texts, pa.large_string()),
        stream,
        names=pa.array([n for _, n in names], pa.large_string()),
        bearer=np.arange(len(names)),
        home=np.array([f for f, _ in names], np.int64),
    )
    return Logs(Stream(stream, speaker, time_us, said), line_of, stream, gold, places)


def _links(path: Path) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for row in path.read_text(encoding="utf-8").split("\n"):
        if row.strip():
            one, other = (int(n) for n in row.split()[:2])
            found.setdefault(max(one, other), set()).add(min(one, other))
    return found


def wanted(logs: Logs) -> tuple[Int64s, npt.NDArray[np.bool_]]:
    """Annotated utterances, and which places of their windows are right."""
    rows, right = [], []
    for gold, places in zip(logs.gold, logs.is_said, strict=True):
        for line, answered in gold.items():
            if line not in places:
                continue
            own = places[line]
            fits = np.zeros(WINDOW + 1, np.bool_)
            for other in answered:
                if other == line:
                    fits[0] = True
                elif other in places and own - places[other] <= WINDOW:
                    fits[own - places[other]] = True
            if fits.any():
                rows.append(own)
                right.append(fits)
    return np.array(rows, np.int64), np.array(right)


def scored(logs: Logs, net: nets.Net) -> dict[str, Any]:
    """Precision, recall and F1 of the pairs, over all lines and over what people said alone."""
    rows = np.array(
        [p[line] for g, p in zip(logs.gold, logs.is_said, strict=True) for line in g if line in p]
    )
    predicted: dict[int, set[int]] = {}
    for own, figures, valid in blocks(logs.stream, rows):
        shares = net.shares(figures, valid)
        best = shares.argmax(axis=1)
        predicted |= {
            row: {row - place} for row, place in zip(own.tolist(), best.tolist(), strict=True)
        }
    told: dict[str, Any] = {}
    for name, all_lines in (("all lines", True), ("said lines", False)):
        hits = given = asked = 0
        for gold, places in zip(logs.gold, logs.is_said, strict=True):
            for line, answered in gold.items():
                if line not in places and not all_lines:
                    continue
                found = {line}
                if line in places:
                    found = {int(logs.line[p]) for p in predicted[places[line]]}
                hits += len(found & answered)
                given += len(found)
                asked += len(answered)
        precision, recall = hits / given, hits / asked
        told[name] = {
            "lines": given,
            "gold links": asked,
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(2 * precision * recall / (precision + recall), 4),
        }
    return told


def train(data: Path, *, members: int = _MEMBERS, epochs: int = _EPOCHS) -> str:
    """Learn the weights from the training files; gives them as text."""
    paths = sorted(data.rglob("train/*.annotation.txt"))
    kept_back = [p for n, p in enumerate(paths) if n % 10 == 3]
    learnt = logs_of([p for p in paths if p not in set(kept_back)])
    apart = logs_of(kept_back)
    rows, right = wanted(learnt)
    figures, valid = _all(learnt.stream, rows)
    made = []
    for seed in range(members):
        layers, best = fitted(
            figures, valid, right, seed=seed, epochs=epochs, judged=partial(_f1, apart)
        )
        made.append(layers)
        together = scored(apart, nets.Net("", tuple(made)))
        sys.stdout.write(f"member {seed}: kept back {best} together {together}\n")
        sys.stdout.flush()
    return nets.to_json(made, NAMES, name="irc-1", provenance=_LICENCE)


def _f1(logs: Logs, layers: nets.Layers) -> float:
    return float(scored(logs, nets.Net("", (layers,)))["said lines"]["f1"])


def _all(stream: Stream, rows: Int64s) -> tuple[Float32s, npt.NDArray[np.bool_]]:
    figures = np.zeros((len(rows), WINDOW + 1, len(NAMES)), np.float32)
    valid = np.zeros((len(rows), WINDOW + 1), np.bool_)
    at = 0
    for own, some, fits in blocks(stream, rows):
        figures[at : at + len(own)], valid[at : at + len(own)] = some, fits
        at += len(own)
    return figures, valid


def judge(data: Path) -> dict[str, Any]:
    """The stored weights on the development files."""
    return scored(
        logs_of(sorted(data.rglob("dev/*.annotation.txt"))), nets.stored(nets.CHAT, NAMES)
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Train or judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("train", "judge"))
    parser.add_argument("data", type=Path)
    parser.add_argument("--members", type=int, default=_MEMBERS)
    parser.add_argument("--epochs", type=int, default=_EPOCHS)
    parser.add_argument("--out", type=Path, default=nets.CHAT)
    given = parser.parse_args(arguments)
    if given.what == "train":
        made = train(given.data / "irc-threads", members=given.members, epochs=given.epochs)
        given.out.write_text(made, encoding="utf-8")
    else:
        sys.stdout.write(json.dumps(judge(given.data / "irc-threads"), indent=1) + "\n")


if __name__ == "__main__":
    main()
