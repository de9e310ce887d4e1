"""Pieces, salts and trees: every proof leads to the root, and nothing forged does."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.archive import worlds

from pastwatch.archive import layout, leaves
from pastwatch.archive.block import RecordRef
from pastwatch.archive.leaves import CHUNK_BYTES, SUBJECT, TEXT, Proof, chunks
from pastwatch.archive.pieces import block_pieces
from pastwatch.errors import BadValue
from pastwatch.model.record import Record
from pastwatch.stages.brief.cite import check_proof, leads_to_root
from pastwatch.stages.brief.given import CitedRecord

LONG = st.text(st.characters(codec="utf-8"), max_size=4000) | st.lists(
    st.sampled_from(["a", "\n", "б", "طقس", "𝄞", "x" * 700, "ж" * 700]), max_size=30
).map("".join)


@given(LONG)
def test_chunks_reassemble_and_are_small_and_end_at_characters(text: str) -> None:
    raw = text.encode()
    cuts = chunks(raw)
    assert b"".join(raw[a:b] for a, b in cuts) == raw
    assert [a for a, _ in cuts] == [0, *(b for _, b in cuts)][: len(cuts)]
    for start, end in cuts:
        assert 0 < end - start <= CHUNK_BYTES
        raw[start:end].decode()


@given(LONG)
def test_a_chunk_ends_after_the_last_line_that_fits(text: str) -> None:
    raw = text.encode()
    for start, end in chunks(raw):
        if end < len(raw):
            window = raw[start : start + CHUNK_BYTES]
            assert end - start == window.rfind(b"\n") + 1 or b"\n" not in window


@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 2048])
def test_a_line_of_any_length_is_cut_only_where_it_must(size: int) -> None:
    cuts = chunks(b"x" * size)
    assert [b - a for a, b in cuts[:-1]] == [1024] * ((size - 1) // 1024)


@pytest.fixture
def proof(world: worlds.World, monkeypatch: pytest.MonkeyPatch) -> tuple[worlds.World, Proof]:
    monkeypatch.setattr(layout, "BLOCK_RECORDS", 16)
    every = [worlds.exact(d, worlds.START_US + n) for n, d in enumerate(worlds.drafts(100))]
    every[37] = replace(every[37], text="first line\n" * 200, subject="a subject")
    world.collect("mail", every)
    gate = world.gate()
    return world, gate.prove(RecordRef(gate.blocks[0].pack_id, 2, 5))


def test_every_record_of_a_pack_is_proved(proof: tuple[worlds.World, Proof]) -> None:
    world, _ = proof
    gate = world.gate(world.authority(authority_id="case-2"))
    roots = {bytes.fromhex(row.root) for row in world.catalogue.packs()}
    for ref in gate.blocks:
        for row in range(0, ref.inside, 3):
            found = gate.prove(RecordRef(ref.pack_id, ref.block, row))
            assert leads_to_root(found)
            assert {found.pack_root} == roots


def test_a_proof_holds_nothing_of_other_records(proof: tuple[worlds.World, Proof]) -> None:
    raw = repr(proof[1]).encode()
    assert raw.count(b"mail-0-") == 1, "its own native id"


def test_a_forged_quotation_under_a_genuine_id_fails(proof: tuple[worlds.World, Proof]) -> None:
    genuine = proof[1]
    assert leads_to_root(genuine)
    for at, (kind, salt, content) in enumerate(genuine.pieces):
        forged = list(genuine.pieces)
        forged[at] = (kind, salt, content[:-1] + b"!" if content else b"!")
        assert not leads_to_root(replace(genuine, pieces=tuple(forged)))
    texts = [i for i, (kind, _, _) in enumerate(genuine.pieces) if kind == TEXT]
    assert len(texts) == 3
    swapped = list(genuine.pieces)
    swapped[texts[0]], swapped[texts[1]] = swapped[texts[1]], swapped[texts[0]]
    assert not leads_to_root(replace(genuine, pieces=tuple(swapped)))
    assert not leads_to_root(replace(genuine, pieces=genuine.pieces[:-1]))


@pytest.mark.parametrize(
    "field", ["record_id", "leaf_salt", "source_sha256", "pack_root", "row", "block"]
)
def test_a_proof_with_any_other_part_changed_fails(
    proof: tuple[worlds.World, Proof], field: str
) -> None:
    held = getattr(proof[1], field)
    other = held + 1 if isinstance(held, int) else bytes((held[0] ^ 1,)) + held[1:]
    assert not leads_to_root(replace(proof[1], **{field: other}))  # type: ignore[arg-type]


def test_a_brief_refuses_a_genuine_proof_beside_forged_words(
    proof: tuple[worlds.World, Proof],
) -> None:
    world, genuine = proof
    gate = world.gate(world.authority(authority_id="case-2"))
    (record,) = gate.show([RecordRef(genuine.pack_id, genuine.block, genuine.row)])
    cited = cited_record(record, genuine)
    check_proof(cited)
    for forged in (
        replace(record, text=record.text.replace("first", "worst")),
        replace(record, subject="another subject"),
    ):
        with pytest.raises(BadValue, match="does not hold the record's text"):
            check_proof(cited_record(forged, genuine))
    lying = tuple(
        (k, s, c.replace(b"first", b"worst") if k == TEXT else c) for k, s, c in genuine.pieces
    )
    with pytest.raises(BadValue, match="does not lead to its pack's root"):
        check_proof(
            cited_record(
                replace(record, text=record.text.replace("first", "worst")),
                replace(genuine, pieces=lying),
            )
        )


def cited_record(record: Record, found: Proof) -> CitedRecord:
    return CitedRecord(label="R1", record=record, source="mail", proof=found, entry_bytes=b"")


def test_pieces_of_a_block_are_those_of_its_rows_one_by_one() -> None:
    rows = layout.batch_of(worlds.drafts(50))
    plain = rows.to_pylist()
    one_by_one = [leaves.pieces(row, row["text"].encode()) for row in plain]
    assert block_pieces(rows) == one_by_one


def test_salts_are_one_stream_of_the_seed() -> None:
    long, short = leaves.salts(b"s" * 32, 10), leaves.salts(b"s" * 32, 4)
    assert long[:64] == short
    assert leaves.salts(b"t" * 32, 4) != short


def test_two_kinds_with_one_content_have_two_hashes() -> None:
    salt = bytes(16)
    assert leaves.piece_hash(salt, SUBJECT, b"x") != leaves.piece_hash(salt, TEXT, b"x")
    assert leaves.piece_hash(salt, 3, b"x") == hashlib.sha256(b"\0" + salt + b"\x03x").digest()
