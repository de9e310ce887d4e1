"""Write docs/cli.md: the tree of commands, the help of each, and the table of defaults."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import click

from pastwatch.cli.exit import MEANINGS
from pastwatch.cli.main import tree
from pastwatch.config import Settings

PAGE = Path(__file__).resolve().parent / "cli.md"
COLUMNS = 92

# What each setting is for, and its default in words; {} is the value itself.
SETTINGS = {
    "archive": ("the archive's folder", "`{}`"),
    "keys": ("where the key files stand", "`~/.local/share/pastwatch`, never inside the archive"),
    "zone": ("zone of times that name none, when collecting", "unknown; a case shows its event's"),
    "span_hours": ("reach of a drafted authority either side of its event", "±{} h"),
    "context": ("records of the same conversation beside a hit in `show`", "{}"),
    "valid_days": ("how long a drafted authority is valid", "{} days"),
    "workers": ("threads to scan with", "one a core"),
    "person": ("whose desk this is", "the person named in the reader's key"),
    "level": ("how hard what is sealed is compressed: `hot` (LZ4), or 1 to 19 (zstd)", "{}"),
    "isolate": (
        "read files in children that may touch nothing else (`no`: in the same process)",
        "{}",
    ),
}
FLAGS = {"archive": "--archive", "keys": "--keys", "person": "--person", "zone": "collect --zone",
         "span_hours": "authority draft --span", "context": "show --around", "level": "collect --level"}  # fmt: skip

HEAD = """\
# The command line

This page is written by `python docs/generate_cli.py`; a test holds it to the program.

The answer goes to stdout, the talk (plans, warnings, progress on a terminal) to stderr. With
`--json` the answer is JSON Lines with the names of [the model](model.md). Text from records is
made harmless before it is printed: what a terminal would obey, or what re-orders the text around
it, stands there as a visible sign. A matched place is bold on a terminal and in [brackets]
elsewhere; a `~` before a time says that it is known less exactly than it is written.

Passphrases are asked for on a terminal, or read from the file named by
`PASTWATCH_GRANTING_PASSPHRASE_FILE` (the granting key) and `PASTWATCH_PASSPHRASE_FILE` (the
reader's own key, where it has one); never from a flag.
"""


def page() -> str:
    """The whole page."""
    commands = list(walk(tree, None, "pastwatch"))
    parts = [HEAD, "## The tree\n", "```", *map(branch, commands[1:]), "```\n"]
    parts += [
        "## Defaults\n",
        "A flag wins over the variable, the variable over `pastwatch.toml`.\n",
    ]
    parts += ["| setting | what | default | flag | variable |", "|---|---|---|---|---|"]
    parts += [row(field) for field in dataclasses.fields(Settings)]
    parts += ["\n## Exit statuses\n", "| status | meaning |", "|---|---|"]
    parts += [f"| {status} | {meaning} |" for status, meaning in MEANINGS.items()]
    parts += ["\nEvery error behind a status is named in [errors](errors.md).\n"]
    for name, command, context in commands:
        parts += [f"## `{name}`\n", "```", help_of(command, context), "```\n"]
    return "\n".join(parts).rstrip() + "\n"


def walk(
    command: click.Command, above: click.Context | None, name: str
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command under its full name, in the order of the help."""
    names = ["-h", "--help"]
    context = click.Context(
        command, parent=above, info_name=name, max_content_width=COLUMNS, terminal_width=COLUMNS,
        help_option_names=names,
    )  # fmt: skip
    yield context.command_path, command, context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from walk(found, context, below)


def branch(found: tuple[str, click.Command, click.Context]) -> str:
    name, command, _ = found
    depth = len(name.split()) - 2
    return f"{'  ' * depth + name.split()[-1]:<14}{command.get_short_help_str()}"


def help_of(command: click.Command, context: click.Context) -> str:
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def row(field: dataclasses.Field[object]) -> str:
    what, words = SETTINGS[field.name]
    flag = f"`{FLAGS[field.name]}`" if field.name in FLAGS else ""
    default = words.format(field.default)
    return f"| `{field.name}` | {what} | {default} | {flag} | `PASTWATCH_{field.name.upper()}` |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
