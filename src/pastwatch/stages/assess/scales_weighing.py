"""The numbers by which ratings become an order of hypotheses, read from their file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pastwatch.model.hypothesis import Rating, Weight

_FILE = Path(__file__).with_name("scales") / "weighing.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Points, steps, weights, and when a finding of nothing counts; conventions, not measurements."""

    tie_within: float
    against: Mapping[Rating, float]
    step: Mapping[Rating, int]
    weight_step: Mapping[Weight, int]
    weight: Mapping[int, float]
    diagnostic_from_p: float
    strong_from_p: float
    level_p: float

    def weight_of(self, credibility: Weight, relevance: Weight) -> float:
        """What an item counts, by how far it is believed and bears on the question."""
        return self.weight[self.weight_step[credibility] + self.weight_step[relevance]]


@cache
def weighing() -> Weighing:
    """The numbers as they stand in the file that comes with the program."""
    plain = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Weighing(
        tie_within=float(plain["tie_within"]),
        against={Rating(name): float(points) for name, points in plain["against"].items()},
        step={Rating(name): int(step) for name, step in plain["step"].items()},
        weight_step={Weight(name): int(step) for name, step in plain["weight_step"].items()},
        weight={int(steps): float(weight) for steps, weight in plain["weight"].items()},
        diagnostic_from_p=float(plain["negative"]["diagnostic_from"]),
        strong_from_p=float(plain["negative"]["strong_from"]),
        level_p=float(plain["negative"]["level"]),
    )
