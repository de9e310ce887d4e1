"""The suite every connector passes: subclass it, name the connector, give it a sample.

```python
class TestMine(ConnectorConformance):
    connector = CONNECTOR
    suffix = ".mine"

    def sample(self) -> bytes:
        return b"..."
```
"""

# A published test suite: it asserts, and the names of its tests are their documentation.
# ruff: noqa: S101, D102

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pastwatch.archive.layout import BATCH, NO_BASIS
from pastwatch.errors import SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.ports import Connector

PLACES = 64
MOST_SURE = 100
BATCH_RECORDS = 4096
BATCH_BYTES = 64 * 1024 * 1024
_SEED = 20_170_404


class ConnectorConformance:
    """What holds for every connector, on its sample and on every way of damaging it."""

    connector: ClassVar[Any]
    suffix: ClassVar[str] = ".txt"
    options: ClassVar[Mapping[str, Any]] = {}
    least_records: ClassVar[int] = 3

    def sample(self) -> bytes:
        """A small file of the format, with at least three records."""
        raise NotImplementedError

    def place(self, folder: Path, content: bytes) -> Path:
        """Write a file of the format where the connector is to read it."""
        path = folder / f"sample{self.suffix}"
        path.write_bytes(content)
        return path

    def read(self, folder: Path, content: bytes) -> list[Batch | Gap]:
        """All the connector yields for a file; what it yields must sum to the file's bytes."""
        path = self.place(folder, content)
        found = list(self.connector.read(path, self.options))
        for piece in found:
            assert isinstance(piece, (Batch, Gap))
            check(piece)
        outer = self.accounted(found)
        assert sum(outer.values()) == len(content)
        return found

    def accounted(self, found: list[Batch | Gap]) -> dict[str, int]:
        """Bytes by container; of a container inside another, only the outer one is a file's."""
        sizes = accounted(found)
        return {
            name: size
            for name, size in sizes.items()
            if not any(name.startswith(f"{outer}/") for outer in sizes if outer != name)
        }

    def test_it_is_a_connector(self) -> None:
        assert isinstance(self.connector, Connector)
        assert self.connector.name
        assert self.connector.medium

    def test_it_recognises_its_own_sample(self, tmp_path: Path) -> None:
        content = self.sample()
        path = self.place(tmp_path, content)
        most_sure = getattr(self.connector, "most_sure", MOST_SURE)
        assert 0 < self.connector.recognises(path, content[:65536]) <= most_sure <= MOST_SURE

    def test_its_sample_gives_records_and_sums(self, tmp_path: Path) -> None:
        found = self.read(tmp_path, self.sample())
        assert sum(b.columns.num_rows for b in found if isinstance(b, Batch)) >= self.least_records

    def test_two_reads_are_equal(self, tmp_path: Path) -> None:
        first, second = (self.read(tmp_path, self.sample()) for _ in range(2))
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            if isinstance(one, Batch) and isinstance(other, Batch):
                assert one.columns.equals(other.columns)
                assert (one.container, one.framing, one.cursor) == (
                    other.container,
                    other.framing,
                    other.cursor,
                )
            else:
                assert one == other

    def test_cut_at_many_places_it_still_ends_and_sums(self, tmp_path: Path) -> None:
        content = self.sample()
        for number in range(PLACES):
            self.read(tmp_path, content[: len(content) * number // PLACES])

    def test_with_flipped_bits_it_still_ends_and_sums(self, tmp_path: Path) -> None:
        content = self.sample()
        draw = random.Random(_SEED)  # noqa: S311 - places to damage, not secrets
        for _ in range(PLACES):
            damaged = bytearray(content)
            damaged[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
            self.read(tmp_path, bytes(damaged))

    def test_line_ends_changed_it_still_sums(self, tmp_path: Path) -> None:
        self.read(tmp_path, self.sample().replace(b"\n", b"\r\n"))

    def test_an_empty_file_holds_no_record(self, tmp_path: Path) -> None:
        found = self.read(tmp_path, b"")
        assert not any(b.columns.num_rows for b in found if isinstance(b, Batch))

    def test_binary_garbage_ends_and_sums(self, tmp_path: Path) -> None:
        draw = random.Random(_SEED)  # noqa: S311 - noise, not secrets
        self.read(tmp_path, draw.randbytes(100_000))
        self.read(tmp_path, bytes(10_000))
        self.read(tmp_path, self.sample() + draw.randbytes(10_000) + self.sample())

    def test_an_unusable_path_is_a_clear_error(self, tmp_path: Path) -> None:
        folder = tmp_path / "holder" / "somewhere"
        folder.mkdir(parents=True)
        for path in (folder, tmp_path / "holder" / "absent"):
            with pytest.raises(SourceError) as failure:
                list(self.connector.read(path, self.options))
            assert path.name in str(failure.value)
            assert "holder" not in str(failure.value)

    def test_an_unreadable_file_is_a_clear_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = self.place(tmp_path, self.sample())

        def refused(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refused)
        self.expect_unreadable(path)

    def expect_unreadable(self, path: Path) -> None:
        """What follows when the file system refuses: an error that names the file."""
        with pytest.raises(SourceError, match="permission denied"):
            list(self.connector.read(path, self.options))


def check(piece: Batch | Gap) -> None:
    """Assert what holds of every batch and gap a connector yields."""
    if isinstance(piece, Gap):
        assert piece.container
        assert not piece.source_id
        return
    columns = piece.columns
    assert columns.schema.equals(BATCH)
    columns.validate(full=True)
    assert piece.container
    assert all(size > 0 for size in piece.framing.values())
    assert columns.num_rows <= BATCH_RECORDS
    assert columns.num_rows <= 1 or columns.nbytes <= BATCH_BYTES
    for name in ("subject", "text"):
        assert not pc.any(pc.match_substring(columns.column(name), "\0")).as_py()
    is_undated = pc.equal(columns.column("basis"), NO_BASIS)
    for name in ("earliest_us", "latest_us"):
        assert pc.is_null(columns.column(name)).equals(is_undated)
    widths = pc.subtract(columns.column("latest_us"), columns.column("earliest_us"))
    assert all(width is None or width >= 0 for width in widths.to_pylist())


def accounted(found: list[Batch | Gap]) -> dict[str, int]:
    """Bytes of originals, framing and gaps, by container."""
    sizes: Counter[str] = Counter()
    for piece in found:
        if isinstance(piece, Gap):
            sizes[piece.container] += piece.bytes
        else:
            sizes[piece.container] += originals_bytes(piece.columns) + sum(piece.framing.values())
    return dict(sizes)


def originals_bytes(columns: pa.RecordBatch) -> int:
    """How many bytes the originals of a batch hold."""
    return int(pc.sum(pc.binary_length(columns.column("original"))).as_py() or 0)
