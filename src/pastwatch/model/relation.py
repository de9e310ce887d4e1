"""How one thing bears on another: a typed link that says what it rests on and can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.record import Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A directed link between two named things, argued from citations by a named maker.

    Things are named as the case names them: c3 a claim, a2 an actor, x1 an exhibit; a record by the
    32 hexadecimal digits of its id; an account as `medium:address`. `score` is the maker's own
    measure from 0 to 1, where it has one.
    """

    relation_id: str
    kind: str
    from_id: str
    to_id: str
    maker: str
    reason: str
    citations: tuple[Citation, ...] = ()
    score: float | None = None
    undone: bool = False

    def __post_init__(self) -> None:
        if not self.kind or not self.from_id or not self.to_id:
            raise BadValue("a relation has a kind, and joins two things")
        if not self.maker or not self.reason:
            raise BadValue("a relation names its maker and its reason")
        if self.score is not None and not 0 <= self.score <= 1:
            raise BadValue("a relation's score lies from 0 to 1")
