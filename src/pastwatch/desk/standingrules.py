"""What a watch rests on: its standing authority, when that covers it, and who signed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from pastwatch.archive.policy import Office as Post
from pastwatch.archive.signatures import check_signatures, digest, signed
from pastwatch.desk import authorities
from pastwatch.desk.office import Office
from pastwatch.errors import AuthorityError, UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import WORD, Act, EntryDraft
from pastwatch.model.authority import Authority, AuthorityKind, Signature
from pastwatch.model.case import AuthorityState, AuthorityStatus
from pastwatch.model.watch import Watch
from pastwatch.sealing.casekey import KeyFile
from pastwatch.stages.watch.limits import accounts_of, directed, refusals

REVOKED: Final = "its authority was revoked"


def sign_standing(office: Office, path: Path, *, granting: bool = False) -> Authority:
    """Sign a standing authority with the user's or the granting key; its hash goes into the ledger."""
    drafted = authorities.read_draft(office, path)
    if drafted.kind is not AuthorityKind.STANDING:
        raise UsageError(
            f'"{path.name}" is no standing authority', hint="'pastwatch watch authority draft'"
        )
    opaque(drafted.authority_id, "an authority's id")
    authority, _ = authorities.sign(office, path, granting=granting)
    _enter_authority(office, authority, office.ring.granting() if granting else office.ring.user())
    return authority


def refused(office: Office, watch: Watch, state: AuthorityState) -> tuple[str, ...]:
    """Why a watch may not run under an authority now; in single-user mode a second key is at hand."""
    authority = state.authority
    imagined = authority
    if second_needed(office, watch, authority):
        own = Signature(key_id=_custodian(office), person="", signed_us=0, signature="")
        imagined = replace(authority, signatures=(*authority.signatures, own))
    office.ledger.refresh()
    found = list(refusals(watch, imagined, now_us=office.ledger.now_us(office.clock())))
    if is_revoked(office, state):
        found.append(REVOKED)
    if imagined is authority:
        try:
            check_signatures(authority, office.policy)
        except AuthorityError as wrong:
            found.append(str(wrong))
    found += _beyond(office, watch, authority)
    return tuple(found)


def is_revoked(office: Office, state: AuthorityState) -> bool:
    """Whether an authority was ended before its time, as desk, catalogue or ledger say."""
    name = state.authority.authority_id
    held = state.status is AuthorityStatus.REVOKED or office.catalogue.ended(name)
    return held or name in revoked_ids(office)


def _beyond(office: Office, watch: Watch, authority: Authority) -> Iterable[str]:
    """What of a watch its authority does not cover: sources, and persons it does not list."""
    scope = authority.scope
    named = {s.name: i for i, s in office.sources().items()}
    meets = {named.get(one, one) for one in watch.sources}
    if scope.source_ids and (not meets or not meets <= set(scope.source_ids)):
        yield "it may meet sources that its authority does not name"
    follows = directed(watch)
    if scope.accounts and not follows:
        yield "its authority lists accounts, and it follows none of them"
    unlisted = [
        *(f"count {n}" for n, c in enumerate(watch.counts, 1) if c.per.personal and not c.between),
        *(f"rise {n}" for n, r in enumerate(watch.rises, 1) if r.per.personal),
    ]
    if unlisted and not accounts_of(watch):
        yield f"it follows persons: its {unlisted[0]} counts each account, and names none"


def approved_standing(office: Office, watch: Watch, authority: Authority) -> Authority:
    """The authority with the second signature it needs, accepted by the policy and ledgered."""
    by = office.ring.user()
    if second_needed(office, watch, authority):
        by = office.ring.granting()
        authority = signed(authority, by, clock_us=office.clock())
        office.desk.put_authority(
            authority, status=AuthorityStatus.SIGNED, by=by.person, at_us=office.clock()
        )
    check_signatures(authority, office.policy)
    _enter_authority(office, authority, by)
    return authority


def second_needed(office: Office, watch: Watch, authority: Authority) -> bool:
    """Whether, in single-user mode, the granting key is to sign beside the user's."""
    one = len({s.key_id for s in authority.signatures}) == 1
    wants = bool(directed(watch)) or authority.person_centred
    return office.policy.single_user and one and wants


def _custodian(office: Office) -> str:
    return next((k.key_id for k in office.policy.keys if Post.CUSTODIAN in k.offices), "")


def _enter_authority(office: Office, authority: Authority, by: KeyFile) -> None:
    """Bind an authority and who signed it to the ledger, once for each set of signatures."""
    own, keys = digest(authority), tuple(s.key_id for s in authority.signatures)
    for entry in entries_of(office.ledger, Act.AUTHORITY):
        if entry.objects.get("authority") == own and entry.outcome.get("signatures") == keys:
            return
    draft = EntryDraft(
        act=Act.AUTHORITY,
        clock_us=office.clock(),
        authority=authority.authority_id,
        objects={"authority": own},
        outcome={
            "kind": authority.kind.value,
            "signatures": list(keys),
            "self_authorised": authority.self_authorised,
            "person_centred": authority.person_centred,
            "accounts_listed": len(authority.scope.accounts),
            "until_us": authority.valid.end_us,
            "review_us": authority.review_us,
        },
    )
    office.ledger.append([draft], by.signing)


def revoked_ids(office: Office) -> set[str | None]:
    """The authorities that the ledger ends before their time."""
    return {entry.authority for entry in entries_of(office.ledger, Act.REVOKE)}


def opaque(text: str, what: str) -> None:
    """Refuse a name that the ledger could not hold: it holds no sentences."""
    if not WORD.match(text):
        raise UsageError(f"{what} is one word of letters, digits, dots and dashes")
