"""One saying in a sentence as the rules find it, before sayings that stand in one another are settled."""

from __future__ import annotations

from dataclasses import dataclass

from pastwatch.stages.corroborate.claims_tokens import ABSENT, Sentence
from pastwatch.stages.corroborate.speakers import Who

Span = tuple[int, int]


@dataclass(slots=True)
class Frame:
    """Who says what, in characters of the sentence; nobody in `who` is hearsay, or the report itself."""

    who: tuple[Who, ...]
    start: int
    end: int
    cue: Span
    own: Span
    """From the speaker to the words of saying: what a statement that holds this is wrapped around."""
    to: Span | None = None
    denies: bool = False
    hedges: bool = False
    attributes: bool = False
    wraps: bool = False
    """Whether the speaker stands after the statement or at its front, and takes in all of it."""
    quoted: bool = False
    fixed: bool = False
    """Whether the statement ends where the rule said, whatever follows."""
    weak: bool = False
    """Whether it is no speech but knowledge or a sign, which in another's saying stands as said."""
    silent: bool = False
    """A saying that says nothing: only kept so that what it governs is no claim either."""


def place_of_clause(s: Sentence, at: int) -> int:
    """The first word of the clause that a word stands in: after `;`, a dash or a quotation's end."""
    place = at
    while place > 0:
        word = s.words[place - 1]
        if s.inside[place - 1] == ABSENT and word in {";", "—", "–"}:
            break
        place -= 1
    return place


def end_of_clause(s: Sentence, at: int) -> int:
    """The place after the last word of a clause: before `;` or a dash, else the sentence's end."""
    for place in range(at, len(s.words)):
        if s.inside[place] == ABSENT and s.words[place] in {";", "—", "–"}:
            return place
    return len(s.words)
