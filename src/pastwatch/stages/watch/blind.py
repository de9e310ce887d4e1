"""Reading sampled alerts blind: in an order that tells nothing, and what the verdicts come to."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Final

from pastwatch.model.backtest import SampleRead
from pastwatch.model.watch import Verdict
from pastwatch.stages.watch.backtest import detection_at_least

FEW_EVENTS: Final = 5


def blind_order(record_ids: Sequence[str], *, seed: int) -> list[str]:
    """The sampled records in a random order of their own, whatever order they come in."""
    ordered = sorted(set(record_ids))
    random.Random(f"blind {seed}").shuffle(ordered)  # noqa: S311 - a stated order, no secret
    return ordered


def sample_read(
    verdicts: Mapping[str, Verdict], record_ids: Sequence[str], *, events: int
) -> SampleRead:
    """What the verdicts come to; the share of useful alerts only from five events on.

    The limit is a one-sided 95 % one (Clopper–Pearson); what is unsure counts as not useful.
    """
    own = [verdicts[one] for one in record_ids if one in verdicts]
    useful = own.count(Verdict.USEFUL)
    told = bool(own) and events >= FEW_EVENTS
    return SampleRead(
        sampled=len(record_ids),
        useful=useful,
        false_alarms=own.count(Verdict.FALSE),
        unsure=own.count(Verdict.UNSURE),
        unread=len(record_ids) - len(own),
        precision=useful / len(own) if told else None,
        precision_at_least=detection_at_least(useful, len(own)) if told else None,
    )
