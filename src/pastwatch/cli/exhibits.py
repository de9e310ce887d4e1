"""The commands of exhibits: evidence that is no communication, sealed, told shortly, on the map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pastwatch.cli import show
from pastwatch.cli.exhibittracks import lat_lon, metres, track
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.tree import Command, Family, case_option

if TYPE_CHECKING:
    from pastwatch.desk.exhibiting import Entered
    from pastwatch.model.exhibit import CustodyStep, Exhibit

_FILE = click.Path(path_type=Path)
_BASES = click.Choice(["own", "consent", "order", "statute", "published", "other"])
_TITLE = 46
_NOT_STATED = "not stated"


@click.group(cls=Family)
def exhibits() -> None:
    """Keep other evidence: reports of laboratories, photographs, wreckage, tracks of positions."""


@exhibits.command(
    cls=Command,
    examples=("exhibits draft exhibit.toml", "exhibits draft exhibit.toml --json"),
    statuses=(0, 2),
)
@click.argument("file", type=_FILE)
def draft(file: Path) -> int:
    """Write a commented template for the account of an exhibit."""
    from pastwatch.desk.exhibiting import draft_exhibit

    written = draft_exhibit(file)
    show.out(f"wrote {written}: fill it in, then")
    show.out(f"  pastwatch exhibits add FILE --record {written} --basis own")
    return DONE


@exhibits.command(
    cls=Command,
    examples=(
        "exhibits add lab.pdf --record exhibit.toml --basis order",
        'exhibits add crane.jpg --kind photograph --title "The crane" --taken 2031-05-06 --basis own',
    ),
    statuses=(0, 2, 10, 20, 30, 40, 60),
)
@case_option()
@click.argument("file", type=_FILE)
@click.option("--record", "account", type=_FILE, metavar="TOML",
              help="Its account, as 'exhibits draft' writes it.")  # fmt: skip
@click.option("--basis", type=_BASES, required=True, help="The lawful basis it is held on.")
@click.option("--ground", default="", metavar="TEXT", help="The ground it is read on.")
@click.option("--kind", metavar="TEXT", help="What it is: laboratory report, photograph, wreckage.")
@click.option("--title", metavar="TEXT", help="What it is called.")
@click.option("--found", metavar="TEXT", help="What was measured, found or shown.")
@click.option("--by", "found_by", metavar="TEXT", help="By whom.")
@click.option("--method", metavar="TEXT", help="How.")
@click.option("--result", metavar="TEXT", help="What came out.")
@click.option("--limits", metavar="TEXT", help="What it cannot show.")
@click.option("--taken", metavar="TIME", help="When it was taken or made: a moment or a day.")
@click.option("--maker", "maker_type", metavar="TEXT",
              help="Who built it or its type; never who used it.")  # fmt: skip
@click.option("--grade", metavar="A1", help="Reliability A to F and credibility 1 to 6.")
@click.option("--place", metavar="TEXT", help="Where: a name.")
@click.option("--at", metavar="LAT,LON", help="Where: a point.")
@click.option("--radius", metavar="LENGTH", help="How far off the point may be, as in 50m.")
@click.pass_obj
def add(
    session: Session,
    /,
    *,
    case_name: str | None,
    file: Path,
    account: Path | None,
    basis: str,
    ground: str,
    **given: str | None,
) -> int:
    """Seal a file as an exhibit of a case, with a short account; asks for the granting key."""
    from pastwatch.desk.exhibiting import add_exhibit

    fields: dict[str, Any] = {n: v for n, v in given.items() if n not in {"place", "at", "radius"}}
    fields["place"] = _place(given)
    with session.case(case_name) as work:
        kept = add_exhibit(work, file, basis=basis, ground=ground, account=account, fields=fields)
        offset_s = work.event.zone_offset_s
    _print(session, kept, offset_s=offset_s)
    return DONE


def _place(given: dict[str, str | None]) -> dict[str, Any] | None:
    place: dict[str, Any] = {"name": given["place"]} if given["place"] else {}
    if given["at"]:
        place["lat"], place["lon"] = lat_lon(given["at"])
    if given["radius"]:
        place["radius_m"] = metres(given["radius"])
    return place or None


@exhibits.command(
    "list",
    cls=Command,
    examples=("exhibits list", "exhibits list --json"),
    statuses=(0, 1, 2, 10, 20),
)
@case_option()
@click.option("--struck", is_flag=True, help="Also those that no longer stand.")
@click.option("--picture", type=_FILE, metavar="FILE", help="Draw them on a map: .svg or .png.")
@click.pass_obj
def list_(session: Session, *, case_name: str | None, struck: bool, picture: Path | None) -> int:
    """List the exhibits of a case, and draw those that have a point on a map."""
    from pastwatch.desk.exhibiting import exhibits_of, picture_of_exhibits
    from pastwatch.desk.pictures import write_picture

    with session.case(case_name) as work:
        kept = exhibits_of(work, struck=struck)
        if picture is not None:
            write_picture(picture_of_exhibits(work), picture)
            show.say(f"wrote {picture}")
    if session.json:
        for one in kept:
            show.json_line(one.value, name=one.name, by=one.by, at_us=one.at_us,
                           struck=one.struck.reason if one.struck else None)  # fmt: skip
    elif kept:
        head = ("", "taken", "kind", "title", "by", "grade", "custody")
        show.table([_row(one) for one in kept], head=head)
    else:
        show.out("no exhibits")
    return DONE if kept else NOTHING_FOUND


def _row(one: Entered[Exhibit]) -> tuple[str, ...]:
    value = one.value
    gaps = len(value.custody_gaps())
    title = f"(struck) {value.title}" if one.struck else value.title
    return (
        one.name,
        _taken(value, short=True),
        show.cut(show.neutral(value.kind), 22),
        show.cut(show.neutral(title), _TITLE),
        show.cut(show.neutral(value.found_by), 28) or _NOT_STATED,
        f"{value.grade.reliability}{value.grade.credibility}" if value.grade else "",
        show.count(gaps, "gap") if gaps else "no gap stated",
    )


@exhibits.command(
    "show",
    cls=Command,
    examples=("exhibits show x1", "exhibits show x1 --json"),
    statuses=(0, 2, 10, 20),
)
@case_option()
@click.argument("name")
@click.pass_obj
def show_(session: Session, *, case_name: str | None, name: str) -> int:
    """Show an exhibit: what was found, by whom and how, through whose hands, and what is not stated."""
    from pastwatch.desk.exhibiting import exhibit_named

    with session.case(case_name) as work:
        kept = exhibit_named(work, name)
        offset_s = work.event.zone_offset_s
    _print(session, kept, offset_s=offset_s)
    return DONE


@exhibits.command(cls=Command, examples=('exhibits strike x1 --reason "another crane"', 'exhibits strike x1 --reason "another crane" --json'),
                  statuses=(0, 2, 10, 20))  # fmt: skip
@case_option()
@click.argument("name")
@click.option("--reason", required=True, metavar="TEXT", help="Why it no longer stands.")
@click.pass_obj
def strike(session: Session, *, case_name: str | None, name: str, reason: str) -> int:
    """Say that an exhibit (x1) or tracks (k1) no longer stand; the sealed file stays."""
    from pastwatch.desk import exhibiting

    with session.case(case_name) as work:
        exhibiting.strike(work, name, reason=reason)
    show.out(f"{name} no longer stands")
    return DONE


def _print(session: Session, kept: Entered[Exhibit], *, offset_s: int) -> None:
    value = kept.value
    if session.json:
        show.json_line(
            value,
            name=kept.name,
            custody_gaps=value.custody_gaps(),
            by=kept.by,
            at_us=kept.at_us,
            struck=kept.struck.reason if kept.struck else None,
        )
        return

    def said(text: str) -> str:
        return show.neutral(text) or _NOT_STATED

    place = value.place
    point = "" if place.lat is None else f"{place.lat:.5f}, {place.lon:.5f}"
    if point and place.radius_m is not None:
        point += f" (± {place.radius_m:,.0f} m)"
    where = " · ".join(part for part in (show.neutral(place.name), point) if part)
    show.facts(
        [
            (kept.name, show.neutral(value.title)),
            ("struck", show.neutral(kept.struck.reason) if kept.struck else ""),
            ("kind", show.neutral(value.kind)),
            ("taken", _taken(value)),
            ("place", where or _NOT_STATED),
            ("found", said(value.found)),
            ("by", said(value.found_by)),
            ("method", said(value.method)),
            ("result", said(value.result)),
            ("limits", said(value.limits)),
            ("grade", f"{value.grade.reliability}{value.grade.credibility}" if value.grade else ""),
            ("made by", f"{show.neutral(value.maker_type)} (maker or type, not who used it)"
             if value.maker_type else ""),
            *(("operated", (f"{show.neutral(o.statement)} (record {o.citation.record_id.hex()}, bytes "
               f"{o.citation.start_byte}–{o.citation.end_byte})")) for o in value.operated_by),
            ("operated", "" if value.operated_by or not value.maker_type else _NOT_STATED),
            ("note", show.neutral(value.note)),
        ]
    )  # fmt: skip
    _print_custody(value, offset_s=offset_s)
    for one in value.claimed_by_file:
        show.out(f"the file says of itself: {one.name}: {show.neutral(one.value)}")
    show.out()
    show.out(f"sealed: {show.neutral(value.file_name)}, {show.size(value.size_bytes)}, record "
             f"{value.record_id.hex()}")  # fmt: skip
    show.out(f"sha-256 {value.sha256.hex()}")
    show.out(f"kept by {show.neutral(kept.by)}, {show.moment(kept.at_us)}")


def _print_custody(value: Exhibit, *, offset_s: int) -> None:
    if value.custody:
        show.out()
        show.table(
            [_step(n, step, offset_s) for n, step in enumerate(value.custody, 1)],
            head=("custody", "from", "to", "when", "seal or hash", ""),
        )
    for gap in value.custody_gaps():
        show.out(f"gap in custody: {show.neutral(gap)}")


def _step(number: int, step: CustodyStep, offset_s: int) -> tuple[str, ...]:
    when = _NOT_STATED
    if step.earliest_us is not None and step.latest_us is not None:
        when = _between(step.earliest_us, step.latest_us, offset_s)
    parts = (step.given_by, step.taken_by, when, step.seal)
    return (str(number), *(show.neutral(p) or _NOT_STATED for p in parts), show.neutral(step.note))


def _taken(value: Exhibit, *, short: bool = False) -> str:
    if value.earliest_us is None or value.latest_us is None:
        return "undated"
    text = _between(value.earliest_us, value.latest_us, value.zone_offset_s)
    if short or not value.zone_offset_s:
        return text
    return f"{text} ({_between(value.earliest_us, value.latest_us, 0)})"


def _between(earliest_us: int, latest_us: int, offset_s: int) -> str:
    first = show.moment(earliest_us, offset_s=offset_s)
    last = show.moment(latest_us, offset_s=offset_s)
    if first == last:
        return first
    same_day = first[:10] == last[:10]
    if same_day and first[11:16] == "00:00" and last[11:16] == "23:59":
        return f"{first[:10]} {first[17:]}"
    return f"{first[:16]} to {last[11:] if same_day else last}"


exhibits.add_command(track)
