"""Builds a world: ordinary export files in one folder, its truth in another."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pastwatch.errors import BadValue
from pastwatch.town import chats, mail, radio, rhythm
from pastwatch.town.evidence import write_evidence
from pastwatch.town.makers import talker
from pastwatch.town.people import People, Person, people_of, town_of
from pastwatch.town.plan import Shares, TownPlan, TownSource, shares_of
from pastwatch.town.reports import THIRD_PARTY, published_us, questions_of, write_reports
from pastwatch.town.rhythm import Clock, moments
from pastwatch.town.story import DECOYS, PLANTED, Scripted, of_medium, scripted
from pastwatch.town.talk import Talker
from pastwatch.town.vocabulary import names_of

RECORDS_AT_LEAST = 1_000
RECORDS_AT_MOST = 1_000_000
RADIO_FIRST_DAY = rhythm.EVENT_DAY - 33
"""The radio is held for the last weeks only: its clock has three digits of hours."""


def build(
    directory: Path, *, seed: int, records: int, null: bool = False, truth: Path | None = None
) -> TownPlan:
    """Writes a world of exactly `records` records into `directory`; same seed, same bytes.

    With `null` nothing is planted and the event is an accident; all else is alike. `truth`, a
    folder outside `directory`, gets a truth.json; without it nobody is told. Streams to disk: the
    memory needed does not grow with `records`.
    """
    if not RECORDS_AT_LEAST <= records <= RECORDS_AT_MOST:
        raise BadValue(f"a town holds {RECORDS_AT_LEAST} to {RECORDS_AT_MOST} records")
    if truth is not None and truth.resolve().is_relative_to(directory.resolve()):
        raise BadValue(
            "the truth may not lie inside the town", hint="name a folder outside the town's folder"
        )
    directory.mkdir(parents=True, exist_ok=True)
    clock = rhythm.clock_of(_stream(seed, "clock"))
    town, _ = town_of(_stream(seed, "town"))
    people = people_of(_stream(seed, "people"), names_of(_stream(seed, "names")), town, records)
    told = scripted(
        _stream(seed, "story"),
        talker(seed, stream="story/words"),
        clock,
        people,
        records=records,
        null=null,
    )
    world = _World(
        directory=directory,
        seed=seed,
        clock=clock,
        people=people,
        told=told,
        shares=shares_of(records),
    )
    reports = directory / "reports"
    references = write_reports(reports, clock, town)
    plan = TownPlan(
        seed=seed,
        title="Explosion at Lower Bridge water works",
        event_us=clock.event_us,
        place=f"Lower Bridge water works, {town}",
        zone=rhythm.ZONE_NAME,
        start_us=clock.start_us,
        end_us=clock.end_us,
        reports=reports,
        references=references,
        sources=world.sources(),
        questions=questions_of(reports),
        evidence=write_evidence(
            directory / "evidence", _stream(seed, "evidence"), clock, people, town
        ),
        protected=(people.cast["L"].address,),
    )
    if truth is not None:
        truth.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            _truth(plan, people, told, clock, null=null), ensure_ascii=False, indent=1
        )
        (truth / "truth.json").write_bytes(text.encode() + b"\n")
    return plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """What every medium of one world is written from."""

    directory: Path
    seed: int
    clock: Clock
    people: People
    told: list[Scripted]
    shares: Shares

    def sources(self) -> tuple[TownSource, ...]:
        """Writes the four exports."""
        return (self._mail(), self._group(), self._room(), self._radio())

    def _mail(self) -> TownSource:
        path, told = self.directory / "utilities.mbox", of_medium(self.told, "mail")
        instants = moments(
            self._stream("mail/when"),
            self.clock,
            count=self.shares.mail - len(told),
            day=rhythm.OFFICE,
            weekend=12,
            burst=3,
        )
        ordinary = mail.ordinary_letters(
            self._stream("mail/who"), self._talker("mail"), self.people, instants
        )
        scripted_mail = mail.scripted_letters(self._stream("mail/told"), told)
        with path.open("wb") as out:
            count = mail.write_mbox(out, self._stream("mail/encoding"), ordinary, scripted_mail)
        return TownSource(
            name="utility-mail",
            path=path,
            connector="mbox",
            options={},
            medium="mail",
            records=count,
        )

    def _group(self) -> TownSource:
        path, told = self.directory / "neighbours.txt", of_medium(self.told, "group")
        instants = self._evenings("group", self.shares.group - len(told))
        rng = self._stream("group/who")
        chatter = chats.Chatter(rng, self._talker("group"), self.clock)
        lines = chats.group_lines(rng, chatter, self.people, instants, told=told)
        with path.open("wb") as out:
            count, events = chats.write_group(out, lines)
        return TownSource(
            name="neighbours-chat",
            path=path,
            connector="whatsapp",
            options={"zone": rhythm.ZONE_NAME},
            medium="chat",
            records=count,
            membership_events=events,
        )

    def _room(self) -> TownSource:
        path, told = self.directory / "rooms.jsonl", of_medium(self.told, "room")
        instants = self._evenings("room", self.shares.room - len(told))
        rng = self._stream("room/who")
        chatter = chats.Chatter(rng, self._talker("room"), self.clock)
        rows = chats.room_rows(
            rng,
            chatter,
            self.people,
            instants,
            told=told,
            told_rng=self._stream("room/told"),
        )
        with path.open("wb") as out:
            count = chats.write_rooms(out, rows)
        return TownSource(
            name="room-chat",
            path=path,
            connector="jsonl",
            options=dict(chats.MAPPING),
            medium="chat",
            records=count,
        )

    def _radio(self) -> TownSource:
        path, told = self.directory / "dispatch.txt", of_medium(self.told, "radio")
        epoch_us = self.clock.start_us + RADIO_FIRST_DAY * 24 * rhythm.HOUR_US
        instants = moments(
            self._stream("radio/when"),
            self.clock,
            count=self.shares.radio - len(told),
            day=rhythm.SHIFTS,
            weekend=110,
            burst=5,
            first_day=RADIO_FIRST_DAY,
        )
        spoken = radio.utterances(
            self._stream("radio/who"), self._talker("radio"), instants, told=told
        )
        with path.open("wb") as out:
            count = radio.write_transcript(out, spoken, epoch_us=epoch_us)
        return TownSource(
            name="dispatch-radio",
            path=path,
            connector="transcript",
            options={"epoch": rhythm.local(epoch_us).isoformat()},
            medium="radio",
            records=count,
        )

    def _evenings(self, name: str, count: int) -> Iterator[int]:
        rng = self._stream(f"{name}/when")
        return moments(rng, self.clock, count=count, day=rhythm.EVENING, weekend=130, burst=8)

    def _talker(self, name: str) -> Talker:
        return talker(self.seed, stream=f"{name}/words")

    def _stream(self, name: str) -> random.Random:
        return _stream(self.seed, name)


def _truth(
    plan: TownPlan, people: People, told: list[Scripted], clock: Clock, *, null: bool
) -> dict[str, object]:
    """What really happened, for whoever marks a reader's answer."""

    def entries(part: str) -> list[dict[str, object]]:
        return [_entry(one) for one in told if one.part == part]

    cast = people.cast
    return {
        "seed": plan.seed,
        "null": null,
        "cause": "accident" if null else "planned",
        "event_us": clock.event_us,
        "pair": [] if null else [_accounts(cast[role]) for role in ("A", "B")],
        "planted": entries(PLANTED),
        "code": {} if null else {"cake": "drum of chemical", "bride": "target", "guests": "guards"},
        "silence_from_us": None if null else clock.event_us,
        "innocent_pair": [_accounts(cast[role]) for role in ("C", "D")],
        "decoys": {part: entries(part) for part in DECOYS},
        "third_party": {"name": THIRD_PARTY, "records": 0},
        "protected": list(plan.protected),
        "reports": published_us(clock),
        "reports_roots": {
            "courier.txt": "courier.txt",
            "harbour.txt": "courier.txt",
            "evening.txt": "courier.txt",
            "wire.txt": "wire.txt",
            "department.txt": "department.txt",
        },
    }


def _entry(one: Scripted) -> dict[str, object]:
    return {
        "at_us": one.at_us,
        "medium": one.medium,
        "from": one.sender.handle if one.sender else one.callsign,
        "to": one.recipient.handle if one.recipient else "",
        "subject": one.subject,
        "text": one.text,
    }


def _accounts(person: Person) -> dict[str, str]:
    return {"name": person.name, "mail": person.address, "room": person.handle}


def _stream(seed: int, name: str) -> random.Random:
    """A random stream of its own for each purpose, so that one change leaves the others alike."""
    return random.Random(f"{seed}/{name}")
