"""What the desk keeps: cases, how far an authority has come, and whose records are protected."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.authority import Authority


class AuthorityStatus(enum.StrEnum):
    """How far an authority has come; it never goes back."""

    DRAFTED = "drafted"
    SIGNED = "signed"
    GRANTED = "granted"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityState:
    """An authority as it stood from one moment on, and who brought it there."""

    authority: Authority
    status: AuthorityStatus
    by: str
    at_us: int
    reason: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.status, AuthorityStatus) or not self.by:
            raise BadValue("an authority's state has a status, and who brought it there")
        if self.status is AuthorityStatus.REVOKED and not self.reason.strip():
            raise BadValue("a revocation gives its reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A look into one event under one authority, and the folder of its working papers."""

    case_id: str
    event_id: str
    authority_id: str
    folder: str
    opened_us: int
    closed_us: int | None = None

    def __post_init__(self) -> None:
        if not self.case_id or not self.event_id or not self.authority_id:
            raise BadValue("a case has a name, an event and an authority")
        if self.closed_us is not None and self.closed_us < self.opened_us:
            raise BadValue("a case closes after it opened")


class ProtectedKind(enum.StrEnum):
    """What a protection covers: one account, or every account of a domain."""

    ACCOUNT = "account"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """An account or domain whose records the gate withholds, and why."""

    kind: ProtectedKind
    address: str
    reason: str
    by: str
    at_us: int

    def __post_init__(self) -> None:
        if not isinstance(self.kind, ProtectedKind) or not self.address.strip():
            raise BadValue("a protection covers an account or a domain")
        if not self.reason.strip() or not self.by:
            raise BadValue("a protection names who asked for it, and why")
