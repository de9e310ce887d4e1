"""Authorities: draft, sign, list and revoke them; and accounts that no authority reaches."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, moment
from pastwatch.cli.tree import Command, Family

_FILE = click.Path(path_type=Path)


@click.group(cls=Family)
def authority() -> None:
    """Say who may open what, why and until when: draft, sign, list, revoke."""


@authority.command(
    cls=Command,
    examples=("authority draft idlib", "authority draft idlib --out grant.toml --span 24"),
    statuses=(0, 2, 20, 60),
)
@click.argument("event_id", metavar="EVENT")
@click.option(
    "--out", type=_FILE, default="grant.toml", show_default=True, help="The file to write."
)
@click.option("--span", type=click.IntRange(min=0), metavar="HOURS",
              help="Hours either side of the event.  [default: 72]")  # fmt: skip
@click.option("--ground", default="", metavar="TEXT", help="The legal ground, if known already.")
@click.pass_obj
def draft(session: Session, *, event_id: str, out: Path, span: int | None, ground: str) -> int:
    """Write a commented authority for an event, to be filled in and signed."""
    with session.archive() as archive:
        path = archive.draft_authority(event_id, out, span_hours=span, ground=ground)
    if session.json:
        show.json_line(None, path=str(path))
        return DONE
    show.out(f"written: {path}")
    what = "read it" if ground else "fill in its ground"
    show.out(f"{what}, then: pastwatch authority sign {path}")
    return DONE


@authority.command(
    cls=Command,
    examples=("authority sign grant.toml", "authority sign grant.toml --granting"),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("file", type=_FILE)
@click.option("--granting", is_flag=True, help="Sign with the granting key, as the custodian.")
@click.pass_obj
def sign(session: Session, *, file: Path, granting: bool) -> int:
    """Sign an authority: who asks signs with their own key, who approves with the granting key."""
    with session.archive() as archive:
        signed = archive.sign_authority(file, granting=granting)
    if session.json:
        show.json_line(signed)
        return DONE
    names = ", ".join(f"{s.person} ({s.key_id})" for s in signed.signatures)
    scope = signed.scope
    named = f"{count(len(scope.source_ids), 'source')}" if scope.source_ids else "all sources"
    accounts = f", {count(len(scope.accounts), 'account')}" if scope.accounts else ""
    show.facts(
        [
            ("authority", signed.authority_id),
            ("signed by", names),
            ("opens", f"{moment(scope.span.start_us)} to {moment(scope.span.end_us)}"),
            ("", f"{named}{accounts}; {', '.join(signed.acts)}"),
            ("valid to", moment(signed.valid.end_us)),
            ("note", "self-authorised" if signed.self_authorised else ""),
            ("note", "person-centred" if signed.person_centred else ""),
        ]
    )
    show.out(f"next: pastwatch case open {signed.event_id} --authority {file}")
    return DONE


@authority.command(
    "list", cls=Command, examples=("authority list", "authority list --json"), statuses=(0, 1, 20)
)
@click.pass_obj
def list_(session: Session) -> int:
    """List authorities as they stand: signed, granted or revoked."""
    with session.archive() as archive:
        states = archive.authorities()
    if session.json:
        for state in states:
            show.json_line(state)
    elif states:
        show.table(
            [
                (
                    *(s.authority.authority_id, s.status.value, s.authority.event_id),
                    *(f"to {moment(s.authority.valid.end_us)}", show.neutral(s.by)),
                    show.neutral(s.reason),
                )
                for s in states
            ],
            head=("authority", "status", "event", "valid", "by", ""),
        )
    else:
        show.out("no authorities yet: pastwatch authority draft EVENT")
    return DONE if states else NOTHING_FOUND


@authority.command(
    cls=Command,
    examples=(
        'authority revoke idlib-3fa2c1 --reason "the order was lifted"',
        'authority revoke idlib-3fa2c1 --reason "wrong span" --json',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("authority_id", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept.")
@click.pass_obj
def revoke(session: Session, *, authority_id: str, reason: str) -> int:
    """End an authority before its time; keys once granted cannot be called back."""
    with session.archive() as archive:
        archive.revoke(authority_id, reason=reason)
    if session.json:
        show.json_line(None, authority_id=authority_id, status="revoked")
    else:
        show.out(f"{authority_id} is revoked: its case opens nothing from now on")
    return DONE


@click.command(
    cls=Command,
    examples=(
        'protect lawyer@chambers.example --reason "defence counsel"',
        'protect clinic.example --reason "medical confidence"',
    ),
    statuses=(0, 2, 20, 60),
)
@click.argument("address")
@click.option(
    "--reason", required=True, metavar="TEXT", help="Why: lawyer, doctor, clergy, child …"
)
@click.pass_obj
def protect(session: Session, *, address: str, reason: str) -> int:
    """Withhold an account or a domain from every case opened from now on."""
    with session.archive() as archive:
        archive.protect(address, reason=reason)
    if not session.json:
        show.out("withheld from every case opened from now on; cases open already are not changed")
    return DONE
