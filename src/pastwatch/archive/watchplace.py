"""Where the files of watches stand in an archive: what a collector opens, and what it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pastwatch.archive.place import Place

_SUFFIX = ".age"
_VERSION = "-v"


@dataclass(frozen=True, slots=True)
class WatchPlace:
    """The folder of an archive's watches, and the names in it."""

    folder: Path

    @classmethod
    def of(cls, here: Place) -> WatchPlace:
        """The one of an archive."""
        return cls(here.folder / "watch")

    def text(self, name: str, version: int) -> Path:
        """The exact text of a version that runs, wrapped to the collector and the custodians."""
        return self.folder / f"{name}{_VERSION}{version}{_SUFFIX}"

    def identity(self, name: str) -> Path:
        """The identity that alerts of a watch are sealed to, wrapped to its owner."""
        return self.folder / f"{name}.identity{_SUFFIX}"

    def card(self, name: str) -> Path:
        """What of a watch stands in clear: its recipient and version, nothing of what it seeks."""
        return self.folder / f"{name}.json"

    @property
    def outbox(self) -> Path:
        """The journals of collectors, until the desk has taken them in."""
        return self.folder / "outbox"

    @property
    def nowatch(self) -> Path:
        """The sources that meet no watch."""
        return self.folder / "nowatch.json"

    @property
    def protected(self) -> Path:
        """The keyed tokens of accounts whose records meet no watch."""
        return self.folder / "protected.json"

    def rhythms(self, source_id: str) -> Path:
        """What a collector of a source counted so far, sealed to itself."""
        return self.folder / "rhythms" / f"{source_id}{_SUFFIX}"

    def started(self) -> list[tuple[str, int]]:
        """The names and versions whose texts stand here, in order; whether they may run is not said."""
        found = []
        for path in self.folder.glob(f"*{_VERSION}*{_SUFFIX}"):
            name, _, version = path.name.removesuffix(_SUFFIX).rpartition(_VERSION)
            if name and version.isascii() and version.isdecimal():
                found.append((name, int(version)))
        return sorted(found)
