"""The chapters of a case as words, and a town case whose brief has all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pastwatch.config import Settings
from pastwatch.desk.briefs.chapters import chapters_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.demo import DemoResult, run_demo
from pastwatch.stages.brief.given import Chapter, Line


def chapter(case: CaseWork, key: str) -> Chapter:
    """The chapter of that key."""
    return next(one for one in chapters_of(case) if one.key == key)


def lines(one: Chapter) -> Iterator[Line]:
    """Every line of a chapter, rows of tables among them."""
    for stretch in one.stretches:
        yield from stretch.lines


def words(one: Chapter) -> str:
    """All that a chapter says: headings, lines, captions and pictures."""
    said = [one.title, *(line.text for line in lines(one))]
    for stretch in one.stretches:
        said += [stretch.heading, *stretch.columns]
        if stretch.picture is not None:
            said += [stretch.picture.caption, stretch.picture.svg]
    return "\n".join(said)


def town_brief(folder: Path, *, null: bool = False) -> DemoResult:
    """The demo's brief over a small town."""
    settings = Settings(isolate=False)
    return run_demo(
        keep=folder, seed=1, records=1000, null=null, say=lambda _: None, settings=settings
    )
