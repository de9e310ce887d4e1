"""Reads Google Chat from a Takeout: `messages.json` of a chat, and its `group_info.json`.

The chat's name and members come from `group_info.json` beside the file; without it the chat is its
folder. Who answers in a thread replies to its first record. Reactions, cards and links are the part
`stated`; files are named, not held.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import NO_BASIS, basis_number
from pastwatch.model.batch import Batch
from pastwatch.model.party import Role
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.model.when import DAY_US, SECOND_US, Basis
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, Recipient, clean
from pastwatch.stages.collect.connectors.chatfields import listed, mapped, named_file, shown, words
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.jsonspans import Around, json_records
from pastwatch.stages.collect.connectors.stated import stated
from pastwatch.stages.collect.connectors.zones import Zone, zone_of
from pastwatch.stages.collect.mailtime import Moment, local_us

_EXPORT = basis_number(Basis.EXPORT)
_GROUP = "group_info.json"
_GROUP_LIMIT_BYTES = 16 * 1024 * 1024
_OURS = re.compile(rb'"(?:topic_id|message_id)"\s*:\s*"')
_SPACES = re.compile(r"[\s\u202f\u00a0]+")
# Months by their first letters, as Takeout writes them: en, de, fr, es, pt, it, nl, ru, uk, pl, tr.
# Not "lip" and "lis": what is July and November in Polish is June and October in Croatian.
# The last of such words counts: "mardi 4 avril" begins with a weekday.
_MONTHS = (
    "jan|gen|ene|янв|січ|sty|oca", "feb|fev|fév|фев|лют|lut|şub", "mar|mär|mrt|maa|мар|бер",
    "apr|avr|abr|апр|кві|kwi|nis", "may|mai|mag|mei|maj|мая|май|тра", "jun|juin|giu|июн|чер|cze|haz",
    "jul|juil|lug|июл|лип|tem", "aug|aou|aoû|ago|авг|сер|sie|ağu", "sep|set|сен|вер|wrz|eyl",
    "oct|okt|out|ott|окт|жов|paź|eki", "nov|ноя|лис|kas", "dec|dez|déc|dic|дек|гру|gru|ara",
)  # fmt: skip
_MONTH_OF = {name: n for n, names in enumerate(_MONTHS, 1) for name in names.split("|")}
_WORD = re.compile(r"[^\W\d_]{3,}")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AaPp])\.? ?[Mm]\.?)?")
_ZONE = re.compile(r"(?:UTC|GMT)(?:([+\u2212-])(\d{1,2})(?::?(\d\d))?)?")
_NOON_HOUR = 12
_SAYING = frozenset(("creator", "created_date", "text", "topic_id", "message_id"))


class GoogleChat:
    """The Google Chat connector; options: zone (for times without one), conversation, container."""

    name = "googlechat"
    medium = "googlechat"

    def recognises(self, path: Path, head: bytes) -> int:
        """Sure of an object of `messages` whose rows have a creator and Google's own ids."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start[:1] != b"{":
            return 0
        if b'"messages"' in head and b'"creator"' in head and _OURS.search(head):
            return 95
        is_group = b'"members"' in head and b'"user_type"' in head
        return 85 if is_group and path.name == _GROUP else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The records in file order; a member of a group file is a notice."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            group = _group(path)
            title = str(options.get("conversation") or "") or shown(group.get("name"))
            chat = _Chat(columns, title or path.parent.name, group, zone_of(options))
            yield from json_records(view, columns, ("messages[]", "members[]"), chat.add)
            yield from columns.rest()


