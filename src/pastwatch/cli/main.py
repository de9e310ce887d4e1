"""The entry point: the tree of commands, and one exit status for whatever happens."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence

import click

from pastwatch import __version__
from pastwatch.cli import (
    actors,
    archive,
    authenticate,
    authority,
    backtest,
    baseline,
    brief,
    briefstold,
    case,
    collect,
    contrast,
    deliver,
    demo,
    disclose,
    enrich,
    evaluate,
    event,
    exhibits,
    exit,  # noqa: A004 - named for what it does
    export,
    finding,
    grades,
    hypotheses,
    learn,
    ledger,
    look,
    negative,
    network,
    reach,
    record,
    release,
    reports,
    review,
    reviewstate,
    search,
    stopping,
    terms,
    threads,
    timeline,
    transcribe,
    translate,
    watch,
    wording,
)
from pastwatch.cli.session import Session
from pastwatch.cli.tree import Family, global_options


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"pastwatch {__version__}")
        ctx.exit()


@click.group(
    cls=Family,
    params=[*global_options()],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every option above also stands after the command. 'pastwatch COMMAND --help' shows "
    "examples and exit statuses.",
)
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version,
    help="Show the version and exit.",
)  # fmt: skip
def tree() -> None:
    """Look back over communications you lawfully hold, sealed until an authority opens them."""


for _command in (
    *(demo.demo, demo.try_, demo.forget),
    *(archive.init, collect.collect, archive.status),
    *(event.event, authority.authority, authority.protect, baseline.baseline, case.case),
    *(look.look, look.hits, record.show_, record.mark, record.note),
    *(search.search, terms.terms, contrast.contrast),
    *(enrich.enrich, transcribe.transcribe, translate.translate, review.review, evaluate.evaluate),
    *(timeline.timeline, threads.threads, network.network, actors.actors, reach.reach),
    *(reports.reports, exhibits.exhibits),
    watch.watch,
    *(hypotheses.hypotheses, grades.grades, wording.wording),
    *(authenticate.authenticate, finding.finding, negative.negative, brief.coverage, brief.brief),
    *(release.release, disclose.disclose, export.export),
    *(archive.verify, archive.repair, archive.repack, archive.checkpoint, ledger.ledger),
):
    tree.add_command(_command)


for _under_watch in (
    *(deliver.deliver, backtest.backtest, backtest.sampled),
    *(learn.learn, learn.drift, learn.suggest),
):
    watch.watch.add_command(_under_watch)


finding.finding.add_command(briefstold.reaffirm)


for _under_review in (
    *(reviewstate.status, reviewstate.codes, reviewstate.family),
    *(reviewstate.overlap, reviewstate.agree, reviewstate.conflicts),
    *(stopping.price, stopping.control, stopping.look, stopping.recall, stopping.stop),
):
    review.review.add_command(_under_review)


def main(args: Sequence[str] | None = None) -> None:
    """Run one command line and exit with its status."""
    given = list(sys.argv[1:] if args is None else args)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # a stand-in without an encoding of its own
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]

    def act() -> int:
        status = tree.main(given, prog_name="pastwatch", standalone_mode=False, obj=Session())
        return status if isinstance(status, int) else exit.DONE

    sys.exit(exit.run(act, debug="--debug" in given))
