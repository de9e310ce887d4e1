"""Hypotheses and matrices that the tests of assessment share."""

from __future__ import annotations

from pastwatch.model.hypothesis import Hypothesis, HypothesisSort

THREE = {
    "y1": Hypothesis(title="first", statement="s"),
    "y2": Hypothesis(title="second", statement="s"),
    "y3": Hypothesis(title="argued", statement="s", sort=HypothesisSort.ARGUED, argued_by="ben"),
    "y4": Hypothesis(title="none", statement="s", sort=HypothesisSort.NONE),
}
