"""Communities are the same for one seed, and firm where other seeds agree."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.stages.reconstruct.networktalks import Said, network_of

from pastwatch.stages.reconstruct.communities import (
    agreement_of,
    communities_of,
    divided,
    graph_of,
    modularity,
)

CLIQUES = [[f"{letter}{n}" for n in range(5)] for letter in "abc"]
LINES = [
    *(
        Said(1, one, [other])
        for clique in CLIQUES
        for one, other in itertools.permutations(clique, 2)
    ),
    Said(2, "a0", ["b0"]),
    Said(3, "b1", ["c0"]),
]


def test_three_cliques_are_three_communities_of_known_modularity() -> None:
    made = communities_of(network_of(LINES))
    assert [c.accounts_of for c in made.communities] == [5, 5, 5]
    assert {frozenset(a.removeprefix("mail:")[0] for a in c.accounts) for c in made.communities} == {
        frozenset("a"), frozenset("b"), frozenset("c")
    }  # fmt: skip
    inside, strength = 60 / 62, [41 / 124, 42 / 124, 41 / 124]
    assert made.modularity == pytest.approx(inside - sum(s * s for s in strength))
    assert sorted(c.records_across for c in made.communities) == [1, 1, 2]
    assert (made.agreement_low, set(made.counts)) == (1.0, {3})


def test_the_same_seed_divides_alike() -> None:
    rng = np.random.default_rng(5)
    lines = [Said(1, f"p{a}", [f"p{b}"]) for a, b in rng.integers(0, 60, (300, 2)) if a != b]
    graph = graph_of(network_of(lines))
    assert divided(graph, seed=4).tolist() == divided(graph, seed=4).tolist()


def test_chance_ties_give_a_low_modularity_and_seeds_that_disagree() -> None:
    rng = np.random.default_rng(5)
    lines = [Said(1, f"p{a}", [f"p{b}"]) for a, b in rng.integers(0, 60, (900, 2)) if a != b]
    made = communities_of(network_of(lines))
    assert made.modularity < 0.3
    assert made.agreement_mean < 0.7


def test_agreement_is_one_for_like_divisions_and_about_none_for_chance() -> None:
    one = np.array([0, 0, 1, 1, 2, 2])
    assert agreement_of(one, (one + 1) % 3) == 1.0
    rng = np.random.default_rng(1)
    chance = agreement_of(rng.integers(0, 4, 4000), rng.integers(0, 4, 4000))
    assert abs(chance) < 0.02


def test_an_empty_network_has_no_communities() -> None:
    made = communities_of(network_of([]))
    assert (made.communities, made.of, made.modularity) == ((), 0, 0.0)
    assert modularity(graph_of(network_of([])), np.zeros(0, np.int64)) == 0.0
