"""The loop of review: turns, judgements, undo; nothing protected is read again."""

from __future__ import annotations

import dataclasses

import pytest
from tests.desk import offices, reviews

from pastwatch.desk.reviewing import Review
from pastwatch.errors import AuthorityExpired, BadValue, NoSuchRecord, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.note import Code, Mode


def is_relevant(text: str) -> bool:
    return "valve" in text


def judged_by_text(review: Review, turns: int) -> list[bool]:
    """Read so many turns, judging by the text; gives what was relevant in the order read."""
    told = []
    for _ in range(turns):
        served = review.next()
        assert served is not None
        told.append(is_relevant(served.record.text))
        review.judge(served.record_id, Code.RELEVANT if told[-1] else Code.NOT_RELEVANT)
        assert review.wait(60)
    return told


def test_ranked_reading_finds_what_is_relevant_before_the_rest(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive, count=120)
        with Review(case) as review:
            first = review.next()
            assert first is not None
            assert (first.mode, first.rank) == (Mode.RANKED, None)  # random order: nothing is known
            told = judged_by_text(review, 70)
            progress = review.progress()
        relevant = sum(told)
        assert relevant > 30  # of 36, where chance would give 21
        assert (progress.relevant, progress.judged, progress.mine) == (relevant, 70, 70)
        assert progress.unread == 50
        assert progress.bound
        modes = {judged.mode for judged in case.papers.judged()}
        assert modes == {Mode.RANKED, Mode.EXPLORED}
        case.close()


def test_the_words_a_reviewer_begins_with_come_first(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case, seed_text="valve pump") as review:
            assert review.wait(60)
            served = review.next()
            assert served is not None
            assert is_relevant(served.record.text)
            assert served.rank == 1
        case.close()


def test_hits_of_the_queries_are_the_first_guess(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        assert len(list(case.look("football"))) == 18
        with Review(case) as review:
            assert review.wait(60)
            served = review.next()
            assert served is not None
            assert "football" in served.record.text
        case.close()


def test_judging_one_record_judges_no_other_and_context_is_only_shown(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case, learn=False) as review:
            served = review.next()
            assert served is not None
            around = review.around(served.record_id, before=2, after=2)
            near = [record.record_id for record in (*around.before, *around.after)]
            assert near
            talks = {r.conversation for r in (*around.before, *around.after, served.record)}
            assert len(talks) == 1
            review.judge(served.record_id, "relevant")
            assert [j.judgement.record_id for j in case.papers.judged()] == [served.record_id]
            assert case.papers.count_shown(context_only=True) == len(near)
            assert case.papers.count_shown() == len(near) + 1
        case.close()


def test_a_protected_record_reaches_nobody_again(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case) as review:
            judged_by_text(review, 5)
            served = review.next()
            assert served is not None
            hidden = served.record_id
            review.judge(hidden, "protected")
            assert review.ranking is not None
            place = review.places.of(hidden)
            assert place not in review.state.labels()
            assert hidden not in review.ranking.digests
            for call in (review.show, review.around, lambda i: review.judge(i, "relevant")):
                with pytest.raises(UsageError, match="protected"):
                    call(hidden)
            read, turns = [], 0
            while (served := review.next()) is not None:
                turns += 1
                read.append(served.record_id)
                near = review.around(served.record_id, before=9, after=9)
                read += [r.record_id for r in (*near.before, *near.after)]
                review.judge(served.record_id, "not-relevant")
            assert hidden not in read
            assert turns == 54
        with Review(case) as again:  # and a new start does not even weigh its words
            assert again.ranking is not None
            assert hidden not in again.ranking.digests
            assert again.next() is None
        case.close()


def test_a_judgement_taken_back_stands_no_more_and_the_record_comes_again(
    desk: offices.Desk,
) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case, learn=False) as review:
            served = review.next()
            assert served is not None
            review.judge(served.record_id, "protected")
            assert review.progress().protected == 1
            (back,) = review.undo()
            assert back.judgement.record_id == served.record_id
            assert review.progress().protected == 0
            assert review.progress().unread == 60
            again = review.next()
            assert again is not None
            assert again.record_id == served.record_id
            with pytest.raises(UsageError, match="no judgement"):
                review.undo()
        case.close()


def test_a_deferred_record_says_why_is_counted_and_can_be_found(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case, learn=False) as review:
            served = review.next()
            assert served is not None
            with pytest.raises(BadValue, match="says why"):
                review.judge(served.record_id, "defer")
            review.judge(served.record_id, "defer", note="needs a translator")
            assert review.deferred() == [served.record_id]
            progress = review.progress()
            assert (progress.deferred, progress.judged, progress.unread) == (1, 0, 59)
            review.judge(served.record_id, "relevant")
            assert review.deferred() == []
        case.close()


