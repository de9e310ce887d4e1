"""Ways to alter a released brief: with a text editor, with the release key, with keys of one's own."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from pastwatch.archive.policy import Office, Policy, PolicyKey, signed_policy
from pastwatch.ledger import tree
from pastwatch.ledger.checkpoint import Checkpoint
from pastwatch.ledger.note import sign_note
from pastwatch.sealing.signing import SigningKey

Files = dict[str, bytes]
OWN = {
    office: SigningKey(bytes([40 + n]) * 32)
    for n, office in enumerate(("custodian", "collector", "analyst", "checkpoint"))
}
SIGNS = {
    "policy": "custodian",
    "authority": "custodian",
    "grant": "custodian",
    "collect.commit": "collector",
}


def canonical(plain: Any) -> bytes:
    """JSON as a brief's files are written."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def edited(files: Files, name: str, edit: Callable[[Any], None]) -> Files:
    """One JSON file edited and written back in its canonical form."""
    plain = json.loads(files[name])
    edit(plain)
    return {**files, name: canonical(plain)}


def entry_of(shipped: dict[str, Any], number: int) -> dict[str, Any]:
    """A ledger entry that ledger.json ships."""
    found: dict[str, Any] = json.loads(base64.b64decode(shipped["entries"][str(number)]["entry"]))
    return found


def relisted_release(files: Files, edit: Callable[[dict[str, str]], None] | None = None) -> Files:
    """The hashes of the release entry rewritten for these files, its signature left as it was."""

    def rewrite(shipped: Any) -> None:
        entry = entry_of(shipped, shipped["release"])
        for name in entry["objects"]:
            entry["objects"][name] = hashlib.sha256(files[name]).hexdigest()
        if edit:
            edit(entry["objects"])
        held = shipped["entries"][str(shipped["release"])]
        held["entry"] = base64.b64encode(canonical(entry)).decode()

    return edited(files, "ledger.json", rewrite)


def resigned_checkpoint(files: Files, signer: SigningKey = OWN["checkpoint"]) -> Files:
    """The ledger that is shipped whole, under a root of its entries as they now are, signed anew."""
    shipped = json.loads(files["ledger.json"])
    lines = [canonical(entry_of(shipped, n)) for n in range(len(shipped["entries"]))]
    leaves = [tree.leaf_hash(line) for line in lines]
    origin = shipped["checkpoint"].split("\n")[0]
    text = Checkpoint(origin=origin, size=len(lines), root=tree.root(leaves)).text()
    note = sign_note(text, name=origin, signer=signer, public_key=signer.public)
    shipped["checkpoint"] = note.decode()
    for number, line in enumerate(lines):
        path = tree.inclusion_path(number, len(leaves), leaves.__getitem__)
        shipped["entries"][str(number)] = {
            "entry": base64.b64encode(line).decode(),
            "path": [h.hex() for h in path],
        }
    return {**files, "ledger.json": canonical(shipped)}


def own_archive(files: Files, *, also_signs: bytes | None = None, names: str = "") -> Files:
    """The same brief from a whole archive of one's own: own policy, entries, checkpoint.

    `also_signs` is a public key that the policy names for checkpoints besides, `names` a file that
    the release names besides.
    """
    shipped = json.loads(files["ledger.json"])
    keys = [
        PolicyKey(public=key.public, person=f"the {office}", offices=(Office(office),))
        for office, key in OWN.items()
    ]
    if also_signs is not None:
        keys.append(PolicyKey(public=also_signs, person="witness", offices=(Office.CHECKPOINT,)))
    policy = signed_policy(
        Policy(archive_id="7f3a", keys=tuple(keys), recipients=()), OWN["custodian"]
    )
    shipped["policies"] = [{"sequence": 0, "policy": base64.b64encode(policy).decode()}]
    entries = {int(n): entry_of(shipped, int(n)) for n in shipped["entries"]}
    entries[0]["objects"]["policy"] = hashlib.sha256(policy).hexdigest()
    release = shipped["release"]
    for number in sorted(entries):
        entry = entries[number]
        if number == release:
            files = edited(files, "proofs.json", lambda proofs: _rebased(proofs, entries))
            told = {n: hashlib.sha256(files[n]).hexdigest() for n in entry["objects"]}
            entry["objects"] = {**told, **({names: "00" * 32} if names else {})}
        key = OWN[SIGNS.get(entry["act"], "analyst")]
        entry["actor"] = key.key_id
        entry.pop("signature")
        signature = key.sign(b"pastwatch ledger entry v1\n" + canonical(entry))
        entry["signature"] = base64.b64encode(signature).decode()
        shipped["entries"][str(number)]["entry"] = base64.b64encode(canonical(entry)).decode()
    return resigned_checkpoint({**files, "ledger.json": canonical(shipped)})


def _rebased(proofs: dict[str, Any], entries: dict[int, dict[str, Any]]) -> None:
    """Proofs that name the commits of the own ledger."""
    for proof in proofs.values():
        entry = canonical(entries[proof["sequence"]])
        proof["entry"] = base64.b64encode(entry).decode()
