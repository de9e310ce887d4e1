"""Checks a brief with no archive, no key and no library: each sentence, citation and signature.

    python verify.py [FOLDER] [--checkpoint FILE]

Needs Python 3.9 or later and nothing else. Exit status: 0 all holds, 20 something does not.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pastwatch.stages.brief.arithmetic import (
    attested_root,
    canonical,
    ed25519,
    fold,
    pack_root,
    sha256,
    shown,
    strings,
    unbase64,
    unhex,
    utc,
)
from pastwatch.stages.brief.verifier_page import Sentences

NEEDED = ("brief.html", "brief.json", "proofs.json", "verify.py")
CITING = ("observation", "reported-claim", "quote")
GROUNDED = (
    "lineage",
    "entry",
    "exhibit",
    "question",
    "hypothesis",
    "item",
    "dissent",
    "translation",
)
COMMITS = ("collect.commit", "collect.adopt", "repack")
SENDER, RECIPIENTS, WHEN, SUBJECT, CONTEXT, TEXT, PART = range(7)
BROKEN = (
    ValueError,
    ArithmeticError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    struct.error,
    RecursionError,
)


@dataclass(frozen=True)
class Report:
    """What was found wrong, and what the rest was held against; sound when nothing is wrong."""

    problems: tuple[str, ...]
    notes: tuple[str, ...]
    trusted: str
    sentences: int
    citations: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


def verify(
    directory: Path, *, checkpoint: bytes | None = None, checkpoint_name: str = "given"
) -> Report:
    """Check a brief's folder; whatever is wrong is a problem in the report, never an exception."""
    check = _Check(Path(directory))
    for step in (check.ledger, check.files, check.sentences, check.records, check.citations):
        try:
            step()
        except BROKEN:
            check.wrong(f"{check.reading} does not read, or lacks something")
    trusted = "its own checkpoint: consistent with itself"
    if checkpoint is not None:
        trusted = f"checkpoint {checkpoint_name}"
        if checkpoint.rpartition(b"\n\n")[0] != check.note.rpartition(b"\n\n")[0]:
            check.wrong(f"the brief's checkpoint is not the one in {checkpoint_name}")
        elif not check.is_signed_note(checkpoint):
            check.wrong(f"{checkpoint_name} is not signed by a checkpoint key of the policy")
    return Report(
        problems=tuple(dict.fromkeys(check.problems)),
        notes=tuple(check.notes),
        trusted=trusted,
        sentences=len(check.said),
        citations=check.cited,
    )


