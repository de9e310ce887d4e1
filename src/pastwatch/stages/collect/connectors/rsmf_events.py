"""Turns the events of an RSMF manifest into records, with the participants and conversations it lists."""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pastwatch.archive.layout import basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.party import Role
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, Recipient, clean
from pastwatch.stages.collect.connectors.enclosed import Owner
from pastwatch.stages.collect.connectors.jsonspans import Around, json_records
from pastwatch.stages.collect.connectors.stated import attached, stated
from pastwatch.stages.collect.connectors.times import Times

_KINDS = {
    "join": Kind.JOINED,
    "leave": Kind.LEFT,
    "history": Kind.NOTICE,
    "disclaimer": Kind.NOTICE,
}
_LISTS = ("participants[]", "conversations[]")
_EXPORT = basis_number(Basis.EXPORT)


class Events:
    """Reads one manifest; afterwards `owners` names the event that each attachment belongs to."""

    def __init__(self, files: Mapping[str, PartRow], options: Mapping[str, Any]) -> None:
        self._files = files
        self._times = Times(options)
        self._listed: set[bytes] = set()
        self._people: dict[str, tuple[str, str]] = {}
        self._rooms: dict[str, dict[str, Any]] = {}
        self._titles: dict[str, str] = {}
        self.owners: dict[str, Owner] = {}
        self.pictures: set[str] = set()

    def read(self, manifest: mmap.mmap | bytes, columns: Columns) -> Iterator[Batch | Gap]:
        """The events in manifest order; what lists people and rooms is framing."""
        for _ in json_records(manifest, Columns(""), _LISTS, self._learn):
            pass
        shown = Counter(_text(room, "display") for room in self._rooms.values())
        for room_id, room in self._rooms.items():
            title = _text(room, "display")
            self._titles[room_id] = title if shown[title] == 1 and title else _both(title, room_id)

        def add(original: bytes, event: dict[str, Any], _: Around, defects: Defect) -> str:
            if original in self._listed:
                columns.frame("listed", len(original))
            else:
                self._add(columns, original, event, defects)
            return ""

        yield from json_records(manifest, columns, (*_LISTS, "events[]"), add)
        yield from columns.rest()

    def _learn(self, original: bytes, entry: dict[str, Any], _: Around, __: Defect) -> str:
        self._listed.add(original)
        own_id, display = _text(entry, "id"), _text(entry, "display")
        self.pictures |= {_text(entry, "avatar"), _text(entry, "icon")} - {""}
        if "platform" in entry or isinstance(entry.get("participants"), list):
            self._rooms[own_id] = entry
        else:
            address = _text(entry, "email") or _text(entry, "account_id") or display or own_id
            self._people[own_id] = (address, display)
        return ""

    def _add(
        self, columns: Columns, original: bytes, event: dict[str, Any], defects: Defect
    ) -> None:
        by, room_id = _text(event, "participant"), _text(event, "conversation")
        sender = self._people.get(by, (by, ""))
        written = event.get("timestamp")
        moment = self._times.read(written) if written else None
        if moment is None:
            defects |= Defect.BAD_DATE if written else Defect.NO_DATE
        elif not moment.has_zone:
            defects |= Defect.AMBIGUOUS_DATE
        kind = _KINDS.get(_text(event, "type").lower(), Kind.SAID)
        edits, is_gone = _objects(event, "edits"), event.get("deleted") is True
        if kind is Kind.SAID:
            kind = Kind.DELETED if is_gone else Kind.EDITED if edits else kind
            defects |= Defect.NONE if sender[0] else Defect.NO_SENDER
        owner = Owner(
            native_id=_text(event, "id"),
            earliest_us=moment.earliest_us if moment else None,
            latest_us=moment.latest_us if moment else None,
            basis=_EXPORT if moment else 0,
            sender_address=sender[0],
            sender_name=sender[1],
            conversation=clean(self._titles.get(room_id, room_id)),
        )
        columns.add(
            original,
            text=_text(event, "body"),
            earliest_us=owner.earliest_us,
            latest_us=owner.latest_us,
            basis=owner.basis,
            sender_address=owner.sender_address,
            sender_name=owner.sender_name,
            recipients=self._members(room_id, by),
            conversation=owner.conversation,
            native_id=owner.native_id,
            reply_to=_text(event, "parent"),
            parts=[*self._stated(event, edits), *_before(edits), *self._attached(event, owner)],
            kind=int(kind),
            defects=int(defects),
        )

    def _members(self, room_id: str, by: str) -> list[Recipient]:
        listed = self._rooms.get(room_id, {}).get("participants")
        members = [str(m) for m in listed] if isinstance(listed, list) else []
        return [
            (*self._people.get(member, (member, "")), int(Role.MEMBER))
            for member in members
            if member != by
        ]

    def _stated(self, event: dict[str, Any], edits: list[dict[str, Any]]) -> list[PartRow]:
        """What no column holds: who reacted, who read it, when it was edited, and custom fields."""
        lines = [
            (key, _text(event, key))
            for key in ("importance", "direction")
            if _text(event, key) not in {"", "normal"}
        ]
        for reaction in _objects(event, "reactions"):
            who = [self._shown(p) for p in reaction.get("participants") or [] if isinstance(p, str)]
            count = _text(reaction, "count") if not who else ""
            lines.append(("reaction", " ".join([_text(reaction, "value"), count, ", ".join(who)])))
        for receipt in _objects(event, "read_receipts"):
            names = (_text(receipt, key) for key in ("action", "timestamp"))
            lines.append(
                ("receipt", " ".join([self._shown(_text(receipt, "participant")), *names]))
            )
        lines += [
            ("edited", f"{_text(edit, 'timestamp')} {self._shown(_text(edit, 'participant'))}")
            for edit in edits
        ]
        for field in _objects(event, "custom"):
            lines.append((_text(field, "name") or "custom", _text(field, "value")))
        return stated(lines)

    def _attached(self, event: dict[str, Any], owner: Owner) -> Iterator[PartRow]:
        for entry in _objects(event, "attachments"):
            name = _text(entry, "id")
            self.owners.setdefault(name, owner)
            if found := self._files.get(name):
                yield (_text(entry, "display") or found[0], *found[1:])
            else:
                yield from stated([("attachment not in the file", _text(entry, "display") or name)])

    def _shown(self, person: str) -> str:
        address, display = self._people.get(person, (person, ""))
        return display or address


def _before(edits: list[dict[str, Any]]) -> Iterator[PartRow]:
    """What an event said before each edit, as a part."""
    for number, edit in enumerate(edits, 1):
        text = _text(edit, "previous")
        if text:
            yield attached(f"before edit {number}", "text/plain", text.encode(), text)


def _both(title: str, room_id: str) -> str:
    return f"{title} ({room_id})" if title else room_id


def _objects(event: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    listed = event.get(key)
    return (
        [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    )


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return clean(value if isinstance(value, str) else "" if value is None else str(value))