def _group(path: Path) -> Mapping[str, Any]:
    place = path.parent / _GROUP
    try:
        if place.is_symlink() or not place.is_file() or place.stat().st_size > _GROUP_LIMIT_BYTES:
            return {}
        return mapped(json.loads(place.read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}


class _Chat:
    """Adds the records of one chat."""

    def __init__(self, columns: Columns, title: str, group: Mapping[str, Any], zone: Zone) -> None:
        self._columns = columns
        self._title = clean(title)
        self._zone = zone
        parties = (_party(member) for member in listed(group.get("members")))
        self._members: list[Recipient] = [
            (clean(address), clean(name), int(Role.MEMBER)) for address, name in parties if address
        ]
        self._when = functools.lru_cache(maxsize=4096)(self._read_when)

    def add(
        self,
        original: bytes,
        row: Mapping[str, Any],
        around: Around,  # noqa: ARG002 - a file is one chat
        defects: Defect,
    ) -> str:
        address, name = _party(row.get("creator"))
        if "creator" not in row and ("email" in row or "user_type" in row):
            return self._member(original, row, defects)
        if not {"message_id", "text", "creator", "created_date", "topic_id"} & row.keys():
            return "not a chat record"
        kind = _kind(row)
        if not address and kind in {Kind.SAID, Kind.EDITED}:
            defects |= Defect.NO_SENDER
        date = shown(row.get("created_date"))
        moment = self._when(date) if date else None
        if moment is None:
            defects |= Defect.BAD_DATE if date else Defect.NO_DATE
        elif not moment.has_zone:
            defects |= Defect.AMBIGUOUS_DATE
        self._columns.add(
            original,
            text=clean(shown(row.get("text"))),
            earliest_us=moment.earliest_us if moment else None,
            latest_us=moment.latest_us if moment else None,
            basis=_EXPORT if moment else NO_BASIS,
            sender_address=clean(address),
            sender_name=clean(name),
            recipients=[one for one in self._members if one[0] != address],
            conversation=self._title,
            native_id=clean(shown(row.get("message_id"))),
            reply_to=clean(_reply_to(row)),
            parts=_parts(row),
            kind=int(kind),
            defects=int(defects),
        )
        return ""

    def _member(self, original: bytes, row: Mapping[str, Any], defects: Defect) -> str:
        address, name = _party(row)
        self._columns.add(
            original,
            text=clean("\n".join(words(row))),
            recipients=[(clean(address), clean(name), int(Role.MEMBER))] if address else (),
            conversation=self._title,
            kind=int(Kind.NOTICE),
            defects=int(defects | Defect.NO_DATE),
        )
        return ""

    def _read_when(self, text: str) -> Moment | None:
        """A date with its month in words, then a clock and a zone: the language does not matter."""
        text = _SPACES.sub(" ", text)
        clock = _CLOCK.search(text)
        hour, minute, second = (int((clock[n] if clock else 0) or 0) for n in (1, 2, 3))
        if clock and clock[4]:
            hour = hour % _NOON_HOUR + (_NOON_HOUR if clock[4] in "pP" else 0)
        midnight_us = _day_us(text[: clock.start()] if clock else text)
        if midnight_us is None or hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004
            return None
        wall_us = midnight_us + ((hour * 60 + minute) * 60 + second) * SECOND_US
        width_us = 0 if clock and clock[3] else (60 * SECOND_US if clock else DAY_US) - 1
        zone = _ZONE.search(text, clock.end()) if clock else None
        if zone is None:
            return self._zone.moment(wall_us, width_us=width_us)
        away_s = int(zone[2] or 0) * 3600 + int(zone[3] or 0) * 60
        at_us = wall_us - (away_s if zone[1] == "+" else -away_s) * SECOND_US
        return Moment(at_us, at_us + width_us, has_zone=True)


@functools.lru_cache(maxsize=4096)
def _day_us(date: str) -> int | None:
    """The midnight of a date that holds one year, one day and a month in words."""
    months = [month for word in _WORD.findall(date.lower()) if (month := _month(word))]
    numbers = [int(number) for number in re.findall(r"\d{1,4}", date)]
    years, days = [n for n in numbers if n >= 1970], [n for n in numbers if n <= 31]  # noqa: PLR2004
    if not months or len(years) != 1 or len(days) != 1:
        return None
    return local_us(years[0], months[-1], days[0])


def _month(word: str) -> int:
    return _MONTH_OF.get(word[:4]) or _MONTH_OF.get(word[:3]) or 0


def _party(value: Any) -> tuple[str, str]:
    row = mapped(value)
    name = shown(row.get("name"))
    return shown(row.get("email")) or name, name


def _kind(row: Mapping[str, Any]) -> Kind:
    if shown(row.get("message_state")) == "DELETED" or row.get("deletion_metadata"):
        return Kind.DELETED
    annotations = [mapped(one) for one in listed(row.get("annotations"))]
    if any("video_call_metadata" in one or "call_metadata" in one for one in annotations):
        return Kind.CALLED
    if not row.get("creator") and not row.get("text"):
        return Kind.NOTICE
    return Kind.EDITED if row.get("updated_date") else Kind.SAID


def _reply_to(row: Mapping[str, Any]) -> str:
    quoted = mapped(row.get("quoted_message_metadata"))
    if found := shown(quoted.get("message_id")):
        return found
    # Ids are chat/thread/record, and a thread goes by the id of its first record.
    steps = shown(row.get("message_id")).split("/")
    if len(steps) == 3 and steps[1] != steps[2]:  # noqa: PLR2004
        return "/".join((steps[0], steps[1], steps[1]))
    return ""


def _parts(row: Mapping[str, Any]) -> list[PartRow]:
    if row.keys() <= _SAYING:
        return []
    parts = stated(_statements(row))
    for file in map(mapped, listed(row.get("attached_files"))):
        if name := shown(file.get("original_name")) or shown(file.get("export_name")):
            parts.append(named_file(name))
    return parts


def _statements(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "edited", shown(row.get("updated_date"))
    for reaction in map(mapped, listed(row.get("reactions"))):
        sign = " ".join(words(reaction.get("emoji")))
        yield "reaction", " ".join([sign, *words(reaction.get("reactor_emails"))])
    quoted = mapped(row.get("quoted_message_metadata"))
    yield "quoted", " ".join([*_party(quoted.get("creator")), shown(quoted.get("text"))]).strip()
    yield "deleted", " ".join(words(row.get("deletion_metadata")))
    for annotation in map(mapped, listed(row.get("annotations"))):
        kept = {k: v for k, v in annotation.items() if k not in {"start_index", "length"}}
        yield "annotation", " ".join(words(kept))


CONNECTOR = GoogleChat()
