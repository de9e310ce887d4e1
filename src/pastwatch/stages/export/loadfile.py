"""Writes a production: a Concordance DAT, an Opticon OPT, texts, and natives where they may leave."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pastwatch.errors import UsageError
from pastwatch.model.party import Party, Role
from pastwatch.model.record import Kind, Record
from pastwatch.model.when import iso
from pastwatch.stages.export.loadfile_page import slip
from pastwatch.stages.export.taken import Exported, LeftBehind, Taken, TakenRecord
from pastwatch.storage.durable import NewFile

COLUMNS = (
    "BEGBATES", "ENDBATES", "BEGATTACH", "ENDATTACH", "PARENT_BATES", "CUSTODIAN", "RECORD_TYPE",
    "FROM", "TO", "CC", "BCC", "SUBJECT", "DATESENT", "TIMESENT", "TIMEZONE", "TIME_UNTIL",
    "TIME_BASIS", "CONVERSATION", "ANSWERS_BATES", "FILENAME", "FILESIZE", "PAGECOUNT", "SHA256",
    "NATIVE_LINK", "TEXT_LINK", "RECORD_ID", "CITED_IN", "JUDGED", "STATED", "WITHHELD",
)  # fmt: skip
VOLUME = "VOL001"

_QUOTE, _BETWEEN, _NEWLINE = "\u00fe", "\x14", "\u00ae"
_IN_WORDS = str.maketrans({_QUOTE: "th", _BETWEEN: " ", _NEWLINE: "(R)"})
_LINES = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_PREFIX = re.compile(r"[A-Z][A-Z0-9_-]{0,11}")
_DIGITS = 7
_A_FOLDER = 1000
_STATED = "text/x-stated"
_WORDS_WITHHELD = "words withheld: neither cited nor judged relevant"
_PROTECTED = "withheld: judged protected"


class LoadFileExport:
    """A production for review tools: DAT and OPT load files, texts, slip sheets, natives on request."""

    name = "loadfile"

    def write(self, taken: Taken, folder: Path) -> Exported:
        """`VOL001.dat`, `VOL001.opt` and the folder they name; an attachment follows its record."""
        if not _PREFIX.fullmatch(taken.bates_prefix):
            raise UsageError(
                f'"{taken.bates_prefix}" is no prefix of page numbers', hint="as in ABC or ABC-"
            )
        with (
            NewFile(folder / f"{VOLUME}.dat") as dat,
            NewFile(folder / f"{VOLUME}.opt") as opt,
        ):
            return _Volume(taken, folder, dat, opt).write()


@dataclass(slots=True)
class _Volume:
    taken: Taken
    folder: Path
    dat: NewFile
    opt: NewFile
    names: list[str] = field(default_factory=lambda: [f"{VOLUME}.dat", f"{VOLUME}.opt"])
    met: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    answered: dict[bytes, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)

    def write(self) -> Exported:
        """One record after another; in memory are the names of files, and numbers that are answered."""
        self.dat.write(b"\xef\xbb\xbf" + self._line({name: name for name in COLUMNS}))
        for one in self.taken.records:
            self._family(one)
        for _ in range(self.taken.withheld_count):
            self._bare(_PROTECTED)
        return Exported(
            files=tuple(self.names),
            counts=(
                ("records", self.met["records"]),
                ("attachments", self.met["attachments"]),
                ("slip sheets", self.pages),
                ("texts", self.met["texts"]),
                ("natives", self.met["natives"]),
                ("values with a delimiter rewritten", self.met["rewritten"]),
            ),
            left_out=tuple(
                LeftBehind(what=what, count=count, why=why)
                for what, count, why in (
                    ("images", self.pages, "not rendered: a slip sheet with the number stands for each"),
                    ("attachments as files", self.met["attachments"], "their text alone is written; natives of mail hold them"),
                )
                if count
            ),
        )  # fmt: skip

    def _family(self, one: TakenRecord) -> None:
        record = one.record
        children = [p for p in record.parts if p.media_type != _STATED]
        begin = self._number(self.pages + 1)
        end = self._number(self.pages + 1 + len(children))
        family = {"BEGATTACH": begin, "ENDATTACH": end} if children else {}
        self.met["records"] += 1
        self.met["attachments"] += len(children)
        native = self._native(one, begin) if one.original is not None else ""
        withheld = _WORDS_WITHHELD if one.is_withheld else ""
        values = {
            **family,
            **_when(record),
            **_parties(record),
            "CUSTODIAN": one.source,
            "RECORD_TYPE": _type(record),
            "SUBJECT": record.subject,
            "CONVERSATION": record.conversation,
            "ANSWERS_BATES": self.answered.get(one.parent_id, "") if one.parent_id else "",
            "FILESIZE": str(record.envelope.size_bytes),
            "SHA256": "" if one.is_masked else record.source_sha256.hex(),
            "NATIVE_LINK": native,
            "RECORD_ID": record.record_id.hex(),
            "CITED_IN": "; ".join(one.cited_in),
            "JUDGED": "; ".join(one.judgements),
            "STATED": "\n".join(p.text for p in record.parts if p.media_type == _STATED),
            "WITHHELD": withheld,
        }
        self._paper(values, "" if one.is_withheld else record.text, withheld)
        if one.is_answered:
            self.answered[record.record_id] = begin
        for part in children:
            self._paper(
                {
                    **family,
                    "PARENT_BATES": begin,
                    "CUSTODIAN": one.source,
                    "RECORD_TYPE": "attachment",
                    "FILENAME": part.name,
                    "FILESIZE": str(part.size_bytes),
                    "SHA256": "" if one.is_masked else part.sha256.hex(),
                    "CONVERSATION": record.conversation,
                    "RECORD_ID": record.record_id.hex(),
                },
                part.text,
                "",
            )

    def _bare(self, why: str) -> None:
        self._paper({"WITHHELD": why}, "", why)

    def _paper(self, values: Mapping[str, str], text: str, withheld: str) -> None:
        """A line of the DAT, one of the OPT, a text and a slip sheet."""
        self.pages += 1
        number = self._number(self.pages)
        link = ""
        if text:
            link = self._put("TEXT", f"{number}.txt", text.encode("utf-8", "replace"))
            self.met["texts"] += 1
        told = withheld.partition(":")[0] or ("produced as text" if text else "no text is held")
        image = self._put("IMAGES", f"{number}.tif", slip((number, told)))
        row = {
            "BEGBATES": number,
            "ENDBATES": number,
            "PAGECOUNT": "1",
            **values,
            "TEXT_LINK": link,
        }
        self.dat.write(self._line(row))
        self.opt.write(f"{number},{VOLUME},{image},Y,,,1\r\n".encode())

    def _native(self, one: TakenRecord, number: str) -> str:
        raw = one.original or b""
        self.met["natives"] += 1
        return self._put("NATIVES", number + _suffix(one.record, raw), raw)

    def _put(self, kind: str, name: str, content: bytes) -> str:
        """Write one of many small files; gives its path as load files write it."""
        steps = (VOLUME, kind, f"{max(self.pages - 1, 0) // _A_FOLDER + 1:04d}")
        inside = "/".join(steps)
        if inside not in self.made:
            (self.folder / inside).mkdir(parents=True, exist_ok=True)
            self.made.add(inside)
        (self.folder / inside / name).write_bytes(content)
        self.names.append(f"{inside}/{name}")
        return "\\".join((*steps, name))

    def _number(self, page: int) -> str:
        return f"{self.taken.bates_prefix}{page:0{_DIGITS}d}"

    def _line(self, values: Mapping[str, str]) -> bytes:
        cells = (self._cell(values.get(name, "")) for name in COLUMNS)
        line = _BETWEEN.join(f"{_QUOTE}{cell}{_QUOTE}" for cell in cells) + "\r\n"
        return line.encode("utf-8", "replace")

    def _cell(self, value: str) -> str:
        """A value without what takes a load file apart; line ends become ®, as its readers expect."""
        if _QUOTE in value or _BETWEEN in value or _NEWLINE in value:
            self.met["rewritten"] += 1
            value = value.translate(_IN_WORDS)
        return _LINES.sub(_NEWLINE, value).replace("\0", "")


def _when(record: Record) -> dict[str, str]:
    claimed = record.envelope.claimed
    if claimed is None:
        return {}
    at = iso(claimed.earliest_us)
    if "T" not in at:
        return {}
    return {
        "DATESENT": at[:10].replace("-", "/"),
        "TIMESENT": at[11:19],
        "TIMEZONE": "UTC",
        "TIME_UNTIL": iso(claimed.latest_us) if claimed.width_us else "",
        "TIME_BASIS": claimed.basis.value,
    }


def _parties(record: Record) -> dict[str, str]:
    def of(*roles: Role) -> str:
        return "; ".join(_shown(one) for one in record.recipients if one.role in roles)

    return {
        "FROM": _shown(record.sender) if record.sender else "",
        "TO": of(Role.TO, Role.MEMBER),
        "CC": of(Role.CC),
        "BCC": of(Role.BCC),
    }


def _shown(party: Party) -> str:
    return party.shown.replace(";", ",")


def _type(record: Record) -> str:
    kind = record.envelope.kind
    return record.envelope.medium + ("" if kind is Kind.SAID else f", {kind.name.lower()}")


def _suffix(record: Record, raw: bytes) -> str:
    """What a native's name ends in, by what it begins with."""
    if record.envelope.medium == "mail":
        return ".eml"
    heads = ((b"RIFF", ".wav"), (b"OggS", ".ogg"), (b"ID3", ".mp3"), (b"%PDF", ".pdf"), (b"PK\x03\x04", ".zip"))  # fmt: skip
    for head, suffix in heads:
        if raw.startswith(head):
            return suffix
    start = raw.lstrip()[:1]
    if start in (b"{", b"["):
        return ".json"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return ".bin"
    return ".xml" if start == b"<" else ".txt"


EXPORT = LoadFileExport()
