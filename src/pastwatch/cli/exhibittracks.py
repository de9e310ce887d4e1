"""The commands of tracks: timed positions, what the receiver covered, who was near and when."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exhibitnear import print_near
from pastwatch.cli.exhibittrackprint import print_subject, print_tracks
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.tree import Command, Family, case_option
from pastwatch.errors import UsageError
from pastwatch.model.when import SECOND_US, parse_iso

if TYPE_CHECKING:
    from pastwatch.desk.exhibiting import Entered
    from pastwatch.model.track import Tracks

_FILE = click.Path(path_type=Path)
_BASES = click.Choice(["own", "consent", "order", "statute", "published", "other"])
_KINDS = click.Choice(["csv", "gpx", "sbs", "readsb", "opensky", "ais", "nmea"])
_LENGTH = re.compile(r"([0-9]+(?:[.][0-9]+)?)\s*(m|km|nm|mi)")
_METRES = {"m": 1.0, "km": 1000.0, "nm": 1852.0, "mi": 1609.344}
_SHOWN = 20


@click.group(cls=Family)
def track() -> None:
    """Keep timed positions: of ships, aircraft and devices, with what their receiver covered."""


def lat_lon(said: str) -> tuple[float, float]:
    """A latitude and longitude in degrees, as in 55.7052,12.6002."""
    try:
        lat, lon = (float(part) for part in said.split(","))
    except ValueError:
        raise UsageError(
            f'"{said}" is no point', hint="latitude and longitude in degrees: 55.7052,12.6002"
        ) from None
    return lat, lon


def metres(said: str) -> float:
    """A length in metres, as in 500m, 5km or 3nm."""
    found = _LENGTH.fullmatch(said.strip())
    if found is None:
        raise UsageError(f'"{said}" is no length', hint="as in 500m, 5km, 3nm or 2mi")
    return float(found[1]) * _METRES[found[2]]


def moment_us(said: str, offset_s: int) -> int:
    """A time; without a zone it is in the event's."""
    time_us, _ = parse_iso(said)
    has_zone = re.search(r"(?:Z|[+-]\d\d:?\d\d)\Z", said.strip()) and "T" in said.replace(" ", "T")
    return time_us if has_zone else time_us - offset_s * SECOND_US


@track.command(
    cls=Command,
    examples=(
        "exhibits track add ais.csv --kind ais --basis published",
        "exhibits track add log.csv --map lat=north --map lon=east --zone +02:00 --basis order",
    ),
    statuses=(0, 2, 3, 10, 20, 30, 40, 60),
)
@case_option()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--kind", type=_KINDS, help="The form; told by the first file where not given.")
@click.option("--basis", type=_BASES, required=True, help="The lawful basis they are held on.")
@click.option("--ground", default="", metavar="TEXT", help="The ground they are read on.")
@click.option("--title", default="", metavar="TEXT", help="What they are called.")
@click.option("--map", "mapping", multiple=True, metavar="ROLE=COLUMN",
              help="Which column is time, date, lat, lon, altitude, speed, id, label or maker: its "
              "head or #2, and a unit, as in speed=sog:kn.")  # fmt: skip
@click.option("--zone", default="", metavar="ZONE", help="The zone of times that state none.")
@click.option("--dates", default="", type=click.Choice(["", "dmy", "mdy"]),
              help="How dates that end in the year are written.")  # fmt: skip
@click.option("--transmitter", default="", type=click.Choice(["", "aircraft", "vessel", "vehicle", "device"]),
              help="What transmits.")  # fmt: skip
@click.option(
    "--subject", default="", metavar="TEXT", help="Whose they are where no column says it."
)
@click.option("--coverage", multiple=True, metavar="FROM/UNTIL",
              help="When the receiver was listening, as somebody states it.")  # fmt: skip
