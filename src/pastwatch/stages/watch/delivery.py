"""What is delivered of an alert, the targets named for it, and how long to wait between tries."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from pastwatch.errors import UsageError
from pastwatch.model.watch import Severity
from pastwatch.model.when import iso

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 60.0
SECRET_AT_LEAST: Final = 16
KINDS: Final = ("file", "webhook", "mail", "nats")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
_ADDRESS: Final = re.compile(
    r"(?P<scheme>[a-z+]{2,16})://(?:(?P<user>[^@/\s]{1,256})@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?(?P<path>/[^\s#]*)?"
)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LINES: Final = {
    "file": frozenset({"address"}),
    "webhook": frozenset({"address", "secret", "ca", "timeout_s"}),
    "mail": frozenset({"address", "secret", "ca", "timeout_s", "from", "to"}),
    "nats": frozenset({"address", "secret", "ca", "timeout_s", "subject"}),
}
_ALWAYS: Final = frozenset({"name", "kind", "severities"})
_NEEDED: Final = {
    "file": ("address",),
    "webhook": ("address", "secret"),
    "mail": ("address", "from", "to"),
    "nats": ("address", "subject"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """All that leaves the archive of an alert: nothing of the record, not even its id."""

    alert_id: str
    watch: str
    version: int
    severity: Severity
    count: int
    """Which alert of its watch this is, counted from 1 in the order they came in."""
    at_us: int
    """When the record arrived."""

    def plain(self) -> dict[str, Any]:
        """What is written down, as JSON holds it."""
        return {
            "alert_id": self.alert_id,
            "arrived": iso(self.at_us),
            "count": self.count,
            "severity": self.severity.value,
            "version": self.version,
            "watch": self.watch,
        }

    def to_bytes(self) -> bytes:
        """The same bytes whenever it is sent: JSON with sorted names, on one line."""
        return json.dumps(self.plain(), sort_keys=True, separators=(",", ":")).encode()


class Answer(NamedTuple):
    """What came of one try: delivered, or not, and then whether another try makes sense."""

    alert_id: str
    delivered: bool
    reason: str = ""
    again: bool = True
    after_s: float = 0.0
    """How long the target asked to be left alone."""


class Target(Protocol):
    """Somewhere to deliver to; used from a thread of its own."""

    def deliver(self, notices: Sequence[Notice]) -> Iterator[Answer]:
        """Deliver in order, with an answer to each; after one that failed the rest is not tried.

        SourceError for what the target does wrong before it is known to have taken a notice.
        """

    def abort(self) -> None:
        """Called from another thread where it does not answer: give up what is under way."""

    def close(self) -> None:
        """Let go of what is held open; it may be used again."""


class Address(NamedTuple):
    """Where a target stands, taken apart."""

    scheme: str
    user: str
    host: str
    port: int | None
    path: str

    @property
    def is_loopback(self) -> bool:
        """Whether it is this very machine, by name."""
        return self.host in _LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetLine:
    """One [[target]] of the file, checked; `secret` is what its file holds."""

    name: str
    kind: str
    address: str
    folder: Path
    severities: frozenset[Severity]
    secret: bytes = b""
    ca: Path | None = None
    timeout_s: float = 10.0
    sender: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""

    def wants(self, notice: Notice) -> bool:
        """Whether a notice is of a severity this target is told."""
        return notice.severity in self.severities


def targets_of(plain: Mapping[str, Any], *, folder: Path) -> tuple[TargetLine, ...]:
    """The targets a file names; paths in it are taken from `folder`. UsageError names what is wrong."""
    tables = plain.get("target")
    if set(plain) - {"target"} or not isinstance(tables, list) or not tables:
        raise UsageError("the file of targets holds a table each: [[target]]")
    found = tuple(_target(one, folder) for one in tables if isinstance(one, dict))
    names = [one.name for one in found]
    if len(found) != len(tables) or len(set(names)) < len(names):
        raise UsageError("each target is a table with a name of its own")
    return found


def read_address(text: str, *schemes: str) -> Address:
    """An address taken apart; UsageError, which does not quote it, where it is none of these schemes."""
    found = _ADDRESS.fullmatch(text)
    if found is None or found["scheme"] not in schemes:
        raise UsageError(
            "the address of a target is none this kind understands",
            hint=" or ".join(f"{one}://HOST[:PORT]" for one in schemes),
        )
    if ":" in (found["user"] or ""):
        raise UsageError("no password stands in an address", hint='secret = "FILE"')
    port = int(found["port"]) if found["port"] else None
    return Address(
        found["scheme"], found["user"] or "", found["host"].strip("[]"), port, found["path"] or ""
    )


def signature_of(secret: bytes, *, timestamp: str, body: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104) over the timestamp, a full stop and the exact body, as `v1=HEX`."""
    return "v1=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def wait_s(failures: int, *, luck: float, asked_s: float = 0.0) -> float:
    """How long to leave a target alone after so many failures on end: doubling, half of it by luck.

    `luck` is a number from 0 to 1: many senders that failed together do not come back together.
    """
    longest = min(FIRST_WAIT_S * 2.0 ** min(failures - 1, 30), LONGEST_WAIT_S)
    return max(longest * (0.5 + 0.5 * luck), min(asked_s, LONGEST_WAIT_S))


