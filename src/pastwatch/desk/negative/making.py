"""Keep a finding of nothing with all that it rests on, and work it out again from ledger and papers."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pastwatch.casefile.entered import Entered
from pastwatch.desk.agreeing import agreed
from pastwatch.desk.assessing import assessed
from pastwatch.desk.case import CaseWork
from pastwatch.desk.caseentries import entries_of_case
from pastwatch.desk.negative.ground import called_to, ground_of, population_of
from pastwatch.desk.negative.rehearsing import not_rehearsed, rehearsed_parts
from pastwatch.desk.negative.sampling import (
    SampleState,
    drawn_from,
    sample_named,
    sequence_of,
    state_of,
)
from pastwatch.desk.negative.signals import measured
from pastwatch.desk.negative.steps import (
    looked_steps,
    lost_parts,
    never_held,
    queries_told,
    searches_named,
)
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.assessment import FindingKind
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.hypothesis import Unfound
from pastwatch.model.negative import (
    NamedQuery,
    Negative,
    ReaderSensitivity,
    SampledPart,
)
from pastwatch.model.plain import to_plain
from pastwatch.stages.assess.negative_bound import SCALE, at_most, lower_per_10000
from pastwatch.stages.brief.verifier_negative import negative_hash

NEGATIVE: Final = "negative"
_SALT_BYTES: Final = 16
_APART: Final = ("name", "made_by", "made_us", "salt", "entries")
"""What is not worked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure of a finding of nothing that is another now, in words.

    `broken` says that it does not stand in the ledger as it was kept, whatever came since.
    """

    what: str
    then: str
    now: str
    broken: bool = False


def add_negative(
    case: CaseWork,
    question: str = "",
    *,
    would_count: str = "",
    queries: Sequence[str] = (),
    finding: str = "",
    sample: str = "",
    rehearsal: str = "",
    not_held: Sequence[str] = (),
    parties: Sequence[str] = (),
    accounts: Sequence[str] = (),
) -> str:
    """Work out a finding of nothing and keep it, its hash in the ledger first; gives its name.

    UsageError where the sample found something, is still being read, or the finding is of another
    kind. What a sample was drawn for is its question, and what would have counted, where none is
    given.
    """
    if sample:
        drawn = sample_named(case, sample)
        question, would_count = question or drawn.question, would_count or drawn.would_count
        if (question, would_count) != (drawn.question, drawn.would_count):
            raise UsageError(
                f"{sample} was drawn for another question, or for what else would count"
            )
    if finding and case.papers.finding(finding).kind is not FindingKind.NEGATIVE:
        raise UsageError(f"{finding} is no finding of nothing")
    asked = Negative(
        name="",
        question=question,
        would_count=would_count,
        finding=finding,
        queries=tuple(
            NamedQuery(query_id=one.query_id, text=one.text, matched=0)
            for one in searches_named(case, queries)
        ),
        named=tuple(" ".join(one.split()) for one in not_held if one.strip()),
        parties=tuple(one.strip() for one in parties if one.strip()),
        accounts=tuple(one.strip() for one in accounts if one.strip()),
        rehearsal=rehearsal,
        made_by=case.office.person,
        made_us=case.office.clock(),
        salt=secrets.token_bytes(_SALT_BYTES),
    )
    made = worked_out(case, asked, sample=sample)
    plain = to_plain(made)
    hashes = {"negative": negative_hash(plain), "figures": negative_hash(plain, words=False)}
    case.gate.check(Allowed.READ)
    assessed(case, {"negatives": 1, "sampled": bool(sample)}, hashes)
    (name,) = case.papers.enter(NEGATIVE, [made], by=case.office.person, at_us=case.office.clock())
    return name


def worked_out(case: CaseWork, asked: Negative, *, sample: str) -> Negative:
    """The figures of a finding of nothing as they are now: from grant, papers, catalogue and ledger."""
    names = [one.query_id for one in asked.queries]
    searches = searches_named(case, names) if names else []
    case.coverage()  # lists what sources of voice hold
    told = measured(case, accounts=asked.accounts, parties=asked.parties)
    ground = ground_of(case)  # after reading: what does not open is known by then
    part, read = (None, []) if not sample else sampled_part(case, sample)
    parts = rehearsed_parts(case, asked.rehearsal) if asked.rehearsal else ()
    return replace(
        asked,
        queries=queries_told(case, ground, searches),
        looked=looked_steps(case, ground, searches, sampled=read),
        sampled=part,
        lost=lost_parts(case, ground, searches),
        never_held=never_held(case, asked.named),
        unheld=told.unheld,
        rehearsed=parts,
        not_rehearsed=not_rehearsed(case, parts),
        signals=told.signals,
    )


def sampled_part(case: CaseWork, name: str) -> tuple[SampledPart, list[bytes]]:
    """What a sample whose reading is over says, and the records read of it; UsageError for a find."""
    state = state_of(case, name)
    if not state.over:
        raise UsageError(
            f"{name} is still being read: {state.called:,} of {state.turns:,} turns",
            hint=f"'pastwatch negative next {name}', or end it: 'pastwatch negative call {name} --end'",
        )
    if state.found:
        turns = ", ".join(map(str, state.found[:5]))
        raise UsageError(
            f"{name} found what would have counted, on turn {turns}: this is no finding of nothing",
            hint="cite it in a finding, and ask for less",
        )
    sample, reader = state.sample, _sensitivity(case, state)
    read = [one.record_id for one in case.papers.drawn(sample.draw) if one.stratum < state.read]
    inside = ground_of(case)
    kept = [i for i in read if inside.calls.place_of.get(i) in inside.readable]
    share = (reader.recognised, reader.shown) if reader else (1, 1)
    lower = (reader.lower_per_10000, SCALE) if reader else (1, 1)
    most, most_lower = (
        at_most(
            0, population=sample.population, read=state.read, recognised=share[0], shown=share[1]
        )
        for share in (share, lower)
    )
    part = SampledPart(
        name=name,
        population=sample.population,
        reviewed_in_full=sample.reviewed_in_full,
        drawn=sample.drawn,
        read=state.read,
        found=0,
        records_read=len(kept),
        at_most=most,
        at_most_lower=most_lower,
        sensitivity=reader,
        sequence=sample.sequence,
    )
    return part, kept


def negatives_of(case: CaseWork) -> list[Entered[Negative]]:
    """The findings of nothing that stand, in order, each with its name and its entry of the ledger."""
    kept = case.papers.entered(NEGATIVE, Negative)
    if not kept:
        return []
    case.gate.check(Allowed.READ)
    held: dict[str, int] = {}
    for entry in entries_of_case(case, Act.ASSESS):
        if "negative" in entry.objects:
            held.setdefault(entry.objects["negative"], entry.sequence)
    found = []
    for one in kept:
        at = held.get(negative_hash(to_plain(one.value)))
        entries = () if at is None else (at,)
        found.append(one._replace(value=replace(one.value, name=one.name, entries=entries)))
    return found


def negative_named(case: CaseWork, name: str) -> Negative:
    """One by its name (n1); UsageError where there is none that stands."""
    found = [one.value for one in negatives_of(case) if one.name == name]
    if not found:
        raise UsageError(
            f'this case has no finding of nothing "{name}"', hint="pastwatch negative list"
        )
    return found[0]


def strike_negative(case: CaseWork, name: str, *, reason: str) -> None:
    """Say that a finding of nothing no longer stands; it stays on file."""
    if not reason.strip():
        raise UsageError("it is struck for a reason", hint='--reason "…"')
    negative_named(case, name)
    case.gate.check(Allowed.READ)
    assessed(case, {"struck": 1})
    case.papers.strike(
        NEGATIVE, name, by=case.office.person, reason=reason, at_us=case.office.clock()
    )


def checked(case: CaseWork, name: str) -> list[Difference]:
    """What differs when it is worked out again from the ledger and the papers; nothing where all holds."""
    kept = negative_named(case, name)
    found = []
    if not kept.entries:
        found.append(
            Difference(what="its hash", then="in the ledger", now="not there", broken=True)
        )
    if kept.sampled is not None:
        found += _drawn_again(case, kept.sampled.name)
    try:
        now = worked_out(case, kept, sample=kept.sampled.name if kept.sampled else "")
    except UsageError as wrong:
        return [*found, Difference(what="the whole", then="worked out", now=str(wrong))]
    then_plain, now_plain = (_figures(one) for one in (kept, now))
    return found + _differences(then_plain, now_plain)


def unfound_by(negative: Negative) -> Unfound:
    """What it is worth to a hypothesis: how much was searched, how well, and where else it could be."""
    searched, whole = negative.step("searched"), negative.step("in scope")
    beside = [one for one in negative.lost if not one.of_scope]
    elsewhere = [*negative.never_held, *(f"communications of {who}" for who in negative.unheld)]
    elsewhere += [one.what for one in beside if one.records is None]
    if negative.rehearsed:
        elsewhere += [f"{what}, not rehearsed" for what in negative.not_rehearsed]
    return Unfound(
        covered_count=searched.records if searched else 0,
        of_count=(whole.records if whole else 0) + sum(one.records or 0 for one in beside),
        rehearsed_count=sum(one.planted for one in negative.rehearsed),
        found_count=sum(one.found for one in negative.rehearsed),
        elsewhere=tuple(elsewhere),
    )


def _sensitivity(case: CaseWork, state: SampleState) -> ReaderSensitivity | None:
    """As measured on copies put before this reader, or else by double reading; None without either."""
    if state.shown:
        return ReaderSensitivity(
            basis="rehearsal, on copies unmarked in the sample",
            recognised=state.recognised,
            shown=state.shown,
            lower_per_10000=lower_per_10000(state.recognised, state.shown),
        )
    try:
        table = agreed(case).found.counts
    except UsageError:
        return None  # nothing was read by two
    pairs = [
        (int(table.both), int(table.both + other))
        for other in (table.first_only, table.second_only)
        if table.both + other
    ]
    if not pairs:
        return None
    both, shown = min(pairs, key=lambda pair: (pair[0] / pair[1], pair))
    return ReaderSensitivity(
        basis="double reading, of what the other reader called relevant",
        recognised=both,
        shown=shown,
        lower_per_10000=lower_per_10000(both, shown),
    )


def _drawn_again(case: CaseWork, name: str) -> list[Difference]:
    """Draw the sample again from the seed that was committed, over what it was drawn from."""
    sample = sample_named(case, name)
    draw = next(d for d in case.papers.draws() if d.number == sample.draw)
    found = []
    committed = sequence_of(case, "seed", hashlib.sha256(draw.seed).hexdigest())
    if committed < 0 or committed != sample.sequence:
        found.append(
            Difference(what=f"{name}: its seed", then="in the ledger", now="not there", broken=True)
        )
    ground = ground_of(case)
    left, _ = population_of(ground, called_to(case, ground.calls, sample.judged_to))
    order, names_sha256 = drawn_from(ground, left, draw.seed)
    if names_sha256 != sample.population_sha256:
        told = f"{len(left):,} conversations"
        then = f"{sample.population:,} conversations"
        return [*found, Difference(what=f"{name}: what it is drawn from", then=then, now=told)]
    again = {
        ground.calls.record_ids[place] for talk in order[: sample.drawn] for place in left[talk]
    }
    if again != {one.record_id for one in case.papers.drawn(sample.draw)}:
        found.append(
            Difference(
                what=f"{name}: what the seed draws", then="as kept", now="another", broken=True
            )
        )
    return found


def _figures(negative: Negative) -> dict[str, Any]:
    plain: dict[str, Any] = to_plain(negative)
    return {key: value for key, value in plain.items() if key not in _APART}


def _differences(then: Any, now: Any, what: str = "") -> list[Difference]:
    if isinstance(then, dict) and isinstance(now, dict):
        keys = dict.fromkeys([*then, *now])
        return [
            one
            for key in keys
            for one in _differences(then.get(key), now.get(key), f"{what}.{key}".strip("."))
        ]
    if isinstance(then, list) and isinstance(now, list):
        longest = max(len(then), len(now))
        rows = [
            (each[at] if at < len(each) else None) for at in range(longest) for each in (then, now)
        ]
        return [
            one
            for at in range(longest)
            for one in _differences(
                rows[2 * at], rows[2 * at + 1], _row_name(what, rows[2 * at], at)
            )
        ]
    return [] if then == now else [Difference(what=what, then=str(then), now=str(now))]


def _row_name(what: str, row: Any, at: int) -> str:
    told = row if isinstance(row, dict) else {}
    named = told.get("step") or told.get("what") or told.get("query_id") or at + 1
    return f"{what}[{named}]"
