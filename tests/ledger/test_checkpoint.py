"""Notes and tiles as C2SP has them, and no checkpoint that forks."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pastwatch.errors import BadSignature, BadValue, IntegrityError, LedgerForked
from pastwatch.ledger.checkpoint import (
    CHECKPOINT_NAME,
    HISTORY_NAME,
    kept_checkpoints,
    parse_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
)
from pastwatch.ledger.entry import Entry, EntryDraft, Signer
from pastwatch.ledger.log import Ledger
from pastwatch.ledger.note import key_hash, parse_note, verifier_key, verify_note
from pastwatch.ledger.tiles import tile_path, write_tiles
from pastwatch.ledger.tree import EMPTY_ROOT, leaf_hash, root

ORIGIN = "test.example/ledger"
Sign = Callable[[Ledger], bytes]

# The worked example of golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()


@pytest.fixture
def sign(signer: Signer, public_key: bytes) -> Sign:
    return lambda ledger: sign_checkpoint(
        ledger, origin=ORIGIN, signer=signer, public_key=public_key
    )


def test_a_note_by_another_program_verifies() -> None:
    name, hashed, key = GO_KEY.split("+")
    public_key = base64.b64decode(key)[1:]
    assert key_hash(name, public_key).hex() == hashed
    assert verifier_key(name, public_key) == GO_KEY
    assert verify_note(GO_NOTE, {name: public_key}).text.startswith("If you think")
    with pytest.raises(BadSignature, match="altered"):
        verify_note(GO_NOTE.replace(b"your", b"some"), {name: public_key})
    with pytest.raises(BadSignature, match="none of the keys"):
        verify_note(GO_NOTE, {"Somebody": public_key})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        b"text\n\nsigned by nobody\n",
        GO_NOTE[:-1],
        GO_NOTE + b"x",
        GO_NOTE.replace(b"your", b"yo\tr"),
        GO_NOTE.replace(b"your", b"\xff"),
        GO_NOTE.replace(b"nAM=", b"nAN="),
        GO_NOTE.replace(b"PeterNeumann", b"Peter+Neumann"),
        "text\n\n— name AAAA\n".encode(),
    ],
)
def test_what_is_no_note_does_not_read(content: bytes) -> None:
    with pytest.raises(IntegrityError, match="a signed note"):
        parse_note(content)


def test_a_checkpoint_says_size_and_root_and_verifies(
    ledger: Ledger,
    signer: Signer,
    public_key: bytes,
    drafts: Callable[..., list[EntryDraft]],
    sign: Sign,
) -> None:
    ledger.append(drafts(5), signer)
    note = sign(ledger)
    expected = f"{ORIGIN}\n5\n{base64.b64encode(ledger.root()).decode()}\n\n— {ORIGIN} "
    assert note.decode().startswith(expected)
    checkpoint = verify_checkpoint(note, {ORIGIN: public_key})
    assert (checkpoint.size, checkpoint.root) == (5, ledger.root())
    assert note.decode().startswith(checkpoint.text())
    assert (ledger.directory / CHECKPOINT_NAME).read_bytes() == note
    with pytest.raises(BadSignature):
        verify_checkpoint(note.replace(b"\n5\n", b"\n6\n"), {ORIGIN: public_key})


def test_an_empty_ledger_has_a_checkpoint_too(ledger: Ledger, sign: Sign) -> None:
    assert parse_checkpoint(sign(ledger)).root == EMPTY_ROOT


def test_every_checkpoint_is_kept_once_and_in_order(
    ledger: Ledger, signer: Signer, drafts: Callable[..., list[EntryDraft]], sign: Sign
) -> None:
    notes = []
    for number in range(3):
        ledger.append(drafts(2, seed=number), signer)
        notes += [sign(ledger)]
        assert sign(Ledger(ledger.directory)) == notes[-1]
    assert kept_checkpoints(ledger.directory) == notes
    history = (ledger.directory / HISTORY_NAME).read_text(encoding="utf-8")
    assert [json.loads(line).encode() for line in history.splitlines()] == notes


@pytest.mark.parametrize("kept", [CHECKPOINT_NAME, HISTORY_NAME])
def test_a_ledger_that_was_rewritten_or_cut_gets_no_checkpoint(
    ledger: Ledger,
    *,
    signer: Signer,
    drafts: Callable[..., list[EntryDraft]],
    sign: Sign,
    tmp_path: Path,
    kept: str,
) -> None:
    ledger.append(drafts(4), signer)
    sign(ledger)
    for name, others in (("other", drafts(6, seed=9)), ("cut", drafts(3))):
        forked = Ledger.create(tmp_path / name)
        forked.append(others, signer)
        (forked.directory / kept).write_bytes((ledger.directory / kept).read_bytes())
        with pytest.raises(LedgerForked, match="does not extend its checkpoint of size 4"):
            sign(forked)
        assert len(kept_checkpoints(forked.directory)) == 1
        assert not (forked.directory / "tile").exists()


def test_a_changed_entry_gets_no_checkpoint(
    ledger: Ledger, signer: Signer, drafts: Callable[..., list[EntryDraft]], sign: Sign
) -> None:
    ledger.append(drafts(4), signer)
    content = ledger.path.read_bytes()
    ledger.path.write_bytes(content.replace(b'"complete":true', b'"complete":null', 1))
    with pytest.raises(LedgerForked, match="not the one that stood there"):
        sign(Ledger(ledger.directory))


def test_one_ledger_keeps_one_origin(
    ledger: Ledger, signer: Signer, public_key: bytes, sign: Sign
) -> None:
    sign(ledger)
    with pytest.raises(LedgerForked, match="another origin"):
        sign_checkpoint(ledger, origin="else", signer=signer, public_key=public_key)
    with pytest.raises(BadValue, match="no space"):
        sign_checkpoint(ledger, origin="a b", signer=signer, public_key=public_key)


def test_a_signer_must_match_its_public_key(ledger: Ledger, signer: Signer) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    with pytest.raises(BadValue, match="do not belong together"):
        sign_checkpoint(ledger, origin=ORIGIN, signer=signer, public_key=other)


def test_a_torn_line_of_the_history_is_passed_over_and_cut(
    ledger: Ledger, signer: Signer, drafts: Callable[..., list[EntryDraft]], sign: Sign
) -> None:
    first = sign(ledger)
    history = ledger.directory / HISTORY_NAME
    history.write_bytes(history.read_bytes() + b'"half a no')
    ledger.append(drafts(1), signer)
    assert kept_checkpoints(ledger.directory) == [first]
    second = sign(ledger)
    assert kept_checkpoints(ledger.directory) == [first, second]


@pytest.mark.parametrize("size", ["05", "-1", "x", "", "1" * 20])
def test_a_size_has_one_spelling(ledger: Ledger, sign: Sign, size: str) -> None:
    note = sign(ledger)
    with pytest.raises(IntegrityError, match="a checkpoint does not read"):
        parse_checkpoint(note.replace(b"\n0\n", f"\n{size}\n".encode()))


@pytest.mark.parametrize(
    ("index", "width", "path"),
    [
        (0, 256, "tile/0/000"),
        (999, 256, "tile/0/999"),
        (1000, 5, "tile/0/x001/000.p/5"),
        (1_234_067, 256, "tile/0/x001/x234/067"),
    ],
)
def test_tiles_have_the_paths_of_the_standard(index: int, width: int, path: str) -> None:
    assert tile_path("0", index, width=width) == path


def test_the_tiles_alone_give_every_entry_and_the_root(
    ledger: Ledger, signer: Signer, drafts: Callable[..., list[EntryDraft]], sign: Sign
) -> None:
    ledger.append([replace(draft, objects={}) for draft in drafts(300)], signer)
    sign(ledger)
    ledger.append(drafts(300), signer)
    checkpoint = parse_checkpoint(sign(ledger))
    folder = ledger.directory
    leaves: list[bytes] = []
    for name in ("000", "001", "002.p/88"):
        bundle = (folder / "tile/entries" / name).read_bytes()
        hashes = (folder / "tile/0" / name).read_bytes()
        found: list[bytes] = []
        while bundle:
            (length,) = struct.unpack(">H", bundle[:2])
            Entry.from_bytes(bundle[2 : 2 + length])
            found.append(leaf_hash(bundle[2 : 2 + length]))
            bundle = bundle[2 + length :]
        assert hashes == b"".join(found)
        leaves += found
    assert root(leaves) == checkpoint.root
    assert (folder / "tile/1/000.p/2").read_bytes() == root(leaves[:256]) + root(leaves[256:512])
    assert (folder / "tile/0/001.p/44").exists()
    assert not (folder / "tile/2").exists()


def test_a_tile_that_would_change_is_a_fork(
    ledger: Ledger, signer: Signer, drafts: Callable[..., list[EntryDraft]]
) -> None:
    ledger.append(drafts(3), signer)
    assert write_tiles(ledger) == ["tile/0/000.p/3", "tile/entries/000.p/3"]
    assert write_tiles(ledger) == []
    (ledger.directory / "tile/0/000.p/3").write_bytes(bytes(96))
    with pytest.raises(LedgerForked, match="tiles never change"):
        write_tiles(ledger)


def test_the_entries_are_durable_before_anything_of_a_checkpoint_is_written(
    ledger: Ledger,
    signer: Signer,
    drafts: Callable[..., list[EntryDraft]],
    sign: Sign,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger.append(drafts(1), signer)
    seen: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "pastwatch.storage.durable.on_step", lambda kind, path: seen.append((kind, path.name))
    )
    sign(Ledger(ledger.directory))
    assert ("after:fsync", "entries.log") in seen
    first_write = next(at for at, (kind, _) in enumerate(seen) if kind == "before:write")
    assert seen.index(("after:fsync", "entries.log")) < first_write
