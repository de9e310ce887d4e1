"""The objects of STIX 2.1 that every bundle shares: ids, marks, who made it, accounts, the event."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID, uuid5

import rfc8785

from pastwatch.model.party import Actor
from pastwatch.model.source import Source
from pastwatch.stages.export.parties import AccountKey, AccountRow
from pastwatch.stages.export.taken import Taken
from pastwatch.stages.export.writing import iso_us

Object = dict[str, Any]

SCO_NAMESPACE: Final = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""For ids over the ID contributing properties of cyber-observables, and no others (§2.9)."""
OWN_NAMESPACE: Final = UUID("7d0a8b62-3c55-5a0e-9f61-52a1c9b6e0d4")
"""For every other id: over the archive, the type and what is named."""
EXTENSION_ID: Final = f"extension-definition--{uuid5(OWN_NAMESPACE, 'record extension')}"
_PRODUCT_ID: Final = f"identity--{uuid5(OWN_NAMESPACE, 'pastwatch')}"
_SINCE: Final = "2026-01-01T00:00:00.000Z"
_ADDRESS: Final = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+")

EXTENSION_OBJECTS: Final[tuple[Object, ...]] = (
    {
        "type": "identity",
        "spec_version": "2.1",
        "id": _PRODUCT_ID,
        "created": _SINCE,
        "modified": _SINCE,
        "name": "Pastwatch",
        "identity_class": "system",
    },
    {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION_ID,
        "created_by_ref": _PRODUCT_ID,
        "created": _SINCE,
        "modified": _SINCE,
        "name": "Pastwatch record",
        "description": (
            "What a record of sealed communications holds beyond observed data: its id, the two ends "
            "between which its time lies and the basis of it, who was addressed in which role, its "
            "words, and what reviewers said of it."
        ),
        "schema": (
            "Strings: record_id, source, medium, kind, earliest, latest, basis, collected, sender_ref, "
            "conversation, thread, subject, text, answers. Integer: number. Lists of strings: "
            "cited_in, judgements, defects, names. Lists of objects: recipients (ref, role), "
            "attachments (ref, text). Booleans, where true: is_context, is_masked, is_withheld. On an "
            "incident: earliest, latest and place. On a marking-definition: reliability (A to F) and "
            "credibility (1 to 6) of the Admiralty code, about, question, reason."
        ),
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    },
)


def extension(**properties: Any) -> dict[str, Object]:
    """The extensions of an object: our one extension with the properties that say something."""
    said = {name: value for name, value in properties.items() if value}
    return {EXTENSION_ID: {"extension_type": "property-extension", **said}}