def test_codes_tags_and_notes_stand_beside_the_judgement(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case, learn=False) as review:
            served = review.next()
            assert served is not None
            with pytest.raises(UsageError, match="no code"):
                review.judge(served.record_id, "relevant", codes=["valve"])
            assert case.papers.judged() == []
            review.add_code("valve", "Who opened the valve")
            with pytest.raises(BadValue):
                review.add_code("relevant")
            review.judge(served.record_id, "relevant", codes=["valve"], tags=["night  shift"])
            review.note(served.record_id, "who was on duty?")
            seen = review.show(served.record_id)
            assert seen.own is not None
            assert seen.own.codes == ("valve",)
            assert seen.tags == ("night shift",)
            assert [note.text for note in seen.notes] == ["who was on duty?"]
            review.tag(served.record_id, "night shift", taken_off=True)
            assert review.show(served.record_id).tags == ()
        case.close()


def test_an_authority_that_ends_stops_the_review_with_everything_kept(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case) as review:
            served = review.next()
            assert served is not None
            desk.clock.pass_days(400)
            review.judge(served.record_id, "relevant")  # what is on the table may still be judged
            with pytest.raises(AuthorityExpired, match="ended at"):
                review.next()
            with pytest.raises(AuthorityExpired):
                review.show(served.record_id)
        assert [j.judgement.code for j in case.papers.judged()] == [Code.RELEVANT]
        case.close()


def test_what_was_judged_is_counted_in_the_ledger_when_the_review_ends(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case, learn=False) as review:
            first = archive.office.ledger.size
            for _ in range(2):
                served = review.next()
                assert served is not None
                review.judge(served.record_id, "not-relevant")
        told = [e.outcome for e in archive.office.ledger.entries(first) if e.act == Act.JUDGE]
        assert told == [{"not_relevant": 2}]
        case.close()


def test_a_record_is_named_by_the_beginning_of_its_id_or_by_a_hit(desk: offices.Desk) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        hit = next(iter(case.look("football")))
        with Review(case, learn=False) as review:
            wanted = case.papers.hit(hit.hit_id).hit.record_id
            assert review.record_named(hit.hit_id) == wanted
            assert review.record_named(wanted.hex()[:11]) == wanted
            for name in ("abc", "zzzzzz", "0" * 33):
                with pytest.raises(UsageError):
                    review.record_named(name)
            with pytest.raises(NoSuchRecord):
                review.judge(bytes(16), "relevant")
            review.judge(wanted, "relevant")
        assert case.papers.judged()[0].mode is Mode.CHOSEN
        case.close()


def test_the_order_is_kept_and_a_process_that_does_not_learn_goes_by_it(
    desk: offices.Desk,
) -> None:
    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        with Review(case) as review:
            judged_by_text(review, 20)
            order = review.queue.order.tolist()
        with Review(case, learn=None) as review:
            assert review.ranking is None
            assert review.queue.order.tolist() == order
            assert review.progress().learnt_from == 20
            for _ in range(5):
                served = review.next()
                assert served is not None
                review.judge(served.record_id, "not-relevant")
        with Review(case, learn=None) as review:
            assert review.ranking is not None  # a quarter more was judged: learnt anew
        case.close()


def test_a_draw_of_the_control_sample_is_read_first_and_taught_only_once_reached(
    desk: offices.Desk,
) -> None:
    from pastwatch.desk.stopping import draw_control, withheld

    with desk.open() as archive:
        case = reviews.opened(desk, archive)
        number = draw_control(case, 10, target="0.8")
        drawn = {one.record_id for one in case.papers.drawn(number)}
        with Review(case) as review:
            for _ in range(10):
                served = review.next()
                assert served is not None
                assert (served.mode, served.draw) == (Mode.CONTROL, number)
                assert served.record_id in drawn
                code = "relevant" if is_relevant(served.record.text) else "not-relevant"
                review.judge(served.record_id, code)
            assert review.state.labels() == {}
            assert review.progress().draws == ((number, "control", 10, 10),)
            read = 0
            while (served := review.next()) is not None:
                assert served.record_id not in drawn
                code = "relevant" if is_relevant(served.record.text) else "not-relevant"
                review.judge(served.record_id, code)
                read += 1
                taught = {review.places.id(place) for place in review.state.labels()}
                assert taught.isdisjoint(withheld(case))
            assert read == 50
            assert not withheld(case)
            assert len(review.state.labels()) == 60
        case.close()


def test_served_hides_nothing_of_its_fields_by_accident() -> None:
    from pastwatch.desk.served import Served

    names = {field.name for field in dataclasses.fields(Served)}
    assert names == {"record", "source", "mode", "draw", "rank", "own", "notes", "tags"}
