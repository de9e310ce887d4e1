"""A scratch archive: throw-away keys beside it, authorities signed by oneself, and said so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pastwatch.archive.grant import Bound, Estimate
from pastwatch.config import Settings
from pastwatch.desk.clock import now_us
from pastwatch.desk.founding import found
from pastwatch.desk.holding import Archive, OpenCase, open_archive
from pastwatch.town.plan import TownPlan

Line = str | bool | list[str]


def scratch_archive(
    folder: Path,
    *,
    settings: Settings | None = None,
    person: str = "you",
    clock: Callable[[], int] = now_us,
) -> Archive:
    """The archive under `folder`/archive, opened; made with throw-away keys where there is none."""
    chosen = replace(
        settings or Settings(),
        archive=str(folder / "archive"),
        keys=str(folder / "keys"),
        person=person,
    )
    place = folder / "archive"
    if not place.exists():
        folder.mkdir(parents=True, exist_ok=True)
        found(
            place,
            settings=chosen,
            person=person,
            granting_passphrase=None,
            user_passphrase=None,
            throwaway=True,
            clock=clock,
        )
    return open_archive(place, settings=chosen, clock=clock)


def collect_town(archive: Archive, plan: TownPlan) -> int:
    """Seal every source of a built town; gives the bytes read."""
    return sum(
        archive.collect(
            source.path,
            source=source.name,
            basis="own",
            connector=source.connector,
            medium=source.medium,
            options=dict(source.options),
        ).run.read_bytes
        for source in plan.sources
    )


def draft_filled(
    archive: Archive,
    event_id: str,
    path: Path,
    *,
    ground: str,
    span_hours: int | None = None,
    **lines: Line,
) -> Path:
    """The draft of an authority with `ground` and other lines filled in, signed by oneself.

    `lines` by their names in the draft, as `until="2012-01-01T00:00:00Z"`; `from` is written
    `since`, as it is a word of the language.
    """
    path = archive.draft_authority(event_id, path, span_hours=span_hours)
    given: dict[str, Line] = {"ground": ground, **lines}
    if "since" in given:
        given["from"] = given.pop("since")
    filled = [
        f"{key} = {_toml(given[key])}" if (key := line.partition(" = ")[0]) in given else line
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    path.write_text("\n".join(filled) + "\n", encoding="utf-8")
    archive.sign_authority(path)
    return path


def open_self_authorised(
    archive: Archive,
    event_id: str,
    path: Path,
    *,
    ground: str,
    span_hours: int | None = None,
    **lines: Line,
) -> tuple[OpenCase, Bound, Estimate]:
    """A case under an authority that one drafts, signs and grants oneself."""
    draft = draft_filled(archive, event_id, path, ground=ground, span_hours=span_hours, **lines)
    return archive.open_case(event_id, draft)


def _toml(value: Line) -> str:
    """A value as TOML writes it; for these JSON writes the same."""
    return json.dumps(value, ensure_ascii=False)
