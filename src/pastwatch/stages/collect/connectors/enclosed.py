"""Seals files that stand beside a record whole, as records that answer to it; reads zips in bounds."""

from __future__ import annotations

import zipfile
from typing import NamedTuple

from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, clean
from pastwatch.stages.collect.connectors.stated import attached
from pastwatch.stages.collect.parttext import media_type_of, read_part

FILE_LIMIT_BYTES = 256 * 1024 * 1024
ANY_TYPE = "application/octet-stream"


class Owner(NamedTuple):
    """The record a file belongs to: what scope needs to treat the file as it treats the record."""

    native_id: str = ""
    earliest_us: int | None = None
    latest_us: int | None = None
    basis: int = 0
    sender_address: str = ""
    sender_name: str = ""
    conversation: str = ""


def seal_whole(columns: Columns, name: str, content: bytes, owner: Owner | None) -> None:
    """Add a file as a record without text, dated and addressed as its owner.

    Its words are the owner's; here they would be found twice. Without an owner, its part has them.
    """
    part = as_part(name, content, is_read=owner is None)
    owner = owner or Owner()
    defects = Defect.NONE if owner.basis else Defect.NO_DATE
    if not owner.sender_address:
        defects |= Defect.NO_SENDER
    columns.add(
        content,
        text="",
        earliest_us=owner.earliest_us,
        latest_us=owner.latest_us,
        basis=owner.basis,
        sender_address=owner.sender_address,
        sender_name=owner.sender_name,
        conversation=owner.conversation,
        reply_to=owner.native_id,
        parts=[part],
        defects=int(defects),
    )


def as_part(name: str, content: bytes, *, is_read: bool = True) -> PartRow:
    """A file as a part: its type by its bytes, its hash, and its words where they can be read."""
    text = read_part(content, name=name).text if is_read else ""
    return attached(clean(name), media_type_of(content, name=name) or ANY_TYPE, content, text)


def zip_content(outer: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A file in a zip; ValueError where it is larger than is read."""
    if member.file_size > FILE_LIMIT_BYTES:
        raise ValueError("larger than the limit")
    with outer.open(member) as file:
        content = file.read(FILE_LIMIT_BYTES + 1)
    if len(content) > FILE_LIMIT_BYTES:
        raise ValueError("larger than the limit")
    return content
