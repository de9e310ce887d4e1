"""A watch suggested for a case: words of its contrast and judgements, tried where they were not found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from pastwatch.desk.case import CaseWork
from pastwatch.desk.contrasting import contrast
from pastwatch.desk.learning import draft_lines, labels, named, people_of
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.matching.fold import fold
from pastwatch.model.authority import Event
from pastwatch.model.unusual import UnusualSort
from pastwatch.model.when import DAY_US, SECOND_US, Span
from pastwatch.stages.watch.arrivals import Arrivals
from pastwatch.stages.watch.backtest import Warned, trial
from pastwatch.stages.watch.learned import KEY, hashes_of
from pastwatch.stages.watch.learned_fit import Vocabulary
from pastwatch.stages.watch.many import words_in
from pastwatch.stages.watch.suggest import Elsewhere, around, elsewhere, left_over, telling

HORIZON_S: Final = 86_400
_BEFORE_US: Final = 3 * DAY_US
_AFTER_US: Final = DAY_US
_ROUND_H: Final = 12.0
_CONTRAST, _JUDGED = "contrast", "judgements"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word suggested, and what told it."""

    word: str
    why: str
    p: float
    """Corrected for all that was tried beside it."""
    elsewhere: int
    """In how many records it stands at the times it was not taken from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """The words, how many were tried for them, and what they do elsewhere. They explain; no more."""

    words: tuple[Word, ...]
    tried: int
    elsewhere: Elsewhere | None
    leads: tuple[tuple[str, Warned], ...]
    """Events that nothing was taken from, with what the watch would have given of each."""
    notes: tuple[str, ...] = ()

    def said(self) -> list[str]:
        """All of it in sentences, with counts; for the screen and for the draft."""
        lines = [
            (
                f"{self.tried:,} words were tried; {len(self.words):,} are suggested. They explain the "
                "event they were taken from, and predict nothing of it."
            )
        ]
        else_ = self.elsewhere
        if else_ is None:
            lines.append("Elsewhere: the slice reaches no other time, so nothing is said of it.")
        else:
            lines.append(
                f"Elsewhere in the slice ({else_.days:.1f} days they were not taken from): "
                f"{else_.alerts:,} alerts, {else_.alerts_a_day:.1f} a day, {else_.alarms:,} alarms, "
                f"{100 * else_.under_alarm_ratio:.1f} % of the time under alarm. Words are chosen for "
                "being rare among what they are compared with, so the time before flatters them."
            )
        if not self.leads:
            lines.append("Lead: none is given, for no other event lies in the slice.")
        for event_id, warned in self.leads:
            told = "missed" if warned.lead_s is None else f"{warned.lead_s / 3600:.1f} h before it"
            lines.append(
                f"Event {event_id}, which nothing was taken from: {told}; so by luck alone "
                f"{100 * warned.luck_p:.1f} % of the time. Retrospective."
            )
        return [*lines, *self.notes]


@dataclass(slots=True)
class _Read:
    """What is kept of the slice: in how many judged records each word is, and when each is said."""

    relevant: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    counts: list[int] = field(default_factory=lambda: [0, 0])
    moments_us: list[int] = field(default_factory=list)


def suggest(
    case: CaseWork,
    *,
    out: Path,
    name: str,
    baseline: Path | None = None,
    most: int = 5,
    horizon_s: int = HORIZON_S,
) -> Suggested:
    """Suggest words for a watch, say what they do elsewhere, and draft it where there are any.

    Words come from the contrast of the hours before the event and from what reviewers judged; none
    that is a listed name, of a sender or recipient, a number or an address. They are tried on the
    times of the slice that lie outside three days before and one after the event, and outside
    twelve hours round each relevant record. Reads the slice, three times; UsageError where a file stands.
    """
    if out.exists():
        raise UsageError(f'"{out.name}" exists already')
    named(name)
    vocabulary, read = Vocabulary(), _Read()
    notes = _read_judged(case, vocabulary, read)
    judged, tried = telling(read.relevant, read.counts[1], read.others, read.counts[0])
    contrasted, more, told = _contrasted(case, baseline)
    found: dict[str, tuple[str, float]] = {}
    ways = ((_JUDGED, judged), (_CONTRAST, contrasted))
    for why, words in ways:
        for word, p in words:
            if vocabulary.may_stand(word) and p < found.get(word, ("", 2.0))[1]:
                found[word] = (why, p)
    chosen = sorted(found, key=lambda one: (found[one][1], one))[:most]
    held = _times(case, chosen)
    spans = left_over(_whole(case), _used(case, read))
    every = np.unique(np.concatenate([np.zeros(0, np.int64), *held.values()]))
    made = Suggested(
        words=tuple(
            Word(
                word=word,
                why=found[word][0],
                p=found[word][1],
                elsewhere=elsewhere(held[word], spans, horizon_s=horizon_s).alerts if spans else 0,
            )
            for word in chosen
        ),
        tried=tried + more,
        elsewhere=elsewhere(every, spans, horizon_s=horizon_s) if spans and chosen else None,
        leads=tuple(_leads(case, every, spans, horizon_s)) if chosen else (),
        notes=(*notes, *told),
    )
    if chosen:
        query = " OR ".join(chosen)
        lines = draft_lines(case, name=name)
        said = [f"# {line}" for line in made.said()]
        head = "# A suggested watch: fill in its purpose and its standing authority, then keep it."
        text = "\n".join((head, *said, "", *lines, f"query = {json.dumps(query)}", ""))
        out.write_text(text, encoding="utf-8")
    return made


def _read_judged(case: CaseWork, vocabulary: Vocabulary, read: _Read) -> tuple[str, ...]:
    """Count the words of judged records, and note who takes part in any; says where nothing is judged."""
    try:
        told = labels(case.papers, "relevant")
    except UsageError:
        told = {}
    for arrivals in _arrivals(case):
        vocabulary.people(set(people_of(arrivals)))
        texts = [arrivals.columns.column(one) for one in ("subject", "text")]
        for row, record_id in enumerate(arrivals.record_ids):
            relevant = told.get(record_id)
            if relevant is None:
                continue
            words = vocabulary.text("\n".join(column[row].as_py() or "" for column in texts))
            (read.relevant if relevant else read.others).update(words)
            read.counts[relevant] += 1
            if relevant and arrivals.dated[row]:
                read.moments_us.append(int(arrivals.earliest_us[row]))
    for counted in (read.relevant, read.others):
        for word in [one for one in counted if not vocabulary.may_stand(one)]:
            del counted[word]
    if read.counts[1]:
        return ()
    return ("No record is judged relevant: the contrast alone tells words.",)


def _contrasted(
    case: CaseWork, baseline: Path | None
) -> tuple[list[tuple[str, float]], int, tuple[str, ...]]:
    """The unusual words that three accounts or more said, how many were tried, and what is to be said."""
    try:
        made = contrast(case, baseline=baseline)
    except UsageError as wrong:
        return [], 0, (f"No contrast: {wrong}.",)
    found = [
        (fold(min(one.names[0].split(" / "), key=len)), one.p)
        for one in made.of(UnusualSort.TERM)
        if one.about == "term" and one.is_unusual and not one.flag
    ]
    return [(word, p) for word, p in found if " " not in word], made.tried, ()


def _times(case: CaseWork, words: list[str]) -> dict[str, np.ndarray]:
    """When each word is said, by the records that claim a usable time."""
    hashes = hashes_of(words)
    held: dict[str, list[np.ndarray]] = {word: [np.zeros(0, np.int64)] for word in words}
    for arrivals in _arrivals(case) if words else ():
        found, rows = words_in(arrivals.lanes, KEY)
        for word, own in zip(words, hashes, strict=True):
            at = np.unique(rows[found == own])
            held[word].append(arrivals.earliest_us[at[arrivals.dated[at]]])
    return {word: np.concatenate(times) for word, times in held.items()}


def _leads(
    case: CaseWork, alerts_us: np.ndarray, spans: list[Span], horizon_s: int
) -> Iterator[tuple[str, Warned]]:
    """What the watch would have given of events that lie where nothing was taken from."""
    for event in _others(case):
        at_us = event.when.start_us
        span = next((s for s in spans if s.start_us <= at_us < s.end_us), None)
        if span is not None and span.length_us >= horizon_s * SECOND_US:
            done = trial(
                alerts_us,
                [at_us],
                span=span,
                horizon_s=horizon_s,
                zone_offset_s=event.zone_offset_s,
            )
            yield event.event_id, done.events[0]


def _others(case: CaseWork) -> list[Event]:
    return [one for one in case.office.desk.events() if one.event_id != case.event.event_id]


def _whole(case: CaseWork) -> Span:
    return case.authority.scope.span


def _used(case: CaseWork, read: _Read) -> list[Span]:
    """The times that words were taken from."""
    event = case.event.when
    own = Span(start_us=event.start_us - _BEFORE_US, end_us=event.end_us + _AFTER_US)
    return [own, *around(sorted(set(read.moments_us)), hours=_ROUND_H)]


def _arrivals(case: CaseWork) -> Iterator[Arrivals]:
    for block in blocks_of(case, purpose="suggest"):
        name = case.source_names.get(block.ref.source_id, "")
        yield Arrivals.of_block(block, source_name=name)
