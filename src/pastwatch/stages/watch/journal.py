"""The journal of a collector's alerts: whole signed files that the desk takes in and removes."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pastwatch.casefile.watching import Examined, KeptAlert
from pastwatch.errors import BadValue
from pastwatch.model.watch import Alert
from pastwatch.sealing.signing import SigningKey, verified
from pastwatch.storage import durable

SIGNED_PREFIX = b"pastwatch watch journal v1\n"
SUFFIX = ".jsonl"


class Stop(NamedTuple):
    """That a watch does not run, or no longer: its owner is to be told why."""

    watch: str
    version: int
    text_sha256: str
    reason: str
    at_us: int


class Passed(NamedTuple):
    """The records of a run up to a seal: how many were examined, and how many could not be."""

    source_id: str
    run_id: str
    records: int
    withheld: int
    unparsed: int
    at_us: int


@dataclass(slots=True)
class Journal:
    """What one file holds; `signed_by` is the key of the collector, "" where no signature holds.

    `damaged` counts lines that do not read. A file comes whole from a collector: one that is cut
    or changed has no signature, and what still reads of it is given all the same.
    """

    alerts: list[KeptAlert] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    examined: list[Examined] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    signed_by: str = ""
    damaged: int = 0


def alert_id(text_sha256: str, record_id: bytes) -> str:
    """The same for the same watch text and record, however often it is raised."""
    return hashlib.sha256(bytes.fromhex(text_sha256) + record_id).hexdigest()[:32]


class Outbox:
    """Writes the journals of a run: each a new file, whole and durable before `put` returns."""

    def __init__(self, folder: Path, run_id: str, *, signer: SigningKey) -> None:
        self._folder, self._signer = folder, signer
        self.run_id, self._written = run_id, 0

    def next_run(self, run_id: str) -> None:
        """Name what follows after another run."""
        self.run_id, self._written = run_id, 0

    def put(self, entries: Iterable[dict[str, Any]]) -> Path:
        """One file more, one line an entry, signed in its last line."""
        body = b"".join(_line(entry) for entry in entries)
        signature = self._signer.sign(SIGNED_PREFIX + hashlib.sha256(body).digest())
        last = {"signed_by": self._signer.key_id, "signature": _base64(signature)}
        durable.make_dir(self._folder)
        path = self._folder / f"{self.run_id}-{self._written + 1}{SUFFIX}"
        durable.write_new(path, [body, _line(last)])
        self._written += 1
        return path


def alert_entry(kept: KeptAlert, *, text_sha256: str) -> dict[str, Any]:
    """The line of an alert: in clear its ids and time, sealed the rest."""
    alert = kept.alert
    return {
        "alert_id": alert.alert_id,
        "watch": alert.watch,
        "version": alert.version,
        "sha256": text_sha256,
        "record_id": alert.record_id.hex(),
        "source_id": alert.source_id,
        "at_us": alert.at_us,
        "sealed": _base64(kept.sealed),
    }


def stop_entry(stop: Stop) -> dict[str, Any]:
    """The line of a watch that is stopped."""
    return {"stopped": stop._asdict()}


def passed_entry(passed: Passed, examined: Iterable[Examined]) -> dict[str, Any]:
    """The line of a seal: how many records passed, and what of them each watch examined."""
    watches = [[e.watch, e.version, e.records, e.alerts, e.timed_out] for e in examined]
    return {"passed": passed._asdict(), "watches": watches}


def read_journal(raw: bytes, *, public: Callable[[str], bytes | None]) -> Journal:
    """What a journal holds, as far as it reads; `public` gives a key's public half by its id."""
    journal = Journal()
    lines = raw.split(b"\n")
    cut = lines.pop()
    read_bytes = 0
    for line in lines:
        try:
            plain = json.loads(line)
            if "signature" in plain:
                journal.signed_by = _signed(plain, raw[:read_bytes], public)
            else:
                _take(plain, journal)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, BadValue):
            journal.damaged += 1
        read_bytes += len(line) + 1
    if cut or journal.damaged:
        journal.damaged += bool(cut)
        journal.signed_by = ""
    return journal


def _take(plain: dict[str, Any], journal: Journal) -> None:
    if "stopped" in plain:
        journal.stops.append(Stop(**plain["stopped"]))
    elif "passed" in plain:
        passed = Passed(**plain["passed"])
        journal.passed.append(passed)
        own = passed.source_id, passed.run_id
        journal.examined += [
            Examined(name, version, *own, records, alerts, timed_out, passed.at_us)
            for name, version, records, alerts, timed_out in plain["watches"]
        ]
    else:
        alert = Alert(
            alert_id=plain["alert_id"],
            watch=plain["watch"],
            version=plain["version"],
            record_id=bytes.fromhex(plain["record_id"]),
            source_id=plain["source_id"],
            at_us=plain["at_us"],
        )
        if alert.alert_id != alert_id(plain["sha256"], alert.record_id):
            raise BadValue("an alert's id is not the one of its watch and record")
        journal.alerts.append(KeptAlert(alert, base64.b64decode(plain["sealed"], validate=True)))


def _signed(plain: dict[str, Any], body: bytes, public: Callable[[str], bytes | None]) -> str:
    key_id = str(plain["signed_by"])
    key = public(key_id)
    message = SIGNED_PREFIX + hashlib.sha256(body).digest()
    held = key is not None and verified(key, base64.b64decode(plain["signature"]), message)
    return key_id if held else ""


def _line(plain: dict[str, Any]) -> bytes:
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
