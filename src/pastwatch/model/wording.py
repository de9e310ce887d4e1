"""Which scale of likelihood, and which standard of proof, a case chose for its words."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.errors import BadValue


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingChoice:
    """The scale that a case's judgements are worded on, and the standard of proof it writes to.

    Chosen before the findings are written, for a reason. A standard has no number, and takes the
    place of the scale; `row` is the row of terms that is kept to, the first being 1.
    """

    scale: str
    standard: str
    reason: str
    row: int = 1

    def __post_init__(self) -> None:
        if self.row < 1:
            raise BadValue("rows of terms are counted from 1")
        if not self.scale or not self.reason.strip():
            raise BadValue("a choice of wording names a scale, and gives its reason")
