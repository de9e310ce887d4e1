"""The shape of every command: global options anywhere, examples and exit statuses in its help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from pastwatch.cli.exit import MEANINGS
from pastwatch.cli.session import Session

F = TypeVar("F", bound=Callable[..., Any])


def _short(text: str | None) -> str:
    """A summary for a list of commands: the first clause of its first line."""
    first = (text or "").strip().split("\n")[0]
    return first.split(":")[0].split(";")[0].rstrip(".")


class Command(click.Command):
    """A command that shows a few examples and its exit statuses, and takes the global options too."""

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str] = (),
        statuses: Sequence[int] = (0,),
        **given: Any,
    ) -> None:
        super().__init__(*args, **given)
        self.examples, self.statuses = tuple(examples), tuple(statuses)
        self.params.extend(global_options(on_command=True))

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - click's own
        """What the list of commands says of it."""
        return _short(self.help)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples and exit statuses, then any words of the command's own."""
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"  pastwatch {example}\n")
        with formatter.section("Exit status"):
            formatter.write_dl([(str(s), MEANINGS[s]) for s in self.statuses])
        super().format_epilog(ctx, formatter)


class Family(click.Group):
    """Commands in the order of the work, not of the alphabet."""

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - click's own
        """What the list of commands says of it."""
        return _short(self.help)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own
        """The names as they were added."""
        return list(self.commands)


class _Presence(click.Option):
    """A flag that any non-empty value of its environment variable switches on (no-color.org)."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        return "1" if super().resolve_envvar_value(ctx) else None


def global_options(*, on_command: bool = False) -> list[click.Option]:
    """The options that stand before a command or after it; hidden in the help of a command."""

    def remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value not in (None, False) and param.name:
            ctx.ensure_object(Session).given[param.name] = value

    def option(*names: str, kind: type[click.Option] = click.Option, **given: Any) -> click.Option:
        if on_command:  # the environment was read already, and must not win over an earlier flag
            given.pop("envvar", None)
        return kind(names, expose_value=False, callback=remember, hidden=on_command, **given)

    return [
        option("--archive", metavar="DIR", help="The archive. [PASTWATCH_ARCHIVE; archive]"),
        option("--keys", metavar="DIR", help="Where the key files stand. [PASTWATCH_KEYS]"),
        option("--person", metavar="NAME", help="Whose desk this is. [PASTWATCH_PERSON]"),
        option(
            *("--json", "json"),
            kind=_Presence,
            is_flag=True,
            envvar="PASTWATCH_JSON",
            help="Answer in JSON Lines. [PASTWATCH_JSON]",
        ),
        option(
            "--no-color",
            kind=_Presence,
            is_flag=True,
            envvar=["PASTWATCH_NO_COLOR", "NO_COLOR"],
            help="No bold, no faint. [PASTWATCH_NO_COLOR, NO_COLOR]",
        ),
        option("--debug", is_flag=True, help="Show the traceback of a bug; it may quote records."),
    ]


def case_option() -> Callable[[F], F]:
    """`--case NAME`, for every command that works in a case."""
    return click.option(
        "--case",
        "case_name",
        metavar="NAME",
        help="The case, by its name or its event's; the only open one by default.",
    )


def listed(text: str) -> list[str]:
    """The parts of a list given with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
