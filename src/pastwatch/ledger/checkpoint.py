"""Checkpoints: signed statements of the ledger's size and root, each extending the last."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pastwatch.errors import BadValue, IntegrityError, LedgerForked
from pastwatch.ledger.entry import Signer
from pastwatch.ledger.log import Ledger
from pastwatch.ledger.note import check_key_name, parse_note, sign_note, verify_note
from pastwatch.ledger.tiles import write_tiles
from pastwatch.ledger.tree import HASH_BYTES
from pastwatch.storage import durable

CHECKPOINT_NAME = "checkpoint"
HISTORY_NAME = "checkpoints.log"

_SIZE = re.compile(r"(0|[1-9][0-9]{0,18})\Z")
_LINES = 3
_EXTENSION = re.compile(r"[!-~]+(?: [!-~]+)*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How large the ledger of this origin was, and what its root was then.

    `extensions` are further lines that are signed with it; a reader passes over those it does not
    know.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The signed text: origin, size, root and extensions, a line each (C2SP tlog-checkpoint)."""
        root = base64.b64encode(self.root).decode("ascii")
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extensions))


def sign_checkpoint(
    ledger: Ledger,
    *,
    origin: str,
    signer: Signer,
    public_key: bytes,
    extensions: Callable[[Ledger], Sequence[str]] | None = None,
) -> bytes:
    """Sign the ledger as it stands, keep the note, and give it back.

    `extensions` gives the further lines to sign, told from the ledger as it is held still. Nothing is signed that does not extend every checkpoint kept so far: `LedgerForked`. The
    entries are read again in full for it. The order, and what a crash leaves: tiles (derived, the
    same next time) -> history (the note counts as signed) -> `checkpoint` (the newest note, behind
    the history by at most one).
    """
    check_key_name(origin)
    with ledger.settled():
        last_size = 0
        history = kept_checkpoints(ledger.directory)
        for note in history:
            last = parse_checkpoint(note)
            _refuse_fork(last, ledger, origin)
            last_size = max(last_size, last.size)
        checkpoint = Checkpoint(
            origin=origin,
            size=ledger.size,
            root=ledger.root(),
            extensions=tuple(extensions(ledger)) if extensions else (),
        )
        if any(not _EXTENSION.match(line) for line in checkpoint.extensions):
            raise BadValue("a line added to a checkpoint is empty, or holds what it may not")
        signed = sign_note(checkpoint.text(), name=origin, signer=signer, public_key=public_key)
        write_tiles(ledger, since=last_size)
        if signed not in history:
            _keep(ledger.directory / HISTORY_NAME, signed)
        durable.replace(ledger.directory / CHECKPOINT_NAME, signed)
        return signed


def parse_checkpoint(content: bytes) -> Checkpoint:
    """What a signed note says as a checkpoint; its signatures are not looked at."""
    return _from_text(parse_note(content).text)


def verify_checkpoint(content: bytes, keys: Mapping[str, bytes]) -> Checkpoint:
    """The checkpoint, if one of `keys` (name -> raw Ed25519 public key) signed it."""
    return _from_text(verify_note(content, keys).text)


def kept_checkpoints(directory: Path) -> list[bytes]:
    """The notes kept beside the ledger, oldest first, `checkpoint` last if it differs.

    A last line without an end was never handed to anybody and is passed over; any other line that
    does not read raises `IntegrityError`.
    """
    notes: list[bytes] = []
    for number, line in enumerate(_read(directory / HISTORY_NAME).splitlines(keepends=True)):
        if not line.endswith(b"\n"):
            break
        notes.append(_history_note(line, number))
    newest = _read(directory / CHECKPOINT_NAME)
    if newest and newest not in notes:
        notes.append(newest)
    return notes


def _refuse_fork(last: Checkpoint, ledger: Ledger, origin: str) -> None:
    if last.origin != origin:
        raise LedgerForked("a checkpoint was signed before for a ledger of another origin")
    if last.size > ledger.size or ledger.root(last.size) != last.root:
        raise LedgerForked(
            f"the ledger does not extend its checkpoint of size {last.size}",
            hint="nothing was signed; run 'pastwatch verify' against a checkpoint kept elsewhere",
        )


def _keep(path: Path, note: bytes) -> None:
    """One note as one line: a JSON string, so that its line ends stay apart from the file's."""
    with durable.AppendFile(path) as file:
        content = _read(path)
        whole_bytes = content.rfind(b"\n") + 1
        if whole_bytes != len(content):
            file.cut(whole_bytes)
        file.append(json.dumps(note.decode(), ensure_ascii=False).encode() + b"\n")


def _history_note(line: bytes, number: int) -> bytes:
    try:
        note = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"line {number + 1} of the checkpoints does not read") from error
    if not isinstance(note, str):
        raise IntegrityError(f"line {number + 1} of the checkpoints is no note")
    return note.encode("utf-8", "surrogatepass")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise durable.storage_error(error, "read", path) from error


def _from_text(text: str) -> Checkpoint:
    parts = text.split("\n")
    if len(parts) <= _LINES or not parts[0] or _SIZE.match(parts[1]) is None:
        raise IntegrityError("a checkpoint does not read")
    try:
        root = base64.b64decode(parts[2], validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != HASH_BYTES or base64.b64encode(root).decode("ascii") != parts[2]:
        raise IntegrityError("a checkpoint's root is not the base64 of 32 bytes")
    extensions = tuple(parts[_LINES:-1])
    if not all(extensions):
        raise IntegrityError("a checkpoint holds an empty line")
    return Checkpoint(origin=parts[0], size=int(parts[1]), root=root, extensions=extensions)
