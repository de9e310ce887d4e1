"""Reads an Outlook mail, event, contact or task in a file of its own (.msg, MS-OXMSG)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.wholefile import one_record
from pastwatch.stages.collect.mailread import Mail
from pastwatch.stages.collect.mapi import Item, Properties
from pastwatch.stages.collect.mapimail import fields_of
from pastwatch.stages.collect.olemail import read_msg
from pastwatch.stages.collect.parttext import readable_runs

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NAMES = ("__substg1.0_".encode("utf-16-le"), "__properties_".encode("utf-16-le"))
_LAST_SECTOR = 0xFFFFFFF9
_DOUBTS = Defect.CUT_SHORT | Defect.BAD_STRUCTURE | Defect.OPAQUE


class Msg:
    """The .msg connector; options: container. The whole file is the original."""

    name = "msg"
    medium = "mail"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of a compound file that names Outlook's streams; likely for one called .msg."""
        if not head.startswith(_MAGIC):
            return 0
        if any(name in head or name in _directory(path, head) for name in _NAMES):
            return 95
        return 70 if path.suffix.lower() in {".msg", ".oft"} else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The one item of the file; what cannot be followed stays searchable, under a defect."""
        yield from one_record(path, options, made_of=_fields)


def _directory(path: Path, head: bytes) -> bytes:
    """The beginning of a compound file's directory, which may stand far behind its head."""
    shift = int.from_bytes(head[30:32], "little")
    sector = int.from_bytes(head[48:52], "little")
    if shift not in {9, 12} or sector > _LAST_SECTOR:
        return b""
    try:
        with path.open("rb") as file:
            file.seek((sector + 1) << shift)
            return file.read(1 << shift)
    except OSError:
        return b""


def _fields(original: bytes) -> Mail:
    item = read_msg(original)
    if item is None:
        item = Item(Properties(), defects=Defect.OPAQUE | Defect.FALLBACK)
    mail = fields_of(item)
    if Defect(mail.defects) & _DOUBTS:
        # Half read must not look read: every readable run of the file stays to be found.
        text = "\n".join(filter(None, (mail.text, readable_runs(original))))
        mail = mail._replace(text=text, defects=mail.defects | int(Defect.FALLBACK))
    return mail


CONNECTOR = Msg()
