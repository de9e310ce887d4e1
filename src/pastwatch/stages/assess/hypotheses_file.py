"""Ratings as a person writes them down in a file, dated by the moment up to which they had read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from pastwatch.errors import UsageError
from pastwatch.model.hypothesis import EvidenceItem, Rated, Rating

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - one spelling for 3.10 readers too
_WHY = "why"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One rater's ratings, and the moment up to which they were written."""

    rater: str
    as_of_us: int
    ratings: tuple[Rated, ...]


def read_sheet(
    plain: Mapping[str, Any], *, items: Mapping[str, EvidenceItem], rater: str = ""
) -> Sheet:
    """The ratings of a file: `as_of`, `rater`, then a table an item with `why` and a rating a hypothesis.

    UsageError for a file without a date, for an item that the case has not, and for one whose record
    is later than the file's date: nobody rates what they had not yet read.
    """
    as_of_us = moment_of(plain.get("as_of"))
    who = str(plain.get("rater", "") or rater)
    if not who:
        raise UsageError("the file names no rater", hint='rater = "…"')
    if rater and who != rater:
        raise UsageError(
            "the file holds the ratings of somebody else",
            hint="each rater hands in their own, under their own --person",
        )
    rows: list[Rated] = []
    for name, table in plain.items():
        if name in ("as_of", "rater"):
            continue
        if not isinstance(table, dict) or name not in items:
            raise UsageError(f'"{name}" is no item of this case', hint="a table an item: [i1]")
        at_us = items[name].at_us
        if at_us is not None and at_us > as_of_us:
            raise UsageError(f"{name} is later than the date of the file")
        rows += _row(name, table, who, as_of_us)
    return Sheet(rater=who, as_of_us=as_of_us, ratings=tuple(rows))


def moment_of(written: object) -> int:
    """A TOML time with its offset, in microseconds; UsageError for anything else."""
    if not isinstance(written, datetime) or written.tzinfo is None:
        raise UsageError(
            "ratings are dated: the moment up to which their rater had read",
            hint="as_of = 2017-04-04T12:40:00Z",
        )
    return (written - _EPOCH) // timedelta(microseconds=1)


def _row(item: str, table: Mapping[str, Any], rater: str, as_of_us: int) -> list[Rated]:
    why = table.get(_WHY, "")
    found = []
    for hypothesis, sign in table.items():
        if hypothesis == _WHY:
            continue
        found.append(
            Rated(
                item=item,
                hypothesis=hypothesis,
                rating=rating_of(sign),
                rater=rater,
                reason=str(why),
                as_of_us=as_of_us,
            )
        )
    return found


def rating_of(sign: object) -> Rating:
    """A rating by its sign; UsageError names those there are."""
    try:
        return Rating(str(sign).upper())
    except ValueError:
        raise UsageError(f'"{sign}" is no rating', hint=", ".join(Rating)) from None
