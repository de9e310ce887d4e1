"""Reads what an envelope needs from the headers of many mails at once, without parsing a mail.

Headers of the usual form (ASCII, LF, each field once or as a list) are read column-wise. Any other
goes through `mailread.read_envelope`, one by one; what comes out is the same (a test holds it so).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pastwatch.stages.collect import mailheader
from pastwatch.stages.collect.datescan import DATE_BYTES, plain_dates
from pastwatch.stages.collect.mailread import HEADER_BASIS, read_envelope
from pastwatch.stages.collect.mailtime import Moment, read_date

_NAMES = ("date", "from", "to", "cc", "bcc", "message-id", "references", "in-reply-to")
_DATE, _FROM, _TO, _CC, _BCC, _OWN_ID, _REFERENCES, _REPLY_TO = range(8)
Mask = npt.NDArray[np.bool_]
Int64s = npt.NDArray[np.int64]
_KEPT_ADDRESSES = 50_000
_PAD = bytes(16)
_SPACE, _TAB, _COLON, _LINE, _QUOTE = 32, 9, 58, 10, 62
_BLANK = frozenset((" ", "\t"))
_ID = re.compile(r"<([^<>\s]+)>")
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
        if len(self._addresses) >= _KEPT_ADDRESSES:
            self._addresses.clear()
        fields = _Fields(_headers(originals))
        dates_us, dated = fields.dates()
        senders: list[str | None] = [
            held[0] if (held := self._of(value)) else None for value in fields.texts(_FROM)
        ]
        threads = [_thread(*ids) for ids in fields.threads()]
        listed = [self._recipients(*values) for values in fields.recipients()]
        heads = Heads(
            earliest_us=dates_us,
            latest_us=list(dates_us),
            basis=[HEADER_BASIS] * len(originals),
            senders=senders,
            recipients=[],
            counts=[],
            conversations=threads,
            defects=[0] * len(originals),
        )
        for row, (is_dated, sender) in enumerate(zip(dated, senders, strict=True)):
            if not is_dated or sender is None:
                listed[row] = self._slowly(heads, row, raw_of, received_of)
        heads.recipients.extend(chain.from_iterable(listed))
        heads.counts.extend(map(len, listed))
        return heads

    def _slowly(
        self,
        heads: Heads,
        row: int,
        raw_of: Callable[[int], bytes],
        received_of: Callable[[int], Moment | None],
    ) -> tuple[str, ...]:
        """Read one mail's header by itself, set its columns, and give its recipients."""
        raw = raw_of(row)
        mail = read_envelope(raw)
        if mail.earliest_us is None and (received := received_of(row)):
            mail = read_envelope(raw, received=received)
        heads.earliest_us[row], heads.latest_us[row] = mail.earliest_us, mail.latest_us
        heads.basis[row], heads.defects[row] = mail.basis, mail.defects
        heads.senders[row], heads.conversations[row] = mail.sender_address, mail.conversation
        return tuple(address for address, _, _ in mail.recipients)

    def _recipients(self, to: str, cc: str, bcc: str) -> tuple[str, ...]:
        if not cc and not bcc:
            return self._of(to)
        return self._of(to) + self._of(cc) + self._of(bcc)

    def _of(self, value: str) -> tuple[str, ...]:
        """The addresses of a field, those first that it names first."""
        found = self._addresses.get(value)
        if found is None:
            found = tuple(address for address, _ in mailheader.addresses(value))
            self._addresses[value] = found
        return found


def _thread(references: str, reply_to: str, native_id: str) -> str:
    """What a mail's conversation goes by: the first id it refers to, else its own."""
    for value in (references, reply_to, native_id):
        if value:
            found = _ID.search(value)
            first = found[1] if found else next(iter(mailheader.ids(value)), None)
            if first or (first is not None and value is references):
                return first
    return ""


def _headers(originals: Sequence[bytes]) -> list[bytes]:
    """The headers, each with its last line end; empty where one is not usual."""
    ends = [original.find(b"\n\n") for original in originals]
    headers = [original[: end + 1] for original, end in zip(originals, ends, strict=True)]
    whole = b"".join(headers)
    if whole.isascii() and b"\r" not in whole and b"\0" not in whole and -1 not in ends:
        return headers
    return [_header(original) for original in originals]


