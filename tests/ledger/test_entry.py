"""Exact bytes, no content, and a signature over all of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import BadValue, IntegrityError
from pastwatch.ledger.entry import (
    ENTRY_BYTES_AT_MOST,
    HASH,
    NAME,
    WORD,
    Act,
    Entry,
    EntryDraft,
    Signer,
    key_id,
    sign_entry,
    verify_entry,
)

INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
SINGLES = st.none() | st.booleans() | INTEGERS | st.from_regex(WORD, fullmatch=True)
ENTRIES = st.builds(
    Entry,
    sequence=st.integers(0, 2**53 - 1),
    time_us=INTEGERS,
    actor=st.binary(min_size=8, max_size=8).map(bytes.hex),
    act=st.from_regex(NAME, fullmatch=True),
    authority=st.none() | st.from_regex(WORD, fullmatch=True),
    objects=st.dictionaries(
        st.from_regex(NAME, fullmatch=True), st.from_regex(HASH, fullmatch=True), max_size=3
    ),
    outcome=st.dictionaries(
        st.from_regex(NAME, fullmatch=True), SINGLES | st.lists(SINGLES, max_size=3), max_size=3
    ),
    signature=st.binary(min_size=64, max_size=64).map(lambda raw: base64.b64encode(raw).decode()),
)
GOOD: dict[str, Any] = {
    "sequence": 0,
    "time_us": 1,
    "actor": "0123456789abcdef",
    "act": "open",
    "authority": None,
    "objects": {"pack": "ab" * 32},
    "outcome": {"records": 3},
    "signature": base64.b64encode(bytes(64)).decode(),
}
BAD = [
    {"sequence": -1},
    {"sequence": True},
    {"sequence": 1.0},
    {"time_us": 2**53},
    {"actor": "0123456789ABCDEF"},
    {"act": "Open it"},
    {"authority": "the authority of the court"},
    {"objects": {"pack": "AB" * 32}},
    {"objects": {"pack": "ab" * 31}},
    {"objects": {"my pack": "ab" * 32}},
    {"outcome": {"found": "a sentence from a record"}},
    {"outcome": {"whom": "someone@firm.example"}},
    {"outcome": {"share": 0.5}},
    {"outcome": {"nested": {"a": 1}}},
    {"outcome": {"nested": [[1]]}},
    {"outcome": {"quoted": 'a"b'}},
    {"outcome": {"long": "a" * 257}},
    {"outcome": {"ended": "a\n"}},
    {"signature": ""},
    {"signature": base64.b64encode(bytes(63)).decode()},
    {"signature": base64.b64encode(bytes(64)).decode()[:-3] + "B=="},
]


@given(ENTRIES)
def test_an_entry_is_the_canonical_json_of_its_fields_and_reads_back(entry: Entry) -> None:
    line = entry.to_bytes()
    assert line == rfc8785.dumps(json.loads(line))
    assert b"\n" not in line
    assert b"\0" not in line
    assert Entry.from_bytes(line) == entry


@pytest.mark.parametrize("change", BAD, ids=str)
def test_content_and_odd_forms_cannot_be_written(change: dict[str, Any]) -> None:
    with pytest.raises(BadValue, match="an entry's"):
        Entry(**GOOD | change)


@pytest.mark.parametrize("change", BAD, ids=str)
def test_nor_can_they_be_read(change: dict[str, Any]) -> None:
    line = json.dumps(GOOD | change, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(IntegrityError, match="does not read"):
        Entry.from_bytes(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 60_000,
        b"\xff",
        b"1" * 5_000,
        b'{"act":"open"}',
        json.dumps(GOOD, sort_keys=True).encode(),
        json.dumps(GOOD, separators=(",", ":")).encode(),
        Entry(**GOOD).to_bytes() + b" ",
        Entry(**GOOD).to_bytes().replace(b'"act":"open"', b'"act":"open","act":"open"'),
        Entry(**GOOD).to_bytes().replace(b'"act"', b'"\\u0061ct"'),
        Entry(**GOOD).to_bytes().replace(b'{"act"', b'{"a":1,"act"'),
        b" " * 70_000,
    ],
)
def test_anything_not_canonical_is_refused(line: bytes) -> None:
    with pytest.raises(IntegrityError, match="an entry"):
        Entry.from_bytes(line)


def test_a_signed_entry_verifies_and_every_change_to_it_does_not(
    signer: Signer, public_key: bytes
) -> None:
    draft = EntryDraft(act=Act.OPENED, clock_us=5, authority="case-1", outcome={"frames": 3})
    entry = sign_entry(draft, signer, sequence=7, time_us=9)
    assert entry.time_us == 9
    assert entry.actor == key_id(public_key)
    assert verify_entry(entry, public_key)
    assert not verify_entry(entry, bytes(32))
    assert not verify_entry(entry, b"short")
    changes: list[dict[str, Any]] = [
        {"sequence": 8},
        {"time_us": 10},
        {"act": "open"},
        {"authority": "case-2"},
        {"authority": None},
        {"outcome": {"frames": 4}},
        {"objects": {"pack": "ab" * 32}},
        {"signature": GOOD["signature"]},
    ]
    for change in changes:
        assert not verify_entry(replace(entry, **change), public_key), change


def test_an_act_must_be_listed_to_be_written_and_need_not_be_to_be_read(signer: Signer) -> None:
    draft = EntryDraft(act="peek", clock_us=0)  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="no such act"):
        sign_entry(draft, signer, sequence=0, time_us=0)
    assert Entry.from_bytes(Entry(**GOOD | {"act": "peek"}).to_bytes()).act == "peek"


def test_an_entry_fills_a_bundle_to_the_last_byte_and_no_further(signer: Signer) -> None:
    many = {f"pack-{number}": "ab" * 32 for number in range(830)}
    probe = EntryDraft(act=Act.GRANT, clock_us=0, objects=many, authority="a")
    room = ENTRY_BYTES_AT_MOST - len(sign_entry(probe, signer, sequence=0, time_us=0).to_bytes())
    many |= {"x" * 9 + str(number): "ab" * 32 for number in range(room // 80)}
    probe = replace(probe, objects=many)
    room = ENTRY_BYTES_AT_MOST - len(sign_entry(probe, signer, sequence=0, time_us=0).to_bytes())
    assert 0 <= room < 250
    full = replace(probe, authority="a" * (room + 1))
    line = sign_entry(full, signer, sequence=0, time_us=0).to_bytes()
    assert len(line) == ENTRY_BYTES_AT_MOST
    assert Entry.from_bytes(line).to_bytes() == line
    with pytest.raises(BadValue, match="too large"):
        sign_entry(replace(probe, authority="a" * (room + 2)), signer, sequence=0, time_us=0)


def test_an_entry_does_not_change_with_what_it_was_made_from(
    drafts: Callable[..., list[EntryDraft]], signer: Signer
) -> None:
    outcome: dict[str, Any] = {"sources": ["mail"]}
    draft = replace(drafts(1)[0], outcome=outcome)
    entry = sign_entry(draft, signer, sequence=0, time_us=0)
    before = entry.to_bytes()
    outcome["sources"].append("chat")
    outcome["more"] = 1
    assert entry.to_bytes() == before
