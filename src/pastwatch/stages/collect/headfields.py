"""Finds the fields of many mail headers at once, where a header has the usual form.

Usual is: ASCII, LF or CRLF line ends, an empty line behind it, every line a field or folded into
one, and none of the fields asked for there twice. What is read here `mailheader.fields_of` reads
the same; of any other header nothing is read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pastwatch.stages.collect import mailheader
from pastwatch.stages.collect.datescan import DATE_BYTES, plain_dates
from pastwatch.stages.collect.mailtime import Moment, read_date

NAMES = (
    "date",
    "from",
    "to",
    "cc",
    "bcc",
    "message-id",
    "references",
    "in-reply-to",
    "subject",
    "content-type",
    "content-transfer-encoding",
    "content-disposition",
)
DATE, FROM, TO, CC, BCC, OWN_ID, REFERENCES, REPLY_TO, SUBJECT = range(9)
TYPE, ENCODING, DISPOSITION = range(9, 12)
Mask = npt.NDArray[np.bool_]
Int64s = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
_BLANK = frozenset((" ", "\t"))
_SPACE, _TAB, _COLON, _LINE = 32, 9, 58, 10
_LONGEST_NAME = 64
_PAD = bytes(_LONGEST_NAME + DATE_BYTES)
_WORD_BYTES = 8
_LOWER = np.uint64(0x2020202020202020)
_ONES = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(_WORD_BYTES + 1)], np.uint64)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Fields:
    """The fields of some mails' headers by name; a header that is not usual has none of them."""

    def __init__(self, raws: Sequence[bytes]) -> None:
        self._count = len(raws)
        headers, self.bodies = _headers(raws)
        whole = b"".join(headers)
        self._text = whole.decode("ascii")
        padded = whole + _PAD
        self._octets = np.frombuffer(padded, np.uint8)
        self._words = np.ndarray((len(padded) - 7,), "<u8", buffer=padded, strides=(1,))
        self._places: list[tuple[Int64s, Int64s, Int64s]] = []  # by name: row, start, end
        self.usual = np.zeros(self._count, dtype=bool)
        if whole:
            self.usual = self._find(len(whole), np.fromiter(map(len, headers), np.int64))

    def texts(self, name: int) -> list[str]:
        """The values of a field, unfolded; empty where a header has it not.

        What is given for a header that is not usual means nothing.
        """
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

    def rows(self, name: int) -> list[int]:
        """The mails that have a field."""
        return self._places[name][0].tolist() if self._places else []

    def dates(self) -> tuple[Int64s, Mask, dict[int, Moment]]:
        """(moments in µs, whether each is one, the intervals of the other dates that were read)."""
        moments = np.zeros(self._count, np.int64)
        dated = np.zeros(self._count, dtype=bool)
        others: dict[int, Moment] = {}
        if self._places:
            rows, starts, _ = self._places[DATE]
            found, read = plain_dates(self._octets, starts)
            moments[rows], dated[rows] = found, read
            dated &= self.usual
            late = np.flatnonzero(~dated & self.usual).tolist()
            texts = self.texts(DATE) if late else []
            for row in late:  # another form: read one by one
                moment = read_date(texts[row]) if texts[row] else None
                if moment:
                    others[row] = moment
        return moments, dated, others

    def _find(self, size: int, sizes: Int64s) -> Mask:
        """Find the fields; gives which headers are usual."""
        starts, ends, rows = _lines(self._octets[:size], sizes)
        lengths, sound = self._names(starts, ends)
        usual = (sizes > 0) & (sizes <= mailheader.HEADER_LIMIT_BYTES)
        usual[rows[~sound]] = False
        which = self._known(starts, lengths)
        which[~sound] = -1
        octets = self._octets
        for number in range(len(NAMES)):
            lines = np.flatnonzero(which == number)
            held = rows[lines]
            if len(held) > 1:
                usual[held[1:][held[1:] == held[:-1]]] = False
            begin = starts[lines] + (len(NAMES[number]) + 1)
            begin += (octets[begin] == _SPACE) & (begin < ends[lines])
            self._places.append((held, begin, ends[lines]))
        return usual

    def _names(self, starts: Int64s, ends: Int64s) -> tuple[Int64s, Mask]:
        """How long each line's name is, and whether it is one: printable, and a colon behind it."""
        colons = np.append(np.flatnonzero(self._octets == _COLON), len(self._octets))
        lengths = colons[np.searchsorted(colons, starts)] - starts
        sound = (lengths > 0) & (lengths < ends - starts + 1) & (lengths <= _LONGEST_NAME)
        left = np.flatnonzero(sound)
        done = 0
        while len(left):
            # A byte below 0x21 in the name, by the borrow it leaves (all are below 0x80).
            word = self._words[starts[left] + done]
            size = np.minimum(lengths[left] - done, _WORD_BYTES)
            blank = ((word | _HIGH) - _ONES * np.uint64(0x21)) & _HIGH & _MASKS[size] ^ (
                _HIGH & _MASKS[size]
            )
            sound[left[blank != 0]] = False
            done += _WORD_BYTES
            left = left[lengths[left] > done]
        return lengths, sound

    def _known(self, starts: Int64s, lengths: Int64s) -> Int64s:
        """For each line which of `NAMES` it carries; −1 for none."""
        sizes = np.clip(lengths, 0, _WORD_BYTES)
        keys = ((self._words[starts] | _LOWER) & _MASKS[sizes]) ^ (
            lengths.astype(np.uint64) * _SPREAD
        )
        at = np.minimum(np.searchsorted(_KEYS, keys), len(_KEYS) - 1)
        which = np.where((_KEYS[at] == keys) & (_SIZES[at] == lengths), _NUMBERS[at], -1)
        for number, words in _TAILS:
            lines = np.flatnonzero(which == number)
            for offset, mask, word in words:
                wrong = ((self._words[starts[lines] + offset] | _LOWER) & mask) != word
                which[lines[wrong]] = -1
        return which


