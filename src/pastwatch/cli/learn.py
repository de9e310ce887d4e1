"""Learn a watch from a case's judgements, see whether its scores drift, and have one suggested."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND
from pastwatch.cli.session import Session
from pastwatch.cli.show import count
from pastwatch.cli.tree import Command, case_option
from pastwatch.errors import UsageError

_FILE = click.Path(path_type=Path)
_OUT = click.option("--out", type=_FILE, required=True, metavar="FILE",
                    help="Where the draft is written.")  # fmt: skip
_NAME = click.option("--name", metavar="NAME", help="The watch's name.  [default: the file's]")


@click.command(
    cls=Command,
    examples=(
        "watch learn --case fire --false-alarms 0.001 --out learned.toml",
        "watch learn --case fire --code valve --out valve.toml --json",
    ),
    statuses=(0, 2, 10, 20, 60),
)
@case_option()
@click.option("--code", default="relevant", show_default=True, metavar="CODE",
              help="A judgement, or a code of the case's own.")  # fmt: skip
@click.option("--false-alarms", "rate", type=float, default=0.001, show_default=True,
              metavar="RATE", help="At most so many of the records that are not relevant.")  # fmt: skip
@click.option("--without", type=_FILE, metavar="FILE", help="Words never to weigh, one a line.")
@_NAME
@_OUT
@click.pass_obj
def learn(
    session: Session,
    *,
    case_name: str | None,
    code: str,
    rate: float,
    without: Path | None,
    name: str | None,
    out: Path,
) -> int:
    """Learn a watch from what was judged: from words alone, frozen, for a stated false-alarm rate."""
    from pastwatch.desk.learning import learn as make
    from pastwatch.desk.learning import said

    with session.case(case_name) as work:
        found = make(
            work, out=out, name=name or out.stem, code=code, rate=rate, without=_words(without)
        )
    fit = found.fit
    if session.json:
        show.json_line(
            None,
            path=str(found.path),
            model_sha256=found.model_sha256,
            threshold=fit.threshold,
            false_alarm_rate=fit.wanted_rate,
            false_alarm_rate_at_most=fit.rate_at_most,
            shown=fit.shown,
            learned=[fit.learned_relevant, fit.learned_others],
            tried=[fit.tried_relevant, fit.tried_others],
            alerts=[fit.found_relevant, fit.false_alarms],
            telling=list(fit.telling),
        )
        return DONE
    show.out(f"written: {found.path}")
    for line in said(fit):
        show.out(line)
    show.out(f"telling words: {', '.join(map(show.neutral, fit.telling))}")
    show.out("A name among them is no name our lists know: leave it out with --without.")
    return DONE


@click.command(
    cls=Command,
    examples=("watch drift learned", "watch drift learned --json"),
    statuses=(0, 2, 20, 60),
)
@click.argument("name")
@click.option("--version", "number", type=click.IntRange(min=1), metavar="N",
              help="This version.  [default: the last]")  # fmt: skip
@click.pass_obj
def drift(session: Session, *, name: str, number: int | None) -> int:
    """Say whether the scores of what arrives lie as they did when a watch was learned."""
    from pastwatch.desk.learning_models import drift_of

    with session.archive() as archive:
        found = drift_of(archive.office, archive.office.desk.watch(name, number).watch)
    if session.json:
        show.json_line(found, enough=found.enough, moved=found.moved)
    else:
        show.out(found.said())
    return DONE


@click.command(
    cls=Command,
    examples=(
        "watch suggest --case fire --out draft.toml",
        "watch suggest --case fire --out draft.toml --json",
    ),
    statuses=(0, 1, 2, 10, 20, 60),
)
@case_option()
@click.option("--baseline", type=_FILE, metavar="FILE",
              help="A signed authority with the act baseline, for the contrast.")  # fmt: skip
@click.option("--words", "most", type=click.IntRange(1, 50), default=5, show_default=True,
              help="So many words at most.")  # fmt: skip
@_NAME
@_OUT
@click.pass_obj
def suggest(
    session: Session,
    *,
    case_name: str | None,
    baseline: Path | None,
    most: int,
    name: str | None,
    out: Path,
) -> int:
    """Suggest a watch that explains a case's event: how many words were tried, and how it does elsewhere."""
    from pastwatch.desk.suggesting import suggest as make

    with session.case(case_name) as work:
        found = make(work, out=out, name=name or out.stem, baseline=baseline, most=most)
    if session.json:
        show.json_line(found)
        return DONE if found.words else NOTHING_FOUND
    for line in found.said():
        show.out(line)
    if found.words:
        show.table(
            [(show.neutral(w.word), w.why, f"{w.p:.2g}", count(w.elsewhere)) for w in found.words],
            head=("word", "told by", "p, corrected", "records elsewhere"),
            right=(2, 3),
        )
        show.out(f"written: {out}")
        return DONE
    return NOTHING_FOUND


def _words(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        return path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as wrong:
        raise UsageError(f'"{path.name}" cannot be read') from wrong
