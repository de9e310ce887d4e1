"""Which saying stands in which: one told through another, one beside another, one taken in whole."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pastwatch.stages.corroborate.claims_frames import Frame, Span
from pastwatch.stages.corroborate.claims_tokens import ABSENT, PRONOUNS, Sentence, trimmed
from pastwatch.stages.corroborate.speakers import Who
from pastwatch.stages.corroborate.verbs_en import english, listed

_JOINS = listed(
    ", ; and but while whereas although though despite yet or then however — – notwithstanding"
)
_CUT_AT = re.compile(
    r",?\s*(?:despite|notwithstanding|in spite of|contrary to|,\s*(?:citing|quoting|adding|according))\s",
    re.IGNORECASE,
)
_THAT = re.compile(r"\s*(?:and )?that,?\s+(?!(?:is|was|has|had|would|will|could)\b)")
_SUBCLAUSE = re.compile(
    r",|\b(?:who|which|because|when|where|unless|if|as|while|although|so that|after|before)\b",
    re.IGNORECASE,
)
_NEAR = 24
_FIRST_PERSON = re.compile(
    r"(?:and |but |well, |yes, |no, )?(?:we|i)(?:['’](?:d|ve|m|re))?\s+(?:\w+ly\s+|do\s+|still\s+|also\s+|would\s+|can\s+|have\s+)*"
    r"(?P<verb>[a-z]+)\b",
    re.IGNORECASE,
)
_CLAUSE_WORDS = 3
_POSSESSIVE = len("their")


def settled(s: Sentence, frames: Sequence[Frame]) -> list[Frame]:
    """The sayings of a sentence that stay, each with its own stretch and those it came through."""
    held = _unlike([f for f in frames if f.end > f.start])
    for outer in held:
        for inner in held:
            if inner is not outer:
                _cut(s, outer, inner)
    gone: set[int] = set()
    taken: set[int] = set()
    order = sorted(range(len(held)), key=lambda n: held[n].own[0])
    for n in order:
        for m in order:
            if n != m and n not in gone and m not in gone:
                _nest(s, held, n, m, gone, taken)
    gone |= taken
    return [held[n] for n in order if n not in gone and held[n].end > held[n].start]


def _unlike(frames: list[Frame]) -> list[Frame]:
    """Without sayings found twice over."""
    kept: list[Frame] = []
    starts = {f.start for f in frames if f.denies}
    for frame in frames:
        if (
            len(frame.who) == 1
            and frame.start in starts
            and not frame.denies
            and frame.who[0].end - frame.who[0].start <= _POSSESSIVE
        ):
            continue
        twin = next((k for k in kept if k.cue[0] <= frame.cue[0] < k.cue[1] or (
            bool(k.who) and bool(frame.who) and k.who[0].start == frame.who[0].start
            and k.start == frame.start
        )), None)  # fmt: skip
        hearsay = next(
            (
                k
                for k in kept
                if not k.who and not frame.who and k.start == frame.start and k.end == frame.end
            ),
            None,
        )
        if twin is None and hearsay is None:
            kept.append(frame)
    return kept


def _inside(place: int, stretch: Frame) -> bool:
    return stretch.start <= place < stretch.end


def _cut(s: Sentence, outer: Frame, inner: Frame) -> None:  # noqa: C901 - a branch a form of sentence
    """End a statement where another saying begins beside it, or stands behind it."""
    if not _inside(inner.own[0], outer) or outer.fixed:
        return
    if inner.own[0] <= outer.own[0] and inner.own[1] >= outer.own[1]:
        return
    around = inner.wraps and inner.start <= outer.own[0] and inner.own[0] > outer.own[1]
    if around:
        outer.end = min(outer.end, inner.own[0])
        return
    if outer.wraps and outer.own[0] > inner.own[0]:
        return  # the outer stands behind: it takes in the inner
    if not inner.who or inner.own[0] <= outer.start + 1:
        return
    at = s.at_char(inner.own[0])
    while at > 0 and s.word(at - 1) in {"that", "also", "both", "the"}:
        at -= 1
    if inner.who and inner.own[0] > outer.start:
        joint = s.word(at - 1) in _JOINS or (
            at > 1 and s.word(at - 2) in {"despite", "while", "whereas"}
        )
        that_too = s.word(at - 1) == "and" and s.word(at) == "that"
        if joint and not that_too:
            back = at - 1
            while back > 0 and s.word(back - 1) in _JOINS:
                back -= 1
            if s.starts[back] > outer.start:
                outer.end = min(outer.end, s.starts[back])


def _nest(s: Sentence, held: list[Frame], n: int, m: int, gone: set[int], taken: set[int]) -> None:  # noqa: C901, PLR0911, PLR0912, PLR0917 - a branch a form of sentence
    """Settle frame m where it stands in the statement of frame n."""
    outer, inner = held[n], held[m]
    if not _inside(inner.own[0], outer) or (_inside(outer.own[0], inner) and not outer.wraps):
        return
    if outer.wraps and inner.wraps and _inside(outer.own[0], inner):
        return
    if outer.denies and inner.who:
        gone.add(m)
        return
    if not inner.who:
        if inner.cue[0] < outer.end and inner.hedges:
            outer.hedges = True
        gone.add(m)
        return
    same = _pronoun(s, inner.who[0]) or [w.start for w in inner.who] == [w.start for w in outer.who]
    if same and not outer.who and inner.who:
        return
    if inner.weak and not outer.weak and outer.who and not outer.wraps:
        gone.add(m)
        return
    if same and not outer.wraps:
        near = inner.own[0] - outer.start <= _NEAR
        outer.hedges = outer.hedges or inner.hedges
        outer.denies = outer.denies or inner.denies
        if near or inner.denies:
            outer.start, outer.end = inner.start, max(inner.end, inner.start)
        if near and inner.who[0].via and not outer.who[0].via:
            outer.who = tuple(w._replace(via=inner.who[0].via) for w in outer.who)
        gone.add(m)
        return
    if not outer.who:  # hearsay around a saying: the saying stands, with doubt
        gone.add(n)
        inner.hedges = inner.hedges or outer.hedges
        return
    through = tuple(_spans(outer.who))
    inner.who = tuple(w._replace(via=(*w.via, *through)) for w in inner.who)
    if outer.to and not inner.to and outer.wraps:
        inner.to = outer.to
    if outer.wraps:
        taken.add(n)
    elif (
        inner.own[0] - outer.start <= _NEAR
        or (inner.end - inner.start) * 2 > outer.end - outer.start
    ):
        gone.add(n)
    elif not outer.fixed:
        inner.attributes = True


def _spans(who: Sequence[Who]) -> list[Span]:
    spans: list[Span] = []
    for one in who:
        spans.append((one.start, one.end))
        spans += one.via
    return spans


def _pronoun(s: Sentence, who: Who) -> bool:
    return s.text[who.start : who.end].lower() in PRONOUNS - {"who"}


def statement_of(s: Sentence, frame: Frame) -> Span:
    """The stretch that a saying states, trimmed of marks and of what stands behind it."""
    start, end = frame.start, frame.end
    if not frame.fixed and (found := _CUT_AT.search(s.text, start + 1, end)):
        end = found.start()
    if not frame.quoted and (opened := _THAT.match(s.text, start, end)):
        start = opened.end()
    span = trimmed(s.text, start, end)
    return _closed(s, *span)


def _closed(s: Sentence, start: int, end: int) -> Span:
    """Without a mark of quotation at one end whose other half stands outside."""
    for quote in s.quotes:
        if quote.mark_start < start < quote.end < end and quote.mark_end >= end:
            return start, min(end, quote.end)
    return start, end


def is_hedged(text: str) -> bool:
    """Whether the main clause of a statement holds doubt: may, could, perhaps, appears."""
    doubtful = english().doubt
    if doubtful.isdisjoint(re.findall(r"[a-z]+", text.lower())):
        return False
    found = _SUBCLAUSE.search(text, 1)
    main = text[: found.start()] if found else text
    if len(main.split()) < _CLAUSE_WORDS:
        main = text
    words = re.findall(r"[\w’']+", main)
    for at, word in enumerate(words):
        low = word.lower()
        if low not in doubtful or (low == "may" and word[0].isupper() and at):
            continue
        following = words[at + 1].lower() if at + 1 < len(words) else ""
        if low == "could" and following in {"not", "no", "hear", "see"}:
            continue
        if low == "likely" and at and words[at - 1].lower() in {"the", "a", "most"}:
            continue
        return True
    return False


def first_person(text: str) -> str:
    """In a quotation that begins with `we suspect`, `I deny`: hedges, denies or nothing."""
    found = _FIRST_PERSON.match(text.lstrip())
    if found is None:
        return ""
    verb = english().verbs.get(found["verb"].lower())
    if verb is None:
        return ""
    if verb.hedges and not verb.asserts:
        return "hedges"
    return "denies" if verb.denies else ""


_ = ABSENT
