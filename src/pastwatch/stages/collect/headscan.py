"""Reads what an envelope needs from the headers of many mails at once, without parsing a mail.

Headers of the usual form (ASCII, LF, each field once or as a list) are read column-wise. Any other
goes through `mailread.read_envelope`, one by one; what comes out is the same (a test holds it so).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pastwatch.model.record import Defect
from pastwatch.stages.collect import mailheader
from pastwatch.stages.collect.mailread import HEADER_BASIS, Mail, read_envelope
from pastwatch.stages.collect.mailtime import Moment, read_date

_NAMES = ("date", "from", "to", "cc", "bcc", "message-id", "references", "in-reply-to")
DATE = 0
Int64s = npt.NDArray[np.int64]
_KEPT_ADDRESSES = 50_000
_PAD = bytes(16)
_SPACE, _TAB, _COLON, _LINE = 32, 9, 58, 10
_LOWER = np.uint64(0x2020202020202020)


class Heads(NamedTuple):
    """Columns over some mails, in order: `recipients` is flat, `counts` how many each has."""

    earliest_us: list[int | None]
    latest_us: list[int | None]
    basis: list[int]
    senders: list[str | None]
    recipients: list[str]
    counts: list[int]
    conversations: list[str]
    defects: list[int]


class HeadScan:
    """Scans headers; keeps the addresses it has read, for they come again."""

    def __init__(self) -> None:
        self._addresses: dict[str, tuple[str, ...]] = {}

    def scan(
        self,
        originals: Sequence[bytes],
        *,
        raw_of: Callable[[int], bytes],
        received_of: Callable[[int], Moment | None],
    ) -> Heads:
        """The envelope columns of some mails.

        `raw_of` gives a mail as it is to be read (unquoted); `received_of` the moment its mailbox
        gives. Both are asked only for what the scan cannot read.
        """
        heads = Heads([], [], [], [], [], [], [], [])
        for row, fields in enumerate(_fields([_header(original) for original in originals])):
            if not self._add(heads, fields):
                raw = raw_of(row)
                mail = read_envelope(raw)
                if mail.earliest_us is None and (received := received_of(row)):
                    mail = read_envelope(raw, received=received)
                _add_mail(heads, mail)
        return heads

    def _add(self, heads: Heads, fields: tuple[str, ...]) -> bool:
        """Add a mail from its fields; False, with nothing added, where they are not usual."""
        date, sent, to, cc, bcc, native_id, references, reply_to = fields
        moment = read_date(date) if date else None
        senders = self._of(sent) if sent else ()
        if moment is None or not senders:
            return False
        heads.earliest_us.append(moment.earliest_us)
        heads.latest_us.append(moment.latest_us)
        heads.basis.append(HEADER_BASIS)
        heads.defects.append(0 if moment.has_zone else int(Defect.AMBIGUOUS_DATE))
        heads.senders.append(senders[0])
        count = 0
        for value in (to, cc, bcc):
            if value:
                held = self._of(value)
                heads.recipients.extend(held)
                count += len(held)
        heads.counts.append(count)
        first = _first_id(references) if references else None
        if first is None:
            first = (reply_to and _first_id(reply_to)) or (native_id and _first_id(native_id)) or ""
        heads.conversations.append(first)
        return True

    def _of(self, value: str) -> tuple[str, ...]:
        """The addresses of a field, those first that it names first."""
        found = self._addresses.get(value)
        if found is None:
            if len(self._addresses) >= _KEPT_ADDRESSES:
                self._addresses.clear()
            found = tuple(address for address, _ in mailheader.addresses(value))
            self._addresses[value] = found
        return found


def _header(original: bytes) -> bytes:
    """A mail's header with LF line ends, the last one included; empty when it is not usual."""
    end = original.find(b"\n\n")
    header = original[: end + 1] if end >= 0 else original
    if b"\r" in header:
        end = header.find(b"\n\r\n")
        header = (header[: end + 1] if end >= 0 else header).replace(b"\r\n", b"\n")
    if (
        header.startswith((b"\n", b">", b"From "))
        or not header.isascii()
        or b"\n>" in header
        or b"\r" in header
        or b"\0" in header
        or len(header) > mailheader.HEADER_LIMIT_BYTES
    ):
        return b""
    return header if header.endswith(b"\n") else header + b"\n"


