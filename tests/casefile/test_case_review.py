"""What people add to a case: it is only ever added to, and the last word counts."""

from collections.abc import Callable

import pytest

from pastwatch.casefile.searches import Found
from pastwatch.casefile.store import CaseStore
from pastwatch.errors import BadValue, UsageError
from pastwatch.model.assessment import (
    Confidence,
    Coverage,
    Finding,
    FindingKind,
    Likelihood,
    Withdrawal,
)
from pastwatch.model.note import Annotation, Code, Judgement

Ids = Callable[[int], bytes]
NOTHING = Coverage(held=9, in_scope=5, readable=5, scanned=5, matched=0, shown=0)


def test_a_record_shown_twice_is_counted_once(case: CaseStore, record_id: Ids) -> None:
    case.add_shown([record_id(2), record_id(1)], by="ana", at_us=1, as_context=True)
    case.add_shown([record_id(1)], by="ben", at_us=2, as_context=False)
    case.add_shown([record_id(1), record_id(3)], by="ana", at_us=3, as_context=True)
    assert case.count_shown() == 3
    assert case.count_shown(context_only=True) == 2
    assert case.shown_records() == [record_id(2), record_id(1), record_id(3)]
    assert case.shown_records(offset=1, limit=1) == [record_id(1)]
    assert case.was_shown(record_id(3))
    assert not case.was_shown(record_id(4))


def test_the_hits_of_each_search_that_were_shown_are_counted(
    case: CaseStore, record_id: Ids, ask: Callable[[str], str], found: Callable[[int], Found]
) -> None:
    assert case.count_shown_hits() == {}
    first, second = ask("a"), ask("b")
    case.add_hits(first, [found(1), found(2)])
    case.add_hits(second, [found(2), found(300)])
    assert case.count_shown_hits() == {first: 0, second: 0}
    case.add_shown([record_id(2), record_id(9)], by="ana", at_us=1, as_context=True)
    case.add_shown([record_id(300), record_id(2)], by="ben", at_us=2, as_context=False)
    assert case.count_shown_hits() == {first: 1, second: 2}


def test_the_last_judgement_of_each_reviewer_counts_and_the_earlier_stay(
    case: CaseStore, record_id: Ids
) -> None:
    def judge(number: int, code: Code, reviewer: str, at_us: int) -> Judgement:
        made = Judgement(
            record_id=record_id(number), code=code, reviewer=reviewer, at_us=at_us, note="why"
        )
        case.add_judgement(made)
        return made

    first = judge(1, Code.RELEVANT, "ana", 5)
    second = judge(1, Code.NOT_RELEVANT, "ben", 6)
    third = judge(1, Code.UNSURE, "ana", 4)  # the order of adding counts, not a clock
    fourth = judge(2, Code.DEFER, "ana", 7)
    assert case.judgements(record_id(1)) == [first, second, third]
    assert case.latest_judgements() == [second, third, fourth]
    assert case.latest_judgements(record_id(1)) == [second, third]
    assert case.latest_judgements(reviewer="ana") == [third, fourth]
    assert case.count_reviewed() == 1


def test_a_note_stands_beside_its_record_and_its_hit(
    case: CaseStore,
    ask: Callable[[str], str],
    found: Callable[[int], Found],
    record_id: Ids,
) -> None:
    case.add_hits(ask("a"), [found(1)])
    assert case.add_note(record_id(1), text="the pump", by="ana", at_us=1, hit_id="h1") == "n1"
    assert case.add_note(record_id(2), text="a cousin?", by="ben", at_us=2) == "n2"
    with pytest.raises(UsageError, match="h1 is no hit on this record"):
        case.add_note(record_id(2), text="x", by="ben", at_us=3, hit_id="h1")
    with pytest.raises(BadValue):
        case.add_note(record_id(2), text=" ", by="ben", at_us=3)
    (note,) = case.notes(record_id(1))
    assert (note.note_id, note.text, note.by, note.hit_id) == ("n1", "the pump", "ana", "h1")
    assert [note.note_id for note in case.notes()] == ["n1", "n2"]


