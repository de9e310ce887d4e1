"""A query as typed becomes its tree, or an error that names the place and what was expected."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import regex

from pastwatch.errors import BadQuery
from pastwatch.matching.words import split_words
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Query, Regex, Term

_MAX_DEPTH: Final = 100
_MAX_DISTANCE: Final = 10_000
_QUOTES: Final = {'"': '"', "“": "”", "„": "“"}
_BARE: Final = re.compile(r'[^\s()"“”„]+')
_FIELD: Final = re.compile(r"(from|to|source|after|before|subject):", re.IGNORECASE)
_NEAR: Final = re.compile(r"(O?)NEAR/(\d+)")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")


def parse(text: str, *, zone: str = "UTC") -> Query:
    """The query that `text` means; times without an offset are read in `zone`.

    Raises `BadQuery` with the character (counted from 1) where it stops making sense.
    """
    return Query(text, _Parser(text, _zone(zone)).query())


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadQuery(
            "the query's time zone is not known",
            hint="use a name such as Europe/Kyiv, UTC or +03:00",
        ) from error


class _Parser:
    def __init__(self, text: str, zone: tzinfo) -> None:
        self.text = text
        self.zone = zone
        self.at = 0
        self.depth = 0

    def query(self) -> Node:
        root = self._either()
        if self._rest():
            raise self._bad("an operator or the end of the query", '(tank OR "o2 tank") stir*')
        return root

    def _bad(self, expected: str, example: str, *, at: int | None = None) -> BadQuery:
        place = (self.at if at is None else at) + 1
        return BadQuery(
            f"the query stops making sense at character {place}: expected {expected}",
            hint=f"for example: {example}",
        )

    def _rest(self) -> str:
        """What comes next, its leading spaces skipped; empty where nothing is left to read."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at : self.at + 1]

    def _bare(self) -> str:
        """The run of plain characters that comes next; empty before a quote, bracket or end."""
        self._rest()
        found = _BARE.match(self.text, self.at)
        return found[0] if found else ""

    def _take(self, word: str) -> bool:
        if self._bare() != word:
            return False
        self.at += len(word)
        return True

    def _either(self) -> Node:
        nodes = [self._all()]
        while self._take("OR"):
            nodes.append(self._all())
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _all(self) -> Node:
        nodes = [self._negated()]
        while True:
            joined = self._take("AND")
            rest = self._rest()
            ends = not rest or rest[0] == ")" or self._bare() == "OR"
            if ends and not joined:
                return nodes[0] if len(nodes) == 1 else And(tuple(nodes))
            nodes.append(self._negated())

    def _negated(self) -> Node:
        negations = 0
        while True:
            if self._take("NOT"):
                negations += 1
            elif self._rest().startswith("-") and self.text[self.at + 1 : self.at + 2].strip():
                self.at += 1
                negations += 1
            else:
                break
        node = self._near()
        for _ in range(negations):
            node = Not(node)
        return node

    def _near(self) -> Node:
        self._rest()
        start = self.at
        left = self._primary()
        found = _NEAR.fullmatch(self._bare())
        if not found:
            return left
        operator_at = self.at
        self.at += len(found[0])
        self._rest()
        right_at = self.at
        right = self._primary()
        distance = int(found[2]) if len(found[2]) < 6 else 0  # noqa: PLR2004 - no huge int
        if not 1 <= distance <= _MAX_DISTANCE:
            raise self._bad(f"a distance of 1 to {_MAX_DISTANCE}", "a NEAR/5 b", at=operator_at)
        if _NEAR.fullmatch(self._bare()):
            raise self._bad("no second NEAR: it joins two", "(a NEAR/5 b) AND (b NEAR/5 c)")
        return Near(
            left=self._operand(left, start),
            right=self._operand(right, right_at),
            distance=distance,
            ordered=bool(found[1]),
        )

    def _operand(self, node: Node, at: int) -> Term | Phrase | Or:
        if isinstance(node, Term | Phrase):
            return node
        if isinstance(node, Or) and all(isinstance(n, Term | Phrase) for n in node.nodes):
            return node
        raise self._bad(
            "a word, a phrase or an OR group of them beside NEAR", '(a OR "b c") NEAR/5 d', at=at
        )

    def _primary(self) -> Node:
        rest = self._rest()
        start = self.at
        bare = self._bare()
        if rest.startswith("("):
            return self._group()
        if rest[:1] in _QUOTES and rest:
            return self._phrase(self._quoted(), start)
        if rest.startswith("/"):
            return self._regex()
        if bare in {"", "AND", "OR", "NOT"} or bare.startswith(("NEAR/", "ONEAR/")):
            raise self._bad("a word, a phrase, a /pattern/ or a group", 'officer AND "o2 tank"')
        if bare == "NEAR":
            raise self._bad("a distance with NEAR", "officer NEAR/5 expert")
        named = _FIELD.match(bare)
        if named:
            self.at += len(named[0])
            return self._field(named[1].lower(), start)
        self.at += len(bare)
        self._check_words([bare], start)
        return Term(bare)

    def _group(self) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise self._bad(f"at most {_MAX_DEPTH} groups inside each other", "(a OR b) c")
        opened = self.at
        self.at += 1
        node = self._either()
        if not self._rest().startswith(")"):
            raise self._bad(f"the ) of the group begun at {opened + 1}", "(a OR b) c")
        self.at += 1
        self.depth -= 1
        return node

    def _quoted(self) -> str:
        opened = self.at
        closes = {_QUOTES[self.text[opened]], '"'}
        for end in range(opened + 1, len(self.text)):
            if self.text[end] in closes:
                self.at = end + 1
                return self.text[opened + 1 : end]
        self.at = len(self.text)
        raise self._bad(f"the closing quote of the phrase begun at {opened + 1}", '"o2 tank"')

    def _phrase(self, inner: str, start: int) -> Phrase:
        words = inner.split()
        self._check_words(words, start)
        return Phrase(tuple(words))

    def _check_words(self, words: list[str], start: int) -> None:
        found = [word for text in words for word in split_words(text)]
        if not any(word.literals for word in found):
            raise self._bad(
                "a letter or a digit in the word", "stir? or /[$€]/ for signs", at=start
            )

    def _regex(self) -> Regex:
        opened = self.at
        end = opened + 1
        while end < len(self.text) and self.text[end] != "/":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            self.at = len(self.text)
            raise self._bad(f"the closing / of the pattern begun at {opened + 1}", r"/\d+ psi/")
        pattern = self.text[opened + 1 : end].replace(r"\/", "/")
        self.at = end + 1
        flags = "i" if self.text[self.at : self.at + 1] == "i" else ""
        self.at += len(flags)
        if self._glued():
            raise self._bad("a space after the pattern", r'/\d+ psi/ or, for a path, "/etc/x"')
        try:
            empty = regex.compile(pattern, regex.IGNORECASE if flags else 0).fullmatch("")
        except (regex.error, OverflowError, RecursionError, ValueError) as error:
            raise self._bad("a pattern of the regex module", r"/\d+ psi/", at=opened) from error
        if not pattern or empty:
            raise self._bad("a pattern that needs a character", r"/\d+ psi/", at=opened)
        return Regex(pattern, flags)

    def _glued(self) -> bool:
        following = self.text[self.at : self.at + 1]
        return bool(following) and not following.isspace() and following != ")"

    def _field(self, name: str, start: int) -> Field:
        following = self.text[self.at : self.at + 1]
        if following in _QUOTES and following:
            value = self._quoted()
        else:
            found = _BARE.match(self.text, self.at)
            value = found[0] if found else ""
            self.at += len(value)
        if name in {"after", "before"}:
            return Field(name=name, value=value, at_us=self._moment(value, start))
        if not value.strip():
            raise self._bad(f"a value right after {name}:", f'{name}:"two words"', at=start)
        if name != "source":
            self._check_words(value.split(), start)
        return Field(name=name, value=value)

    def _moment(self, value: str, start: int) -> int:
        """Microseconds since 1970 of an ISO date or time; a year or month means its first day."""
        padded = value + {4: "-01-01", 7: "-01"}.get(len(value), "")
        try:
            moment = datetime.fromisoformat(padded)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=self.zone)
            return (moment - _EPOCH) // timedelta(microseconds=1)
        except (ValueError, OverflowError) as error:
            raise self._bad(
                "an ISO date or time", "after:2012-09-11 before:2012-09-12T06:30+02:00", at=start
            ) from error
