"""Raw packs: originals sealed unparsed, the granted records alone parsed, and every piece attested."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.archive import worlds
from tests.archive.worlds import START_US, World

from pastwatch.archive import layout
from pastwatch.archive.block import RecordRef
from pastwatch.archive.gate import Gate
from pastwatch.archive.leaves import SUBJECT, Proof, piece_hash
from pastwatch.archive.opening import PackOpener
from pastwatch.archive.pack import read_pack
from pastwatch.archive.rawblock import (
    NO_PIECES,
    KeptHere,
    Parsed,
    piece_root,
    piece_salts,
    raw_leaves,
)
from pastwatch.archive.repack import Repacker
from pastwatch.archive.verify import verify_archive
from pastwatch.errors import OutsideScope, PackDamaged, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.ledger.tree import leaf_hash, root, verify_inclusion
from pastwatch.model.authority import Scope
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Draft
from pastwatch.model.when import HOUR_US, Span
from pastwatch.sealing import seal

ABSENT = [("", frozenset({"nowhere-at-all"}))]
TEXTLESS = ("subject", "native_id", "reply_to", "parts")


@dataclass
class DraftParser:
    """Gives back the text a draft had; remembers what it was asked to parse."""

    known: dict[bytes, Draft]
    name: str = "draft/1"
    asked: list[bytes] = field(default_factory=list)

    def __call__(self, originals: Sequence[bytes], forms: Sequence[int], /) -> pa.RecordBatch:
        assert set(forms) <= {layout.FORM_MAIL}
        self.asked += originals
        made = layout.batch_of([self.known[o] for o in originals])
        return pa.RecordBatch.from_arrays(
            [made.column(f.name) for f in layout.PARSED], schema=layout.PARSED
        )


def raw_batch(drafts: Sequence[Draft]) -> Batch:
    """The drafts as a connector of depth raw yields them."""
    columns = layout.batch_of(drafts)
    arrays = {name: columns.column(name) for name in columns.schema.names}
    arrays["text"] = pa.array([""] * len(drafts), pa.large_string())
    for name in TEXTLESS:
        arrays[name] = pa.nulls(len(drafts), layout.BATCH.field(name).type)
    made = pa.RecordBatch.from_arrays(list(arrays.values()), schema=layout.BATCH)
    return Batch(columns=made, container="file", form=layout.FORM_MAIL)


def seal_raw(world: World, drafts: Sequence[Draft], *, name: str = "mail") -> None:
    writer = world.writer(name)
    writer.add(raw_batch(drafts), clock_us=world.clock())
    writer.flush()
    assert writer.taken.raw == writer.taken.records


def gate_of(
    world: World, drafts: Sequence[Draft], *, scope: Scope | None = None, kept: Any = None
) -> tuple[Gate, DraftParser]:
    parser = DraftParser({d.original: d for d in drafts})
    gate = Gate(
        world.grant(world.authority(scope)).file,
        identity=world.case,
        store=world.store,
        ledger=world.ledger,
        catalogue=world.catalogue,
        signer=world.analyst.signing,
        clock=world.clock,
        parser=parser,
        parsed=kept,
    )
    return gate, parser


def refs(gate: Gate) -> list[RecordRef]:
    index = gate.index()
    return [index.ref(at) for at in range(len(index))]


def entries(world: World, act: Act) -> list[Any]:
    world.ledger.refresh()
    return [e for e in world.ledger.entries() if e.act == act]


@pytest.fixture
def drafts() -> list[Draft]:
    return worlds.drafts(300)


def test_a_raw_pack_holds_envelopes_and_originals_and_nothing_else(
    world: World, drafts: list[Draft]
) -> None:
    seal_raw(world, drafts)
    for path in world.packs():
        pack = read_pack(path.read_bytes(), name=path.stem)
        assert pack.depth == layout.RAW
        counts = [len(held) for held in pack.frames]
        assert counts[seal.TOKENS] == counts[seal.TEXT] == 0
        assert counts[seal.ENVELOPE] == counts[seal.REMAINDER] == pack.block_count
    assert not verify_archive(world.place).problems


def test_a_ready_pack_names_no_depth(world: World, drafts: list[Draft]) -> None:
    world.collect("mail", drafts)
    (path, *_) = world.packs()
    assert b'"depth"' not in path.read_bytes()[:2000]
    assert read_pack(path.read_bytes(), name=path.stem).depth == layout.READY


def test_an_unknown_depth_is_another_format(world: World, drafts: list[Draft]) -> None:
    seal_raw(world, drafts)
    (path, *_) = world.packs()
    changed = path.read_bytes().replace(b'"depth":"raw"', b'"depth":"odd"', 1)
    with pytest.raises(PackDamaged, match="format"):
        read_pack(changed, name=path.stem)


def test_records_are_those_that_ready_gives(world: World, drafts: list[Draft]) -> None:
    world.collect("ready", drafts)
    ready = world.gate()
    before = {r.record_id: r for r in ready.show(refs(ready))}
    (world.folder.parent / "two").mkdir()
    other = World.make(world.folder.parent / "two" / "archive")
    seal_raw(other, drafts, name="ready")
    gate, _ = gate_of(other, drafts)
    after = {r.record_id: r for r in gate.show(refs(gate))}
    assert after == before
    held = {
        r.record_id: gate.original(ref)
        for r, ref in zip(gate.show(refs(gate)), refs(gate), strict=True)
    }
    assert {hashlib.sha256(o).digest() for o in held.values()} == {
        r.source_sha256 for r in before.values()
    }


def test_what_is_held_raw_is_not_collected_again_ready(world: World, drafts: list[Draft]) -> None:
    seal_raw(world, drafts)
    taken = world.collect("mail", drafts)
    assert (taken.records, taken.already_held) == (0, len(drafts))


def test_one_run_seals_raw_and_ready_records_into_packs_of_their_own(
    world: World, drafts: list[Draft]
) -> None:
    writer = world.writer("mail")
    writer.add(raw_batch(drafts[:100]), clock_us=world.clock())
    ready = Batch(columns=layout.batch_of(drafts[100:]), container="rows")
    writer.add(ready, clock_us=world.clock())
    writer.flush()
    assert writer.taken.raw == 100
    gate, parser = gate_of(world, drafts)
    assert len(gate.show(refs(gate))) == len(drafts)
    assert len(parser.asked) == 100


def test_only_records_in_scope_are_parsed(world: World, drafts: list[Draft]) -> None:
    seal_raw(world, drafts)
    sender = next(d.sender.address for d in drafts if d.sender)
    scope = Scope(span=worlds.WIDE, undated=True, accounts=(sender,))
    gate, parser = gate_of(world, drafts, scope=scope)
    shown = gate.show(refs(gate))
    assert 0 < len(shown) < len(drafts) // 2
    parsed = {hashlib.sha256(o).digest() for o in parser.asked}
    assert parsed == {r.source_sha256 for r in shown}


def test_a_block_is_parsed_once_and_attested_once(world: World, drafts: list[Draft]) -> None:
    seal_raw(world, drafts)
    kept = KeptHere()
    gate, parser = gate_of(world, drafts, kept=kept)
    first = gate.show(refs(gate))
    told = entries(world, Act.PIECES)
    assert len(parser.asked) == len(drafts)
    assert {(e.outcome["pack_id"], e.outcome["block"]) for e in told} == {
        (b.pack_id, b.block) for b in gate.blocks
    }
    assert all(e.outcome["parser"] == "draft/1" for e in told)
    again, later = gate_of(world, drafts, kept=kept)[0], parser.asked[:]
    assert again.show(refs(again)) == first
    assert parser.asked == later
    assert len(entries(world, Act.PIECES)) == len(told)


def test_a_narrower_case_does_not_take_what_another_rows_were_kept_for(
    world: World, drafts: list[Draft]
) -> None:
    seal_raw(world, drafts)
    kept = KeptHere()
    wide, _ = gate_of(world, drafts, kept=kept)
    wide.show(refs(wide))
    sender = next(d.sender.address for d in drafts if d.sender)
    scope = Scope(span=worlds.WIDE, undated=True, accounts=(sender,))
    narrow, parser = gate_of(world, drafts, scope=scope, kept=kept)
    assert len(narrow.show(refs(narrow))) == len(parser.asked) < len(drafts)


def test_no_parser_and_no_raw_record_is_read(world: World, drafts: list[Draft]) -> None:
    seal_raw(world, drafts)
    gate = world.gate()
    with pytest.raises(UsageError, match="unparsed"):
        gate.show(refs(gate)[:1])


def test_raw_blocks_are_always_candidates(world: World, drafts: list[Draft]) -> None:
    seal_raw(world, drafts[:150])
    gate, _ = gate_of(world, drafts)
    assert gate.holding(ABSENT) is None
    world.collect("rows", worlds.drafts(150, seed=1, source="rows"))
    gate, _ = gate_of(world, drafts)
    raw = {b for b in gate.blocks if b.source_id == world.sources["mail"].source_id}
    assert gate.holding(ABSENT) == raw


def attested_by(world: World, proof: Proof) -> bool:
    """Whether the proof's pieces stand in the entry it names, computed by hand."""
    assert proof.attested is not None
    salted = proof.leaf_salt + proof.record_id + proof.source_sha256
    leaf = hashlib.sha256(b"\0" + salted + NO_PIECES).digest()
    pieces = root([piece_hash(salt, kind, content) for kind, salt, content in proof.pieces])
    entry = world.ledger.entry(proof.attested.sequence)
    return verify_inclusion(
        leaf_hash(leaf + pieces),
        index=proof.attested.index,
        size=proof.attested.size,
        path=proof.attested.path,
        root=bytes.fromhex(entry.objects["pieces"]),
    )


