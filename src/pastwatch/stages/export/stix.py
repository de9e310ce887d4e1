"""STIX 2.1: one bundle of records as observed data, findings as notes, and a report over both."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from pastwatch.model.assessment import Confidence, Finding
from pastwatch.stages.export.findings import grounds, place
from pastwatch.stages.export.parties import AccountKey, Register, spool
from pastwatch.stages.export.stix_objects import Object, Office
from pastwatch.stages.export.stix_records import (
    judgements,
    record_id_of,
    record_objects,
    reply,
)
from pastwatch.stages.export.taken import Exported, Taken
from pastwatch.stages.export.writing import Tally, iso_us, leave_bytes, put_json
from pastwatch.storage.durable import NewFile

FILE: Final = "bundle.stix.json"
CONFIDENCE: Final = {Confidence.LOW: 15, Confidence.MODERATE: 50, Confidence.HIGH: 85}
"""Confidence as a number by the scale None / Low / Med / High (STIX 2.1, Appendix A)."""
_IDS: Final = "CREATE TABLE ids (number INTEGER PRIMARY KEY, id TEXT UNIQUE);"
_NOT_REPORTED: Final = ("extension-definition", "marking-definition")


class Stix:
    """STIX 2.1: a bundle of observed data, mail and accounts, with findings as notes in a report."""

    name = "stix"

    def write(self, taken: Taken, folder: Path) -> Exported:
        """Write one bundle; the same record has the same id in every export of its archive."""
        tally, office = Tally(), Office(taken)
        with (
            NewFile(folder / FILE) as file,
            Register() as register,
            closing(spool(_IDS)) as ids,
        ):
            bundle = _Bundle(file, ids, office)
            for one in _objects(taken, office, register, tally):
                bundle.put(one)
            bundle.end(_report(taken, office))
        counts = tuple(sorted(bundle.counts.items()))
        return Exported(files=(FILE,), counts=counts, left_out=tally.left())


class _Bundle:
    """The file as it is written: an object a line, no id twice, the report over all of them last."""

    def __init__(self, file: NewFile, ids: sqlite3.Connection, office: Office) -> None:
        self.counts: dict[str, int] = {}
        self._file, self._ids, self._separator = file, ids, "\n"
        taken = office.taken
        bundle_id = office.id("bundle", taken.case_id, iso_us(taken.made_us))
        self._text(f'{{"type":"bundle","id":"{bundle_id}","objects":[')

    def put(self, one: Object) -> None:
        """Write an object, unless one of its id is written."""
        put = self._ids.execute("INSERT OR IGNORE INTO ids(id) VALUES (?)", (one["id"],))
        if put.rowcount:
            self._text(self._separator)
            put_json(self._file, one, end="")
            self._separator = ",\n"
            self.counts[one["type"]] = self.counts.get(one["type"], 0) + 1

    def end(self, report: Object) -> None:
        """Write the report with the id of every object it may name, one after the other."""
        self.counts["report"] = 1
        self._text(self._separator)
        head = json.dumps(report, ensure_ascii=False, separators=(",", ":"))
        self._text(head.removesuffix("}") + ',"object_refs":[')
        separator = ""
        for (object_id,) in self._ids.execute("SELECT id FROM ids ORDER BY number"):
            if not object_id.startswith(_NOT_REPORTED):
                self._text(f'{separator}"{object_id}"')
                separator = ","
        self._text("]}\n]}\n")

    def _text(self, text: str) -> None:
        self._file.write(text.encode("utf-8", "replace"))


def _objects(taken: Taken, office: Office, register: Register, tally: Tally) -> Iterator[Object]:
    wanted = {c.record_id for finding in taken.findings for c in finding.citations}
    cited: dict[bytes, str] = {}
    yield from office.opening()
    for one in taken.records:
        record_id = one.record.record_id
        leave_bytes(one, tally)
        made = list(record_objects(one, office, tally))
        if not made:
            continue
        yield from made
        register.note(one.record, is_masked=one.is_masked)
        parent_ref = register.label(one.parent_id)
        yield from reply(one, parent_ref, office, tally)
        yield from judgements(one, office)
        register.remember(record_id, record_id_of(one, office))
        if record_id in wanted:
            cited[record_id] = record_id_of(one, office)
    for account in register.accounts():
        yield office.account(account)
    yield from _actors(taken, office, register, tally)
    for finding in taken.findings:
        yield from _finding(finding, cited, office, tally)


def _finding(
    finding: Finding, cited: Mapping[bytes, str], office: Office, tally: Tally
) -> Iterator[Object]:
    """A finding as a note on what it cites; on the event where it cites nothing that is here."""
    found = [c for c in finding.citations if c.record_id in cited]
    why = "the record cited is not in this export"
    tally.leave("citations", why, len(finding.citations) - len(found))
    refs = list(dict.fromkeys(cited[c.record_id] for c in found))
    places = [f"cites record {c.record_id.hex()}: {place(c)}" for c in found]
    properties: dict[str, Any] = {
        "abstract": f"finding {finding.finding_id}: {finding.kind}",
        "content": "\n".join([finding.statement, *grounds(finding), *places]),
        "object_refs": refs or [office.incident()["id"]],
        "labels": [finding.kind.value],
        "object_marking_refs": office.marks(finding.finding_id),
    }
    if finding.confidence is not None:
        properties["confidence"] = CONFIDENCE[finding.confidence]
    if finding.made_by:
        identity = office.person(finding.made_by)
        yield identity
        properties |= {"authors": [finding.made_by], "created_by_ref": identity["id"]}
    made_us = finding.made_us or office.since_us
    note_id = office.id("note", office.taken.case_id, "finding", finding.finding_id)
    yield office.object("note", note_id, made_us, **properties)


def _actors(taken: Taken, office: Office, register: Register, tally: Tally) -> Iterator[Object]:
    """Who is argued to stand behind accounts: an identity, and the basis on each link to one."""
    keys = {AccountKey(a.medium, a.address) for actor in taken.actors for a in actor.accounts}
    here = {row.key for row in register.accounts() if row.key in keys} if keys else set()
    for actor in taken.actors:
        found = [k for k in (AccountKey(a.medium, a.address) for a in actor.accounts) if k in here]
        if not found:
            tally.leave("actors", "none of their accounts is in this export")
            continue
        identity = office.actor(actor)
        yield identity
        for key in found:
            yield office.object(
                "relationship",
                office.id("relationship", taken.case_id, actor.actor_id, *key),
                office.since_us,
                relationship_type="related-to",
                description=f"argued to stand behind the account: {actor.basis}",
                source_ref=identity["id"],
                target_ref=office.account_ref(key),
            )


def _report(taken: Taken, office: Office) -> Object:
    """The report without what it refers to."""
    return office.object(
        "report",
        office.id("report", taken.case_id, iso_us(taken.made_us)),
        taken.made_us,
        name=f"Case {taken.case_id}: {taken.event.title}",
        description=taken.basis,
        report_types=["observed-data"],
        published=iso_us(taken.made_us),
    )


EXPORT = Stix()
