"""Whatever is changed in a brief is found and named, with no archive, no key and no library."""

import base64
import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from pastwatch.sealing.signing import SigningKey
from pastwatch.stages.brief.arithmetic import ed25519
from pastwatch.stages.brief.outline import build
from pastwatch.stages.brief.release import entries_needed
from pastwatch.stages.brief.verifier import verify

Write = Callable[[dict[str, bytes]], Path]
Relist = Callable[..., dict[str, bytes]]


@pytest.fixture(scope="session")
def files(world: Any) -> dict[str, bytes]:
    return dict(world.release())


def sentence(files: dict[str, bytes], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        s for s in json.loads(files["brief.json"])["sentences"] if s["kind"] == kind
    )
    return found


def test_a_brief_as_released_holds(files: dict[str, bytes], written: Write) -> None:
    report = verify(written(files))
    assert report.problems == ()
    assert report.trusted == "its own checkpoint: consistent with itself"
    assert report.citations > 5


def test_the_shipped_verifier_runs_alone_and_says_so_by_its_exit_status(
    files: dict[str, bytes], written: Write
) -> None:
    folder = written(files)
    run = [sys.executable, "-I", "-S", str(folder / "verify.py")]
    done = subprocess.run(run, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("sound\n")
    (folder / "brief.md").write_bytes(b"# Another\n")
    done = subprocess.run(run, capture_output=True, check=False, text=True)
    assert done.returncode == 20
    assert "problem: brief.md differs from what was released" in done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "brief.html",
        "brief.md",
        "brief.json",
        "proofs.json",
        "records.html",
        "verify.py",
        "ledger.json",
    ],
)
def test_a_flipped_bit_is_found_in(name: str, files: dict[str, bytes], written: Write) -> None:
    chance = random.Random(name)  # noqa: S311 - a choice of places, nothing secret
    folder = written(files)
    for _ in range(25):
        raw = bytearray(files[name])
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        (folder / name).write_bytes(raw)
        report = verify(folder)
        assert not report.is_sound
        if name != "ledger.json":
            assert any(name in p or "sentence s" in p for p in report.problems)


@pytest.mark.parametrize("name", ["brief.html", "brief.json"])
def test_a_changed_sentence_is_named(name: str, files: dict[str, bytes], written: Write) -> None:
    was, becomes = b"a transport would leave", b"a transport did leave"
    changed = files[name].replace(was, becomes)
    assert changed != files[name]
    report = verify(written({**files, name: changed}))
    assert f"sentence s1 of {name} differs from what was released" in report.problems


def test_a_changed_page_outside_its_sentences_is_named(
    files: dict[str, bytes], written: Write
) -> None:
    changed = files["brief.html"].replace(b"most in a bar: 106", b"most in a bar: 906")
    report = verify(written({**files, "brief.html": changed}))
    assert report.problems == ("brief.html differs from what was released, outside its sentences",)


@pytest.mark.parametrize("name", ["brief.html", "proofs.json", "records.html", "ledger.json"])
def test_a_missing_file_is_found(name: str, files: dict[str, bytes], written: Write) -> None:
    folder = written(files)
    (folder / name).unlink()
    assert any(name in p or "record r1" in p for p in verify(folder).problems)


def test_a_file_that_was_not_released_is_noted(files: dict[str, bytes], written: Write) -> None:
    report = verify(written({**files, "annex.html": b"more"}))
    assert report.is_sound
    assert report.notes == ("annex.html is not part of the release and was not checked",)


def forge(files: dict[str, bytes], kind: str, text: str, relisted: Relist) -> dict[str, bytes]:
    """Another text for the first sentence of a kind, on the page and in the sidecar alike."""
    one = sentence(files, kind)
    was = one["text"].split("\r")[0]

    def edit(plain: Any) -> None:
        held = next(s for s in plain["sentences"] if s["id"] == one["id"])
        held["text"] = held["text"].replace(was, text)
        for cite in held["citations"]:
            raw = held["text"].encode()
            cite["end_byte"] = cite["start_byte"] + len(raw)
            cite["text_sha256"] = hashlib.sha256(raw).hexdigest()

    changed = relisted(files, edit)
    page = changed["brief.html"].decode()
    start = page.index(f'data-sentence="{one["id"]}"')
    end = page.index("</p>", start)
    inner = page[start:end].replace(was, text)
    changed["brief.html"] = (page[:start] + inner + page[end:]).encode()
    return changed


def test_a_quotation_forged_before_release_under_a_genuine_record_fails(
    world: Any, written: Write, relisted: Relist
) -> None:
    files = world.release(change=lambda files: forge(files, "quote", "Bread for Friday", relisted))
    name = sentence(files, "quote")["id"]
    assert sentence(files, "quote")["text"] == "Bread for Friday"
    report = verify(written(files))
    assert report.problems == (f"sentence {name}: its record r1 does not say this",)


