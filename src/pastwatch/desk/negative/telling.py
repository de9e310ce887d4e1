"""A finding of nothing in the words of the brief, for every page that shows it."""

from __future__ import annotations

from pastwatch.model.negative import Negative
from pastwatch.model.plain import to_plain
from pastwatch.stages.brief.verifier_negative import negative_groups


def told(found: Negative) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """(heading, columns of a table or none, lines), in order; cells of a row apart by tabs."""
    return negative_groups(to_plain(found))
