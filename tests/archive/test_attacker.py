"""An attacker with the case's key, the grant and all packs, who goes round the gate, gets no more."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.archive import worlds

from pastwatch.archive import layout
from pastwatch.archive.grantfile import Grant, read_grant
from pastwatch.archive.pack import Pack, read_pack
from pastwatch.errors import PackDamaged, WrongKey
from pastwatch.model.authority import Scope
from pastwatch.model.batch import Batch
from pastwatch.model.when import DAY_US, Span, parse_iso
from pastwatch.sealing import opening, seal
from pastwatch.sealing.casekey import AgeIdentity
from pastwatch.sealing.derive import KEY_BYTES, frame_key, hkdf, section_key, sha256
from pastwatch.stages.collect.connectors.jsonl import CONNECTOR

Frame = tuple[str, int, int]  # pack id, section, index


def loot(file: bytes, case: AgeIdentity) -> tuple[Grant, dict[Frame, bytes]]:
    """All that the case's private key opens, by the frame it is said to be for."""
    grant = read_grant(opening.unwrap(file, identity=case))
    keys: dict[Frame, bytes] = {}
    for row in grant.blocks.to_pylist():
        keys[row["pack_id"], seal.ENVELOPE, row["block"]] = row["envelope_key"]
        keys[row["pack_id"], seal.TEXT, row["block"]] = row["text_key"]
        keys[row["pack_id"], seal.REMAINDER, row["block"]] = row["remainder_key"]
    for row in grant.token_frames.to_pylist():
        keys[row["pack_id"], seal.TOKENS, row["index"]] = row["key"]
    return grant, keys


def every_frame(packs: dict[str, tuple[Pack, bytes]]) -> Iterator[Frame]:
    for name, (pack, _) in packs.items():
        for section, frames in enumerate(pack.frames):
            for index in range(len(frames)):
                yield name, section, index


def opens(
    key: bytes, packs: dict[str, tuple[Pack, bytes]], frame: Frame, *, as_frame: Frame | None = None
) -> bool:
    """Whether a key opens a frame, claimed to stand where it does or elsewhere."""
    pack, raw = packs[frame[0]]
    place = pack.frames[frame[1]][frame[2]]
    sealed = raw[place.offset : place.offset + place.size]
    name, section, index = as_frame or frame
    for last in (False, True):
        with contextlib.suppress(PackDamaged):
            opening.open_frame(
                key,
                sealed,
                bytearray(len(sealed)),
                header_hash=packs[name][0].header_hash,
                section=section,
                index=index,
                last=last,
            )
            return True
    return False


def derivations(keys: dict[Frame, bytes], frame: Frame) -> Iterator[bytes]:
    """What one could make of the keys in hand to reach another frame."""
    name, section, index = frame
    pack_id = bytes.fromhex(name)
    for key in keys.values():
        yield key
        yield frame_key(key, section=section, index=index)
        yield section_key(key, pack_id=pack_id, section=section)
        yield frame_key(
            section_key(key, pack_id=pack_id, section=section), section=section, index=index
        )
        yield sha256(key)
        yield hkdf(key, purpose="frame")
    yield bytes(KEY_BYTES)


def recovered(
    packs: dict[str, tuple[Pack, bytes]],
    keys: dict[Frame, bytes],
    guesses: Callable[[Frame], Iterator[bytes]],
) -> set[Frame]:
    """The frames that open under any guess, or pass for a frame whose key is known."""
    found = {
        frame
        for frame in every_frame(packs)
        if any(opens(key, packs, frame) for key in guesses(frame))
    }
    for frame in set(every_frame(packs)) - set(keys):
        for granted, key in list(keys.items())[:40]:
            if opens(key, packs, frame, as_frame=granted):
                found.add(frame)
    return found


def read_all(world: worlds.World) -> dict[str, tuple[Pack, bytes]]:
    raws = {path.stem: path.read_bytes() for path in world.packs()}
    return {name: (read_pack(raw, name=name), raw) for name, raw in raws.items()}


def test_the_keys_of_a_slice_open_its_frames_and_no_other(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "BLOCK_RECORDS", 16)
    world.collect("mail", worlds.drafts(600))
    start = worlds.START_US + 20 * DAY_US
    scope = Scope(span=Span(start_us=start, end_us=start + DAY_US))
    granted = world.grant(world.authority(scope))
    packs = read_all(world)
    _, keys = loot(granted.file, world.case)
    assert recovered(packs, keys, lambda f: derivations(keys, f)) == set(keys)
    assert 4 <= len(keys) < sum(1 for _ in every_frame(packs)) / 4


def test_the_case_key_opens_no_keys_beside_a_pack(world: worlds.World) -> None:
    world.collect("mail", worlds.drafts(20))
    world.grant(world.authority())
    for path in world.place.packs.rglob("*.keys"):
        with pytest.raises(WrongKey):
            opening.unwrap_secrets(path.read_bytes(), identity=world.case, pack_id=path.stem)
    for path in (*world.place.runs.glob("*.age"), *world.place.sources.glob("*.age")):
        with pytest.raises(WrongKey):
            opening.unwrap(path.read_bytes(), identity=world.case)


def test_a_section_sealed_under_one_key_for_all_frames_would_be_noticed(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack above can succeed: with one key a section it recovers what was not granted."""
    monkeypatch.setattr(layout, "BLOCK_RECORDS", 16)
    for module in (seal, __import__("pastwatch.archive.opening", fromlist=["x"])):
        monkeypatch.setattr(module, "frame_key", lambda key, **_: key)
    world.collect("mail", worlds.drafts(200))
    start = worlds.START_US + 20 * DAY_US
    granted = world.grant(world.authority(Scope(span=Span(start_us=start, end_us=start + DAY_US))))
    _, keys = loot(granted.file, world.case)
    assert recovered(read_all(world), keys, lambda _: iter(keys.values())) > set(keys)


def test_on_a_real_archive_of_one_source_a_day_either_side_opens_only_its_frames(
    world: worlds.World, data_set: Callable[[str], Path]
) -> None:
    path = data_set("foia-mail") / "clinton_blind" / "messages.jsonl"
    writer = world.writer("foia")
    for batch in CONNECTOR.read(path, {}):
        if isinstance(batch, Batch):
            writer.add(batch, clock_us=world.clock())
    writer.flush()
    assert writer.taken.records > 27_000
    middle = parse_iso("2012-09-11T00:00Z")[0]
    scope = Scope(span=Span(start_us=middle - DAY_US, end_us=middle + 2 * DAY_US))
    granted = world.grant(world.authority(scope))
    packs = read_all(world)
    _, keys = loot(granted.file, world.case)
    assert granted.estimate.blocks * 4 >= len(keys) > 0
    assert len(keys) < sum(1 for _ in every_frame(packs)) / 20
    assert recovered(packs, keys, lambda f: derivations(keys, f)) == set(keys)