def test_a_sender_forged_before_release_fails(world: Any, written: Write, relisted: Relist) -> None:
    was, becomes = (
        "From: A. Karim <a.karim@ministry.example>",
        "From: B. Karim <a.karim@ministry.example>",
    )

    def change(files: dict[str, bytes]) -> dict[str, bytes]:
        def edit(plain: Any) -> None:
            held = next(s for s in plain["sentences"] if s["text"] == was)
            held["text"] = becomes

        changed = relisted(files, edit)
        changed["brief.html"] = changed["brief.html"].replace(b"A. Karim <bdi", b"B. Karim <bdi", 1)
        return changed

    report = verify(written(world.release(change=change)))
    assert len(report.problems) == 1
    assert report.problems[0].endswith("is not what its record r1 says")


def test_an_offset_forged_before_release_fails(
    world: Any, written: Write, relisted: Relist
) -> None:
    def edit(plain: Any) -> None:
        plain["sentences"][0]["citations"][0]["start_byte"] += 1

    files = world.release(change=lambda files: relisted(files, edit))
    assert verify(written(files)).problems == ("sentence s1: its record r1 does not say this",)


def test_pieces_forged_with_their_hashes_do_not_reach_the_sealed_pack(
    world: Any, written: Write, relisted: Relist
) -> None:
    def edit(plain: Any) -> None:
        for piece in plain["r1"]["pieces"]:
            content = base64.b64decode(piece["content"]).replace(b"bread", b"bombs")
            piece["content"] = base64.b64encode(content).decode()

    files = world.release(change=lambda files: relisted(files, edit, name="proofs.json"))
    problems = verify(written(files)).problems
    assert "record r1: what is shown did not stand in the sealed pack" in problems
    assert "sentence s1: its record r1 does not say this" in problems


def test_a_pack_signed_by_a_stranger_fails(world_of_a_stranger: Any, written: Write) -> None:
    problems = verify(written(world_of_a_stranger.release())).problems
    assert "ledger entry 1 is not signed by a key the policy names" in problems
    assert "record r1: its pack is not signed by a collector" in problems


def test_a_count_changed_in_a_negative_finding_fails(
    files: dict[str, bytes], written: Write, relisted: Relist
) -> None:
    def edit(plain: Any) -> None:
        next(s for s in plain["sentences"] if s["kind"] == "negative")["coverage"]["scanned"] = 3

    assert "brief.json differs from what was released, or is missing" in (
        verify(written(relisted(files, edit))).problems
    )


def test_redacted_proofs_hold_and_hide_what_is_not_cited(world: Any, written: Write) -> None:
    files = world.release(redact=True)
    assert verify(written(files)).problems == ()
    assert "records.html" not in files
    shown = [
        base64.b64decode(p["content"])
        for p in json.loads(files["proofs.json"])["r2"]["pieces"]
        if "content" in p
    ]
    assert any(b"The bread is on the road." in c for c in shown)
    assert not any(b"Line 20 of" in c for c in shown)
    assert not any(b"<1@ministry.example>" in c for c in shown)


def test_a_checkpoint_got_by_another_way_is_named_as_trusted(
    files: dict[str, bytes], written: Write
) -> None:
    folder = written(files)
    note = json.loads(files["ledger.json"])["checkpoint"].encode()
    assert verify(folder, checkpoint=note, checkpoint_name="mine").trusted == "checkpoint mine"
    assert verify(folder, checkpoint=note).is_sound
    other = note.replace(b"\n7\n", b"\n8\n")
    assert other != note
    assert not verify(folder, checkpoint=other).is_sound
    unsigned = note.rpartition(b"\n\n")[0] + b"\n\n" + b"\n"
    assert not verify(folder, checkpoint=unsigned).is_sound


def test_the_entries_needed_are_the_packs_and_what_figures_cite(world: Any) -> None:
    plan = build(world.given, coverage_lines=lambda c: (f"{c.held} held.",))
    assert entries_needed(plan) == (1, 2, 3, 4, 5)


@drawn(
    message=st.binary(max_size=80),
    secret=st.binary(min_size=32, max_size=32),
    bit=st.integers(0, 511),
)
def test_signatures_are_checked_as_the_library_checks_them(
    message: bytes, secret: bytes, bit: int
) -> None:
    key = SigningKey(secret)
    signature = bytearray(key.sign(message))
    assert ed25519(key.public, message, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    assert not ed25519(key.public, message, bytes(signature))
    assert not ed25519(key.public, message + b"x", key.sign(message))


def test_a_brief_made_twice_is_the_same_to_the_byte(world: Any, files: dict[str, bytes]) -> None:
    assert world.release() == files
    assert world.release(replace(world.given, title="Another")) != files
