"""Turns the rows of a load file into records, by the names their columns commonly have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pastwatch.archive.layout import basis_number
from pastwatch.model.party import Role
from pastwatch.model.record import Defect
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, Recipient, clean
from pastwatch.stages.collect.connectors.enclosed import Owner
from pastwatch.stages.collect.connectors.stated import stated
from pastwatch.stages.collect.connectors.writtendates import WrittenDates
from pastwatch.stages.collect.mailheader import mailbox
from pastwatch.stages.collect.mailtime import Moment

_GUESSES: dict[str, tuple[str, ...]] = {
    "id": ("begbates", "begdoc", "begdocno", "begno", "bates", "beginbates", "batesbeg", "prodbeg", "docid", "controlnumber", "documentid"),
    "family": ("begattach", "begattachment", "attachbeg", "begfamily", "groupidentifier", "familyid", "prodbegattach"),
    "reply_to": ("parentid", "parentbates", "parentdocid", "parent", "parentbegbates"),
    "sender": ("from", "emailfrom", "sender", "author"),
    "recipients": ("to", "emailto", "recipients", "recipient"),
    "cc": ("cc", "emailcc"),
    "bcc": ("bcc", "emailbcc"),
    "subject": ("subject", "emailsubject", "title", "filename", "docname"),
    "time": ("datetimesent", "sentdatetime", "datesent", "sentdate", "emailsentdate", "maildate", "docdate", "date", "datereceived", "receiveddate", "datelastmodified", "datemodified", "lastmodified", "datecreated", "createdate"),
    "clock": ("timesent", "senttime", "emailsenttime", "mailtime", "time"),
    "text": ("extractedtext", "fulltext", "ocrtext", "text", "body", "ocr"),
    "text_path": ("textpath", "textlink", "textfile", "extractedtextpath", "ocrpath", "ocrlink", "fulltextpath", "textfilepath", "extractedtext", "text"),
    "native_path": ("nativepath", "nativelink", "nativefile", "nativefilepath", "native", "doclink", "filelink"),
}  # fmt: skip
_TEXT_FILE = re.compile(r"[^\n\r<>|\"]{1,500}\.te?xt", re.IGNORECASE)
_SIGNS = re.compile(r"[^a-z0-9]")
_EXPORT = basis_number(Basis.EXPORT)


class Files(NamedTuple):
    """What was found of a row's files."""

    text: str = ""
    parts: Sequence[PartRow] = ()
    lines: Sequence[tuple[str, str]] = ()
    defects: Defect = Defect.NONE


class Records:
    """Reads rows under one header and one set of options."""

    def __init__(self, names: Sequence[str], options: Mapping[str, Any]) -> None:
        self._names = list(names)
        folded = {_SIGNS.sub("", name.lower()): place for place, name in reversed(list(enumerate(names)))}  # fmt: skip
        self._places: dict[str, list[int]] = {}
        for field, guesses in _GUESSES.items():
            given = options.get(field)
            keys = (_SIGNS.sub("", str(given).lower()),) if given else guesses
            self._places[field] = [folded[key] for key in keys if key in folded]
        self.dates = WrittenDates(options)
        self._shown = {place for field in ("id", "sender", "recipients", "cc", "bcc", "subject") for place in self._places[field][:1]}  # fmt: skip

    def dates_of(self, cells: Sequence[str]) -> list[str]:
        """Every value of a row that is to be read as a date."""
        return [cells[place] for place in self._places["time"] if place < len(cells)]

    def value(self, cells: Sequence[str], field: str) -> str:
        """The first value that stands under a field's names."""
        values = (cells[place].strip() for place in self._places[field] if place < len(cells))
        return next((value for value in values if value), "")

    def text_path(self, cells: Sequence[str]) -> str:
        """The name of the row's text file, where it has one."""
        value = self.value(cells, "text_path")
        return value if _TEXT_FILE.fullmatch(value) else ""

    def owner(self, cells: Sequence[str]) -> tuple[Owner, Defect]:
        """What scope needs of a row, and what was wrong with it."""
        moment, defects = self._when(cells)
        sender = _party(self.value(cells, "sender"))
        own_id = self.value(cells, "id")
        owner = Owner(
            native_id=own_id,
            earliest_us=moment.earliest_us if moment else None,
            latest_us=moment.latest_us if moment else None,
            basis=_EXPORT if moment else 0,
            sender_address=sender[0] if sender else "",
            sender_name=sender[1] if sender else "",
            conversation=self.value(cells, "family") or own_id,
        )
        return owner, defects if sender else defects | Defect.NO_SENDER

    def add(
        self,
        columns: Columns,
        original: bytes,
        cells: Sequence[str],
        *,
        owner: Owner,
        files: Files,
        defects: Defect,
    ) -> None:
        """Add a row as a record; what no field took stands in its part `stated`."""
        inline = "" if self.text_path(cells) else self.value(cells, "text")
        taken = set(self._shown)
        if inline:
            taken |= {place for place in self._places["text"] if place < len(cells) and cells[place].strip() == inline}  # fmt: skip
        lines = [
            (self._names[place] if place < len(self._names) else f"column {place + 1}", cell)
            for place, cell in enumerate(cells)
            if place not in taken
        ]
        columns.add(
            original,
            text=clean(files.text or inline),
            earliest_us=owner.earliest_us,
            latest_us=owner.latest_us,
            basis=owner.basis,
            sender_address=owner.sender_address,
            sender_name=owner.sender_name,
            recipients=self._recipients(cells),
            conversation=owner.conversation,
            native_id=owner.native_id,
            reply_to=self._reply_to(cells, owner.native_id),
            subject=self.value(cells, "subject"),
            parts=[*stated([*lines, *files.lines]), *files.parts],
            defects=int(defects | files.defects),
        )

    def _reply_to(self, cells: Sequence[str], own_id: str) -> str:
        """The parent stated, or else the first of the family."""
        parent = self.value(cells, "reply_to") or self.value(cells, "family")
        return parent.split(" - ")[0].strip() if parent != own_id else ""

    def _recipients(self, cells: Sequence[str]) -> list[Recipient]:
        return [
            (*party, int(role))
            for field, role in (("recipients", Role.TO), ("cc", Role.CC), ("bcc", Role.BCC))
            for piece in re.split(r"[;\n]", self.value(cells, field))
            if (party := _party(piece))
        ]

    def _when(self, cells: Sequence[str]) -> tuple[Moment | None, Defect]:
        """The first date that can be read, with the clock that stands in a column of its own."""
        values = [value for value in self.dates_of(cells) if value.strip()]
        clock = self.value(cells, "clock")
        for value in values:
            moment = (self.dates.read(f"{value} {clock}") if clock else None) or self.dates.read(
                value
            )
            if moment:
                return moment, Defect.NONE if moment.has_zone else Defect.AMBIGUOUS_DATE
        return None, Defect.BAD_DATE if values else Defect.NO_DATE


def _party(text: str) -> tuple[str, str] | None:
    text = " ".join(text.split())
    return mailbox(text) if text else None
