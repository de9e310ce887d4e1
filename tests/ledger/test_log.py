"""Appending, reopening, proving, and what another process or a damaged file does to it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pastwatch.errors import BadValue, IntegrityError, LedgerForked, StorageError
from pastwatch.ledger.entry import Act, Entry, EntryDraft, Signer, sign_entry, verify_entry
from pastwatch.ledger.log import CACHE_NAME, LOG_NAME, Ledger
from pastwatch.ledger.tree import leaf_hash, root, verify_consistency, verify_inclusion

Drafts = Callable[..., list[EntryDraft]]

APPEND = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from conftest import FixedSigner, make_drafts
from pastwatch.ledger.log import Ledger
with Ledger(Path(sys.argv[1])) as ledger:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(20):
        ledger.append(make_drafts(1 + number % 3, seed=number), FixedSigner())
"""


def lines_of(ledger: Ledger) -> list[bytes]:
    return ledger.path.read_bytes().splitlines()


def test_what_was_appended_is_there_on_reopening_and_signed(
    ledger: Ledger, signer: Signer, public_key: bytes, drafts: Drafts
) -> None:
    first = ledger.append(drafts(3), signer)
    second = ledger.append(drafts(2, seed=1), signer)
    again = Ledger(ledger.directory)
    assert again.size == 5
    assert list(again.entries()) == first + second
    assert list(again.entries(3)) == second
    assert again.entry(4) == second[1]
    assert all(verify_entry(entry, public_key) for entry in again.entries())
    assert again.root() == ledger.root() == root([leaf_hash(line) for line in lines_of(ledger)])
    assert [line + b"\n" for line in lines_of(ledger)] == ledger.path.read_bytes().splitlines(True)


def test_a_new_ledger_is_empty_and_not_made_over_another(ledger: Ledger, signer: Signer) -> None:
    assert (ledger.size, ledger.last_time_us, list(ledger.entries())) == (0, None, [])
    assert ledger.append([], signer) == []
    with pytest.raises(StorageError, match="already exists"):
        Ledger.create(ledger.directory)
    with pytest.raises(BadValue, match="no entry 0"):
        ledger.entry(0)
    with pytest.raises(BadValue, match="no entries"):
        list(ledger.raw(0, 1))


