"""GraphML: accounts as nodes, what they sent to each other as directed edges with counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from pastwatch.model.party import Role
from pastwatch.stages.export.parties import (
    TALK,
    AccountKey,
    AccountRow,
    Register,
    account_key,
    spool,
)
from pastwatch.stages.export.taken import Exported, Taken, TakenRecord
from pastwatch.stages.export.writing import Tally, bare, iso_us, kind_word, leave_bytes, stable_id
from pastwatch.storage.durable import NewFile

FILE: Final = "network.graphml"
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"\n'
    '    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\n'
    '    xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns '
    'http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)
_KEYS: Final = {
    "graph": {"case": "string", "archive": "string", "basis": "string", "made": "string"},
    "node": {
        "label": "string",
        "type": "string",
        "medium": "string",
        "address": "string",
        "names": "string",
        "pseudonym": "boolean",
        "sent": "long",
        "received": "long",
        "undated": "long",
        "first": "string",
        "last": "string",
    },
    "edge": {
        "medium": "string",
        "records": "long",
        "to": "long",
        "cc": "long",
        "bcc": "long",
        "member": "long",
        "undated": "long",
        "first": "string",
        "last": "string",
    },
}
_SCHEMA: Final = """
CREATE TABLE ties (sender TEXT, receiver TEXT, medium TEXT, records INTEGER, "to" INTEGER,
    cc INTEGER, bcc INTEGER, member INTEGER, undated INTEGER, first_us INTEGER, last_us INTEGER,
    PRIMARY KEY (sender, receiver, medium)) WITHOUT ROWID;
CREATE TABLE groups (id TEXT PRIMARY KEY, medium TEXT, source TEXT, title TEXT, received INTEGER)
    WITHOUT ROWID;
"""
_ADD_TIE: Final = """
INSERT INTO ties VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    records = records + 1, "to" = "to" + excluded."to", cc = cc + excluded.cc,
    bcc = bcc + excluded.bcc, member = member + excluded.member,
    undated = undated + excluded.undated,
    first_us = min(ifnull(first_us, excluded.first_us), ifnull(excluded.first_us, first_us)),
    last_us = max(ifnull(last_us, excluded.last_us), ifnull(excluded.last_us, last_us))
