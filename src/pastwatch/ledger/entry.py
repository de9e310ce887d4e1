"""One act in the ledger: its fields, its exact bytes, its signature, and the list of acts.

An entry holds no content: every text in it is an opaque word without spaces (`WORD`), so that
neither a sentence nor an address can be written into it, not even by mistake.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pastwatch.errors import BadValue, IntegrityError

SIGNED_PREFIX = b"pastwatch ledger entry v1\n"
ENTRY_BYTES_AT_MOST = 65_535  # the length prefix of a C2SP entry bundle is a uint16
SIGNATURE_BYTES = 64
INTEGER_AT_MOST = 2**53 - 1  # RFC 8785 §3.2.2.3: beyond this not every reader agrees

WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=~-]{0,255}\Z")
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,127}\Z")
HASH = re.compile(r"[0-9a-f]{64}\Z")
KEY_ID = re.compile(r"[0-9a-f]{16}\Z")

Single = str | int | bool | None
Outcome = Single | Sequence[Single]


class Act(StrEnum):
    """Every act this version writes; a newer version's acts are read and shown by their name."""

    POLICY = "policy"
    """The policy was laid down (entry 0) or changed."""
    SOURCE_ADD = "source.add"
    """A source was registered, with its lawful basis."""
    SOURCE_END = "source.end"
    """A source was closed to further collecting."""
    COLLECT_COMMIT = "collect.commit"
    """A sealed pack became part of the archive."""
    COLLECT_RUN = "collect.run"
    """A collecting run ended; its four counters account for every byte read."""
    COLLECT_ADOPT = "collect.adopt"
    """Complete frames of an interrupted buffer became a pack of their own, unread."""
    PIECES = "pieces"
    """The parser attested the pieces of records sealed unparsed: leaf, piece root, version."""
    KEYS = "keys"
    """A pack's wrapped keys were rewritten: another custodian, a rotation, another key store."""
    SHRED = "shred"
    """A pack's wrapped keys were destroyed here; copies elsewhere are not vouched for."""
    REPACK = "repack"
    """A pack was rewritten at another level into a new one, every record leaf unchanged."""
    HOLD = "hold"
    """A legal hold was laid: nothing it covers may be shredded."""
    HOLD_END = "hold.end"
    """A legal hold was lifted."""
    CASE_OPEN = "case.open"
    """A case was opened for an event."""
    CASE_CLOSE = "case.close"
    """A case was closed and the keys it was granted destroyed here."""
    AUTHORITY = "authority"
    """An authority was signed; its hash binds purpose, ground, scope and approvals."""
    LOCATE = "locate"
    """Envelopes were read under the custodian's identity to estimate an authority's reach."""
    GRANT = "grant"
    """An authority was turned into keys; the digest of the frames granted is in it."""
    REFUSE = "refuse"
    """An act was asked for and not covered by any authority."""
    REVOKE = "revoke"
    """An authority was ended before its time; keys handed over cannot be called back."""
    BASELINE = "baseline"
    """Counts were made under the custodian's identity and only the aggregates handed over."""
    OPEN = "open"
    """Frames are about to be opened: written before the first of them."""
    OPENED = "opened"
    """The opening ended: how many frames were opened and records matched."""
    SHOWN = "shown"
    """Records are about to be shown to a person, or returned to a caller."""
    ENRICH = "enrich"
    """A maker derived annotations from records of a slice."""
    JUDGE = "judge"
    """Reviewers' judgements were recorded in the case file."""
    ASSESS = "assess"
    """Hypotheses, claims or findings were recorded in the case file."""
    EXPORT = "export"
    """Records left the case as a working copy."""
    RELEASE = "release"
    """A brief is about to be released; the hashes of its files are in it."""
    SUPERSEDE = "supersede"
    """A released brief was replaced by a later one."""
    CORRECT = "correct"
    """Findings of a released brief were corrected, or withdrawn; the notice's hash is in it."""
    HANDOVER = "handover"
    """A brief, a copy or a duty passed to somebody named by key or keyed hash."""
    WATCH_START = "watch.start"
    """A standing watch began; the hash of its query is in it."""
    WATCH_ALERT = "watch.alert"
    """A standing watch raised alerts."""
    WATCH_END = "watch.end"
    """A standing watch ended."""
    BACKTEST = "backtest"
    """A watch was tried on the past."""
    VERIFY = "verify"
    """The archive was verified; how many pieces were sound."""
    REPAIR = "repair"
    """What an interrupted run left behind was swept or adopted."""


