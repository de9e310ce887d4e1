"""Reads TNEF (winmail.dat) into an item of Outlook: its properties, people and attachments."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

from pastwatch.model.record import Defect
from pastwatch.model.when import EPOCH
from pastwatch.stages.collect import mapi
from pastwatch.stages.collect.mapi import Attachment, Item, Properties

SIGNATURE = b"\x78\x9f\x3e\x22"
DEPTH_LIMIT = 8
VALUES_LIMIT = 20_000
_SUBJECT, _BODY, _CLASS, _PROPERTIES = 0x00018004, 0x0002800C, 0x00078008, 0x00069003
_RECIPIENTS, _CODEPAGE, _SENT, _RECEIVED = 0x00069004, 0x00069007, 0x00038005, 0x00038006
_FROM, _MESSAGE_ID = 0x00008000, 0x00018009
_NEW_FILE, _FILE, _FILE_NAME, _FILE_PROPERTIES = 0x00069002, 0x0006800F, 0x00018010, 0x00069005
_CLASSES = {b"ipm.microsoft mail.note": "IPM.Note", b"ipm.microsoft mail.non-delivery": "REPORT.IPM.Note.NDR",
            b"ipm.microsoft schedule.mtgreq": "IPM.Schedule.Meeting.Request"}  # fmt: skip
_INTERFACE_BYTES = 16  # before an object's own bytes stands which kind of object it is


def read_tnef(content: bytes, *, depth: int = 0) -> Item:
    """The item a TNEF stream describes (MS-OXTNEF §2.1); what is broken is flagged."""
    item = Item(Properties())
    at, files = 6, [Attachment("", "", b"", is_missing=True)]
    if not content.startswith(SIGNATURE):
        item.defects |= Defect.OPAQUE
        return item
    while at + 11 <= len(content):
        level, name, size = struct.unpack_from("<BII", content, at)
        value = content[at + 9 : at + 9 + size]
        at += 11 + size
        if at > len(content):
            item.defects |= Defect.CUT_SHORT
        elif sum(value) & 0xFFFF != int.from_bytes(content[at - 2 : at], "little"):
            item.defects |= Defect.BAD_STRUCTURE
        if level not in {1, 2}:
            item.defects |= Defect.BAD_STRUCTURE
            break
        _take(item, files, name, value, depth)
    if at < len(content):
        item.defects |= Defect.CUT_SHORT
    item.attachments = files[1:]
    for person in item.recipients:
        person.charset = person.charset or item.properties.charset
    return item


def _take(item: Item, files: list[Attachment], name: int, value: bytes, depth: int) -> None:  # noqa: C901, PLR0912 - one branch an attribute
    properties = item.properties
    text = (mapi.STRING8, value.rstrip(b"\0"))
    if name == _CODEPAGE:
        properties.charset = mapi.charset_of(int.from_bytes(value[:4], "little"))
    elif name == _SUBJECT:
        properties.values.setdefault(mapi.SUBJECT, text)
    elif name == _BODY:
        properties.values.setdefault(mapi.BODY, text)
    elif name == _MESSAGE_ID:
        properties.values.setdefault(mapi.MESSAGE_ID, text)
    elif name == _CLASS:
        known = _CLASSES.get(value.rstrip(b"\0").lower(), "").encode()
        properties.values.setdefault(mapi.MESSAGE_CLASS, (mapi.STRING8, known or text[1]))
    elif name == _SENT:
        _date(properties, mapi.CLIENT_SUBMIT, value)
    elif name == _RECEIVED:
        _date(properties, mapi.DELIVERED, value)
    elif name == _FROM:
        _from(properties, value)
    elif name == _PROPERTIES:
        found, item_defect = read_properties(value, properties.charset)
        item.defects |= item_defect
        properties.values.update(found.values)
        properties.names = {**properties.names, **found.names}
    elif name == _RECIPIENTS:
        people, item_defect = _table(value, properties.charset)
        item.recipients.extend(people)
        item.defects |= item_defect
    elif name == _NEW_FILE:
        files.append(Attachment("", "", b""))
    elif name == _FILE:
        files[-1].content = value
    elif name == _FILE_NAME:
        shown = Properties({1: text}, charset=properties.charset).text(1)
        files[-1].name = files[-1].name or shown
    elif name == _FILE_PROPERTIES:
        found, item_defect = read_properties(value, properties.charset)
        item.defects |= item_defect
        _describe(files[-1], found, depth)


def _describe(file: Attachment, found: Properties, depth: int) -> None:
    file.name = found.text(mapi.LONG_NAME) or found.text(mapi.DISPLAY_NAME) or file.name
    file.media_type = found.text(mapi.MIME_TAG) or file.media_type
    kind, raw = found.values.get(mapi.ATTACHED, (0, b""))
    if kind == mapi.OBJECT and raw[_INTERFACE_BYTES:].startswith(SIGNATURE) and depth < DEPTH_LIMIT:
        file.content = raw[_INTERFACE_BYTES:]
        file.inner = read_tnef(file.content, depth=depth + 1)
    elif raw and not file.content:
        file.content = raw[_INTERFACE_BYTES:] if kind == mapi.OBJECT else raw


def _date(properties: Properties, tag: int, value: bytes) -> None:
    if len(value) < 12:  # noqa: PLR2004 - six numbers of two bytes
        return
    try:
        year, month, day, hour, minute, second = struct.unpack_from("<6H", value)
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return
    ticks = (moment - EPOCH).days * 864 * 10**9 + (moment - EPOCH).seconds * 10**7
    raw = (ticks + 116_444_736_000_000_000).to_bytes(8, "little", signed=True)
    properties.values.setdefault(tag, (mapi.FILETIME, raw))


def _from(properties: Properties, value: bytes) -> None:
    """A name and an address with its type, each ending in zero (MS-OXTNEF §2.1.3.3.4)."""
    if len(value) < 8:  # noqa: PLR2004
        return
    _, _, name_bytes, address_bytes = struct.unpack_from("<4H", value)
    name = value[8 : 8 + name_bytes].split(b"\0")[0]
    address = value[8 + name_bytes : 8 + name_bytes + address_bytes].split(b"\0")[0]
    properties.values.setdefault(mapi.SENDER_NAME, (mapi.STRING8, name))
    properties.values.setdefault(
        mapi.SENDER_EMAIL, (mapi.STRING8, address.partition(b":")[2] or address)
    )


def read_properties(value: bytes, charset: str) -> tuple[Properties, Defect]:
    """A list of properties as TNEF has them (MS-OXTNEF §2.1.3.4); cut where it stops to fit."""
    return _properties(value, 0, charset)[:2]


def _table(value: bytes, charset: str) -> tuple[list[Properties], Defect]:
    people: list[Properties] = []
    at, count = 4, min(int.from_bytes(value[:4], "little"), VALUES_LIMIT)
    for _ in range(count):
        person, defect, at = _properties(value, at, charset)
        people.append(person)
        if defect:
            return people, defect
    return people, Defect.NONE


def _properties(value: bytes, at: int, charset: str) -> tuple[Properties, Defect, int]:
    found: dict[int, tuple[int, bytes]] = {}
    names: dict[int, str] = {}
    made = Properties(found, names, charset)
    try:
        count = min(_number(value, at), VALUES_LIMIT)
        at += 4
        for _ in range(count):
            kind, tag = struct.unpack_from("<HH", value, at)
            at += 4
            if tag >= mapi.FIRST_NAMED:
                names[tag], at = _name(value, at)
            values, at = _values(value, at, kind)
            is_many = kind & mapi.MULTIPLE
            found[tag] = (kind, mapi.joined(values) if is_many else values[0] if values else b"")
    except (struct.error, IndexError):
        return made, Defect.BAD_STRUCTURE, len(value)
    return made, Defect.NONE, at


def _number(value: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", value, at)[0])


def _name(value: bytes, at: int) -> tuple[str, int]:
    """The name of a property: after its set, a number, or a text."""
    kind, number = struct.unpack_from("<II", value, at + 16)
    if not kind:
        return mapi.name_of(number), at + 24
    raw = value[at + 24 : at + 24 + number]
    return raw.decode("utf-16-le", "replace").rstrip("\0")[:256], at + 24 + number + -number % 4


def _values(value: bytes, at: int, kind: int) -> tuple[list[bytes], int]:
    single = kind & ~mapi.MULTIPLE
    size = mapi.FIXED_BYTES.get(single)
    if size is not None and not kind & mapi.MULTIPLE:
        return [_piece(value, at, size)], at + size + -size % 4
    count = _number(value, at)
    at += 4
    values = []
    for _ in range(min(count, VALUES_LIMIT)):
        if size is None:
            length = _number(value, at)
            at += 4
        else:
            length = size
        values.append(_piece(value, at, length))
        at += length + -length % 4
    return values, at


def _piece(value: bytes, at: int, size: int) -> bytes:
    if at + size > len(value):
        raise IndexError
    return value[at : at + size]
