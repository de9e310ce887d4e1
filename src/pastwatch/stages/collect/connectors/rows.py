"""Turns a row of named values into a record, by a mapping or by the names rows commonly use."""

from __future__ import annotations

import functools
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from pastwatch.archive.layout import basis_number
from pastwatch.errors import BadValue
from pastwatch.model.party import Role
from pastwatch.model.record import Defect
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, clean
from pastwatch.stages.collect.connectors.dayorder import DayOrder
from pastwatch.stages.collect.connectors.times import Times
from pastwatch.stages.collect.mailheader import mailbox
from pastwatch.stages.collect.mailtime import Moment

FIELDS = (
    "text", "subject", "sender", "recipients", "cc", "time", "time_end",
    "conversation", "id", "reply_to", "area",
)  # fmt: skip
_GUESSES: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "message", "content", "msg"),
    "subject": ("subject", "title"),
    "sender": ("from", "sender", "source", "user", "author", "speaker", "nick", "username"),
    "recipients": ("to", "recipients", "recipient", "target"),
    "cc": ("cc",),
    "time": (
        "date",
        "time",
        "timestamp",
        "ts",
        "start",
        "datetime",
        "created_at",
        "sent",
        "sent_at",
    ),
    "time_end": ("end",),
    "conversation": ("conversation", "thread", "thread_id", "channel", "room", "chat"),
    "id": ("id", "message_id", "guid", "uuid"),
    "reply_to": ("reply_to", "in_reply_to", "parent_id"),
    "area": ("area", "location", "place"),
}
_ROLES = (("recipients", int(Role.TO)), ("cc", int(Role.CC)))
_REMEMBERED = 65_536
_LAYOUTS = 256
_LONGEST_CACHED = 300
_AFTER_ANGLE = re.compile(r"(?<=>)\s*,\s*")


