"""Writes RSMF 2.0 (Relativity short message format): a mail with rsmf.zip a conversation and day."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.header import Header
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Any

from pastwatch.model.when import DAY_US, EPOCH, SECOND_US
from pastwatch.stages.export.rsmf_events import VERSION, Manifest
from pastwatch.stages.export.taken import Exported, LeftBehind, Taken, TakenRecord

EVENTS_AT_MOST = 10_000
"""A file holds no more (Relativity, "Processing an RSMF file")."""

_BYTES_AT_MOST = 100_000_000
_PARENTS_AT_MOST = 50_000
_NOT_SHORT = frozenset(
    ("mail", "report", "contacts", "calendar", "file", "phone", "feed", "web", "other", "exhibit",
     "photo", "directory", "track")
)  # fmt: skip
_LOCAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}[A-Za-z0-9]|[A-Za-z0-9]")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")
_NAME_LETTERS = 60
_LINE_AT_MOST = 900  # RFC 5322 §2.1.1 allows 998
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
Key = tuple[str, str]


class Rsmf:
    """Short messages as RSMF 2.0: a file for each conversation and day, replies with what they answer."""

    name = "rsmf"

    def write(self, taken: Taken, folder: Path) -> Exported:
        """One `.rsmf` a conversation and day of the event's zone; mail is left for a load file."""
        return _Files(taken, folder).write()


@dataclass(slots=True)
class _Files:
    taken: Taken
    folder: Path
    names: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    open: dict[Key, Manifest] = field(default_factory=dict)
    parents: dict[bytes, TakenRecord] = field(default_factory=dict)

    def write(self) -> Exported:
        """Go through the records once; only those of one day are in memory, and what is answered later."""
        day: int | None = None
        for one in self.taken.records:
            if one.record.envelope.medium in _NOT_SHORT:
                self.left[one.record.envelope.medium] += 1
                continue
            own = self._day(one)
            if own != day:
                self._close_all(day)
                day = own
            self._add(one, day)
        self._close_all(day)
        return Exported(
            files=tuple(self.names),
            counts=(
                ("records", self.met["records"]),
                ("events", self.met["events"]),
                ("files", len(self.names)),
                ("texts of attachments", self.met["attachments"]),
            ),
            left_out=tuple(self._left_out()),
        )

    def _add(self, one: TakenRecord, day: int | None) -> None:
        key = _key(one)
        manifest = self.open.get(key)
        if manifest is None:
            manifest = self.open[key] = self._begun(one, key)
        above = one.parent_id
        if above is not None and not manifest.holds(above):
            parent = self.parents.get(above)
            if parent is not None and _key(parent) == key:
                manifest.add(parent, is_brought=True)
                self.met["brought"] += 1
            else:
                self.met["lost parents"] += 1
        manifest.add(one)
        self.met["records"] += 1
        self.met["originals"] += one.original is not None
        if one.is_answered:
            self.parents[one.record.record_id] = one
            if len(self.parents) > _PARENTS_AT_MOST:
                del self.parents[next(iter(self.parents))]
        is_full = len(manifest.events) >= EVENTS_AT_MOST - 1  # room for a parent brought
        if is_full or manifest.size_bytes > _BYTES_AT_MOST:
            self._close(key, day)

    def _begun(self, one: TakenRecord, key: Key) -> Manifest:
        named = "\0".join((self.taken.case_id, *key)).encode("utf-8", "replace")
        return Manifest(
            source=one.source,
            title=one.record.conversation,
            medium=one.record.envelope.medium,
            collection=hashlib.sha256(named).hexdigest()[:24],
            offset_s=self.taken.event.zone_offset_s,
        )

    def _day(self, one: TakenRecord) -> int | None:
        claimed = one.record.envelope.claimed
        if claimed is None:
            return None
        return (claimed.earliest_us + self.taken.event.zone_offset_s * SECOND_US) // DAY_US

    def _close_all(self, day: int | None) -> None:
        for key in list(self.open):
            self._close(key, day)

    def _close(self, key: Key, day: int | None) -> None:
        manifest = self.open.pop(key)
        told = "undated" if day is None else (EPOCH + timedelta(days=day)).strftime("%Y-%m-%d")
        name = f"{told.rjust(10, '0') if day is not None else told}-{len(self.names) + 1:05d}.rsmf"
        (self.folder / name).write_bytes(self._filled(manifest, told))
        self.names.append(name)
        self.met["events"] += len(manifest.events)
        self.met["attachments"] += len(manifest.files)
        self.left["bare"] += manifest.bare

    def _filled(self, manifest: Manifest, day: str) -> bytes:
        plain = manifest.plain()
        zipped = _zipped(plain, manifest.files)
        people = manifest.participants
        first = next((e["participant"] for e in plain["events"] if e.get("participant")), "")
        sender = next((one for one in people if one["id"] == first), None)
        at_us = self.taken.made_us if manifest.begin_us is None else manifest.begin_us
        digest = hashlib.sha256(zipped).hexdigest()
        headers = [
            ("From", _address(sender, manifest.medium)),
            ("To", ",\r\n ".join(_address(one, manifest.medium) for one in people)),
            ("Subject", _words("Subject", f"{manifest.title or manifest.source}, {day}")),
            ("Date", format_datetime(EPOCH + timedelta(microseconds=at_us))),
            ("Message-ID", f"<{digest[:32]}@rsmf.invalid>"),
            *(
                (f"X-RSMF-{name}", _words(f"X-RSMF-{name}", value))
                for name, value in self._headers(manifest, plain, people)
            ),
        ]
        text = "".join(f"{line}\n" for line in manifest.lines()).encode("utf-8", "replace")
        return _mail(headers, text, zipped, boundary=f"=_{digest[32:]}")

    def _headers(
        self, manifest: Manifest, plain: dict[str, Any], people: list[dict[str, Any]]
    ) -> Iterator[tuple[str, str]]:
        yield "Version", VERSION
        yield "Generator", "Pastwatch"
        if manifest.begin_us is not None and manifest.end_us is not None:
            yield "BeginDate", manifest.moment(manifest.begin_us)
            yield "EndDate", manifest.moment(manifest.end_us)
        yield "EventCount", str(len(plain["events"]))
        yield "AttachmentCount", str(len(manifest.files))
        yield "Application", manifest.medium
        yield "Custodian", manifest.source
        yield "Participants", "; ".join(_plain(one["display"]) for one in people)
        yield "EventCollectionID", manifest.collection
        yield "Case", self.taken.case_id

    def _left_out(self) -> Iterator[LeftBehind]:
        bare = self.left.pop("bare", 0)
        for medium, count in sorted(self.left.items()):
            why = "no short messages: export a load file for these"
            yield LeftBehind(what=f"records of {medium}", count=count, why=why)
        for what, count, why in (
            ("attachments", bare, "no text of them is held; their names stand in the event"),
            (
                "answers",
                self.met["lost parents"],
                "what they answer was not taken, or stands in another conversation",
            ),
            (
                "originals",
                self.met["originals"],
                "the format has no place for them; a load file has",
            ),
        ):
            if count:
                yield LeftBehind(what=what, count=count, why=why)


