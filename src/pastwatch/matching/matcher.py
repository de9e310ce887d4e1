"""The exact meaning of a query: whether one record matches, and which bytes of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, assert_never

import regex

from pastwatch.matching.fold import byte_spans, fold, token_bounds
from pastwatch.matching.words import Word, WordRun, WordSet, split_words
from pastwatch.model.query import And, Field, Near, Node, Not, Or, Phrase, Query, Regex, Term

SUBJECT: Final = -1
TEXT: Final = 0

PartSpan = tuple[int, int, int]
"""(part, start_byte, end_byte): part -1 is the subject, 0 the text, 1… the attachments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFacts:
    """What a record's envelope says, for from:, to:, source:, after: and before:."""

    sender_address: str = ""
    sender_name: str = ""
    recipients: tuple[tuple[str, str], ...] = ()
    source_id: str = ""
    source_name: str = ""
    earliest_us: int | None = None
    latest_us: int | None = None


NO_FACTS: Final = RecordFacts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`spans` is None where the record does not match; a match may have no span."""

    spans: list[PartSpan] | None
    timed_out: bool = False
    """A pattern ran out of time in this record: not matched, and not known to be none."""


class Sheet:
    """One record while it is judged, by one query or many: each part decoded and folded at most once.

    Without `placed` it is only told whether a query matches: the spans of a verdict are then no places.
    """

    def __init__(
        self,
        fields: Mapping[int, str | bytes],
        facts: RecordFacts = NO_FACTS,
        absent: AbstractSet[Node] = frozenset(),
        *,
        placed: bool = True,
    ) -> None:
        self.facts = facts
        self.absent = absent
        self.placed = placed
        self.texts = {
            part: text if isinstance(text, str) else text.decode()
            for part, text in sorted(fields.items())
        }
        self.folded: dict[int, str] = {}
        self.timed_out = False

    def fold(self, part: int) -> str:
        """A part folded; once however often it is asked for."""
        if part not in self.folded:
            self.folded[part] = fold(self.texts[part])
        return self.folded[part]

    def in_bytes(self, part: int, places: list[tuple[int, int]]) -> list[PartSpan]:
        """Places in the folded part as bytes of the part as it was written."""
        if not self.placed:
            return [(part, 0, 0)] if places else []
        return [(part, start, end) for start, end in byte_spans(self.texts[part], places)]


class Matcher:
    """Judges records against one query; holds no state of any record and may be shared.

    `regex_timeout_s` bounds each pattern in each part.
    """

    def __init__(self, query: Query, *, regex_timeout_s: float = 1.0) -> None:
        self.query = query
        self.regex_timeout_s = regex_timeout_s
        self._runs: dict[Node, WordRun] = {}
        self._patterns: dict[Node, regex.Pattern[str]] = {}
        self._among: dict[int, WordSet] = {}
        self._prepare(query.root)

    def spans(
        self, fields: Mapping[int, str | bytes], facts: RecordFacts = NO_FACTS
    ) -> list[PartSpan] | None:
        """Every matched place of a record in order of part and byte; None where it is no match."""
        return self.judge(fields, facts).spans

    def judge(
        self,
        fields: Mapping[int, str | bytes],
        facts: RecordFacts = NO_FACTS,
        *,
        absent: AbstractSet[Node] = frozenset(),
        root: Node | None = None,
    ) -> Verdict:
        """As `spans`, and says whether a pattern ran out of time.

        `absent` are nodes a scan has shown to match in no part of this record; `root` is what
        `without` makes of the query for them.
        """
        sheet = Sheet(fields, facts, absent)
        found = self._match(self.query.root if root is None else root, sheet)
        if found and isinstance(self.query.root, And | Or):
            found = sorted(set(found))
        return Verdict(spans=found, timed_out=sheet.timed_out)

    def judge_sheet(self, sheet: Sheet) -> Verdict:
        """As `judge`, of a record that other queries judge too."""
        sheet.timed_out = False
        found = self._match(self.query.root, sheet)
        return Verdict(spans=found, timed_out=sheet.timed_out)

    def without(self, absent: AbstractSet[Node]) -> Node:
        """What is left of the query where these nodes match nothing; asked once for many records."""
        root = self.query.root
        if not isinstance(root, Or):
            return root
        return Or(tuple(node for node in root.nodes if node not in absent))

    def _prepare(self, node: Node) -> None:
        match node:
            case Term() | Phrase():
                self._runs[node] = WordRun(words_of(node))
            case Regex():
                flags = regex.IGNORECASE if "i" in node.flags else 0
                self._patterns[node] = regex.compile(node.pattern, flags)
            case Field():
                words = tuple(w for text in node.value.split() for w in split_words(text))
                if node.at_us is None and words:
                    self._runs[node] = WordRun(words)
            case Near():
                self._prepare(node.left)
                self._prepare(node.right)
            case Not():
                self._prepare(node.node)
            case And() | Or():
                words = words_among(node) if isinstance(node, Or) else ()
                if words:
                    self._among[id(node)] = WordSet(words)
                for inner in node.nodes:
                    self._prepare(inner)
            case _:
                assert_never(node)

    def _match(self, node: Node, sheet: Sheet) -> list[PartSpan] | None:
        if sheet.absent and node in sheet.absent:
            return None
        match node:
            case Term() | Phrase():
                return self._places(node, sheet, list(sheet.texts))
            case Regex():
                return self._search(node, sheet)
            case Field():
                return self._field(node, sheet)
            case Near():
                return self._near(node, sheet)
            case _:
                return self._joined(node, sheet)

    def _joined(self, node: Not | And | Or, sheet: Sheet) -> list[PartSpan] | None:
        match node:
            case Not():
                return self._not(node, sheet)
            case And():
                return self._and(node, sheet)
            case Or() if (among := self._among.get(id(node))) is not None:
                return self._any_word(among, sheet)
            case Or():
                found = [spans for n in node.nodes if (spans := self._match(n, sheet)) is not None]
                return [span for spans in found for span in spans] if found else None
            case _:
                assert_never(node)

    def _and(self, node: And, sheet: Sheet) -> list[PartSpan] | None:
        together: list[PartSpan] = []
        for inner in node.nodes:
            spans = self._match(inner, sheet)
            if spans is None:
                return None
            together += spans
        return together

    def _not(self, node: Not, sheet: Sheet) -> list[PartSpan] | None:
        before, sheet.timed_out = sheet.timed_out, False
        found = self._match(node.node, sheet)
        unknown = sheet.timed_out
        sheet.timed_out = before or unknown
        return None if found is not None or unknown else []

    def _places(self, node: Node, sheet: Sheet, parts: list[int]) -> list[PartSpan] | None:
        run = self._runs[node]
        found: list[PartSpan] = []
        for part in parts:
            places = run.occurrences(sheet.fold(part))
            if places:
                found += sheet.in_bytes(part, places)
        return found or None

    def _any_word(self, among: WordSet, sheet: Sheet) -> list[PartSpan] | None:
        found: list[PartSpan] = []
        for part in sheet.texts:
            places = among.occurrences(sheet.fold(part))
            if places:
                found += sheet.in_bytes(part, places)
        return found or None

    def _search(self, node: Regex, sheet: Sheet) -> list[PartSpan] | None:
        pattern = self._patterns[node]
        found: list[PartSpan] = []
        for part, text in sheet.texts.items():
            try:
                places = [
                    m.span()
                    for m in pattern.finditer(
                        text, timeout=self.regex_timeout_s, concurrent=len(text) > _LONG
                    )
                ]
            except TimeoutError:
                sheet.timed_out = True
                continue
            if text.isascii():
                found += [(part, start, end) for start, end in places]
            else:
                found += [(part, len(text[:s].encode()), len(text[:e].encode())) for s, e in places]
        return found or None

    def _near(self, node: Near, sheet: Sheet) -> list[PartSpan] | None:
        found: list[PartSpan] = []
        for part in sheet.texts:
            folded = sheet.fold(part)
            left = self._operand(node.left, folded)
            right = self._operand(node.right, folded) if left else []
            if right:
                places = _close(folded, left, right, distance=node.distance, ordered=node.ordered)
                found += sheet.in_bytes(part, places)
        return found or None

    def _operand(self, node: Node, folded: str) -> list[tuple[int, int]]:
        inner = node.nodes if isinstance(node, Or) else (node,)
        return sorted({place for n in inner for place in self._runs[n].occurrences(folded)})

    def _field(self, node: Field, sheet: Sheet) -> list[PartSpan] | None:
        facts = sheet.facts
        match node.name:
            case "subject":
                parts = [SUBJECT] if SUBJECT in sheet.texts else []
                return self._places(node, sheet, parts)
            case "from":
                holds = self._named(node, (facts.sender_address, facts.sender_name))
            case "to":
                holds = any(self._named(node, person) for person in facts.recipients)
            case "source":
                same = fold(node.value) == fold(facts.source_id)
                holds = same or self._named(node, (facts.source_name,))
            case "after":
                holds = facts.latest_us is not None and facts.latest_us >= (node.at_us or 0)
            case "before":
                holds = facts.earliest_us is not None and facts.earliest_us < (node.at_us or 0)
            case _:
                holds = False
        return [] if holds else None

    def _named(self, node: Field, names: tuple[str, ...]) -> bool:
        run = self._runs.get(node)
        return run is not None and any(run.occurrences(fold(name)) for name in names if name)


_SEVERAL: Final = 3
_LONG: Final = 100_000
"""Characters from which a pattern search lets other threads run meanwhile."""


def words_of(node: Term | Phrase) -> tuple[Word, ...]:
    """The words a term or phrase asks for, in order."""
    texts = (node.text,) if isinstance(node, Term) else node.words
    return tuple(word for text in texts for word in split_words(text))


def words_among(node: Or) -> tuple[Word, ...]:
    """The words of which one will do, where it asks for several whole ASCII words; else none."""
    if len(node.nodes) < _SEVERAL or not all(isinstance(part, Term) for part in node.nodes):
        return ()
    asked = [words_of(part) for part in node.nodes if isinstance(part, Term)]
    if any(len(words) != 1 or not words[0].exact or not words[0].text.isascii() for words in asked):
        return ()
    return tuple(dict.fromkeys(words[0] for words in asked))


def _close(
    folded: str,
    left: list[tuple[int, int]],
    right: list[tuple[int, int]],
    *,
    distance: int,
    ordered: bool,
) -> list[tuple[int, int]]:
    """The places of both lists that have one of the other within `distance` words."""
    starts = token_bounds(folded)[0].tolist()

    def numbered(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
        return [(bisect_left(starts, s), bisect_left(starts, e) - 1) for s, e in places]

    lefts, rights = numbered(left), numbered(right)
    kept = _followed(left, lefts, rights, distance) | _led(right, rights, lefts, distance)
    if not ordered:
        kept |= _followed(right, rights, lefts, distance) | _led(left, lefts, rights, distance)
    return sorted(kept)


def _followed(
    places: list[tuple[int, int]],
    numbers: list[tuple[int, int]],
    others: list[tuple[int, int]],
    distance: int,
) -> set[tuple[int, int]]:
    """Places after whose last word another begins within the distance."""
    firsts = sorted(first for first, _ in others)
    return {
        place
        for place, (_, last) in zip(places, numbers, strict=True)
        if (k := bisect_left(firsts, last + 1)) < len(firsts) and firsts[k] - last <= distance
    }


def _led(
    places: list[tuple[int, int]],
    numbers: list[tuple[int, int]],
    others: list[tuple[int, int]],
    distance: int,
) -> set[tuple[int, int]]:
    """Places before whose first word another ends within the distance."""
    lasts = sorted(last for _, last in others)
    return {
        place
        for place, (first, _) in zip(places, numbers, strict=True)
        if (k := bisect_left(lasts, first)) and first - lasts[k - 1] <= distance
    }
