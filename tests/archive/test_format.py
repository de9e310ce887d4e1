"""The format page holds: its vectors, and a pack of the first version, by rules of the test's own."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyrage
import pytest
import rfc8785
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from tests.archive.vectors.make_vectors import SOURCE_ID, vector_drafts

from pastwatch.archive import envelopes, inplace, layout, leaves, place, rests
from pastwatch.archive.held import packed_ids
from pastwatch.archive.identity import SourceKeys, Tokens, record_id
from pastwatch.archive.opening import PackOpener, frame_keys
from pastwatch.archive.pack import damage, read_pack
from pastwatch.archive.peoplewords import key_of
from pastwatch.archive.proving import restore
from pastwatch.archive.tokens import frame as tokens_frame
from pastwatch.archive.tokens import token_hash
from pastwatch.sealing import derive, opening, seal
from pastwatch.sealing.casekey import AgeIdentity
from pastwatch.storage.local import LocalStore

ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(__file__).parent / "vectors"
SECRET, ID_SECRET, ACCOUNT_SECRET, SEED = (
    bytes(range(start, start + 32)) for start in (0x00, 0x40, 0x60, 0x80)
)
PACK_ID = bytes(range(0x20, 0x30))
HEADER_HASH = hashlib.sha256(b"header").digest()
KINDS = {"envelope": 0, "tokens": 1, "text": 2, "remainder": 3}


# The page once more, in the plainest Python: nothing of Pastwatch in it.


def hkdf(secret: bytes, purpose: str, context: bytes) -> bytes:
    """RFC 5869 §2 for 32 bytes of output and no salt."""
    prk = hmac.digest(bytes(32), secret, "sha256")
    info = b"pastwatch " + purpose.encode() + b"\0" + context
    return hmac.digest(prk, info + b"\x01", "sha256")


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def text(raw: str | None) -> bytes:
    return struct.pack("<I", len((raw or "").encode())) + (raw or "").encode()


def tree(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1, as written there."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return sha(b"\x01", tree(hashes[:half]), tree(hashes[half:]))


def cut(raw: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(raw):
        end = min(at + 1024, len(raw))
        if end < len(raw):
            line = raw[at:end].rfind(b"\n")
            if line >= 0:
                end = at + line + 1
            while raw[end] >> 6 == 2:
                end -= 1
        found.append((at, raw[at:end]))
        at = end
    return found


def pieces(envelope: dict[str, Any], row: dict[str, Any]) -> list[tuple[int, bytes]]:
    sender = text(row["sender_address"]) + text(row["sender_name"])
    if not row["sender_address"] and not row["sender_name"]:
        sender = b""
    recipients = b"".join(
        bytes([p["role"]]) + text(p["address"]) + text(p["name"]) for p in row["recipients"] or ()
    )
    when = struct.pack(
        "<qqB", envelope["earliest_us"] or 0, envelope["latest_us"] or 0, envelope["basis"]
    )
    context = bytes([envelope["kind"]]) + b"".join(
        text(row[name]) for name in ("conversation", "native_id", "reply_to")
    )
    found = [(0, sender), (1, recipients), (2, when), (3, (row["subject"] or "").encode())]
    found += [(4, context)]
    found += [(5, struct.pack("<Q", at) + raw) for at, raw in cut(row["text"].encode())]
    found += [
        (
            6,
            p["sha256"]
            + struct.pack("<q", p["size_bytes"])
            + text(p["name"])
            + text(p["media_type"])
            + sha((p["text"] or "").encode()),
        )
        for p in row["parts"] or ()
    ]
    return found


def block_root(
    seed: bytes, ids: list[bytes], sources: list[bytes], made: list[list[tuple[int, bytes]]]
) -> bytes:
    count = len(ids) + sum(map(len, made))
    stream = hashlib.shake_256(b"pastwatch salts v1\0" + seed).digest(16 * count)
    salts = [stream[i : i + 16] for i in range(0, len(stream), 16)]
    leaf_salts, rest = salts[: len(ids)], iter(salts[len(ids) :])
    held = []
    for salt, one, source, own in zip(leaf_salts, ids, sources, made, strict=True):
        hashes = [sha(b"\0", next(rest), bytes([kind]), content) for kind, content in own]
        held.append(sha(b"\0", salt, one, source, tree(hashes)))
    return tree(held)


def keyed(key: bytes, label: str, name: str) -> bytes:
    return hmac.digest(key, label.encode() + b"\0" + name.encode(), "sha256")[:8]


def word_hash(token: bytes, key: bytes) -> bytes:
    seed = sha(b"pastwatch token hash 1", key)
    start, first, second = (n | 1 for n in struct.unpack_from("<QQQ", seed))
    padded = token[:64] + bytes(-len(token[:64]) % 8)
    value, whole = start, 2**64 - 1
    for word in struct.unpack(f"<{len(padded) // 8}Q", padded):
        value = (value ^ word) * first & whole
        value ^= value >> 29
    return struct.pack("<I", (value * second & whole) >> 32)


def people_key(field: str) -> bytes:
    return sha(b"pastwatch people words 1", field.encode(), PACK_ID)[:16]


def planes_of(head: bytes, *columns: list[tuple[int, int]]) -> bytes:
    """Each column's integers of so many bytes, byte by byte: the lowest first, of -8 the highest."""
    out = [head]
    for column in columns:
        wide = [n.to_bytes(abs(w), "little" if w > 0 else "big") for n, w in column]
        out += [bytes(one[plane] for one in wide) for plane in range(len(wide[0]))]
    return b"".join(out)


