"""FollowTheMoney: records, accounts, the event and the findings as entities, one a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pastwatch.model.assessment import Finding
from pastwatch.stages.export.findings import Graded, grounds, item_words, place
from pastwatch.stages.export.ftm_entities import (
    NOTICES,
    Entity,
    Maker,
    email_of,
    phone_of,
    prefix_date,
)
from pastwatch.stages.export.parties import AccountRow, Register
from pastwatch.stages.export.taken import Exported, Taken
from pastwatch.stages.export.writing import Tally, iso_us, leave_bytes, put_json
from pastwatch.storage.durable import NewFile

FILE: Final = "entities.ftm.json"


class Ftm:
    """FollowTheMoney: entities as JSON lines, for Aleph, OpenAleph and tools beside them."""

    name = "ftm"

    def write(self, taken: Taken, folder: Path) -> Exported:
        """Write one file of entities; each stands once, and points only at those in the file."""
        counts: dict[str, int] = {}
        tally = Tally()
        with NewFile(folder / FILE) as file, Register() as register:
            for entity in _entities(taken, register, tally):
                put_json(file, entity)
                counts[entity["schema"]] = counts.get(entity["schema"], 0) + 1
        return Exported(files=(FILE,), counts=tuple(sorted(counts.items())), left_out=tally.left())


def _entities(taken: Taken, register: Register, tally: Tally) -> Iterator[Entity]:
    graded = Graded(taken)
    make = Maker(taken.archive_id, tally, graded)
    wanted = {c.record_id for finding in taken.findings for c in finding.citations}
    cited: dict[bytes, Entity] = {}
    yield _event(taken, make)
    for one in taken.records:
        record = one.record
        leave_bytes(one, tally)
        register.note(record, is_masked=one.is_masked)
        entity_id = make.id("record", record.record_id.hex())
        for entity in make.record_entities(one, register):
            yield entity
            if entity["id"] == entity_id:
                register.remember(record.record_id, f"{entity['schema']} {entity_id}")
                if record.record_id in wanted:
                    cited[record.record_id] = {"id": entity_id, "schema": entity["schema"]}
        if record.envelope.kind in NOTICES and one.cited_in:
            why = "an event is no document; the finding points at it, without the place in it"
            tally.leave("places of citations", why)
    yield from _parties(taken, register, make)
    for finding in taken.findings:
        grades = [item_words(item) for item in graded.items.get(finding.finding_id, [])]
        yield from _finding(finding, taken, cited, make, grades)


def _event(taken: Taken, make: Maker) -> Entity:
    """The event of the case; its last date is the first moment after it."""
    event = taken.event
    start_us, end_us = event.when.start_us, event.when.end_us
    lasted = f"from {iso_us(start_us)} until before {iso_us(end_us)}"
    return make.entity(
        "Event",
        make.id("event", event.event_id),
        name=[event.title],
        startDate=[prefix_date(start_us, start_us)],
        endDate=[prefix_date(end_us, end_us)],
        location=[event.place],
        description=[event.description],
        keywords=["event of the case"],
        notes=[lasted if start_us < end_us else f"at {iso_us(start_us)}", *event.references],
    )


def _parties(taken: Taken, register: Register, make: Maker) -> Iterator[Entity]:
    """All accounts and their holders, then whoever is argued to stand behind one of them."""
    argued: dict[tuple[str, str], list[str]] = {}
    for actor in taken.actors:
        for one in actor.accounts:
            argued.setdefault((one.medium, one.address), []).append(actor.actor_id)
    here: set[str] = set()
    for account in register.accounts():
        actor_ids = argued.get((account.key.medium, account.key.address), [])
        here.update(actor_ids)
        yield from _account(account, make, [make.id("actor", taken.case_id, a) for a in actor_ids])
    for actor in taken.actors:
        if actor.actor_id not in here:
            make.tally.leave("actors", "none of their accounts is in this export")
            continue
        yield make.entity(
            "Person",
            make.id("actor", taken.case_id, actor.actor_id),
            name=[actor.label],
            notes=[f"argued to stand behind accounts: {actor.basis}"],
        )


def _account(account: AccountRow, make: Maker, person_ids: Sequence[str]) -> Iterator[Entity]:
    """An account, where it has an address, and its holder: somebody or something, not a person."""
    key = account.key
    names = account.names or (key.address or key.shown_as,)
    reached = {"email": [email_of(key.address)], "phone": [phone_of(key.address)]}
    holder_id = make.holder_id(key)
    counts = f"sent {account.sent}, received {account.received} of the records in this export"
    said = [counts, "under a pseudonym"] if account.is_masked else [counts]
    if key.address:
        yield make.entity(
            "UserAccount",
            key.stable(make.archive_id),
            name=names,
            service=[key.medium],
            username=[key.address],
            owner=[holder_id, *person_ids],
            notes=said,
            **reached,
        )
    yield make.entity("LegalEntity", holder_id, name=names, notes=said, **reached)


def _finding(
    finding: Finding,
    taken: Taken,
    cited: Mapping[bytes, Entity],
    make: Maker,
    grades: Sequence[str],
) -> Iterator[Entity]:
    """A finding as a note on what it cites, and a link to each cited document with the place in it."""
    note_id = make.id("finding", taken.case_id, finding.finding_id)
    found = [c for c in finding.citations if c.record_id in cited]
    why = "the record cited is not in this export"
    make.tally.leave("citations", why, len(finding.citations) - len(found))
    yield make.entity(
        "Note",
        note_id,
        name=[f"finding {finding.finding_id}: {finding.kind}"],
        description=[finding.statement],
        entity=[cited[c.record_id]["id"] for c in found],
        keywords=[finding.kind.value],
        createdAt=[prefix_date(finding.made_us, finding.made_us)] if finding.made_us else [],
        notes=[*grounds(finding), *grades],
    )
    documents = [c for c in found if cited[c.record_id]["schema"] != "Event"]
    for number, citation in enumerate(documents, 1):
        yield make.entity(
            "Documentation",
            make.id("citation", taken.case_id, finding.finding_id, str(number)),
            document=[cited[citation.record_id]["id"]],
            entity=[note_id],
            role=["cited"],
            summary=[place(citation)],
        )


EXPORT = Ftm()
