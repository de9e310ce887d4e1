"""Reads many mails at once into the columns of a batch; the plain ones without parsing each.

Plain is a mail of one part, its text, under a header of the usual form (`headfields`). Any other
goes through `mailread.read_mail`, one by one; what comes out is the same (a test holds it so).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pastwatch.archive.layout import BATCH, PART, RECIPIENT
from pastwatch.model.party import Role
from pastwatch.model.record import Defect
from pastwatch.stages.collect import headfields, mailbody, mailheader, mailhidden, parttext
from pastwatch.stages.collect.addressbook import AddressBook, Named
from pastwatch.stages.collect.connectors import arrays
from pastwatch.stages.collect.connectors.batched import part_lists
from pastwatch.stages.collect.headfields import Fields
from pastwatch.stages.collect.headscan import Whens, whens_of
from pastwatch.stages.collect.mailcharset import SHIFTED, codec_of, decoded
from pastwatch.stages.collect.mailread import (
    TEXT_LIMIT,
    Mail,
    one_line,
    read_mail,
    without_from_line,
)
from pastwatch.stages.collect.mailtime import Moment

_TO, _CC, _BCC = (bytes((role,)) for role in (Role.TO, Role.CC, Role.BCC))
_COPIES = ((headfields.CC, _CC), (headfields.BCC, _BCC))
_THREAD = (headfields.OWN_ID, headfields.REFERENCES, headfields.REPLY_TO)
_SHAPE = (headfields.TYPE, headfields.ENCODING, headfields.DISPOSITION)
_ID = re.compile(r"<([^<>\s]+)>")
_FEW = 16
_KEPT_SHAPES = 4096
_LONGEST_SHAPE = 1000
_PLAIN = "text/plain"
_NO_PARTS = pa.nulls(0, PART)
_FROM_LINES = (b"From ", b">From ")
_NO_ONE = ("", "")
_STRING, _TEXT = pa.string(), pa.large_string()


class _Shape(NamedTuple):
    """How the body of a plain mail is written."""

    kind: str
    charset: str
    encoding: str
    is_direct: bool  # ASCII in it stands for itself
    defect: int  # of such a text


class _Rows(NamedTuple):
    """What is read of some mails but their times: a list each, in order."""

    senders: list[tuple[str, str]]
    recipients: list[tuple[Named, bytes]]
    threads: list[tuple[str, str, str]]  # own id, conversation, answered id
    subjects: list[str]
    texts: list[bytes]
    parts: dict[int, list[tuple[str, str, int, bytes, str]]]


class MailColumns:
    """Reads mails; keeps the address headers and content types it has read, for they come again.

    Where fewer than `few` come at once, each is read by itself: sooner, and the same.
    """

    def __init__(self, *, few: int = _FEW) -> None:
        self._few = few
        self._book = AddressBook()
        self._shapes: dict[tuple[str, str, str], _Shape | None] = {}

    def read(
        self,
        originals: Sequence[bytes],
        raws: Sequence[bytes],
        *,
        received_of: Callable[[int], Moment | None] = lambda _: None,
        cut: Sequence[int] = (),
    ) -> pa.RecordBatch:
        """A row (`layout.BATCH`) for each mail, in order; it never raises on what they hold.

        `raws` are the originals as they are to be read (unquoted), `received_of` gives the moment
        that a mail's mailbox gives, used where it has none; `cut` are the mails that end too soon.
        """
        if len(raws) < self._few:
            whens, rows = _unread(len(raws))
            others: Sequence[int] = range(len(raws))
        else:
            whens, rows, others = self._at_once(raws)
        for row in others:
            self._slowly(raws[row], received_of, row, whens, rows)
        whens.defects[list(cut)] |= int(Defect.CUT_SHORT)
        return _batch(originals, whens, rows)

    def _at_once(self, raws: Sequence[bytes]) -> tuple[Whens, _Rows, list[int]]:
        """Read the plain mails; gives the others."""
        if [None for raw in raws if raw.startswith(_FROM_LINES)]:
            raws = [without_from_line(raw) for raw in raws]
        fields = Fields(raws)
        whens = whens_of(fields)
        rows = self._rows(fields, len(raws))
        return whens, rows, self._texts(fields, raws, whens, rows)

    def _rows(self, fields: Fields, count: int) -> _Rows:
        """What the usual headers say."""
        of = self._book.of
        senders = [
            (held.addresses[0], held.names[0]) if held.addresses else _NO_ONE
            for held in map(of, fields.texts(headfields.FROM))
        ]
        listed = [
            (held, _TO * len(held.addresses)) for held in map(of, fields.texts(headfields.TO))
        ]
        for name, role in _COPIES:
            if fields.rows(name):
                for row, value in enumerate(fields.texts(name)):
                    if value:
                        (addresses, names), roles = listed[row]
                        more = of(value)
                        both = Named(addresses + more.addresses, names + more.names)
                        listed[row] = both, roles + role * len(more.addresses)
        return _Rows(
            senders,
            listed,
            list(map(_thread, *map(fields.texts, _THREAD))),
            [_subject(value) for value in fields.texts(headfields.SUBJECT)],
            [b""] * count,
            {},
        )

    def _texts(self, fields: Fields, raws: Sequence[bytes], whens: Whens, rows: _Rows) -> list[int]:
        """Set the texts of plain mails; gives the others."""
        others: list[int] = []
        kinds, *rest = map(fields.texts, _SHAPE)
        for row in fields.rows(headfields.TYPE):
            kinds[row] = kinds[row] or "/"  # stated, and empty: not the same as not stated
        shapes = map(self._shape, kinds, *rest)
        texts, shape_of = (
            rows.texts,
            zip(raws, fields.bodies, shapes, whens.dated.tolist(), strict=True),
        )
        for row, (raw, start, shape, is_dated) in enumerate(shape_of):
            if shape is None or not is_dated or start < 0 or rows.senders[row] is _NO_ONE:
                others.append(row)
                continue
            body = raw[start:]
            if mailhidden.is_hinted_in(body):
                others.append(row)
                continue
            if shape.is_direct and body.isascii() and b"\0" not in body and len(body) <= TEXT_LIMIT:
                texts[row] = body
                if shape.defect:
                    whens.defects[row] |= shape.defect
                continue
            content, defect = mailbody.transfer_decoded(body, shape.encoding)
            text, more = decoded(content, shape.charset)
            is_other = shape.kind != _PLAIN and parttext.is_document(content, media_type=shape.kind)
            if is_other or len(text) > TEXT_LIMIT or mailhidden.is_hinted(text):
                others.append(row)
                continue
            texts[row] = text.encode()
            whens.defects[row] |= int(defect | more)
        return others

    def _shape(self, kind: str, encoding: str, disposition: str) -> _Shape | None:
        """How a body is written; None where it is not the text of the mail, or HTML."""
        key = (kind, encoding, disposition)
        if key in self._shapes:
            return self._shapes[key]
        shape = _shape(*key)
        if sum(map(len, key)) <= _LONGEST_SHAPE:
            if len(self._shapes) >= _KEPT_SHAPES:
                self._shapes.clear()
            self._shapes[key] = shape
        return shape

    def _slowly(
        self,
        raw: bytes,
        received_of: Callable[[int], Moment | None],
        row: int,
        whens: Whens,
        rows: _Rows,
    ) -> None:
        """Read one mail by itself, and set its row."""
        mail = read_mail(raw)
        if mail.earliest_us is None and (received := received_of(row)):
            mail = read_mail(raw, received=received)
        whens.set(row, mail)
        rows.senders[row] = mail.sender_address or "", mail.sender_name or ""
        rows.recipients[row] = _named(mail)
        rows.threads[row] = mail.native_id, mail.conversation, mail.reply_to
        rows.subjects[row] = mail.subject
        rows.texts[row] = arrays.clean(mail.text).encode()
        if mail.parts:
            rows.parts[row] = mail.parts


def _unread(count: int) -> tuple[Whens, _Rows]:
    """The columns of so many mails, none of them read yet."""
    whens = Whens(
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.uint8),
        np.zeros(count, dtype=bool),
        np.zeros(count, np.uint32),
    )
    nobody = (Named((), ()), b"")
    rows = _Rows(
        [_NO_ONE] * count, [nobody] * count, [("", "", "")] * count, [""] * count, [b""] * count, {}
    )
    return whens, rows


def _shape(kind: str, encoding: str, disposition: str) -> _Shape | None:
    if disposition.strip().lower() not in {"", "inline"}:
        return None
    first, given = mailheader.parameters(kind) if kind else (_PLAIN, {})
    is_text = first.startswith("text/") or "/" not in first
    if not is_text or first == "text/html" or "name" in given:
        return None
    charset = given.get("charset", "")
    codec = codec_of(charset) if charset else ""
    return _Shape(
        first,
        charset,
        encoding,
        first == _PLAIN and mailbody.is_identity(encoding) and codec not in SHIFTED,
        int(Defect.BAD_CHARSET) if codec is None else 0,
    )


def _thread(own: str, references: str, answered: str) -> tuple[str, str, str]:
    """(own id, conversation, answered id), as a mail's fields tell them."""
    native_id = _first(own) if own else ""
    outer = mailheader.outer_ids(references) if references else ()
    if answered:
        found = _ID.search(answered)
        replied = (found[1],) if found else mailheader.ids(answered)
        reply_to = replied[0] if replied else (outer[-1] if outer else "")
    else:
        reply_to = outer[-1] if outer else ""
    return native_id, outer[0] if outer else reply_to or native_id, reply_to


