"""Limits on watching people: what makes a watch follow persons, and what it must then rest on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import regex

from pastwatch.archive.identity import normal_address
from pastwatch.matching.fold import fold, tokens
from pastwatch.matching.parse import parse
from pastwatch.model.authority import Act, Authority, AuthorityKind
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Regex, Term
from pastwatch.model.watch import Watch
from pastwatch.model.when import DAY_US

DIRECTED_DAYS_AT_MOST: Final = 90
DIRECTED_SIGNATURES: Final = 2
_NUMBER_DIGITS: Final = 6
_LETTERS_AT_LEAST: Final = 2
_PERSONAL_FIELDS: Final = ("from", "to")
_DIGITS = regex.compile(r"[0-9٠-٩۰-۹]")
_HANDLE = regex.compile(r"(?<!\w)@\w|\w@\w")
_PATTERN_DIGITS = regex.compile(
    r"(?:\\d|\[0-9\]|[0-9])(?:\{(\d+)(?:,\d*)?\}|\+)?(?:[ .\-]|\\[ .\-s]|[?*])*"
)
_PATTERN_WORD = regex.compile(r"(?<!\\)\p{L}{3,}")


class Directed(NamedTuple):
    """One thing by which a watch follows persons, in words that quote nothing of it."""

    branch: str
    reason: str


def queries_of(watch: Watch) -> Iterator[tuple[str, str]]:
    """(branch, query) of everything a watch asks."""
    if watch.query:
        yield "query", watch.query
    for number, count in enumerate(watch.counts, 1):
        if count.query:
            yield f"count {number}", count.query
    for number, rise in enumerate(watch.rises, 1):
        yield f"rise {number}", rise.query


def directed(watch: Watch) -> tuple[Directed, ...]:
    """By what a watch follows persons, decided from its text alone; empty where it does not.

    By syntax, not by fame: an account, address, number or handle, a word that is a personal name
    in our lists, `from:` and `to:`, and rhythms counted by account, pair or between a list.
    """
    found: dict[Directed, None] = {}
    for branch, query in queries_of(watch):
        for reason in _reasons(parse(query).root):
            found[Directed(branch, reason)] = None
    counted = [(f"count {n}", rule.per) for n, rule in enumerate(watch.counts, 1)]
    for branch, per in [*counted, *((f"rise {n}", r.per) for n, r in enumerate(watch.rises, 1))]:
        if per.personal:
            found[Directed(branch, f"it counts by {per}")] = None
    for number, count in enumerate(watch.counts, 1):
        if count.between:
            found[Directed(f"count {number}", "it counts between accounts of a list")] = None
    return tuple(found)


def accounts_of(watch: Watch) -> tuple[str, ...]:
    """The accounts a watch names, which its authority must list."""
    named = [normal_address(a) for count in watch.counts for a in count.between]
    for _, query in queries_of(watch):
        for node in _nodes(parse(query).root):
            if isinstance(node, Field) and node.name in _PERSONAL_FIELDS:
                named.append(normal_address(node.value))
            elif isinstance(node, Term | Phrase):
                text = node.text if isinstance(node, Term) else " ".join(node.words)
                if _HANDLE.search(text):
                    named.append(normal_address(text))
    return tuple(dict.fromkeys(named))


def matches_nearly_everything(watch: Watch) -> tuple[str, ...]:
    """The branches whose query asks for nothing in particular; such a watch is refused."""
    return tuple(b for b, query in queries_of(watch) if not _particular(parse(query).root))


def refusals(watch: Watch, authority: Authority, *, now_us: int) -> tuple[str, ...]:
    """Why a watch may not run under an authority at this moment; empty where it may."""
    found = [f"its {b} asks for nothing in particular" for b in matches_nearly_everything(watch)]
    if authority.kind is not AuthorityKind.STANDING:
        found.append("its authority is not a standing one")
    if not authority.allows(Act.READ) and not authority.allows(Act.BASELINE):
        found.append("its authority allows neither reading nor counting")
    if not authority.valid.start_us <= now_us < authority.valid.end_us:
        found.append("its authority is not valid now")
    if authority.review_us is None:
        found.append("its authority names no date on which it is reviewed")
    if directed(watch):
        found += _directed_refusals(watch, authority)
    return tuple(found)


def is_name(word: str) -> bool:
    """Whether a folded word is a personal name in our lists."""
    return word in _names()


def listed_names() -> frozenset[str]:
    """The personal names in our lists, folded."""
    return _names()


def _directed_refusals(watch: Watch, authority: Authority) -> list[str]:
    found = []
    listed = {normal_address(a) for a in authority.scope.accounts}
    missing = [a for a in accounts_of(watch) if a not in listed]
    if missing or not listed:
        found.append(
            f"it follows persons: {len(missing) or 'all'} of the accounts it names are not listed "
            "in its authority"
        )
    if len({s.key_id for s in authority.signatures}) < DIRECTED_SIGNATURES:
        found.append("it follows persons: its authority needs a second signature")
    if authority.valid.length_us > DIRECTED_DAYS_AT_MOST * DAY_US:
        found.append(f"it follows persons: its authority lasts over {DIRECTED_DAYS_AT_MOST} days")
    if not authority.event_id and not authority.necessity.strip():
        found.append("it follows persons: its authority names neither an event nor a threat")
    return found


def _reasons(node: Node) -> Iterator[str]:
    for one in _nodes(node):
        match one:
            case Field() if one.name in _PERSONAL_FIELDS:
                yield f"it asks {one.name}:"
            case Field() if one.name == "subject":
                yield from _of_text(one.value)
            case Term():
                yield from _of_text(one.text)
            case Phrase():
                yield from _of_text(" ".join(one.words))
            case Regex():
                yield from _of_pattern(one.pattern)
            case _:
                pass


def _of_text(text: str) -> Iterator[str]:
    if _HANDLE.search(text):
        yield "it names an address or a handle"
    if len(_DIGITS.findall(text)) >= _NUMBER_DIGITS:
        yield "it names a number"
    folded = fold(text.replace("*", " ").replace("?", " "))
    if any(folded[start:end] in _names() for start, end in tokens(folded)):
        yield "it names a person"


def _of_pattern(pattern: str) -> Iterator[str]:
    if "@" in pattern:
        yield "it names an address or a handle"
    digits = 0
    for piece in _PATTERN_DIGITS.finditer(pattern):
        told = piece[1]
        digits += int(told) if told else _NUMBER_DIGITS if "+" in piece[0] else 1
    if digits >= _NUMBER_DIGITS:
        yield "it names a number"
    if any(fold(word) in _names() for word in _PATTERN_WORD.findall(pattern)):
        yield "it names a person"


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case And() | Or():
            for inner in node.nodes:
                yield from _nodes(inner)
        case Not():
            yield from _nodes(node.node)
        case Near():
            yield from _nodes(node.left)
            yield from _nodes(node.right)
        case _:
            pass


def _particular(node: Node) -> bool:
    """Whether a query asks for something: a word with letters, a pattern that does not match nothing."""
    match node:
        case Term() | Phrase():
            return any(map(_worded, [node.text] if isinstance(node, Term) else node.words))
        case Regex():
            return regex.search(node.pattern, "", timeout=1.0) is None and not _any(node.pattern)
        case And():
            return any(map(_particular, node.nodes))
        case Or():
            return all(map(_particular, node.nodes))
        case Near():
            return _particular(node.left) or _particular(node.right)
        case _:
            return isinstance(node, Field) and node.name not in {"after", "before", "source"}


def _worded(word: str) -> bool:
    plain = word.replace("*", "").replace("?", "")
    wild = plain != word
    return len(plain) > _LETTERS_AT_LEAST if wild else len(plain) >= 1


def _any(pattern: str) -> bool:
    """Whether a pattern matches any of a few letters that stand alone."""
    return sum(regex.search(pattern, one, timeout=1.0) is not None for one in "eaтоا ") > 1


@cache
def _names() -> frozenset[str]:
    folder = files("pastwatch.stages.watch").joinpath("names")
    return frozenset(
        word
        for name in ("given.txt", "surnames.txt")
        for word in folder.joinpath(name).read_text(encoding="utf-8").split()
    )
