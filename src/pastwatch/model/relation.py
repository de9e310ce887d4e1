"""How one thing bears on another: a typed link that says what it rests on and can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.record import Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A directed link between two named things, argued from citations by a named maker."""

    relation_id: str
    kind: str
    from_id: str
    to_id: str
    maker: str
    reason: str
    citations: tuple[Citation, ...] = ()
    undone: bool = False

    def __post_init__(self) -> None:
        if not self.maker or not self.reason:
            raise BadValue("a relation names its maker and its reason")
