"""A judgement for a whole family: shown first, given to those that were shown, and to no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pastwatch.desk.ranking import digests_of
from pastwatch.desk.reviewing import Review
from pastwatch.desk.slicereading import blocks_of
from pastwatch.errors import UsageError
from pastwatch.model.note import Mode
from pastwatch.model.record import Record
from pastwatch.stages.review.families import Families

MOST = 200
"""Records of a family that one preview shows; a larger one is judged in several."""
SAME, NEAR = "same text", "nearly the same"
_KIND = "family"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A record of a family as the preview shows it, and why it belongs."""

    record: Record
    source: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a judgement would be given to; those left out are judged by themselves."""

    record_id: bytes
    members: tuple[Member, ...]
    judged_already: int
    in_draws: int
    more: int


def family_preview(review: Review, record_id: bytes) -> Preview:
    """Show the family of a record: each member is logged as shown.

    Members that this reviewer judged already, that stand in a random draw or are protected are
    left out: a draw holds only if each of its records is judged by itself.
    """
    state = review.state
    state.sync()
    if record_id in state.protected:
        raise UsageError("this record is protected")
    chosen: list[tuple[bytes, str]] = []
    judged_already = in_draws = 0
    for other, why in sorted(_families(review).of(record_id).items()):
        place = review.places.of(other)
        if place is None or other in state.protected:
            continue
        if state.in_draw(other):
            in_draws += 1
        elif state.own(other) is not None:
            judged_already += 1
        else:
            chosen.append((other, why))
    return Preview(
        record_id=record_id,
        members=tuple(_shown(review, chosen[:MOST])),
        judged_already=judged_already,
        in_draws=in_draws,
        more=max(len(chosen) - MOST, 0),
    )


def judge_family(
    review: Review, preview: Preview, code: str, *, note: str = "", codes: Sequence[str] = ()
) -> list[int]:
    """Give a judgement to the members that a preview showed, all or none; gives its numbers.

    Whoever was judged or drawn meanwhile is left out. The record itself is judged by itself.
    """
    review.state.sync()
    state = review.state
    ids = [
        one.record.record_id
        for one in preview.members
        if one.record.record_id not in state.protected
        and state.own(one.record.record_id) is None
        and not state.in_draw(one.record.record_id)
    ]
    at_once = review.judgement(preview.record_id, code, note=note)
    judgements = [replace(at_once, record_id=record_id) for record_id in ids]
    numbers = review.case.papers.judge_all(judgements, mode=Mode.FAMILY, codes=codes)
    review.told(at_once.code, ids)
    return numbers


def _families(review: Review) -> Families:
    """By what an enricher found alike, and by texts that are the same."""
    if review.families is None:
        families = Families()
        kept = review.case.papers.annotations_of_kind(_KIND)
        digests = review.ranking.digests if review.ranking is not None else None
        if digests is None:
            blocks = blocks_of(review.case, purpose="families")
            digests = {i: d for block in blocks for i, d in digests_of(block)}
        families.add(SAME, digests.items())
        families.add(NEAR, ((record_id, value) for record_id, value, *_ in kept))
        review.families = families
    return review.families


def _shown(review: Review, chosen: Sequence[tuple[bytes, str]]) -> list[Member]:
    records = review.show_all([record_id for record_id, _ in chosen])
    names = review.case.source_names
    return [
        Member(record=record, source=names.get(record.envelope.source_id, ""), why=why)
        for record, (_, why) in zip(records, chosen, strict=True)
    ]
