"""A frozen model of a learned watch: the words it weighs, its exact bytes, and scores of whole blocks.

It sees words of subjects, texts and attachments and nothing else: no sender, no recipient, no name, no
number, no address, no time. The score of a record depends on that record alone, so what another person
wrote, or whether it is there at all, changes no score.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.columns import text_column
from pastwatch.archive.tokens import row_hashes
from pastwatch.errors import IntegrityError
from pastwatch.model.watch import Watch
from pastwatch.stages.watch.arrivals import Arrivals
from pastwatch.stages.watch.many import words_in

Hashes = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

KEY: Final = hashlib.sha256(b"pastwatch learned watch v1").digest()[:16]
"""Words are named the same in every model: one pass over a block serves all of them."""
BINS: Final = 10
_MAGIC: Final = b"pastwatch learned model v1\n"


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Weights of words, as learned once; `bars` and `counts` are how scores lay when it was learned.

    `words` is sorted; `rarity` and `weights` are by word. `counts[i]` records of those it was held
    against scored below `bars[i]` and not below the bar before it.
    """

    words: Hashes
    rarity: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    offset: float
    bars: tuple[float, ...]
    counts: tuple[int, ...]

    def scores(self, hashes: Hashes, rows: Int64s, count: int) -> Floats:
        """A score from 0 to 1 for each of `count` records, from the words that stand in them.

        1 + log(times) × rarity, each record of length one over the words that are weighed, through
        the logistic function; words that are not weighed change nothing, not even the length.
        """
        if not len(self.words):
            return np.full(count, _logistic(np.float64(self.offset)))
        at = np.searchsorted(self.words, hashes)
        held = self.words[np.minimum(at, len(self.words) - 1)] == hashes
        places, times = np.unique(rows[held] * len(self.words) + at[held], return_counts=True)
        row, word = np.divmod(places, len(self.words))
        amount = (1 + np.log(times)) * self.rarity[word]
        length = np.sqrt(np.bincount(row, amount**2, minlength=count))
        total = np.bincount(row, amount * self.weights[word], minlength=count)
        return _logistic(total / np.where(length > 0, length, 1) + self.offset)

    def to_bytes(self) -> bytes:
        """The exact bytes, whose SHA-256 a watch names; the same model gives the same bytes."""
        head = {
            "words": len(self.words),
            "offset": self.offset.hex(),
            "bars": [float(bar).hex() for bar in self.bars],
            "counts": list(self.counts),
        }
        return b"".join(
            (
                _MAGIC,
                json.dumps(head, sort_keys=True, separators=(",", ":")).encode() + b"\n",
                self.words.astype("<u4").tobytes(),
                self.rarity.astype("<f4").tobytes(),
                self.weights.astype("<f4").tobytes(),
            )
        )

    @classmethod
    def from_bytes(cls, raw: bytes, *, sha256: str) -> Model:
        """Read a model; IntegrityError where it is not the one of that hash, or does not read."""
        if hashlib.sha256(raw).hexdigest() != sha256:
            raise IntegrityError("the model is not the one its watch names")
        try:
            _magic, head, body = raw.split(b"\n", 2)
            plain: dict[str, Any] = json.loads(head)
            count = int(plain["words"])
            return cls(
                np.frombuffer(body, "<u4", count),
                np.frombuffer(body, "<f4", count, 4 * count),
                np.frombuffer(body, "<f4", count, 8 * count),
                float.fromhex(plain["offset"]),
                tuple(map(float.fromhex, plain["bars"])),
                tuple(map(int, plain["counts"])),
            )
        except (ValueError, KeyError, TypeError):
            raise IntegrityError("the model does not read") from None


@dataclass(slots=True)
class Scorer:
    """The scores of learned watches, for an `Examiner`; counts how they lie, for the drift.

    `load` opens a model that was not met yet; `seen` is told, by model, of the scores of each
    block. A watch whose model is not to be had scores nothing: who seats watches asks `knows`
    first, and says so.
    """

    models: dict[str, Model]
    load: Callable[[str], Model | None] = lambda _sha256: None
    seen: Callable[[str, Floats], None] = lambda _sha256, _scores: None
    _last: tuple[Arrivals, Hashes, Int64s] | None = field(default=None, init=False)

    def knows(self, watch: Watch) -> bool:
        """Whether this watch can be scored."""
        return watch.learned is not None and self._model(watch.learned.model_sha256) is not None

    def __call__(self, watch: Watch, arrivals: Arrivals) -> Floats:
        """The scores of some records, in order."""
        sha256 = watch.learned.model_sha256 if watch.learned else ""
        model = self._model(sha256)
        if model is None:
            return np.zeros(len(arrivals))
        if self._last is None or self._last[0] is not arrivals:
            self._last = (arrivals, *words_in(arrivals.lanes, KEY))
        _, hashes, rows = self._last
        scores = model.scores(hashes, rows, len(arrivals))
        self.seen(sha256, scores)
        return scores

    def _model(self, sha256: str) -> Model | None:
        if sha256 and sha256 not in self.models:
            found = self.load(sha256)
            if found is None:
                return None
            self.models[sha256] = found
        return self.models.get(sha256)


def hashes_of(words: list[str]) -> Hashes:
    """The hash of each of some folded words, in order."""
    import pyarrow as pa

    found = np.zeros(len(words), np.uint32)
    hashes, rows = row_hashes(text_column(pa.array(words, pa.large_string())), KEY)
    found[rows] = hashes
    return found


def _logistic(values: Any) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -60, 60))), np.float64)
