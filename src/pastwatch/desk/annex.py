"""Evidence brought to an open case: granted by an authority of its own, over its own source alone."""

from __future__ import annotations

import secrets
from pathlib import Path

from pastwatch.archive import grant as granting
from pastwatch.archive.signatures import signed
from pastwatch.desk.office import Office
from pastwatch.desk.opencase import approved, facts_of, keep_openings
from pastwatch.model.authority import Act, Authority, AuthorityKind, Event, Scope
from pastwatch.model.case import AuthorityStatus, Case
from pastwatch.model.source import Source
from pastwatch.model.when import Span, parse_iso
from pastwatch.storage import durable
from pastwatch.storage.lock import FileLock

_FILES = "annex-*.age"
_EVER = Span(start_us=parse_iso("1700-01-01")[0], end_us=parse_iso("2250-01-01")[0])
"""As far as a number of an authority reaches (RFC 8785); what lies beyond counts as undated."""


def annex_files(case: Case) -> list[bytes]:
    """The sealed grants of what was brought to a case, one a source."""
    return [path.read_bytes() for path in sorted(Path(case.folder).glob(_FILES))]


def destroy_annexes(case: Case) -> None:
    """Destroy the frame keys of what was brought to a case."""
    for path in sorted(Path(case.folder).glob(_FILES)):
        durable.remove(path)


def annex(
    office: Office,
    case: Case,
    *,
    event: Event,
    authority: Authority,
    recipient: str,
    source: Source,
    ground: str,
) -> None:
    """Open to a case all of a source that was filled for it; asks for the granting key.

    The authority made for it is signed by who works in the case, and ends with the case's own. It
    is logged and can be revoked like any other; the one before, over the same source, gives way.
    """
    own = Authority(
        authority_id=f"{case.case_id}-annex-{secrets.token_hex(3)}",
        kind=AuthorityKind.CASE,
        event_id=event.event_id,
        purpose=f"read what was brought to case {case.case_id}",
        acts=tuple(a for a in (Act.READ, Act.ENRICH, Act.EXPORT) if authority.allows(a)),
        granted_by=authority.granted_by,
        granted_to=authority.granted_to,
        ground=ground,
        scope=Scope(
            span=_EVER,
            undated=True,
            source_ids=(source.source_id,),
        ),
        valid=authority.valid,
        necessity="what is brought to a case as evidence is read whole, whenever it was made",
        approvals_needed=authority.approvals_needed,
    )
    with FileLock(office.place.granting_lock).try_now():
        custodian = office.ring.granting()
        own = signed(own, office.ring.user(), clock_us=office.clock())
        own = approved(office, own, custodian)
        granted = granting.make_grant(
            own,
            store=office.store,
            ledger=office.ledger,
            catalogue=office.catalogue,
            custodian=custodian,
            case_recipient=recipient,
            tokens_of=office.tokens_of,
            protected=[p.address for p in office.desk.protections()],
            facts=facts_of(office, custodian, granting.bound(office.catalogue, own)),
            clock_us=office.clock(),
            keep_openings=lambda name, raw: keep_openings(office.place, name, raw),
        )
        path = Path(case.folder) / f"annex-{source.source_id}.age"
        durable.replace(path, granted.file)
        office.desk.put_authority(
            own, status=AuthorityStatus.GRANTED, by=custodian.person, at_us=office.clock()
        )
