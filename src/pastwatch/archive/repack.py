"""Rewrite packs hotter or colder: other compression, other keys, the very same records and proofs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pastwatch.archive import frames, place
from pastwatch.archive.catalogue import Catalogue, PackRow
from pastwatch.archive.closing import ClosedPack, close_pack
from pastwatch.archive.opening import PackOpener, frame_keys
from pastwatch.archive.pack import damage
from pastwatch.archive.packing import PREFIX_LEVEL
from pastwatch.archive.standing import PACK_ACTS, repack_draft, standing
from pastwatch.errors import PackDamaged
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.ledger.log import Ledger
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import KeyFile
from pastwatch.storage.local import LocalStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Repacked:
    """A pack that was replaced, and the one in its stead."""

    old_pack_id: str
    pack_id: str
    records: int
    old_bytes: int
    pack_bytes: int


class Repacker:
    """The custodian at work on packs; the caller holds the locks of their sources."""

    def __init__(
        self,
        *,
        level: int,
        store: LocalStore,
        ledger: Ledger,
        catalogue: Catalogue,
        custodian: KeyFile,
        recipients: Sequence[str],
        clock: Callable[[], int],
    ) -> None:
        self._level, self._word = level, level_word(level)
        self._store, self._ledger, self._catalogue = store, ledger, catalogue
        self._custodian, self._recipients, self._clock = custodian, tuple(recipients), clock

    def repack(
        self, rows: Sequence[PackRow], *, on_pack: Callable[[Repacked], None] | None = None
    ) -> list[Repacked]:
        """Replace packs one by one; logged as an opening before the first frame is opened.

        A pack found damaged raises PackDamaged and stays; those before it are done.
        """
        digest = hashlib.sha256("\n".join(sorted(r.pack_id for r in rows)).encode()).hexdigest()
        self._log(Act.OPEN, {"packs": digest}, len(rows), sum(r.blocks for r in rows))
        done: list[Repacked] = []
        opened = records = 0
        try:
            for row in rows:
                opened, records = opened + row.blocks, records + row.records
                done.append(self._replace(row))
                if on_pack:
                    on_pack(done[-1])
        finally:
            self._log(Act.OPENED, {}, len(done), opened, records=records)
        return done

    def _replace(self, row: PackRow) -> Repacked:
        """Put one pack in another's stead, in this order; a crash at any arrow loses nothing.

        Its `.keys`, `.ids` and the pack durable → read back whole under the new keys → `repack`
        entry durable → catalogue's row exchanged → the old keys destroyed, then the old pack.
        Before the entry the old pack stands and `repair` sweeps the new files; after it the new
        one stands, any opening exchanges the row, and `repair` sweeps the old files.
        """
        closed, ids, content = self._rewritten(row)
        self._store.put_new(place.keys_key(closed.pack_id), [closed.keys])
        self._store.put_new(place.ids_key(closed.pack_id), [ids])
        self._store.put_new(place.pack_key(closed.pack_id), closed.chunks)
        made = replace(
            row,
            pack_id=closed.pack_id,
            pack_bytes=closed.pack_bytes,
            text_frame_bytes=closed.text_frame_bytes,
            sha256=closed.sha256,
            keys_sha256=hashlib.sha256(closed.keys).hexdigest(),
            sequence=-1,
        )
        self._read_back(made, content)
        draft = repack_draft(made, old=row, level=self._word, clock_us=self._clock())
        (entry,) = self._ledger.append([draft], self._custodian.signing)
        with self._catalogue.changing():
            self._catalogue.drop_pack(row.pack_id)
            self._catalogue.add_pack(replace(made, sequence=entry.sequence))
        for name in (place.keys_key, place.pack_key, place.ids_key):
            self._store.delete(name(row.pack_id))
        return Repacked(
            old_pack_id=row.pack_id,
            pack_id=made.pack_id,
            records=row.records,
            old_bytes=row.pack_bytes,
            pack_bytes=made.pack_bytes,
        )

    def _rewritten(self, row: PackRow) -> tuple[ClosedPack, bytes, bytes]:
        """The new pack, the ids beside it, and the digest of what its frames hold."""
        self._refuse_if_damaged(row)
        ids = self._store.get(place.ids_key(row.pack_id))
        if hashlib.sha256(ids).hexdigest() != row.ids_sha256:
            raise PackDamaged(f"the list of ids beside pack {row.pack_id} is changed")
        opener, keys = self._opened(row)
        content = hashlib.sha256()
        plain: list[list[bytes]] = []
        for section, held in enumerate(opener.pack.frames):
            plain.append([])
            for index in range(len(held)):
                extra, raw, prefix = _read(opener, keys, section, index)
                _add(content, extra, raw)
                level = _level_of(section, self._level, has_prefix=prefix is not None)
                plain[-1].append(frames.encode(raw, level=level, extra=extra, prefix=prefix))
        closed = close_pack(
            plain,
            opener.pack.block_roots,
            source_id=opener.pack.source_id,
            recipients=self._recipients,
            fold_version=opener.pack.fold_version,
            depth=opener.pack.depth,
        )
        return closed, ids, content.digest()

    def _read_back(self, row: PackRow, content: bytes) -> None:
        """PackDamaged unless the pack on disk opens with the keys on disk to the same content."""
        self._refuse_if_damaged(row)
        opener, keys = self._opened(row)
        found = hashlib.sha256()
        for section, held in enumerate(opener.pack.frames):
            for index in range(len(held)):
                extra, raw, _ = _read(opener, keys, section, index)
                _add(found, extra, raw)
        if found.digest() != content:
            raise PackDamaged(f"pack {row.pack_id} does not read back as it was written")

    def _opened(self, row: PackRow) -> tuple[PackOpener, dict[int, bytes]]:
        opener = PackOpener(self._store, row.pack_id)
        wrapped = self._store.get(place.keys_key(row.pack_id))
        return opener, opener.section_keys(wrapped, self._custodian.identity)

    def _refuse_if_damaged(self, row: PackRow) -> None:
        view = self._store.open_map(place.pack_key(row.pack_id))
        root, sha256 = bytes.fromhex(row.root), bytes.fromhex(row.sha256)
        for wrong in damage(view, name=row.pack_id, root=root, sha256=sha256):
            raise PackDamaged(wrong, hint="'pastwatch verify' names all that is damaged")

    def _log(self, act: Act, objects: dict[str, str], packs: int, blocks: int, **more: int) -> None:
        draft = EntryDraft(
            act=act,
            clock_us=self._clock(),
            objects=objects,
            outcome={
                "purpose": "repack",
                "level": self._word,
                "packs": packs,
                "blocks": blocks,
                **more,
            },
        )
        self._ledger.append([draft], self._custodian.signing)


def to_repack(rows: Sequence[PackRow], *, ledger: Ledger, level: int) -> list[PackRow]:
    """Those of the packs that no repack has brought to this level already."""
    ledger.refresh()
    stand, word = standing(entries_of(ledger, *PACK_ACTS)), level_word(level)
    return [
        r for r in rows if stand.rows.get(r.pack_id) == r and stand.levels.get(r.pack_id) != word
    ]


def level_word(level: int) -> str:
    """How a level is written in the ledger."""
    return "hot" if level == frames.HOT else str(level)


def _level_of(section: int, level: int, *, has_prefix: bool) -> int:
    """The level of a frame, as `packing` chooses it."""
    if section == seal.TEXT:
        return level
    if section == seal.TOKENS or has_prefix:
        return max(level, PREFIX_LEVEL)
    return frames.zstd(level)


def _read(
    opener: PackOpener, keys: dict[int, bytes], section: int, index: int
) -> tuple[bytes, memoryview, memoryview | None]:
    """What a frame holds: its extra, its raw bytes, and what it was compressed against."""
    key = frame_keys(keys, section, index)
    text_key = frame_keys(keys, seal.TEXT, index)
    return opener.whole(key, section, index, text_key=text_key)


def _add(content: hashlib._Hash, extra: bytes, raw: memoryview) -> None:
    for piece in (extra, raw):
        content.update(len(piece).to_bytes(8, "little"))
        content.update(piece)