def computed() -> dict[str, str]:
    """The vectors, by name, as the page lists them."""
    section = hkdf(SECRET, "section key v1", PACK_ID + b"\x02")
    id_key = hkdf(ID_SECRET, "record ids v1", SOURCE_ID.encode())
    account_key = hkdf(ACCOUNT_SECRET, "accounts v1", SOURCE_ID.encode())
    frame = hmac.digest(section, struct.pack("<BI", 2, 3), "sha256")
    aad = HEADER_HASH + struct.pack("<BIB", 2, 3, 1)
    salts = hashlib.shake_256(b"pastwatch salts v1\0" + SEED).digest(32)
    piece = sha(b"\0", salts[16:], b"\x03", b"a subject")
    leaf = sha(b"\0", salts[:16], bytes(16), sha(b"original"), piece)
    account = keyed(account_key, "account", "ana@mail.firm.example")
    domains = [keyed(account_key, "domain", d) for d in ("mail.firm.example", "firm.example")]
    return {
        name: value.hex()
        for name, value in {
            "section secret (from 00)": SECRET,
            "pack id": PACK_ID,
            "section key of section 2": section,
            "commitment of section 2": hkdf(SECRET, "section commitment v1", PACK_ID + b"\x02"),
            "frame key of section 2, frame 3": frame,
            "nonce of frame 3": b"\x03" + bytes(11),
            'associated data of it, the last, header "header"': aad,
            'the frame sealed around "plain"': AESGCM(frame).encrypt(
                b"\x03" + bytes(11), b"plain", aad
            ),
            "id key (id secret from 40, source 0011223344556677)": id_key,
            "account key (account secret from 60)": account_key,
            'record id of "original", n = 0': hmac.digest(
                id_key, sha(b"original") + struct.pack("<q", 0), "sha256"
            )[:16],
            'record id of "original", n = 1': hmac.digest(
                id_key, sha(b"original") + struct.pack("<q", 1), "sha256"
            )[:16],
            "account token of Ana@Mail.Firm.example": account[:7] + bytes([account[7] & 0xFE]),
            "domain token of mail.firm.example": domains[0][:7] + bytes([domains[0][7] | 1]),
            "domain token of firm.example": domains[1][:7] + bytes([domains[1][7] | 1]),
            "conversation token of talk": keyed(account_key, "conversation", "talk"),
            "container token of mail.mbox": keyed(account_key, "container", "mail.mbox"),
            "salts 0 and 1 of a block (seed from 80)": salts,
            'piece hash of the subject "a subject" under salt 1': piece,
            "leaf of record 00…00 with that piece alone, under salt 0": leaf,
            "pack root over that block alone": sha(b"\0", leaf),
            "token hash of harbour (hash key from 20), as u32": word_hash(b"harbour", PACK_ID),
            "token hash of harbourmasters, as u32": word_hash(b"harbourmasters", PACK_ID),
            "word index of hash 5 in block 0 and 300 in blocks 0 and 1": planes_of(
                struct.pack("<I", 2**31 + 2), [(5, 4), (300 - 5, 4)], [(1, 2), (3, 2)]
            ),
            "token hash of harbour in a sender": word_hash(b"harbour", people_key("from")),
            "token hash of harbour in a recipient": word_hash(b"harbour", people_key("to")),
            "the same word index, of people too": planes_of(
                struct.pack("<I", 2**31 + 2**30 + 2), [(5, 4), (300 - 5, 4)], [(1, 2), (3, 2)]
            ),
            'check of the original "original"': sha(b"original")[:8],
            "earliest_us of 20 s and 70 s in an envelope, and what stands behind it": planes_of(
                b"", [(2, 8), (7, 8)]
            )
            + struct.pack("<BQ", 1, 10_000_000),
            "planes of the .ids file of ids 01…01 and 03…03": planes_of(
                b"", [(n, -8) for n in (int.from_bytes(b"\1" * 8), int.from_bytes(b"\2" * 8))]
            ),
        }.items()
    }


