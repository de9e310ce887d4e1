"""The ranking of a case's slice: learnt beside the reader, kept in the case, none of it protected."""

from __future__ import annotations

import base64
import binascii
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.block import BlockRef, OpenBlock
from pastwatch.archive.layout import ENVELOPE, TEXT, TOKEN_TABLE
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.case import CaseWork
from pastwatch.desk.slicereading import blocks_of
from pastwatch.stages.review.exploring import FIRST_SHARE, Explorer, spread_of
from pastwatch.stages.review.families import text_digest
from pastwatch.stages.review.features import MOST_WITH_THEMES, Features, features_of_blocks
from pastwatch.stages.review.learner import Learner
from pastwatch.stages.review.queue import Queue
from pastwatch.stages.review.retraining import Begun, Retrainer

Rows = npt.NDArray[np.int64]
OnProgress = Callable[[int, int], None]

SEED_ID = b"\xff" * 16
"""Stands for the words a reviewer began with; no record has this id."""
_KEPT = "review_ranking"
_MOST_HITS = 200  # of the queries, as a first guess at what is relevant


class Places:
    """From a record's id to its place in the slice's index."""

    def __init__(self, record_ids: npt.NDArray[np.void]) -> None:
        self._ids = np.ascontiguousarray(record_ids)
        halves = np.frombuffer(self._ids.tobytes(), dtype="<u8").reshape(-1, 2)[:, 0]
        self._order = np.argsort(halves, kind="stable")
        self._sorted = halves[self._order]

    def __len__(self) -> int:
        return len(self._ids)

    def id(self, place: int) -> bytes:
        """The id of the record at a place."""
        return bytes(self._ids[place].tobytes())

    def of(self, record_id: bytes) -> int | None:
        """The place of a record, None where it is not of the slice."""
        half = np.uint64(int.from_bytes(record_id[:8], "little"))
        at = int(np.searchsorted(self._sorted, half))
        while at < len(self) and self._sorted[at] == half:
            place = int(self._order[at])
            if self.id(place) == record_id:
                return place
            at += 1
        return None

    def named(self, start: str, *, most: int = 2) -> list[bytes]:
        """Ids that begin with these hexadecimal digits, so many at most."""
        whole = start + "0" * (-len(start) % 2)
        low = np.frombuffer(bytes.fromhex(whole).ljust(16, b"\0"), dtype="u1")
        digits = np.frombuffer(self._ids.tobytes(), dtype="u1").reshape(-1, 16)
        octets = len(start) // 2
        found = (digits[:, :octets] == low[:octets]).all(axis=1)
        if len(start) % 2:
            found &= digits[:, octets] >> 4 == low[octets] >> 4
        return [self.id(int(place)) for place in np.flatnonzero(found)[:most]]


class Ranking:
    """Learns from judgements by place in the slice, and puts each new order into the queue."""

    def __init__(
        self,
        case: CaseWork,
        queue: Queue,
        places: Places,
        *,
        seed: int,
        seed_text: str = "",
        explore: float = FIRST_SHARE,
        on_progress: OnProgress | None = None,
    ) -> None:
        self.digests: dict[bytes, bytes] = {}
        blocks = _told(case, self.digests, on_progress)
        extra = [_seed_block(seed_text)] if seed_text.strip() else []
        features = with_meaning(case.papers, features_of_blocks(_chained(blocks, extra)))
        self._features = features
        found = [places.of(record_id) for record_id in features.ids]
        self._place = np.array([-1 if p is None else p for p in found], dtype=np.int64)
        self._row = np.full(len(places), -1, dtype=np.int64)
        inside = np.flatnonzero(self._place >= 0)
        self._row[self._place[inside]] = inside
        self._ranked = inside
        self._seed_row = len(self._place) - 1 if extra else None
        self._queue, self._seed, self._ids = queue, seed, places
        self._explore = explore
        self._spreading: threading.Thread | None = None
        self.label_count = 0
        hits = [places.of(record_id) for record_id in _hit_ids(case.papers)]
        self._hits = [int(self._row[p]) for p in hits if p is not None and self._row[p] >= 0]
        guesses = {*self._hits, *(() if self._seed_row is None else (self._seed_row,))}
        self._begun = Begun(Learner(features, seed), matrix=features.matrix, guesses=guesses)
        self._retrainer = Retrainer(self._begun, put=self._put)

    def learn(self, labels: Mapping[int, int]) -> bool:
        """Learn from labels by place, in the background; False where there is nothing to learn from.

        The words a reviewer began with count as one relevant record; the hits of the case's queries
        do until somebody judged one relevant.
        """
        rows = {int(self._row[p]): told for p, told in labels.items() if self._row[p] >= 0}
        if not any(rows.values()):
            for row in self._hits:
                rows.setdefault(row, 1)
        if self._seed_row is not None:
            rows[self._seed_row] = 1
        if not any(rows.values()):
            return False
        self.label_count = len(labels)
        self._retrainer.submit(rows)
        return True

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the order stands on all that was judged, and what explores is ready."""
        done = self._retrainer.wait(timeout_s)
        if self._spreading is not None:
            self._spreading.join(timeout_s)
            done &= not self._spreading.is_alive()
        return done

    @property
    def failed(self) -> bool:
        """Whether learning broke off: the last order stays."""
        return self._retrainer.failed

    @property
    def fits(self) -> int:
        """How often it has learnt anew."""
        return self._retrainer.fits

    def forget(self, place: int) -> None:
        """Take a protected record out of all that is learnt from."""
        row = int(self._row[place])
        if row < 0:
            return
        matrix = self._features.matrix
        matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]] = 0
        for dense in (self._features.themes, self._features.vectors):
            if dense is not None:
                dense[row] = 0
        self._begun.learner = Learner(self._features, self._seed)  # it holds a copy of those
        self.digests = {i: d for i, d in self.digests.items() if i != self._ids.id(place)}
        self._hits = [hit for hit in self._hits if hit != row]
        self._row[place] = -1
        self._ranked = self._ranked[self._ranked != row]

    def close(self) -> None:
        """End the threads."""
        self._retrainer.close()
        if self._spreading is not None:
            self._spreading.join()

    def _put(self, scores: npt.NDArray[np.float32]) -> None:
        """In the retrainer's thread: a new order, whole; what explores comes after the first."""
        ranked = self._ranked
        order = ranked[np.argsort(-scores[ranked], kind="stable")]
        self._queue.put_order(self._place[order])
        if self._spreading is None and self._explore:
            self._spreading = threading.Thread(
                target=self._spread, name="pastwatch-spread", daemon=True
            )
            self._spreading.start()

    def _spread(self) -> None:
        """In a thread of its own, once: the next order waits for no clusters."""
        matrix = self._features.matrix
        found = spread_of(matrix[:, : self._features.word_columns], seed=self._seed)
        placed = found.placed(self._place, count=len(self._row))
        self._queue.put_explorer(Explorer(placed, first_share=self._explore))


