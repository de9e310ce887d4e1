"""What runs of a review come to: effort, work saved, curves, differences pair by pair, and pictures."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pastwatch.errors import MissingExtra
from pastwatch.stages.review.simulate import effort_to, work_saved

Int64s = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int8]

GRID: Final = tuple(round(step / 100, 2) for step in range(101))
RESAMPLED: Final = 10_000
COLOURS: Final = {"ours": "#b5452c", "asreview": "#3f6f8f", "bmi": "#8a8f98"}
NAMES: Final = {"ours": "Pastwatch", "asreview": "ASReview", "bmi": "BMI"}


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a rule for stopping would have ended a run, the least it could, and if it was right."""

    rule: str
    read: int
    least: int
    reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run came to. `curve[i]` is the recall once i per cent of the set were read.

    Effort and work saved are of what is truly relevant; `found_ratio` is the share of that which a
    reader of less than full sensitivity would have called so by then.
    """

    topic: str
    system: str
    seed: int
    reader: tuple[float, float]
    count: int
    relevant: int
    effort: int
    saved_ratio: float
    perfect_ratio: float
    found_ratio: float
    median_turn_s: float
    most_turn_s: float
    curve: tuple[float, ...]
    stops: tuple[Stop, ...] = ()

    @classmethod
    def of(
        cls,
        topic: str,
        system: str,
        seed: int,
        *,
        reader: tuple[float, float],
        truth: Labels,
        told: Labels,
        order: Int64s,
        turns_s: Sequence[float],
        ratio: float,
        stops: Iterable[Stop] = (),
    ) -> Outcome:
        """Measure a run by its order."""
        count, relevant = len(truth), int(truth.sum())
        effort = effort_to(order, truth, ratio=ratio)
        least = int(np.ceil(ratio * relevant))
        found = np.concatenate(([0], np.cumsum(truth[order]))) / max(relevant, 1)
        places = np.minimum((np.array(GRID) * count).astype(int), len(found) - 1)
        kept = int((truth[order[:effort]] & told[order[:effort]]).sum())
        return cls(
            topic=topic,
            system=system,
            seed=seed,
            reader=reader,
            count=count,
            relevant=relevant,
            effort=effort,
            saved_ratio=work_saved(effort, count, ratio=ratio),
            perfect_ratio=work_saved(least, count, ratio=ratio),
            found_ratio=kept / max(relevant, 1),
            median_turn_s=statistics.median(turns_s) if turns_s else 0.0,
            most_turn_s=max(turns_s, default=0.0),
            curve=tuple(round(float(value), 4) for value in found[places]),
            stops=tuple(stops),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Work saved by ours less that of another, topic by topic: its mean, and where it may lie.

    `gap_closed_ratio` is the share of what the other leaves to a perfect order that ours closes.
    """

    other: str
    topics: int
    mean: float
    low: float
    high: float
    better: int
    gap_closed_ratio: float
    gap_closed_low: float


def by_topic(outcomes: Iterable[Outcome], system: str) -> dict[str, float]:
    """Work saved of a system on each topic, the mean of its seeds; a perfect reader's runs alone."""
    runs: dict[str, list[float]] = {}
    for outcome in outcomes:
        if outcome.system == system and outcome.reader == (1.0, 1.0):
            runs.setdefault(outcome.topic, []).append(outcome.saved_ratio)
    return {topic: statistics.fmean(saved) for topic, saved in runs.items()}


def difference(outcomes: Sequence[Outcome], other: str, *, seed: int = 0) -> Difference | None:
    """Ours against another over the topics and seeds both have; resampled by topic, 95 of 100."""
    paired = _shared([o for o in outcomes if o.system in ("ours", other)])
    ours, theirs = by_topic(paired, "ours"), by_topic(paired, other)
    topics = sorted(set(ours) & set(theirs))
    if not topics:
        return None  # one of the two did not run
    perfect = {o.topic: o.perfect_ratio for o in paired}
    gained = np.array([ours[topic] - theirs[topic] for topic in topics])
    left = np.array([perfect[topic] - theirs[topic] for topic in topics])
    drawn = np.random.default_rng(seed).integers(0, len(topics), (RESAMPLED, len(topics)))
    low, high = np.quantile(gained[drawn].mean(axis=1), (0.025, 0.975))
    closed = gained[drawn].sum(axis=1) / np.maximum(left[drawn].sum(axis=1), 1e-9)
    return Difference(
        other=other,
        topics=len(topics),
        mean=float(gained.mean()),
        low=float(low),
        high=float(high),
        better=int((gained > 0).sum()),
        gap_closed_ratio=float(gained.sum() / max(left.sum(), 1e-9)),
        gap_closed_low=float(np.quantile(closed, 0.025)),
    )


