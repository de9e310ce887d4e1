"""From plain frames to the bytes of one sealed pack: a new id, new keys, header, frames, footer."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from pastwatch.archive.layout import READY
from pastwatch.archive.pack import Frame, footer_bytes, header_bytes, scanned_section
from pastwatch.sealing.seal import SECTIONS, SectionSealer, wrap_secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPack:
    """A pack's bytes, its wrapped keys, and its sizes."""

    pack_id: str
    chunks: tuple[bytes, ...]
    sha256: str
    keys: bytes
    pack_bytes: int
    text_frame_bytes: int


def close_pack(
    plain: Sequence[Sequence[bytes]],
    roots: Sequence[bytes],
    *,
    source_id: str,
    recipients: Sequence[str],
    fold_version: int,
    depth: str = READY,
) -> ClosedPack:
    """Seal the frames of each section under an id and keys made for this one pack."""
    pack_id = secrets.token_bytes(16)
    sealers = [SectionSealer(pack_id=pack_id, section=n) for n in range(len(SECTIONS))]
    header = header_bytes(
        pack_id=pack_id.hex(),
        source_id=source_id,
        commitments=[s.commitment for s in sealers],
        fold_version=fold_version,
        depth=depth,
    )
    chunks, placed = _sealed(plain, sealers, header)
    chunks.append(footer_bytes(placed, roots, at=sum(map(len, chunks))))
    whole = hashlib.sha256()
    for chunk in chunks:
        whole.update(chunk)
    return ClosedPack(
        pack_id=pack_id.hex(),
        chunks=tuple(chunks),
        sha256=whole.hexdigest(),
        keys=wrap_secrets(
            {name: s.secret for name, s in zip(SECTIONS, sealers, strict=True)},
            pack_id=pack_id.hex(),
            recipients=recipients,
        ),
        pack_bytes=sum(map(len, chunks)),
        text_frame_bytes=sum(f.size for f in placed[scanned_section(depth)]),
    )


def _sealed(
    plain: Sequence[Sequence[bytes]], sealers: Sequence[SectionSealer], header: bytes
) -> tuple[list[bytes], list[list[Frame]]]:
    header_hash = hashlib.sha256(header).digest()
    chunks, at = [header], len(header)
    placed: list[list[Frame]] = []
    for sealer, section in zip(sealers, plain, strict=True):
        places = []
        for index, content in enumerate(section):
            sealed = sealer.seal(
                content, header_hash=header_hash, index=index, last=index == len(section) - 1
            )
            places.append(Frame(at, len(sealed), hashlib.sha256(sealed).digest()))
            chunks.append(sealed)
            at += len(sealed)
        placed.append(places)
    return chunks, placed
