"""One reason to take two accounts for one person's: of which kind, how strong, in which records."""

from __future__ import annotations

from typing import NamedTuple


class Evidence(NamedTuple):
    """A reason about two accounts, as places in the talk; `rows` are records it stands in, a few."""

    one: int
    two: int
    kind: str
    text: str
    score: float
    rows: tuple[int, ...] = ()


def often(times: int) -> str:
    """How often something was, in words."""
    return "once" if times == 1 else f"{times:,} times"
