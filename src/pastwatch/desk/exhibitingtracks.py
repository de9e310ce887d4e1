"""Tracks of a case: sealed files of timed positions, read again from their bytes for each question."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pastwatch.casefile.entered import Entered
from pastwatch.desk.assessing import assessed
from pastwatch.desk.case import CaseWork
from pastwatch.desk.exhibiting import exhibits_of, original, seal, tracks_kept
from pastwatch.errors import BadValue, SourceError, UsageError
from pastwatch.model.record import PART_TEXT, Citation
from pastwatch.model.track import (
    Approach,
    RowCite,
    Subject,
    TrackFile,
    TrackGap,
    TrackKind,
    Tracks,
    Window,
)
from pastwatch.model.when import iso
from pastwatch.stages.corroborate.tracks import mapped
from pastwatch.stages.corroborate.tracks.coverageoftracks import (
    Listening,
    gaps_of,
    listening_of,
    subjects_of,
)
from pastwatch.stages.corroborate.tracks.nearness import (
    INTERPOLATE_S,
    Asked,
    Nearness,
    nearness,
    rows_behind,
)
from pastwatch.stages.corroborate.tracks.positions import Positions
from pastwatch.stages.corroborate.tracks.reading import ReadAs, kind_of, read
from pastwatch.stages.corroborate.tracks.summary import read_as_of, tracks_of

__all__ = ["Nearness", "OpenTracks", "Told", "add_tracks", "open_tracks", "tracks_in"]
FILE_LIMIT_BYTES = 128 * 1024 * 1024
_LINE_BYTES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is asked of whoever adds tracks: what the files do not say themselves."""

    title: str = ""
    kind: str = ""
    subject_kind: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""
    dates: str = ""
    subject: str = ""
    windows: Sequence[tuple[int, int]] = ()
    windows_by: str = ""
    note: str = ""


@dataclass(slots=True)
class OpenTracks:
    """Tracks with their positions in memory, 38 bytes each."""

    case: CaseWork
    name: str
    tracks: Tracks
    positions: Positions
    _listening: Listening | None = None
    _texts: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)

    @property
    def listening(self) -> Listening:
        """When the receiver was listening."""
        if self._listening is None:
            self._listening = listening_of(
                self.positions, self.tracks.windows, subject_kind=self.tracks.subject_kind
            )
        return self._listening

    def subjects(self, *, limit: int | None = None) -> list[Subject]:
        """Who transmitted, those with most positions first."""
        return subjects_of(self.positions, limit=limit)

    def gaps(self, subject: str) -> list[TrackGap]:
        """The gaps in one track, with the stretch after its last position."""
        code = int(self.positions.code[self.positions.rows_of(subject).start])
        return gaps_of(self.positions, code, self.listening, with_end=True)

    def near(
        self,
        *,
        lat: float,
        lon: float,
        radius_m: float,
        from_us: int,
        until_us: int,
        interpolate_s: float = INTERPOLATE_S,
        cite: int = 20,
    ) -> Nearness:
        """Who was within a distance of a point, and of whom it is not known; the first are cited."""
        asked = Asked(
            lat=lat,
            lon=lon,
            radius_m=radius_m,
            from_us=from_us,
            until_us=until_us,
            interpolate_s=interpolate_s,
            slack_before_us=self.tracks.slack_before_us,
            slack_after_us=self.tracks.slack_after_us,
        )
        found = nearness(self.positions, asked, subject_kind=self.tracks.subject_kind)
        return replace(
            found,
            within=tuple(self._cited(n) if at < cite else n for at, n in enumerate(found.within)),
            not_known=tuple(
                self._cited(n) if at < cite else n for at, n in enumerate(found.not_known)
            ),
        )

    def cites(self, rows: Sequence[int]) -> tuple[RowCite, ...]:
        """Rows by the exact bytes they stand on in the sealed file."""
        return tuple(self._cite(row) for row in rows)

    def row_text(self, cite: RowCite) -> str:
        """The words of a row, cut to some three hundred bytes."""
        raw, _ = self._bytes(cite.record_id)
        end = min(cite.end_byte, cite.start_byte + _LINE_BYTES)
        return raw[cite.start_byte : end].decode("utf-8", "replace")

    def picture(
        self,
        subjects: Sequence[str],
        *,
        title: str = "",
        asked: tuple[float, float, float] | None = None,
        between_us: tuple[int, int] | None = None,
        exhibits: bool = True,
    ) -> str:
        """A map of some subjects' ways, the place asked about, and the exhibits that have a point."""
        offset_s = self.case.event.zone_offset_s
        ways = [
            mapped.way_of(self.positions, name, between_us=between_us)
            for name in subjects[: mapped.WAYS_LIMIT]
        ]
        kept = exhibits_of(self.case) if exhibits else []
        marks = mapped.marks_of([(one.name, one.value) for one in kept])
        if asked is not None:
            marks.insert(0, mapped.asked_mark("the place asked about", *asked))
        if not marks and not any(len(way.lat) for way in ways):
            raise UsageError("there is nothing to draw in the time asked")
        notes = [f"times at {_zone_words(offset_s)}"]
        if len(subjects) > mapped.WAYS_LIMIT:
            notes.append(f"the first {mapped.WAYS_LIMIT} of {len(subjects):,} ways")
        return mapped.picture(
            title or f"{self.tracks.title} ({self.name})",
            ways,
            marks,
            time_words=lambda us, short: iso(us, offset_s=offset_s)[11 : 16 if short else 19],
            notes=notes,
        )

    def _cited(self, near: Approach) -> Approach:
        return replace(near, cites=self.cites(rows_behind(self.positions, near)))

    def _cite(self, row: int) -> RowCite:
        file = self.tracks.files[int(self.positions.file[row])]
        start = int(self.positions.start[row])
        end = start + int(self.positions.length[row])
        raw, text = self._bytes(file.record_id)
        quoted = raw[start:end]
        sha = hashlib.sha256(quoted).digest()
        # A byte-order mark belongs to the file and not to its text.
        at = start - (3 if raw.startswith(b"\xef\xbb\xbf") else 0)
        citation = None
        if text[at : at + len(quoted)] == quoted:
            citation = Citation(
                record_id=file.record_id,
                part=PART_TEXT,
                start_byte=at,
                end_byte=at + len(quoted),
                text_sha256=sha,
            )
        return RowCite(
            record_id=file.record_id,
            file_name=file.name,
            start_byte=start,
            end_byte=end,
            sha256=sha,
            citation=citation,
        )

    def _bytes(self, record_id: bytes) -> tuple[bytes, bytes]:
        """The sealed bytes of a file and the bytes of its record's text."""
        if record_id not in self._texts:
            raw = original(self.case, record_id)
            (record,) = self.case.records([record_id])
            self._texts[record_id] = (raw, record.text.encode())
        return self._texts[record_id]


