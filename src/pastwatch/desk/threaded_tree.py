"""One thread opened: its records as a tree, shown through the gate, with what each link rests on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pastwatch.desk.pictures import write_picture
from pastwatch.desk.threaded import CaseThreads, ThreadLine
from pastwatch.desk.threaded_correcting import reasons_of
from pastwatch.drawing.tree import Twig, draw_tree
from pastwatch.model.record import Record
from pastwatch.model.when import When, iso
from pastwatch.stages.reconstruct.threads import How

SHOWN = 100
_REPEATED = re.compile(
    r"\s*(?:[A-Za-z]{0,3}[>›»|]|[-_=*]{3,}|(?:from|sent|to|subject|date|cc)\s*:)", re.IGNORECASE
)
_WROTE = re.compile(
    r"\s*(?:on|am|le|el)\b.{4,}|.*(?:wrote|writes|schrieb|a écrit|escribió)\s*:\s*$", re.IGNORECASE
)
_WORDS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A record of a thread: what it answers, what says so, and its first new words."""

    record_id: str
    answers: str  # the id of the record answered, empty where none is held
    depth: int
    how: str
    argued: bool
    score: float | None
    reason: str
    awaits: bool  # it names a record that is not held
    copy_of: str  # another record of the same id stands before it
    when: When | None
    sender: str
    medium: str
    source: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadTree:
    """A thread, its records so that each follows what it answers, and how many are not shown."""

    line: ThreadLine
    branches: tuple[Branch, ...]
    left_out: int


def tree_of(threads: CaseThreads, name: str, *, limit: int = SHOWN) -> ThreadTree:
    """Open the thread of a record or of that name; its records are logged as shown.

    At most `limit` records, in the order of the tree.
    """
    made, talk = threads.threads, threads.threads.talk
    number = made.number_of(threads.row_named(name))
    order = _in_order(
        made.rows(number).tolist(), {r: int(made.parent[r]) for r in made.rows(number).tolist()}
    )
    shown = order[:limit]
    records = threads.case.records([talk.record_ids[row].tobytes() for row, _ in shown])
    said = reasons_of(threads.case)
    branches = []
    for (row, depth), record in zip(shown, records, strict=True):
        how, above = How(int(made.how[row])), int(made.parent[row])
        own = record.record_id.hex()
        first = int(made.headed.first_of[row])
        branches.append(
            Branch(
                record_id=own,
                answers=threads.id_of(above) if above >= 0 else "",
                depth=depth,
                how=how.name.lower(),
                argued=how.argued,
                score=round(float(made.score[row]), 3) if how.argued else None,
                reason=_reason(how, int(made.quoted[row]), said.get(own)),
                awaits=above < 0 and bool(made.headed.names_parent[row]) and own not in said,
                copy_of=threads.id_of(first) if first != row else "",
                when=record.envelope.claimed,
                sender=record.sender.shown if record.sender else "",
                medium=record.envelope.medium,
                source=threads.case.source_names.get(record.envelope.source_id, ""),
                words=first_words(record),
            )
        )
    return ThreadTree(
        line=threads.line(number), branches=tuple(branches), left_out=len(order) - len(shown)
    )


def picture_of(tree: ThreadTree, *, zone_offset_s: int) -> str:
    """The tree as SVG: argued links are dashed."""
    place = {b.record_id: n for n, b in enumerate(tree.branches)}
    twigs = [
        Twig(
            above=place.get(b.answers),
            depth=b.depth,
            beside=_time(b, zone_offset_s),
            under=f"{_time(b, 0)} UTC" if zone_offset_s and b.when else "",
            title=b.sender or "unknown",
            words=b.words,
            doubtful=b.argued,
            note=f"{b.how} {b.score:.2f}" if b.score is not None else "",
        )
        for b in tree.branches
    ]
    more = f" ({tree.left_out:,} more are not drawn)" if tree.left_out else ""
    title = f"Thread {tree.line.thread}, {tree.line.records:,} records{more}"
    return draw_tree(twigs, title=title)


def draw_into(path: Path, tree: ThreadTree, *, zone_offset_s: int) -> None:
    """Write the picture of a tree; a PNG needs the extra "pictures"."""
    write_picture(picture_of(tree, zone_offset_s=zone_offset_s), path)


def first_words(record: Record) -> str:
    """The first words that a record does not repeat; empty for none."""
    kept: list[str] = []
    for line in record.text.split("\n"):
        if not line.strip() or (record.envelope.medium == "mail" and _is_repeated(line)):
            continue
        kept.append(line.strip())
        if sum(map(len, kept)) > _WORDS:
            break
    return " ".join(kept)[:_WORDS]


def _is_repeated(line: str) -> bool:
    return _REPEATED.match(line) is not None or _WROTE.fullmatch(line) is not None


def _time(branch: Branch, offset_s: int) -> str:
    if branch.when is None:
        return "undated"
    return iso(branch.when.earliest_us, offset_s=offset_s)[:16].replace("T", " ")


def _reason(how: How, quoted: int, said: tuple[str, str] | None) -> str:
    if said is not None:
        return f"{said[0]}: {said[1]}"
    if how is How.QUOTED:
        return f"it repeats {quoted} run{'s' if quoted > 1 else ''} of words of it"
    return {
        How.HEADER: "its header names it",
        How.EXPLICIT: "it names it",
        How.SUBJECT: "subject, time and names are alike",
        How.RANKED: "ranked first among those before it",
    }.get(how, "")


def _in_order(rows: list[int], parent: dict[int, int]) -> list[tuple[int, int]]:
    """(row, depth) so that each follows what it answers, and those beside each other go by time."""
    below: dict[int, list[int]] = {}
    for row in rows:
        below.setdefault(parent[row], []).append(row)
    waiting = [(row, 0) for row in reversed(below.get(-1, []))]
    order = []
    while waiting:
        row, depth = waiting.pop()
        order.append((row, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(row, []))]
    return order