Clock = Callable[[], int]


def _target(plain: Mapping[str, Any], folder: Path) -> TargetLine:
    kind = plain.get("kind")
    if kind not in KINDS:
        raise UsageError("the kind of a target is not known", hint=", ".join(KINDS))
    unknown = sorted(set(plain) - _LINES[kind] - _ALWAYS)
    missing = [one for one in _NEEDED[kind] if not plain.get(one)]
    if unknown or missing:
        told = f"has no line {unknown[0]!r}" if unknown else f"does not say: {', '.join(missing)}"
        raise UsageError(f"a target of the kind {kind} {told}")
    name = plain.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UsageError("a target has a name of small letters, digits and dashes")
    timeout_s = plain.get("timeout_s", 10.0)
    if not isinstance(timeout_s, int | float) or not 0 < timeout_s <= LONGEST_WAIT_S:
        raise UsageError("a target is waited for a minute at most: timeout_s")
    to = plain.get("to", [])
    texts = [plain.get(one, "") for one in ("address", "secret", "ca", "from", "subject")]
    if not all(isinstance(one, str) for one in texts) or not _are_texts(to):
        raise UsageError("the lines of a target are text, and its recipients a list of texts")
    if texts[2] and not (folder / texts[2]).is_file():
        raise UsageError("the file of a target's certificate authority cannot be read")
    return TargetLine(
        name=name,
        kind=kind,
        address=texts[0],
        folder=folder,
        severities=_severities(plain.get("severities", list(Severity))),
        secret=_secret(folder / texts[1]) if texts[1] else b"",
        ca=folder / texts[2] if texts[2] else None,
        timeout_s=float(timeout_s),
        sender=texts[3],
        recipients=tuple(to),
        subject=texts[4],
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one for one in value)


def _severities(value: Any) -> frozenset[Severity]:
    try:
        found = frozenset(map(Severity, value)) if isinstance(value, list) else frozenset()
    except ValueError:
        found = frozenset()
    if not found:
        raise UsageError("a target is told of severities", hint=", ".join(Severity))
    return found


def _secret(path: Path) -> bytes:
    """What a secret's file holds; UsageError where others may read it, or it is short."""
    try:
        if path.stat().st_mode & 0o077:
            raise UsageError(
                "others may read the file of a target's secret", hint=f"chmod 600 {path.name}"
            )
        secret = path.read_bytes().strip()
    except OSError:
        raise UsageError("the file of a target's secret cannot be read") from None
    if not secret:
        raise UsageError("the file of a target's secret is empty")
    return secret
