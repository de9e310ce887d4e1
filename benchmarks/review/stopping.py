"""Trials of the rules for stopping: success, effort against the least there is, and price.

    nice python -m benchmarks.review.stoporders test 20 FOLDER exact
    nice python -m benchmarks.review.stoporders test 2 FOLDER noisy
    nice python -m benchmarks.review.stopping test FOLDER benchmarks/runs/RUN/stopping.json

A run is one topic, one order of ranked reading (its own first record and its own learner's chance)
and one random draw. It succeeds when the recall said was reached, and not everything was read
where the least (read up to the look + the fewest with which the test can reject) is below 90 % of
the set. At least 99 % of a set counts as everything.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from benchmarks.review.stoporders import READERS
from pastwatch.stages.review.heuristics import in_vain, knee
from pastwatch.stages.review.price import price
from pastwatch.stages.review.stopping import (
    Anytime,
    Goal,
    LookWhen,
    control_needed,
    fewest_control,
    rest_plan,
)

Bits = npt.NDArray[np.uint8]
EVERYTHING_RATIO, LEAST_RATIO = 0.99, 0.9
SEEDS = 20  # orders a topic
WHEN = LookWhen()


@dataclass(frozen=True, slots=True)
class Run:
    """How one simulated review ended."""

    topic: str
    recall_reached: bool
    read: int
    least: int
    total: int
    look: int
    in_spread: bool = False
    price_ratio: float = 1.0

    @property
    def read_everything(self) -> bool:
        """Whether it read everything where it need not have."""
        everything = self.read >= EVERYTHING_RATIO * self.total
        return everything and self.least < LEAST_RATIO * self.total

    @property
    def success(self) -> bool:
        """Whether what was said was true, and it was worth a rule."""
        return self.recall_reached and not self.read_everything


def orders(folder: Path, reader: tuple[float, float]) -> Iterator[tuple[str, int, Bits]]:
    """(Topic, seed, calls in the order of reading) of one reader."""
    for path in sorted(folder.glob(f"*--{reader[0]:g}-{reader[1]:g}.npz")):
        with np.load(path) as kept:
            total, rows = int(kept["total"]), kept["bits"]
        for seed, row in enumerate(rows[:SEEDS]):
            yield path.name.rsplit("--", 1)[0], seed, np.unpackbits(row)[:total]


def one_look(topic: str, seed: int, calls: Bits, goal: Goal) -> tuple[Run, Run]:
    """Rule (b) by its plan, and in the anytime form on the same draw."""
    total, look = len(calls), WHEN.first_due(calls, goal)
    found, rest, missed = int(calls[:look].sum()), total - look, int(calls[look:].sum())
    plan = rest_plan(found, rest, goal)
    chance = np.random.default_rng([seed, total, look, 23])
    places = np.sort(chance.choice(rest, missed, replace=False)) if missed else np.zeros(0, int)
    drawn = rest
    for allowed, step in enumerate(plan.steps):
        if np.searchsorted(places, step) <= allowed:
            drawn = step
            break
    relevant = found + missed
    told = price(total, goal, relevant=(max(1, relevant // 2), min(total, 2 * relevant)))

    def ended(drawn: int) -> Run:
        reached = goal.reached(found + int(np.searchsorted(places, drawn)), relevant)
        read = look + drawn
        return Run(topic, reached, read, look + plan.least, total, look,
                   told.least <= read <= told.most, told.about / read)  # fmt: skip

    evidence = Anytime(goal=goal, found=found, population=rest)
    until, met = evidence.stops_at(0), 0
    while met < missed and places[met] < until:
        met += 1
        until = evidence.stops_at(met, after=int(places[met - 1]) + 1)
    return ended(drawn), ended(until)


def by_control(topic: str, seed: int, calls: Bits, goal: Goal) -> Run:
    """Rule (a): draw until the fewest relevant ones are in the sample, then rank to the last needed."""
    total, relevant = len(calls), int(calls.sum())
    chance = np.random.default_rng([seed, total, 29])
    drawn = chance.permutation(total)
    hits = np.flatnonzero(calls[drawn])
    wanted = fewest_control(goal)
    size = int(hits[wanted - 1]) + 1 if len(hits) >= wanted else total
    sample = drawn[:size]
    ranks = np.sort(sample[calls[sample] == 1])
    needed = control_needed(len(ranks), goal)
    until = int(ranks[needed - 1]) + 1 if needed is not None and size < total else total
    read = np.zeros(total, dtype=bool)
    read[sample] = True
    read[:until] = True
    found = int(calls[read].sum())
    return Run(topic, goal.reached(found, relevant), int(read.sum()), total, total, until)


def summary(runs: list[Run]) -> dict[str, Any]:
    """Success with its lower limits, and effort."""
    wins = [run.success for run in runs]
    ratios = [run.read / run.least for run in runs]
    by_topic: dict[str, list[bool]] = {}
    for run in runs:
        by_topic.setdefault(run.topic, []).append(run.success)
    shares = np.array([np.mean(one) for one in by_topic.values()])
    chance = np.random.default_rng(31)
    resampled = shares[chance.integers(0, len(shares), (10_000, len(shares)))].mean(axis=1)
    worst = min(by_topic, key=lambda name: float(np.mean(by_topic[name])))
    efforts = [run.read / run.total for run in runs]
    figures = {
        "runs": len(runs),
        "topics": len(by_topic),
        "success": statistics.mean(wins),
        "success_lower_95": lower_limit(sum(wins), len(wins)),
        "success_lower_95_by_topic": float(np.quantile(resampled, 0.05)),
        "worst_topic": [worst, float(np.mean(by_topic[worst]))],
        "recall_reached": statistics.mean(run.recall_reached for run in runs),
        "recall_reached_lower_95": lower_limit(sum(r.recall_reached for r in runs), len(runs)),
        "read_everything": statistics.mean(run.read_everything for run in runs),
        "effort_to_least_mean": statistics.mean(ratios),
        "effort_to_least_of_sums": sum(r.read for r in runs) / sum(r.least for r in runs),
        "effort_to_least_median": statistics.median(ratios),
        "effort_to_least_p90": float(np.quantile(ratios, 0.9)),
        "effort_within_1_15": statistics.mean(ratio <= 1.15 for ratio in ratios),
        "read_of_set_mean": statistics.mean(efforts),
        "read_of_set_median": statistics.median(efforts),
        "look_at_of_set_mean": statistics.mean(run.look / run.total for run in runs),
        "price_spread_held": statistics.mean(run.in_spread for run in runs),
        "price_to_effort_median": statistics.median(run.price_ratio for run in runs),
    }
    if all(run.least == run.total for run in runs):  # a control sample has no least, nor a price
        told = ("effort_to", "effort_within", "price_", "read_everything")
        figures = {name: one for name, one in figures.items() if not name.startswith(told)}
    return figures


def lower_limit(wins: int, runs: int) -> float:
    """The exact one-sided 95 % lower limit of a share (Clopper & Pearson 1934)."""
    return float(beta.ppf(0.05, wins, runs - wins + 1)) if wins else 0.0


_THUMBS: dict[str, Callable[..., Any]] = {
    "knee": knee,
    "200 in vain": in_vain,
    "50 in vain": partial(in_vain, run=50),
}


def thumbs(folder: Path, goal: Goal) -> dict[str, Any]:
    """How often rules of thumb would have stopped short of the goal."""
    short: dict[str, list[bool]] = {name: [] for name in _THUMBS}
    for _, _, calls in orders(folder, READERS[0]):
        total = int(calls.sum())
        read = calls.astype(bool)
        stops = {name: len(calls) for name in short}
        place = 50
        while place < len(calls):
            seen = read[:place]
            for name, rule in _THUMBS.items():
                if stops[name] == len(calls) and rule(seen).says_stop:
                    stops[name] = place
            place += max(10, place // 20)
        for name, at in stops.items():
            short[name].append(not goal.reached(int(calls[:at].sum()), total))
    return {
        name: {"runs": len(one), "stopped_short": float(np.mean(one))}
        for name, one in short.items()
    }


def _write(out: Path, figures: dict[str, Any]) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=1) + "\n")


def main() -> None:
    """Run every trial of a part and write the figures."""
    part, folder, out = sys.argv[1], Path(sys.argv[2]) / sys.argv[1], Path(sys.argv[3])
    figures: dict[str, Any] = {"part": part, "look_when": {
        "patience_ratio": WHEN.patience_ratio, "least_run": WHEN.least_run,
        "met_at_most": WHEN.met_at_most}}  # fmt: skip
    for target in ("0.95", "0.8"):
        goal = Goal.of(target)
        pairs = [one_look(*one, goal) for one in orders(folder, READERS[0])]
        figures[f"recall {target}"] = {
            "b_one_look": summary([one for one, _ in pairs]),
            "b_anytime": summary([one for _, one in pairs]),
            "a_control": summary([by_control(*one, goal) for one in orders(folder, READERS[0])]),
        }
        _write(out, figures)
    goal = Goal()
    for reader in READERS[1:]:
        found = list(orders(folder, reader))
        if found:
            figures[f"reader {reader[0]:g}/{reader[1]:g}"] = {
                "b_one_look": summary([one_look(*one, goal)[0] for one in found]),
                "a_control": summary([by_control(*one, goal) for one in found]),
            }
        _write(out, figures)
    figures["heuristics, no guarantee"] = thumbs(folder, goal)
    _write(out, figures)
    for name, one in figures["recall 0.95"].items():
        sys.stdout.write(f"{name} {json.dumps(one)}\n")


if __name__ == "__main__":
    main()