class _Check:
    """One check of one folder, step by step; each step uses what the ones before it found."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.reading = "the brief"
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.note = b""
        self.keys: dict[str, tuple[bytes, set[str]]] = {}
        self.entries: dict[int, dict[str, Any]] = {}
        self.released: dict[str, str] = {}
        self.said: list[dict[str, Any]] = []
        self.listed: dict[str, Any] = {}
        self.proven: dict[str, list[tuple[int, bytes]]] = {}
        self.proofs: dict[str, Any] = {}
        self.cited = 0

    def wrong(self, what: str) -> None:
        self.problems.append(what)

    def read(self, name: str) -> bytes:
        self.reading = name
        try:
            return (self.directory / name).read_bytes()
        except OSError:
            return b""

    def ledger(self) -> None:
        """Checkpoint, policy, and every entry shipped: its place, its signature, its form."""
        raw = self.read("ledger.json")
        shipped = json.loads(raw)
        if canonical(shipped) != raw:
            self.wrong("ledger.json is not in its canonical form")
        self.note = shipped["checkpoint"].encode()
        _, size, root = self.note.decode().split("\n")[:3]
        for number, held in shipped["entries"].items():
            line = unbase64(held["entry"])
            path = [unhex(h) for h in held["path"]]
            if fold(sha256(b"\x00" + line), int(number), int(size), path) != unbase64(root):
                self.wrong(f"ledger entry {number} does not stand under the checkpoint")
                continue
            self.entries[int(number)] = entry = json.loads(line)
            if canonical(entry) != line or entry["sequence"] != int(number):
                self.wrong(f"ledger entry {number} is not in its canonical form")
        for held in shipped["policies"]:
            self.policy(held["sequence"], unbase64(held["policy"]))
        if not self.is_signed_note(self.note):
            self.wrong("the checkpoint is not signed by a checkpoint key of the policy")
        self.signatures()
        release = self.entries.get(shipped["release"], {})
        if release.get("act") != "release" or not self.holds(release, "analyst", "custodian"):
            self.wrong("the release is not in the ledger under a key that may release")
        self.released = {n: h for n, h in release.get("objects", {}).items() if "." in n}

    def signatures(self) -> None:
        """Every entry shipped is signed by a key of the policy; who granted to himself is told."""
        for number, entry in self.entries.items():
            unsigned = {k: v for k, v in entry.items() if k != "signature"}
            message = b"pastwatch ledger entry v1\n" + canonical(unsigned)
            public, _ = self.keys.get(entry["actor"], (b"", set()))
            if not ed25519(public, message, unbase64(entry["signature"])):
                self.wrong(f"ledger entry {number} is not signed by a key the policy names")
            if entry["act"] == "authority" and entry["outcome"].get("self_authorised"):
                self.notes.append("self-authorised: who asked is who granted")

    def policy(self, sequence: int, raw: bytes) -> None:
        """Take over the keys of a policy: entry 0 is the root of trust, later ones follow it."""
        entry, whole = self.entries.get(sequence, {}), json.loads(raw)
        keys = {
            sha256(unhex(k["public"])).hex()[:16]: (
                unhex(k["public"]),
                set(k["offices"]),
            )
            for k in whole["policy"]["keys"]
        }
        before = self.keys or (keys if sequence == 0 else {})
        public, offices = before.get(entry.get("actor", ""), (b"", set()))
        own, own_offices = keys.get(whole["key_id"], (b"", set()))
        message = b"pastwatch policy v1\n" + canonical(whole["policy"])
        sound = entry.get("objects", {}).get("policy") == sha256(raw).hex()
        sound = sound and "custodian" in offices and "custodian" in own_offices and bool(public)
        if not sound or not ed25519(own, message, unbase64(whole["signature"])):
            self.wrong(f"the policy is not the one that ledger entry {sequence} lays down")
        self.keys = {**self.keys, **keys}

    def holds(self, entry: dict[str, Any], *offices: str) -> bool:
        """Whether the key that signed the entry holds one of these offices."""
        return bool(self.keys.get(entry.get("actor", ""), (b"", set()))[1] & set(offices))

    def is_signed_note(self, note: bytes) -> bool:
        """Whether a checkpoint key of the policy signed the note (C2SP signed-note)."""
        text, _, lines = note.decode("utf-8", "replace").rpartition("\n\n")
        for line in lines.split("\n"):
            dash, _, rest = line.partition(" ")
            name, _, spelled = rest.partition(" ")
            if dash != "\u2014" or not spelled:
                continue
            for public, offices in self.keys.values():
                hint = sha256(name.encode() + b"\n\x01" + public)[:4]
                signed = unbase64(spelled)
                if "checkpoint" in offices and signed[:4] == hint:
                    return ed25519(public, (text + "\n").encode(), signed[4:])
        return False

    def files(self) -> None:
        """Every file released is here, with the very bytes that were released."""
        for name in sorted({*NEEDED, *self.released}):
            if not self.is_as_released(name) and name not in ("brief.html", "brief.json"):
                self.wrong(f"{name} differs from what was released, or is missing")
        for path in sorted(self.directory.iterdir()):
            if path.name not in self.released and path.name != "ledger.json":
                self.notes.append(f"{path.name} is not part of the release and was not checked")

    def is_as_released(self, name: str) -> bool:
        """Whether a file has the hash the release entry names."""
        return self.released.get(name) == sha256(self.read(name)).hex()

    def sentences(self) -> None:
        """The sentences a reader sees are those released, one by one."""
        whole, page = self.is_as_released("brief.json"), self.is_as_released("brief.html")
        found, before = Sentences(), len(self.problems)
        found.feed(self.read("brief.html").decode("utf-8", "replace"))
        found.close()
        shown = dict(found.said)
        if not whole:
            self.wrong("brief.json differs from what was released, or is missing")
        sidecar = json.loads(self.read("brief.json"))
        self.said, self.listed = sidecar["sentences"], sidecar["records"]
        blamed = "brief.html" if whole else "brief.json" if page else "brief.html or brief.json"
        for one in self.said:
            if shown.get(one["id"]) is None:
                self.wrong(f"sentence {one['id']} is missing from brief.html")
            elif shown[one["id"]] != one["text"]:
                self.wrong(f"sentence {one['id']} of {blamed} differs from what was released")
        released = [one["id"] for one in self.said]
        for extra in sorted(set(shown) - set(released)):
            self.wrong(f"brief.html holds a sentence {extra[:20]!r} that was not released")
        if sorted(shown) == sorted(released) and [i for i, _ in found.said] != released:
            self.wrong("the sentences of brief.html stand in another order, or twice")
        if not page and len(self.problems) == before:
            self.wrong("brief.html differs from what was released, outside its sentences")

    def records(self) -> None:
        """Every cited record stood in a pack that a collector signed into the ledger."""
        self.proofs = json.loads(self.read("proofs.json"))
        for label, proof in self.proofs.items():
            self.reading = f"the proof of {label}"
            entry = self.entries.get(proof["sequence"], {})
            if unbase64(proof["entry"]) != canonical(entry) or entry["act"] not in COMMITS:
                self.wrong(f"record {label}: its pack's commit is not in the ledger")
            elif not self.holds(entry, "custodian" if entry["act"] == "repack" else "collector"):
                self.wrong(f"record {label}: its pack is not signed by a collector")
            elif entry["outcome"].get("pack_id", proof["pack_id"]) != proof["pack_id"]:
                self.wrong(f"record {label}: its pack is not the one committed")
            elif entry["objects"].get("root") != pack_root(proof):
                self.wrong(f"record {label}: what is shown did not stand in the sealed pack")
            elif self.listed.get(label, {}).get("record_id") != proof["record_id"]:
                self.wrong(f"record {label} of brief.json is not the record proved")
            elif "attested" in proof and not self.is_attested(label, proof["attested"]):
                self.wrong(f"record {label}: what is shown is not what its parser told the ledger")
            else:
                self.proven[label] = [
                    (p["kind"], unbase64(p["content"])) for p in proof["pieces"] if "content" in p
                ]

    def is_attested(self, label: str, told: dict[str, Any]) -> bool:
        """Whether a parser's run told the ledger these pieces of a record sealed unparsed."""
        entry = self.entries.get(told["sequence"], {"act": ""})
        if entry["act"] != "pieces" or not self.holds(entry, "analyst", "custodian"):
            return False
        self.notes.append(
            f"record {label} was sealed unparsed: what is shown of it is attested by the parser run "
            f"({entry['outcome']['parser']}, ledger entry {told['sequence']})"
        )
        return bool(entry["objects"].get("pieces") == attested_root(self.proofs[label]))

    def citations(self) -> None:
        """Every citation is of bytes that its record holds; every sentence stands on something."""
        self.reading = "brief.json"
        for one in self.said:
            name, kind, cites = one["id"], one["kind"], one["citations"]
            bare = not cites and not one["ledger"] and not one["coverage"]
            if (
                (kind in CITING and not cites)
                or (kind == "negative" and not one["coverage"])
                or (kind in GROUNDED and bare)
            ):
                self.wrong(f"sentence {name} stands on nothing")
            for number in one["ledger"]:
                if number not in self.entries:
                    self.wrong(f"sentence {name}: ledger entry {number} is not shipped")
            cover = one["coverage"] or {}
            steps = [
                cover.get(k, 0) for k in ("held", "in_scope", "readable", "scanned", "matched")
            ]
            if steps != sorted(steps, reverse=True):
                self.wrong(f"sentence {name}: its coverage does not add up")
            for cite in cites:
                self.cited += 1
                quoted = self.quoted(cite)
                if quoted is None or sha256(quoted).hex() != cite["text_sha256"]:
                    self.wrong(f"sentence {name}: its record {cite['record']} does not say this")
                elif kind == "quote" and quoted.decode() != one["text"]:
                    self.wrong(f"sentence {name} is not what its record {cite['record']} says")
            if kind == "record" and not self.describes(one):
                self.wrong(f"sentence {name} is not what its record {one['record']} says")

    def quoted(self, cite: dict[str, Any]) -> bytes | None:
        """The bytes a citation names, out of proved pieces; None when they are not there."""
        pieces, part = self.proven.get(cite["record"]), cite["part"]
        start, end = cite["start_byte"], cite["end_byte"]
        if pieces is None or not 0 <= start < end:
            return None
        if part == 0:
            cut = sorted((struct.unpack_from("<Q", c)[0], c[8:]) for k, c in pieces if k == TEXT)
            inside = [(at, text) for at, text in cut if at < end and at + len(text) > start]
            first, text = (inside[0][0] if inside else end), b""
            for at, more in inside:
                if at != first + len(text):
                    return None
                text += more
        elif part == -1:
            first, text = 0, next(c for k, c in pieces if k == SUBJECT)
        else:
            held = [c for k, c in pieces if k == PART][part - 1]
            text = unbase64(self.proofs[cite["record"]]["part_texts"][str(part)])
            first = 0 if sha256(text) == held[-32:] else end
        return (
            text[start - first : end - first]
            if first <= start and end <= first + len(text)
            else None
        )

    def describes(self, one: dict[str, Any]) -> bool:
        """Whether a line about a record (when, from, to …) says what its pieces say."""
        pieces = self.proven.get(one["record"], [])
        name, _, rest = one["text"].partition(": ")
        held = dict(pieces)
        said: list[str] = []
        if name == "When" and pieces:
            earliest, latest, basis = struct.unpack("<qqB", held[WHEN])
            within = utc(earliest) in rest and utc(latest) in rest
            said = [rest if basis and within else "undated" if not basis else ""]
        elif name == "From" and pieces:
            said = [shown(*strings(held[SENDER], 2)[0]) if held[SENDER] else "not stated"]
        elif name == "To" and pieces:
            said = [", ".join(shown(*p) for p in strings(held[RECIPIENTS], 2, skip=1))]
        elif name == "Conversation" and pieces:  # hidden with the transport's ids when redacted
            said = [strings(held[CONTEXT][1:], 3)[0][0] if CONTEXT in held else rest]
        elif name == "Attachment":
            for content in (c for kind, c in pieces if kind == PART):
                (size,) = struct.unpack_from("<q", content, 32)
                file = strings(content[40:-32], 2)[0][0] or "without a name"
                said.append(f"{file} ({size:,} bytes)")
        elif name == "Record" and pieces:
            said = [self.proofs[one["record"]]["record_id"]]
        return rest in said


def main(arguments: list[str]) -> int:
    """Print what was found; 0 when all holds, 20 when something does not."""
    parser = argparse.ArgumentParser(description="Check a brief without archive or key.")
    parser.add_argument("folder", nargs="?", default=Path(__file__).resolve().parent, type=Path)
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint you got by another way")
    given = parser.parse_args(arguments)
    trusted = given.checkpoint.read_bytes() if given.checkpoint else None
    report = verify(given.folder, checkpoint=trusted, checkpoint_name=str(given.checkpoint))
    out = [f"problem: {p}" for p in report.problems] + [f"note: {n}" for n in report.notes]
    out.append(
        f"{report.sentences} sentences, {report.citations} citations; trusted: {report.trusted}"
    )
    out.append("sound" if report.is_sound else f"NOT sound: {len(report.problems)} problems")
    sys.stdout.write("\n".join(out) + "\n")
    return 0 if report.is_sound else 20


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
