"""Whatever is changed in an archive is found without a key, and the piece is named."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.archive import worlds

from pastwatch.archive import layout
from pastwatch.archive.catalogue import Catalogue, PackRow
from pastwatch.archive.pack import Pack, damage, read_pack
from pastwatch.archive.place import Place
from pastwatch.archive.repair import repair
from pastwatch.archive.standing import commit_draft
from pastwatch.archive.verify import verify_archive
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.ledger.log import Ledger
from pastwatch.model.batch import Batch
from pastwatch.sealing.casekey import KeyFile
from pastwatch.sealing.seal import SECTIONS

FLIPS = 3000


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> worlds.World:
    """An archive of four packs in two sources; never changed by a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "BLOCK_RECORDS", 16)
        world = worlds.World.make(tmp_path_factory.mktemp("sound") / "archive")
        for source in ("mail", "chat"):
            world.collect(source, worlds.drafts(120, source=source))
        world.grant(world.authority())
        world.close()
    return world


@pytest.fixture
def copy(sound: worlds.World, tmp_path: Path) -> Place:
    """The same archive, to be changed."""
    return Place(Path(shutil.copytree(sound.folder, tmp_path / "copy")))


def problems(here: Place) -> list[str]:
    return verify_archive(here).problems


def packs(here: Place) -> list[Path]:
    return sorted(here.packs.rglob("*.pack"), key=lambda p: -p.stat().st_size)


def test_a_sound_archive_has_no_problem_and_says_what_it_trusted(copy: Place) -> None:
    report = verify_archive(copy)
    assert report.problems == []
    assert report.trusted == "consistent with itself"
    assert report.packs == 4
    assert report.bytes == sum(p.stat().st_size for p in packs(copy))


def piece_at(pack: Pack, position: int, header_bytes: int) -> str:
    """What stands at a position of a pack."""
    if position < header_bytes:
        return "header"
    for section, frames in zip(SECTIONS, pack.frames, strict=True):
        for index, frame in enumerate(frames):
            if frame.offset <= position < frame.offset + frame.size:
                return f"{section} frame {index}"
    return "footer"


def test_every_flipped_bit_is_found_and_its_piece_named(sound: worlds.World) -> None:
    path = packs(sound.place)[0]
    (row,) = [r for r in rows_of(sound.place) if r.pack_id == path.stem]
    raw = bytearray(path.read_bytes())
    pack = read_pack(bytes(raw), name=path.stem)
    header_bytes = pack.frames[0][0].offset
    footer_at = max(f.offset + f.size for s in pack.frames for f in s)
    draw = random.Random(1)  # noqa: S311 - places to damage, not secrets
    positions = [
        *range(header_bytes),
        *range(len(raw) - 200, len(raw)),
        *draw.sample(range(footer_at, len(raw)), 500),
        *draw.sample(range(header_bytes, footer_at), FLIPS - 700 - header_bytes),
    ]
    assert len(positions) >= 2000
    named = set()
    for position in positions:
        bit = 1 << draw.randrange(8)
        raw[position] ^= bit
        found = damage(
            bytes(raw),
            name=path.stem,
            root=bytes.fromhex(row.root),
            sha256=bytes.fromhex(row.sha256),
        )
        raw[position] ^= bit
        piece = piece_at(pack, position, header_bytes)
        named.add(piece)
        assert len(found) == 1
        assert f"pack {path.stem}" in found[0]
        assert piece in found[0], f"byte {position}"
    assert {"header", "footer", "text frame 3"} <= named


def rows_of(here: Place) -> list[PackRow]:
    with closing(Catalogue(here.catalogue)) as catalogue:
        return catalogue.packs()


def test_verify_names_a_flipped_bit_of_a_file_on_disk(copy: Place) -> None:
    path = packs(copy)[0]
    frame = read_pack(path.read_bytes(), name=path.stem).frames[2][3]
    raw = bytearray(path.read_bytes())
    raw[frame.offset + 5] ^= 64
    path.write_bytes(raw)
    assert problems(copy) == [f"pack {path.stem}: text frame 3 is changed"]


def test_two_swapped_packs_are_both_named(copy: Place) -> None:
    one, other = packs(copy)[:2]
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)
    assert sorted(problems(copy)) == sorted(
        f"pack {p.stem}: another pack stands under its name" for p in (one, other)
    )


