"""An alert opens under its standing authority alone, within the day's budget, after the ledger knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.desk import standings
from tests.desk.offices import Desk

from pastwatch.archive.alertgate import AlertGate
from pastwatch.archive.watchplace import WatchPlace
from pastwatch.casefile.watching import KeptAlert
from pastwatch.desk.holding import Archive
from pastwatch.errors import (
    AuthorityExpired,
    BadSignature,
    IntegrityError,
    NoAuthority,
    OutsideScope,
    PackDamaged,
    PastwatchError,
    StorageError,
    WrongKey,
)
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act
from pastwatch.ledger.log import Ledger
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.authority import AuthorityKind
from pastwatch.sealing import seal
from pastwatch.sealing.casekey import AgeIdentity


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with three alerts of a watch that may be read twice a day."""
    made = Desk.founded(tmp_path / "desk")
    standings.sign(made)
    text = standings.valve(lines="context = 1").replace(b"a_day = 20", b"a_day = 2")
    standings.run(made, text)
    standings.collect(made, ["good morning", "the valve", "valve two", "valve three"])
    standings.alerts(made)
    return made


def gate(archive: Archive, **changed: Any) -> AlertGate:
    office = archive.office
    user, watch = office.ring.user(), office.desk.watch("valve").watch
    made = AlertGate(
        watch=watch,
        authority=office.desk.authority(watch.authority_id).authority,
        wrapped=WatchPlace.of(office.place).identity("valve").read_bytes(),
        identity=user.identity,
        policy=office.policy,
        ledger=office.ledger,
        signer=user.signing,
        clock=office.clock,
        tokens_of=office.tokens_of,
    )
    return replace(made, **changed)


def raised(archive: Archive) -> list[KeptAlert]:
    return archive.office.desk.alerts()


def shown(archive: Archive) -> int:
    archive.office.ledger.refresh()
    return len(list(entries_of(archive.office.ledger, Act.SHOWN)))


def test_what_is_opened_is_what_arrived_and_the_ledger_says_whose_it_was(desk: Desk) -> None:
    with desk.open() as archive:
        one = raised(archive)[0]
        opened = gate(archive).open(one.alert, one.sealed)
        assert opened.branches == ("query",)
        assert opened.record["text"] == "the valve"
        assert [c["text"] for c in opened.context] == []
        first, second = entries_of(archive.office.ledger, Act.SHOWN)
        (exposure,) = [
            e for e in archive.exposures() if e.account_token is None and e.source == "mail"
        ]
        accounts = [e for e in archive.exposures() if e.account_token is not None]
    assert (first.sequence, first.authority) == (opened.sequence, "standing-1")
    assert first.outcome["alert"] == one.alert.alert_id
    assert first.outcome["source_records"] == (1,)
    assert second.outcome["times"] == (1, 1)
    assert exposure.shown == 1
    assert [a.shown for a in accounts] == [1, 1]


def test_nothing_opens_where_the_entry_cannot_be_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise StorageError("the disk is full")

    with desk.open() as archive:
        one = raised(archive)[0]
        opened: list[bytes] = []
        monkeypatch.setattr(
            "pastwatch.archive.alertgate.sealed.unwrap", lambda raw, **_: opened.append(raw)
        )
        monkeypatch.setattr(Ledger, "append", lost)
        with pytest.raises(StorageError):
            gate(archive).open(one.alert, one.sealed)
    assert opened == []


def test_the_budget_of_a_day_counts_each_alert_once_and_begins_anew_at_midnight(
    desk: Desk,
) -> None:
    with desk.open() as archive:
        first, second, third = raised(archive)
        for one in (first, second, first, second):
            gate(archive).open(one.alert, one.sealed)
        with pytest.raises(NoAuthority, match="2 of 2 alerts") as refused:
            gate(archive).open(third.alert, third.sealed)
        assert "2017-07-15T00:00:00Z" in (refused.value.hint or "")
        assert "valve three" not in str(refused.value)
        (entry,) = entries_of(archive.office.ledger, Act.REFUSE)
        assert entry.outcome["alert"] == third.alert.alert_id
        desk.clock.pass_days(1)
        gate(archive).open(third.alert, third.sealed)


def test_a_greater_budget_of_a_later_version_does_not_count_anew(desk: Desk) -> None:
    text = standings.valve(version=2).replace(b"a_day = 20", b"a_day = 1")
    standings.run(desk, text)
    standings.collect(desk, ["a fourth valve"], first=9)
    standings.alerts(desk)
    with desk.open() as archive:
        every = raised(archive)
        old, new = every[0], next(k for k in every if k.alert.version == 2)
        watch = archive.office.desk.watch("valve", 1).watch
        gate(archive, watch=watch).open(old.alert, old.sealed)
        with pytest.raises(NoAuthority, match="1 of 1"):
            gate(archive).open(new.alert, new.sealed)


