"""The structure of a pack file: header, sealed frames, footer; readable and checkable with no key."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import rfc8785

from pastwatch.archive.layout import FORMAT, RAW, READY
from pastwatch.archive.leaves import pack_root
from pastwatch.errors import PackDamaged
from pastwatch.sealing import seal
from pastwatch.sealing.seal import SECTIONS

MAGIC = b"PWPACK1\n"
FOOT = b"PWFOOT1\n"
END = b"PWPEND1\n"
_U32 = struct.Struct("<I")
_TAIL = struct.Struct("<Q8s")  # where the footer starts, end mark
_FRAME = np.dtype([("offset", "<u8"), ("size", "<u8"), ("sha256", "V32")])
HASH_BYTES = 32
HEADER_BYTES_AT_MOST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Frame:
    """Where one sealed frame stands in the pack."""

    offset: int
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack's header and footer, as read; the frames stay where they are."""

    pack_id: str
    source_id: str
    fold_version: int
    depth: str
    header_hash: bytes
    commitments: tuple[bytes, ...]
    frames: tuple[tuple[Frame, ...], ...]  # by section, by index
    block_roots: tuple[bytes, ...]
    root: bytes

    @property
    def block_count(self) -> int:
        """How many blocks the pack holds."""
        return len(self.block_roots)


def header_bytes(
    *,
    pack_id: str,
    source_id: str,
    commitments: Sequence[bytes],
    fold_version: int,
    depth: str = READY,
) -> bytes:
    """The pack's first bytes; their SHA-256 is in every frame's associated data."""
    body = rfc8785.dumps(
        {
            "format": FORMAT,
            "pack_id": pack_id,
            "source_id": source_id,
            "fold": fold_version,
            **({} if depth == READY else {"depth": depth}),
            "sections": [
                {"name": name, "commitment": c.hex()}
                for name, c in zip(SECTIONS, commitments, strict=True)
            ],
        }
    )
    return MAGIC + _U32.pack(len(body)) + body


def scanned_section(depth: str) -> int:
    """The section whose frames a look opens: the text, or the originals where none was made."""
    return seal.REMAINDER if depth == RAW else seal.TEXT


def footer_bytes(
    frames: Sequence[Sequence[Frame]], block_roots: Sequence[bytes], *, at: int
) -> bytes:
    """The pack's last bytes: frame places and hashes, block roots, the root over those."""
    out = [FOOT]
    for section in frames:
        table = np.array([(f.offset, f.size, f.sha256) for f in section], dtype=_FRAME)
        out += [_U32.pack(len(section)), table.tobytes()]
    out += [_U32.pack(len(block_roots)), *block_roots, pack_root(block_roots)]
    return b"".join(out) + _TAIL.pack(at, END)


