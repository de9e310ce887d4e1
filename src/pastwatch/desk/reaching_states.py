"""Held, findable, known to a person: the states of a record or a fact, each with its basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pastwatch.archive.opened import digest_of
from pastwatch.casefile.readings import block_opened_us, readings_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.reaching import unshown
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act, Entry
from pastwatch.model.case import AuthorityStatus
from pastwatch.model.reach import Findable, Held, Known, States
from pastwatch.model.record import Record
from pastwatch.model.watch import WatchState
from pastwatch.stages.reconstruct.states import KnownQuery, Standing, covers, findable

_NO_AUTHORITY = "no authority over it stood"
_NO_QUERY = "an authority stood, and no query then known finds it"
_NEVER_SHOWN = "no reading by any person is on file"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactStates:
    """The states of what several records say together: it holds where it holds for all of them."""

    name: str
    records: tuple[States, ...]

    @property
    def held_us(self) -> int | None:
        """Since when all of the records are held; None where one is not."""
        times = [one.held.since_us if one.held else None for one in self.records]
        return None if None in times else max(t for t in times if t is not None)

    @property
    def findable_us(self) -> dict[str, int]:
        """By person since when each of the records could have been found."""
        return _by_person([[(f.by, f.since_us) for f in one.findable] for one in self.records])

    @property
    def known_us(self) -> dict[str, int]:
        """By person since when each of the records had been shown."""
        return _by_person([[(k.by, k.at_us) for k in one.known] for one in self.records])


def states(case: CaseWork, record_id: bytes, *, as_of_us: int | None = None) -> States:
    """The three states of one record, as they stand now or stood at a moment.

    Known is told from the papers of this case and from the ledger; the papers of other cases are
    closed to it, so that "no reading is on file" is no proof that nobody ever read it.
    """
    now_us = case.office.clock()
    record, _ = unshown(case, record_id)
    standing = _standing(case, record)
    queries = _queries(case, record_id)
    found = findable(
        record,
        source_name=_source_name(case, record),
        held_us=record.envelope.held_us,
        standing=standing,
        queries=queries,
        zone=_zone(case.event.zone_offset_s),
    )
    known = _readings(case, record_id)
    made = States(
        record_id=record_id,
        as_of_us=now_us,
        held=Held(
            since_us=record.envelope.held_us,
            source=_source_name(case, record),
            basis="the time at which the archive sealed it",
        ),
        findable=tuple(found),
        known=tuple(known),
        not_findable="" if found else (_NO_QUERY if standing else _NO_AUTHORITY),
        not_known="" if known else _unread(case, record_id),
    )
    return made if as_of_us is None else made.at(as_of_us)


def fact_states(
    case: CaseWork, name: str, record_ids: Sequence[bytes], *, as_of_us: int | None = None
) -> FactStates:
    """The states of a finding or claim by those of the records it cites."""
    each = tuple(states(case, record_id, as_of_us=as_of_us) for record_id in record_ids)
    return FactStates(name=name, records=each)


def _standing(case: CaseWork, record: Record) -> list[Standing]:
    """The authorities that reached the record, of this case and of others, and when they stood."""
    found = []
    for state in case.office.desk.authorities():
        authority = state.authority
        history = case.office.desk.authority_states(authority.authority_id)
        granted = [one.at_us for one in history if one.status is AuthorityStatus.GRANTED]
        revoked = [one.at_us for one in history if one.status is AuthorityStatus.REVOKED]
        if not granted or not covers(authority.scope, record):
            continue
        own = authority.authority_id in _own_authorities(case)
        found.append(
            Standing(
                authority_id=authority.authority_id,
                holder="" if own else authority.granted_to,
                since_us=max(min(granted), authority.valid.start_us),
                until_us=min([authority.valid.end_us, *revoked]),
            )
        )
    return found


def _own_authorities(case: CaseWork) -> frozenset[str]:
    return frozenset(
        (case.authority.authority_id, *(gate.authority.authority_id for gate in case.annexes))
    )


def _queries(case: CaseWork, record_id: bytes) -> list[KnownQuery]:
    """The queries of this case, and standing watches, with whether each found the record."""
    in_slice = case.ref_in_slice(record_id) is not None
    hit = {placed.hit.query_id for placed in case.papers.hits_of(record_id)}
    found = []
    for search in case.papers.searches():
        told: bool | None = search.query_id in hit
        if not told and (not search.ended or not in_slice):
            told = None
        found.append(
            KnownQuery(
                query_id=search.query_id,
                text=search.text,
                by=search.by,
                at_us=search.at_us,
                hit=told,
            )
        )
    for kept in case.office.desk.watches():
        started = [one.at_us for one in kept.states if one.state is WatchState.STARTED]
        if kept.watch.query and started:
            found.append(
                KnownQuery(
                    query_id=f"watch {kept.watch.name} v{kept.watch.version}",
                    text=kept.watch.query,
                    by=kept.watch.owner,
                    at_us=started[0],
                    hit=None,
                )
            )
    return found


def _readings(case: CaseWork, record_id: bytes) -> list[Known]:
    """Who was shown the record: by this case's papers, and by the ledger where it alone was shown."""
    shown, own_times = _shown_alone(case, record_id), set()
    found = []
    waiting = [e for e in shown if e.authority in _own_authorities(case)]
    for reading in readings_of(case.papers, record_id):
        proof = "; shown with others"
        # The entry is written first: a reading is that of the first entry that is not yet another's.
        if waiting and waiting[0].time_us <= reading.at_us:
            beside = waiting.pop(0)
            own_times.add(beside.sequence)
            proof = f"; ledger entry {beside.sequence}"
        found.append(
            Known(
                by=reading.by,
                at_us=reading.at_us,
                as_context=reading.as_context,
                basis=f"the papers of case {case.case_id}{proof}",
            )
        )
    people = {k.key_id: k.person for k in case.office.policy.keys}
    for entry in shown:
        if entry.sequence in own_times or entry.authority in _own_authorities(case):
            continue
        found.append(
            Known(
                by=people.get(entry.actor, entry.actor),
                at_us=entry.time_us,
                as_context=bool(entry.outcome.get("context")),
                basis=f"ledger entry {entry.sequence}, under authority {entry.authority}",
            )
        )
    return sorted(found, key=lambda one: one.at_us)