def _header(original: bytes) -> bytes:
    """A mail's header with LF line ends, the last one included; empty when it is not usual."""
    end = original.find(b"\n\n")
    header = original[: end + 1] if end >= 0 else original
    if b"\r" in header:
        end = header.find(b"\n\r\n")
        header = (header[: end + 1] if end >= 0 else header).replace(b"\r\n", b"\n")
    if not header.isascii() or b"\r" in header or b"\0" in header:
        return b""
    return header if header.endswith(b"\n") else header + b"\n"


class _Fields:
    """The fields of some headers by name; a header that is not usual has none of them."""

    def __init__(self, headers: list[bytes]) -> None:
        self._count = len(headers)
        whole = b"".join(headers)
        self._text = whole.decode("ascii")
        self._octets = np.frombuffer(whole + bytes(DATE_BYTES), np.uint8)
        self._places: list[tuple[Int64s, Int64s, Int64s]] = []  # by name: row, start, end
        sizes = np.fromiter(map(len, headers), np.int64, self._count)
        usual = np.zeros(self._count, dtype=bool)
        if whole:
            usual = self._find(whole, sizes)
        self._usual = usual

    def _find(self, whole: bytes, sizes: Int64s) -> Mask:
        """Find the fields; gives which headers are usual: no name twice, no quoting, no From line."""
        starts, ends, rows = _lines(self._octets[: len(whole)], sizes)
        first = self._octets[starts]
        usual = sizes > 0
        usual[rows[(first == _QUOTE) | (first == _LINE)]] = False
        for name, lines in _named(whole, starts):
            held = rows[lines]
            usual[held[1:][held[1:] == held[:-1]]] = False
            begin = starts[lines] + (len(name) + 1)
            begin += (self._octets[begin] == _SPACE) & (begin < ends[lines])
            self._places.append((held, begin, ends[lines]))
        return usual & (sizes <= mailheader.HEADER_LIMIT_BYTES)

    def texts(self, name: int) -> list[str]:
        """The values of a field, unfolded; empty where a header has it not, or is not usual."""
        found = [""] * self._count
        if self._places:
            text = self._text
            for row, start, end in zip(
                *(held.tolist() for held in self._places[name]), strict=True
            ):
                value = text[start:end]
                if value[:1] in _BLANK or "\n" in value:
                    value = value.lstrip(" \t").replace("\n", "")
                found[row] = value
        return found

    def threads(self) -> Iterator[tuple[str, str, str]]:
        """The fields a conversation is told by."""
        return zip(*(self.texts(n) for n in (_REFERENCES, _REPLY_TO, _OWN_ID)), strict=True)

    def recipients(self) -> Iterator[tuple[str, str, str]]:
        """The fields that name recipients."""
        return zip(*(self.texts(n) for n in (_TO, _CC, _BCC)), strict=True)

    def dates(self) -> tuple[list[int | None], list[bool]]:
        """The moments of the Date fields, and whether there is one with a zone, in a usual header."""
        found: list[int | None] = [None] * self._count
        dated = np.zeros(self._count, dtype=bool)
        if self._places:
            rows, starts, _ = self._places[_DATE]
            moments, read = plain_dates(self._octets, starts)
            dated[rows[read]] = True
            dated &= self._usual
            for row, moment in zip(rows.tolist(), moments.tolist(), strict=True):
                found[row] = moment
            late = np.flatnonzero(~dated & self._usual).tolist()
            texts = self.texts(_DATE) if late else []
            for row in late:  # another form: read one by one
                read_one = read_date(texts[row]) if texts[row] else None
                if read_one and read_one.has_zone and read_one.earliest_us == read_one.latest_us:
                    found[row], dated[row] = read_one.earliest_us, True
        return found, dated.tolist()


def _lines(octets: npt.NDArray[np.uint8], sizes: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Where each unfolded line of the headers starts and ends, and the header it stands in."""
    starts = np.concatenate(([0], np.flatnonzero(octets == _LINE)[:-1] + 1))
    first = octets[starts]
    heads = np.cumsum(sizes) - sizes
    is_folded = (first == _SPACE) | (first == _TAB)
    is_folded[np.searchsorted(starts, heads[sizes > 0])] = False
    starts = starts[~is_folded]
    ends = np.append(starts[1:], len(octets)) - 1
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