def read_pack(view: memoryview | bytes, *, name: str) -> Pack:
    """The structure of a pack; PackDamaged, naming the piece, when it does not read."""
    view = memoryview(view)
    piece = "header"
    try:
        header, header_size = _read_header(view)
        commitments = tuple(bytes.fromhex(s["commitment"]) for s in header["sections"])
        names = tuple(s["name"] for s in header["sections"])
        depth = header.get("depth", READY)
        known = names == SECTIONS and header["format"] == FORMAT and depth in (READY, RAW)
        pack_id, source_id = str(header["pack_id"]), str(header["source_id"])
        fold_version = int(header["fold"])
        piece = "footer"
        footer_at = _footer_at(view)
        frames, roots, root = _read_footer(view, footer_at + 8)
        _check_places(frames, start=header_size, end=footer_at)
    except (struct.error, ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise PackDamaged(f"pack {name}: its {piece} is cut or changed") from None
    if not known:
        raise PackDamaged(f"pack {name}: its header is not of format {FORMAT}")
    return Pack(
        pack_id=pack_id,
        source_id=source_id,
        fold_version=fold_version,
        depth=depth,
        header_hash=hashlib.sha256(view[:header_size]).digest(),
        commitments=commitments,
        frames=frames,
        block_roots=roots,
        root=root,
    )


def damage(view: memoryview | bytes, *, name: str, root: bytes, sha256: bytes) -> list[str]:
    """What is wrong with a pack, piece by piece, against its ledger entry; empty when nothing is."""
    view = memoryview(view)
    whole = hashlib.sha256(view).digest() == sha256
    try:
        pack = read_pack(view, name=name)
    except PackDamaged as broken:
        return [str(broken)]
    if pack.pack_id != name and (pack.root != root or whole):
        return [f"pack {name}: another pack stands under its name"]
    if pack.root != root or pack_root(pack.block_roots) != root:
        return [f"pack {name}: the block roots in its footer are changed"]
    if whole:
        return []
    found = _changed_frames(view, pack)
    if _footer_alone(view, pack, sha256):
        return [f"pack {name}: its footer is changed"]
    # Frames, places and roots all hold, and nothing stands between them: the header is left.
    return [f"pack {name}: {which} is changed" for which in found] or [
        f"pack {name}: its header is changed"
    ]


def _changed_frames(view: memoryview, pack: Pack) -> list[str]:
    return [
        f"{section} frame {index}"
        for section, frames in zip(SECTIONS, pack.frames, strict=True)
        for index, frame in enumerate(frames)
        if hashlib.sha256(view[frame.offset : frame.offset + frame.size]).digest() != frame.sha256
    ]


def _footer_alone(view: memoryview, pack: Pack, sha256: bytes) -> bool:
    """Whether the pack is whole again once the footer states the hashes its frames have."""
    (at, _) = _TAIL.unpack_from(view, len(view) - _TAIL.size)
    frames = [
        [
            Frame(f.offset, f.size, hashlib.sha256(view[f.offset : f.offset + f.size]).digest())
            for f in section
        ]
        for section in pack.frames
    ]
    whole = hashlib.sha256(view[:at])
    whole.update(footer_bytes(frames, pack.block_roots, at=at))
    return whole.digest() == sha256


def _check_places(frames: Sequence[Sequence[Frame]], *, start: int, end: int) -> None:
    """ValueError unless the frames stand one behind the other from header to footer."""
    at = start
    for section in frames:
        for frame in section:
            if frame.offset != at:
                raise ValueError
            at += frame.size
    if at != end:
        raise ValueError


def _read_header(view: memoryview) -> tuple[dict[str, Any], int]:
    if view[:8] != MAGIC:
        raise ValueError
    (size,) = _U32.unpack_from(view, 8)
    end = 12 + size
    if size > HEADER_BYTES_AT_MOST:
        raise ValueError
    body = bytes(view[12:end])
    header = json.loads(body)
    if len(body) != size or rfc8785.dumps(header) != body:
        raise ValueError
    return header, end


def _footer_at(view: memoryview) -> int:
    footer_at, end = _TAIL.unpack_from(view, len(view) - _TAIL.size)
    if end != END or view[footer_at : footer_at + 8] != FOOT:
        raise ValueError
    return int(footer_at)


def _read_footer(
    view: memoryview, at: int
) -> tuple[tuple[tuple[Frame, ...], ...], tuple[bytes, ...], bytes]:
    sections = []
    for _ in SECTIONS:
        (count,) = _U32.unpack_from(view, at)
        size = count * _FRAME.itemsize
        if at + 4 + size > len(view):
            raise ValueError
        table = np.frombuffer(view[at + 4 : at + 4 + size], dtype=_FRAME)
        sections.append(
            tuple(Frame(int(r["offset"]), int(r["size"]), bytes(r["sha256"])) for r in table)
        )
        at += 4 + size
    (count,) = _U32.unpack_from(view, at)
    roots = bytes(view[at + 4 : at + 4 + count * HASH_BYTES])
    root_at = at + 4 + count * HASH_BYTES
    root = bytes(view[root_at : root_at + HASH_BYTES])
    if len(roots) != count * HASH_BYTES or root_at + HASH_BYTES + _TAIL.size != len(view):
        raise ValueError
    return (
        tuple(sections),
        tuple(roots[i : i + HASH_BYTES] for i in range(0, len(roots), HASH_BYTES)),
        root,
    )
