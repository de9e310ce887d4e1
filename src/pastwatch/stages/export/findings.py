"""What findings rest on, and how sources and items are graded, in words."""

from __future__ import annotations

from dataclasses import fields

from pastwatch.model.assessment import Coverage, Finding, said_of_likelihood
from pastwatch.model.grading import ItemGrade, SourceGrade
from pastwatch.model.record import PART_SUBJECT, PART_TEXT, Citation
from pastwatch.stages.export.taken import Taken, TakenRecord


def grounds(finding: Finding) -> list[str]:
    """Likelihood and confidence, each in a sentence of its own; reasons, coverage, who made it."""
    said = []
    if finding.likelihood is not None:
        said.append(said_of_likelihood(finding.likelihood))
    if finding.confidence is not None:
        said.append(f"Confidence: {finding.confidence}.")
    if finding.reasons:
        said.append(f"Reasons: {finding.reasons}")
    if finding.coverage is not None:
        said.append(f"Coverage: {coverage_words(finding.coverage)}")
    if finding.made_by:
        said.append(f"Made by {finding.made_by}")
    return said


def place(citation: Citation) -> str:
    """Where in a record a citation lies: its part, the bytes in the part's UTF-8 text, their hash."""
    named = {PART_SUBJECT: "subject", PART_TEXT: "text"}
    part = named.get(citation.part, f"attachment {citation.part}")
    span = f"bytes {citation.start_byte} to {citation.end_byte}"
    return f"{part}, {span}, sha256 {citation.text_sha256.hex()}"


def coverage_words(coverage: Coverage) -> str:
    """What a search stood on: every measure that is not nought, in the order of the steps."""
    steps = [
        f"{name} {n:g}" if isinstance(n, float) else f"{name} {n}" for name, n in measures(coverage)
    ]
    if coverage.recall_interval is not None:
        low, high = coverage.recall_interval
        steps.append(f"recall {low:g} to {high:g}")
    gaps = [f"gaps {len(coverage.gaps)}"] if coverage.gaps else []
    return "; ".join([*steps, *gaps, *(f"query {query}" for query in coverage.queries)])


def measures(coverage: Coverage) -> list[tuple[str, int | float]]:
    """The measures of a coverage that are not nought, by name, in the order of the steps."""
    found = ((one.name, getattr(coverage, one.name)) for one in fields(coverage))
    return [(name.replace("_", " "), n) for name, n in found if isinstance(n, (int, float)) and n]


class Graded:
    """The grades of an export by what they are of: sources by name, records and findings by id."""

    def __init__(self, taken: Taken) -> None:
        self.sources: dict[str, list[SourceGrade]] = {}
        self.items: dict[str, list[ItemGrade]] = {}
        for grade in taken.source_grades:
            self.sources.setdefault(grade.source, []).append(grade)
        for item in taken.item_grades:
            self.items.setdefault(item.about, []).append(item)

    def words(self, one: TakenRecord) -> list[str]:
        """The grades of a record and of its source, one apart from the other."""
        of_source = [source_words(grade) for grade in self.sources.get(one.source, [])]
        items = self.items.get(one.record.record_id.hex(), [])
        return [*of_source, *(item_words(item) for item in items)]


def source_words(grade: SourceGrade) -> str:
    """A grade of a source: its letter, and why."""
    return f"source graded {grade.reliability}: {grade.reason}"


def item_words(grade: ItemGrade) -> str:
    """A grade of an item: its digit, on which of the two questions, and why."""
    return f"graded {int(grade.credibility)} on whether it was {grade.question}: {grade.reason}"
