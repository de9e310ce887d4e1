"""The labelled sets of the trials plan, topic by topic, each record with the same text for everyone."""

from __future__ import annotations

import csv
import functools
import html
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.errors import UsageError

PLAN = Path(__file__).with_name("plan.toml")


@dataclass(frozen=True, slots=True)
class Texts:
    """The records of one set: what is read of each, in fields that every system gets alike."""

    name: str
    ids: list[bytes]
    subjects: list[str]
    bodies: list[str]
    whos: list[str]

    @property
    def said(self) -> list[str]:
        """Each record's subject and text, without who wrote to whom."""
        cut = (b.removeprefix(w) for b, w in zip(self.bodies, self.whos, strict=True))
        return [f"{s}\n{b}" for s, b in zip(self.subjects, cut, strict=True)]

    @property
    def whole(self) -> list[str]:
        """Each record's fields as one text."""
        return [f"{s}\n{b}" for s, b in zip(self.subjects, self.bodies, strict=True)]


@dataclass(frozen=True, slots=True)
class Topic:
    """What somebody looked for in a set, and which records they called relevant."""

    set: str
    name: str
    ids: list[bytes]
    texts: Texts
    labels: npt.NDArray[np.int8]

    @property
    def relevant_count(self) -> int:
        return int(self.labels.sum())


def topics(part: str) -> Iterator[Topic]:
    """Every topic of a part of the plan ("tune" or "test"), set by set."""
    if not os.environ.get("PASTWATCH_DATA"):
        raise UsageError("PASTWATCH_DATA does not lead to the labelled sets")
    plan = tomllib.loads(PLAN.read_text())[part]
    for set_name, names in plan.items():
        for name in names:
            texts, labelled = _LOADERS[set_name](name)
            labels = np.array([name in held for held in labelled], dtype=np.int8)
            yield Topic(set_name, name, texts.ids, texts, labels)


def _folder(name: str) -> Path:
    return Path(os.environ["PASTWATCH_DATA"]) / name


def _made(name: str, rows: list[tuple[str, str]], whos: Iterable[str] = ()) -> Texts:
    ids = [b"%016d" % place for place in range(len(rows))]
    said_by = list(whos) or [""] * len(rows)
    return Texts(name, ids, [s for s, _ in rows], [b for _, b in rows], said_by)


Labelled = tuple[Texts, list[set[str]]]


@functools.cache
def _review_labels(name: str) -> Labelled:
    (path,) = _folder("review-labels").rglob(f"{name}.csv")
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["label_included"] in ("0", "1")]
    texts = _made(name, [(row["title"] or "", row["abstract"] or "") for row in rows])
    return texts, [{name} if row["label_included"] == "1" else set() for row in rows]


@functools.cache
def _enron() -> Labelled:
    folder = _folder("enron-annotated") / "enron_labelled" / "enron_with_categories"
    parser = BytesParser(policy=policy.compat32)
    rows, whos, labels = [], [], []
    for path in sorted(folder.rglob("*.txt"), key=lambda p: (p.parent.name, int(p.stem))):
        mail = parser.parsebytes(path.read_bytes())
        payload = mail.get_payload(decode=True)
        body = payload.decode("latin-1") if isinstance(payload, bytes) else ""
        who = "\n".join(str(mail.get(h, "")) for h in ("From", "To", "Cc"))
        whos.append(f"{who}\n")
        rows.append((str(mail.get("Subject", "")), f"{who}\n{body}"))
        given = path.with_suffix(".cats").read_text().split()
        labels.append({".".join(code.split(",")[:2]) for code in given})
    return _made("enron-annotated", rows, whos), labels


@functools.cache
def _reuters() -> Labelled:
    rows, labels = [], []
    for path in sorted(_folder("reuters21578").rglob("reut2-*.sgm")):
        for story in re.findall(r"<REUTERS.*?</REUTERS>", path.read_text("latin-1"), re.DOTALL):
            title = "".join(re.findall(r"<TITLE>(.*?)</TITLE>", story, re.DOTALL))
            body = "".join(re.findall(r"<BODY>(.*?)</BODY>", story, re.DOTALL))
            if not body:  # brief and unprocessed stories stand in the text element itself
                body = re.sub(
                    r"<TITLE>.*?</TITLE>|<[^>]*>",
                    " ",
                    story[story.find("<TEXT") :],
                    flags=re.DOTALL,
                )
            named = re.search(r"<TOPICS>(.*?)</TOPICS>", story, re.DOTALL)
            rows.append((html.unescape(title), html.unescape(body)))
            labels.append(set(re.findall(r"<D>(.*?)</D>", named.group(1)) if named else ()))
    return _made("reuters21578", rows), labels


@functools.cache
def _crisis() -> Labelled:
    rows, labels = [], []
    for path in sorted(_folder("crisis-tweets").rglob("*-tweets_labeled.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file, skipinitialspace=True):
                rows.append(("", row["Tweet Text"]))
                source, kind = row["Information Source"].strip(), row["Information Type"].strip()
                labels.append({f"source/{source}", f"type/{kind}"})
    return _made("crisis-tweets", rows), labels


_LOADERS: dict[str, Callable[[str], Any]] = {
    "review-labels": _review_labels,
    "enron-annotated": lambda _: _enron(),
    "reuters21578": lambda _: _reuters(),
    "crisis-tweets": lambda _: _crisis(),
}