def test_every_record_is_proved_by_its_leaf_and_its_pieces_by_the_ledger(
    world: World, drafts: list[Draft]
) -> None:
    from pastwatch.stages.brief.cite import leads_to_root

    seal_raw(world, drafts)
    scope = Scope(span=Span(start_us=START_US, end_us=START_US + 400 * HOUR_US), undated=True)
    gate, _ = gate_of(world, drafts, scope=scope)
    for ref in refs(gate)[::9]:
        proof = gate.prove(ref)
        assert leads_to_root(proof)
        assert attested_by(world, proof)
        changed = ((proof.pieces[0][0], proof.pieces[0][1], b"another"), *proof.pieces[1:])
        assert not attested_by(world, _with_pieces(proof, changed))


def _with_pieces(proof: Proof, pieces: Any) -> Proof:
    from dataclasses import replace

    return replace(proof, pieces=pieces)


def test_what_a_case_keeps_cannot_be_exchanged_for_other_text(
    world: World, drafts: list[Draft]
) -> None:
    seal_raw(world, drafts)
    kept = KeptHere()
    gate, _ = gate_of(world, drafts, kept=kept)
    (ref, *_) = refs(gate)
    gate.prove(ref)
    raw = kept.get(ref.pack_id, ref.block)
    assert raw is not None
    held = Parsed.from_bytes(raw)
    at = held.columns.schema.get_field_index("text")
    other = pa.array(["not what was sealed"] * held.columns.num_rows, pa.large_string())
    columns = held.columns.set_column(at, held.columns.schema.field(at), other)
    kept.put(
        ref.pack_id, ref.block, Parsed(held.rows, columns, held.parser, held.sequence).to_bytes()
    )
    with pytest.raises(PackDamaged, match="ledger"):
        gate.prove(ref)
    kept.put(ref.pack_id, ref.block, raw[:20])
    with pytest.raises(PackDamaged, match="kept"):
        gate.prove(ref)


