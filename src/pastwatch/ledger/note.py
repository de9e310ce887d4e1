"""Signed notes as C2SP signed-note has them: a text, and signature lines by named Ed25519 keys."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pastwatch.errors import BadSignature, BadValue, IntegrityError
from pastwatch.ledger.entry import Signer, is_signed, key_id

ED25519 = b"\x01"
KEY_HASH_BYTES = 4

_KEY_NAME = re.compile(r"[^\s+]+\Z")
_LINE = re.compile("\u2014 (\\S+) (\\S+)\\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line: who, four bytes that name the key and its kind, and the signature."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text ending in a line end, and its signatures in order, verified or not."""

    text: str
    signatures: tuple[NoteSignature, ...]


def key_hash(name: str, public_key: bytes) -> bytes:
    """The four bytes a signature line begins with: SHA-256(name | 0x0A | 0x01 | public key)[:4]."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:KEY_HASH_BYTES]


def verifier_key(name: str, public_key: bytes) -> str:
    """The key as witnesses and other verifiers take it: name+hash+base64(0x01 | public key)."""
    spelled = base64.b64encode(ED25519 + public_key).decode("ascii")
    return f"{check_key_name(name)}+{key_hash(name, public_key).hex()}+{spelled}"


def check_key_name(name: str) -> str:
    """Give `name` back, or raise `BadValue`: no space, no plus, nothing unprintable."""
    if _KEY_NAME.match(name) is None or not name.isprintable():
        raise BadValue("a key name may hold no space and no plus")
    return name


def sign_note(text: str, *, name: str, signer: Signer, public_key: bytes) -> bytes:
    """The text with one signature line."""
    if signer.key_id != key_id(public_key):
        raise BadValue("the signer and the public key do not belong together")
    signed = key_hash(name, public_key) + signer.sign(text.encode())
    line = f"\u2014 {check_key_name(name)} {base64.b64encode(signed).decode('ascii')}\n"
    return f"{text}\n{line}".encode()


def parse_note(content: bytes) -> Note:
    """The note's parts, unverified; `IntegrityError` if it is not a note."""
    try:
        whole = content.decode()
    except UnicodeDecodeError as error:
        raise IntegrityError("a signed note is not UTF-8") from error
    text, blank, rest = whole.rpartition("\n\n")
    has_control = any(character < " " and character != "\n" for character in whole)
    if not blank or not text or not rest.endswith("\n") or has_control:
        raise IntegrityError("a signed note does not read")
    signatures = tuple(map(_signature, rest.removesuffix("\n").split("\n")))
    return Note(text=text + "\n", signatures=signatures)


def verify_note(content: bytes, keys: Mapping[str, bytes]) -> Note:
    """The note, if at least one of `keys` (name -> raw Ed25519 key) signed it.

    Lines by unknown keys are passed over. A line that names one of these keys and does not verify
    condemns the note, as does a note that none of them signed: `BadSignature`.
    """
    note = parse_note(content)
    verified = False
    for line in note.signatures:
        public_key = keys.get(line.name)
        if public_key is None or key_hash(line.name, public_key) != line.key_hash:
            continue
        if not is_signed(note.text.encode(), line.signature, public_key):
            raise BadSignature("a signed note was altered, or its signature was")
        verified = True
    if not verified:
        raise BadSignature("a note is signed by none of the keys it should be signed by")
    return note


def _signature(line: str) -> NoteSignature:
    match = _LINE.match(line)
    try:
        raw = base64.b64decode(match[2], validate=True) if match else b""
    except ValueError:
        raw = b""
    if match is None or len(raw) <= KEY_HASH_BYTES or _KEY_NAME.match(match[1]) is None:
        raise IntegrityError("a signed note has a line that is no signature")
    if base64.b64encode(raw).decode("ascii") != match[2]:
        raise IntegrityError("a signed note's signature is not in its canonical form")
    return NoteSignature(
        name=match[1], key_hash=raw[:KEY_HASH_BYTES], signature=raw[KEY_HASH_BYTES:]
    )
