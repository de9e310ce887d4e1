"""What the desk keeps beside the archive: events, authorities, cases, protections, watches."""

# ruff: noqa: S608 - statements are put together from constants of this file; values are bound

from __future__ import annotations

import dataclasses
from typing import Any

from pastwatch.casefile import schema
from pastwatch.casefile.papers import to_text
from pastwatch.casefile.watching import WatchingPapers
from pastwatch.errors import NoAuthority, UsageError
from pastwatch.model.authority import Authority, Event
from pastwatch.model.case import AuthorityState, AuthorityStatus, Case, ProtectedKind, Protection
from pastwatch.model.plain import to_plain

_ORDER = tuple(AuthorityStatus)
_STATE = "SELECT value, status, by, at_us, reason FROM authorities"
_CASE = "SELECT case_id, event_id, authority_id, folder, opened_us, closed_us FROM cases"


class DeskStore(WatchingPapers):
    """The desk's encrypted file, one an archive; nothing of any record's text is in it."""

    schema = schema.DESK

    def add_event(self, event: Event, *, by: str, at_us: int) -> None:
        """Declare an event; UsageError when its id is taken."""
        self._insert_new(
            "events (event_id, value, by, at_us)",
            (event.event_id, to_text(to_plain(event)), by, at_us),
            what=f"event {event.event_id!r}",
        )

    def event(self, event_id: str) -> Event:
        """One event by its id; UsageError when there is none."""
        rows = self._rows("SELECT value FROM events WHERE event_id = ?", event_id)
        if not rows:
            raise UsageError(f"there is no event {event_id!r}", hint="see 'pastwatch event list'")
        return self._read(Event, rows[0][0])

    def events(self) -> list[Event]:
        """Every event, in the order they were declared."""
        rows = self._rows("SELECT value FROM events ORDER BY rowid")
        return [self._read(Event, row[0]) for row in rows]

    def put_authority(
        self,
        authority: Authority,
        *,
        status: AuthorityStatus,
        by: str,
        at_us: int,
        reason: str = "",
    ) -> None:
        """Note how far an authority has come, as one more state of it.

        UsageError when it would go back, or when anything but its signatures differs from what
        was signed.
        """
        state = AuthorityState(
            authority=authority, status=status, by=by, at_us=at_us, reason=reason
        )
        with self._change() as change:
            earlier = self.authority_states(authority.authority_id)
            if earlier:
                _check_next(earlier[-1], state)
            change.execute(
                "INSERT INTO authorities (authority_id, value, status, by, at_us, reason) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *(authority.authority_id, to_text(to_plain(authority)), status.value),
                    *(by, at_us, reason),
                ),
            )

    def authority(self, authority_id: str) -> AuthorityState:
        """An authority as it stands; NoAuthority when there is none."""
        states = self.authority_states(authority_id)
        if not states:
            raise NoAuthority(
                f"there is no authority {authority_id!r}", hint="see 'pastwatch authority list'"
            )
        return states[-1]

    def authorities(self) -> list[AuthorityState]:
        """Every authority as it stands, in the order they were drafted."""
        drafted = self._rows(
            "SELECT authority_id FROM authorities GROUP BY authority_id ORDER BY min(no)"
        )
        return [self.authority(row[0]) for row in drafted]

    def authority_states(self, authority_id: str) -> list[AuthorityState]:
        """Every state an authority went through, in order."""
        rows = self._rows(f"{_STATE} WHERE authority_id = ? ORDER BY no", authority_id)
        return [self._state(row) for row in rows]

    def add_case(self, case: Case) -> None:
        """Note a case that was opened; UsageError when its name is taken or its event unknown."""
        self.event(case.event_id)
        self.authority(case.authority_id)
        self._insert_new(
            "cases (case_id, event_id, authority_id, folder, opened_us, closed_us)",
            (
                *(case.case_id, case.event_id, case.authority_id, case.folder),
                *(case.opened_us, case.closed_us),
            ),
            what=f"case {case.case_id!r}",
        )

    def close_case(self, case_id: str, *, at_us: int) -> None:
        """Note that a case is closed; a closed one stays closed."""
        with self._change() as change:
            case = self.case(case_id)
            if case.closed_us is not None:
                raise UsageError(f"case {case_id!r} is closed already")
            closed = dataclasses.replace(case, closed_us=at_us)
            change.execute(
                "UPDATE cases SET closed_us = ? WHERE case_id = ?", (closed.closed_us, case_id)
            )

    def case(self, case_id: str) -> Case:
        """One case by its name; UsageError when there is none."""
        rows = self._rows(f"{_CASE} WHERE case_id = ?", case_id)
        if not rows:
            raise UsageError(f"there is no case {case_id!r}", hint="see 'pastwatch case list'")
        return _case(rows[0])

    def cases(self, *, open_only: bool = False) -> list[Case]:
        """Every case, in the order they were opened; only those not closed where asked."""
        where = "WHERE closed_us IS NULL" if open_only else ""
        return [_case(row) for row in self._rows(f"{_CASE} {where} ORDER BY rowid")]

    def add_protection(self, protection: Protection) -> None:
        """Withhold an account or domain from now on; a second time replaces the reason."""
        self._protect(protection, lifted=False)

    def lift_protection(self, protection: Protection) -> None:
        """Withhold it no longer; who lifted it, when and why stay on file."""
        key = (protection.kind, protection.address)
        if key not in {(p.kind, p.address) for p in self.protections()}:
            raise UsageError(f"this {protection.kind.value} is not protected")
        self._protect(protection, lifted=True)

    def protections(self) -> list[Protection]:
        """What is withheld now, in the order it was protected."""
        last = "SELECT max(no) FROM protected GROUP BY kind, address"
        rows = self._rows(
            "SELECT kind, address, reason, by, at_us FROM protected "
            f"WHERE no IN ({last}) AND NOT lifted ORDER BY no"
        )
        return [
            Protection(kind=ProtectedKind(kind), address=address, reason=reason, by=by, at_us=at_us)
            for kind, address, reason, by, at_us in rows
        ]

    def _insert_new(self, table: str, values: tuple[Any, ...], *, what: str) -> None:
        marks = ", ".join("?" * len(values))
        with self._change() as change:
            sql = f"INSERT INTO {table} VALUES ({marks}) ON CONFLICT DO NOTHING"
            if change.execute(sql, values).rowcount < 1:
                raise UsageError(f"{what} exists already")

    def _protect(self, protection: Protection, *, lifted: bool) -> None:
        with self._change() as change:
            change.execute(
                "INSERT INTO protected (kind, address, reason, by, at_us, lifted) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *(protection.kind.value, protection.address, protection.reason),
                    *(protection.by, protection.at_us, int(lifted)),
                ),
            )

    def _state(self, row: tuple[Any, ...]) -> AuthorityState:
        value, status, by, at_us, reason = row
        return AuthorityState(
            authority=self._read(Authority, value),
            status=AuthorityStatus(status),
            by=by,
            at_us=at_us,
            reason=reason,
        )


def _check_next(last: AuthorityState, new: AuthorityState) -> None:
    name = new.authority.authority_id
    back = _ORDER.index(new.status) < _ORDER.index(last.status)
    if back or last.status is AuthorityStatus.REVOKED:
        raise UsageError(f"authority {name!r} is {last.status.value}: it does not go back")
    if last.status is not AuthorityStatus.DRAFTED:
        unsigned = [dataclasses.replace(s.authority, signatures=()) for s in (last, new)]
        if unsigned[0] != unsigned[1]:
            raise UsageError(
                f"authority {name!r} is {last.status.value}: its text cannot change",
                hint="draft a new one under another name",
            )


def _case(row: tuple[Any, ...]) -> Case:
    case_id, event_id, authority_id, folder, opened_us, closed_us = row
    return Case(
        case_id=case_id,
        event_id=event_id,
        authority_id=authority_id,
        folder=folder,
        opened_us=opened_us,
        closed_us=closed_us,
    )
