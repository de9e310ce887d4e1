"""Two chats of the town: a group in WhatsApp's text export, rooms as JSON Lines."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from heapq import merge
from json import dumps
from math import exp
from typing import BinaryIO, NamedTuple

from pastwatch.town.people import People, Person
from pastwatch.town.rhythm import HOUR_US, ZONE_NAME, Clock, local
from pastwatch.town.story import Scripted, identifiers
from pastwatch.town.talk import Talker

GROUP_TITLE = "Embankment neighbours"
CHANNELS = ("canteen", "shift-swap", "north-depot", "lost-and-found")
MAPPING = {
    "id": "id",
    "time": "ts",
    "conversation": "room",
    "sender": "from",
    "recipients": "to",
    "text": "text",
}
"""Which field of a row holds what, for whoever reads the JSON Lines."""

_ENCRYPTED = (
    "Messages and calls are end-to-end encrypted. No one outside of this chat, "
    "not even WhatsApp, can read or listen to them. Tap to learn more."
)
_REACTION_RATIO = 0.4
_REACTION_FADES_H = 24.0
_CHANNEL_RATIO = 0.35


class Line(NamedTuple):
    """One line of the group: a sender's, or a membership event where there is no sender."""

    at_us: int
    sender: str
    text: str


class Row(NamedTuple):
    """One row of the room chat."""

    at_us: int
    row_id: str
    room: str
    sender: str
    recipients: tuple[str, ...]
    text: str


class Chatter:
    """Ordinary lines in two languages, with talk of the event in the hours after it."""

    def __init__(self, rng: random.Random, voice: Talker, clock: Clock) -> None:
        self._rnd = rng.random
        self._voice = voice
        self._event_us = clock.event_us

    def line(self, at_us: int, *, russian_ratio: float) -> str:
        """One line as of this instant; one in three says two things."""
        rnd, voice = self._rnd, self._voice
        is_russian = rnd() < russian_ratio
        say = voice.chat_ru if is_russian else voice.chat
        if at_us > self._event_us:
            since_h = (at_us - self._event_us) / HOUR_US
            if rnd() < _REACTION_RATIO * exp(-since_h / _REACTION_FADES_H):
                say = voice.reaction_ru if is_russian else voice.reaction
        if rnd() < 0.6:
            return say()
        said = say()
        joint = " " if said[-1] in "?!.)" else ", "
        return f"{said}{joint}{voice.chat_ru() if is_russian else voice.chat()}"


def group_lines(
    rng: random.Random,
    chatter: Chatter,
    people: People,
    instants: Iterator[int],
    *,
    told: list[Scripted],
) -> Iterator[Line]:
    """The whole group in order of time; scripted talk is merged in."""
    entries = [Line(entry.at_us, entry.sender.name, entry.text) for entry in told if entry.sender]
    return merge(
        _ordinary_lines(rng, chatter, people.members, instants),
        entries,
        key=lambda line: line.at_us,
    )


def write_group(out: BinaryIO, lines: Iterator[Line]) -> tuple[int, int]:
    """Writes "DD/MM/YYYY, HH:MM - Name: text"; gives the lines and, of these, the events."""
    count = events = 0
    for line in lines:
        stamp = f"{local(line.at_us):%d/%m/%Y, %H:%M}"
        said = f"{line.sender}: {line.text}" if line.sender else line.text
        out.write(f"{stamp} - {said}\n".encode())
        count += 1
        events += not line.sender
    return count, events


def room_rows(
    rng: random.Random,
    chatter: Chatter,
    people: People,
    instants: Iterator[int],
    *,
    told: list[Scripted],
    told_rng: random.Random,
) -> Iterator[Row]:
    """All rooms in order of time; scripted talk is merged in."""
    tokens = identifiers(told_rng)
    entries = [
        Row(e.at_us, next(tokens), _room(e.sender, e.recipient), e.sender.handle,
            (e.recipient.handle,), e.text)
        for e in told
        if e.sender and e.recipient
    ]  # fmt: skip
    return merge(_ordinary_rows(rng, chatter, people, instants), entries, key=lambda row: row.at_us)


def write_rooms(out: BinaryIO, rows: Iterator[Row]) -> int:
    """Writes one JSON object a line; gives how many."""
    count = 0
    for row in rows:
        fields = {
            "id": row.row_id,
            "ts": f"{local(row.at_us):%Y-%m-%dT%H:%M:%S}{ZONE_NAME}",
            "room": row.room,
            "from": row.sender,
            "to": row.recipients,
            "text": row.text,
        }
        out.write(dumps(fields, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count


def _ordinary_lines(
    rng: random.Random, chatter: Chatter, members: tuple[Person, ...], instants: Iterator[int]
) -> Iterator[Line]:
    rnd, owner = rng.random, members[0].name
    opening = [
        _ENCRYPTED,
        f'{owner} created group "{GROUP_TITLE}"',
        *(f"{owner} added {member.name}" for member in members[1:]),
    ]
    recent: deque[str] = deque((m.name for m in members[:3]), maxlen=3)
    opened_us = next(instants)
    yield Line(opened_us, "", opening[0])
    for text, _ in zip(opening[1:], instants, strict=False):
        yield Line(opened_us, "", text)
    for at_us in instants:
        name = recent[int(rnd() * 3)] if rnd() < 0.5 else members[int(rnd() * len(members))].name
        recent.append(name)
        choice = rnd()
        if choice < 0.004:
            event = ("left", "joined using this group's invite link", "changed this group's icon")
            yield Line(at_us, "", f"{name} {event[int(rnd() * 3)]}")
        elif choice < 0.02:
            yield Line(at_us, name, "<Media omitted>")
        elif choice < 0.03:
            first, second = (chatter.line(at_us, russian_ratio=0.35) for _ in range(2))
            yield Line(at_us, name, f"{first}\n{second}")
        else:
            yield Line(at_us, name, chatter.line(at_us, russian_ratio=0.35))


def _ordinary_rows(
    rng: random.Random, chatter: Chatter, people: People, instants: Iterator[int]
) -> Iterator[Row]:
    rnd, pairs, everyone = rng.random, people.pairs, people.everyone
    tokens = identifiers(rng)
    pair, left = pairs[0], 0
    recipients: tuple[str, ...]
    for at_us in instants:
        if rnd() < _CHANNEL_RATIO:
            room = CHANNELS[int(rnd() * len(CHANNELS))]
            sender, recipients = everyone[int(rnd() * len(everyone))].handle, ()
        else:
            if left == 0:
                pair, left = pairs[int(rnd() * len(pairs))], 1 + int(rnd() * 6)
            left -= 1
            one, other = pair if rnd() < 0.5 else (pair[1], pair[0])
            room, sender, recipients = _room(one, other), one.handle, (other.handle,)
        text = chatter.line(at_us, russian_ratio=0.5)
        yield Row(at_us, next(tokens), room, sender, recipients, text)


def _room(one: Person, other: Person) -> str:
    """The name of the room of two, whoever writes."""
    return "+".join(sorted((one.handle, other.handle)))
