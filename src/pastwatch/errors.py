"""Every failure Pastwatch names, drawn as a tree, each with its exit status.

```
PastwatchError
├── UsageError      2   asked for something that makes no sense
│   ├── UnknownPlugin       a name no connector, exporter, engine or store goes by
│   ├── BadQuery            a query that does not parse
│   ├── BadValue            a value that breaks the rule of its type
│   ├── NoSuchRecord        unknown, or outside your scope: the same answer for both
│   └── MissingExtra        an optional part that is not installed
├── AuthorityError 10   the act is not covered
│   ├── NoAuthority         nothing grants this act
│   ├── OutsideScope        something grants it, but not here
│   ├── AuthorityExpired    it was granted, and is over or revoked
│   └── BadSignature        signed by nobody the policy names, or not at all
├── IntegrityError 20   what is stored is not what was sealed
│   ├── PackDamaged         a pack, or a piece of one, is changed, cut, swapped or missing
│   ├── LedgerForked        the log is not an extension of what was signed before
│   ├── WrongKey            the key given does not open this
│   └── CaseDamaged         a case's working papers do not read
├── LeakFound      25   what is to be handed out holds something that may not leave
├── SourceError    30   a source could not be read at all (in part: a gap, and no error)
├── ArchiveLocked  40   another process collects from this source
├── EngineError    50   the work could not be run where it was sent
└── StorageError   60   disk full, permission, a failed flush to disk
```

The other exit statuses: 0 done · 1 done, nothing found · 3 done with gaps (wins over 1) ·
70 a bug of ours · 130 interrupted.
"""

from __future__ import annotations

from typing import ClassVar


class PastwatchError(Exception):
    """A failure that is told in one line, with the way out in `hint` where there is one."""

    exit_status: ClassVar[int] = 70

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(PastwatchError):
    """Asked for something that makes no sense."""

    exit_status = 2


class UnknownPlugin(UsageError):
    """A name that no connector, enricher, exporter, engine or store goes by."""


class BadQuery(UsageError):
    """A query that does not parse; the message names the position."""


class BadValue(UsageError):
    """A value that breaks the rule of its type."""


class NoSuchRecord(UsageError):
    """A record unknown or outside scope: one answer for both."""


class MissingExtra(UsageError):
    """An optional part that is not installed; the hint names the extra."""


class AuthorityError(PastwatchError):
    """The act is not covered by an authority."""

    exit_status = 10


class NoAuthority(AuthorityError):
    """Nothing grants this act."""


class OutsideScope(AuthorityError):
    """An authority exists and does not reach this far."""


class AuthorityExpired(AuthorityError):
    """The authority is over, not yet begun, or revoked."""


class BadSignature(AuthorityError):
    """Signed by nobody the policy names, altered after signing, or not signed."""


class IntegrityError(PastwatchError):
    """What is stored is not what was sealed."""

    exit_status = 20


class PackDamaged(IntegrityError):
    """A pack, or a piece of one, is changed, cut, swapped or missing."""


class LedgerForked(IntegrityError):
    """The ledger is not an extension of what was signed before."""


class WrongKey(IntegrityError):
    """The key given does not open this."""


class CaseDamaged(IntegrityError):
    """A case's working papers do not read."""


class LeakFound(PastwatchError):
    """What is to be handed out holds something that may not leave."""

    exit_status = 25


class SourceError(PastwatchError):
    """A source could not be read at all."""

    exit_status = 30


class ArchiveLocked(PastwatchError):
    """Another process collects from this source."""

    exit_status = 40


class EngineError(PastwatchError):
    """The work could not be run where it was sent."""

    exit_status = 50


class StorageError(PastwatchError):
    """The disk is full, a permission is missing, or a flush to disk failed."""

    exit_status = 60
