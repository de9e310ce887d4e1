"""Two reviewers, blind: draw what both judge, say how far they agree, and settle where they differ."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pastwatch.casefile.reviewing import Draw, Drawn, Judged
from pastwatch.desk.case import CaseWork
from pastwatch.desk.conversations import conversations_of
from pastwatch.desk.judged import OVERLAP, SETTLED
from pastwatch.desk.reviewing import Review
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act, EntryDraft
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.stages.review.agreement import Agreement, Pair, agreement
from pastwatch.stages.review.overlap import draw_overlap

_SEED_BYTES = 32
_CODERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A record on which two coders differ: who said what, in the order they said it."""

    record_id: bytes
    said: tuple[tuple[str, Code], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """How far two coders agree on a draw, and what is still open of it."""

    draw: Draw
    drawn: int
    both_judged: int
    undecided: int
    conflicts: int
    found: Agreement


def lay_overlap(review: Review, count: int, *, judged_only: bool = False) -> int:
    """Draw records for two to judge blind, by strata of the ranking as it stands; gives the draw's number.

    With `judged_only` among the records that one reviewer alone has judged, else among all that are
    not protected. The design and each record's chance are kept before the first is shown.
    """
    case, state = review.case, review.state
    state.sync()
    order = [int(p) for p in review.queue.order]
    ids = {place: review.places.id(place) for place in order}
    among = [p for p in order if ids[p] not in state.protected]
    if judged_only:
        among = [p for p in among if len(state.reviewers_of(ids[p])) == 1]
    if not 0 < count <= len(among):
        raise UsageError(f"an overlap holds 1 to {len(among):,} of these records")
    seed = secrets.token_bytes(_SEED_BYTES)
    chosen = draw_overlap(np.array(among, dtype=np.int64), count, seed=seed)
    number = case.papers.add_draw(
        OVERLAP,
        [Drawn(ids[one.row], one.stratum, one.chance_p) for one in chosen],
        design={"records": count, "judged_only": judged_only, "ranked": review.queue.is_ranking},
        seed=seed,
        population=len(among),
        by=review.person,
        at_us=case.office.clock(),
    )
    entry = EntryDraft(
        act=Act.JUDGE,
        clock_us=case.office.clock(),
        authority=case.case_id,
        outcome={"draw": number, "rule": OVERLAP, "drawn": len(chosen)},
    )
    case.office.ledger.append([entry], case.office.ring.user().signing)
    return number


def agreed(case: CaseWork, *, draw: int | None = None) -> Agreed:
    """How far the coders of an overlap agree, of the last one where none is named.

    Each coder's first settled judgement counts: a change of mind after a talk is no blind answer.
    """
    draws = [d for d in case.papers.draws(OVERLAP) if draw in (None, d.number)]
    if not draws:
        raise UsageError(
            "no overlap was drawn yet" if draw is None else f"this case has no overlap {draw}",
            hint="draw one with 'pastwatch review overlap'",
        )
    chosen, index = draws[-1], case.gate.index()
    talks = {
        i.tobytes(): int(t) for i, t in zip(index.record_ids, conversations_of(case), strict=True)
    }
    protected = case.papers.protected_ids()
    drawn = [one for one in case.papers.drawn(chosen.number) if one.record_id not in protected]
    given = _given(case, {one.record_id for one in drawn})
    pairs, undecided = [], 0
    for one in drawn:
        coders = _coders(given.get(one.record_id, []))
        if len(coders) < _CODERS:
            continue
        first, second = (_blind(judged) for judged in coders)
        if first is None or second is None:
            undecided += 1
            continue
        pairs.append(
            Pair(
                first is Code.RELEVANT,
                second is Code.RELEVANT,
                one.chance_p,
                talks.get(one.record_id, -1),
            )
        )
    return Agreed(
        draw=chosen,
        drawn=len(drawn),
        both_judged=len(pairs) + undecided,
        undecided=undecided,
        conflicts=sum(1 for c in conflicts(case) if c.record_id in given),
        found=agreement(pairs, seed=int.from_bytes(chosen.seed[:4], "big")),
    )


def conflicts(case: CaseWork) -> list[Conflict]:
    """The records on which two coders differ and nobody has adjudicated, oldest first; none protected."""
    return list(_open_conflicts(case))


def adjudicate(case: CaseWork, record_id: bytes, code: str, *, note: str) -> int:
    """Settle a conflict, as neither of its coders, saying why; UsageError otherwise."""
    person = case.office.person
    conflict = next((c for c in _open_conflicts(case) if c.record_id == record_id), None)
    if person in {j.judgement.reviewer for j in _given(case, {record_id}).get(record_id, [])}:
        raise UsageError(
            "you judged this record yourself: its adjudicator is neither of its coders",
            hint="somebody else settles it, under their own --person",
        )
    if conflict is None:
        raise UsageError("there is no conflict on this record to settle")
    if code not in SETTLED:
        raise UsageError("a conflict is settled as relevant or not-relevant")
    if not note.strip():
        raise UsageError("an adjudicator says why")
    return case.papers.judge(
        Judgement(
            record_id=record_id,
            code=Code(code),
            reviewer=person,
            at_us=case.office.clock(),
            note=note,
        ),
        mode=Mode.ADJUDICATED,
    )


def _open_conflicts(case: CaseWork) -> Iterator[Conflict]:
    protected = case.papers.protected_ids()
    for record_id, given in _given(case, None).items():
        if record_id in protected or any(j.mode is Mode.ADJUDICATED for j in given):
            continue
        latest = {j.judgement.reviewer: j.judgement.code for j in given}
        if len(latest) >= _CODERS and len(set(latest.values())) > 1:
            yield Conflict(record_id=record_id, said=tuple(latest.items()))


def _given(case: CaseWork, wanted: set[bytes] | None) -> dict[bytes, list[Judged]]:
    found: dict[bytes, list[Judged]] = {}
    for judged in case.papers.judged():
        record_id = judged.judgement.record_id
        if wanted is None or record_id in wanted:
            found.setdefault(record_id, []).append(judged)
    return found


def _coders(given: list[Judged]) -> list[list[Judged]]:
    """The judgements of the first two who judged a record, adjudicators left out."""
    by_person: dict[str, list[Judged]] = {}
    for judged in given:
        if judged.mode is not Mode.ADJUDICATED:
            by_person.setdefault(judged.judgement.reviewer, []).append(judged)
    return list(by_person.values())[:_CODERS]


def _blind(given: list[Judged]) -> Code | None:
    return next((j.judgement.code for j in given if j.judgement.code in SETTLED), None)