@click.option("--coverage-by", default="", metavar="TEXT", help="Who states it.")
@click.pass_obj
def add(
    session: Session,
    *,
    case_name: str | None,
    files: tuple[Path, ...],
    kind: str | None,
    basis: str,
    ground: str,
    title: str,
    mapping: tuple[str, ...],
    zone: str,
    dates: str,
    transmitter: str,
    subject: str,
    coverage: tuple[str, ...],
    coverage_by: str,
) -> int:
    """Seal files of one receiver's or device's positions; asks for the granting key."""
    from pastwatch.desk.exhibitingtracks import Told, add_tracks

    with session.case(case_name) as work:
        offset_s = work.event.zone_offset_s
        told = Told(
            title=title,
            kind=kind or "",
            subject_kind=transmitter,
            mapping=dict(_pair(one, "=", "--map lat=COLUMN") for one in mapping),
            zone=zone,
            dates=dates,
            subject=subject,
            windows=[_window(one, offset_s) for one in coverage],
            windows_by=coverage_by,
        )
        kept = add_tracks(work, files, told, basis=basis, ground=ground)
    print_tracks(session, kept, offset_s=offset_s, limit=_SHOWN)
    return DONE


def _pair(said: str, sign: str, example: str) -> tuple[str, str]:
    one, found, two = said.partition(sign)
    if not found or not one.strip() or not two.strip():
        raise UsageError(f'"{said}" does not read', hint=f"as in {example}")
    return one.strip(), two.strip()


def _window(said: str, offset_s: int) -> tuple[int, int]:
    one, two = _pair(said, "/", "--coverage 2031-05-06T08:00+02:00/2031-05-06T20:00+02:00")
    return moment_us(one, offset_s), moment_us(two, offset_s)


@track.command(
    "list",
    cls=Command,
    examples=("exhibits track list", "exhibits track list --json"),
    statuses=(0, 1, 2, 10, 20),
)
@case_option()
@click.option("--struck", is_flag=True, help="Also those that no longer stand.")
@click.pass_obj
def list_(session: Session, *, case_name: str | None, struck: bool) -> int:
    """List the tracks of a case."""
    from pastwatch.desk.exhibitingtracks import tracks_in

    with session.case(case_name) as work:
        kept = tracks_in(work, struck=struck)
        offset_s = work.event.zone_offset_s
    if session.json:
        for one in kept:
            show.json_line(one.value, name=one.name, by=one.by, at_us=one.at_us,
                           struck=one.struck.reason if one.struck else None)  # fmt: skip
    elif kept:
        head = ("", "title", "form", "from", "until", "positions", "of", "left out", "coverage")
        show.table([_row(one, offset_s) for one in kept], head=head, right={5, 6, 7})
    else:
        show.out("no tracks")
    return DONE if kept else NOTHING_FOUND


def _row(one: Entered[Tracks], offset_s: int) -> tuple[str, ...]:
    value = one.value
    doubt = "~" if value.slack_before_us else ""
    return (
        one.name,
        show.cut(show.neutral(("(struck) " if one.struck else "") + value.title), 36),
        value.kind.value,
        doubt + show.moment(value.first_us or 0, offset_s=offset_s),
        doubt + show.moment(value.last_us or 0, offset_s=offset_s),
        show.count(value.positions),
        show.count(value.subject_count, value.subject_kind),
        show.count(sum(value.rejected.values())),
        value.coverage,
    )


