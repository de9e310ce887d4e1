"""The brief for machines: every sentence with what it cites, and the proof of every record."""

from __future__ import annotations

import base64
import json
from typing import Any

import rfc8785

from pastwatch.archive.leaves import CONTEXT, TEXT, Proof, piece_hash
from pastwatch.model.plain import to_plain
from pastwatch.model.record import PART_TEXT
from pastwatch.stages.brief.cite import CHUNK_START_BYTES
from pastwatch.stages.brief.given import CitedRecord
from pastwatch.stages.brief.sentences import Outline, Sentence

FORMAT = "pastwatch brief 1"
INTEGER_AT_MOST = 2**53 - 1  # RFC 8785 §3.2.2.3: beyond this not every reader agrees


def sidecar(outline: Outline) -> bytes:
    """brief.json: sections -> sentences -> citations -> record labels -> record ids, canonical."""
    given = outline.given
    whole = {
        "format": FORMAT,
        "title": given.title,
        "archive_id": given.archive_id,
        "case_id": given.case_id,
        "event_id": given.event.event_id,
        "authority_id": given.authority.authority_id,
        "made_us": given.made_us,
        "made_by": given.made_by,
        "version": given.edition.number,
        "supersedes": given.edition.supersedes,
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "groups": [
                    {
                        "heading": g.heading,
                        "anchor": g.anchor,
                        "sentences": [s.id for s in g.sentences],
                    }
                    for g in section.groups
                ],
            }
            for section in outline.sections
        ],
        "sentences": [to_plain(s) for s in outline.sentences()],
        "timeline": to_plain(given.timeline),
        "negatives": to_plain(given.negatives),
        "records": {c.label: _listed(c) for c in given.cited},
    }
    return rfc8785.dumps(_representable(whole))


def proofs(outline: Outline, *, redact: bool = False) -> bytes:
    """proofs.json: for each cited record the pieces, salts and paths up to its pack's commit.

    With `redact`, text pieces that no sentence cites, and the transport's own ids, are given as
    their hashes alone; the proof of what is cited still holds.
    """
    sentences = tuple(outline.sentences())
    return rfc8785.dumps(
        {c.label: _proof(c, sentences, redact=redact) for c in outline.given.cited}
    )


def sequence_of(cited: CitedRecord) -> int:
    """Which ledger entry committed the record's pack."""
    return int(json.loads(cited.entry_bytes)["sequence"])


def _listed(cited: CitedRecord) -> dict[str, Any]:
    return {
        "record_id": cited.record.record_id.hex(),
        "source": cited.source,
        "pack_id": cited.proof.pack_id,
        "sequence": sequence_of(cited),
    }


def _proof(cited: CitedRecord, sentences: tuple[Sentence, ...], *, redact: bool) -> dict[str, Any]:
    proof = cited.proof
    shown = [
        (c.start_byte, c.end_byte)
        for s in sentences
        for c in s.citations
        if c.record == cited.label and c.part == PART_TEXT
    ]
    parts = {
        c.part for s in sentences for c in s.citations if c.record == cited.label and c.part > 0
    }
    return {
        "record_id": proof.record_id.hex(),
        "leaf_salt": proof.leaf_salt.hex(),
        "source_sha256": proof.source_sha256.hex(),
        "pieces": [
            _piece(piece, hidden=redact and not _is_needed(piece, shown)) for piece in proof.pieces
        ],
        "part_texts": {str(p): _base64(cited.record.part_text(p).encode()) for p in sorted(parts)},
        **_place(proof),
        **_attested(proof),
        "sequence": sequence_of(cited),
        "entry": _base64(cited.entry_bytes),
    }


def _place(proof: Proof) -> dict[str, Any]:
    return {
        "row": proof.row,
        "block_records": proof.block_records,
        "block_path": [h.hex() for h in proof.block_path],
        "block": proof.block,
        "pack_blocks": proof.pack_blocks,
        "pack_path": [h.hex() for h in proof.pack_path],
        "pack_id": proof.pack_id,
        "pack_root": proof.pack_root.hex(),
    }


def _attested(proof: Proof) -> dict[str, Any]:
    """Where the ledger tells of the pieces of a record that was sealed unparsed."""
    told = proof.attested
    if told is None:
        return {}
    path = [h.hex() for h in told.path]
    place = {"sequence": told.sequence, "index": told.index, "size": told.size, "path": path}
    return {"attested": place}


def _piece(piece: tuple[int, bytes, bytes], *, hidden: bool) -> dict[str, Any]:
    kind, salt, content = piece
    if hidden:
        return {"hash": piece_hash(salt, kind, content).hex()}
    return {"kind": kind, "salt": salt.hex(), "content": _base64(content)}


def _is_needed(piece: tuple[int, bytes, bytes], shown: list[tuple[int, int]]) -> bool:
    kind, _, content = piece
    if kind != TEXT:
        return kind != CONTEXT
    start = int.from_bytes(content[:CHUNK_START_BYTES], "little")
    end = start + len(content) - CHUNK_START_BYTES
    return any(start < b and a < end for a, b in shown)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _representable(plain: Any) -> Any:
    """The same with integers beyond 2**53 as text: claimed times reach the year 9999."""
    if isinstance(plain, dict):
        return {key: _representable(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_representable(value) for value in plain]
    if isinstance(plain, int) and not -INTEGER_AT_MOST <= plain <= INTEGER_AT_MOST:
        return str(plain)
    return plain
