"""A sample for a finding of nothing: drawn under a committed seed, read conversation by conversation."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from pastwatch.casefile.entered import Entered
from pastwatch.casefile.reviewing import Drawn
from pastwatch.desk.assessing import assessed
from pastwatch.desk.case import CaseWork
from pastwatch.desk.caseentries import entries_of_case
from pastwatch.desk.negative.ground import (
    Ground,
    called_to,
    ground_of,
    last_judgement,
    population_of,
)
from pastwatch.desk.stoppingcalls import drawn_order
from pastwatch.errors import UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.negative import NegativeSample, Rehearsal, RehearsalCopy
from pastwatch.model.record import Record
from pastwatch.stages.assess.negative_bound import READ_AT_MOST, at_most, fewest_to_read

SAMPLE: Final = "sample"
REHEARSAL: Final = "rehearsal"
_DRAW: Final = "negative"
_CALL: Final = "negative-call"
_END: Final = "negative-end"
_SEED_BYTES: Final = 16


class Turn(NamedTuple):
    """One conversation to be read: a drawn one by its place in the draw, or a copy's."""

    drawn: int
    copy: RehearsalCopy | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """A conversation put before the reader: its turn from 1, of how many, and what is to be read."""

    turn: int
    of: int
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleState:
    """How far a sample is read; what was found is told apart only once its reading is over."""

    name: str
    sample: NegativeSample
    turns: int
    called: int
    over: bool
    read: int
    found: tuple[int, ...]
    """Turns on which a drawn conversation held what counts; empty until it is over."""
    shown: int
    recognised: int
    records_read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPrice:
    """What would have to be read: conversations and their records, and what none found would leave.

    By a reader who recognises `recognised` of `shown`.
    """

    population: int
    records: int
    read: int
    at_most: int
    recognised: int
    shown: int


def price_of_reading(
    case: CaseWork,
    *,
    wished: int | None,
    size: int | None = None,
    recognised: int = 1,
    shown: int = 1,
) -> ReadingPrice:
    """How many conversations to read so that at most `wished` could remain, or what `size` leaves.

    By a reader who recognises `recognised` of `shown`: one who passes over some has to read more.
    """
    left, _ = population_of(ground_of(case), _called_now(case))
    whole = len(left)
    read = size
    if size is None:
        read = fewest_to_read(wished or 0, population=whole, recognised=recognised, shown=shown)
    if read is None:
        raise UsageError(
            "reading all of them would leave more: a reader passes over some",
            hint="wish for a higher bound, or have it read by two",
        )
    if not 0 <= read <= whole:
        raise UsageError(f"a sample holds 1 to {whole:,} conversations")
    mean = sum(map(len, left.values())) / whole if whole else 0.0
    leaves = at_most(0, population=whole, read=read, recognised=recognised, shown=shown)
    return ReadingPrice(
        population=whole,
        records=round(mean * read),
        read=read,
        at_most=leaves if read else whole,
        recognised=recognised,
        shown=shown,
    )


def draw_sample(
    case: CaseWork, question: str, *, would_count: str, size: int, seed: bytes | None = None
) -> str:
    """Draw conversations at random, without replacement, to be read for a question; gives its name.

    Order: the hash of the seed and of what is drawn from into the ledger → the draw into the papers
    → the sample. A crash before the last leaves a draw that nothing was read of: draw again.
    """
    case.gate.check(Allowed.READ)
    ground, until = ground_of(case), last_judgement(case)
    left, full = population_of(ground, called_to(case, ground.calls, until))
    most = min(len(left), READ_AT_MOST)
    if not 0 < size <= most:
        raise UsageError(f"a sample of this slice holds 1 to {most:,} conversations")
    seed = seed or secrets.token_bytes(_SEED_BYTES)
    order, names_sha256 = drawn_from(ground, left, seed)
    made = NegativeSample(
        question=question,
        would_count=would_count,
        draw=0,
        population=len(left),
        reviewed_in_full=len(full),
        drawn=size,
        judged_to=until,
        population_sha256=names_sha256,
        sequence=-1,
    )
    seed_sha256 = hashlib.sha256(seed).hexdigest()
    assessed(
        case,
        {"what": "negative-sample", "population": len(left), "drawn": size},
        {"seed": seed_sha256, "population": names_sha256},
    )
    number = case.papers.add_draw(
        _DRAW,
        [
            Drawn(ground.calls.record_ids[place], stratum, size / len(left))
            for stratum, talk in enumerate(order[:size])
            for place in left[talk]
        ],
        design={"rule": _DRAW, "unit": "conversation", "units": size},
        seed=seed,
        population=len(left),
        by=case.office.person,
        at_us=case.office.clock(),
    )
    made = replace(made, draw=number, sequence=sequence_of(case, "seed", seed_sha256))
    (name,) = case.papers.enter(SAMPLE, [made], by=case.office.person, at_us=case.office.clock())
    return name


