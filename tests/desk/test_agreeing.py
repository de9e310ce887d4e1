"""Two blind coders, their conflicts and who may settle them; families judged after a preview."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.desk import offices, reviews

from pastwatch.desk.agreeing import adjudicate, agreed, conflicts, lay_overlap
from pastwatch.desk.familial import family_preview, judge_family
from pastwatch.desk.reviewing import Review
from pastwatch.errors import UsageError
from pastwatch.model.note import Code, Mode


def code_all(desk: offices.Desk, person: str, calls: Callable[[str], bool]) -> int:
    """Judge the whole overlap as one person; gives how many it had."""
    read = 0
    with reviews.as_person(desk, person) as archive:
        case = archive.case()
        with Review(case, learn=False) as review:
            while (served := review.next(only=Mode.OVERLAP)) is not None:
                assert served.own is None
                assert served.notes == ()
                assert served.tags == ()
                code = Code.RELEVANT if calls(served.record.text) else Code.NOT_RELEVANT
                review.judge(served.record_id, code, tags=[f"seen by {person}"])
                review.note(served.record_id, f"{person} says {code}")
                read += 1
        case.close()
    return read


def test_two_judge_blind_and_a_third_settles_where_they_differ(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case, learn=False) as review, pytest.raises(UsageError, match="1 to 60"):
            lay_overlap(review, 61)
        with pytest.raises(UsageError, match="no overlap"):
            agreed(case)
        with Review(case, learn=False) as review:
            number = lay_overlap(review, 40)
        drawn = case.papers.drawn(number)
        assert sum(1 / one.chance_p for one in drawn) == pytest.approx(60)
        assert code_all(desk, "ana", lambda text: "valve" in text) == 40
        assert agreed(case).both_judged == 0
        assert code_all(desk, "bo", lambda text: "valve" in text or "lunch" in text) == 40
        assert code_all(desk, "cem", lambda _: True) == 0  # two are enough
        told = agreed(case)
        assert (told.drawn, told.both_judged, told.undecided) == (40, 40, 0)
        table = told.found.counts
        assert table.first_only == 0
        assert table.second_only == told.conflicts == len(conflicts(case)) > 0
        assert sum(told.found.weighted) == pytest.approx(60)
        assert told.found.positive.value is not None
        assert told.found.positive.value < 1
        case.close()
    left = told.conflicts
    for person in ("ana", "bo"):
        with reviews.as_person(desk, person) as archive:
            case = archive.case()
            with pytest.raises(UsageError, match="neither of its coders"):
                adjudicate(case, conflicts(case)[0].record_id, "relevant", note="mine")
            case.close()
    with reviews.as_person(desk, "cem") as archive:
        case = archive.case()
        first = conflicts(case)[0]
        assert {code for _, code in first.said} == {Code.RELEVANT, Code.NOT_RELEVANT}
        for code, note in (("relevant", " "), ("unsure", "why")):
            with pytest.raises(UsageError):
                adjudicate(case, first.record_id, code, note=note)
        adjudicate(case, first.record_id, "not-relevant", note="lunch is no valve")
        assert len(conflicts(case)) == left - 1
        assert agreed(case).found.counts == table  # settled afterwards changes no blind answer
        with Review(case, learn=False) as review:
            place = review.places.of(first.record_id)
            assert place is not None
            assert review.state.labels()[place] == 0
            other = next(one for one in drawn if one.record_id != first.record_id)
            with pytest.raises(UsageError, match="no conflict"):
                adjudicate(case, bytes(16), "relevant", note="why")
            assert review.show(other.record_id).notes == ()  # cem has not judged it: blind still
        case.close()


def test_a_family_is_judged_after_its_preview_and_only_those_shown(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case, learn=False) as review:
            ids = [review.places.id(place) for place in range(60)]
            records = {record.record_id: record for record in review.show_all(ids)}
            copies = [i for i in ids if records[i].text == reviews.COPY]
            assert len(copies) == 6
            alone = next(i for i in ids if i not in copies)
            assert family_preview(review, alone).members == ()
            review.judge(copies[1], "unsure")
            review.judge(copies[2], "protected")
            preview = family_preview(review, copies[0])
            assert {m.record.record_id for m in preview.members} == set(copies[3:])
            assert preview.judged_already == 1
            desk.clock.now_us += 1
            review.judge(copies[3], "relevant")  # meanwhile: left out
            desk.clock.now_us += 1
            numbers = judge_family(review, preview, "not-relevant", note="a circular")
            assert len(numbers) == 2
            given = {j.judgement.record_id: j for j in case.papers.judged()}
            assert {given[i].mode for i in copies[4:]} == {Mode.FAMILY}
            assert copies[0] not in given
            assert len(review.undo()) == 2
            assert review.state.own(copies[4]) is None
            assert review.state.own(copies[3]) is not None
        case.close()


def test_what_an_enricher_found_alike_is_a_family_and_a_drawn_record_is_left_out(
    desk: offices.Desk,
) -> None:
    from pastwatch.model.note import Annotation

    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case, learn=False) as review:
            lay_overlap(review, 10)
            drawn = {one.record_id for one in case.papers.drawn(1)}
            free = [i for p in range(60) if (i := review.places.id(p)) not in drawn]
            texts = {r.record_id: r.text for r in review.show_all(free)}
            free = [i for i in free if texts[i] != reviews.COPY]
            of_family = [*free[:3], min(drawn)]
            case.papers.add_annotations(
                [
                    Annotation(record_id=i, kind="family", value="f1", maker="t", version="1")
                    for i in of_family
                ],
                at_us=desk.clock(),
            )
            preview = family_preview(review, free[0])
            assert {m.record.record_id for m in preview.members} == set(free[1:3])
            assert {m.why for m in preview.members} == {"nearly the same"}
            assert preview.in_draws == 1
        case.close()