def test_an_authority_that_does_not_cover_it_opens_nothing(desk: Desk) -> None:
    with desk.open() as archive:
        one = raised(archive)[0]
        authority = gate(archive).authority
        scope = replace(authority.scope, source_ids=("0" * 16,))
        cases: list[tuple[dict[str, Any], type[PastwatchError]]] = [
            ({"kind": AuthorityKind.CASE}, NoAuthority),
            ({"authority_id": "another"}, NoAuthority),
            ({"acts": (Allowed.BASELINE,)}, NoAuthority),
            ({"scope": scope}, BadSignature),
            ({"purpose": "another"}, BadSignature),
            ({"signatures": ()}, BadSignature),
        ]
        for changed, error in cases:
            with pytest.raises(error):
                gate(archive, authority=replace(authority, **changed)).open(one.alert, one.sealed)
        assert shown(archive) == 0
        refused = list(entries_of(archive.office.ledger, Act.REFUSE))
    assert len(refused) == len(cases)


def test_an_authority_of_other_sources_does_not_reach_an_alert(desk: Desk) -> None:
    standings.collect(desk, ["x"], source="radio", watch=False)
    standings.sign(desk, name="standing-2", sources=["radio"])
    text = standings.valve("other", lines='sources = ["radio"]')
    standings.run(desk, text.replace(b"standing-1", b"standing-2"))
    with desk.open() as archive:
        one = raised(archive)[0]
        watch = archive.office.desk.watch("other").watch
        authority = archive.office.desk.authority("standing-2").authority
        with pytest.raises(OutsideScope):
            gate(archive, watch=watch, authority=authority).open(one.alert, one.sealed)


def test_an_authority_that_ended_or_was_revoked_opens_nothing(desk: Desk) -> None:
    with desk.open() as archive:
        one = raised(archive)[0]
        archive.revoke("standing-1", reason="lifted")
        with pytest.raises(AuthorityExpired, match="revoked"):
            gate(archive).open(one.alert, one.sealed)
        desk.clock.pass_days(30)
        with pytest.raises(AuthorityExpired, match="ended at"):
            gate(archive).open(one.alert, one.sealed)
        assert shown(archive) == 0


def test_an_authority_that_is_not_in_the_ledger_opens_nothing(desk: Desk) -> None:
    with desk.open() as archive:
        office = archive.office
        path = standings.sign(desk, name="standing-3")
        one = raised(archive)[0]
        watch = replace(office.desk.watch("valve").watch, authority_id=path.authority_id)
        with pytest.raises(NoAuthority, match="never started under this authority"):
            gate(archive, watch=watch, authority=path).open(one.alert, one.sealed)


def test_an_alert_of_another_text_or_watch_is_not_opened(desk: Desk) -> None:
    with desk.open() as archive:
        first, second, _ = raised(archive)
        with pytest.raises(IntegrityError, match="exact text"):
            gate(archive).open(replace(first.alert, record_id=bytes(16)), first.sealed)
        with pytest.raises(PackDamaged, match="of another one"):
            gate(archive).open(first.alert, second.sealed)


def test_what_was_sealed_by_another_does_not_open_or_does_not_read(desk: Desk) -> None:
    with desk.open() as archive:
        one, own = raised(archive)[0], gate(archive)
        other = AgeIdentity.make()
        with pytest.raises(WrongKey):
            own.open(one.alert, seal.wrap(b"{}", recipients=[other.recipient]))
        wrapped = seal.wrap(other.secret.encode(), recipients=[own.identity.recipient])
        with pytest.raises(WrongKey, match="not the one its alerts are sealed to"):
            gate(archive, wrapped=wrapped).open(one.alert, one.sealed)
        card = WatchPlace.of(desk.place).card("valve").read_text()
        recipient = card.split('"recipient": "')[1].split('"')[0]
        for forged in (b"[]", b"{", b'{"record": {"record_id": 1}, "context": []}'):
            with pytest.raises(PackDamaged, match="does not read"):
                own.open(one.alert, seal.wrap(forged, recipients=[recipient]))


def test_an_account_protected_since_stays_shut(desk: Desk) -> None:
    with desk.open() as archive:
        one = raised(archive)[0]
        for named in ("ben@b.example", "b.example"):
            with pytest.raises(OutsideScope, match="protected since"):
                gate(archive, protected=[named]).open(one.alert, one.sealed)
        gate(archive, protected=["someone@c.example"]).open(one.alert, one.sealed)