def drawn_from(ground: Ground, left: dict[int, list[int]], seed: bytes) -> tuple[list[int], str]:
    """The conversations in the order that the seed draws them in, and the hash of their names."""
    talks = list(left)
    ids = ground.calls.record_ids
    names = [min(ids[place] for place in left[talk]) for talk in talks]
    told = hashlib.sha256(b"".join(sorted(names))).hexdigest()
    return drawn_order(talks, names, seed), told


def sequence_of(case: CaseWork, key: str, value: str) -> int:
    """The first entry of the ledger that holds this hash under that name; −1 where none does."""
    told = entries_of_case(case, Act.ASSESS)
    return next((e.sequence for e in told if e.objects.get(key) == value), -1)


def samples_of(case: CaseWork) -> list[Entered[NegativeSample]]:
    """The samples of the case, in order; refused where the authority to read does not stand."""
    case.gate.check(Allowed.READ)
    return case.papers.entered(SAMPLE, NegativeSample)


def sample_named(case: CaseWork, name: str) -> NegativeSample:
    """One sample by its name (p1); UsageError where there is none."""
    found = [one.value for one in samples_of(case) if one.name == name]
    if not found:
        raise UsageError(
            f'this case has no sample "{name}"', hint="pastwatch negative sample … --size 60"
        )
    return found[0]


def rehearsals_of(case: CaseWork, *, sample: str = "") -> list[Entered[Rehearsal]]:
    """The rehearsals of the case, or those put before the reader of one sample."""
    case.gate.check(Allowed.READ)
    every = case.papers.entered(REHEARSAL, Rehearsal)
    return [one for one in every if not sample or one.value.sample == sample]


def next_turn(case: CaseWork, name: str) -> Put | None:
    """The next conversation to be read, logged as shown; None when all are read or it is over."""
    sample, turns = _turns(case, name)
    calls = _calls(case, name)
    if _is_over(case, name):
        return None
    number = next((n for n in range(1, len(turns) + 1) if n not in calls), None)
    if number is None:
        return None
    turn = turns[number - 1]
    if turn.copy is not None and is_shut(turn.copy, case.papers.protected_ids()):
        records = []
    elif turn.copy is None:
        ids = _units(case, sample)[turn.drawn]
        records = case.records(ids) if ids else []
    else:
        records = [
            with_copy(record, turn.copy) if record.record_id == turn.copy.host_id else record
            for record in case.records(host_talk(case, turn.copy.host_id))
        ]
    return Put(turn=number, of=len(turns), records=tuple(records))


def call_turn(case: CaseWork, name: str, *, found: bool, turn: int | None = None) -> int:
    """Say of the conversation at hand, or of an earlier turn, whether it holds what counts."""
    case.gate.check(Allowed.READ)
    _, turns = _turns(case, name)
    calls = _calls(case, name)
    if _is_over(case, name):
        raise UsageError(f"the reading of {name} is over: its calls stand")
    ahead = next((n for n in range(1, len(turns) + 1) if n not in calls), len(turns))
    number = turn or ahead
    if not 1 <= number <= ahead:
        raise UsageError(f"turn {number} of {name} was not read yet")
    value = {"sample": name, "turn": number, "found": found}
    case.papers.decide(_CALL, value, by=case.office.person, at_us=case.office.clock())
    if len(_calls(case, name)) == len(turns):
        _end(case, name)
    return number


def end_reading(case: CaseWork, name: str) -> None:
    """End the reading of a sample where it is: what was read of it stands, and no more is read."""
    _turns(case, name)
    if not _is_over(case, name):
        _end(case, name)


