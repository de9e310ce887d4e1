"""Machine drafts of the recordings of a slice: resumable, never of a protected record, always drafts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pastwatch.casefile.enriched import Enriched
from pastwatch.casefile.passages import KeptPassage
from pastwatch.desk.case import CaseWork
from pastwatch.desk.decoding import decoded_behind_walls
from pastwatch.desk.soundlist import (
    Recording,
    heard_of,
    keep_length,
    list_sound,
    passages_by_record,
)
from pastwatch.desk.transcribing import sound_of
from pastwatch.errors import BadValue, NoSuchRecord, UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.passage import Passage, PassageKind
from pastwatch.stages.enrich.hearing import RATE_HZ, samples_of
from pastwatch.stages.enrich.hearingkinds import Voices, voices_by_vad
from pastwatch.stages.enrich.speech import Heard, Listener, drafts
from pastwatch.stages.enrich.speechmodel import ModelFiles, model_files
from pastwatch.stages.enrich.speechwhisper import Whisper

ENRICHER = "speech"
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPlan:
    """What drafting would take on: recordings without a draft of this model, and their minutes."""

    recordings: int
    minutes: float
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a run of drafting came to; `kept_ms` are milliseconds by kind, `defects` names and why."""

    recordings: int
    passages: int
    kept_ms: dict[str, int]
    defects: tuple[tuple[str, str], ...]


Progress = Callable[[Recording, int, int], None]
"""Told after each two minutes or so: which recording, how far in milliseconds, of how many."""


def speech_model(
    case: CaseWork, wanted: str = "base", *, cache: Path | None = None, sha256: str | None = None
) -> ModelFiles:
    """The model's files; one that comes in pieces is joined in `cache`, by default beside the keys."""
    folder = cache or case.office.settings.keys_dir / "models"
    return model_files(wanted, cache=folder, sha256=sha256)


def whisper(case: CaseWork, files: ModelFiles) -> Listener:
    """The model, loaded; MissingExtra without the `speech` extra."""
    return Whisper(files, threads=case.office.settings.worker_count)


def plan(
    case: CaseWork,
    listener: Listener,
    *,
    language: str | None = None,
    only: Sequence[Recording] = (),
) -> DraftPlan:
    """What is left to draft, before any of it is."""
    left = [r for r, _ in _left(case, listener, language, only)]
    return DraftPlan(
        recordings=len(left),
        minutes=round(sum(r.length_ms or 0 for r in left) / _MINUTE_MS, 2),
        unknown=sum(r.length_ms is None for r in left),
    )


