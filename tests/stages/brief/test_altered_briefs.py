"""Whoever alters a released brief, with a text editor or with keys of another archive, is found out."""

import base64
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.stages.brief.altering import (
    OWN,
    Files,
    canonical,
    edited,
    entry_of,
    own_archive,
    relisted_release,
    resigned_checkpoint,
)

from pastwatch.ledger.note import sign_note
from pastwatch.sealing.signing import SigningKey
from pastwatch.stages.brief.verifier import verify
from pastwatch.stages.brief.verifier_notice import ANYBODY, verdict
from pastwatch.stages.brief.verifier_notice import OWN as ITS_OWN

Write = Callable[[Files], Path]
SIGNER = SigningKey(bytes([4]) * 32)
NAMES = (
    "brief.html",
    "brief.md",
    "brief.json",
    "proofs.json",
    "records.html",
    "verify.py",
    "ledger.json",
)


@pytest.fixture(scope="module")
def files(world: Any) -> Files:
    return dict(world.release())


@pytest.fixture(scope="module")
def other(world: Any) -> Files:
    """Another brief of the same archive."""
    return dict(world.release(replace(world.given, title="Another", notes=("Another note.",))))


@pytest.mark.parametrize("name", [n for n in NAMES if n != "verify.py"])
def test_a_file_of_another_brief_of_the_same_archive_is_found(
    name: str, files: Files, other: Files, written: Write
) -> None:
    swapped = {**files, name: other[name]}
    assert (other[name] == files[name]) == verify(written(swapped)).is_sound


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_and_an_added_byte_are_found(name: str, files: Files, written: Write) -> None:
    raw, folder = files[name], written(files)
    for changed in (raw[:-1], raw[: len(raw) // 2], b"", raw + b"\n", raw + b" ", b"\n" + raw):
        (folder / name).write_bytes(changed)
        problems = verify(folder).problems
        assert any(name in p or "sentence s" in p for p in problems)


def test_no_bit_of_the_ledger_is_outside_what_is_checked(files: Files, written: Write) -> None:
    chance = random.Random(11)  # noqa: S311 - a choice of places, nothing secret
    raw, folder = files["ledger.json"], written(files)
    for _ in range(60):
        changed = bytearray(raw)
        changed[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        (folder / "ledger.json").write_bytes(changed)
        assert not verify(folder).is_sound


def _more(shipped: Any) -> None:
    shipped["reviewed"] = "by the court"


def _more_in_an_entry(shipped: Any) -> None:
    shipped["entries"]["0"]["comment"] = "genuine"


def _spelled_twice(shipped: Any) -> None:
    shipped["entries"][" 1"] = shipped["entries"]["1"]


def _in_other_digits(shipped: Any) -> None:
    shipped["entries"]["\u0661"] = shipped["entries"].pop("1")


def _signed_besides(shipped: Any) -> None:
    shipped["checkpoint"] += "\u2014 court AAAA\n"


def _signed_in_another_name(shipped: Any) -> None:
    text, _, line = shipped["checkpoint"].rpartition("\u2014 ")
    name = line.split(" ")[0]
    note = sign_note(text[:-1], name="court", signer=SIGNER, public_key=SIGNER.public)
    assert name != "court"
    shipped["checkpoint"] = note.decode()


@pytest.mark.parametrize(
    "edit",
    [
        _more,
        _more_in_an_entry,
        _spelled_twice,
        _in_other_digits,
        _signed_besides,
        _signed_in_another_name,
    ],
)
def test_the_ledger_holds_nothing_that_is_not_checked(
    edit: Callable[[Any], None], files: Files, written: Write
) -> None:
    assert not verify(written(edited(files, "ledger.json", edit))).is_sound


def test_a_byte_changed_alike_in_page_sidecar_and_proofs_is_named(
    files: Files, written: Write
) -> None:
    def pieces(proofs: Any) -> None:
        for piece in proofs["r1"]["pieces"]:
            content = base64.b64decode(piece.get("content", "")).replace(b"bread", b"dread")
            piece["content"] = base64.b64encode(content).decode()

    changed = {n: raw.replace(b"Send the bread", b"Send the dread") for n, raw in files.items()}
    changed = edited(changed, "proofs.json", pieces)
    problems = verify(written(changed)).problems
    assert "proofs.json differs from what was released, or is missing" in problems
    assert "record r1: what is shown did not stand in the sealed pack" in problems
    assert "brief.json differs from what was released, or is missing" in problems


@pytest.mark.parametrize("end", ["start_byte", "end_byte"])
def test_an_offset_changed_with_the_hashes_of_the_release_is_named(
    end: str, files: Files, written: Write
) -> None:
    def edit(plain: Any) -> None:
        plain["sentences"][0]["citations"][0][end] += 1

    problems = verify(written(relisted_release(edited(files, "brief.json", edit)))).problems
    release = json.loads(files["ledger.json"])["release"]
    assert f"ledger entry {release} does not stand under the checkpoint" in problems
    assert "sentence s1: its record r1 does not say this" in problems


def test_a_checkpoint_signed_with_a_key_of_ones_own_is_named(files: Files, written: Write) -> None:
    changed = resigned_checkpoint(relisted_release({**files, "brief.md": b"# Another\n"}))
    release = json.loads(files["ledger.json"])["release"]
    assert verify(written(changed)).problems == (
        "the checkpoint is not signed by a checkpoint key of the policy",
        f"ledger entry {release} is not signed by a key the policy names",
    )


def test_a_policy_of_ones_own_over_the_ledger_of_others_is_named(
    files: Files, written: Write
) -> None:
    policies = json.loads(own_archive(files)["ledger.json"])["policies"]
    changed = edited(files, "ledger.json", lambda shipped: shipped.update(policies=policies))
    assert "the policy is not the one that ledger entry 0 lays down" in (
        verify(written(changed)).problems
    )


def test_a_whole_archive_of_ones_own_is_told_only_by_a_checkpoint_and_this_is_said(
    files: Files, written: Write
) -> None:
    forged = own_archive({**files, "brief.md": b"# Something else\n"})
    report = verify(written(forged))
    assert report.problems == ()
    assert report.trusted == ITS_OWN
    assert f"note: {ANYBODY}" in verdict(report)
    assert "whoever makes keys can make such a folder" in ANYBODY
    genuine = json.loads(files["ledger.json"])["checkpoint"].encode()
    report = verify(written(forged), checkpoint=genuine, checkpoint_name="mine")
    assert report.problems == ("the brief's checkpoint is not the one in mine",)


def test_a_later_checkpoint_alone_vouches_for_no_ledger_and_this_is_said(
    files: Files, written: Write
) -> None:
    forged = own_archive(files, also_signs=SIGNER.public)
    shipped = json.loads(files["ledger.json"])
    origin, size, root = shipped["checkpoint"].split("\n")[:3]
    text = f"{origin}\n{int(size) + 5}\n{root}\n"
    later = sign_note(text, name=origin, signer=SIGNER, public_key=SIGNER.public)
    report = verify(written(forged), checkpoint=later, checkpoint_name="mine")
    assert report.trusted.startswith(ITS_OWN)
    assert "is not shown" in report.trusted
    assert f"note: {ANYBODY}" in verdict(report)


def test_entries_dropped_from_the_ledger_are_missed(files: Files, written: Write) -> None:
    for number in json.loads(files["ledger.json"])["entries"]:
        changed = edited(files, "ledger.json", lambda s, n=number: s["entries"].pop(n))  # type: ignore[misc]
        assert not verify(written(changed)).is_sound


def test_an_entry_in_the_place_of_another_is_named(files: Files, written: Write) -> None:
    def swap(shipped: Any) -> None:
        held = shipped["entries"]
        held["1"], held["2"] = held["2"], held["1"]

    problems = verify(written(edited(files, "ledger.json", swap))).problems
    assert "ledger entry 1 does not stand under the checkpoint" in problems


def test_what_is_forged_here_is_well_formed(files: Files) -> None:
    shipped = json.loads(own_archive(files)["ledger.json"])
    assert entry_of(shipped, 0)["actor"] == OWN["custodian"].key_id
    assert canonical(shipped) == own_archive(files)["ledger.json"]
