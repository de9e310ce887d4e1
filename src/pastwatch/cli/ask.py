"""Passphrases: from a file or variable named by the environment, else asked for on a terminal."""

from __future__ import annotations

import sys

import click

from pastwatch import config
from pastwatch.errors import UsageError

# Which key file's passphrase comes from which PASTWATCH_<NAME> or PASTWATCH_<NAME>_FILE.
VARIABLES = {"user.key": "PASSPHRASE", "granting.key": "GRANTING_PASSPHRASE"}
_WORDS = {"user.key": "passphrase", "granting.key": "granting passphrase"}


def passphrase(name: str) -> str | None:
    """The passphrase of a key file; UsageError names the variable where nobody can be asked."""
    given = config.secret(VARIABLES[name])
    return given if given is not None else _prompt(name, twice=False)


def new_passphrase(name: str) -> str:
    """A passphrase for a key file about to be made; on a terminal it is asked for twice."""
    given = config.secret(VARIABLES[name])
    chosen = given if given is not None else _prompt(name, twice=True)
    if not chosen:
        raise UsageError(f"the passphrase of {name} is empty")
    return chosen


def on_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty()


def _prompt(name: str, *, twice: bool) -> str:
    if not on_terminal():
        raise UsageError(
            f"{name} needs a passphrase, and there is no terminal to ask for it",
            hint=f"write it to a file and name the file in PASTWATCH_{VARIABLES[name]}_FILE",
        )
    text = f"new {_WORDS[name]}" if twice else _WORDS[name]
    return str(click.prompt(text, hide_input=True, confirmation_prompt=twice, err=True))
