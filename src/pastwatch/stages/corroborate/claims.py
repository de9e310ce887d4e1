"""Claims of a report: its sentences read in order, and who says what in each, how strongly."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pastwatch.model.claim import Claim, Stance, TimeSaid
from pastwatch.model.record import PART_TEXT, Citation
from pastwatch.stages.corroborate.claims_inside import figures_in, times_in
from pastwatch.stages.corroborate.claims_other import LANGUAGES, other_sayings_of
from pastwatch.stages.corroborate.claims_sayings import Saying, english_sayings
from pastwatch.stages.corroborate.claims_settle import is_hedged
from pastwatch.stages.corroborate.claims_tokens import PRONOUNS
from pastwatch.stages.corroborate.sentences import Places, Sort, Stretch, stretches_of
from pastwatch.stages.corroborate.speakers import Spoken, is_unnamed
from pastwatch.stages.corroborate.timessaid import Published

MAKER = "claims-rules"
VERSION = "1"
UNCHECKED = "und"

Span = tuple[int, int]
_CUE_LETTERS = 80
_HEADLINE_LETTERS = 8
"""What is shorter is a word that begins both, and no headline."""


class Reading(NamedTuple):
    """What was read in a text: its claims in order, and what its stretches are."""

    claims: tuple[Claim, ...]
    stretches: tuple[Stretch, ...]
    language: str


@dataclass(slots=True)
class _Report:
    text: str
    report_id: bytes
    published: Published | None
    language: str
    places: Places
    offset_s: int = 0
    spoken: Spoken = field(default_factory=Spoken)
    last_quoted: str = ""
    headline: str = ""


Sayings = Callable[[str], list[Saying]]


def read_claims(
    text: str,
    *,
    report_id: bytes,
    language: str,
    published: Published | None = None,
    headline: str = "",
    offset_s: int = 0,
    sayings: Sayings | None = None,
    maker: str = MAKER,
    version: str = VERSION,
) -> Reading:
    """Read the claims of a report's text; none in a language without lists.

    Citations are in UTF-8 bytes of the text. `published` is when the report came out: without it
    relative times have no stretch, and days of full dates begin at `offset_s`. `sayings` reads one sentence, the rules' by default.
    """
    stretches = tuple(stretches_of(text))
    report = _Report(
        text, report_id, published, language, Places(text), offset_s, headline=headline
    )
    if sayings is None:
        if language == "en":
            sayings = english_sayings
        elif language in LANGUAGES:
            sayings = other_sayings_of(language)
        else:
            return Reading((), stretches, UNCHECKED)
    claims: list[Claim] = []
    for stretch in stretches:
        if stretch.sort is Sort.HEADING and not report.headline:
            report.headline = text[stretch.start : stretch.end]
        if stretch.sort is Sort.SENTENCE:
            claims += _claims_of(report, stretch, sayings, maker, version)
    return Reading(tuple(claims), stretches, language)


def _claims_of(
    report: _Report, stretch: Stretch, sayings: Sayings, maker: str, version: str
) -> Iterator[Claim]:
    start = stretch.start + _run_in(report, report.text[stretch.start : stretch.end])
    text = report.text[start : stretch.end]
    found = sayings(text)
    if not found and (carried := _carried(report, text)):
        yield from _carried_on(report, start, text, carried, maker, version)
        return
    report.last_quoted = ""
    outside = _times_of_saying(report, start, text, [f.statement for f in found])
    for saying in found:
        words = text[slice(*saying.who)] if saying.who else ""
        name = report.spoken.meant(words) if words else _dropped(report, saying)
        resolved = bool(name)
        name = name or words
        if words.lower() in PRONOUNS:
            resolved = True
        cue = (
            (min(saying.who[0], saying.cue[0]), max(saying.who[1], saying.cue[1]))
            if saying.who and resolved
            else saying.cue
        )
        if cue[1] - cue[0] > _CUE_LETTERS:
            cue = saying.cue
        via = tuple(
            _named(report, text[slice(*span)])
            for span in saying.via
            if _said(text, span) or len(saying.via) == 1
        )
        made = _claim(report, start, text, saying, maker, version)
        yield replace(
            made,
            who_says=_cleaned(name),
            via=tuple(dict.fromkeys(v for v in via if v and v != name)),
            to_whom=_cleaned(text[slice(*saying.to)]) if saying.to else "",
            cue=" ".join(text[slice(*cue)].split()),
            unnamed=is_unnamed(name),
            times=tuple(sorted((*made.times, *outside), key=lambda t: t.start_byte)),
        )
        for passed in via:
            report.spoken.heard(passed)
        if name:
            report.spoken.heard(_cleaned(name))
            report.last_quoted = _cleaned(name)


def _dropped(report: _Report, saying: Saying) -> str:
    """Who goes on speaking where a verb has no subject, as Arabic allows: whoever spoke last."""
    goes_on = report.language == "ar" and saying.stance is not Stance.HEDGES
    return report.spoken.names[-1] if goes_on and report.spoken.names else ""


def _named(report: _Report, words: str) -> str:
    words = _cleaned(words)
    return report.spoken.meant(words) or words


def _cleaned(name: str) -> str:
    return " ".join(name.split()).strip(" ,;:")


def _run_in(report: _Report, text: str) -> int:
    """How much of a sentence is a headline that ran into it."""
    head = report.headline.strip()
    if (
        head
        and len(head) > _HEADLINE_LETTERS
        and text[: len(head)].casefold() == head.casefold()
        and text[len(head) : len(head) + 1] == " "
    ):
        return len(head) + 1
    found = re.match(r"(?:[^\W\d_a-z][^\sa-z]*\s+){3,}(?=[A-Z“\"][a-z ]|A |“)", text)
    return found.end() if found else 0


def _carried(report: _Report, text: str) -> Span | None:
    """The words of a sentence that is a quotation and nothing else, going on from the one before."""
    if not report.last_quoted:
        return None
    found = re.fullmatch(r"\s*[“\"«„]([^”»“«]+?)[.,!…]*[”\"»“]?[.!…]*\s*", text)
    if found is None or "?" in text or '"' in found[1] or not found[1].strip():
        return None
    return found.span(1)


def _carried_on(  # noqa: PLR0917 - spans of one sentence belong together
    report: _Report, start: int, text: str, words: Span, maker: str, version: str
) -> Iterator[Claim]:
    stance = Stance.HEDGES if is_hedged(text[slice(*words)]) else Stance.ASSERTS
    saying = Saying(None, (), words, stance, (words[0] - 1, words[0]), quoted=True)
    made = _claim(report, start, text, saying, maker, version)
    yield replace(made, who_says=report.last_quoted, cue="", unnamed=is_unnamed(report.last_quoted))


def _said(text: str, span: Span) -> bool:
    """Whether words for one that passed something on name it, rather than point at another."""
    return text[slice(*span)].lower() not in PRONOUNS


def _times_of_saying(
    report: _Report, start: int, text: str, statements: Sequence[Span]
) -> list[TimeSaid]:
    """The times of the saying itself: `told CNN on Thursday`."""
    if not statements:
        return []
    found = times_in(
        report.text,
        start,
        start + len(text),
        published=report.published,
        offset_s=report.offset_s,
        language=report.language,
        places=report.places,
    )
    spans = [report.places.span(start + a, start + b) for a, b in statements]
    return [t for t in found if not any(a < t.end_byte and t.start_byte < b for a, b in spans)]


def _claim(  # noqa: PLR0917 - spans of one sentence belong together
    report: _Report, start: int, text: str, saying: Saying, maker: str, version: str
) -> Claim:
    a, b = start + saying.statement[0], start + saying.statement[1]
    statement = report.text[a:b]
    first, after = report.places.span(a, b)
    raw = statement.encode("utf-8", "surrogatepass")
    return Claim(
        claim_id="",
        report_id=report.report_id,
        who_says="",
        statement=statement,
        stance=saying.stance,
        citation=Citation(
            record_id=report.report_id,
            part=PART_TEXT,
            start_byte=first,
            end_byte=after,
            text_sha256=hashlib.sha256(raw).digest(),
        ),
        maker=maker,
        version=version,
        figures=figures_in(report.text, a, b, language=report.language, places=report.places),
        times=times_in(
            report.text,
            a,
            b,
            published=report.published,
            offset_s=report.offset_s,
            language=report.language,
            places=report.places,
        ),
        sentence=report.places.span(start, start + len(text)),
    )
