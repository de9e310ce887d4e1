"""The records a timeline may show: cited, judged relevant or hit, and none that is protected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from pastwatch.archive.gate import Gate
from pastwatch.casefile.entered import Entered
from pastwatch.desk.case import CaseWork
from pastwatch.model.note import Code, Mode
from pastwatch.model.record import Citation, Defect, Record
from pastwatch.model.timeline import Entry, Mark, MarkSort
from pastwatch.stages.reconstruct.timeline import DOUBTFUL, Times, rows_of, times_of_rows

CITED, RELEVANT, HIT = 1, 2, 3
"""What matters more comes first; 0 is what stands on the timeline by itself."""
_PAGE = 2000
_SAID: Final = 240


@dataclass(slots=True)
class Why:
    """Why a record may stand on the timeline, and the place in it that says so."""

    rank: int
    reasons: list[str] = field(default_factory=list)
    citation: Citation | None = None
    hit_id: str = ""


@dataclass(frozen=True)
class Candidates:
    """The records that may be shown, a row each, with their times; no text was opened for them."""

    ids: tuple[bytes, ...]
    times: Times
    why: Mapping[bytes, Why]


def candidates_of(
    case: CaseWork,
    *,
    entries: Sequence[Entered[Entry]],
    queries: Sequence[str],
    hits: bool,
) -> Candidates:
    """The records cited by a finding or an entry, judged relevant, or hit by the queries named.

    With `hits` those of every query of the case. UsageError for a query the case does not have.
    """
    why: dict[bytes, Why] = {}
    for name, citation in _citations(case, entries):
        _note(why, citation.record_id, CITED, f"cited in {name}", citation)
    for record_id in _relevant(case):
        _note(why, record_id, RELEVANT, "judged relevant")
    wanted = [case.papers.search(name).query_id for name in queries]
    if hits:
        wanted = [search.query_id for search in case.papers.searches()]
    for query_id in dict.fromkeys(wanted):
        for placed in _hits(case, query_id):
            found = placed.hit.citation
            _note(why, found.record_id, HIT, f"hit of {query_id}", found)
    for record_id in case.papers.protected_ids():
        why.pop(record_id, None)
    return _placed(case, why)


def sources_of(case: CaseWork) -> dict[str, dict[str, Any]]:
    """What is known of each source of the case, and of those brought to it, by its id."""
    found: dict[str, dict[str, Any]] = {}
    for gate in (*case.annexes, case.gate):
        found |= cast("dict[str, dict[str, Any]]", gate.facts.get("sources", {}))
    return found


def marks_of(case: CaseWork, found: Candidates, rows: Iterable[int]) -> list[Mark]:
    """Open these rows' records and make their marks, in the order given; logged as shown."""
    places = list(rows)
    named = sources_of(case)
    records = case.records([found.ids[row] for row in places]) if places else []
    return [
        _mark(
            record,
            found.why[record.record_id],
            lane=str(named.get(record.envelope.source_id, {}).get("name", "")),
            hit_id=_hit_name(case, record.record_id),
            doubtful=int(found.times.state[row]) == DOUBTFUL,
        )
        for row, record in zip(places, records, strict=True)
    ]


def _note(
    why: dict[bytes, Why], record_id: bytes, rank: int, reason: str, cite: Citation | None = None
) -> None:
    known = why.setdefault(record_id, Why(rank))
    known.rank = min(known.rank, rank)
    if reason not in known.reasons:
        known.reasons.append(reason)
    known.citation = known.citation or cite


def _citations(case: CaseWork, entries: Sequence[Entered[Entry]]) -> Iterator[tuple[str, Citation]]:
    for finding in case.papers.findings():
        for citation in finding.citations:
            yield finding.finding_id, citation
    for entry in entries:
        for citation in entry.value.citations:
            yield entry.name, citation


def _relevant(case: CaseWork) -> Iterator[bytes]:
    """Records whose last word is relevant: an adjudicator's where there is one, else any reader's."""
    last: dict[bytes, dict[str, Code]] = {}
    for judged in case.papers.judged():
        one = judged.judgement
        said = last.setdefault(one.record_id, {})
        said["" if judged.mode is Mode.ADJUDICATED else one.reviewer] = one.code
    for record_id, said in last.items():
        if said.get("", Code.RELEVANT) is Code.RELEVANT and Code.RELEVANT in said.values():
            yield record_id


def _hits(case: CaseWork, query_id: str) -> Iterator[Any]:
    offset = 0
    while page := case.papers.hits(query_id, offset=offset, limit=_PAGE):
        yield from page
        offset += len(page)


def _placed(case: CaseWork, why: dict[bytes, Why]) -> Candidates:
    """Where each record stands in time, by the envelopes of the slice and of what was brought."""
    left = set(why)
    ids: list[bytes] = []
    times: Times | None = None
    for gate in (case.gate, *case.annexes):
        if not left and times is not None:
            break
        own_ids, own = _rows(gate, left, why)
        times = own if times is None else times.joined(own)
        ids += own_ids
        left -= set(own_ids)
    assert times is not None  # noqa: S101 - the case's own gate came first
    return Candidates(tuple(ids), times, why)


def _rows(gate: Gate, wanted: set[bytes], why: Mapping[bytes, Why]) -> tuple[list[bytes], Times]:
    index = gate.index()
    rows: npt.NDArray[np.int64] = rows_of(index, wanted)
    ids = [index.record_ids[row].tobytes() for row in rows.tolist()]
    rank = np.array([why[record_id].rank for record_id in ids], dtype=np.int8)
    return ids, times_of_rows(index, rows, rank)


def _hit_name(case: CaseWork, record_id: bytes) -> str:
    placed = case.papers.hits_of(record_id)
    return placed[0].hit.hit_id if placed else record_id.hex()[:8]


def _mark(record: Record, why: Why, *, lane: str, hit_id: str, doubtful: bool) -> Mark:
    claimed = record.envelope.claimed
    return Mark(
        sort=MarkSort.RECORD,
        lane=lane,
        title=said(record, why.citation),
        earliest_us=claimed.earliest_us if claimed else None,
        latest_us=claimed.latest_us if claimed else None,
        name=hit_id,
        who=_who(record),
        doubtful=claimed is not None
        and (doubtful or bool(record.envelope.defects & Defect.DOUBTFUL)),
        unjudged=why.rank == HIT,
        rests_on=", ".join(why.reasons),
        cites=(why.citation,) if why.citation else (),
        record_id=record.record_id,
    )


def said(record: Record, citation: Citation | None) -> str:
    """What a record says where it is cited, with a little around it; its text, or its subject."""
    if citation is None or citation.end_byte <= citation.start_byte:
        return _short(record.text) or _short(record.subject) or "(no text)"
    raw = record.part_text(citation.part).encode("utf-8", "surrogatepass")
    start = max(citation.start_byte - _SAID // 4, 0)
    if start:  # from the beginning of a word on
        gap = raw.find(b" ", start, citation.start_byte)
        start = gap + 1 if gap >= 0 else citation.start_byte
    text = raw[start : start + 2 * _SAID].decode("utf-8", "replace")
    return ("…" if start else "") + _short(text)


def _short(text: str) -> str:
    """The text on one line, without the marks of quoting."""
    line = " ".join(word for word in text.split() if word.strip(">"))
    return line if len(line) <= _SAID else line[: _SAID - 1].rstrip() + "…"


def _who(record: Record) -> str:
    return (record.sender.name or record.sender.address) if record.sender else ""
