"""What was unusual in the hours before the event: words, pairs, volumes, silences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.model.unusual import Contrast, Unusual

_FILE = click.Path(path_type=Path)
_SHOWN = 10
_NAME = 58
_TENTH = 0.1
_LEAST_P = 0.001
_TABLES = (
    ("term", "Words said by three accounts or more"),
    ("term between two", "Words two keep saying to each other"),
    ("few", "Words of one or two accounts"),
    ("pair", "Pairs who wrote to each other"),
    ("volume", "Volumes: louder than usual"),
    ("silence", "Silences: quieter than usual"),
)


@click.command(
    cls=Command,
    examples=(
        "contrast --draft baseline.toml",
        "contrast --baseline baseline.toml",
        "contrast --hours 24,72",
    ),
    statuses=(0, 1, 2, 10, 20, 60),
)
@case_option()
@click.option("--baseline", type=_FILE, metavar="FILE",
              help="A signed authority with the act baseline: its records are counted, not read.")  # fmt: skip
@click.option("--draft", type=_FILE, metavar="FILE",
              help="Write a draft of that authority, and stop.")  # fmt: skip
@click.option("--hours", default="6,24,72", show_default=True, metavar="LIST",
              help="The lengths of the windows before the event.")  # fmt: skip
@click.option("--limit", default=_SHOWN, show_default=True, metavar="N", help="Lines a table.")
@click.pass_obj
def contrast(
    session: Session,
    *,
    case_name: str | None,
    baseline: Path | None,
    draft: Path | None,
    hours: str,
    limit: int,
) -> int:
    """Show what was unusual before the event, against the weeks before; asks for the granting key."""
    from pastwatch.desk.contrasting import contrast as make
    from pastwatch.desk.contrasting import draft_baseline

    with session.case(case_name) as work:
        if draft is not None:
            written = draft_baseline(work, draft)
            show.out(f"wrote {written}: read it, fill in its ground, then")
            show.out(f"  pastwatch authority sign {written}")
            show.out(f"  pastwatch contrast --baseline {written}")
            return DONE
        made = make(work, baseline=baseline, scales_h=hours_of(hours))
        offset_s = work.event.zone_offset_s
    if session.json:
        _print_json(made)
    else:
        print_contrast(made, limit=limit, offset_s=offset_s)
    return DONE if any(one.is_unusual for one in made.unusual) else NOTHING_FOUND


def hours_of(listed: str) -> tuple[int, ...]:
    """The hours of a list such as 6,24,72; UsageError for another."""
    try:
        return tuple(int(part) for part in listed.split(","))
    except ValueError:
        raise UsageError(
            f'"{listed}" is no list of hours', hint="whole hours, as in --hours 6,24,72"
        ) from None


def _print_json(made: Contrast) -> None:
    show.json_line(
        None,
        kind="contrast",
        event_us=made.event_us,
        hours=made.hours,
        windows=made.windows,
        apart=[{"hours": h, "windows": n} for h, n in made.apart],
        tried=made.tried,
        records=made.records,
        reference_records=made.reference_records,
        inside_slice=made.inside_slice,
        least_group=made.least,
        untold=[{"what": what, "why": why} for what, why in made.untold],
        notes=made.notes,
    )
    for one in made.unusual:
        show.json_line(one, kind="unusual", unusual=one.is_unusual)


def print_contrast(made: Contrast, *, limit: int, offset_s: int) -> None:
    """The tables of a contrast, most unusual first, then what could not be told."""
    scales = ", ".join(str(h) for h in made.hours)
    what = "the slice itself" if made.inside_slice else "counted under the baseline, not read"
    show.facts(
        [
            ("event", show.moment(made.event_us, offset_s=offset_s)),
            ("before it", f"{count(made.records, 'record')} in windows of {scales} hours"),
            ("reference", f"{count(made.reference_records, 'record')}, {what}"),
            (
                "windows",
                f"{made.windows:,} of the same time of day and sort of day, "
                + "; ".join(f"{n} of {h} h apart" for h, n in made.apart),
            ),
            ("tried", f"{count(made.tried, 'word, pair and volume', 'words, pairs and volumes')}"),
        ]
    )
    for sort, title in _TABLES if made.tried else ():
        _table([one for one in made.unusual if _belongs(one, sort)], title, limit=limit)
    for name, why in _grouped(made.untold):
        show.out(f"not testable: {show.neutral(name)}: {why}")
    for note in made.notes:
        show.out(f"note: {note}")
    if made.tried:
        found = sum(one.is_unusual for one in made.unusual)
        show.out()
        show.out(
            f"{count(found)} of them unusual (p ≤ 0.05, corrected over all that was tried). The "
            "rest stand in order and could be chance."
        )
        show.out(
            "p is the share of ordinary windows that hold anything as rare. Accounts with one "
            "handle are taken for one person: an assumption."
        )


def _belongs(one: Unusual, sort: str) -> bool:
    if one.sort == "term":
        table = one.about if one.about != "term" or not one.flag else "few"
        return table == sort
    return one.sort == sort


def _table(found: Sequence[Unusual], title: str, *, limit: int) -> None:
    if not found:
        return
    show.out()
    rest = f" (the first {limit} of {count(len(found))})" if len(found) > limit else ""
    show.out(f"{title}{rest}")
    rows = [_row(one) for one in found[:limit]]
    head = ("", "", "window", "times", "usual", "odds", "p", "")
    show.table(rows, head=head, right={2, 3, 4, 6})


def _row(one: Unusual) -> tuple[str, ...]:
    few = one.expected is None
    usual = "few"
    if one.expected is not None:
        usual = f"{one.expected:.1f}" if one.expected >= _TENTH else "< 0.1"
    interval = f"[{one.odds_ratio_low:.1f}–{one.odds_ratio_high:.1f}]"
    odds = f"×{one.odds_ratio:.1f} {interval}"
    if few:  # what is few was taken as the least group: the truth is further from 1
        odds = f"×{one.odds_ratio:.1f} or more" if one.odds_ratio > 1 else ""
    # An account met under several addresses is shown under the shortest.
    names = " · ".join(min(name.split(" / "), key=len) for name in one.names)
    who = f"{one.accounts} accounts" if one.accounts > 2 else one.flag  # noqa: PLR2004 - as flagged
    return (
        "unusual" if one.is_unusual else "",
        show.cut(show.neutral(names), _NAME),
        f"{one.hours} h",
        count(one.runs),
        usual,
        odds,
        "< 0.001" if one.p < _LEAST_P else f"{one.p:.3f}",
        who,
    )


def _grouped(untold: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What cannot be told for one reason, on one line."""
    held: dict[str, list[str]] = {}
    for name, why in untold:
        held.setdefault(why, []).append(name)
    return [(", ".join(names), why) for why, names in held.items()]
