"""Who could have seen a record of a case, read from its slice; nothing of it is shown by asking."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from pastwatch.archive.block import OpenBlock, RecordRef
from pastwatch.archive.gate import Gate
from pastwatch.desk.case import CaseWork
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import PackDamaged, UsageError
from pastwatch.model.assessment import Finding
from pastwatch.model.claim import Claim
from pastwatch.model.reach import Certainty, Reach, Way
from pastwatch.model.record import Record
from pastwatch.stages.reconstruct.membership import EVENTS
from pastwatch.stages.reconstruct.reach import reach_of, summary
from pastwatch.stages.reconstruct.reach_quoting import Quoting, pieces_of
from pastwatch.stages.reconstruct.talk import Gatherer

_RECORD = re.compile(r"[0-9a-f]{32}")
_EVENT_NUMBERS = [int(kind) for kind in EVENTS]
_BROUGHT = "brought to the case as evidence: who had it before is not told by any record"
_SHORT = "it says too little for its words to be found in later records"


def reach(case: CaseWork, word: str, *, cancel: threading.Event | None = None) -> Reach:
    """Everybody who could have seen a hit's record (h3), or the record of an id.

    The slice is read once, for who wrote to whom and for the record's own words in later ones.
    NoSuchRecord for one out of reach, UsageError for one judged protected.
    """
    record_id = record_named(case, word)
    ref, gate = _place(case, record_id)
    record, own = unshown(case, record_id)
    if gate is not case.gate:
        gatherer = Gatherer()
        gatherer.add(own)
        found = reach_of(gatherer.done(), 0)
        return replace(found, notes=(*found.notes, _BROUGHT))
    pieces = pieces_of(record.text)
    gatherer, quoting = Gatherer(), Quoting(pieces)
    texts: dict[bytes, str] = {}
    for block in blocks_of(case, purpose="reach", cancel=cancel):
        gatherer.add(block)
        quoting.add(block)
        texts.update(_event_texts(block, record.conversation, ref, gate))
    talk = gatherer.done()
    row = talk.row_of(record_id)
    if row is None:  # its block opened a moment ago
        raise PackDamaged("the record's block no longer opens")
    place = talk.rows_of(texts)
    found = reach_of(
        talk,
        row,
        event_texts={place[i]: text for i, text in texts.items()},
        quoted_in=quoting.shares(talk, row),
    )
    return found if pieces else replace(found, notes=(*found.notes, _SHORT))


def counts_line(found: Reach) -> str:
    """How many accounts are reached for certain and possibly, and how many ways stay unknown."""
    counts = summary(found.rows)
    wrote = " (who wrote it among them)" if any(r.way is Way.WROTE for r in found.rows) else ""
    certain, unknown = counts[Certainty.CERTAIN], counts[Certainty.UNKNOWN]
    return (
        f"{certain:,} account{'' if certain == 1 else 's'} for certain{wrote}, "
        f"{counts[Certainty.POSSIBLE]:,} possibly; {unknown:,} way{'' if unknown == 1 else 's'} unknown"
    )


def record_named(case: CaseWork, word: str) -> bytes:
    """The id of the record that h3 is a hit on, or that the word itself is."""
    if _RECORD.fullmatch(word):
        return bytes.fromhex(word)
    return case.papers.hit(word).hit.record_id


def cited_by(case: CaseWork, word: str) -> tuple[bytes, ...]:
    """The records that a finding (f1) or a claim (c2) rests on, each once; empty for another word."""
    citations = []
    if re.fullmatch(r"f[1-9][0-9]*", word):
        finding: Finding = case.papers.finding(word)
        citations = list(finding.citations)
    elif re.fullmatch(r"c[1-9][0-9]*", word):
        claims = {e.name: e.value for e in case.papers.entered("claim", Claim)}
        if word not in claims:
            raise UsageError(f'this case has no claim "{word}"')
        citations = [claims[word].citation]
    else:
        return ()
    if not citations:
        raise UsageError(
            f"{word} cites no record: its states are those of a search, not of a record"
        )
    return tuple(dict.fromkeys(c.record_id for c in citations))


def unshown(case: CaseWork, record_id: bytes) -> tuple[Record, OpenBlock]:
    """A record opened by the program alone: logged as opened, shown to nobody."""
    if record_id in case.papers.protected_ids():
        raise UsageError("the record asked for was judged protected: nothing is told of it")
    ref, gate = _place(case, record_id)
    block_ref = next(b for b in gate.blocks if (b.pack_id, b.block) == (ref.pack_id, ref.block))
    with gate.opening([block_ref], purpose="reach") as opening:
        block = opening.block(block_ref)
        at = int(np.searchsorted(block.rows, ref.row))
        kept = block.kept(np.asarray([at], np.int64))
        return kept.record(0), kept


def _place(case: CaseWork, record_id: bytes) -> tuple[RecordRef, Gate]:
    ref = case.ref_anywhere(record_id)
    return ref, case.gate_of(ref)


def _event_texts(
    block: OpenBlock, conversation: str, ref: RecordRef, gate: Gate
) -> Iterator[tuple[bytes, str]]:
    """The words of a block's records that tell who came into the conversation, or left it."""
    if not conversation or block.ref.source_id != _source_of(gate, ref):
        return
    kinds = block.envelope.column("kind").to_numpy(zero_copy_only=False)
    own = np.isin(kinds, _EVENT_NUMBERS)
    if not own.any():
        return
    same = pc.fill_null(pc.equal(block.text.column("conversation"), conversation), False)
    own &= same.to_numpy(zero_copy_only=False)
    places = np.flatnonzero(own).tolist()
    if places:
        ids, texts = block.ids(), block.text.column("text")
        for place in places:
            yield ids[place], texts[place].as_py()


def _source_of(gate: Gate, ref: RecordRef) -> str:
    return next(
        b.source_id for b in gate.blocks if (b.pack_id, b.block) == (ref.pack_id, ref.block)
    )
