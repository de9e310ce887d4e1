"""Transcribe: the queue of recordings, what people and machines heard in them, and where words stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import drafts, linguist, show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.linguist import from_option, stretch, to_option
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.transcripts import print_queue, print_recordings, print_transcript
from pastwatch.cli.tree import Command, Family, case_option
from pastwatch.errors import UsageError

if TYPE_CHECKING:
    from pastwatch.desk.transcribing import Order

_FILE = click.Path(path_type=Path)
_ORDERS = ("closeness", "duration", "pair")
_by = click.option("--by", "order", default="closeness", show_default=True, metavar="ORDER",
                   help=f"What the queue goes by: {', '.join(_ORDERS)}.")  # fmt: skip


@click.group(cls=Family)
def transcribe() -> None:
    """Take recordings from the queue, write what is heard, check it blind, let a machine draft."""


@transcribe.command(
    "list",
    cls=Command,
    examples=("transcribe list", "transcribe list --by duration --json"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@_by
@case_option()
@click.pass_obj
def list_(session: Session, *, order: str, case_name: str | None) -> int:
    """List the recordings of the slice with who has heard them; a machine's words stay a draft."""
    from pastwatch.desk.transcribing import queue

    with session.case(case_name) as work:
        queued, offset_s = queue(work, order=_order(order)), work.event.zone_offset_s
    if session.json:
        for one in queued:
            show.json_line(one)
    else:
        print_queue(queued, offset_s=offset_s)
    return DONE if queued else NOTHING_FOUND


@transcribe.command(
    "next",
    cls=Command,
    examples=("transcribe next", "transcribe next --by duration"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@_by
@case_option()
@click.pass_obj
def next_(session: Session, *, order: str, case_name: str | None) -> int:
    """Name the next recording that no person has heard to its end."""
    from pastwatch.desk.transcribing import next_of

    with session.case(case_name) as work:
        found, offset_s = next_of(work, order=_order(order)), work.event.zone_offset_s
    if session.json and found is not None:
        show.json_line(found)
    elif not session.json and found is None:
        show.out("a person has heard every recording that was listed")
    elif found is not None:
        print_recordings([found], offset_s=offset_s)
        show.out(f"next: pastwatch transcribe play {found.recording.name}")
    return NOTHING_FOUND if found is None else DONE


@transcribe.command(
    "show",
    cls=Command,
    examples=("transcribe show 3fa2c1d0", "transcribe show p7"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@click.argument("name", metavar="REC|PASSAGE")
@case_option()
@click.pass_obj
def show_(session: Session, *, name: str, case_name: str | None) -> int:
    """Show what stands of a recording, original and translation side by side, each with its maker."""
    from pastwatch.desk.transcribing import recording_of
    from pastwatch.desk.transcripts import quoted, quoted_all

    with session.case(case_name) as work:
        if name.startswith("p") and name[1:].isdigit():
            rows = quoted(work, name)
        else:
            rows = quoted_all(work, recording_of(work, name))
    if session.json:
        for row in rows:
            show.json_line(row, certified=[t.passage_id for t in row.certified])
    elif rows:
        print_transcript(rows)
    else:
        show.out("nobody has heard this recording, and no machine")
    return DONE if rows else NOTHING_FOUND


@transcribe.command(
    cls=Command,
    examples=("transcribe play 3fa2c1d0", "transcribe play 3fa2c1d0 --from 0:12 --to 0:17"),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("name", metavar="REC")
@from_option
@to_option
@case_option()
@click.pass_obj
def play(session: Session, *, name: str, start: str, end: str | None, case_name: str | None) -> int:
    """Play a stretch through ffplay, mpv or aplay; the sound never stands on the disk."""
    from pastwatch.desk.clips import play as play_to
    from pastwatch.desk.transcribing import recording_of

    with session.case(case_name) as work:
        start_ms, end_ms = stretch(start, end)
        used = play_to(work, recording_of(work, name), start_ms=start_ms, end_ms=end_ms)
    if session.json:
        show.json_line(None, recording=name, player=used, start_ms=start_ms, end_ms=end_ms)
    return DONE


@transcribe.command(
    cls=Command,
    examples=(
        "transcribe clip 3fa2c1d0 --from 0:12 --to 1:30 --out for-the-linguist",
        "transcribe clip 3fa2c1d0 --out second --blind",
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("name", metavar="REC")
@from_option
@to_option
@click.option("--out", required=True, type=_FILE, metavar="DIR", help="Where both files go.")
@click.option("--blind", is_flag=True, help="A form for the second linguist's check.")
@case_option()
@click.pass_obj
def clip(
    session: Session,
    *,
    name: str,
    start: str,
    end: str | None,
    out: Path,
    blind: bool,
    case_name: str | None,
) -> int:
    """Write a stretch as WAV with a form to fill; needs an authority to export."""
    from pastwatch.desk.clips import clip as write_clip
    from pastwatch.desk.transcribing import recording_of

    with session.case(case_name) as work:
        start_ms, end_ms = stretch(start, end)
        chosen = recording_of(work, name)
        made = write_clip(work, chosen, out, start_ms=start_ms, end_ms=end_ms, blind=blind)
    if session.json:
        show.json_line(made)
        return DONE
    show.facts(
        [
            ("clip", f"{made.clip}: a working copy in clear, entered in the ledger"),
            ("form", f"{made.form}: once filled, 'pastwatch transcribe load {made.form}'"),
        ]
    )
    return DONE


@transcribe.command(
    cls=Command,
    examples=("transcribe load 3fa2c1d0-0.12.toml", "transcribe load second.toml --json"),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("form", type=_FILE, metavar="FORM")
@case_option()
@click.pass_obj
def load(session: Session, *, form: Path, case_name: str | None) -> int:
    """Keep what a linguist wrote into a form: all of it, or nothing."""
    from pastwatch.desk.clips import load as keep_form

    with session.case(case_name) as work:
        names = keep_form(work, form)
    if session.json:
        show.json_line(None, passages=names)
    else:
        show.out(f"kept {count(len(names), 'passage')}: {', '.join(names)}")
    return DONE


def _order(word: str) -> Order:
    from pastwatch.desk.transcribing import Order

    try:
        return Order(word)
    except ValueError:
        raise UsageError(f'"{word}" is no order', hint=", ".join(_ORDERS)) from None


for _command in (linguist.write, linguist.check, drafts.draft, drafts.find):
    transcribe.add_command(_command)
