"""A thousand authorities drawn at random: what the gate gives is what plain Python says, no more."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.archive import worlds

from pastwatch.archive import layout
from pastwatch.archive.block import RecordRef
from pastwatch.archive.gate import Gate
from pastwatch.archive.pack import read_pack
from pastwatch.errors import NoSuchRecord
from pastwatch.model.authority import Act, Scope
from pastwatch.model.record import Draft
from pastwatch.model.when import DAY_US, HOUR_US, Span
from pastwatch.sealing import seal
from pastwatch.storage import durable

AUTHORITIES = 1000
PER_SOURCE = 600
SOURCES = ("mail", "chat", "radio")
DOMAINS = ("a.example", "firm.example", "mail.firm.example", "nowhere.example", "@c.example")
NAME = re.compile(rb"(?:mail|chat|radio)-\d+-\d+")

Place = tuple[str, int]  # pack id, block


@dataclass
class Held:
    """An archive, its drafts by name, and where each of them was sealed."""

    world: worlds.World
    drafts: dict[str, tuple[str, Draft]]
    blocks: dict[Place, list[str]]
    packs: dict[bytes, str]
    tokens: dict[str, set[bytes]]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "BLOCK_RECORDS", 32)
        patch.setattr(durable, "_fsync", lambda _: None)  # a thousand grants, no power cut
        patch.setattr(durable, "_fsync_directory", lambda _: None)
        world = worlds.World.make(tmp_path_factory.mktemp("random") / "archive")
        named: dict[str, tuple[str, Draft]] = {}
        for source in SOURCES:
            every = worlds.drafts(PER_SOURCE, source=source)
            every.sort(key=lambda d: d.claimed.earliest_us if d.claimed else 0)
            for start in range(0, PER_SOURCE, 200):  # several packs a source, each of its own weeks
                world.collect(source, every[start : start + 200], container=f"part {start}")
            named.update({d.native_id: (source, d) for d in every})
        yield locate(world, named)
        world.close()


def locate(world: worlds.World, named: dict[str, tuple[str, Draft]]) -> Held:
    """Find each draft's block with an authority over everything."""
    gate = world.gate()
    with gate.opening(gate.blocks, purpose="look") as opening:
        blocks = {
            (ref.pack_id, ref.block): opening.block(ref).text.column("native_id").to_pylist()
            for ref in gate.blocks
        }
    found = sorted(name for names in blocks.values() for name in names)
    assert found == sorted(named), "an authority over everything reaches every draft once"
    packs = {}
    for path in world.packs():
        raw = path.read_bytes()
        packs[read_pack(raw, name=path.stem).header_hash] = path.stem
    tokens = {}
    for name, (source, draft) in named.items():
        known = world.tokens_of(world.sources[source].source_id)
        own = {known.conversation(draft.conversation)}
        for address in addresses(draft):
            own.update(known.of(address))
        tokens[name] = own
    return Held(world, named, blocks, packs, tokens)


def addresses(draft: Draft) -> list[str]:
    senders = [draft.sender.address] if draft.sender else []
    return [*senders, *(p.address for p in draft.recipients)]


def touches(draft: Draft, spellings: tuple[str, ...]) -> bool:
    """Whether a draft is from or to one of these addresses or domains."""
    for spelling in spellings:
        domain = spelling.lstrip("@")
        for address in addresses(draft):
            if "@" in domain:
                if address == domain:
                    return True
            elif f".{address.partition('@')[2]}".endswith(f".{domain}"):
                return True
    return False


def reaches(source_id: str, scope: Scope, draft: Draft) -> bool:
    """Whether a scope reaches a draft of a source, protection aside."""
    if scope.source_ids and source_id not in scope.source_ids:
        return False
    if not worlds.dated(draft):
        if not scope.undated:
            return False
    else:
        when = draft.claimed
        assert when is not None
        if not (when.earliest_us < scope.span.end_us and when.latest_us >= scope.span.start_us):
            return False
    if scope.areas and draft.area and draft.area not in scope.areas:
        return False
    return not scope.accounts or touches(draft, scope.accounts)


def drawn_scope(draw: random.Random, world: worlds.World) -> Scope:
    start = worlds.START_US + draw.randrange(-2 * DAY_US, 62 * DAY_US)
    lengths = (0, 1, HOUR_US, 6 * HOUR_US, DAY_US, 3 * DAY_US, 9 * DAY_US, 40 * DAY_US)
    (length,) = draw.choices(lengths, weights=(4, 2, 12, 12, 12, 6, 1, 1))
    if draw.random() < 0.3:  # an edge exactly on a record's own time
        start = worlds.drafts(1, seed=draw.randrange(9))[0].claimed.earliest_us  # type: ignore[union-attr]
    accounts: tuple[str, ...] = ()
    if draw.random() < 0.3:
        accounts = tuple(draw.sample((*worlds.PEOPLE, *DOMAINS), draw.randrange(1, 3)))
    ids = [world.sources[s].source_id for s in SOURCES]
    return Scope(
        span=Span(start_us=start, end_us=start + length),
        undated=draw.random() < 0.05,
        source_ids=tuple(draw.sample(ids, draw.randrange(1, 3))) if draw.random() < 0.6 else (),
        areas=draw.choice(((), (), (), ("north",), ("north", "south"), ("elsewhere",))),
        accounts=accounts,
    )


