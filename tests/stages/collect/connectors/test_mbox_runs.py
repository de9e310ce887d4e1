"""Mails of a mailbox that are taken many at once: the same as one by one, wherever a window ends."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pastwatch.model.batch import Batch
from pastwatch.stages.collect.connectors import borders
from pastwatch.stages.collect.connectors.mbox import CONNECTOR

BORDER = b"From ann@town.example Mon Mar  1 10:00:00 1999\n"
HEADER = b"From: ann@town.example\nDate: Mon, 1 Mar 1999 10:00:00 +0000\nSubject: n\n"
MAILS = (
    BORDER + HEADER + b"\nOne line.\n\n",
    BORDER + HEADER + b"\nNo empty line behind it.\n",
    BORDER + HEADER + b"\n>From here on it is quoted.\n\n",
    BORDER + HEADER.replace(b"\n", b"\r\n") + b"\r\nLines end in two.\r\n\r\n",
    BORDER + HEADER + b"Content-Length: 12\n\nIts length.\n\n",
    BORDER + HEADER + b"Content-length: 99\n\nNot its length.\n\n",
    BORDER + HEADER + b"\nContent-Length: 3 is text here.\n\n",
    BORDER + HEADER + b"\n" + b"A line among many others.\n" * 30 + b"\n",
    BORDER + HEADER + b"\n\n\n",
    b"From ann@town.example Mon, 1 Mar 1999 10:00:00 +0100\n" + HEADER + b"\nAnother form.\n\n",
    BORDER + BORDER + HEADER + b"\nTwo From lines.\n\n",
)


def told(path: Path, depth: str) -> tuple[list[dict[str, object]], Counter[str], list[object]]:
    found = list(CONNECTOR.read(path, {"depth": depth}))
    batches = [piece for piece in found if isinstance(piece, Batch)]
    framing: Counter[str] = Counter()
    for batch in batches:
        framing.update(batch.framing)
    rows = [row for batch in batches for row in batch.columns.to_pylist()]
    return rows, framing, [piece for piece in found if not isinstance(piece, Batch)]


@pytest.mark.parametrize("depth", ["ready", "raw"])
@pytest.mark.parametrize("window_bytes", [300, 1000, 4097, 1 << 20])
def test_mails_taken_many_at_once_are_those_taken_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: str, window_bytes: int
) -> None:
    path = tmp_path / "a.mbox"
    order = [MAILS[(7 * n + n // 11) % len(MAILS)] for n in range(400)] + list(MAILS[:1]) * 50
    path.write_bytes(b"".join(order))
    monkeypatch.setattr(borders, "WINDOW_BYTES", window_bytes)
    taken = told(path, depth)
    monkeypatch.setattr(borders.Borders, "run", lambda *_: None)
    assert taken == told(path, depth)
    assert len(taken[0]) > len(order) - 50


def test_a_plain_mailbox_is_taken_in_runs_and_no_batch_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, runs = tmp_path / "a.mbox", list[int]()
    path.write_bytes(MAILS[0] * 3000)
    run = borders.Borders.run

    def counted(self: borders.Borders, border: borders.Border, most: int) -> borders.Run | None:
        found = run(self, border, most)
        runs.append(len(found.originals) if found else 0)
        return found

    monkeypatch.setattr(borders.Borders, "run", counted)
    batches = [b for b in CONNECTOR.read(path, {}) if isinstance(b, Batch)]
    assert [b.columns.num_rows for b in batches] == [1024, 1024, 952]
    assert sum(runs) >= 2998
