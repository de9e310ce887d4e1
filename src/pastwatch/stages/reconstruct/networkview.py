"""Part of a network as a reader asks for it, ordered, cut, with what is hidden counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pastwatch.errors import UsageError
from pastwatch.model.network import GroupTie, Network, Node, Tie
from pastwatch.stages.reconstruct.network import Aggregate, Bools
from pastwatch.stages.reconstruct.talk import Int64s, Talk

ORDERS: Final = ("volume", "name", "first", "last")
"""What a table may be ordered by: nothing else is ever offered."""
TIES_DRAWN: Final = 150


def account_name(talk: Talk, account: int) -> str:
    """An account as the case names it: medium:address."""
    medium, address = talk.account_keys[account]
    return f"{medium}:{address}"


def accounts_named(talk: Talk, named: Sequence[str]) -> Int64s:
    """The accounts that names mean: medium:address, an address on every medium, or a name shown.

    UsageError for one that nobody in the talk answers to.
    """
    found: set[int] = set()
    for name in named:
        own = name.strip().casefold()
        hits = {
            at
            for at, (medium, address) in enumerate(talk.account_keys)
            if own in {address.casefold(), f"{medium}:{address}".casefold()}
        }
        if not hits:
            hits = {
                at
                for at, shown in talk.names.items()
                if any(one.casefold() == own for one, _ in shown)
            }
        if not hits:
            raise UsageError(
                "no account of this slice is called so",
                hint="as printed by 'pastwatch network': an address, medium:address, or a name",
            )
        found |= hits
    return np.array(sorted(found), np.int64)


def around(network: Aggregate, accounts: Int64s, *, depth: int = 1) -> Bools:
    """Which ties lie within so many steps of the accounts; depth 1 is their own and those between them.

    The ties between two neighbours of theirs are among them.
    """
    reached = np.zeros(len(network.talk.account_keys), np.bool_)
    reached[accounts] = True
    for _ in range(depth):
        touched = reached[network.ties.sender] | reached[network.ties.to]
        reached[network.ties.sender[touched]] = True
        reached[network.ties.to[touched]] = True
    return reached[network.ties.sender] & reached[network.ties.to]


def view(
    network: Aggregate,
    *,
    accounts: Int64s | None = None,
    depth: int = 1,
    order: str = "volume",
    limit: int | None = None,
    source_names: dict[str, str] | None = None,
    notes: tuple[str, ...] = (),
) -> Network:
    """The ties asked for with their accounts; cut to `limit` ties, and as many accounts and groups."""
    if order not in ORDERS:
        raise UsageError(f'nothing is ordered by "{order}"', hint=", ".join(ORDERS))
    ties = network.ties
    chosen = np.arange(len(ties), dtype=np.int64)
    if accounts is not None:
        chosen = np.flatnonzero(around(network, accounts, depth=depth))
    nodes = _accounts_of(network, chosen, accounts)
    groups = np.arange(len(network.group_account), dtype=np.int64)
    if accounts is not None:
        groups = np.flatnonzero(np.isin(network.group_account, nodes))
    chosen = _ordered_ties(network, chosen, order)
    shown = chosen[:limit]
    if limit is not None and len(chosen) > limit:
        # Who stands in a tie shown comes first, so that a picture has its ends.
        ends = np.unique(np.concatenate((ties.sender[shown], ties.to[shown])))
        rest = nodes[~np.isin(nodes, ends)]
        if accounts is not None:
            ends = np.union1d(ends, accounts)
            rest = np.setdiff1d(rest, accounts)
        shown_nodes = np.concatenate((ends, _ordered_nodes(network, rest, order)))
        shown_nodes = shown_nodes[: max(limit, len(ends))]
    else:
        shown_nodes = nodes if limit is None else _ordered_nodes(network, nodes, order)[:limit]
    shown_nodes = _ordered_nodes(network, shown_nodes, order)
    by_group = groups[np.argsort(-network.group_sides[groups].sum(axis=1), kind="stable")]
    window = network.window
    return Network(
        nodes=tuple(node_of(network, at) for at in shown_nodes.tolist()),
        ties=tuple(tie_of(network, at) for at in shown.tolist()),
        groups=tuple(
            _group_of(network, at, source_names or {}) for at in by_group[:limit].tolist()
        ),
        nodes_of=len(nodes),
        ties_of=len(chosen),
        groups_of=len(groups),
        by_turns=network.by_turns,
        records=len(network.rows),
        since_us=window.since_us,
        until_us=window.until_us,
        equal_us=window.equal_us,
        left_out=network.left_out,
        notes=notes,
    )


def node_of(network: Aggregate, account: int) -> Node:
    """One account with its counts."""
    before, during, after, unsure = network.sides[account].tolist()
    first_us, last_us = int(network.first_us[account]), int(network.last_us[account])
    return Node(
        account=account_name(network.talk, account),
        shown=network.talk.label(account),
        medium=network.talk.account_keys[account][0],
        sent=int(network.sent[account]),
        received=int(network.received[account]),
        counterparts=int(network.counterparts[account]),
        in_groups=int(network.in_groups[account]),
        broadcasts=int(network.broadcasts[account]),
        before=before,
        during=during,
        after=after,
        unsure=unsure,
        first_us=first_us if first_us <= last_us else None,
        last_us=last_us if first_us <= last_us else None,
    )


def tie_of(network: Aggregate, at: int) -> Tie:
    """One tie with its counts."""
    ties, talk = network.ties, network.talk
    to, cc, bcc, member, turns = ties.roles[at].tolist()
    before, during, after, unsure = ties.sides[at].tolist()
    first_us, last_us = int(ties.first_us[at]), int(ties.last_us[at])
    sender = int(ties.sender[at])
    return Tie(
        from_account=account_name(talk, sender),
        to_account=account_name(talk, int(ties.to[at])),
        medium=talk.account_keys[sender][0],
        records=int(ties.records[at]),
        to=to,
        cc=cc,
        bcc=bcc,
        member=member,
        turns=turns,
        before=before,
        during=during,
        after=after,
        unsure=unsure,
        before_equal=int(ties.before_equal[at]),
        after_equal=int(ties.after_equal[at]),
        first_us=first_us if first_us <= last_us else None,
        last_us=last_us if first_us <= last_us else None,
    )


def _group_of(network: Aggregate, at: int, source_names: dict[str, str]) -> GroupTie:
    source_id, name = network.place_name(int(network.group_place[at]))
    before, during, after, unsure = network.group_sides[at].tolist()
    source = source_names.get(source_id, source_id)
    return GroupTie(
        account=account_name(network.talk, int(network.group_account[at])),
        group=name or source,
        source=source,
        records=before + during + after + unsure,
        before=before,
        during=during,
        after=after,
        unsure=unsure,
    )


def _accounts_of(network: Aggregate, ties: Int64s, accounts: Int64s | None) -> Int64s:
    """Who stands in the ties; without accounts asked for also who talks in groups or to nobody."""
    ends = [network.ties.sender[ties], network.ties.to[ties]]
    if accounts is None:
        ends += [np.flatnonzero(network.sent)]
    else:
        ends += [accounts]
    return np.unique(np.concatenate(ends))


def _ordered_ties(network: Aggregate, chosen: Int64s, order: str) -> Int64s:
    ties = network.ties
    if order == "name":
        place = _by_name(network.talk)
        return chosen[np.lexsort((place[ties.to[chosen]], place[ties.sender[chosen]]))]
    key = {"volume": -ties.records, "first": ties.first_us, "last": -ties.last_us}[order]
    return chosen[np.argsort(key[chosen], kind="stable")]


def _ordered_nodes(network: Aggregate, nodes: Int64s, order: str) -> Int64s:
    if order == "name":
        return nodes[np.argsort(_by_name(network.talk)[nodes], kind="stable")]
    volume = network.sent + network.received
    key = {"volume": -volume, "first": network.first_us, "last": -network.last_us}[order]
    return nodes[np.argsort(key[nodes], kind="stable")]


def _by_name(talk: Talk) -> Int64s:
    """Of each account its place in order of name."""
    place = np.empty(len(talk.account_keys), np.int64)
    place[sorted(range(len(place)), key=lambda at: talk.account_keys[at][::-1])] = np.arange(
        len(place)
    )
    return place
