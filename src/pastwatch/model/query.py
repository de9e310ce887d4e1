"""What a query is once it is parsed: a tree of frozen nodes, with no I/O and no clock."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A word, with `*` and `?` as wildcards; `e-mail` is two words that follow each other."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other; each may hold wildcards, a lone `*` is any one word."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regex:
    """A pattern of the `regex` module, searched in the original text, case-sensitive."""

    pattern: str
    flags: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A condition on one field: from, to, source, after, before or subject.

    `value` is the text as written without its quotes; for after and before it is the ISO text
    and `at_us` the moment it means.
    """

    name: str
    value: str
    at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """Records that the inner query does not match; it marks nothing."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """Records that every inner query matches."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Records that at least one inner query matches."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Left and right in one part, at most `distance` words apart (neighbours are one apart)."""

    left: Term | Phrase | Or
    right: Term | Phrase | Or
    distance: int
    ordered: bool = False


Node = Term | Phrase | Regex | Field | Not | And | Or | Near


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: the text as it was asked and its meaning."""

    text: str
    root: Node
