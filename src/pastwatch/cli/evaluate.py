"""Evaluate: how a review would have gone on records somebody labelled, ours beside two others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pastwatch.desk.evaluating import Outcome, RuleCount

_PATH = click.Path(path_type=Path)
_NAMES = {"ours": "Pastwatch", "bmi": "BMI", "asreview": "ASReview"}


@click.command(
    cls=Command,
    examples=(
        "evaluate labelled.csv --label-column relevant",
        "evaluate sets/ --label-column included --systems ours,bmi,asreview --plots plots/",
    ),
    statuses=(0, 2, 30, 130),
)
@click.argument("path", type=_PATH)
@click.option("--label-column", required=True, metavar="NAME", help="1/0, yes/no, true/false.")
@click.option("--text-column", "text_columns", multiple=True, metavar="NAME", help="Subject first.")
@click.option("--systems", default="ours,bmi", show_default=True, help="Of ours, bmi, asreview.")
@click.option("--runs", default=3, show_default=True, type=click.IntRange(1), help="Runs a set.")
@click.option(
    "--recall", default=95, show_default=True, type=click.IntRange(50, 99), help="Per cent."
)
@click.option("--readers", is_flag=True, help="Readers who err, too: .7/.85/1 by .98/1.")
@click.option("--plots", type=click.Path(path_type=Path), metavar="DIR", help="Draw SVG and PNG.")
@click.pass_obj
def evaluate(
    session: Session,
    *,
    path: Path,
    label_column: str,
    text_columns: tuple[str, ...],
    systems: str,
    runs: int,
    recall: int,
    readers: bool,
    plots: Path | None,
) -> int:
    """Simulate a review of a labelled CSV file, or a folder of them: effort, work saved, stopping."""
    from pastwatch.desk import evaluating

    ratio = recall / 100
    chosen = [name.strip() for name in systems.split(",") if name.strip()]
    outcomes: list[Outcome] = []
    for labelled in evaluating.read_labelled(
        path, label_column=label_column, text_columns=text_columns
    ):
        outcomes += evaluating.evaluate(
            labelled,
            systems=chosen,
            runs=runs,
            target_ratio=ratio,
            misread=readers,
            on_run=lambda outcome: _progress(session, outcome),
        )
    drawn = evaluating.draw(plots, outcomes, ratio=ratio) if plots else []
    _print(session, outcomes, chosen, recall=recall)
    for made in drawn:
        show.say(f"pastwatch: drew {made}")
    return DONE


def _progress(session: Session, outcome: Outcome) -> None:
    if show.is_terminal() and not session.json:
        show.say(f"pastwatch: {outcome.topic}: {_NAMES[outcome.system]}, run {outcome.seed + 1}")


def _print(
    session: Session, outcomes: Sequence[Outcome], systems: Sequence[str], *, recall: int
) -> None:
    from pastwatch.desk import evaluating

    rules = evaluating.rules_of(outcomes)
    differences = [evaluating.difference(outcomes, other) for other in systems if other != "ours"]
    if session.json:
        for outcome in outcomes:
            show.json_line(outcome)
        for rule in rules:
            show.json_line(rule)
        for found in differences:
            if found is not None:
                show.json_line(found)
        return
    _print_runs(outcomes, recall=recall)
    for found in differences:
        if found is not None and found.topics > 1:
            show.out()
            show.out(
                f"beside {_NAMES[found.other]}: {100 * found.mean:+.1f} points of work saved over "
                f"{found.topics} sets (95 of 100: {100 * found.low:+.1f} to {100 * found.high:+.1f}), "
                f"better on {found.better}; {100 * found.gap_closed_ratio:.0f} % of what was left "
                "to a perfect order"
            )
    if rules:
        show.out()
        _print_rules(rules, recall=recall)


def _print_runs(outcomes: Sequence[Outcome], *, recall: int) -> None:
    from pastwatch.desk import evaluating

    rows = []
    for mean in evaluating.means_of(outcomes):
        effort = f"{count(mean.effort)} of {count(mean.count)}"
        reader = "" if mean.reader == (1.0, 1.0) else f"{mean.reader[0]:g}/{mean.reader[1]:g}"
        rows.append(
            [
                show.neutral(mean.topic),
                count(mean.relevant),
                _NAMES[mean.system],
                reader,
                effort,
                f"{100 * mean.saved_ratio:.1f} %",
                f"{100 * mean.found_ratio:.0f} %" if reader else "",
                f"{1000 * mean.median_turn_s:.0f} ms",
            ]
        )
    head = ["set", "relevant", "system", "reader", f"read to {recall} %", "work saved", "called so"]
    if not any(row[3] for row in rows):
        rows = [[*row[:3], row[4], row[5], row[7]] for row in rows]
        head = [*head[:3], *head[4:6]]
    right = range(len(head) - (3 if len(head) == 7 else 2), len(head) + 1)  # noqa: PLR2004 - columns
    show.table(rows, head=[*head, "re-rank"], right={1, *right})


def _print_rules(rules: Sequence[RuleCount], *, recall: int) -> None:
    show.table(
        [
            [
                rule.rule,
                f"{count(rule.reached)} of {count(rule.runs)}",
                f"{100 * rule.read_ratio:.0f} % of the set",
                f"{rule.to_least_ratio:.2f} ×",
            ]
            for rule in rules
        ],
        head=["rule for stopping", f"{recall} % was true", "read", "to the least it could"],
        right={1, 2, 3},
    )
    show.out("recall of what the reader calls relevant; both rules promise 95 times of 100")
