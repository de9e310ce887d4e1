"""What the stores of the desk and of a case share: one file, opened, read and changed whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar

from pastwatch.casefile.schema import Schema, prepare
from pastwatch.casefile.sqlite import (
    Connection,
    check_pages,
    open_encrypted,
    reading,
    transaction,
)
from pastwatch.errors import BadValue, CaseDamaged, UsageError
from pastwatch.model.plain import from_plain

T = TypeVar("T")

_NUMBERED = re.compile(r"([a-z])([1-9][0-9]{0,17})")


class Papers:
    """An encrypted file of one schema; each call that writes is one durable transaction.

    One connection, for the thread that opened it; any number of processes may hold the same file.
    """

    schema: ClassVar[Schema]

    def __init__(self, connection: Connection, *, name: str) -> None:
        self._connection = connection
        self._name = name
        self._joined = False

    @classmethod
    def open(cls, path: Path, key: bytes, *, create: bool = False) -> Self:
        """Open the file, made first where `create` and it is not there.

        WrongKey, CaseDamaged or StorageError when it does not open; UsageError when it is newer
        than this program.
        """
        connection = open_encrypted(path, key, create=create)
        try:
            prepare(connection, cls.schema, of=path.name, create=create)
        except BaseException:
            connection.close()
            raise
        return cls(connection, name=path.name)

    def close(self) -> None:
        """Let go of the file."""
        with reading(of=self._name):
            self._connection.close()

    def check(self) -> None:
        """Authenticate every page, whether or not it would be read; CaseDamaged if one fails."""
        check_pages(self._connection, of=self._name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """One durable change of all that is called inside: one flush to disk instead of several."""
        if self._joined:
            yield
            return
        with transaction(self._connection, of=self._name):
            self._joined = True
            try:
                yield
            finally:
                self._joined = False

    def _change(self) -> AbstractContextManager[Connection]:
        if self._joined:
            return nullcontext(self._connection)
        return transaction(self._connection, of=self._name)

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with reading(of=self._name):
            return self._connection.execute(sql, values).fetchall()

    def _count(self, sql: str, *values: Any) -> int:
        return int(self._rows(sql, *values)[0][0])

    def _read(self, kind: type[T], text: str) -> T:
        """A value of the model from its JSON, through its constructor."""
        try:
            return from_plain(kind, json.loads(text))
        except (ValueError, BadValue):
            raise CaseDamaged(
                f"{self._name!r} holds a {kind.__name__.lower()} that breaks its own rules"
            ) from None


def to_text(plain: Any) -> str:
    """JSON text with sorted names; BadValue for what JSON cannot hold."""
    try:
        return json.dumps(
            plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        )
    except (TypeError, ValueError):
        raise BadValue("only plain values can be kept: text, numbers, lists and objects") from None


def number_of(letter: str, name: str) -> int:
    """The number behind h3, q1, f2 …; UsageError when the name is not of that kind."""
    found = _NUMBERED.fullmatch(name)
    if found is None or found[1] != letter:
        raise UsageError(f'"{name}" is no such name', hint=f"write {letter}1, {letter}2, …")
    return int(found[2])
