"""Keys, frames and key files: each key one purpose, each frame one place, each file one owner."""

from __future__ import annotations

import secrets

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.errors import PackDamaged, WrongKey
from pastwatch.sealing import casekey, derive, opening, seal
from pastwatch.sealing.casekey import AgeIdentity, KeyFile
from pastwatch.sealing.signing import SigningKey, key_id, verified

PACK_ID = bytes(range(16))
HEADER = bytes(32)


def frame_of(sealer: seal.SectionSealer, section: int, index: int) -> bytes:
    key = derive.section_key(sealer.secret, pack_id=PACK_ID, section=section)
    return derive.frame_key(key, section=section, index=index)


def opened(
    key: bytes,
    sealed: bytes,
    *,
    header: bytes = HEADER,
    section: int = 2,
    index: int = 5,
    last: bool = False,
) -> bytes:
    into = bytearray(len(sealed))
    size = opening.open_frame(
        key, sealed, into, header_hash=header, section=section, index=index, last=last
    )
    return bytes(into[:size])


@given(st.binary(max_size=3000))
def test_a_frame_opens_where_it_was_sealed(plain: bytes) -> None:
    sealer = seal.SectionSealer(pack_id=PACK_ID, section=2)
    sealed = sealer.seal(plain, header_hash=HEADER, index=5, last=False)
    assert len(sealed) == len(plain) + seal.TAG_BYTES
    assert opened(frame_of(sealer, 2, 5), sealed) == plain
    assert len(plain) < 8 or plain not in sealed


@pytest.mark.parametrize(
    "moved",
    [
        {"header": b"\x01" + bytes(31)},
        {"section": 3},
        {"index": 6},
        {"last": True},
    ],
)
def test_a_frame_opens_nowhere_else_even_with_its_own_key(moved: dict[str, object]) -> None:
    sealer = seal.SectionSealer(pack_id=PACK_ID, section=2)
    sealed = sealer.seal(b"plain", header_hash=HEADER, index=5, last=False)
    key = frame_of(sealer, 2, 5)
    assert opened(key, sealed) == b"plain"
    with pytest.raises(PackDamaged, match="does not open"):
        opened(key, sealed, **moved)  # type: ignore[arg-type]


def test_every_changed_byte_and_every_cut_is_refused() -> None:
    sealer = seal.SectionSealer(pack_id=PACK_ID, section=2)
    sealed = sealer.seal(b"some plain words", header_hash=HEADER, index=5, last=False)
    key = frame_of(sealer, 2, 5)
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(PackDamaged):
            opened(key, bytes(changed))
        with pytest.raises(PackDamaged):
            opened(key, sealed[:at])


def test_every_frame_section_and_pack_has_a_key_of_its_own() -> None:
    secret = secrets.token_bytes(32)
    keys = set()
    for pack_id in (PACK_ID, bytes(16)):
        for section in range(4):
            key = derive.section_key(secret, pack_id=pack_id, section=section)
            keys.add(key)
            keys.add(derive.commitment(secret, pack_id=pack_id, section=section))
            keys.update(derive.frame_key(key, section=section, index=n) for n in range(50))
    assert len(keys) == 2 * 4 * 52
    assert {len(key) for key in keys} == {derive.KEY_BYTES}


def test_two_sealers_never_share_a_secret() -> None:
    made = [seal.SectionSealer(pack_id=PACK_ID, section=0) for _ in range(20)]
    assert len({s.secret for s in made}) == len({s.commitment for s in made}) == 20


def test_a_key_that_is_not_the_committed_one_is_refused() -> None:
    sealer = seal.SectionSealer(pack_id=PACK_ID, section=1)
    given_key = {"pack_id": PACK_ID, "section": 1, "committed": sealer.commitment}
    assert opening.checked_section_key(sealer.secret, **given_key)  # type: ignore[arg-type]
    for secret, changed in (
        (bytes(32), {}),
        (sealer.secret, {"pack_id": bytes(16)}),
        (sealer.secret, {"section": 2}),
        (sealer.secret, {"committed": bytes(32)}),
    ):
        with pytest.raises(WrongKey, match="not the one the pack commits to"):
            opening.checked_section_key(secret, **{**given_key, **changed})  # type: ignore[arg-type]


