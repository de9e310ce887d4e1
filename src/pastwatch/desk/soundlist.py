"""The recorded sound of a slice: found once, kept in the case, and how much of it who has heard."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from pastwatch.archive.block import BlockRef, OpenBlock, RecordRef
from pastwatch.archive.gate import Gate
from pastwatch.casefile.passages import KeptPassage
from pastwatch.casefile.store import CaseStore
from pastwatch.desk.decoding import decoded_behind_walls
from pastwatch.errors import BadValue, MissingExtra, PackDamaged
from pastwatch.model.note import Annotation
from pastwatch.model.passage import Passage, PassageKind, covered_ms
from pastwatch.model.record import Record
from pastwatch.stages.collect.connectors.soundheads import sound
from pastwatch.stages.enrich.hearing import (
    RATE_HZ,
    SoundPart,
    names_sound,
    sound_bytes,
    sounds,
)

KIND, MAKER, VERSION = "sound", "pastwatch.sound", "1"
_LISTED = "sound_listed"
_LARGE = ":large"
_LEAST_BYTES = 1000  # two seconds of speech in the narrowest coding there is
_AT_ONCE = 50
_NOT_HELD = -1
_PAIR = 2
_MINUTE_MS = 60_000

NoteOpened = Callable[[Sequence[BlockRef], Mapping[BlockRef, str]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A sound of the slice; one that several records hold stands once, under the first that is it.

    `holders` are all (record, part) that hold it; `is_held` is false where it is only named: then
    there is nothing to hear. Times are those the record claims.
    """

    record_id: bytes
    part: int
    media_type: str
    sha256: bytes
    length_ms: int | None
    is_held: bool
    parties: tuple[str, ...]
    earliest_us: int | None
    latest_us: int | None
    title: str
    holders: frozenset[tuple[bytes, int]]

    @property
    def name(self) -> str:
        """What it goes by at the desk: the beginning of its record's id."""
        return self.record_id.hex()[:8]


class Minutes(NamedTuple):
    """Minutes of sound: held, heard by a machine alone, heard by a person."""

    held: float
    machine: float
    human: float

    @property
    def nobody(self) -> float:
        """Minutes that neither a person nor a machine has heard."""
        return max(round(self.held - self.machine - self.human, 2), 0.0)


def list_sound(
    gate: Gate,
    papers: CaseStore,
    *,
    at_us: int,
    note_opened: NoteOpened,
    only_sources: Collection[str] | None = None,
    large_only: bool = False,
) -> list[Recording]:
    """The recordings of the slice; what was not looked through yet is opened, logged, and kept.

    With `large_only` blocks stay closed in which no record is as large as two seconds of sound.
    Nothing that a reviewer judged protected is listed.
    """
    listed = set(papers.setting(_LISTED, otherwise=[]))
    wanted = set(only_sources) if only_sources is not None else {b.source_id for b in gate.blocks}
    names = {source: source + _LARGE if large_only else source for source in wanted}
    missing = {s for s in wanted if s not in listed and names[s] not in listed}
    blocks = [ref for ref in gate.blocks if ref.source_id in missing]
    if blocks and large_only:
        large = _blocks_with_large(gate)
        blocks = [ref for ref in blocks if (ref.pack_id, ref.block) in large]
    if blocks:
        found = list(_found(gate, papers, blocks, note_opened))
        measured = list(_measured(gate, found))
        papers.add_annotations([_annotation(*one) for one in measured], at_us=at_us)
    if missing:
        papers.put_setting(_LISTED, sorted(listed | {names[s] for s in missing}))
    return recordings(papers)


def _blocks_with_large(gate: Gate) -> set[tuple[str, int]]:
    """The blocks that hold an original as large as sound is."""
    index = gate.index()
    places = np.flatnonzero(index.size_bytes >= _LEAST_BYTES)
    return {(index.packs[int(index.pack[at])], int(index.block[at])) for at in places}