"""
_ADD_GROUP: Final = """
INSERT INTO groups VALUES (?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET received = received + 1
"""
_Cells = dict[str, str | int | None]


class GraphMl:
    """The network as GraphML: who sent how many records to whom, on what medium, from when to when."""

    name = "graphml"

    def write(self, taken: Taken, folder: Path) -> Exported:
        """Write one file: accounts and groups as nodes, directed ties as edges."""
        tally = Tally()
        with Register() as register, closing(spool(_SCHEMA)) as ties:
            for one in taken.records:
                register.note(one.record, is_masked=one.is_masked)
                _tie(one, ties, taken.archive_id, tally)
                leave_bytes(one, tally)
                tally.leave("records' words", "a network holds who and when, not what")
            tally.leave("findings", "a network of accounts holds none", len(taken.findings))
            tally.leave("actors", "its nodes are accounts", len(taken.actors))
            grades = len(taken.source_grades) + len(taken.item_grades)
            tally.leave("grades", "they are of sources and records, not of accounts", grades)
            with NewFile(folder / FILE) as file:
                return _Graph(file, taken, tally).write(register, ties)


class _Graph:
    """The file as it is written: keys first, then nodes and edges in a stable order."""

    def __init__(self, file: NewFile, taken: Taken, tally: Tally) -> None:
        self._file, self._taken, self._tally = file, taken, tally

    def write(self, register: Register, ties: sqlite3.Connection) -> Exported:
        self._put(_HEAD)
        for where, keys in _KEYS.items():
            for name, kind in keys.items():
                key = f'  <key id="{where}-{name}" for="{where}" attr.name="{name}"'
                self._put(f'{key} attr.type="{kind}"/>\n')
        self._put('  <graph id="network" edgedefault="directed">\n')
        self._cells("graph", self._about())
        accounts = self._count("node", (_node(a, self._taken) for a in register.accounts()))
        groups = self._count("node", (_group(row) for row in ties.execute(_GROUPS)))
        edges = self._count("edge", (_edge(n, r) for n, r in enumerate(ties.execute(_TIES), 1)))
        self._put("  </graph>\n</graphml>\n")
        return Exported(
            files=(FILE,),
            counts=(("accounts", accounts), ("groups", groups), ("ties", edges)),
            left_out=self._tally.left(),
        )

    def _about(self) -> _Cells:
        taken = self._taken
        made = iso_us(taken.made_us)
        return {
            "case": taken.case_id,
            "archive": taken.archive_id,
            "basis": taken.basis,
            "made": made,
        }

    def _count(self, where: str, elements: Iterable[tuple[str, _Cells]]) -> int:
        count = 0
        for attributes, cells in elements:
            self._put(f"    <{where} {attributes}>\n")
            self._cells(where, cells)
            self._put(f"    </{where}>\n")
            count += 1
        return count

    def _cells(self, where: str, cells: _Cells) -> None:
        for name, value in cells.items():
            if value is None or value == "":
                continue
            text, controls = bare(str(value))
            self._tally.leave("control characters", "XML cannot hold them", controls)
            # A carriage return would be read back as a line feed (XML 1.0 §2.11).
            shown = escape(text, {"\r": "&#13;"})
            self._put(f'      <data key="{where}-{name}">{shown}</data>\n')

    def _put(self, text: str) -> None:
        self._file.write(text.encode())


_TIES: Final = "SELECT * FROM ties ORDER BY sender, receiver, medium"
_GROUPS: Final = "SELECT id, medium, source, title, received FROM groups ORDER BY 2, 3, 4"


def _tie(one: TakenRecord, ties: sqlite3.Connection, archive_id: str, tally: Tally) -> None:
    """Count one record on the ties from its sender to each recipient, or to its group."""
    record, envelope = one.record, one.record.envelope
    if envelope.kind not in TALK:
        why = "an edit, a deletion, a reaction or a notice is no talk and counts on no tie"
        tally.leave(f"records of kind {kind_word(envelope.kind)}", why)
        return
    sender = account_key(envelope.medium, record.sender)
    roles: dict[AccountKey, Role] = {}
    for party in record.recipients:
        key = account_key(envelope.medium, party)
        if key is not None:
            roles[key] = min(party.role, roles.get(key, party.role))
    if sender is None or not (roles or record.conversation):
        tally.leave("records with an unknown end", "a tie has two")
        return
    claimed = envelope.claimed
    dates = (0, claimed.earliest_us, claimed.latest_us) if claimed else (1, None, None)
    start = sender.stable(archive_id)
    for key, role in roles.items():
        flags = tuple(int(role is one_role) for one_role in Role)
        ties.execute(_ADD_TIE, (start, key.stable(archive_id), envelope.medium, *flags, *dates))
    if not roles:
        group = stable_id(archive_id, "group", one.source, record.conversation)
        ties.execute(_ADD_GROUP, (group, envelope.medium, one.source, record.conversation))
        ties.execute(_ADD_TIE, (start, group, envelope.medium, 0, 0, 0, 1, *dates))


def _node(account: AccountRow, taken: Taken) -> tuple[str, _Cells]:
    key = account.key
    cells: _Cells = {
        "label": account.name or key.address or key.shown_as,
        "type": "account",
        "medium": key.medium,
        "address": key.address,
        "names": "\n".join(account.names),
        "pseudonym": str(account.is_masked).lower(),
        "sent": account.sent,
        "received": account.received,
        "undated": account.undated,
        "first": None if account.first_us is None else iso_us(account.first_us),
        "last": None if account.last_us is None else iso_us(account.last_us),
    }
    return f"id={quoteattr(key.stable(taken.archive_id))}", cells


def _group(row: tuple[str, str, str, str, int]) -> tuple[str, _Cells]:
    group_id, medium, _, title, received = row
    cells: _Cells = {"label": title, "type": "group", "medium": medium, "received": received}
    return f"id={quoteattr(group_id)}", cells


def _edge(number: int, row: tuple[str | int | None, ...]) -> tuple[str, _Cells]:
    sender, receiver = row[:2]
    cells: _Cells = dict(zip(_KEYS["edge"], row[2:], strict=True))
    for end in ("first", "last"):
        time_us = cells[end]
        cells[end] = iso_us(time_us) if isinstance(time_us, int) else None
    return f'id="e{number}" source="{sender}" target="{receiver}"', cells


EXPORT = GraphMl()
