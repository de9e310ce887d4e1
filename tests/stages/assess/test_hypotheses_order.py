"""Orders, ties, flips and dependence are what counting them out by hand gives, on any matrix."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pastwatch.errors import UsageError
from pastwatch.model.hypothesis import (
    EvidenceItem,
    Hypothesis,
    HypothesisSort,
    Rated,
    Rating,
    Unfound,
    Weight,
)
from pastwatch.stages.assess.flips import dependence, flips, turned
from pastwatch.stages.assess.hypotheses import (
    Matrix,
    check_set,
    matrix_of,
    most_diagnostic,
    order_of,
    scores,
    standings,
    top_of,
)
from pastwatch.stages.assess.hypotheses_changes import history
from pastwatch.stages.assess.scales_weighing import weighing

POINTS = {"I": Fraction(1), "II": Fraction(2)}
WEIGHTS = {
    -2: Fraction(1, 2), -1: Fraction(71, 100), 0: Fraction(1), 1: Fraction(141, 100), 2: Fraction(2),
}  # fmt: skip
STEP = {Weight.LOW: -1, Weight.MEDIUM: 0, Weight.HIGH: 1}
TIE = Fraction(1, 2)
LEVEL = Fraction(1, 20)
Cell = dict[str, str]  # rater -> sign
World = tuple[list[str], dict[str, EvidenceItem], dict[tuple[str, str], Cell]]


def hypotheses(count: int) -> dict[str, Hypothesis]:
    """So many that are ranked, one of them argued, and none-of-these after them."""
    found = {f"y{n}": Hypothesis(title=f"h{n}", statement="s") for n in range(1, count)}
    found[f"y{count}"] = Hypothesis(
        title="argued", statement="s", sort=HypothesisSort.ARGUED, argued_by="ben"
    )
    found[f"y{count + 1}"] = Hypothesis(title="none", statement="s", sort=HypothesisSort.NONE)
    return found


def tail(found: int, tried: int, share: Fraction) -> Fraction:
    """The chance of so many or more, each with that share."""
    return sum(
        (comb(tried, k) * share**k * (1 - share) ** (tried - k) for k in range(found, tried + 1)),
        Fraction(0),
    )


@cache
def counts_at_most(unfound: Unfound | None) -> Fraction:
    """What a finding of nothing may count: 2 where it would be found 19 times in 20, 1 at 4 in 5, or 0."""
    if unfound is None:
        return Fraction(2)
    if unfound.elsewhere or not unfound.rehearsed_count:
        return Fraction(0)
    looked_at = Fraction(unfound.covered_count, unfound.of_count)
    for share, most in ((Fraction(19, 20), 2), (Fraction(4, 5), 1)):
        needed = share / looked_at
        if needed <= 1 and tail(unfound.found_count, unfound.rehearsed_count, needed) <= LEVEL:
            return Fraction(most)
    return Fraction(0)


UNFOUND = st.builds(
    lambda covered, planted, missed, elsewhere: Unfound(
        covered_count=covered,
        of_count=100,
        rehearsed_count=planted,
        found_count=max(planted - missed, 0),
        elsewhere=elsewhere,
    ),
    st.sampled_from([100, 99, 90, 50]),
    st.sampled_from([0, 20, 60, 100]),
    st.integers(0, 5),
    st.sampled_from([(), (), ("the back rooms",)]),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    names = [f"y{n}" for n in range(1, draw(st.integers(2, 4)) + 1)]
    items = {
        f"i{n}": EvidenceItem(
            title="t",
            rests_on=("c1",),
            root=draw(st.sampled_from(["", "", "one", "two"])),
            credibility=draw(st.sampled_from(Weight)),
            relevance=draw(st.sampled_from(Weight)),
            unfound=draw(st.none() | UNFOUND),
        )
        for n in range(1, draw(st.integers(0, 6)) + 1)
    }
    cells = {
        (item, name): draw(
            st.dictionaries(
                st.sampled_from(["ana", "ben"]), st.sampled_from([r.value for r in Rating])
            )
        )
        for item in items
        for name in names
    }
    return names, items, cells


def made(world: World) -> Matrix:
    names, items, cells = world
    ratings = [
        Rated(item=i, hypothesis=h, rating=Rating(sign), rater=who, reason="r")
        for (i, h), said in cells.items()
        for who, sign in said.items()
    ]
    return matrix_of(hypotheses(len(names)), items, ratings)


def by_hand(world: World, *, left_out: frozenset[str] = frozenset()) -> dict[str, Fraction]:
    """The score of each hypothesis, counted out in fractions, root by root."""
    names, items, cells = world
    found = {}
    for name in names:
        best: dict[str, Fraction] = {}
        for item, value in items.items():
            if item in left_out:
                continue
            said = cells[item, name]
            points = sum((POINTS.get(s, Fraction(0)) for s in said.values()), Fraction(0))
            mean = points / len(said) if said else Fraction(0)
            own = WEIGHTS[STEP[value.credibility] + STEP[value.relevance]] * min(
                mean, counts_at_most(value.unfound)
            )
            root = value.root or item
            best[root] = max(best.get(root, Fraction(0)), own)
        found[name] = sum(best.values(), Fraction(0))
    return found


def ranks_by_hand(against: dict[str, Fraction]) -> list[set[str]]:
    left, ranks = dict(against), []
    while left:
        least = min(left.values())
        rank = {name for name, score in left.items() if score <= least + TIE}
        ranks.append(rank)
        left = {name: score for name, score in left.items() if name not in rank}
    return ranks


def test_the_numbers_of_the_file_are_those_counted_with_here() -> None:
    rule = weighing()
    assert rule.tie_within == float(TIE)
    assert rule.weight == {s: float(w) for s, w in WEIGHTS.items()}
    assert {r: rule.against[r] for r in Rating} == {
        r: float(POINTS.get(r.value, Fraction(0))) for r in Rating
    }


@given(worlds())
@settings(max_examples=300, deadline=None)
def test_scores_and_ties_are_those_counted_out_by_hand(world: World) -> None:
    matrix, against = made(world), by_hand(world)
    counted = dict(zip(matrix.hypotheses, scores(matrix), strict=True))
    assert all(abs(counted[name] - float(score)) < 1e-9 for name, score in against.items())
    assert [set(rank) for rank in order_of(matrix)] == ranks_by_hand(against)


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_an_item_flips_the_top_just_when_leaving_it_out_by_hand_does(world: World) -> None:
    before = ranks_by_hand(by_hand(world))[0]
    expected = {
        item: ranks_by_hand(by_hand(world, left_out=frozenset({item})))[0] for item in world[1]
    }
    found = {one.item: set(one.top) for one in flips(made(world))}
    assert found == {item: top for item, top in expected.items() if top != before}


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_a_rating_turns_the_top_just_when_rating_it_so_by_hand_does(world: World) -> None:
    names, items, cells = world
    before = ranks_by_hand(by_hand(world))[0]
    expected: dict[tuple[str, str], set[str]] = {}
    for item in items:
        for name in names:
            for sign in ("C", "I", "II"):
                if POINTS.get(sign, Fraction(0)) > counts_at_most(items[item].unfound):
                    continue  # the rule lets it count no more than a weaker sign does
                other = {**cells, (item, name): {"ana": sign}}
                if ranks_by_hand(by_hand((names, items, other)))[0] != before:
                    expected.setdefault((item, name), set()).add(sign)
    found = {(one.item, one.hypothesis): set(one.instead) for one in turned(made(world))}
    assert found == expected


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_what_the_top_rests_on_is_what_taking_roots_away_by_hand_shows(world: World) -> None:
    items = world[1]
    matrix, against = made(world), by_hand(world)
    ranks, found = ranks_by_hand(against), dependence(matrix)
    if len(ranks) < 2:
        assert found is None
        return
    assert found is not None
    assert set(found.top) == ranks[0]
    lead = min(against[n] for n in ranks[1]) - max(against[n] for n in ranks[0])
    assert abs(found.lead - float(lead)) < 1e-9
    assert abs(sum(one.lead for one in found.leans) - found.lead) < 1e-9
    roots: dict[str, set[str]] = {}
    for item, value in items.items():
        roots.setdefault(value.root or item, set()).add(item)
    for size in range(1, 4):
        expected = {
            taken
            for taken in combinations(roots, size)
            if ranks_by_hand(
                by_hand(world, left_out=frozenset().union(*(roots[r] for r in taken)))
            )[0]
            != ranks[0]
        }
        if expected:
            assert set(map(frozenset, found.fewest)) == set(map(frozenset, expected))
            return
    assert found.fewest == ()


@given(worlds(), st.integers(0, 6))
@settings(max_examples=200, deadline=None)
def test_what_changed_an_order_is_what_taking_it_back_by_hand_shows(world: World, cut: int) -> None:
    names, items, cells = world
    first = dict(list(items.items())[:cut])
    added = [item for item in items if item not in first]
    old = ranks_by_hand(by_hand((names, first, cells)))
    new = ranks_by_hand(by_hand(world))
    _, step = history([("before", made((names, first, cells))), ("after", made(world))])
    assert step.changed == (old != new)
    back = {i: ranks_by_hand(by_hand(world, left_out=frozenset({i}))) for i in added}
    alone = {i: ranks_by_hand(by_hand(world, left_out=frozenset(added) - {i})) for i in added}
    needed = [i for i in added if back[i] == old]
    matters = [i for i in added if back[i] != new]
    enough = [i for i in added if alone[i] == new]
    if old == new:
        assert (step.by, step.together) == ((), ())
    elif matters:
        assert (step.by, step.together) == (tuple(needed), () if needed else tuple(matters))
    else:
        assert (step.by, step.together) == (tuple(enough), () if enough else tuple(added))


def matrix(*rows: tuple[str, str, str], **roots: str) -> Matrix:
    """Items i1 … with a rating for y1, y2 and y3, none-of-these being y4."""
    items = {
        f"i{n}": EvidenceItem(title="t", rests_on=("c1",), root=roots.get(f"i{n}", ""))
        for n in range(1, len(rows) + 1)
    }
    ratings = [
        Rated(item=f"i{n}", hypothesis=f"y{m}", rating=Rating(sign), rater="ana", reason="r")
        for n, row in enumerate(rows, 1)
        for m, sign in enumerate(row, 1)
    ]
    return matrix_of(hypotheses(3), items, ratings)


def test_what_is_consistent_counts_nothing() -> None:
    assert scores(matrix(("CC", "C", "N"), ("CC", "NA", "C"))) == (0, 0, 0, 0)


def test_two_items_of_one_root_count_once() -> None:
    rows = (("II", "C", "C"), ("II", "C", "C"))
    assert scores(matrix(*rows))[0] == 4
    assert scores(matrix(*rows, i1="radio", i2="radio"))[0] == 2


def test_a_root_given_by_a_mapping_stands_over_what_the_item_says() -> None:
    items = {n: EvidenceItem(title="t", rests_on=("c1",), root=n) for n in ("i1", "i2")}
    ratings = [
        Rated(item=i, hypothesis="y1", rating=Rating.I, rater="ana", reason="r") for i in items
    ]
    made = matrix_of(hypotheses(3), items, ratings, roots={"i2": "i1"})
    assert scores(made)[0] == 1


def test_none_of_these_stands_apart_from_the_order() -> None:
    found = standings(matrix(("C", "I", "II")))
    assert [(s.hypothesis, s.rank) for s in found] == [("y1", 1), ("y2", 2), ("y3", 3), ("y4", 0)]
    assert [(s.inconsistent, s.very_inconsistent) for s in found] == [
        (0, 0),
        (1, 0),
        (0, 1),
        (0, 0),
    ]


def test_items_are_listed_by_how_far_they_tell_hypotheses_apart() -> None:
    found = most_diagnostic(matrix(("C", "C", "C"), ("CC", "II", "N"), ("C", "I", "NA")))
    assert [(c.item, c.steps) for c in found] == [("i2", 4), ("i3", 2), ("i1", 0)]


def test_one_item_can_carry_the_top() -> None:
    made = matrix(("C", "II", "C"), ("C", "C", "II"), ("I", "C", "C"))
    assert top_of(made) == {"y1"}
    assert [f.item for f in flips(made)] == ["i1", "i2"]
    resting = dependence(made)
    assert resting is not None
    assert resting.fewest == (("i1",), ("i2",))


def test_nothing_is_held_against_too_few_hypotheses_or_the_wrong_ones() -> None:
    stated = Hypothesis(title="a", statement="s")
    argued = Hypothesis(title="b", statement="s", sort=HypothesisSort.ARGUED, argued_by="ben")
    none = Hypothesis(title="c", statement="s", sort=HypothesisSort.NONE)
    check_set([stated, argued, none])
    for few, said in (
        ([argued, none], "at least 3"),
        ([stated, stated, argued], "none of these"),
        ([stated, stated, none], "named person"),
    ):
        with pytest.raises(UsageError, match=said):
            check_set(few)
