"""Accounts first seen after the event, beside how many are new at any time and what else they may be."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from pastwatch.errors import UsageError
from pastwatch.model.network import Newcomer, Newcomers
from pastwatch.model.when import iso
from pastwatch.stages.reconstruct.changerhythm import Rhythm
from pastwatch.stages.reconstruct.network import Aggregate
from pastwatch.stages.reconstruct.networkview import account_name
from pastwatch.stages.reconstruct.silencesheld import SourceHeld
from pastwatch.stages.reconstruct.silencesother import Elsewhere
from pastwatch.stages.reconstruct.talk import NOBODY, Int64s

ORDERS: Final = ("first", "name", "volume")
_EARLIER: Final = 12
_EARLIER_AT_LEAST: Final = 3
"""So many times the stretch must be held before the event."""


def newcomers_of(
    network: Aggregate,
    rhythm: Rhythm,
    sources: tuple[SourceHeld, ...],
    *,
    order: str = "first",
    limit: int | None = None,
    zone_offset_s: int = 0,
    notes: tuple[str, ...] = (),
) -> Newcomers:
    """Accounts that send for the first time after the event and were not written to before it.

    Where its source is not held for three times as long before the event, an account is `untold`.
    """
    if order not in ORDERS:
        raise UsageError(f'newcomers are not ordered by "{order}"', hint=", ".join(ORDERS))
    talk, window = network.talk, network.window
    other = Elsewhere(network, rhythm, tuple(s.name for s in sources), zone_offset_s)
    seen = other.first_seen_us
    start_us, until_us = window.event.end_us, window.until_us
    new = np.flatnonzero((network.sent > 0) & (seen >= start_us) & (seen < until_us))
    length = max(until_us - start_us, 1)
    held_us = max(window.since_us, min((s.from_us for s in sources), default=window.since_us))
    # The first stretch is left out: in it every account is new.
    count = int(min(max((start_us - held_us) // length - 1, 0), _EARLIER))
    senders = seen[network.sent > 0]
    usual = tuple(
        int(((senders >= start_us - (n + 1) * length) & (senders < start_us - n * length)).sum())
        for n in reversed(range(count))
    )
    volume = network.sent + network.received
    key = {
        "first": seen[new],
        "name": [account_name(talk, at) for at in new.tolist()],
        "volume": -volume[new],
    }[order]
    new = new[np.argsort(np.asarray(key), kind="stable")]
    why = _untold(network, sources, new, length, zone_offset_s)
    told = [account for account, reason in zip(new.tolist(), why, strict=True) if not reason]
    return Newcomers(
        newcomers=tuple(
            Newcomer(
                account=account_name(talk, account),
                shown=talk.label(account),
                first_us=int(seen[account]),
                records=int(network.sent[account]),
                counterparts=int(network.counterparts[account]),
                alternatives=other.of_newcomer(
                    account, first_us=int(seen[account]), usual=usual, new=len(new)
                ),
            )
            for account in told[:limit]
        ),
        of=len(told),
        untold=tuple(Counter(reason for reason in why if reason).most_common()),
        usual=usual,
        from_us=start_us,
        until_us=until_us,
        notes=notes,
    )


def _untold(
    network: Aggregate,
    sources: tuple[SourceHeld, ...],
    accounts: Int64s,
    length_us: int,
    zone_offset_s: int,
) -> list[str]:
    """Of each account why the collection may explain that it is new; "" where it does not."""
    talk, window = network.talk, network.window
    why = np.full(len(talk.account_keys), "", object)
    for number, source in enumerate(sources):
        from_us = max(window.since_us, source.from_us)
        if from_us > window.event.start_us - _EARLIER_AT_LEAST * length_us:
            senders = np.unique(talk.sender[(talk.source == number) & (talk.sender != NOBODY)])
            moment = iso(from_us, offset_s=zone_offset_s)
            why[senders] = f"{source.name} is held from {moment} only, too short to know who is new"
    return [str(reason) for reason in why[accounts]]
