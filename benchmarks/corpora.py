"""What is measured on: real mail where it is unpacked, and synthetic mailboxes of any size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from pastwatch.town.makers import mail_text

MEGABYTE = 1_000_000
MAIL_BYTES = 2_200
PART_MEGABYTES = 1_000
"""Beyond so much, synthetic mail is a folder of mailboxes, each with words of its own."""
FIRST_DAY = datetime(2024, 4, 20, tzinfo=UTC)
DAYS = 24
"""The synthetic mail lies within so many days: a case of less than thirty opens all of it."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Mail at a path, and how the archive's user would reach all of it."""

    name: str
    path: Path
    kind: str
    event_at: str
    first: str
    until: str


_REAL = {
    "foia-mail": ("foia-mail/clinton_blind/messages.jsonl", "JSON lines"),
    "r-lists": ("r-lists/rlists", "mbox"),
    "cypherpunks-early": ("cypherpunks-early/cypherpunks_mbox", "mbox"),
}


def real(name: str) -> Corpus | None:
    """A real set, or None where PASTWATCH_DATA does not lead to it."""
    folder, kind = _REAL[name]
    root = os.environ.get("PASTWATCH_DATA", "")
    path = Path(root) / folder
    if not root or not path.exists():
        return None
    return Corpus(
        name, path, kind, "2000-01-01T00:00+00:00", "1971-01-01T00:00Z", "2038-01-01T00:00Z"
    )


def synthetic(megabytes: int, *, seed: int, cache: Path) -> Corpus:
    """Mail of about so many megabytes of fresh text: nothing in it is repeated to fill it."""
    parts = max(1, round(megabytes / PART_MEGABYTES))
    path = cache / (f"town-{seed}-{megabytes}.mbox" if parts == 1 else f"town-{seed}-{megabytes}")
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        if parts == 1:
            _mailbox(partial, megabytes, seed)
        else:
            partial.mkdir(exist_ok=True)
            with ProcessPoolExecutor() as pool:
                for made in [
                    pool.submit(
                        _mailbox,
                        partial / f"{part:03d}.mbox",
                        megabytes // parts,
                        1000 * seed + part,
                        span=(part / parts, 1 / parts),
                    )
                    for part in range(parts)
                ]:
                    made.result()
        partial.rename(path)
    return Corpus(
        f"town-{megabytes}MB",
        path,
        "mbox",
        "2024-05-02T00:00+00:00",
        "2024-04-19T00:00Z",
        "2024-05-16T00:00Z",
    )


def named(name: str, *, cache: Path) -> Corpus:
    """The corpus of that name: a real one, or `town-NMB`."""
    if name in _REAL:
        found = real(name)
        if found is None:
            raise SystemExit(f"{name} is not under PASTWATCH_DATA")
        return found
    return synthetic(int(name.removeprefix("town-").removesuffix("MB")), seed=7, cache=cache)


def _mailbox(path: Path, megabytes: int, seed: int, *, span: tuple[float, float] = (0, 1)) -> None:
    with path.open("wb") as file:
        for mail in _mails(megabytes * MEGABYTE, seed, span):
            file.write(mail)


def _mails(wanted_bytes: int, seed: int, span: tuple[float, float]) -> Iterator[bytes]:
    """Mails whose times fill a share of the days: where it begins, and how long it is."""
    count, begins = wanted_bytes // MAIL_BYTES, FIRST_DAY + timedelta(days=DAYS) * span[0]
    step = timedelta(days=DAYS) * span[1] / max(count, 1)
    written = number = 0
    for number, text in enumerate(mail_text(seed, 2 * count)):
        if written >= wanted_bytes:
            return
        at = begins + step * min(number, count)
        sender, to = number * 7919 % 613, number * 104_729 % 613
        mail = (
            f"From p{sender}@town.example {at:%a %b %d %H:%M:%S %Y}\n"
            f"From: Person {sender} <p{sender}@town.example>\n"
            f"To: Person {to} <p{to}@town.example>\n"
            f"Date: {format_datetime(at)}\n"
            f"Message-ID: <{seed}.{number}@town.example>\n"
            f"Subject: {' '.join(text.split()[:6])}\n"
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
            "Content-Transfer-Encoding: 8bit\n\n"
            f"{text.replace(chr(10) + 'From ', chr(10) + '>From ')}\n\n"
        ).encode()
        written += len(mail)
        yield mail
