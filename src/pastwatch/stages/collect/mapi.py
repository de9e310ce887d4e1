"""Reads MAPI properties, of which Outlook's mails, mailboxes and winmail.dat are made alike."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from pastwatch.model.record import Defect
from pastwatch.stages.collect.mailcharset import decoded

STRING8, UNICODE, BINARY, FILETIME, OBJECT = 0x1E, 0x1F, 0x102, 0x40, 0x0D
MULTIPLE = 0x1000
FIRST_NAMED = 0x8000
TEXTS = frozenset((STRING8, UNICODE, MULTIPLE | STRING8, MULTIPLE | UNICODE))
# Bytes of the values that stand in place (MS-OXCDATA §2.11.1).
FIXED_BYTES = {0x02: 2, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 2, 0x14: 8, 0x40: 8}  # fmt: skip

MESSAGE_CLASS, SUBJECT, CLIENT_SUBMIT, TRANSPORT_HEADERS = 0x001A, 0x0037, 0x0039, 0x007D
REPRESENTING_NAME, REPRESENTING_EMAIL, REPRESENTING_SMTP = 0x0042, 0x0065, 0x5D02
SENDER_NAME, SENDER_EMAIL, SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
DELIVERED, BODY, RTF, HTML, CREATED = 0x0E06, 0x1000, 0x1009, 0x1013, 0x3007
MESSAGE_ID, IN_REPLY_TO, REFERENCES, CODEPAGE = 0x1035, 0x1042, 0x1039, 0x3FDE
MESSAGE_CODEPAGE, TOPIC, SEARCH_KEY = 0x3FFD, 0x0070, 0x300B
SHOWN_TO, SHOWN_CC, SHOWN_BCC = 0x0E04, 0x0E03, 0x0E02
DISPLAY_NAME, EMAIL, SMTP, RECIPIENT_TYPE = 0x3001, 0x3003, 0x39FE, 0x0C15
ATTACHED, ATTACH_METHOD, LONG_NAME, SHORT_NAME, MIME_TAG = 0x3701, 0x3705, 0x3707, 0x3704, 0x370E
ATTACH_PATH, CONTENT_ID = 0x370D, 0x3712

_EPOCH_DIFFERENCE = 116_444_736_000_000_000  # 1601 to 1970 in units of 100 ns
MEMBERS = "members"
_ONE_OFF_BYTES = 24  # before the names in an address that stands for itself
_NAMES = {  # (MS-OXPROPS) of what calendars, contacts and tasks keep under a number with a name
    0x8005: "file under", 0x8022: "company", 0x8054: MEMBERS, 0x802B: "web page", 0x801A: "home address",
    0x801B: "work address", 0x801C: "other address", 0x8062: "instant messaging",
    0x8080: "e-mail 1 shown", 0x8083: "e-mail 1", 0x8090: "e-mail 2 shown", 0x8093: "e-mail 2",
    0x80A0: "e-mail 3 shown", 0x80A3: "e-mail 3", 0x820D: "start", 0x820E: "end",
    0x8208: "location", 0x8238: "all attendees", 0x823B: "attendees", 0x823C: "optional attendees",
    0x8232: "recurs", 0x8105: "due", 0x8104: "task start", 0x811F: "owner", 0x8539: "companies",
    0x8700: "log type", 0x8706: "log start", 0x8708: "log end",
}  # fmt: skip
_TAGS = {
    0x3A00: "account", 0x3A02: "callback telephone", 0x3A06: "given name", 0x3A08: "work telephone",
    0x3A09: "home telephone", 0x3A0A: "initials", 0x3A0D: "location", 0x3A11: "surname",
    0x3A15: "postal address", 0x3A16: "company", 0x3A17: "title", 0x3A18: "department",
    0x3A19: "office", 0x3A1A: "main telephone", 0x3A1B: "work telephone 2", 0x3A1C: "mobile",
    0x3A1D: "radio", 0x3A1E: "car telephone", 0x3A1F: "other telephone", 0x3A21: "pager",
    0x3A23: "main fax", 0x3A24: "work fax", 0x3A25: "home fax", 0x3A26: "country",
    0x3A27: "city", 0x3A28: "region", 0x3A29: "street", 0x3A2A: "postal code",
    0x3A2F: "home telephone 2", 0x3A30: "assistant", 0x3A44: "middle name", 0x3A45: "prefix",
    0x3A48: "spouse", 0x3A4E: "manager", 0x3A4F: "nickname", 0x3A50: "personal page",
    0x3A51: "business page", 0x3A58: "children", 0x3A59: "home city", 0x3A5D: "home street",
}  # fmt: skip
START, END = "start", "end"


@dataclass(slots=True)
class Properties:
    """A bag of properties: by tag, the type and the raw value; `names` of those that have one."""

    values: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    charset: str = ""

    def text(self, tag: int) -> str:
        """The text of a property; "" where it is absent or no text."""
        kind, raw = self.values.get(tag, (0, b""))
        return self._text(kind, raw) if kind in TEXTS else ""

    def octets(self, tag: int) -> bytes:
        """The bytes of a property as they stand."""
        return self.values.get(tag, (0, b""))[1]

    def number(self, tag: int) -> int | None:
        """The whole number of a property, None where it is absent or no number."""
        kind, raw = self.values.get(tag, (0, b""))
        if kind not in {0x02, 0x03, 0x0B, 0x14} or not raw:
            return None
        return int.from_bytes(raw, "little", signed=True)

    def time_us(self, tag: int) -> int | None:
        """The moment of a property, microseconds since 1970; None where none is set."""
        kind, raw = self.values.get(tag, (0, b""))
        return filetime_us(raw) if kind == FILETIME else None

    def named_time_us(self, name: str) -> int | None:
        """The moment kept under a name."""
        for tag, given in self.names.items():
            if given == name and (found := self.time_us(tag)) is not None:
                return found
        return None

    def lines(self) -> Iterator[str]:
        """Each named text or moment as a line, for what is no mail: contacts, events, tasks."""
        for tag, (kind, raw) in sorted(self.values.items()):
            name = self.names.get(tag, "") if tag >= FIRST_NAMED else _TAGS.get(tag, "")
            if tag < FIRST_NAMED and not name:
                continue
            if kind in TEXTS:
                shown = self._text(kind, raw).strip()
            elif kind == FILETIME and name in _NAMES.values():
                at_us = filetime_us(raw)
                shown = "" if at_us is None else mail_date(at_us)
            elif kind == MULTIPLE | BINARY and name == MEMBERS:
                shown = "; ".join(map(_one_off, multiple(raw)))
            else:
                shown = ""
            if shown:
                yield f"{name}: {shown}" if name else shown

    def _text(self, kind: int, raw: bytes) -> str:
        if kind & MULTIPLE:
            return "; ".join(self._text(kind & ~MULTIPLE, one) for one in multiple(raw))
        if kind == UNICODE:
            return wide(raw)
        return decoded(raw.rstrip(b"\0"), self.charset)[0]


def _one_off(raw: bytes) -> str:
    """The name and address in an entry that stands for itself (MS-OXCDATA §2.2.5.1)."""
    raw = raw[_ONE_OFF_BYTES:]
    names = raw[: len(raw) & ~1].decode("utf-16-le", "replace").split("\0")
    return " ".join(name for name in names[:3] if name and name != "SMTP")


@dataclass(slots=True)
class Attachment:
    """A file attached, or a whole item inside another."""

    name: str
    media_type: str
    content: bytes
    inner: Item | None = None
    is_missing: bool = False  # named, and its bytes are not here


@dataclass(slots=True)
class Item:
    """One item of Outlook as it was stored: a mail, an event, a contact, a task, a note."""

    properties: Properties
    recipients: list[Properties] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    defects: Defect = Defect.NONE


def filetime_us(raw: bytes) -> int | None:
    """Microseconds since 1970 of a FILETIME; None when it is unset, or beyond the year 4500."""
    if len(raw) < 8:  # noqa: PLR2004
        return None
    ticks = int.from_bytes(raw[:8], "little") - _EPOCH_DIFFERENCE
    return ticks // 10 if 0 < ticks < 8 * 10**17 else None


_DAYS = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def mail_date(at_us: int) -> str:
    """A moment as mail writes it (RFC 5322 §3.3), in UTC, to the second."""
    days, second = divmod(at_us // 1_000_000, 86_400)
    # Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365  # fmt: skip
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9  # noqa: PLR2004 - March is 0
    year = year_of_era + era * 400 + (month <= 2)  # noqa: PLR2004
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    return f"{_DAYS[days % 7]}, {day:02d} {_MONTHS[month - 1]} {year} {clock} +0000"


def multiple(raw: bytes) -> list[bytes]:
    """The values of a property of many, as mailboxes keep them: a count, their places, the values."""
    if len(raw) < 4:  # noqa: PLR2004
        return []
    count = min(int.from_bytes(raw[:4], "little"), (len(raw) - 4) // 4)
    places = [*struct.unpack_from(f"<{count}I", raw, 4), len(raw)]
    return [raw[start:stop] for start, stop in pairwise(places)]


def joined(values: list[bytes]) -> bytes:
    """Values as `multiple` reads them."""
    places, at = [], 4 + 4 * len(values)
    for value in values:
        places.append(at)
        at += len(value)
    return struct.pack(f"<I{len(values)}I", len(values), *places) + b"".join(values)


def names_of(entries: bytes, strings: bytes) -> dict[int, str]:
    """The names behind the tags from 0x8000 on (MS-OXMSG §2.2.3, the same in mailboxes)."""
    names: dict[int, str] = {}
    for at in range(0, len(entries) - 7, 8):
        number, kind, place = struct.unpack_from("<IHH", entries, at)
        if kind & 1:
            size = int.from_bytes(strings[number : number + 4], "little")
            raw = strings[number + 4 : number + 4 + min(size, 512)]
            name = wide(raw)
        else:
            name = name_of(number)
        names[FIRST_NAMED + place] = name
    return names


def wide(raw: bytes) -> str:
    """Text of two bytes a letter; what is no letter becomes U+FFFD, zeros are left out."""
    return raw[: len(raw) & ~1].decode("utf-16-le", "replace").replace("\0", "")


def name_of(number: int) -> str:
    """What a property kept under this number is called here; "" where nothing is."""
    return _NAMES.get(number, "")


def charset_of(codepage: int | None) -> str:
    """The charset of a Windows code page."""
    if not codepage:
        return ""
    special = {65001: "utf-8", 20127: "us-ascii", 1200: "utf-16le", 20866: "koi8-r", 21866: "koi8-u",
               50220: "iso-2022-jp", 50221: "iso-2022-jp", 51932: "euc-jp", 51949: "euc-kr",
               54936: "gb18030", 932: "cp932", 936: "cp936", 949: "cp949", 950: "cp950"}  # fmt: skip
    if 28591 <= codepage <= 28605:  # noqa: PLR2004 - the ISO 8859 family
        return f"iso-8859-{codepage - 28590}"
    return special.get(codepage, f"cp{codepage}")