def test_an_opaque_row_is_shown_as_such(world: World, drafts: list[Draft]) -> None:
    from dataclasses import replace

    seal_raw(world, drafts[:20])
    broken = [replace(d, defects=Defect.OPAQUE, text="bytes") for d in drafts[:20]]
    gate, _ = gate_of(world, broken)
    shown = gate.show(refs(gate))
    assert len(shown) == 20
    assert all(r.envelope.defects & Defect.OPAQUE and r.text == "bytes" for r in shown)


def test_a_parser_that_loses_a_row_is_refused(
    world: World, drafts: list[Draft], monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_raw(world, drafts)
    gate, parser = gate_of(world, drafts)
    genuine = DraftParser.__call__
    monkeypatch.setattr(DraftParser, "__call__", lambda *a: genuine(*a).slice(1))
    with pytest.raises(PackDamaged, match="parser"):
        gate.show(refs(gate)[:1])
    assert parser.asked
    assert not entries(world, Act.PIECES)


def test_blocks_outside_the_grant_stay_shut(world: World, drafts: list[Draft]) -> None:
    seal_raw(world, drafts)
    scope = Scope(span=Span(start_us=START_US - HOUR_US, end_us=START_US), undated=False)
    wide, _ = gate_of(world, drafts)
    narrow, _ = gate_of(world, drafts, scope=scope)
    outside = set(wide.blocks) - set(narrow.blocks)
    for block in outside:
        with (
            pytest.raises(OutsideScope),
            narrow.opening([block], purpose="look"),
        ):
            pass


def test_repacking_keeps_a_raw_pack_raw_and_its_root(world: World, drafts: list[Draft]) -> None:
    seal_raw(world, drafts)
    rows = world.catalogue.packs()
    Repacker(
        level=9,
        store=world.store,
        ledger=world.ledger,
        catalogue=world.catalogue,
        custodian=world.custodian,
        recipients=[world.custodian.identity.recipient],
        clock=world.clock,
    ).repack(rows)
    after = world.catalogue.packs()
    assert sorted(r.root for r in after) == sorted(r.root for r in rows)
    assert all(PackOpener(world.store, r.pack_id).is_raw for r in after)
    gate, _ = gate_of(world, drafts)
    assert len(gate.show(refs(gate))) == len(drafts)


def test_salts_of_pieces_do_not_depend_on_what_else_was_parsed() -> None:
    seed = bytes(range(32))
    wanted = hashlib.shake_256(b"pastwatch piece salts v1\0" + seed + b"\x07\0\0\0").digest(48)
    assert piece_salts(seed, 7, 3) == [wanted[:16], wanted[16:32], wanted[32:]]
    assert piece_salts(seed, 7, 1) == [wanted[:16]]


def test_the_page_lists_the_vectors_that_the_code_gives() -> None:
    page = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"## Raw packs\n.*?```text\n(.*?)```", page, re.DOTALL)
    listed = [line.rsplit(" = ", 1)[1] for line in block.splitlines()]
    seed = bytes(range(0x80, 0xA0))
    salts = piece_salts(seed, 7, 2)
    leaf = raw_leaves(seed, [bytes(16)] * 8, [bytes(32)] * 8)[7]
    piece = piece_hash(salts[0], SUBJECT, b"a subject")
    assert listed == [
        b"".join(salts).hex(),
        leaf.hex(),
        piece.hex(),
        leaf_hash(leaf + piece_root(seed, 7, [(SUBJECT, b"a subject")])).hex(),
    ]
