"""The sayings of an English sentence, as the rules find and settle them."""

from __future__ import annotations

import re
from dataclasses import replace

from pastwatch.stages.corroborate.claims_cues import cues_of
from pastwatch.stages.corroborate.claims_frames import Frame
from pastwatch.stages.corroborate.claims_nouns import nouns_of
from pastwatch.stages.corroborate.claims_quotes import quotations_of
from pastwatch.stages.corroborate.claims_settle import first_person, settled
from pastwatch.stages.corroborate.claims_tokens import ABSENT, PRONOUNS, Sentence
from pastwatch.stages.corroborate.claims_verbs import frame_of
from pastwatch.stages.corroborate.narration import findings_of, hearsay_of
from pastwatch.stages.corroborate.speakers import NOBODY, Subject, Who
from pastwatch.stages.corroborate.verbs_en import listed

_NEXT = re.compile(
    r"(?<=[a-z][.!?])(?<!\b(?:Mr|Dr|Jr|Sr|St|Ms)\.)(?<!\b(?:Mrs|Gen|Col|Sen|Rep|Gov)\.)\s+(?=[A-Z])"
)
_DEPTH = 2
_MOST_WORDS = 600
"""A sentence of more words than this is no sentence; nothing is read in it."""
_OTHERS_SPEAK = listed("i we you")


def sayings_of(s: Sentence, *, depth: int = 0) -> list[Frame]:
    """Who says what in a sentence; nothing in a question that is not itself quoted."""
    if not s.words or len(s.words) > _MOST_WORDS or _asks(s):
        return []
    frames: list[Frame] = []
    before: Subject | None = None
    edge = 0
    for cue in cues_of(s):
        frame, subject = frame_of(s, cue, before, edge)
        if frame is not None and frame.end > frame.start:
            frames.append(frame)
            edge = cue.after if not frame.wraps else edge
        if subject is not None and subject is not NOBODY and not (before and _points(s, subject)):
            before = subject
    frames += nouns_of(s)
    frames += hearsay_of(s)
    if s.quotes:
        frames += quotations_of(s, frames)
    kept = settled(s, frames)
    if not any(f.who for f in kept):
        kept += findings_of(s)
    return _within(s, kept, depth) if s.quotes else kept


def _points(s: Sentence, subject: Subject) -> bool:
    """Whether a subject is but a pronoun: who was named before goes on speaking."""
    return all(s.text[w.start : w.end].lower() in PRONOUNS for w in subject.who)


def _asks(s: Sentence) -> bool:
    """Whether a sentence is a question of the report's own."""
    if s.words[-1] != "?":
        return False
    return s.inside[-1] == ABSENT


def _within(s: Sentence, frames: list[Frame], depth: int) -> list[Frame]:
    """What is said in a quotation: by whom it quotes in turn, or how strongly its speaker says it."""
    kept: list[Frame] = []
    for frame in frames:
        if not frame.quoted:
            kept.append(frame)
            continue
        for part in _sentences(s, frame):
            kept += _quoted(s, part, depth)
    return kept


def _sentences(s: Sentence, frame: Frame) -> list[Frame]:
    """A quotation of several sentences, one by one; questions in it state nothing."""
    text = s.text[frame.start : frame.end]
    ends = [m.start() for m in _NEXT.finditer(text)]
    if not ends:
        return [frame]
    parts = []
    for a, b in zip([0, *ends], [*ends, len(text)], strict=True):
        words = text[a:b].strip()
        if words.count(" ") and not words.endswith("?"):
            parts.append(replace(frame, start=frame.start + a, end=frame.start + b))
    return parts


def _quoted(s: Sentence, frame: Frame, depth: int) -> list[Frame]:
    """A quoted sentence: of whom it quotes in turn, or of its own speaker with the stance it has."""
    text = s.text[frame.start : frame.end]
    stance = first_person(text)
    frame.hedges = frame.hedges or stance == "hedges"
    frame.denies = frame.denies or stance == "denies"
    deeper = sayings_of(Sentence(text), depth=depth + 1) if depth < _DEPTH else []
    words = len(text.split())
    told = [
        f
        for f in deeper
        if f.who
        and text[f.who[0].start : f.who[0].end].lower() not in _OTHERS_SPEAK
        and len(text[f.start : f.end].split()) * 3 >= words
    ]
    if told:
        return [_moved(one, frame) for one in told]
    frame.hedges = frame.hedges or any(not f.who and f.hedges for f in deeper)
    return [frame]


def _moved(inner: Frame, outer: Frame) -> Frame:
    """A saying within a quotation, in characters of the whole sentence, through its quoter."""
    by = outer.start
    through = [span for w in outer.who for span in ((w.start, w.end), *w.via)]

    def moved(span: tuple[int, int]) -> tuple[int, int]:
        return span[0] + by, span[1] + by

    inner.who = tuple(
        Who(w.start + by, w.end + by, (*(moved(v) for v in w.via), *through)) for w in inner.who
    )
    inner.start, inner.end = moved((inner.start, inner.end))
    inner.cue, inner.own = moved(inner.cue), moved(inner.own)
    inner.to = moved(inner.to) if inner.to else None
    return inner
