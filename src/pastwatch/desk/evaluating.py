"""Evaluate: reviews run on labelled records, ours beside two others, with what they would have cost."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import numpy as np
import numpy.typing as npt

from pastwatch.errors import BadValue, SourceError
from pastwatch.stages.review.bmi import Bmi
from pastwatch.stages.review.calibration import control_rule, rest_rule
from pastwatch.stages.review.curves import Difference, Outcome, Stop, difference, draw
from pastwatch.stages.review.elas import asreview_order
from pastwatch.stages.review.features import features_of
from pastwatch.stages.review.learner import Learner
from pastwatch.stages.review.simulate import (
    Misreading,
    Run,
    Turn,
    everything,
    found_by,
    grown_by_a_tenth,
    prior_of,
    simulated,
)
from pastwatch.stages.review.stopping import Goal

__all__ = ["Difference", "Outcome", "difference", "draw", "evaluate", "read_labelled"]

Labels = npt.NDArray[np.int8]
SYSTEMS = ("ours", "bmi", "asreview")
READERS = tuple(Misreading(s, p) for s in (1.0, 0.85, 0.7) for p in (1.0, 0.98))
YES, NO = frozenset({"1", "yes", "true", "relevant"}), frozenset({"0", "no", "false", "", "not"})
_SUBJECTS, _BODIES = ("subject", "title"), ("text", "body", "abstract", "content")
_FIELD_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Records somebody read through: the same two texts of each for every system, and 1 or 0."""

    name: str
    subjects: Sequence[str]
    bodies: Sequence[str]
    labels: Labels

    @property
    def wholes(self) -> list[str]:
        """Each record's texts as one."""
        return [f"{s}\n{b}" for s, b in zip(self.subjects, self.bodies, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How a rule for stopping fared: runs, those in which the recall it says was true, and effort."""

    rule: str
    runs: int
    reached: int
    read_ratio: float
    to_least_ratio: float


def read_labelled(
    path: Path, *, label_column: str, text_columns: Sequence[str] = ()
) -> Iterator[LabelledSet]:
    """Every labelled set of a CSV file or a folder of them, one a file, in the order of names.

    The first of the text columns is the subject where there are two or more; without any named, the
    columns called subject or title, and text, body, abstract or content. A label is 1/yes/true/
    relevant or 0/no/false/not/nothing, in either case; any other leaves its record out.
    """
    paths = sorted(path.rglob("*.csv")) if path.is_dir() else [path]
    if not paths:
        raise SourceError("the folder holds no CSV file")
    for one in paths:
        yield _read(one, label_column, text_columns)


def evaluate(
    labelled: LabelledSet,
    *,
    systems: Sequence[str] = ("ours", "bmi"),
    runs: int = 3,
    target_ratio: float = 0.95,
    misread: bool = False,
    on_run: Callable[[Outcome], None] = lambda _: None,
    cancel: threading.Event | None = None,
) -> list[Outcome]:
    """Run a review per system, seed and reader; every system starts from the same relevant record.

    Everyone reads in the same batches, from one record on, each a tenth larger. ours reads on to the
    end, so that the rules for stopping can be tried on its order; the others stop at the target.
    """
    unknown = set(systems) - set(SYSTEMS)
    if unknown:
        raise BadValue("a system is ours, bmi or asreview")
    if not 0 < labelled.labels.sum() < len(labelled.labels):
        raise BadValue("a labelled set needs records of both kinds")
    makers = _makers(labelled, systems, target_ratio)
    outcomes: list[Outcome] = []
    for seed in range(runs):
        prior = prior_of(labelled.labels, seed=seed)
        for reader in READERS if misread else READERS[:1]:
            told = reader.told(labelled.labels, seed=seed)
            told[prior] = 1
            for system, make in makers.items():
                if cancel is not None and cancel.is_set():
                    return outcomes
                if system == "asreview" and reader is not READERS[0]:
                    continue  # it is no part of what a misreading costs, and takes the longest
                run = make(told, prior, seed)
                outcome = _outcome(
                    labelled,
                    system,
                    seed=seed,
                    reader=reader,
                    told=told,
                    run=run,
                    ratio=target_ratio,
                )
                outcomes.append(outcome)
                on_run(outcome)
    return outcomes


def means_of(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """One outcome a set, reader and system: the mean of its runs."""
    groups: dict[tuple[str, tuple[float, float], str], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.topic, outcome.reader, outcome.system), []).append(outcome)
    return [
        replace(
            runs[0],
            effort=round(fmean(run.effort for run in runs)),
            saved_ratio=fmean(run.saved_ratio for run in runs),
            found_ratio=fmean(run.found_ratio for run in runs),
            median_turn_s=fmean(run.median_turn_s for run in runs),
        )
        for runs in groups.values()
    ]


def rules_of(outcomes: Sequence[Outcome]) -> list[RuleCount]:
    """How each rule for stopping fared over every run of ours."""
    counts = []
    for rule in dict.fromkeys(stop.rule for outcome in outcomes for stop in outcome.stops):
        ends = [(o.count, stop) for o in outcomes for stop in o.stops if stop.rule == rule]
        counts.append(
            RuleCount(
                rule=rule,
                runs=len(ends),
                reached=sum(stop.reached for _, stop in ends),
                read_ratio=fmean(stop.read / total for total, stop in ends),
                to_least_ratio=fmean(stop.read / max(stop.least, 1) for _, stop in ends),
            )
        )
    return counts


Maker = Callable[[Labels, int, int], Run]


def _makers(labelled: LabelledSet, systems: Sequence[str], ratio: float) -> dict[str, Maker]:
    makers: dict[str, Maker] = {}
    enough = found_by(labelled.labels, ratio=ratio)
    if "ours" in systems:
        ids = [b"%016d" % place for place in range(len(labelled.labels))]
        features = features_of([(ids, [labelled.subjects, labelled.bodies])])
        makers["ours"] = lambda told, prior, seed: simulated(
            Learner(features, seed), told, prior=prior, until=everything
        )
    if "bmi" in systems:
        bmi = Bmi(labelled.wholes)
        makers["bmi"] = lambda told, prior, seed: simulated(
            bmi.seeded(seed), told, prior=prior, until=enough
        )
    if "asreview" in systems:
        makers["asreview"] = lambda told, prior, _: _asreview_run(labelled, told, prior, ratio)
    return makers


def _asreview_run(labelled: LabelledSet, told: Labels, prior: int, ratio: float) -> Run:
    turns: list[Turn] = []
    order = asreview_order(
        labelled.subjects,
        labelled.bodies,
        told,
        prior=prior,
        until=int(np.ceil(ratio * int(labelled.labels.sum()))),
        next_batch=grown_by_a_tenth,
        turned=lambda read, seconds: turns.append(Turn(read, seconds)),
    )
    return Run(order, turns)


def _outcome(
    labelled: LabelledSet,
    system: str,
    *,
    seed: int,
    reader: Misreading,
    told: Labels,
    run: Run,
    ratio: float,
) -> Outcome:
    stops = []
    if system == "ours":
        goal = Goal.of(str(ratio))
        for rule in (rest_rule, control_rule):
            ended = rule(run.order, told, goal, seed=seed)
            stops.append(Stop(ended.rule, ended.read, ended.least, ended.reached))
    return Outcome.of(
        labelled.name,
        system,
        seed,
        reader=(reader.sensitivity_ratio, reader.specificity_ratio),
        truth=labelled.labels,
        told=told,
        order=run.order,
        turns_s=[turn.seconds_s for turn in run.turns],
        ratio=ratio,
        stops=stops,
    )


def _read(path: Path, label_column: str, text_columns: Sequence[str]) -> LabelledSet:
    csv.field_size_limit(_FIELD_BYTES)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, skipinitialspace=True)
            names = list(rows.fieldnames or ())
            chosen = list(text_columns) or _text_columns(names)
            missing = {label_column, *chosen} - set(names)
            if missing or not chosen:
                raise BadValue(
                    f'"{path.name}" has no column "{min(missing)}"'
                    if missing
                    else f'"{path.name}" has no column of texts that is known',
                    hint="name them with --label-column and --text-column; "
                    f"its columns: {', '.join(names)}",
                )
            subjects, bodies, labels = [], [], []
            for row in rows:
                label = (row[label_column] or "").strip().lower()
                if label not in YES | NO:
                    continue
                texts = [row[name] or "" for name in chosen]
                subjects.append(texts[0] if len(texts) > 1 else "")
                bodies.append("\n".join(texts[1:] if len(texts) > 1 else texts))
                labels.append(int(label in YES))
    except (OSError, UnicodeDecodeError, csv.Error) as broken:
        raise SourceError(f'"{path.name}" does not read as CSV in UTF-8') from broken
    return LabelledSet(path.stem, subjects, bodies, np.array(labels, dtype=np.int8))


def _text_columns(names: Sequence[str]) -> list[str]:
    """The subject's column, then the text's, of those there are."""
    known = [[n for n in names if n.lower() in wanted][:1] for wanted in (_SUBJECTS, _BODIES)]
    return [name for found in known for name in found]
