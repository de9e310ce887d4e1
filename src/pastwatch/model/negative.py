"""A finding of nothing: what was looked through, what was not, and what the figures rest on."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.errors import BadValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One step of how far looking went, in each unit it is counted in; None where it is not known."""

    step: str
    records: int
    bytes: int | None = None
    minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative:
    """That nothing of a sort was found, over what was held; `name` is what papers call it (n1, n2 …)."""

    name: str
    question: str
    would_count: str
    looked: tuple[Looked, ...] = ()

    def __post_init__(self) -> None:
        if not self.question.strip() or not self.would_count.strip():
            raise BadValue("a finding of nothing says what was asked, and what would have counted")
