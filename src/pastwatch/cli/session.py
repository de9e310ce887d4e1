"""What every command starts from: the settings given, how to print, and the archive opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pastwatch import config
from pastwatch.cli import ask, show
from pastwatch.config import Settings

if TYPE_CHECKING:
    from pastwatch.desk.holding import Archive, OpenCase

_SETTINGS = ("archive", "keys", "person")


@dataclass(slots=True)
class Session:
    """The global options as they were given, before the command or after it."""

    given: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """Flags over PASTWATCH_* over pastwatch.toml over the defaults."""
        return config.load({name: self.given.get(name) for name in _SETTINGS})

    @property
    def json(self) -> bool:
        """Whether the answer is JSON Lines."""
        return bool(self.given.get("json"))

    @property
    def colour(self) -> bool:
        """Whether marked places may be bold: on a terminal, unless told otherwise."""
        return show.is_terminal() and not self.given.get("no_color")

    def archive(self, *, quiet: bool = False) -> Archive:
        """The archive the settings name; says so, unless quiet, where its keys have no passphrase."""
        from pastwatch.desk.startup import spare_pandas

        spare_pandas()  # before anything imported below makes an array
        from pastwatch.desk.holding import open_archive

        settings = self.settings
        archive = open_archive(Path(settings.archive), settings=settings, ask=ask.passphrase)
        if archive.office.policy.throwaway and not quiet:
            show.say("pastwatch: throw-away archive: no key of it has a passphrase")
        return archive

    @contextmanager
    def case(self, name: str | None) -> Iterator[OpenCase]:
        """An open case of the archive, by its name or its event's; the only one where none is named."""
        with self.archive() as archive:
            work = archive.case(name)
            try:
                yield work
            finally:
                work.close()
