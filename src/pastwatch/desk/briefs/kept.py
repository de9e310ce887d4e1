"""What the papers of a case keep of the versions of its brief, and of their copies."""

from __future__ import annotations

from pastwatch.desk.case import CaseWork
from pastwatch.errors import UsageError
from pastwatch.model.edition import BriefCopy, BriefVersion
from pastwatch.model.negative import Negative

VERSION, COPY = "edition", "copy"


def versions(case: CaseWork) -> list[BriefVersion]:
    """What the papers keep of each version, in order."""
    return [kept.value for kept in case.papers.entered(VERSION, BriefVersion)]


def copies(case: CaseWork) -> list[BriefCopy]:
    """Who has which copy, in order of their numbers."""
    return [kept.value for kept in case.papers.entered(COPY, BriefCopy)]


def gone(case: CaseWork) -> dict[str, str]:
    """The findings that no longer stand, by their names, and why."""
    struck = case.papers.entered("negative", Negative, struck=True)
    return {
        **{w.finding_id: w.reason for w in case.papers.withdrawals()},
        **{one.name: one.struck.reason for one in struck if one.struck},
    }


def version_named(case: CaseWork, word: str) -> BriefVersion:
    """The version that b2 or 2 names; UsageError when the papers keep none of that number."""
    known = {v.version: v for v in versions(case)}
    digits = word.removeprefix("b")
    if not digits.isdecimal() or int(digits) not in known:
        names = ", ".join(f"b{n}" for n in known) or "none yet"
        raise UsageError(f'no version "{word}" of this brief is kept', hint=f"kept: {names}")
    return known[int(digits)]
