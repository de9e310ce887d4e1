"""Conversations of the same two across media, a short while apart: argued, never asserted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pastwatch.archive.occurrences import MOST_RECIPIENTS, handle
from pastwatch.model.when import HOUR_US
from pastwatch.stages.reconstruct.talk import NOBODY, Talk

GAP_US: Final = 6 * HOUR_US
_LEAST_HANDLE: Final = 3
_LEAST_DIGITS: Final = 7

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Two who talk on more than one medium, never further apart than a gap; rows in order of time."""

    one: str
    other: str
    by: str  # "actor": both were merged by a person; "handle": the addresses alone are alike
    rows: tuple[int, ...]
    media: tuple[str, ...]  # in the order they were first used
    accounts: tuple[int, ...]


def crossings(
    talk: Talk,
    parent: Int64s,
    *,
    actors: Mapping[tuple[str, str], str] | None = None,
    gap_us: int = GAP_US,
) -> list[Crossing]:
    """Stretches of talk between the same two on two media or more, in order of time.

    `actors` names by (medium, address) who stands behind an account; of the rest those with one
    handle (the part before the @, a nick, a number's digits) are taken for one: an assumption, which
    is why each stretch says what it goes by. A record counts between its sender and each of at most
    four recipients, and between it and the writer of what it answers.
    """
    whose, names, merged = _people(talk, actors or {})
    row, one, other = _talked(talk, parent, whose)
    if not len(row):
        return []
    at_us = talk.earliest_us[row]
    order = np.lexsort((row, at_us, other, one))
    row, one, other, at_us = row[order], one[order], other[order], at_us[order]
    fresh = np.ones(len(row), np.bool_)
    fresh[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    fresh[1:] |= at_us[1:] - at_us[:-1] > gap_us
    begins = np.flatnonzero(fresh)
    medium = talk.medium[row]
    low, high = np.minimum.reduceat(medium, begins), np.maximum.reduceat(medium, begins)
    ends = np.append(begins[1:], len(row))
    found = []
    for place in np.flatnonzero(low != high).tolist():
        own = slice(int(begins[place]), int(ends[place]))
        rows = row[own]
        pair = int(one[own.start]), int(other[own.start])
        sure = all(merged[p] for p in pair)
        found.append(
            Crossing(
                one=names[pair[0]],
                other=names[pair[1]],
                by="actor" if sure else "handle",
                rows=tuple(rows.tolist()),
                media=tuple(dict.fromkeys(talk.media[m] for m in talk.medium[rows].tolist())),
                accounts=tuple(_accounts(talk, rows, whose, pair)),
            )
        )
    return sorted(found, key=lambda c: c.rows)


def _people(
    talk: Talk, actors: Mapping[tuple[str, str], str]
) -> tuple[Int64s, list[str], list[bool]]:
    """Of each account a person, with the names of these, and whether they were merged by hand."""
    numbers: dict[tuple[bool, str], int] = {}
    whose = np.full(len(talk.account_keys), NOBODY, np.int64)
    for place, key in enumerate(talk.account_keys):
        actor = actors.get(key)
        name = actor or known_by(key[1])
        if name:
            whose[place] = numbers.setdefault((actor is not None, name), len(numbers))
    return whose, [name for _, name in numbers], [merged for merged, _ in numbers]


def known_by(address: str) -> str:
    """What an account is known by across media: its handle, or the last digits of its number."""
    digits = "".join(c for c in address if c.isdigit())
    if len(digits) >= _LEAST_DIGITS and not any(c.isalpha() for c in address):
        return digits[-9:]
    own = handle(address)
    return own if len(own) >= _LEAST_HANDLE else ""


def _talked(talk: Talk, parent: Int64s, whose: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """(row, one, other) of each record between two persons, the lesser number first; dated ones."""
    if not len(talk):
        none = np.zeros(0, np.int64)
        return none, none, none
    few = np.diff(talk.to_start) <= MOST_RECIPIENTS
    person = np.append(whose, NOBODY)
    answers = np.flatnonzero(parent >= 0)
    row = np.concatenate((talk.recipient_row, answers))
    writer = person[talk.sender[row]]
    met = np.concatenate((person[talk.to_account], person[talk.sender[parent[answers]]]))
    fits = (writer != NOBODY) & (met != NOBODY) & (writer != met) & talk.dated[row]
    fits[: len(talk.recipient_row)] &= few[talk.recipient_row]
    each = np.unique(
        np.stack((row[fits], np.minimum(writer, met)[fits], np.maximum(writer, met)[fits])), axis=1
    )
    return each[0], each[1], each[2]


def _accounts(talk: Talk, rows: Int64s, whose: Int64s, pair: tuple[int, int]) -> list[int]:
    """The accounts of the two that were used in these rows."""
    used = [*talk.sender[rows].tolist()]
    for row in rows.tolist():
        used += [account for account, _ in talk.recipients(row)]
    return sorted({a for a in used if a != NOBODY and int(whose[a]) in pair})