def _key(one: TakenRecord) -> Key:
    """What is one conversation: its name in its source, else who talks with whom, else the source."""
    record = one.record
    if record.conversation or not record.recipients:
        return record.envelope.source_id, record.conversation
    parties = (*((record.sender,) if record.sender else ()), *record.recipients)
    return record.envelope.source_id, "\0" + "\0".join(
        sorted({p.address or p.name for p in parties})
    )


def _zipped(plain: dict[str, Any], files: list[tuple[str, bytes]]) -> bytes:
    manifest = json.dumps(plain, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as into:
        for name, content in (("rsmf_manifest.json", manifest), *files):
            stands = zipfile.ZipInfo(name, _ZIP_TIME)  # no clock: the same input, the same bytes
            stands.external_attr = 0o600 << 16
            stands.create_system = 3
            into.writestr(stands, content, zipfile.ZIP_DEFLATED, 6)
    return packed.getvalue()


def _mail(headers: list[tuple[str, str]], text: bytes, zipped: bytes, *, boundary: str) -> bytes:
    """A mail of two parts in base64: the text, and the zip as its one attachment (RFC 5322, 2045)."""
    begin = f"--{boundary}\r\n"
    pieces = [
        *(f"{name}: {value}\r\n" for name, value in headers if value),
        f'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n',
        f"{begin}Content-Type: text/plain; charset=utf-8\r\n",
        f"Content-Transfer-Encoding: base64\r\n\r\n{_base64(text)}\r\n",
        f'{begin}Content-Type: application/zip; name="rsmf.zip"\r\n',
        'Content-Disposition: attachment; filename="rsmf.zip"\r\n',
        f"Content-Transfer-Encoding: base64\r\n\r\n{_base64(zipped)}--{boundary}--\r\n",
    ]
    return "".join(pieces).encode("ascii")


def _base64(content: bytes) -> str:
    return base64.encodebytes(content).decode("ascii").replace("\n", "\r\n")


def _address(person: dict[str, Any] | None, medium: str) -> str:
    """A participant as a mail names one; an account that is no mail address stands under ".invalid"."""
    if person is None:
        return "unknown@participant.invalid"
    account = str(person.get("account_id", person["display"]))
    local, _, domain = account.rpartition("@")
    if not (_LOCAL.fullmatch(local) and ".." not in local and _DOMAIN.fullmatch(domain)):
        plain = account.lstrip("+")
        local = plain if _LOCAL.fullmatch(plain) and ".." not in plain else _token(account)
        domain = f"{medium if _DOMAIN.fullmatch(medium) else 'participant'}.invalid"
    named = "" if person["display"] == account else _plain(person["display"])[:_NAME_LETTERS]
    return formataddr((named, f"{local}@{domain}"))


def _token(account: str) -> str:
    return hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:16]


def _plain(text: str) -> str:
    return _UNPRINTED.sub(" ", " ".join(str(text).split())).strip()


def _words(name: str, text: str) -> str:
    """Words that a header may hold, folded, in RFC 2047 where they are not ASCII."""
    told = _plain(text)
    form = "us-ascii" if told.isascii() else "utf-8"
    folded = Header(told, form, maxlinelen=200, header_name=name).encode(linesep="\r\n")
    return folded if max(map(len, folded.split("\r\n"))) < _LINE_AT_MOST else _token(told)


EXPORT = Rsmf()