def state_of(case: CaseWork, name: str) -> SampleState:
    """How far a sample is read, and, once it is over, what was found and what of the copies."""
    sample, turns = _turns(case, name)
    calls, over = _calls(case, name), _is_over(case, name)
    units = _units(case, sample)
    numbered = [(n, turn) for n, turn in enumerate(turns, 1) if n in calls]
    drawn = [(n, turn) for n, turn in numbered if turn.copy is None]
    copies = [recognised for _, recognised in copies_called(case, name)]
    return SampleState(
        name=name,
        sample=sample,
        turns=len(turns),
        called=len(numbered),
        over=over,
        read=len(drawn),
        found=tuple(n for n, _ in drawn if calls[n]) if over else (),
        shown=len(copies) if over else 0,
        recognised=sum(copies) if over else 0,
        records_read=sum(len(units[turn.drawn]) for _, turn in drawn),
    )


def copies_called(case: CaseWork, name: str) -> list[tuple[RehearsalCopy, bool]]:
    """Of the copies that were put before the reader of a sample: which, and whether recognised.

    One that may be shown no more, for a record that was judged protected, is left out.
    """
    _, turns = _turns(case, name)
    calls, shut = _calls(case, name), case.papers.protected_ids()
    return [
        (turn.copy, calls[n])
        for n, turn in enumerate(turns, 1)
        if turn.copy is not None and n in calls and not is_shut(turn.copy, shut)
    ]


def is_shut(copy: RehearsalCopy, shut: set[bytes]) -> bool:
    """Whether a copy rests on a record that was judged protected."""
    return copy.host_id in shut or copy.origin_id in shut


def is_begun(case: CaseWork, name: str) -> bool:
    """Whether somebody has called a turn of the sample."""
    return bool(_calls(case, name)) or _is_over(case, name)


def with_copy(record: Record, copy: RehearsalCopy) -> Record:
    """The host as the reader sees it, with the copy's wording among its own, or instead of it."""
    lines = record.text.split("\n")
    if len(lines) < 3:  # noqa: PLR2004 - too short to hide a line in
        return replace(record, text=copy.text)
    at = 1 + hashlib.sha256(copy.text.encode() + copy.host_id).digest()[0] % (len(lines) - 1)
    return replace(record, text="\n".join([*lines[:at], copy.text, *lines[at:]]))


def host_talk(case: CaseWork, host_id: bytes) -> list[bytes]:
    """What a reader of the host's conversation would have to read, in order of time."""
    ground = ground_of(case)
    calls = ground.calls
    talk = calls.conversation[calls.place_of[host_id]]
    own = [p for p in ground.by_conversation().get(talk, ()) if calls.called.get(p) is not False]
    return [calls.record_ids[place] for place in own]


def _called_now(case: CaseWork) -> dict[int, bool]:
    return called_to(case, ground_of(case).calls, last_judgement(case))


def _turns(case: CaseWork, name: str) -> tuple[NegativeSample, list[Turn]]:
    """The drawn conversations in drawn order with copies among them, at places that the seed gives."""
    sample = sample_named(case, name)
    seed = next(d.seed for d in case.papers.draws(_DRAW) if d.number == sample.draw)
    turns = [Turn(at, None) for at in range(sample.drawn)]
    copies: Sequence[RehearsalCopy] = [
        copy
        for one in rehearsals_of(case, sample=name)
        for copy in one.value.copies
        if copy.in_review
    ]
    for number, copy in enumerate(copies):
        told = hashlib.sha256(seed + b"copy" + number.to_bytes(4, "big")).digest()
        turns.insert(int.from_bytes(told[:8], "big") % (len(turns) + 1), Turn(-1, copy))
    return sample, turns


def _units(case: CaseWork, sample: NegativeSample) -> list[list[bytes]]:
    """The records of each drawn conversation, but for those judged protected since."""
    shut = case.papers.protected_ids()
    found: list[list[bytes]] = [[] for _ in range(sample.drawn)]
    for one in case.papers.drawn(sample.draw):
        if one.record_id not in shut:
            found[one.stratum].append(one.record_id)
    return found


def _calls(case: CaseWork, name: str) -> dict[int, bool]:
    """The last call on each turn."""
    return {
        int(one.value["turn"]): bool(one.value["found"])
        for one in case.papers.decisions(_CALL)
        if one.value["sample"] == name
    }


def _is_over(case: CaseWork, name: str) -> bool:
    return any(one.value["sample"] == name for one in case.papers.decisions(_END))


def _end(case: CaseWork, name: str) -> None:
    """Order: that it is over into the ledger with how much was read → into the papers."""
    calls, records = _calls(case, name), state_of(case, name).records_read
    assessed(case, {"what": "negative-read", "calls": len(calls)})
    case.papers.decide(
        _END,
        {"sample": name, "records": records},
        by=case.office.person,
        at_us=case.office.clock(),
    )
