"""Records near in meaning to a text, or like a record: ranked, without a threshold, never exhaustive."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pastwatch.archive.block import OpenBlock, RecordRef
from pastwatch.casefile.searches import Found
from pastwatch.desk.case import CaseWork
from pastwatch.desk.looking import CaseHit
from pastwatch.desk.meaning import MODELS, embedders, nearest_records
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import NoSuchRecord, UsageError
from pastwatch.model.record import PART_TEXT, Citation, Record
from pastwatch.ports import Embedder
from pastwatch.stages.lookback.similar import by_words, nearest

HOW = "ranked by meaning: no threshold, not exhaustive"
HOW_WORDS = "ranked by shared words: no threshold, not exhaustive"
MOST = 1000
"""So many records at most are ranked by likeness: beyond them it says nothing."""
WORDS = "words"


@dataclass(frozen=True, slots=True)
class NearHit:
    """A record that was found near, kept as a hit so that it can be marked and cited."""

    place: int
    likeness: float
    """By vectors a cosine, comparable within one model alone; by words a BM25 score."""
    model: str
    hit: CaseHit
    record: Record


@dataclass(frozen=True, slots=True)
class NearFound:
    """What is nearest, best first; `models` names in full what measured it."""

    query_id: str
    models: tuple[str, ...]
    how: str
    hits: tuple[NearHit, ...]
    compared: int
    """Records that were compared; others of the slice have no vector yet."""
    records: int
    """Records of the slice."""


class _Ranked(NamedTuple):
    record_id: bytes
    likeness: float
    model: str


def near_meaning(
    case: CaseWork,
    text: str,
    *,
    limit: int = 20,
    among: Mapping[str, Embedder] | None = None,
) -> NearFound:
    """The records nearest in meaning to a text, in whatever language they are.

    By the vectors that enriching kept of them. Shown records are logged as shown and kept as hits
    of a search that never ends: a finding of nothing cannot rest on it. UsageError where no record
    has a vector.
    """
    if not text.strip():
        raise UsageError("say what to look for", hint='--meaning "chemical experts"')
    models = embedders() if among is None else among
    near = nearest_records(case, text, among=models, count=_checked(limit))
    found = [_Ranked(n.record_id, n.cosine, n.model) for n in near]
    named = [(name, embedder.version) for name, embedder in models.items()]
    return _kept(case, f"meaning: {text}", found, by=_used(case, named), how=HOW)


def similar(case: CaseWork, target: str, *, limit: int = 20) -> NearFound:
    """The records most like a hit (h12) or record (its id in hex, or how it begins, of 8 digits or more).

    By the vectors enriching kept, without the model; by the rare words they share where the record
    has none. NoSuchRecord when it is not in the slice.
    """
    record_id, ref = _target(case, target)
    if record_id in case.papers.protected_ids():
        raise NoSuchRecord("no such record in this case")
    title = f"similar: {record_id.hex()}"
    for name, version in _with_vectors(case):
        own = _vector_of(case, name, version, record_id)
        if own is not None:
            near = nearest(
                case.papers.vectors(maker=name, version=version),
                own,
                count=_checked(limit),
                within=_within(case, record_id),
            )
            found = [_Ranked(*one, name) for one in near]
            return _kept(case, title, found, by=[(name, version)], how=HOW)
    (record,) = case.show_refs([ref])
    text = "\n".join((record.subject, record.text, *(part.text for part in record.parts)))

    def blocks() -> Iterator[OpenBlock]:
        return blocks_of(case, purpose="similar")

    near = by_words(blocks, text, count=_checked(limit), leave_out=record_id)
    found = [_Ranked(*one, WORDS) for one in near]
    return _kept(case, title, found, by=[(WORDS, "BM25")], how=HOW_WORDS)


def _with_vectors(case: CaseWork) -> list[tuple[str, str]]:
    """(model, version) of the vectors that are kept, those of most records first."""
    counted = [(n, name, version) for name, version, defect, n in case.papers.count_enriched()
               if name in MODELS and not defect]  # fmt: skip
    return [(name, version) for _, name, version in sorted(counted, reverse=True)]


def _used(case: CaseWork, models: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    kept = {(name, version) for name, version, *_ in case.papers.count_enriched()}
    return [model for model in models if model in kept]


def _vector_of(
    case: CaseWork, maker: str, version: str, record_id: bytes
) -> npt.NDArray[np.float32] | None:
    """The vector of a record; None where it has none, or an empty one."""
    for ids, table in case.papers.vectors(maker=maker, version=version):
        if record_id in ids:
            own: npt.NDArray[np.float32] = table[ids.index(record_id)]
            return own if own.any() else None
    return None


def _within(case: CaseWork, leave_out: bytes) -> Callable[[bytes], bool]:
    """Whether a record may be shown: in the slice of today's grant, and not protected."""
    slice_ids = frozenset(map(bytes, case.gate.index().record_ids.tolist()))
    closed = case.papers.protected_ids() | {leave_out}
    return lambda record_id: record_id in slice_ids and record_id not in closed


