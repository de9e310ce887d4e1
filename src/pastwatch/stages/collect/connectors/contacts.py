"""Reads contact cards (vCard 2.1 to 4.0, .vcf): each card is a record that names its person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.party import Party, Role
from pastwatch.model.record import Defect, Draft
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis, When
from pastwatch.stages.collect.cards import Line, lines_of, shown
from pastwatch.stages.collect.connectors.batched import batched, clean
from pastwatch.stages.collect.connectors.calendar import part_of
from pastwatch.stages.collect.connectors.cardspans import Span, spans
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.times import Times

_ADDRESSES = frozenset(("email", "tel", "impp", "x-jabber", "x-skype", "x-icq", "x-aim", "x-msn"))
_SCHEMES = ("mailto:", "tel:", "xmpp:", "sip:", "skype:")


class Contacts:
    """The contact card connector; options: container, zone."""

    name = "contacts"
    medium = "contacts"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the content says it
        """Sure of a file that begins a card."""
        start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
        return 95 if start.startswith(b"BEGIN:VCARD") else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The cards in order; a card is dated by its last revision, where it states one."""
        container = container_name(path, options)
        times = Times({"zone": options.get("zone")})
        with opened(path) as view:
            found = (
                _draft(piece.raw, is_cut=piece.is_cut, times=times)
                if isinstance(piece, Span)
                else piece
                for piece in spans(view, (b"VCARD",), container, kind="cards")
            )
            yield from batched(found, container=container)


def _draft(raw: bytes, *, is_cut: bool, times: Times) -> Draft:
    lines, defects = lines_of(raw)
    defects |= Defect.CUT_SHORT if is_cut else Defect.NONE
    first = {line.name: line for line in reversed(lines)}
    name = clean(_name(first))
    claimed = None
    if "rev" in first:
        moment = times.read(_iso(first["rev"].value))
        if moment is None:
            defects |= Defect.BAD_DATE
        else:
            defects |= Defect.NONE if moment.has_zone else Defect.AMBIGUOUS_DATE
            claimed = When(
                earliest_us=moment.earliest_us, latest_us=moment.latest_us, basis=Basis.EXPORT
            )
    else:
        defects |= Defect.NO_DATE
    addresses = dict.fromkeys(_address(line) for line in lines if line.name in _ADDRESSES)
    people = [Party(address=a, name=name, role=Role.MEMBER) for a in addresses if a]
    if not people and name:
        people = [Party(address=name, name=name, role=Role.MEMBER)]
    return Draft(
        original=raw,
        text=clean(shown(lines, without=frozenset(("fn",)) if name else frozenset())),
        claimed=claimed,
        recipients=tuple(people),
        native_id=clean(first["uid"].text) if "uid" in first else "",
        subject=name,
        parts=tuple(part_of(line) for line in lines if line.is_binary),
        defects=defects,
    )


def _name(first: dict[str, Line]) -> str:
    if "fn" in first and first["fn"].text.strip():
        return " ".join(first["fn"].text.split())
    if "n" in first:  # family; given; more; before; after
        family, given, *rest = [*first["n"].text.split(";"), "", ""]
        return " ".join(" ".join((given, *rest[:1], family)).split())
    return " ".join(first["org"].text.replace(";", " ").split()) if "org" in first else ""


def _address(line: Line) -> str:
    value = line.text.strip()
    scheme = next((s for s in _SCHEMES if value.lower().startswith(s)), "")
    value = clean(value[len(scheme) :])
    if line.name != "email":
        return value
    local, at, domain = value.rpartition("@")
    return f"{local}@{domain.lower()}" if at else value


def _iso(text: str) -> str:
    """A basic form of ISO 8601 as its extended form."""
    text = text.strip()
    day, mark, clock = text.partition("T")
    if len(day) == 8 and day.isdecimal():  # noqa: PLR2004 - 20170404
        day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    digits = clock[:6]
    if len(digits) == 6 and digits.isdecimal():  # noqa: PLR2004 - 063000
        clock = f"{digits[:2]}:{digits[2:4]}:{digits[4:]}{clock[6:]}"
    return f"{day}{mark}{clock}"


CONNECTOR = Contacts()
