"""Put right what a crash left behind: adopt committed packs, sweep files never committed."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, field

from pastwatch.archive import place
from pastwatch.archive.catalogue import Catalogue, PackRow
from pastwatch.archive.place import Place
from pastwatch.archive.runs import read_run, source_of_entry
from pastwatch.archive.standing import standing
from pastwatch.errors import ArchiveLocked, IntegrityError, StorageError
from pastwatch.ledger.entry import Act, Entry
from pastwatch.ledger.log import Ledger
from pastwatch.storage import durable
from pastwatch.storage.local import LocalStore
from pastwatch.storage.lock import FileLock

_NAMES: dict[str, str] = {
    Act.SOURCE_ADD: "source_id",
    Act.COLLECT_RUN: "run_id",
}


@dataclass(slots=True)
class Repairs:
    """What was, or in a dry run would be, put right."""

    adopted: list[str] = field(default_factory=list)
    swept: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    remade: bool = False

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.adopted or self.swept or self.dropped or self.remade)


def repair(here: Place, *, dry_run: bool = True) -> Repairs:
    """Make the catalogue what the ledger says, and sweep packs no entry names.

    A damaged catalogue is removed and made anew. Files are swept only while no collector runs:
    a running one may be between its pack and its entry.
    """
    done = Repairs()
    catalogue = _sound_catalogue(here)
    if catalogue is None:
        done.remade = True
        if dry_run:
            return done
        for name in ("", "-wal", "-shm"):
            file = here.catalogue.with_name(here.catalogue.name + name)
            if file.exists():
                durable.remove(file)
        catalogue = Catalogue(here.catalogue)
    _adopt(here, catalogue, done, dry_run=dry_run)
    _sweep(here, done, dry_run=dry_run)
    catalogue.close()
    return done


def _sound_catalogue(here: Place) -> Catalogue | None:
    try:
        catalogue = Catalogue(here.catalogue)
        return None if catalogue.problems() else catalogue
    except IntegrityError:
        return None


def adopt(here: Place, catalogue: Catalogue, ledger: Ledger) -> int:
    """Add the rows that the ledger has and the catalogue lacks; how many there were."""
    done = Repairs()
    _adopt(here, catalogue, done, dry_run=False, ledger=ledger)
    return len(done.adopted)


def _adopt(
    here: Place,
    catalogue: Catalogue,
    done: Repairs,
    *,
    dry_run: bool,
    ledger: Ledger | None = None,
) -> None:
    listed = {row.pack_id: row for row in catalogue.packs()}
    runs = {row.run_id for row in catalogue.runs()}
    known_sources = {source_id for source_id, _, _ in catalogue.sources()}
    entries = list((ledger or Ledger(here.ledger)).entries())
    stand = standing(entries)
    committed, known = stand.rows, stand.rows.keys() | stand.replaced.keys()
    wrong = [pack_id for pack_id, row in listed.items() if committed.get(pack_id) != row]
    done.dropped += [pack_id for pack_id in wrong if pack_id not in known]
    missing = [p for p in committed if p not in listed or p in wrong]
    done.adopted += missing
    done.adopted += _unlisted(entries, Act.SOURCE_ADD, known_sources)
    done.adopted += _unlisted(entries, Act.COLLECT_RUN, runs)
    if dry_run:
        return
    with catalogue.changing():
        if wrong:
            catalogue.forget_packs()
            missing = list(committed)
        for pack_id in missing:
            catalogue.add_pack(committed[pack_id])
        for entry in entries:
            if entry.act == Act.SOURCE_ADD and entry.outcome["source_id"] not in known_sources:
                source_id, name, plain = source_of_entry(here, entry)
                catalogue.add_source(source_id, name=name, plain=plain, sequence=entry.sequence)
            elif entry.act == Act.COLLECT_RUN and entry.outcome["run_id"] not in runs:
                run, gaps = read_run(here, entry)
                catalogue.add_run(run, gaps)
            elif entry.act == Act.REVOKE and entry.authority:
                catalogue.end_authority(entry.authority, sequence=entry.sequence)


def _unlisted(entries: list[Entry], act: Act, listed: set[str]) -> list[str]:
    """The names of sources or runs that the ledger has and the catalogue lacks."""
    names = [str(e.outcome[_NAMES[act]]) for e in entries if e.act == act]
    return [name for name in names if name not in listed]


def _sweep(here: Place, done: Repairs, *, dry_run: bool) -> None:
    """Remove what interrupted runs left: candidates first, then the locks, then the ledger.

    In this order no file of a run at work is taken for an orphan: a run that was at work when its
    file was seen either still holds its lock, or its entry stands in the ledger read afterwards.
    """
    seen = [p for f in (here.packs, here.sources, here.runs) for p in f.rglob("*") if p.is_file()]
    with contextlib.ExitStack() as held:
        try:
            for lock in sorted(here.locks.glob("*.lock")):
                held.enter_context(FileLock(lock).try_now())
        except ArchiveLocked:
            return
        named = _named(here, list(Ledger(here.ledger).entries()))
        orphans = [p for p in seen if durable.is_temporary(p) or p.name.split(".")[0] not in named]
        for path in sorted(orphans):
            done.swept.append(path.name)
            if not dry_run:
                durable.remove(path)


def _named(here: Place, entries: list[Entry]) -> set[str]:
    """The names whose files stay: what the ledger names, and no pack that another replaced.

    A replaced pack that a crash left is swept only when the one in its stead is whole: until then
    it may be the only copy.
    """
    stand = standing(entries)
    store = LocalStore(here.packs)
    kept = {old for old, new in stand.replaced.items() if not _whole(store, stand.rows[new])}
    papers = {str(e.outcome[_NAMES[e.act]]) for e in entries if e.act in _NAMES}
    return papers | kept | stand.rows.keys()


def _whole(store: LocalStore, row: PackRow) -> bool:
    """Whether a pack and what lies beside it are the bytes its entry names."""
    named = (
        (place.pack_key, row.sha256),
        (place.ids_key, row.ids_sha256),
        (place.keys_key, row.keys_sha256),
    )
    try:
        return all(
            hashlib.sha256(store.open_map(key(row.pack_id))).hexdigest() == wanted
            for key, wanted in named
        )
    except StorageError:
        return False