def test_the_entries_of_one_act_are_those_among_all_and_reading_on_misses_none(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    other, read_to = Ledger(ledger.directory), 0
    found: list[Entry] = []
    for seed in range(40):
        other.append(drafts(1 + seed % 7, seed=seed), signer)  # as another process would
        ledger.refresh()
        found += ledger.told(Act.REVOKE, read_to)
        read_to = ledger.size
    every = [entry for entry in ledger.entries() if entry.act == Act.REVOKE]
    assert found == every == list(Ledger(ledger.directory).told(Act.REVOKE))
    assert every


@pytest.mark.parametrize("act", [Act.REVOKE, Act.OPEN])
def test_a_line_that_changed_is_found_whichever_act_is_asked_for(
    ledger: Ledger, signer: Signer, drafts: Drafts, act: Act
) -> None:
    revoked = replace(drafts(1)[0], act=Act.REVOKE)
    ledger.append([revoked, *drafts(3)], signer)
    first, rest = ledger.path.read_bytes().split(b"\n", 1)
    ledger.path.write_bytes(first.replace(b'"act":"revoke"', b'"act":"verify"') + b"\n" + rest)
    with pytest.raises(LedgerForked, match="entry 0 is not the one"):
        list(ledger.told(act))


def test_reading_on_where_the_last_reading_stopped_gives_what_reading_anew_does(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    ledger.append(drafts(30), signer)
    lines = lines_of(ledger)
    for start, end in ((0, 4), (4, 9), (2, 9), (9, 9), (9, 10), (10, 30), (0, 30), (17, 20)):
        assert list(ledger.raw(start, end)) == lines[start:end]
    part = ledger.raw(20, 30)
    assert next(part) == lines[20]
    assert list(ledger.raw(21, 22)) == lines[21:22]


def test_a_missing_file_is_not_an_empty_ledger(ledger: Ledger) -> None:
    ledger.path.unlink()
    with pytest.raises(IntegrityError, match="missing"):
        Ledger(ledger.directory)


def test_a_batch_costs_one_fsync(
    ledger: Ledger, signer: Signer, drafts: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr("pastwatch.storage.durable.on_step", lambda kind, _path: seen.append(kind))
    ledger.append(drafts(50), signer)
    assert seen.count("before:fsync") == 1
    assert seen.count("before:write") == 1


def test_time_never_runs_back(ledger: Ledger, signer: Signer, drafts: Drafts) -> None:
    draft = drafts(1)[0]
    times = [50, 20, 70, 60]
    for clock_us in times:
        ledger.append([replace(draft, clock_us=clock_us)], signer)
    assert [entry.time_us for entry in ledger.entries()] == [50, 50, 70, 70]
    assert ledger.now_us(10) == 70
    assert ledger.now_us(90) == 90


def test_every_entry_and_every_earlier_size_is_proved(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    ledger.append(drafts(13), signer)
    for sequence, line in enumerate(lines_of(ledger)):
        assert verify_inclusion(
            leaf_hash(line),
            index=sequence,
            size=13,
            path=ledger.inclusion(sequence),
            root=ledger.root(),
        )
    for old in range(14):
        assert verify_consistency(
            old_size=old,
            new_size=13,
            old_root=ledger.root(old),
            new_root=ledger.root(),
            path=ledger.consistency(old),
        )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:96]),
        lambda path: path.write_bytes(bytes(path.stat().st_size)),
        lambda path: path.write_bytes(path.read_bytes()[:-32] + bytes(32)),
    ],
    ids=["gone", "empty", "odd", "short", "zeroed", "last wrong"],
)
def test_the_cached_hashes_may_be_lost_and_are_made_again(
    ledger: Ledger, signer: Signer, drafts: Drafts, spoil: Callable[[Path], None]
) -> None:
    ledger.append(drafts(9), signer)
    cache = ledger.directory / CACHE_NAME
    right = cache.read_bytes()
    spoil(cache)
    again = Ledger(ledger.directory)
    assert (again.size, again.root()) == (9, ledger.root())
    again.append(drafts(1, seed=5), signer)
    assert cache.read_bytes()[: len(right)] == right
    assert len(cache.read_bytes()) == 320


