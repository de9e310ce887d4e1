"""What else stands on a timeline: times that reports tell, exhibits, and tracks with their gaps."""

from __future__ import annotations

from collections.abc import Iterator

from pastwatch.desk.case import CaseWork
from pastwatch.desk.claiming import claims_of
from pastwatch.desk.exhibiting import marks_for_timeline
from pastwatch.model.claim import Claim
from pastwatch.model.timeline import Mark, MarkSort

_WORDS = 80
_LANE = "reports"


def marks_of_case(case: CaseWork) -> list[Mark]:
    """A mark for each time that a claim tells, each exhibit, and each track; none opens a record.

    A time that nothing resolves stands without a date. Times told that lie beyond the opened span
    are one mark together, which counts them: a year named in passing would stretch the picture.
    """
    told = [mark for one in claims_of(case) for mark in _told(one.name, one.value)]
    opened = case.authority.scope.span
    found = [m for m in told if m.earliest_us is None or opened.overlaps(*_ends(m))]
    if beyond := len(told) - len(found):
        found.append(
            Mark(
                sort=MarkSort.CLAIM,
                lane=_LANE,
                title=f"{beyond} {'time' if beyond == 1 else 'times'} told {'lies' if beyond == 1 else 'lie'} "
                "beyond the opened span: see 'pastwatch reports claims'",
                earliest_us=None,
                latest_us=None,
            )
        )
    for line in marks_for_timeline(case):
        latest_us = line.latest_us if line.latest_us is not None else line.earliest_us
        found.append(
            Mark(
                sort=MarkSort.EXHIBIT if line.sort == "exhibit" else MarkSort.TRACK,
                lane=line.lane,
                title=line.title,
                earliest_us=line.earliest_us,
                latest_us=latest_us,
                name=line.cites[0] if line.cites else "",
                lasts=line.sort != "exhibit" and latest_us != line.earliest_us,
                rests_on=f"cites {', '.join(line.cites[:2])}" if line.cites else "",
            )
        )
    return found


def _told(name: str, claim: Claim) -> Iterator[Mark]:
    said = " ".join(claim.statement.split())
    for time in claim.times:
        yield Mark(
            sort=MarkSort.CLAIM,
            lane=_LANE,
            title=f"{claim.who_says or 'the report'}: {said[:_WORDS]} ({time.text})",
            earliest_us=time.earliest_us,
            latest_us=time.latest_us,
            name=name,
            rests_on="cites 1",
            cites=(claim.citation,),
        )


def _ends(mark: Mark) -> tuple[int, int]:
    earliest_us = mark.earliest_us or 0
    return earliest_us, mark.latest_us if mark.latest_us is not None else earliest_us
