"""Which accounts may be one person's: suggestions with their reasons, for a person to accept or not.

Nothing here joins anything. A suggestion's score is this program's own measure, not a probability.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from pastwatch.model.record import Kind
from pastwatch.stages.reconstruct.identities_evidence import Evidence, often
from pastwatch.stages.reconstruct.identities_spelling import (
    LOCAL,
    NAME_IN_ADDRESS,
    spelling_evidence,
)
from pastwatch.stages.reconstruct.identities_talking import answering_evidence
from pastwatch.stages.reconstruct.talk import NOBODY, Int64s, Talk

MAKER = "suggest"
VERSION = "1"
_MOST_SCORE = 0.99
_NONE: Final[Mapping[int, int]] = MappingProxyType({})
_AGAINST = 0.6
"""What is left of a score where something speaks against it."""
AT_ONCE_US = 20_000_000
_OFTEN_AT_ONCE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Two accounts, as places in the talk, that may be one person's; and what speaks against it."""

    one: int
    two: int
    score: float
    reasons: tuple[Evidence, ...]
    against: tuple[str, ...] = ()


def suggestions(
    talk: Talk,
    *,
    said: Iterable[Evidence] = (),
    only: int | None = None,
    stands_for: Mapping[int, int] = _NONE,
) -> list[Suggestion]:
    """Pairs of accounts with a reason to take them for one person's, highest score first.

    `said` is evidence from the texts. `only` keeps the pairs of one account. `stands_for` gives, of
    accounts that a person took for one, the one that stands for all; such pairs are left out.
    """
    found: dict[tuple[int, int], dict[str, Evidence]] = defaultdict(dict)
    for told in (*spelling_evidence(talk), *answering_evidence(talk, stands_for), *said):
        pair = (min(told.one, told.two), max(told.one, told.two))
        merged = stands_for.get(pair[0], pair[0]) == stands_for.get(pair[1], pair[1])
        if not merged and (only is None or only in pair):
            known = found[pair].get(told.kind)  # of one kind the strongest will do
            if known is None or known.score < told.score:
                found[pair][told.kind] = told
    wrote, written = _wrote_to_each_other(talk, found), _written(talk)
    made = []
    for (one, two), by_kind in found.items():
        reasons = list(by_kind.values())
        against = []
        if wrote.get((one, two)):
            against.append(f"they wrote to each other, {often(wrote[one, two])}")
        if times := _at_once(talk, written, (one, two)):
            against.append(f"both wrote within {AT_ONCE_US // 1_000_000} seconds, {often(times)}")
        made.append(
            Suggestion(
                one=one,
                two=two,
                score=_together(reasons) * _AGAINST ** len(against),
                reasons=tuple(sorted(reasons, key=lambda e: -e.score)),
                against=tuple(against),
            )
        )
    return sorted(made, key=lambda s: (-s.score, s.one, s.two))


def _together(reasons: Sequence[Evidence]) -> float:
    """One minus the product of what each leaves open; kinds that say the same count once, the best."""
    best: dict[str, float] = {}
    for one in reasons:
        kind = LOCAL if one.kind == NAME_IN_ADDRESS else one.kind
        best[kind] = max(best.get(kind, 0.0), one.score)
    left = 1.0
    for score in best.values():
        left *= 1 - score
    return min(1 - left, _MOST_SCORE)


def _wrote_to_each_other(
    talk: Talk, pairs: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """How many records went from one to the other, of the pairs asked for."""
    sender = talk.sender[talk.recipient_row]
    wide = len(talk.account_keys) + 1
    told = (sender != NOBODY) & (talk.to_account != NOBODY)
    low = np.minimum(sender, talk.to_account)[told]
    high = np.maximum(sender, talk.to_account)[told]
    each, often = np.unique(low * wide + high, return_counts=True)
    asked = sorted(pairs)
    at = np.searchsorted(each, [one * wide + two for one, two in asked])
    return {
        pair: int(often[n])
        for pair, n in zip(asked, at.tolist(), strict=True)
        if n < len(each) and each[n] == pair[0] * wide + pair[1]
    }


def _written(talk: Talk) -> tuple[Int64s, Int64s]:
    """The rows of what was said at an exact time, by sender; and where each sender's begin."""
    own = np.flatnonzero(
        talk.dated & (talk.kind == int(Kind.SAID)) & (talk.earliest_us == talk.latest_us)
    )
    by_sender = own[np.argsort(talk.sender[own], kind="stable")]
    begins = np.searchsorted(talk.sender[by_sender], np.arange(len(talk.account_keys) + 1))
    return by_sender, begins


def _at_once(talk: Talk, written: tuple[Int64s, Int64s], pair: tuple[int, int]) -> int:
    """How often the two wrote in two conversations so close together that two people did."""
    by_sender, begins = written
    rows = np.sort(np.concatenate([by_sender[begins[n] : begins[n + 1]] for n in pair]))
    near = np.diff(talk.earliest_us[rows]) < AT_ONCE_US
    other = np.diff(talk.sender[rows]) != 0
    elsewhere = np.diff(talk.conversation[rows]) != 0
    close = int((near & other & elsewhere).sum())
    return close if close >= _OFTEN_AT_ONCE else 0
