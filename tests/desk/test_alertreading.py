"""Reading an alert shows which branch matched and where, as the exact matcher finds it."""

from __future__ import annotations

import pytest
from tests.desk import standings
from tests.desk.offices import NOW_US, Desk, write_lines

from pastwatch.desk.alertreading import read_alert
from pastwatch.desk.standing import end
from pastwatch.errors import AuthorityError, UsageError
from pastwatch.matching.matcher import TEXT
from pastwatch.model.when import iso


def test_each_branch_is_named_with_its_places(desk: Desk) -> None:
    standings.sign(desk)
    rest = '[[count]]\nat_least = 2\nwithin = "1h"\nquery = "pump"\nper = "conversation"\n'
    standings.run(desk, standings.valve(query="valve*", rest=rest, lines="context = 3"))
    texts = ["a pump", "the pump and the valves"]
    rows = [
        {"id": str(n), "conversation": "c", "date": iso(NOW_US + n), "text": text, "from": "p@a.example"}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    path = write_lines(desk.folder / "rows.jsonl", rows)
    with desk.open() as archive:
        archive.collect(path, source="mail", basis="own", connector="jsonl", watch=True)
    (one,) = standings.alerts(desk)
    with desk.open() as archive:
        read = read_alert(archive.office, one[:8])
    assert [(b.name, b.query, b.found) for b in read.branches] == [
        ("query", "valve*", True),
        ("count 1", "pump", True),
    ]
    raw = read.record.text.encode()
    marked = [raw[a:b] for part, a, b in read.spans if part == TEXT]
    assert marked == [b"pump", b"valves"]
    assert [c.text for c in read.context] == ["a pump"]
    assert (read.read_today, read.alerts_a_day) == (1, 20)
    assert read.line.read


def test_an_ended_watch_is_read_while_its_authority_lasts(desk: Desk) -> None:
    standings.sign(desk)
    standings.run(desk, standings.valve())
    standings.collect(desk, ["the valve"])
    (one,) = standings.alerts(desk)
    with desk.open() as archive:
        end(archive.office, "valve", reason="mended")
        assert read_alert(archive.office, one).record.text == "the valve"
        assert archive.office.desk.count_disclosures("valve", since_us=0) == 1
        desk.clock.pass_days(30)
        with pytest.raises(AuthorityError):
            read_alert(archive.office, one)


def test_an_alert_that_is_unknown_or_not_the_only_one_is_not_read(desk: Desk) -> None:
    standings.sign(desk)
    standings.run(desk, standings.valve())
    standings.collect(desk, [f"valve {n}" for n in range(40)])
    ids = standings.alerts(desk)
    shared = next(i[0] for i in ids if sum(j[0] == i[0] for j in ids) > 1)
    with desk.open() as archive:
        for wrong in (shared, "zz", ""):
            with pytest.raises(UsageError, match="no one alert"):
                read_alert(archive.office, wrong)


def test_a_protected_account_is_not_read_though_it_was_raised_before(desk: Desk) -> None:
    standings.sign(desk)
    standings.run(desk, standings.valve())
    standings.collect(desk, ["the valve"])
    (one,) = standings.alerts(desk)
    with desk.open() as archive:
        archive.protect("ben@b.example", reason="defence counsel")
        with pytest.raises(AuthorityError, match="protected since"):
            read_alert(archive.office, one)
