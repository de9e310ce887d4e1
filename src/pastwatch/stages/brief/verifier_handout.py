"""How a version made to be handed out is checked, alone and against the full brief."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pastwatch.stages.brief.arithmetic import canonical, fold, piece_root, sha256, unhex

HANDOUT = "handout"


def handout_key(salts: Iterable[bytes]) -> bytes:
    """The key of the sentences of a full brief, out of the salts of the records it cites."""
    return sha256(b"pastwatch handout v1\x00" + b"".join(sorted(salts)))


def bound(key: bytes, words: str) -> str:
    """Words bound under a key, in hex."""
    return hmac.new(key, words.encode(), hashlib.sha256).hexdigest()


def citation_words(part: int, start_byte: int, end_byte: int, text_sha256: str) -> str:
    """A citation as it is bound: which bytes of which part, and their hash."""
    return f"{part} {start_byte} {end_byte} {text_sha256}"


def committed_root(proof: dict[str, Any]) -> str:
    """Record leaf -> block -> pack root, in hex."""
    paths = [[unhex(h) for h in proof[k]] for k in ("block_path", "pack_path")]
    block = fold(unhex(proof["leaf"]), proof["row"], proof["block_records"], paths[0])
    return fold(sha256(b"\x00" + block), proof["block"], proof["pack_blocks"], paths[1]).hex()


def record_leaf(proof: dict[str, Any]) -> str:
    """The leaf of a record that a full brief proves, in hex."""
    held = b"".join(unhex(proof[k]) for k in ("leaf_salt", "record_id", "source_sha256"))
    pieces = bytes(32) if "attested" in proof else piece_root(proof)
    return sha256(b"\x00" + held + pieces).hex()


def committed(
    label: str, proof: dict[str, Any], entry: dict[str, Any], is_held: bool, unseen: set[int]
) -> tuple[list[str], str]:
    """What is wrong with a record shown by its leaf alone, and what is to be said of it."""
    known = is_held and (bool(entry) or proof["sequence"] in unseen)
    if not known or (entry and entry["objects"].get("root") != proof["pack_root"]):
        return [f"record {label}: its pack's commit is not in the ledger"], ""
    if committed_root(proof) != proof["pack_root"]:
        return [f"record {label}: what is shown did not stand in the sealed pack"], ""
    also = "" if entry else ", and so is its pack's commit"
    return [], f"record {label} is shown by commitment: checked against the full brief{also}"


def is_bound(cite: dict[str, Any]) -> bool:
    """Whether a citation is bound by a hash, and by nothing else."""
    return len(unhex(cite["commitment"])) == len(sha256(b"")) and "text_sha256" not in cite


def adds_up(coverage: dict[str, Any]) -> bool:
    """Whether each step of a coverage is a part of the one before."""
    steps = [coverage.get(k, 0) for k in ("held", "in_scope", "readable", "scanned", "matched")]
    return steps == sorted(steps, reverse=True)


def withheld(shipped: dict[str, Any], size: int, root: bytes) -> tuple[set[int], list[str]]:
    """The entries given as leaves that stand under the checkpoint, and what is wrong with others."""
    held, problems = set(), []
    for number, one in shipped.get("withheld", {}).items():
        path = [unhex(h) for h in one["path"]]
        if fold(unhex(one["leaf"]), int(number), size, path) == root:
            held.add(int(number))
        else:
            problems.append(f"ledger entry {number} does not stand under the checkpoint")
    return held, problems


def key_table(
    shipped: dict[str, Any], release: dict[str, Any]
) -> dict[str, tuple[bytes, set[str]]]:
    """The keys of the policy without their persons, as the release binds them; empty if it does not."""
    keys: dict[str, tuple[bytes, set[str]]] = {}
    for one in shipped["policies"]:
        if (
            release["objects"].get(f"keys-{one['sequence']}")
            == sha256(canonical(one["keys"])).hex()
        ):
            keys.update(keys_by_id(one["keys"]))
    return keys


def keys_by_id(table: list[dict[str, Any]]) -> dict[str, tuple[bytes, set[str]]]:
    """Public keys with what each may do, by the id that entries name them with."""
    made = ((unhex(key["public"]), set(key["offices"])) for key in table)
    return {sha256(public).hex()[:16]: (public, offices) for public, offices in made}


def against(handout: Path, full: Path) -> tuple[list[str], list[str]]:
    """What of a version handed out does not agree with the full brief; and how much was compared."""
    told = [json.loads((handout / n).read_bytes()) for n in ("brief.json", "proofs.json")]
    whole = [json.loads((full / n).read_bytes()) for n in ("brief.json", "proofs.json")]
    problems: list[str] = []
    salts = {n: unhex(p["leaf_salt"]) for n, p in whole[1].items()}
    key = handout_key(salts.values())
    by_leaf = {record_leaf(p): n for n, p in whole[1].items()}
    same = {label: by_leaf[p["leaf"]] for label, p in told[1].items() if p["leaf"] in by_leaf}
    problems += [f"record {n} is not in the full brief" for n in told[1] if n not in same]
    said: dict[str, set[str]] = {}
    for one in whole[0]["sentences"]:
        made = {
            bound(
                salts[c["record"]],
                citation_words(c["part"], c["start_byte"], c["end_byte"], c["text_sha256"]),
            )
            for c in one["citations"]
        }
        said.setdefault(bound(key, one["text"]), set()).update(made)
    count = 0
    for one in told[0]["sentences"]:
        count += len(one["citations"])
        if "full" not in one and not salts:
            continue  # a brief that cites no record has no key to bind its sentences with
        if one["full"] not in said:
            problems.append(f"sentence {one['id']} does not stand in the full brief")
        elif {c["commitment"] for c in one["citations"]} - said[one["full"]]:
            problems.append(f"sentence {one['id']}: the full brief cites something else")
        if {c["record"] for c in one["citations"]} - set(same):
            problems.append(f"sentence {one['id']} cites a record that the full brief does not")
    compared = sum("full" in one for one in told[0]["sentences"])
    notes = [f"{compared} sentences and {count} citations held against the full brief"]
    return problems, notes
