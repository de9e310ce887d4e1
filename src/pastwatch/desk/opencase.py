"""Open a case: the custodian's act of granting, the case's identity and its encrypted papers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pastwatch.archive import grant as granting
from pastwatch.archive.grant import Bound, Estimate
from pastwatch.archive.place import Place
from pastwatch.archive.signatures import check_signatures, digest, signed
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.office import Office
from pastwatch.errors import AuthorityExpired, UsageError, WrongKey
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.authority import Authority, Event
from pastwatch.model.case import AuthorityStatus, Case
from pastwatch.model.plain import to_plain
from pastwatch.model.when import HOUR_US, iso
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import AgeIdentity, KeyFile, new_secret, unwrap_own
from pastwatch.storage import durable
from pastwatch.storage.lock import FileLock

IDENTITY, PAPERS, PAPERS_KEY, GRANT = "identity.age", "papers.db", "papers.key.age", "grant.age"


def open_case(
    office: Office,
    event: Event,
    authority: Authority,
    *,
    on_bound: Callable[[Bound], None] | None = None,
) -> tuple[Case, Bound, Estimate]:
    """Turn a signed authority into a case.

    Order: bound (no key) → the granting key is asked for → signatures checked → case folder with
    its identity → locate and grant entries → grant file → papers → `case.open` entry → desk row.
    """
    if any(c.case_id == authority.authority_id for c in office.desk.cases()):
        raise UsageError(f"case {authority.authority_id} is open already")
    if authority.event_id != event.event_id:
        raise UsageError(
            f'this authority is for event "{authority.event_id}", not "{event.event_id}"'
        )
    with FileLock(office.place.granting_lock).try_now():
        return _open_case(office, event, authority, on_bound)


def _open_case(
    office: Office,
    event: Event,
    authority: Authority,
    on_bound: Callable[[Bound], None] | None,
) -> tuple[Case, Bound, Estimate]:
    reach = granting.bound(office.catalogue, authority)
    if on_bound:
        on_bound(reach)
    custodian = office.ring.granting()
    authority = approved(office, authority, custodian)
    folder = office.ring.folder / "cases" / authority.authority_id
    identity = _make_identity(folder, office)
    granted = granting.make_grant(
        authority,
        store=office.store,
        ledger=office.ledger,
        catalogue=office.catalogue,
        custodian=custodian,
        case_recipient=identity.recipient,
        tokens_of=office.tokens_of,
        protected=[p.address for p in office.desk.protections()],
        facts=facts_of(office, custodian, reach),
        clock_us=office.clock(),
        keep_openings=lambda name, raw: keep_openings(office.place, name, raw),
    )
    durable.write_new(folder / GRANT, granted.file)
    _make_papers(
        folder,
        identity,
        event=event,
        authority=authority,
        reach=reach,
        estimate=granted.estimate,
    )
    case = Case(
        case_id=authority.authority_id,
        event_id=event.event_id,
        authority_id=authority.authority_id,
        folder=str(folder),
        opened_us=office.clock(),
    )
    entry = EntryDraft(
        act=Act.CASE_OPEN,
        clock_us=office.clock(),
        authority=authority.authority_id,
        objects={"grant": hashlib.sha256(granted.file).hexdigest()},
    )
    office.ledger.append([entry], office.ring.user().signing)
    office.desk.put_authority(
        authority, status=AuthorityStatus.GRANTED, by=custodian.person, at_us=office.clock()
    )
    office.desk.add_case(case)
    return case, reach, granted.estimate


def approved(office: Office, authority: Authority, custodian: KeyFile) -> Authority:
    """The authority once its signatures are enough and its validity has begun; logged.

    In single-user mode the granting key gives the second signature that a person-centred one
    needs, and everything then prints "self-authorised".
    """
    if office.policy.single_user and authority.person_centred:
        authority = signed(authority, custodian, clock_us=office.clock())
    check_signatures(authority, office.policy)
    if office.ledger.now_us(office.clock()) >= authority.valid.end_us:
        raise AuthorityExpired(
            f"authority {authority.authority_id} ended at {iso(authority.valid.end_us)}",
            hint="draft and sign a new one",
        )
    if office.catalogue.ended(authority.authority_id):
        raise AuthorityExpired(f"authority {authority.authority_id} was revoked")
    _ledger_authority(office, authority, custodian)
    return authority


def case_identity(office: Office, case: Case) -> AgeIdentity:
    """The identity of a case, opened with the user's key."""
    try:
        wrapped = (Path(case.folder) / IDENTITY).read_bytes()
    except OSError:
        raise WrongKey(f"the identity of case {case.case_id} is not where it was") from None
    secret = unwrap_own(wrapped, identity=office.ring.user().identity).decode()
    return AgeIdentity.from_secret(secret)


