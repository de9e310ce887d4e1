"""Reads a mailbox over IMAP (RFC 3501) and changes nothing in it: EXAMINE, and BODY.PEEK[].

`imaps://USER@HOST[:993]/MAILBOX?poll=30`; MAILBOX is INBOX by default, and `*` is every one.
`imap://` turns to TLS by STARTTLS, except on this very machine. The place is kept here, as
UIDVALIDITY and UID: the server keeps nothing for a reader that changes nothing.
"""

from __future__ import annotations

import calendar
import contextlib
import imaplib
import re
import ssl
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pastwatch.archive.runs import Container
from pastwatch.errors import SourceError, UsageError
from pastwatch.model.source import Gap
from pastwatch.stages.collect.live.address import Address
from pastwatch.stages.collect.live.arriving import GROUP_BYTES, Arrival, Idle, Keeping
from pastwatch.stages.collect.live.payloads import PAYLOAD_LIMIT_BYTES, Payload, Payloads

TIMEOUT_S = 60.0
_WINDOW_UIDS = 256
_WIDEST_UIDS = 262_144
_SEEN_UIDS = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_DATE = re.compile(
    rb'INTERNALDATE "([ \d]\d)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"'
)
_SHORT_BODY = re.compile(rb'BODY\[\] (?:"((?:[^"\\]|\\.)*)"|NIL)')
_ESCAPED = re.compile(rb"\\(.)")
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)', re.DOTALL)
_MONTHS = {name.encode(): number for number, name in enumerate(calendar.month_abbr) if name}
_BROKEN = (imaplib.IMAP4.error, OSError, EOFError)


@dataclass(slots=True)
class _Place:
    """How far a mailbox was read."""

    validity: int = 0
    uid: int = 0


@dataclass(frozen=True, slots=True)
class _Mark:
    """Up to where a mailbox is durable once this is acknowledged."""

    mailbox: str
    validity: int
    uid: int


