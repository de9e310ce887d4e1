"""A sample is drawn as it was committed to, read blind, and bounds only what it was drawn from."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from tests.desk import negativecases
from tests.desk.hypothesiscases import at_the_desk
from tests.desk.offices import Desk

from pastwatch.desk.agreeing import lay_overlap
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.negative.ground import ground_of
from pastwatch.desk.negative.making import (
    add_negative,
    checked,
    negative_named,
    strike_negative,
    unfound_by,
)
from pastwatch.desk.negative.rehearsing import (
    Wording,
    judged_wordings,
    read_wordings,
    rehearse,
    rehearsed_parts,
)
from pastwatch.desk.negative.sampling import (
    call_turn,
    copies_called,
    draw_sample,
    end_reading,
    next_turn,
    price_of_reading,
    rehearsals_of,
    sample_named,
    sequence_of,
    state_of,
)
from pastwatch.desk.negative.telling import told
from pastwatch.desk.reviewing import Review
from pastwatch.errors import BadValue, UsageError
from pastwatch.model.note import Code, Judgement, Mode
from pastwatch.stages.assess.diagnostic import worth_of

ASKED, COUNTS = "Was cargo moved?", "a word of cargo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "wording.toml").write_text(negativecases.WORDING, encoding="utf-8")
    return tmp_path


def sampled(work: OpenCase, size: int, seed: bytes = b"seed") -> str:
    return draw_sample(work, ASKED, would_count=COUNTS, size=size, seed=seed)


def read_all(work: OpenCase, name: str) -> None:
    """Read a sample to its end, as a reader who knows the word."""
    while put := next_turn(work, name):
        call_turn(work, name, found=any(_counts(r.text) for r in put.records))


def _counts(text: str) -> bool:
    return "cargo" in text or "cagro" in text


def judge(work: OpenCase, record_id: bytes, code: Code) -> None:
    work.papers.add_judgement(
        Judgement(record_id=record_id, code=code, reviewer="ana", at_us=work.office.clock())
    )


def test_the_seed_is_committed_before_and_the_draw_comes_out_again(
    desk: Desk, folder: Path
) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(30))
    with at_the_desk(desk) as work:
        negativecases.looked(work, "cargo")
        p1 = sampled(work, 10)
        entry = work.office.ledger.entry(sample_named(work, p1).sequence)
        assert entry.objects["seed"] == hashlib.sha256(b"seed").hexdigest()
        assert sequence_of(work, "seed", "0" * 64) == -1
        read_all(work, p1)
        n1 = add_negative(work, sample=p1)
        assert checked(work, n1) == []
        judge(work, ground_of(work).calls.record_ids[0], Code.NOT_RELEVANT)
        assert [one.what for one in checked(work, n1)] == [
            f"looked[reviewed].{unit}" for unit in ("records", "bytes")
        ]


def test_what_the_sample_found_is_refused_as_a_finding_of_nothing(desk: Desk, folder: Path) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(30, planted=range(10)))
    with at_the_desk(desk) as work:
        p1 = sampled(work, 25)
        read_all(work, p1)
        assert state_of(work, p1).found
        with pytest.raises(UsageError, match="found what would have counted"):
            add_negative(work, sample=p1)


def test_nothing_is_told_apart_while_it_is_read_and_what_was_read_stands(
    desk: Desk, folder: Path
) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(30, planted=[3]))
    with at_the_desk(desk) as work:
        p1 = sampled(work, 20)
        call_turn(work, p1, found=True)
        assert state_of(work, p1).found == ()
        with pytest.raises(UsageError, match="was not read yet"):
            call_turn(work, p1, found=False, turn=7)
        with pytest.raises(UsageError, match="still being read"):
            add_negative(work, sample=p1)
        call_turn(work, p1, found=False, turn=1)
        for _ in range(4):
            call_turn(work, p1, found=False)
        end_reading(work, p1)
        with pytest.raises(UsageError, match="is over"):
            call_turn(work, p1, found=False)
        part = negative_named(work, add_negative(work, sample=p1)).sampled
        assert part is not None
        assert (part.drawn, part.read, part.records_read, part.at_most) == (20, 5, 5, 12)


def test_copies_are_read_among_the_drawn_and_told_apart_afterwards(
    desk: Desk, folder: Path
) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(40))
    with at_the_desk(desk) as work:
        negativecases.looked(work, "cargo")
        before = work.coverage()
        p1 = sampled(work, 20)
        j1 = rehearse(work, read_wordings(folder / "wording.toml"), sample=p1, shown=5)
        with pytest.raises(UsageError, match="not in the slice"):
            rehearse(work, [Wording(text="x", language="en", medium="pigeon")])
        read_all(work, p1)
        state = state_of(work, p1)
        assert (state.turns, state.read, state.shown, state.recognised) == (25, 20, 5, 5)
        assert state.found == ()
        hosts = {copy.host_id for copy, _ in copies_called(work, p1)}
        drawn = {one.record_id for one in work.papers.drawn(sample_named(work, p1).draw)}
        assert not hosts & drawn
        after = work.coverage()
        assert (after.held, after.in_scope, after.matched) == (before.held, 40, before.matched)
        with pytest.raises(UsageError, match="mixed in before its first turn"):
            rehearse(work, read_wordings(folder / "wording.toml"), sample=p1)
        (part,) = rehearsed_parts(work, j1)
        assert (part.planted, part.found, part.recognised, part.shown) == (6, 2, 5, 5)


def test_no_copy_stands_in_a_conversation_that_was_judged_to_hold_what_counts(
    desk: Desk, folder: Path
) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(20, planted=range(8)))
    with at_the_desk(desk) as work:
        hits = list(work.look("cargo"))
        for hit in hits:
            work.mark(hit.hit_id, "relevant")
        p1 = sampled(work, 4)
        drawn = {one.record_id for one in work.papers.drawn(sample_named(work, p1).draw)}
        judged = {hit.citation.record_id for hit in hits}
        rehearse(work, read_wordings(folder / "wording.toml") * 10, sample=p1, shown=20)
        assert state_of(work, p1).turns == 4 + 20 - len(judged | drawn)
        read_all(work, p1)
        hosts = {copy.host_id for copy, _ in copies_called(work, p1)}
        assert not hosts & (judged | drawn)


def test_the_share_found_feeds_what_the_finding_is_worth(desk: Desk, folder: Path) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(30))
    with at_the_desk(desk) as work:
        negativecases.looked(work, "cargo")
        wordings = read_wordings(folder / "wording.toml")
        j1 = rehearse(work, wordings, vary=False)
        found = negative_named(work, add_negative(work, ASKED, would_count=COUNTS, rehearsal=j1))
        unfound = unfound_by(found)
        assert (unfound.rehearsed_count, unfound.found_count) == (2, 2)
        assert unfound.covered_count == unfound.of_count == 30
        assert unfound.elsewhere == found.never_held
        assert not worth_of(unfound).diagnostic  # the mail begins after the scope does


def test_a_conversation_judged_not_relevant_throughout_is_drawn_from_no_more(
    desk: Desk, folder: Path
) -> None:
    held = [negativecases.row(n, text=f"lot {n}", talk=f"talk {n // 3}") for n in range(12)]
    negativecases.furnish(desk, folder, held)
    with at_the_desk(desk) as work:
        assert price_of_reading(work, wished=None, size=4).records == 12
        calls = ground_of(work).calls
        first = [p for p, talk in enumerate(calls.conversation) if talk == calls.conversation[0]]
        for place in first[:2]:
            judge(work, calls.record_ids[place], Code.NOT_RELEVANT)
        assert price_of_reading(work, wished=None, size=4).population == 4
        judge(work, calls.record_ids[first[2]], Code.NOT_RELEVANT)
        assert price_of_reading(work, wished=None, size=3).population == 3
        p1 = sampled(work, 3)
        assert sample_named(work, p1).reviewed_in_full == 1
        read_all(work, p1)
        assert state_of(work, p1).records_read == 9


def test_it_holds_whatever_was_planted_or_is_refused(desk: Desk, folder: Path) -> None:
    planted = range(0, 30, 5)
    negativecases.furnish(desk, folder, negativecases.rows(30, planted=planted))
    held = refused = 0
    with at_the_desk(desk) as work:
        counting = {hit.citation.record_id for hit in work.look("cargo")}
        assert len(counting) == len(planted)
        for run in range(8):
            name = sampled(work, 4, bytes([run]))
            for one in work.papers.drawn(sample_named(work, name).draw):
                call_turn(work, name, found=one.record_id in counting)
            if state_of(work, name).found:
                refused += 1
                continue
            part = negative_named(work, add_negative(work, sample=name)).sampled
            assert part is not None
            held += part.at_most >= len(planted)
    assert held + refused == 8
    assert held


def test_wording_can_be_taken_from_records_judged_relevant(desk: Desk, folder: Path) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(20, planted=[4]))
    with at_the_desk(desk) as work:
        (hit,) = list(work.look("cargo"))
        work.mark(hit.hit_id, "relevant")
        (wording,) = judged_wordings(work)
        assert negativecases.WORDS in wording.text
        assert (wording.language, wording.medium) == ("en", "other")
        rehearse(work, [wording], vary=False)
        (kept,) = rehearsals_of(work)
        assert kept.value.copies[0].found_by == ("q1",)


def test_one_struck_stands_no_more(desk: Desk, folder: Path) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(5))
    with at_the_desk(desk) as work:
        n1 = add_negative(work, ASKED, would_count=COUNTS)
        strike_negative(work, n1, reason="more was collected")
        with pytest.raises(UsageError, match="no finding of nothing"):
            negative_named(work, n1)


def test_what_the_searches_matched_and_nobody_judged_is_told(desk: Desk, folder: Path) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(12, planted=range(5)))
    with at_the_desk(desk) as work:
        hits = list(work.look("cargo"))
        for hit, code in zip(hits, ("relevant", "not-relevant", "not-relevant"), strict=False):
            work.mark(hit.hit_id, code)
        found = negative_named(work, add_negative(work, ASKED, would_count=COUNTS))
        (query,) = found.queries
        assert (query.matched, query.relevant, query.not_relevant) == (5, 1, 2)
        (line,) = [one for one in told(found)[0][2] if one.startswith("Searched")]
        assert line.endswith(
            "5 records matched; a person judged 3 of them, 1 as relevant; 2 not judged, could be any."
        )


def test_a_copy_that_is_found_by_what_it_borrowed_alone_counts_as_not_found(
    desk: Desk, folder: Path
) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(12))
    wording = [Wording(text="the cargo was sent", language="en", medium="other")]
    with at_the_desk(desk) as work:
        by_sender = negativecases.looked(work, "to:firm")
        by_both = negativecases.looked(work, "to:firm AND cargo")
        rehearse(work, wording, queries=[by_sender], vary=False)
        rehearse(work, wording, queries=[by_sender, by_both], vary=False)
        first, second = (one.value.copies[0] for one in rehearsals_of(work))
        assert first.found_by == ()
        assert second.found_by == (by_both,)


def test_without_copies_the_reader_is_measured_by_double_reading_the_lower_of_two(
    desk: Desk, folder: Path
) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(30))
    with at_the_desk(desk) as work:
        with Review(work, learn=False) as review:
            number = lay_overlap(review, 10)
        for at, one in enumerate(work.papers.drawn(number)):
            for person, until in (("ana", 8), ("ben", 6)):  # ben passes over two that ana saw
                work.papers.judge(
                    Judgement(
                        record_id=one.record_id,
                        code=Code.RELEVANT if at < until else Code.NOT_RELEVANT,
                        reviewer=person,
                        at_us=work.office.clock(),
                    ),
                    mode=Mode.OVERLAP,
                    draw=number,
                )
        p1 = sampled(work, 12)
        for _ in range(12):
            call_turn(work, p1, found=False)
        part = negative_named(work, add_negative(work, sample=p1)).sampled
        assert part is not None
        assert part.sensitivity is not None
        assert part.sensitivity.basis.startswith("double reading")
        assert (part.sensitivity.recognised, part.sensitivity.shown) == (6, 8)
        assert part.at_most < part.at_most_lower <= part.population


def test_a_reader_who_passes_over_some_has_to_read_more(desk: Desk, folder: Path) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(60))
    with at_the_desk(desk) as work:
        sure = price_of_reading(work, wished=6)
        errs = price_of_reading(work, wished=6, recognised=8, shown=10)
        assert sure.read < errs.read
        assert errs.at_most <= 6
        with pytest.raises(UsageError, match="would leave more"):
            price_of_reading(work, wished=0, recognised=8, shown=10)


def test_copies_that_no_conversation_can_carry_are_put_through_the_searches_alone(
    desk: Desk, folder: Path
) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(12))
    with at_the_desk(desk) as work:
        negativecases.looked(work, "cargo")
        p1 = sampled(work, 10)
        rehearse(work, read_wordings(folder / "wording.toml"), sample=p1, shown=6)
        (kept,) = rehearsals_of(work)
        assert sum(copy.in_review for copy in kept.value.copies) == 2
        assert len(kept.value.copies) == 6


def test_one_that_the_ledger_does_not_hold_is_told_from_one_that_came_out_otherwise(
    desk: Desk, folder: Path
) -> None:
    negativecases.furnish(desk, folder, negativecases.rows(12))
    with at_the_desk(desk) as work:
        n1 = add_negative(work, ASKED, would_count=COUNTS)
        assert checked(work, n1) == []
        slipped_in = replace(negative_named(work, n1), name="", entries=(), salt=b"other")
        (n2,) = work.papers.enter("negative", [slipped_in], by="ana", at_us=1)
        assert [(one.what, one.broken) for one in checked(work, n2)] == [("its hash", True)]
        with pytest.raises(BadValue, match="no ledger entry"):
            work.brief(folder / "brief")
        strike_negative(work, n2, reason="nobody worked it out")
        negativecases.looked(work, "lot")
        assert [(one.what, one.broken) for one in checked(work, n1)] == [
            (f"looked[scanned].{unit}", False) for unit in ("records", "bytes")
        ]
