"""What became of a brief after it was released, told by a later checkpoint or a signed notice.

A checkpoint alone says of which releases it tells, under the signature of a checkpoint key. A notice
proves it: that the later ledger extends the one the brief was released in, and the entries that tell.
"""

from __future__ import annotations

import re
from typing import Any

from pastwatch.stages.brief.arithmetic import canonical, ed25519, sha256, unbase64, unhex
from pastwatch.stages.brief.verifier_reading import first_lines, parsed, printable

NOTICE_FORMAT = "pastwatch notice 1"
TOLD = re.compile(r"pastwatch\.(superseded|corrected|withdrawn) (0|[1-9]\d*) (0|[1-9]\d*)\Z")
HASH_BYTES = 32
OWN = "its own checkpoint: consistent with itself"
MOST_SIGNATURES = 16
LARGEST_NOTE_BYTES = 1 << 22
ANYBODY = (
    "whether these keys are those of the archive is not shown: whoever makes keys can make such a "
    "folder; ask the archive for a checkpoint, not the sender, and give it with --checkpoint FILE"
)


def read_head(note: bytes) -> tuple[str, int, bytes, list[tuple[str, int, int]]]:
    """Origin, size and root of a checkpoint, and what it tells of releases; ValueError for none."""
    text = note.decode().rpartition("\n\n")[0].split("\n")
    if len(note) > LARGEST_NOTE_BYTES or len(text) < 3:  # noqa: PLR2004 - origin, size, root
        raise ValueError("not a checkpoint")
    if len(text[1]) > HASH_BYTES or str(int(text[1])) != text[1]:
        raise ValueError("not a checkpoint")
    found = [TOLD.match(line) for line in text[3:]]
    told = [(m[1], int(m[2]), int(m[3])) for m in found if m]
    return text[0], int(text[1]), unbase64(text[2]), told


def is_signed(note: bytes, keys: dict[str, tuple[bytes, set[str]]]) -> bool:
    """Whether a checkpoint key of the policy signed the note in its ledger's name (C2SP signed-note)."""
    text, _, lines = note.decode("utf-8", "replace").rpartition("\n\n")
    origin = text.partition("\n")[0]
    signed_by = lines.split("\n")
    if len(signed_by) > MOST_SIGNATURES:
        return False
    for line in signed_by:
        dash, _, rest = line.partition(" ")
        name, _, spelled = rest.rpartition(" ")
        if dash != "\u2014" or name != origin:
            continue
        signed = unbase64(spelled)
        for public, offices in keys.values():
            hint = sha256(name.encode() + b"\n\x01" + public)[:4]
            if "checkpoint" in offices and signed[:4] == hint:
                return ed25519(public, (text + "\n").encode(), signed[4:])
    return False


