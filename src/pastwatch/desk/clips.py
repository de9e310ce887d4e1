"""A stretch of a recording for a person: played from memory, or handed out with a form to fill."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pastwatch.archive.opened import digest_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.decoding import decoded_behind_walls
from pastwatch.desk.soundlist import Recording
from pastwatch.desk.toml import read_toml
from pastwatch.desk.transcribing import (
    heard_by_person,
    keep,
    recording_of,
    refuse_unless_blind,
    sound_of,
)
from pastwatch.errors import BadValue, UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.passage import Passage, PassageKind, clock, clock_ms
from pastwatch.stages.enrich.hearing import cut_wav
from pastwatch.storage import durable

# Each takes WAV from its standard input, so that no sound in clear ever stands on the disk.
PLAYERS: Mapping[str, Sequence[str]] = {
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error", "-i", "-"),
    "mpv": ("--no-video", "--really-quiet", "-"),
    "aplay": ("-q", "-"),
}
FORM_NAMES = frozenset(
    {"recording", "sound_sha256", "clip", "begins", "maker", "qualification", "language"}
    | {"translation_language", "blind", "stretch"}
)
STRETCH_NAMES = frozenset({"from", "to", "kind", "language", "text", "translation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipMade:
    """Where a clip and its form were written."""

    clip: Path
    form: Path


def player() -> str | None:
    """The first player there is on this machine: ffplay, mpv or aplay; None where there is none."""
    return next((name for name in PLAYERS if shutil.which(name)), None)


def play(
    case: CaseWork, recording: Recording, *, start_ms: int = 0, end_ms: int | None = None
) -> str:
    """Play a stretch to the person at this desk and wait for its end; gives the player's name.

    UsageError where there is no player, or it fails. Logged as shown before the first sound.
    """
    name = player()
    path = shutil.which(name) if name else None
    if name is None or path is None:
        raise UsageError(
            "there is no player here",
            hint="install ffplay, mpv or aplay, or export: 'pastwatch transcribe clip REC --out DIR'",
        )
    sound = sound_of(case, recording, for_person=True)
    wav = cut_wav(sound, start_ms=start_ms, end_ms=end_ms, decode=decoded_behind_walls)
    done = subprocess.run(  # noqa: S603 - a player found by name, no shell, sound by its input
        [path, *PLAYERS[name]],
        input=wav,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise UsageError(
            f"{name} ended with status {done.returncode}",
            hint="export instead: 'pastwatch transcribe clip REC --out DIR'",
        )
    return name


def clip(
    case: CaseWork,
    recording: Recording,
    folder: Path,
    *,
    start_ms: int = 0,
    end_ms: int | None = None,
    blind: bool = False,
) -> ClipMade:
    """Write a stretch as WAV and a form to fill; needs an authority to export, and is logged as that.

    No word that anybody wrote is in the form, so that it serves a blind check as well. The entry
    stands in the ledger before the file does.
    """
    case.gate.check(Allowed.EXPORT)
    if blind:
        refuse_unless_blind(case, recording, "")
    name = f"{recording.name}-{clock(start_ms).replace(':', '.')}"
    made = ClipMade(clip=folder / f"{name}.wav", form=folder / f"{name}.toml")
    if made.clip.exists() or made.form.exists():
        raise UsageError(f'"{made.clip.name}" or its form is there already')
    sound = sound_of(case, recording, for_person=True)
    wav = cut_wav(sound, start_ms=start_ms, end_ms=end_ms, decode=decoded_behind_walls)
    entry = EntryDraft(
        act=Act.EXPORT,
        clock_us=case.office.clock(),
        authority=case.authority.authority_id,
        objects={"records": digest_of([recording.record_id.hex()])},
        outcome={"records": 1, "clips": 1, "bytes": len(wav)},
    )
    case.office.ledger.append([entry], case.office.ring.user().signing)
    durable.make_dir(folder)
    durable.write_new(made.clip, wav)
    form = form_of(recording, clip_name=made.clip.name, begins_ms=start_ms, blind=blind)
    durable.write_new(made.form, form.encode())
    return made


def form_of(recording: Recording, *, clip_name: str, begins_ms: int, blind: bool) -> str:
    """The form that goes with a clip: what it is of, who fills it, and one stretch to copy."""
    said = json.dumps
    return "\n".join(
        [
            "# Fill in what you hear, one [[stretch]] for each; times are those of the clip.",
            '# kind: "transcript", or "silent", "noise", "music", "unintelligible" without text.',
            f'recording = "{recording.record_id.hex()}"',
            f'sound_sha256 = "{recording.sha256.hex()}"',
            f"clip = {said(clip_name)}",
            f'begins = "{clock(begins_ms)}"  # where the clip begins in the recording',
            f"blind = {said(blind)}  # written without having seen anybody else's words",
            "",
            'maker = ""  # who fills this in',
            'qualification = ""  # as in: sworn interpreter for Arabic, court of Leiden',
            'language = ""  # of what is said, as in ar, ru, fa',
            'translation_language = "en"',
            "",
            "[[stretch]]",
            'from = "0:00"',
            'to = "0:00"',
            'kind = "transcript"',
            'text = """',
            '"""',
            'translation = """',
            '"""',
            "",
        ]
    )


