"""What the ledger tells of releases: in order, of its own authority alone, signed in the checkpoint."""

from collections.abc import Mapping
from typing import Any

import pytest

from pastwatch.errors import BadValue, IntegrityError
from pastwatch.ledger.checkpoint import parse_checkpoint, sign_checkpoint, verify_checkpoint
from pastwatch.ledger.entry import Act, EntryDraft, Signer
from pastwatch.ledger.log import Ledger
from pastwatch.ledger.superseded import release_entries, told_lines

ORIGIN = "pastwatch/test"


@pytest.fixture
def released(ledger: Ledger, signer: Signer) -> Ledger:
    def draft(act: Act, authority: str, outcome: Mapping[str, Any]) -> EntryDraft:
        return EntryDraft(act=act, clock_us=1, authority=authority, outcome=outcome)

    start = ledger.size
    ledger.append(
        [
            draft(Act.RELEASE, "a", {"version": 1}),
            draft(Act.SHOWN, "a", {}),
            draft(Act.RELEASE, "a", {"version": 2, "supersedes": start}),
            draft(Act.RELEASE, "b", {"version": 1, "supersedes": start}),
            draft(Act.CORRECT, "b", {"kind": "withdrawn", "of": start}),
            draft(Act.CORRECT, "a", {"kind": "corrected", "of": start}),
            draft(Act.CORRECT, "a", {"kind": "withdrawn", "of": start + 2}),
            draft(Act.RELEASE, "a", {"version": 2, "made_of": start + 2}),
            draft(Act.RELEASE, "a", {"supersedes": start + 99}),
        ],
        signer,
    )
    return ledger


def test_only_the_same_authority_supersedes_or_corrects(released: Ledger) -> None:
    first = release_entries(released)[0].sequence
    assert told_lines(released) == [
        f"pastwatch.superseded {first} {first + 2}",
        f"pastwatch.corrected {first} {first + 5}",
        f"pastwatch.withdrawn {first + 2} {first + 6}",
    ]


def test_a_checkpoint_signs_its_lines_and_reads_back(
    released: Ledger, signer: Signer, public_key: bytes
) -> None:
    note = sign_checkpoint(
        released, origin=ORIGIN, signer=signer, public_key=public_key, extensions=told_lines
    )
    read = verify_checkpoint(note, {ORIGIN: public_key})
    assert list(read.extensions) == told_lines(released)
    assert note.decode().startswith(read.text() + "\n")
    again = sign_checkpoint(
        released, origin=ORIGIN, signer=signer, public_key=public_key, extensions=told_lines
    )
    assert again == note


@pytest.mark.parametrize("line", ["", " a", "a\nb", "a  b", "\u2014 k x"])
def test_a_line_that_would_break_the_note_is_not_signed(
    line: str, released: Ledger, signer: Signer, public_key: bytes
) -> None:
    with pytest.raises(BadValue, match="a line added to a checkpoint"):
        sign_checkpoint(
            released,
            origin=ORIGIN,
            signer=signer,
            public_key=public_key,
            extensions=lambda _: [line],
        )


def test_a_checkpoint_with_an_empty_line_does_not_read(
    released: Ledger, signer: Signer, public_key: bytes
) -> None:
    note = sign_checkpoint(released, origin=ORIGIN, signer=signer, public_key=public_key)
    text, _, lines = note.decode().rpartition("\n\n")
    with pytest.raises(IntegrityError, match="an empty line"):
        parse_checkpoint(f"{text}\n\nmore\n\n{lines}".encode())
