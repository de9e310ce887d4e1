"""A watch runs under a standing authority alone, and stops with it; its text is bound by the ledger."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from tests.desk import standings
from tests.desk.offices import Desk

from pastwatch.archive.watchplace import WatchPlace
from pastwatch.desk import standing
from pastwatch.desk.standingrules import sign_standing
from pastwatch.desk.standingview import views
from pastwatch.desk.tapping import install
from pastwatch.desk.watchdesk import told
from pastwatch.errors import AuthorityError, NoAuthority, StorageError, UsageError
from pastwatch.ledger.acts import entries_of
from pastwatch.ledger.entry import Act
from pastwatch.model.case import AuthorityStatus
from pastwatch.model.watch import WatchState
from pastwatch.storage import durable

FOLLOWS = {"accounts": ["ben@b.example"], "necessity": "a threat was made"}


def refusal(desk: Desk, text: bytes) -> str:
    with pytest.raises(AuthorityError) as found:
        standings.run(desk, text)
    return str(found.value)


def test_the_exact_text_of_a_watch_stands_in_the_ledger_before_it_runs(desk: Desk) -> None:
    text = standings.valve()
    standings.keep(desk, text)
    with desk.open() as archive:
        office = archive.office
        entry = standing.kept_entry(office, hashlib.sha256(text).hexdigest())
        assert entry is not None
        assert entry.outcome["state"] == "kept"
        assert office.desk.watch("valve").text == text
        assert office.desk.watch("valve").state is WatchState.KEPT
        assert standing.kept_entry(office, hashlib.sha256(text + b" ").hexdigest()) is None
    desk.clock.pass_days(3)
    standings.sign(desk)
    standings.run(desk, text)
    with desk.open() as archive:
        again = standing.kept_entry(archive.office, hashlib.sha256(text).hexdigest())
    assert again == entry, "kept again, it was kept when it was kept first"


def test_a_version_has_one_text(desk: Desk) -> None:
    standings.keep(desk, standings.valve())
    with pytest.raises(UsageError, match="another text as version 1"):
        standings.keep(desk, standings.valve(query="pump"))
    standings.keep(desk, standings.valve(query="pump", version=2))
    with desk.open() as archive:
        assert archive.office.desk.watch("valve").watch.version == 2


def test_a_watch_without_a_signed_authority_is_refused(desk: Desk) -> None:
    with pytest.raises(NoAuthority):
        standings.run(desk, standings.valve())
    standings.sign(desk, days=1)
    desk.clock.pass_days(1)
    assert "not valid now" in refusal(desk, standings.valve())
    with desk.open() as archive:
        refused = list(entries_of(archive.office.ledger, Act.REFUSE))
        assert WatchPlace.of(archive.office.place).started() == []
    assert [e.outcome["act"] for e in refused] == ["watch.start"]


def test_every_reason_against_a_watch_is_told_at_once(desk: Desk) -> None:
    standings.sign(desk, days=5, sources=[])
    said = refusal(desk, standings.valve(query="from:ben@b.example"))
    assert said.count("it follows persons") == 2
    assert "not listed" in said
    assert "neither an event nor a threat" in said


def test_a_watch_that_follows_persons_runs_for_ninety_days_at_most(desk: Desk) -> None:
    standings.sign(desk, days=91, **FOLLOWS)  # type: ignore[arg-type]
    assert "over 90 days" in refusal(desk, standings.valve(query="from:ben@b.example"))
    standings.sign(desk, name="standing-2", days=90, **FOLLOWS)  # type: ignore[arg-type]
    text = standings.valve(query="from:ben@b.example", version=2).replace(
        b"standing-1", b"standing-2"
    )
    started = standings.run(desk, text)
    assert len({s.key_id for s in started.authority.signatures}) == 2
    assert started.follows
    with desk.open() as archive:
        (told_,) = [
            e
            for e in entries_of(archive.office.ledger, Act.AUTHORITY)
            if len(e.outcome["signatures"]) == 2  # type: ignore[arg-type]
        ]
    assert told_.authority == "standing-2"


def test_the_granting_key_is_asked_for_only_where_a_second_signature_is_needed(desk: Desk) -> None:
    standings.sign(desk)
    started = standings.run(desk, standings.valve())
    assert len(started.authority.signatures) == 1


def test_where_several_hold_keys_another_than_who_asked_signs_first(desk: Desk) -> None:
    standings.sign(desk)
    standings.keep(desk, standings.valve())
    with desk.open() as archive:
        office = archive.office
        office.policy = replace(office.policy, single_user=False)
        with pytest.raises(AuthorityError, match="0 of 1 signatures"):
            standing.start(office, "valve")
        sign_standing(office, desk.folder / "standing-1.toml", granting=True)
        assert len(standing.start(office, "valve").authority.signatures) == 2


def test_a_rhythm_of_persons_names_whom_it_follows(desk: Desk) -> None:
    standings.sign(desk, **FOLLOWS)  # type: ignore[arg-type]
    rest = '[[count]]\nat_least = 3\nwithin = "1h"\nper = "pair"\n'
    said = refusal(desk, standings.valve(query="", rest=rest))
    assert "its count 1 counts each account, and names none" in said
    named = f'{rest}between = ["ben@b.example"]\n'
    assert standings.run(desk, standings.valve(query="", rest=named, version=2)).follows


def test_an_authority_that_lists_accounts_covers_nothing_that_follows_none(desk: Desk) -> None:
    standings.sign(desk, **FOLLOWS)  # type: ignore[arg-type]
    assert "it follows none of them" in refusal(desk, standings.valve())


def test_a_watch_meets_no_source_that_its_authority_does_not_name(desk: Desk) -> None:
    standings.collect(desk, ["nothing"], watch=False)
    standings.collect(desk, ["nothing"], source="radio", watch=False)
    standings.sign(desk, sources=["mail"])
    assert "sources that its authority does not name" in refusal(desk, standings.valve())
    both = standings.valve(lines='sources = ["mail", "radio"]', version=2)
    assert "sources that its authority does not name" in refusal(desk, both)
    standings.run(desk, standings.valve(lines='sources = ["mail"]', version=3))


def test_a_watch_whose_authority_ran_out_stops_and_its_owner_is_told(desk: Desk) -> None:
    standings.sign(desk, days=10, review_days=5)
    standings.run(desk, standings.valve())
    desk.clock.pass_days(6)
    with desk.open() as archive:
        assert standing.expire(archive.office) == []
        (line,) = told(archive.office)
    assert "review of authority standing-1 is due" in line
    assert "owner ana" in line
    desk.clock.pass_days(4)
    with desk.open() as archive:
        office = archive.office
        (ended,) = standing.expire(office)
        assert (ended.watch, ended.reason) == ("valve", standing.OVER)
        assert standing.expire(office) == []
        assert WatchPlace.of(office.place).started() == []
        standing.follow_ledger(office)
        assert office.desk.watch("valve").state is WatchState.EXPIRED
        (line,) = told(office)
        assert "its authority ran out" in line
        (view,) = views(office)
    assert "its authority is not valid now" in view.against


def test_a_collector_stops_what_ran_out_with_its_own_key(desk: Desk) -> None:
    standings.sign(desk)
    standings.run(desk, standings.valve())
    with desk.open() as archive:
        archive.revoke(standings.AUTHORITY, reason="lifted")
        key = archive.office.ring.collector().key.signing
        (ended,) = standing.expire(archive.office, signer=key)
        entry = archive.office.ledger.entry(ended.sequence)
    assert (entry.actor, entry.outcome["revoked"]) == (key.key_id, True)


def test_an_ended_watch_may_be_started_again(desk: Desk) -> None:
    standings.sign(desk)
    standings.run(desk, standings.valve())
    with desk.open() as archive:
        office = archive.office
        with pytest.raises(UsageError, match="runs already"):
            standing.start(office, "valve")
        with pytest.raises(UsageError, match="says why"):
            standing.end(office, "valve", reason=" ")
        standing.end(office, "valve", reason="mended")
        with pytest.raises(UsageError, match="does not run"):
            standing.end(office, "valve", reason="mended")
        standing.start(office, "valve")
        states = [s.state.value for s in office.desk.watch("valve").states]
    assert states == ["started", "ended", "started"]


def test_the_desk_follows_the_ledger_where_a_crash_left_it_behind(desk: Desk) -> None:
    standings.sign(desk)
    text = standings.valve()
    standings.keep(desk, text)
    with desk.open() as archive:
        office = archive.office
        install(office, text)  # and a crash before the desk has it
        assert office.desk.watch("valve").state is WatchState.KEPT
        standing.follow_ledger(office)
        assert office.desk.watch("valve").state is WatchState.STARTED


def test_two_versions_run_side_by_side_and_either_is_ended_alone(desk: Desk) -> None:
    standings.sign(desk)
    assert standings.run(desk, standings.valve()).beside == ()
    assert standings.run(desk, standings.valve(query="pump", version=2)).beside == (1,)
    with desk.open() as archive:
        (ended,) = standing.end(archive.office, "valve", version=1, reason="version 2 runs")
        assert ended.version == 1
        assert WatchPlace.of(archive.office.place).started() == [("valve", 2)]


def test_a_start_that_fails_at_any_write_can_be_done_again(tmp_path: Path) -> None:
    text, failures = standings.valve(), 0
    for step in range(200):
        desk = Desk.founded(tmp_path / str(step))
        standings.sign(desk)
        standings.keep(desk, text)
        with pytest.MonkeyPatch.context() as patch, desk.open() as archive:
            patch.setattr(durable, "on_step", Failing(step))
            try:
                standing.start(archive.office, "valve")
            except StorageError:
                failures += 1
            else:
                break
        with desk.open() as archive:
            standing.follow_ledger(archive.office)
            if archive.office.desk.watch("valve").state is WatchState.KEPT:
                standing.start(archive.office, "valve")
            last = standing.states_by_text(archive.office)[hashlib.sha256(text).hexdigest()]
            assert last.outcome["state"] == "started"
            assert archive.office.desk.watch("valve").state is WatchState.STARTED
            assert WatchPlace.of(archive.office.place).started() == [("valve", 1)]
    assert failures > 5


class Failing:
    """A disk that refuses one of the steps that make something durable."""

    def __init__(self, step: int) -> None:
        self.left = step

    def __call__(self, kind: str, path: Path) -> None:
        if kind.startswith("before:"):
            self.left -= 1
            if self.left == -1:
                raise StorageError(f"cannot {kind.removeprefix('before:')} {path.name!r}")


def test_a_standing_authority_names_a_review_and_its_lines_are_typed(
    desk: Desk, tmp_path: Path
) -> None:
    with desk.open() as archive:
        path = standing.draft_standing_authority(archive.office, tmp_path / "s.toml")
    text = path.read_text().replace('purpose = ""', 'purpose = "p"')
    text = text.replace('ground = ""', 'ground = "g"')
    for line, wrong, said in (
        ("review = ", 'review = ""', "no date on which it is reviewed"),
        ("valid_until = ", "valid_until = 2031-01-01", "written otherwise"),
        ("event = ", 'event = "nothing"', "no event"),
    ):
        changed = [wrong if one.startswith(line) else one for one in text.splitlines()]
        path.write_text("\n".join(changed))
        with desk.open() as archive, pytest.raises(UsageError, match=said):
            sign_standing(archive.office, path)
    path.write_text(text)
    with desk.open() as archive:
        authority = sign_standing(archive.office, path)
        state = archive.office.desk.authority(authority.authority_id)
    assert state.status is AuthorityStatus.SIGNED
    assert not authority.person_centred
