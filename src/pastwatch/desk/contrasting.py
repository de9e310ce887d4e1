"""What was unusual in the hours before a case's event, against the ordinary rhythm of its sources."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pastwatch.archive.aggregates import Rhythm, Told, count_rhythm
from pastwatch.archive.identity import normal_address
from pastwatch.archive.occurrences import (
    KEY_BYTES,
    Gatherer,
    Occurrences,
    nothing,
    terms_of,
    words_of,
)
from pastwatch.archive.scope import time_class, times
from pastwatch.desk import authorities
from pastwatch.desk.case import CaseWork
from pastwatch.desk.counting import custody_of
from pastwatch.desk.covering import gaps_of
from pastwatch.desk.opencase import approved
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.model.authority import Authority, Scope
from pastwatch.model.unusual import Contrast, Unusual, UnusualSort
from pastwatch.model.when import DAY_US, HOUR_US, iso
from pastwatch.stages.lookback.contrast import Asked, asked_of, compare
from pastwatch.stages.lookback.telling import Names, unusual_of
from pastwatch.stages.lookback.windows import SCALES_H, Frame

_CITED = 5
_LONGEST_H = 24 * 7


@dataclass(slots=True)
class _Slice:
    """What is kept of the slice while it is contrasted: numbers, and the texts before the event."""

    gatherer: Gatherer
    ids: list[bytes] = field(default_factory=list)
    texts: list[pa.RecordBatch] = field(default_factory=list)
    held: Occurrences = field(default_factory=nothing)


def contrast(
    case: CaseWork,
    *,
    baseline: Path | None = None,
    scales_h: Sequence[int] = SCALES_H,
    cancel: threading.Event | None = None,
) -> Contrast:
    """Contrast the hours before the case's event with the weeks before them.

    `baseline` is a signed authority whose act is *baseline*: its records are counted under the
    granting key, which is asked for, and only sums come back. Without one the slice is compared
    with itself, as far as it reaches. A record that was judged protected is counted in neither.
    """
    frame, notes = _frame(case, scales_h)
    read = _read_slice(case, frame, cancel)
    asked = asked_of(read.held, frame)
    scope = case.authority.scope
    if baseline is None:
        rhythm = compare(read.held, asked=asked, frame=frame, since_us=_since(case, scope))
    else:
        rhythm = _reference(case, Path(baseline), read.gatherer.key, asked, frame)
    found = unusual_of(rhythm, _names(case, read, rhythm.told, asked, frame))
    ended = _ended(case, frame)
    kept, doubts = _silences_checked(found, ended)
    untold = tuple((_source_name(case, what), why) for what, why in rhythm.untold)
    return Contrast(
        event_us=frame.event_us,
        hours=tuple(s // HOUR_US for s in frame.scales_us),
        windows=rhythm.windows,
        apart=tuple((s // HOUR_US, n) for s, n in rhythm.apart),
        tried=sum(n for _, _, n in rhythm.tried),
        records=len(read.held.between(frame.start_us, frame.event_us)),
        reference_records=rhythm.counted or len(read.held.between(-(2**62), frame.start_us)),
        inside_slice=baseline is None,
        least=rhythm.least,
        unusual=kept,
        untold=untold + doubts,
        notes=notes,
    )


def _frame(case: CaseWork, scales_h: Sequence[int]) -> tuple[Frame, tuple[str, ...]]:
    """The windows that lie in the slice, and what is to be said of those that do not."""
    if not scales_h or min(scales_h) < 1 or max(scales_h) > _LONGEST_H:
        raise UsageError(f"scales are 1 to {_LONGEST_H} hours", hint="as in --hours 6,24,72")
    event, span = case.event.when.start_us, case.authority.scope.span
    hours = sorted(set(scales_h))
    held = [h for h in hours if span.start_us <= event - h * HOUR_US and event <= span.end_us]
    if not held:
        raise UsageError(
            "the slice does not hold the hours before the event",
            hint="a wider one needs a new authority: 'pastwatch authority draft'",
        )
    left = ", ".join(f"{h} h" for h in hours if h not in held)
    frame = Frame(
        event_us=event,
        zone_offset_s=case.event.zone_offset_s,
        scales_us=tuple(h * HOUR_US for h in held),
    )
    return frame, (f"windows of {left} begin before the slice and are left out",) if left else ()


def draft_baseline(case: CaseWork, path: Path) -> Path:
    """Write a draft of the authority that a contrast needs, to be read, changed and signed."""
    if path.exists():
        raise UsageError(f'"{path.name}" exists already')
    office, event = case.office, case.event
    text = authorities.draft(office, event, file_name=path.name)
    frame = Frame(event_us=event.when.start_us, zone_offset_s=event.zone_offset_s)
    days = frame.reference_days()
    offset = event.zone_offset_s
    names = [case.source_names[i] for i in case.authority.scope.source_ids] or sorted(
        case.source_names.values()
    )
    changed = {
        "from": json.dumps(iso(event.when.start_us - days * DAY_US, offset_s=offset)),
        "until": json.dumps(iso(event.when.start_us, offset_s=offset)),
        "sources": json.dumps(names, ensure_ascii=False),
        "accounts": json.dumps(list(case.authority.scope.accounts), ensure_ascii=False),
        "areas": json.dumps(list(case.authority.scope.areas), ensure_ascii=False),
        "acts": '["baseline"]',
        "purpose": json.dumps(
            f"count the ordinary rhythm of the same sources before {event.title}; nothing is read",
            ensure_ascii=False,
        ),
        "necessity": json.dumps(f"{days} days give the matched windows that a contrast needs"),
    }
    lines = []
    for line in text.splitlines():
        name, equals, _ = line.partition(" = ")
        lines.append(f"{name} = {changed[name]}" if equals and name in changed else line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _read_slice(case: CaseWork, frame: Frame, cancel: threading.Event | None) -> _Slice:
    read = _Slice(Gatherer(secrets.token_bytes(KEY_BYTES)))
    for block in blocks_of(case, purpose="contrast", cancel=cancel):
        rows = np.flatnonzero(time_class(block.envelope) == 0)
        at_us = times(block.envelope)[0][rows]
        text = block.text.take(pa.array(rows))
        read.gatherer.add(block.ref.source_id, at_us, text)
        ids = block.ids()
        read.ids += [ids[row] for row in rows.tolist()]
        near = np.flatnonzero((at_us >= frame.start_us) & (at_us < frame.event_us))
        if len(near):
            read.texts.append(text.take(pa.array(near)))
    read.held = read.gatherer.done()
    read.ids = [read.ids[at] for at in read.gatherer.order.tolist()]
    return read


def _reference(case: CaseWork, path: Path, key: bytes, asked: Asked, frame: Frame) -> Rhythm:
    """Count the baseline under the granting key and note how many records it counted."""
    office = case.office
    authority = authorities.read_authority(office, path)
    _check_alike(case, authority)
    custodian = office.ring.granting()
    authority = approved(office, authority, custodian)
    rhythm = count_rhythm(
        authority,
        custody_of(office, custodian),
        key=key,
        measure=partial(compare, asked=asked, frame=frame, since_us=_since(case, authority.scope)),
        withheld=case.papers.protected_ids(),
    )
    case.papers.put_setting("counted", rhythm.counted)
    return rhythm


def _since(case: CaseWork, scope: Scope) -> int:
    """From when a scope can hold anything: its start, or where the first of its sources begins."""
    starts = [
        row.start_us
        for source_id in case.source_names
        for row in case.office.catalogue.packs(source_id)
        if row.start_us is not None
    ]
    return max(scope.span.start_us, min(starts, default=scope.span.start_us))


def _check_alike(case: CaseWork, authority: Authority) -> None:
    """Refuse a reference of another event, or of other accounts, places or sources than the slice."""
    own, other = case.authority.scope, authority.scope
    if authority.event_id != case.event.event_id:
        raise UsageError(f'this baseline is for event "{authority.event_id}"')
    every = set(case.source_names)
    for what, mine, theirs in (
        ("sources", set(own.source_ids) or every, set(other.source_ids) or every),
        ("accounts", set(own.accounts), set(other.accounts)),
        ("areas", set(own.areas), set(other.areas)),
    ):
        if mine != theirs:
            raise UsageError(
                f"the baseline names other {what} than the case: like is not compared with like",
                hint="draft one with 'pastwatch contrast --draft FILE'",
            )


def _names(case: CaseWork, read: _Slice, told: Sequence[Told], asked: Asked, frame: Frame) -> Names:
    """Names for what was told: words as folded, accounts as far as the authority allows."""
    key = read.gatherer.key
    hashes = {asked.meant(one)[1] for one in told} - {0}
    words: dict[int, str] = {}
    for text in read.texts:
        left = hashes - words.keys()
        if not left:
            break
        rows, held = terms_of(text, key)
        hit = np.isin(held, np.array(sorted(left), np.uint64))
        for row in np.unique(rows[hit]).tolist():
            words |= words_of(text, row, left, key)
    allowed = {normal_address(a) for a in case.authority.scope.accounts}
    accounts = {
        number: " / ".join(a for a in spelt if not allowed or normal_address(a) in allowed)
        for number, spelt in read.gatherer.accounts().items()
    }
    return Names(
        words=words,
        accounts=accounts,
        pairs=read.gatherer.members(),
        sources=tuple(_source_name(case, i) for i in asked.sources),
        meant=asked.meant,
        records=_Cites(read, asked, frame),
    )


class _Cites:
    """The ids of the first few records in which something that was told stands."""

    def __init__(self, read: _Slice, asked: Asked, frame: Frame) -> None:
        self._read, self._asked, self._frame = read, asked, frame

    def __call__(self, told: Told) -> tuple[bytes, ...]:
        held = self._read.held
        pair, term = self._asked.meant(told)
        if told.sort == "accounts":
            record = np.flatnonzero(held.speaker == np.uint64(told.key))
        elif pair and term:
            record = np.intersect1d(self._said(term), self._written(pair))
        elif pair or term:
            record = self._written(pair) if pair else self._said(term)
        else:
            return ()
        at_us = held.time_us[record]
        end = self._frame.event_us
        record = record[(at_us >= end - told.scale_us) & (at_us < end)]
        return tuple(self._read.ids[at] for at in record[:_CITED].tolist())

    def _said(self, term: int) -> npt.NDArray[np.int64]:
        return np.asarray(self._read.held.term_record[self._read.held.term == np.uint64(term)])

    def _written(self, pair: int) -> npt.NDArray[np.int64]:
        return np.asarray(self._read.held.pair_record[self._read.held.pair == np.uint64(pair)])


def _ended(case: CaseWork, frame: Frame) -> dict[str, str]:
    """Of each source, by name, why a silence of it before the event would say nothing."""
    facts = cast("dict[str, dict[str, Any]]", case.gate.facts.get("sources", {}))
    found: dict[str, str] = {}
    for source_id, name in case.source_names.items():
        told = facts.get(source_id, {})
        until, since = told.get("until_us"), told.get("from_us")
        if until is not None and int(until) < frame.event_us:
            moment = iso(int(until), offset_s=frame.zone_offset_s)
            found[name] = f"nothing after {moment} is held: no silence can be told"
        elif since is not None and int(since) > frame.start_us:
            found[name] = "held from within the windows on: no silence can be told"
    for gap in gaps_of(case.office, tuple(case.source_names)):
        if gap.lost_records_at_most is None or gap.lost_records_at_most > 0:
            name = _source_name(case, gap.source_id)
            found.setdefault(
                name,
                f'its collection has a gap ("{gap.reason}") of unknown time: no silence is told',
            )
    return found


def _silences_checked(
    found: Sequence[Unusual], ended: dict[str, str]
) -> tuple[tuple[Unusual, ...], tuple[tuple[str, str], ...]]:
    """Silences are dropped, and said to be untestable, where the collection may explain them."""
    kept = []
    doubts: dict[str, str] = {}
    for one in found:
        if one.sort is UnusualSort.SILENCE and ended:
            if one.about == "source" and one.names[0] not in ended:
                kept.append(one)
                continue
            # Where an account was heard is not asked: any source that ended may be why.
            doubts.update(ended)
            continue
        kept.append(one)
    return tuple(kept), tuple((f"silences in {name}", why) for name, why in sorted(doubts.items()))


def _source_name(case: CaseWork, source_id: str) -> str:
    return case.source_names.get(source_id, source_id)
