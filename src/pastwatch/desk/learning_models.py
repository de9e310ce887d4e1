"""Models of learned watches: kept for the collector, opened by it, and how their scores lie."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.desk.office import Office
from pastwatch.errors import IntegrityError, StorageError, UsageError, WrongKey
from pastwatch.model.watch import Watch
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import unwrap_own
from pastwatch.stages.watch.drift import Drift, binned, drift
from pastwatch.stages.watch.learned import Model, Scorer
from pastwatch.storage import durable

NOTED_EVERY: Final = 2_000
"""After so many records more a collector writes down how their scores lie."""
_SHA256_DIGITS: Final = 64


def keep_model(office: Office, model: Model) -> str:
    """Keep a model for collectors, sealed to the archive's collector and its custodians; gives its hash."""
    raw = model.to_bytes()
    sha256 = hashlib.sha256(raw).hexdigest()
    path = _path(office, sha256)
    if not path.exists():
        durable.make_dir(path.parent)
        own = office.ring.collector().key.identity.recipient
        durable.write_new(path, seal.wrap(raw, recipients=[own, *office.policy.recipients]))
    return sha256


def open_model(office: Office, sha256: str) -> Model:
    """A model by its hash, opened with the collector's key; UsageError where it is not kept here."""
    try:
        wrapped = _path(office, sha256).read_bytes()
    except OSError:
        raise UsageError("the model of this watch is not kept in this archive") from None
    raw = unwrap_own(wrapped, identity=office.ring.collector().key.identity)
    return Model.from_bytes(raw, sha256=sha256)


def scorer_of(office: Office, *, source_id: str = "") -> Scorer:
    """What scores learned watches for an examiner; `knows` says of each whether its model opens.

    Models are opened as their watches are met. With `source_id` how the scores lie is noted beside
    the models, as counts alone, for the drift.
    """
    models: dict[str, Model] = {}

    def load(sha256: str) -> Model | None:
        try:
            return open_model(office, sha256)
        except (UsageError, WrongKey, IntegrityError, StorageError):
            return None  # the scorer does not know it, and says so

    if not source_id:
        return Scorer(models, load)
    return Scorer(models, load, _Noted(office, source_id, models).add)


def drift_of(office: Office, watch: Watch) -> Drift:
    """How far the scores of what arrived lie from those the model was held against, over all sources."""
    if watch.learned is None:
        raise UsageError("this watch has learned nothing: no score of it can drift")
    model = open_model(office, watch.learned.model_sha256)
    arrived = np.zeros(len(model.counts), np.int64)
    folder = _path(office, watch.learned.model_sha256).parent
    for path in sorted(folder.glob(f"{watch.learned.model_sha256}.*.json")):
        arrived += _counts(path, len(model.counts))
    return drift(model.counts, arrived.tolist())


class _Noted:
    """Counts the scores of a source by bin, and writes the counts down now and then."""

    def __init__(self, office: Office, source_id: str, models: dict[str, Model]) -> None:
        self._office, self._source_id, self._models = office, source_id, models
        self._counts: dict[str, np.ndarray] = {}
        self._left: Counter[str] = Counter()

    def add(self, sha256: str, scores: np.ndarray) -> None:
        """Count the scores of a block."""
        path = _path(self._office, sha256).with_name(f"{sha256}.{self._source_id}.json")
        if sha256 not in self._counts:
            self._counts[sha256] = _counts(path, len(self._models[sha256].counts))
        self._counts[sha256] += binned(scores, self._models[sha256].bars)
        self._left[sha256] += len(scores)
        if self._left[sha256] >= NOTED_EVERY:
            counts = json.dumps(self._counts[sha256].tolist()).encode()
            durable.replace(path, counts + b"\n")
            self._left[sha256] = 0


def _counts(path: Path, count: int) -> np.ndarray:
    """The counts in a file; of one that does not read, or of other bins, none."""
    try:
        found = np.asarray(json.loads(path.read_bytes()), np.int64)
    except (OSError, ValueError, TypeError, OverflowError):
        return np.zeros(count, np.int64)
    return found if found.shape == (count,) and (found >= 0).all() else np.zeros(count, np.int64)


def _path(office: Office, sha256: str) -> Path:
    if len(sha256) != _SHA256_DIGITS or not set(sha256) <= set("0123456789abcdef"):
        raise StorageError("a model is named by its SHA-256")
    return WatchPlace.of(office.place).folder / "models" / f"{sha256}.age"
