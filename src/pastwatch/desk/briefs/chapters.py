"""The chapters a brief has beside its findings, each made by one room, in the order they are met."""

from __future__ import annotations

from collections.abc import Callable

from pastwatch.desk.briefs.made import (
    claims,
    dissent,
    exhibits,
    hypotheses,
    identities,
    network,
    scales,
    sources,
    timeline,
    translations,
)
from pastwatch.desk.case import CaseWork
from pastwatch.stages.brief.given import Chapter

MAKERS: tuple[Callable[[CaseWork], Chapter | None], ...] = (
    timeline.make,
    network.make,
    identities.make,
    claims.make,
    translations.make,
    exhibits.make,
    hypotheses.make,
    dissent.make,
    sources.make,
    scales.make,
)
"""One a chapter; each gives None where the case has nothing of its sort."""


def chapters_of(case: CaseWork) -> tuple[Chapter, ...]:
    """The chapters of a case as it stands; what was judged protected is in none of them."""
    made = (make(case) for make in MAKERS)
    return tuple(chapter for chapter in made if chapter is not None)
