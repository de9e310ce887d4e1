"""An archive with one case, and the commands that are run on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner, Result

from pastwatch.cli.main import tree
from pastwatch.cli.session import Session
from pastwatch.config import Settings
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import PastwatchError


class Place:
    """Where an archive stands, and its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def case(self, rows: Sequence[dict[str, str]], *acts: str) -> Iterator[OpenCase]:
        """A new case over a chat of these rows, under an authority that allows these acts."""
        path = self.folder / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        settings = Settings(isolate=False)
        with scratch_archive(self.folder, settings=settings, person="ana") as archive:
            archive.collect(path, source="chat", basis="own", connector="jsonl", medium="chat")
            archive.add_event("e", "Fire", at="2017-07-01T12:00Z", references=("a",))
            case, _, _ = open_self_authorised(
                archive, "e", self.folder / "grant.toml", ground="own", acts=list(acts)
            )
            try:
                yield case
            finally:
                case.close()

    def run(self, *words: str) -> Result:
        """What a command ends in."""
        given = ["--archive", str(self.folder / "archive"), "--keys", str(self.folder / "keys"), "--person", "ana"]  # fmt: skip
        return CliRunner().invoke(tree, [*words, *given], obj=Session(), standalone_mode=False)

    def refused(self, *words: str) -> PastwatchError:
        """The error that a command ends in."""
        error = self.run(*words).exception
        assert isinstance(error, PastwatchError)
        return error
