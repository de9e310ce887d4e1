"""Events: declare what happened out of the ordinary, with what outside the archive says so."""

from __future__ import annotations

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import moment
from pastwatch.cli.tree import Command, Family
from pastwatch.model.authority import Event


@click.group(cls=Family)
def event() -> None:
    """Declare the event a case is about, and list those declared."""


@event.command(
    cls=Command,
    examples=(
        'event add idlib "Idlib" --at 2017-04-04T06:30+03:00 --reference report.html',
        'event add flood "The flood" --at 2021-07-14T20:00+02:00 --until 2021-07-15T09:00+02:00',
    ),
    statuses=(0, 2, 20, 60),
)
@click.argument("event_id", metavar="ID")
@click.argument("title")
@click.option("--at", required=True, metavar="ISO", help="When, with its zone: the case's zone.")
@click.option("--until", metavar="ISO", help="Its end, if it lasted.")
@click.option("--place", default="", metavar="TEXT", help="Where.")
@click.option("--description", default="", metavar="TEXT", help="What, in a sentence.")
@click.option("--reference", "references", multiple=True, metavar="TEXT",
              help="An outside report: a file name, a title, an address; may be repeated.")  # fmt: skip
@click.pass_obj
def add(
    session: Session,
    *,
    event_id: str,
    title: str,
    at: str,
    until: str | None,
    place: str,
    description: str,
    references: tuple[str, ...],
) -> int:
    """Declare an event; without an outside reference it is printed as unsupported."""
    with session.archive() as archive:
        made = archive.add_event(
            event_id,
            title,
            at=at,
            until=until,
            place=place,
            description=description,
            references=references,
        )
    _print(session, made)
    if not made.supported:
        show.say("pastwatch: unsupported event: nothing outside the archive is named; --reference")
    return DONE


@event.command(
    "list", cls=Command, examples=("event list", "event list --json"), statuses=(0, 1, 20)
)
@click.pass_obj
def list_(session: Session) -> int:
    """List the events in the order they were declared."""
    with session.archive() as archive:
        events = archive.events()
    for each in events:
        _print(session, each)
    if not events and not session.json:
        show.out("no events yet: pastwatch event add ID TITLE --at ISO")
    return DONE if events else NOTHING_FOUND


def _print(session: Session, made: Event) -> None:
    if session.json:
        show.json_line(made)
        return
    at = moment(made.when.start_us, offset_s=made.zone_offset_s)
    until = ""
    if made.when.length_us:
        until = f" to {moment(made.when.end_us, offset_s=made.zone_offset_s)}"
    title, place = show.neutral(made.title), show.neutral(made.place)
    references = "; ".join(show.neutral(r) for r in made.references) or "unsupported event"
    show.out(
        f'{made.event_id}  {at}{until}  "{title}"{f", {place}" if place else ""}  {references}'
    )
