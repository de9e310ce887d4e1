"""Checks a brief with no archive, no key and no library: each sentence, citation and signature.

    python -I verify.py [FOLDER] [--checkpoint FILE] [--notice FILE]

Needs Python 3.9 or later and nothing else; reads the folder and the files named, writes nothing. Exit
status: 0 all holds; 2 a file named is not there; 3 all holds, but the brief was superseded, corrected
or withdrawn since; 20 something does not hold.
"""

from __future__ import annotations

import argparse
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
    unbase64,
    unhex,
)
from pastwatch.stages.brief.verifier_handout import (
    HANDOUT,
    adds_up,
    committed,
    is_bound,
    key_table,
    keys_by_id,
    withheld,
)
from pastwatch.stages.brief.verifier_negative import negative_problems
from pastwatch.stages.brief.verifier_notice import (
    OWN,
    is_signed,
    read_checkpoint,
    read_notice,
    verdict,
)
from pastwatch.stages.brief.verifier_page import Sentences, compared
from pastwatch.stages.brief.verifier_reading import (
    MOST_PROBLEMS,
    MOST_SENTENCES,
    file_bytes,
    is_file_name,
    is_shaped,
    parsed,
    told_plainly,
)
from pastwatch.stages.brief.verifier_record import Held, describes

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
    told: tuple[str, ...] = ()
    """What became of it since: superseded, corrected, withdrawn."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


def verify(
    directory: Path,
    *,
    checkpoint: bytes | None = None,
    checkpoint_name: str = "given",
    notice: bytes | None = None,
    notice_name: str = "the notice",
) -> Report:
    """Check a brief's folder; whatever is wrong is a problem in the report, never an exception.

    `checkpoint` and `notice` are such as were got by another way, of the same time or later: they
    tell what became of the brief since.
    """
    check = _Check(Path(directory))
    if not check.directory.is_dir():
        check.problems.append("there is no such folder")
    for step in (check.ledger, check.files, check.sentences, check.records, check.citations):
        try:
            step()
        except BROKEN:
            check.problems.append(f"{check.reading} does not read, or lacks something")
    trusted = OWN
    try:
        if checkpoint is not None:
            check.reading = checkpoint_name
            trusted = read_checkpoint(check, checkpoint, checkpoint_name)
        if notice is not None:
            check.reading = notice_name
            trusted = read_notice(check, notice, notice_name, checkpoint) or trusted
    except BROKEN:
        check.problems.append(f"{check.reading} does not read, or lacks something")
    return Report(
        problems=told_plainly(check.problems),
        notes=told_plainly(check.notes),
        trusted="".join(told_plainly([trusted])),
        sentences=len(check.said),
        citations=check.cited,
        told=tuple(check.told.values()),
    )


class _Check:
    """One check of one folder, step by step; each step uses what the ones before it found."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.reading = "the brief"
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.told: dict[tuple[str, int, int], str] = {}
        self.original = -1
        self.note = b""
        self.keys: dict[str, tuple[bytes, set[str]]] = {}
        self.entries: dict[int, dict[str, Any]] = {}
        self.released: dict[str, str] = {}
        self.said: list[dict[str, Any]] = []
        self.listed: dict[str, Any] = {}
        self.proven: dict[str, Held] = {}
        self.bytes_of: dict[str, bytes] = {}
        self.proofs: dict[str, Any] = {}
        self.cited = 0
        self.withheld: set[int] = set()
        self.is_handout = False

    def wrong(self, what: str) -> None:
        self.problems.append(what)
        if len(self.problems) > MOST_PROBLEMS:
            raise ValueError("so many are enough")

    def read(self, name: str) -> bytes:
        """A file of the folder, read once: what was hashed is what is looked at."""
        self.reading = name
        if name not in self.bytes_of:
            self.bytes_of[name] = file_bytes(self.directory / name)
        return self.bytes_of[name]

    def ledger(self) -> None:
        """Checkpoint, policy, and every entry shipped: its place, its signature, its form."""
        raw = self.read("ledger.json")
        shipped = parsed(raw)
        if canonical(shipped) != raw:
            self.wrong("ledger.json is not in its canonical form")
        self.stand(shipped)
        release = self.entries.get(shipped["release"], {})
        if release.get("act") != "release" or not self.holds(release, "analyst", "custodian"):
            self.wrong("the release is not in the ledger under a key that may release")
        self.original = release.get("outcome", {}).get("made_of", shipped["release"])
        for name, told in release.get("objects", {}).items():
            if "." in name and not is_file_name(name):
                self.wrong("the release names a file that is not of the folder, which was not read")
            elif "." in name:
                self.released[name] = told

    def stand(self, shipped: dict[str, Any]) -> None:
        """Take over a checkpoint with the entries and policies that come with it."""
        self.note = shipped["checkpoint"].encode()
        _, size, root = self.note.decode().split("\n")[:3]
        for number, held in shipped["entries"].items():
            line = unbase64(held["entry"])
            path = [unhex(h) for h in held["path"]]
            if fold(sha256(b"\x00" + line), int(number), int(size), path) != unbase64(root):
                self.wrong(f"ledger entry {number} does not stand under the checkpoint")
                continue
            self.entries[int(number)] = entry = parsed(line)
            if canonical(entry) != line or entry["sequence"] != int(number):
                self.wrong(f"ledger entry {number} is not in its canonical form")
        release = self.entries.get(shipped["release"], {})
        self.is_handout = HANDOUT in release.get("outcome", {})
        if not is_shaped(shipped, is_notice="tells" in shipped, is_handout=self.is_handout):
            self.wrong(f"{self.reading} holds more than is checked in it, or too much")
            self.entries = {}
        if self.is_handout:
            self.withheld, problems = withheld(shipped, int(size), unbase64(root))
            self.problems += problems
            self.keys = key_table(shipped, release)
        for held in shipped["policies"] if not self.is_handout else ():
            self.policy(held["sequence"], unbase64(held["policy"]))
        if not is_signed(self.note, self.keys):
            self.wrong("the checkpoint is not signed by a checkpoint key of the policy")
        self.signatures()

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
        entry, whole = self.entries.get(sequence, {}), parsed(raw)
        keys = keys_by_id(whole["policy"]["keys"])
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

    def files(self) -> None:
        """Every file released is here, with the very bytes that were released."""
        for name in sorted({*NEEDED, *self.released}):
            if not self.is_as_released(name) and name not in ("brief.html", "brief.json"):
                self.wrong(f"{name} differs from what was released, or is missing")
        for path in sorted(self.directory.iterdir()) if self.directory.is_dir() else ():
            if path.name not in self.released and path.name != "ledger.json":
                self.notes.append(f"{path.name} is not part of the release and was not checked")
            elif path.is_symlink() or not path.is_file():
                self.wrong(f"{path.name} is a link, or no plain file, and was not read")

    def is_as_released(self, name: str) -> bool:
        """Whether a file has the hash the release entry names."""
        return self.released.get(name) == sha256(self.read(name)).hex()

    def sentences(self) -> None:
        """The sentences a reader sees are those released, one by one."""
        whole, page = self.is_as_released("brief.json"), self.is_as_released("brief.html")
        found, before = Sentences(), len(self.problems)
        found.feed(self.read("brief.html").decode("utf-8", "replace"))
        if not whole:
            self.wrong("brief.json differs from what was released, or is missing")
        if found.odd:
            self.wrong("brief.html holds what a brief's page does not: it may show something else")
        sidecar = parsed(self.read("brief.json"))
        self.said, self.listed = list(sidecar["sentences"]), sidecar["records"]
        if max(len(self.said), sum(len(s["citations"]) for s in self.said)) > MOST_SENTENCES:
            self.said = []
            raise ValueError("more than can be checked")
        nothing = sidecar.get("negatives", [])
        for problem in negative_problems(nothing, self.said, self.entries, self.withheld):
            self.wrong(problem)
        blamed = "brief.html" if whole else "brief.json" if page else "brief.html or brief.json"
        self.problems += compared(self.said, found.said, blamed)
        if not page and len(self.problems) == before:
            self.wrong("brief.html differs from what was released, outside its sentences")

    def records(self) -> None:
        """Every cited record stood in a pack that a collector signed into the ledger."""
        self.proofs = parsed(self.read("proofs.json"))
        for label, proof in self.proofs.items():
            self.reading = f"the proof of {label}"
            entry = self.entries.get(proof["sequence"], {})
            if self.is_handout:
                office = "custodian" if entry.get("act") == "repack" else "collector"
                is_held = not entry or (entry["act"] in COMMITS and self.holds(entry, office))
                wrong, note = committed(label, proof, entry, is_held, self.withheld)
                self.problems += wrong
                self.notes.append(note)
                self.proven.update({} if wrong else {label: Held([], {})})
                continue
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
                shown = [p for p in proof["pieces"] if "content" in p]
                pieces = [(p["kind"], unbase64(p["content"])) for p in shown]
                self.proven[label] = Held(pieces, proof.get("part_texts", {}))

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
                if number not in self.entries and number not in self.withheld:
                    self.wrong(f"sentence {name}: ledger entry {number} is not shipped")
            if not adds_up(one["coverage"] or {}):
                self.wrong(f"sentence {name}: its coverage does not add up")
            for cite in cites:
                self.cited += 1
                self.citation(one, cite)
            if kind == "record" and not self.is_handout and not self.is_described(one):
                self.wrong(f"sentence {name} is not what its record {one['record']} says")

    def citation(self, one: dict[str, Any], cite: dict[str, Any]) -> None:
        """One citation: its bytes stand in proved pieces, or a handout proves its record."""
        name, label = one["id"], cite["record"]
        if self.is_handout:
            if label not in self.proven or not is_bound(cite):
                self.wrong(f"sentence {name}: its record {label} is not proved")
            return
        held = self.proven.get(label)
        quoted = None if held is None else held.quoted(cite)
        if quoted is None or sha256(quoted).hex() != cite["text_sha256"]:
            self.wrong(f"sentence {name}: its record {label} does not say this")
        elif one["kind"] == "quote" and quoted.decode() != one["text"]:
            self.wrong(f"sentence {name} is not what its record {label} says")

    def is_described(self, one: dict[str, Any]) -> bool:
        """Whether a line about a record says what its proved pieces say."""
        held = self.proven.get(one["record"])
        record_id = self.proofs[one["record"]]["record_id"] if held else ""
        return describes(one, held.pieces if held else [], record_id)


def main(arguments: list[str]) -> int:
    """Print what was found; the exit status is that of the first lines of this file."""
    parser = argparse.ArgumentParser(description="Check a brief without archive or key.")
    parser.add_argument("folder", nargs="?", default=Path(__file__).resolve().parent, type=Path)
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint you got by another way")
    parser.add_argument("--notice", type=Path, help="a signed notice of what became of the brief")
    given = parser.parse_args(arguments)
    beside = {n: getattr(given, n) for n in ("checkpoint", "notice") if getattr(given, n)}
    held = {name: file_bytes(path) for name, path in beside.items()}
    for name, raw in held.items():
        if not raw:
            parser.error(f"the {name} is empty, too large, no plain file or not there")
    report = verify(
        given.folder,
        checkpoint=held.get("checkpoint"),
        checkpoint_name=str(given.checkpoint),
        notice=held.get("notice"),
        notice_name=str(given.notice),
    )
    out = "\n".join(verdict(report)) + "\n"
    sys.stdout.buffer.write(out.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))
    return 20 if report.problems else 3 if report.told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
