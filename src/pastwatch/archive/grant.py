"""The custodian's act: turn a signed authority into the keys of the frames it reaches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive import place
from pastwatch.archive.catalogue import Catalogue, PackRow
from pastwatch.archive.grantfile import (
    BLOCKS,
    TOKEN_FRAMES,
    Grant,
    bits_of,
    frames_digest,
    pack_grant,
)
from pastwatch.archive.identity import Tokens, is_account
from pastwatch.archive.layout import TEXT, TOKEN_BLOCKS
from pastwatch.archive.opening import PackOpener, frame_keys
from pastwatch.archive.pack import scanned_section
from pastwatch.archive.rawblock import Parser
from pastwatch.archive.scope import DATED, NO_TIME, Mask, SourceScope, reached, times
from pastwatch.archive.signatures import digest as authority_digest
from pastwatch.errors import AuthorityExpired
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.ledger.log import Ledger
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.authority import Authority
from pastwatch.model.when import iso
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import KeyFile
from pastwatch.storage.local import LocalStore

LEAST_GROUP = 10  # counts of fewer records are not told: they may point at a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What an authority could reach at most, told from the catalogue alone, with no key."""

    packs: int
    bytes: int
    records_at_most: int
    held_records: int
    held_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a grant reaches, counted from the envelopes under the custodian's identity."""

    packs: int
    blocks: int
    records: int
    exposed: int
    protected: int
    undated: int
    doubtful: int
    unknown_place: int
    accounts: int
    text_bytes: int
    held_records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A grant: the age file for the case, what it reaches, and its ledger entry."""

    file: bytes
    estimate: Estimate
    sequence: int


class _Tally:
    """What the envelopes of a grant add up to."""

    def __init__(self) -> None:
        self.records = self.exposed = self.protected = self.unknown_place = self.blocks = 0
        self.text_bytes = 0
        self.packs: set[str] = set()
        self.accounts: dict[str, dict[str, int]] = {}
        self.rows: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []
        self.held: dict[str, tuple[int, int]] = {}  # exact span of the dated packs read, by source


def packs_bound(catalogue: Catalogue, authority: Authority) -> list[PackRow]:
    """The packs that may hold a record in scope."""
    scope = authority.scope
    rows = catalogue.reaching(scope.span.start_us, scope.span.end_us, undated=scope.undated)
    return [r for r in rows if not scope.source_ids or r.source_id in scope.source_ids]


def bound(catalogue: Catalogue, authority: Authority) -> Bound:
    """The bound of an authority, from the catalogue."""
    scope = authority.scope
    packs, size_bytes, records = catalogue.totals(
        scope.span.start_us,
        scope.span.end_us,
        undated=scope.undated,
        source_ids=sorted(scope.source_ids),
    )
    held_records, held_bytes = catalogue.held()
    return Bound(
        packs=packs,
        bytes=size_bytes,
        records_at_most=records,
        held_records=held_records,
        held_bytes=held_bytes,
    )


def make_grant(
    authority: Authority,
    *,
    store: LocalStore,
    ledger: Ledger,
    catalogue: Catalogue,
    custodian: KeyFile,
    case_recipient: str,
    tokens_of: Callable[[str], Tokens],
    protected: Sequence[str],
    facts: dict[str, Any],
    clock_us: int,
    keep_openings: Callable[[str, bytes], None],
) -> Granted:
    """Read the envelopes the bound leaves, choose the frames, write the ledger, then wrap the keys.

    Order: `locate` entry (before the first envelope is read) → the choice → the account of it,
    durable → `grant` entry → the file. A crash before the last leaves an entry and no keys.
    An authority without *locate* or *read* (only *baseline*) is counted and gets no key at all.
    """
    refuse_if_over(authority, ledger, clock_us)
    rows = packs_bound(catalogue, authority)
    digest = hashlib.sha256("\n".join(sorted(r.pack_id for r in rows)).encode()).hexdigest()
    located = EntryDraft(
        act=Act.LOCATE,
        clock_us=clock_us,
        authority=authority.authority_id,
        objects={"packs": digest},
        outcome={"packs": len(rows), "envelope_frames": sum(r.blocks for r in rows)},
    )
    ledger.append([located], custodian.signing)
    tally = _Tally()
    scopes: dict[str, SourceScope] = {}
    for row in rows:
        if row.source_id not in scopes:
            scopes[row.source_id] = _source_scope(authority, tokens_of(row.source_id), protected)
        _choose(
            row, scopes[row.source_id], tally, authority=authority, store=store, custodian=custodian
        )
    estimate = _estimate(tally, authority, catalogue)
    accounts = json.dumps(tally.accounts, sort_keys=True).encode()
    accounts_sha256 = hashlib.sha256(accounts).hexdigest()
    keep_openings(accounts_sha256, accounts)
    entry = EntryDraft(
        act=Act.GRANT,
        clock_us=clock_us,
        authority=authority.authority_id,
        objects={
            "frames": frames_digest(tally.rows, tally.frames),
            "accounts": accounts_sha256,
            "authority": authority_digest(authority),
        },
        outcome={
            "blocks": estimate.blocks,
            "records": estimate.records,
            "exposed": estimate.exposed,
            "protected": estimate.protected,
            "recipient": hashlib.sha256(case_recipient.encode()).hexdigest()[:16],
        },
    )
    (written,) = ledger.append([entry], custodian.signing)
    grant = Grant(
        blocks=pa.Table.from_pylist(tally.rows, schema=BLOCKS),
        token_frames=pa.Table.from_pylist(tally.frames, schema=TOKEN_FRAMES),
        scopes=scopes,
        facts={
            **_with_exact_spans(facts, tally, rows, catalogue),
            "estimate": {f: getattr(estimate, f) for f in Estimate.__slots__},
        },
        authority=authority,
        sequence=written.sequence,
    )
    file = seal.wrap(pack_grant(grant), recipients=[case_recipient])
    return Granted(file=file, estimate=estimate, sequence=written.sequence)


def refuse_if_over(authority: Authority, ledger: Ledger, clock_us: int) -> None:
    """AuthorityExpired for one whose time is over, or that was revoked."""
    ledger.refresh()
    name = authority.authority_id
    if ledger.now_us(clock_us) >= authority.valid.end_us:
        raise AuthorityExpired(
            f"authority {name} ended at {iso(authority.valid.end_us)}",
            hint="ask for a new one: 'pastwatch authority draft'",
        )
    if any(entry.authority == name for entry in entries_of(ledger, Act.REVOKE)):
        raise AuthorityExpired(f"authority {name} was revoked")


def _source_scope(authority: Authority, tokens: Tokens, protected: Sequence[str]) -> SourceScope:
    return SourceScope(
        scope=authority.scope,
        accounts=frozenset(t for a in authority.scope.accounts for t in tokens.exactly(a)),
        protected=frozenset(t for p in protected for t in tokens.exactly(p)),
    )


def _choose(
    row: PackRow,
    within: SourceScope,
    tally: _Tally,
    *,
    authority: Authority,
    store: LocalStore,
    custodian: KeyFile,
) -> None:
    """Add the frames of a pack's blocks that hold a record in scope, and count what they hold."""
    opener = PackOpener(store, row.pack_id)
    keys = opener.section_keys(store.get(place.keys_key(row.pack_id)), custodian.identity)
    may_read = authority.allows(Allowed.READ)
    has_text = may_read and not opener.is_raw
    scanned = scanned_section(opener.pack.depth)
    groups: set[int] = set()
    accounts = tally.accounts.setdefault(row.source_id, {})
    for block in range(opener.pack.block_count):
        envelope, tokens = opener.envelope(frame_keys(keys, seal.ENVELOPE, block), block)
        if row.time_class == DATED:
            _widen(tally.held, row.source_id, envelope)
        found = reached(envelope, tokens, within)
        inside = int(found.inside.sum())
        withheld = int(found.protected.sum())
        tally.protected += withheld
        if not inside:
            continue
        tally.blocks += 1
        tally.packs.add(row.pack_id)
        tally.records += inside
        tally.unknown_place += int(found.unknown_place.sum())
        tally.exposed += envelope.num_rows - inside - withheld
        _count_accounts(accounts, envelope, tokens, found.inside)
        if not authority.allows(Allowed.LOCATE):
            continue
        tally.rows.append(
            {
                "pack_id": row.pack_id,
                "source_id": row.source_id,
                "time_class": row.time_class,
                "block": block,
                "records": envelope.num_rows,
                "inside": inside,
                "protected": withheld,
                "rows": None if found.inside.all() else bits_of(found.inside),
                "text_frame_bytes": opener.pack.frames[scanned][block].size,
                "envelope_key": frame_keys(keys, seal.ENVELOPE, block),
                "text_key": frame_keys(keys, seal.TEXT, block) if has_text else None,
                "remainder_key": frame_keys(keys, seal.REMAINDER, block) if may_read else None,
                **_times_told(envelope, found.inside),
            }
        )
        groups.add(block // TOKEN_BLOCKS)
    if has_text:
        tally.frames += [
            {"pack_id": row.pack_id, "index": g, "key": frame_keys(keys, seal.TOKENS, g)}
            for g in sorted(groups)
        ]


def _times_told(envelope: pa.RecordBatch, inside: Mask) -> dict[str, Any]:
    """The times of the records in scope of a block, as columns of the grant."""
    earliest, latest = (column[inside] for column in times(envelope))
    begun, ended = earliest[earliest != NO_TIME], latest[latest != NO_TIME]
    return {
        "first_us": int(begun.min()) if len(begun) else None,
        "last_us": int(ended.max()) if len(ended) else None,
        "timed": len(begun) == len(ended) == len(earliest),
    }


def _widen(held: dict[str, tuple[int, int]], source_id: str, envelope: pa.RecordBatch) -> None:
    earliest, latest = times(envelope)
    first, last = int(earliest.min()), int(latest.max())
    known = held.get(source_id, (first, last))
    held[source_id] = (min(known[0], first), max(known[1], last))


def _with_exact_spans(
    facts: dict[str, Any], tally: _Tally, rows: list[PackRow], catalogue: Catalogue
) -> dict[str, Any]:
    """The facts with each source's first and last moment exact where its pack was read anyway."""
    read = {row.pack_id for row in rows}
    sources = {source_id: dict(told) for source_id, told in facts.get("sources", {}).items()}
    for source_id, (first, last) in tally.held.items():
        dated = [r for r in catalogue.packs(source_id) if r.time_class == DATED]
        start, end = min(r.start_us or 0 for r in dated), max(r.end_us or 0 for r in dated)
        if source_id in sources and {r.pack_id for r in dated if r.start_us == start} <= read:
            sources[source_id]["from_us"] = first
        if source_id in sources and {r.pack_id for r in dated if r.end_us == end} <= read:
            sources[source_id]["until_us"] = last
    return {**facts, "sources": sources}


def _count_accounts(
    accounts: dict[str, int], envelope: pa.RecordBatch, tokens: pa.RecordBatch, inside: Any
) -> None:
    table = tokens.column("token").to_pylist()
    for held in envelope.column("accounts").filter(pa.array(inside)).to_pylist():
        for index in held:
            if is_account(table[index]):
                name = table[index].hex()
                accounts[name] = accounts.get(name, 0) + 1


def _estimate(tally: _Tally, authority: Authority, catalogue: Catalogue) -> Estimate:
    every = catalogue.packs()
    chosen = authority.scope.source_ids
    apart = [r for r in every if not chosen or r.source_id in chosen]
    return Estimate(
        packs=len(tally.packs),
        blocks=tally.blocks,
        records=tally.records,
        exposed=tally.exposed,
        protected=tally.protected,
        undated=sum(r.records for r in apart if r.time_class == "undated"),
        doubtful=sum(r.records for r in apart if r.time_class == "doubtful"),
        unknown_place=tally.unknown_place,
        accounts=sum(len(held) for held in tally.accounts.values()),
        text_bytes=sum(r["text_frame_bytes"] for r in tally.rows),
        held_records=sum(r.records for r in every),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """What a custodian's count works with: the archive's rooms, the key, and what is withheld."""

    store: LocalStore
    ledger: Ledger
    catalogue: Catalogue
    custodian: KeyFile
    tokens_of: Callable[[str], Tokens]
    protected: Sequence[str]
    parser: Parser
    clock_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedBlock:
    """The records in scope of one block, opened to be counted and not to be read."""

    source_id: str
    envelope: pa.RecordBatch
    text: pa.RecordBatch | None  # None: not asked for


def counted_blocks(authority: Authority, custody: Custody, *, text: bool) -> Iterator[CountedBlock]:
    """Open the blocks of a baseline's scope one by one; for `aggregates` alone, which logs it."""
    for row in packs_bound(custody.catalogue, authority):
        within = _source_scope(authority, custody.tokens_of(row.source_id), custody.protected)
        opener = PackOpener(custody.store, row.pack_id)
        wrapped = custody.store.get(place.keys_key(row.pack_id))
        keys = opener.section_keys(wrapped, custody.custodian.identity)
        for block in range(opener.pack.block_count):
            envelope, tokens = opener.envelope(frame_keys(keys, seal.ENVELOPE, block), block)
            rows = np.flatnonzero(reached(envelope, tokens, within).inside)
            if not len(rows):
                continue
            said = _said(opener, keys, block, rows, custody.parser) if text else None
            yield CountedBlock(
                source_id=row.source_id, envelope=envelope.take(pa.array(rows)), text=said
            )


def _said(
    opener: PackOpener,
    keys: dict[int, bytes],
    block: int,
    rows: npt.NDArray[np.int64],
    parser: Parser,
) -> pa.RecordBatch:
    """The text of some rows of a block; of originals sealed unparsed what the parser makes of them."""
    if not opener.is_raw:
        key = frame_keys(keys, seal.TEXT, block)
        return opener.text(key, block, reuse=False)[1].take(pa.array(rows))
    key = frame_keys(keys, seal.REMAINDER, block)
    rest = opener.originals(key, block)[1].take(pa.array(rows))
    parsed = parser(rest.column("original").to_pylist(), rest.column("form").to_pylist())
    return parsed.select(TEXT.names)
