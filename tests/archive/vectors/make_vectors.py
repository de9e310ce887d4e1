"""Made the pack kept beside it, once, out of fixed secrets; it refuses to make it again.

python tests/archive/vectors/make_vectors.py   (from the root, with src on the path)
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa

from pastwatch.archive import layout
from pastwatch.archive.identity import SourceKeys, Tokens, digest, record_id
from pastwatch.archive.packing import seal_pack
from pastwatch.archive.writer import PENDING
from pastwatch.model.party import Party, Role
from pastwatch.model.record import Defect, Draft, Kind, Part
from pastwatch.model.when import Basis, When
from pastwatch.sealing.casekey import AgeIdentity

FOLDER = Path(__file__).parent
SOURCE_ID = "0011223344556677"
ID_SECRET, ACCOUNT_SECRET = bytes(range(0x40, 0x60)), bytes(range(0x60, 0x80))
HELD_US = 1_500_000_000_000_000
BLOCK_RECORDS = 3


def vector_drafts() -> list[Draft]:
    """Seven records that use every field, both remainder codecs and more than one block."""
    at = 1_491_260_400_000_000
    part = Part(
        name="plan.pdf",
        media_type="application/pdf",
        size_bytes=5,
        sha256=digest(b"%PDF-"),
        text="a plan",
    )
    made = [
        Draft(
            original=f"From: ana@mail.firm.example\n\n{text}".encode(),
            text=text,
            claimed=When(earliest_us=at + n, latest_us=at + n * 2, basis=tuple(Basis)[n % 4]),
            sender=Party(address="Ana@Mail.Firm.example", name="Ana"),
            recipients=(
                Party(address="bo@c.example", name="", role=Role.TO),
                Party(address="cy@c.example", name="Cy", role=Role.CC),
            ),
            conversation="talk",
            native_id=f"<{n}@c.example>",
            reply_to="<0@c.example>",
            subject=f"Subject {n}",
        )
        for n, text in enumerate(("one\n", "الطقس غدا\n", "line\n" * 500, "x" * 1500, ""))
    ]
    escaped = "".join(f'{n}: "quoted" погода\n' for n in range(400))
    made.append(
        Draft(original=json.dumps({"t": escaped}).encode(), text=escaped, claimed=made[0].claimed)
    )
    made.append(
        Draft(
            original=b"with a part",
            text="",
            claimed=made[0].claimed,
            parts=(part,),
            kind=Kind.EDITED,
            area="north",
            defects=Defect.FALLBACK,
        )
    )
    return made


def rows_of(drafts: list[Draft]) -> pa.RecordBatch:
    """The drafts as the writer hands them over."""
    keys = SourceKeys.derive(ID_SECRET, ACCOUNT_SECRET, SOURCE_ID)
    digests = [digest(d.original) for d in drafts]
    added = [
        pa.array([record_id(keys.id_key, sha, 0) for sha in digests], type=pa.binary(16)),
        pa.array(digests, type=pa.binary(32)),
        pa.array(np.full(len(drafts), HELD_US), type=pa.int64()),
    ]
    columns = [*layout.batch_of(drafts).columns, *added]
    return pa.RecordBatch.from_arrays(columns, schema=PENDING)


class Stream:
    """What stands in for randomness: one SHAKE-256 stream, cut as it is asked for."""

    def __init__(self) -> None:
        self.taken = 0
        self.pieces: list[bytes] = []

    def __call__(self, size: int) -> bytes:
        start, self.taken = self.taken, self.taken + size
        piece = hashlib.shake_256(b"pastwatch vectors v1").digest(self.taken)[start:]
        self.pieces.append(piece)
        return piece


def main() -> None:
    """Write the pack, the files beside it, and the secrets that open them."""
    if (FOLDER / "vector.pack").exists():
        sys.exit("the vectors stand; a format that no longer reads them is another format")
    identity, stream = AgeIdentity.make(), Stream()
    keys = SourceKeys.derive(ID_SECRET, ACCOUNT_SECRET, SOURCE_ID)
    with (
        mock.patch.object(layout, "BLOCK_RECORDS", BLOCK_RECORDS),
        mock.patch("secrets.token_bytes", stream),
    ):
        pack = seal_pack(
            rows_of(vector_drafts()),
            source_id=SOURCE_ID,
            account_tokens=Tokens(keys.account_key),
            recipients=[identity.recipient],
            level=1,
        )
    (FOLDER / "vector.pack").write_bytes(b"".join(pack.chunks))
    (FOLDER / "vector.ids").write_bytes(pack.ids)
    (FOLDER / "vector.keys").write_bytes(pack.keys)
    facts = {
        "pack_id": pack.pack_id,
        "sha256": pack.sha256,
        "root": pack.root.hex(),
        "age_identity": identity.secret,
        "section_secrets": [piece.hex() for piece in stream.pieces[1:5]],
        "records": pack.records,
        "blocks": pack.blocks,
    }
    (FOLDER / "vector.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
