"""Held, findable and known are three states: none of them is told from another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pastwatch.model.authority import Scope
from pastwatch.model.party import Party
from pastwatch.model.reach import Held, Known, States
from pastwatch.model.record import Defect, Envelope, Record
from pastwatch.model.when import Basis, Span, When
from pastwatch.stages.reconstruct.states import KnownQuery, Standing, covers, findable, matches

CLAIMED = When(earliest_us=1000, latest_us=1000, basis=Basis.EXPORT)


def record(text: str = "the crane is down", **more: object) -> Record:
    envelope = Envelope(
        record_id=bytes(16), source_id="s1", medium="mail", claimed=CLAIMED, held_us=5000,
        size_bytes=10, account_tokens=(), conversation_token=b"",
    )  # fmt: skip
    return Record(
        envelope=replace(envelope, **more), source_sha256=bytes(32),  # type: ignore[arg-type]
        sender=Party(address="ana@port.example"), recipients=(Party(address="ben@a.example"),),
        conversation="", native_id="", reply_to="", subject="quay", text=text, parts=(),
    )  # fmt: skip


def query(
    text: str = "crane", *, by: str = "kim", at_us: int = 7000, hit: bool | None = None
) -> KnownQuery:
    return KnownQuery(query_id="q1", text=text, by=by, at_us=at_us, hit=hit)


def standing(*, holder: str = "kim", since_us: int = 6000, until_us: int | None = 9000) -> Standing:
    return Standing(authority_id="a", holder=holder, since_us=since_us, until_us=until_us)


def since(
    *, held_us: int = 5000, own: KnownQuery | None = None, under: Standing | None = None
) -> list[int]:
    found = findable(
        record(), source_name="s", held_us=held_us, standing=[under or standing()],
        queries=[own or query()], zone="+00:00",
    )  # fmt: skip
    return [one.since_us for one in found]


def test_it_could_be_found_from_when_the_last_of_three_was_there() -> None:
    assert since() == [7000]
    assert since(held_us=8000) == [8000]
    assert since(own=query(at_us=100)) == [6000]


def test_without_one_of_the_three_nobody_could_find_it() -> None:
    assert since(own=query("tanker")) == []
    assert since(own=query(hit=False)) == []
    assert since(under=standing(holder="lou")) == []
    assert since(held_us=9000) == []
    assert since(under=standing(until_us=7000)) == []
    found = findable(
        record(), source_name="s", held_us=0, standing=[], queries=[query()], zone="+00:00"
    )
    assert found == []


def test_a_cases_own_authority_serves_whoever_works_in_it() -> None:
    assert since(under=standing(holder="")) == [7000]


def test_a_search_that_found_it_needs_no_second_look_at_its_words() -> None:
    assert since(own=query("a ranked question without a word of it", hit=True)) == [7000]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("crane", True),
        ("from:ana@port.example crane", True),
        ("subject:quay", True),
        ("tanker OR boat", False),
        ("crane AND (", False),
        ("", False),
    ],
)
def test_a_query_is_held_to_the_record_itself(text: str, expected: bool) -> None:
    assert matches(text, record(), source_name="s", zone="+00:00") is expected


def test_a_scope_covers_what_its_envelope_says() -> None:
    scope = Scope(span=Span(start_us=0, end_us=2000))
    assert covers(scope, record())
    assert not covers(replace(scope, span=Span(start_us=2000, end_us=3000)), record())
    assert not covers(replace(scope, source_ids=("s2",)), record())
    assert covers(replace(scope, accounts=("port.example",)), record())
    assert covers(replace(scope, accounts=("BEN@a.example",)), record())
    assert not covers(replace(scope, accounts=("eve@x.example",)), record())
    assert not covers(scope, record(claimed=None))
    assert covers(replace(scope, undated=True), record(claimed=None))
    assert not covers(scope, record(defects=Defect.DOUBTFUL))
    assert covers(replace(scope, areas=("north",)), record())
    assert not covers(replace(scope, areas=("north",)), record(area="south"))


def test_states_at_an_earlier_moment_leave_out_what_came_after() -> None:
    now = States(
        record_id=bytes(16),
        as_of_us=100,
        held=Held(since_us=50, source="s", basis="sealed"),
        findable=(),
        known=(Known(by="kim", at_us=70, as_context=False, basis="papers"),),
        not_findable="no authority over it stood",
    )
    then = now.at(60)
    assert then.held == now.held
    assert then.known == ()
    assert then.not_known == "not by then"
    assert then.not_findable == "no authority over it stood"
    assert now.at(40).held is None
