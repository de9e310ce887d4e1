"""Draft an authority as a file a person fills in, sign it, and read it back unchanged."""

from __future__ import annotations

import hashlib
import json
import secrets
import tomllib
from pathlib import Path
from typing import Any

import rfc8785

from pastwatch.archive.signatures import canonical, signed
from pastwatch.desk.office import Office
from pastwatch.errors import BadSignature, NoAuthority, UsageError
from pastwatch.model.authority import Act, Authority, AuthorityKind, Event, Scope
from pastwatch.model.case import AuthorityStatus
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.model.when import DAY_US, HOUR_US, Span, iso, parse_iso

_TEMPLATE = """\
# The authority for one case: what may be opened, for whom, why, and until when.
# Fill it in, then: pastwatch authority sign {file}

authority_id = "{authority_id}"
event = "{event}"
purpose = "{purpose}"
ground = "{ground}"          # the legal ground: an order, a mandate, your own data …
ground_document = ""        # a file; its SHA-256 is signed with the authority
granted_to = "{person}"
granted_by = "{person}"          # the same person twice is printed as "self-authorised"

# What is reached. Times with a zone; the end is not included.
from = "{start}"
until = "{end}"
undated = false             # true also opens records that carry no usable time
sources = {sources}         # empty = all
areas = []                  # an unknown place counts as inside, and is counted
accounts = []               # empty = all

# locate = envelopes only · read = text · baseline = counts only · enrich · export
acts = ["read"]
valid_from = "{valid_from}"
valid_until = "{valid_until}"
review = ""                 # when somebody looks again at whether this is still needed
approvals = 1
necessity = ""              # needed when the span is over 30 days
"""

_STANDING = """\
# A standing authority: under which watches may run and their alerts be read, why, and until when.
# It opens nothing that is held already. Fill it in, then: pastwatch watch authority sign {file}

kind = "standing"
authority_id = "{authority_id}"
purpose = ""                # why somebody must know of what arrives
ground = ""                 # the legal ground: an order, a mandate, your own data …
ground_document = ""        # a file; its SHA-256 is signed with the authority
granted_to = "{person}"
granted_by = "{person}"          # the same person twice is printed as "self-authorised"
valid_from = "{valid_from}"
valid_until = "{valid_until}"   # then its watches stop
review = "{review}"        # when somebody looks again at whether this is still needed
sources = []                # empty = every source not marked no-watch
approvals = 1

# Only for watches that follow persons: all of these, a second signature, and 90 days at most.
accounts = []               # every account that such a watch names
event = ""                  # the event because of which they are followed, or:
necessity = ""              # the threat and the reasons for it; needed over 30 days in any case
"""
STANDING_DAYS = 30
_STANDING_TYPES = {"sources": list, "accounts": list, "approvals": int}


def draft(
    office: Office,
    event: Event,
    *,
    file_name: str,
    span_hours: int | None = None,
    ground: str = "",
) -> str:
    """A commented TOML file for an event: ± the default span, all sources, 14 days."""
    hours = span_hours if span_hours is not None else office.settings.span_hours
    now = office.clock()
    offset = event.zone_offset_s
    return _TEMPLATE.format(
        file=file_name,
        authority_id=f"{event.event_id}-{secrets.token_hex(3)}",
        event=event.event_id,
        purpose=_quoted(f"find out what communications held bear on {event.title}"),
        ground=_quoted(ground),
        person=_quoted(office.person),
        start=iso(event.when.start_us - hours * HOUR_US, offset_s=offset),
        end=iso(event.when.end_us + hours * HOUR_US, offset_s=offset),
        sources=json.dumps([s.name for s in office.sources().values()]),
        valid_from=iso(now),
        valid_until=iso(now + office.settings.valid_days * DAY_US),
    )


