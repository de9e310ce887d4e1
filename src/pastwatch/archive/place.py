"""Where each thing of an archive stands on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pastwatch.errors import UsageError


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of an archive, and the names in it."""

    folder: Path

    def existing(self) -> Place:
        """Itself, once it is certain that an archive stands here."""
        if not self.policy.is_file():
            raise UsageError(
                f'no archive stands in "{self.folder.name}"',
                hint="make one with 'pastwatch init', or name another with --archive",
            )
        return self

    @property
    def policy(self) -> Path:
        """The signed policy in force."""
        return self.folder / "policy.json"

    @property
    def ledger(self) -> Path:
        """The ledger's folder."""
        return self.folder / "ledger"

    @property
    def catalogue(self) -> Path:
        """The catalogue: one row a pack."""
        return self.folder / "catalogue.db"

    @property
    def packs(self) -> Path:
        """The store of packs, their ids and their wrapped keys."""
        return self.folder / "packs"

    @property
    def runs(self) -> Path:
        """The account of every collecting run, and its sealed manifest."""
        return self.folder / "runs"

    @property
    def sources(self) -> Path:
        """What is said of each source: in clear its basis, sealed its handover."""
        return self.folder / "sources"

    @property
    def openings(self) -> Path:
        """The account of every grant: records by source and keyed account token, no content."""
        return self.folder / "openings"

    @property
    def locks(self) -> Path:
        """One lock a source."""
        return self.folder / "locks"

    @property
    def granting_lock(self) -> Path:
        """Held while keys are granted, and while packs are replaced by others: never both."""
        return self.locks / "granting.lock"

    @property
    def desk(self) -> Path:
        """The encrypted desk: events, authorities, watches."""
        return self.folder / "desk.db"

    @property
    def desk_key(self) -> Path:
        """The desk's key, wrapped to those who may use it."""
        return self.folder / "desk.key.age"


def pack_key(pack_id: str) -> str:
    """The store's name of a pack."""
    return f"{pack_id[:2]}/{pack_id}.pack"


def ids_key(pack_id: str) -> str:
    """The store's name of a pack's sorted record ids."""
    return f"{pack_id[:2]}/{pack_id}.ids"


def keys_key(pack_id: str) -> str:
    """The store's name of a pack's wrapped keys."""
    return f"{pack_id[:2]}/{pack_id}.keys"
