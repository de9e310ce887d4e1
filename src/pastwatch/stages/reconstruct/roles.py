"""What accounts do in single records by named rules: suggestions, never verdicts."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np
import regex

from pastwatch.model.network import ArguedRole, SpeechAct, Suggestion
from pastwatch.model.record import PART_SUBJECT, PART_TEXT, Citation, Record
from pastwatch.stages.reconstruct.communities import divided, graph_of
from pastwatch.stages.reconstruct.network import Aggregate
from pastwatch.stages.reconstruct.networkview import account_name
from pastwatch.stages.reconstruct.talk import Int64s

OTHERWISE: Final[Mapping[ArguedRole, tuple[str, ...]]] = {
    ArguedRole.ASKS: (
        "a question may be rhetorical, or only for information",
        "somebody else's question may be passed on or quoted",
    ),
    ArguedRole.ORDERS: (
        "somebody else's order may be passed on",
        "the same words serve for advice, an offer or a permission asked for before",
    ),
    ArguedRole.REPORTS: (
        "what is reported may be heard from others and not seen",
        "the words may describe a wish or a plan",
    ),
    ArguedRole.ACKNOWLEDGES: (
        "that it was heard does not say that it was done",
        "the word may answer another record or only open the sentence",
    ),
    ArguedRole.BROKERS: (
        "others may join the two groups over channels that are not held",
        "the groups are computed, and other seeds may draw them elsewhere",
    ),
}
"""How else each may be read: shown with every suggestion."""
_CITED: Final = 5
_AROUND: Final = 40
_READ: Final = 20_000
_QUOTED: Final = regex.compile(r"(?m)^[ \t]*>.*$")


class Rule(NamedTuple):
    """One rule of the list."""

    role: ArguedRole
    language: str
    name: str
    pattern: regex.Pattern[str]


class Bridge(NamedTuple):
    """An account through which alone two groups are tied, with a record to each of them."""

    account: str
    groups: tuple[int, int]
    records: tuple[bytes, bytes]


@functools.cache
def rules() -> tuple[Rule, ...]:
    """The rules, in the order of their file."""
    text = importlib.resources.files(__package__).joinpath("roles.tsv").read_text("utf-8")
    found = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            role, language, name, pattern = line.split("\t")
            flags = regex.IGNORECASE | regex.MULTILINE
            found.append(Rule(ArguedRole(role), language, name, regex.compile(pattern, flags)))
    return tuple(found)


def acts_of(record: Record, *, source: str) -> list[SpeechAct]:
    """What the sender of a record does in it, each role once, by the first rule that fits.

    Lines quoted with > are another's words and are passed over, as is what follows the first
    20,000 characters. None without a sender.
    """
    sender = record.sender
    if sender is None:
        return []
    claimed = record.envelope.claimed
    account = f"{record.envelope.medium}:{(sender.address or sender.name).strip().casefold()}"
    found: dict[ArguedRole, SpeechAct] = {}
    for part in (PART_TEXT, PART_SUBJECT):
        text = record.part_text(part)
        own = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text[:_READ])
        for rule in rules():
            if rule.role in found:
                continue
            hit = rule.pattern.search(own)
            if hit:
                found[rule.role] = SpeechAct(
                    account=account,
                    role=rule.role,
                    rule=f"{rule.name} ({rule.language})",
                    record_id=record.record_id,
                    earliest_us=claimed.earliest_us if claimed else None,
                    latest_us=claimed.latest_us if claimed else None,
                    source=source,
                    citation=_cite(record, part, hit.start(), hit.end()),
                    words=_around(text, hit.start(), hit.end()),
                )
    return [found[role] for role in ArguedRole if role in found]


def suggestions_of(acts: Iterable[SpeechAct]) -> list[Suggestion]:
    """One suggestion an account and role, by name, citing its first records."""
    held: dict[tuple[str, ArguedRole], list[SpeechAct]] = defaultdict(list)
    for act in acts:
        held[act.account, act.role].append(act)
    found = []
    for (account, role), own in sorted(held.items(), key=lambda item: (item[0][0], item[0][1])):
        own.sort(key=lambda act: (act.earliest_us is None, act.earliest_us or 0))
        dated = [act for act in own if act.earliest_us is not None]
        found.append(
            Suggestion(
                account=account,
                role=role,
                rules=tuple(dict.fromkeys(act.rule for act in own)),
                records=len(own),
                first_us=dated[0].earliest_us if dated else None,
                last_us=dated[-1].latest_us if dated else None,
                citations=tuple(act.citation for act in own[:_CITED]),
                otherwise=OTHERWISE[role],
            )
        )
    return found


def bridges_of(network: Aggregate, accounts: Int64s, *, seed: int = 1) -> list[Bridge]:
    """Those of the accounts through which alone two groups of the network are tied: structure only."""
    graph, talk = graph_of(network), network.talk
    labels = divided(graph, seed=seed)
    group = np.full(len(talk.account_keys), -1, np.int64)
    group[graph.accounts] = labels
    one, other = graph.accounts[graph.one], graph.accounts[graph.other]
    across = group[one] != group[other]
    one, other = one[across], other[across]
    found = []
    for account in accounts.tolist():
        own = int(group[account])
        if own < 0:
            continue
        for far in np.unique(group[other[one == account]]).tolist():
            joined = (group[one] == own) & (group[other] == far)
            if set(one[joined].tolist()) == {account}:
                cited = [
                    _first_with(network, account, np.flatnonzero(group == g)) for g in (own, far)
                ]
                if all(row is not None for row in cited):
                    ids = [talk.record_ids[row].tobytes() for row in cited]
                    found.append(
                        Bridge(account_name(talk, account), (own + 1, far + 1), (ids[0], ids[1]))
                    )
    return found


def bridge_suggestion(bridge: Bridge, records: Iterable[Record]) -> Suggestion:
    """A bridge as a suggested role, citing a record to each of the two groups."""
    cited = list(records)
    times = [w for r in cited if (w := r.envelope.claimed) is not None]
    return Suggestion(
        account=bridge.account,
        role=ArguedRole.BROKERS,
        rules=("the only tie between two groups",),
        records=len(cited),
        first_us=min((w.earliest_us for w in times), default=None),
        last_us=max((w.latest_us for w in times), default=None),
        citations=tuple(_cite(r, PART_TEXT, 0, len(r.text)) for r in cited),
        otherwise=OTHERWISE[ArguedRole.BROKERS],
        reason=f"in what is held, groups {bridge.groups[0]} and {bridge.groups[1]} of "
        "'network communities' are tied through it alone",
    )


def _first_with(network: Aggregate, account: int, others: Int64s) -> int | None:
    links = network.links
    with_them = (links.sender == account) & np.isin(links.to, others)
    with_them |= (links.to == account) & np.isin(links.sender, others)
    rows = links.row[with_them]
    return int(rows[0]) if len(rows) else None


def _cite(record: Record, part: int, start: int, end: int) -> Citation:
    text = record.part_text(part)
    start_byte = len(text[:start].encode("utf-8", "surrogatepass"))
    quoted = text[start:end].encode("utf-8", "surrogatepass")
    return Citation(
        record_id=record.record_id,
        part=part,
        start_byte=start_byte,
        end_byte=start_byte + len(quoted),
        text_sha256=hashlib.sha256(quoted).digest(),
    )


def _around(text: str, start: int, end: int) -> str:
    low, high = max(start - _AROUND, 0), min(end + _AROUND, len(text))
    return f"{'…' if low else ''}{text[low:high]}{'…' if high < len(text) else ''}"
