"""A finding is stale by whatever changed under it, stays so until affirmed again, and says why."""

from pathlib import Path

import pytest
from tests.desk.briefcases import collect_later, sentences, with_findings
from tests.desk.hypothesiscases import at_the_desk
from tests.desk.offices import Desk

from pastwatch.desk.briefs.kept import versions
from pastwatch.desk.briefs.stale import Standing, reaffirm, standings
from pastwatch.desk.bringing import bring
from pastwatch.desk.holding import OpenCase
from pastwatch.desk.identifying import merge, undo
from pastwatch.desk.timelining_entries import add_entry, strike_entry
from pastwatch.errors import UsageError
from pastwatch.model.claim import Claim, Stance
from pastwatch.model.exhibit import Exhibit
from pastwatch.model.relation import Relation


@pytest.fixture
def case(desk: Desk, tmp_path: Path) -> Desk:
    with_findings(desk, tmp_path)
    return desk


def changes(work: OpenCase) -> dict[str, tuple[str, ...]]:
    """What changed under each finding that is stale."""
    return {s.finding_id: s.changes for s in standings(work) if s.standing is Standing.STALE}


def cited(work: OpenCase) -> bytes:
    """The record that f1 cites."""
    return work.findings()[0].citations[0].record_id


def test_nothing_is_stale_where_nothing_changed(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        assert {s.standing for s in standings(work)} == {Standing.NEW}
        work.brief(tmp_path / "one")
        work.show("h1")
        work.note("h1", "seen")
        [hit.hit_id for hit in work.look("wagon")]
        add_entry(work, "noon", at="2017-07-01", cites=["h1"])
        assert {s.standing for s in standings(work)} == {Standing.STANDS}
        assert work.brief(tmp_path / "two").stale == ()


def test_a_judgement_of_a_cited_record_makes_a_finding_stale(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        work.brief(tmp_path / "one")
        work.mark("h1", "relevant")
        name = cited(work).hex()[:8]
        assert changes(work) == {"f1": (f"record {name} is judged: relevant (was: not judged)",)}
        work.brief(tmp_path / "two")
    (said,) = [s for s in sentences(tmp_path / "two", "warning") if s.startswith("Stale")]
    assert said.startswith("Stale: what this rests on has changed since version 1")
    assert name in said


def test_a_stale_finding_stays_stale_over_versions_until_it_is_affirmed(
    case: Desk, tmp_path: Path
) -> None:
    with at_the_desk(case) as work:
        work.brief(tmp_path / "one")
        work.mark("h1", "unsure")
        assert [work.brief(tmp_path / n).stale for n in ("two", "three")] == [("f1",), ("f1",)]
        assert [s.since_version for s in standings(work)] == [1, 1]
        assert len(reaffirm(work, "f1", reason="the mark is of another date")) == 1
        assert changes(work) == {}
        assert work.brief(tmp_path / "four").stale == ()
        work.mark("h1", "relevant")
        assert list(changes(work)) == ["f1"]
        last = list(work.office.ledger.entries())
    said = sentences(tmp_path / "four")
    assert any("f1 was re-affirmed by ana" in text for text in said)
    told = [e.outcome for e in last if e.outcome.get("what") == "reaffirm"]
    assert told == [{"what": "reaffirm", "finding": "f1", "changes": 1}]


def test_only_what_is_stale_is_affirmed_again(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        for name, why in (("f1", "in no version"), ("f9", "no finding")):
            with pytest.raises(UsageError, match=why):
                reaffirm(work, name, reason="so")
        work.brief(tmp_path / "one")
        with pytest.raises(UsageError, match="not stale"):
            reaffirm(work, "f1", reason="so")
        with pytest.raises(UsageError, match="says why"):
            reaffirm(work, "f1", reason=" ")


def test_a_merge_undone_or_made_since_makes_a_finding_stale(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        work.brief(tmp_path / "zero")
        accounts = versions(work)[0].footings[0].accounts
        assert [a.partition(":")[2] for a in accounts] == ["ben@a.example", "ana@a.example"]
        made = merge(work, accounts[:1], reason="the signature")
        link = made.accounts[0].relation_id
        assert changes(work) == {"f1": (f'link {link} ("is") was added',)}
        reaffirm(work, "f1", reason="it is about the gates")
        work.brief(tmp_path / "one")
        undo(work, link, reason="another Ben")
        assert changes(work) == {"f1": (f'link {link} ("is") was undone',)}


def test_what_rests_on_the_same_record_and_is_struck_makes_a_finding_stale(
    case: Desk, tmp_path: Path
) -> None:
    with at_the_desk(case) as work:
        record_id = cited(work)
        citation = work.findings()[0].citations[0]
        claim = Claim(
            claim_id="",
            report_id=record_id,
            who_says="the guard",
            statement="the gates were locked",
            stance=Stance.ASSERTS,
            citation=citation,
            maker="ana",
            version="1",
        )
        exhibit = Exhibit(
            kind="document",
            title="a note",
            record_id=record_id,
            file_name="note.txt",
            sha256=bytes(32),
            size_bytes=1,
        )
        work.papers.enter("claim", [claim], by="ana", at_us=0)
        work.papers.enter("exhibit", [exhibit], by="ana", at_us=0)
        add_entry(work, "noon", at="2017-07-01", cites=["h1"])
        work.brief(tmp_path / "one")
        for kind, name in (("claim", "c1"), ("exhibit", "x1")):
            work.papers.strike(kind, name, by="ana", reason="a copy", at_us=1)
        strike_entry(work, "e1", reason="another day")
        assert changes(work) == {
            "f1": tuple(
                f"{name}, which rests on the same record, was struck" for name in ("c1", "x1", "e1")
            )
        }


def test_a_withdrawn_report_makes_a_finding_stale(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        work.brief(tmp_path / "one")
        for kind in ("supports", "withdraws"):
            link = Relation(
                relation_id="",
                kind=kind,
                from_id="a" * 32,
                to_id=cited(work).hex(),
                maker="ana",
                reason="a notice in the paper",
            )
            work.papers.relate([link], by="ana", at_us=0)
        assert changes(work) == {"f1": ('link r2 ("withdraws") was added',)}


def test_new_packs_in_scope_make_stale_what_says_how_much_there_is(
    case: Desk, tmp_path: Path
) -> None:
    with at_the_desk(case) as work:
        work.finding(
            "It was likely closed on purpose.",
            cites=["h1"],
            kind="judgement",
            likelihood="likely",
            confidence="low",
            reasons="one record",
        )
        work.brief(tmp_path / "one")
    collect_later(case, tmp_path)
    with at_the_desk(case) as work:
        found = changes(work)
    packs = "source mail holds 2 packs of 4 records in scope (held 1 pack of 3 records)"
    assert found == {"f2": ("held is 4 (was 3)", packs), "f3": (packs,)}


def test_an_annexed_authority_makes_stale_what_says_how_much_there_is(
    case: Desk, tmp_path: Path
) -> None:
    report = tmp_path / "courier.txt"
    report.write_text("HARBOUR COURIER\nFire\n\n2017-07-02\n\nIt burned.\n", encoding="utf-8")
    with at_the_desk(case) as work:
        work.brief(tmp_path / "one")
        bring(
            work,
            [report],
            source="reports",
            basis="published",
            connector="report",
            medium="report",
            ground="published",
        )
        (annex,) = (gate.authority.authority_id for gate in work.annexes)
        assert changes(work)["f2"][-1] == f"authority {annex} was annexed"
        assert "f1" not in changes(work)


def test_an_authority_ended_makes_every_finding_stale(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        work.brief(tmp_path / "one")
        name = work.authority.authority_id
        case.clock.pass_days(60)
        assert changes(work) == dict.fromkeys(
            ("f1", "f2"), (f"authority {name} is expired (was granted)",)
        )
        with case.open() as archive:
            archive.revoke(name, reason="the order was lifted")
        assert changes(work)["f1"] == (f"authority {name} is revoked (was granted)",)


def test_a_finding_withdrawn_since_is_told_with_its_reason(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        work.brief(tmp_path / "one")
        work.retract("f1", reason="h1 is a quotation")
        found = {s.finding_id: (s.standing, s.changes) for s in standings(work)}
    assert found["f1"] == (Standing.WITHDRAWN, ("h1 is a quotation",))
    assert found["f2"] == (Standing.STANDS, ())


def test_who_judged_is_not_told_to_the_reader_of_a_brief(case: Desk, tmp_path: Path) -> None:
    with at_the_desk(case) as work:
        work.brief(tmp_path / "one")
    with at_the_desk(case, "zenobia") as work:
        work.mark("h1", "relevant")
        work.brief(tmp_path / "two")
    assert not any("zenobia" in text for text in sentences(tmp_path / "two", "warning"))
