"""The mail headers of a published synthetic case: read, divided, drawn, followed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pastwatch.config import Settings
from pastwatch.desk.networking import CaseNetwork
from pastwatch.desk.scratch import open_self_authorised, scratch_archive
from pastwatch.model.handing import Handing

MAPPING = {
    "sender": "From",
    "recipients": "To",
    "time": "Date",
    "subject": "Subject",
    "text": "Subject",
    "zone": "Europe/Athens",
    "day_first": False,
}


@pytest.fixture(scope="module")
def headers(data_set: Callable[[str], Path]) -> Path:
    return data_set("kronos-2021") / "vast" / "2014_mc1" / "MC1 Data" / "email headers.csv"


@pytest.fixture(scope="module")
def read(headers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseNetwork]:
    folder = tmp_path_factory.mktemp("headers")
    with scratch_archive(folder, settings=Settings(isolate=False)) as archive:
        archive.collect(
            headers, source="headers", basis="published", connector="csv", medium="mail", options=MAPPING
        )  # fmt: skip
        archive.add_event("e", "Event", at="2014-01-13T10:00:00+02:00", references=("the set",))
        case, _, _ = open_self_authorised(
            archive, "e", folder / "grant.toml", ground="public", span_hours=480, necessity="all"
        )
        yield CaseNetwork(case)


def test_every_header_is_counted_and_its_recipients_are_ties(
    read: CaseNetwork, headers: Path
) -> None:
    with headers.open(encoding="latin-1", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = read.show()
    assert shown.records == len(rows) == 1170
    wanted = {
        (row["From"].split()[-1].lower(), one.split()[-1].lower())
        for row in rows
        if len(row["To"].split(",")) <= 40
        for one in row["To"].split(",")
    }
    found = {(t.from_account[5:], t.to_account[5:]) for t in shown.ties}
    assert found == {(one, other) for one, other in wanted if one != other}


def test_the_departments_are_six_firm_communities(read: CaseNetwork) -> None:
    made = read.communities()
    assert made.of == 6
    assert made.modularity > 0.6
    assert made.agreement_low == 1.0


def test_the_one_exchange_that_was_handed_on_is_followed_to_its_answers(read: CaseNetwork) -> None:
    made = read.chains(forwarded=True)
    (chain,) = made.chains
    assert [link.handing for link in chain.links] == [Handing.FORWARD, *[Handing.REPLY] * 4]
    assert read.chains().of == 145


def test_the_network_is_drawn_with_what_it_hides(read: CaseNetwork) -> None:
    svg = read.picture(read.show(limit=150))
    assert "455 of 605 ties hidden" in svg
