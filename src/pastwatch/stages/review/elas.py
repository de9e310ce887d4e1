"""ASReview's own default model, run by ASReview itself, to be set beside ours in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pastwatch.plugins import extra


def version() -> str:
    """Which ASReview, and which of its models."""
    asreview, models = _asreview()
    return f"ASReview {asreview.__version__}, {models.get_ai_config()['label']}"


def asreview_order(
    subjects: Sequence[str],
    bodies: Sequence[str],
    labels: npt.NDArray[np.int8],
    *,
    prior: int,
    until: int,
    next_batch: Callable[[int, int], int] = lambda _batch, _read: 1,
    turned: Callable[[int, float], None] = lambda _read, _seconds: None,
) -> npt.NDArray[np.int64]:
    """The rows in the order it would have them read, until so many relevant ones are found.

    It starts from the prior, takes rows from the top until one is not relevant (its own way to a
    first training), then its default cycle. It reads one record a turn by default; `next_batch` gets
    the batch before and how many are read. `turned` is told of each turn how many
    were read before it, and its seconds.
    """
    _, models = _asreview()
    import pandas as pd
    from asreview import ActiveLearningCycle, Simulate
    from asreview.models.queriers import TopDown
    from asreview.models.stoppers import IsFittable

    clock, batch = [time.perf_counter()], [0]

    def next_count(results: Any) -> int:
        now = time.perf_counter()
        turned(len(results), now - clock[0])
        clock[0] = now
        batch[0] = max(1, next_batch(batch[0], len(results)))
        return batch[0]

    class _Enough:
        def stop(self, results: Any, data: Any) -> bool:
            return len(results) == len(data) or int(results["label"].sum()) >= until

    model = ActiveLearningCycle.from_meta(models.get_ai_config()["value"])
    model.n_query = next_count
    simulated = Simulate(
        pd.DataFrame({"title": list(subjects), "abstract": list(bodies)}),
        labels=np.asarray(labels, dtype=np.int64),
        cycles=[ActiveLearningCycle(querier=TopDown(), stopper=IsFittable()), model],
        stopper=_Enough(),
        print_progress=False,
    )
    simulated.label([prior])
    simulated.review()
    return np.asarray(simulated._results["record_id"], dtype=np.int64)  # noqa: SLF001 - it has no other door


def _asreview() -> tuple[Any, Any]:
    with extra("evaluate", "to run ASReview, the package asreview is needed"):
        import asreview
        from asreview.models import models
    return asreview, models
