"""Every new record meets every started watch once, before it is sealed; what is raised is what a look finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.desk import offices, taps
from tests.desk.offices import NOW_US, Desk, lines, write_lines

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.desk.collecting import CollectReport
from pastwatch.desk.scratch import open_self_authorised
from pastwatch.desk.tapping import protect, uninstall
from pastwatch.errors import UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act
from pastwatch.model.when import DAY_US, iso
from pastwatch.sealing.casekey import AgeIdentity
from pastwatch.stages.watch.standing import read_watch

WORDS = ("valve", "bridge", "cake", "Pumpe", "фургон", "key", "Überlauf", "valves")
QUERIES = (
    "valve",
    "bridge AND key",
    "(valve* OR фургон) NEAR/3 (bridge OR cake)",
    '"the valve"',
    "/[Pp]ump(e|s)/",
    "cake NOT key",
    "subject:bridge",
    "from:p1@a.example",
)


def collect(
    desk: Desk, rows: list[dict[str, Any]], *, source: str = "mail", **given: Any
) -> CollectReport:
    path = write_lines(desk.folder / f"{source}.jsonl", rows)
    with desk.open() as archive:
        return archive.collect(
            path, source=source, basis="own", connector="jsonl", **{"watch": True, **given}
        )


def said(text: str, number: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": f"m{number}",
        "from": "ana@a.example",
        "to": "ben@a.example",
        "text": text,
        **more,
    }


def test_a_started_watch_raises_for_what_it_looks_for_and_seals_it_to_its_owner(desk: Desk) -> None:
    taps.start(desk, taps.toml("number-seven", "seven OR 7"))
    report = collect(desk, lines(10))
    assert report.tap is not None
    assert (report.tap.tally.examined, report.tap.tally.alerts) == (10, 1)
    left = taps.left(desk)
    (alert,), (shown,) = left.alerts, left.shown
    assert left.journals[0].signed_by
    assert alert.alert.at_us == NOW_US
    assert shown["branches"] == ["query"]
    assert shown["record"]["text"] == "text of number 7"
    assert shown["record"]["sender"] == {"address": "p3@a.example", "name": ""}
    assert shown["record"]["record_id"] == alert.alert.record_id.hex()
    raw = b"".join(p.read_bytes() for p in WatchPlace.of(desk.place).outbox.iterdir())
    assert b"number" not in raw.replace(b"number-seven", b"")
    assert b"a.example" not in raw


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(
        st.tuples(
            st.lists(st.sampled_from(("the", *WORDS)), min_size=1, max_size=8).map(" ".join),
            st.sampled_from(("", "bridge", "re: cake")),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_what_a_tap_raises_is_what_a_look_finds_afterwards(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]]
) -> None:
    desk = Desk.founded(tmp_path_factory.mktemp("tap"))
    taps.start(desk, *(taps.toml(f"w{n}", query) for n, query in enumerate(QUERIES)))
    rows = [
        said(
            text, n, subject=subject, date="2017-07-01T00:00:00Z", **{"from": f"p{n % 3}@a.example"}
        )
        for n, (text, subject) in enumerate(texts)
    ]
    collect(desk, rows)
    left = taps.left(desk)
    with desk.open() as archive:
        archive.add_event("e", "e", at="2017-07-01T00:00:00Z")
        case, _, _ = open_self_authorised(
            archive, "e", desk.folder / "grant.toml", ground="own", span_hours=2000, necessity="all"
        )
        for number, query in enumerate(QUERIES):
            hits = {hit.citation.record_id for hit in case.look(query)}
            raised = {a.alert.record_id for a in left.alerts if a.alert.watch == f"w{number}"}
            assert raised == hits, query


def test_what_is_held_is_not_examined_again(desk: Desk) -> None:
    taps.start(desk, taps.toml("all-texts", "number"))
    first = collect(desk, lines(10))
    again = collect(desk, lines(12))
    assert first.tap is not None
    assert again.tap is not None
    assert (first.tap.tally.examined, again.tap.tally.examined) == (10, 2)
    assert len(taps.left(desk).alerts) == 12


def test_a_run_is_in_the_ledger_as_examined_by_machine(desk: Desk) -> None:
    taps.start(desk, taps.toml("seven", "7"), taps.toml("none", "zebra"))
    report = collect(desk, lines(10))
    with desk.open() as archive:
        acts = [e.act for e in archive.office.ledger.entries()]
        (entry,) = entries_of(archive.office.ledger, Act.WATCH_ALERT)
        collector = archive.office.ring.collector().key.signing.key_id
    assert entry.actor == collector
    assert entry.outcome["examined_by_machine"] == 10
    assert (entry.outcome["watches"], entry.outcome["alerts"]) == (2, 1)
    assert entry.outcome["run_id"] == report.run.run_id
    assert acts.index(Act.WATCH_ALERT) < acts.index(Act.COLLECT_COMMIT), "before the first pack"
    examined = [one for j in taps.left(desk).journals for one in j.examined]
    assert [(e.watch, e.records, e.alerts) for e in examined] == [("none", 10, 0), ("seven", 10, 1)]


def test_context_is_the_earlier_records_of_the_conversation_alone(desk: Desk) -> None:
    taps.start(desk, taps.toml("alarm", "alarm", lines="context = 2"))
    talk = {"conversation": "c1"}
    rows = [
        said("first", 1, **talk),
        said("elsewhere", 2, conversation="c2"),
        said("second", 3, **talk),
        said("third", 4, **talk),
        said("alarm", 5, **talk),
        said("afterwards", 6, **talk),
    ]
    collect(desk, rows)
    (shown,) = taps.left(desk).shown
    assert [one["text"] for one in shown["context"]] == ["second", "third"]


def test_a_source_marked_no_watch_never_meets_a_tap(desk: Desk) -> None:
    taps.start(desk, taps.toml("all-texts", "number"))
    collect(desk, lines(3), watch=False)
    with desk.open() as archive:
        source_id = archive.office.source_id("mail")
    here = WatchPlace.of(desk.place)
    here.nowatch.write_text(json.dumps({"sources": [source_id]}))
    report = collect(desk, lines(6))
    assert report.tap is not None
    assert report.tap.seats == ()
    assert taps.left(desk).alerts == []
    here.nowatch.write_text("{")
    assert collect(desk, lines(8)).tap.seats == (), "a list that does not read watches nobody"  # type: ignore[union-attr]
    here.nowatch.write_text('{"sources": []}')
    collect(desk, lines(9))
    assert taps.left(desk).texts("all-texts") == ["text of number 8"]


def test_records_of_protected_accounts_are_withheld_from_every_watch(desk: Desk) -> None:
    taps.start(desk, taps.toml("all", "word", lines="context = 5"))
    with desk.open() as archive:
        protect(archive.office, ["Priest@parish.example", "lawyer.example"])
    talk = {"conversation": "c1"}
    rows = [
        said("word one", 1, **talk, **{"from": "priest@parish.example"}),
        said("word two", 2, **talk, to="x@desk.lawyer.example"),
        said("word three", 3, **talk),
    ]
    report = collect(desk, rows)
    assert report.tap is not None
    assert (report.tap.tally.examined, report.tap.tally.withheld) == (1, 2)
    (shown,) = taps.left(desk).shown
    assert (shown["record"]["text"], shown["context"]) == ("word three", [])


def test_a_list_of_protected_accounts_that_does_not_read_stops_every_watch(desk: Desk) -> None:
    taps.start(desk, taps.toml("all", "number"))
    WatchPlace.of(desk.place).protected.write_text("[]")
    report = collect(desk, lines(3))
    assert report.run.records == 3
    left = taps.left(desk)
    assert left.alerts == []
    assert [s.reason for s in left.stops] == [
        "the list of accounts kept from watches does not read"
    ]


def test_a_watch_without_its_start_in_the_ledger_is_not_run(desk: Desk) -> None:
    taps.start(desk, taps.toml("slipped", "number"), taps.toml("good", "number"))
    here = WatchPlace.of(desk.place)
    here.text("other", 1).write_bytes(here.text("slipped", 1).read_bytes())
    card = json.loads(here.card("slipped").read_bytes())
    card["recipient"] = AgeIdentity.make().recipient
    here.card("slipped").write_text(json.dumps(card))
    here.text("torn", 3).write_bytes(b"age-encryption.org/v1\nnot at all")
    collect(desk, lines(3))
    left = taps.left(desk)
    assert {a.alert.watch for a in left.alerts} == {"good"}
    assert {(s.watch, s.version, s.reason) for s in left.stops} == {
        ("other", 1, "its text is of another name or version"),
        ("slipped", 1, "its recipient is not the one in the ledger"),
        ("torn", 3, "its text does not open for this collector"),
    }


def test_a_watch_that_ended_is_not_run_even_where_its_text_is_put_back(desk: Desk) -> None:
    text = taps.toml("seven", "7")
    taps.start(desk, text)
    path = WatchPlace.of(desk.place).text("seven", 1)
    kept = path.read_bytes()
    with desk.open() as archive:
        uninstall(archive.office, read_watch(text))
    assert not path.exists()
    path.write_bytes(kept)
    collect(desk, lines(10))
    left = taps.left(desk)
    assert left.alerts == []
    assert [s.reason for s in left.stops] == ["the ledger does not say that it was started"]


def test_a_watch_stops_when_its_authority_runs_out_and_its_owner_is_told(desk: Desk) -> None:
    taps.start(desk, taps.toml("seven", "number"), until_us=NOW_US + DAY_US)
    collect(desk, lines(2))
    collect(desk, lines(4), on_progress=lambda _: desk.clock.pass_days(1))
    left = taps.left(desk)
    assert len(left.alerts) == 2
    assert [(s.watch, s.reason) for s in left.stops] == [("seven", "its authority ran out")]
    later = collect(desk, lines(6))
    assert later.tap is not None
    assert later.tap.seats == (), "the collector ended it in the ledger when it started"
    assert not WatchPlace.of(desk.place).text("seven", 1).exists()


def test_a_watch_meets_the_sources_it_names_alone(desk: Desk) -> None:
    taps.start(desk, taps.toml("only-mail", "number", lines='sources = ["mail"]'))
    collect(desk, lines(2))
    collect(desk, lines(3), source="other")
    assert len(taps.left(desk).alerts) == 2


def test_two_versions_run_side_by_side_and_their_alerts_are_apart(desk: Desk) -> None:
    taps.start(desk, taps.toml("seven", "7"), taps.toml("seven", "7 OR 8", version=2))
    collect(desk, lines(10))
    left = taps.left(desk)
    assert sorted(a.alert.version for a in left.alerts) == [1, 2, 2]
    assert len(left.ids) == 3


def test_what_is_sealed_unparsed_cannot_be_watched(desk: Desk) -> None:
    with pytest.raises(UsageError, match="cannot be examined"):
        collect(desk, lines(1), depth="raw")


def test_a_rhythm_goes_on_after_a_restart_and_counts_nothing_twice(desk: Desk) -> None:
    rest = '[[count]]\nat_least = 4\nwithin = "1h"\nquery = "valve"\nper = "conversation"\n'
    taps.start(desk, taps.toml("four", rest=rest))

    def at(number: int) -> dict[str, Any]:
        date = iso(NOW_US + number * 1_000_000)
        return said(f"valve {number}", number, conversation="c1", date=date)

    collect(desk, [at(0), at(1)])
    collect(desk, [at(0), at(1), at(2)])
    assert taps.left(desk).alerts == []
    collect(desk, [at(3)])
    left = taps.left(desk)
    assert left.texts("four") == ["valve 3"]
    assert left.shown[0]["branches"] == ["count 1"]
    with desk.open() as archive:
        source_id = archive.office.source_id("mail")
    kept = WatchPlace.of(desk.place).rhythms(source_id)
    kept.write_bytes(kept.read_bytes()[:-1])
    report = collect(desk, [at(4)])
    assert report.tap is not None
    assert not report.tap.memory_reads


def test_undated_late_and_future_records_are_examined_like_any_other(desk: Desk) -> None:
    rest = '[[count]]\nat_least = 3\nwithin = "1h"\nquery = "valve"\n'
    taps.start(desk, taps.toml("three", rest=rest), taps.toml("valve", "valve"))
    rows = [
        said("valve undated", 1),
        said("valve of the future", 2, date=iso(NOW_US + 900 * DAY_US)),
        said("valve of long ago", 3, date=iso(NOW_US - 900 * DAY_US)),
        said("valve now", 4, date=iso(NOW_US)),
    ]
    collect(desk, rows)
    left = taps.left(desk)
    assert len(left.texts("valve")) == 4
    assert left.texts("three") == ["valve now"], "two stand at their arrival, one long ago"


def test_a_clock_set_back_changes_what_stands_when_and_loses_nothing(desk: Desk) -> None:
    taps.start(desk, taps.toml("all", "number"))
    collect(desk, lines(2))
    desk.clock.now_us -= 30 * DAY_US
    collect(desk, lines(4))
    assert [a.alert.at_us for a in taps.left(desk).alerts] == [NOW_US] * 2 + [
        NOW_US - 30 * DAY_US
    ] * 2


def test_two_sources_collected_at_once_keep_their_journals_and_rhythms_apart(
    desk: Desk, tmp_path: Path
) -> None:
    rest = '[[count]]\nat_least = 2\nwithin = "1h"\nquery = "number"\n'
    taps.start(desk, taps.toml("two", "number", rest=rest))
    first = write_lines(tmp_path / "a.jsonl", lines(3, undated_every=99))
    second = write_lines(tmp_path / "b.jsonl", lines(3, undated_every=99))
    with desk.open() as one, desk.open() as other:
        seen: list[CollectReport] = []

        def between(_progress: object) -> None:
            if not seen:
                seen.append(
                    other.collect(second, source="b", basis="own", connector="jsonl", watch=True)
                )

        one.collect(
            first, source="a", basis="own", connector="jsonl", watch=True, on_progress=between
        )
    left = taps.left(desk)
    assert len(left.alerts) == len(left.ids) == 6
    assert len({p.source_id for p in left.passed}) == 2
    assert all(journal.signed_by for journal in left.journals)
    assert offices.Desk(desk.folder, desk.clock).place == desk.place
