"""What we hold to be so, how sure we are, and over what coverage we looked."""

from __future__ import annotations

import enum
import itertools
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.record import Citation
from pastwatch.model.source import Gap


class Likelihood(enum.StrEnum):
    """How likely something is: ICD 203 (2015) §D.6.e.2.a, first row of terms."""

    ALMOST_NO_CHANCE = "almost no chance"
    VERY_UNLIKELY = "very unlikely"
    UNLIKELY = "unlikely"
    ROUGHLY_EVEN_CHANCE = "roughly even chance"
    LIKELY = "likely"
    VERY_LIKELY = "very likely"
    ALMOST_CERTAIN = "almost certain"
    INSUFFICIENT = "insufficient to judge"


LIKELIHOOD_BANDS_PERCENT: dict[Likelihood, tuple[int, int]] = {
    Likelihood.ALMOST_NO_CHANCE: (1, 5),
    Likelihood.VERY_UNLIKELY: (5, 20),
    Likelihood.UNLIKELY: (20, 45),
    Likelihood.ROUGHLY_EVEN_CHANCE: (45, 55),
    Likelihood.LIKELY: (55, 80),
    Likelihood.VERY_LIKELY: (80, 95),
    Likelihood.ALMOST_CERTAIN: (95, 99),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """How far a judgement goes, in a term of a scale with its band, or by the standard it meets.

    A standard of proof names no scale, and has no number. The first row of ICD 203 has its own type,
    `Likelihood`.
    """

    term: str
    scale: str = ""
    low_percent: float | None = None
    high_percent: float | None = None
    high_open: bool = False

    def __post_init__(self) -> None:
        if not self.term.strip():
            raise BadValue("a judgement is worded in a term")
        low, high = self.low_percent, self.high_percent
        if (low is None) != (high is None) or bool(self.scale) != (low is not None):
            raise BadValue("a term of a scale has its band, and a standard of proof has no number")
        if low is not None and high is not None and not 0 <= low <= high <= 100:  # noqa: PLR2004 - per cent
            raise BadValue("a band lies between 0 and 100, the lower end first")

    def __str__(self) -> str:
        return self.term

    @property
    def is_standard(self) -> bool:
        """Whether it is a standard of proof that is met, and no likelihood."""
        return not self.scale


def said_of_likelihood(likelihood: Likelihood | Worded) -> str:
    """The sentence that says how far a judgement goes: a likelihood with its band, or a standard."""
    if likelihood is Likelihood.INSUFFICIENT:
        return "The records held are insufficient to judge this."
    if isinstance(likelihood, Likelihood):
        low, high = LIKELIHOOD_BANDS_PERCENT[likelihood]
        return f"Likelihood: {likelihood} ({low}–{high} %, ICD 203)."
    if likelihood.is_standard:
        return f"Standard of proof met: {likelihood.term}."
    band = f"{likelihood.low_percent:g}–{'<' if likelihood.high_open else ''}{likelihood.high_percent:g}"
    return f"Likelihood: {likelihood.term} ({band} %, {likelihood.scale})."


class Confidence(enum.StrEnum):
    """How sound the basis of a judgement is; said in a sentence of its own."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a search stood on, each step a subset of the one before; records unless said."""

    held: int
    in_scope: int
    readable: int
    scanned: int
    matched: int
    shown: int
    reviewed: int = 0
    sampled: int = 0
    undated: int = 0
    doubtful: int = 0
    protected: int = 0
    exposed: int = 0
    counted: int = 0
    unreadable: int = 0
    unknown_place: int = 0
    held_bytes: int = 0
    in_scope_bytes: int = 0
    audio_minutes_held: float = 0.0
    audio_minutes_machine: float = 0.0
    audio_minutes_human: float = 0.0
    recall_interval: tuple[float, float] | None = None
    gaps: tuple[Gap, ...] = ()
    queries: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        chain = (self.held, self.in_scope, self.readable, self.scanned, self.matched)
        if any(n < 0 for n in chain) or any(a < b for a, b in itertools.pairwise(chain)):
            raise BadValue("coverage must hold: held ≥ in scope ≥ readable ≥ scanned ≥ matched ≥ 0")
        self._check_counts()
        if not self.in_scope >= self.shown >= 0 or not self.in_scope >= self.reviewed >= 0:
            raise BadValue("coverage must hold: in scope ≥ shown and in scope ≥ reviewed")
        if self.in_scope - self.readable != self.unreadable:
            raise BadValue("coverage must hold: in scope = readable + unreadable")

    def _check_counts(self) -> None:
        counts = (
            *(self.sampled, self.undated, self.doubtful, self.protected, self.exposed),
            *(self.counted, self.unknown_place, self.held_bytes, self.in_scope_bytes),
            *(self.audio_minutes_held, self.audio_minutes_machine, self.audio_minutes_human),
        )
        if not all(0 <= n < float("inf") for n in counts):
            raise BadValue("coverage counts from zero")
        if self.recall_interval is not None:
            low, high = self.recall_interval
            if not 0 <= low <= high <= 1:
                raise BadValue("a recall interval lies between 0 and 1, the lower end first")


class FindingKind(enum.StrEnum):
    """What sort of sentence a finding is."""

    OBSERVATION = "observation"
    REPORTED_CLAIM = "reported-claim"
    ASSUMPTION = "assumption"
    JUDGEMENT = "judgement"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A sentence of the brief, with what it rests on.

    Observations, claims and judgements cite records; a negative finding carries its coverage; an
    assumption says it is one. Likelihood and confidence belong to judgements alone.
    """

    finding_id: str
    kind: FindingKind
    statement: str
    citations: tuple[Citation, ...] = ()
    coverage: Coverage | None = None
    likelihood: Likelihood | Worded | None = None
    confidence: Confidence | None = None
    reasons: str = ""
    made_by: str = ""
    made_us: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.kind, FindingKind):
            raise BadValue("a finding says what kind it is")
        if not self.statement.strip():
            raise BadValue("a finding says something")
        if not self.citations and self.coverage is None and self.kind is not FindingKind.ASSUMPTION:
            raise BadValue(
                "a finding without citations needs its coverage",
                hint="cite hits with --cites h1,h2, or say --kind negative",
            )
        if self.kind is FindingKind.NEGATIVE and self.coverage is None:
            raise BadValue("a finding of nothing needs its coverage")
        if self.kind is FindingKind.JUDGEMENT:
            self._check_judgement()
        elif self.likelihood is not None or self.confidence is not None:
            raise BadValue("likelihood and confidence belong to judgements alone")

    def _check_judgement(self) -> None:
        if self.likelihood is None:
            raise BadValue("a judgement states a likelihood", hint="--likelihood likely")
        if self.likelihood is not Likelihood.INSUFFICIENT and self.confidence is None:
            raise BadValue("a judgement states its confidence", hint="--confidence low")
        if self.confidence is not None and not self.reasons.strip():
            raise BadValue("confidence is given with its reasons", hint='--reasons "…"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """That a finding no longer stands, who says so, and why; the finding itself stays on file."""

    finding_id: str
    by: str
    reason: str
    at_us: int

    def __post_init__(self) -> None:
        if not self.by or not self.reason.strip():
            raise BadValue("a withdrawal names who withdraws, and why")