def draft(
    case: CaseWork,
    listener: Listener,
    *,
    language: str | None = None,
    only: Sequence[Recording] = (),
    voices: Voices = voices_by_vad,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> Drafted:
    """Draft what has no draft of this model yet, two minutes kept at a time; a kill loses the last.

    Needs an authority to enrich. What cannot be decoded is noted with the case as a defect, and
    nobody has heard it. UsageError for a language the model does not know.
    """
    case.gate.check(Allowed.ENRICH)
    if language is not None and language not in listener.languages:
        raise UsageError(f'the speech model "{listener.maker}" does not know "{language}"')
    run = _Run(case, listener, language, voices, progress, cancel or threading.Event())
    try:
        for recording, from_ms in _left(case, listener, language, only):
            if run.cancel.is_set():
                break
            run.recording(recording, from_ms)
    finally:
        run.tell()
    return Drafted(
        recordings=run.recordings,
        passages=run.passages,
        kept_ms=dict(sorted(run.kept_ms.items())),
        defects=tuple(run.defects),
    )


@dataclass(slots=True)
class _Run:
    """A run of drafting, and what it has come to so far."""

    case: CaseWork
    listener: Listener
    language: str | None
    voices: Voices
    progress: Progress | None
    cancel: threading.Event
    recordings: int = 0
    passages: int = 0
    kept_ms: Counter[str] = field(default_factory=Counter)
    defects: list[tuple[str, str]] = field(default_factory=list)

    def recording(self, recording: Recording, from_ms: int) -> None:
        """Draft one recording from a moment on; what of it is kept stays, whatever comes after."""
        try:
            raw = sound_of(self.case, recording, for_person=False)
            samples = samples_of(raw, decode=decoded_behind_walls)
        except NoSuchRecord:  # protected since the list was made
            return
        except BadValue as broken:
            self._done(recording, str(broken))
            return
        length_ms = len(samples) * 1000 // RATE_HZ
        if recording.length_ms is None and length_ms:
            keep_length(self.case.papers, recording, length_ms, at_us=self.case.office.clock())
        heard = drafts(
            samples, self.listener, voices=self.voices, language=self.language, from_ms=from_ms
        )
        for several in heard:
            self._keep(recording, several)
            if self.progress is not None:
                self.progress(recording, several[-1].end_ms, length_ms)
            if self.cancel.is_set():
                return
        self._done(recording, "" if len(samples) else "no sound in it")

    def _keep(self, recording: Recording, heard: Sequence[Heard]) -> None:
        version = _version(self.listener, self.language)
        kept = [_passage(recording, h, self.listener.maker, version) for h in heard]
        self.case.papers.add_passages(kept, at_us=self.case.office.clock())
        self.passages += len(kept)
        for one in heard:
            self.kept_ms[str(one.kind)] += one.end_ms - one.start_ms
            if one.facts.get("switched"):
                self.kept_ms["switched"] += one.end_ms - one.start_ms

    def _done(self, recording: Recording, defect: str) -> None:
        """Note that this model has been through a recording, with what was wrong."""
        name = f"{_version(self.listener, self.language)} part {recording.part}"
        done = [Enriched(recording.record_id, defect)]
        self.case.papers.add_enriched(ENRICHER, name, done, (), at_us=self.case.office.clock())
        if defect:
            self.defects.append((recording.name, defect))
        else:
            self.recordings += 1

    def tell(self) -> None:
        """Write into the ledger that a machine went over recordings: counts, and an opaque word."""
        entry = EntryDraft(
            act=Act.ENRICH,
            clock_us=self.case.office.clock(),
            authority=self.case.authority.authority_id,
            outcome={
                "enricher": ENRICHER,
                "recordings": self.recordings,
                "passages": self.passages,
                "defects": len(self.defects),
                "weights": self.listener.version.rpartition(" ")[2][:64],
            },
        )
        self.case.office.ledger.append([entry], self.case.office.ring.user().signing)


def _left(
    case: CaseWork, listener: Listener, language: str | None, only: Sequence[Recording]
) -> list[tuple[Recording, int]]:
    """Recordings that this model has not been through in this language, and from where each is left."""
    found = only or list_sound(
        case.gate, case.papers, at_us=case.office.clock(), note_opened=case.note_opened
    )
    version = _version(listener, language)
    by_record = passages_by_record(case.papers)
    left = []
    for recording in found:
        done = case.papers.enriched_ids(ENRICHER, f"{version} part {recording.part}")
        if not recording.is_held or recording.record_id in done:
            continue
        heard = heard_of(recording, by_record)
        from_ms = max(
            (k.passage.end_ms for k in heard if _is_ours(k, listener, version)), default=0
        )
        left.append((recording, from_ms))
    return left


def _is_ours(kept: KeptPassage, listener: Listener, version: str) -> bool:
    one = kept.passage
    return not one.person and one.maker == listener.maker and one.version == version


def _version(listener: Listener, language: str | None) -> str:
    """The model's own version and what it was asked: another question is another draft."""
    return f"{listener.version}, asked {language or 'any language'}"


def _passage(recording: Recording, heard: Heard, maker: str, version: str) -> Passage:
    return Passage(
        record_id=recording.record_id,
        part=recording.part,
        start_ms=heard.start_ms,
        end_ms=heard.end_ms,
        kind=heard.kind,
        language=heard.language if heard.kind.worded or _is_speech(heard) else "",
        text=heard.text,
        maker=maker,
        person=False,
        version=version,
        facts=heard.facts,
    )


def _is_speech(heard: Heard) -> bool:
    return heard.kind is PassageKind.UNINTELLIGIBLE
