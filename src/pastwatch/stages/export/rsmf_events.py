"""The manifest of one RSMF file: participants, a conversation, and its records as events.

Fields and their values follow the schema of version 2.0.0 that Relativity publishes
(rsmf-validator-samples, RSMFManifestSchema/rsmf_schema_2_0_0.json).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pastwatch.model.party import Party
from pastwatch.model.record import Kind, Record
from pastwatch.model.when import SECOND_US, iso
from pastwatch.stages.export.taken import TakenRecord

VERSION = "2.0.0"
TEXT_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_STATED = "text/x-stated"
_REACTION_LETTERS = 30
_NAME_LETTERS = 60
_TYPES = {
    Kind.JOINED: "join",
    Kind.ADDED: "join",
    Kind.LEFT: "leave",
    Kind.REMOVED: "leave",
    Kind.NOTICE: "disclaimer",
    Kind.CREATED: "unknown",
    Kind.RENAMED: "unknown",
    Kind.CALLED: "unknown",
    Kind.REACTED: "unknown",
}
_MEMBERSHIP = frozenset((Kind.JOINED, Kind.ADDED, Kind.LEFT, Kind.REMOVED, Kind.CREATED))


@dataclass(slots=True)
class Manifest:
    """One file in the making: records of one conversation, as they come."""

    source: str
    title: str
    medium: str
    collection: str
    offset_s: int
    events: list[dict[str, Any]] = field(default_factory=list)
    files: list[tuple[str, bytes]] = field(default_factory=list)
    begin_us: int | None = None
    end_us: int | None = None
    size_bytes: int = 0
    bare: int = 0  # attachments of which no text is held
    _people: dict[str, dict[str, Any]] = field(default_factory=dict)
    _members: dict[str, None] = field(default_factory=dict)
    _joined: set[str] = field(default_factory=set)
    _by_record: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    _changes: bool = False

    @property
    def participants(self) -> list[dict[str, Any]]:
        """Who takes part, in the order they were met."""
        return list(self._people.values())

    def holds(self, record_id: bytes) -> bool:
        """Whether a record is an event here already."""
        return record_id in self._by_record

    def add(self, taken: TakenRecord, *, is_brought: bool = False) -> None:
        """A record as an event; a reaction to an event that is here is added to that one."""
        record = taken.record
        kind = record.envelope.kind
        by = self._person(record.sender)
        others = [self._person(one) for one in record.recipients]
        self._span(record)
        if kind is Kind.REACTED and self._react(taken, by):
            return
        if kind in (Kind.ADDED, Kind.REMOVED) and others:
            for number, one in enumerate(others, 1):
                self._event(taken, one, suffix=f"-{number}" if number > 1 else "", by=by)
        else:
            self._event(taken, by, is_brought=is_brought)
        if kind in (Kind.JOINED, Kind.ADDED):
            self._joined |= set(others if kind is Kind.ADDED and others else [by])
        self._changes |= kind in _MEMBERSHIP
        for one in (by, *others):
            if one and one not in self._joined:
                self._members.setdefault(one)

    def plain(self) -> dict[str, Any]:
        """The manifest as JSON holds it."""
        is_channel = self._changes or len(self._people) > 2  # noqa: PLR2004 - more than a pair
        room = {
            "id": "C1",
            "display": self.title or self.source or "conversation without a name",
            "platform": self.medium or "unknown",
            "type": "channel" if is_channel else "direct",
            "participants": list(self._members),
            "custom": [{"name": "source", "value": self.source}],
        }
        return {
            "version": VERSION,
            "participants": self.participants,
            "conversations": [room],
            "events": self.events,
            "eventcollectionid": self.collection,
        }

    def lines(self) -> Iterator[str]:
        """The events as lines of text, for whoever opens the mail alone."""
        names = {one["id"]: one["display"] for one in self._people.values()}
        for event in self.events:
            who = names.get(event.get("participant", ""), "")
            kind = "" if event["type"] == "message" else f"({event['type']}) "
            body = str(event.get("body", "")).replace("\n", "\n    ")
            yield f"[{event.get('timestamp', 'undated')}] {who}: {kind}{body}".rstrip()

    def _person(self, party: Party | None) -> str:
        if party is None or not (party.address or party.name):
            return ""
        key = (party.address or party.name).casefold()
        known = self._people.get(key)
        if known is None:
            known = {"id": f"P{len(self._people) + 1}", "display": party.name or party.address}
            if party.address:
                known["account_id"] = party.address
                if "@" in party.address.strip("@"):
                    known["email"] = party.address
            self._people[key] = known
        elif party.name and known["display"] == known.get("account_id"):
            known["display"] = party.name
        return str(known["id"])

    def _span(self, record: Record) -> None:
        claimed = record.envelope.claimed
        if claimed is not None:
            at_us = claimed.earliest_us
            self.begin_us = at_us if self.begin_us is None else min(self.begin_us, at_us)
            self.end_us = at_us if self.end_us is None else max(self.end_us, at_us)

    def _react(self, taken: TakenRecord, by: str) -> bool:
        """Add a reaction to what it answers; False where that is not here."""
        above = self._by_record.get(taken.parent_id) if taken.parent_id else None
        if above is None or taken.is_withheld:
            return False
        value = " ".join(taken.record.text.split())[:_REACTION_LETTERS] or "reaction"
        given = above.setdefault("reactions", [])
        one = next((r for r in given if r["value"] == value), None)
        if one is None:
            one = {"value": value, "count": 0, "participants": []}
            given.append(one)
        one["count"] += 1
        one["participants"] += [by] if by and by not in one["participants"] else []
        custom = {"name": "reaction record", "value": taken.record.record_id.hex()}
        above.setdefault("custom", []).append(custom)
        return True

    def _event(
        self,
        taken: TakenRecord,
        participant: str,
        *,
        suffix: str = "",
        by: str = "",
        is_brought: bool = False,
    ) -> None:
        record = taken.record
        kind = record.envelope.kind
        event: dict[str, Any] = {
            "id": record.record_id.hex() + suffix,
            "type": _TYPES.get(kind, "message"),
            "conversation": "C1",
        }
        if participant:
            event["participant"] = participant
        if record.envelope.claimed is not None:
            event["timestamp"] = self.moment(record.envelope.claimed.earliest_us)
        if taken.parent_id is not None and self.holds(taken.parent_id):
            event["parent"] = taken.parent_id.hex()
        said = "\n".join(piece for piece in (record.subject, record.text) if piece)
        event["body"] = "[withheld]" if taken.is_withheld else said
        if kind is Kind.DELETED:
            event["deleted"] = True
        if kind is Kind.EDITED and participant:
            event["edits"] = list(_edits(record, participant))
        attachments = list(self._attached(record))
        if attachments:
            event["attachments"] = attachments
        event["custom"] = list(self._custom(taken, by=by, is_brought=is_brought))
        self.events.append(event)
        self._by_record.setdefault(record.record_id, event)
        self.size_bytes += len(event["body"]) + 500

    def moment(self, at_us: int) -> str:
        """A time in the event's zone, with its offset; parts of a second only where there are any."""
        text = iso(at_us, offset_s=self.offset_s)
        text = text[:-1] + "+00:00" if text.endswith("Z") else text
        rest = at_us % SECOND_US
        return f"{text[:19]}.{rest:06d}{text[19:]}" if rest else text

    def _attached(self, record: Record) -> Iterator[dict[str, Any]]:
        for part in record.parts:
            if part.media_type == _STATED or part.name.startswith("before edit"):
                continue
            if not part.text:
                self.bare += 1
                continue
            content = part.text.encode("utf-8", "replace")
            name = TEXT_NAME.sub("_", part.name)[-_NAME_LETTERS:].strip("._") or "attachment"
            name = f"A{len(self.files) + 1:05d}-{name}.txt"
            self.files.append((name, content))
            self.size_bytes += len(content)
            yield {"id": name, "display": f"{part.name} (its text)", "size": len(content)}

    def _custom(self, taken: TakenRecord, *, by: str, is_brought: bool) -> Iterator[dict[str, str]]:
        record = taken.record
        claimed = record.envelope.claimed
        sha256 = "" if taken.is_masked else record.source_sha256.hex()
        pairs = [
            ("record", record.record_id.hex()),
            ("sha-256 as collected", sha256),
            ("cited in", ", ".join(taken.cited_in)),
            ("judged", "; ".join(taken.judgements)),
            ("taken as", "context" if taken.is_context else ""),
            ("brought by", "a reply in this file" if is_brought else ""),
            ("withheld", "neither cited nor judged relevant" if taken.is_withheld else ""),
            ("pseudonyms", "yes" if taken.is_masked else ""),
            ("done by", by),
            ("kind", record.envelope.kind.name.lower() if record.envelope.kind in _TYPES else ""),
        ]
        if claimed is not None and claimed.width_us:
            first, last = self.moment(claimed.earliest_us), self.moment(claimed.latest_us)
            pairs.append(("time known to lie between", f"{first} and {last}"))
        for part in record.parts:
            if part.media_type == _STATED:
                for line in part.text.splitlines():
                    name, _, value = line.partition(": ")
                    pairs.append((f"stated: {name}", value))
            elif not part.text:
                told = f"{part.name}, {part.media_type}, {part.size_bytes} bytes"
                pairs.append(("attachment not held as a file", told))
        return ({"name": name, "value": value} for name, value in pairs if value)


def _edits(record: Record, participant: str) -> Iterator[dict[str, str]]:
    before = [p.text for p in record.parts if p.name.startswith("before edit") and p.text]
    for text in before:
        yield {"participant": participant, "previous": text}
    if not before:
        yield {"participant": participant, "new": record.text}
