"""Which reports copy or rewrite which: kind, direction with its ground, score and the shared passages."""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pastwatch.model.record import PART_TEXT, Citation, Record
from pastwatch.model.relation import Relation
from pastwatch.model.when import When
from pastwatch.stages.corroborate.copying_blocks import Pair, candidates
from pastwatch.stages.corroborate.copying_measure import Measured, measure
from pastwatch.stages.corroborate.copying_words import (
    Weights,
    Words,
    agencies,
    calls_itself_agency,
)
from pastwatch.stages.corroborate.outlets_bylines import issuer_in, outlet_of

MAKER = "copying/1"
COPIES, PARAPHRASES, SHARES = "copies", "paraphrases", "shares a text"
KINDS = (COPIES, PARAPHRASES, SHARES)

_COPIED_RATIO = 0.25
_COPIED_RUN = 20
_COPIED_WORDS = 15
_RETOLD_RATIO = 0.34
_RETOLD_SENTENCES = 3
_RETOLD_WITH_RUN = 0.24
_RUN = 9
_NEAR_RATIO = 0.15
_WITHIN, _WIDER = 0.85, 0.6
_CITED = 3
_HEAD_CHARS = 300
_DAY_US = 86_400_000_000


class Direction(enum.StrEnum):
    """On what it rests that one report comes from another."""

    CREDITED = "credited"
    TIME = "time"
    SUBSET = "subset"
    UNKNOWN = "unknown"
    HABIT = "habit"
    """What the one outlet is known to do with the other's reports, from those whose dates tell."""
    COMMON = "common"
    """Neither from the other: both from an agency they name, or from a third report."""


@dataclass(frozen=True)
class Article:
    """A report as it is compared."""

    report_id: bytes
    outlet: str
    text: str
    headline: str = ""
    published: When | None = None
    issuer: str = ""
    """Who a statement is by that stands in no outlet."""
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", Words(self.text))

    @property
    def by(self) -> str:
        """Whose report it is, as it is shown: the outlet, the issuer, else the first digits of its id."""
        return self.outlet or self.issuer or f"report {self.report_id.hex()[:8]}"


@dataclass(frozen=True, slots=True)
class Copy:
    """That one report takes from another; with direction UNKNOWN, `taker` and `giver` are as they came."""

    taker: Article
    giver: Article
    kind: str
    direction: Direction
    ground: str
    score: float
    share: float
    """Of the taker's own words, how many stand in the giver; of its weight, where rewritten."""
    passages: tuple[tuple[int, int, int, int], ...]
    """Bytes in the taker and in the giver, longest first."""
    share_back: float = 0.0
    """The same of the giver."""
    told: float = 0.0
    """Of the taker's weight, how much the giver tells in the same order, in whatever words."""
    told_back: float = 0.0
    agency: str = ""
    """What both have their text from, where the direction is COMMON."""

    @property
    def strength(self) -> float:
        """How near the two stand, as a share of both: what each tells of the other, on the average."""
        return (self.told + self.told_back) / 2

    @property
    def reason(self) -> str:
        """Kind, extent and ground in a sentence."""
        what = {
            COPIES: f"{self.share:.0%} of its own words stand there word for word",
            PARAPHRASES: f"{self.share:.0%} of what it says is told there in the same order",
        }[self.kind]
        return f"{what}; {self.ground}"


def article_of(record: Record) -> Article:
    """A record of a report as it is compared."""
    return Article(
        record.record_id,
        outlet_of(record),
        record.text,
        headline=record.subject,
        published=record.envelope.claimed,
        issuer=issuer_in(record.text),
    )


def find_copies(
    articles: Sequence[Article], *, pairs: Sequence[Pair] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Copy]:  # fmt: skip
    """Yield what is copied or rewritten, in the order of the articles; `pairs` narrows to some.

    Memory grows with the words of all articles; only pairs that share a rare run of words or
    several rare words are compared.
    """
    weights = Weights(a.words.stems for a in articles)
    wanted = candidates([a.words for a in articles], weights) if pairs is None else pairs
    for one, other in wanted:
        if cancelled():
            return
        found = compare(articles[one], articles[other], weights)
        if found is not None:
            yield found


def compare(a: Article, b: Article, weights: Weights) -> Copy | None:
    """What two reports take from each other; None when it is not enough to say so."""
    a, b = sorted((a, b), key=lambda one: one.report_id)  # ties fall the same way in any order
    if not _near(a.words, b.words, weights):
        return None
    measured = measure(a.words, b.words, weights)
    kind = _kind(measured)
    if kind is None:
        return None
    direction, forth, ground, agency = _direction(a, b, measured)
    taker, giver = (a, b) if forth else (b, a)
    spans = _spans(measured, kind)
    if not forth:
        spans = tuple((c, d, x, y) for x, y, c, d in spans)
    shares = (measured.same_a, measured.same_b)
    tolds = (measured.told_a, measured.told_b)
    return Copy(
        taker=taker,
        giver=giver,
        kind=kind,
        direction=direction,
        ground=ground,
        score=round(min(1.0, max(*shares, *tolds)), 3),
        share=min(1.0, (tolds if kind == PARAPHRASES else shares)[not forth]),
        share_back=min(1.0, (tolds if kind == PARAPHRASES else shares)[forth]),
        told=min(1.0, tolds[not forth]),
        told_back=min(1.0, tolds[forth]),
        passages=spans,
        agency=agency,
    )


