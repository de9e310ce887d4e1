"""Which sources meet watches: not those marked, nor personal and protected ones by default."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from pastwatch.archive.policy import Office as Post
from pastwatch.archive.watchplace import WatchPlace
from pastwatch.desk.office import Office
from pastwatch.errors import UsageError, WrongKey
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, EntryDraft, verify_entry
from pastwatch.model.source import LawfulBasis, Source
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import unwrap_own
from pastwatch.storage import durable
from pastwatch.storage.lock import FileLock

NEVER: Final = "marked: never"
ALLOWED: Final = "allowed"
PERSONAL: Final = "personal: held by consent"
PROTECTED: Final = "it holds records of protected accounts"
UNKNOWN: Final = "the list of marked sources does not read"
BY_DEFAULT: Final = "by default"
_NEVER, _ALLOWED = "never", "allowed"
_MARKERS: Final = (Post.ANALYST, Post.CUSTODIAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWatch:
    """Whether a source meets watches, and why."""

    source: Source
    watched: bool
    why: str
    reason: str = ""
    """What whoever marked it said; known to the user's key alone."""


@dataclass(frozen=True, slots=True)
class _Marks:
    """What was marked, told by the ledger; the file beside it can only keep more from watches."""

    never: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    reasons: dict[str, str] = field(default_factory=dict)
    reads: bool = True


def is_watched(office: Office, source: Source) -> bool:
    """Whether a source may meet watches; where the list of those that may not does not read: no."""
    return _judged(source, _marks(office), _met_protected(office)).watched


def watched_sources(office: Office) -> list[SourceWatch]:
    """Every source with whether it meets watches and why, by name."""
    marks, met = _marks(office), _met_protected(office)
    return [_told(office, _judged(one, marks, met), marks) for one in office.sources().values()]


def mark_source(office: Office, name: str, *, watched: bool, reason: str) -> SourceWatch:
    """Mark a source as never watched, or allow that it is.

    The list is written first, then the ledger: a crash between the two allows nothing more.
    """
    if not reason.strip():
        raise UsageError("a mark on a source says why", hint="--reason")
    source = office.sources()[office.source_id(name)]
    here = WatchPlace.of(office.place)
    durable.make_dir(here.folder)
    with FileLock(office.place.locks / "nowatch.lock").wait():
        marks, own = _marks(office), {source.source_id}
        never = marks.never - own if watched else marks.never | own
        user = office.ring.user()
        told = seal.wrap(reason.strip().encode(), recipients=[user.identity.recipient])
        reasons = {**marks.reasons, source.source_id: base64.b64encode(told).decode()}
        plain = {"sources": sorted(never), "reasons": reasons}
        raw = json.dumps(plain, sort_keys=True).encode() + b"\n"
        durable.replace(here.nowatch, raw)
        draft = EntryDraft(
            act=Act.WATCH_START if watched else Act.WATCH_END,
            clock_us=office.clock(),
            objects={"nowatch": hashlib.sha256(raw).hexdigest()},
            outcome={"state": _ALLOWED if watched else _NEVER, "source_id": source.source_id},
        )
        office.ledger.append([draft], user.signing)
        marks = _marks(office)
    return _told(office, _judged(source, marks, _met_protected(office)), marks)


def _judged(source: Source, marks: _Marks, met: Collection[str]) -> SourceWatch:
    """Marks first; then what is personal or holds protected accounts is not watched by default."""
    if source.source_id in marks.never:
        return SourceWatch(source=source, watched=False, why=NEVER)
    if not marks.reads:
        return SourceWatch(source=source, watched=False, why=UNKNOWN)
    if source.source_id in marks.allowed:
        return SourceWatch(source=source, watched=True, why=ALLOWED)
    if source.lawful_basis is LawfulBasis.CONSENT:
        return SourceWatch(source=source, watched=False, why=PERSONAL)
    if source.lawful_basis is LawfulBasis.OWN and source.source_id in met:
        return SourceWatch(source=source, watched=False, why=PROTECTED)
    return SourceWatch(source=source, watched=True, why=BY_DEFAULT)


def _told(office: Office, found: SourceWatch, marks: _Marks) -> SourceWatch:
    sealed = marks.reasons.get(found.source.source_id)
    if sealed is None or found.why not in (NEVER, ALLOWED):
        return found
    try:
        raw = base64.b64decode(sealed, validate=True)
        reason = unwrap_own(raw, identity=office.ring.user().identity).decode()
    except (ValueError, WrongKey):
        reason = "(does not open for this key)"
    return SourceWatch(source=found.source, watched=found.watched, why=found.why, reason=reason)


def _marks(office: Office) -> _Marks:
    """The marks as they stand; a list that does not read keeps every source from watches."""
    last = _ledgered(office)
    never = {one for one, state in last.items() if state == _NEVER}
    allowed = frozenset(one for one, state in last.items() if state == _ALLOWED)
    try:
        plain: dict[str, Any] = json.loads(WatchPlace.of(office.place).nowatch.read_bytes())
        never |= set(map(str, plain["sources"])) - allowed
        reasons = dict(plain.get("reasons", {}))
    except FileNotFoundError:
        return _Marks(frozenset(never), allowed)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Marks(frozenset(never), allowed, reads=False)
    return _Marks(frozenset(never), allowed, reasons)


def _ledgered(office: Office) -> dict[str, str]:
    """By source how it was marked last, by a key that may."""
    office.ledger.refresh()
    found: dict[str, str] = {}
    for entry in entries_of(office.ledger, Act.WATCH_START, Act.WATCH_END):
        if "nowatch" not in entry.objects:
            continue
        key = next((k for post in _MARKERS if (k := office.policy.holder(entry.actor, post))), None)
        if key is not None and verify_entry(entry, key.public):
            found[str(entry.outcome.get("source_id"))] = str(entry.outcome.get("state"))
    return found


def _met_protected(office: Office) -> set[str]:
    """The sources in which a tap came upon records of protected accounts, told by the ledger."""
    return {
        str(entry.outcome.get("source_id"))
        for entry in entries_of(office.ledger, Act.WATCH_ALERT)
        if entry.outcome.get("withheld")
    }
