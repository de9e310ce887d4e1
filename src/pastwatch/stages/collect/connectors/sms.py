"""Reads SMS Backup & Restore's XML: SMS, MMS with their files, and calls, one element at a time.

The file is not parsed as XML, so no entity is expanded and damage costs one element: `<sms`, `<mms`
and `<call` can only begin one. Emoji written as two surrogates are joined. The telephone's own account
is not in the file: it is `Me`, or the option owner. A conversation is the other side's numbers.
"""

from __future__ import annotations

import base64
import binascii
import html
import mmap
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.party import Role
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import SECOND_US, Basis
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, Recipient, clean
from pastwatch.stages.collect.connectors.chatfields import named_file, since_1970_us
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.stated import attached, stated
from pastwatch.stages.collect.mailcharset import decoded

ELEMENT_LIMIT_BYTES = 256 * 1024 * 1024
_EXPORT = basis_number(Basis.EXPORT)
_MILLISECOND_US = SECOND_US // 1000
_OURS = re.compile(rb"<(?:smses|calls)[\s>]|<sms\s[^<]{0,500}\bbody=|<call\s+number=")
_START = re.compile(rb"<(sms|mms|call)(?=[\s/>])")
_TAG = rb"(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+"
_OPEN = re.compile(rb"<(?:sms|mms|call)\b" + _TAG + rb">")
_AROUND = re.compile(rb"(?:\s++|</?(?:smses|calls)\b" + _TAG + rb">|<\?[^<>]*+>|<!--(?:(?!-->).)*+-->)*+", re.DOTALL)  # fmt: skip
_INNER = re.compile(r"<(part|addr)\b((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_ATTRIBUTE = re.compile(
    r"(?<=[\s\"'])([A-Za-z_][\w:.-]{0,100}+)\s{0,20}=\s{0,20}(?:\"([^\"<]*+)\"|'([^'<]*+)')"
)
_DOUBLE = re.compile(r'(?<=[\s"])([A-Za-z_][\w:.-]{0,100}+)="([^"<]*+)"')
_SURROGATES = re.compile(r"&#(?:x([dD][89abAB][0-9a-fA-F]{2})|(5[5-6]\d{3}));&#(?:x([dD][c-fC-F][0-9a-fA-F]{2})|(5[6-7]\d{3}));")  # fmt: skip
_BOXES = {"3": "draft", "4": "outbox", "5": "failed", "6": "queued"}
_CALLS = {
    "1": "incoming call",
    "2": "outgoing call",
    "3": "missed call",
    "4": "voicemail",
    "5": "rejected call",
    "6": "refused call",
}
_FROM, _ROLES = "137", {"151": Role.TO, "130": Role.CC, "129": Role.BCC}
_OWN = "insert-address-token"
_UNKNOWN = {"(Unknown)", "null"}


