"""What two claims are to each other by their words: against, denied, a caveat, the same finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from pastwatch.model.claim import Stance
from pastwatch.stages.corroborate.copying_words import Weights
from pastwatch.stages.corroborate.lineage import SAME_RATIO, Said, far_apart, fits, overlap
from pastwatch.stages.corroborate.lineage_text import Told, pattern_of, phrases, sides

_ANSWERS = frozenset({"answer_for", "help"})
_BLUNT_RATIO = 0.45
_OPPOSED_RATIO = 0.3
_ANSWERED_RATIO = 0.6
_NEAR_BYTES = 500
_OBJECT = 2
_ANY = frozenset({"allega", "accusa", "claim", "charge", "kind"})
_NEIGHBOURS = 3
_LEAD_BYTES = 40


@dataclass(frozen=True, slots=True)
class Bearing:
    """One claim bears on another."""

    kind: str
    one: Said
    other: Said
    reason: str
    score: float | None = None


def bearings(a: Said, b: Said, weights: Weights) -> Iterator[Bearing]:
    """Yield what two claims that share words are to each other; at most one of each kind."""
    if far_apart(a.article, b.article):
        return
    alike = overlap(a.told.concepts, b.told.concepts, weights)
    denials = [x for x in (a, b) if x.claim.stance is Stance.DENIES]
    if denials:
        yield from _denials(a, b, alike)
        return
    against = _opposed(a, b, alike) or _answered(a, b, alike) or _figures_apart(a, b, alike)
    if against:
        yield Bearing("contradicts", a, b, against, round(min(1.0, alike), 3))
    for one, other in ((a, b), (b, a)):
        doubted = _nothing_against_doubt(one, other)
        if doubted:
            yield Bearing("stands against", one, other, doubted)
        told = _caveat(one, other)
        if told:
            yield Bearing("caveat", one, other, told)
    if (
        a.told.is_finding_of_nothing and b.told.is_finding_of_nothing
        and a.claim.report_id != b.claim.report_id and _same_place(a, b) and alike >= _BLUNT_RATIO
    ):  # fmt: skip
        yield Bearing("supports", a, b, "both looked for the same and found nothing")


def far_pairs(said: Sequence[Said]) -> Iterator[tuple[Said, Said]]:
    """Pairs that may bear on each other with hardly a word in common.

    Denials and findings of nothing beside every claim of a part in something; neighbours in a report.
    """
    blaming = [s for s in said if s.told.concepts & _ANSWERS]
    for one in blaming:
        if one.claim.stance is Stance.DENIES or one.told.is_finding_of_nothing:
            for other in blaming:
                if one is not other:
                    yield one, other
    in_order = sorted(said, key=lambda s: s.place)
    for at, one in enumerate(in_order):
        for other in in_order[at + 1 : at + 1 + _NEIGHBOURS]:
            if other.claim.report_id == one.claim.report_id:
                yield one, other


def _denials(a: Said, b: Said, alike: float) -> Iterator[Bearing]:
    """A denial beside what it denies: the same statement, or the denier's part in a deed."""
    for denial, other in ((a, b), (b, a)):
        if denial.claim.stance is not Stance.DENIES or other.claim.stance is Stance.DENIES:
            continue
        by = ", ".join(s.text for s in denial.speakers) or "it"
        own_part = denial.told.concepts & _ANSWERS and not denial.told.countries
        if (
            not own_part
            and not denial.told.is_negative
            and not other.is_negative
            and alike >= SAME_RATIO
        ):
            yield Bearing("denies", denial, other, f"{by}: the same statement, denied", round(min(1.0, alike), 3))  # fmt: skip
            continue
        places = frozenset().union(*(s.countries for s in denial.speakers))
        named = places | {s.key.split()[-1] for s in denial.speakers if s.key}
        blamed = other.told.countries | other.told.concepts
        if not denial.told.concepts & _ANSWERS or not other.told.concepts & _ANSWERS or not named & blamed:  # fmt: skip
            continue
        if not _same_deed(denial, other, named):
            continue
        if other.told.is_finding_of_nothing:
            yield Bearing(
                "supports", denial, other, f"{by} denies what was looked for and not found"
            )
        elif not other.is_negative:
            yield Bearing("denies", denial, other, f"{by} denies a part in it; the other claim names {by} or its government")  # fmt: skip


def _same_deed(denial: Said, other: Said, named: frozenset[str]) -> bool:
    """Whether the deed denied stands in the other claim's sentence too, where the denial tells one."""
    told = denial.told.concepts - _ANSWERS - named
    deed = {c for c in told if not c.startswith("@") and c not in _ANY}
    return not deed or bool(deed & other.around.concepts)


