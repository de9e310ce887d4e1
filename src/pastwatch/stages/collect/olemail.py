"""Reads an Outlook .msg (MS-OXMSG) into an item: properties, people, attachments, mails inside."""

from __future__ import annotations

import importlib
import io
import struct
from typing import Any, TypeAlias

from pastwatch.errors import MissingExtra
from pastwatch.model.record import Defect
from pastwatch.stages.collect import mapi
from pastwatch.stages.collect.mapi import Attachment, Item, Properties

DEPTH_LIMIT = 16
STREAMS_LIMIT = 50_000
_PROPERTIES, _NAMES = "__properties_version1.0", "__nameid_version1.0"
_PERSON, _FILE, _VALUE = "__recip_version1.0_", "__attach_version1.0_", "__substg1.0_"
_INNER = "__substg1.0_3701000D"
_BY_VALUE, _EMBEDDED, _OBJECT = 1, 5, 6
_BROKEN = (OSError, struct.error, IndexError, ValueError, KeyError, TypeError, AttributeError,
           OverflowError, RecursionError)  # fmt: skip

# A storage: its streams (bytes, or None for one that cannot be read) and storages by name.
Storage: TypeAlias = "dict[str, bytes | Storage | None]"


def read_msg(content: bytes) -> Item | None:
    """The item of a .msg file; None when the bytes are no compound file, or not one of Outlook."""
    storage, defects = _storage(content)
    if not any(name.startswith((_PROPERTIES, _VALUE)) for name in storage):
        return None
    names = _names(storage.get(_NAMES))
    item = _item(storage, names, header_bytes=32, depth=0)
    item.defects |= defects
    return item


def _storage(content: bytes) -> tuple[Storage, Defect]:
    """The whole compound file as nested dictionaries."""
    try:
        olefile = importlib.import_module("olefile")
    except ModuleNotFoundError:
        raise MissingExtra(
            "reading Outlook files needs the package olefile",
            hint="pip install 'pastwatch[documents]'",
        ) from None
    tree: Storage = {}
    defects = Defect.NONE
    try:
        with olefile.OleFileIO(io.BytesIO(content), raise_defects=olefile.DEFECT_FATAL) as ole:
            for path in ole.listdir(streams=True, storages=False)[:STREAMS_LIMIT]:
                raw = _stream(ole, path)
                if raw is None:
                    defects |= Defect.CUT_SHORT
                place: Any = tree
                for name in path[:-1]:
                    place = place.setdefault(name, {})
                    if not isinstance(place, dict):
                        break
                else:
                    place[path[-1]] = raw
            if ole.parsing_issues:
                defects |= Defect.BAD_STRUCTURE
    except _BROKEN:
        defects |= Defect.CUT_SHORT
    return tree, defects


def _stream(ole: Any, path: list[str]) -> bytes | None:
    try:
        size = ole.get_size(path)
        with ole.openstream(path) as stream:
            raw = bytes(stream.read())
    except _BROKEN:
        return None
    return raw if len(raw) == size else None


def _item(storage: Storage, names: dict[int, str], *, header_bytes: int, depth: int) -> Item:
    properties, defects = _properties(storage, names, header_bytes)
    item = Item(properties, defects=defects)
    for name, inner in sorted(storage.items(), key=lambda pair: pair[0]):
        if not isinstance(inner, dict):
            continue
        if name.startswith(_PERSON):
            person, more = _properties(inner, names, 8)
            person.charset = properties.charset
            item.recipients.append(person)
            item.defects |= more
        elif name.startswith(_FILE):
            _attach(item, inner, names, depth)
    head = storage.get(_PROPERTIES)
    if isinstance(head, bytes) and len(head) >= 24:  # noqa: PLR2004 - the counts stand in it
        people, files = struct.unpack_from("<II", head, 16)
        if people > len(item.recipients) or files > len(item.attachments):
            item.defects |= Defect.CUT_SHORT
    return item


