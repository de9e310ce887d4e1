"""Which packs stand: what a ledger entry must say before a pack stands for another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.archive import worlds
from tests.archive.repacks import fill, held

from pastwatch.archive import place
from pastwatch.archive.repair import repair
from pastwatch.archive.standing import repack_draft
from pastwatch.archive.verify import verify_archive
from pastwatch.ledger.entry import EntryDraft


@pytest.fixture
def filled(world: worlds.World) -> Iterator[worlds.World]:
    fill(world)
    yield world
    world.close()


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