def listed() -> dict[str, str]:
    page = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"## Vectors\n.*?```text\n(.*?)```", page, re.DOTALL)
    return dict(line.rsplit(" = ", 1) for line in block.splitlines())


def test_the_page_lists_the_vectors_that_its_rules_give() -> None:
    assert listed() == computed()


def test_the_code_gives_the_vectors_of_the_page() -> None:
    keys = SourceKeys.derive(ID_SECRET, ACCOUNT_SECRET, SOURCE_ID)
    tokens = Tokens(keys.account_key)
    section = derive.section_key(SECRET, pack_id=PACK_ID, section=2)
    frame = derive.frame_key(section, section=2, index=3)
    bound = seal.associated(HEADER_HASH, 2, 3, last=True)
    salts = leaves.salts(SEED, 2)
    piece = leaves.piece_hash(salts[16:], leaves.SUBJECT, b"a subject")
    leaf = leaves.record_leaf(salts[:16], bytes(16), sha(b"original"), piece)
    sealer = seal.SectionSealer(pack_id=PACK_ID, section=2)
    sealer._key = section  # noqa: SLF001 - as if this were its secret
    blocks = [np.array([5, 300], np.uint32), np.array([300], np.uint32)]
    ours = [
        SECRET,
        PACK_ID,
        section,
        derive.commitment(SECRET, pack_id=PACK_ID, section=2),
        frame,
        seal.nonce(3),
        bound,
        sealer.seal(b"plain", header_hash=HEADER_HASH, index=3, last=True),
        keys.id_key,
        keys.account_key,
        record_id(keys.id_key, sha(b"original"), 0),
        record_id(keys.id_key, sha(b"original"), 1),
        *tokens.of("Ana@Mail.Firm.example"),
        tokens.conversation("talk"),
        bytes.fromhex(tokens.container("mail.mbox")),
        salts,
        piece,
        leaf,
        leaves.pack_root([leaves.block_root([leaf])]),
        token_hash("harbour", PACK_ID).to_bytes(4, "little"),
        token_hash("harbourmasters", PACK_ID).to_bytes(4, "little"),
        tokens_frame(blocks),
        token_hash("harbour", key_of("from", PACK_ID)).to_bytes(4, "little"),
        token_hash("harbour", key_of("to", PACK_ID)).to_bytes(4, "little"),
        tokens_frame(blocks, people=True),
        sealed_check(b"original"),
        sealed_times(20_000_000, 70_000_000),
        zstandard.ZstdDecompressor()
        .decompressobj()
        .decompress(packed_ids([b"\3" * 16, b"\1" * 16])[8:]),
    ]
    assert [value.hex() for value in ours] == list(listed().values())


def sealed_check(original: bytes) -> bytes:
    """What a raw remainder frame holds of one original's hash."""
    held = [sha(original)], [1], [original]
    columns = [pa.array(c, f.type) for c, f in zip(held, layout.RAW_REMAINDER, strict=True)]
    raw = rests.sealed(pa.RecordBatch.from_arrays(columns, schema=layout.RAW_REMAINDER))
    at = raw.index(sha(original)[:8])
    assert raw.find(sha(original)) < 0
    return raw[at : at + 8]


def sealed_times(*times: int) -> bytes:
    """The first column of whole numbers of an envelope frame of such times, and the frame's end."""
    row = {"record_id": bytes(16), "basis": 1, "held_us": 0, "size_bytes": 0, "kind": 1}
    rest = {"defects": 0, "accounts": [], "conversation": 0}
    rows = [{**row, **rest, "earliest_us": at, "latest_us": at} for at in times]
    table = pa.RecordBatch.from_pylist([], schema=layout.TOKEN_TABLE)
    raw = envelopes.sealed(pa.RecordBatch.from_pylist(rows, schema=layout.ENVELOPE), table)
    ((at, count, width), *_) = inplace.numbers(memoryview(raw))
    return raw[at : at + count * width] + raw[-9:]


# The pack kept since version 1.


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((VECTORS / "vector.json").read_bytes())
    return plain


