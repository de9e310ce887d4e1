"""Where a live source was read up to, for transports that do not remember it for their reader.

A cursor is never needed for correctness: without it everything is read again, and recognised as
held. It holds numbers and keyed tokens, no names, and is sealed by a keyed tag of its source, so
that nobody without the collector's key can move it forward to make the collector skip records.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pastwatch.archive.identity import Tokens
from pastwatch.archive.place import Place
from pastwatch.storage import durable


class Cursor:
    """The cursor of one source; whoever writes it holds the source's lock."""

    def __init__(self, here: Place, source_id: str, *, tokens: Tokens) -> None:
        self._path = here.folder / "cursors" / f"{source_id}.json"
        self._tokens = tokens

    def get(self) -> dict[str, Any]:
        """What was put last; empty at first, and where the file is not as this collector left it."""
        try:
            kept = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        if not isinstance(kept, dict) or not isinstance(kept.get("cursor"), dict):
            return {}
        cursor: dict[str, Any] = kept["cursor"]
        return cursor if kept.get("tag") == self._tag(cursor) else {}

    def put(self, cursor: dict[str, Any]) -> None:
        """Keep it durably, in the place of the last."""
        _folder(self._path.parent)
        whole = json.dumps({"cursor": cursor, "tag": self._tag(cursor)}).encode()
        durable.replace(self._path, whole)

    def token(self, name: str) -> str:
        """How a name (of a file, of a mailbox) stands in the cursor."""
        return self._tokens.container(name)

    def _tag(self, cursor: dict[str, Any]) -> str:
        return self._tokens.container(f"cursor\0{json.dumps(cursor, sort_keys=True)}")


def _folder(path: Path) -> None:
    if not path.is_dir():
        durable.make_dir(path)
