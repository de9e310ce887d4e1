"""Watches on the way in: started and ended in the ledger, and opened by the collector that runs them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pastwatch.archive.identity import Tokens
from pastwatch.archive.policy import Office as Post
from pastwatch.archive.policy import Policy
from pastwatch.archive.watchplace import WatchPlace
from pastwatch.desk.learning_models import scorer_of
from pastwatch.desk.office import Office
from pastwatch.desk.standingrules import revoked_ids
from pastwatch.desk.standingsources import is_watched
from pastwatch.errors import UsageError, WrongKey
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, Entry, EntryDraft, verify_entry
from pastwatch.ledger.log import Ledger
from pastwatch.model.source import Source
from pastwatch.model.watch import Watch
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import AgeIdentity, unwrap_own
from pastwatch.sealing.derive import hkdf
from pastwatch.stages.watch.journal import Outbox, Stop
from pastwatch.stages.watch.standing import read_watch
from pastwatch.stages.watch.tap import Seat, Seating, Tally, Tap
from pastwatch.stages.watch.tapmemory import Memory
from pastwatch.stages.watch.taprecords import Shut
from pastwatch.storage import durable

__all__ = ["Installed", "Stop", "Tally", "Tap", "install", "protect", "tap_of", "uninstall"]

STARTED, ENDED = "started", "ended"
_STARTERS: Final = (Post.ANALYST, Post.CUSTODIAN)
_TELLING: Final = tuple(
    f'"act":"{act}"'.encode() for act in (Act.WATCH_START, Act.WATCH_END, Act.REVOKE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A version of a watch that collectors run from now on, and to whom its alerts are sealed."""

    watch: Watch
    recipient: str
    sequence: int


def install(office: Office, text: bytes, *, until_us: int | None = None) -> Installed:
    """Let a version of a watch run in every collector of this archive, until it ends or expires.

    Its files are durable first, then the entry in the ledger, without which no collector runs it.
    The entry binds the exact text and whom alerts are sealed to: whoever can write files here and
    no more can have nothing sealed to himself.
    """
    watch = read_watch(text)
    here = WatchPlace.of(office.place)
    durable.make_dir(here.folder)
    recipient = _identity(office, here, watch.name).recipient
    card = {
        "watch": watch.name,
        "version": watch.version,
        "sha256": watch.text_sha256,
        "authority": watch.authority_id,
        "sources": list(watch.sources),
        "recipient": recipient,
    }
    own = office.ring.collector().key.identity.recipient
    wrapped = seal.wrap(text, recipients=[own, *office.policy.recipients])
    durable.replace(here.card(watch.name), json.dumps(card, sort_keys=True).encode() + b"\n")
    durable.replace(here.text(watch.name, watch.version), wrapped)
    draft = EntryDraft(
        act=Act.WATCH_START,
        clock_us=office.clock(),
        authority=watch.authority_id,
        objects={"watch": watch.text_sha256, "recipient": _sha256(recipient.encode())},
        outcome={
            "state": STARTED,
            "watch": watch.name,
            "version": watch.version,
            "until_us": until_us,
        },
    )
    (entry,) = office.ledger.append([draft], office.ring.user().signing)
    return Installed(watch=watch, recipient=recipient, sequence=entry.sequence)


def uninstall(
    office: Office, watch: Watch, *, state: str = ENDED, act: Act = Act.WATCH_END
) -> Entry:
    """End a version of a watch: the entry first, then its text is removed; collectors stop it."""
    draft = EntryDraft(
        act=act,
        clock_us=office.clock(),
        authority=watch.authority_id,
        objects={"watch": watch.text_sha256},
        outcome={"state": state, "watch": watch.name, "version": watch.version},
    )
    (entry,) = office.ledger.append([draft], office.ring.user().signing)
    text = WatchPlace.of(office.place).text(watch.name, watch.version)
    if text.exists():
        durable.remove(text)
    return entry


def protect(office: Office, spellings: Iterable[str]) -> None:
    """Keep the records of these accounts (or domains) from every watch, by keyed tokens alone."""
    here = WatchPlace.of(office.place)
    durable.make_dir(here.folder)
    tokens = _tokens(office)
    held = sorted({token.hex() for one in spellings for token in tokens.exactly(one)})
    durable.replace(here.protected, json.dumps({"tokens": held}).encode() + b"\n")


def tap_of(office: Office, source: Source, *, run_id: str) -> Tap:
    """The tap of a run: every watch that was started, and may meet this source."""
    here, ring = WatchPlace.of(office.place), office.ring.collector()
    known = _Known(office, source)

    def enter(draft: EntryDraft) -> None:
        office.ledger.append([draft], ring.key.signing)

    return Tap(
        known.seating(),
        source_id=source.source_id,
        source_name=source.name,
        outbox=Outbox(here.outbox, run_id, signer=ring.key.signing),
        memory=Memory(
            here.rhythms(source.source_id),
            identity=ring.key.identity,
            tokens=office.tokens_of(source.source_id),
        ),
        clock=office.clock,
        enter=enter,
        renew=known.renewed,
        scores=known.scorer,
    )


