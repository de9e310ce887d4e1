"""A disclosure pack: how a case came to what it says, with all that speaks against it, for counsel."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pastwatch.desk.briefs.disclosing_tables import tables
from pastwatch.desk.briefs.releasing import check_folder, sealed, write_files
from pastwatch.desk.case import CaseWork
from pastwatch.desk.overseeing import make_checkpoint
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.when import iso
from pastwatch.stages.brief.laid_open import csv_of, hash_list, index_page, json_lines

HASHES = "hashes.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """A pack that was written: tables with their rows, and what was withheld as protected."""

    folder: Path
    tables: tuple[tuple[str, int], ...]
    withheld: int
    protected: int
    release_sequence: int


def disclose(case: CaseWork, out: Path) -> Disclosed:
    """Write the pack into an empty folder; it stands in the ledger as a release.

    Order: files made → `release` entry with their hashes → checkpoint → files written.
    """
    case.gate.check(Allowed.READ)
    check_folder(out)
    office = case.office
    made_of, protected = tables(case), len(case.papers.protected_ids())
    withheld = sum(t.withheld for t in made_of)
    facts = (
        ("Case", case.case_id),
        ("Authority", case.authority.authority_id),
        ("Made", f"{iso(office.clock())} by {office.person}"),
        ("Ledger", f"{office.ledger.size} entries, root {office.ledger.root().hex()[:12]}"),
        ("Withheld", f"{protected} protected records; {withheld} rows that rest on them"),
    )
    files = {"index.html": index_page(f"Disclosure: {case.event.title}", facts, made_of)}
    for table in made_of:
        files[f"{table.name}.csv"] = csv_of(table)
        files[f"{table.name}.jsonl"] = json_lines(table)
    hashes = {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}
    files[HASHES] = hash_list(hashes)
    entry = EntryDraft(
        act=Act.RELEASE,
        clock_us=office.clock(),
        authority=case.authority.authority_id,
        objects={**hashes, HASHES: hashlib.sha256(files[HASHES]).hexdigest()},
        outcome={"made_for": "disclosure", "tables": len(made_of), "withheld": withheld},
    )
    (written,) = office.ledger.append([entry], office.ring.user().signing)
    files |= sealed(office, make_checkpoint(office), (), release=written.sequence)
    write_files(out, files)
    return Disclosed(
        folder=out,
        tables=tuple((t.name, len(t.rows)) for t in made_of),
        withheld=withheld,
        protected=protected,
        release_sequence=written.sequence,
    )
