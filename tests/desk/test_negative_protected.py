"""What is judged protected since is in no page of a finding of nothing, nor is anything once it is over."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk import negativecases
from tests.desk.hypothesiscases import at_the_desk
from tests.desk.offices import Desk

from pastwatch.desk.holding import OpenCase
from pastwatch.desk.negative.making import add_negative, negative_named, negatives_of
from pastwatch.desk.negative.rehearsing import (
    Wording,
    copies_shown,
    judged_wordings,
    rehearse,
)
from pastwatch.desk.negative.sampling import (
    call_turn,
    draw_sample,
    next_turn,
    rehearsals_of,
    samples_of,
    state_of,
)
from pastwatch.errors import AuthorityError
from pastwatch.model.note import Code, Judgement

COPY = Wording(text="the cargo was sent", language="en", medium="other")


def protect(work: OpenCase, record_id: bytes) -> None:
    work.papers.add_judgement(
        Judgement(
            record_id=record_id, code=Code.PROTECTED, reviewer="ana", at_us=work.office.clock()
        )
    )


def test_a_drawn_record_judged_protected_is_shown_to_nobody(desk: Desk, tmp_path: Path) -> None:
    negativecases.furnish(desk, tmp_path, negativecases.rows(10))
    with at_the_desk(desk) as work:
        p1 = draw_sample(work, "Was it?", would_count="cargo", size=5)
        first = work.papers.drawn(1)[0].record_id
        protect(work, first)
        put = next_turn(work, p1)
        assert put is not None
        assert put.records == ()
        for _ in range(5):
            call_turn(work, p1, found=False)
        part = negative_named(work, add_negative(work, sample=p1)).sampled
        assert part is not None
        assert (part.read, part.records_read) == (5, 4)


def test_a_copy_that_rests_on_a_protected_record_is_shown_and_counted_no_more(
    desk: Desk, tmp_path: Path
) -> None:
    negativecases.furnish(desk, tmp_path, negativecases.rows(12, planted=[3]))
    with at_the_desk(desk) as work:
        (hit,) = list(work.look("cargo"))
        work.mark(hit.hit_id, "relevant")
        p1 = draw_sample(work, "Was it?", would_count="cargo", size=4)
        j1 = rehearse(work, [*judged_wordings(work), COPY], sample=p1, shown=2, vary=False)
        assert state_of(work, p1).turns == 6
        protect(work, hit.citation.record_id)
        seen = []
        while put := next_turn(work, p1):
            seen += [record.text for record in put.records]
            call_turn(work, p1, found=False)
        assert not any(negativecases.WORDS in text for text in seen)
        assert state_of(work, p1).shown == 1
        shown = copies_shown(work, j1)
        assert shown is not None
        assert [copy.text for copy in shown] == [COPY.text]


def test_nothing_of_it_is_shown_once_the_authority_is_over(desk: Desk, tmp_path: Path) -> None:
    negativecases.furnish(desk, tmp_path, negativecases.rows(6))
    with at_the_desk(desk) as work:
        negativecases.looked(work, "cargo")
        p1 = draw_sample(work, "Was it?", would_count="cargo", size=4)
        rehearse(work, [COPY], vary=False)
        add_negative(work, "Was it?", would_count="cargo")
        desk.clock.pass_days(60)
        for shut in (
            lambda: negatives_of(work),
            lambda: samples_of(work),
            lambda: rehearsals_of(work),
            lambda: next_turn(work, p1),
            lambda: call_turn(work, p1, found=False),
            lambda: draw_sample(work, "Was it?", would_count="cargo", size=2),
            lambda: rehearse(work, [COPY]),
            lambda: add_negative(work, "Was it?", would_count="cargo"),
        ):
            with pytest.raises(AuthorityError):
                shut()