@track.command(
    "show",
    cls=Command,
    examples=("exhibits track show k1", "exhibits track show k1 219000001 --picture way.png"),
    statuses=(0, 2, 10, 20),
)
@case_option()
@click.argument("name")
@click.argument("subjects", nargs=-1)
@click.option("--limit", default=_SHOWN, show_default=True, metavar="N", help="Lines a table.")
@click.option("--picture", type=_FILE, metavar="FILE", help="Draw the ways: .svg or .png.")
@click.option("--from", "since", metavar="TIME", help="Draw from here on.")
@click.option("--until", metavar="TIME", help="Draw up to here.")
@click.pass_obj
def show_(
    session: Session,
    *,
    case_name: str | None,
    name: str,
    subjects: tuple[str, ...],
    limit: int,
    picture: Path | None,
    since: str | None,
    until: str | None,
) -> int:
    """Show tracks, or single subjects of them: span, coverage, gaps and what they can mean."""
    from pastwatch.desk.exhibitingtracks import open_tracks, tracks_in
    from pastwatch.desk.pictures import write_picture

    with session.case(case_name) as work:
        offset_s = work.event.zone_offset_s
        kept = next((one for one in tracks_in(work, struck=True) if one.name == name), None)
        if kept is None:
            raise UsageError(f'this case has no tracks "{name}"', hint="see 'exhibits track list'")
        if subjects or picture is not None:
            held = open_tracks(work, name)
            if picture is not None:
                drawn = subjects or tuple(s.subject for s in kept.value.subjects)
                between = None
                if since or until:
                    between = (
                        moment_us(since, offset_s) if since else kept.value.first_us or 0,
                        moment_us(until, offset_s) if until else (kept.value.last_us or 0) + 1,
                    )
                write_picture(held.picture(drawn, between_us=between), picture)
                show.say(f"wrote {picture}")
            for wanted in subjects:
                rows = held.positions.rows_of(wanted)
                found = next(
                    s for s in held.subjects() if s.subject.casefold() == wanted.casefold()
                )
                cites = held.cites([rows.start, rows.stop - 1])
                texts = [held.row_text(cite) for cite in cites]
                print_subject(session, found, held.gaps(wanted), offset_s=offset_s, limit=limit)
                if not session.json:
                    for cite, text in zip(cites, texts, strict=True):
                        show.out(f"{show.neutral(cite.file_name)} bytes {cite.start_byte:,}–"
                                 f"{cite.end_byte:,}: {show.cut(show.neutral(text), 100)}")  # fmt: skip
    if not subjects:
        print_tracks(session, kept, offset_s=offset_s, limit=limit)
    return DONE


@track.command(
    cls=Command,
    examples=(
        (
            "exhibits track near k1 --at 55.7052,12.6002 --within 2km "
            "--from 2031-05-06T10:00 --until 2031-05-06T11:00"
        ),
        (
            "exhibits track near k2 --at 55.7052,12.6002 --within 500m "
            "--from 2031-05-06 --until 2031-05-07 --json"
        ),
    ),
    statuses=(0, 1, 2, 10, 20),
)
@case_option()
@click.argument("name")
@click.option("--at", required=True, metavar="LAT,LON", help="The point.")
@click.option("--within", required=True, metavar="LENGTH", help="How near: 500m, 5km, 3nm.")
@click.option("--from", "since", required=True, metavar="TIME", help="From when on.")
@click.option("--until", required=True, metavar="TIME", help="Until when.")
@click.option("--gap", "gap_s", default=300.0, show_default=True, metavar="SECONDS",
              help="Between positions further apart than this, the way is not known.")  # fmt: skip
@click.option("--unknown", is_flag=True, help="List also those of whom it is not known.")
@click.option("--limit", default=_SHOWN, show_default=True, metavar="N", help="Lines a table.")
@click.option("--picture", type=_FILE, metavar="FILE", help="Draw it on a map: .svg or .png.")
@click.pass_obj
def near(
    session: Session,
    *,
    case_name: str | None,
    name: str,
    at: str,
    within: str,
    since: str,
    until: str,
    gap_s: float,
    unknown: bool,
    limit: int,
    picture: Path | None,
) -> int:
    """Tell who came within a distance of a point, how near, how long, and of whom it is not known."""
    from pastwatch.desk.exhibitingtracks import open_tracks
    from pastwatch.desk.pictures import write_picture

    lat, lon = lat_lon(at)
    radius_m = metres(within)
    with session.case(case_name) as work:
        offset_s = work.event.zone_offset_s
        span = (moment_us(since, offset_s), moment_us(until, offset_s))
        held = open_tracks(work, name)
        found = held.near(
            lat=lat, lon=lon, radius_m=radius_m, from_us=span[0], until_us=span[1],
            interpolate_s=gap_s, cite=limit,
        )  # fmt: skip
        covered_us = held.listening.covered_us(*span)
        tracks = held.tracks
        if picture is not None:
            shown = [one.subject for one in found.within]
            write_picture(held.picture(shown, asked=(lat, lon, radius_m), between_us=span), picture)
            show.say(f"wrote {picture}")
    print_near(
        session, name, tracks, found, point=(lat, lon), radius_m=radius_m, span=span,
        covered_us=covered_us, offset_s=offset_s, limit=limit, unknown=unknown,
    )  # fmt: skip
    return DONE if found.within else NOTHING_FOUND