class Sms:
    """The connector for SMS Backup & Restore; options: owner, container."""

    name = "sms"
    medium = "sms"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - content decides
        """Sure of XML whose root is smses or calls."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return 97 if start[:1] == b"<" and _OURS.search(head) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            telephone = _Telephone(columns, str(options.get("owner") or "Me"))
            starts = _START.finditer(view)
            found = next(starts, None)
            end = 0
            while found is not None:
                at, form = found.start(), found[1]
                found = next(starts, None)
                stop = found.start() if found else len(view)
                closed = _end(view, at, stop, form)
                if closed < 0 or closed - at > ELEMENT_LIMIT_BYTES:
                    continue  # with all up to the next whole one it is a single gap
                yield from _between(columns, view, end, at)
                telephone.add(view[at:closed], form)
                end = closed
                if columns.is_full:
                    yield columns.take()
            yield from _between(columns, view, end, len(view))
            yield from columns.rest()


def _end(view: mmap.mmap | bytes, at: int, stop: int, form: bytes) -> int:
    """Where the element that begins at a place ends; -1 when it does not."""
    opening = _OPEN.match(view, at, stop)
    if opening and view[opening.end() - 2 : opening.end()] == b"/>":
        return opening.end()
    closing = b"</" + form + b">"
    end = view.find(closing, opening.end() if opening else at, stop)
    return end + len(closing) if end >= 0 else -1


def _between(columns: Columns, view: mmap.mmap | bytes, at: int, stop: int) -> Iterator[Gap]:
    """What stands between two elements: framing, and a gap from the first byte that is none."""
    found = _AROUND.match(view, at, stop)
    end = found.end() if found else at
    columns.frame("structure", end - at)
    if end < stop:
        yield Gap(
            source_id="",
            reason="elements that do not end, or bytes that are none",
            bytes=stop - end,
            container=columns.container,
            offset=end,
        )


class _Telephone:
    """Adds the records of one telephone's backup."""

    def __init__(self, columns: Columns, owner: str) -> None:
        self._columns = columns
        self._owner = (owner, owner)

    def add(self, original: bytes, form: bytes) -> None:
        source, defects = decoded(original, "utf-8")
        head = source if form != b"mms" else source[: source.find(">") + 1]
        given = _attributes(head)
        at_us = since_1970_us(given.get("date", ""), _MILLISECOND_US)
        if at_us is None:
            defects |= Defect.BAD_DATE if given.get("date", "0") != "0" else Defect.NO_DATE
        other = (given.get("number") or given.get("address", ""), _known(given, "contact_name"))
        box = given.get("msg_box") or given.get("type", "")
        text, parts, kind = given.get("body", ""), list[PartRow](), Kind.SAID
        is_own = box in {"2", *_BOXES}
        sender = self._owner if is_own else other
        recipients: list[Recipient] = [(*(other if is_own else self._owner), int(Role.TO))]
        if form == b"call":
            kind, text = Kind.CALLED, _CALLS.get(box, "call")
            if box != "2":
                sender, recipients = other, [(*self._owner, int(Role.TO))]
            text = f"{text}, {given['duration']} s" if given.get("duration") else text
        elif box in _BOXES:
            parts += stated([("state", _BOXES[box])])
        if form == b"mms":
            text, files, more = _parts(source)
            parts, defects = parts + files, defects | more
            sender, recipients = self._addressed(source, sender, recipients)
        if not sender[0]:
            defects |= Defect.NO_SENDER
        self._columns.add(
            original,
            text=clean(text),
            earliest_us=at_us,
            latest_us=None if at_us is None else at_us + _MILLISECOND_US - 1,
            basis=_EXPORT,
            sender_address=clean(sender[0]),
            sender_name=clean(sender[1]),
            recipients=[(clean(one), clean(name), role) for one, name, role in recipients if one],
            conversation=clean(other[0]),
            native_id=_known(given, "m_id"),
            subject=clean(_known(given, "sub") or _known(given, "subject")),
            parts=parts,
            kind=int(kind),
            defects=int(defects),
        )

    def _addressed(
        self, source: str, sender: tuple[str, str], recipients: list[Recipient]
    ) -> tuple[tuple[str, str], list[Recipient]]:
        """Who sent an MMS to whom, as its addresses say; else as its head says."""
        named: list[Recipient] = []
        for found in _INNER.finditer(source):
            if found[1] != "addr":
                continue
            given = _attributes(found[2])
            own = given.get("address") == _OWN
            party = self._owner if own else (_known(given, "address"), "")
            if given.get("type") == _FROM:
                sender = party if own or party[0] != sender[0] else sender
            elif given.get("type") in _ROLES:
                named.append((*party, int(_ROLES[given["type"]])))
        return sender, named or recipients


def _parts(source: str) -> tuple[str, list[PartRow], Defect]:
    """The words of an MMS, its other parts, and what was wrong with them."""
    said, parts, defects = list[str](), list[PartRow](), Defect.NONE
    for found in _INNER.finditer(source):
        if found[1] != "part":
            continue
        given = _attributes(found[2])
        kind = _known(given, "ct")
        if kind == "application/smil":
            continue
        if kind.startswith("text/plain") and not given.get("data"):
            said.append(given.get("text", ""))
            continue
        name = _known(given, "name") or _known(given, "fn") or _known(given, "cl")
        try:
            content = base64.b64decode(given.get("data", ""))
        except (binascii.Error, ValueError):
            content, defects = b"", Defect.BAD_ENCODING
        text = _known(given, "text")
        if kind.startswith("text/") and content:
            text = decoded(content, "utf-8")[0]
        name = name.replace("\\", "/").rpartition("/")[2]
        file = attached(name, kind, content, text) if content else named_file(name, kind)
        parts.append(file if content or not text else (*file[:4], clean(text)))
    return "\n".join(said), parts, defects


def _known(given: Mapping[str, str], key: str) -> str:
    """A value; nothing where the export writes that it has none."""
    value = given.get(key, "")
    return "" if value in _UNKNOWN else value


def _attributes(source: str) -> dict[str, str]:
    if "'" not in source:
        given = dict(_DOUBLE.findall(source))
        for key in [key for key, value in given.items() if "&" in value]:
            given[key] = _unescaped(given[key])
        return given
    return {
        found[1]: _unescaped(found[2] if found[2] is not None else found[3])
        for found in _ATTRIBUTE.finditer(source)
    }


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    return html.unescape(_SURROGATES.sub(_joined, text))


def _joined(found: re.Match[str]) -> str:
    high = int(found[1], 16) if found[1] else int(found[2])
    low = int(found[3], 16) if found[3] else int(found[4])
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):  # noqa: PLR2004 - the surrogates' ranges
        return found[0]
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)


CONNECTOR = Sms()