def keep_order(papers: CaseStore, order: Rows, *, label_count: int) -> None:
    """Keep an order in the case, for the next process to begin with."""
    packed = zlib.compress(order.astype("<i4").tobytes(), 1)
    kept = {"labels": label_count, "order": base64.b64encode(packed).decode()}
    papers.put_setting(_KEPT, kept)


def kept_order(papers: CaseStore, *, count: int) -> tuple[Rows, int] | None:
    """The order kept, and on how many judgements it stands; None where none fits the slice."""
    kept = papers.setting(_KEPT)
    if kept is None:
        return None
    try:
        packed = base64.b64decode(kept["order"])
        order = np.frombuffer(zlib.decompress(packed), dtype="<i4").astype(np.int64)
    except (binascii.Error, zlib.error, ValueError):
        return None
    fits = len(order) <= count and (not len(order) or int(order.max()) < count)
    return (order, int(kept["labels"])) if fits else None


def _told(
    case: CaseWork, digests: dict[bytes, bytes], on_progress: OnProgress | None
) -> Iterator[OpenBlock]:
    """The blocks of the slice as they are opened, noting on the way which texts are the same."""
    total, done = sum(ref.inside for ref in case.gate.blocks), 0
    for block in blocks_of(case, purpose="review"):
        digests.update(digests_of(block))
        yield block
        done += len(block.rows)
        if on_progress is not None:
            on_progress(done, total)


def digests_of(block: OpenBlock) -> Iterator[tuple[bytes, bytes]]:
    """(record id, what equal texts have in common) of the records of a block that are long enough."""
    subjects = block.text.column("subject").to_pylist()
    texts = block.text.column("text").to_pylist()
    for record_id, subject, text in zip(block.ids(), subjects, texts, strict=True):
        digest = text_digest(subject or "", text)
        if digest is not None:
            yield record_id, digest


def with_meaning(papers: CaseStore, features: Features) -> Features:
    """Beside the words what the texts mean, where the case was enriched with vectors of one model."""
    makers = papers.vector_makers()
    if not makers or len(features) > MOST_WITH_THEMES:
        return features
    maker, version, _ = makers[0]
    table: npt.NDArray[np.float32] | None = None
    for record_ids, vectors in papers.vectors(maker=maker, version=version):
        if table is None:
            table = np.zeros((len(features), vectors.shape[1]), np.float32)
        for record_id, vector in zip(record_ids, vectors, strict=True):
            row = features.row_of.get(record_id)
            if row is not None:
                table[row] = vector
    return features if table is None or not table.any() else features.with_vectors(table)


def _chained(blocks: Iterator[OpenBlock], extra: Sequence[OpenBlock]) -> Iterator[OpenBlock]:
    yield from blocks
    yield from extra


def _hit_ids(papers: CaseStore) -> list[bytes]:
    """Some of the records that the case's queries hit, each once."""
    return list({hit.hit.record_id: None for hit in papers.hits(limit=_MOST_HITS)})


def _seed_block(text: str) -> OpenBlock:
    """A reviewer's own words as a block of one record, that they be weighed as any other text."""
    texts = {"subject": "", "text": text, "recipients": [], "parts": []}
    row = {name: texts.get(name) for name in TEXT.names}
    envelope: dict[str, Any] = {
        **{field.name: None if field.nullable else 0 for field in ENVELOPE},
        "record_id": SEED_ID,
        "accounts": [],
    }
    held = pa.RecordBatch.from_pylist([envelope], schema=ENVELOPE)
    tokens = pa.RecordBatch.from_pylist([{"token": bytes(8)}], schema=TOKEN_TABLE)
    return OpenBlock(
        ref=BlockRef("", 0, "", 1, 0, dated=False),
        medium="",
        rows=np.zeros(1, dtype=np.int64),
        lanes=(),
        texts=lambda: pa.RecordBatch.from_pylist([row], schema=TEXT),
        envelopes=lambda: (held, tokens),
        ids=lambda: [SEED_ID],
    )