class Rows:
    """Reads rows under one set of options; remembers record ids for lines that continue one."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        given = {field: str(options[field]) for field in FIELDS if options.get(field)}
        self._keys: dict[str, tuple[str, ...]] = (
            {field: (key,) for field, key in given.items()} if given else _GUESSES
        )
        self._is_mapped = bool(given)
        self._times = Times(options)
        self._seen: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._layouts: dict[tuple[Any, ...], dict[str, tuple[Any, ...]]] = {}
        self.order = DayOrder(options, ())

    def check(self, names: list[str]) -> None:
        """Refuse a mapping none of whose columns the table has."""
        if self._is_mapped and not any(key[0] in names for key in self._keys.values()):
            raise BadValue("none of the mapped columns stands in the header row")

    def time_place(self, names: list[str]) -> int | None:
        """The place of the column that holds the time; None where no one column does."""
        keys = self._keys if self._is_mapped else self._layout(tuple(names))
        given = [key for key in keys.get("time", ()) if key in names]
        return names.index(given[0]) if given else None

    def add(
        self,
        columns: Columns,
        original: bytes,
        row: Mapping[str, Any],
        defects: Defect,
        extra: str = "",
    ) -> None:
        """Add a row as a record."""
        keys: Mapping[str, tuple[Any, ...]] = self._keys
        if not self._is_mapped:
            keys = self._layout(tuple(row))
            if not keys:
                row, keys = _lowered(row), self._keys
        native_id = _shown(_value(row, keys.get("id", ())))
        moment, basis, more = self._when(row, keys, native_id)
        defects |= more
        value = _value(row, keys.get("text", ()))
        text = _shown(value)
        if value is None:
            text = "\n".join(_strings(row))
            defects |= Defect.FALLBACK
        if extra:
            text = f"{text}\n{extra}" if text else extra
        sender = _party(_value(row, keys.get("sender", ())))
        recipients = [
            (address, name, role)
            for field, role in _ROLES
            for address, name in _parties(_value(row, keys.get(field, ())))
        ]
        if sender is None:
            defects |= Defect.NO_SENDER
        columns.add(
            original,
            text=clean(text),
            earliest_us=moment[0] if moment else None,
            latest_us=moment[1] if moment else None,
            basis=basis_number(basis) if moment else 0,
            sender_address=sender[0] if sender else None,
            sender_name=sender[1] if sender else None,
            recipients=recipients,
            conversation=clean(_shown(_value(row, keys.get("conversation", ())))),
            native_id=clean(native_id),
            reply_to=clean(_shown(_value(row, keys.get("reply_to", ())))),
            subject=clean(_shown(_value(row, keys.get("subject", ())))),
            area=clean(_shown(_value(row, keys.get("area", ())))),
            defects=int(defects),
        )

    def _when(
        self, row: Mapping[str, Any], keys: Mapping[str, tuple[Any, ...]], native_id: str
    ) -> tuple[tuple[int, int] | None, Basis, Defect]:
        start = _value(row, keys.get("time", ()))
        if start is None or start == "":
            seen = self._seen.get(native_id) if native_id else None
            return seen, Basis.INFERRED, Defect.NONE if seen else Defect.NO_DATE
        moment, is_split = self._moment(start)
        if moment is None:
            return None, Basis.EXPORT, Defect.BAD_DATE
        earliest_us, latest_us = moment.earliest_us, moment.latest_us
        end = _value(row, keys.get("time_end", ()))
        until = self._moment(end)[0] if end not in {None, ""} else None
        if until and until.latest_us >= latest_us:
            latest_us = until.latest_us
        if native_id:
            self._seen[native_id] = (earliest_us, latest_us)
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        is_sure = moment.has_zone and not is_split
        defects = Defect.NONE if is_sure else Defect.AMBIGUOUS_DATE
        return (earliest_us, latest_us), Basis.EXPORT, defects

    def _moment(self, value: Any) -> tuple[Moment | None, bool]:
        """(when, whether more than one order of day and month fits)."""
        found = self.order.read(value) if isinstance(value, str) else None
        return found or (self._times.read(value), False)

    def _layout(self, names: tuple[Any, ...]) -> Mapping[str, tuple[Any, ...]]:
        """For each field the keys of such a row that may hold it; none where names clash."""
        found = self._layouts.get(names)
        if found is None:
            own = {str(name).strip().lower(): name for name in names}
            found = {
                field: tuple(own[key] for key in keys if key in own)
                for field, keys in (self._keys if len(own) == len(names) else {}).items()
            }
            if len(self._layouts) >= _LAYOUTS:
                self._layouts.clear()
            self._layouts[names] = found
        return found


def _lowered(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key).strip().lower(): value for key, value in row.items()}


def _value(row: Mapping[str, Any], keys: tuple[Any, ...]) -> Any:
    """The first value that is there, under a key or, for a dotted one, along its steps."""
    for key in keys:
        found = row.get(key)
        if found is None and key not in row and "." in key:
            found = _lookup(row, key)
        if found is not None:
            return found
    return None


def _lookup(row: Mapping[str, Any], key: str) -> Any:
    value: Any = row
    for step in key.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _strings(value: Any) -> Iterator[str]:
    """Every piece of text in a value, however nested."""
    stack = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, Mapping):
            stack.extend(reversed(list(top.values())))
        elif isinstance(top, (list, tuple)):
            stack.extend(reversed(top))
        elif top is not None and not isinstance(top, bool) and str(top):
            yield str(top)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else "\n".join(_strings(value))


def _party(value: Any) -> tuple[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, str) and isinstance(value, Mapping):
        lowered = {str(key).lower(): part for key, part in value.items()}
        address = _shown(lowered.get("address", lowered.get("email", lowered.get("id"))))
        name = _shown(lowered.get("name", lowered.get("display_name")))
        if address or name:
            return clean(address or name), clean(name)
    text = _shown(value)
    return _mailbox_cached(text) if len(text) < _LONGEST_CACHED else _mailbox(text)


def _mailbox(text: str) -> tuple[str, str] | None:
    text = " ".join(text.split())
    return mailbox(clean(text)) if text else None


_mailbox_cached = functools.lru_cache(maxsize=4096)(_mailbox)


def _parties(value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    pieces = value if isinstance(value, list) else [value]
    return [
        found
        for piece in pieces
        for name in (_pieces(piece) if isinstance(piece, str) else [piece])
        if (found := _party(name))
    ]


def _pieces(text: str) -> list[str]:
    """The names in one string; "Last, First" is one of them."""
    if ";" in text:
        return text.split(";")
    if "<" in text:
        return _AFTER_ANGLE.split(text)
    if "@" in text or text.count(",") > 1:
        return text.split(",")
    return [text]
