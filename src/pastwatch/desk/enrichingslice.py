"""The records of a slice in the order they are enriched, and the blocks that hold them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pastwatch.archive.block import BlockRef
from pastwatch.desk.case import CaseWork
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.model.authority import Act
from pastwatch.model.note import Code
from pastwatch.model.record import Record
from pastwatch.stages.enrich.order import waves

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PURPOSE, SAMPLE_PURPOSE = "enrich", "enrich.sample"
BATCH = 256
_BATCH_LETTERS = 512 * 1024
_SAMPLE, _SAMPLE_BLOCKS = 256, 32


class EnrichingSlice:
    """Places of the slice index in three waves: likely relevant, their neighbours, the rest.

    `place` gives the place of a record chosen. Records judged protected are in no wave.
    """

    def __init__(self, case: CaseWork, *, only_hits: bool, first: int | None) -> None:
        if first is not None and first < 1:
            raise UsageError("enrich one record at least")
        self._case, self._index = case, case.gate.index()
        self.waves = self._ordered(only_hits=only_hits, first=first)
        ids = self._index.record_ids
        self.place = {ids[at].tobytes(): int(at) for wave in self.waves for at in wave}

    def __len__(self) -> int:
        return len(self.place)

    def left(self, done: set[bytes]) -> npt.NDArray[np.bool_]:
        """Which places of the index are chosen and not done."""
        import numpy as np

        left = np.zeros(len(self._index), dtype=np.bool_)
        for wave in self.waves:
            left[wave] = True
        left[[self.place[record_id] for record_id in done if record_id in self.place]] = False
        return left

    def sample(self, left: npt.NDArray[np.bool_]) -> list[Record]:
        """Records still to do, spread evenly over some blocks; logged as an opening of its own."""
        import numpy as np

        places = np.flatnonzero(left)
        if not len(places):
            return []
        refs, wanted = self._blocks(places)
        refs = refs[:: max(len(refs) // _SAMPLE_BLOCKS, 1)][:_SAMPLE_BLOCKS]
        each = max(_SAMPLE // len(refs), 1)
        found: list[Record] = []
        for block in blocks_of(
            self._case, purpose=SAMPLE_PURPOSE, act=Act.ENRICH, wanted=wanted, blocks=refs
        ):
            count = len(block.rows)
            found += [block.record(at) for at in range(0, count, max(count // each, 1))][:each]
        return found

    def batches(
        self, left: npt.NDArray[np.bool_], *, cancel: threading.Event | None
    ) -> Iterator[list[Record]]:
        """The records still to do, wave by wave; each wave opens the blocks it needs and no other."""
        for wave in self.waves:
            refs, wanted = self._blocks(wave[left[wave]])
            if refs:
                yield from self._of_blocks(refs, wanted, cancel)

    def _of_blocks(
        self, refs: list[BlockRef], wanted: set[bytes], cancel: threading.Event | None
    ) -> Iterator[list[Record]]:
        batch: list[Record] = []
        letters = 0
        for block in blocks_of(
            self._case, purpose=PURPOSE, act=Act.ENRICH, wanted=wanted, blocks=refs, cancel=cancel
        ):
            for at in range(len(block.rows)):
                batch.append(block.record(at))
                letters += len(batch[-1].text)
                if len(batch) == BATCH or letters > _BATCH_LETTERS:
                    yield batch
                    if cancel is not None and cancel.is_set():
                        return
                    batch, letters = [], 0
        if batch and not (cancel is not None and cancel.is_set()):
            yield batch

    def _ordered(self, *, only_hits: bool, first: int | None) -> list[npt.NDArray[np.int64]]:
        import numpy as np

        index, when = self._index, self._case.event.when
        ordered = waves(
            np.isin(index.record_ids, _ids(_likely(self._case))),
            conversation=index.conversation,
            earliest_us=index.earliest_us,
            latest_us=index.latest_us,
            dated=index.dated,
            start_us=when.start_us,
            end_us=when.end_us,
        )
        protected = np.isin(index.record_ids, _ids(self._case.papers.protected_ids()))
        chosen = [wave[~protected[wave]] for wave in (ordered[:1] if only_hits else ordered)]
        if first is None:
            return chosen
        cut = []
        for wave in chosen:
            cut.append(wave[:first])
            first -= len(cut[-1])
        return cut

    def _blocks(self, places: npt.NDArray[np.int64]) -> tuple[list[BlockRef], set[bytes]]:
        """The blocks that hold these records, in the order of the first one of each, and their ids."""
        index = self._index
        refs = {(ref.pack_id, ref.block): ref for ref in self._case.gate.blocks}
        found: dict[BlockRef, None] = {}
        for at in places:
            found.setdefault(refs[index.packs[int(index.pack[at])], int(index.block[at])])
        return list(found), {index.record_ids[at].tobytes() for at in places}


def _likely(case: CaseWork) -> set[bytes]:
    """Records that were hit, or that a reviewer judged relevant."""
    found: set[bytes] = set()
    offset = 0
    while page := case.papers.hits(offset=offset, limit=10_000):
        offset += len(page)
        found.update(placed.hit.record_id for placed in page)
    judged = case.papers.latest_judgements()
    return found | {j.record_id for j in judged if j.code is Code.RELEVANT}


def _ids(record_ids: set[bytes]) -> npt.NDArray[np.void]:
    import numpy as np

    return np.frombuffer(b"".join(record_ids), dtype="V16")
