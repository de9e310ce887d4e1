"""What a brief is made of: sentences that stand on something, in groups, in sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pastwatch.errors import BadValue
from pastwatch.model.assessment import Coverage
from pastwatch.model.record import Citation
from pastwatch.stages.brief.cite import Shelf
from pastwatch.stages.brief.given import BriefInput, Chapter, Line, Picture

# What each kind of sentence must stand on. "note" and "limit" state nothing about the matter.
NEEDS_CITATION = frozenset({"observation", "reported-claim", "quote"})
NEEDS_COVERAGE = frozenset({"negative", "coverage"})
_ENDS = (".", "!", "?", "…", "”", '"', "»", "؟", "。")
NEEDS_LEDGER = frozenset({"figure", "stated"})
NEEDS_SENTENCE = frozenset({"likelihood", "confidence"})
NEEDS_GROUND = frozenset(
    {"lineage", "entry", "exhibit", "question", "hypothesis", "item", "dissent", "translation"}
)
STANDS_ALONE = frozenset({"assumption", "limit", "note", "warning", "scale"})
KINDS = (
    frozenset({"judgement", "record"})
    | NEEDS_GROUND
    | NEEDS_CITATION
    | NEEDS_COVERAGE
    | NEEDS_LEDGER
    | NEEDS_SENTENCE
    | STANDS_ALONE
)

CoverageLines = Callable[[Coverage], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cite:
    """A citation under the label its record has in this brief."""

    record: str
    part: int
    start_byte: int
    end_byte: int
    text_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence and what it stands on.

    `about` names the sentence that a likelihood or confidence belongs to; `record` the record that
    a line of kind "record" describes; `marks` are the highlighted bytes of a quote, counted from
    its start; `ledger` the entries that a figure or a stated paper rests on; `negative` names the
    finding of nothing whose figures it states.
    """

    id: str
    kind: str
    text: str
    citations: tuple[Cite, ...] = ()
    coverage: Coverage | None = None
    ledger: tuple[int, ...] = ()
    about: str = ""
    record: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    negative: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadValue(f'sentence {self.id}: there is no kind "{self.kind}"')
        if not self.text.strip():
            raise BadValue(f"sentence {self.id} says nothing")
        lack = _lack(self)
        if lack:
            raise BadValue(
                f"sentence {self.id} ({self.kind}) has {lack}",
                hint="every sentence of a brief cites a record, its coverage or the ledger",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Sentences that belong together under a heading; `cuts` says what a quote leaves out.

    With `columns` the sentences are rows of a table, their cells apart by tabs.
    """

    heading: str
    sentences: tuple[Sentence, ...]
    anchor: str = ""
    cuts: dict[str, tuple[int, int]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of the brief."""

    key: str
    title: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A whole brief, ready to be written in any format; `given` is what it was made from."""

    given: BriefInput
    sections: tuple[Section, ...]

    def sentences(self) -> Iterable[Sentence]:
        """Every sentence, in order."""
        for section in self.sections:
            for group in section.groups:
                yield from group.sentences

    def record_labels(self) -> tuple[str, ...]:
        """The labels of the records the brief shows, in order."""
        return tuple(c.label for c in self.given.cited)

    def section(self, key: str) -> Section | None:
        """The section of that key, if the brief has it."""
        return next((s for s in self.sections if s.key == key), None)


class Draft:
    """Collects sentences and numbers them s1, s2 … in the order they are said."""

    def __init__(self, given: BriefInput, coverage_lines: CoverageLines) -> None:
        self.given = given
        self.shelf = Shelf(given.cited)
        self.coverage_lines = coverage_lines
        self._count = 0

    def say(  # the fields of a sentence but its number
        self,
        kind: str,
        text: str,
        *,
        citations: Iterable[Citation] = (),
        coverage: Coverage | None = None,
        ledger: tuple[int, ...] = (),
        about: str = "",
        record: str = "",
        marks: tuple[tuple[int, int], ...] = (),
        negative: str = "",
    ) -> Sentence:
        """The next sentence; BadValue when it stands on nothing, or a citation does not hold."""
        self._count += 1
        return Sentence(
            id=f"s{self._count}",
            kind=kind,
            text=text,
            citations=tuple(self._cite(c) for c in citations),
            coverage=coverage,
            ledger=tuple(sorted(set(ledger))),
            about=about,
            record=record,
            marks=marks,
            negative=negative,
        )

    def chapter(self, given: Chapter) -> Section:
        """A chapter of the desk as a section; BadValue for a row that does not fill its columns."""
        return Section(
            key=given.key,
            title=given.title,
            groups=tuple(
                Group(
                    heading=stretch.heading,
                    anchor=stretch.anchor,
                    columns=stretch.columns,
                    picture=stretch.picture,
                    sentences=tuple(self._line(line, stretch.columns) for line in stretch.lines),
                )
                for stretch in given.stretches
            ),
        )

    def _line(self, line: Line, columns: tuple[str, ...]) -> Sentence:
        if columns and line.text.count("\t") != len(columns) - 1:
            raise BadValue("a row of a table has as many cells as its table has columns")
        return self.say(
            line.kind,
            line.text,
            citations=line.citations,
            coverage=line.coverage,
            ledger=line.ledger,
        )

    def cover(self, coverage: Coverage) -> list[Sentence]:
        """The coverage in plain sentences."""
        return [
            self.say("coverage", line, coverage=coverage) for line in self.coverage_lines(coverage)
        ]

    def _cite(self, citation: Citation) -> Cite:
        return Cite(
            record=self.shelf.label_of(citation),
            part=citation.part,
            start_byte=citation.start_byte,
            end_byte=citation.end_byte,
            text_sha256=citation.text_sha256,
        )


def full_stop(words: str) -> str:
    """Words that end as a sentence does."""
    said = words.strip()
    return said if said.endswith(_ENDS) else f"{said}."


def _lack(sentence: Sentence) -> str:
    """What a sentence of its kind should stand on and does not; empty when it stands."""
    kind, uncovered = sentence.kind, sentence.coverage is None
    unmet = (
        (kind in NEEDS_CITATION and not sentence.citations, "no citation"),
        (kind in NEEDS_COVERAGE and uncovered, "no coverage"),
        (
            kind in NEEDS_GROUND and not (sentence.citations or sentence.ledger) and uncovered,
            "neither citation nor ledger entry nor coverage",
        ),
        (
            kind in NEEDS_LEDGER and not sentence.ledger and uncovered,
            "no ledger entry and no coverage",
        ),
        (kind in NEEDS_SENTENCE and not sentence.about, "no sentence it belongs to"),
        (
            kind == "judgement" and not sentence.citations and uncovered,
            "neither citation nor coverage",
        ),
        (kind == "record" and not sentence.record, "no record it describes"),
    )
    return next((lack for is_unmet, lack in unmet if is_unmet), "")
