"""From what happened to an exit status and at most two lines on stderr."""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.errors import PastwatchError

DONE, NOTHING_FOUND, USAGE, WITH_GAPS = 0, 1, 2, 3
STORAGE, BUG, INTERRUPTED = 60, 70, 130

MEANINGS = {
    DONE: "done",
    NOTHING_FOUND: "done, nothing found",
    USAGE: "asked for something that makes no sense",
    WITH_GAPS: "done with gaps (wins over 1)",
    10: "not covered by an authority",
    20: "what is stored is not what was sealed, or the wrong key",
    25: "what was to be handed out holds something barred: nothing was written",
    30: "a source could not be read",
    40: "another process collects from this source, grants or repacks",
    50: "the work could not be run",
    STORAGE: "the disk is full or refuses",
    BUG: "a bug of ours",
    INTERRUPTED: "interrupted",
}


def run(act: Callable[[], int], *, debug: bool) -> int:
    """The exit status of an act; whatever goes wrong is told on stderr, a traceback only on debug."""
    try:
        status = act()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as wrong:  # noqa: BLE001 - the one place: everything below names its own errors
        if debug:
            traceback.print_exc()
        return _told(wrong)
    return status


def tell_error(message: str, hint: str | None = None) -> None:
    """One line on stderr for what went wrong, and one for the way out."""
    show.say(f"pastwatch: error: {show.neutral(message)}")
    if hint:
        show.say(f"pastwatch: hint: {show.neutral(hint)}")


def _told(wrong: Exception) -> int:  # noqa: PLR0911 - one return a kind of failure
    if isinstance(wrong, PastwatchError):
        tell_error(str(wrong), wrong.hint)
        return wrong.exit_status
    if isinstance(wrong, click.exceptions.NoArgsIsHelpError):
        wrong.show()
        return USAGE
    if isinstance(wrong, click.ClickException):
        tell_error(_lowered(wrong.format_message()), _see_help(wrong))
        return USAGE
    if isinstance(wrong, click.Abort):
        return _interrupted()
    if isinstance(wrong, BrokenPipeError):
        return _cut_off()
    if isinstance(wrong, OSError) and wrong.strerror:
        name = f': "{Path(str(wrong.filename)).name}"' if wrong.filename else ""
        tell_error(f"{wrong.strerror.lower()}{name}")
        return STORAGE
    tell_error(_place(wrong), "--debug shows the traceback; it may quote records, so read it alone")
    return BUG


def _interrupted() -> int:
    click.echo(
        "\npastwatch: interrupted: what was committed stands; "
        "the same command again completes the rest",
        err=True,
    )
    return INTERRUPTED


def _cut_off() -> int:
    """Whoever read our output has gone: say nothing, and keep Python from complaining at its end."""
    sys.stdout = io.StringIO()
    return INTERRUPTED


def _lowered(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text[:1].lower() + text[1:]


def _see_help(wrong: click.ClickException) -> str | None:
    context = getattr(wrong, "ctx", None)
    return f"see '{context.command_path} --help'" if context else None


def _place(wrong: Exception) -> str:
    """The kind of a bug and where it is; never its message, which may quote a record."""
    frames = traceback.extract_tb(wrong.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"a bug of ours: {type(wrong).__name__}{where}"
