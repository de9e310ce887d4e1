"""Communities of a network: labels passed along its ties until none would rather have another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pastwatch.model.network import Communities, Community
from pastwatch.stages.reconstruct.changerhythm import Floats
from pastwatch.stages.reconstruct.network import Aggregate
from pastwatch.stages.reconstruct.networkview import account_name
from pastwatch.stages.reconstruct.talk import Int64s

SEEDS: Final = 10
_ROUNDS: Final = 60
_ROUNDS_LARGE: Final = 20
_LARGE: Final = 500_000
"""Ends of ties from which on fewer rounds are made."""
_TURN_RATIO: Final = 0.5
"""The share of accounts that may change their label in one round, drawn by the seed."""


@dataclass(frozen=True)
class Graph:
    """Accounts with ties and the weight of each, both ways; places are in `accounts`."""

    accounts: Int64s
    one: Int64s
    other: Int64s
    weight: Floats

    @property
    def size(self) -> int:
        """How many accounts."""
        return len(self.accounts)


def graph_of(network: Aggregate) -> Graph:
    """The undirected graph of the ties, weighed by records."""
    ties = network.ties
    size = max(len(network.talk.account_keys), 1)
    low, high = np.minimum(ties.sender, ties.to), np.maximum(ties.sender, ties.to)
    each, at = np.unique(low * size + high, return_inverse=True)
    weight = np.bincount(at, weights=ties.records, minlength=len(each))
    accounts = np.unique(np.concatenate((each // size, each % size)))
    one, other = (np.searchsorted(accounts, side) for side in (each // size, each % size))
    return Graph(
        accounts,
        np.concatenate((one, other)),
        np.concatenate((other, one)),
        np.concatenate((weight, weight)),
    )


def communities_of(
    network: Aggregate, *, seed: int = 1, seeds: int = SEEDS, limit: int | None = None
) -> Communities:
    """Divide the network; the division of `seed` is shown, the others only measure how firm it is."""
    graph = graph_of(network)
    labels = divided(graph, seed=seed)
    others = [divided(graph, seed=seed + 1 + n) for n in range(seeds - 1)]
    agreement = [agreement_of(labels, other) for other in others] or [1.0]
    count = int(labels.max()) + 1 if graph.size else 0
    inside = labels[graph.one] == labels[graph.other]
    within = np.bincount(labels[graph.one[inside]], graph.weight[inside], minlength=count) / 2
    across = np.bincount(labels[graph.one[~inside]], graph.weight[~inside], minlength=count)
    shown = []
    strength = _strength(graph)
    for number in range(count):
        members = np.flatnonzero(labels == number)
        members = members[np.argsort(-strength[members], kind="stable")]
        shown.append(
            Community(
                number=number + 1,
                accounts=tuple(
                    account_name(network.talk, int(graph.accounts[at])) for at in members[:limit]
                ),
                accounts_of=len(members),
                records_inside=round(float(within[number])),
                records_across=round(float(across[number])),
            )
        )
    return Communities(
        communities=tuple(shown[:limit]),
        of=count,
        modularity=modularity(graph, labels),
        seed=seed,
        seeds=seeds,
        counts=tuple(int(one.max()) + 1 if len(one) else 0 for one in (labels, *others)),
        agreement_low=min(agreement),
        agreement_mean=float(np.mean(agreement)),
        accounts=graph.size,
        ties=len(graph.one) // 2,
    )


def divided(graph: Graph, *, seed: int) -> Int64s:
    """Labels from 0, the largest community first; the same seed gives the same ones.

    Each account takes the label that its ties weigh most for, less what chance would give it
    (label propagation kept to modularity, Barber & Clark 2009); in each round a drawn half may.
    Of all rounds the division of the highest modularity is taken; then whole communities are
    joined while that raises it.
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(graph.size, dtype=np.int64)
    best, best_q = labels, modularity(graph, labels)
    quiet = 0
    for _ in range(_ROUNDS if len(graph.one) < _LARGE else _ROUNDS_LARGE):
        wanted = _wanted(graph, labels)
        may = rng.random(graph.size) < _TURN_RATIO
        changed = int((wanted != labels).sum())
        labels = np.where(may, wanted, labels)
        q = modularity(graph, labels)
        quiet = 0 if q > best_q + 1e-9 else quiet + 1
        if q > best_q:
            best, best_q = labels, q
        if not changed or quiet >= 8:  # noqa: PLR2004 - rounds without any gain
            break
    return _renumbered(_joined(graph, best))


