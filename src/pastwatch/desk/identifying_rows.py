"""What the directories of a case say of an actor: rows with its numbers and addresses, or its names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pastwatch.desk.case import CaseWork
from pastwatch.desk.identifying import KnownActor
from pastwatch.desk.identifying_directories import as_of, directories, find_rows, is_older
from pastwatch.desk.identifying_suggesting import shown_names
from pastwatch.desk.talking import talk_of_case
from pastwatch.model.directory import DirectoryRow

_NAMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorRow:
    """A row of a directory with its directory's date and grade beside it."""

    row: DirectoryRow
    source: str
    as_of: str
    grade: str
    before_event: bool


def rows_of_actor(case: CaseWork, actor: KnownActor) -> list[ActorRow]:
    """Rows found by an actor's accounts, then by its label and the names its accounts are shown with."""
    if not directories(case):
        return []
    talk = talk_of_case(case, purpose="actors")
    found: dict[str, DirectoryRow] = {}
    names: dict[str, None] = {actor.label: None}
    for one in actor.accounts:
        _, _, address = one.account.partition(":")
        for row in find_rows(case, account=address, phone=address):
            found.setdefault(row.name, row)
        names |= dict.fromkeys(shown_names(talk, one.account)[:_NAMES])
    for name in names:
        for row in find_rows(case, name=name):
            found.setdefault(row.name, row)
    return with_dates(case, found.values())


def with_dates(case: CaseWork, rows: Iterable[DirectoryRow]) -> list[ActorRow]:
    """Rows with what is to stand beside them: where from, of which date, how far to be relied on."""
    by_name = {entered.name: entered.value for entered in directories(case)}
    made = []
    for row in rows:
        own = by_name[row.directory]
        made.append(
            ActorRow(
                row=row,
                source=own.source,
                as_of=as_of(own),
                grade=f"{own.grade.reliability}{own.grade.credibility}",
                before_event=is_older(own, case.event.when.start_us),
            )
        )
    return made
