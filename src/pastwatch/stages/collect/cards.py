"""Reads the lines of calendars (RFC 5545) and contact cards (RFC 6350, and versions before)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from typing import NamedTuple

from pastwatch.model.record import Defect
from pastwatch.stages.collect.mailcharset import decoded

LINES_LIMIT = 200_000
_BREAK = re.compile(rb"\r\n|\n|\r")
_NAME = re.compile(
    r"(?:[\w-]{1,80}\.)?([A-Za-z][\w-]{0,79})((?:;(?:\"[^\"]*\"|[^\":;])*)*):", re.ASCII
)
_PARAMETER = re.compile(r";([\w-]{1,80})(?:=((?:\"[^\"]*\"|[^\";])*))?", re.ASCII)
_ESCAPE = re.compile(r"\\([nN,;:\\\"])")
_UNSHOWN = frozenset(
    ("begin", "end", "version", "prodid", "calscale", "dtstamp", "sequence", "transp", "tzid",
     "tzoffsetfrom", "tzoffsetto", "trigger", "action", "n", "rev", "uid", "x-wr-timezone")
)  # fmt: skip


class Line(NamedTuple):
    """One property: its name and parameters' names in lower case, its value as it stands."""

    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value with its escapes undone."""
        return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value)

    @property
    def is_binary(self) -> bool:
        """Whether the value is bytes in base64: a picture, a file."""
        encoding = self.parameters.get("encoding", "").lower()
        return encoding in {"b", "base64"} or self.value[:200].lower().startswith("data:")

    @property
    def octets(self) -> bytes:
        """The bytes of a binary value."""
        value = self.value.partition(",")[2] if self.value[:5].lower() == "data:" else self.value
        clean = re.sub(r"[^A-Za-z0-9+/]", "", value).encode("ascii", "ignore")
        return binascii.a2b_base64(clean[: len(clean) - (len(clean) % 4 == 1)] + b"==")


def lines_of(raw: bytes) -> tuple[list[Line], Defect]:
    """The properties of a card or calendar, unfolded and decoded, and what was wrong."""
    lines: list[Line] = []
    defect = Defect.NONE
    for folded in _unfolded(raw)[:LINES_LIMIT]:
        text, more = decoded(folded, "utf-8")
        found = _NAME.match(text)
        if not found:
            defect |= Defect.BAD_STRUCTURE
            lines.append(Line("", {}, text))
            continue
        parameters = _parameters(found[2])
        value = text[found.end() :]
        if parameters.get("encoding", "").lower() == "quoted-printable":
            start = len(text[: found.end()].encode())
            value, more = decoded(
                binascii.a2b_qp(folded[start:]), parameters.get("charset") or "utf-8"
            )
        elif parameters.get("charset"):
            start = len(text[: found.end()].encode())
            value, more = decoded(folded[start:], parameters["charset"])
        defect |= more
        lines.append(Line(found[1].lower(), parameters, value))
    return lines, defect


def _unfolded(raw: bytes) -> list[bytes]:
    whole: list[list[bytes]] = []
    in_soft = in_code = False
    for line in _BREAK.split(raw.removeprefix(b"\xef\xbb\xbf")):
        if in_soft:  # quoted-printable of version 2.1 breaks lines with "="
            whole[-1][-1] = whole[-1][-1][:-1]
            whole[-1].append(line)
        elif line[:1] in {b" ", b"\t"} and whole:
            whole[-1].append(line[1:])
        elif in_code and line and b":" not in line:
            whole[-1].append(line)  # base64 of version 2.1, not indented
        elif line.strip():
            whole.append([line])
        else:
            in_soft = in_code = False
            continue
        head = whole[-1][0][:200].upper()
        in_soft = line.endswith(b"=") and b"QUOTED-PRINTABLE" in head
        in_code = b"BASE64" in head or b"ENCODING=B" in head
    return [b"".join(pieces) for pieces in whole]


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _PARAMETER.findall(text):
        if not value and name.lower() in {"quoted-printable", "base64"}:
            found["encoding"] = name  # version 2.1 leaves out what it is that it names
        elif not value:
            found["type"] = ",".join(filter(None, (found.get("type", ""), name)))
        else:
            key = name.lower()
            found[key] = ",".join(filter(None, (found.get(key, ""), value.strip('"'))))
    return found


def address_of(line: Line) -> tuple[str, str]:
    """(address, name) of an organiser or attendee."""
    value = line.text.strip()
    address = re.sub(r"(?i)^mailto:", "", value)
    address = (line.parameters.get("email") or address) if "@" not in address else address
    local, at, domain = address.rpartition("@")
    name = " ".join(line.parameters.get("cn", "").split())
    return (f"{local}@{domain.lower()}" if at else domain), name


def shown(lines: Iterable[Line], *, without: frozenset[str] = frozenset()) -> str:
    """The words of the lines, each with the name of its property; none is left out but technical."""
    said: list[str] = []
    for line in lines:
        if line.name in _UNSHOWN or line.name in without or line.is_binary:
            continue
        text = _readable(line)
        if not text:
            continue
        label = line.name.replace("-", " ")
        said.append(
            f"{label}: {text}" if label and line.name not in {"description", "note"} else text
        )
    return "\n".join(said).replace("\0", "")


def _readable(line: Line) -> str:
    if line.name in {"adr", "org"}:
        return ", ".join(piece for piece in re.split(r"(?<!\\);", line.text) if piece.strip())
    if line.name in {"attendee", "organizer"}:
        address, name = address_of(line)
        answer = line.parameters.get("partstat", "").lower().replace("-", " ")
        return " ".join(filter(None, (name, f"<{address}>", f"({answer})" if answer else "")))
    kind = line.parameters.get("type", "").lower()
    return f"{line.text.strip()} ({kind})" if kind and line.name == "tel" else line.text.strip()


def card_text(raw: bytes) -> str:
    """The words of a whole calendar or card file."""
    return shown(lines_of(raw)[0])
