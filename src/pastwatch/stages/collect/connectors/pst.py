"""Reads Outlook mailboxes (.pst, .ost) through libpff: each item, folder by folder, and lost ones."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.errors import MissingExtra
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect import mapi
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.files import container_name, opened, unreadable
from pastwatch.stages.collect.connectors.mbox import RECORD_LIMIT_BYTES
from pastwatch.stages.collect.connectors.pstitems import BROKEN, item_of, names_in
from pastwatch.stages.collect.mapi import Item
from pastwatch.stages.collect.mapimail import fields_from, rebuilt

FOLDERS_DEEP = 64
RECOVERED = "recovered"


class Pst:
    """The PST connector; options: container. Records are in containers FILE/FOLDER/….

    libpff gives no bytes of an item as stored: each original is the item written as a mail, the
    same at every read. The file's own bytes are framing of kind `pst`.
    """

    name = "pst"
    medium = "mail"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the content says it
        """Sure of a file that begins as a Personal Folder File does."""
        return 95 if head.startswith(b"!BDN") else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The items of each folder, then those that no folder holds any more, under `recovered`."""
        with opened(path) as view:
            size = len(view)
            is_one = bytes(view[:4]) == b"!BDN"
        outer = container_name(path, options)
        if not size:
            return
        try:
            file = path.open("rb")
        except OSError as failure:
            raise unreadable(path, failure) from None
        with file:
            mailbox = _mailbox(file) if is_one else None
            root = _root(mailbox)
            if root is None or mailbox is None:
                yield _gap(outer, "a mailbox that cannot be opened", size, None)
                return
            columns = Columns(outer)
            columns.frame("pst", size)
            yield from columns.rest()
            reader = _Reader(outer, names_in(mailbox))
            yield from reader.folder(root, outer, depth=0)
            yield from reader.lost(mailbox)
            mailbox.close()


class _Reader:
    def __init__(self, outer: str, names: Mapping[int, str]) -> None:
        self._outer, self._names = outer, names

    def folder(self, folder: Any, container: str, *, depth: int) -> Iterator[Batch | Gap]:
        if depth > FOLDERS_DEEP:
            yield _gap(self._outer, "folders too deep in one another", 0, None)
            return
        items, lost = _below(folder, "message")
        # The file's own bytes are one container: items that stand in no folder get another.
        yield from self._items(items, container if depth else f"{container}/top", Defect.NONE)
        folders, more = _below(folder, "folder")
        if lost + more:
            yield _gap(self._outer, "an item of the mailbox that cannot be read", 0, lost + more)
        for number, inner in enumerate(folders):
            name = " ".join((_name(inner) or f"folder {number + 1}").replace("/", "_").split())
            # A folder may be called as the place of what was recovered; its items were not.
            shown = f"{name}_" if name == RECOVERED and depth == 0 else name
            yield from self.folder(inner, f"{container}/{shown}", depth=depth + 1)

    def lost(self, mailbox: Any) -> Iterator[Batch | Gap]:
        """Items that no folder lists, as libpff finds them in the mailbox's tables."""
        items, count = [], 0
        with contextlib.suppress(*BROKEN):
            count = mailbox.number_of_orphan_items
        unread = 0
        for number in range(count):
            try:
                items.append(mailbox.get_orphan_item(number))
            except BROKEN:
                unread += 1
        if unread:
            yield _gap(self._outer, "a lost item that cannot be read", 0, unread)
        yield from self._items(items, f"{self._outer}/{RECOVERED}", Defect.FALLBACK)

    def _items(self, items: list[Any], container: str, mark: Defect) -> Iterator[Batch | Gap]:
        columns = Columns(container)
        for found in items:
            item = item_of(found, self._names)
            if not item.properties.values:
                yield _gap(self._outer, "an item of the mailbox that cannot be read", 0, 1)
                continue
            if mark and not _is_said(item):
                continue  # a table or folder of the mailbox itself, not an item
            item.defects |= mark
            original = rebuilt(item)
            if len(original) > RECORD_LIMIT_BYTES:
                yield _gap(self._outer, "larger than a record may be", 0, 1)
                continue
            columns.add(original, **fields_from(original, item)._asdict())
            if columns.is_full:
                yield columns.take()
        yield from columns.rest()


def _is_said(item: Item) -> bool:
    said = (mapi.MESSAGE_CLASS, mapi.SUBJECT, mapi.BODY, mapi.TRANSPORT_HEADERS)
    return any(tag in item.properties.values for tag in said)


def _mailbox(file: Any) -> Any:
    try:
        pypff = importlib.import_module("pypff")
    except ModuleNotFoundError:
        raise MissingExtra(
            "reading Outlook mailboxes needs the package libpff-python",
            hint="pip install 'pastwatch[pst]'",
        ) from None
    mailbox = pypff.file()
    try:
        mailbox.open_file_object(file)
    except BROKEN:
        return None
    return mailbox


def _root(mailbox: Any) -> Any:
    if mailbox is None:
        return None
    try:
        return mailbox.get_root_folder()
    except BROKEN:
        return None


def _below(folder: Any, kind: str) -> tuple[list[Any], int]:
    """The items or folders in a folder, and how many of them cannot be reached."""
    found, lost = [], 0
    try:
        count = getattr(folder, f"number_of_sub_{kind}s")
    except BROKEN:
        return [], 1
    for number in range(count):
        try:
            found.append(getattr(folder, f"get_sub_{kind}")(number))
        except BROKEN:
            lost += 1
    return found, lost


def _name(folder: Any) -> str:
    try:
        return str(folder.name or "")
    except BROKEN:
        return ""


def _gap(container: str, reason: str, size_bytes: int, lost: int | None) -> Gap:
    return Gap(
        source_id="",
        reason=reason,
        bytes=size_bytes,
        lost_records_at_most=lost,
        container=container,
        offset=0,
    )


CONNECTOR = Pst()
