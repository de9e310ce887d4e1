"""The gate: what it refuses, what it logs before it opens, and what it never hands out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.archive import worlds

from pastwatch.archive import layout, place
from pastwatch.archive.block import BlockRef, RecordRef
from pastwatch.archive.gate import Gate
from pastwatch.archive.grantfile import pack_grant, read_grant
from pastwatch.archive.policy import read_policy
from pastwatch.archive.signatures import check_signatures, signed
from pastwatch.errors import (
    AuthorityExpired,
    BadSignature,
    IntegrityError,
    NoAuthority,
    NoSuchRecord,
    OutsideScope,
    PackDamaged,
    StorageError,
    WrongKey,
)
from pastwatch.ledger.entry import Act as Logged
from pastwatch.ledger.entry import EntryDraft
from pastwatch.model.authority import Act, Scope
from pastwatch.model.party import Party
from pastwatch.model.record import Draft
from pastwatch.model.when import DAY_US, HOUR_US, Basis, Span, When
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import AgeIdentity, KeyFile, unwrap_own

Acts = list[Callable[[Gate], object]]


def mail(
    number: int, *, sender: str = "ana@a.example", at_us: int | None = None, to: str = ""
) -> Draft:
    """A record of one conversation, an hour after the one before it."""
    when = worlds.START_US + number * HOUR_US if at_us is None else at_us
    return Draft(
        original=f"{number} {sender} {to}: the text of {number}".encode(),
        text=f"the text of {number}",
        claimed=When(earliest_us=when, latest_us=when, basis=Basis.HEADER),
        sender=Party(address=sender),
        recipients=(Party(address=to),) if to else (),
        conversation="talk",
        native_id=f"n{number}",
    )


@pytest.fixture
def held(world: worlds.World) -> worlds.World:
    """Forty records an hour apart, all in one block of one pack."""
    world.collect("mail", [mail(n) for n in range(40)])
    return world


def hours(first: int, last: int) -> Scope:
    return Scope(
        span=Span(
            start_us=worlds.START_US + first * HOUR_US, end_us=worlds.START_US + last * HOUR_US
        )
    )


def everything(gate: Gate) -> Acts:
    """Every way to ask a gate for something sealed."""
    ref = RecordRef(gate.blocks[0].pack_id, gate.blocks[0].block, 12)

    def scan(gate: Gate) -> object:
        with gate.opening(gate.blocks, purpose="look") as opening:
            return opening.block(gate.blocks[0])

    return [
        scan,
        lambda g: g.index(),
        lambda g: g.show([ref]),
        lambda g: g.original(ref),
        lambda g: g.prove(ref),
        lambda g: g.holding([("", frozenset({"harbour"}))]),
    ]


def refused(gate: Gate, why: type[Exception], match: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assert that nothing is opened, whatever is asked."""
    frames = worlds.opened_frames(monkeypatch)
    for ask in everything(gate):
        with pytest.raises(why, match=match):
            ask(gate)
    assert frames == []