def mean_curve(outcomes: Iterable[Outcome], system: str) -> list[float]:
    """Recall at each per cent read, the mean over topics; after a run's end its last value."""
    curves = [o.curve for o in outcomes if o.system == system and o.reader == (1.0, 1.0)]
    return [float(value) for value in np.mean(curves, axis=0)] if curves else []


def draw(folder: Path, outcomes: Sequence[Outcome], *, ratio: float) -> list[Path]:
    """Recall against effort, and work saved topic by topic, as SVG and PNG; their paths."""
    if not (find_spec("altair") and find_spec("vl_convert")):
        raise MissingExtra(
            "to draw, the packages altair and vl-convert-python are needed",
            hint="pip install 'pastwatch[evaluate]'",
        )
    import altair as alt

    folder.mkdir(parents=True, exist_ok=True)
    made = []
    shared = _shared(outcomes)
    charts = {"recall": _recall(alt, shared, ratio), "work-saved": _saved(alt, shared, ratio)}
    for name, chart in charts.items():
        finished = (
            chart.configure_view(stroke=None)
            .configure_axis(labelFontSize=12, titleFontSize=12, labelLimit=320, gridColor="#e8e8e8")
            .configure_title(fontSize=15, anchor="start", subtitleFontSize=12, offset=12)
            .configure_legend(labelFontSize=12, titleFontSize=12)
        )
        for kind in ("svg", "png"):
            path = folder / f"{name}.{kind}"
            finished.save(path, scale_factor=2) if kind == "png" else finished.save(path)
            made.append(path)
    return made


def _scale(alt: Any, systems: Sequence[str]) -> Any:
    return alt.Scale(domain=[NAMES[s] for s in systems], range=[COLOURS[s] for s in systems])


def _systems(outcomes: Iterable[Outcome]) -> list[str]:
    there = {outcome.system for outcome in outcomes}
    return [system for system in COLOURS if system in there]


def _recall(alt: Any, outcomes: Sequence[Outcome], ratio: float) -> Any:
    systems = _systems(outcomes)
    rows = [
        {"read": read, "recall": recall, "system": NAMES[system]}
        for system in systems
        for read, recall in zip(GRID, mean_curve(_until(outcomes, ratio), system), strict=False)
    ]
    line = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("read:Q", title="share of the set read", axis=alt.Axis(format="%")),
            y=alt.Y("recall:Q", title="recall, mean over all runs", axis=alt.Axis(format="%")),
            color=alt.Color("system:N", scale=_scale(alt, systems), title=None),
        )
    )
    rule = (
        alt.Chart(alt.Data(values=[{"recall": ratio}]))
        .mark_rule(strokeDash=[4, 4], color="#777")
        .encode(y="recall:Q")
    )
    topics = len({o.topic for o in outcomes})
    title = alt.TitleParams(
        "How much was found by how much was read", subtitle=f"{topics} topics; dashed: the target"
    )
    return (line + rule).properties(width=560, height=340, title=title)


def _shared(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """What every system ran: a mean over other topics, or other beginnings, would say nothing."""
    exact = [o for o in outcomes if o.reader == (1.0, 1.0)]
    runs = [{(o.topic, o.seed) for o in exact if o.system == s} for s in _systems(exact)]
    both = set.intersection(*runs) if runs else set()
    return [o for o in exact if (o.topic, o.seed) in both]


def _until(outcomes: Iterable[Outcome], ratio: float) -> list[Outcome]:
    """Curves cut off at the target, where the others stopped, so that all are alike."""
    return [replace(o, curve=tuple(min(value, ratio) for value in o.curve)) for o in outcomes]


def _saved(alt: Any, outcomes: Sequence[Outcome], ratio: float) -> Any:
    systems = _systems(outcomes)
    rows = [
        {"topic": topic, "saved": saved, "system": NAMES[system]}
        for system in systems
        for topic, saved in by_topic(outcomes, system).items()
    ]
    first = by_topic(outcomes, systems[0])
    order = sorted(first, key=lambda topic: -first[topic])
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("topic:N", sort=order, title=None),
        x=alt.X(
            "saved:Q",
            title=f"work saved at {100 * ratio:g} % recall",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(nice=False),
        ),
    )
    span = base.mark_line(color="#c9c9c9", strokeWidth=1.5).encode(detail="topic:N")
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        color=alt.Color("system:N", scale=_scale(alt, systems), title=None)
    )
    title = alt.TitleParams(
        "Work saved, topic by topic", subtitle="one dot a system: the mean of its runs"
    )
    return (span + dots).properties(width=520, height=max(120, 19 * len(order)), title=title)