@pytest.fixture(scope="module")
def raw() -> bytes:
    return (VECTORS / "vector.pack").read_bytes()


def outline(raw: bytes) -> tuple[dict[str, Any], bytes, list[list[tuple[int, int]]], list[bytes]]:
    """Header, its hash, frame places by section, and the roots of the footer."""
    assert raw[:8] == b"PWPACK1\n"
    (size,) = struct.unpack_from("<I", raw, 8)
    body = raw[12 : 12 + size]
    header = json.loads(body)
    assert rfc8785.dumps(header) == body
    (at,) = struct.unpack_from("<Q", raw, len(raw) - 16)
    assert (raw[at : at + 8], raw[-8:]) == (b"PWFOOT1\n", b"PWPEND1\n")
    at += 8
    places: list[list[tuple[int, int]]] = []
    expected = 12 + size
    for _ in range(4):
        (count,) = struct.unpack_from("<I", raw, at)
        at += 4
        places.append([])
        for _ in range(count):
            offset, length = struct.unpack_from("<QQ", raw, at)
            assert offset == expected
            assert sha(raw[offset : offset + length]) == raw[at + 16 : at + 48]
            places[-1].append((offset, length))
            expected += length
            at += 48
    (count,) = struct.unpack_from("<I", raw, at)
    roots = [raw[at + 4 + 32 * i : at + 36 + 32 * i] for i in range(count + 1)]
    assert at + 4 + 32 * (count + 1) + 16 == len(raw)
    return header, sha(raw[: 12 + size]), places, roots


def opened(
    raw: bytes, facts: dict[str, Any]
) -> Callable[[int, int, bytes], tuple[int, bytes, bytes]]:
    """A function from (section, index, dictionary) to (codec, extra, raw) of that frame."""
    _, header_hash, places, _ = outline(raw)
    pack_id = bytes.fromhex(facts["pack_id"])

    def frame(section: int, index: int, dictionary: bytes = b"") -> tuple[int, bytes, bytes]:
        secret = bytes.fromhex(facts["section_secrets"][section])
        key = hkdf(secret, "section key v1", pack_id + bytes([section]))
        offset, size = places[section][index]
        last = index == len(places[section]) - 1
        plain = AESGCM(hmac.digest(key, struct.pack("<BI", section, index), "sha256")).decrypt(
            index.to_bytes(12, "little"),
            raw[offset : offset + size],
            header_hash + struct.pack("<BIB", section, index, last),
        )
        codec, version, zero, extra, length = struct.unpack_from("<BBHIQ", plain)
        assert (version, zero) == (1, 0)
        packed = plain[16 + extra :]
        if codec:
            known = zstandard.ZstdCompressionDict(
                dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT
            )
            reader = (
                zstandard.ZstdDecompressor(dict_data=known)
                if codec == 2
                else zstandard.ZstdDecompressor()
            )
            packed = reader.decompress(packed, max_output_size=length)
        assert len(packed) == length
        return codec, plain[16 : 16 + extra], packed

    return frame


def columns(raw: bytes, *schemas: pa.Schema) -> list[list[dict[str, Any]]]:
    found, at = [], 0
    for schema in schemas:
        (size,) = struct.unpack_from("<I", raw, at)
        body = pa.py_buffer(raw[at + 4 : at + 4 + size])
        found.append(pa.ipc.read_record_batch(body, schema).to_pylist())
        at += 4 + size
    assert at == len(raw)
    return found


def test_the_kept_pack_is_the_one_that_was_made(raw: bytes, facts: dict[str, Any]) -> None:
    assert hashlib.sha256(raw).hexdigest() == facts["sha256"]
    root, digest = bytes.fromhex(facts["root"]), bytes.fromhex(facts["sha256"])
    assert damage(raw, name=facts["pack_id"], root=root, sha256=digest) == []