def load(case: CaseWork, path: Path) -> list[str]:
    """Keep what a person wrote into a form; all of it or nothing; gives the names p1, p2 … of it.

    UsageError names what is wrong in the form: a line unknown, no maker, another sound.
    """
    form = read_toml(path)
    unknown = sorted(set(form) - FORM_NAMES)
    if unknown:
        raise UsageError(f'"{path.name}" has a line that no form has: {", ".join(unknown)}')
    recording = recording_of(case, str(form.get("recording", "")))
    if str(form.get("sound_sha256", "")).lower() != recording.sha256.hex():
        raise UsageError(f'"{path.name}" is of another sound')
    maker = str(form.get("maker", "")).strip()
    if not maker:
        raise UsageError(f'"{path.name}" does not say who filled it in', hint='maker = "…"')
    blind = bool(form.get("blind", False))
    given = form.get("stretch", [])
    rows = [r for r in given if isinstance(r, dict) and _is_filled(r)] if given else []
    if not rows:
        raise UsageError(f'"{path.name}" has no stretch that is filled in')
    begins_ms = clock_ms(str(form.get("begins", "0:00")))
    made = [_heard(case, recording, form, row, begins_ms=begins_ms, blind=blind) for row in rows]
    of: list[int] = []
    beside: list[Passage] = []
    for place, row in enumerate(rows):
        if str(row.get("translation", "")).strip():
            of.append(place)
            beside.append(_translation(case, recording, form, row, made[place]))
    names = keep(case, recording, made)
    numbers = [case.papers.passage(names[place]).number for place in of]
    translated = [replace(t, about=number) for t, number in zip(beside, numbers, strict=True)]
    return [*names, *keep(case, recording, translated)]


def _heard(
    case: CaseWork,
    recording: Recording,
    form: Mapping[str, Any],
    row: Mapping[str, Any],
    *,
    begins_ms: int,
    blind: bool,
) -> Passage:
    unknown = sorted(set(row) - STRETCH_NAMES)
    if unknown:
        raise UsageError(f"a stretch has a line that none has: {', '.join(unknown)}")
    kind = _kind(str(row.get("kind", "transcript")))
    return heard_by_person(
        case,
        recording,
        start_ms=begins_ms + clock_ms(str(row.get("from", ""))),
        end_ms=begins_ms + clock_ms(str(row.get("to", ""))),
        kind=kind,
        language=str(row.get("language") or form.get("language", "")),
        text=str(row.get("text", "")),
        qualification=str(form.get("qualification", "")),
        maker=str(form.get("maker", "")),
        blind=blind,
    )


def _translation(
    case: CaseWork,
    recording: Recording,
    form: Mapping[str, Any],
    row: Mapping[str, Any],
    original: Passage,
) -> Passage:
    """The translation beside a transcript; the number of what it is of is put in once that has one."""
    if original.kind is not PassageKind.TRANSCRIPT:
        raise UsageError("a translation stands beside a transcript, and there is none")
    return heard_by_person(
        case,
        recording,
        start_ms=original.start_ms,
        end_ms=original.end_ms,
        kind=PassageKind.TRANSLATION,
        language=str(form.get("translation_language", "")),
        text=str(row["translation"]),
        qualification=str(form.get("qualification", "")),
        about=0,
        maker=original.maker,
    )


def _is_filled(row: Mapping[str, Any]) -> bool:
    return str(row.get("to", "")) not in {"", "0:00"}


def _kind(word: str) -> PassageKind:
    try:
        kind = PassageKind(word)
    except ValueError:
        raise BadValue(f'"{word}" is nothing that is heard', hint=", ".join(PassageKind)) from None
    if kind is PassageKind.TRANSLATION:
        raise BadValue("a translation stands in its line beside the text")
    return kind
