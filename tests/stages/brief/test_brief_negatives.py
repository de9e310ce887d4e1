"""A finding of nothing is put into three lines, and no figure of it can be changed unseen."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from pastwatch.model.negative import (
    ExplainingSignal,
    Looked,
    LookStep,
    LostPart,
    NamedQuery,
    Negative,
    ReaderSensitivity,
    RehearsedPart,
    SampledPart,
)
from pastwatch.model.plain import to_plain
from pastwatch.stages.assess.negative_bound import at_most, lower_per_10000
from pastwatch.stages.brief.negatives import negatives
from pastwatch.stages.brief.sentences import Draft
from pastwatch.stages.brief.verifier_negative import (
    negative_groups,
    negative_hash,
    negative_problems,
)

SEQUENCE = 7
LOWER = lower_per_10000(9, 10)
FOUND = Negative(
    name="n1",
    question="Was it ordered?",
    would_count="an order, by whoever",
    finding="f2",
    queries=(NamedQuery(query_id="q1", text="order*", matched=1),),
    looked=tuple(
        Looked(
            step=LookStep(step),
            records=records,
            bytes=size,
            sound_ms=ms,
            machine_ms=ms // 3,
            human_ms=0,
        )
        for step, records, size, ms in (
            ("held", 1000, 90_000, 600_000),
            ("in scope", 900, 80_000, 600_000),
            ("readable", 880, 78_000, 300_000),
            ("scanned", 880, 78_000, 300_000),
            ("searched", 880, 78_000, 300_000),
            ("reviewed", 40, 4_000, 0),
            ("sampled", 70, 5_000, 2_000),
        )
    ),
    sampled=SampledPart(
        name="p1",
        population=200,
        reviewed_in_full=10,
        drawn=60,
        read=50,
        found=0,
        records_read=70,
        at_most=at_most(0, population=200, read=50, recognised=9, shown=10),
        at_most_lower=at_most(0, population=200, read=50, recognised=LOWER, shown=10_000),
        sensitivity=ReaderSensitivity(
            basis="rehearsal", recognised=9, shown=10, lower_per_10000=LOWER
        ),
        sequence=5,
    ),
    lost=(
        LostPart(what="in blocks that do not open", records=15, places=2, of_scope=True),
        LostPart(what="kept whole and not parsed", records=5, of_scope=True),
        LostPart(what="gap, cut short", records=None, bytes=512),
        LostPart(what="gap, not JSON", records=1, bytes=12),
    ),
    never_held=("the back rooms",),
    parties=("Nemo",),
    unheld=("Nemo",),
    rehearsal="j1",
    rehearsed=(
        RehearsedPart(
            language="en",
            medium="mail",
            planted=20,
            found=19,
            lower_per_10000=lower_per_10000(19, 20),
            shown=10,
            recognised=9,
        ),
    ),
    not_rehearsed=("ar, chat",),
    signals=(
        ExplainingSignal(
            explanation="Less traffic",
            of="records of all",
            before=9,
            before_of=40,
            after=0,
            after_of=3,
        ),
    ),
    made_by="ana",
    made_us=1_500_000_000_000_000,
    salt=b"salt",
    entries=(SEQUENCE,),
)


def plain() -> dict[str, Any]:
    made: dict[str, Any] = to_plain(FOUND)
    return made


def said(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The sentences that a brief has of it."""
    lines = [line for _, _, rows in negative_groups(found) for line in rows]
    return [{"id": f"s{n}", "text": line, "negative": "n1"} for n, line in enumerate(lines)]


