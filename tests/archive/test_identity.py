"""Keyed ids and tokens: what is the same gives the same, what differs does not."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.archive.held import Held, packed_ids
from pastwatch.archive.identity import (
    Repeats,
    SourceKeys,
    Tokens,
    digest,
    is_account,
    record_id,
    record_ids,
    spellings,
)
from pastwatch.errors import PackDamaged

TOKENS = Tokens(b"k" * 32)
IDS = st.lists(st.binary(min_size=16, max_size=16), max_size=40)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("Ana@Mail.Firm.Example", ("ana@mail.firm.example", "mail.firm.example", "firm.example")),
        (" x@localhost ", ("x@localhost", "localhost")),
        ("x@firm.example.", ("x@firm.example.", "firm.example")),
        ("+15550100", ("+15550100",)),
        ('"a b"@firm.example', ('"a b"@firm.example', "firm.example")),
        ("a@b@firm.example", ("a@b@firm.example", "firm.example")),
        ("x@", ("x@",)),
        ("ANA＠firm.example", ("ana@firm.example", "firm.example")),
        ("", ()),
        ("  ", ()),
    ],
)
def test_an_address_answers_to_itself_and_its_domains(
    address: str, expected: tuple[str, ...]
) -> None:
    assert spellings(address) == expected


def test_an_authority_names_an_account_or_a_domain() -> None:
    of = TOKENS.of("x@mail.firm.example")
    assert TOKENS.exactly("X@Mail.firm.example") == of[:1]
    assert set(TOKENS.exactly("firm.example")) & set(of) == {of[2]}
    assert set(TOKENS.exactly("@firm.example")) & set(of) == {of[2]}
    assert not set(TOKENS.exactly("example")) & set(of)
    assert TOKENS.of("") == ()


@given(st.text(max_size=30))
def test_only_the_first_token_of_an_address_is_an_account(address: str) -> None:
    found = TOKENS.of(address)
    assert [is_account(t) for t in found] == [n == 0 for n in range(len(found))]
    assert {len(t) for t in found} <= {8}


def test_names_of_different_things_have_different_tokens() -> None:
    name = "same"
    made = {TOKENS.conversation(name), bytes.fromhex(TOKENS.container(name)), *TOKENS.exactly(name)}
    assert len(made) == 4
    assert Tokens(b"x" * 32).conversation(name) not in made


def test_sources_have_keys_of_their_own() -> None:
    one, other = (SourceKeys.derive(b"i" * 32, b"a" * 32, s) for s in ("one", "other"))
    assert len({one.id_key, one.account_key, other.id_key, other.account_key}) == 4
    assert record_id(one.id_key, bytes(32), 0) != record_id(other.id_key, bytes(32), 0)
    assert record_id(one.id_key, bytes(32), 0) != record_id(one.id_key, bytes(32), 1)


@given(st.lists(st.lists(st.integers(0, 9), max_size=30), max_size=8))
def test_repeats_count_as_a_plain_counter_does(batches: list[list[int]]) -> None:
    repeats, counter = Repeats(), Counter[int]()
    for batch in batches:
        expected = []
        for number in batch:
            expected.append(counter[number])
            counter[number] += 1
        if batch:
            assert repeats.before([digest(bytes((n,))) for n in batch]) == expected


@given(IDS, st.lists(IDS, max_size=6), st.booleans())
def test_held_marks_as_a_plain_set_does(
    first: list[bytes], batches: list[list[bytes]], settle: bool
) -> None:
    held, plain = Held(), set(first)
    held.load([packed_ids(first)])
    for batch in batches:
        expected = []
        for one in batch:
            expected.append(one in plain)
            plain.add(one)
        if batch:
            assert held.mark(batch).tolist() == expected
        if settle:
            held.settle()


def test_ids_that_share_their_first_half_are_told_apart() -> None:
    held = Held()
    one, other = b"\xff" * 8 + bytes(8), b"\xff" * 16
    held.load([one, b"\xff" * 8 + b"\x01" * 8])
    assert held.mark([one, other, other]).tolist() == [True, False, True]


def test_a_list_of_ids_cut_short_is_a_named_damage() -> None:
    with pytest.raises(PackDamaged, match="cut short"):
        Held().load([bytes(17)])
    assert np.array_equal(Held().mark([bytes(16)]), [False])


@given(st.lists(st.tuples(st.binary(min_size=32, max_size=32), st.integers(-(2**63), 2**63 - 1))))
def test_ids_made_at_once_are_those_made_one_by_one(rows: list[tuple[bytes, int]]) -> None:
    made = record_ids(b"k" * 32, [sha for sha, _ in rows], [at for _, at in rows])
    assert made == [record_id(b"k" * 32, sha, at) for sha, at in rows]
