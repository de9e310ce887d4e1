"""How a record and the state of a review look to a reviewer: plain lines, nothing in them obeyed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pastwatch.cli.page import between
from pastwatch.cli.show import bar, claimed, count, cut, neutral, share, size
from pastwatch.model.note import Mode
from pastwatch.model.record import Record

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

    from pastwatch.desk.familial import Preview
    from pastwatch.desk.served import Progress, Served, Surroundings

_NAMES = 6  # recipients shown one by one
_NAME_COLUMNS = 40
_NEIGHBOUR_LINES = 8
_MEMBER_LINES = 4
_LABEL = 9
_BAR = 16

TURNS = {
    Mode.CHOSEN: "chosen by hand",
    Mode.RANKED: "ranked",
    Mode.EXPLORED: "unlike what was read so far",
    Mode.CONTROL: "drawn at random before ranking",
    Mode.REST: "drawn at random from the unread rest",
    Mode.OVERLAP: "of the overlap, judged blind by two",
    Mode.ADJUDICATED: "settled by an adjudicator",
    Mode.FAMILY: "given with its family",
}


def turn_of(served: Served) -> str:
    """How the record came to its turn, in words."""
    words = TURNS[served.mode]
    if served.mode is Mode.RANKED:
        words = (
            f"ranked {served.rank:,}" if served.rank else "in random order: nothing is learnt yet"
        )
    return words if served.draw is None else f"{words} (draw {served.draw})"


def progress_lines(progress: Progress) -> list[str]:
    """The bar with its counts, the draws that are open, and the bound reached so far."""
    done = progress.judged + progress.deferred
    more = [
        (progress.unsure, "unsure"),
        (progress.deferred, "deferred"),
        (progress.protected, "protected"),
    ]
    parts = [
        f"{count(done)} of {count(progress.records)} judged ({share(done, progress.records)})",
        f"{count(progress.relevant)} relevant",
        f"{count(progress.not_relevant)} not",
        *(f"{count(number)} {what}" for number, what in more if number),
    ]
    drawn = [
        f"draw {number} ({purpose}): {judged:,} of {of:,}"
        for number, purpose, judged, of in progress.draws
        if judged < of
    ]
    full = len(bar(done, progress.records, columns=_BAR)[:_BAR].rstrip("▏▎▍▌▋▊▉"))
    lines = [f"{'█' * full}{'░' * (_BAR - full)} " + " · ".join(parts)]
    if drawn:
        lines.append(" · ".join(drawn))
    return [*lines, progress.bound]


def record_view(served: Served, *, offset_s: int, codes: Sequence[str] = ()) -> Group:
    """A record in full: who, when, what was noted, then its text."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    record = served.record
    heads = Table.grid(padding=(0, 1, 0, 0))
    heads.add_column(width=_LABEL - 1, style="dim")
    heads.add_column(overflow="fold")
    rows = [
        ("from", neutral(record.sender.shown) if record.sender else "(unknown)", ""),
        ("to", _recipients(record), ""),
        ("time", claimed(record.envelope.claimed, offset_s=offset_s, seconds=True).strip(), ""),
        ("in", neutral(record.conversation), ""),
        ("source", neutral(served.source), ""),
        ("subject", neutral(record.subject), "bold"),
        ("judged", _own(served), ""),
        ("codes", ", ".join(codes), ""),
        ("tags", ", ".join(neutral(tag) for tag in served.tags), ""),
        *(("note", f"{neutral(n.text)} ({neutral(n.by)})", "italic") for n in served.notes),
    ]
    for name, value, style in rows:
        if value:
            heads.add_row(Text(name), Text(value, style=style))
    text = Text("\n")
    text.append(neutral(record.text, lines=True).strip("\n") or "(no text)")
    for number, part in enumerate(record.parts, 1):
        text.append(
            f"\n\nattachment {number}: {neutral(part.name)} "
            f"({neutral(part.media_type)}, {size(part.size_bytes)})",
            style="dim",
        )
        if part.text:
            text.append("\n" + neutral(part.text, lines=True).strip("\n"))
    return Group(heads, text)


def neighbours_text(records: Sequence[Record], *, offset_s: int, more: bool, above: bool) -> Text:
    """Records of the same conversation, faint: shown as context, not judged."""
    from rich.text import Text

    text = Text(style="dim")
    if more and above:
        text.append("… more before: c\n")
    for record in records:
        text.append(_head(record, offset_s=offset_s) + "\n")
        text.append(_first_lines(record, _NEIGHBOUR_LINES) + "\n")
    if more and not above:
        text.append("… more after: c\n")
    return text


def around_texts(around: Surroundings, *, offset_s: int) -> tuple[Text, Text]:
    """What stands before a record and after it."""
    return (
        neighbours_text(around.before, offset_s=offset_s, more=around.more_before, above=True),
        neighbours_text(around.after, offset_s=offset_s, more=around.more_after, above=False),
    )


def preview_lines(preview: Preview, *, offset_s: int) -> list[str]:
    """The members of a family that a judgement would be given to, and who is left out."""
    lines = []
    for member in preview.members:
        lines.append(f"{_head(member.record, offset_s=offset_s)}  [{member.why}]")
        lines.append(_first_lines(member.record, _MEMBER_LINES))
    left_out = [
        (preview.judged_already, "judged by you already"),
        (preview.in_draws, "of a random draw, each judged by itself"),
        (preview.more, "more than one preview shows"),
    ]
    lines += [f"left out: {count(n)} {why}" for n, why in left_out if n]
    return lines


def _head(record: Record, *, offset_s: int) -> str:
    when = claimed(record.envelope.claimed, offset_s=offset_s).strip()
    return f"{when}  {between(record)}"


def _first_lines(record: Record, most: int) -> str:
    lines = neutral(record.text, lines=True).strip().split("\n")
    shown = [f"    {line}".rstrip() for line in lines[:most]]
    if len(lines) > most:
        shown.append(f"    … {count(len(lines) - most, 'more line')}")
    return "\n".join(shown)


def _recipients(record: Record) -> str:
    names = [cut(neutral(p.shown), _NAME_COLUMNS) for p in record.recipients[:_NAMES]]
    more = len(record.recipients) - _NAMES
    return ", ".join(names) + (f" and {count(more)} more" if more > 0 else "")


def _own(served: Served) -> str:
    if served.own is None:
        return ""
    judgement = served.own.judgement
    codes = f" [{', '.join(served.own.codes)}]" if served.own.codes else ""
    why = f": {neutral(judgement.note)}" if judgement.note else ""
    return f"{judgement.code} by you{codes}{why}"
