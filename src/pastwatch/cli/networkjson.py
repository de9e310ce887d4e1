"""Prints what the network commands found as JSON Lines for a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pastwatch.cli import show

if TYPE_CHECKING:
    from pastwatch.desk.networking_roles import KeptLabel, Roles
    from pastwatch.model.handing import Chains
    from pastwatch.model.network import (
        ChangePoints,
        Changes,
        Communities,
        Network,
        Newcomers,
        Silence,
        Silences,
    )


def network_lines(made: Network) -> None:
    """One line for the whole, then one an account, a tie, a group."""
    show.json_line(
        None,
        kind="network",
        records=made.records,
        by_turns=made.by_turns,
        since_us=made.since_us,
        until_us=made.until_us,
        equal_us=made.equal_us,
        accounts=made.nodes_of,
        ties=made.ties_of,
        groups=made.groups_of,
        left_out=dict(made.left_out),
        notes=made.notes,
    )
    for node in made.nodes:
        show.json_line(node, kind="account")
    for tie in made.ties:
        show.json_line(tie, kind="tie")
    for group in made.groups:
        show.json_line(group, kind="group")


def changes_lines(made: Changes, points: Sequence[ChangePoints]) -> None:
    """One line for the whole, one a pair or account, one for each set of change points."""
    show.json_line(
        None, kind="changes", of=made.of, tried=made.tried, too_few=made.too_few,
        equal_us=made.equal_us, pair_spell_us=made.pair_spell_us,
        account_spell_us=made.account_spell_us, rhythm=made.rhythm, level_p=made.level_p,
        below_level=made.below_level, notes=made.notes,
    )  # fmt: skip
    for one in made.changes:
        show.json_line(one, kind="change")
    for found in points:
        show.json_line(found, kind="change points")


def is_below(one: Silence, level_p: float) -> bool:
    """Whether a silence is unlikely by its own rhythm, over all tried."""
    return one.p_corrected <= level_p


def silences_lines(made: Silences) -> None:
    """One line for the whole, one a silence."""
    show.json_line(
        None, kind="silences", of=made.of, tried=made.tried, too_few=made.too_few,
        level_p=made.level_p, from_us=made.from_us, until_us=made.until_us, rhythm=made.rhythm,
        cannot_be_told=[{"source": s, "subjects": n, "why": w} for s, n, w in made.untold],
        notes=made.notes,
    )  # fmt: skip
    for one in made.silences:
        show.json_line(one, kind="silence", unlikely=is_below(one, made.level_p))


def newcomers_lines(made: Newcomers) -> None:
    """One line for the whole, one a newcomer."""
    show.json_line(
        None, kind="newcomers", of=made.of, cannot_be_told=[{"accounts": n, "why": w} for w, n in made.untold], usual=made.usual, from_us=made.from_us,
        until_us=made.until_us, notes=made.notes,
    )  # fmt: skip
    for one in made.newcomers:
        show.json_line(one, kind="newcomer")


def communities_lines(made: Communities) -> None:
    """One line for the whole, one a community."""
    show.json_line(
        None, kind="communities", of=made.of, modularity=made.modularity, seed=made.seed,
        seeds=made.seeds, counts=made.counts, agreement_low=made.agreement_low,
        agreement_mean=made.agreement_mean, accounts=made.accounts, ties=made.ties, notes=made.notes,
    )  # fmt: skip
    for one in made.communities:
        show.json_line(one, kind="community")


def roles_lines(made: Roles, kept: Sequence[KeptLabel]) -> None:
    """One line for the whole, one an act, one a suggestion, one a label."""
    show.json_line(None, kind="roles", records_read=made.read, records_of=made.of)
    for act in made.acts:
        show.json_line(act, kind="act")
    for one in made.suggestions:
        show.json_line(one, kind="suggestion")
    for own in kept:
        show.json_line(
            own.label, kind="label", name=own.name, by=own.by, at_us=own.at_us, struck=own.struck
        )


def chains_lines(made: Chains) -> None:
    """One line for the whole, one a chain with its records."""
    show.json_line(None, kind="chains", of=made.of, records=made.records, notes=made.notes)
    for one in made.chains:
        show.json_line(one, kind="chain")
