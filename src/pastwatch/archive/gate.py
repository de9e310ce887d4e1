"""The one gate: checks the authority, writes the ledger, and only then opens what was granted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial

import numpy as np
import pyarrow as pa

from pastwatch.archive.block import BlockRef, OpenBlock, RecordRef, cut
from pastwatch.archive.catalogue import Catalogue
from pastwatch.archive.grantfile import Grant, check_granted, read_grant, rows_of, times_of
from pastwatch.archive.layout import TOKEN_BLOCKS
from pastwatch.archive.leaves import Proof
from pastwatch.archive.opened import Opening, digest_of, shown_outcome
from pastwatch.archive.opening import PackOpener
from pastwatch.archive.peoplewords import Asked
from pastwatch.archive.proving import prove_raw, prove_row
from pastwatch.archive.rawblock import Parsed, ParsedCache, Parser, RawReader
from pastwatch.archive.restoring import rest_of, restored
from pastwatch.archive.scope import reached
from pastwatch.archive.sliceindex import SliceIndex, index_of
from pastwatch.archive.slicing import parsed_block, ready_block
from pastwatch.archive.wordindex import WordIndex
from pastwatch.errors import (
    AuthorityExpired,
    NoAuthority,
    NoSuchRecord,
    OutsideScope,
    PackDamaged,
)
from pastwatch.ledger.entry import Act, EntryDraft, Outcome
from pastwatch.ledger.log import Ledger
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.authority import Authority
from pastwatch.model.record import Record
from pastwatch.model.when import iso
from pastwatch.sealing import opening as sealed
from pastwatch.sealing.casekey import AgeIdentity
from pastwatch.sealing.signing import SigningKey
from pastwatch.storage.local import LocalStore

Clock = Callable[[], int]


class Gate:
    """Everything a case may read, and nothing else; one gate a case and process."""

    def __init__(
        self,
        grant_file: bytes,
        *,
        identity: AgeIdentity,
        store: LocalStore,
        ledger: Ledger,
        catalogue: Catalogue,
        signer: SigningKey,
        clock: Clock,
        parser: Parser | None = None,
        parsed: ParsedCache | None = None,
    ) -> None:
        self._grant: Grant = read_grant(sealed.unwrap(grant_file, identity=identity))
        check_granted(self._grant, ledger)
        self._read_to, self._revoked = self._grant.sequence, False
        self._store, self._ledger, self._catalogue = store, ledger, catalogue
        self._signer, self._clock = signer, clock
        self._raw = RawReader(parser, parsed, partial(self._append, Act.PIECES))
        self._openers: dict[str, PackOpener] = {}
        self._lock = threading.Lock()
        self._index: SliceIndex | None = None
        self.unreadable: dict[BlockRef, str] = {}
        self._words = WordIndex(
            {(r["pack_id"], r["index"]): r["key"] for r in self._grant.token_frames.to_pylist()},
            lambda pack_id, key, index: self._opener(pack_id).tokens(key, index),
        )
        self._rows = {(r["pack_id"], r["block"]): r for r in self._grant.blocks.to_pylist()}
        self.blocks = tuple(
            BlockRef(
                pack_id=r["pack_id"],
                block=r["block"],
                source_id=r["source_id"],
                inside=r["inside"],
                text_frame_bytes=r["text_frame_bytes"],
                dated=r["time_class"] == "dated",
                times=times_of(r),
            )
            for r in self._rows.values()
        )
        self.records = sum(ref.inside for ref in self.blocks)
        self._groups: dict[tuple[str, int], list[BlockRef]] = {}
        for ref in self.blocks:
            self._groups.setdefault((ref.pack_id, ref.block // TOKEN_BLOCKS), []).append(ref)

    @property
    def authority(self) -> Authority:
        """The authority all this rests on."""
        return self._grant.authority

    @property
    def facts(self) -> dict[str, object]:
        """What the custodian handed over with the keys: sources, handovers, the estimate."""
        return self._grant.facts

    def check(self, act: Allowed) -> None:
        """Refuse an act not listed, or a time outside validity, or an authority revoked."""
        authority = self.authority
        if not authority.allows(act):
            raise NoAuthority(
                f'authority {authority.authority_id} does not allow "{act}"',
                hint=f"it allows {', '.join(authority.acts)}",
            )
        self._ledger.refresh()
        now_us = self._ledger.now_us(self._clock())
        if now_us >= authority.valid.end_us:
            raise AuthorityExpired(
                f"authority {authority.authority_id} ended at {iso(authority.valid.end_us)}",
                hint="ask for a new one: 'pastwatch authority draft'",
            )
        if now_us < authority.valid.start_us:
            raise AuthorityExpired(
                f"authority {authority.authority_id} begins at {iso(authority.valid.start_us)}"
            )
        if self._is_revoked() or self._catalogue.ended(authority.authority_id):
            raise AuthorityExpired(f"authority {authority.authority_id} was revoked")

    def _is_revoked(self) -> bool:
        """Whether the ledger ends the authority; it is read on from where the last check stopped."""
        name, size = self.authority.authority_id, self._ledger.size
        for entry in self._ledger.told(Act.REVOKE, self._read_to):
            self._revoked |= entry.authority == name
        self._read_to = max(self._read_to, size)
        return self._revoked

    def index(self) -> SliceIndex:
        """The envelopes of the slice as columns, opened once a process (logged as locate)."""
        if self._index is None:
            with self.opening(self.blocks, purpose="locate", act=Allowed.LOCATE) as opening:
                held = []
                for ref in self.blocks:
                    try:
                        envelopes = self._envelope(ref)
                    except PackDamaged as broken:
                        opening.unreadable(ref, str(broken))
                        continue
                    held.append((ref.pack_id, ref.source_id, ref.block, envelopes))
                    opening.opened.add(ref)
                    opening.records += len(envelopes[1])
                self.unreadable.update(opening.damaged)
            self._index = index_of(held)
        return self._index

    @contextmanager
    def opening(
        self,
        blocks: Sequence[BlockRef],
        *,
        purpose: str,
        act: Allowed = Allowed.READ,
        digest: str | None = None,
    ) -> Iterator[Opening]:
        """Log that these blocks are about to be opened, open them on demand, log what was opened.

        If the first entry cannot be written durably, nothing opens. An opening that fails half
        way still logs what was opened.
        """
        self.check(act)
        for ref in blocks:
            if (ref.pack_id, ref.block) not in self._rows:
                self._append(Act.REFUSE, {}, {"purpose": purpose, "act": act})
                raise OutsideScope(
                    f"authority {self.authority.authority_id} does not reach this block",
                    hint="a wider look needs a new authority: 'pastwatch authority draft'",
                )
        objects = {"frames": digest_of(f"{r.pack_id}/{r.block}" for r in blocks)}
        if digest:
            objects["query"] = digest
        about: dict[str, Outcome] = {"purpose": purpose, "act": act, "blocks": len(blocks)}
        told = self._draft(Act.OPEN, objects, about)
        if blocks:  # else nothing can be opened before the closing entry, and both go together
            self._ledger.append([told], self._signer)
        opening = Opening(self._open, blocks)
        try:
            yield opening
        finally:
            opening.end()
            done = self._draft(Act.OPENED, objects, {"purpose": purpose, **opening.outcome()})
            self._ledger.append([done] if blocks else [told, done], self._signer)

    def block_counts(
        self, blocks: Sequence[BlockRef] | None = None
    ) -> dict[BlockRef, tuple[int, int]]:
        """For each of these granted blocks, or of all, the records in scope and those exposed by it."""
        wanted = self.blocks if blocks is None else blocks
        rows = {ref: self._rows[ref.pack_id, ref.block] for ref in wanted}
        return {
            ref: (row["inside"], row["records"] - row["inside"] - row["protected"])
            for ref, row in rows.items()
        }

    def show(self, refs: Sequence[RecordRef], *, context: bool = False) -> list[Record]:
        """Records for a person to read, in the order asked; logged before they are returned."""
        self.check(Allowed.READ)
        self._announce(refs, "show")
        records = self._records(refs)
        digests = {"records": digest_of(r.record_id.hex() for r in records)}
        self._append(Act.SHOWN, digests, shown_outcome(records, context=context))
        return records

    def original(self, ref: RecordRef) -> bytes:
        """The exact bytes the record came as, restored and checked against their hash."""
        return next(self.originals([ref]))[1]

    def originals(self, refs: Sequence[RecordRef]) -> Iterator[tuple[Record, bytes]]:
        """Records with their originals, in the order asked; logged before the first is returned."""
        self.check(Allowed.READ)
        self._announce(refs, "original")
        records = self._records(refs)
        shown = {"records": digest_of(r.record_id.hex() for r in records)}
        self._append(Act.SHOWN, shown, {"records": len(records), "original": True})
        yield from restored(zip(refs, records, strict=True), self._granted)

    def prove(self, ref: RecordRef) -> Proof:
        """The proof that a record in scope stood in its pack; only hashes of others are in it."""
        self.check(Allowed.READ)
        self._announce([ref], "prove")
        self._records([ref])
        opener, row = self._granted(ref)
        envelope, _ = opener.envelope(row["envelope_key"], ref.block)
        if opener.is_raw:
            return self._prove_raw(ref, envelope)
        seed, text = opener.text(row["text_key"], ref.block, reuse=False)
        return prove_row(
            opener.pack,
            ref,
            envelope=envelope,
            text=text,
            rest=rest_of(opener, row, ref),
            seed=seed,
        )

    def holding(self, asked: Sequence[Asked]) -> set[BlockRef] | None:
        """The blocks that may hold a word of every group asked for.

        None when a frame is not granted, so that nothing may be skipped.
        """
        self.check(Allowed.READ)
        if self._wordless is None or (self._wordless and not len(self._words)):
            return None
        found = set(self._wordless)
        outcome: dict[str, Outcome] = {"purpose": "plan", "token_frames": len(self._words)}
        self._append(Act.OPEN, {"frames": digest_of(self._words.names())}, outcome)
        for (pack_id, group), bits in self._words.maps(asked):
            found.update(self._of_group(pack_id, group, bits))
        return found

    @cached_property
    def _wordless(self) -> frozenset[BlockRef] | None:
        """The blocks no index was made of: they may hold anything. None when a frame is missing."""
        raw = frozenset(filter(self._is_raw, self.blocks))
        groups = {(r.pack_id, r.block // TOKEN_BLOCKS) for r in self.blocks if r not in raw}
        return raw if all(group in self._words for group in groups) else None

    def _of_group(self, pack_id: str, group: int, bits: int) -> Iterator[BlockRef]:
        if not bits:
            return
        for ref in self._groups.get((pack_id, group), ()):
            if bits >> (ref.block % TOKEN_BLOCKS) & 1:
                yield ref

    def _open(self, ref: BlockRef, reuse: bool) -> OpenBlock:
        row = self._rows[ref.pack_id, ref.block]
        medium = self._medium(ref.source_id)
        if self._is_raw(ref):
            envelope, rows, tokens, _ = self._envelope(ref)
            parsed = self._parsed(ref, rows, envelope)
            return parsed_block(
                ref, parsed, medium=medium, rows=rows, envelope=envelope, tokens=tokens
            )
        return ready_block(
            self._opener(ref.pack_id),
            ref,
            medium=medium,
            rows=rows_of(row["rows"], row["records"]),
            records=row["records"],
            keys=(row["envelope_key"], row["text_key"]),
            envelopes=partial(self._envelopes, ref),
            reuse=reuse,
        )

    def _envelopes(self, ref: BlockRef) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        envelope, _, tokens, _ = self._envelope(ref)
        return envelope, tokens

    def _is_raw(self, ref: BlockRef) -> bool:
        """Whether the block holds originals alone: then no key to any text was granted."""
        row = self._rows[ref.pack_id, ref.block]
        return row["text_key"] is None and row["remainder_key"] is not None

    def _parsed(self, ref: BlockRef, rows: np.ndarray, envelope: pa.RecordBatch) -> Parsed:
        """The parsed records in scope of a raw block; parsed and attested at their first opening."""
        row = self._rows[ref.pack_id, ref.block]
        originals = partial(self._opener(ref.pack_id).originals, row["remainder_key"], ref.block)
        return self._raw.block(ref, rows, envelope, originals, records=row["records"])

    def _prove_raw(self, ref: RecordRef, envelope: pa.RecordBatch) -> Proof:
        opener, row = self._granted(ref)
        block = self._block_ref(ref)
        inside, rows, _, _ = self._envelope(block)
        parsed = self._parsed(block, rows, inside)
        seed, rest = opener.originals(row["remainder_key"], ref.block)
        return prove_raw(
            opener.pack,
            ref,
            envelope=envelope,
            inside=inside,
            rest=rest,
            seed=seed,
            parsed=parsed,
            told=self._ledger.entry(parsed.sequence).objects.get("pieces", ""),
        )

    def _envelope(self, ref: BlockRef) -> tuple[pa.RecordBatch, np.ndarray, pa.RecordBatch, bool]:
        row = self._rows[ref.pack_id, ref.block]
        envelope, tokens = self._opener(ref.pack_id).envelope(row["envelope_key"], ref.block)
        found = reached(envelope, tokens, self._grant.scopes[ref.source_id])
        rows = np.flatnonzero(found.inside)
        if not np.array_equal(rows, rows_of(row["rows"], row["records"])):
            raise PackDamaged(f"pack {ref.pack_id}: block {ref.block} is not the one granted")
        if len(rows) == envelope.num_rows:
            return envelope, rows, tokens, True
        envelope, tokens = cut(envelope, tokens, rows)
        return envelope, rows, tokens, False

    def _records(self, refs: Sequence[RecordRef]) -> list[Record]:
        """Records in the order asked; a block that holds several is opened once."""
        found: dict[RecordRef, Record] = {}
        block: OpenBlock | None = None
        for ref in sorted(set(refs)):
            if block is None or (block.ref.pack_id, block.ref.block) != (ref.pack_id, ref.block):
                block = self._with_sources(ref)
            found[ref] = _of_block(block, ref)
        return [found[ref] for ref in refs]

    def _with_sources(self, ref: RecordRef) -> OpenBlock:
        """A block with its originals' hashes; the same answer for unknown and outside."""
        if (ref.pack_id, ref.block) not in self._rows:
            raise NoSuchRecord("no such record in this case")
        block = self._open(self._block_ref(ref), False)
        sources = rest_of(*self._granted(ref), ref).column("source_sha256")
        return replace(block, sources=tuple(sources[int(r)].as_py() for r in block.rows))

    def _block_ref(self, ref: RecordRef) -> BlockRef:
        group = self._groups[ref.pack_id, ref.block // TOKEN_BLOCKS]
        return next(b for b in group if b.block == ref.block)

    def _announce(self, refs: Sequence[RecordRef], purpose: str) -> None:
        """Log which blocks are about to be opened for single records, before any is."""
        blocks = {f"{ref.pack_id}/{ref.block}" for ref in refs}
        frames = {"frames": digest_of(sorted(blocks))}
        self._append(Act.OPEN, frames, {"purpose": purpose, "blocks": len(blocks)})

    def _granted(self, ref: RecordRef) -> tuple[PackOpener, dict[str, bytes]]:
        return self._opener(ref.pack_id), self._rows[ref.pack_id, ref.block]

    def _opener(self, pack_id: str) -> PackOpener:
        with self._lock:
            if pack_id not in self._openers:
                self._openers[pack_id] = PackOpener(self._store, pack_id)
            return self._openers[pack_id]

    def _medium(self, source_id: str) -> str:
        sources = self._grant.facts.get("sources", {})
        return str(sources.get(source_id, {}).get("medium", "")) if sources else ""

    def _append(self, act: Act, objects: dict[str, str], outcome: dict[str, Outcome]) -> int:
        (entry,) = self._ledger.append([self._draft(act, objects, outcome)], self._signer)
        return entry.sequence

    def _draft(
        self, act: Act, objects: dict[str, str], outcome: Mapping[str, Outcome]
    ) -> EntryDraft:
        return EntryDraft(
            act=act,
            clock_us=self._clock(),
            authority=self.authority.authority_id,
            objects=objects,
            outcome=outcome,
        )


def _of_block(block: OpenBlock, ref: RecordRef) -> Record:
    at = int(np.searchsorted(block.rows, ref.row))
    if at >= len(block.rows) or block.rows[at] != ref.row:
        raise NoSuchRecord("no such record in this case")
    return block.record(at)
