"""Take batches in, give records their ids, and commit sealed packs: the collector's one way in."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive import layout, place
from pastwatch.archive.catalogue import Catalogue, PackRow
from pastwatch.archive.columns import fixed, keep_freed_memory, text_column
from pastwatch.archive.gathered import Gathered
from pastwatch.archive.held import Held
from pastwatch.archive.identity import Repeats, SourceKeys, Tokens, digest, record_ids
from pastwatch.archive.packing import Order, SealedPack, seal_pack
from pastwatch.archive.rowwords import RowWords, Words
from pastwatch.archive.scope import DATED, DOUBTFUL, UNDATED, time_class
from pastwatch.archive.standing import PACK_ACTS, commit_draft, standing
from pastwatch.errors import BadValue, PackDamaged
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.log import Ledger
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Source
from pastwatch.model.when import HOUR_US
from pastwatch.sealing.signing import SigningKey
from pastwatch.storage.local import LocalStore

PACK_ORIGINAL_BYTES = 64 * 1024 * 1024  # bounds the memory of a run: about five times this
FEW_RECORDS = 32  # a batch of no more waits, and is taken in with others like it
_JOINED_RECORDS = 1024
_JOINED_BYTES = 4 * 1024 * 1024
_CLASSES = (DATED, UNDATED, DOUBTFUL)
_ADDED = [
    pa.field("record_id", pa.binary(16), nullable=False),
    pa.field("source_sha256", pa.binary(32), nullable=False),
    pa.field("held_us", pa.int64(), nullable=False),
]
PENDING = pa.schema([*layout.BATCH, *_ADDED])
_KEPT = pa.schema([*PENDING, pa.field("form", pa.uint8(), nullable=False)])


@dataclass(slots=True)
class Taken:
    """What became of the records offered so far."""

    records: int = 0
    record_bytes: int = 0
    already_held: int = 0
    held_bytes: int = 0
    undated: int = 0
    opaque: int = 0
    raw: int = 0
    packs: list[str] = field(default_factory=list)


class _Offered(NamedTuple):
    """A batch whose repeats are counted and whose ids are still to be made."""

    columns: pa.RecordBatch
    digests: list[bytes]
    positions: list[int]
    form: int
    clock_us: int


class Tap(Protocol):
    """What sees the records that are new to the archive, once each, before they are sealed."""

    def examine(self, rows: pa.RecordBatch, words: Words, key16: bytes) -> None:
        """Take records, with their ids, and their words under a key that changes after each seal."""
        ...

    def settle(self) -> None:
        """Make durable what was found of everything taken so far."""
        ...

    def seal(self) -> None:
        """As `settle`, with the account of it: what was taken is sealed next."""
        ...

    def next_run(self, run_id: str) -> None:
        """Account for what follows under another run."""
        ...


class Writer:
    """Seals the records of one source; one writer a source at a time (the run holds the lock)."""

    def __init__(
        self,
        source: Source,
        *,
        run_id: str,
        store: LocalStore,
        ledger: Ledger,
        catalogue: Catalogue,
        keys: SourceKeys,
        signer: SigningKey,
        recipients: Sequence[str],
        level: int = 1,
        tap: Tap | None = None,
    ) -> None:
        self._source, self._run_id, self._tap = source, run_id, tap
        self._store, self._ledger, self._catalogue = store, ledger, catalogue
        self._keys, self._signer = keys, signer
        self._recipients, self._level = tuple(recipients), level
        self.tokens = Tokens(keys.account_key)
        self.taken = Taken()
        self._catch_up()
        self._held = Held()
        self._held.load(map(self._ids, catalogue.packs(source.source_id)))
        self._repeats: dict[str, Repeats] = {}
        self._first: dict[str, list[bytes]] = {}  # of containers that gave one batch of few
        self._offered: list[_Offered] = []
        self._offered_records = self._offered_bytes = 0
        self._pending: list[pa.RecordBatch] = []
        self._pending_text = self._pending_original = self._pending_records = 0
        self._words: RowWords | None = None
        self._clock_us = 0
        keep_freed_memory()

    @property
    def pending_records(self) -> int:
        """How many records wait to be sealed, or to be recognised as held."""
        return self._pending_records + self._offered_records

    @property
    def pending_bytes(self) -> int:
        """How many bytes they and their texts have."""
        return self._pending_original + self._pending_text + self._offered_bytes

    def next_run(self, run_id: str) -> Taken:
        """Begin another run, its counts at nothing; call it with nothing pending."""
        self._run_id, self.taken = run_id, Taken()
        if self._tap is not None:
            self._tap.next_run(run_id)
        return self.taken

    def add(self, batch: Batch, *, clock_us: int) -> None:
        """Take a batch: ids are made, what is held already is counted, the rest is kept to seal.

        Batches of few records are counted in `taken` some later, together; at `flush` at the latest.
        """
        columns = batch.columns
        if columns.schema != layout.BATCH:
            raise BadValue("a connector gave columns that are not the batch schema")
        self._clock_us = clock_us
        if not columns.num_rows:
            return
        buffer, at = text_column(columns.column("original"))
        digests = [digest(buffer[a:b]) for a, b in itertools.pairwise(at.tolist())]
        positions = self._before(batch.container, digests)
        stated = columns.column("position")
        if stated.null_count < len(stated):
            told = zip(stated.to_pylist(), positions, strict=True)
            positions = [n if position is None else position for position, n in told]
        is_few = len(digests) <= FEW_RECORDS
        if not is_few:
            self._join()  # so that none is copied to be joined with a large one
        self._offered.append(_Offered(columns, digests, positions, batch.form, clock_us))
        self._offered_records += len(digests)
        self._offered_bytes += columns.nbytes
        if not (
            is_few
            and self._offered_records < _JOINED_RECORDS
            and self._offered_bytes < _JOINED_BYTES
        ):
            self._join()

    def _before(self, container: str, digests: list[bytes]) -> list[int]:
        """How many equal originals precede each one in its container."""
        if container not in self._repeats:
            first = self._first.pop(container, None)
            if first is None and len(digests) <= FEW_RECORDS:
                self._first[container] = digests  # most give no second batch
                return [digests[:row].count(one) for row, one in enumerate(digests)]
            self._repeats[container] = Repeats()
            if first is not None:
                self._repeats[container].before(first)
        return self._repeats[container].before(digests)

    def _join(self) -> None:
        """Take in what was offered, in its order."""
        offered, self._offered = self._offered, []
        self._offered_records = self._offered_bytes = 0
        if not offered:
            return
        columns = offered[0].columns
        if len(offered) > 1:
            columns = pa.concat_batches([one.columns for one in offered])
        digests = list(itertools.chain.from_iterable(one.digests for one in offered))
        positions = list(itertools.chain.from_iterable(one.positions for one in offered))
        counts = [len(one.digests) for one in offered]
        clocks = np.repeat(np.array([one.clock_us for one in offered], np.int64), counts)
        forms = np.repeat(np.array([one.form for one in offered], np.uint8), counts)
        sizes = np.diff(text_column(columns.column("original"))[1])
        ids = record_ids(self._keys.id_key, digests, positions)
        known = self._held.mark(ids)
        self.taken.already_held += int(known.sum())
        self.taken.held_bytes += int(sizes[known].sum())
        added = [fixed(ids, 16), fixed(digests, 32), pa.array(clocks), pa.array(forms)]
        rows = pa.RecordBatch.from_arrays([*columns.columns, *added], schema=_KEPT)
        if self._source.live:
            rows = _marked_doubtful(rows, clocks, self._source.lag_s)
        if known.any():
            rows = rows.filter(pa.array(~known))
        if rows.num_rows:
            self._keep(rows)

    def end_container(self, container: str) -> None:
        """Forget the repeats of a container that is read to its end."""
        self._repeats.pop(container, None)
        self._first.pop(container, None)

    def flush(self) -> None:
        """Seal and commit everything pending; on return it outlives a power cut."""
        self._join()
        self._seal()
        if self._tap is not None:
            self._tap.settle()

    def settle(self) -> None:
        """Have what came so far seen by the tap, and what it found made durable; nothing is sealed."""
        if self._tap is not None:
            self._join()
            self._tap.settle()

    def _seal(self) -> None:
        if not self._pending:
            return
        if self._tap is not None:
            self._tap.seal()  # alerts are durable before any of their records is
        held, words = Gathered(self._pending), self._words
        self._pending, self._words = [], None
        self._pending_text = self._pending_original = self._pending_records = 0
        classes = time_class(held.small)
        is_raw = held.small.column("form").to_numpy() != layout.FORM_READY
        for number, name in enumerate(_CLASSES):
            for depth, such in ((layout.READY, ~is_raw), (layout.RAW, is_raw)):
                chosen = np.flatnonzero((classes == number) & such)
                if len(chosen):
                    self._commit(held, _ordered(held.small, chosen), name, depth, words)
        self._held.settle()

    def _catch_up(self) -> None:
        """Adopt what another process committed for this source and died before listing.

        Without it a run would seal those records a second time.
        """
        self._ledger.refresh()
        own = self._source.source_id
        listed = {row.pack_id for row in self._catalogue.packs(own)}
        stand = standing(entries_of(self._ledger, *PACK_ACTS)).rows
        missing = [r for r in stand.values() if r.source_id == own and r.pack_id not in listed]
        if missing or listed - stand.keys():
            with self._catalogue.changing():
                for pack_id in listed - stand.keys():
                    self._catalogue.drop_pack(pack_id)
                for row in missing:
                    self._catalogue.add_pack(row)

    def _ids(self, row: PackRow) -> bytes:
        """The ids beside a pack: an id slipped in would keep a record from being collected."""
        raw = self._store.get(place.ids_key(row.pack_id))
        if hashlib.sha256(raw).hexdigest() != row.ids_sha256:
            raise PackDamaged(f"the list of ids beside pack {row.pack_id} is changed")
        return raw

    def _keep(self, rows: pa.RecordBatch) -> None:
        text = int(np.diff(text_column(rows.column("text"))[1]).sum())
        original = int(np.diff(text_column(rows.column("original"))[1]).sum())
        if self._pending and (
            self._pending_records + rows.num_rows > layout.PACK_RECORDS
            or self._pending_text + text > layout.PACK_TEXT_BYTES
            or self._pending_original + original > PACK_ORIGINAL_BYTES
        ):
            self._seal()
        self._pending.append(rows)
        self._pending_records += rows.num_rows
        self._pending_text += text
        self._pending_original += original
        if self._tap is not None:
            if self._words is None:
                self._words = RowWords(secrets.token_bytes(16))
            self._tap.examine(rows, self._words.add(rows), self._words.key16)

    def _commit(
        self,
        held: Gathered,
        order: Order,
        time_class_name: str,
        depth: str,
        words: RowWords | None,
    ) -> None:
        """Make one pack stand, in this order; after a crash at any arrow nothing acknowledged is lost.

        `.keys` and `.ids` durable → pack durable → ledger entry durable → catalogue row →
        acknowledged. Files without an entry are orphans that `repair` sweeps; an entry without a
        row is adopted by `repair` or by the next opening.
        """
        pack = seal_pack(
            held,
            order=order,
            source_id=self._source.source_id,
            account_tokens=self.tokens,
            recipients=self._recipients,
            level=self._level,
            depth=depth,
            words=words,
        )
        self._store.put_new(place.keys_key(pack.pack_id), [pack.keys])
        self._store.put_new(place.ids_key(pack.pack_id), [pack.ids])
        self._store.put_new(place.pack_key(pack.pack_id), pack.chunks)
        rows = held.small.select(list(_FIGURED)).take(pa.array(order))
        row = _row(pack, rows, time_class_name, self._source.source_id, self._run_id)
        (entry,) = self._ledger.append([commit_draft(row, self._clock_us)], self._signer)
        with self._catalogue.changing():
            self._catalogue.add_pack(_at(row, entry.sequence))
        self.taken.records += pack.records
        self.taken.record_bytes += pack.original_bytes
        self.taken.raw += pack.records if depth == layout.RAW else 0
        self.taken.undated += 0 if time_class_name == DATED else pack.records
        self.taken.opaque += row.opaque
        self.taken.packs.append(pack.pack_id)


_FIGURED = ("earliest_us", "latest_us", "defects")


def _row(
    pack: SealedPack, rows: pa.RecordBatch, time_class_name: str, source_id: str, run_id: str
) -> PackRow:
    start = end = None
    if time_class_name == DATED:
        earliest = rows.column("earliest_us").to_numpy(zero_copy_only=False)
        latest = rows.column("latest_us").to_numpy(zero_copy_only=False)
        start = int(earliest.min()) // HOUR_US * HOUR_US
        end = (int(latest.max()) // HOUR_US + 1) * HOUR_US
    defects = rows.column("defects").to_numpy(zero_copy_only=False)
    return PackRow(
        pack_id=pack.pack_id,
        source_id=source_id,
        time_class=time_class_name,
        start_us=start,
        end_us=end,
        records=pack.records,
        blocks=pack.blocks,
        text_bytes=pack.text_bytes,
        original_bytes=pack.original_bytes,
        pack_bytes=pack.pack_bytes,
        text_frame_bytes=pack.text_frame_bytes,
        sha256=pack.sha256,
        root=pack.root.hex(),
        ids_sha256=hashlib.sha256(pack.ids).hexdigest(),
        keys_sha256=hashlib.sha256(pack.keys).hexdigest(),
        run_id=run_id,
        defects=int((defects != 0).sum()),
        opaque=int(((defects & int(Defect.OPAQUE)) != 0).sum()),
        sequence=-1,
    )


def _at(row: PackRow, sequence: int) -> PackRow:
    values = {n: getattr(row, n) for n in PackRow.__dataclass_fields__ if n != "sequence"}
    return PackRow(**values, sequence=sequence)


def _ordered(table: pa.RecordBatch, chosen: Order) -> Order:
    """The chosen rows in the order of claimed time; those without keep the order they came in."""
    earliest = table.column("earliest_us").to_numpy(zero_copy_only=False)[chosen]
    if np.isnan(earliest.astype(float)).any():
        return chosen
    return chosen[np.argsort(earliest, kind="stable")]


def _marked_doubtful(
    rows: pa.RecordBatch, clocks_us: npt.NDArray[np.int64], lag_s: int
) -> pa.RecordBatch:
    """Flag what claims a time further from its arrival than the live source's stated lag."""
    earliest = rows.column("earliest_us").to_numpy(zero_copy_only=False).astype(float)
    far = np.abs(earliest - clocks_us) > lag_s * 1_000_000.0
    defects = rows.column("defects").to_numpy(zero_copy_only=False).copy()
    defects[far] |= int(Defect.DOUBTFUL)
    at = rows.schema.get_field_index("defects")
    return rows.set_column(at, rows.schema.field(at), pa.array(defects, type=pa.uint32()))
