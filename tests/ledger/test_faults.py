"""Every durable step of an append and of a checkpoint fails, or is the last before a kill."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pastwatch.errors import StorageError
from pastwatch.ledger.checkpoint import kept_checkpoints, parse_checkpoint, sign_checkpoint
from pastwatch.ledger.entry import EntryDraft, Signer
from pastwatch.ledger.log import Ledger
from pastwatch.ledger.verify import verify
from pastwatch.storage import durable

ORIGIN = "test.example/ledger"

APPEND = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from conftest import FixedSigner, make_drafts
from pastwatch.ledger.log import Ledger
from pastwatch.storage import durable
left = int(sys.argv[2])
def kill(kind, path):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
durable.on_step = kill
ledger = Ledger(Path(sys.argv[1]))
for number in range(3):
    ledger.append(make_drafts(2, seed=number), FixedSigner())
    print(ledger.size, flush=True)
"""


def fail_at(monkeypatch: pytest.MonkeyPatch, number: int, *, code: int, forever: bool) -> None:
    count = 0

    def fail(_kind: str, _path: Path) -> None:
        nonlocal count
        count += 1
        if count == number + 1 or (forever and count > number):
            raise OSError(code, "made up")

    monkeypatch.setattr(durable, "on_step", fail)


def count_steps(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> int:
    seen: list[str] = []
    monkeypatch.setattr(durable, "on_step", lambda kind, _path: seen.append(kind))
    act()
    monkeypatch.setattr(durable, "on_step", None)
    return len(seen)


@pytest.mark.parametrize("forever", [False, True], ids=["once", "from then on"])
def test_an_append_that_fails_at_any_step_is_told_and_harms_nothing_before_it(
    tmp_path: Path,
    *,
    signer: Signer,
    public_key: bytes,
    drafts: Callable[..., list[EntryDraft]],
    monkeypatch: pytest.MonkeyPatch,
    forever: bool,
) -> None:
    first = Ledger.create(tmp_path / "count")
    steps = count_steps(monkeypatch, lambda: first.append(drafts(2), signer))
    assert steps >= 8
    for number in range(steps):
        Ledger.create(tmp_path / str(number)).append(drafts(3), signer)
        ledger = Ledger(tmp_path / str(number))
        fail_at(monkeypatch, number, code=errno.ENOSPC, forever=forever)
        with pytest.raises(StorageError, match="the disk is full"):
            ledger.append(drafts(2, seed=1), signer)
        monkeypatch.setattr(durable, "on_step", None)
        again = Ledger(ledger.directory)
        assert again.size in (3, 5)
        assert [entry.sequence for entry in again.append(drafts(1), signer)] == [again.size - 1]
        assert verify(ledger.directory, lambda _entry: public_key).is_sound


def test_after_a_failed_write_the_ledger_takes_nothing_until_reopened(
    ledger: Ledger,
    signer: Signer,
    drafts: Callable[..., list[EntryDraft]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger.append(drafts(1), signer)

    def fail(kind: str, _path: Path) -> None:
        if kind == "before:fsync":
            raise OSError(errno.EIO, "made up")

    monkeypatch.setattr(durable, "on_step", fail)
    with pytest.raises(StorageError):
        ledger.append(drafts(1), signer)
    monkeypatch.setattr(durable, "on_step", None)
    with pytest.raises(StorageError, match="an earlier write failed"):
        ledger.append(drafts(1), signer)
    assert ledger.size == 1
    [entry] = Ledger(ledger.directory).append(drafts(1), signer)
    assert entry.sequence == 1


@pytest.mark.parametrize("number", range(0, 26, 2))
def test_a_kill_at_any_step_loses_nothing_acknowledged(
    ledger: Ledger,
    signer: Signer,
    public_key: bytes,
    drafts: Callable[..., list[EntryDraft]],
    number: int,
) -> None:
    ledger.append(drafts(3), signer)
    here = str(Path(__file__).parent)
    child = subprocess.run(
        [sys.executable, "-c", APPEND, str(ledger.directory), str(number), here],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert child.returncode in (0, -9), child.stderr
    acknowledged = int((child.stdout.split() or [b"3"])[-1])
    again = Ledger(ledger.directory)
    assert acknowledged <= again.size <= acknowledged + 2
    again.append(drafts(1), signer)
    assert verify(ledger.directory, lambda _entry: public_key).is_sound


def test_a_checkpoint_that_fails_at_any_step_is_signed_the_next_time(
    tmp_path: Path,
    signer: Signer,
    public_key: bytes,
    drafts: Callable[..., list[EntryDraft]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def sign(ledger: Ledger) -> bytes:
        return sign_checkpoint(ledger, origin=ORIGIN, signer=signer, public_key=public_key)

    def grown(name: str) -> Ledger:
        ledger = Ledger.create(tmp_path / name)
        ledger.append(drafts(3), signer)
        sign(ledger)
        ledger.append(drafts(4), signer)
        return Ledger(ledger.directory)

    counted = grown("count")
    steps = count_steps(monkeypatch, lambda: sign(counted))
    right = sign(Ledger(tmp_path / "count"))
    assert steps > 40
    for number in range(0, steps, 3):  # odd and even: after a call, and before one
        ledger = grown(str(number))
        fail_at(monkeypatch, number, code=errno.EIO, forever=False)
        with pytest.raises(StorageError, match="the disk reported"):
            sign(ledger)
        monkeypatch.setattr(durable, "on_step", None)
        assert sign(Ledger(ledger.directory)) == right
        sizes = [parse_checkpoint(note).size for note in kept_checkpoints(ledger.directory)]
        assert sizes == [3, 7]
        assert verify(ledger.directory, lambda _entry: public_key).is_sound
