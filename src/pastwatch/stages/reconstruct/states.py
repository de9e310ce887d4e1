"""Held, findable, known: what each of the three rests on, told from acts, never from one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pastwatch.archive.identity import normal_address, spellings
from pastwatch.errors import BadQuery
from pastwatch.matching.compile import compile_query
from pastwatch.matching.matcher import RecordFacts
from pastwatch.matching.parse import parse
from pastwatch.model.authority import Scope
from pastwatch.model.reach import Findable
from pastwatch.model.record import PART_SUBJECT, PART_TEXT, Defect, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownQuery:
    """A query that somebody had written by some moment; `hit` says whether it did find the record."""

    query_id: str
    text: str
    by: str
    at_us: int
    hit: bool | None
    """None: it never ran to its end over this record, so that its words are held to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """That an authority stood, for whom, and between which moments."""

    authority_id: str
    holder: str  # "" whoever works in the case that it stands for
    since_us: int
    until_us: int | None


def findable(
    record: Record,
    *,
    source_name: str,
    held_us: int,
    standing: Sequence[Standing],
    queries: Iterable[KnownQuery],
    zone: str,
) -> list[Findable]:
    """By whom, and since when, the record could have been found, each person and query once.

    Someone could find it from the moment that it was held, an authority over it stood, and a query
    that finds it was known to them; none of the three will do alone.
    """
    found: list[Findable] = []
    for query in queries:
        hit = query.hit
        if hit is None:
            hit = matches(query.text, record, source_name=source_name, zone=zone)
        if not hit:
            continue
        for authority in standing:
            since_us = max(held_us, authority.since_us, query.at_us)
            if (
                authority.holder not in ("", query.by)
                or (authority.until_us or since_us + 1) <= since_us
            ):
                continue
            found.append(
                Findable(
                    by=query.by,
                    since_us=since_us,
                    until_us=authority.until_us,
                    query_id=query.query_id,
                    query=query.text,
                    authority_id=authority.authority_id,
                    basis=_basis(query, since_us, held_us=held_us, authority=authority),
                )
            )
    return sorted(found, key=lambda one: (one.since_us, one.query_id))


def _basis(query: KnownQuery, since_us: int, *, held_us: int, authority: Standing) -> str:
    last = "the query was written"
    if since_us == authority.since_us:
        last = "the authority was granted"
    if since_us == held_us:
        last = "the record was held"
    how = (
        "it was run and found it"
        if query.hit
        else "its words are in the record; it was not run over it"
    )
    return f"from when {last}, the last of the three; {how}"


def matches(text: str, record: Record, *, source_name: str, zone: str) -> bool:
    """Whether a query's text finds a record; False for a text that is no query."""
    try:
        plan = compile_query(parse(text, zone=zone))
    except BadQuery:
        return False
    envelope, sender = record.envelope, record.sender
    facts = RecordFacts(
        sender_address=sender.address if sender else "",
        sender_name=sender.name if sender else "",
        recipients=tuple((p.address, p.name) for p in record.recipients),
        source_id=envelope.source_id,
        source_name=source_name,
        earliest_us=envelope.claimed.earliest_us if envelope.claimed else None,
        latest_us=envelope.claimed.latest_us if envelope.claimed else None,
    )
    fields = {PART_SUBJECT: record.subject, PART_TEXT: record.text}
    fields |= {n: part.text for n, part in enumerate(record.parts, 1)}
    return plan.matcher.spans({n: t for n, t in fields.items() if t}, facts) is not None


def covers(scope: Scope, record: Record) -> bool:
    """Whether a scope reaches a record, as far as its envelope tells."""
    envelope = record.envelope
    if scope.source_ids and envelope.source_id not in scope.source_ids:
        return False
    when = envelope.claimed
    if when is None or envelope.defects & Defect.DOUBTFUL:
        if not scope.undated:
            return False
    elif not scope.span.overlaps(when.earliest_us, when.latest_us):
        return False
    if scope.areas and envelope.area and envelope.area not in scope.areas:
        return False
    if not scope.accounts:
        return True
    named = {normal_address(one).lstrip("@") for one in scope.accounts}
    parties = [*record.recipients, *([record.sender] if record.sender else [])]
    own = {s for party in parties for s in spellings(party.address or party.name)}
    return bool(own & named)
