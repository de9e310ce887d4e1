"""Collecting is idempotent: the same again adds nothing, an overlap its new part, true repeats stay."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.archive import worlds

from pastwatch.archive import layout
from pastwatch.archive.block import RecordRef
from pastwatch.archive.held import listed_ids
from pastwatch.archive.scope import DOUBTFUL, UNDATED
from pastwatch.archive.verify import verify_archive
from pastwatch.errors import ArchiveLocked, BadValue, PackDamaged
from pastwatch.model.batch import Batch
from pastwatch.model.record import Draft, Kind, Part
from pastwatch.model.when import DAY_US, Basis, When


def ids_of(world: worlds.World) -> list[bytes]:
    files = [p.read_bytes() for p in world.place.packs.rglob("*.ids")]
    return sorted(one.tobytes() for file in files for one in listed_ids(file))


def test_the_same_twice_adds_no_record_and_no_pack(world: worlds.World) -> None:
    every = worlds.drafts(200)
    first = world.collect("mail", every)
    held, packs = ids_of(world), world.packs()
    again = world.collect("mail", every, container="another name")
    assert (first.records, first.already_held) == (200, 0)
    assert (again.records, again.already_held, again.packs) == (0, 200, [])
    assert again.held_bytes == first.record_bytes == sum(len(d.original) for d in every)
    assert (ids_of(world), world.packs()) == (held, packs)


def test_an_overlapping_export_adds_what_is_new(world: worlds.World) -> None:
    every = worlds.drafts(300)
    world.collect("mail", every[:200])
    overlap = world.collect("mail", every[100:], container="second")
    assert (overlap.records, overlap.already_held) == (100, 100)
    assert len(set(ids_of(world))) == 300


def test_true_repeats_are_kept_and_recognised(world: worlds.World) -> None:
    (one,) = worlds.drafts(1)
    assert world.collect("irc", [one, one, one]).records == 3
    assert world.collect("irc", [one, one, one], container="again").already_held == 3
    four = world.collect("irc", [one, one, one, one], container="longer")
    assert (four.records, four.already_held) == (1, 3)
    assert len(set(ids_of(world))) == 4


def test_repeats_are_counted_over_the_batches_of_one_container(world: worlds.World) -> None:
    (one,) = worlds.drafts(1)
    writer = world.writer("irc")
    for container in ("a", "a", "b"):
        batch = Batch(columns=layout.batch_of([one]), container=container)
        writer.add(batch, clock_us=world.clock())
    writer.flush()
    assert (writer.taken.records, writer.taken.already_held) == (2, 1)


def test_batches_of_few_joined_get_the_ids_they_get_one_by_one(
    world: worlds.World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = worlds.World.make(tmp_path_factory.mktemp("other") / "archive")
    one, two, three = worlds.drafts(3)
    stated = replace(two, position=5)
    offered = [("a", [one, one]), ("b", [one, two]), ("a", [one, three]), ("c", [stated, two])]
    offered += [("d", [one] * 40), ("d", [one]), ("a", [three]), ("b", [one, two])]
    joined, single = world.writer("mail"), other.writer("mail")
    for container, drafts in offered:
        batch = Batch(columns=layout.batch_of(drafts), container=container)
        joined.add(batch, clock_us=world.clock())
        single.add(batch, clock_us=other.clock())
        single.flush()
    assert joined.pending_records > single.pending_records == 0
    joined.flush()
    assert ids_of(world) == ids_of(other)
    assert len(set(ids_of(world))) == 41 + 3 + 2, "of one, two and three: places within containers"
    assert (joined.taken.records, joined.taken.already_held) == (
        single.taken.records,
        single.taken.already_held,
    )


def test_a_position_of_the_transport_tells_repeats_apart(world: worlds.World) -> None:
    (one,) = worlds.drafts(1)
    at = [replace(one, position=n) for n in (7, 8, 8)]
    taken = world.collect("live", at)
    assert (taken.records, taken.already_held) == (2, 1), "one position is one record"
    assert world.collect("live", at[:1]).records == 0


def test_ids_are_the_same_in_every_order_of_collecting(
    world: worlds.World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = worlds.World.make(tmp_path_factory.mktemp("other") / "archive")
    every = worlds.drafts(60)
    world.collect("mail", every)
    for start in (40, 0, 20):
        other.collect("mail", every[start : start + 20], container=f"part {start}")
    assert ids_of(world) == ids_of(other)
    third = worlds.World.make(tmp_path_factory.mktemp("third") / "archive")
    third.collect("other-mail", every)
    assert not set(ids_of(third)) & set(ids_of(world))


def json_escaped(text: str, number: int) -> Draft:
    (draft,) = worlds.drafts(1, seed=number)
    original = json.dumps({"n": number, "text": text}).encode()
    return replace(draft, original=original, text=text, native_id=f"j{number}")


def test_originals_come_back_bit_for_bit(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "BLOCK_RECORDS", 16)
    plain = worlds.drafts(40)
    escaped = [json_escaped(f'"quoted"\n{"طقس погода " * 40}{n}', n) for n in range(40)]
    odd = [
        replace(plain[0], original=b"", text="", native_id="empty"),
        replace(plain[0], original=bytes(range(256)) * 9, text="", native_id="binary"),
        replace(plain[0], original=b"aXbXc", text="X", native_id="twice"),
        replace(plain[0], original=b"no text in it", text="parsed text", native_id="elsewhere"),
        replace(plain[0], original=b"only", text="only", native_id="only"),
    ]
    every = [*plain, *escaped, *odd]
    world.collect("mail", every)
    by_name = {d.native_id: d for d in every}
    gate = world.gate()
    seen = set()
    for ref in gate.blocks:
        with gate.opening([ref], purpose="look") as opening:
            block = opening.block(ref)
        for at, name in enumerate(block.text.column("native_id").to_pylist()):
            assert gate.original(block.record_ref(at)) == by_name[name].original
            seen.add(name)
    assert seen == set(by_name)


def test_every_field_of_a_record_comes_back(world: worlds.World) -> None:
    part = Part(
        name="a.pdf", media_type="application/pdf", size_bytes=9, sha256=b"\x07" * 32, text="in it"
    )
    (draft,) = worlds.drafts(1, seed=4)
    full = replace(
        draft,
        parts=(part, replace(part, name="b", text="")),
        kind=Kind.EDITED,
        area="north",
        reply_to="<x@y>",
        text="words",
        claimed=When(
            earliest_us=worlds.START_US, latest_us=worlds.START_US + 5, basis=Basis.EXPORT
        ),
    )
    world.collect("mail", [full])
    gate = world.gate()
    (record,) = gate.show([RecordRef(gate.blocks[0].pack_id, 0, 0)])
    for name in (
        "sender",
        "recipients",
        "conversation",
        "native_id",
        "reply_to",
        "subject",
        "text",
        "parts",
    ):
        assert getattr(record, name) == getattr(full, name)
    assert (record.envelope.claimed, record.envelope.kind) == (full.claimed, full.kind)
    assert (record.envelope.area, record.envelope.medium) == ("north", "mail")
    assert record.envelope.size_bytes == len(full.original)


def test_undated_and_doubtful_records_stand_in_packs_of_their_own(world: worlds.World) -> None:
    every = worlds.drafts(100)
    far = worlds.exact(every[0], world.clock() - 30 * DAY_US)
    near = worlds.exact(every[1], world.clock())
    taken = world.collect("live", [far, near, replace(every[2], claimed=None)], live=True)
    classes = {row.time_class: row.records for row in world.catalogue.packs()}
    assert classes == {"dated": 1, UNDATED: 1, DOUBTFUL: 1}
    assert taken.undated == 2


def test_a_changed_list_of_ids_is_noticed_before_it_hides_a_record(world: worlds.World) -> None:
    world.collect("mail", worlds.drafts(20))
    for path in world.place.packs.rglob("*.ids"):
        path.write_bytes(path.read_bytes() + b"\x00" * 16)
    with pytest.raises(PackDamaged, match="the list of ids beside pack"):
        world.writer("mail")


def test_what_another_process_committed_and_never_listed_is_not_sealed_twice(
    world: worlds.World,
) -> None:
    every = worlds.drafts(50)
    world.collect("mail", every)
    world.collect("chat", worlds.drafts(5, source="chat"))  # a later entry that is listed
    held = ids_of(world)
    with world.catalogue.changing():
        world.catalogue._db.execute(  # noqa: SLF001 - as a kill before the row leaves it
            "DELETE FROM packs WHERE source_id=?", (world.sources["mail"].source_id,)
        )
    assert world.collect("mail", every).already_held == 50
    assert ids_of(world) == held
    assert verify_archive(world.place).problems == []


def test_two_sources_never_share_a_name(world: worlds.World) -> None:
    world.source("mail")
    del world.sources["mail"]
    with pytest.raises(ArchiveLocked, match="was registered by another process"):
        world.source("mail")


def test_columns_of_another_shape_are_refused(world: worlds.World) -> None:
    wrong = layout.batch_of(worlds.drafts(3)).drop_columns(["area"])
    with pytest.raises(BadValue, match="not the batch schema"):
        world.writer("mail").add(Batch(columns=wrong, container="x"), clock_us=0)


def test_no_frame_holds_a_byte_of_the_next_blocks_rows(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Arrow pads a slice's buffers with what follows it: a block must be copied out first."""
    monkeypatch.setattr(layout, "BLOCK_RECORDS", 4)
    every = [worlds.exact(d, worlds.START_US + n) for n, d in enumerate(worlds.drafts(20))]
    named = [replace(d, native_id=f"<{n:03d}>") for n, d in enumerate(every)]
    world.collect("mail", named)
    gate = world.gate()
    for ref in gate.blocks:
        opener, row = gate._opener(ref.pack_id), gate._rows[ref.pack_id, ref.block]  # noqa: SLF001
        _, held = opener._raw(row["text_key"], 2, ref.block, reuse=False)  # noqa: SLF001
        raw = bytes(held)
        own = {f"<{n:03d}>".encode() for n in range(ref.block * 4, ref.block * 4 + 4)}
        assert {f"<{n:03d}>".encode() for n in range(20) if f"<{n:03d}>".encode() in raw} == own
