"""Reads what an envelope needs from the headers of many mails at once, without parsing a mail.

Headers of the usual form (`headfields`) are read column-wise. Any other goes through
`mailread.read_envelope`, one by one; what comes out is the same (a test holds it so).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pastwatch.model.record import Defect
from pastwatch.stages.collect import headfields, mailheader
from pastwatch.stages.collect.addressbook import AddressBook
from pastwatch.stages.collect.headfields import Fields, Int64s, Mask
from pastwatch.stages.collect.mailread import HEADER_BASIS, Mail, read_envelope
from pastwatch.stages.collect.mailtime import Moment

_ID = re.compile(r"<([^<>\s]+)>")


class Whens(NamedTuple):
    """Columns of times: undated where `dated` is False."""

    earliest_us: Int64s
    latest_us: Int64s
    basis: npt.NDArray[np.uint8]
    dated: Mask
    defects: npt.NDArray[np.uint32]

    def set(self, row: int, mail: Mail) -> None:
        """Take a row's times, and what was wrong with it, from a mail read by itself."""
        self.dated[row] = mail.earliest_us is not None
        self.earliest_us[row] = mail.earliest_us or 0
        self.latest_us[row] = mail.latest_us or 0
        self.basis[row], self.defects[row] = mail.basis, mail.defects


class Heads(NamedTuple):
    """Columns over some mails, in order: `recipients` is flat, `counts` how many each has."""

    whens: Whens
    senders: list[str | None]
    recipients: list[str]
    counts: list[int]
    conversations: list[str]


class HeadScan:
    """Scans headers; keeps the addresses it has read, for they come again."""

    def __init__(self) -> None:
        self._book = AddressBook()

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
        fields, of = Fields(originals), self._book.of
        whens = whens_of(fields)
        senders: list[str | None] = [
            held[0] if (held := of(value).addresses) else None
            for value in fields.texts(headfields.FROM)
        ]
        threads = list(map(_conversation, *map(fields.texts, _THREAD)))
        listed = [of(value).addresses for value in fields.texts(headfields.TO)]
        for name in (headfields.CC, headfields.BCC):
            if fields.rows(name):
                more = fields.texts(name)
                listed = [
                    a + of(v).addresses if v else a for a, v in zip(listed, more, strict=True)
                ]
        for row, is_dated in enumerate(whens.dated.tolist()):
            if not is_dated or senders[row] is None:
                mail = _slowly(raw_of(row), received_of, row)
                whens.set(row, mail)
                senders[row], threads[row] = mail.sender_address, mail.conversation
                listed[row] = tuple(address for address, _, _ in mail.recipients)
        return Heads(
            whens, senders, list(chain.from_iterable(listed)), list(map(len, listed)), threads
        )


_THREAD = (headfields.REFERENCES, headfields.REPLY_TO, headfields.OWN_ID)


def whens_of(fields: Fields) -> Whens:
    """The times that usual headers state; every other mail stands undated, and is to be read."""
    moments, dated, others = fields.dates()
    count = len(moments)
    whens = Whens(
        moments,
        moments.copy(),
        np.full(count, HEADER_BASIS, np.uint8),
        dated,
        np.zeros(count, np.uint32),
    )
    for row, moment in others.items():
        whens.earliest_us[row], whens.latest_us[row] = moment.earliest_us, moment.latest_us
        whens.dated[row] = True
        whens.defects[row] = 0 if moment.has_zone else int(Defect.AMBIGUOUS_DATE)
    return whens


def _slowly(raw: bytes, received_of: Callable[[int], Moment | None], row: int) -> Mail:
    """Read one mail's header by itself."""
    mail = read_envelope(raw)
    if mail.earliest_us is None and (received := received_of(row)):
        mail = read_envelope(raw, received=received)
    return mail


def _conversation(references: str, reply_to: str, native_id: str) -> str:
    """What a mail's conversation goes by: the first id it refers to, else its own."""
    for value in (references, reply_to, native_id):
        if value:
            found = _ID.search(value)
            first = found[1] if found else next(iter(mailheader.ids(value)), None)
            if first or (first is not None and value is references):
                return first
    return ""
