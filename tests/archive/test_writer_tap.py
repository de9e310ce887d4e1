"""The writer's tap: it sees what is new, once, and before anything of it is sealed."""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.archive.worlds import drafts
from tests.desk.offices import Desk, lines, write_lines

from pastwatch.archive import layout, packing, tokens
from pastwatch.archive.columns import part_texts, text_column
from pastwatch.archive.gathered import Gathered
from pastwatch.archive.identity import Tokens
from pastwatch.archive.rowwords import RowWords, Words
from pastwatch.archive.writer import PENDING, Tap
from pastwatch.desk.sources import admit, sealing
from pastwatch.model.batch import Batch
from pastwatch.model.record import Draft, Part
from pastwatch.sealing.seal import TOKENS

KEY = bytes(range(16))
TEXTS = st.text(st.sampled_from("ab é中фЁ_9-\n ,ﬀß"), max_size=30)


class Noted:
    """Notes what it is told, and how many packs stood then."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.told: list[tuple[str, int]] = []
        self.ids: list[bytes] = []
        self.keys: list[bytes] = []

    def examine(self, rows: pa.RecordBatch, words: Words, key16: bytes) -> None:
        self.ids += rows.column("record_id").to_pylist()
        self.keys.append(key16)
        self._note("examine")
        assert len(words[0]) == len(words[1])
        assert int(words[1].max()) < rows.num_rows

    def settle(self) -> None:
        self._note("settle")

    def seal(self) -> None:
        self._note("seal")

    def next_run(self, run_id: str) -> None:
        self._note(f"run {run_id}")

    def _note(self, what: str) -> None:
        self.told.append((what, sum(1 for _ in self.desk.place.packs.rglob("*.pack"))))


def batch(*texts: str) -> Batch:
    rows = layout.batch_of([Draft(original=text.encode(), text=text) for text in texts])
    return Batch(columns=rows, container="c", framing={})


def test_a_tap_sees_what_is_new_alone_and_before_any_pack(tmp_path: Path) -> None:
    desk = Desk.founded(tmp_path)
    noted = Noted(desk)
    tap: Tap = noted
    with desk.open() as archive:
        admitted = admit(
            archive.office, "s", basis="own", document=None, handover=None, medium="mail"
        )
        with sealing(archive.office, admitted, level=1) as run:
            writer = run.writer
            writer._tap = tap  # noqa: SLF001 - what the desk makes is tested with the desk
            writer.add(batch("one", "two"), clock_us=1)
            assert noted.told == [], "small batches wait for each other"
            writer.settle()
            writer.add(batch("three"), clock_us=2)
            writer.flush()
            assert noted.told == [
                ("examine", 0), ("settle", 0), ("examine", 0), ("seal", 0), ("settle", 1),
            ]  # fmt: skip
            writer.end_container("c")
            writer.next_run("next")
            writer.add(batch("one", "four"), clock_us=3)
            writer.flush()
    assert noted.told[5:] == [("run next", 1), ("examine", 1), ("seal", 1), ("settle", 2)]
    assert len(noted.ids) == len(set(noted.ids)) == 4
    assert noted.keys[0] == noted.keys[1] != noted.keys[2], "a key lasts from seal to seal"


@given(st.lists(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=6), min_size=1, max_size=4))
def test_words_found_before_make_the_same_token_index(
    batches: list[list[tuple[str, str, str]]],
) -> None:
    made = RowWords(KEY)
    whole = []
    for some in batches:
        rows = layout.batch_of(
            [
                Draft(
                    original=b"x",
                    text=text,
                    subject=subject,
                    parts=(
                        Part(name="n", media_type="t", size_bytes=1, sha256=bytes(32), text=part),
                    ),
                )
                for text, subject, part in some
            ]
        )
        made.add(rows)
        whole.append(rows)
    rows = pa.concat_batches(whole)
    chosen = np.random.default_rng(1).permutation(rows.num_rows)[: rows.num_rows // 2 + 1]
    block = rows.take(pa.array(chosen))
    parts, _, _ = part_texts(block.column("parts"))
    columns = [text_column(block.column(name)) for name in ("subject", "text")]
    expected = tokens.block_hashes([*columns, parts], KEY)
    assert made.of(chosen).tolist() == expected.tolist()


def test_a_pack_is_the_same_whether_its_words_were_found_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = layout.batch_of(drafts(700))
    count = rows.num_rows
    ids = pa.array([n.to_bytes(16, "big") for n in range(count)], pa.binary(16))
    hashes = pa.array([n.to_bytes(32, "big") for n in range(count)], pa.binary(32))
    pending = pa.RecordBatch.from_arrays(
        [*rows.columns, ids, hashes, pa.array(np.zeros(count, np.int64))], schema=PENDING
    )
    halves = [pending.slice(0, 300), pending.slice(300)]
    order = np.random.default_rng(2).permutation(count)
    cut = [order[at : at + 256] for at in range(0, count, 256)]
    monkeypatch.setattr(secrets, "token_bytes", lambda size: KEY[:1] * size)
    words = RowWords(KEY[:1] * 16)
    for half in halves:
        words.add(half)
    held, known = Gathered(halves), Tokens(bytes(32))
    plain = packing._plain_frames(held, cut, known, 1)  # noqa: SLF001
    shared = packing._plain_frames(held, cut, known, 1, words)  # noqa: SLF001
    assert shared == plain
    assert len(plain[0][TOKENS][0]) > 1000


def test_without_a_tap_no_words_are_kept(tmp_path: Path) -> None:
    desk = Desk.founded(tmp_path)
    path = write_lines(tmp_path / "mail.jsonl", lines(5))
    with desk.open() as archive:
        report = archive.collect(path, source="mail", basis="own", connector="jsonl")
    assert report.tap is None
    assert report.run.records == 5
