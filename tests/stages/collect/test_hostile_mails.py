"""Malformed mails never crash or stall reading; originals come back exactly, and no word is lost."""

from __future__ import annotations

import hashlib
import itertools
import random
import resource
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.stages.collect import malformed

from pastwatch.model.batch import Batch
from pastwatch.stages.collect.connectors import maildir

CPU_LIMIT_S = 2.0
MEMORY_LIMIT_KB = 512 * 1024
DRAWN = 3000
# What changes the same part: the second would destroy the word that the first has put out of sight.
ALONE = (
    ("NULs in the text", "text in UTF-16", "text in unmarked UTF-16", "text that is no UTF-8"),
    ("lone CR", "lone LF", "CR CR LF"),
    (
        "base64 without padding",
        "base64 with rubbish",
        "base64 and words",
        "base64 in lines of three",
    ),
)


def placed(folder: Path, mails: Iterable[bytes]) -> Path:
    """A Maildir with one mail a file."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, raw in enumerate(mails):
        (folder / "cur" / f"{number:05}.host:2,S").write_bytes(raw)
    return folder


def read(folder: Path) -> list[tuple[bytes, str]]:
    """(original, all that can be searched of it) of each record; a gap fails."""
    found = []
    for piece in maildir.CONNECTOR.read(folder, {}):
        assert isinstance(piece, Batch), piece.reason
        for row in piece.columns.select(["original", "text", "subject", "parts"]).to_pylist():
            parts = [f"{part['name']}\n{part['text']}" for part in row["parts"] or ()]
            found.append((row["original"], "\n".join([row["text"], row["subject"] or "", *parts])))
    return found


def lost(found: Iterable[tuple[bytes, str]]) -> list[list[str]]:
    """The canary words of each mail that cannot be found in it."""
    return [[word for word in malformed.CANARIES if word not in text] for _, text in found]


@pytest.mark.parametrize("name", malformed.MUTATIONS)
def test_no_word_is_lost_and_the_original_is_exact(tmp_path: Path, name: str) -> None:
    raw = malformed.mutated(1, name)
    found = read(placed(tmp_path / "mail", [raw]))
    assert [original for original, _ in found] == [raw]
    assert lost(found) == [[]]


def test_a_mail_without_fault_gives_its_words_and_no_defect(tmp_path: Path) -> None:
    raw = malformed.plain(1).built()
    assert lost(read(placed(tmp_path / "mail", [raw]))) == [[]]


@pytest.mark.heavy
def test_thousands_of_malformed_mails_stay_within_the_limits(tmp_path: Path) -> None:
    draw = random.Random(17)  # noqa: S311 - a sample, drawn the same each time
    names = [
        pair
        for pair in itertools.permutations(malformed.MUTATIONS, 2)
        if not any(set(pair) <= set(alone) for alone in ALONE)
    ]
    chosen = draw.sample(names, DRAWN)
    read(placed(tmp_path / "first", [malformed.mutated(0, "a document cut short")]))  # imports
    slowest, missing, exact = 0.0, [], 0
    for number, pair in enumerate(chosen):
        raw = malformed.mutated(number, *pair, seed=17)
        folder = placed(tmp_path / f"{number:05}", [raw])
        began = time.process_time()
        found = read(folder)
        slowest = max(slowest, time.process_time() - began)
        exact += [hashlib.sha256(original).digest() for original, _ in found] == [
            hashlib.sha256(raw).digest()
        ]
        missing += [(pair, words) for words in lost(found) if words]
        (folder / "cur" / "00000.host:2,S").unlink()
    assert exact == len(chosen)
    assert not missing
    assert slowest < CPU_LIMIT_S
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MEMORY_LIMIT_KB
