"""Hypotheses are hashed before the first opening, rated blind, and held against items of the case."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.desk.hypothesiscases import at_the_desk, furnish, looked
from tests.desk.offices import Desk

from pastwatch.desk import hypotheses as act
from pastwatch.desk.hypotheses_later import Written, order_of_case
from pastwatch.desk.hypotheses_table import changes, listed, resting, table, what_if
from pastwatch.errors import BadValue, UsageError
from pastwatch.ledger.entry import Act
from pastwatch.model.relation import Relation


@pytest.fixture
def case(desk: Desk, tmp_path: Path) -> Desk:
    """A case with its hypotheses, written down before anything was opened."""
    furnish(desk, tmp_path)
    with at_the_desk(desk) as work:
        act.add_hypothesis(work, "strike", statement="The depot was closed by a strike.")
        act.add_hypothesis(work, "order", statement="It was ordered.", argued_by="Ben")
        act.add_hypothesis(work, "", none=True)
    return desk


def add_items(desk: Desk) -> None:
    with at_the_desk(desk) as work:
        (gates,) = looked(work, "gates")
        (wagon,) = looked(work, "wagon")
        act.add_item(work, "the gates were locked", cites=[gates], relevance="high")
        act.add_item(work, "a wagon came early", cites=[wagon])


def rate_all(desk: Desk, person: str, *rows: tuple[str, str, str]) -> None:
    with at_the_desk(desk, person) as work:
        for number, signs in enumerate(rows, 1):
            names = dict(zip(("y1", "y2", "y3"), signs, strict=True))
            act.rate(work, f"i{number}", names, reason=f"so says {person}")


def test_what_is_written_before_the_first_opening_is_told_from_what_came_later(case: Desk) -> None:
    with at_the_desk(case) as work:
        act.ask(work, "Who closed the depot?")
        assert order_of_case(work).first_opening is None
        looked(work, "gates")
        act.add_hypothesis(work, "accident", statement="A wagon caught fire.")
        act.ask(work, "Was it planned?")
        hypotheses, questions = listed(work)
    assert [row.written for row in hypotheses] == [Written.BEFORE] * 3 + [Written.LATER]
    assert [row.written for row in questions] == [Written.BEFORE, Written.LATER]


def test_what_the_ledger_holds_no_hash_of_says_so(case: Desk) -> None:
    with at_the_desk(case) as work:
        kept = act.hypotheses_of(work)[0].value
        work.papers.enter(
            "hypothesis", [kept.__class__(title="slipped in", statement="s")], by="x", at_us=0
        )
        assert listed(work)[0][-1].written is Written.NOT_TOLD


def test_two_hypotheses_of_the_same_words_have_different_hashes(case: Desk) -> None:
    with at_the_desk(case) as work:
        for _ in range(2):
            act.add_hypothesis(work, "again", statement="The same.")
        *_, one, other = (act.hash_of(h.value) for h in act.hypotheses_of(work))
        entries = [e for e in work.office.ledger.entries() if e.act == Act.ASSESS]
    assert one != other
    assert [e.objects["hypothesis"] for e in entries[-2:]] == [one, other]
    assert all(e.authority == work.authority.authority_id for e in entries)


def test_an_item_rests_on_what_the_case_has(case: Desk) -> None:
    with at_the_desk(case) as work:
        (gates,) = looked(work, "gates")
        with pytest.raises(BadValue, match="cites records"):
            act.add_item(work, "an opinion", cites=[])
        for name, said in (
            ("h9", "no hit"),
            ("f1", "no finding"),
            ("c1", "no claim"),
            ("q1", "rest on"),
        ):
            with pytest.raises(UsageError, match=said):
                act.add_item(work, "t", cites=[gates, name])
        act.add_item(work, "the gates", cites=[gates])
        (kept,) = act.items_of(work)
    assert kept.value.sealed
    assert kept.value.source == "mail"
    assert kept.value.at_us == 1_498_903_200_000_000


def test_the_table_needs_its_hypotheses(desk: Desk, tmp_path: Path) -> None:
    furnish(desk, tmp_path)
    with at_the_desk(desk) as work:
        act.add_hypothesis(work, "strike")
        with pytest.raises(UsageError, match="at least 3"):
            table(work)
        act.add_hypothesis(work, "", none=True)
        with pytest.raises(UsageError, match="already"):
            act.add_hypothesis(work, "", none=True)
        with pytest.raises(UsageError, match="nobody argues"):
            act.add_hypothesis(work, "x", none=True, argued_by="Ben")


def test_nobody_sees_anothers_ratings_before_both_have_rated(case: Desk) -> None:
    add_items(case)
    rate_all(case, "ana", ("C", "II", "N"), ("C", "I", "N"))
    with at_the_desk(case, "ben") as work:
        seen = table(work)
        assert seen.raters == ()
        assert [one.against for one in seen.standings] == [0, 0, 0]
        assert {item.name: item.hidden_count for item in seen.items} == {"i1": 3, "i2": 3}
        act.rate(work, "i1", {"y1": "I", "y2": "II"}, reason="r")
        assert table(work).raters == ("ben",)
        act.rate(work, "i1", {"y3": "N"}, reason="r")
        seen = table(work)
    (first, other) = sorted(seen.items, key=lambda item: item.name)
    assert first.open
    assert [rater for rater, _ in first.cells["y1"]] == ["ana", "ben"]
    assert other.hidden_count == 3
    assert (seen.agreement.cells, seen.agreement.alike) == (3, 2)
    assert seen.agreement.differing[0].opposed


def test_a_change_after_seeing_is_marked_and_the_first_word_is_kept(case: Desk) -> None:
    add_items(case)
    rate_all(case, "ana", ("C", "II", "N"), ("C", "I", "N"))
    rate_all(case, "ben", ("I", "II", "N"), ("C", "I", "N"))
    with at_the_desk(case, "ben") as work:
        act.rate(work, "i1", {"y1": "C"}, reason="Ana is right")
        found = table(work)
    assert found.agreement.changed_since == 1
    assert [str(r) for _, r, _ in found.agreement.differing[0].said] == ["C", "I"]
    assert found.standings[0].against == 0


def test_ratings_are_read_from_a_dated_file_and_the_order_of_each_date_is_kept(
    case: Desk, tmp_path: Path
) -> None:
    add_items(case)
    early, late = tmp_path / "early.toml", tmp_path / "late.toml"
    early.write_text(
        'as_of = 2017-07-01T10:30:00Z\n[i1]\nwhy = "w"\ny1 = "C"\ny2 = "I"\ny3 = "N"\n', "utf-8"
    )
    late.write_text(
        'as_of = 2017-07-01T11:30:00Z\n[i2]\nwhy = "w"\ny1 = "II"\ny2 = "C"\ny3 = "N"\n', "utf-8"
    )
    with at_the_desk(case) as work:
        assert act.rate_file(work, early) == (3, 1_498_905_000_000_000)
        act.rate_file(work, late)
        first, second = changes(work)
        ahead = tmp_path / "ahead.toml"
        ahead.write_text(late.read_text("utf-8").replace("11:30", "10:30"), "utf-8")
        with pytest.raises(UsageError, match="later than the date"):
            act.rate_file(work, ahead)
    assert first.order == (("y1",), ("y2",))
    assert (second.order, second.by) == ((("y2",), ("y1",)), ("i2",))


def test_a_finding_of_nothing_counts_as_far_as_its_coverage_and_rehearsal_allow(case: Desk) -> None:
    with at_the_desk(case) as work:
        looked(work, "strike")
        finding, _ = work.finding("No talk of a strike was found.", kind="negative")
        act.add_unfound(work, "no talk of a strike", finding=finding)
        act.add_unfound(work, "the same, rehearsed", finding=finding, planted=100, found=95)
        act.add_unfound(
            work, "by telephone", finding=finding, planted=100, found=100, elsewhere=["telephones"]
        )
        for item in ("i1", "i2", "i3"):
            act.rate(work, item, {"y1": "II", "y2": "C", "y3": "N"}, reason="a strike is talked of")
        rows = {item.name: item for item in table(work).items}
        assert not rows["i1"].diagnostic
        assert "not rehearsed" in rows["i1"].worth
        assert rows["i2"].diagnostic
        assert rows["i2"].found_p == pytest.approx(0.898, abs=0.001)
        assert rows["i3"].worth.endswith("telephones")
        assert [s.against for s in table(work).standings if s.hypothesis == "y1"] == [1.0]
        work.retract(finding, reason="one more search")
        assert table(work).items[0].stale == (finding,)
        with pytest.raises(UsageError, match="withdrawn"):
            act.add_unfound(work, "t", finding=finding)


def test_only_a_finding_of_nothing_is_one(case: Desk) -> None:
    with at_the_desk(case) as work:
        (gates,) = looked(work, "gates")
        finding, _ = work.finding("The gates were locked.", cites=[gates])
        with pytest.raises(UsageError, match="no finding of nothing"):
            act.add_unfound(work, "t", finding=finding)


def test_items_that_a_relation_brings_to_one_root_count_once(case: Desk) -> None:
    add_items(case)
    rate_all(case, "ana", ("II", "C", "N"), ("II", "C", "N"))
    with at_the_desk(case) as work:
        against = {s.hypothesis: s.against for s in table(work).standings}
        assert against["y1"] == pytest.approx(2 * 1.41 + 2)
        same = Relation(
            relation_id="", kind="same root", from_id="i1", to_id="i2", maker="ana", reason="r"
        )
        work.papers.relate([same], by="ana", at_us=1)
        against = {s.hypothesis: s.against for s in table(work).standings}
        assert against["y1"] == pytest.approx(2 * 1.41)


def test_a_mapping_of_lineage_makes_one_root_of_two_items(case: Desk) -> None:
    add_items(case)
    with at_the_desk(case) as work:
        roots = {
            cite.record_id.hex(): "the gatekeeper"
            for item in act.items_of(work)
            for cite in item.value.citations
        }
        assert {row.root for row in table(work, roots=roots).items} == {"i1"}
        assert {row.root for row in table(work).items} == {"i1", "i2"}


def test_what_flips_and_what_if_are_told(case: Desk) -> None:
    add_items(case)
    rate_all(case, "ana", ("C", "II", "N"), ("C", "C", "N"))
    with at_the_desk(case) as work:
        found = resting(work)
        assert [flip.item for flip in found.flips] == ["i1"]
        order, trials = what_if(work)
        assert order == (("y1",), ("y2",))
        assert {t.switch for t in trials} >= {"without D-E", "without 6", "every item alike"}
        assert all(trial.same_top for trial in trials)


def test_refuters_name_searches_that_were_run(case: Desk) -> None:
    with at_the_desk(case) as work:
        looked(work, "order")
        act.refute(work, "y2", "a strike notice", queries=["q1"], outcome="none found")
        act.refute(work, "y1", "a list of who worked")
        with pytest.raises(UsageError):
            act.refute(work, "y1", "t", queries=["q9"])
        with pytest.raises(BadValue, match="names the searches"):
            act.refute(work, "y1", "t", outcome="none")
        rows = {row.name: row for row in listed(work)[0]}
    assert rows["y2"].refuters[0].queries == ("q1",)
    assert rows["y1"].refuters[0].queries == ()


def test_dissent_stands_for_good_and_what_is_struck_no_longer_counts(case: Desk) -> None:
    add_items(case)
    rate_all(case, "ana", ("C", "II", "N"), ("C", "I", "N"))
    with at_the_desk(case) as work:
        act.dissent(work, "y1", "the gauge sticks", who="Cleo")
        act.dissent(work, "order", "too early")
        with pytest.raises(UsageError, match="cannot be struck"):
            act.strike(work, "o1", reason="r")
        act.strike(work, "i1", reason="a quotation")
        found = table(work)
        with pytest.raises(UsageError, match="struck"):
            act.dissent(work, "i1", "t")
        with pytest.raises(UsageError, match="no item"):
            act.rate(work, "i1", {"y1": "C"}, reason="r")
    assert [(d.who, d.about) for d in found.dissents] == [("Cleo", "y1"), ("ana", "order")]
    assert [item.name for item in found.items] == ["i2"]


def test_an_item_of_a_record_judged_protected_is_neither_shown_nor_counted(case: Desk) -> None:
    add_items(case)
    rate_all(case, "ana", ("C", "II", "N"), ("C", "I", "N"))
    with at_the_desk(case) as work:
        work.mark("h1", "protected")
        found = table(work)
        assert ([item.name for item in found.items], found.withheld_count) == (["i2"], 1)
        assert {s.hypothesis: s.against for s in found.standings}["y2"] == 1
