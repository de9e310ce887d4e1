"""Keeps what a source states about a record and no column holds: one line each, as a part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pastwatch.model.record import Defect
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import PartRow, clean
from pastwatch.stages.collect.mailtime import Moment

STATED_NAME = "stated"
STATED_TYPE = "text/x-stated"
_LONGEST = 2000


def stated(lines: Iterable[tuple[str, str]]) -> list[PartRow]:
    """A part named `stated` with a line `name: value` for each value given, in order; or none.

    It is searched and cited as any attachment; its hash is that of its own text.
    """
    shown = [f"{name}: {' '.join(value.split())[:_LONGEST]}" for name, value in lines if value]
    if not shown:
        return []
    text = clean("\n".join(shown))
    raw = text.encode()
    return [(STATED_NAME, STATED_TYPE, len(raw), hashlib.sha256(raw).digest(), text)]


def attached(name: str, media_type: str, content: bytes, text: str = "") -> PartRow:
    """A part whose content is at hand: name, type, size, hash, and its text where there is any."""
    return (clean(name), media_type, len(content), hashlib.sha256(content).digest(), clean(text))


def from_to(
    published: Moment | None, updated: Moment | None
) -> tuple[int | None, int | None, Basis, Defect]:
    """The interval in which words were put as they stand: from publication to the last update.

    An update that precedes the publication is not believed; a lone one is all there is.
    """
    first = published or updated
    if first is None:
        return None, None, Basis.HEADER, Defect.NO_DATE
    latest_us, defects = first.latest_us, Defect.NONE
    if updated is not None and published is not None:
        if updated.latest_us < published.earliest_us:
            defects = Defect.DOUBTFUL
        latest_us = max(latest_us, updated.latest_us)
    if not all(moment.has_zone for moment in (published, updated) if moment):
        defects |= Defect.AMBIGUOUS_DATE
    return first.earliest_us, latest_us, Basis.HEADER, defects
