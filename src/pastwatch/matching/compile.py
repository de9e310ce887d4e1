"""A query becomes a plan: what a scan looks for in a block, and what the token index must hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, assert_never

from pastwatch.matching.matcher import Matcher, words_among, words_of
from pastwatch.matching.words import Word, split_words
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Query, Regex, Term

Groups = tuple[frozenset[str], ...]
PEOPLE: Final = ("from", "to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One thing to look for in a block; a row without it cannot match what asked for it.

    With neither words, nor a literal, nor a safe pattern every row stays a candidate.
    """

    node: Node
    words: tuple[Word, ...] = ()
    literal: str = ""
    """For words the longest folded piece, for a pattern a piece of the original text."""
    safe_pattern: str = ""
    """A pattern that hyperscan reads as the regex module does, on ASCII text."""
    caseless: bool = False
    subject_only: bool = False
    among: bool = False
    """Whether any one of the words will do, each a whole one in ASCII."""

    @property
    def folded(self) -> bool:
        """Whether the literal is folded, and so looked for in every spelling."""
        return bool(self.words)

    @property
    def whole(self) -> bool:
        """Whether it is one whole word without wildcards."""
        return len(self.words) == 1 and self.words[0].exact

    def each(self) -> tuple[Leaf, ...]:
        """The leaf itself, or a leaf for each of the words of which one will do."""
        if not self.among:
            return (self,)
        return tuple(Leaf(node=self.node, words=(w,), literal=w.longest) for w in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How one query is answered: read-only, shared between threads and built once a process."""

    query: Query
    matcher: Matcher
    leaves: tuple[Leaf, ...]
    required: Groups | None
    """Of each group a record must hold a token; None: the index can exclude nothing."""
    named: tuple[tuple[str, frozenset[str]], ...] = ()
    """(from or to, words): of each group one must stand in a name or an address."""

    @property
    def asked(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Both: what a word index may be asked for; the text's groups under an empty name."""
        return (*(("", group) for group in self.required or ()), *self.named)


def compile_query(query: Query, *, regex_timeout_s: float = 1.0) -> Plan:
    """The plan of a query; costs microseconds, pattern databases are built at the first scan."""
    leaves: dict[Node, Leaf] = {}
    _gather(query.root, leaves)
    return Plan(
        query=query,
        matcher=Matcher(query, regex_timeout_s=regex_timeout_s),
        leaves=tuple(leaves.values()),
        required=tuple(dict.fromkeys(_required(query.root))) or None,
        named=tuple(
            (field, group)
            for field in PEOPLE
            for group in dict.fromkeys(_required(query.root, of=field))
        ),
    )


def asks_facts(node: Node) -> bool:
    """Whether a query asks who, when or where; else no record's envelope need be read for it."""
    match node:
        case Field():
            return True
        case Not():
            return asks_facts(node.node)
        case And() | Or():
            return any(map(asks_facts, node.nodes))
        case _:
            return False


def _gather(node: Node, leaves: dict[Node, Leaf], *, alone: bool = False) -> None:
    """Note the leaves of a part of a query; `alone`: each word is one, also of many."""
    match node:
        case Term() | Phrase():
            leaves[node] = _word_leaf(node, words_of(node))
        case Field():
            if node.name == "subject":
                words = tuple(w for text in node.value.split() for w in split_words(text))
                leaves[node] = _word_leaf(node, words, subject_only=True)
        case Regex():
            leaves[node] = _pattern_leaf(node)
        case Near():
            _gather(node.left, leaves)
            _gather(node.right, leaves)
        case Or() if not alone and (words := words_among(node)):
            longest = max((word.longest for word in words), key=len)
            leaves[node] = Leaf(node=node, words=words, literal=longest, among=True)
        case And() | Or():
            for inner in node.nodes:
                _gather(inner, leaves, alone=alone)
        case Not():
            _gather(_words_alone(node.node), leaves, alone=True)
        case _:
            assert_never(node)


def _words_alone(node: Node) -> Node:
    """What of a negation is looked for too: its words, not its patterns, which cost more to find."""
    match node:
        case And() | Or():
            return Or(tuple(_words_alone(inner) for inner in node.nodes))
        case Near() | Not() | Regex():
            return Or(())
        case _:
            return node


def _word_leaf(node: Node, words: tuple[Word, ...], *, subject_only: bool = False) -> Leaf:
    literal = max((word.longest for word in words), key=len, default="")
    return Leaf(node=node, words=words, literal=literal, subject_only=subject_only)


def _required(node: Node, *, of: str = "") -> list[frozenset[str]]:
    """The words that a record must hold in its text, or `of` which it must hold in a field."""
    words: tuple[Word, ...] = ()
    match node:
        case Term() | Phrase() if not of:
            words = words_of(node)
        case Field() if node.name == (of or "subject"):
            words = tuple(word for text in node.value.split() for word in split_words(text))
        case And():
            return [group for inner in node.nodes for group in _required(inner, of=of)]
        case Near() if not of:
            return [*_required(node.left), *_required(node.right)]
        case Or():
            # One group of each branch, the one likely to be rarest: the longest shortest word.
            every = [_required(inner, of=of) for inner in node.nodes]
            best = [max(groups, key=_rarity, default=frozenset[str]()) for groups in every]
            return [frozenset().union(*best)] if all(best) else []
        case _:
            pass  # a limit of another kind, a pattern or a negation needs no whole word
    return [frozenset((word.text,)) for word in words if word.exact]


def _rarity(group: frozenset[str]) -> int:
    return min(map(len, group))


_SAFE: Final = re.compile(
    r"(?:[\w \"'#%&,/:;<=>@`~!-]|\\[dDsSwWbB.\\\[\](){}*+?|^$/\"'@:-]"
    r"|\[\^?(?:[\w .,:;@/'\"_]-?|\\[dsw.\]\[-])+\]|\((?:\?:)?|[)|.^$]"
    r"|(?<=[^|(*+?{}])(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\}))+",
    re.ASCII,
)


def _pattern_leaf(node: Regex) -> Leaf:
    pattern, caseless = node.pattern, "i" in node.flags
    if pattern.startswith("(?i)"):
        pattern, caseless = pattern[4:], True
    literal = "" if caseless else required_literal(pattern)
    safe = pattern if pattern.isascii() and _SAFE.fullmatch(pattern) else ""
    return Leaf(node=node, literal=literal, safe_pattern=safe, caseless=caseless)


_PIECE: Final = re.compile(
    r"(?P<plain>[^\\\[\](){}*+?.|^$]|\\[^0-9A-Za-z\s])(?![?*{])"
    r"|(?P<opens>\((?:\?:|(?![?*])))"
    r"|(?P<closes>\))"
    r"|(?P<bar>\|)"
    r"|(?P<other>[^\\\[\](){}*+?.|^$]|\\[^0-9A-Za-z\s]|\\[dDwWsSbBntr]|[.^$*+?]|\{[^}]*\}"
    r"|\[\^?\]?(?:[^\]\[\\]|\\.)*\])",
    re.DOTALL,
)


def required_literal(pattern: str) -> str:
    """The longest run of plain characters that each match of a pattern holds; empty if unsure.

    Reads only the top level, and gives up on whatever it does not know.
    """
    runs, depth, at = [""], 0, 0
    while at < len(pattern):
        piece = _PIECE.match(pattern, at)
        if piece is None or (piece["bar"] and not depth):
            return ""
        depth += bool(piece["opens"]) - bool(piece["closes"])
        if piece["plain"] and not depth:
            runs[-1] += piece["plain"][-1]
        else:
            runs.append("")
        at = piece.end()
    longest = max(runs, key=len)
    return longest if len(longest) > 1 else ""
