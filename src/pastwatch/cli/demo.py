"""See it work: the demo on a synthetic town, and a trial on one's own file."""

from __future__ import annotations

from pathlib import Path

import click

from pastwatch.cli import show
from pastwatch.cli.exit import DONE, NOTHING_FOUND, WITH_GAPS
from pastwatch.cli.session import Session
from pastwatch.cli.tree import Command
from pastwatch.errors import PastwatchError

_NEXT = """\
next:
  pastwatch try ~/chat.zip --at 2024-05-03
  pastwatch init archive/
  pastwatch collect mail.mbox --source mail --basis own"""


@click.command(
    cls=Command, examples=("demo", "demo --keep town/ --open"), statuses=(0, 2, 60, 70)
)  # fmt: skip
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Keep it all there.")
@click.option("--open", "open_", is_flag=True, help="Open the brief when it is written.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another town.")
@click.option("--records", type=int, default=20_000, show_default=True, help="How large a town.")
@click.option("--null", is_flag=True, help="A town in which nothing was planted.")
@click.pass_obj
def demo(
    session: Session, *, keep: Path | None, open_: bool, seed: int, records: int, null: bool
) -> int:
    """Tell the whole story on a synthetic town: seal, event, look back, brief, verify."""
    from pastwatch.desk.demo import run_demo

    result = run_demo(
        keep=keep,
        seed=seed,
        records=records,
        null=null,
        say=show.say if session.json else show.out,
        settings=session.settings,
    )
    if session.json:
        show.json_line(
            None, brief=str(result.brief), folder=str(result.folder), passed=result.passed
        )
    else:
        show.out(f"brief: {result.brief}")
        show.out(_NEXT)
    if not result.passed:
        raise PastwatchError(
            "the demo did not come out as it must", hint="run it again with --keep"
        )
    if open_:
        click.launch(str(result.brief))
    return DONE


@click.command(
    "try",
    cls=Command,
    examples=("try ~/chat.zip --at 2024-05-03", "try mail.mbox --at 2012-09-11 --look embassy"),
    statuses=(0, 1, 2, 3, 30, 60),
)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--at", required=True, metavar="ISO", help="The moment to look around.")
@click.option(
    "--look", "queries", multiple=True, metavar="QUERY", help="Ask this; may be repeated."
)
@click.pass_obj
def try_(session: Session, *, path: Path, at: str, queries: tuple[str, ...]) -> int:
    """Try it on a file of your own: a scratch archive, self-authorised; 'forget' wipes it."""
    from pastwatch.desk.trial import try_file

    result = try_file(
        path,
        at,
        settings=session.settings,
        queries=queries,
        say=show.say if session.json else show.out,
    )
    if session.json:
        show.json_line(
            None, folder=str(result.folder), case_id=result.case_id, hits=dict(result.hits)
        )
    else:
        where = f"--archive {result.folder / 'archive'} --keys {result.folder / 'keys'}"
        show.out(f"look further:  pastwatch {where} look QUERY")
        show.out("wipe it:       pastwatch forget")
    if result.gaps:
        return WITH_GAPS
    return NOTHING_FOUND if queries and not any(n for _, n in result.hits) else DONE


@click.command(cls=Command, examples=("forget", "forget --keys ~/trial-keys"), statuses=(0, 1, 60))
@click.pass_obj
def forget(session: Session) -> int:
    """Wipe what 'try' left: its keys first, so that nothing of it opens again."""
    from pastwatch.desk import trial

    removed = trial.forget(settings=session.settings)
    if session.json:
        show.json_line(None, removed=removed)
    else:
        show.out(f"wiped: {', '.join(removed)}" if removed else "there is no trial to wipe")
    return DONE if removed else NOTHING_FOUND