def recordings(papers: CaseStore) -> list[Recording]:
    """The recordings listed so far, in the order of their times, undated ones last.

    A sound that any protected record holds is none of them, whoever else holds it.
    """
    protected = papers.protected_ids()
    kept: dict[bytes, dict[tuple[bytes, int], dict[str, object]]] = {}
    for record_id, value, part, _, _ in papers.annotations_of_kind(KIND, version=VERSION):
        plain = json.loads(value)
        holders = kept.setdefault(bytes.fromhex(plain["sha256"]), {})
        before = holders.get((record_id, part))
        if before is not None and plain["ms"] is None:  # a length once learnt stays
            plain["ms"] = before["ms"]
        holders[record_id, part] = plain
    made = [
        _recording(sha256, holders)
        for sha256, holders in kept.items()
        if not any(record_id in protected for record_id, _ in holders)
    ]
    return sorted(made, key=lambda r: (r.earliest_us is None, r.earliest_us or 0, r.record_id))


def keep_length(papers: CaseStore, recording: Recording, length_ms: int, *, at_us: int) -> None:
    """Keep how long a recording turned out to last once it was decoded, beside what was listed."""
    for kept in papers.annotations(recording.record_id, kind=KIND, version=VERSION):
        if kept.annotation.part == recording.part:
            value = {**json.loads(kept.annotation.value), "ms": length_ms}
            text = json.dumps(value, ensure_ascii=False, sort_keys=True)
            papers.add_annotations([replace(kept.annotation, value=text)], at_us=at_us)
            return


def minutes_of(papers: CaseStore) -> Minutes:
    """How much of the sound listed so far is held, and who has heard how much of it."""
    held = machine = human = 0
    by_record = passages_by_record(papers)
    for recording in recordings(papers):
        length = recording.length_ms or 0
        heard = heard_of(recording, by_record)
        people = min(covered_ms(spans(heard, person=True)), length)
        either = min(covered_ms([*spans(heard, person=True), *spans(heard, person=False)]), length)
        held, human, machine = held + length, human + people, machine + either - people
    return Minutes(*(round(ms / _MINUTE_MS, 2) for ms in (held, machine, human)))


def passages_by_record(papers: CaseStore) -> dict[bytes, list[KeptPassage]]:
    """Every passage of the case, by its record."""
    found: dict[bytes, list[KeptPassage]] = {}
    for kept in papers.passages():
        found.setdefault(kept.passage.record_id, []).append(kept)
    return found


def heard_of(
    recording: Recording, by_record: Mapping[bytes, Sequence[KeptPassage]]
) -> list[KeptPassage]:
    """What was heard in a recording, under whichever record it stands, in the order it was added."""
    found = [
        kept
        for record_id, part in recording.holders
        for kept in by_record.get(record_id, ())
        if kept.passage.part == part
    ]
    return sorted(found, key=lambda kept: kept.number)


def spans(heard: Iterable[KeptPassage], *, person: bool) -> list[tuple[int, int]]:
    """Where persons, or machines, have listened; a translation is made of words, not of sound."""
    return [
        (p.start_ms, p.end_ms)
        for p in (kept.passage for kept in heard)
        if p.person == person and p.kind is not PassageKind.TRANSLATION
    ]


def checked_spans(heard: Sequence[KeptPassage]) -> list[tuple[int, int]]:
    """Where a second person has written blind over what another person had written."""
    people = [k.passage for k in heard if k.passage.person and not _is_translation(k.passage)]
    found = []
    for second in people:
        if not second.blind:
            continue
        for first in people:
            start, end = max(first.start_ms, second.start_ms), min(first.end_ms, second.end_ms)
            if first.maker != second.maker and start < end:
                found.append((start, end))
    return found


def _is_translation(passage: Passage) -> bool:
    return passage.kind is PassageKind.TRANSLATION


_Found = tuple[Record, SoundPart, RecordRef]


def _found(
    gate: Gate, papers: CaseStore, blocks: Sequence[BlockRef], note_opened: NoteOpened
) -> Iterator[_Found]:
    protected = papers.protected_ids()
    opened: list[BlockRef] = []
    with gate.opening(blocks, purpose="sound") as opening:
        try:
            for ref in blocks:
                try:
                    block = opening.block(ref)
                    places = _with_sound(block)
                except PackDamaged as broken:
                    opening.unreadable(ref, str(broken))
                    continue
                opened.append(ref)
                for place in places:
                    if block.record_id(place) not in protected:
                        record = block.record(place)
                        yield from ((record, s, block.record_ref(place)) for s in sounds(record))
        finally:
            note_opened(opened, opening.damaged)


