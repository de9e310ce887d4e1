"""Delivers notices as durable lines at the end of a file, each alert once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pastwatch.errors import StorageError
from pastwatch.stages.watch.delivery import Answer, Notice, TargetLine
from pastwatch.storage.durable import AppendFile


class Lines:
    """A file of JSON Lines; what a crash left half written is cut off at the next start."""

    def __init__(self, line: TargetLine) -> None:
        self._path = line.folder / line.address
        self._file: AppendFile | None = None
        self._held: set[str] = set()

    def deliver(self, notices: Sequence[Notice]) -> Iterator[Answer]:
        """Append those that do not stand there yet, all in one durable write."""
        try:
            file = self._file = self._file or self._opened()
            new = [n for n in notices if n.alert_id not in self._held]
            if new:
                file.append(b"".join(n.to_bytes() + b"\n" for n in new))
                self._held.update(n.alert_id for n in new)
        except StorageError as wrong:
            self.close()
            for notice in notices:
                yield Answer(notice.alert_id, delivered=False, reason=str(wrong))
            return
        for notice in notices:
            yield Answer(notice.alert_id, delivered=True)

    def abort(self) -> None:
        """A disk that hangs is not broken off."""

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> AppendFile:
        """The file, with the ids that stand in it; a last line without its end is cut off."""
        file = AppendFile(self._path)
        whole_bytes = 0
        self._held.clear()
        with self._path.open("rb") as kept:
            for line in kept:
                if not line.endswith(b"\n"):
                    file.cut(whole_bytes)
                    break
                whole_bytes += len(line)
                try:
                    self._held.add(str(json.loads(line)["alert_id"]))
                except (ValueError, KeyError, TypeError):
                    continue  # a line of somebody else's
        return file