def _near(a: Words, b: Words, weights: Weights) -> bool:
    """Whether two reports share enough words at all for either kind; cheap, and well below what either asks for."""
    shared = sum(map(weights, a.bag & b.bag))
    return shared >= _NEAR_RATIO * min(sum(map(weights, a.bag)), sum(map(weights, b.bag)))


def _kind(measured: Measured) -> str | None:
    same = max(measured.same_a, measured.same_b)
    enough = measured.own_words >= _COPIED_WORDS
    if enough and (same >= _COPIED_RATIO or measured.longest_own >= _COPIED_RUN):
        return COPIES
    told = max(measured.told_a, measured.told_b)
    several = len(measured.aligned) >= min(
        _RETOLD_SENTENCES, len(measured.a.sentences), len(measured.b.sentences)
    )
    with_run = told >= _RETOLD_WITH_RUN and measured.longest_own >= _RUN
    return PARAPHRASES if several and (told >= _RETOLD_RATIO or with_run) else None


def _spans(measured: Measured, kind: str) -> tuple[tuple[int, int, int, int], ...]:
    """The bytes of the longest shared passages, or of the sentences that answer each other."""
    a, b = measured.a, measured.b
    found = [
        (*a.bytes_between(p.a, p.a + p.length), *b.bytes_between(p.b, p.b + p.length))
        for p in measured.passages[:_CITED]
    ]
    if kind == PARAPHRASES:
        found += [
            (*a.bytes_between(*a.sentences[i]), *b.bytes_between(*b.sentences[j]))
            for i, j in measured.aligned[: _CITED - len(found)]
        ]
    return tuple(found)


def _direction(a: Article, b: Article, measured: Measured) -> tuple[Direction, bool, str, str]:
    """The ground, whether a takes from b, the ground in words, and the agency both name."""
    a_credits, b_credits = credits(a, b.outlet), credits(b, a.outlet)
    if a_credits != b_credits:
        forth = a_credits
        return Direction.CREDITED, forth, f"it credits {(b if forth else a).outlet}", ""
    shared = sorted(agencies_of(a) & agencies_of(b) - {a.outlet, b.outlet})
    if shared:
        return Direction.COMMON, True, f"both credit {shared[0]}", shared[0]
    later = _later(a.published, b.published)
    if later is not None:
        return Direction.TIME, later > 0, "it was published later", ""
    for forth, inner, outer in (
        (True, measured.same_a, measured.same_b),
        (False, measured.same_b, measured.same_a),
    ):
        if inner >= _WITHIN and outer <= _WIDER:
            return Direction.SUBSET, forth, "nearly all of it stands there, and more besides", ""
    return Direction.UNKNOWN, True, "which of the two came first is not told", ""


def _later(a: When | None, b: When | None) -> int | None:
    """1 when a came out after b, −1 when before; None when that is not told surely enough.

    A time runs from the publication to the last update: where both may be the same day, it is open.
    """
    if a is None or b is None:
        return None
    if a.earliest_us > b.latest_us or b.earliest_us > a.latest_us:
        return 1 if a.earliest_us > b.latest_us else -1
    if a.earliest_us // _DAY_US == b.earliest_us // _DAY_US:
        return None
    return 1 if a.earliest_us > b.earliest_us else -1


def credits(article: Article, outlet: str) -> bool:  # noqa: A001 - it credits
    """Whether a report names an outlet as where it has something from."""
    name = re.sub(r"^the\s+", "", outlet.strip(), flags=re.IGNORECASE)
    if len(name) < 2 or article.outlet == outlet:  # noqa: PLR2004 - a letter is no name
        return False
    pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return pattern.search(article.text) is not None or pattern.search(article.headline) is not None


def agencies_of(article: Article) -> frozenset[str]:
    """The news agencies a report credits at its head or foot, in brackets or after a dash."""
    if calls_itself_agency(article.outlet):
        return frozenset()
    head, foot = article.text[:_HEAD_CHARS], article.text[-_HEAD_CHARS:]
    found = {m[0] for m in agencies().finditer(head)} | {m[0] for m in agencies().finditer(foot)}
    return frozenset(found)


def relation_of(copy: Copy) -> Relation:
    """The relation from taker to giver, citing the longest shared passages in both."""
    citations = []
    for a, b, c, d in copy.passages:
        citations += [cite(copy.taker, a, b), cite(copy.giver, c, d)]
    return Relation(
        relation_id="",
        kind=SHARES if copy.direction is Direction.COMMON else copy.kind,
        from_id=copy.taker.report_id.hex(),
        to_id=copy.giver.report_id.hex(),
        maker=f"{MAKER} {copy.direction}",
        reason=copy.reason,
        citations=tuple(citations),
        score=round(copy.share, 3),
    )


def cite(article: Article, start: int, end: int) -> Citation:
    """A citation of bytes of a report's text."""
    raw = article.text.encode()
    return Citation(
        record_id=article.report_id,
        part=PART_TEXT,
        start_byte=start,
        end_byte=end,
        text_sha256=hashlib.sha256(raw[start:end]).digest(),
    )
