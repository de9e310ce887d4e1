"""The utility's mail as one mbox file: threads, quotations, two alphabets, three encodings."""

from __future__ import annotations

import random
from base64 import b64encode
from binascii import b2a_qp
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import BinaryIO

from pastwatch.town.makers import RUSSIAN_RATIO, letter
from pastwatch.town.people import People, Person
from pastwatch.town.rhythm import local, universal
from pastwatch.town.story import Scripted, identifiers
from pastwatch.town.talk import Talker

_REPLY_RATIO = 0.5
_THREADS_COUNT = 60
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WORD_BYTES = 42


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail before it is written out."""

    at_us: int
    mail_id: str
    sender: Person
    recipients: tuple[Person, ...]
    subject: str
    text: str
    in_reply_to: str = ""


def ordinary_letters(
    rng: random.Random, voice: Talker, people: People, instants: Iterator[int]
) -> Iterator[Letter]:
    """Everyday mail at the given instants: half of it answers one of the last 60."""
    recent: deque[Letter] = deque(maxlen=_THREADS_COUNT)
    everyone, size, rnd = people.everyone, len(people.everyone), rng.random
    tokens = identifiers(rng)
    for at_us in instants:
        earlier = recent[int(rnd() * len(recent))] if recent and rnd() < _REPLY_RATIO else None
        if earlier is None:
            sender = everyone[int(rnd() ** 1.6 * size)]
            others = [everyone[int(rnd() * size)] for _ in range(1 + int(rnd() ** 3 * 4))]
            is_russian = rnd() < RUSSIAN_RATIO
            subject = voice.subject_ru() if is_russian else voice.subject()
        else:
            sender, others = earlier.recipients[0], [earlier.sender, *earlier.recipients[1:]]
            is_russian = not earlier.text.isascii()
            subject = earlier.subject
            subject = subject if subject.startswith("Re: ") else f"Re: {subject}"
        recipients = _allowed(people, sender, others)
        text = letter(
            rng,
            voice,
            is_russian=is_russian,
            quoted=earlier.text if earlier else "",
            to=recipients[0].first_ru if is_russian else recipients[0].first,
            signed=sender.first_ru if is_russian else sender.name,
        )
        written = Letter(
            at_us=at_us,
            mail_id=f"{next(tokens)}@{sender.domain}",
            sender=sender,
            recipients=recipients,
            subject=subject[:1].upper() + subject[1:],
            text=text,
            in_reply_to=earlier.mail_id if earlier else "",
        )
        recent.append(written)
        yield written


def scripted_letters(rng: random.Random, entries: list[Scripted]) -> list[Letter]:
    """The scripted mails; an answer ("Re: …") answers the last of that subject."""
    tokens = identifiers(rng)
    last: dict[str, str] = {}
    told: list[Letter] = []
    for entry in entries:
        if entry.sender is None or entry.recipient is None:
            continue
        mail_id = f"{next(tokens)}@{entry.sender.domain}"
        topic = entry.subject.removeprefix("Re: ")
        answered = last.get(topic, "") if entry.subject.startswith("Re: ") else ""
        last[topic] = mail_id
        told.append(
            Letter(
                at_us=entry.at_us,
                mail_id=mail_id,
                sender=entry.sender,
                recipients=(entry.recipient,),
                subject=entry.subject[:1].upper() + entry.subject[1:],
                text=entry.text,
                in_reply_to=answered,
            )
        )
    return told


def write_mbox(
    out: BinaryIO, rng: random.Random, ordinary: Iterator[Letter], told: list[Letter]
) -> int:
    """Writes all letters in order of time as mboxrd (RFC 4155); gives how many."""
    count = 0
    for written in merge(ordinary, told, key=lambda one: one.at_us):
        out.write(mbox_bytes(written, rng))
        count += 1
    return count


def mbox_bytes(written: Letter, rng: random.Random) -> bytes:
    """One letter with its From line and the blank line after it; RFC 5322 inside."""
    encoding, body = _encoded(written.text, rng)
    at = local(written.at_us)
    first, *rest = written.recipients
    headers = [
        f"From {written.sender.address} {_envelope_date(universal(written.at_us))}",
        f"Message-ID: <{written.mail_id}>",
        f"Date: {_DAYS[at.weekday()]}, {at.day} {_MONTHS[at.month - 1]} {at.year} {at:%H:%M:%S} +0300",
        f"From: {_mailbox(written.sender)}",
        f"To: {_mailbox(first)}",
    ]
    if rest:
        headers.append("Cc: " + ",\n ".join(_mailbox(person) for person in rest))
    headers.append(f"Subject: {_header(written.subject)}")
    if written.in_reply_to:
        headers.append(f"In-Reply-To: <{written.in_reply_to}>")
        headers.append(f"References: <{written.in_reply_to}>")
    charset = "us-ascii" if written.text.isascii() else "utf-8"
    headers += [
        "MIME-Version: 1.0",
        f"Content-Type: text/plain; charset={charset}",
        f"Content-Transfer-Encoding: {encoding}",
        "\n",
    ]
    if b"From " in body:
        lines = body.split(b"\n")
        body = b"\n".join(b">" + x if x.lstrip(b">").startswith(b"From ") else x for x in lines)
    return "\n".join(headers).encode() + body + b"\n\n"


def _encoded(text: str, rng: random.Random) -> tuple[str, bytes]:
    """Content-Transfer-Encoding and the encoded text (RFC 2045 §6)."""
    raw, choice = text.encode(), rng.random()
    if text.isascii():
        if choice < 0.15:
            return "quoted-printable", b2a_qp(raw)
        return "7bit", raw
    if choice < 0.6:
        folded = b64encode(raw)
        return "base64", b"\n".join(folded[i : i + 76] for i in range(0, len(folded), 76))
    if choice < 0.85:
        return "quoted-printable", b2a_qp(raw)
    return "8bit", raw


def _header(text: str) -> str:
    """The text as it may stand in a header: encoded words where it is not ASCII (RFC 2047)."""
    if text.isascii():
        return text
    pieces: list[str] = [""]
    for char in text:
        if len((pieces[-1] + char).encode()) > _WORD_BYTES:
            pieces.append("")
        pieces[-1] += char
    return "\n ".join(f"=?utf-8?B?{b64encode(piece.encode()).decode()}?=" for piece in pieces)


def _mailbox(person: Person) -> str:
    return f"{person.name} <{person.address}>"


def _envelope_date(at: datetime) -> str:
    return f"{_DAYS[at.weekday()]} {_MONTHS[at.month - 1]} {at.day:2d} {at:%H:%M:%S} {at.year}"


def _allowed(people: People, sender: Person, others: list[Person]) -> tuple[Person, ...]:
    """The others the sender may write to, or somebody of the crowd."""
    allowed = [p for p in dict.fromkeys(others) if people.may_write(sender, p)]
    return tuple(allowed) or (people.everyone[-1 if sender is not people.everyone[-1] else -2],)
