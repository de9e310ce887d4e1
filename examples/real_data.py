"""Runs the whole way on real data sets and prints one figure a line; no text of theirs is printed.

    python examples/real_data.py FOLDER [JOURNEY …]

FOLDER holds the sets by name (PASTWATCH_DATA in the tests). Journeys: apollo, foia, lists,
cypherpunks, mails, fixtures, and those of whole_sets.py, which collect a whole set each; all of them
by default. Each works in a scratch archive with throw-away keys, which is removed at the end. What
the figures mean is told in docs/real-data.md.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from whole_sets import SETS

from pastwatch.desk.collecting import CollectReport
from pastwatch.desk.holding import Archive, OpenCase
from pastwatch.desk.overseeing import verify_path
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.model.when import When, iso

LAUNCH = "1970-04-11T19:13:00Z"
LOOPS = ("flight-director-loop", "air-ground-loop")
LOOP_ROW = {
    "time": "start",
    "time_end": "end",
    "sender": "source",
    "text": "message",
    "id": "id",
    "epoch": LAUNCH,
}
WASHINGTON = "America/New_York"
LIST_BORDER = rb"(?m)^From .+ \d\d:\d\d:\d\d \d{4}\nFrom: "
ARCHIVE_HASH = rb"(?m)^X-Archive-Hash: "
SAMPLE_EVERY = 17  # originals restored: one record in so many
Say = Callable[[str, object], None]


@dataclass(frozen=True)
class Scratch:
    """An archive to be thrown away, and the folder it stands in."""

    folder: Path
    archive: Archive

    def collect(
        self, path: Path, source: str, say: Say, options: dict[str, str] | None = None
    ) -> CollectReport:
        """Seal a path, and say where its bytes went."""
        report = self.archive.collect(path, source=source, basis="published", options=options)
        run = report.run
        say(f"{source}: records", run.records)
        say(f"{source}: records already held", run.already_held)
        say(f"{source}: bytes read", run.read_bytes)
        say(f"{source}: bytes of records", run.record_bytes)
        say(f"{source}: bytes already held", run.held_bytes)
        say(f"{source}: bytes of framing", run.framing_bytes)
        say(f"{source}: bytes of gaps", run.gap_bytes)
        say(f"{source}: gaps, share of bytes read", f"{run.gap_bytes / run.read_bytes:.4%}")
        reasons: dict[str, int] = {}
        for gap in report.collected.gaps:
            reasons[gap.reason] = reasons.get(gap.reason, 0) + gap.bytes
        for reason in sorted(reasons):
            say(f"{source}: bytes of gaps, {reason}", reasons[reason])
        say(f"{source}: every byte accounted for", report.accounted)
        return report

    def open(self, event: str, *, at: str, around: timedelta, undated: bool = False) -> OpenCase:
        """Declare an event (once), draft an authority around it, sign it, and open its case."""
        archive, hours = self.archive, round(around.total_seconds() / 3600)
        archive.add_event(event, event, at=at, references=("the set's own description",))
        return open_self_authorised(
            archive,
            event,
            self.folder / f"{event}.toml",
            span_hours=hours,
            ground="public record",
            necessity="the whole set is measured",
            undated=undated,
        )[0]


def apollo(data: Path, scratch: Scratch, say: Say) -> None:
    """Two voice loops as two sources: who asked for the tank stir, who ordered it, who called it."""
    script = data / "apollo13-loops" / "apollo" / "apollo13rt" / "script"
    for loop in LOOPS:
        scratch.collect(script / f"{loop}.json", loop, say, LOOP_ROW)
        rows = json.loads((script / f"{loop}.json").read_bytes())
        say(f"{loop}: records counted another way", len(rows))
    at_us = _us(LAUNCH) + (55 * 3600 + 54 * 60 + 53) * 1_000_000
    case = scratch.open("explosion", at=iso(at_us), around=timedelta(hours=1))
    say("records in scope", case.coverage().in_scope)
    cites = []
    for hit in case.look("stir"):
        shown = hit.show(around=3)
        claimed = shown.record.envelope.claimed
        sender = shown.record.sender
        cites.append(hit.hit_id)
        say(
            f"stir, {shown.source}",
            f"{sender.address if sender else None} at {_elapsed(claimed)}, "
            f"context {len(shown.before)}+{len(shown.after)}",
        )
    case.finding(
        "The three controllers speak of the stir in the order of their times.", cites=cites
    )
    case.finding("No record in the slice speaks of sabotage.", kind="negative")
    _brief(case, scratch, say)
    page = (scratch.folder / "brief-explosion" / "brief.md").read_text(encoding="utf-8")
    for line in re.findall(r"Nothing before \S+[^.]* is held from this source", page):
        say("the brief says", line)


def foia(data: Path, scratch: Scratch, say: Say) -> None:
    """27,159 released mails: a wide case and a narrow one, hits against a count made in Python."""
    path = data / "foia-mail" / "clinton_blind" / "messages.jsonl"
    scratch.collect(path, "released-mail", say, {"zone": WASHINGTON})
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    say("records counted another way", len(rows))
    at = "2012-09-11T15:42:00-04:00"
    for name, days in (("wide", 90), ("narrow", 1)):
        around = timedelta(days=days)
        case = scratch.open(name, at=at, around=around)
        say(f"{name} (±{days} days): records in scope", case.coverage().in_scope)
        inside = [row for row in rows if _within(row, at, around)]
        say(f"{name}: records in scope counted another way", len(inside))
        for word in ("the", "libya"):
            hits = sum(1 for _ in case.look(word))
            pattern = re.compile(rf"\b{word}\b", re.IGNORECASE)
            said = [f"{row['subject'] or ''}\n{row['text'] or ''}" for row in inside]
            same = sum(1 for text in said if pattern.search(text))
            say(f'{name}: hits of "{word}"', hits)
            say(f'{name}: hits of "{word}" counted another way', same)
        paged, query_id = 0, case.papers.searches()[0].query_id
        while page := case.hits(query_id, offset=paged, limit=500):
            paged += len(page)
        say(f'{name}: hits of "the", page by page', paged)
        coverage = case.coverage()
        say(f"{name}: coverage, held", coverage.held)
        say(f"{name}: coverage, scanned", coverage.scanned)
        say(f"{name}: coverage, undated", coverage.undated)
        say(f"{name}: coverage, exposed by granularity", coverage.exposed)
        case.close()
    say("archive ÷ raw", _ratio(scratch, path.stat().st_size))


def lists(data: Path, scratch: Scratch, say: Say) -> None:
    """Mailing lists with obfuscated borders, against the borders counted by a pattern."""
    folder = data / "r-lists" / "rlists"
    counted = _count(LIST_BORDER, folder.glob("*/*.txt"))
    # A file among them that is no mailbox is sealed whole, as one record.
    others = sum(p.is_file() and p.suffix != ".txt" for p in folder.rglob("*"))
    _mailboxes(folder, scratch, say, independent=counted + others)


def cypherpunks(data: Path, scratch: Scratch, say: Say) -> None:
    """Raw monthly mailboxes, against the one hash that each mail's archive put in its header."""
    folder = data / "cypherpunks-early" / "cypherpunks_mbox"
    _mailboxes(folder, scratch, say, independent=_count(ARCHIVE_HASH, folder.glob("*.mbox")))