def case_papers(case: Case, identity: AgeIdentity) -> CaseStore:
    """The encrypted papers of a case."""
    folder = Path(case.folder)
    key = unwrap_own((folder / PAPERS_KEY).read_bytes(), identity=identity)
    return CaseStore.open(folder / PAPERS, key)


def grant_file(case: Case) -> bytes:
    """The sealed grant of a case."""
    try:
        return (Path(case.folder) / GRANT).read_bytes()
    except OSError:
        raise WrongKey(f"the grant of case {case.case_id} is not where it was") from None


def destroy_grant(case: Case) -> None:
    """Destroy the frame keys a case was granted; what it noted and released stays."""
    path = Path(case.folder) / GRANT
    if path.exists():
        durable.remove(path)


def _ledger_authority(office: Office, authority: Authority, custodian: KeyFile) -> None:
    entry = EntryDraft(
        act=Act.AUTHORITY,
        clock_us=office.clock(),
        authority=authority.authority_id,
        objects={"authority": digest(authority)},
        outcome={
            "signatures": [s.key_id for s in authority.signatures],
            "self_authorised": authority.self_authorised,
            "person_centred": authority.person_centred,
            "span_start_hour": authority.scope.span.start_us // HOUR_US,
            "span_end_hour": authority.scope.span.end_us // HOUR_US,
            "undated": authority.scope.undated,
            "sources": list(authority.scope.source_ids),
            "accounts": len(authority.scope.accounts),
            "acts": [a.value for a in authority.acts],
            "valid_until_hour": authority.valid.end_us // HOUR_US,
        },
    )
    office.ledger.append([entry], custodian.signing)


def _make_identity(folder: Path, office: Office) -> AgeIdentity:
    """The case's identity, made anew; one left by a case that was never granted is used again."""
    durable.make_dir(folder.parent)
    durable.make_dir(folder)
    path = folder / IDENTITY
    user = office.ring.user()
    if path.exists():
        secret = unwrap_own(path.read_bytes(), identity=user.identity)
        for name in (GRANT, PAPERS, PAPERS_KEY):
            if (folder / name).exists():
                durable.remove(folder / name)
        return AgeIdentity.from_secret(secret.decode())
    identity = AgeIdentity.make()
    wrapped = seal.wrap(identity.secret.encode(), recipients=[user.identity.recipient])
    durable.write_new(path, wrapped)
    return identity


def _make_papers(
    folder: Path,
    identity: AgeIdentity,
    *,
    event: Event,
    authority: Authority,
    reach: Bound,
    estimate: Estimate,
) -> None:
    key = new_secret()
    durable.write_new(folder / PAPERS_KEY, seal.wrap(key, recipients=[identity.recipient]))
    papers = CaseStore.open(folder / PAPERS, key, create=True)
    papers.put_setting("event", to_plain(event))
    papers.put_setting("authority", to_plain(authority))
    papers.put_setting("bound", asdict(reach))
    papers.put_setting("estimate", asdict(estimate))
    papers.close()


def facts_of(office: Office, custodian: KeyFile, reach: Bound) -> dict[str, Any]:
    """What the custodian hands over with the keys: sources, handovers, how much each holds."""
    sources: dict[str, Any] = {}
    for source_id, source in office.sources().items():
        rows = office.catalogue.packs(source_id)
        sealed = (office.place.sources / f"{source_id}.age").read_bytes()
        starts = [r.start_us for r in rows if r.start_us is not None]
        ends = [r.end_us for r in rows if r.end_us is not None]
        sources[source_id] = {
            **to_plain(source),
            "handover": json.loads(unwrap_own(sealed, identity=custodian.identity)),
            "records": sum(r.records for r in rows),
            "from_us": min(starts, default=None),
            "until_us": max(ends, default=None),
        }
    return {"sources": sources, "bound": asdict(reach)}


def keep_openings(here: Place, name: str, raw: bytes) -> None:
    """Store the account of a grant by its hash: counts by keyed token, no content."""
    folder = here.folder / "openings"
    durable.make_dir(folder)
    if not (folder / f"{name}.json").exists():
        durable.write_new(folder / f"{name}.json", raw)