def test_a_thousand_authorities_open_their_slice_and_nothing_else(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, draw = held.world, random.Random(20_170_404)  # noqa: S311 - test data, not keys
    frames = worlds.opened_frames(monkeypatch)
    ids = {name: source.source_id for name, source in world.sources.items()}
    seen = exposed = 0
    for number in range(AUTHORITIES):
        scope = drawn_scope(draw, world)
        count = draw.randrange(3) if draw.random() < 0.5 else 0
        protected = tuple(draw.sample((*worlds.PEOPLE, *DOMAINS), count))
        authority = world.authority(scope, authority_id=f"case-{number}")
        granted = world.grant(authority, protected=protected)
        reached = {n for n, (s, d) in held.drafts.items() if reaches(ids[s], scope, d)}
        withheld = {n for n in reached if touches(held.drafts[n][1], protected)}
        inside = reached - withheld
        opened = {place for place, names in held.blocks.items() if inside & set(names)}

        estimate = granted.estimate
        assert (estimate.records, estimate.protected) == (len(inside), len(withheld))
        assert estimate.blocks == len(opened)
        outside = sum(len(set(held.blocks[p]) - reached) for p in opened)
        assert estimate.exposed == outside
        unknown = {n for n in inside if scope.areas and not held.drafts[n][1].area}
        assert estimate.unknown_place == len(unknown)

        frames.clear()
        gate = world.gate_of(granted.file)
        assert {(ref.pack_id, ref.block) for ref in gate.blocks} == opened
        counts = gate.block_counts()
        assert sum(n for _, n in counts.values()) == outside
        check_what_is_returned(held, gate, inside)
        if number % 6 == 0:
            check_indexes(held, gate, inside)
        if number % 5 == 0 and inside:
            check_single_records(held, gate, inside, draw)
        check_frames(held, frames, opened)
        seen += len(inside)
        exposed += outside
    assert seen > 10_000, "the draw reaches into the archive"
    assert exposed > 10_000, "blocks hold records of both sides"


def check_what_is_returned(held: Held, gate: Gate, inside: set[str]) -> None:
    """A scan gives exactly the records in scope, to the byte."""
    found: list[str] = []
    with gate.opening(gate.blocks, purpose="look") as opening:
        for ref in gate.blocks:
            block = opening.block(ref)
            names = block.text.column("native_id").to_pylist()
            found += names
            raw = b"".join(batch.serialize().to_pybytes() for batch in (block.text, block.envelope))
            assert {n.decode() for n in NAME.findall(raw)} == set(names)
            tokens = block.tokens.column("token").to_pylist()
            assert set(tokens) == set().union(*(held.tokens[n] for n in names))
    assert sorted(found) == sorted(inside)


def check_indexes(held: Held, gate: Gate, inside: set[str]) -> None:
    """The index of envelopes holds the slice, and the word index leaves no block out."""
    assert len(gate.index()) == len(inside)
    if not gate.blocks:
        return
    every = gate.holding([])
    assert every == set(gate.blocks)
    wanted = gate.holding([("", frozenset({"harbour"}))])
    assert wanted is not None
    for ref in gate.blocks:
        names = held.blocks[ref.pack_id, ref.block]
        if any("harbour" in f"{held.drafts[n][1].text} {held.drafts[n][1].subject}" for n in names):
            assert ref in wanted


def check_single_records(held: Held, gate: Gate, inside: set[str], draw: random.Random) -> None:
    """Show, original and proof of a record in scope; one answer for all others."""
    index = gate.index()
    ref = index.ref(draw.randrange(len(index)))
    name = held.blocks[ref.pack_id, ref.block][ref.row]
    assert name in inside
    (shown,) = gate.show([ref])
    draft = held.drafts[name][1]
    assert (shown.text, shown.subject) == (draft.text, draft.subject)
    assert shown.envelope.claimed == draft.claimed
    assert gate.original(ref) == draft.original
    assert gate.prove(ref).record_id == shown.record_id
    answers = set()
    for other in others(held, ref, inside):
        for ask in (lambda r: gate.show([r]), gate.original, gate.prove):
            with pytest.raises(NoSuchRecord) as refusal:
                ask(other)
            answers.add((str(refusal.value), refusal.value.hint))
    assert len(answers) == 1


def others(held: Held, ref: RecordRef, inside: set[str]) -> list[RecordRef]:
    """An unknown pack, block and row; and a real record outside, in an opened block if there is one."""
    names = held.blocks[ref.pack_id, ref.block]
    beside = [row for row, name in enumerate(names) if name not in inside][:1]
    far = next(
        (RecordRef(p, b, 0) for (p, b), n in held.blocks.items() if not inside & set(n)), None
    )
    return [
        RecordRef("00" * 16, 0, 0),
        RecordRef(ref.pack_id, 10_000, 0),
        RecordRef(ref.pack_id, ref.block, 10_000),
        *(RecordRef(ref.pack_id, ref.block, row) for row in beside),
        *([far] if far else []),
    ]


def check_frames(held: Held, frames: list[tuple[bytes, int, int]], opened: set[Place]) -> None:
    """No frame was opened that holds no record in scope."""
    groups = {(pack, block // layout.TOKEN_BLOCKS) for pack, block in opened}
    for header_hash, section, index in frames:
        place = (held.packs[header_hash], index)
        assert place in (groups if section == seal.TOKENS else opened)


def test_an_authority_to_locate_carries_no_key_of_a_text(held: Held) -> None:
    world = held.world
    gate = world.gate(world.authority(acts=(Act.LOCATE,), authority_id="locate"))
    assert len(gate.index()) == len(held.drafts)
    assert all(row["text_key"] is None for row in gate._rows.values())  # noqa: SLF001
    assert not len(gate._words)  # noqa: SLF001


def test_an_authority_to_count_carries_no_key_at_all(held: Held) -> None:
    world = held.world
    granted = world.grant(world.authority(acts=(Act.BASELINE,), authority_id="count"))
    assert granted.estimate.records == len(held.drafts)
    assert not world.gate_of(granted.file).blocks
