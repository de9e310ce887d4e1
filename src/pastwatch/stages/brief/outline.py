"""The brief as ordered sections of sentences, none of which stands on nothing."""

from __future__ import annotations

from pastwatch.errors import BadValue
from pastwatch.stages.brief.given import BriefInput
from pastwatch.stages.brief.sections import IN_ORDER
from pastwatch.stages.brief.sentences import CoverageLines, Draft, Outline, Section


def build(given: BriefInput, *, coverage_lines: CoverageLines) -> Outline:
    """The outline of a brief; BadValue when a sentence stands on nothing or misquotes its record.

    `coverage_lines` puts a coverage into plain sentences (`assess.coverage.lines`).
    """
    draft = Draft(given, coverage_lines)
    made: list[Section] = []
    for key, write in IN_ORDER.items():
        made.append(write(draft))
        made += [draft.chapter(c) for c in given.chapters if c.after == key]
    astray = {c.after for c in given.chapters} - set(IN_ORDER)
    if astray:
        raise BadValue(f"a chapter stands after no section called {', '.join(sorted(astray))}")
    return Outline(given=given, sections=tuple(s for s in made if s.groups))
