"""Reads one mail as Apple Mail keeps it (.emlx): its length, the mail, a property list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pastwatch.archive.layout import FORM_MAIL
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.model.when import SECOND_US
from pastwatch.stages.collect.connectors.eml import Eml, too_large
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.mails import Mails, is_raw
from pastwatch.stages.collect.connectors.mbox import RECORD_LIMIT_BYTES
from pastwatch.stages.collect.mailtime import Moment

_LENGTH = re.compile(rb"(\d{1,12})[ \t]*\r?\n")
_LIST = re.compile(rb"<\?xml[^>]{0,100}\?>\s*<!DOCTYPE plist|<plist|bplist00")
_RECEIVED = re.compile(rb"<key>date-received</key>\s*<(?:integer|real)>(\d{1,10})")
_LATEST_S = 4_102_444_800


class _Cut(NamedTuple):
    start: int
    stop: int
    is_cut: bool


class Emlx:
    """The Apple Mail connector; options: container, depth."""

    name = "emlx"
    medium = "mail"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of a number on a line before what is a mail; the name decides when in doubt."""
        found = _LENGTH.match(head)
        if not found:
            return 0
        known = Eml().recognises(Path("mail"), head[found.end() :])
        is_named = path.suffix.lower() == ".emlx"
        return 96 if is_named else 80 if known else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The one mail of the file; of a partial one, attachments lie elsewhere: it is cut."""
        container = container_name(path, options)
        with opened(path) as view:
            if len(view) > RECORD_LIMIT_BYTES:
                yield too_large(container, len(view))
                return
            raw = bytes(view)
        cut = _cut(raw)
        is_cut = cut.is_cut or path.name.lower().endswith(".partial.emlx")
        received = _received(raw[cut.stop :])
        original = raw[cut.start : cut.stop]
        rows = Mails(container, form=FORM_MAIL, raw=is_raw(options), received=lambda _: received)
        rows.frame("length", cut.start)
        rows.frame("property list", len(raw) - cut.stop)
        if original:
            rows.add(original, is_cut=is_cut)
        yield from rows.rest()


def _cut(raw: bytes) -> _Cut:
    """Where the mail stands; where its length cannot be right, up to the property list."""
    found = _LENGTH.match(raw)
    start = found.end() if found else 0
    stop = start + int(found[1]) if found else len(raw)
    if found and stop <= len(raw) and (stop == len(raw) or _LIST.match(raw[stop:].lstrip()[:400])):
        return _Cut(start, stop, is_cut=False)
    last = max(raw.rfind(b"<?xml", start), raw.rfind(b"bplist00", start))
    if last >= start and _LIST.match(raw, last):
        return _Cut(start, last, is_cut=True)
    return _Cut(start, len(raw), is_cut=True)


def _received(listed: bytes) -> Moment | None:
    found = _RECEIVED.search(listed)
    if not found or not 0 < int(found[1]) < _LATEST_S:
        return None
    at_us = int(found[1]) * SECOND_US
    return Moment(at_us, at_us + SECOND_US - 1, has_zone=True)


CONNECTOR = Emlx()
