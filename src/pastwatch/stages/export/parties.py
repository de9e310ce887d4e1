"""Who is who in an export: accounts with stable ids and counts, kept on disk and not in memory."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Final, NamedTuple, Self

from pastwatch.model.party import Party
from pastwatch.model.record import Kind, Record
from pastwatch.stages.export.writing import stable_id

TALK: Final = (Kind.SAID, Kind.CALLED)
"""The kinds of records that are talk; edits, reactions and notices of membership are none."""
PSEUDONYM: Final = re.compile(r"p-[a-z0-9]{8}(@pseudonym\.invalid)?")
"""What an address looks like that stands for another one."""
_HELD_AT_MOST: Final = 20_000
_SCHEMA: Final = """
CREATE TABLE accounts (medium TEXT, address TEXT, shown_as TEXT, sent INTEGER, received INTEGER,
    undated INTEGER, first_us INTEGER, last_us INTEGER, masked INTEGER,
    PRIMARY KEY (medium, address, shown_as)) WITHOUT ROWID;
CREATE TABLE names (medium TEXT, address TEXT, shown_as TEXT, name TEXT, records INTEGER,
    PRIMARY KEY (medium, address, shown_as, name)) WITHOUT ROWID;
CREATE TABLE seen (record_id BLOB PRIMARY KEY, label TEXT) WITHOUT ROWID;
"""
_ADD_ACCOUNT: Final = """
INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    sent = sent + excluded.sent, received = received + excluded.received,
    undated = undated + excluded.undated, masked = min(masked, excluded.masked),
    first_us = min(ifnull(first_us, excluded.first_us), ifnull(excluded.first_us, first_us)),
    last_us = max(ifnull(last_us, excluded.last_us), ifnull(excluded.last_us, last_us))
"""
_ADD_NAME: Final = """
INSERT INTO names VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET records = records + excluded.records
"""


class AccountKey(NamedTuple):
    """What makes two parties the same: medium and address; where no address is given, the name."""

    medium: str
    address: str
    shown_as: str = ""

    def stable(self, archive_id: str) -> str:
        """The account's stable id; of an account under a pseudonym it knows the pseudonym alone."""
        return stable_id(archive_id, "account", *self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account as the records of an export show it; names most often used first.

    `is_masked` says that its address is a pseudonym, in none but masked records: those show the
    parties of cited and relevant records under their own names.
    """

    key: AccountKey
    names: tuple[str, ...]
    sent: int
    received: int
    undated: int
    first_us: int | None
    last_us: int | None
    is_masked: bool

    @property
    def name(self) -> str:
        """The name most often shown with it, or nothing."""
        return self.names[0] if self.names else ""


def account_key(medium: str, party: Party | None) -> AccountKey | None:
    """The account of a party; None where neither an address nor a name is given."""
    if party is None or not (party.address or party.name):
        return None
    return AccountKey(medium, party.address, "" if party.address else party.name)


def spool(schema: str) -> sqlite3.Connection:
    """A private temporary database that goes with its connection.

    What does not fit into 8 MiB of memory spills to a file that has no name in any folder
    (sqlite.org/inmemorydb.html, "Temporary Databases").
    """
    connection = sqlite3.connect("", isolation_level=None)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA cache_size = -8192;" + schema)
    connection.execute("BEGIN")
    return connection


class Register:
    """Takes note of every party of every record, and gives the accounts in a stable order."""

    def __init__(self) -> None:
        self._spool = spool(_SCHEMA)
        self._accounts: dict[AccountKey, list[int | None]] = {}
        self._names: dict[tuple[str, ...], int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._spool.close()

    def note(self, record: Record, *, is_masked: bool = False) -> None:
        """Count a record's sender and recipients; one that stands twice in it counts once."""
        medium = record.envelope.medium
        self._count(account_key(medium, record.sender), record, sent=1, masked=is_masked)
        reached = {account_key(medium, party): None for party in record.recipients}
        for key in reached:
            self._count(key, record, sent=0, masked=is_masked)
        for party in (record.sender, *record.recipients):
            named = account_key(medium, party)
            if named and party and party.name and party.name != party.address:
                row = (*named, party.name)
                self._names[row] = self._names.get(row, 0) + 1
        if len(self._accounts) + len(self._names) > _HELD_AT_MOST:
            self._flush()

    def remember(self, record_id: bytes, label: str) -> None:
        """Keep what a record is called in the export."""
        self._spool.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (record_id, label))

    def label(self, record_id: bytes | None) -> str:
        """What a record is called, where it was gone through already; else nothing."""
        found = self._spool.execute("SELECT label FROM seen WHERE record_id = ?", (record_id,))
        row = found.fetchone()
        return str(row[0]) if row else ""

    def accounts(self) -> Iterator[AccountRow]:
        """Every account by medium, address and name."""
        self._flush()
        for row in self._spool.execute("SELECT * FROM accounts ORDER BY 1, 2, 3"):
            key = AccountKey(*row[:3])
            names = self._spool.execute(
                "SELECT name FROM names WHERE medium = ? AND address = ? AND shown_as = ? "
                "ORDER BY records DESC, name",
                key,
            )
            yield AccountRow(
                key=key,
                names=tuple(str(name) for (name,) in names),
                sent=row[3],
                received=row[4],
                undated=row[5],
                first_us=row[6],
                last_us=row[7],
                is_masked=bool(row[8]) and bool(PSEUDONYM.fullmatch(key.address)),
            )

    def _count(self, key: AccountKey | None, record: Record, *, sent: int, masked: bool) -> None:
        if key is None:
            return
        talk = int(record.envelope.kind in TALK)
        claimed = record.envelope.claimed
        held = self._accounts.setdefault(key, [0, 0, 0, None, None, 1])
        held[0] = (held[0] or 0) + talk * sent
        held[1] = (held[1] or 0) + talk * (1 - sent)
        held[5] = min(held[5] or 0, int(masked))
        if claimed is None:
            held[2] = (held[2] or 0) + 1
            return
        held[3] = claimed.earliest_us if held[3] is None else min(held[3], claimed.earliest_us)
        held[4] = claimed.latest_us if held[4] is None else max(held[4], claimed.latest_us)

    def _flush(self) -> None:
        accounts = ((*key, *held) for key, held in self._accounts.items())
        self._spool.executemany(_ADD_ACCOUNT, accounts)
        self._spool.executemany(_ADD_NAME, ((*row, n) for row, n in self._names.items()))
        self._accounts.clear()
        self._names.clear()
