"""Try the whole way on one's own file: a scratch archive, self-authorised and said so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pastwatch.config import Settings
from pastwatch.desk.clock import now_us
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.errors import UsageError

MARK = "pastwatch-trial.json"
EVENT_ID = "trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """Where the trial stands, its case, and the hits of each query."""

    folder: Path
    case_id: str
    hits: tuple[tuple[str, int], ...]
    gaps: bool


def trial_folder(settings: Settings) -> Path:
    """Where the one trial of a user stands."""
    return settings.keys_dir / "trial"


def try_file(
    path: Path,
    at: str,
    *,
    settings: Settings,
    queries: tuple[str, ...],
    say: Callable[[str], None],
) -> TrialResult:
    """Seal a file or folder into a scratch archive and open the days around a moment.

    UsageError when a trial stands already: `forget` wipes it.
    """
    folder = trial_folder(settings)
    if (folder / MARK).exists():
        raise UsageError("a trial stands already", hint="wipe it with 'pastwatch forget'")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f'"{folder.name}" is in the way and is no trial')
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(json.dumps({"made_us": now_us()}), encoding="utf-8")
    person = settings.person or "you"
    with scratch_archive(folder, settings=settings, person=person) as archive:
        report = archive.collect(path, source="trial", basis="own")
        say(
            f"sealed {report.run.records:,} records ({report.run.read_bytes:,} bytes read, "
            f"{report.run.gap_bytes:,} in gaps)"
        )
        archive.add_event(EVENT_ID, f"Trial around {at}", at=at)
        case, bound, estimate = open_self_authorised(
            archive, EVENT_ID, folder / "grant.toml", ground="own data, trial"
        )
        say(
            f"may open {estimate.records:,} of {bound.held_records:,} records; self-authorised: "
            "you asked and you granted"
        )
        counts = []
        for query in queries:
            counts.append((query, sum(1 for _ in case.look(query))))
            say(f"{query}: {counts[-1][1]:,} hits")
        case.close()
    return TrialResult(
        folder=folder,
        case_id=case.case_id,
        hits=tuple(counts),
        gaps=bool(report.collected.gaps),
    )


def forget(*, settings: Settings) -> list[str]:
    """Wipe the trial: keys first, so that nothing of it opens again; names what was removed.

    Blocks of a journalled or flash disk may outlive the files; the keys are what is destroyed.
    """
    folder = trial_folder(settings)
    if not (folder / MARK).exists():
        return []
    removed = sorted(p.name for p in folder.iterdir() if p.name != MARK)
    for key in (folder / "keys").rglob("*"):
        if key.is_file():
            key.write_bytes(b"\x00" * key.stat().st_size)
    shutil.rmtree(folder)
    return removed
