"""How findings of nothing, samples and rehearsals look on a page."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pastwatch.cli import show
from pastwatch.cli.show import count
from pastwatch.model.negative import Negative, RehearsalCopy, RehearsedPart

if TYPE_CHECKING:
    from pastwatch.desk.negative.sampling import SampleState

_WIDE = 98
_CUT = 44


def print_negative(found: Negative) -> None:
    """The whole of it, in the words of the brief."""
    from pastwatch.desk.negative.telling import told

    belongs = f", belongs to {found.finding}" if found.finding else ""
    show.out(f"{found.name}{belongs}")
    for number, (heading, columns, lines) in enumerate(told(found)):
        if number:
            show.out()
            show.out(heading)
        if columns:
            rows = [line.split("\t") for line in lines]
            show.table(rows, head=columns, right=range(1, len(columns)))
            continue
        for line in lines:
            for piece in textwrap.wrap(show.neutral(line), _WIDE, subsequent_indent="    "):
                show.out(f"  {piece}")


def print_listed(
    negatives: Sequence[Negative],
    states: Sequence[SampleState],
    rehearsals: Sequence[tuple[str, Sequence[RehearsedPart]]],
) -> None:
    """A line each."""
    for found in negatives:
        part = found.sampled
        bound = "no bound" if part is None else f"at most {part.at_most:,} of {part.population:,}"
        question = show.cut(show.neutral(found.question), _CUT)
        show.out(f"{show.pad(found.name, 4)} {show.pad(question, _CUT)}  {bound}")
    for state in states:
        question = show.cut(show.neutral(state.sample.question), _CUT)
        how = "read" if state.over else f"{state.called:,} of {state.turns:,} turns"
        show.out(f"{show.pad(state.name, 4)} {show.pad(question, _CUT)}  sample, {how}")
    for name, parts in rehearsals:
        found_of = f"{sum(p.found for p in parts):,} of {sum(p.planted for p in parts):,} found"
        show.out(f"{show.pad(name, 4)} {show.pad('rehearsal', _CUT)}  {found_of}")
    if not (negatives or states or rehearsals):
        show.out('nothing yet: pastwatch negative sample "…" --would-count "…" --size 60')


def print_state(state: SampleState) -> None:
    """How far a sample is read; once it is over, what came of it."""
    sample = state.sample
    show.out(f"{state.name}: {show.neutral(sample.question)}")
    show.out(f"  counts: {show.neutral(sample.would_count)}")
    show.out(
        f"  {sample.drawn:,} of {count(sample.population, 'conversation')} drawn, "
        f"{state.called:,} of {count(state.turns, 'turn')} called"
    )
    if not state.over:
        show.out("  what was found is told apart once all are read, or the reading is ended")
        return
    shown = f"; of copies mixed in, {state.recognised:,} of {state.shown:,} recognised"
    show.out(f"  read: {count(state.read, 'conversation')}{shown if state.shown else ''}")
    if state.found:
        turns = ", ".join(map(str, state.found))
        show.out(f"  FOUND on turn {turns}: a finding of nothing is refused")
    else:
        show.out(f"  none found: pastwatch negative add --sample {state.name}")


def print_rehearsal(
    name: str,
    parts: Sequence[RehearsedPart],
    missing: Sequence[str],
    *,
    copies: Sequence[RehearsalCopy] | None = None,
) -> None:
    """By language and medium, then what no copy was in, then each copy once the reader is done."""
    rows = [
        (
            one.language,
            one.medium,
            f"{one.found:,} of {one.planted:,}",
            f"{one.lower_per_10000 / 100:.2f} %",
            f"{one.recognised:,} of {one.shown:,}" if one.shown else "not yet, or not asked",
        )
        for one in parts
    ]
    show.out(name)
    head = ("language", "medium", "searches found", "at least (95 %)", "reader recognised")
    show.table(rows, head=head)
    for what in missing:
        show.out(f"not rehearsed: {show.neutral(what)}")
    for copy in copies or ():
        how = f"found by {', '.join(copy.found_by)}" if copy.found_by else "NOT found"
        text = show.cut(show.neutral(copy.text), _CUT)
        show.out(f"  {show.pad(text, _CUT)}  {copy.variant}: {how}")
