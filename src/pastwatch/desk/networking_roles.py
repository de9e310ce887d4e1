"""Roles in a case: what rules suggest in cited records, and the labels that people argue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from pastwatch.archive.identity import normal_address
from pastwatch.desk.assessing import argued, withheld
from pastwatch.desk.case import CaseWork
from pastwatch.desk.identifying_citing import cited
from pastwatch.desk.networking import CaseNetwork
from pastwatch.errors import UsageError
from pastwatch.model.authority import Act
from pastwatch.model.network import ArguedRole, RoleLabel, SpeechAct, Suggestion
from pastwatch.model.note import Code
from pastwatch.stages.reconstruct.roles import (
    acts_of,
    bridge_suggestion,
    bridges_of,
    suggestions_of,
)

KIND = "label"
READ_AT_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What rules suggest, the acts they rest on in order of time, and how many records were read."""

    suggestions: tuple[Suggestion, ...]
    acts: tuple[SpeechAct, ...]
    read: int
    of: int
    """Records that could have been read: cited, judged relevant, or found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLabel:
    """A label with its name, who entered it, and why it was struck where it was."""

    name: str
    label: RoleLabel
    by: str
    at_us: int
    struck: str | None


def roles_of(
    case: CaseWork,
    *,
    query: str | None = None,
    after: int = 0,
    accounts: Sequence[str] = (),
    limit: int = READ_AT_MOST,
    network: CaseNetwork | None = None,
) -> Roles:
    """Suggest roles from the records that a query finds, or else those cited, judged or hit before.

    `after` reads so many records behind each hit of the query in the same conversation: answers.
    With a `network` structural brokers among their senders are looked for too. Every record read is
    logged as shown; nothing else of the slice is.
    """
    ids = _found(case, query, after=after) if query is not None else _named(case)
    shut = case.papers.protected_ids()
    open_ids = [i for i in dict.fromkeys(ids) if i not in shut]
    records = case.records(open_ids[:limit]) if open_ids else []
    wanted = {normal_address(a.partition(":")[2] or a) for a in accounts}
    acts = [
        act
        for record in records
        for act in acts_of(record, source=case.source_names.get(record.envelope.source_id, ""))
        if not wanted or act.account.partition(":")[2] in wanted
    ]
    acts.sort(key=lambda act: (act.earliest_us is None, act.earliest_us or 0))
    suggestions = suggestions_of(acts)
    if network is not None:
        suggestions += _brokers(case, network, {act.account for act in acts})
    return Roles(
        suggestions=tuple(suggestions), acts=tuple(acts), read=len(records), of=len(open_ids)
    )


def label(case: CaseWork, account: str, role: str, *, cites: Sequence[str], reason: str) -> str:
    """Enter that an account is argued to have a role, citing hits (h3) or records; gives its name."""
    if not cites:
        raise UsageError("a label cites records", hint="name hits with --cites h3,h5")
    case.gate.check(Act.READ)
    citations = tuple(cited(case, word) for word in cites)
    made = RoleLabel(account=account, role=role, reason=reason, citations=citations)
    (name,) = case.papers.enter(KIND, [made], by=case.office.person, at_us=case.office.clock())
    argued(case, what="role.label", of=[name], citations=citations)
    return name


def strike(case: CaseWork, name: str, *, reason: str) -> None:
    """Say that a label no longer stands; it stays on file with the reason."""
    if not reason.strip():
        raise UsageError("a label is struck with a reason", hint="say it with --reason")
    case.gate.check(Act.READ)
    case.papers.strike(KIND, name, by=case.office.person, reason=reason, at_us=case.office.clock())
    argued(case, what="role.strike", of=[name])


def labels(case: CaseWork, *, struck: bool = False) -> list[KeptLabel]:
    """The labels of the case, in the order they were entered; none that cites a protected record."""
    shut = withheld(case)
    return [
        KeptLabel(
            name=one.name,
            label=one.value,
            by=one.by,
            at_us=one.at_us,
            struck=one.struck.reason if one.struck else None,
        )
        for one in case.papers.entered(KIND, RoleLabel, struck=struck)
        if not any(cite.record_id in shut for cite in one.value.citations)
    ]


def suggested_roles() -> tuple[str, ...]:
    """The roles that rules know; a person may argue any other."""
    return tuple(role.value for role in ArguedRole)


def _named(case: CaseWork) -> list[bytes]:
    """Records that findings cite, that were judged relevant, and that searches hit; in this order."""
    papers = case.papers
    cited_ids = [c.record_id for finding in papers.findings() for c in finding.citations]
    judged = [j.record_id for j in papers.latest_judgements() if j.code is Code.RELEVANT]
    hits = [
        placed.hit.record_id
        for search in papers.searches()
        for placed in papers.hits(search.query_id, offset=0, limit=READ_AT_MOST)
    ]
    return [*cited_ids, *judged, *hits]


def _found(case: CaseWork, query: str, *, after: int) -> list[bytes]:
    """What a query hits, and what follows each hit in its conversation."""
    index = case.gate.index()
    found: list[bytes] = []
    for hit in case.look(query):
        found.append(hit.citation.record_id)
        at = index.find(hit.ref) if after else -1
        if at >= 0:
            _, later = index.around(at, before=0, after=after)
            found += [index.record_ids[place].tobytes() for place in later]
    return found


def _brokers(case: CaseWork, network: CaseNetwork, accounts: set[str]) -> list[Suggestion]:
    """Structural brokers among accounts, each citing a record to either group."""
    places = {f"{m}:{a}": at for at, (m, a) in enumerate(network.talk.account_keys)}
    chosen = np.array(sorted(places[a] for a in accounts if a in places), np.int64)
    bridges = bridges_of(network.aggregate, chosen)
    shut = case.papers.protected_ids()
    bridges = [b for b in bridges if not shut & set(b.records)]
    wanted = list(dict.fromkeys(chain.from_iterable(b.records for b in bridges)))
    held = {r.record_id: r for r in case.records(wanted)} if wanted else {}
    return [bridge_suggestion(b, [held[i] for i in dict.fromkeys(b.records)]) for b in bridges]
