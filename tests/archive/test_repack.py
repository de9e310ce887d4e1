"""Repacking changes how packs are compressed and keyed, and nothing else; no crash loses a record."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.archive import worlds

from pastwatch.archive import frames, place
from pastwatch.archive.catalogue import Catalogue, PackRow
from pastwatch.archive.leaves import Proof
from pastwatch.archive.opening import PackOpener, frame_keys
from pastwatch.archive.proving import restore
from pastwatch.archive.repack import Repacked, Repacker, to_repack
from pastwatch.archive.repair import adopt, repair
from pastwatch.archive.standing import repack_draft
from pastwatch.archive.verify import verify_archive
from pastwatch.errors import PackDamaged, StorageError, WrongKey
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.sealing import seal
from pastwatch.storage import durable

LEVELS = (frames.HOT, 1, 3, 9)


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


@pytest.fixture
def filled(world: worlds.World) -> Iterator[worlds.World]:
    """Mail of two kinds of time, and JSON whose remainder leans on the text."""
    world.collect("mail", worlds.drafts(300))
    lines = [
        replace(d, original=b'{"text":"' + d.text.encode() * 2 + b'"}', text=d.text + "x" * 40)
        for d in worlds.drafts(80, source="chat")
    ]
    world.collect("chat", lines)
    yield world
    world.close()


@pytest.mark.parametrize("level", LEVELS)
def test_every_record_reads_the_same_at_every_level(filled: worlds.World, level: int) -> None:
    before, case = held(filled), seen(filled)
    rows = {r.root: r for r in filled.catalogue.packs()}
    done = repack(filled, level)
    assert len(done) == len(rows) > 2
    assert (held(filled), seen(filled)) == (before, case)
    after = {r.root: r for r in filled.catalogue.packs()}
    assert after.keys() == rows.keys(), "the record-leaf roots are the same"
    assert not {r.pack_id for r in after.values()} & {r.pack_id for r in rows.values()}
    assert not {r.keys_sha256 for r in after.values()} & {r.keys_sha256 for r in rows.values()}
    assert files(filled) == expected_files(filled), "the old packs and keys are gone"
    assert verify_archive(filled.place).problems == []


def test_only_hot_text_is_lz4(filled: worlds.World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    genuine = frames.encode

    def encode(raw: bytes, *, level: int, extra: bytes = b"", prefix: bytes | None = None) -> bytes:
        plain = genuine(raw, level=level, extra=extra, prefix=prefix)
        seen.append((len(extra), plain[0]))
        return plain

    monkeypatch.setattr(frames, "encode", encode)
    repack(filled, frames.HOT)
    text = {codec for extra, codec in seen if extra == 32}
    assert frames.LZ4 in text
    assert text <= {frames.LZ4, frames.STORED}
    assert frames.LZ4 not in {codec for extra, codec in seen if extra != 32}


def test_proofs_made_before_and_after_give_one_root(filled: worlds.World) -> None:
    before = {(p.record_id, p.leaf_salt, p.pieces, p.pack_path) for p in proofs(filled)}
    repack(filled, 9)
    assert {(p.record_id, p.leaf_salt, p.pieces, p.pack_path) for p in proofs(filled)} == before


def test_a_repack_is_an_opening_by_the_custodian(filled: worlds.World) -> None:
    start = filled.ledger.size
    packs = len(repack(filled, 9))
    entries = list(filled.ledger.entries(start))
    assert [e.act for e in entries] == [Act.OPEN, *[Act.REPACK] * packs, Act.OPENED]
    assert {e.actor for e in entries} == {filled.custodian.signing.key_id}
    assert {e.outcome["purpose"] for e in (entries[0], entries[-1])} == {"repack"}
    assert entries[-1].outcome["records"] == 380


def test_nothing_is_opened_where_the_ledger_cannot_be_written(
    filled: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = worlds.opened_frames(monkeypatch)

    def full(kind: str, _path: Path) -> None:
        if kind == "before:write":
            raise OSError(errno.ENOSPC, "")

    monkeypatch.setattr(durable, "on_step", full)
    with pytest.raises(StorageError):
        repack(filled, 9)
    assert opened == []


def test_the_same_level_again_does_nothing(filled: worlds.World) -> None:
    assert repack(filled, 9)
    size = filled.ledger.size
    assert repack(filled, 9) == []
    assert filled.ledger.size == size
    assert repack(filled, 3), "another level is another matter"


def test_collecting_again_knows_the_records_of_a_repacked_pack(filled: worlds.World) -> None:
    repack(filled, 9)
    again = filled.collect("mail", worlds.drafts(300), container="again")
    assert (again.records, again.already_held) == (0, 300)
    assert verify_archive(filled.place).problems == []


def test_without_the_custodians_key_nothing_is_replaced(filled: worlds.World) -> None:
    filled.custodian, genuine = filled.analyst, filled.custodian
    before = files(filled)
    with pytest.raises(WrongKey):
        repack(filled, 9)
    filled.custodian = genuine
    assert files(filled) == before
    assert len(held(filled)) == 380


def test_a_damaged_pack_is_named_and_stays(filled: worlds.World) -> None:
    path = max(filled.packs(), key=lambda p: p.stat().st_size)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(PackDamaged, match=path.stem):
        repack(filled, 9)
    assert path.exists()
    assert repair(filled.place).nothing


def test_a_pack_that_does_not_read_back_replaces_nothing(
    filled: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held(filled)
    genuine = frames.encode

    def wrong(raw: bytes, *, level: int, extra: bytes = b"", prefix: bytes | None = None) -> bytes:
        return genuine(bytes(raw[:-1]) + b"?", level=level, extra=extra, prefix=prefix)

    with monkeypatch.context() as patch:
        patch.setattr(frames, "encode", wrong)
        with pytest.raises(PackDamaged, match="does not read back"):
            repack(filled, 9)
    assert repair(filled.place, dry_run=False).swept
    assert held(filled) == before
    assert verify_archive(filled.place).problems == []


# --- crashes ---


class Crash(Exception):
    """As if the power went."""


def crash_at(
    steps: list[int], number: int, error: Callable[[], BaseException]
) -> Callable[..., None]:
    def step(_kind: str, _path: Path) -> None:
        steps[0] += 1
        if steps[0] == number:
            raise error()

    return step


@pytest.mark.parametrize("what", ["crash", "failed write"])
def test_after_a_crash_at_any_step_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    first = worlds.World.make(tmp_path / "first")
    first.collect("mail", [worlds.exact(d, worlds.START_US) for d in worlds.drafts(30)])
    before = held(first)
    first.close()
    number, done = 0, False
    while not done:
        number += 1
        folder = tmp_path / f"at {number}"
        shutil.copytree(first.folder, folder)
        world = worlds.World(
            **{f: getattr(first, f) for f in first.__dataclass_fields__} | {"folder": folder}
        )
        world.store = type(world.store)(world.place.packs)
        world.reopen()
        steps = [0]
        failure = Crash if what == "crash" else (lambda: OSError(errno.EIO, ""))
        with monkeypatch.context() as patch:
            patch.setattr(durable, "on_step", crash_at(steps, number, failure))
            try:
                repack(world, 9)
                done = True
            except (Crash, StorageError):
                pass
        world.reopen()
        adopt(world.place, world.catalogue, world.ledger)
        assert verify_archive(world.place).problems == [], number
        repair(world.place, dry_run=False)
        report = verify_archive(world.place)
        assert (report.problems, report.notes) == ([], []), number
        assert files(world) == expected_files(world), number
        assert held(world) == before, number
        world.close()
        shutil.rmtree(folder)
    assert number > 30


def test_a_crash_before_the_catalogue_changes_is_made_good_by_the_next_opening(
    filled: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held(filled)

    def crash(_self: Catalogue, _row: PackRow) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Catalogue, "add_pack", crash)
        with pytest.raises(Crash):
            repack(filled, 9)
    (named,) = [p for p in verify_archive(filled.place).problems if "has no row" in p]
    filled.reopen()
    assert adopt(filled.place, filled.catalogue, filled.ledger) == 1
    report = verify_archive(filled.place)
    assert report.problems == []
    assert any("a repack replaced" in note for note in report.notes), named
    assert len(repair(filled.place, dry_run=False).swept) == 3
    assert held(filled) == before


def test_a_writer_too_takes_the_new_pack_for_the_old(
    filled: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Catalogue, "drop_pack", lambda *_: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            repack(filled, 9)
    for name in ("mail", "chat"):
        count = {"mail": 300, "chat": 80}[name]
        assert filled.writer(name).taken.records == 0
        assert (
            sum(r.records for r in filled.catalogue.packs(filled.sources[name].source_id)) == count
        )
    assert verify_archive(filled.place).problems == []


def test_a_replaced_pack_stays_while_the_new_one_is_not_whole(filled: worlds.World) -> None:
    kept = {p: p.read_bytes() for p in filled.place.packs.rglob("*") if p.is_file()}
    repack(filled, 9)
    for path, raw in kept.items():  # as a crash before the old ones were destroyed leaves it
        path.write_bytes(raw)
    (new, *_) = [p for p in filled.packs() if p not in kept]
    whole = new.read_bytes()
    new.write_bytes(whole[:-1])
    swept = repair(filled.place, dry_run=False).swept
    assert len(swept) == len(kept) - 3
    new.write_bytes(whole)
    assert len(repair(filled.place, dry_run=False).swept) == 3
    assert verify_archive(filled.place).problems == []


# --- who may say that a pack stands for another ---


def forged(world: worlds.World, **given: object) -> EntryDraft:
    old = world.catalogue.packs()[0]
    new = replace(old, pack_id="ab" * 16, **given)  # type: ignore[arg-type]
    return repack_draft(new, old=old, level="9", clock_us=world.clock())


@pytest.mark.parametrize(
    "given",
    [{"root": "00" * 32}, {"ids_sha256": "00" * 32}, {"records": 1}, {"source_id": "00" * 8}],
)
def test_a_repack_to_other_records_is_a_problem_and_replaces_nothing(
    filled: worlds.World, given: dict[str, object]
) -> None:
    before = held(filled)
    filled.ledger.append([forged(filled, **given)], filled.custodian.signing)
    problems = verify_archive(filled.place).problems
    assert [p for p in problems if "a repack that does not hold" in p] == problems
    assert len(problems) == 1
    repair(filled.place, dry_run=False)
    assert held(filled) == before


def test_a_repack_of_a_pack_that_never_stood_is_a_problem(filled: worlds.World) -> None:
    entry = forged(filled)
    unknown = replace(entry, outcome={**entry.outcome, "replaced": "cd" * 16})
    filled.ledger.append([unknown], filled.custodian.signing)
    (problem,) = verify_archive(filled.place).problems
    assert "no such pack stood then" in problem


def test_a_repack_that_a_collector_signed_is_a_problem(filled: worlds.World) -> None:
    filled.ledger.append([forged(filled)], filled.collector.signing)
    assert any("entry" in p for p in verify_archive(filled.place).problems)
    old = filled.catalogue.packs()[0].pack_id
    repair(filled.place, dry_run=False)
    assert (filled.place.packs / place.pack_key(old)).exists(), "the new one never stood on disk"


def test_a_repack_of_a_repack_follows_the_chain(filled: worlds.World) -> None:
    before = held(filled)
    for level in (9, frames.HOT, 3):
        repack(filled, level)
    assert held(filled) == before
    report = verify_archive(filled.place)
    assert (report.problems, report.notes) == ([], [])
    digests = {hashlib.sha256(p.read_bytes()).hexdigest() for p in filled.packs()}
    assert digests == {r.sha256 for r in filled.catalogue.packs()}