def extends(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    """Whether the ledger of `new` entries extends the one of `old` (RFC 9162 §2.1.4.2)."""
    if any(len(h) != HASH_BYTES for h in [old_root, new_root, *path]):
        return False
    if old == new:
        return not path and old_root == new_root
    if not 0 < old < new or not path:
        return False
    hashes = list(path) if old & (old - 1) else [old_root, *path]
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old_so_far = new_so_far = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old_so_far = sha256(b"\x01" + sibling + old_so_far)
            new_so_far = sha256(b"\x01" + sibling + new_so_far)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new_so_far = sha256(b"\x01" + new_so_far + sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and old_so_far == old_root and new_so_far == new_root


def line_of(release: int, told: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """What is told of a release, and of each that superseded it, in order."""
    about: dict[int, dict[tuple[str, int, int], None]] = {}
    for one in told:
        about.setdefault(one[1], {})[one] = None
    found: dict[tuple[str, int, int], None] = {}
    wanted = [release]
    for of in wanted:
        for one in about.pop(of, {}):
            found[one] = None
            if one[0] == "superseded" and one[2] > of:
                wanted.append(one[2])
    return list(found)


def read_checkpoint(check: Any, note: bytes, name: str) -> str:
    """Hold a brief against a checkpoint got by another way; gives what may then be trusted."""
    own, name = read_head(check.note), printable(name)
    try:
        given = read_head(note)
    except ValueError:
        given = ("", -1, b"", [])
    trusted = f"checkpoint {name}"
    if given[1] < 0:
        check.wrong(f"{name} is no checkpoint")
    elif given[0] != own[0]:
        check.wrong(f"{name} is a checkpoint of another ledger")
    elif given[1] < own[1]:
        check.wrong(
            f"{name} is older than the brief: it is of {given[1]} entries, the brief of {own[1]}"
        )
    elif given[1] == own[1] and given[2] != own[2]:
        check.wrong(f"the brief's checkpoint is not the one in {name}")
    elif not is_signed(note, check.keys):
        check.wrong(f"{name} is not signed by a checkpoint key of the policy")
    else:
        for kind, of, by in line_of(check.original, given[3]):
            what = "this brief" if of == check.original else f"the release of ledger entry {of}"
            check.told[kind, of, by] = (
                f"{kind.upper()}: {what}, by ledger entry {by}; so says {name}"
            )
        if given[1] > own[1]:
            trusted = (
                f"{OWN}; {name} is of a later time, and that the brief's own stands in it is not "
                f"shown: a notice shows it"
            )
            if not check.told:
                check.notes.append(f"nothing supersedes this brief in {name} ({given[1]} entries)")
        return trusted
    return OWN


def read_notice(check: Any, raw: bytes, name: str, checkpoint: bytes | None) -> str:
    """Check a notice to its last byte and take over what it tells; gives what may then be trusted."""
    whole, name = parsed(raw), printable(name)
    if canonical(whole) != raw or whole["format"] != NOTICE_FORMAT:
        check.wrong(f"{name} is no notice in its canonical form")
        return ""
    if whole["release"] != check.original:
        check.wrong(f"{name} tells of the release of ledger entry {whole['release']}, not of this")
        return ""
    later = type(check)(check.directory)
    later.reading = "it"
    later.stand(whole)
    for problem in later.problems:
        check.wrong(f"{name}: {problem}")
    own, new = read_head(check.note), read_head(later.note)
    if own[0] != new[0]:
        check.wrong(f"{name} is a notice of another ledger")
    proof = [unhex(h) for h in whole["consistency"].get(str(own[1]), [])]
    if not extends(own[1], new[1], own[2], new[2], proof):
        check.wrong(f"{name} does not show that its ledger extends the brief's")
    told = line_of(check.original, new[3])
    if sorted([t["kind"], t["of"], t["entry"]] for t in whole["tells"]) != sorted(map(list, told)):
        check.wrong(f"{name} does not tell what its own checkpoint tells of this brief")
    for tell in whole["tells"]:
        read_tell(check, later, tell, name)
    if not told and not check.problems:
        check.notes.append(f"nothing supersedes this brief as of {new[1]} ledger entries ({name})")
    same = checkpoint is not None and read_head(checkpoint)[:3] == new[:3]
    return f"the given checkpoint, which {name} shows to extend the brief's own" if same else ""


def read_tell(check: Any, later: Any, tell: dict[str, Any], name: str) -> None:
    """Hold one thing that a notice tells against the entry that it names."""
    kind, of, number = tell["kind"], tell["of"], tell["entry"]
    if set(tell) - {"kind", "of", "entry", "body"} or (kind == "superseded" and "body" in tell):
        check.wrong(f"{name}: what it tells of entry {of} holds more than a notice does")
    entry, before = later.entries.get(number, {}), later.entries.get(of, {})
    act, outcome = entry.get("act"), entry.get("outcome", {})
    sound = bool(entry) and later.holds(entry, "analyst", "custodian")
    sound = sound and before.get("act") == "release" and of < number
    sound = sound and entry["authority"] == before["authority"]
    what = "this brief" if of == check.original else f"its successor (ledger entry {of})"
    if kind == "superseded":
        sound = sound and act == "release" and outcome.get("supersedes") == of
        said = f"SUPERSEDED: {what}, by version {printable(str(outcome.get('version')))} (ledger entry {number})"
    else:
        body = tell["body"]
        sound = sound and act == "correct" and outcome.get("of") == of
        sound = sound and outcome.get("kind") == kind == body["kind"] and body["of"] == of
        sound = sound and entry["objects"].get("notice") == sha256(canonical(body)).hex()
        findings = printable(", ".join(body["findings"])) or "the whole brief"
        said = f"{kind.upper()}: {what}, {findings}: {printable(body['reason'])} (ledger entry {number})"
    if not sound:
        check.wrong(f"{name}: what it tells of entry {of} is not what ledger entry {number} holds")
        return
    for one in tell.get("body", {}).get("findings", []) if of == check.original else []:
        texts = statements(check, one)
        said += "".join(f"\n  {printable(one)}: {printable(text)}" for text in texts)
    check.told[kind, of, number] = said


def statements(check: Any, finding: str) -> list[str]:
    """What a brief says under a finding's name."""
    sidecar = parsed(check.read("brief.json"))
    groups = [g for s in sidecar["sections"] for g in s["groups"] if g["anchor"] == finding]
    texts = {one["id"]: one["text"] for one in sidecar["sentences"]}
    return [texts[g["sentences"][0]] for g in groups if g["sentences"]]


def verdict(report: Any) -> list[str]:
    """A report as lines, the last of them the verdict."""
    out = first_lines("problem", report.problems) + first_lines("note", report.notes)
    out += [f"note: {ANYBODY}"] if report.trusted.startswith(OWN) else []
    counts = f"{report.sentences} sentences, {report.citations} citations"
    out += [f"{counts}; trusted: {report.trusted}", *report.told]
    sound = "sound, but no longer as it stands: see above" if report.told else "sound"
    return [*out, f"NOT sound: {len(report.problems)} problems" if report.problems else sound]
