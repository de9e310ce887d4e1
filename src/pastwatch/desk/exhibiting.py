"""Exhibits of a case: files sealed as evidence, with a short account of each; on map and timeline."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pastwatch.casefile.entered import Entered
from pastwatch.desk.assessing import assessed, withheld
from pastwatch.desk.bringing import bring, original_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.toml import read_toml
from pastwatch.errors import BadValue, UsageError
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.exhibit import Exhibit, LineMark
from pastwatch.model.record import PART_SUBJECT, Citation
from pastwatch.model.track import Tracks, TrackSilence
from pastwatch.stages.corroborate.exhibits import (
    draft,
    exhibit_of,
    mark_of,
    when_words,
)
from pastwatch.stages.corroborate.exhibitsphoto import claimed_by
from pastwatch.stages.corroborate.tracks.mapped import marks_of, picture

MEDIUM = "exhibit"
__all__ = [
    "Entered",
    "add_exhibit",
    "draft_exhibit",
    "exhibit_named",
    "exhibits_of",
    "marks_for_timeline",
    "picture_of_exhibits",
    "strike",
    "when_words",
]


def source_of(case: CaseWork, basis: str) -> str:
    """The source that the evidence brought to a case on one lawful basis is sealed into."""
    return f"exhibits-{basis}-{case.case_id}"[:64].rstrip("._-")


def draft_exhibit(path: Path) -> Path:
    """Write the commented template; refused where a file stands."""
    if path.exists():
        raise UsageError(f'"{path.name}" exists already')
    path.write_text(draft(), encoding="utf-8")
    return path


def seal(
    case: CaseWork, paths: Sequence[Path], *, basis: str, ground: str
) -> list[tuple[Path, bytes]]:
    """Seal files as evidence of the case, one record each; asks for the granting key."""
    brought = bring(
        case,
        paths,
        source=source_of(case, basis),
        basis=basis,
        connector="file",
        medium=MEDIUM,
        ground=ground,
    )
    return list(brought.records)


def add_exhibit(
    case: CaseWork,
    path: Path,
    *,
    basis: str,
    ground: str = "",
    account: Path | None = None,
    fields: Mapping[str, Any] | None = None,
) -> Entered[Exhibit]:
    """Seal a file and keep its account: of a TOML file, of `fields`, the latter winning.

    The account is checked before the file is sealed; what a picture says of itself is kept as the
    file's own claim.
    """
    table = {
        **read_toml(account),
        **{k: v for k, v in (fields or {}).items() if v not in (None, "")},
    }
    if not path.is_file():
        raise UsageError(f'"{path.name}" is no file')
    built = _built(case, table, path, record_id=bytes(16), raw=b"")  # a trial: nothing sealed yet
    ((_, record_id),) = seal(case, [path], basis=basis, ground=ground or f"exhibit: {built.kind}")
    raw = original(case, record_id)
    exhibit = _built(case, table, path, record_id=record_id, raw=raw)
    at_us, by = case.office.clock(), case.office.person
    (name,) = case.papers.enter("exhibit", [exhibit], by=by, at_us=at_us)
    assessed(case, {"exhibits": 1, "sha256": exhibit.sha256.hex()})
    return Entered(name, exhibit, by, at_us, None)


def _built(
    case: CaseWork, table: Mapping[str, Any], path: Path, *, record_id: bytes, raw: bytes
) -> Exhibit:
    return exhibit_of(
        table,
        record_id=record_id,
        file_name=path.name,
        sha256=hashlib.sha256(raw).digest(),
        size_bytes=len(raw),
        zone_offset_s=case.event.zone_offset_s,
        cited=lambda named: _cited(case, named),
        claimed=claimed_by(raw),
    )


def _cited(case: CaseWork, named: Mapping[str, Any]) -> tuple[Citation, str]:
    """The citation of a hit, or of exact words in a record of the case, and the words."""
    if hit := str(named.get("cites") or ""):
        citation = case.papers.hit(hit).hit.citation
        (record,) = case.records([citation.record_id])
        whole = record.part_text(citation.part).encode()
        return citation, whole[citation.start_byte : citation.end_byte].decode("utf-8", "replace")
    words = str(named.get("words") or "")
    try:
        record_id = bytes.fromhex(str(named["record"]))
    except ValueError:
        raise BadValue("a record is named by 32 hexadecimal digits") from None
    if not words.strip():
        raise BadValue("which words of the record say it", hint='words = "…", exactly as there')
    (record,) = case.records([record_id])
    for part in range(PART_SUBJECT, len(record.parts) + 1):
        start = record.part_text(part).encode().find(words.encode())
        if start >= 0:
            citation = Citation(
                record_id=record_id,
                part=part,
                start_byte=start,
                end_byte=start + len(words.encode()),
                text_sha256=hashlib.sha256(words.encode()).digest(),
            )
            return citation, words
    raise BadValue("those words do not stand in the record")


def original(case: CaseWork, record_id: bytes) -> bytes:
    """The exact bytes of a piece of evidence; UsageError for one judged protected."""
    if record_id in case.papers.protected_ids():
        raise UsageError("a record asked for was judged protected: it is not shown")
    return original_of(case, record_id)


def exhibits_of(case: CaseWork, *, struck: bool = False) -> list[Entered[Exhibit]]:
    """The exhibits of a case in the order they were added; none whose file was judged protected.

    Who is said to have used a thing is left out where it cites a record judged protected.
    """
    shut = withheld(case)
    return [
        one._replace(value=_without(one.value, shut))
        for one in case.papers.entered("exhibit", Exhibit, struck=struck)
        if one.value.record_id not in shut
    ]


def _without(exhibit: Exhibit, shut: set[bytes]) -> Exhibit:
    told = tuple(said for said in exhibit.operated_by if said.citation.record_id not in shut)
    return exhibit if told == exhibit.operated_by else replace(exhibit, operated_by=told)


def tracks_kept(case: CaseWork, *, struck: bool = False) -> list[Entered[Tracks]]:
    """The tracks of a case in the order they were added; none with a file that was judged protected."""
    shut = withheld(case)
    return [
        one
        for one in case.papers.entered("track", Tracks, struck=struck)
        if not any(file.record_id in shut for file in one.value.files)
    ]


def exhibit_named(case: CaseWork, name: str) -> Entered[Exhibit]:
    """One exhibit, struck or not; UsageError for a name that the case does not have."""
    found = next((one for one in exhibits_of(case, struck=True) if one.name == name), None)
    if found is None:
        raise UsageError(f'this case has no exhibit "{name}"')
    return found


def strike(case: CaseWork, name: str, *, reason: str) -> None:
    """Say that an exhibit (x1) or tracks (k1) no longer stand; the sealed files stay."""
    if not reason.strip():
        raise UsageError("why it no longer stands is a reason in words")
    case.gate.check(Allowed.READ)
    kind = "track" if name.startswith("k") else "exhibit"
    at_us = case.office.clock()
    case.papers.strike(kind, name, by=case.office.person, reason=reason, at_us=at_us)
    assessed(case, {"struck": name})


def picture_of_exhibits(case: CaseWork) -> str:
    """The exhibits that have a point, on a map, as SVG; UsageError where none has."""
    marks = marks_of([(one.name, one.value) for one in exhibits_of(case)])
    if not marks:
        raise UsageError("no exhibit of this case has a point on the map")
    return picture(case.event.title, [], marks, time_words=lambda *_: "")


def marks_for_timeline(case: CaseWork) -> list[LineMark]:
    """Exhibits and tracks as they stand on the timeline, in order of their names.

    Tracks give a bar for each subject while they are few, else one for all, and their gaps that lie
    within a day of the event, each with what it is told to be.
    """
    marks = [mark_of(one.name, one.value) for one in exhibits_of(case)]
    for kept in tracks_kept(case):
        marks += _track_marks(kept.name, kept.value, near=case.event.when.start_us)
    return marks


_FEW = 8
_DAY_US = 86_400_000_000


def _track_marks(name: str, tracks: Tracks, *, near: int) -> list[LineMark]:
    if tracks.first_us is None or tracks.last_us is None:
        return []
    before, after = tracks.slack_before_us, tracks.slack_after_us
    unknown = "; zone unknown" if before or after else ""
    bars = [(f"{s.subject} {s.label}".strip(), s.first_us, s.last_us) for s in tracks.subjects]
    if tracks.subject_count > _FEW:
        whole = f"{tracks.title}: {tracks.subject_count:,} {tracks.subject_kind}s"
        bars = [(whole, tracks.first_us, tracks.last_us)]
    marks = [
        LineMark(
            lane=f"tracks {name}",
            title=f"{title} ({tracks.kind.value}{unknown})",
            earliest_us=first - before,
            latest_us=last + after,
            cites=(name, *(f.record_id.hex() for f in tracks.files[:1])),
            sort="track",
        )
        for title, first, last in bars
    ]
    close = [
        g
        for g in tracks.gaps
        if g.start_us - before < near + _DAY_US and g.end_us + after > near - _DAY_US
    ]
    marks += [
        LineMark(
            lane=f"tracks {name}",
            title=f"{g.subject}: {g.silence.value}"
            + (
                ""
                if g.silence is TrackSilence.RECEIVER
                else f"; can mean {len(g.alternatives)} things"
            ),
            earliest_us=g.start_us - before,
            latest_us=g.end_us + after,
            cites=(name,),
            sort="track gap",
        )
        for g in sorted(close, key=lambda g: (g.start_us, g.subject))[: 3 * _FEW]
    ]
    return marks
