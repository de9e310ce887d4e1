"""Sealed text is found nowhere: not in the archive, temp files or logs, not after decompressing."""

from __future__ import annotations

import contextlib
import json
import logging
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest
import zstandard
from tests.desk import offices

from pastwatch.sealing import seal

CANARIES = ("zanzibarbody", "zanzibarsubject", "zanzibaraddress", "zanzibarfile", "zanzibargroup")
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
LZ4_MAGIC = b"\x04\x22\x4d\x18"
LZ4_HEAD_BYTES = 4 + 3 + 4  # magic, descriptor, size of the first block
WORK = 65_536


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for whatever anything writes aside."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def canary_file(folder: Path) -> Path:
    """Records with a canary in body, subject, address, file name and group title."""
    rows = [
        {
            "id": f"c{number}",
            "from": "someone@zanzibaraddress.example",
            "to": "other@a.example",
            "subject": f"zanzibarsubject {number}",
            "conversation": "zanzibargroup",
            "text": f"the zanzibarbody said {number}. " * 8,
            "date": "2017-07-01T10:00:00Z",
        }
        for number in range(12)
    ]
    return offices.write_lines(folder / "zanzibarfile.jsonl", rows)


def found_in(files: Iterable[Path]) -> set[tuple[str, str]]:
    """(file suffix, canary) of every canary in a file or in anything it decompresses to."""
    found = set()
    for path in files:
        raw = path.read_bytes()
        for piece in (raw, *decompressed(raw)):
            lower = piece.lower()
            for canary in CANARIES:
                spelled = (canary, canary[::-1])
                spellings = [s.encode(code) for s in spelled for code in ("utf-8", "utf-16-le")]
                spellings.append(canary.encode().hex().encode())
                if any(s in lower for s in spellings):
                    found.add((path.suffix, canary))
    return found


def decompressed(raw: bytes) -> Iterable[bytes]:
    """What zstd, LZ4 and zlib make of a file, begun at every offset."""
    view = memoryview(raw)
    for at in range(len(raw)):
        for wrapping in (zlib.MAX_WBITS, -zlib.MAX_WBITS, 16 + zlib.MAX_WBITS):
            with contextlib.suppress(zlib.error):
                yield zlib.decompressobj(wrapping).decompress(view[at : at + WORK], WORK)
        if raw[at : at + 4] == ZSTD_MAGIC:
            with contextlib.suppress(zstandard.ZstdError):
                yield zstandard.ZstdDecompressor().decompressobj().decompress(raw[at:])
    yield from lz4_pieces(raw)


def lz4_pieces(raw: bytes) -> Iterable[bytes]:
    """What an LZ4 frame, or a bare LZ4 block, begun at every offset holds."""
    for at in range(len(raw)):
        yield lz4_block(raw, at)
        if raw[at : at + 4] == LZ4_MAGIC:
            yield lz4_block(raw, at + LZ4_HEAD_BYTES)


def lz4_block(raw: bytes, at: int) -> bytes:
    """As much of an LZ4 block as makes sense (the block format's own description)."""
    out, end = bytearray(), min(len(raw), at + WORK)
    while at < end and len(out) < WORK:
        token, at = raw[at], at + 1
        literal, at = lz4_length(raw, at, token >> 4)
        out += raw[at : at + literal]
        at += literal
        if at + 2 > end:
            break
        back = int.from_bytes(raw[at : at + 2], "little")
        if not 0 < back <= len(out):
            break
        length, at = lz4_length(raw, at + 2, token & 15)
        for _ in range(length + 4):
            out.append(out[-back])
    return bytes(out)


def lz4_length(raw: bytes, at: int, start: int) -> tuple[int, int]:
    """A length that goes on in further bytes while they are 255."""
    length = start
    while start == 15 and at < len(raw):
        length, more, at = length + raw[at], raw[at], at + 1
        if more != 255:
            break
    return min(length, WORK), at


def files_of(*folders: Path) -> list[Path]:
    return [p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()]


def collected(desk: offices.Desk, inbox: Path) -> None:
    inbox.mkdir(exist_ok=True)
    with desk.open() as archive:
        archive.collect(canary_file(inbox), source="mail", basis="own", connector="jsonl")


def names_of(*folders: Path) -> str:
    return " ".join(str(p.relative_to(folder)) for folder in folders for p in folder.rglob("*"))


def test_the_search_finds_what_each_compressor_hides() -> None:
    """The search itself can find: a canary behind each of the codecs, at an odd offset."""
    text = b"so the zanzibarbody said, and the zanzibarbody said again; " * 4
    hidden = [zlib.compress(text), zstandard.ZstdCompressor().compress(text)]
    with contextlib.suppress(ImportError):
        import lz4.block
        import lz4.frame

        hidden.append(lz4.frame.compress(text))
        hidden.append(lz4.block.compress(text, store_size=False))
    for packed in hidden:
        raw = b"\x93\x07odd" + packed + b"behind"
        assert any(b"zanzibarbody" in piece for piece in decompressed(raw))


def test_after_collecting_no_canary_is_anywhere(
    desk: offices.Desk, tmp_path: Path, temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    collected(desk, tmp_path / "inbox")
    archive = desk.place.folder
    assert found_in(files_of(archive, temporary, desk.folder / "keys")) == set()
    assert not any(canary in caplog.text for canary in CANARIES)
    assert not any(canary in names_of(archive, temporary) for canary in CANARIES)


def test_without_encryption_the_same_search_finds_them(
    desk: offices.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsealed(_: seal.SectionSealer, plain: bytes, **__: object) -> bytes:
        return plain + bytes(seal.TAG_BYTES)

    monkeypatch.setattr(seal.SectionSealer, "seal", unsealed)
    collected(desk, tmp_path / "inbox")
    found = found_in(files_of(desk.place.packs))
    assert {canary for _, canary in found} >= set(CANARIES) - {"zanzibarfile"}


def test_without_wrapping_the_file_name_is_found(
    desk: offices.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "wrap", lambda plain, **_: plain)
    monkeypatch.setattr(seal, "wrap_secrets", lambda *_, **__: b"")
    collected(desk, tmp_path / "inbox")
    assert (".age", "zanzibarfile") in found_in(files_of(desk.place.runs))


def test_after_a_case_and_a_look_no_canary_is_in_archive_case_or_temporary_files(
    desk: offices.Desk, tmp_path: Path, temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    collected(desk, tmp_path / "inbox")
    with desk.open() as archive:
        archive.add_event("event", "An event", at="2017-07-01T12:00Z", references=("x",))
        draft = archive.draft_authority("event", tmp_path / "grant.toml")
        text = draft.read_text().replace('ground = ""', 'ground = "my own mail"')
        draft.write_text(text)
        archive.sign_authority(draft)
        case, _, _ = archive.open_case("event", draft)
        hits = list(case.look("zanzibarbody"))
        assert len(hits) == 12
        shown = case.show(hits[0].hit_id, around=2)
        assert "zanzibarbody" in shown.record.text
        case.note(hits[0].hit_id, "the zanzibarbody again")
        case.finding("zanzibarbody was said.", cites=[hits[0].hit_id])
        folders = (desk.place.folder, temporary, desk.folder / "keys")
        while_open = found_in(files_of(*folders))
        case.close()
    assert while_open == set()
    assert found_in(files_of(*folders)) == set()
    assert not any(canary in caplog.text for canary in CANARIES)
    assert json.loads(desk.place.policy.read_bytes())
