"""The policy: whose keys count for what; signed by the custodian, and ledger entry 0."""

from __future__ import annotations

import base64
import enum
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import rfc8785

from pastwatch.errors import BadSignature, IntegrityError
from pastwatch.model.plain import from_plain, to_plain
from pastwatch.sealing.signing import SigningKey, key_id, verified

SIGNED_PREFIX = b"pastwatch policy v1\n"


class Office(enum.StrEnum):
    """What a key may be used for."""

    CUSTODIAN = "custodian"
    APPROVER = "approver"
    ANALYST = "analyst"
    COLLECTOR = "collector"
    OVERSEER = "overseer"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyKey:
    """A public Ed25519 key, the person or program it belongs to, and its offices."""

    public: bytes
    person: str
    offices: tuple[Office, ...]
    source_ids: tuple[str, ...] = ()

    @property
    def key_id(self) -> str:
        """How the ledger names it."""
        return key_id(self.public)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Who may do what in this archive; `recipients` are the custodians' age recipients."""

    archive_id: str
    keys: tuple[PolicyKey, ...]
    recipients: tuple[str, ...]
    single_user: bool = True
    throwaway: bool = False
    approvals: int = 1
    wide_approvals: int = 2

    def holder(self, wanted: str, office: Office) -> PolicyKey | None:
        """The key of that id if it holds the office."""
        for key in self.keys:
            if key.key_id == wanted and office in key.offices:
                return key
        return None

    def public(self, wanted: str) -> bytes | None:
        """The public key of that id, whatever its office."""
        return next((k.public for k in self.keys if k.key_id == wanted), None)


def signed_policy(policy: Policy, key: SigningKey) -> bytes:
    """The exact bytes of policy.json, signed by a custodian's key."""
    body = to_plain(policy)
    signature = key.sign(SIGNED_PREFIX + rfc8785.dumps(body))
    whole: dict[str, Any] = {
        "policy": body,
        "key_id": key.key_id,
        "signature": base64.b64encode(signature).decode(),
    }
    return rfc8785.dumps(whole) + b"\n"


def read_policy(raw: bytes, *, expected_sha256: str | None = None) -> Policy:
    """The policy, once its signature holds and its hash is the one in the ledger."""
    if expected_sha256 is not None and hashlib.sha256(raw).hexdigest() != expected_sha256:
        raise IntegrityError("the policy is not the one the ledger names")
    try:
        whole = json.loads(raw)
        policy = from_plain(Policy, whole["policy"])
        signature = base64.b64decode(whole["signature"])
        signer = policy.holder(whole["key_id"], Office.CUSTODIAN)
    except (ValueError, KeyError, TypeError):
        raise IntegrityError("the policy does not read") from None
    message = SIGNED_PREFIX + rfc8785.dumps(whole["policy"])
    if signer is None or not verified(signer.public, signature, message):
        raise BadSignature("the policy is not signed by a custodian it names")
    return policy