def test_a_finding_gets_the_next_id_and_comes_back_whole(
    case: CaseStore, found: Callable[[int], Found]
) -> None:
    judged = Finding(
        finding_id="",
        kind=FindingKind.JUDGEMENT,
        statement="They spoke of it before.",
        citations=(found(1).citation, found(2).citation),
        likelihood=Likelihood.LIKELY,
        confidence=Confidence.LOW,
        reasons="one source",
        made_by="ana",
        made_us=7,
    )
    negative = Finding(
        finding_id="mine", kind=FindingKind.NEGATIVE, statement="Nothing found.", coverage=NOTHING
    )
    assert [case.add_finding(judged), case.add_finding(negative)] == ["f1", "f2"]
    kept = case.finding("f1")
    assert kept.finding_id == "f1"
    assert (kept.citations, kept.likelihood) == (judged.citations, Likelihood.LIKELY)
    assert case.finding("f2").coverage == NOTHING
    with pytest.raises(UsageError, match="no finding f3"):
        case.finding("f3")


def test_a_withdrawn_finding_stays_on_file_with_who_and_why(case: CaseStore) -> None:
    said = Finding(finding_id="", kind=FindingKind.ASSUMPTION, statement="The clocks agree.")
    assert [case.add_finding(said), case.add_finding(said)] == ["f1", "f2"]
    case.retract("f1", by="ana", reason="the clocks differ", at_us=9)
    assert [f.finding_id for f in case.findings()] == ["f2"]
    assert [f.finding_id for f in case.findings(with_withdrawn=True)] == ["f1", "f2"]
    withdrawal = Withdrawal(finding_id="f1", by="ana", reason="the clocks differ", at_us=9)
    assert case.withdrawals() == [withdrawal]
    with pytest.raises(UsageError, match="withdrawn already"):
        case.retract("f1", by="ben", reason="again", at_us=10)
    with pytest.raises(UsageError, match="no finding f9"):
        case.retract("f9", by="ben", reason="x", at_us=10)
    with pytest.raises(BadValue):
        case.retract("f2", by="ben", reason=" ", at_us=10)
    assert case.add_finding(said) == "f3"


def test_annotations_of_two_versions_stand_side_by_side(case: CaseStore, record_id: Ids) -> None:
    old = Annotation(
        record_id=record_id(1), kind="language", value="ar", maker="m", version="1",
        confidence_p=0.5, part=-1, start_byte=2, end_byte=4,
    )  # fmt: skip
    new = Annotation(record_id=record_id(1), kind="language", value="fa", maker="m", version="2")
    name = Annotation(record_id=record_id(1), kind="name", value="x", maker="n", version="2")
    assert case.add_annotations([old, new], at_us=1) == 2
    assert case.add_annotations(iter([name]), at_us=2) == 1
    kept = case.annotations(record_id(1))
    assert [k.annotation for k in kept] == [old, new, name]
    assert [(k.annotation_id, k.at_us) for k in kept] == [("a1", 1), ("a2", 1), ("a3", 2)]
    newer = case.annotations(record_id(1), kind="language", version="2")
    assert [k.annotation for k in newer] == [new]
    assert case.annotations(record_id(2)) == []


def test_a_setting_keeps_its_last_plain_value(case: CaseStore) -> None:
    assert case.setting("event") is None
    assert case.setting("event", otherwise=3) == 3
    case.put_setting("event", {"title": "Идлиб", "n": [1, 2.5, None, True]})
    case.put_setting("digest", "ab")
    case.put_setting("event", {"title": "إدلب"})
    assert case.settings() == {"digest": "ab", "event": {"title": "إدلب"}}
    for value in (b"bytes", float("nan"), object()):
        with pytest.raises(BadValue):
            case.put_setting("event", value)