def _fields(headers: list[bytes]) -> Iterator[tuple[str, ...]]:
    """For each header the values of `_NAMES`; all empty where a name stands twice in it."""
    whole = b"".join(headers)
    columns = [[""] * len(headers) for _ in _NAMES]
    if whole:
        sizes = np.fromiter(map(len, headers), np.int64, len(headers))
        starts, ends, rows = _lines(whole, sizes)
        text = whole.decode("ascii")
        twice = np.zeros(len(headers), dtype=bool)
        for column, (name, places) in zip(columns, _named(whole, starts), strict=True):
            held = rows[places]
            twice[held[1:][held[1:] == held[:-1]]] = True
            begin = (starts[places] + (len(name) + 1)).tolist()
            for row, a, b in zip(held.tolist(), begin, ends[places].tolist(), strict=True):
                value = text[a:b].lstrip(" \t")
                column[row] = value.replace("\n", "") if "\n" in value else value
        for row in np.flatnonzero(twice).tolist():
            columns[DATE][row] = ""
    return zip(*columns, strict=True)


def _lines(whole: bytes, sizes: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Where each unfolded line of the headers starts and ends, and the header it stands in."""
    octets = np.frombuffer(whole, np.uint8)
    starts = np.concatenate(([0], np.flatnonzero(octets == _LINE)[:-1] + 1))
    first = octets[starts]
    heads = np.cumsum(sizes) - sizes
    is_folded = (first == _SPACE) | (first == _TAB)
    is_folded[np.searchsorted(starts, heads[sizes > 0])] = False
    starts = starts[~is_folded]
    ends = np.append(starts[1:], len(whole)) - 1
    rows = np.searchsorted(np.cumsum(sizes), starts, side="right")
    return starts, ends, rows


def _named(whole: bytes, starts: Int64s) -> Iterator[tuple[str, Int64s]]:
    """For each name of `_NAMES` which of the lines carry it.

    A name that white space parts from its colon is rare and taken for another: such a line is
    given to the first name, so that its header counts as unusual.
    """
    padded = whole + _PAD
    size = len(whole)
    words = np.ndarray((size,), "<u8", buffer=padded, strides=(1,))
    kept = np.flatnonzero(_BEGINNINGS[(words[starts] & _TWO).astype(np.int64)])
    at = starts[kept]
    head, tail = words[at] | _LOWER, words[np.minimum(at + 8, size - 1)] | _LOWER
    octets = np.frombuffer(padded, np.uint8)
    odd = np.zeros(len(at), dtype=bool)
    found = []
    for name in _NAMES:
        key, rest = name[:8].encode(), name[8:].encode()
        same = (head & _mask(key)) == _word(key)
        if rest:
            same &= (tail & _mask(rest)) == _word(rest)
        after = octets[at + len(name)]
        odd |= same & ((after == _SPACE) | (after == _TAB))
        found.append(kept[same & (after == _COLON)])
    yield _NAMES[0], np.sort(np.concatenate((found[0], np.repeat(kept[odd], 2))))
    yield from zip(_NAMES[1:], found[1:], strict=True)


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


def _mask(text: bytes) -> np.uint64:
    return np.uint64((1 << 8 * len(text)) - 1)


def _beginnings() -> npt.NDArray[np.bool_]:
    """Of two bytes, whether one of the names begins with them in any case."""
    table = np.zeros(1 << 16, dtype=bool)
    for name in _NAMES:
        for a in (name[0], name[0].upper()):
            for b in (name[1], name[1].upper()):
                table[ord(a) | ord(b) << 8] = True
    return table


_TWO = np.uint64(0xFFFF)
_BEGINNINGS = _beginnings()


def _first_id(value: str) -> str | None:
    """The first message id of a field; None when it holds none."""
    return next(iter(mailheader.ids(value)), None)


def _add_mail(heads: Heads, mail: Mail) -> None:
    heads.earliest_us.append(mail.earliest_us)
    heads.latest_us.append(mail.latest_us)
    heads.basis.append(mail.basis)
    heads.defects.append(mail.defects)
    heads.senders.append(mail.sender_address)
    heads.recipients.extend(address for address, _, _ in mail.recipients)
    heads.counts.append(len(mail.recipients))
    heads.conversations.append(mail.conversation)
