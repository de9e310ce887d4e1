"""How reliable a source has been and how credible an item is: two grades, never averaged."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.claim import Reliability

_INDEPENDENT = 2


class Credibility(enum.IntEnum):
    """How credible an item is (Admiralty code, digits); 6 is no worse than 5, it is no judgement."""

    CONFIRMED = 1
    """By independent roots alone."""
    PROBABLY_TRUE = 2
    POSSIBLY_TRUE = 3
    DOUBTFUL = 4
    IMPROBABLE = 5
    NOT_JUDGED = 6


class Doubt(enum.StrEnum):
    """What can be wrong with a sealed communication, and which of the two questions it bears on."""

    AUTHENTICITY = "authenticity"
    """Whether it is what it looks like: signatures, forgery, the other end's copy."""
    HANDOVER = "handover"
    """Whether it reached us as it was: who held it, and what is missing."""
    BOAST = "boast"
    RUMOUR = "rumour"
    DECEPTION = "deception"


class GradedQuestion(enum.StrEnum):
    """Which of two questions a grade of an item answers."""

    SAID = "said"
    """Was it said on this line?"""
    TRUE = "true"
    """Is what was said so?"""

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What has to be weighed before this question is answered of a communication."""
        if self is GradedQuestion.SAID:
            return (Doubt.AUTHENTICITY, Doubt.HANDOVER)
        return (Doubt.BOAST, Doubt.RUMOUR, Doubt.DECEPTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One doubt, and what was found when it was weighed."""

    doubt: Doubt
    found: str

    def __post_init__(self) -> None:
        if not self.found.strip():
            raise BadValue("a doubt that was weighed says what was found")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGrade:
    """How reliable a source has been, in the eyes of who graded it, and why."""

    source: str
    reliability: Reliability
    reason: str

    def __post_init__(self) -> None:
        if not self.source.strip() or not self.reason.strip():
            raise BadValue("a grade names its source, and gives its reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemGrade:
    """How credible an item is on one of the two questions, with the roots it goes back to.

    A sealed communication is graded on both, each after its own doubts were weighed.
    """

    about: str
    question: GradedQuestion
    credibility: Credibility
    reason: str
    sealed: bool = False
    weighed: tuple[Weighed, ...] = ()
    roots: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.about or not self.reason.strip():
            raise BadValue("a grade names its item, and gives its reason")
        if not isinstance(self.credibility, Credibility):
            raise BadValue("credibility is 1 to 6", hint="6: cannot be judged")
        confirmed = self.credibility is Credibility.CONFIRMED
        if confirmed and len(set(self.roots)) < _INDEPENDENT:
            raise BadValue(
                "credibility 1 needs two independent roots or more",
                hint="--roots c3,x1, or grade it 2",
            )
        self._check_doubts()

    def _check_doubts(self) -> None:
        weighed = [one.doubt for one in self.weighed]
        if len(set(weighed)) != len(weighed) or set(weighed) - set(self.question.doubts):
            raise BadValue("a doubt is weighed once, under the question that it bears on")
        judged = self.credibility is not Credibility.NOT_JUDGED
        if self.sealed and judged and set(weighed) != set(self.question.doubts):
            raise BadValue(
                "a sealed communication is graded after its doubts were weighed",
                hint="said: authenticity, handover; true: boast, rumour, deception",
            )