def mails(data: Path, scratch: Scratch, say: Say) -> None:
    """Thousands of mails of odd shape: none crashes, originals come back bit for bit."""
    _originals(data / "spamassassin" / "spamassassin" / "data", "*/*.txt", scratch, say)


def fixtures(data: Path, scratch: Scratch, say: Say) -> None:
    """Mails made to be hard to read, the same way."""
    _originals(data / "mail-fixtures" / "mail_fixtures", "**/*.eml", scratch, say)


JOURNEYS = {
    "apollo": apollo,
    "foia": foia,
    "lists": lists,
    "cypherpunks": cypherpunks,
    "mails": mails,
    "fixtures": fixtures,
    **SETS,
}


def main(args: list[str]) -> None:
    """Run the journeys named, or all of them."""
    if not args or not set(args[1:]) <= set(JOURNEYS):
        sys.exit(__doc__)
    for name in args[1:] or JOURNEYS:
        sys.stdout.write(f"\n{name}\n")
        with fresh_archive() as scratch:
            JOURNEYS[name](Path(args[0]), scratch, _print)


@contextmanager
def fresh_archive() -> Iterator[Scratch]:
    """An archive with throw-away keys in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="pastwatch-real-") as name:
        folder = Path(name)
        with scratch_archive(folder) as archive:
            yield Scratch(folder, archive)


def _mailboxes(folder: Path, scratch: Scratch, say: Say, *, independent: int) -> None:
    report = scratch.collect(folder, "mailboxes", say)
    say("records counted another way", independent)
    sizes = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    say("bytes of the files", sizes)
    say("undated", scratch.archive.status().sources[0].undated)
    again = scratch.archive.collect(folder, source="mailboxes")
    say("new records when collected again", again.run.records)
    say("archive ÷ raw", _ratio(scratch, report.run.read_bytes))


def _count(pattern: bytes, paths: Iterable[Path]) -> int:
    return sum(len(re.findall(pattern, path.read_bytes())) for path in paths)


def _originals(folder: Path, pattern: str, scratch: Scratch, say: Say) -> None:
    """Seal a folder of mails, open all of it, and restore one original in so many."""
    files = sorted(p for p in folder.glob(pattern) if p.is_file())
    mail = scratch.folder / "mail"
    mail.mkdir()
    for number, path in enumerate(files):
        (mail / f"{number}.eml").write_bytes(path.read_bytes())
    scratch.collect(mail, "mail", say)
    say("files", len(files))
    status = scratch.archive.status().sources[0]
    say(
        "kept opaque", f"{status.opaque} of {status.records} ({status.opaque / status.records:.2%})"
    )
    say("undated", status.undated)
    around = timedelta(days=365 * 20)
    case = scratch.open("all", at="2010-01-01T00:00:00Z", around=around, undated=True)
    index = case.gate.index()
    say("records in the slice", len(index))
    hashes = {hashlib.sha256(mail).digest() for path in files for mail in _mails_of(path)}
    sample = range(0, len(index), SAMPLE_EVERY)
    exact = sum(
        hashlib.sha256(case.gate.original(index.ref(at))).digest() in hashes for at in sample
    )
    say("originals restored bit for bit", f"{exact} of {len(sample)} sampled")
    case.close()


def _mails_of(path: Path) -> tuple[bytes, ...]:
    """The mail in a file: whole, or without what a mailbox puts around it."""
    whole = path.read_bytes()
    if not whole.startswith(b"From "):
        return (whole,)
    inner = whole.partition(b"\n")[2]
    return whole, inner, inner.removesuffix(b"\n").removesuffix(b"\r")


def _brief(case: OpenCase, scratch: Scratch, say: Say) -> None:
    folder = scratch.folder / f"brief-{case.event.event_id}"
    made = case.brief(folder)
    say("brief: sentences", made.sentences)
    say("brief: records cited", made.cited)
    say("brief: problems found by verify", len(verify_path(folder).problems))
    say("archive: problems found by verify", len(verify_path(scratch.folder / "archive").problems))


def _within(row: dict[str, str | None], at: str, around: timedelta) -> bool:
    """Whether a released mail's date lies in the span; those without one do not."""
    if not row["date"]:
        return False
    when = datetime.fromisoformat(row["date"]).replace(tzinfo=ZoneInfo(WASHINGTON))
    moment = datetime.fromisoformat(at)
    return moment - around <= when < moment + around


def _ratio(scratch: Scratch, raw_bytes: int) -> str:
    folder = scratch.folder / "archive"
    whole = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    return f"{whole / raw_bytes:.2f}"


def _us(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp()) * 1_000_000


def _elapsed(when: When | None) -> str:
    if when is None:
        return "no time"
    seconds = (when.earliest_us - _us(LAUNCH)) // 1_000_000
    return f"{seconds // 3600:03}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def line_of(name: str, figure: object) -> str:
    """One figure as it is printed."""
    return f"{name:50} {figure:,}" if type(figure) is int else f"{name:50} {figure}"


def _print(name: str, figure: object) -> None:
    sys.stdout.write(f"{line_of(name, figure)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
