"""The worked example of docs/ledger.md, recomputed with the standard tools and then with ours."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pastwatch.ledger.checkpoint import sign_checkpoint, verify_checkpoint
from pastwatch.ledger.entry import Act, EntryDraft, Signer, key_id, verify_entry
from pastwatch.ledger.log import Ledger
from pastwatch.ledger.note import verifier_key
from pastwatch.ledger.tree import verify_consistency, verify_inclusion

PAGE = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```\w+ (\S+)\n(.*?\n)```\n", PAGE, re.DOTALL))
ORIGIN = "archive.example/ledger"
PUBLIC_KEY = bytes.fromhex(BLOCKS["public-key"].split()[0])


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def hashes(block: str) -> list[bytes]:
    return [bytes.fromhex(line) for line in BLOCKS[block].split()]


def test_the_page_holds_with_nothing_but_sha256_json_and_ed25519() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    assert private.public_key().public_bytes_raw() == PUBLIC_KEY
    lines = BLOCKS["entries.log"].encode().splitlines()
    for line in lines:
        members = json.loads(line)
        signature = base64.b64decode(members.pop("signature"))
        bare = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
        assert private.sign(b"pastwatch ledger entry v1\n" + bare) == signature
        assert members["actor"] == sha256(PUBLIC_KEY).hex()[:16] == BLOCKS["public-key"].split()[1]
    leaves = [sha256(b"\0" + line) for line in lines]
    assert leaves == hashes("leaves")
    pair = sha256(b"\1" + leaves[0] + leaves[1])
    roots = [sha256(b""), leaves[0], pair, sha256(b"\1" + pair + leaves[2])]
    assert BLOCKS["roots"] == "".join(f"{n} {root.hex()}\n" for n, root in enumerate(roots))
    assert hashes("inclusion") == [leaves[0], leaves[2]]
    assert hashes("consistency") == [leaves[2]]
    text = f"{ORIGIN}\n3\n{base64.b64encode(roots[3]).decode()}\n"
    hashed = sha256(ORIGIN.encode() + b"\n\x01" + PUBLIC_KEY)[:4]
    signed = base64.b64encode(hashed + private.sign(text.encode())).decode()
    assert BLOCKS["checkpoint"] == f"{text}\n— {ORIGIN} {signed}\n"


def test_the_program_writes_and_reads_the_same_bytes(ledger: Ledger, signer: Signer) -> None:
    example = [json.loads(line) for line in BLOCKS["entries.log"].splitlines()]
    for members, back_us in zip(example, (0, 0, 6), strict=True):
        draft = EntryDraft(
            act=Act(members["act"]),
            clock_us=members["time_us"] - back_us,
            objects=members["objects"],
            outcome=members["outcome"],
        )
        ledger.append([draft], signer)
    assert ledger.path.read_text(encoding="utf-8") == BLOCKS["entries.log"]
    note = sign_checkpoint(ledger, origin=ORIGIN, signer=signer, public_key=PUBLIC_KEY)
    assert note.decode() == BLOCKS["checkpoint"]
    assert verifier_key(ORIGIN, PUBLIC_KEY) + "\n" == BLOCKS["verifier-key"]
    checkpoint = verify_checkpoint(note, {ORIGIN: PUBLIC_KEY})
    assert all(verify_entry(entry, PUBLIC_KEY) for entry in ledger.entries())
    assert key_id(PUBLIC_KEY) == signer.key_id
    leaves = hashes("leaves")
    assert verify_inclusion(
        leaves[1], index=1, size=3, path=hashes("inclusion"), root=checkpoint.root
    )
    assert verify_consistency(
        old_size=2,
        new_size=3,
        old_root=ledger.root(2),
        new_root=checkpoint.root,
        path=hashes("consistency"),
    )


def test_every_act_is_on_the_page() -> None:
    table = PAGE.split("### Acts")[1].split("## Tree")[0]
    assert re.findall(r"^\| `([a-z.]+)` \|", table, re.MULTILINE) == [act.value for act in Act]