def test_a_cache_that_lies_in_the_middle_is_found_before_anything_rests_on_it(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    ledger.append(drafts(9), signer)
    cache = ledger.directory / CACHE_NAME
    content = bytearray(cache.read_bytes())
    content[40] ^= 1
    cache.write_bytes(content)
    again = Ledger(ledger.directory)
    with pytest.raises(LedgerForked, match="not the one"), again.settled():
        pass
    with pytest.raises(LedgerForked, match="entry 1 is not the one"):
        list(again.entries())


def test_a_torn_end_is_reported_on_opening_and_cut_by_the_next_append(
    ledger: Ledger, signer: Signer, drafts: Drafts, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.append(drafts(2), signer)
    whole = ledger.path.read_bytes()
    extra = sign_entry(drafts(1)[0], signer, sequence=2, time_us=2**50).to_bytes() + b"\n"
    for cut in range(1, len(extra)):
        ledger.path.write_bytes(whole + extra[:cut])
        again = Ledger(ledger.directory)
        assert (again.size, again.torn_bytes) == (2, cut)
        assert ledger.path.read_bytes() == whole + extra[:cut]
    again = Ledger(ledger.directory)
    [entry] = again.append(drafts(1), signer)
    assert (entry.sequence, again.torn_bytes, again.cut_bytes) == (2, 0, len(extra) - 1)
    assert "cut short after entry 1" in caplog.text
    assert ledger.path.read_bytes() == whole + entry.to_bytes() + b"\n"
    assert Ledger(ledger.directory).torn_bytes == 0


def test_pages_the_disk_never_wrote_are_a_torn_end_even_before_whole_lines(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    ledger.append(drafts(2), signer)
    whole = ledger.path.read_bytes()
    last = sign_entry(drafts(1)[0], signer, sequence=3, time_us=2**50).to_bytes()
    ledger.path.write_bytes(whole + bytes(4096) + b"\n" + last + b"\n")
    again = Ledger(ledger.directory)
    assert (again.size, again.torn_bytes) == (2, 4098 + len(last))
    again.append(drafts(1), signer)
    assert Ledger(ledger.directory).size == 3


def test_an_acknowledged_entry_is_never_taken_for_a_torn_end(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    ledger.append(drafts(3), signer)
    whole = ledger.path.read_bytes()
    for damaged in (whole[:-1], whole[:-50], whole[:-2] + b" \n", whole[:-9] + bytes(8) + b"\n"):
        ledger.path.write_bytes(damaged)
        with pytest.raises(IntegrityError, match="entry 2"):
            Ledger(ledger.directory)


def test_a_line_damaged_in_the_middle_is_named(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    ledger.append(drafts(5), signer)
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    (ledger.directory / CACHE_NAME).unlink()
    ledger.path.write_bytes(b"".join([*lines[:2], b"x" + lines[2], *lines[3:]]))
    with pytest.raises(IntegrityError, match="entry 2"):
        Ledger(ledger.directory)
    ledger.path.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    with pytest.raises(LedgerForked, match="where entry 2 should stand there is entry 3"):
        Ledger(ledger.directory)


def test_whole_entries_missing_from_the_end_are_missed(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    ledger.append(drafts(5), signer)
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    ledger.path.write_bytes(b"".join(lines[:3]))
    with pytest.raises(LedgerForked, match="ends after entry 2 and 5 were written"):
        Ledger(ledger.directory)
    with pytest.raises(LedgerForked, match="was cut within its 5 entries"):
        ledger.append(drafts(1), signer)


def test_an_entry_earlier_than_the_one_before_it_does_not_read(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    late = sign_entry(drafts(1)[0], signer, sequence=0, time_us=9)
    early = sign_entry(drafts(1)[0], signer, sequence=1, time_us=8)
    ledger.path.write_bytes(late.to_bytes() + b"\n" + early.to_bytes() + b"\n")
    with pytest.raises(LedgerForked, match="entry 1 is earlier"):
        Ledger(ledger.directory)


def test_two_objects_see_each_other_and_share_one_sequence(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    other = Ledger(ledger.directory)
    ledger.append(drafts(2), signer)
    other.append(drafts(2, seed=1), signer)
    assert other.size == 4
    assert ledger.size == 2
    ledger.refresh()
    assert (ledger.size, ledger.root()) == (4, other.root())


def test_threads_of_one_process_append_one_after_the_other(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    def append(own: Ledger) -> None:
        for _ in range(10):
            own.append(drafts(2), signer)

    owners = [ledger, ledger, Ledger(ledger.directory)]
    threads = [threading.Thread(target=append, args=(own,)) for own in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert Ledger(ledger.directory).size == 60


def test_two_processes_append_at_once_and_nothing_is_lost(
    ledger: Ledger, signer: Signer, drafts: Drafts
) -> None:
    ledger.append(drafts(1), signer)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", APPEND, str(ledger.directory), str(Path(__file__).parent)],
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
    for child in children:
        child.communicate(b"go\n", timeout=60)
        assert child.returncode == 0
    again = Ledger(ledger.directory)
    assert again.size == 1 + 2 * 39
    assert [entry.sequence for entry in again.entries()] == list(range(79))
    (ledger.directory / CACHE_NAME).unlink()
    assert Ledger(ledger.directory).root() == again.root()
    assert (ledger.directory / LOG_NAME).stat().st_mode & 0o777 == 0o600
