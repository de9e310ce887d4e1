"""Machine drafts from the command line, and words found in them and in transcripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.progress import StepLine
from pastwatch.cli.session import Session
from pastwatch.cli.show import count, neutral
from pastwatch.cli.transcripts import as_minutes, print_drafted, print_found
from pastwatch.cli.tree import Command, case_option

if TYPE_CHECKING:
    from pastwatch.desk.soundlist import Recording

_FILE = click.Path(path_type=Path)


@click.command(
    cls=Command,
    examples=("transcribe draft --language ar", "transcribe draft 3fa2c1d0 --model models/small"),
    statuses=(0, 1, 2, 3, 10, 20, 60, 130),
)
@click.argument("names", nargs=-1, metavar="[REC]…")
@click.option("--language", metavar="TAG", help="The language asked for.  [default: as detected]")
@click.option("--model", default="base", show_default=True, metavar="NAME|DIR",
              help="base, tiny.en, or a folder that holds a converted Whisper model.")  # fmt: skip
@click.option("--sha256", metavar="HEX", help="What the model's weights must hash to.")
@click.option("--cache", type=_FILE, metavar="DIR",
              help="Where a packaged model is put together.  [default: models, beside the keys]")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say how much there is to draft, and end.")
@case_option()
@click.pass_obj
def draft(
    session: Session,
    *,
    names: tuple[str, ...],
    language: str | None,
    model: str,
    sha256: str | None,
    cache: Path | None,
    dry_run: bool,
    case_name: str | None,
) -> int:
    """Let a machine draft what it hears: a draft, never a transcript; goes on where it was stopped."""
    from pastwatch.desk import drafting
    from pastwatch.desk.transcribing import recording_of

    with session.case(case_name) as work:
        files = drafting.speech_model(work, model, cache=cache, sha256=sha256)
        listener = drafting.whisper(work, files)
        only = [recording_of(work, name) for name in names]
        left = drafting.plan(work, listener, language=language, only=only)
        if not session.json:
            unknown = f", {count(left.unknown)} of unknown length" if left.unknown else ""
            show.say(
                f"pastwatch: {count(left.recordings, 'recording')} to draft, "
                f"{as_minutes(left.minutes * 60_000)}{unknown}; weights {files.sha256[:12]}"
            )
        if dry_run:
            if session.json:
                show.json_line(left)
            return DONE if left.recordings else NOTHING_FOUND
        line = StepLine()

        def told(recording: Recording, at_ms: int, of_ms: int) -> None:
            line(f"{recording.name}: {as_minutes(at_ms)} of {as_minutes(of_ms)}")

        try:
            done = drafting.draft(work, listener, language=language, only=only, progress=told)
        finally:
            line.end()
    if session.json:
        show.json_line(done)
    else:
        print_drafted(done)
    if done.defects:
        return WITH_GAPS
    return DONE if done.passages else NOTHING_FOUND


@click.command(
    cls=Command,
    examples=('transcribe find "sarin"', "transcribe find Халид --json"),
    statuses=(0, 1, 2, 10, 20, 60),
)
@click.argument("words")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, metavar="N",
              help="Show so many at most.")  # fmt: skip
@case_option()
@click.pass_obj
def find(session: Session, *, words: str, limit: int, case_name: str | None) -> int:
    """Find words, and words that sound like them, in transcripts, drafts and the machine's guesses."""
    from pastwatch.desk.transcripts import find_words

    with session.case(case_name) as work:
        found = find_words(work, words, limit=limit)
    if session.json:
        for one in found:
            show.json_line(one)
    elif found:
        print_found(found, limit=limit)
    else:
        show.out(f"nothing sounds like {neutral(words)} in what was heard so far")
    return DONE if found else NOTHING_FOUND
