"""Check an archive with no key: policy, ledger, packs, catalogue; every problem is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pastwatch.archive import place
from pastwatch.archive.catalogue import Catalogue, PackRow
from pastwatch.archive.pack import damage
from pastwatch.archive.place import Place
from pastwatch.archive.policy import Office, Policy, read_policy
from pastwatch.archive.standing import Standing, standing
from pastwatch.errors import PastwatchError
from pastwatch.ledger import verify as ledger_verify
from pastwatch.ledger.entry import Act, Entry
from pastwatch.ledger.log import Ledger
from pastwatch.storage.local import LocalStore

_OFFICES: dict[str, Office] = {
    **dict.fromkeys(
        (Act.POLICY, Act.LOCATE, Act.GRANT, Act.AUTHORITY, Act.KEYS, Act.SHRED, Act.REPACK),
        Office.CUSTODIAN,
    ),
    **dict.fromkeys(
        (Act.SOURCE_ADD, Act.COLLECT_COMMIT, Act.COLLECT_ADOPT, Act.COLLECT_RUN), Office.COLLECTOR
    ),
}


@dataclass(slots=True)
class ArchiveReport:
    """What was checked and what was found; `problems` empty means sound as far as was checked."""

    trusted: str = ""
    entries: int = 0
    root: str = ""
    packs: int = 0
    bytes: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify_archive(
    here: Place,
    *,
    checkpoint: bytes | None = None,
    on_pack: Callable[[int, int], None] | None = None,
) -> ArchiveReport:
    """Check everything that can be checked without a key; never raises on damage."""
    report = ArchiveReport()
    try:
        raw = here.policy.read_bytes()
        policy = read_policy(raw)
    except (OSError, PastwatchError) as wrong:
        report.problems.append(f"policy.json: {wrong}")
        return report
    found = ledger_verify.verify(
        here.ledger, lambda entry: _key_for(entry, policy), checkpoint=checkpoint
    )
    report.problems += found.problems
    report.trusted, report.entries, report.root = found.sentence, found.size, found.root.hex()
    try:
        entries = list(Ledger(here.ledger).entries())
    except PastwatchError as wrong:
        report.problems.append(f"ledger: {wrong}")
        return report
    _check_policy(raw, entries, report)
    report.notes += [
        f"authority {e.authority}: self-authorised, who asked is who granted"
        for e in entries
        if e.act == Act.AUTHORITY and e.outcome.get("self_authorised")
    ]
    store = LocalStore(here.packs)
    stand = _committed(entries, policy, report)
    rows = list(stand.rows.values())
    keys = _latest_keys(entries, rows)
    for number, row in enumerate(rows):
        _check_pack(row, store, keys, report)
        if on_pack:
            on_pack(number + 1, len(rows))
    _check_papers(here, entries, report)
    _check_catalogue(here, rows, entries, report)
    _check_orphans(store, stand, report)
    return report


def _key_for(entry: Entry, policy: Policy) -> bytes | None:
    """The key of whoever signed, if the policy lets it sign this act."""
    office = _OFFICES.get(entry.act)
    if office is None:
        return policy.public(entry.actor)
    holder = policy.holder(entry.actor, office)
    return holder.public if holder else None


def _check_policy(raw: bytes, entries: list[Entry], report: ArchiveReport) -> None:
    named = [e.objects.get("policy") for e in entries if e.act == Act.POLICY]
    if not entries or entries[0].act != Act.POLICY:
        report.problems.append("ledger: entry 0 is not a policy")
    elif named[-1] != hashlib.sha256(raw).hexdigest():
        report.problems.append("policy.json is not the one the ledger names last")


def _committed(entries: list[Entry], policy: Policy, report: ArchiveReport) -> Standing:
    """The packs that stand, and whether those who wrote their entries may."""
    for entry in entries:
        if entry.act not in (Act.COLLECT_COMMIT, Act.COLLECT_ADOPT):
            continue
        signer = policy.holder(entry.actor, Office.COLLECTOR)
        source_id, pack_id = entry.outcome["source_id"], entry.outcome["pack_id"]
        if signer is None or (signer.source_ids and source_id not in signer.source_ids):
            report.problems.append(
                f"entry {entry.sequence}: pack {pack_id} was not committed by a collector "
                "the policy names"
            )
    stand = standing(entries)
    report.problems += [
        f"entry {sequence}: a repack that does not hold: {why}"
        for sequence, why in stand.refused.items()
    ]
    return stand


def _latest_keys(entries: list[Entry], rows: list[PackRow]) -> dict[str, str | None]:
    keys: dict[str, str | None] = {row.pack_id: row.keys_sha256 for row in rows}
    for entry in entries:
        if entry.act == Act.KEYS:
            keys[str(entry.outcome["pack_id"])] = entry.objects["keys_sha256"]
        elif entry.act == Act.SHRED:
            keys[str(entry.outcome["pack_id"])] = None
    return keys


def _check_pack(
    row: PackRow, store: LocalStore, keys: dict[str, str | None], report: ArchiveReport
) -> None:
    report.packs += 1
    try:
        view = store.open_map(place.pack_key(row.pack_id))
    except PastwatchError:
        report.problems.append(f"pack {row.pack_id} is missing or cannot be read")
        return
    report.bytes += len(view)
    report.problems += damage(
        view, name=row.pack_id, root=bytes.fromhex(row.root), sha256=bytes.fromhex(row.sha256)
    )
    for name, wanted in ((place.ids_key, row.ids_sha256), (place.keys_key, keys[row.pack_id])):
        if wanted is None:
            report.notes.append(f"pack {row.pack_id}: its keys were shredded")
            continue
        try:
            held = store.get(name(row.pack_id))
        except PastwatchError:
            report.problems.append(f"pack {row.pack_id}: {name('').split('.')[-1]} file is missing")
            continue
        if hashlib.sha256(held).hexdigest() != wanted:
            report.problems.append(f"pack {row.pack_id}: {name('').split('.')[-1]} file is changed")


def _check_papers(here: Place, entries: list[Entry], report: ArchiveReport) -> None:
    """The files beside the packs that the ledger names by their hash."""
    named: dict[Path, tuple[str, str]] = {}
    for entry in entries:
        if entry.act == Act.SOURCE_ADD:
            source = f"{entry.outcome['source_id']}"
            said = f"source {source}"
            named[here.sources / f"{source}.json"] = (entry.objects["source"], said)
            named[here.sources / f"{source}.age"] = (entry.objects["handover"], f"{said}: handover")
        elif entry.act == Act.COLLECT_RUN:
            run = f"{entry.outcome['run_id']}"
            named[here.runs / f"{run}.json"] = (entry.objects["account"], f"run {run}")
            named[here.runs / f"{run}.age"] = (entry.objects["manifest"], f"run {run}: manifest")
        elif entry.act == Act.GRANT:
            accounts = entry.objects["accounts"]
            said = f"the account of grant {entry.sequence}"
            named[here.openings / f"{accounts}.json"] = (accounts, said)
    for path, (wanted, said) in named.items():
        try:
            held = path.read_bytes()
        except OSError:
            report.problems.append(f"{said}: its file is missing")
            continue
        if hashlib.sha256(held).hexdigest() != wanted:
            report.problems.append(f"{said}: its file is changed")


def _check_catalogue(
    here: Place, rows: list[PackRow], entries: list[Entry], report: ArchiveReport
) -> None:
    try:
        catalogue = Catalogue(here.catalogue)
        report.problems += catalogue.problems()
        listed = {row.pack_id: row for row in catalogue.packs()}
        sources = {source_id for source_id, _, _ in catalogue.sources()}
        runs = {row.run_id for row in catalogue.runs()}
        catalogue.close()
    except PastwatchError as wrong:
        report.problems.append(str(wrong))
        return
    added = {e.outcome["source_id"] for e in entries if e.act == Act.SOURCE_ADD}
    ended = {e.outcome["run_id"] for e in entries if e.act == Act.COLLECT_RUN}
    for what, held, said in (("source", sources, added), ("run", runs, ended)):
        for name in sorted(map(str, said ^ held)):
            where = "has no row ('pastwatch repair')" if name in said else "is in no ledger entry"
            report.problems.append(f"catalogue: {what} {name} {where}")
    committed = {row.pack_id: row for row in rows}
    for pack_id, row in committed.items():
        if pack_id not in listed:
            report.problems.append(f"catalogue: pack {pack_id} has no row ('pastwatch repair')")
        elif listed[pack_id] != row:
            report.problems.append(
                f"catalogue: the row of pack {pack_id} is not what was committed"
            )
    report.problems += [
        f"catalogue: pack {pack_id} stands in no ledger entry"
        for pack_id in listed
        if pack_id not in committed
    ]


def _check_orphans(store: LocalStore, stand: Standing, report: ArchiveReport) -> None:
    unnamed = {key.split("/")[-1].split(".")[0] for key in store.list("")} - stand.rows.keys()
    left = unnamed & stand.replaced.keys()
    for packs, said in (
        (unnamed - left, "pack file(s) of interrupted runs were never committed"),
        (left, "pack(s) that a repack replaced are still there"),
    ):
        if packs:
            report.notes.append(f"{len(packs)} {said} ('pastwatch repair' sweeps them)")
