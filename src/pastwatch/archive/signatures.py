"""The exact bytes of an authority, its signatures, and whether the policy accepts them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

import rfc8785

from pastwatch.archive.policy import Office, Policy
from pastwatch.errors import BadSignature
from pastwatch.model.authority import Authority, Signature
from pastwatch.model.plain import to_plain
from pastwatch.sealing.casekey import KeyFile
from pastwatch.sealing.signing import verified

SIGNED_PREFIX = b"pastwatch authority v1\n"


def canonical(authority: Authority) -> bytes:
    """The RFC 8785 bytes of an authority without its signatures."""
    plain = to_plain(authority)
    del plain["signatures"]
    return rfc8785.dumps(plain)


def digest(authority: Authority) -> str:
    """SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical(authority)).hexdigest()


def signed(authority: Authority, key: KeyFile, *, clock_us: int) -> Authority:
    """The authority with one more signature; a person signs once."""
    if any(s.key_id == key.signing.key_id for s in authority.signatures):
        return authority
    signature = Signature(
        key_id=key.signing.key_id,
        person=key.person,
        signed_us=clock_us,
        signature=base64.b64encode(key.signing.sign(_message(authority))).decode(),
    )
    return replace(authority, signatures=(*authority.signatures, signature))


def check_signatures(authority: Authority, policy: Policy) -> None:
    """Refuse an authority that lacks the approvals the policy asks for, or whose bytes changed."""
    for signature in authority.signatures:
        key = next((k for k in policy.keys if k.key_id == signature.key_id), None)
        # The name beside a signature is not signed: it counts only as the policy's own.
        if key is None or key.person != signature.person:
            raise BadSignature(
                f"authority {authority.authority_id} is signed by a key the policy does not name"
            )
        try:
            raw = base64.b64decode(signature.signature, validate=True)
        except ValueError:
            raw = b""
        if not verified(key.public, raw, _message(authority)):
            raise BadSignature(
                f"authority {authority.authority_id} was changed after it was signed",
                hint="sign it again: 'pastwatch authority sign'",
            )
    approvers = {
        s.key_id
        for s in authority.signatures
        if policy.holder(s.key_id, Office.APPROVER) or policy.holder(s.key_id, Office.CUSTODIAN)
    }
    needed = policy.wide_approvals if authority.person_centred else policy.approvals
    needed = max(needed, authority.approvals_needed)
    held = len({s.key_id for s in authority.signatures}) if policy.single_user else len(approvers)
    if held < needed:
        raise BadSignature(
            f"authority {authority.authority_id} has {held} of {needed} signatures",
            hint="sign it: 'pastwatch authority sign grant.toml'",
        )


def _message(authority: Authority) -> bytes:
    return SIGNED_PREFIX + canonical(authority)
