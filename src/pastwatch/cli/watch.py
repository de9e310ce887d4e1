"""Watches: write, keep, start, end and list them; their standing authorities; which sources they meet."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show, watchalerts
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, moment, neutral
from pastwatch.cli.tree import Command, Family
from pastwatch.cli.watchview import authority_line, state_line, watch_desk

_FILE = click.Path(path_type=Path)
_VERSION = click.option("--version", "number", type=click.IntRange(min=1), metavar="N",
                        help="This version.  [default: the last]")  # fmt: skip


@click.group(cls=Family)
def watch() -> None:
    """Watch what arrives: keep, start and end watches, and read their alerts."""


@watch.command(
    cls=Command,
    examples=("watch draft valve.toml", "watch draft valve.toml --json"),
    statuses=(0, 2, 20, 60),
)
@click.argument("file", type=_FILE)
@click.pass_obj
def draft(session: Session, *, file: Path) -> int:
    """Write a commented watch, to be filled in."""
    from pastwatch.desk.standing import draft_watch

    with session.archive() as archive:
        path = draft_watch(archive.office, file)
    return _written(session, path, f"pastwatch watch add {path}")


@watch.command(
    cls=Command,
    examples=("watch add valve.toml", "watch add valve.toml --json"),
    statuses=(0, 2, 20, 40, 60),
)
@click.argument("file", type=_FILE)
@click.pass_obj
def add(session: Session, *, file: Path) -> int:
    """Keep a watch by its exact bytes: from its entry in the ledger on, it may predict."""
    from pastwatch.desk.standing import add as keep
    from pastwatch.desk.standingview import follows_of

    with watch_desk(session) as archive:
        kept, entry = keep(archive.office, file)
        follows = follows_of(kept.watch)
    own = kept.watch
    if session.json:
        show.json_line(
            None,
            watch=own.name,
            version=own.version,
            sha256=own.text_sha256,
            entry=entry.sequence,
            kept_us=entry.time_us,
            follows_persons=[f"{d.branch}: {d.reason}" for d in follows],
        )
        return DONE
    show.facts(
        [
            ("kept", f"{own.name} v{own.version}"),
            ("text", own.text_sha256),
            ("ledger", f"entry {entry.sequence} of {moment(entry.time_us, seconds=True)}"),
            ("authority", own.authority_id),
            *[("follows", f"persons: {d.branch}: {d.reason}") for d in follows],
        ]
    )
    show.out(f"next: pastwatch watch start {own.name}")
    return DONE


@watch.command(
    cls=Command,
    examples=("watch start valve-room", "watch start valve-room --version 2"),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("name")
@_VERSION
@click.pass_obj
def start(session: Session, *, name: str, number: int | None) -> int:
    """Let a watch run in every `collect --watch`; refused with all that stands against it."""
    from pastwatch.desk.standing import start as begin

    with watch_desk(session) as archive:
        done = begin(archive.office, name, number)
    own = done.kept.watch
    until_us = done.authority.valid.end_us
    if session.json:
        show.json_line(
            None,
            watch=own.name,
            version=own.version,
            entry=done.sequence,
            authority=done.authority.authority_id,
            until_us=until_us,
            follows_persons=bool(done.follows),
            not_watched=list(done.unwatched),
            beside=list(done.beside),
        )
        return DONE
    show.out(f"{own.name} v{own.version} runs until {moment(until_us)}: entry {done.sequence}")
    if done.follows:
        show.out("it follows persons: it stands on a line of its own in the overseer's report")
    for one in done.unwatched:
        show.say(f"pastwatch: source {neutral(one)} is not there, or not watched: watch sources")
    for version in done.beside:
        show.say(
            f"pastwatch: version {version} runs beside it; to end that one: "
            f"pastwatch watch end {own.name} --version {version} --reason …"
        )
    show.out("next: pastwatch collect … --watch")
    return DONE


@watch.command(
    cls=Command,
    examples=('watch end valve-room --reason "the valve was replaced"',
              'watch end valve-room --version 1 --reason "version 2 runs"'),
    statuses=(0, 2, 20, 60),
)  # fmt: skip
@click.argument("name")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept.")
@click.option("--version", "number", type=click.IntRange(min=1), metavar="N",
              help="This version.  [default: every one that runs]")  # fmt: skip
@click.pass_obj
def end(session: Session, *, name: str, reason: str, number: int | None) -> int:
    """End a watch: collectors stop it, its alerts stay."""
    from pastwatch.desk.standing import end as stop

    with watch_desk(session) as archive:
        ended = stop(archive.office, name, reason=reason, version=number)
    for one in ended:
        if session.json:
            show.json_line(None, watch=one.watch, version=one.version, entry=one.sequence)
        else:
            show.out(f"{one.watch} v{one.version} is ended: entry {one.sequence}")
    return DONE


@watch.command(
    "list", cls=Command, examples=("watch list", "watch list --json"), statuses=(0, 1, 20)
)
@click.pass_obj
def list_(session: Session) -> int:
    """List the watches, how each stands, under which authority, and its alerts."""
    from pastwatch.desk.standingview import views

    with watch_desk(session) as archive:
        found = views(archive.office)
    if session.json:
        for one in found:
            show.json_line(one.plain())
    elif found:
        show.table(
            [
                (
                    *(f"{o.kept.watch.name} v{o.kept.watch.version}", o.kept.watch.severity.value),
                    *(state_line(o.kept), "persons" if o.follows else ""),
                    *(authority_line(o.authority), f"{o.examined:,}", f"{o.alerts:,}"),
                    f"{o.unacknowledged:,}",
                )
                for o in found
            ],
            head=("watch", "severity", "state", "follows", "authority", "examined", "alerts", "new"),
            right=(5, 6, 7),
        )  # fmt: skip
    else:
        show.out("no watches yet: pastwatch watch draft FILE")
    return DONE if found else NOTHING_FOUND


@watch.command(
    "show",
    cls=Command,
    examples=("watch show valve-room", "watch show valve-room --version 1"),
    statuses=(0, 2, 20),
)
@click.argument("name")
@_VERSION
@click.pass_obj
def show_(session: Session, *, name: str, number: int | None) -> int:
    """Show a watch: its text, its states, its authority, and by what it follows persons."""
    from pastwatch.desk.standingview import views

    with watch_desk(session) as archive:
        wanted = archive.office.desk.watch(name, number).watch
        (found,) = [o for o in views(archive.office, name) if o.kept.watch == wanted]
    if session.json:
        show.json_line(found.plain(), text=found.kept.text.decode())
        return DONE
    show.facts(
        [
            ("watch", f"{wanted.name} v{wanted.version} · {state_line(found.kept)}"),
            ("text", wanted.text_sha256),
            ("ledger", f"entry {found.entry} of {moment(found.kept_us or 0, seconds=True)}"
                       if found.entry is not None else "not in the ledger"),
            ("authority", authority_line(found.authority)),
            *[("follows", f"persons: {d.branch}: {d.reason}") for d in found.follows],
            *[("against it", reason) for reason in found.against],
            ("examined", count(found.examined, "record")),
            ("alerts", f"{found.alerts:,}, {found.unacknowledged:,} not acknowledged"),
            *[
                (s.state.value, f"{moment(s.at_us, seconds=True)} by {neutral(s.by)}: {neutral(s.reason)}")
                for s in found.kept.states
            ],
        ]
    )  # fmt: skip
    show.out()
    show.out(neutral(found.kept.text.decode(), lines=True).rstrip())
    return DONE


@watch.command(
    cls=Command,
    examples=("watch sources", 'watch sources --never clinic --reason "medical confidence"',
              'watch sources --allow inbox --reason "she asked for it"'),
    statuses=(0, 1, 2, 20, 60),
)  # fmt: skip
@click.option("--never", metavar="NAME", help="Keep this source from every watch.")
@click.option("--allow", metavar="NAME", help="Let watches meet this source.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept.")
@click.pass_obj
def sources(session: Session, *, never: str | None, allow: str | None, reason: str) -> int:
    """Show which sources watches meet and why, or mark one."""
    from pastwatch.desk.standingsources import mark_source, watched_sources

    if never and allow:
        raise click.UsageError("--never and --allow are not given together")
    with watch_desk(session) as archive:
        chosen = never or allow
        if chosen:
            mark_source(archive.office, chosen, watched=chosen == allow, reason=reason)
        found = watched_sources(archive.office)
    if session.json:
        for one in found:
            own = one.source
            show.json_line(
                None,
                source=own.name,
                basis=own.lawful_basis,
                watched=one.watched,
                why=one.why,
                reason=one.reason,
            )
    else:
        show.table(
            [
                (
                    *(s.source.name, s.source.lawful_basis.value),
                    *("watched" if s.watched else "not watched", s.why, neutral(s.reason)),
                )
                for s in found
            ]
        )
    return DONE if found else NOTHING_FOUND


@watch.group(cls=Family)
def authority() -> None:
    """Draft and sign the standing authority that watches run under."""


@authority.command(
    "draft",
    cls=Command,
    examples=("watch authority draft standing.toml", "watch authority draft standing.toml --json"),
    statuses=(0, 2, 20, 60),
)
@click.argument("file", type=_FILE)
@click.pass_obj
def draft_authority(session: Session, *, file: Path) -> int:
    """Write a commented standing authority, to be filled in and signed."""
    from pastwatch.desk.standing import draft_standing_authority

    with session.archive() as archive:
        path = draft_standing_authority(archive.office, file)
    return _written(session, path, f"pastwatch watch authority sign {path}")


@authority.command(
    "sign",
    cls=Command,
    examples=(
        "watch authority sign standing.toml",
        "watch authority sign standing.toml --granting",
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("file", type=_FILE)
@click.option("--granting", is_flag=True, help="Sign with the granting key, as the custodian.")
@click.pass_obj
def sign_authority(session: Session, *, file: Path, granting: bool) -> int:
    """Sign a standing authority; its hash and who signed go into the ledger."""
    from pastwatch.desk.standingrules import sign_standing

    with watch_desk(session) as archive:
        signed = sign_standing(archive.office, file, granting=granting)
    if session.json:
        show.json_line(signed)
        return DONE
    names = ", ".join(f"{neutral(s.person)} ({s.key_id})" for s in signed.signatures)
    review = signed.review_us
    show.facts(
        [
            ("authority", signed.authority_id),
            ("signed by", names),
            ("valid to", moment(signed.valid.end_us)),
            ("review", moment(review) if review is not None else ""),
            ("accounts", f"{len(signed.scope.accounts):,}" if signed.scope.accounts else ""),
            ("note", "self-authorised" if signed.self_authorised else ""),
        ]
    )
    return DONE


def _written(session: Session, path: Path, following: str) -> int:
    if session.json:
        show.json_line(None, path=str(path))
    else:
        show.out(f"written: {path}")
        show.out(f"fill it in, then: {following}")
    return DONE


for _command in (
    *(watchalerts.alerts, watchalerts.read, watchalerts.ack, watchalerts.event),
    watchalerts.report,
):
    watch.add_command(_command)