def _shown_alone(case: CaseWork, record_id: bytes) -> list[Entry]:
    """The entries that show this record and no other: of several, the ledger holds one hash."""
    case.office.ledger.refresh()
    digest = digest_of([record_id.hex()])
    return [
        e for e in entries_of(case.office.ledger, Act.SHOWN) if e.objects.get("records") == digest
    ]


def _unread(case: CaseWork, record_id: bytes) -> str:
    """Why nobody is known to have read it; its block may have been opened by a program."""
    ref = case.ref_anywhere(record_id)
    opened_us = block_opened_us(case.papers, ref.pack_id, ref.block)
    if opened_us is None:
        return _NEVER_SHOWN
    return f"{_NEVER_SHOWN}; a program opened its block, and showed it to nobody"


def _source_name(case: CaseWork, record: Record) -> str:
    source_id = record.envelope.source_id
    known = case.source_names.get(source_id)
    if known:
        return known
    found = case.office.sources().get(source_id)
    return found.name if found else source_id


def _zone(offset_s: int) -> str:
    sign = "-" if offset_s < 0 else "+"
    return f"{sign}{abs(offset_s) // 3600:02d}:{abs(offset_s) // 60 % 60:02d}"


def _by_person(each: Sequence[Sequence[tuple[str, int]]]) -> dict[str, int]:
    """Of the people who stand in every list, the latest of their first times."""
    firsts: list[dict[str, int]] = []
    for times in each:
        first: dict[str, int] = {}
        for by, at_us in times:
            first[by] = min(at_us, first.get(by, at_us))
        firsts.append(first)
    everyone = set.intersection(*map(set, firsts)) if firsts else set()
    return {by: max(first[by] for first in firsts) for by in sorted(everyone)}


def first_findable(found: Sequence[Findable]) -> list[Findable]:
    """Of each person the first way, in order of time."""
    first: dict[str, Findable] = {}
    for one in sorted(found, key=lambda f: f.since_us):
        first.setdefault(one.by, one)
    return list(first.values())


def first_known(found: Sequence[Known]) -> list[Known]:
    """Of each person the first reading, in order of time."""
    first: dict[str, Known] = {}
    for one in sorted(found, key=lambda k: k.at_us):
        first.setdefault(one.by, one)
    return list(first.values())
