"""Events, and the authorities that open a narrow slice because of them."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from pastwatch.errors import BadValue
from pastwatch.model.when import DAY_US, Span

WIDE_SPAN_US = 30 * DAY_US
WIDE_FOR_ACCOUNTS_US = 7 * DAY_US  # beyond this a list of accounts is what limits the scope


class Act(enum.StrEnum):
    """What an authority may allow, each apart."""

    LOCATE = "locate"
    READ = "read"
    BASELINE = "baseline"
    ENRICH = "enrich"
    EXPORT = "export"


class AuthorityKind(enum.StrEnum):
    """Whether an authority serves one case or stands for a watch."""

    CASE = "case"
    STANDING = "standing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something out of the ordinary, and what outside the archive says it happened."""

    event_id: str
    title: str
    when: Span
    place: str = ""
    description: str = ""
    references: tuple[str, ...] = ()
    zone_offset_s: int = 0

    @property
    def supported(self) -> bool:
        """Whether anything outside the archive speaks of it."""
        return bool(self.references)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which records an authority reaches: decided from the envelope alone.

    Empty `source_ids`, `areas` or `accounts` mean "not limited by this".
    """

    span: Span
    undated: bool = False
    source_ids: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """An Ed25519 signature over the exact canonical bytes of an authority."""

    key_id: str
    person: str
    signed_us: int
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who may do what, to which records, why, and until when."""

    authority_id: str
    kind: AuthorityKind
    event_id: str
    purpose: str
    acts: tuple[Act, ...]
    granted_by: str
    granted_to: str
    ground: str
    scope: Scope
    valid: Span
    ground_document_sha256: str = ""
    necessity: str = ""
    review_us: int | None = None
    approvals_needed: int = 1
    signatures: tuple[Signature, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.purpose.strip():
            raise BadValue("an authority states its purpose")
        if not self.ground.strip():
            raise BadValue("an authority states its legal ground")
        if not self.acts:
            raise BadValue("an authority allows at least one act")
        if self.person_centred and not self.necessity.strip():
            raise BadValue(
                "an authority over more than 30 days, or over more than 7 days of named accounts, "
                "states why it is necessary",
                hint='fill in necessity = "…"',
            )

    @property
    def person_centred(self) -> bool:
        """Whether it follows people rather than an event: over 30 days, or 7 days of named accounts."""
        length_us = self.scope.span.length_us
        named = bool(self.scope.accounts) and length_us > WIDE_FOR_ACCOUNTS_US
        return named or length_us > WIDE_SPAN_US

    @property
    def self_authorised(self) -> bool:
        """Whether the person who asked is the person who granted."""
        others = {s.person for s in self.signatures} - {self.granted_to}
        return self.granted_by == self.granted_to or not others

    def allows(self, act: Act) -> bool:
        """Whether the act is listed; nothing is implied by another act but locate by read."""
        return act in self.acts or (act is Act.LOCATE and Act.READ in self.acts)