def test_wrapped_secrets_open_for_each_recipient_and_nobody_else() -> None:
    one, other, stranger = (AgeIdentity.make() for _ in range(3))
    held = {name: secrets.token_bytes(32) for name in seal.SECTIONS}
    wrapped = seal.wrap_secrets(held, pack_id="ab", recipients=[one.recipient, other.recipient])
    for identity in (one, other):
        assert opening.unwrap_secrets(wrapped, identity=identity, pack_id="ab") == held
    with pytest.raises(WrongKey):
        opening.unwrap_secrets(wrapped, identity=stranger, pack_id="ab")
    with pytest.raises(PackDamaged, match="another pack"):
        opening.unwrap_secrets(wrapped, identity=one, pack_id="cd")
    assert not any(secret.hex().encode() in wrapped for secret in held.values())


@pytest.mark.parametrize("raw", [b"", b"junk", b"age-encryption.org/v1\n"])
def test_what_is_no_age_file_is_a_wrong_key_and_no_traceback(raw: bytes) -> None:
    identity = AgeIdentity.make()
    for unwrap in (opening.unwrap, casekey.unwrap_own):
        with pytest.raises(WrongKey):
            unwrap(raw, identity=identity)


def test_an_identity_is_its_text() -> None:
    identity = AgeIdentity.make()
    again = AgeIdentity.from_secret(identity.secret)
    assert again.recipient == identity.recipient
    assert identity.secret not in repr(identity)
    with pytest.raises(WrongKey, match="not an age identity"):
        AgeIdentity.from_secret("AGE-SECRET-KEY-1NONE")


def test_a_key_file_opens_with_its_passphrase_alone() -> None:
    made = KeyFile.make("ana")
    plain, closed = made.to_bytes(), made.to_bytes("a passphrase")
    assert not casekey.locked(plain)
    assert casekey.locked(closed)
    assert made.signing.secret.hex().encode() not in closed
    for raw, passphrase in ((plain, None), (closed, "a passphrase")):
        found = KeyFile.from_bytes(raw, passphrase)
        assert found.person == "ana"
        assert found.identity.recipient == made.identity.recipient
        assert found.signing.public == made.signing.public
    with pytest.raises(WrongKey, match="has a passphrase"):
        KeyFile.from_bytes(closed)
    with pytest.raises(WrongKey, match="the passphrase does not open"):
        KeyFile.from_bytes(closed, "another")


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", b'{"ed25519": "00", "age": 1}'])
def test_what_is_no_key_file_is_a_wrong_key(raw: bytes) -> None:
    with pytest.raises(WrongKey, match="not a key file"):
        KeyFile.from_bytes(raw)


def test_a_signature_holds_for_its_bytes_and_key_alone() -> None:
    key = SigningKey.make()
    signature = key.sign(b"message")
    assert verified(key.public, signature, b"message")
    assert not verified(key.public, signature, b"messagf")
    assert not verified(SigningKey.make().public, signature, b"message")
    assert not verified(key.public, signature[:-1], b"message")
    assert not verified(b"short", signature, b"message")
    assert key.key_id == key_id(key.public)
    assert len(key.key_id) == 16


def test_gcm_itself_would_tell_a_wrong_key() -> None:
    """The library does what the seal stands on."""
    sealed = AESGCM(bytes(32)).encrypt(bytes(12), b"plain", b"bound")
    with pytest.raises(InvalidTag):
        AESGCM(b"\x01" + bytes(31)).decrypt(bytes(12), sealed, b"bound")