def test_a_valid_authority_is_served(held: worlds.World, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = held.gate(held.authority(hours(10, 20)))
    frames = worlds.opened_frames(monkeypatch)
    for ask in everything(gate):
        before = len(frames)
        assert ask(gate) is not None
        assert len(frames) > before


def test_an_expired_authority_opens_nothing(
    held: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = held.authority(hours(10, 20))
    gate = held.gate(authority)
    held.clock.now_us = authority.valid.end_us
    refused(gate, AuthorityExpired, "ended at", monkeypatch)


def test_a_clock_set_back_does_not_revive_an_authority(
    held: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = held.authority(hours(10, 20))
    gate = held.gate(authority)
    held.clock.now_us = authority.valid.end_us
    held.collect("mail", [mail(99)])
    held.clock.now_us = authority.valid.start_us
    refused(gate, AuthorityExpired, "ended at", monkeypatch)


def test_an_authority_not_yet_valid_opens_nothing(
    held: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Span(start_us=held.clock() + DAY_US, end_us=held.clock() + 2 * DAY_US)
    gate = held.gate(held.authority(hours(10, 20), valid=later))
    refused(gate, AuthorityExpired, "begins at", monkeypatch)
    held.clock.now_us += DAY_US
    assert len(gate.index()) == 10


def test_a_revoked_authority_opens_nothing_though_the_catalogue_forgot_it(
    held: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = held.gate(held.authority(hours(10, 20)))
    assert len(gate.index()) == 10
    draft = EntryDraft(act=Logged.REVOKE, clock_us=held.clock(), authority="case-1")
    held.ledger.append([draft], held.custodian.signing)
    gate._index = None  # noqa: SLF001 - as a new process would find it
    refused(gate, AuthorityExpired, "was revoked", monkeypatch)
    with pytest.raises(AuthorityExpired, match="was revoked"):
        held.grant(held.authority(hours(10, 20)))


def test_an_expired_authority_is_not_granted(
    held: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = worlds.opened_frames(monkeypatch)
    held.clock.now_us += 400 * DAY_US
    with pytest.raises(AuthorityExpired, match="ended at"):
        held.grant(held.authority())
    assert frames == []


def test_an_act_not_listed_opens_nothing(
    held: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = held.gate(held.authority(hours(10, 20), acts=(Act.LOCATE, Act.EXPORT)))
    frames = worlds.opened_frames(monkeypatch)
    for number, ask in enumerate(everything(gate)):
        if number != 1:
            with pytest.raises(NoAuthority, match="does not allow"):
                ask(gate)
    assert frames == []
    assert len(gate.index()) == 10


def test_a_block_outside_the_grant_is_refused_and_the_refusal_logged(
    held: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = held.gate(held.authority(hours(10, 20)))
    frames = worlds.opened_frames(monkeypatch)
    ref = gate.blocks[0]
    for other in (replace(ref, block=7), replace(ref, pack_id="00" * 16)):
        with pytest.raises(OutsideScope), gate.opening([other], purpose="look"):
            pass
    assert [e.act for e in held.ledger.entries()][-2:] == [Logged.REFUSE, Logged.REFUSE]
    assert frames == []


def test_a_block_that_was_not_announced_is_refused_also_after_the_opening(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "BLOCK_RECORDS", 16)
    world.collect("mail", [mail(n) for n in range(40)])
    gate = world.gate()
    frames = worlds.opened_frames(monkeypatch)
    first, second, _ = gate.blocks
    with gate.opening([first], purpose="look") as opening:
        with pytest.raises(OutsideScope):
            opening.block(second)
        assert frames == []
        opening.block(first)
    frames.clear()
    with pytest.raises(OutsideScope):
        opening.block(first)
    assert frames == []


def test_a_ledger_that_cannot_be_written_opens_nothing(
    held: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = held.gate(held.authority(hours(10, 20)))

    def full(*_: object, **__: object) -> None:
        raise StorageError("cannot write 'entries.log': the disk is full")

    monkeypatch.setattr(held.ledger, "append", full)
    refused(gate, StorageError, "the disk is full", monkeypatch)


def test_an_entry_stands_before_the_first_frame_is_opened(
    held: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = held.gate(held.authority(hours(10, 20)))
    sizes: list[int] = []
    worlds.opened_frames(monkeypatch, lambda _: sizes.append(held.ledger.size))
    for ask in everything(gate):
        before, known = held.ledger.size, len(sizes)
        ask(gate)
        assert min(sizes[known:]) > before


def test_the_ledger_tells_of_openings_and_holds_no_content(held: worlds.World) -> None:
    gate = held.gate(held.authority(hours(10, 20)))
    for ask in everything(gate):
        ask(gate)
    entries = list(held.ledger.entries())
    assert [e.outcome["records"] for e in entries if e.act == Logged.OPENED] == [10, 10]
    raw = held.ledger.path.read_bytes()
    for word in (b"ana", b"a.example", b"text of", b"talk"):
        assert word not in raw


def test_unknown_and_outside_get_the_same_answer_and_source_of_neither_is_told(
    held: worlds.World,
) -> None:
    gate = held.gate(held.authority(hours(10, 20)))
    pack = gate.blocks[0].pack_id
    outside, unknown_row = RecordRef(pack, 0, 9), RecordRef(pack, 0, 4000)
    unknown_block, unknown_pack = RecordRef(pack, 40, 0), RecordRef("00" * 16, 0, 0)
    answers = set()
    for ref in (outside, unknown_row, unknown_block, unknown_pack):
        for ask in (lambda r: gate.show([r]), gate.original, gate.prove):
            with pytest.raises(NoSuchRecord) as answer:
                ask(ref)
            answers.add((type(answer.value), str(answer.value), answer.value.hint))
    assert answers == {(NoSuchRecord, "no such record in this case", None)}
    assert gate.show([RecordRef(pack, 0, 10)])[0].text == "the text of 10"


def test_context_is_cut_to_the_scope(held: worlds.World) -> None:
    index = held.gate(held.authority(hours(10, 20))).index()
    before, after = index.around(1, before=5, after=5)
    assert (before, after) == ([0], [2, 3, 4, 5, 6])
    before, after = index.around(9, before=2, after=5)
    assert (before, after) == ([7, 8], [])


@pytest.mark.parametrize(
    ("protected", "withheld"),
    [
        ("lawyer@firm.example", {1}),
        ("LAWYER@Firm.Example", {1}),
        ("firm.example", {1, 2, 3, 5}),
        ("@firm.example", {1, 2, 3, 5}),
        ("mail.firm.example", {3}),
        ("other.example", set()),
        ("irm.example", set()),
    ],
)
def test_the_protected_are_withheld_everywhere_and_counted(
    world: worlds.World, protected: str, withheld: set[int]
) -> None:
    world.collect(
        "mail",
        [
            mail(0),
            mail(1, sender="Lawyer@firm.example"),
            mail(2, to="clerk@firm.example"),
            mail(3, sender="x@mail.firm.example"),
            mail(4, sender="x@firm.example.org"),
            mail(5, sender='"odd @ name"@firm.example'),
        ],
    )
    granted = world.grant(world.authority(), protected=[protected])
    kept = sorted({0, 1, 2, 3, 4, 5} - withheld)
    assert (granted.estimate.protected, granted.estimate.records) == (len(withheld), len(kept))
    assert granted.estimate.exposed == 0
    gate = world.gate_of(granted.file)
    index = gate.index()
    assert [index.ref(i).row for i in range(len(index))] == kept
    assert index.around(0, before=9, after=9) == ([], list(range(1, len(kept))))
    (ref,) = gate.blocks
    with gate.opening([ref], purpose="look") as opening:
        block = opening.block(ref)
    assert block.text.column("native_id").to_pylist() == [f"n{n}" for n in kept]
    raw = block.text.serialize().to_pybytes()
    assert not any(f"the text of {n}".encode() in raw for n in withheld)
    for row in withheld:
        record = RecordRef(ref.pack_id, ref.block, row)
        for ask in (lambda r: gate.show([r]), gate.original, gate.prove):
            with pytest.raises(NoSuchRecord, match="no such record in this case"):
                ask(record)


def test_accounts_are_never_counted_for_the_protected(world: worlds.World) -> None:
    world.collect("mail", [mail(0), mail(1, sender="lawyer@firm.example")])
    assert world.grant(world.authority()).estimate.accounts == 2
    again = world.authority(authority_id="case-2")
    assert world.grant(again, protected=["firm.example"]).estimate.accounts == 1


def test_another_identity_does_not_open_a_grant(held: worlds.World) -> None:
    file = held.grant(held.authority()).file
    held.case = AgeIdentity.make()
    with pytest.raises(WrongKey):
        held.gate_of(file)


@pytest.mark.parametrize("change", ["authority", "frames", "sequence", "beyond"])
def test_a_grant_the_ledger_does_not_tell_of_is_refused(held: worlds.World, change: str) -> None:
    """Whoever knows the case's public recipient may wrap a grant of his own; it is not taken."""
    granted = held.grant(held.authority(hours(10, 20)))
    other = held.grant(held.authority(hours(0, 1), authority_id="case-2"))
    grant = read_grant(held_unwrap(granted.file, held))
    forged = {
        "authority": replace(grant, authority=held.authority(hours(0, 40))),
        "frames": replace(grant, blocks=grant.blocks.slice(0, 0)),
        "sequence": replace(grant, sequence=other.sequence),
        "beyond": replace(grant, sequence=10_000),
    }[change]
    with pytest.raises(IntegrityError, match="not the one the ledger tells of"):
        held.gate_of(seal.wrap(pack_grant(forged), recipients=[held.case.recipient]))
    assert held.gate_of(granted.file).blocks


def held_unwrap(file: bytes, world: worlds.World) -> bytes:
    return unwrap_own(file, identity=world.case)


def test_keys_that_are_not_those_committed_to_are_refused(held: worlds.World) -> None:
    (path,) = held.place.packs.rglob("*.keys")
    pack_id = path.stem
    forged = {name: bytes(32) for name in seal.SECTIONS}
    recipients = [held.custodian.identity.recipient]
    path.write_bytes(seal.wrap_secrets(forged, pack_id=pack_id, recipients=recipients))
    with pytest.raises(WrongKey, match="not the one the pack commits to"):
        held.grant(held.authority())


@pytest.mark.parametrize(
    "inside",
    [b"", b"[]", b"{}", b'{"pack_id": "x", "sections": []}', b'{"pack_id": 1}', b"\xff" * 9],
)
def test_keys_that_do_not_read_are_a_named_damage(held: worlds.World, inside: bytes) -> None:
    (path,) = held.place.packs.rglob("*.keys")
    path.write_bytes(seal.wrap(inside, recipients=[held.custodian.identity.recipient]))
    with pytest.raises(PackDamaged, match=f"the keys beside pack {path.stem} do not read"):
        held.grant(held.authority())


def test_keys_of_another_pack_are_a_named_damage(held: worlds.World) -> None:
    held.collect("mail", [mail(99)])
    one, other = sorted(held.place.packs.rglob("*.keys"))
    one.write_bytes(other.read_bytes())
    with pytest.raises(PackDamaged, match="belong to another pack"):
        held.grant(held.authority())


def test_keys_wrapped_to_somebody_else_are_a_wrong_key(held: worlds.World) -> None:
    held.custodian = replace(held.custodian, identity=AgeIdentity.make())
    with pytest.raises(WrongKey):
        held.grant(held.authority())


def test_an_authority_changed_after_signing_does_not_check(held: worlds.World) -> None:
    policy = read_policy(held.place.policy.read_bytes())
    authority = signed(held.authority(hours(10, 20)), held.custodian, clock_us=held.clock())
    check_signatures(authority, policy)
    with pytest.raises(BadSignature, match="was changed after it was signed"):
        check_signatures(replace(authority, scope=hours(10, 21)), policy)
    (signature,) = authority.signatures
    for spoilt in (
        replace(signature, signature="no base64 at all!"),
        replace(signature, signature=""),
    ):
        with pytest.raises(BadSignature):
            check_signatures(replace(authority, signatures=(spoilt,)), policy)
    with pytest.raises(BadSignature, match="a key the policy does not name"):
        check_signatures(
            replace(authority, signatures=(replace(signature, person="a judge"),)), policy
        )


def test_signatures_count_only_from_those_who_may_approve(held: worlds.World) -> None:
    policy = read_policy(held.place.policy.read_bytes())
    by_analyst = signed(held.authority(hours(10, 20)), held.analyst, clock_us=held.clock())
    with pytest.raises(BadSignature, match="0 of 1"):
        check_signatures(by_analyst, policy)
    stranger = KeyFile.make("stranger")
    with pytest.raises(BadSignature, match="does not name"):
        check_signatures(signed(by_analyst, stranger, clock_us=0), policy)


def test_a_wide_authority_needs_two_signatures(held: worlds.World) -> None:
    policy = read_policy(held.place.policy.read_bytes())
    wide = signed(held.authority(), held.custodian, clock_us=held.clock())
    with pytest.raises(BadSignature, match="1 of 2"):
        check_signatures(wide, policy)


@pytest.fixture
def damaged(world: worlds.World, monkeypatch: pytest.MonkeyPatch) -> tuple[worlds.World, Any]:
    """Three blocks, the middle one's frames of one section damaged after the grant."""
    monkeypatch.setattr(layout, "BLOCK_RECORDS", 16)
    world.collect("mail", [mail(n) for n in range(48)])
    gate = world.gate()

    def harm(section: int, index: int) -> None:
        path = world.store.root / place.pack_key(gate.blocks[0].pack_id)
        raw = bytearray(path.read_bytes())
        raw[gate._opener(path.stem).pack.frames[section][index].offset + 3] ^= 1  # noqa: SLF001
        path.write_bytes(raw)
        gate._openers.clear()  # noqa: SLF001 - as a new process would map it

    return world, (gate, harm)


@pytest.mark.parametrize("section", [seal.ENVELOPE, seal.TEXT])
def test_a_damaged_block_is_named_and_the_others_open(
    damaged: tuple[worlds.World, Any], section: int
) -> None:
    _, (gate, harm) = damaged
    harm(section, 1)
    first, second, third = gate.blocks
    with gate.opening(gate.blocks, purpose="look") as opening:
        assert len(opening.block(first).rows) == len(opening.block(third).rows) == 16
        named = f"pack {first.pack_id}: frame 1 of section {section} does not open"
        with pytest.raises(PackDamaged, match=named):
            _ = opening.block(second).envelope
    if section == seal.ENVELOPE:
        assert len(gate.index()) == 32
        assert list(gate.unreadable) == [second]


def test_a_damaged_word_index_leaves_no_block_out(damaged: tuple[worlds.World, Any]) -> None:
    _, (gate, harm) = damaged
    nowhere = [("", frozenset({"nowhere-at-all"}))]
    harm(seal.TOKENS, 0)  # before it is first read: what was read is kept
    assert gate.holding(nowhere) == set(gate.blocks)


def test_a_damaged_remainder_is_named(damaged: tuple[worlds.World, Any]) -> None:
    _, (gate, harm) = damaged
    harm(seal.REMAINDER, 1)
    ref = gate.blocks[1]
    with pytest.raises(PackDamaged, match=f"pack {ref.pack_id}: frame 1 of section 3"):
        gate.original(RecordRef(ref.pack_id, 1, 0))


def test_a_missing_pack_is_named_by_the_gate_and_by_the_grant(held: worlds.World) -> None:
    gate = held.gate(held.authority(hours(10, 20)))
    (path,) = held.packs()
    path.unlink()
    for ask in (gate.index, lambda: held.grant(held.authority(authority_id="case-2"))):
        if ask == gate.index:
            assert len(gate.index()) == 0
            assert list(gate.unreadable) == list(gate.blocks)
        else:
            with pytest.raises(PackDamaged, match=f"pack {path.stem} is missing"):
                ask()


def test_a_pack_swapped_for_another_does_not_open(held: worlds.World) -> None:
    held.collect("mail", [mail(n) for n in range(50, 90)], container="second")
    gate = held.gate()
    one, other = held.packs()
    one.write_bytes(other.read_bytes())
    ref = next(r for r in gate.blocks if r.pack_id == one.stem)
    with gate.opening([ref], purpose="look") as opening, pytest.raises(PackDamaged, match=one.stem):
        opening.block(ref)


def test_an_authority_that_reaches_nothing_has_an_empty_slice(held: worlds.World) -> None:
    gate = held.gate(held.authority(hours(1000, 1001)))
    assert gate.blocks == ()
    assert len(gate.index()) == 0
    assert not gate.holding([])


def test_the_grant_tells_the_hash_of_its_account(held: worlds.World) -> None:
    granted = held.grant(held.authority(hours(10, 20)))
    named = held.ledger.entry(granted.sequence).objects["accounts"]
    raw = (held.place.openings / f"{named}.json").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == named
    assert b"ana" not in raw


def test_a_block_ref_made_up_from_a_granted_one_is_refused(held: worlds.World) -> None:
    gate = held.gate(held.authority(hours(10, 20)))
    (ref,) = gate.blocks
    made = BlockRef(ref.pack_id, ref.block, "another source", 40, 0, dated=True)
    with gate.opening([ref], purpose="look") as opening, pytest.raises(OutsideScope):
        opening.block(made)


def test_the_gate_leaves_no_file_behind(held: worlds.World, tmp_path: Path) -> None:
    gate = held.gate(held.authority(hours(10, 20)))
    before = sorted(p for p in tmp_path.rglob("*") if p.is_file())
    for ask in everything(gate):
        ask(gate)
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == before
