"""An archive opened for work: its place, policy, ledger, catalogue, keys and clock, held together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from pastwatch.archive.catalogue import Catalogue
from pastwatch.archive.identity import Tokens
from pastwatch.archive.place import Place
from pastwatch.archive.policy import Policy, read_policy
from pastwatch.archive.repair import adopt
from pastwatch.archive.standing import PACK_ACTS
from pastwatch.casefile.desk import DeskStore
from pastwatch.config import Settings
from pastwatch.desk.keyring import Ask, KeyRing
from pastwatch.errors import IntegrityError, StorageError, UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act
from pastwatch.ledger.log import Ledger
from pastwatch.model.plain import from_plain
from pastwatch.model.source import Source
from pastwatch.sealing.casekey import unwrap_own
from pastwatch.storage.local import LocalStore


class Office:
    """What every act of the desk needs; opening one checks the policy against the ledger."""

    def __init__(
        self, folder: Path, *, settings: Settings, ask: Ask, clock: Callable[[], int]
    ) -> None:
        self.place = Place(folder).existing()
        self.settings, self.clock = settings, clock
        self.ledger = Ledger(self.place.ledger)
        self.policy = self._policy()
        self.ring = KeyRing(settings.keys_dir / self.policy.archive_id, ask)
        self.catalogue = Catalogue(self.place.catalogue)
        self.store = LocalStore(self.place.packs)
        self.adopted = self._catch_up()
        self._desk: DeskStore | None = None

    @property
    def person(self) -> str:
        """Whose desk this is."""
        return self.settings.person or self.ring.user().person

    @property
    def desk(self) -> DeskStore:
        """The encrypted desk, opened with the user's key at first use."""
        if self._desk is None:
            try:
                wrapped = self.place.desk_key.read_bytes()
            except OSError:
                raise StorageError("the desk's key is missing from the archive") from None
            key = unwrap_own(wrapped, identity=self.ring.user().identity)
            self._desk = DeskStore.open(self.place.desk, key)
        return self._desk

    def sources(self) -> dict[str, Source]:
        """The sources by id."""
        return {i: self._source(plain) for i, _, plain in self.catalogue.sources()}

    def source_named(self, name: str) -> Source | None:
        """A source by its name."""
        return next((s for s in self.sources().values() if s.name == name), None)

    def source_id(self, name: str) -> str:
        """The id of a source named by a person; UsageError lists the known ones."""
        found = self.source_named(name)
        if found is None:
            known = ", ".join(s.name for s in self.sources().values()) or "none yet"
            raise UsageError(f'there is no source "{name}"', hint=f"known: {known}")
        return found.source_id

    def tokens_of(self, source_id: str) -> Tokens:
        """The tokens of a source's accounts."""
        return Tokens(self.ring.collector().source_keys(source_id).account_key)

    def close(self) -> None:
        """Let go of the files."""
        self.catalogue.close()
        self.ledger.close()
        if self._desk is not None:
            self._desk.close()
            self._desk = None

    def _policy(self) -> Policy:
        try:
            raw = self.place.policy.read_bytes()
        except OSError:
            raise StorageError("policy.json cannot be read") from None
        if self.ledger.size == 0:
            raise IntegrityError("the ledger is empty: entry 0 should name the policy")
        named = [e.objects["policy"] for e in entries_of(self.ledger, Act.POLICY)]
        if not named or hashlib.sha256(raw).hexdigest() != named[-1]:
            raise IntegrityError("the policy is not the one the ledger names")
        return read_policy(raw)

    def _catch_up(self) -> int:
        """Adopt what a crash left in the ledger and not in the catalogue."""
        rows = self.catalogue.packs() + self.catalogue.runs()
        last = max((row.sequence for row in rows), default=-1)
        acts = (*PACK_ACTS, Act.COLLECT_RUN, Act.SOURCE_ADD)
        behind = any(entries_of(self.ledger, *acts, start=last + 1)) or any(
            not self.catalogue.ended(str(e.authority)) for e in entries_of(self.ledger, Act.REVOKE)
        )
        return adopt(self.place, self.catalogue, self.ledger) if behind else 0

    @staticmethod
    def _source(plain: str) -> Source:
        return from_plain(Source, json.loads(plain))