def _with_sound(block: OpenBlock) -> list[int]:
    """The places in a block of records that have a part that is sound; no record is made for it."""
    column = block.text.column("parts")
    if column.null_count == len(column):
        return []
    flat = column.flatten()  # the texts of attachments stay where they are
    lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    places = np.repeat(np.arange(len(column)), lengths)
    named = zip(flat.field("media_type").to_pylist(), flat.field("name").to_pylist(), strict=True)
    found = [names_sound(media_type or "", name or "") for media_type, name in named]
    return [int(place) for place in np.unique(places[np.asarray(found, dtype=bool)])]


def _measured(
    gate: Gate, found: Sequence[_Found]
) -> Iterator[tuple[Record, SoundPart, int | None]]:
    """Each with its length: as stated, or else by the header of the sound, or `_NOT_HELD`."""
    unknown = [one for one in found if one[1].length_ms is None]
    lengths: dict[tuple[bytes, int], int | None] = {}
    for at in range(0, len(unknown), _AT_ONCE):
        several = unknown[at : at + _AT_ONCE]
        refs = list(dict.fromkeys(ref for _, _, ref in several))
        for record, original in gate.originals(refs):
            for other, part, _ in several:
                if other.record_id == record.record_id:
                    raw = sound_bytes(original, part.sha256)
                    lengths[record.record_id, part.part] = (
                        _NOT_HELD if raw is None else length_of(raw)
                    )
    for record, part, _ in found:
        length = part.length_ms
        if length is None:
            length = lengths.get((record.record_id, part.part))
        yield record, part, length


def length_of(raw: bytes) -> int | None:
    """How long a sound lasts by its own header, or else decoded, in milliseconds; None if unknown."""
    seconds = sound(raw).seconds
    if seconds is not None:
        return round(seconds * 1000)
    with contextlib.suppress(BadValue, MissingExtra):
        return len(decoded_behind_walls(raw)) * 1000 // RATE_HZ
    return None


def _annotation(record: Record, part: SoundPart, length_ms: int | None) -> Annotation:
    envelope = record.envelope
    claimed = envelope.claimed
    parties = [p.shown for p in (record.sender, *record.recipients) if p is not None]
    if len(parties) < _PAIR and record.conversation:
        parties.append(record.conversation)
    value = {
        "type": part.media_type,
        "sha256": part.sha256.hex(),
        "ms": None if length_ms == _NOT_HELD else length_ms,
        "whole": part.size_bytes == envelope.size_bytes,
        "parties": parties,
        "from_us": None if claimed is None else claimed.earliest_us,
        "until_us": None if claimed is None else claimed.latest_us,
        "title": record.subject or record.parts[part.part - 1].name,
        "held": length_ms != _NOT_HELD,
    }
    return Annotation(
        record_id=record.record_id,
        kind=KIND,
        value=json.dumps(value, ensure_ascii=False, sort_keys=True),
        maker=MAKER,
        version=VERSION,
        part=part.part,
    )


def _recording(sha256: bytes, holders: Mapping[tuple[bytes, int], dict[str, object]]) -> Recording:
    """One recording out of all records that hold it: under the one that is the sound itself."""
    ordered = sorted(holders, key=lambda h: (not holders[h]["whole"], not holders[h]["held"]))
    record_id, part = ordered[0]
    plain, every = holders[ordered[0]], [holders[h] for h in ordered]
    named: list[str] = []
    for other in every:
        parties = other["parties"]
        named += [p for p in parties if p not in named] if isinstance(parties, list) else []
    lengths = [ms for other in every if isinstance(ms := other["ms"], int)]
    froms = [us for other in every if isinstance(us := other["from_us"], int)]
    untils = [us for other in every if isinstance(us := other["until_us"], int)]
    return Recording(
        record_id=record_id,
        part=part,
        media_type=str(plain["type"]),
        sha256=sha256,
        length_ms=lengths[0] if lengths else None,
        is_held=any(bool(other["held"]) for other in every),
        parties=tuple(named),
        earliest_us=froms[0] if froms else None,
        latest_us=untils[0] if untils else None,
        title=str(plain["title"]),
        holders=frozenset(holders),
    )