class Signer(Protocol):
    """Whoever signs an entry: an Ed25519 private key and the id of its public half."""

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of SHA-256 over the raw public key."""
        ...

    def sign(self, data: bytes, /) -> bytes:
        """The 64 bytes of an Ed25519 signature (RFC 8032)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """What an act wants written; the ledger adds its sequence, its actor and the time it stands at.

    `clock_us` is what the caller's clock reads; the entry is never earlier than the one before it.
    """

    act: Act
    clock_us: int
    authority: str | None = None
    objects: Mapping[str, str] = field(default_factory=dict)
    outcome: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act, signed. `to_bytes` is the leaf of the tree and the line of the file.

    `objects`: name -> SHA-256 in hex. `outcome`: counts, spans rounded to the hour, opaque ids.
    """

    sequence: int
    time_us: int
    actor: str
    act: str
    authority: str | None
    objects: Mapping[str, str]
    outcome: Mapping[str, Outcome]
    signature: str

    def __post_init__(self) -> None:
        _check_integer(self.sequence, "sequence", least=0)
        _check_integer(self.time_us, "time", least=-INTEGER_AT_MOST)
        _check_text(self.actor, KEY_ID, "actor")
        _check_text(self.act, NAME, "act")
        if self.authority is not None:
            _check_text(self.authority, WORD, "authority")
        _check_signature(self.signature)
        for name, value in self.objects.items():
            _check_text(name, NAME, "object name")
            _check_text(value, HASH, "object hash")
        outcome: dict[str, Outcome] = {}
        for name, result in self.outcome.items():
            _check_text(name, NAME, "outcome name")
            outcome[name] = _check_outcome(result)
        object.__setattr__(self, "objects", MappingProxyType(dict(self.objects)))
        object.__setattr__(self, "outcome", MappingProxyType(outcome))

    def to_bytes(self) -> bytes:
        """The exact bytes: RFC 8785 canonical JSON, signature included, no line end."""
        return _canonical(_plain(self) | {"signature": self.signature})

    def signed_bytes(self) -> bytes:
        """The bytes the signature is over: a fixed line, then the entry without its signature."""
        return SIGNED_PREFIX + _canonical(_plain(self))

    @classmethod
    def from_bytes(cls, line: bytes) -> Entry:
        """Read exact bytes back; anything not canonical raises `IntegrityError`."""
        if len(line) > ENTRY_BYTES_AT_MOST:
            raise IntegrityError("an entry is longer than an entry may be")
        try:
            plain = json.loads(line)
            entry = cls(**plain)
        except (ValueError, TypeError, AttributeError, RecursionError, BadValue) as error:
            raise IntegrityError("an entry does not read") from error
        if entry.to_bytes() != line:
            raise IntegrityError("an entry is not in its canonical form")
        return entry


def sign_entry(draft: EntryDraft, signer: Signer, *, sequence: int, time_us: int) -> Entry:
    """The draft as entry number `sequence`, standing at `time_us`, signed."""
    try:
        act = Act(draft.act)
    except ValueError:
        raise BadValue("the ledger knows no such act", hint=", ".join(Act)) from None
    unsigned = Entry(
        sequence=sequence,
        time_us=time_us,
        actor=signer.key_id,
        act=act.value,
        authority=draft.authority,
        objects=draft.objects,
        outcome=draft.outcome,
        signature=_NO_SIGNATURE,
    )
    signed = unsigned.signed_bytes()
    if len(signed) - len(SIGNED_PREFIX) + _SIGNATURE_MEMBER_BYTES > ENTRY_BYTES_AT_MOST:
        raise BadValue(
            "an act is too large for one entry",
            hint="write a long list as several entries, or as the hash of a file",
        )
    signature = base64.b64encode(signer.sign(signed)).decode("ascii")
    _check_signature(signature)
    # The fields are checked and frozen already: only the signature is new.
    object.__setattr__(unsigned, "signature", signature)
    return unsigned


def verify_entry(entry: Entry, public_key: bytes) -> bool:
    """Whether the entry was signed by the 32-byte Ed25519 key its actor names."""
    if key_id(public_key) != entry.actor:
        return False
    return is_signed(entry.signed_bytes(), base64.b64decode(entry.signature), public_key)


def is_signed(content: bytes, signature: bytes, public_key: bytes) -> bool:
    """Whether `signature` is that key's Ed25519 signature over `content`; never raises."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id(public_key: bytes) -> str:
    """How an Ed25519 key is named in the ledger: 16 hex digits of SHA-256 over its raw bytes."""
    return hashlib.sha256(public_key).hexdigest()[:16]


_NO_SIGNATURE = base64.b64encode(bytes(SIGNATURE_BYTES)).decode("ascii")
_SIGNATURE_MEMBER_BYTES = len('"signature":"",') + len(_NO_SIGNATURE)


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "time_us": entry.time_us,
        "actor": entry.actor,
        "act": entry.act,
        "authority": entry.authority,
        "objects": dict(entry.objects),
        "outcome": dict(entry.outcome),
    }


def _canonical(plain: dict[str, Any]) -> bytes:
    """RFC 8785 for what an entry can hold: plain ASCII, integers below 2**53, no escapes.

    For these the standard library gives the same bytes as `rfc8785`, ten times as fast (a test
    holds the two together).
    """
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode("ascii")


def _check_integer(value: object, what: str, *, least: int) -> None:
    if type(value) is not int or not least <= value <= INTEGER_AT_MOST:
        raise BadValue(f"an entry's {what} is not a whole number in range")


def _check_text(value: object, pattern: re.Pattern[str], what: str) -> None:
    if not isinstance(value, str) or pattern.match(value) is None:
        raise BadValue(
            f"an entry's {what} has a form it may not have",
            hint="the ledger holds opaque words, numbers and hashes; never content",
        )


def _check_outcome(value: object) -> Outcome:
    if isinstance(value, list | tuple):
        return tuple(_check_one(one) for one in value)
    return _check_one(value)


def _check_one(value: object) -> Single:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        _check_text(value, WORD, "outcome")
        return value
    _check_integer(value, "outcome", least=-INTEGER_AT_MOST)
    return value if isinstance(value, int) else None


def _check_signature(signature: object) -> None:
    try:
        raw = base64.b64decode(str(signature), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    # Base64 of 64 bytes leaves four bits unused: only the one spelling with zeros is a signature.
    if len(raw) != SIGNATURE_BYTES or base64.b64encode(raw).decode("ascii") != signature:
        raise BadValue("an entry's signature is not the base64 of 64 bytes")
