"""What is entered in a case is named, can be struck with a reason, and is never changed."""

from __future__ import annotations

import pytest

from pastwatch.casefile.store import CaseStore
from pastwatch.errors import UsageError
from pastwatch.model.party import Account, Actor
from pastwatch.model.relation import Relation

ANA = Actor(
    actor_id="", label="Ana", accounts=(Account(medium="mail", address="a@x"),), basis="signs so"
)
BEN = Actor(
    actor_id="", label="Ben", accounts=(Account(medium="chat", address="ben"),), basis="named so"
)
IS_ANA = Relation(
    relation_id="",
    kind="is",
    from_id="mail:a@x",
    to_id="a1",
    maker="ana",
    reason="signs so",
    score=0.5,
)


def test_things_entered_are_numbered_by_kind(case: CaseStore) -> None:
    assert case.enter("actor", [ANA, BEN], by="ana", at_us=1) == ["a1", "a2"]
    assert case.enter("entry", [ANA], by="ana", at_us=2) == ["e1"]
    assert case.enter("actor", [ANA], by="ben", at_us=3) == ["a3"]
    kept = case.entered("actor", Actor)
    assert [(one.name, one.value, one.by) for one in kept] == [
        ("a1", ANA, "ana"), ("a2", BEN, "ana"), ("a3", ANA, "ben"),
    ]  # fmt: skip


def test_what_is_struck_stays_on_file_with_its_reason(case: CaseStore) -> None:
    case.enter("actor", [ANA, BEN], by="ana", at_us=1)
    case.strike("actor", "a1", by="ben", reason="two people", at_us=5)
    assert [one.name for one in case.entered("actor", Actor)] == ["a2"]
    first = case.entered("actor", Actor, struck=True)[0]
    assert first.struck is not None
    assert (first.struck.by, first.struck.reason, first.struck.at_us) == ("ben", "two people", 5)
    assert case.enter("actor", [BEN], by="ana", at_us=6) == ["a3"]


@pytest.mark.parametrize(
    ("name", "said"), [("a9", 'no actor "a9"'), ("c1", "no such name"), ("a1", "struck already")]
)
def test_only_what_stands_can_be_struck(case: CaseStore, name: str, said: str) -> None:
    case.enter("actor", [ANA], by="ana", at_us=1)
    case.strike("actor", "a1", by="ana", reason="r", at_us=2)
    with pytest.raises(UsageError, match=said):
        case.strike("actor", name, by="ana", reason="r", at_us=3)


def test_a_relation_is_undone_and_not_forgotten(case: CaseStore) -> None:
    assert case.relate([IS_ANA], by="ana", at_us=1) == ["r1"]
    (kept,) = case.relations("is")
    assert kept.relation.relation_id == "r1"
    assert kept.relation.score == 0.5
    case.unrelate("r1", by="ben", reason="another Ana", at_us=2)
    assert case.relations() == []
    (gone,) = case.relations(undone=True)
    assert gone.relation.undone
    assert gone.undoing is not None
    assert gone.undoing.reason == "another Ana"
    with pytest.raises(UsageError, match="undone already"):
        case.unrelate("r1", by="ben", reason="again", at_us=3)
    with pytest.raises(UsageError, match="no relation"):
        case.unrelate("r2", by="ben", reason="none", at_us=3)


def test_relations_are_found_by_kind_and_by_what_they_join(case: CaseStore) -> None:
    case.relate([IS_ANA], by="ana", at_us=1)
    assert len(case.relations(of="a1")) == len(case.relations(of="mail:a@x")) == 1
    assert case.relations(of="a2") == case.relations("contradicts") == []