def test_the_kept_pack_reads_by_the_page_alone(raw: bytes, facts: dict[str, Any]) -> None:
    header, _, places, roots = outline(raw)
    pack_id = bytes.fromhex(facts["pack_id"])
    assert header == {
        "format": 1,
        "fold": header["fold"],
        "pack_id": facts["pack_id"],
        "source_id": SOURCE_ID,
        "sections": [
            {
                "name": name,
                "commitment": hkdf(
                    bytes.fromhex(facts["section_secrets"][number]),
                    "section commitment v1",
                    pack_id + bytes([number]),
                ).hex(),
            }
            for name, number in KINDS.items()
        ],
    }
    assert [len(p) for p in places] == [3, 1, 3, 3]
    frame = opened(raw, facts)
    drafts, codecs, own_roots = vector_drafts(), set(), []
    ids: list[bytes] = []
    for block in range(facts["blocks"]):
        _, _, envelope_raw = frame(0, block, b"")
        envelope, table = columns(envelope_raw, layout.ENVELOPE, layout.TOKEN_TABLE)
        _, seed, text_raw = frame(2, block, b"")
        (rows,) = columns(text_raw, layout.TEXT)
        codec, _, rest_raw = frame(3, block, text_raw)
        codecs.add(codec)
        (rests,) = columns(rest_raw, layout.REMAINDER)
        made = [pieces(e, row) for e, row in zip(envelope, rows, strict=True)]
        sources = [rest["source_sha256"] for rest in rests]
        own_roots.append(block_root(seed, [e["record_id"] for e in envelope], sources, made))
        for e, row, rest in zip(envelope, rows, rests, strict=True):
            draft, original = drafts[len(ids)], rest["rest"]
            if rest["text_at"] >= 0:
                at = rest["text_at"]
                original = original[:at] + row["text"].encode() + original[at:]
            assert original == draft.original
            assert row["text"] == draft.text
            assert sha(original) == rest["source_sha256"]
            assert table[e["conversation"]]["token"]
            ids.append(e["record_id"])
    assert {1, 2} <= codecs, "both codecs are in the kept pack"
    assert own_roots == roots[:-1]
    assert tree([sha(b"\0", root) for root in own_roots]) == roots[-1]
    assert roots[-1].hex() == facts["root"]
    assert b"".join(sorted(ids)) == (VECTORS / "vector.ids").read_bytes()
    with pytest.raises(InvalidTag):
        frame_of_wrong_place(raw, facts)


def frame_of_wrong_place(raw: bytes, facts: dict[str, Any]) -> None:
    """The second text frame under the key of the first."""
    _, header_hash, places, _ = outline(raw)
    secret = bytes.fromhex(facts["section_secrets"][2])
    key = hkdf(secret, "section key v1", bytes.fromhex(facts["pack_id"]) + b"\x02")
    offset, size = places[2][1]
    AESGCM(hmac.digest(key, struct.pack("<BI", 2, 0), "sha256")).decrypt(
        bytes(12), raw[offset : offset + size], header_hash + struct.pack("<BIB", 2, 0, 0)
    )


def test_todays_code_reads_the_kept_pack(tmp_path: Path, raw: bytes, facts: dict[str, Any]) -> None:
    name = facts["pack_id"]
    store = LocalStore(tmp_path / "packs")
    store.put_new(place.pack_key(name), [raw])
    opener = PackOpener(store, name)
    identity = AgeIdentity.from_secret(facts["age_identity"])
    wrapped = (VECTORS / "vector.keys").read_bytes()
    keys = opener.section_keys(wrapped, identity)
    drafts = iter(vector_drafts())
    for block in range(facts["blocks"]):
        text_key = frame_keys(keys, 2, block)
        _, shown = opener.text(text_key, block, reuse=False)
        rest = opener.remainder(frame_keys(keys, 3, block), block, text_key=text_key)
        opener.envelope(frame_keys(keys, 0, block), block)
        for row in range(shown.num_rows):
            draft = next(drafts)
            assert restore(shown, rest, row, pack_id=name) == draft.original
            assert shown.column("subject")[row].as_py() == (draft.subject or None)
    hash_key, _ = opener.tokens(frame_keys(keys, 1, 0), 0)
    assert len(hash_key) == 16
    assert read_pack(raw, name=name).root.hex() == facts["root"]


def test_the_kept_keys_are_an_age_file_of_the_pages_json(facts: dict[str, Any]) -> None:
    identity = pyrage.x25519.Identity.from_str(facts["age_identity"])
    plain = json.loads(pyrage.decrypt((VECTORS / "vector.keys").read_bytes(), [identity]))
    assert plain == {
        "pack_id": facts["pack_id"],
        "sections": dict(zip(KINDS, facts["section_secrets"], strict=True)),
    }
    assert set(plain["sections"]) == set(
        opening.unwrap_secrets(
            (VECTORS / "vector.keys").read_bytes(),
            identity=AgeIdentity.from_secret(facts["age_identity"]),
            pack_id=facts["pack_id"],
        )
    )


def test_the_page_names_every_column() -> None:
    page = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    for schema in (layout.ENVELOPE, layout.TOKEN_TABLE, layout.TEXT, layout.REMAINDER):
        for name in schema.names:
            assert re.search(rf"\b{name}\b", page), name
