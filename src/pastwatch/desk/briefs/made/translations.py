"""Certified translations as a chapter: the original beside each, and who answers for it."""

from __future__ import annotations

from collections.abc import Sequence

from pastwatch.casefile.passages import KeptPassage
from pastwatch.desk.briefs.made.cells import many, moment, row
from pastwatch.desk.briefs.made.citing import usable
from pastwatch.desk.briefs.made.ledgered import Acts, acts_of
from pastwatch.desk.case import CaseWork
from pastwatch.desk.soundlist import recordings
from pastwatch.desk.timelining_entries import entries_of
from pastwatch.desk.timelining_records import candidates_of
from pastwatch.desk.transcripts import Quoted, quoted_all
from pastwatch.desk.translating import Certified, certified_of, count_drafts
from pastwatch.model.passage import clock
from pastwatch.stages.brief.given import Chapter, Line, Stretch

COLUMNS = ("Original", "Translation", "By whom, qualified how, when")


def make(case: CaseWork) -> Chapter | None:
    """The chapter; None where nothing that is cited or judged relevant was translated."""
    found = candidates_of(case, entries=entries_of(case), queries=(), hits=False)
    ids = list(found.ids)
    acts, zone = acts_of(case), case.event.zone_offset_s
    texts = [_text(one, acts, zone) for one in certified_of(case, ids)]
    spoken, drafts = _spoken(case, ids)
    drafts += count_drafts(case, ids)
    if not texts and not spoken and not drafts:
        return None
    lines = [
        Line(
            kind="note",
            text="A translation is somebody's work, and the original beside it is what was said.",
        )
    ]
    if drafts:
        lines.append(
            Line(
                kind="note",
                text=f"{many(drafts, 'machine draft')} of these records left out: a draft is to "
                "find by, and no evidence.",
            )
        )
    stretches = [Stretch(heading="", lines=tuple(lines))]
    if texts:
        stretches.append(Stretch(heading="Written", columns=COLUMNS, lines=tuple(texts)))
    if spoken:
        stretches.append(Stretch(heading="Spoken", columns=COLUMNS, lines=tuple(spoken)))
    return Chapter(
        key="translations",
        title="Certified translations",
        stretches=tuple(stretches),
        after="findings",
    )


def _text(one: Certified, acts: Acts, zone: int) -> Line:
    who = f"{one.by}, {one.qualification}; {one.language}; {moment(one.at_us, zone)[:16]}"
    return Line(
        kind="translation",
        text=row(one.original, one.text, who),
        citations=(one.citation,),
        ledger=acts.hashed(one.sha256),
    )


def _spoken(case: CaseWork, ids: Sequence[bytes]) -> tuple[list[Line], int]:
    """What persons translated of the recordings in some records, and how many drafts stand beside."""
    wanted = set(ids)
    of = [r for r in recordings(case.papers) if any(one in wanted for one, _ in r.holders)]
    cited = [c for f in case.papers.findings() for c in f.citations]
    lines: list[Line] = []
    drafts, coverage = 0, case.coverage() if of else None
    for recording in of:
        held = {record_id for record_id, _ in recording.holders}
        citations = usable(case, (c for c in cited if c.record_id in held))
        for one in quoted_all(case, recording):
            drafts += len(one.translations) - len(one.certified)
            lines += [
                Line(
                    kind="translation",
                    text=row(_heard(one), kept.passage.text, _by(kept, case)),
                    citations=citations,
                    coverage=coverage,
                )
                for kept in one.certified
            ]
    return lines, drafts


def _heard(one: Quoted) -> str:
    passage = one.original.passage
    place = f"{clock(passage.start_ms)}–{clock(passage.end_ms)}"
    return f"{place} {passage.text} (heard by {passage.heard_by})"


def _by(kept: KeptPassage, case: CaseWork) -> str:
    when = moment(kept.at_us, case.event.zone_offset_s)[:16]
    return f"{kept.passage.heard_by}; {kept.passage.language}; {when}"