def _attach(item: Item, storage: Storage, names: dict[int, str], depth: int) -> None:
    found, defects = _properties(storage, names, 8)
    found.charset = item.properties.charset
    item.defects |= defects
    inner = storage.get(_INNER)
    name = (
        found.text(mapi.LONG_NAME) or found.text(mapi.SHORT_NAME) or found.text(mapi.DISPLAY_NAME)
    )
    method = found.number(mapi.ATTACH_METHOD)
    file = Attachment(name, found.text(mapi.MIME_TAG), found.octets(mapi.ATTACHED))
    if isinstance(inner, dict):
        if method == _EMBEDDED or _PROPERTIES in inner:
            if depth < DEPTH_LIMIT:
                file.inner = _item(inner, names, header_bytes=24, depth=depth + 1)
                file.name = file.name or file.inner.properties.text(mapi.SUBJECT)
            else:
                item.defects |= Defect.BAD_STRUCTURE
        else:  # an object of another program: what it keeps, stream after stream
            file.content = b"".join(_streams(inner))
            item.defects |= Defect.FALLBACK
    elif mapi.ATTACHED not in found.values:
        if method in {None, _BY_VALUE, _EMBEDDED, _OBJECT}:
            file.is_missing = True
        path = found.text(mapi.ATTACH_PATH)
        file.content = path.encode("utf-8", "replace")  # only where it lay is held
        file.media_type = "text/plain" if path else file.media_type
    item.attachments.append(file)


def _streams(storage: Storage) -> list[bytes]:
    found: list[bytes] = []
    for _, inner in sorted(storage.items(), key=lambda pair: pair[0]):
        if isinstance(inner, dict):
            found.extend(_streams(inner))
        elif inner is not None:
            found.append(inner)
    return found


def _properties(
    storage: Storage, names: dict[int, str], header_bytes: int
) -> tuple[Properties, Defect]:
    """The properties of one storage: those in place, and those with a stream of their own."""
    found: dict[int, tuple[int, bytes]] = {}
    listed = storage.get(_PROPERTIES)
    defects = Defect.NONE if isinstance(listed, bytes) else Defect.BAD_STRUCTURE
    sizes: dict[int, int] = {}
    listed = listed if isinstance(listed, bytes) else b""
    for at in range(header_bytes, len(listed) - 15, 16):
        kind, tag = struct.unpack_from("<HH", listed, at)
        if kind in mapi.FIXED_BYTES:
            found[tag] = (kind, listed[at + 8 : at + 8 + mapi.FIXED_BYTES[kind]])
        elif kind in {mapi.STRING8, mapi.UNICODE, mapi.BINARY}:
            sizes[tag] = struct.unpack_from("<I", listed, at + 8)[0]
    defects |= _values(storage, found)
    for tag, size in sizes.items():
        kind, raw = found.get(tag, (0, None))
        ending = {mapi.UNICODE: 2, mapi.STRING8: 1}.get(kind, 0)
        if raw is None or len(raw) + ending < size:
            defects |= Defect.CUT_SHORT
    made = Properties(found, names)
    made.charset = mapi.charset_of(made.number(mapi.MESSAGE_CODEPAGE) or made.number(mapi.CODEPAGE))
    return made, defects


def _values(storage: Storage, found: dict[int, tuple[int, bytes]]) -> Defect:
    defects = Defect.NONE
    many: dict[int, tuple[int, dict[str, bytes]]] = {}
    for name, raw in storage.items():
        if not name.startswith(_VALUE) or isinstance(raw, dict):
            continue
        try:
            tag, kind = int(name[12:16], 16), int(name[16:20], 16)
        except ValueError:
            defects |= Defect.BAD_STRUCTURE
            continue
        if raw is None:
            defects |= Defect.CUT_SHORT
        elif kind & mapi.MULTIPLE:
            if "-" in name or kind & ~mapi.MULTIPLE in mapi.FIXED_BYTES:
                many.setdefault(tag, (kind, {}))[1][name] = raw
        else:
            found[tag] = (kind, raw)
    for tag, (kind, values) in many.items():
        found[tag] = (kind, mapi.joined([raw for _, raw in sorted(values.items())]))
    return defects


def _names(storage: bytes | Storage | None) -> dict[int, str]:
    if not isinstance(storage, dict):
        return {}
    entries, strings = (storage.get(f"{_VALUE}000{n}0102") for n in (3, 4))
    return mapi.names_of(
        entries if isinstance(entries, bytes) else b"",
        strings if isinstance(strings, bytes) else b"",
    )