class Office:
    """Makes the objects of one export, with the same ids and times each time."""

    def __init__(self, taken: Taken) -> None:
        self.taken = taken
        self.since_us = taken.authority.valid.start_us
        self.maker = self._identity(taken.made_by or "unknown", "individual")
        self.marking = self._marking()
        self._grades: dict[str, list[Object]] = {}
        for grade in taken.source_grades:
            said: Object = {"reliability": grade.reliability.value, "reason": grade.reason}
            self._grade(f"source {grade.source}", said)
        for item in taken.item_grades:
            judged = {"credibility": int(item.credibility), "question": item.question.value}
            self._grade(item.about, judged | {"reason": item.reason})

    def id(self, kind: str, *parts: str) -> str:
        """An id of ours: UUIDv5 over the archive, the type and what is named."""
        name = "\0".join((self.taken.archive_id, kind, *parts))
        return f"{kind}--{_uuid(OWN_NAMESPACE, name)}"

    def object(self, kind: str, object_id: str, created_us: int, **properties: Any) -> Object:
        """A domain or relationship object: since when, changed by this export, under its mark."""
        made_us = max(created_us, self.taken.made_us)
        return {
            "type": kind,
            "spec_version": "2.1",
            "id": object_id,
            "created_by_ref": self.maker["id"],
            "created": iso_us(created_us),
            "modified": iso_us(made_us),
            "object_marking_refs": [self.marking["id"]],
            **properties,
        }

    def marks(self, *about: str) -> list[str]:
        """The marks of something: that of the authority, then its Admiralty grades."""
        grades = (grade["id"] for one in about for grade in self._grades.get(one, []))
        return [self.marking["id"], *grades]

    def opening(self) -> Iterator[Object]:
        """What stands first: our extension, who made the export, its mark, the sources, the event."""
        yield from EXTENSION_OBJECTS
        yield self.maker
        yield self.marking
        for grades in self._grades.values():
            yield from grades
        for source in self.taken.sources:
            yield self._source(source)
        yield self.incident()

    def person(self, name: str) -> Object:
        """The identity of somebody who judged or found."""
        return self._identity(name, "individual")

    def incident(self) -> Object:
        """The event of the case."""
        event = self.taken.event
        start, end = iso_us(event.when.start_us), iso_us(event.when.end_us)
        references = [{"source_name": "reference", "description": r} for r in event.references]
        return self.object(
            "incident",
            self.id("incident", event.event_id),
            self.since_us,
            name=event.title,
            **({"description": event.description} if event.description else {}),
            **({"external_references": references} if references else {}),
            extensions=extension(earliest=start, latest=end, place=event.place),
        )

    def account_ref(self, key: AccountKey) -> str:
        """The id of an account: of an address of mail, of a user, or of a name alone."""
        if key.medium == "mail" and _ADDRESS.fullmatch(key.address):
            return sco_id("email-addr", value=key.address)
        if key.address:
            return sco_id("user-account", account_type=key.medium, user_id=key.address)
        return self.id("user-account", key.medium, key.shown_as)

    def account(self, row: AccountRow) -> Object:
        """An account as the records show it; further names stand in our extension."""
        key, object_id = row.key, self.account_ref(row.key)
        kind = object_id.partition("--")[0]
        made: Object = {"type": kind, "spec_version": "2.1", "id": object_id}
        if kind == "email-addr":
            made["value"] = key.address
        else:
            made["account_type"] = key.medium
            if key.address:
                made["user_id"] = key.address
        if row.name or key.shown_as:
            made["display_name"] = row.name or key.shown_as
        if row.is_masked or len(row.names) > 1:
            made["extensions"] = extension(names=list(row.names[1:]), is_masked=row.is_masked)
        return made

    def actor(self, actor: Actor) -> Object:
        """Whoever is argued to stand behind accounts."""
        object_id = self.id("identity", self.taken.case_id, "actor", actor.actor_id)
        said = {"name": actor.label, "identity_class": "unknown"}
        return self.object("identity", object_id, self.since_us, **said)

    def _identity(self, name: str, identity_class: str, **properties: Any) -> Object:
        object_id = self.id("identity", self.taken.case_id, identity_class, name)
        return {
            "type": "identity",
            "spec_version": "2.1",
            "id": object_id,
            "created": iso_us(self.since_us),
            "modified": iso_us(max(self.since_us, self.taken.made_us)),
            "name": name,
            "identity_class": identity_class,
            **properties,
        }

    def _grade(self, about: str, said: Object) -> None:
        """An Admiralty grade as a marking in our extension: STIX has none of its own."""
        object_id = self.id("marking-definition", self.taken.case_id, about, repr(said))
        grade = {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": object_id,
            "created_by_ref": self.maker["id"],
            "created": iso_us(self.since_us),
            "name": f"Admiralty grade of {about}",
            "extensions": extension(about=about, **said),
        }
        self._grades.setdefault(about, []).append(grade)

    def _source(self, source: Source) -> Object:
        said = f"a source of records: {source.medium}, held on the basis {source.lawful_basis}"
        return self._identity(source.name, "system", description=said)

    def _marking(self) -> Object:
        authority = self.taken.authority
        statement = (
            f"Communications taken under authority {authority.authority_id}, granted by "
            f"{authority.granted_by} to {authority.granted_to}. Ground: {authority.ground}. "
            f"Purpose: {authority.purpose}."
        )
        return {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": self.id("marking-definition", self.taken.case_id, statement),
            "created_by_ref": self.maker["id"],
            "created": iso_us(self.since_us),
            "definition_type": "statement",
            "definition": {"statement": statement},
        }


@functools.lru_cache(maxsize=1 << 16)
def sco_id(kind: str, **contributing: str) -> str:
    """The id of a cyber-observable over its ID contributing properties as RFC 8785 JSON (§2.9)."""
    sound = {name: _sound(value) for name, value in contributing.items()}
    return f"{kind}--{_uuid(SCO_NAMESPACE, rfc8785.dumps(sound).decode())}"


def _uuid(namespace: UUID, name: str) -> UUID:
    return uuid5(namespace, _sound(name))


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
