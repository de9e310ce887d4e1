"""The models that give texts a place by meaning, and the records of a case nearest to what is asked.

Several models may have been over a case, each over the languages it knows. Their cosines are never
compared: each ranks its own records, and a record's standing is how far its cosine lies above what
that model gives the same question on the whole slice, in standard deviations. Rank by it; it is no
threshold, and no probability.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from pastwatch import plugins
from pastwatch.desk.case import CaseWork
from pastwatch.errors import BadValue, UnknownPlugin, UsageError
from pastwatch.ports import Embedder, Preparing

MODELS = ("embed", "embed-e5")
"""The registered embedders, in the order they are asked; a folder of one's own goes to the first."""

_TINY = 1e-9

Vector = npt.NDArray[np.float32]
Runs = Iterable[tuple[list[bytes], npt.NDArray[np.float32]]]


@runtime_checkable
class Asking(Protocol):
    """An embedder that embeds what is asked in another way than what records hold."""

    def embed_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row a text, in order."""
        ...


@dataclass(frozen=True, slots=True)
class NearRecord:
    """A record near to what is asked: its model's cosine, and how that stands in the slice."""

    record_id: bytes
    cosine: float
    standing: float
    model: str
    version: str


def embedders(
    names: Sequence[str] | None = None,
    *,
    settings: Mapping[str, Mapping[str, str]] | None = None,
    languages: Sequence[str] = (),
) -> dict[str, Embedder]:
    """The embedders, ready, by name; all that are installed where none are named.

    `settings` are those of `pastwatch enrich`: a folder of one's own is `{"embed": {"model": …}}`.
    MissingExtra where a named one is not installed, UsageError for a folder that is missing or
    holds another model.
    """
    made: dict[str, Embedder] = {}
    for name in MODELS if names is None else names:
        options: dict[str, Any] = {"languages": tuple(languages), **(settings or {}).get(name, {})}
        try:
            registered = plugins.load("enrichers", name)
            ready = registered.setup(options) if isinstance(registered, Preparing) else registered
        except UnknownPlugin:
            if names is None:
                continue
            raise
        except UsageError:
            if names is None and name not in (settings or {}):
                continue
            raise
        if not isinstance(ready, Embedder):
            raise UsageError(f'"{name}" gives no vectors')
        made[name] = ready
    return made


def vector_of_query(embedder: Embedder, text: str) -> Vector:
    """The vector of what is asked, in whatever language it is; UsageError where nothing is asked."""
    if not text.strip():
        raise UsageError("nothing is asked", hint="write a few words of what to look for")
    make = embedder.embed_queries if isinstance(embedder, Asking) else embedder.embed
    vector: Vector = make([text])[0]
    return vector


def nearest_records(
    case: CaseWork,
    text: str,
    *,
    among: Mapping[str, Embedder],
    count: int = 20,
    leave_out: Collection[bytes] = (),
) -> list[NearRecord]:
    """The records of the slice nearest in meaning to a text, best first, whatever their language.

    Only records of today's slice, and none that was judged protected. Each run of vectors is in
    memory once; nothing beyond the best is sorted. UsageError where no record has a vector of the
    models given.
    """
    allowed = frozenset(map(bytes, case.gate.index().record_ids.tolist()))
    closed = case.papers.protected_ids() | set(leave_out)
    found: list[NearRecord] = []
    compared = 0
    for name, embedder in among.items():
        runs = _open(case.papers.vectors(maker=name, version=embedder.version), allowed, closed)
        best = Best(count)
        asked = vector_of_query(embedder, text)
        for ids, table in runs:
            best.add(ids, table @ asked)
        compared += best.seen
        found += [
            NearRecord(record_id, cosine, best.standing(cosine), name, embedder.version)
            for record_id, cosine in best.ranked()
        ]
    if not compared:
        raise UsageError(
            "no record of this case has a vector of these models",
            hint="run 'pastwatch enrich --enricher embed' first",
        )
    return merged(found, count=count)


def merged(found: Iterable[NearRecord], *, count: int) -> list[NearRecord]:
    """Several models' rankings as one, by standing; a record that two know stands at its best."""
    best: dict[bytes, NearRecord] = {}
    for near in found:
        held = best.get(near.record_id)
        if held is None or near.standing > held.standing:
            best[near.record_id] = near
    return sorted(best.values(), key=lambda n: (-n.standing, n.record_id))[:count]


class Best:
    """The best so many of a stream of cosines, and the mean and spread of all of them.

    A batch is searched with a partial sort, and only what may still be among the best is kept: to
    find twenty of a million takes a pass and a few hundred comparisons.
    """

    def __init__(self, count: int) -> None:
        if count < 1:
            raise BadValue("ask for one record at least")
        self._count = count
        self._ids: list[bytes] = []
        self._cosines = np.zeros(0, np.float32)
        self.seen = 0
        self._sum = self._squares = 0.0

    def add(self, ids: Sequence[bytes], cosines: npt.NDArray[np.float32]) -> None:
        """Take in a batch: one cosine a record."""
        self.seen += len(ids)
        self._sum += float(cosines.sum(dtype=np.float64))
        self._squares += float(np.square(cosines, dtype=np.float64).sum())
        kept = _largest(cosines, self._count)
        both = np.concatenate([self._cosines, cosines[kept]])
        names = [*self._ids, *(ids[at] for at in kept.tolist())]
        best = _largest(both, self._count)
        self._cosines, self._ids = both[best], [names[at] for at in best.tolist()]

    def ranked(self) -> list[tuple[bytes, float]]:
        """(record id, cosine), best first; equals in the order of their ids."""
        pairs = zip(self._ids, self._cosines.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def standing(self, cosine: float) -> float:
        """How many standard deviations a cosine lies above the mean of all; 0 where all are alike."""
        mean = self._sum / max(self.seen, 1)
        spread = max(self._squares / max(self.seen, 1) - mean * mean, 0.0) ** 0.5
        return (cosine - mean) / spread if spread > _TINY else 0.0


def _largest(cosines: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.intp]:
    if len(cosines) <= count:
        return np.arange(len(cosines))
    return np.argpartition(-cosines, count - 1)[:count]


def _open(
    runs: Runs, allowed: Collection[bytes], closed: Collection[bytes]
) -> Iterator[tuple[list[bytes], npt.NDArray[np.float32]]]:
    """The vectors of records that may be shown; an empty vector is of no record the model knows."""
    for ids, table in runs:
        known = np.abs(table).max(axis=1) > 0
        at = [
            place
            for place, record_id in enumerate(ids)
            if known[place] and record_id in allowed and record_id not in closed
        ]
        if at:
            yield [ids[place] for place in at], table[at]