def test_two_swapped_frames_are_both_named(copy: Place) -> None:
    path = packs(copy)[0]
    raw = bytearray(path.read_bytes())
    # Frames of one size, so that places stay right: the envelope's last two of sixteen records.
    frames = read_pack(bytes(raw), name=path.stem).frames[0]
    one, other = frames[0], frames[1]
    size = min(one.size, other.size)
    a, b = one.offset, other.offset
    raw[a : a + size], raw[b : b + size] = raw[b : b + size], raw[a : a + size]
    path.write_bytes(raw)
    assert problems(copy) == [f"pack {path.stem}: envelope frame {n} is changed" for n in (0, 1)]


@pytest.mark.parametrize("cut", [1, 20, 1000, -1])
def test_a_pack_cut_short_is_named(copy: Place, cut: int) -> None:
    path = packs(copy)[0]
    raw = path.read_bytes()
    path.write_bytes(raw[:-cut] if cut > 0 else b"")
    (problem,) = problems(copy)
    assert f"pack {path.stem}: its" in problem
    assert "is cut or changed" in problem


def test_bytes_behind_a_pack_are_named(copy: Place) -> None:
    path = packs(copy)[0]
    path.write_bytes(path.read_bytes() + b"more")
    assert problems(copy) == [f"pack {path.stem}: its footer is cut or changed"]


def test_a_missing_pack_is_named(copy: Place) -> None:
    path = packs(copy)[0]
    path.unlink()
    assert problems(copy) == [f"pack {path.stem} is missing or cannot be read"]


def test_an_old_pack_under_a_new_name_is_no_part_of_the_archive(copy: Place) -> None:
    path = packs(copy)[0]
    again = path.with_name("ab" * 16 + ".pack")
    again.write_bytes(path.read_bytes())
    report = verify_archive(copy)
    assert report.problems == []
    assert report.packs == 4
    assert any("never committed" in note for note in report.notes)
    assert again.name in repair(copy).swept


def test_a_pack_committed_a_second_time_under_another_name_is_named(copy: Place) -> None:
    """Even whoever may sign commits cannot make a copy of a pack count as another pack."""
    row = rows_of(copy)[0]
    name = "ab" * 16
    key = KeyFile.make("collector")
    for suffix in ("pack", "ids", "keys"):
        held = (copy.packs / row.pack_id[:2] / f"{row.pack_id}.{suffix}").read_bytes()
        (copy.packs / name[:2]).mkdir(exist_ok=True)
        (copy.packs / name[:2] / f"{name}.{suffix}").write_bytes(held)
    append(copy, commit_draft(replace(row, pack_id=name), row.start_us or 0), key)
    assert f"pack {name}: another pack stands under its name" in problems(copy)


def append(here: Place, draft: EntryDraft, key: KeyFile) -> None:
    with Ledger(here.ledger) as ledger:
        ledger.append([draft], key.signing)


@pytest.mark.parametrize("office", ["nobody", "analyst", "custodian"])
def test_a_pack_made_without_the_collectors_key_is_named(tmp_path: Path, office: str) -> None:
    world = worlds.World.make(tmp_path / "archive")
    world.collect("mail", worlds.drafts(20))
    key = {"nobody": KeyFile.make("nobody"), "analyst": world.analyst, "custodian": world.custodian}
    forger = world.writer("mail", signer=key[office])
    forger.add(
        Batch(columns=layout.batch_of(worlds.drafts(20, seed=9)), container="forged"),
        clock_us=world.clock(),
    )
    forger.flush()
    assert forger.taken.packs
    found = problems(world.place)
    for pack_id in forger.taken.packs:
        assert any(pack_id in p and "not committed by a collector" in p for p in found)
    assert any("a key that may not sign this act" in p for p in found)


def test_a_grant_entry_signed_by_an_analyst_is_named(tmp_path: Path) -> None:
    world = worlds.World.make(tmp_path / "archive")
    world.custodian, genuine = world.analyst, world.custodian
    world.ledger.append(
        [EntryDraft(act=Act.LOCATE, clock_us=world.clock(), objects={"packs": "00" * 32})],
        world.custodian.signing,
    )
    assert genuine is not world.custodian
    assert problems(world.place) == ["entry 1: signed by a key that may not sign this act"]


