"""Who wrote to whom among a few opened records, and in which alphabets; an order by records alone."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pastwatch.model.record import Record

_LEAST_LETTERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PairHits:
    """Two correspondents, and the opened records between them."""

    first: str
    second: str
    alphabets: tuple[str, ...]
    media: tuple[str, ...]
    records: tuple[Record, ...]


def pairs_in_two_alphabets(records: Sequence[Record]) -> list[PairHits]:
    """The pairs whose records stand in more than one alphabet, most records first.

    An account is named by its handle: the part of a mail address before the @. That accounts of
    one handle are one person is an assumption the caller must state.
    """
    held: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.sender is None or len(record.recipients) != 1:
            continue
        ends = sorted((_handle(record.sender.address), _handle(record.recipients[0].address)))
        if ends[0] != ends[1]:
            held.setdefault((ends[0], ends[1]), []).append(record)
    found = [_pair(ends, own) for ends, own in held.items()]
    wanted = [pair for pair in found if len(pair.alphabets) > 1]
    return sorted(wanted, key=lambda pair: (-len(pair.records), pair.first, pair.second))


def alphabet(text: str) -> str:
    """The script most letters of a text belong to: Latin, Cyrillic, Arabic …; "" when too few."""
    counts: dict[str, int] = {}
    for letter in filter(str.isalpha, text[:2000]):
        script = unicodedata.name(letter, "?").split()[0].capitalize()
        counts[script] = counts.get(script, 0) + 1
    if sum(counts.values()) < _LEAST_LETTERS:
        return ""
    return max(sorted(counts), key=lambda name: counts[name])


def _pair(ends: tuple[str, str], records: list[Record]) -> PairHits:
    records.sort(key=lambda r: r.envelope.claimed.earliest_us if r.envelope.claimed else 0)
    return PairHits(
        first=ends[0],
        second=ends[1],
        alphabets=tuple(sorted({a for r in records if (a := alphabet(r.text))})),
        media=tuple(sorted({r.envelope.medium for r in records})),
        records=tuple(records),
    )


def _handle(address: str) -> str:
    return address.split("@", maxsplit=1)[0].strip().lower()
