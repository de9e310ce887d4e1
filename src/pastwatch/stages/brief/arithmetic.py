"""Trees, signatures and strict spellings, with the standard library alone.

The verifier stands on these; a brief carries both, put together into one file.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from datetime import datetime, timedelta
from typing import Any

# Ed25519, RFC 8032 §5.1: points as (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
KEY_BYTES = 32
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def canonical(plain: Any) -> bytes:
    """JSON as RFC 8785 has it, for what these files hold."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(content: bytes) -> bytes:
    """Its SHA-256."""
    return hashlib.sha256(content).digest()


def unhex(text: str) -> bytes:
    """The bytes; ValueError when the text is not their one canonical spelling."""
    if bytes.fromhex(text).hex() != text:
        raise ValueError("not canonical")
    return bytes.fromhex(text)


def unbase64(text: str) -> bytes:
    """The bytes; ValueError when the text is not their one canonical spelling."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not canonical")
    return raw


def strings(raw: bytes, width: int, *, skip: int = 0) -> list[tuple[str, ...]]:
    """Rows of `width` strings, each a u32 length and UTF-8; `skip` bytes before each row."""
    rows, at = [], 0
    while at < len(raw):
        at, row = at + skip, []
        for _ in range(width):
            (size,) = struct.unpack_from("<I", raw, at)
            row.append(raw[at + 4 : at + 4 + size].decode())
            at += 4 + size
        rows.append(tuple(row))
    return rows


def shown(address: str, name: str) -> str:
    """A party as a brief prints it."""
    return f"{name} <{address}>" if name and address and name != address else name or address


def utc(time_us: int) -> str:
    """A moment as a brief prints it in UTC."""
    moment = EPOCH + timedelta(microseconds=time_us)
    return moment.isoformat(sep=" ")[:19] + " UTC"


def fold(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root a leaf's path leads to (RFC 9162 §2.1.3.2); empty when the path does not fit."""
    last = size - 1
    for sibling in path:
        if not 0 <= index <= last or last == 0:
            return b""
        if index & 1 or index == last:
            leaf = sha256(b"\x01" + sibling + leaf)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = sha256(b"\x01" + leaf + sibling)
        index, last = index >> 1, last >> 1
    return leaf if last == 0 else b""


def tree(row: list[bytes]) -> bytes:
    """The root over leaf hashes (RFC 6962 §2.1)."""
    while len(row) > 1:
        pairs = [row[i : i + 2] for i in range(0, len(row), 2)]
        row = [sha256(b"\x01" + p[0] + p[1]) if p[1:] else p[0] for p in pairs]
    return row[0]


def pack_root(proof: dict[str, Any]) -> str:
    """Pieces and salts -> piece root -> record leaf -> block -> pack root, in hex.

    A record sealed unparsed has zeros in its leaf; its pieces are under `attested_root`.
    """
    held = [unhex(proof[k]) for k in ("leaf_salt", "record_id", "source_sha256")]
    if [len(h) for h in held] != [16, 16, 32]:
        return "malformed"
    pieces = bytes(32) if "attested" in proof else piece_root(proof)
    paths = [[unhex(h) for h in proof[k]] for k in ("block_path", "pack_path")]
    leaf = sha256(b"\x00" + b"".join(held) + pieces)
    block = fold(leaf, proof["row"], proof["block_records"], paths[0])
    leaf = sha256(b"\x00" + block)
    return fold(leaf, proof["block"], proof["pack_blocks"], paths[1]).hex()


def attested_root(proof: dict[str, Any]) -> str:
    """Record leaf and piece root -> the root that the parser's run told the ledger, in hex."""
    held = [unhex(proof[k]) for k in ("leaf_salt", "record_id", "source_sha256")]
    leaf = sha256(b"\x00" + b"".join(held) + bytes(32))
    told = proof["attested"]
    path = [unhex(h) for h in told["path"]]
    return fold(sha256(b"\x00" + leaf + piece_root(proof)), told["index"], told["size"], path).hex()


def piece_root(proof: dict[str, Any]) -> bytes:
    """The root over a record's pieces, those shown and those given as hashes."""

    def piece(p: dict[str, Any]) -> bytes:
        if "hash" in p:
            return unhex(p["hash"])
        content = bytes([p["kind"]]) + unbase64(p["content"])
        return sha256(b"\x00" + unhex(p["salt"]) + content)

    return tree([piece(p) for p in proof["pieces"]])


def add(p: tuple[int, ...], q: tuple[int, ...]) -> tuple[int, ...]:
    """The sum of two points."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar: int, point: tuple[int, ...]) -> tuple[int, ...]:
    """A point taken `scalar` times."""
    total: tuple[int, ...] = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def decode(raw: bytes) -> tuple[int, ...]:
    """A point from its 32 bytes; ValueError when there is none."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point")
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the key's signature over the message (RFC 8032 §5.1.7)."""
    scalar = int.from_bytes(signature[KEY_BYTES:], "little")
    if len(public) != KEY_BYTES or len(signature) != 2 * KEY_BYTES or scalar >= ORDER:
        return False
    try:
        key, commitment = decode(public), decode(signature[:KEY_BYTES])
    except ValueError:
        return False
    digest = hashlib.sha512(signature[:KEY_BYTES] + public + message).digest()
    left, right = (
        times(scalar, BASE),
        add(commitment, times(int.from_bytes(digest, "little") % ORDER, key)),
    )
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))