class Imap:
    """One or all mailboxes of an account."""

    name = "imap"

    def __init__(self, address: Address, payloads: Payloads, *, keeping: Keeping) -> None:
        address.only("poll")
        if not address.user:
            raise UsageError("the address names no account", hint="imaps://USER@HOST/MAILBOX")
        self.medium = payloads.medium
        self._address, self._payloads, self._keeping = address, payloads, keeping
        self._poll_s = address.seconds("poll", 30.0)
        self._kept = keeping.get()
        self._places: dict[str, _Place] = {}
        self._lag: int | None = None
        self._server: imaplib.IMAP4 | None = None

    def arrivals(self, stop: threading.Event) -> Iterator[Arrival | Idle]:
        """The mails of each mailbox by rising UID; then, every `poll` seconds, the new ones."""
        try:
            self._server = self._connected()
            while not stop.is_set():
                behind = 0
                for mailbox in self._mailboxes():
                    behind += yield from self._mails(mailbox, stop)
                self._lag = behind
                yield Idle(behind=behind)
                stop.wait(self._poll_s)
                yield Idle(behind=behind)
        except _BROKEN as wrong:
            raise SourceError(f"the mail server is out of reach: {type(wrong).__name__}") from None
        finally:
            self._disconnect()

    def acknowledge(self, marks: Sequence[_Mark]) -> None:
        """Keep the place; nothing is told to the server."""
        for mark in marks:
            self._kept[self._keeping.token(mark.mailbox)] = [mark.validity, mark.uid]
        if marks:
            self._keeping.put(self._kept)

    def lag(self) -> int | None:
        """How many mails the mailboxes hold beyond what was read, at the last look."""
        return self._lag

    def close(self) -> None:
        """Nothing is left open once `arrivals` has ended."""

    def _connected(self) -> imaplib.IMAP4:
        address = self._address
        server: imaplib.IMAP4
        if address.scheme == "imaps":
            server = imaplib.IMAP4_SSL(
                address.host,
                address.port,
                ssl_context=ssl.create_default_context(),
                timeout=TIMEOUT_S,
            )
        else:
            server = imaplib.IMAP4(address.host, address.port, timeout=TIMEOUT_S)
            if not address.is_loopback:
                server.starttls(ssl.create_default_context())
        self._server = server
        try:
            server.login(address.user, address.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise SourceError("the mail server refuses the account or its password") from None
        return server

    def _disconnect(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(*_BROKEN):
                server.logout()
            with contextlib.suppress(*_BROKEN):  # a farewell that fails leaves the socket open
                server.shutdown()

    @property
    def _at(self) -> imaplib.IMAP4:
        if self._server is None:
            raise SourceError("the mail server is not connected")
        return self._server

    def _mailboxes(self) -> list[str]:
        if self._address.name != "*":
            return [self._address.name or "INBOX"]
        answer = _done(self._at.list())
        found = [_LISTED.fullmatch(line) for line in answer if isinstance(line, bytes)]
        names = [m["name"] for m in found if m and b"\\noselect" not in m["flags"].lower()]
        return sorted(_unquoted(name) for name in names)

    def _mails(self, mailbox: str, stop: threading.Event) -> Generator[Arrival, None, int]:
        """What a mailbox holds beyond its place, in groups; returns how much is left unread."""
        quoted = '"' + mailbox.replace("\\", "\\\\").replace('"', '\\"') + '"'
        _done(self._at.select(quoted, readonly=True))
        place, gap = self._place(mailbox)
        if gap:
            yield Arrival(found=(gap,))
        following = self._number("UIDNEXT")
        if following is None:
            following = _WIDEST_UIDS * 16 if self._number("EXISTS") else 0
        span = _WINDOW_UIDS
        while place.uid + 1 < following and not stop.is_set():
            last = min(place.uid + span, following - 1)
            sizes = self._sizes(place.uid + 1, last)
            span = _WINDOW_UIDS if sizes else min(2 * span, _WIDEST_UIDS)
            for group in _groups(sizes):
                if stop.is_set():
                    return 1
                arrival = self._group(mailbox, place, group, sizes)
                place.uid = group[-1]
                yield arrival
            place.uid = last
            self._lag = following - 1 - last
            yield Arrival(found=(), mark=_Mark(mailbox, place.validity, last))
        return 0

    def _place(self, mailbox: str) -> tuple[_Place, Gap | None]:
        """Where to go on; a mailbox the server numbered anew is read again from its start."""
        validity = self._number("UIDVALIDITY") or 0
        place = self._places.get(mailbox)
        if place is None:
            kept = self._kept.get(self._keeping.token(mailbox), [0, 0])
            place = self._places[mailbox] = _Place(*map(int, kept))
        if place.validity == validity:
            return place, None
        gap = None
        if place.uid:
            gap = Gap(
                source_id="",
                reason="the server numbered the mailbox anew: it is read again",
                bytes=0,
                container=f"imap/{mailbox}/{validity}",
                offset=0,
            )
        place.validity, place.uid = validity, 0
        return place, gap

    def _number(self, name: str) -> int | None:
        """A number the server gave when the mailbox was examined."""
        _, values = self._at.response(name)
        for value in reversed(values or []):
            if isinstance(value, bytes) and value.strip().isdigit():
                return int(value)
        return None

    def _sizes(self, first: int, last: int) -> dict[int, int]:
        """The sizes of the mails in a stretch of UIDs; a UID without a mail is not in it."""
        answer = _done(self._at.uid("FETCH", f"{first}:{last}", "(UID RFC822.SIZE)"))
        sizes = {}
        for line in answer:
            whole = line if isinstance(line, bytes) else b""
            uid, size = _SEEN_UIDS.search(whole), _SIZE.search(whole)
            if uid and size and first <= int(uid[1]) <= last:
                sizes[int(uid[1])] = int(size[1])
        return dict(sorted(sizes.items()))

    def _group(
        self, mailbox: str, place: _Place, group: Sequence[int], sizes: dict[int, int]
    ) -> Arrival:
        name = f"imap/{mailbox}/{place.validity}"
        found: list[Any] = []
        whole: dict[int, Payload] = {}
        wanted = [uid for uid in group if sizes[uid] <= PAYLOAD_LIMIT_BYTES]
        if wanted:
            listed = ",".join(map(str, wanted))
            answer = _done(self._at.uid("FETCH", listed, "(UID INTERNALDATE BODY.PEEK[])"))
            whole = _payloads(answer, name)
        for uid in group:
            if uid in whole:
                continue
            large = sizes[uid] > PAYLOAD_LIMIT_BYTES
            found.append(
                Gap(
                    source_id="",
                    reason="larger than a record may be"
                    if large
                    else "removed from the server before it was read",
                    bytes=sizes[uid] if large else 0,
                    lost_records_at_most=1,
                    container=f"{name}/{uid}",
                    offset=0,
                )
            )
        payloads = [whole[uid] for uid in wanted if uid in whole]
        found.extend(self._payloads.read(payloads, container=name))
        read_bytes = sum(len(p.content) for p in payloads)
        return Arrival(
            found=tuple(found),
            mark=_Mark(mailbox, place.validity, group[-1]),
            read=(Container(name=f"{name}/{group[0]}-{group[-1]}", bytes=read_bytes),),
        )


def _groups(sizes: dict[int, int]) -> Iterator[list[int]]:
    """The UIDs in order, in groups that fit an arrival."""
    group: list[int] = []
    total_bytes = 0
    for uid, size_bytes in sizes.items():
        if group and total_bytes + size_bytes > GROUP_BYTES:
            yield group
            group, total_bytes = [], 0
        group.append(uid)
        total_bytes += size_bytes
    if group:
        yield group


def _payloads(answer: Sequence[Any], name: str) -> dict[int, Payload]:
    """The mails of an answer by UID; it is a list of (what came before a literal, the literal).

    A server may also write a short body in quotes, or NIL for an empty one (RFC 3501 §4.3, §9).
    """
    found = {}
    for at, piece in enumerate(answer):
        if isinstance(piece, tuple):
            head, content = piece
            after = answer[at + 1] if at + 1 < len(answer) else b""
            told = head + (after if isinstance(after, bytes) else b"")
        elif isinstance(piece, bytes) and (short := _SHORT_BODY.search(piece)):
            content, told = _ESCAPED.sub(rb"\1", short[1] or b""), piece
        else:
            continue
        uid = _SEEN_UIDS.search(told)
        if uid:
            number = int(uid[1])
            found[number] = Payload(f"{name}/{number}", content, _received(told))
    return found


def _received(told: bytes) -> int | None:
    """INTERNALDATE in microseconds since 1970."""
    date = _DATE.search(told)
    if date is None or date[2].title() not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(date[n]) for n in (1, 3, 4, 5, 6))
    east_s = (int(date[8]) * 3600 + int(date[9]) * 60) * (-1 if date[7] == b"-" else 1)
    local = (year, _MONTHS[date[2].title()], day, hour, minute, second)
    try:
        return (calendar.timegm(local) - east_s) * 1_000_000
    except ValueError:  # the year 0, which no calendar here has
        return None


def _unquoted(name: bytes) -> str:
    """A mailbox name as LIST gives it, in modified UTF-7 as it came."""
    text = name.strip().decode("ascii", "replace")
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        text = text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return text


def _done(answer: tuple[str, list[Any]]) -> list[Any]:
    status, lines = answer
    if status != "OK":
        raise SourceError("the mail server says no; the mailbox may be missing, or not readable")
    return lines
