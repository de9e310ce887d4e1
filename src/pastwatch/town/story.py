"""What happens in a world: scripted talk around one event, with or without the plant."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from pastwatch.town.people import People, Person
from pastwatch.town.rhythm import HOUR_US, Clock
from pastwatch.town.talk import Talker
from pastwatch.town.vocabulary import sections

PLANTED = "planted"
DECOYS = ("second", "wedding", "football", "power", "rumour")
_ALWAYS = (*DECOYS, "counsel", "aftermath")
_GOES_ON_EVERY = 3
_LAST_SMALL_TALK_H = -84.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """One scripted record, to be merged into the ordinary talk of its medium."""

    at_us: int
    part: str
    medium: str
    """mail, room, group or radio."""
    sender: Person | None
    recipient: Person | None
    callsign: str
    subject: str
    text: str


def scripted(
    rng: random.Random,
    voice: Talker,
    clock: Clock,
    people: People,
    *,
    records: int,
    null: bool,
) -> list[Scripted]:
    """Everything scripted in one world in order of time; the same number with and without plant.

    Without the plant each of its records gives way to small talk of the same two people, part
    of it after the event: nothing is said in code and nobody falls silent.
    """
    small_talk = _small_talk(voice)
    told: list[Scripted] = []
    for part in _ALWAYS:
        told += [_cast(line, part, clock, people) for line in sections("story.txt")[part]]
    talks_count = max(4, min(28, records // 60))
    span_us = clock.event_us + int(_LAST_SMALL_TALK_H * HOUR_US) - clock.start_us
    for index in range(talks_count):
        medium = ("room", "mail")[index // 2 % 2]
        said = next(small_talk[medium])
        jitter_us = int(rng.random() * 6 * HOUR_US)
        at_us = clock.start_us + span_us * (2 * index + 1) // (2 * talks_count) + jitter_us
        told.append(_at(said, at_us, people))
    for index, line in enumerate(sections("story.txt")[PLANTED]):
        entry = _cast(line, PLANTED, clock, people)
        if null:
            said = next(small_talk[entry.medium])
            later = index % _GOES_ON_EVERY == _GOES_ON_EVERY - 1
            at_us = clock.event_us + (7 + 6 * index) * HOUR_US if later else entry.at_us
            entry = _at(said, at_us, people)
        told.append(entry)
    return sorted(told, key=lambda entry: entry.at_us)


def of_medium(entries: list[Scripted], medium: str) -> list[Scripted]:
    """The entries of one medium, in order."""
    return [entry for entry in entries if entry.medium == medium]


def _small_talk(voice: Talker) -> dict[str, Iterator[str]]:
    """Endless small talk of the two, by medium: written lines first, then made ones."""
    lines = sections("story.txt")["ordinary"]

    def rooms() -> Iterator[str]:
        yield from (line for line in lines if line.startswith("room"))
        for who in cycle(("A > B", "B > A")):
            yield f"room | {who} | {voice.chat_ru()}"

    def mails() -> Iterator[str]:
        yield from (line for line in lines if line.startswith("mail"))
        for who in cycle(("A > B", "B > A")):
            text = f"{voice.sentence()} {voice.sentence()}"
            yield f"mail | {who} | {voice.subject()} :: {text} // // {{{who[0]}}}"

    return {"room": rooms(), "mail": mails()}


def _cast(line: str, part: str, clock: Clock, people: People) -> Scripted:
    hours, rest = line.split(" | ", 1)
    seconds = int(float(hours) * 3600)
    return _at(rest, clock.event_us + seconds * 1_000_000, people, part=part)


def _at(rest: str, at_us: int, people: People, *, part: str = "ordinary") -> Scripted:
    medium, who, text = rest.split(" | ", 2)
    cast = people.cast
    names = {role: person.first for role, person in cast.items()}
    subject = ""
    if medium == "mail":
        subject, text = text.split(" :: ", 1)
        text = "\n".join(piece.strip() for piece in text.split("//"))
    one, _, other = who.partition(" > ")
    return Scripted(
        at_us=at_us,
        part=part,
        medium=medium,
        sender=None if medium == "radio" else cast[one],
        recipient=cast[other] if other else None,
        callsign=one if medium == "radio" else "",
        subject=subject,
        text=text.format(**names),
    )


def identifiers(rng: random.Random) -> Iterator[str]:
    """Twelve hexadecimal digits, each new; scripted and ordinary records draw from the same."""
    while True:
        yield f"{int(rng.random() * (1 << 48)):012x}"
