"""Deliver alerts to the targets of a file, once or for as long as it runs; and say how they stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.follow import stopping
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command
from pastwatch.errors import UsageError
from pastwatch.model.when import parse_iso

if TYPE_CHECKING:
    from pastwatch.desk.delivering import Answer, TargetState

_FILE = click.Path(path_type=Path)


@click.command(
    cls=Command,
    examples=(
        "watch deliver --draft deliver.toml",
        "watch deliver",
        "watch deliver --follow --to duty",
        "watch deliver --status",
    ),
    statuses=(0, 1, 2, 3, 40, 60),
)
@click.option("--targets", type=_FILE, default=Path("deliver.toml"), show_default=True,
              metavar="FILE", help="The file of targets.")  # fmt: skip
@click.option("--to", multiple=True, metavar="NAME", help="These targets alone.")
@click.option("--follow", is_flag=True, help="Go on until told to stop.")
@click.option("--again", is_flag=True, help="Try what a target refused for good once more.")
@click.option("--since", metavar="DATE", help="Only alerts that arrived from then on.")
@click.option("--status", is_flag=True, help="Say how each target stands, and deliver nothing.")
@click.option("--draft", type=_FILE, metavar="FILE", help="Write a commented file, and stop.")
@click.pass_obj
def deliver(
    session: Session,
    *,
    targets: Path,
    to: tuple[str, ...],
    follow: bool,
    again: bool,
    since: str | None,
    status: bool,
    draft: Path | None,
) -> int:
    """Deliver alerts: their id, watch, severity, number and time, and nothing of a record."""
    from pastwatch.desk import delivering

    if draft is not None:
        show.out(f"wrote {delivering.draft_targets(draft)}")
        return DONE
    lines = delivering.read_targets(targets, to=to)
    since_us = _since(since) if since else None
    with session.archive() as archive, stopping() as stop:
        if status:
            states = delivering.states(archive.office, lines)
        else:
            done = delivering.deliver(
                archive.office,
                lines,
                follow=follow,
                again=again,
                since_us=since_us,
                stop=stop,
                on_answer=_tell,
            )
            states = done.states
            if done.taken.unsigned:
                show.say(
                    f"pastwatch: {count(done.taken.unsigned, 'journal')} that no collector signed: "
                    "left in the outbox"
                )
    return _print(session, states)


def _since(text: str) -> int:
    try:
        return parse_iso(text)[0]
    except ValueError:
        raise UsageError(
            "--since is no date", hint="as in 2021-03-04 or 2021-03-04T05:06Z"
        ) from None


def _tell(target: str, answer: Answer) -> None:
    if not answer.delivered:
        end = "" if answer.again else "; given up, --again tries once more"
        show.say(f"pastwatch: {target}: {answer.alert_id[:8]}: {answer.reason}{end}")


def _print(session: Session, states: list[TargetState]) -> int:
    for state in states if session.json else ():
        show.json_line(state)
    if not session.json:
        show.table(
            [
                (
                    *(s.name, s.kind, count(s.delivered), count(s.waiting), count(s.given_up)),
                    *(count(s.tries), show.moment(s.last_us) if s.last_us else "", s.reason),
                )
                for s in states
            ],
            head=("target", "kind", "delivered", "waiting", "given up", "tries", "last", "why"),
            right=(2, 3, 4, 5),
        )
    if any(s.waiting or s.given_up for s in states):
        return WITH_GAPS
    return DONE if any(s.delivered for s in states) else NOTHING_FOUND