def _headers(raws: Sequence[bytes]) -> tuple[list[bytes], list[int]]:
    """The headers, each with its last line end, and where the bodies begin.

    A header that cannot be usual is empty; where no empty line follows one, its body begins at −1.
    """
    ends = [raw.find(b"\n\n") for raw in raws]
    headers = [raw[: end + 1] for raw, end in zip(raws, ends, strict=True)]
    whole = b"".join(headers)
    if -1 not in ends and _is_plain(whole):
        return headers, [end + 2 for end in ends]
    read = [_header(raw) for raw in raws]
    return [header for header, _ in read], [body for _, body in read]


def _header(raw: bytes) -> tuple[bytes, int]:
    """A mail's header with LF line ends, and where its body begins."""
    end = raw.find(b"\n\n")
    header = raw[: end + 1] if end >= 0 else raw
    body = end + 2 if end >= 0 else -1
    if b"\r" in header:
        end = header.find(b"\n\r\n")
        if end >= 0:
            header, body = header[: end + 1], end + 3
        header = header.replace(b"\r\n", b"\n")
    if not _is_plain(header):
        return b"", body
    return header if header.endswith(b"\n") else header + b"\n", body


def _is_plain(header: bytes) -> bool:
    return header.isascii() and not any(sign in header for sign in (b"\r", b"\0", b"\x7f"))


def _lines(octets: Octets, sizes: Int64s) -> tuple[Int64s, Int64s, Int64s]:
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


def _word(name: str, at: int) -> tuple[int, int]:
    """(mask, bytes) of a name's word that begins at a place."""
    text = name[at : at + _WORD_BYTES].encode()
    mask = (1 << 8 * len(text)) - 1
    return mask, (int.from_bytes(text, "little") | int(_LOWER)) & mask


def _key(name: str) -> int:
    return _word(name, 0)[1] ^ (len(name) * int(_SPREAD) & ((1 << 64) - 1))


def _tail(name: str, at: int) -> tuple[int, np.uint64, np.uint64]:
    mask, word = _word(name, at)
    return at, np.uint64(mask), np.uint64(word)


_ORDER = sorted(range(len(NAMES)), key=lambda number: _key(NAMES[number]))
_KEYS = np.array([_key(NAMES[number]) for number in _ORDER], np.uint64)
_NUMBERS = np.array(_ORDER, np.int64)
_SIZES = np.array([len(NAMES[number]) for number in _ORDER], np.int64)
_TAILS = [
    (number, [_tail(name, at) for at in range(_WORD_BYTES, len(name), _WORD_BYTES)])
    for number, name in enumerate(NAMES)
    if len(name) > _WORD_BYTES
]
