"""What the desk keeps: events, authorities that only go forward, cases, protections."""

from dataclasses import replace

import pytest

from pastwatch.casefile.desk import DeskStore
from pastwatch.errors import BadValue, NoAuthority, UsageError
from pastwatch.model.authority import Act, Authority, AuthorityKind, Event, Scope, Signature
from pastwatch.model.case import AuthorityStatus, Case, ProtectedKind, Protection
from pastwatch.model.when import DAY_US, Span

EVENT = Event(event_id="idlib", title="Idlib", when=Span(start_us=0, end_us=1))
AUTHORITY = Authority(
    authority_id="a1",
    kind=AuthorityKind.CASE,
    event_id="idlib",
    purpose="find out",
    acts=(Act.READ,),
    granted_by="custodian",
    granted_to="ana",
    ground="order 7",
    scope=Scope(span=Span(start_us=0, end_us=DAY_US), source_ids=("mail",)),
    valid=Span(start_us=0, end_us=DAY_US),
)
SIGNED = replace(
    AUTHORITY, signatures=(Signature(key_id="k", person="ben", signed_us=1, signature="00"),)
)
CASE = Case(case_id="c1", event_id="idlib", authority_id="a1", folder="cases/c1", opened_us=5)
FIRM = Protection(
    kind=ProtectedKind.DOMAIN, address="firm.example", reason="lawyer", by="ana", at_us=1
)


def test_an_event_is_declared_once(desk: DeskStore) -> None:
    desk.add_event(EVENT, by="ana", at_us=1)
    with pytest.raises(UsageError, match="'idlib' exists already"):
        desk.add_event(replace(EVENT, title="other"), by="ana", at_us=2)
    assert desk.event("idlib") == EVENT
    assert desk.events() == [EVENT]
    with pytest.raises(UsageError, match="no event 'x'"):
        desk.event("x")


def test_an_authority_goes_forward_and_every_state_stays_on_file(desk: DeskStore) -> None:
    changed = replace(AUTHORITY, purpose="find out what happened")
    desk.put_authority(changed, status=AuthorityStatus.DRAFTED, by="ana", at_us=1)
    desk.put_authority(AUTHORITY, status=AuthorityStatus.DRAFTED, by="ana", at_us=2)
    desk.put_authority(SIGNED, status=AuthorityStatus.SIGNED, by="ben", at_us=3)
    desk.put_authority(SIGNED, status=AuthorityStatus.GRANTED, by="custodian", at_us=4)
    assert desk.authority("a1").status is AuthorityStatus.GRANTED
    assert desk.authority("a1").authority == SIGNED
    states = desk.authority_states("a1")
    assert [(s.by, s.at_us) for s in states] == [
        ("ana", 1), ("ana", 2), ("ben", 3), ("custodian", 4),
    ]  # fmt: skip
    assert states[0].authority == changed
    assert desk.authorities() == [states[-1]]


def test_an_authority_does_not_go_back(desk: DeskStore) -> None:
    desk.put_authority(SIGNED, status=AuthorityStatus.GRANTED, by="ben", at_us=1)
    with pytest.raises(UsageError, match="does not go back"):
        desk.put_authority(SIGNED, status=AuthorityStatus.SIGNED, by="ben", at_us=2)
    with pytest.raises(BadValue, match="reason"):
        desk.put_authority(SIGNED, status=AuthorityStatus.REVOKED, by="ben", at_us=2)
    desk.put_authority(SIGNED, status=AuthorityStatus.REVOKED, by="ben", at_us=2, reason="over")
    with pytest.raises(UsageError, match="is revoked"):
        desk.put_authority(SIGNED, status=AuthorityStatus.REVOKED, by="b", at_us=3, reason="x")
    assert desk.authority("a1").reason == "over"


def test_what_was_signed_cannot_change(desk: DeskStore) -> None:
    desk.put_authority(SIGNED, status=AuthorityStatus.SIGNED, by="ben", at_us=1)
    wider = replace(SIGNED, scope=replace(SIGNED.scope, undated=True))
    with pytest.raises(UsageError, match="its text cannot change"):
        desk.put_authority(wider, status=AuthorityStatus.GRANTED, by="ben", at_us=2)
    twice = replace(SIGNED, signatures=SIGNED.signatures * 2)
    desk.put_authority(twice, status=AuthorityStatus.SIGNED, by="cyn", at_us=3)
    assert desk.authority("a1").authority == twice


def test_an_unknown_authority_is_no_authority(desk: DeskStore) -> None:
    with pytest.raises(NoAuthority):
        desk.authority("a1")


def test_a_case_names_an_event_and_an_authority_and_closes_once(desk: DeskStore) -> None:
    with pytest.raises(UsageError, match="no event"):
        desk.add_case(CASE)
    desk.add_event(EVENT, by="ana", at_us=1)
    with pytest.raises(NoAuthority):
        desk.add_case(CASE)
    desk.put_authority(SIGNED, status=AuthorityStatus.GRANTED, by="ben", at_us=1)
    desk.add_case(CASE)
    desk.add_case(replace(CASE, case_id="b2"))
    with pytest.raises(UsageError, match="'c1' exists already"):
        desk.add_case(CASE)
    with pytest.raises(BadValue):
        desk.close_case("c1", at_us=4)
    desk.close_case("c1", at_us=9)
    with pytest.raises(UsageError, match="closed already"):
        desk.close_case("c1", at_us=10)
    assert desk.case("c1") == replace(CASE, closed_us=9)
    assert [case.case_id for case in desk.cases()] == ["c1", "b2"]
    assert [case.case_id for case in desk.cases(open_only=True)] == ["b2"]
    with pytest.raises(UsageError, match="no case 'x'"):
        desk.case("x")


def test_the_last_word_on_a_protected_address_counts(desk: DeskStore) -> None:
    account = replace(FIRM, kind=ProtectedKind.ACCOUNT, address="doc@clinic.example")
    desk.add_protection(FIRM)
    desk.add_protection(account)
    assert desk.protections() == [FIRM, account]
    desk.lift_protection(replace(account, reason="no longer", at_us=3))
    assert desk.protections() == [FIRM]
    with pytest.raises(UsageError, match="this account is not protected"):
        desk.lift_protection(account)
    again = replace(FIRM, reason="own counsel", at_us=4)
    desk.add_protection(again)
    assert desk.protections() == [again]