def modularity(graph: Graph, labels: Int64s) -> float:
    """How much more of the weight lies inside than by chance (Newman & Girvan 2004), from −0.5 to 1."""
    total = graph.weight.sum()
    if not total:
        return 0.0
    strength = np.bincount(labels, _strength(graph))
    inside = graph.weight[labels[graph.one] == labels[graph.other]].sum()
    return float(inside / total - ((strength / total) ** 2).sum())


def agreement_of(one: Int64s, other: Int64s) -> float:
    """The adjusted Rand index of two divisions (Hubert & Arabie 1985)."""
    if not len(one):
        return 1.0
    width = int(other.max()) + 1
    _, both = np.unique(one * width + other, return_counts=True)
    pairs = [(n * (n - 1) / 2).sum() for n in (both, np.bincount(one), np.bincount(other))]
    every = len(one) * (len(one) - 1) / 2
    chance = pairs[1] * pairs[2] / every if every else 0.0
    most = (pairs[1] + pairs[2]) / 2
    return float((pairs[0] - chance) / (most - chance)) if most != chance else 1.0


def _wanted(graph: Graph, labels: Int64s) -> Int64s:
    """The label that each account would rather have."""
    strength = _strength(graph)
    total = graph.weight.sum()
    held = np.bincount(labels, strength, minlength=graph.size)
    key = graph.one * graph.size + labels[graph.other]
    each, at = np.unique(key, return_inverse=True)
    pull = np.bincount(at, graph.weight, minlength=len(each))
    who, label = each // graph.size, each % graph.size
    own = label == labels[who]
    gain = pull - strength[who] * (held[label] - np.where(own, strength[who], 0)) / total
    # The highest gain of each account, its own label at a draw, else the lowest.
    start = np.flatnonzero(np.append(True, who[1:] != who[:-1])) if len(who) else who
    if not len(start):
        return labels
    most = np.repeat(np.maximum.reduceat(gain, start), np.diff(np.append(start, len(who))))
    best = np.flatnonzero(gain >= most - 1e-9)
    wanted = labels.copy()
    lowest = best[np.append(True, who[best[1:]] != who[best[:-1]])]
    wanted[who[lowest]] = label[lowest]
    keeps = who[best[own[best]]]
    wanted[keeps] = labels[keeps]
    return wanted


def _joined(graph: Graph, labels: Int64s) -> Int64s:
    """Join two communities as long as the best pair raises modularity."""
    labels = _renumbered(labels)
    count = int(labels.max()) + 1 if len(labels) else 0
    if count > 400:  # noqa: PLR2004 - a table of all pairs; what has more is left as it is
        return labels
    total = graph.weight.sum()
    between = np.bincount(
        labels[graph.one] * count + labels[graph.other], graph.weight, minlength=count * count
    ).reshape(count, count)
    strength = between.sum(axis=1)
    group = np.arange(count)
    while count > 1 and total:
        gain = between / total - np.outer(strength, strength) / total**2
        np.fill_diagonal(gain, -1)
        one, other = divmod(int(np.argmax(gain)), len(strength))
        if gain[one, other] <= 1e-12:  # noqa: PLR2004 - nothing to gain
            break
        between[one] += between[other]
        between[:, one] += between[:, other]
        between[other] = between[:, other] = 0
        strength[one] += strength[other]
        strength[other] = 0
        group[group == other] = one
        count -= 1
    return np.asarray(group[labels])


def _renumbered(labels: Int64s) -> Int64s:
    """Labels from 0 by size, the largest first."""
    _, first, at, counts = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    place = np.empty(len(counts), np.int64)
    place[np.lexsort((first, -counts))] = np.arange(len(counts))
    return np.asarray(place[at])


def _strength(graph: Graph) -> Floats:
    return np.asarray(np.bincount(graph.one, graph.weight, minlength=graph.size), float)