def _records(case: CaseWork) -> int:
    return sum(ref.inside for ref in case.gate.blocks) - len(case.papers.protected_ids())


def _checked(limit: int) -> int:
    if not 1 <= limit <= MOST:
        raise UsageError(f"a ranking by likeness shows 1 to {MOST:,} records")
    return limit


def _target(case: CaseWork, target: str) -> tuple[bytes, RecordRef]:
    if target[:1] == "h" and target[1:].isdecimal():
        placed = case.papers.hit(target)
        return placed.hit.record_id, RecordRef(placed.pack_id.hex(), placed.block, placed.row)
    try:
        octets = bytes.fromhex(target)
    except ValueError:
        raise UsageError(f'"{target}" is no hit and no record id', hint="as h12") from None
    if len(octets) < 4:  # noqa: PLR2004 - shorter ones name many
        raise UsageError("name more of the record's id: 8 digits at least")
    index = case.gate.index()
    ids = index.record_ids.view(np.uint8).reshape(len(index), -1)
    same = np.flatnonzero((ids[:, : len(octets)] == np.frombuffer(octets, np.uint8)).all(axis=1))
    if len(same) != 1:
        raise NoSuchRecord("no such record in this case")
    at = int(same[0])
    return index.record_ids[at].tobytes(), index.ref(at)


def _kept(
    case: CaseWork, text: str, found: Sequence[_Ranked], *, by: Sequence[tuple[str, str]], how: str
) -> NearFound:
    """Show what was found, log it as shown, and keep it as the hits of a search that has no end."""
    models = tuple(f"{name} {version}" for name, version in by)
    compared = _compared(case, by)
    salt = secrets.token_bytes(16)
    query_id = case.papers.add_search(
        text,
        salt=salt,
        digest=hashlib.sha256(salt + text.encode()).digest(),
        by=case.office.person,
        at_us=case.office.clock(),
        plan={"ranked_by": list(models), "exhaustive": False, "compared": compared},
    )
    index = case.gate.index()
    refs = [ref for near in found if (ref := index.place_of(near.record_id)) is not None]
    records = case.show_refs(refs)
    kept = [_found(ref, record) for ref, record in zip(refs, records, strict=True)]
    ids = case.papers.add_hits(query_id, kept) if kept else []
    rows = zip(found, ids, refs, kept, records, strict=True)
    hits = tuple(
        NearHit(
            place,
            near.likeness,
            near.model,
            CaseHit(case, hit_id, ref, one.citation, ()),
            record,
        )
        for place, (near, hit_id, ref, one, record) in enumerate(rows, 1)
    )
    return NearFound(query_id, models, how, hits, compared, _records(case))


def _compared(case: CaseWork, by: Sequence[tuple[str, str]]) -> int:
    if any(name == WORDS for name, _ in by):
        return _records(case) - 1
    done = set[bytes]().union(*(case.papers.enriched_ids(name, version) for name, version in by))
    return sum(map(_within(case, b""), done))


def _found(ref: RecordRef, record: Record) -> Found:
    text = record.text.encode("utf-8", "surrogatepass")
    citation = Citation(
        record_id=record.record_id,
        part=PART_TEXT,
        start_byte=0,
        end_byte=len(text),
        text_sha256=hashlib.sha256(text).digest(),
    )
    return Found(citation, bytes.fromhex(ref.pack_id), ref.block, ref.row, ())
