"""Takes items out of an Outlook mailbox as libpff shows them: properties, people, attachments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pastwatch.model.record import Defect
from pastwatch.stages.collect import mapi
from pastwatch.stages.collect.mapi import Attachment, Item, Properties

# What libpff raises for what it cannot follow.
BROKEN = (OSError, ValueError, TypeError, AttributeError, MemoryError, OverflowError, RuntimeError)
DEPTH_LIMIT = 16
VALUES_LIMIT = 20_000
FILE_LIMIT_BYTES = 100 * 1024 * 1024


def names_in(mailbox: Any) -> Mapping[int, str]:
    """The names behind the mailbox's numbered properties (MS-PST §2.4.7)."""
    try:
        found = mailbox.get_name_to_id_map()
        streams = _sets(found)[:1]
    except BROKEN:
        return {}
    values = streams[0].values if streams else {}
    entries, strings = values.get(0x0003, (0, b""))[1], values.get(0x0004, (0, b""))[1]
    return mapi.names_of(entries, strings)


def item_of(found: Any, names: Mapping[int, str], *, depth: int = 0) -> Item:
    """One item with its people and attachments; what of it cannot be read is flagged."""
    try:
        sets = _sets(found)
    except BROKEN:
        sets = []
    properties = sets[0] if sets else Properties()
    properties.names = names
    properties.charset = mapi.charset_of(
        properties.number(mapi.MESSAGE_CODEPAGE) or properties.number(mapi.CODEPAGE)
    )
    item = Item(properties)
    if not sets or not properties.values:
        item.defects |= Defect.CUT_SHORT
    try:
        # BUG: asking libpff for it fails where it is broken, also when only asked whether it is there
        table = getattr(found, "recipients", None)
        item.recipients = _sets(table) if table is not None else []
    except BROKEN:
        item.defects |= Defect.CUT_SHORT
    for person in item.recipients:
        person.charset = properties.charset
    _attach(item, found, names, depth)
    return item


def _attach(item: Item, found: Any, names: Mapping[int, str], depth: int) -> None:
    try:
        count = getattr(found, "number_of_attachments", 0)
    except BROKEN:
        item.defects |= Defect.CUT_SHORT
        return
    for number in range(count):
        try:
            attachment = found.get_attachment(number)
            properties = (_sets(attachment) or [Properties()])[0]
        except BROKEN:
            item.attachments.append(Attachment("", "", b"", is_missing=True))
            continue
        properties.charset = item.properties.charset
        item.attachments.append(_attachment(attachment, properties, names, depth))


def _attachment(
    found: Any, properties: Properties, names: Mapping[int, str], depth: int
) -> Attachment:
    name = next(
        filter(None, map(properties.text, (mapi.LONG_NAME, mapi.SHORT_NAME, mapi.DISPLAY_NAME))),
        "",
    )
    made = Attachment(name, properties.text(mapi.MIME_TAG), b"")
    try:
        if depth < DEPTH_LIMIT and found.number_of_sub_items:
            made.inner = item_of(found.get_sub_item(0), names, depth=depth + 1)
            made.name = name or made.inner.properties.text(mapi.SUBJECT)
            return made
    except BROKEN:
        made.is_missing = True
    path = properties.text(mapi.ATTACH_PATH)
    try:
        size = found.size or 0
        if size > FILE_LIMIT_BYTES:
            made.is_missing = True
        elif size:
            found.seek_offset(0, 0)
            made.content = bytes(found.read_buffer(size))
            made.is_missing = len(made.content) != size
    except BROKEN:
        made.is_missing = not path
    if path and not made.content:
        made.content, made.media_type = path.encode("utf-8", "replace"), "text/plain"
    return made


def _sets(found: Any) -> list[Properties]:
    """The sets of properties of something: one of an item, one a person of a table of people."""
    sets = []
    for number in range(min(found.number_of_record_sets, VALUES_LIMIT)):
        listed = found.get_record_set(number)
        values: dict[int, tuple[int, bytes]] = {}
        for at in range(min(listed.number_of_entries, VALUES_LIMIT)):
            entry = listed.get_entry(at)
            tag, kind = entry.entry_type, entry.value_type
            if tag is None or kind is None:
                continue
            try:
                raw = entry.data
            except BROKEN:
                raw = None
            if raw is not None:
                values.setdefault(tag, (kind, bytes(raw)))
        sets.append(Properties(values))
    return sets
