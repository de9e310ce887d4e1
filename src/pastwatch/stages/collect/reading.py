"""Reads an item in this very process; among others, what cannot be read is a gap and no error."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from pastwatch.errors import MissingExtra, PastwatchError, SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.account import Sums
from pastwatch.stages.collect.items import UNREADABLE, Item

Pieces = Generator[Batch | Gap]


def read_here(item: Item, options: Mapping[str, Any]) -> Pieces:
    """What an item holds; an item that no connector knows is one gap, and an empty one nothing.

    SourceError or MissingExtra for an item asked for alone that cannot be read.
    """
    sums = item.sums()
    if item.connector is None:
        if item.size_bytes or item.reason:
            yield rest_of(item, sums, item.reason or "not-recognised")
        return
    try:
        for piece in item.connector.read(item.path, options):
            sums.add(piece, container=item.name)
            yield piece
    except (SourceError, MissingExtra) as wrong:
        if not is_gap(wrong, item):
            raise
        yield rest_of(item, sums, gap_reason(wrong))


def rest_of(item: Item, sums: Sums, reason: str) -> Gap:
    """What of an item was not read, as a gap."""
    return sums.rest(item.name, item.size_bytes, reason)


def is_gap(wrong: PastwatchError, item: Item) -> bool:
    """Whether what cannot be read is a gap: among others it is, and asked for alone an error."""
    return isinstance(wrong, (SourceError, MissingExtra)) and not item.is_alone


def gap_reason(wrong: PastwatchError) -> str:
    """Why a file among others was not read."""
    return "needs an optional part" if isinstance(wrong, MissingExtra) else UNREADABLE
