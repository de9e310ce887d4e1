"""The brief as ordered sections of sentences, none of which stands on nothing."""

from __future__ import annotations

from pastwatch.stages.brief.given import BriefInput
from pastwatch.stages.brief.sections import IN_ORDER
from pastwatch.stages.brief.sentences import CoverageLines, Draft, Outline


def build(given: BriefInput, *, coverage_lines: CoverageLines) -> Outline:
    """The outline of a brief; BadValue when a sentence stands on nothing or misquotes its record.

    `coverage_lines` puts a coverage into plain sentences (`assess.coverage.lines`).
    """
    draft = Draft(given, coverage_lines)
    made = [write(draft) for write in IN_ORDER]
    return Outline(given=given, sections=tuple(s for s in made if s.groups))
