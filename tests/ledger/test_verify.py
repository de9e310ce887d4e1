"""Every flipped byte is a problem, and no more is said than was checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pastwatch.errors import NoAuthority
from pastwatch.ledger.checkpoint import HISTORY_NAME, sign_checkpoint
from pastwatch.ledger.entry import Entry, EntryDraft, Signer, sign_entry
from pastwatch.ledger.log import CACHE_NAME, Ledger
from pastwatch.ledger.tree import EMPTY_ROOT
from pastwatch.ledger.verify import LedgerReport, verify

ORIGIN = "test.example/ledger"
Verify = Callable[..., LedgerReport]


@pytest.fixture
def small(ledger: Ledger, signer: Signer, drafts: Callable[..., list[EntryDraft]]) -> Ledger:
    ledger.append(drafts(4), signer)
    return ledger


@pytest.fixture
def check(public_key: bytes) -> Verify:
    return lambda ledger, **more: verify(ledger.directory, lambda _entry: public_key, **more)


@pytest.fixture
def checkpoint(small: Ledger, signer: Signer, public_key: bytes) -> bytes:
    note = sign_checkpoint(small, origin=ORIGIN, signer=signer, public_key=public_key)
    for path in small.directory.iterdir():
        if path.name.startswith("checkpoint"):
            path.unlink()
    return note


def test_without_a_checkpoint_it_is_only_consistent_with_itself(
    small: Ledger, check: Verify
) -> None:
    report = check(small)
    assert report.is_sound
    assert (report.size, report.root, report.trusted) == (4, small.root(), None)
    assert report.sentence == "consistent with itself"


def test_with_one_it_extends_it(
    small: Ledger,
    *,
    check: Verify,
    checkpoint: bytes,
    signer: Signer,
    public_key: bytes,
    drafts: Callable[..., list[EntryDraft]],
) -> None:
    small.append(drafts(2), signer)
    keys = {ORIGIN: public_key}
    report = check(small, checkpoint=checkpoint, checkpoint_file="c.txt", checkpoint_keys=keys)
    assert report.sentence == "extends the trusted checkpoint of size 4"
    assert report.trusted == "checkpoint c.txt"
    assert report.size == 6


def test_every_flipped_bit_of_the_log_is_a_problem(small: Ledger, check: Verify) -> None:
    content = small.path.read_bytes()
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 1 << (position % 8)
        small.path.write_bytes(damaged)
        report = check(small)
        assert not report.is_sound, position
        sequence = content[:position].count(b"\n")
        named = (f"entry {sequence}", f"entry {sequence + 1}", f"entry {sequence - 1}")
        assert report.problems[0].startswith(named), (position, report.problems)


def test_every_flipped_bit_of_the_checkpoint_is_a_problem(
    small: Ledger, check: Verify, checkpoint: bytes, public_key: bytes
) -> None:
    for position in range(len(checkpoint)):
        damaged = bytearray(checkpoint)
        damaged[position] ^= 1 << (position % 8)
        report = check(small, checkpoint=bytes(damaged), checkpoint_keys={ORIGIN: public_key})
        assert not report.is_sound, position
        assert report.trusted is None


def test_a_dropped_swapped_replayed_or_cut_entry_is_a_problem(
    small: Ledger, check: Verify, checkpoint: bytes
) -> None:
    one, two, three, four = small.path.read_bytes().splitlines(keepends=True)
    for wrong in (
        [one, two, four],
        [one, three, two, four],
        [one, two, two, three, four],
        [two, three, four],
        [one, two, three, four[:-1]],
        [one, b"\n", two, three, four],
    ):
        small.path.write_bytes(b"".join(wrong))
        assert check(small).problems
    small.path.write_bytes(one + two + three)
    assert check(small).sentence == "consistent with itself"
    [problem] = check(small, checkpoint=checkpoint).problems
    assert problem == "the ledger of 3 entries does not extend the trusted checkpoint of size 4"


def test_a_ledger_rewritten_by_one_who_has_the_keys_is_caught_by_the_checkpoint_alone(
    small: Ledger,
    *,
    check: Verify,
    checkpoint: bytes,
    signer: Signer,
    drafts: Callable[..., list[EntryDraft]],
    tmp_path: Path,
) -> None:
    other = Ledger.create(tmp_path / "other")
    other.append(drafts(4, seed=9), signer)
    assert check(other).is_sound
    assert check(small, checkpoint=checkpoint).is_sound
    assert not check(other, checkpoint=checkpoint).is_sound


def test_the_checkpoints_kept_beside_it_are_compared(
    small: Ledger, check: Verify, signer: Signer, public_key: bytes
) -> None:
    sign_checkpoint(small, origin=ORIGIN, signer=signer, public_key=public_key)
    assert check(small).is_sound
    lines = small.path.read_bytes().splitlines(keepends=True)
    small.path.write_bytes(b"".join(lines[:3]))
    assert check(small).problems == (
        "the ledger does not extend the checkpoint of size 4 kept beside it",
    )
    (small.directory / HISTORY_NAME).write_bytes(b"3\n")
    assert "the checkpoints kept beside the ledger" in check(small).problems[0]


def test_a_signer_that_may_not_is_a_problem(small: Ledger, public_key: bytes) -> None:
    def refuse(entry: Entry) -> bytes | None:
        if entry.sequence == 1:
            return None
        if entry.sequence == 2:
            raise NoAuthority("no policy yet")
        return public_key if entry.sequence else bytes(32)

    report = verify(small.directory, refuse)
    assert report.problems == (
        "entry 0: its signature does not hold",
        "entry 1: signed by a key that may not sign this act",
        "entry 2: its signer cannot be told: no policy yet",
    )
    assert report.sentence == "3 problems found"


def test_time_running_back_is_a_problem(
    small: Ledger, check: Verify, signer: Signer, drafts: Callable[..., list[EntryDraft]]
) -> None:
    early = sign_entry(drafts(1)[0], signer, sequence=4, time_us=1)
    small.path.write_bytes(small.path.read_bytes() + early.to_bytes() + b"\n")
    assert check(small).problems == ("entry 4: is earlier than the one before it",)


def test_cached_hashes_are_not_trusted(small: Ledger, check: Verify) -> None:
    (small.directory / CACHE_NAME).write_bytes(bytes(128))
    assert check(small).root == small.root()


def test_a_missing_or_unreadable_log_is_a_problem_and_no_exception(
    small: Ledger, check: Verify
) -> None:
    small.path.unlink()
    assert "missing" in check(small).problems[0]
    small.path.mkdir()
    report = check(small)
    assert "it is a directory" in report.problems[0]
    assert (report.size, report.root) == (0, EMPTY_ROOT)
