"""Runs one enricher over some records: what breaks on a record is counted there, and stops nothing."""

from __future__ import annotations

import itertools
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any

from pastwatch.errors import PastwatchError
from pastwatch.model.note import Annotation
from pastwatch.model.record import Record
from pastwatch.ports import Embedder, Enricher, Gatherer, Preparing
from pastwatch.stages.enrich.enrichers.quoted import new_text_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Ready = Enricher | Embedder | Gatherer

TOO_LONG = "too-long"
FOREIGN = "foreign"  # it spoke of a record that it was not given
RECORD_LIMIT_S = 30.0
_SLACK = 10  # a batch may take this many times what was measured before it is taken apart
_CHUNK = 16


@dataclass(slots=True)
class Made:
    """What an enricher made of some records; `defects` are its failures, by record."""

    record_ids: list[bytes] = field(default_factory=list)
    defects: dict[bytes, str] = field(default_factory=dict)
    annotations: list[Annotation] = field(default_factory=list)
    embedded_ids: list[bytes] = field(default_factory=list)
    vectors: npt.NDArray[np.float32] | None = None


def ready(registered: Any, options: Mapping[str, Any]) -> Ready:
    """What is registered under a name, made ready for its first record."""
    made: Ready = registered.setup(options) if isinstance(registered, Preparing) else registered
    return made


def made_of(
    enricher: Ready,
    records: Sequence[Record],
    *,
    pace_s: float = 1.0,
    limit_s: float = RECORD_LIMIT_S,
) -> Made:
    """Run an enricher over records: together, and where that fails one at a time.

    A record on which it raises, or takes longer than `limit_s`, has a defect that names the kind of
    failure and nothing of the record. The limit is held in the main thread of systems with interval
    timers, and cuts what returns to Python now and then; a library that never does is waited for.
    Errors of our own are raised, as they are no record's fault.
    """
    broken, made = _tried(enricher, records, limit_s + _SLACK * pace_s * len(records))
    if not broken:
        return made
    if len(records) == 1:
        return _defective(records[0], broken)
    parts = []
    for record in records:
        broken, part = _tried(enricher, [record], limit_s)
        parts.append(_defective(record, broken) if broken else part)
    return _joined(parts)


def paced(
    enricher: Ready, sample: Sequence[Record], *, stopwatch: Callable[[], float], budget_s: float
) -> float:
    """Seconds a record, measured on a sample until it ends or the budget is spent; nothing is kept."""
    if not sample:
        return 0.0
    made_of(enricher, sample[:1])  # the first one may still load something
    started, count = stopwatch(), 0
    while count < len(sample):
        some = sample[count : count + min(max(count, 1), _CHUNK)]
        made_of(enricher, some)
        count += len(some)
        if stopwatch() - started >= budget_s:
            break
    return (stopwatch() - started) / count


def _tried(enricher: Ready, records: Sequence[Record], limit_s: float) -> tuple[str, Made]:
    """What came of it, and the word for what broke or an empty one."""
    try:
        with _limited(limit_s):
            if isinstance(enricher, Embedder):
                made = _embedded(enricher, records)
            else:
                made = _annotated(enricher, records)
    except _TooLong:
        return TOO_LONG, Made()
    except PastwatchError:
        raise
    except Exception as wrong:  # noqa: BLE001 - anybody's enricher: what it raises is a counted defect
        return type(wrong).__name__, Made()
    own = set(made.record_ids)
    if any(a.record_id not in own for a in made.annotations):
        return FOREIGN, Made()
    return "", made


def _annotated(enricher: Enricher | Gatherer, records: Sequence[Record]) -> Made:
    found = list(enricher.enrich(records))
    return Made(record_ids=[r.record_id for r in records], annotations=found)


def _embedded(enricher: Embedder, records: Sequence[Record]) -> Made:
    made = Made(record_ids=[r.record_id for r in records])
    texts = []
    for record in records:
        text = "\n".join(t for t in (record.subject, new_text_of(record)) if t.strip())
        if text:
            made.embedded_ids.append(record.record_id)
            texts.append(text)
    if texts:
        vectors = enricher.embed(texts)
        if vectors.shape != (len(texts), enricher.dims):
            raise ValueError("not one vector a text")
        told = [bool(vector.any()) for vector in vectors]
        made.vectors = vectors[told]
        made.embedded_ids = [
            i for i, is_told in zip(made.embedded_ids, told, strict=True) if is_told
        ]
    return made


def _defective(record: Record, broken: str) -> Made:
    return Made(record_ids=[record.record_id], defects={record.record_id: broken})


def _joined(parts: Sequence[Made]) -> Made:
    import numpy as np

    vectors = [p.vectors for p in parts if p.vectors is not None]
    return Made(
        record_ids=[r for p in parts for r in p.record_ids],
        defects={r: d for p in parts for r, d in p.defects.items()},
        annotations=list(itertools.chain.from_iterable(p.annotations for p in parts)),
        embedded_ids=[r for p in parts for r in p.embedded_ids],
        vectors=np.concatenate(vectors) if vectors else None,
    )


class _TooLong(BaseException):
    """Raised into what runs past its limit; no enricher that catches everything catches it."""


@contextmanager
def _limited(limit_s: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield
        return
    armed = True

    def over(_number: int, _frame: FrameType | None) -> None:
        if armed:
            raise _TooLong

    before = signal.signal(signal.SIGALRM, over)
    # Once more every second: the first may fall where Python swallows what is raised.
    signal.setitimer(signal.ITIMER_REAL, limit_s, 1.0)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
