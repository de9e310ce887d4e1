"""Reads a town's four exports with the standard library alone, so that no connector is trusted."""

import json
import mailbox
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from pastwatch.town import TownPlan, TownSource

_STAMPED = re.compile(r"(\d\d)/(\d\d)/(\d{4}), (\d\d):(\d\d) - (?:([^:]+): )?(.*)")
_SPOKEN = re.compile(r"\[(\d{3}):(\d\d):(\d\d)\] ([A-Z0-9 ]+): (.+)")


class Seen(NamedTuple):
    """One record as an outsider reads it."""

    at_us: int
    source: str
    sender: str
    recipients: tuple[str, ...]
    text: str


def _us(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000


def _mail(source: TownSource) -> list[Seen]:
    seen = []
    box = mailbox.mbox(source.path)
    for one in box:
        body = one.get_payload(decode=True)
        assert isinstance(body, bytes)
        subject = str(make_header(decode_header(str(one["Subject"]))))
        recipients = tuple(_address(x) for x in f"{one['To']},{one['Cc'] or ''}".split(",") if x)
        text = f"{subject}\n{body.decode()}"
        seen.append(
            Seen(_us(_date(one)), source.name, _address(str(one["From"])), recipients, text)
        )
    box.close()
    return seen


def _date(one: Message) -> datetime:
    return parsedate_to_datetime(str(one["Date"]))


def _address(text: str) -> str:
    return text.rsplit("<", 1)[1].split("@", 1)[0]


def _group(source: TownSource) -> list[Seen]:
    seen: list[Seen] = []
    zone = timezone(timedelta(hours=3))
    for line in source.path.read_text(encoding="utf-8").splitlines():
        found = _STAMPED.fullmatch(line)
        if found is None:
            seen[-1] = seen[-1]._replace(text=f"{seen[-1].text}\n{line}")
            continue
        day, month, year, hour, minute, name, text = found.groups()
        at = datetime(int(year), int(month), int(day), int(hour), int(minute), tzinfo=zone)
        seen.append(Seen(_us(at), source.name, name or "", (), text))
    return seen


def _room(source: TownSource) -> list[Seen]:
    rows = [json.loads(x) for x in source.path.read_text(encoding="utf-8").splitlines()]
    return [
        Seen(
            _us(datetime.fromisoformat(row["ts"])),
            source.name,
            row["from"],
            tuple(row["to"]),
            row["text"],
        )
        for row in rows
    ]


def _radio(source: TownSource) -> list[Seen]:
    epoch = datetime.fromisoformat(str(source.options["epoch"]))
    seen = []
    for line in source.path.read_text(encoding="utf-8").splitlines():
        found = _SPOKEN.fullmatch(line)
        assert found, "a line that is not one utterance"
        hours, minutes, seconds = (int(x) for x in found.groups()[:3])
        at = epoch + timedelta(hours=hours, minutes=minutes, seconds=seconds)
        seen.append(Seen(_us(at), source.name, found[4], (), found[5]))
    return seen


_READERS: dict[str, Callable[[TownSource], list[Seen]]] = {
    "mbox": _mail,
    "whatsapp": _group,
    "jsonl": _room,
    "transcript": _radio,
}


@pytest.fixture(scope="session")
def read_town() -> Callable[[TownPlan], dict[str, list[Seen]]]:
    """A function from a plan to the records of each source, in file order."""
    return lambda plan: {source.name: _READERS[source.connector](source) for source in plan.sources}


@pytest.fixture
def files_of() -> Callable[[Path], dict[str, bytes]]:
    """A function from a folder to the bytes of each file beneath it."""
    return lambda folder: {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