class _Known:
    """The watches as they stand in the archive, read again once files or the ledger say otherwise."""

    def __init__(self, office: Office, source: Source) -> None:
        self._office, self._source = office, source
        self._here = WatchPlace.of(office.place)
        self._revoked: set[str | None] = set()
        self.scorer = scorer_of(office, source_id=source.source_id)
        self._stamps = list(_stamps(self._here))
        self._read = office.ledger.size

    def renewed(self) -> Seating | None:
        """The watches anew, where anything was started, ended, marked or revoked; else None."""
        ledger, stamps = self._office.ledger, list(_stamps(self._here))
        ledger.refresh()
        told = any(
            any(mark in line for mark in _TELLING) for line in ledger.raw(self._read, ledger.size)
        )
        self._read = ledger.size
        if stamps == self._stamps and not told:
            return None
        self._stamps = stamps
        return self.seating()

    def seating(self) -> Seating:
        """Every watch started, seated or refused; none at all for a source that is not watched."""
        if not is_watched(self._office, self._source):
            return Seating(())
        self._office.ledger.refresh()
        started = _starts(self._office.ledger, self._office.policy)
        self._revoked = revoked_ids(self._office)
        found = [self._seat(name, version, started) for name, version in self._here.started()]
        refused = [one for one in found if isinstance(one, Stop)]
        seats = [one for one in found if isinstance(one, Seat) and self._meets(one.watch)]
        try:
            shut = self._shut()
        except (OSError, ValueError, KeyError, TypeError):
            reason = "the list of accounts kept from watches does not read"
            return Seating((), (*refused, *(self._stop_of(seat, reason) for seat in seats)))
        return Seating(tuple(seats), tuple(refused), shut)

    def _stop_of(self, seat: Seat, reason: str) -> Stop:
        watch = seat.watch
        return Stop(watch.name, watch.version, watch.text_sha256, reason, self._office.clock())

    def _meets(self, watch: Watch) -> bool:
        own = {self._source.source_id, self._source.name}
        return not watch.sources or not own.isdisjoint(watch.sources)

    def _seat(self, name: str, version: int, started: dict[str, Entry]) -> Seat | Stop:
        try:
            wrapped = self._here.text(name, version).read_bytes()
            identity = self._office.ring.collector().key.identity
            watch = read_watch(unwrap_own(wrapped, identity=identity))
        except (OSError, WrongKey, UsageError) as wrong:
            return Stop(name, version, "", _unread(wrong), self._office.clock())
        entry, recipient = started.get(watch.text_sha256), self._recipient(name)
        reason = ""
        if (watch.name, watch.version) != (name, version):
            reason = "its text is of another name or version"
        elif entry is None:
            reason = "the ledger does not say that it was started"
        elif _sha256(recipient.encode()) != entry.objects.get("recipient"):
            reason = "its recipient is not the one in the ledger"
        elif entry.authority in self._revoked:
            reason = "its authority was revoked"
        elif watch.learned is not None and not self.scorer.knows(watch):
            reason = "its model cannot be opened"
        if reason or entry is None:
            return Stop(name, version, watch.text_sha256, reason, self._office.clock())
        until_us = entry.outcome.get("until_us")
        return Seat(watch, recipient, until_us if isinstance(until_us, int) else None)

    def _recipient(self, name: str) -> str:
        try:
            return str(json.loads(self._here.card(name).read_bytes())["recipient"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def _shut(self) -> Shut | None:
        try:
            raw = self._here.protected.read_bytes()
        except FileNotFoundError:
            return None
        tokens = frozenset(map(bytes.fromhex, json.loads(raw)["tokens"]))
        return Shut(_tokens(self._office), tokens) if tokens else None


def _unread(wrong: Exception) -> str:
    if isinstance(wrong, OSError):
        return "its text cannot be read"
    if isinstance(wrong, WrongKey):
        return "its text does not open for this collector"
    return "its text does not parse"


def _stamps(here: WatchPlace) -> Iterator[tuple[str, int, int]]:
    paths = [*here.folder.glob("*.age"), *here.folder.glob("*.json")]
    for path in sorted(paths):
        try:
            stat = path.stat()
        except FileNotFoundError:  # removed just now
            continue
        yield path.name, stat.st_mtime_ns, stat.st_size


def _starts(ledger: Ledger, policy: Policy) -> dict[str, Entry]:
    """By the hash of its text the entry that started a watch, where none after it ended it."""
    found: dict[str, Entry] = {}
    for entry in entries_of(ledger, Act.WATCH_START, Act.WATCH_END):
        text_sha256 = entry.objects.get("watch", "")
        if entry.outcome.get("state") != STARTED:
            found.pop(text_sha256, None)
            continue
        key = next((k for o in _STARTERS if (k := policy.holder(entry.actor, o))), None)
        if key is not None and verify_entry(entry, key.public):
            found[text_sha256] = entry
    return found


def _identity(office: Office, here: WatchPlace, name: str) -> AgeIdentity:
    """The identity of a watch; made at its first start, and kept for its later versions."""
    user, path = office.ring.user().identity, here.identity(name)
    if path.exists():
        return AgeIdentity.from_secret(unwrap_own(path.read_bytes(), identity=user).decode())
    made = AgeIdentity.make()
    durable.write_new(path, seal.wrap(made.secret.encode(), recipients=[user.recipient]))
    return made


def _tokens(office: Office) -> Tokens:
    """Tokens that are the same in every source, also in those that are still to come."""
    secret = office.ring.collector().account_secret
    return Tokens(hkdf(secret, purpose="accounts kept from watches v1"))


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
