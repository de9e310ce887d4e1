"""What a version made to be handed out proves: that records stood sealed, and what was said of them.

Of a record only its leaf is shown, with the path to the root of its pack. What a sentence cites and
what the full brief says are bound by keyed hashes whose keys are the salts of the records: they stand
in the proofs of the full brief and nowhere in this one, so who holds both can check each against
the other, and who holds one of them, or the original records, cannot try words out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import rfc8785

from pastwatch.archive.leaves import Proof, piece_hash, record_leaf
from pastwatch.archive.rawblock import NO_PIECES
from pastwatch.ledger.tree import root
from pastwatch.stages.brief.given import CitedRecord
from pastwatch.stages.brief.sentences import Outline
from pastwatch.stages.brief.sidecar import sequence_of, sidecar
from pastwatch.stages.brief.verifier_handout import bound, citation_words, handout_key


def key_of(outline: Outline) -> bytes:
    """The key of what the full brief says: every salt of its cited records together."""
    return handout_key(c.proof.leaf_salt for c in outline.given.cited)


def handout_sidecar(full: Outline, released: Outline, key: bytes) -> bytes:
    """brief.json of a version to be handed out: its sentences, each bound to that of the full brief."""
    whole = json.loads(sidecar(released))
    salts = {c.label: c.proof.leaf_salt for c in full.given.cited}
    said = {s.id: s for s in full.sentences()}
    for one in whole["sentences"]:
        before = said[one["id"]]
        if salts:  # without any the key would be known to all, and words could be tried out
            one["full"] = bound(key, before.text)
        one["citations"] = [
            {
                "record": c.record,
                "part": c.part,
                "commitment": bound(
                    salts[c.record],
                    citation_words(c.part, c.start_byte, c.end_byte, c.text_sha256.hex()),
                ),
            }
            for c in before.citations
        ]
    whole["records"] = {
        c.label: {"source": c.source, "sequence": sequence_of(was), "shown": "by commitment"}
        for c, was in zip(released.given.cited, full.given.cited, strict=True)
    }
    return rfc8785.dumps(whole)


def handout_proofs(cited: Iterable[CitedRecord], *, opened: Collection[int]) -> bytes:
    """proofs.json: leaf and paths of each cited record; its pack's commit where that may be shown."""
    return rfc8785.dumps({c.label: _proof(c, opened) for c in cited})


def leaf_of(proof: Proof) -> bytes:
    """The leaf of a record: a salted hash, which says nothing of it to who lacks the salt."""
    pieces = NO_PIECES
    if proof.attested is None:
        pieces = root([piece_hash(salt, kind, content) for kind, salt, content in proof.pieces])
    return record_leaf(proof.leaf_salt, proof.record_id, proof.source_sha256, pieces)


def sealed_ledger(
    *,
    checkpoint: bytes,
    keys: Mapping[int, list[dict[str, Any]]],
    release: int,
    entries: Mapping[int, tuple[bytes, Iterable[bytes]]],
    shown: Collection[int],
) -> bytes:
    """ledger.json: entries `shown` whole, the others as their leaves; keys without their persons."""

    def place(raw: bytes, path: Iterable[bytes], *, whole: bool) -> dict[str, Any]:
        told = {"path": [h.hex() for h in path]}
        if whole:
            return {"entry": base64.b64encode(raw).decode(), **told}
        return {"leaf": hashlib.sha256(b"\x00" + raw).hexdigest(), **told}

    made = {n: place(raw, path, whole=n in shown) for n, (raw, path) in sorted(entries.items())}
    return rfc8785.dumps(
        {
            "checkpoint": checkpoint.decode(),
            "policies": [{"sequence": n, "keys": table} for n, table in sorted(keys.items())],
            "release": release,
            "entries": {str(n): one for n, one in made.items() if "entry" in one},
            "withheld": {str(n): one for n, one in made.items() if "leaf" in one},
        }
    )


def keys_digest(table: list[dict[str, Any]]) -> str:
    """The hash under which the release entry binds the keys that are shown without their persons."""
    return hashlib.sha256(rfc8785.dumps(table)).hexdigest()


def random_key(seed: bytes) -> bytes:
    """A key that is in no brief: for stand-ins that nobody shall trace back."""
    return hmac.digest(seed, b"pastwatch handout stand-ins v1", "sha256")


def _proof(cited: CitedRecord, opened: Collection[int]) -> dict[str, Any]:
    proof, sequence = cited.proof, sequence_of(cited)
    shown = {
        "leaf": leaf_of(proof).hex(),
        "row": proof.row,
        "block_records": proof.block_records,
        "block_path": [h.hex() for h in proof.block_path],
        "block": proof.block,
        "pack_blocks": proof.pack_blocks,
        "pack_path": [h.hex() for h in proof.pack_path],
        "pack_root": proof.pack_root.hex(),
        "sequence": sequence,
    }
    if sequence in opened:
        shown["pack_id"] = proof.pack_id
    return shown
