"""What a brief is made of: sentences that stand on something, in groups, in sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pastwatch.errors import BadValue
from pastwatch.model.assessment import Coverage
from pastwatch.model.record import Citation
from pastwatch.stages.brief.cite import Shelf
from pastwatch.stages.brief.given import BriefInput

# What each kind of sentence must stand on. "note" and "limit" state nothing about the matter.
NEEDS_CITATION = frozenset({"observation", "reported-claim", "quote"})
NEEDS_COVERAGE = frozenset({"negative", "coverage"})
NEEDS_LEDGER = frozenset({"figure", "stated"})
NEEDS_SENTENCE = frozenset({"likelihood", "confidence"})
STANDS_ALONE = frozenset({"assumption", "limit", "note", "warning"})
KINDS = (
    frozenset({"judgement", "record"})
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
    its start; `ledger` the entries that a figure or a stated paper rests on.
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
    """Sentences that belong together under a heading; `cuts` says what a quote leaves out."""

    heading: str
    sentences: tuple[Sentence, ...]
    anchor: str = ""
    cuts: dict[str, tuple[int, int]] = field(default_factory=dict)


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


def _lack(sentence: Sentence) -> str:
    """What a sentence of its kind should stand on and does not; empty when it stands."""
    kind, uncovered = sentence.kind, sentence.coverage is None
    unmet = (
        (kind in NEEDS_CITATION and not sentence.citations, "no citation"),
        (kind in NEEDS_COVERAGE and uncovered, "no coverage"),
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
