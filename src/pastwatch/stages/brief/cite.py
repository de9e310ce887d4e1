"""The records a brief cites: every quotation checked against their bytes, every proof recomputed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pastwatch.archive.leaves import SUBJECT, TEXT, Proof, piece_hash, record_leaf
from pastwatch.archive.rawblock import NO_PIECES
from pastwatch.errors import BadValue
from pastwatch.ledger.tree import leaf_hash, root, verify_inclusion
from pastwatch.model.record import PART_SUBJECT, PART_TEXT, Citation, Record
from pastwatch.stages.brief.arithmetic import fold
from pastwatch.stages.brief.given import CitedRecord

CONTEXT_BYTES = 400
WHOLE_BYTES = 1_600  # a text at most this long is shown whole
CHUNK_START_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A stretch of one part to be shown, with the highlighted bytes counted from its start."""

    citation: Citation
    text: str
    marks: tuple[tuple[int, int], ...]
    left_out: tuple[int, int]  # bytes of the part before and after it that are not shown


class Shelf:
    """The cited records by id: finds a citation's label and checks its bytes."""

    def __init__(self, cited: Sequence[CitedRecord]) -> None:
        self._by_id = {c.record.record_id: c for c in cited}
        labels = {c.label for c in cited}
        if len(labels) != len(cited) or len(self._by_id) != len(cited):
            raise BadValue("two cited records share a label or an id")
        for one in cited:
            check_proof(one)

    def label_of(self, citation: Citation) -> str:
        """The label of the record cited, once the citation's hash is found to hold."""
        cited = self._by_id.get(citation.record_id)
        if cited is None:
            raise BadValue("a sentence cites a record that the brief does not show")
        raw = cited.record.part_text(citation.part).encode()
        quoted = raw[citation.start_byte : citation.end_byte]
        if citation.end_byte > len(raw) or not quoted:
            raise BadValue(f"a citation reaches outside the part it names in {cited.label}")
        if hashlib.sha256(quoted).digest() != citation.text_sha256:
            raise BadValue(f"a citation's hash is not that of the bytes it names in {cited.label}")
        return cited.label


def check_proof(cited: CitedRecord) -> None:
    """BadValue unless the proof is of this very record and leads to the root it names."""
    proof, record = cited.proof, cited.record
    text = b"".join(c[CHUNK_START_BYTES:] for kind, _, c in proof.pieces if kind == TEXT)
    subjects = [c for kind, _, c in proof.pieces if kind == SUBJECT]
    if proof.record_id != record.record_id or proof.source_sha256 != record.source_sha256:
        raise BadValue(f"the proof of {cited.label} is of another record")
    if text != record.text.encode() or subjects != [record.subject.encode()]:
        raise BadValue(f"the proof of {cited.label} does not hold the record's text")
    if not leads_to_root(proof):
        raise BadValue(f"the proof of {cited.label} does not lead to its pack's root")


def leads_to_root(proof: Proof) -> bool:
    """Whether pieces, salts and paths give the pack root the proof names."""
    piece_root = root([piece_hash(salt, kind, content) for kind, salt, content in proof.pieces])
    if proof.attested:  # its pieces stand in a `pieces` entry, not under its leaf
        piece_root = NO_PIECES
    leaf = record_leaf(proof.leaf_salt, proof.record_id, proof.source_sha256, piece_root)
    block = fold(leaf, proof.row, proof.block_records, list(proof.block_path))
    return bool(block) and verify_inclusion(
        leaf_hash(block),
        index=proof.block,
        size=proof.pack_blocks,
        path=proof.pack_path,
        root=proof.pack_root,
    )


def excerpts(record: Record, quotes: Iterable[Citation]) -> list[Excerpt]:
    """What of the record is shown: every quote with its context, whole parts where short."""
    by_part: dict[int, list[tuple[int, int]]] = {}
    for quote in quotes:
        by_part.setdefault(quote.part, []).append((quote.start_byte, quote.end_byte))
    by_part.setdefault(PART_TEXT, [])
    by_part.setdefault(PART_SUBJECT, [])
    shown = []
    for part in sorted(by_part):
        raw = record.part_text(part).encode()
        if raw.strip():
            shown += _of_part(record, part, raw, _merged(by_part[part]))
    return shown


def _of_part(record: Record, part: int, raw: bytes, marks: list[tuple[int, int]]) -> list[Excerpt]:
    if part == PART_SUBJECT or len(raw) <= WHOLE_BYTES:
        windows = [(0, len(raw))]
    elif marks:
        windows = _merged([_window(raw, start, end) for start, end in marks])
    else:
        windows = [_window(raw, 0, 0)]
    return [
        Excerpt(
            citation=cite(record, part, start, end),
            text=raw[start:end].decode(),
            marks=tuple((a - start, b - start) for a, b in marks if start <= a and b <= end),
            left_out=(start, len(raw) - end),
        )
        for start, end in windows
    ]


def cite(record: Record, part: int, start_byte: int, end_byte: int) -> Citation:
    """A citation of these bytes of the record."""
    quoted = record.part_text(part).encode()[start_byte:end_byte]
    return Citation(
        record_id=record.record_id,
        part=part,
        start_byte=start_byte,
        end_byte=end_byte,
        text_sha256=hashlib.sha256(quoted).digest(),
    )


def _window(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """The stretch widened by the context, to a line end or a space near by."""
    low, high = max(0, start - CONTEXT_BYTES), min(len(raw), end + CONTEXT_BYTES)
    if low:
        space = max(raw.find(b" ", low, start), -1)
        newline = raw.find(b"\n", low, start)
        low = (newline if newline >= 0 else space if space >= 0 else low - 1) + 1
    if high < len(raw):
        newline = raw.rfind(b"\n", end, high)
        space = raw.rfind(b" ", end, high)
        high = newline if newline > end else space if space > end else high
    while 0 < low < len(raw) and raw[low] & 0xC0 == 0x80:  # noqa: PLR2004 - inside a character
        low -= 1
    while high < len(raw) and raw[high] & 0xC0 == 0x80:  # noqa: PLR2004 - inside a character
        high += 1
    return low, high


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans sorted, those that touch joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
