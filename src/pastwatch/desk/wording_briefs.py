"""Check the words of a whole brief, about to be released or released already, on its own scale."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pastwatch.errors import UsageError
from pastwatch.model.assessment import FindingKind
from pastwatch.model.wording import WordingChoice
from pastwatch.stages.assess.wording import lint_text
from pastwatch.stages.assess.wording_stated import UNCHOSEN, choice_of
from pastwatch.stages.brief.lint import (
    BriefRemark,
    Check,
    Level,
    Told,
    lint_brief,
    lint_sentences,
    passes,
    stated_in,
)
from pastwatch.stages.brief.sentences import Outline

__all__ = ["BriefRemark", "Level", "passes", "remarks_on", "remarks_on_folder"]

SIDECAR = "brief.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A sentence as a released brief holds it."""

    id: str
    kind: str
    text: str
    about: str = ""


def remarks_on(outline: Outline) -> tuple[BriefRemark, ...]:
    """Remarks on the words of a brief before it is released; none means that it passes.

    What is flagged is told, and nothing is refused: see `passes` for whether anything counts.
    """
    return lint_brief(outline, check=_check(tuple(outline.sentences())))


def remarks_on_folder(folder: Path) -> tuple[BriefRemark, ...]:
    """Remarks on a brief that was released into a folder; UsageError where there is none to read."""
    sentences = _printed(folder)
    return lint_sentences(sentences, check=_check(sentences))


def _check(sentences: Sequence[Told]) -> Check:
    """The check on the scale, and the row of it, that the brief states first."""
    said = stated_in(sentences)
    choice: WordingChoice = UNCHOSEN
    if said:
        standard = next((one.standard for one in said if one.standard), "")
        scaled = next((one for one in said if one.scale), said[0])
        choice = choice_of(scaled.scale, term=scaled.term, standard=standard)

    def check(text: Sequence[tuple[str, FindingKind]]) -> list[tuple[int, str, str]]:
        found = lint_text(text, choice=choice, row=choice.row if said else None)
        return [(at, remark.words, remark.advice) for at, remark in found]

    return check


def _printed(folder: Path) -> tuple[Printed, ...]:
    try:
        plain: Any = json.loads((folder / SIDECAR).read_text(encoding="utf-8"))
        return tuple(
            Printed(
                id=str(one["id"]),
                kind=str(one["kind"]),
                text=str(one["text"]),
                about=str(one.get("about", "")),
            )
            for one in plain["sentences"]
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(f'"{folder.name}" holds no brief that can be read') from None