def draft_standing(office: Office, *, file_name: str) -> str:
    """A commented TOML file for a standing authority: 30 days, reviewed after half of them."""
    now = office.clock()
    return _STANDING.format(
        file=file_name,
        authority_id=f"standing-{secrets.token_hex(3)}",
        person=_quoted(office.person),
        valid_from=iso(now),
        valid_until=iso(now + STANDING_DAYS * DAY_US),
        review=iso(now + STANDING_DAYS // 2 * DAY_US),
    )


def _quoted(text: str) -> str:
    """Text as it stands between the quotation marks of a TOML string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def read_draft(office: Office, path: Path) -> Authority:
    """The authority a filled-in TOML file describes; UsageError names the line that does not fit."""
    try:
        plain: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise UsageError(f'"{path.name}" cannot be read') from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise UsageError(f'"{path.name}" does not parse: {wrong}') from wrong
    standing = plain.get("kind") == AuthorityKind.STANDING
    template = _STANDING if standing else _TEMPLATE
    known = set(tomllib.loads(template.format_map(_Blank())))
    unknown = sorted(set(plain) - known)
    if unknown:
        raise UsageError(f'"{path.name}": no such line: {", ".join(unknown)}')
    missing = sorted(known - set(plain))
    if missing:
        raise UsageError(f'"{path.name}": missing: {", ".join(missing)}')
    document = plain["ground_document"]
    if standing:
        return _standing(office, path, plain)
    return Authority(
        authority_id=plain["authority_id"],
        kind=AuthorityKind.CASE,
        event_id=plain["event"],
        purpose=plain["purpose"],
        acts=tuple(_act(a) for a in plain["acts"]),
        granted_by=plain["granted_by"],
        granted_to=plain["granted_to"],
        ground=plain["ground"],
        ground_document_sha256=_sha256(path.parent / document) if document else "",
        scope=Scope(
            span=Span(start_us=parse_iso(plain["from"])[0], end_us=parse_iso(plain["until"])[0]),
            undated=bool(plain["undated"]),
            source_ids=tuple(office.source_id(name) for name in plain["sources"]),
            areas=tuple(plain["areas"]),
            accounts=tuple(plain["accounts"]),
        ),
        valid=Span(
            start_us=parse_iso(plain["valid_from"])[0], end_us=parse_iso(plain["valid_until"])[0]
        ),
        necessity=plain["necessity"],
        review_us=parse_iso(plain["review"])[0] if plain["review"] else None,
        approvals_needed=int(plain["approvals"]),
    )


def _standing(office: Office, path: Path, plain: dict[str, Any]) -> Authority:
    """The standing authority of a filled-in file; it reaches what arrives while it is valid."""
    for line, value in plain.items():
        if type(value) is not _STANDING_TYPES.get(line, str):
            raise UsageError(f'"{path.name}": the line {line!r} is written otherwise')
    document = plain["ground_document"]
    valid = Span(
        start_us=parse_iso(plain["valid_from"])[0], end_us=parse_iso(plain["valid_until"])[0]
    )
    if not plain["review"]:
        raise UsageError(f'"{path.name}" names no date on which it is reviewed')
    if plain["event"]:
        office.desk.event(plain["event"])
    return Authority(
        authority_id=plain["authority_id"],
        kind=AuthorityKind.STANDING,
        event_id=plain["event"],
        purpose=plain["purpose"],
        acts=(Act.READ,),
        granted_by=plain["granted_by"],
        granted_to=plain["granted_to"],
        ground=plain["ground"],
        ground_document_sha256=_sha256(path.parent / document) if document else "",
        scope=Scope(
            span=valid,
            undated=True,
            source_ids=tuple(office.source_id(name) for name in plain["sources"]),
            accounts=tuple(plain["accounts"]),
        ),
        valid=valid,
        necessity=plain["necessity"],
        review_us=parse_iso(plain["review"])[0],
        approvals_needed=int(plain["approvals"]),
    )


def sign(office: Office, path: Path, *, granting: bool = False) -> tuple[Authority, Path]:
    """Sign the exact canonical bytes of a draft; the signatures stand in a file beside it."""
    authority = read_draft(office, path)
    signed_path = path.with_suffix(".signed.json")
    if signed_path.exists():
        earlier = _read_signed(signed_path)
        if canonical(earlier) == canonical(authority):
            authority = earlier
    key = office.ring.granting() if granting else office.ring.user()
    authority = signed(authority, key, clock_us=office.clock())
    signed_path.write_bytes(rfc8785.dumps(to_plain(authority)))
    office.desk.put_authority(
        authority, status=AuthorityStatus.SIGNED, by=key.person, at_us=office.clock()
    )
    return authority, signed_path


def read_authority(office: Office, path: Path) -> Authority:
    """A signed authority: from its TOML file and the signatures beside it, which must agree."""
    signed_path = path if path.suffix == ".json" else path.with_suffix(".signed.json")
    if not signed_path.exists():
        raise BadSignature(
            f'"{path.name}" is not signed', hint=f"sign it: 'pastwatch authority sign {path.name}'"
        )
    authority = _read_signed(signed_path)
    if path.suffix != ".json" and canonical(read_draft(office, path)) != canonical(authority):
        raise BadSignature(
            f'"{path.name}" was changed after it was signed',
            hint=f"sign it again: 'pastwatch authority sign {path.name}'",
        )
    if authority.kind is AuthorityKind.STANDING:
        raise NoAuthority(
            f"authority {authority.authority_id} stands for watches: it opens no case and "
            "counts nothing"
        )
    return authority


def _read_signed(path: Path) -> Authority:
    try:
        return from_plain(Authority, json.loads(path.read_bytes()))
    except (OSError, ValueError) as wrong:
        raise UsageError(f'"{path.name}" does not read as a signed authority') from wrong


def _act(name: str) -> Act:
    try:
        return Act(name)
    except ValueError:
        raise UsageError(f'"{name}" is no act', hint=", ".join(Act)) from None


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as wrong:
        raise UsageError(f'the ground document "{path.name}" cannot be read') from wrong


class _Blank(dict[str, str]):
    """Fills the template so that its lines' names can be read."""

    def __missing__(self, key: str) -> str:
        return "[]" if key == "sources" else ""
