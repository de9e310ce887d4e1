"""What a linguist writes from the command line: what is heard, a translation, a blind check."""

from __future__ import annotations

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import neutral
from pastwatch.cli.transcripts import print_comparison
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError
from pastwatch.model.passage import PassageKind, clock_ms

_KINDS = ", ".join(PassageKind)
from_option = click.option(
    "--from", "start", default="0:00", metavar="TIME", help="Where it begins, as 0:12."
)
to_option = click.option("--to", "end", metavar="TIME", help="Where it ends.  [default: the end]")
_qualification = click.option("--qualification", default="", metavar="TEXT",
                              help="Of whoever writes; words need one.")  # fmt: skip
_maker = click.option("--maker", metavar="NAME", help="Who heard it.  [default: you]")


@click.command(
    cls=Command,
    examples=(
        'transcribe write 3fa2c1d0 --to 0:17 --language ar --text "…" --qualification "sworn"',
        'transcribe write 3fa2c1d0 --of p7 --language en --text "…" --qualification "…"',
    ),
    statuses=(0, 2, 10, 20, 60),
)
@click.argument("name", metavar="REC")
@from_option
@to_option
@click.option("--language", default="", metavar="TAG", help="Of the words, as ar, ru, fa.")
@click.option("--text", default="", metavar="TEXT", help="What is said.")
@click.option("--kind", default="transcript", show_default=True, metavar="KIND", help=f"{_KINDS}.")
@click.option("--of", metavar="PASSAGE", help="Translate this passage; it says the stretch.")
@_qualification
@_maker
@case_option()
@click.pass_obj
def write(session: Session, /, *, name: str, case_name: str | None, **given: str | None) -> int:
    """Write down what a person heard in a stretch, or translate a passage; nothing is overwritten."""
    return _write(session, name, case_name, given, blind=False)


@click.command(
    cls=Command,
    examples=(
        'transcribe check 3fa2c1d0 --to 0:17 --language ar --text "…" --qualification "sworn"',
        "transcribe check 3fa2c1d0 --compare",
    ),
    statuses=(0, 1, 2, 10, 20, 60),
)
@click.argument("name", metavar="REC")
@click.option("--compare", is_flag=True, help="Show both and how far apart; ends being blind.")
@from_option
@to_option
@click.option("--language", default="", metavar="TAG", help="Of the words, as ar, ru, fa.")
@click.option("--text", default="", metavar="TEXT", help="What is said.")
@click.option("--kind", default="transcript", show_default=True, metavar="KIND", help=f"{_KINDS}.")
@_qualification
@_maker
@case_option()
@click.pass_obj
def check(
    session: Session, /, *, name: str, compare: bool, case_name: str | None, **given: str | None
) -> int:
    """Write as the second linguist, without the first one's words; then compare the two."""
    if not compare:
        return _write(session, name, case_name, given, blind=True)
    from pastwatch.desk.transcribing import recording_of
    from pastwatch.desk.transcripts import agreement

    with session.case(case_name) as work:
        agreed = agreement(work, recording_of(work, name))
    if session.json:
        for one in agreed.stretches:
            show.json_line(one)
        show.json_line(
            None,
            stretches=len(agreed.stretches),
            errors=agreed.errors,
            word_ratio=agreed.errors.word_ratio,
            character_ratio=agreed.errors.character_ratio,
        )
    else:
        print_comparison(agreed)
    return DONE if agreed.stretches else NOTHING_FOUND


def _write(
    session: Session,
    name: str,
    case_name: str | None,
    given: dict[str, str | None],
    *,
    blind: bool,
) -> int:
    from pastwatch.desk.transcribing import heard_by_person, keep, recording_of

    of = given.get("of")
    with session.case(case_name) as work:
        chosen = recording_of(work, name)
        start_ms, end_ms = stretch(given["start"] or "0:00", given["end"])
        kind = _kind(given["kind"] or "")
        if of is not None:
            original = work.papers.passage(of).passage
            kind = PassageKind.TRANSLATION
            start_ms, end_ms = original.start_ms, original.end_ms
        elif end_ms is None and chosen.length_ms is None:
            raise UsageError("say where the stretch ends: the recording's length is not known")
        made = heard_by_person(
            work,
            chosen,
            start_ms=start_ms,
            end_ms=end_ms if end_ms is not None else chosen.length_ms or 0,
            kind=kind,
            language=given["language"] or "",
            text=given["text"] or "",
            qualification=given["qualification"] or "",
            of=of,
            maker=given["maker"],
            blind=blind,
        )
        (passage_id,) = keep(work, chosen, [made])
    if session.json:
        show.json_line(None, passage_id=passage_id, passage=made)
    else:
        show.out(f"{passage_id} kept: {made.kind} by {neutral(made.heard_by)}")
    return DONE


def stretch(start: str, end: str | None) -> tuple[int, int | None]:
    """From where to where, in milliseconds."""
    return clock_ms(start), None if end is None else clock_ms(end)


def _kind(word: str) -> PassageKind:
    try:
        return PassageKind(word)
    except ValueError:
        raise UsageError(f'"{word}" is nothing that is heard', hint=_KINDS) from None