@pytest.mark.parametrize("suffix", ["keys", "ids"])
def test_changed_and_missing_files_beside_a_pack_are_named(copy: Place, suffix: str) -> None:
    one, other = (p.with_suffix(f".{suffix}") for p in packs(copy)[:2])
    raw = bytearray(one.read_bytes())
    raw[len(raw) // 2] ^= 1
    one.write_bytes(raw)
    other.unlink()
    assert sorted(problems(copy)) == sorted(
        [
            f"pack {one.stem}: {suffix} file is changed",
            f"pack {other.stem}: {suffix} file is missing",
        ]
    )


@pytest.mark.parametrize("folder", ["sources", "runs", "openings"])
def test_changed_and_missing_accounts_are_named(copy: Place, folder: str) -> None:
    files = sorted((copy.folder / folder).iterdir())
    for path in files:
        held = path.read_bytes()
        path.write_bytes(held[:-1] + bytes((held[-1] ^ 1,)))
        (problem,) = problems(copy)
        assert problem.endswith("its file is changed")
        path.unlink()
        (problem,) = problems(copy)
        assert problem.endswith("its file is missing")
        path.write_bytes(held)
    assert problems(copy) == []


def test_a_changed_policy_and_a_changed_ledger_are_problems(copy: Place) -> None:
    policy = copy.policy.read_bytes()
    copy.policy.write_bytes(policy.replace(b'"approvals":1', b'"approvals":0'))
    assert any("policy.json" in p for p in problems(copy))
    copy.policy.write_bytes(policy)
    log = copy.ledger / "entries.log"
    raw = log.read_bytes()
    at = raw.index(b'"records":') + 10
    log.write_bytes(raw[:at] + b"7" + raw[at + 1 :])
    assert any("signature does not hold" in p for p in problems(copy))


def test_a_catalogue_behind_the_ledger_is_named_and_repaired(copy: Place) -> None:
    before = rows_of(copy)
    with sqlite3.connect(copy.catalogue) as db:
        db.execute("DELETE FROM packs WHERE pack_id=?", (before[0].pack_id,))
        db.execute("DELETE FROM sources")
        db.execute("DELETE FROM runs")
    found = problems(copy)
    assert f"catalogue: pack {before[0].pack_id} has no row ('pastwatch repair')" in found
    assert sum(p.startswith("catalogue: source") for p in found) == 2
    assert sum(p.startswith("catalogue: run") for p in found) == 2
    assert len(repair(copy).adopted) == 5
    assert rows_of(copy) != before, "a dry run changes nothing"
    assert len(repair(copy, dry_run=False).adopted) == 5
    assert rows_of(copy) == before
    assert problems(copy) == []
    assert repair(copy, dry_run=False).nothing


def test_a_catalogue_ahead_of_the_ledger_is_named_and_repaired(copy: Place) -> None:
    before = rows_of(copy)
    with sqlite3.connect(copy.catalogue) as db:
        db.execute(
            "UPDATE packs SET pack_id='ff' || substr(pack_id,3), source_id='x' WHERE rowid=1"
        )
        db.execute("UPDATE packs SET records=records+1 WHERE rowid=2")
    found = problems(copy)
    assert any("stands in no ledger entry" in p for p in found)
    assert any("is not what was committed" in p for p in found)
    done = repair(copy, dry_run=False)
    assert len(done.dropped) == 1
    assert len(done.adopted) == 2
    assert rows_of(copy) == before
    assert problems(copy) == []


@pytest.mark.parametrize("harm", ["garbage", "empty", "half", "middle", "missing"])
def test_a_damaged_catalogue_is_named_and_made_anew(copy: Place, harm: str) -> None:
    before = rows_of(copy)
    raw = copy.catalogue.read_bytes()
    for name in ("-wal", "-shm"):
        copy.catalogue.with_name(copy.catalogue.name + name).unlink(missing_ok=True)
    middle = raw[: len(raw) // 4] + bytes(len(raw) // 2) + raw[len(raw) * 3 // 4 :]
    harmed = {"garbage": b"x" * 5000, "empty": b"", "half": raw[: len(raw) // 2], "middle": middle}
    copy.catalogue.unlink()
    if harm in harmed:
        copy.catalogue.write_bytes(harmed[harm])
    assert problems(copy)
    assert not repair(copy).nothing
    repair(copy, dry_run=False)
    assert rows_of(copy) == before
    assert problems(copy) == []


def test_what_anybody_may_write_is_a_problem_and_never_an_exception(copy: Place) -> None:
    """Whoever signs for the collector may commit garbage; verify still ends with its name."""
    row = rows_of(copy)[0]
    for number, raw in enumerate((b"", b"PWPACK1\n", b"PWPACK1\n\xff\xff\x00\x00" + b"[" * 70_000)):
        name = f"{number:02x}" * 16
        (copy.packs / name[:2]).mkdir(exist_ok=True)
        (copy.packs / name[:2] / f"{name}.pack").write_bytes(raw)
        committed = replace(row, pack_id=name, sha256=worlds.sha256_hex(raw))
        append(copy, commit_draft(committed, 0), KeyFile.make("x"))
        assert any(p.startswith(f"pack {name}: its header") for p in problems(copy))