def _first(value: str) -> str:
    found = _ID.search(value)
    return found[1] if found else next(iter(mailheader.ids(value)), "")


def _subject(value: str) -> str:
    return one_line(mailheader.decode_words(value)) if value else ""


def _named(mail: Mail) -> tuple[Named, bytes]:
    held = mail.recipients
    addresses, names = tuple(a for a, _, _ in held), tuple(n for _, n, _ in held)
    return Named(addresses, names), bytes(role for _, _, role in held)


def _batch(originals: Sequence[bytes], whens: Whens, rows: _Rows) -> pa.RecordBatch:
    count = len(originals)
    addresses, names = zip(*rows.senders, strict=True) if count else ((), ())
    native_ids, conversations, answered = zip(*rows.threads, strict=True) if count else ((), (), ())
    held = {
        "original": arrays.octets(b"".join(originals), originals, pa.large_binary()),
        "earliest_us": arrays.numbers(whens.earliest_us, pa.int64(), whens.dated),
        "latest_us": arrays.numbers(whens.latest_us, pa.int64(), whens.dated),
        "basis": arrays.numbers(whens.basis, pa.uint8()),
        "sender_address": arrays.filled(addresses, _STRING),
        "sender_name": arrays.filled(names, _STRING),
        "recipients": _recipients(rows.recipients),
        "conversation": arrays.filled(conversations, _STRING),
        "native_id": arrays.filled(native_ids, _STRING),
        "reply_to": arrays.filled(answered, _STRING),
        "subject": arrays.filled(rows.subjects, _TEXT),
        "text": arrays.octets(b"".join(rows.texts), rows.texts, _TEXT),
        "parts": part_lists([rows.parts.get(row, ()) for row in range(count)])
        if rows.parts
        else arrays.lists([0] * count, _NO_PARTS),
        "kind": arrays.numbers(np.zeros(count, np.uint8), pa.uint8()),
        "defects": arrays.numbers(whens.defects, pa.uint32()),
    }
    made = [held[f.name] if f.name in held else pa.nulls(count, f.type) for f in BATCH]
    return pa.RecordBatch.from_arrays(made, schema=BATCH)


def _recipients(rows: Sequence[tuple[Named, bytes]]) -> pa.Array:
    addresses = list(chain.from_iterable(named.addresses for named, _ in rows))
    names = list(chain.from_iterable(named.names for named, _ in rows))
    roles = np.frombuffer(b"".join(roles for _, roles in rows), np.uint8)
    structs = pa.StructArray.from_arrays(
        [
            arrays.strings(addresses, _STRING),
            arrays.strings(names, _STRING),
            arrays.numbers(roles, pa.uint8()),
        ],
        fields=list(RECIPIENT),
    )
    return arrays.lists([len(roles) for _, roles in rows], structs)
