"""Repacking a small archive, and what must be the same after it."""

from __future__ import annotations

from dataclasses import replace

from tests.archive import worlds

from pastwatch.archive import place
from pastwatch.archive.leaves import Proof
from pastwatch.archive.opening import PackOpener, frame_keys
from pastwatch.archive.proving import restore
from pastwatch.archive.repack import Repacked, Repacker, to_repack
from pastwatch.sealing import seal


def repacker(world: worlds.World, level: int) -> Repacker:
    return Repacker(
        level=level,
        store=world.store,
        ledger=world.ledger,
        catalogue=world.catalogue,
        custodian=world.custodian,
        recipients=[world.custodian.identity.recipient],
        clock=world.clock,
    )


def repack(world: worlds.World, level: int) -> list[Repacked]:
    rows = to_repack(world.catalogue.packs(), ledger=world.ledger, level=level)
    return repacker(world, level).repack(rows) if rows else []


def held(world: worlds.World) -> dict[bytes, tuple[bytes, str]]:
    """Every record by its id: the original restored, the text as sealed; by the custodian's key."""
    found = {}
    for row in world.catalogue.packs():
        opener = PackOpener(world.store, row.pack_id)
        wrapped = world.store.get(place.keys_key(row.pack_id))
        keys = opener.section_keys(wrapped, world.custodian.identity)
        for block in range(opener.pack.block_count):
            envelope, _ = opener.envelope(frame_keys(keys, seal.ENVELOPE, block), block)
            text_key = frame_keys(keys, seal.TEXT, block)
            _, text = opener.text(text_key, block, reuse=False)
            rest_key = frame_keys(keys, seal.REMAINDER, block)
            rest = opener.remainder(rest_key, block, text_key=text_key)
            ids = envelope.column("record_id").to_pylist()
            for at, (record_id, said) in enumerate(
                zip(ids, text.column("text").to_pylist(), strict=True)
            ):
                found[record_id] = (restore(text, rest, at, pack_id=row.pack_id), said)
    return found


def seen(world: worlds.World) -> list[tuple[bytes, str, bytes]]:
    """A few records as a case sees them."""
    gate = world.gate()
    found = []
    with gate.opening(gate.blocks, purpose="test") as opening:
        for ref in gate.blocks:
            block = opening.block(ref)
            original = gate.original(block.record_ref(0))
            found.append((block.record_id(0), block.record(0).text, original))
    return sorted(found)


def proofs(world: worlds.World) -> list[Proof]:
    gate = world.gate()
    with gate.opening(gate.blocks, purpose="test") as opening:
        refs = [opening.block(ref).record_ref(0) for ref in gate.blocks]
    return [gate.prove(ref) for ref in refs]


def files(world: worlds.World) -> set[str]:
    return {p.name for p in world.place.packs.rglob("*") if p.is_file()}


def expected_files(world: worlds.World) -> set[str]:
    ids = [row.pack_id for row in world.catalogue.packs()]
    return {f"{i}.{kind}" for i in ids for kind in ("pack", "ids", "keys")}


def fill(world: worlds.World) -> None:
    """Mail of two kinds of time, and JSON whose remainder leans on the text."""
    world.collect("mail", worlds.drafts(300))
    lines = [
        replace(d, original=b'{"text":"' + d.text.encode() * 2 + b'"}', text=d.text + "x" * 40)
        for d in worlds.drafts(80, source="chat")
    ]
    world.collect("chat", lines)
