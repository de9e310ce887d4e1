"""Which records belong together: those an enricher put in one family, and exact copies of a text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

LEAST_CHARACTERS = 30
"""A shorter text says different things in different places: equal ones are no family."""


def text_digest(subject: str, text: str) -> bytes | None:
    """What two records with the same subject and text have in common; None for a text too short."""
    plain = " ".join(text.split())
    if len(plain) < LEAST_CHARACTERS:
        return None
    whole = f"{' '.join(subject.split())}\n{plain}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=16).digest()


@dataclass(slots=True)
class Families:
    """Records by what they have in common; a record may stand in several families."""

    _members: dict[tuple[str, object], list[bytes]] = field(default_factory=dict)
    _families: dict[bytes, list[tuple[str, object]]] = field(default_factory=dict)

    def add(self, kind: str, pairs: Iterable[tuple[bytes, object]]) -> None:
        """Add (record id, what it shares); what it shares is compared within its kind alone."""
        for record_id, shared in pairs:
            key = (kind, shared)
            members = self._members.setdefault(key, [])
            if record_id not in members[-1:] and key not in self._families.get(record_id, ()):
                members.append(record_id)
                self._families.setdefault(record_id, []).append(key)

    def of(self, record_id: bytes) -> dict[bytes, str]:
        """The other records of its families, each with the kind of the first that holds it."""
        found: dict[bytes, str] = {}
        for key in self._families.get(record_id, ()):
            for other in self._members[key]:
                if other != record_id:
                    found.setdefault(other, key[0])
        return found
