"""Bundles are read layer by layer, each layer summing to its own bytes, under limits."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from pastwatch import plugins
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect import spool
from pastwatch.stages.collect.account import UNACCOUNTED
from pastwatch.stages.collect.connectors.bundle import CONNECTOR
from pastwatch.testing.connectors import ConnectorConformance, accounted

MAIL = (
    b"From a@b Mon Apr  3 10:00:00 2017\nFrom: a@example.org\nSubject: one\n\nthe convoy left\n\n"
)
ROWS = b'{"text": "crossing at dawn", "sender": "ana"}\n' * 4


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as outer:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2017, 4, 3, 0, 0, 0))
            outer.writestr(info, content, compress_type=zipfile.ZIP_DEFLATED)
    return made.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as outer:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            outer.addfile(info, io.BytesIO(content))
    return made.getvalue()


def sevened(members: dict[str, bytes]) -> bytes:
    py7zr = pytest.importorskip("py7zr", reason="7z is an optional part")
    made = io.BytesIO()
    with py7zr.SevenZipFile(made, "w") as outer:
        for name, content in members.items():
            outer.writestr(content, name)
    return made.getvalue()


MEMBERS = {"a/box.mbox": MAIL * 2, "rows.jsonl": ROWS}


class TestZip(ConnectorConformance):
    connector = CONNECTOR
    suffix = ".zip"

    def sample(self) -> bytes:
        return zipped(MEMBERS)


class TestTarGz(ConnectorConformance):
    connector = CONNECTOR
    suffix = ".tar.gz"

    def sample(self) -> bytes:
        return gzip.compress(tarred(MEMBERS), mtime=0)


class TestTar(ConnectorConformance):
    connector = CONNECTOR
    suffix = ".tar"

    def sample(self) -> bytes:
        return tarred(MEMBERS)


def read(folder: Path, content: bytes, name: str = "x.zip") -> list[Batch | Gap]:
    path = folder / name
    path.write_bytes(content)
    found = list(CONNECTOR.read(path, {}))
    outer = {n: size for n, size in accounted(found).items() if n == name}
    assert outer == {name: len(content)}
    return found


def records(found: list[Batch | Gap]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for piece in found:
        if isinstance(piece, Batch) and piece.columns.num_rows:
            counts[piece.container] = counts.get(piece.container, 0) + piece.columns.num_rows
    return counts


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("x.zip", zipped),
        ("x.tar", tarred),
        ("x.7z", sevened),
    ],
)
def test_each_member_is_a_container_that_sums(
    tmp_path: Path, name: str, make: Callable[[dict[str, bytes]], bytes]
) -> None:
    found = read(tmp_path, make(MEMBERS), name)
    assert records(found) == {f"{name}/a/box.mbox": 2, f"{name}/rows.jsonl": 4}
    sizes = accounted(found)
    assert {n: sizes[f"{name}/{n}"] for n in MEMBERS} == {n: len(c) for n, c in MEMBERS.items()}


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", zstandard.ZstdCompressor().compress),
    ],
)
def test_a_stream_is_one_member_and_what_follows_it_is_a_gap(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    name = f"box.mbox{suffix}"
    content = pack(MAIL * 3)
    assert records(read(tmp_path, content, name)) == {f"{name}/box.mbox": 3}
    assert records(read(tmp_path, content + content, name)) == {f"{name}/box.mbox": 6}
    trailing = read(tmp_path, content + b"junk", name)
    assert [(g.reason, g.bytes) for g in trailing if isinstance(g, Gap)] == [
        ("not unpacked: bytes after its end", 4)
    ]
    assert records(trailing) == {f"{name}/box.mbox": 3}


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_a_cut_stream_gives_what_it_held_and_says_so(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    draw = random.Random(4)  # noqa: S311 - text that does not compress to nothing
    noise = b"".join(MAIL + draw.randbytes(600).hex().encode() + b"\n\n" for _ in range(3000))
    content = pack(noise)
    suffix = {gzip.compress: ".gz", lzma.compress: ".xz", bz2.compress: ".bz2"}[pack]
    name = f"box.mbox{suffix}"
    found = read(tmp_path, content[: len(content) // 2], name)
    assert any(isinstance(g, Gap) and "cut short" in g.reason for g in found)
    assert records(found)[f"{name}/box.mbox"] > 1000


def test_bundles_in_bundles_end_at_the_limit(tmp_path: Path) -> None:
    content = MAIL
    for number in range(spool.LAYERS_AT_MOST + 2):
        content = zipped({f"{number}.zip" if number else "box.mbox": content})
    found = read(tmp_path, content)
    deep = [g for g in found if isinstance(g, Gap)]
    assert [g.reason for g in deep] == ["bundles in bundles, deeper than the limit"]
    assert not records(found)


def test_a_bomb_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "RATIO_FREE_BYTES", 1024 * 1024)
    monkeypatch.setattr(spool, "RATIO_AT_MOST", 100)
    found = read(tmp_path, zipped({"zeros.mbox": bytes(40_000_000), "box.mbox": MAIL}))
    gaps = [g.reason for g in found if isinstance(g, Gap)]
    assert gaps == ["not unpacked: it expands beyond the limit"]
    assert records(found) == {"x.zip/box.mbox": 1}
    monkeypatch.setattr(spool, "BYTES_AT_MOST", len(MAIL))
    found = read(tmp_path, zipped({"a.mbox": MAIL, "b.mbox": MAIL}))
    assert len(records(found)) == 1


def test_names_are_never_followed(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    names = ["../../escaped.mbox", "/etc/escaped.mbox", "a/../../escaped.mbox", "..", "a\x00b"]
    names += ["C:\\escaped.mbox", "x" * 3000, "same.mbox", "same.mbox"]
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as outer:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(MAIL)
            outer.addfile(info, io.BytesIO(MAIL))
        link = tarfile.TarInfo("link.mbox")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        outer.addfile(link)
    before = set(tmp_path.rglob("*"))
    found = read(inside, made.getvalue(), "x.tar")
    assert set(tmp_path.rglob("*")) - before == {inside / "x.tar"}
    assert sum(records(found).values()) == len(names)


def test_a_locked_member_is_a_gap_of_its_stored_bytes(tmp_path: Path) -> None:
    content = bytearray(zipped({"box.mbox": MAIL, "rows.jsonl": ROWS}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    found = read(tmp_path, bytes(content))
    assert [g.reason for g in found if isinstance(g, Gap)] == [
        "not unpacked: locked with a password"
    ]
    assert records(found) == {"x.zip/rows.jsonl": 4}


def test_members_that_overlap_are_one_gap(tmp_path: Path) -> None:
    content = bytearray(zipped({"box.mbox": MAIL}))
    at = content.index(b"PK\x01\x02") + 20
    content[at : at + 4] = (10**6).to_bytes(4, "little")
    found = read(tmp_path, bytes(content))
    assert [(g.reason, g.bytes) for g in found if isinstance(g, Gap)] == [
        ("not unpacked: its members overlap", len(content))
    ]


def test_what_a_members_reader_leaves_out_is_a_gap_of_the_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = type(plugins.load("connectors", "mbox"))
    monkeypatch.setattr(reader, "read", lambda *_: iter(()))
    found = read(tmp_path, zipped({"box.mbox": MAIL}))
    assert [(g.reason, g.bytes, g.container) for g in found if isinstance(g, Gap)] == [
        (UNACCOUNTED, len(MAIL), "x.zip/box.mbox")
    ]