def entries(found: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {SEQUENCE: {"objects": {"figures": negative_hash(found, words=False)}}}


def test_one_that_was_worked_out_has_no_problem() -> None:
    assert negative_problems([plain()], said(plain()), entries(plain())) == []


def test_its_three_parts_are_lines_of_their_own_and_are_never_summed() -> None:
    heading, _, lines = negative_groups(plain())[2]
    part = FOUND.sampled
    assert part is not None
    assert heading == "What could still be there: three parts, never summed"
    assert lines[0] == (
        "Sampled part (p1): of 200 conversations readable in scope and not reviewed in full, 60 drawn "
        "(simple random, without replacement), 50 read, 0 found. At the 95 % level, one-sided and "
        f"exact, at most {part.at_most} of these 200 could hold what would "
        "have counted, by a reader who recognised 9 of 10 (rehearsal); at the lower limit of that "
        f"share, 60.58 %, at most {part.at_most_lower}. 10 conversations "
        "reviewed in full stand beside this bound."
    )
    assert lines[1:] == [
        "Unreadable or lost part: in blocks that do not open: 15 records; could be any.",
        "Unreadable or lost part: kept whole and not parsed: 5 records; could be any.",
        "Unreadable or lost part: gap, cut short: an unknown number of records, 512 bytes; could be any.",
        "Unreadable or lost part: gap, not JSON: at most 1 record, 12 bytes; could be any.",
        "Never held: no communications of Nemo are held.",
        "Never held: the back rooms; no number can be given.",
    ]


def test_its_steps_are_a_table_with_sound_apart() -> None:
    _, columns, rows = negative_groups(plain())[1]
    assert len(columns) == 6
    assert rows[2] == "readable\t880\t78,000\t5.0 min\t0.0 min\t1.7 min"
    assert rows[-1] == "sampled\t70\t5,000\tunder 0.1 min\t0.0 min\tunder 0.1 min"
    silent = plain()
    for step in silent["looked"]:
        step.update(sound_ms=0, machine_ms=0, human_ms=0)
    _, columns, rows = negative_groups(silent)[1]
    assert (len(columns), rows[0]) == (3, "held\t1,000\t90,000")


def _counts(found: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the whole numbers of a finding stand."""
    rows = found.items() if isinstance(found, dict) else enumerate(found)
    return [
        where
        for key, value in rows
        for where in (
            _counts(value, (*path, key))
            if isinstance(value, (dict, list))
            else [(*path, key)] * (isinstance(value, int) and not isinstance(value, bool))
        )
    ]


@pytest.mark.parametrize(
    "path", [p for p in _counts(plain()) if p[0] not in ("made_us", "entries")]
)
def test_every_count_changed_with_its_sentence_is_caught(path: tuple[Any, ...]) -> None:
    changed = deepcopy(plain())
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] += 1
    assert negative_problems([changed], said(changed), entries(plain()))


def _grown(found: dict[str, Any]) -> None:
    found["looked"][2]["records"] += 50


def _unsummed(found: dict[str, Any]) -> None:
    found["lost"][0]["records"] += 1


def _tighter(found: dict[str, Any]) -> None:
    found["sampled"]["at_most"] -= 1


def _better(found: dict[str, Any]) -> None:
    found["sampled"]["at_most_lower"] -= 1


def _surer(found: dict[str, Any]) -> None:
    found["sampled"]["sensitivity"]["lower_per_10000"] += 1


def _rehearsed(found: dict[str, Any]) -> None:
    found["rehearsed"][0]["lower_per_10000"] += 1


def _read(found: dict[str, Any]) -> None:
    found["sampled"]["records_read"] += 1


def _reviewed(found: dict[str, Any]) -> None:
    found["looked"][5]["records"] = 881


def _heard(found: dict[str, Any]) -> None:
    found["looked"][0]["human_ms"] = 600_000


def _huge(found: dict[str, Any]) -> None:
    found["sampled"]["population"] = 10**12


@pytest.mark.parametrize(
    "change",
    [_grown, _unsummed, _tighter, _better, _surer, _rehearsed, _read, _reviewed, _heard, _huge],
)
def test_what_does_not_come_out_is_a_problem_whatever_the_ledger_holds(
    change: Callable[[dict[str, Any]], None],
) -> None:
    changed = plain()
    change(changed)
    assert negative_problems([changed], said(changed), entries(changed))


def test_words_replaced_leave_the_hash_of_its_figures_and_change_the_whole() -> None:
    other = to_plain(replace(FOUND, question="Did R1 order it?"))
    assert negative_hash(other, words=False) == negative_hash(plain(), words=False)
    assert negative_hash(other) != negative_hash(plain())


def test_an_entry_that_is_withheld_is_no_problem_and_one_that_is_missing_is() -> None:
    assert negative_problems([plain()], said(plain()), {}, {SEQUENCE}) == []
    assert negative_problems([plain()], said(plain()), {})


def test_a_bound_without_a_sample_is_none_and_is_said_so() -> None:
    bare = to_plain(Negative(name="n1", question="x", would_count="y", entries=(SEQUENCE,)))
    assert negative_problems([bare], said(bare), entries(bare)) == []
    texts = [one["text"] for one in said(bare)]
    assert "Sampled part: no bound: nothing was sampled." in texts
    assert "Unreadable or lost part: none is known." in texts
    assert "Never held: nothing was named." in texts
    assert FOUND.sampled is not None
    begun = to_plain(replace(FOUND.sampled, read=0, records_read=0))
    assert (
        "no bound: none of them is decided on yet"
        in negative_groups({**plain(), "sampled": begun})[2][2][0]
    )


def test_the_section_says_these_words_under_the_entry_that_holds_their_hash(world: Any) -> None:
    section = negatives(Draft(replace(world.given, negatives=(FOUND,)), lambda _: ()))
    sentences = [one for group in section.groups for one in group.sentences]
    assert [one.text for one in sentences] == [one["text"] for one in said(plain())]
    assert {(one.kind, one.ledger, one.negative) for one in sentences} == {
        ("figure", (SEQUENCE,), "n1")
    }
    assert [group.anchor for group in section.groups] == ["n1", "", "", "", ""]