def _opposed(a: Said, b: Said, alike: float) -> str:
    """The reason when one says of a thing what cannot hold beside what the other says of it."""
    for name in sides("answers"):
        one, other = _side(a.told, name), _side(b.told, name)
        if one is None or other is None or one[0] == other[0]:
            continue
        pair = _pair_concepts(name)
        shared = (a.told.concepts & b.told.concepts) - pair
        things = {c for c in shared if not c.startswith("@")}
        if alike >= _OPPOSED_RATIO and len(shared) >= _OBJECT and things:
            first, second = (one, other) if one[0] == 0 else (other, one)
            return f'"{first[1]}" and "{second[1]}" of the same ({a.told.surface(shared)})'
    return ""


def _side(told: Told, name: str) -> tuple[int, str] | None:
    """Which of two answers a statement gives, and the word; None for neither or both."""
    found = [
        (1 - side if _denied_before(told.text[: m.start()]) else side, m[0])
        for side, words in enumerate(sides("answers")[name])
        for m in pattern_of(words).finditer(told.text)
    ]
    return found[0] if len({side for side, _ in found}) == 1 else None


def _denied_before(text: str) -> bool:
    """Whether one of the last words is a negation."""
    last = re.search(r"(?:[\w'’]+\W+){1,3}$", text)
    return last is not None and phrases("negation", "words").search(last[0]) is not None


def _sided(said: Said, name: str) -> int | None:
    found = _side(said.told, name)
    return found[0] if found else None


@cache
def _pair_concepts(name: str) -> frozenset[str]:
    return frozenset[str]().union(
        *(Told(w).concepts for side in sides("answers")[name] for w in side)
    )


def _answered(a: Said, b: Said, alike: float) -> str:
    """The reason when the same is said with yes and with no."""
    if a.is_negative == b.is_negative or alike < _ANSWERED_RATIO:
        return ""
    if any(_side(a.told, n) and _sided(a, n) == _sided(b, n) for n in sides("answers")):
        return ""  # "not switched off" and "working" agree
    negative, positive = (a, b) if a.is_negative else (b, a)
    if positive.told.is_doubtful or negative.told.is_finding_of_nothing:
        return ""
    return f"{negative.name} says no to what {positive.name} says"


def _figures_apart(a: Said, b: Said, alike: float) -> str:
    if (
        alike < SAME_RATIO
        or a.is_negative != b.is_negative
        or fits(a.claim.figures, b.claim.figures)
    ):
        return ""
    if a.article is not b.article:
        return ""  # figures of two reports are compared over the whole reports
    return "their figures of the same thing cannot both hold"


def _nothing_against_doubt(nothing: Said, doubt: Said) -> str:
    """The reason when nothing was found of a part that somebody else suspects."""
    if not nothing.told.is_finding_of_nothing or doubt.is_negative:
        return ""
    if not nothing.told.concepts & _ANSWERS or not doubt.told.concepts & _ANSWERS:
        return ""
    hedged = doubt.claim.stance is Stance.HEDGES or doubt.told.is_doubtful
    places = doubt.told.countries
    if not hedged or (places and not places & nothing.told.countries) or _names_others(doubt):
        return ""
    return "one found nothing, the other suspects: neither proves the other wrong"


def _names_others(said: Said) -> bool:
    """Whether a statement names somebody in particular."""
    return any(n not in {"", "help"} for n in said.told.words.names)


def _caveat(caveat: Said, of: Said) -> str:
    """The reason when a doubtful claim soon after a finding of nothing says why that may be."""
    if not of.told.is_finding_of_nothing or caveat.claim.report_id != of.claim.report_id:
        return ""
    if caveat.told.is_finding_of_nothing or not _same_place(caveat, of):
        return ""
    cited, before = caveat.claim.citation, of.claim.citation
    raw = caveat.article.text.encode()
    lead = raw[max(before.end_byte, cited.start_byte - _LEAD_BYTES) : cited.start_byte]
    own = lead.rpartition(b". ")[2] + raw[cited.start_byte : cited.end_byte]
    explains = phrases("doubt", "because").search(own.decode(errors="replace")) is not None
    hedged = caveat.claim.stance is Stance.HEDGES or caveat.told.is_doubtful
    if not 0 <= cited.start_byte - before.end_byte <= _NEAR_BYTES or not explains or not hedged:
        return ""
    return "said with doubt, just after: why nothing may have been found"


def _same_place(a: Said, b: Said) -> bool:
    return bool(a.told.countries & b.told.countries)