def add_tracks(
    case: CaseWork, paths: Sequence[Path], told: Told, *, basis: str, ground: str = ""
) -> Entered[Tracks]:
    """Read files of positions, seal them, and keep what they hold; asks for the granting key.

    All files are of one receiver or device. They are read before they are sealed, so that what
    cannot be read is not kept.
    """
    files = [path for given in paths for path in _files(given)]
    raws = [_Reader(path) for path in files]
    first = raws[0]() if raws else b""
    kind = _kind(told.kind) if told.kind else kind_of(first, files[0].name if files else "")
    del first
    settled = ReadAs(
        kind=kind,
        subject_kind=told.subject_kind,
        mapping=told.mapping,
        zone=told.zone,
        dates=told.dates,
        alone=told.subject,
    )
    reading = read(raws, settled)
    note = "; ".join(
        [
            *([told.note] if told.note else []),
            *(f'column "{name}" not read: nothing says its unit' for name in reading.unread),
        ]
    )
    windows = [
        Window(start_us=a, end_us=b, stated_by=told.windows_by or case.office.person)
        for a, b in told.windows
    ]
    title = told.title or files[0].stem
    trial = [TrackFile(record_id=bytes(16), name=p.name, sha256=b"", size_bytes=0) for p in files]
    tracks, _ = tracks_of(
        reading, title=title, subject=told.subject, files=trial, windows=windows, note=note
    )
    sealed = seal(case, files, basis=basis, ground=ground or f"positions: {title}")
    kept = replace(tracks, files=tuple(_file(case, path, of) for path, of in sealed))
    at_us, by = case.office.clock(), case.office.person
    (name,) = case.papers.enter("track", [kept], by=by, at_us=at_us)
    hashes = hashlib.sha256(b"".join(f.sha256 for f in kept.files)).hexdigest()
    assessed(
        case, {"tracks": 1, "files": len(kept.files), "positions": kept.positions, "sha256": hashes}
    )
    return Entered(name, kept, by, at_us, None)


def _file(case: CaseWork, path: Path, record_id: bytes) -> TrackFile:
    raw = original(case, record_id)
    return TrackFile(
        record_id=record_id,
        name=path.name,
        sha256=hashlib.sha256(raw).digest(),
        size_bytes=len(raw),
    )


def _kind(name: str) -> TrackKind:
    try:
        return TrackKind(name)
    except ValueError:
        raise BadValue(f'"{name}" is no form of positions', hint=", ".join(TrackKind)) from None


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.is_file())
    return [path]


class _Reader:
    """A file's bytes, read when asked for, and let go of after."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> bytes:
        """The bytes; SourceError for a file that cannot be read, or is too large for one record."""
        try:
            if self._path.stat().st_size > FILE_LIMIT_BYTES:
                raise SourceError(
                    f'"{self._path.name}" is above 128 MiB, the most that one record holds',
                    hint="split it at line ends and add all its parts at once",
                )
            return self._path.read_bytes()
        except OSError:
            raise SourceError(f'"{self._path.name}" cannot be read') from None


def tracks_in(case: CaseWork, *, struck: bool = False) -> list[Entered[Tracks]]:
    """The tracks of a case in the order they were added; none with a file that was judged protected."""
    return tracks_kept(case, struck=struck)


def open_tracks(case: CaseWork, name: str) -> OpenTracks:
    """Tracks with their positions, read again from the sealed files.

    UsageError for a name that the case does not have, or for tracks that were struck.
    """
    kept = next((one for one in tracks_in(case, struck=True) if one.name == name), None)
    if kept is None:
        raise UsageError(f'this case has no tracks "{name}"', hint="see 'exhibits track list'")
    if kept.struck is not None:
        raise UsageError(f"{name} was struck")
    files = [file.record_id for file in kept.value.files]
    reading = read([_Sealed(case, of) for of in files], read_as_of(kept.value))
    return OpenTracks(case, name, kept.value, reading.positions)


class _Sealed:
    """A sealed file's bytes, opened when asked for."""

    def __init__(self, case: CaseWork, record_id: bytes) -> None:
        self._case, self._record_id = case, record_id

    def __call__(self) -> bytes:
        """The exact bytes."""
        return original(self._case, self._record_id)


def _zone_words(offset_s: int) -> str:
    sign = "-" if offset_s < 0 else "+"
    return f"{sign}{abs(offset_s) // 3600:02d}:{abs(offset_s) // 60 % 60:02d}"
