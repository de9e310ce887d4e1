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
from tests.archive.repacks import expected_files, files, fill, held, proofs, repack, seen

from pastwatch.archive import frames, layout, place
from pastwatch.archive.catalogue import Catalogue, PackRow
from pastwatch.archive.opening import PackOpener, frame_keys
from pastwatch.archive.proving import restore_raw
from pastwatch.archive.repair import adopt, repair
from pastwatch.archive.verify import verify_archive
from pastwatch.errors import PackDamaged, StorageError, WrongKey
from pastwatch.ledger.entry import Act
from pastwatch.model.batch import Batch
from pastwatch.sealing import seal
from pastwatch.storage import durable

LEVELS = (frames.HOT, 1, 3, 9)


@pytest.fixture
def filled(world: worlds.World) -> Iterator[worlds.World]:
    """Mail of two kinds of time, and JSON whose remainder leans on the text."""
    fill(world)
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


@pytest.mark.parametrize("level", [frames.HOT, 9])
def test_a_raw_pack_stays_raw(world: worlds.World, level: int) -> None:
    writer = world.writer("mail")
    columns = layout.batch_of([replace(d, text="") for d in worlds.drafts(50)])
    batch = Batch(columns=columns, container="file", form=layout.FORM_MAIL)
    writer.add(batch, clock_us=world.clock())
    writer.flush()
    before = originals(world)
    assert len(before) == writer.taken.raw == 50
    assert len(repack(world, level)) == len(world.packs())
    assert originals(world) == before
    assert not [p for p in verify_archive(world.place).problems if "pack" in p]
    world.close()


def originals(world: worlds.World) -> list[tuple[bytes, bytes]]:
    """The seed of its block and the bytes of every original of the raw packs."""
    found = []
    for row in world.catalogue.packs():
        opener = PackOpener(world.store, row.pack_id)
        wrapped = world.store.get(place.keys_key(row.pack_id))
        keys = opener.section_keys(wrapped, world.custodian.identity)
        assert opener.is_raw
        for block in range(opener.pack.block_count):
            seed, rest = opener.originals(frame_keys(keys, seal.REMAINDER, block), block)
            rows = range(rest.num_rows)
            found += [(seed, restore_raw(rest, at, pack_id=row.pack_id)) for at in rows]
    return sorted(found)


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


def test_a_repack_of_a_repack_follows_the_chain(filled: worlds.World) -> None:
    before = held(filled)
    for level in (9, frames.HOT, 3):
        repack(filled, level)
    assert held(filled) == before
    report = verify_archive(filled.place)
    assert (report.problems, report.notes) == ([], [])
    digests = {hashlib.sha256(p.read_bytes()).hexdigest() for p in filled.packs()}
    assert digests == {r.sha256 for r in filled.catalogue.packs()}
