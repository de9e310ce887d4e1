"""What an overseer reads and a stranger checks: acts without content, exposure, verification."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pastwatch.archive.place import Place
from pastwatch.archive.verify import verify_archive
from pastwatch.desk.office import Office
from pastwatch.errors import UsageError
from pastwatch.ledger.checkpoint import CHECKPOINT_NAME, sign_checkpoint
from pastwatch.ledger.entry import Act, Entry
from pastwatch.ledger.superseded import told_lines
from pastwatch.stages.brief import verifier
from pastwatch.stages.brief.verifier_notice import ANYBODY, OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One act, as an overseer sees it."""

    sequence: int
    time_us: int
    act: str
    actor: str
    authority: str | None
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Records granted, and times shown, of a source or one account of it (by token), all cases."""

    source: str
    account_token: str | None
    granted: int
    shown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What a verification found, over an archive or a brief."""

    kind: str
    trusted: str
    figures: tuple[str, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    told: tuple[str, ...] = ()
    """Of a brief: that it was superseded, corrected or withdrawn since."""


def ledger_lines(office: Office, start: int = 0) -> Iterator[LedgerLine]:
    """The acts from `start` on, with their figures; no content is in the ledger to be shown."""
    people = {k.key_id: f"{k.person} ({', '.join(k.offices)})" for k in office.policy.keys}
    names = {i: s.name for i, s in office.sources().items()}
    for entry in office.ledger.entries(start):
        figures = []
        for name, value in entry.outcome.items():
            if value in (None, "", ()) or name in ("run_id", "pack_id", "times", "accounts"):
                continue
            shown = value if not isinstance(value, tuple) else ",".join(map(_word, value))
            figures.append(f"{name}={names.get(str(shown), shown)}")
        yield LedgerLine(
            sequence=entry.sequence,
            time_us=entry.time_us,
            act=entry.act,
            actor=people.get(entry.actor, entry.actor),
            authority=entry.authority,
            summary=" ".join(figures),
        )


def exposures(office: Office) -> tuple[Exposure, ...]:
    """Granted and shown records by source, and by account token, over all cases."""
    granted: dict[tuple[str, str | None], int] = {}
    shown: dict[tuple[str, str | None], int] = {}
    for entry in office.ledger.entries():
        if entry.act == Act.GRANT:
            path = office.place.folder / "openings" / f"{entry.objects['accounts']}.json"
            for source_id, accounts in json.loads(path.read_bytes()).items():
                for token, count in accounts.items():
                    _add(granted, source_id, token, count)
        elif entry.act == Act.SHOWN:
            for name, count in _pairs(entry, "accounts", "times"):
                source_id, token = name.split(":")
                _add(shown, source_id, token, count)
            for source_id, count in _pairs(entry, "sources", "source_records"):
                _add(shown, source_id, None, count)
        elif entry.act == Act.OPENED and entry.outcome.get("purpose") == "locate":
            for source_id, count in _pairs(entry, "sources", "source_records"):
                key = (source_id, None)
                granted[key] = max(granted.get(key, 0), count)
    sources = {i: s.name for i, s in office.sources().items()}
    keys = sorted(set(granted) | set(shown), key=lambda k: (sources.get(k[0], k[0]), k[1] or ""))
    return tuple(
        Exposure(
            source=sources.get(source_id, source_id),
            account_token=token,
            granted=granted.get((source_id, token), 0),
            shown=shown.get((source_id, token), 0),
        )
        for source_id, token in keys
    )


def checkpoint(office: Office) -> Path:
    """Sign the ledger as it stands; gives the file to hand to somebody outside."""
    make_checkpoint(office)
    return office.place.ledger / CHECKPOINT_NAME


def make_checkpoint(office: Office) -> bytes:
    """A signed checkpoint of the ledger now."""
    key = office.ring.user().signing
    return sign_checkpoint(
        office.ledger,
        origin=f"pastwatch/{office.policy.archive_id}",
        signer=key,
        public_key=key.public,
        extensions=told_lines,
    )


def verify_path(
    path: Path,
    *,
    checkpoint: Path | None = None,
    notice: Path | None = None,
    on_pack: Callable[[int, int], None] | None = None,
) -> VerifyReport:
    """Check an archive or a brief's folder, whichever stands there, with no key.

    A later checkpoint, or a notice, tells whether a brief was superseded, corrected or withdrawn.
    """
    note = _read(checkpoint, "checkpoint") if checkpoint else None
    if (path / "brief.json").is_file() or (path / "brief.html").is_file():
        report = verifier.verify(
            path,
            checkpoint=note,
            checkpoint_name=checkpoint.name if checkpoint else "given",
            notice=_read(notice, "notice") if notice else None,
            notice_name=notice.name if notice else "the notice",
        )
        figures = (f"{report.sentences} sentences", f"{report.citations} citations")
        return VerifyReport(
            kind="brief",
            trusted=report.trusted,
            figures=figures,
            problems=report.problems,
            notes=(*report.notes, *([ANYBODY] if report.trusted.startswith(OWN) else [])),
            told=report.told,
        )
    if notice:
        raise UsageError("a notice tells of a brief, and this is none")
    if not (path / "policy.json").is_file() and not (path / "ledger").is_dir():
        raise UsageError(f'"{path.name}" is neither an archive nor a brief')
    found = verify_archive(Place(path), checkpoint=note, on_pack=on_pack)
    return VerifyReport(
        kind="archive",
        trusted=found.trusted,
        figures=(
            f"{found.entries} ledger entries",
            f"{found.packs} pack{'' if found.packs == 1 else 's'}",
            f"{found.bytes} sealed bytes",
            f"root {found.root[:16]}",
        ),
        problems=tuple(found.problems),
        notes=tuple(found.notes),
    )


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as wrong:
        raise UsageError(f'the {what} "{path.name}" cannot be read') from wrong


def _pairs(entry: Entry, names: str, counts: str) -> list[tuple[str, int]]:
    """Two lists of an entry's outcome, side by side."""
    left = cast("Sequence[str]", entry.outcome.get(names) or ())
    right = cast("Sequence[int]", entry.outcome.get(counts) or ())
    return list(zip(left, right, strict=True))


def _add(
    counts: dict[tuple[str, str | None], int], source_id: str, token: str | None, count: int
) -> None:
    counts[source_id, token] = counts.get((source_id, token), 0) + count


def _word(value: object) -> str:
    return str(value)
