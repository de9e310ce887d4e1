"""Directories of a case: sealed, read anew from what was sealed each time, searched, cited by row."""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from pastwatch.casefile.entered import Entered
from pastwatch.desk.assessing import argued, withheld
from pastwatch.desk.bringing import bring, original_of
from pastwatch.desk.case import CaseWork
from pastwatch.errors import BadValue, CaseDamaged, UsageError
from pastwatch.model.claim import Grade, Reliability
from pastwatch.model.directory import Directory, DirectoryRow
from pastwatch.model.record import PART_TEXT, Citation, Defect
from pastwatch.model.when import DAY_US, parse_iso
from pastwatch.stages.reconstruct.directories import DirectoryTable, form_of, table_of
from pastwatch.stages.reconstruct.samename import parted

MEDIUM = "directory"
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_GRADE = re.compile(r"([A-F])([1-6])")
TABLES: WeakKeyDictionary[CaseWork, dict[str, tuple[DirectoryTable, str]]] = WeakKeyDictionary()
"""What was read of directories so far, by case and name: an open case reads each once."""


def add_directory(
    case: CaseWork,
    path: Path,
    *,
    source: str,
    dated: str,
    grade: str,
    basis: str,
    columns: Mapping[str, str] | None = None,
    ground: str = "",
) -> Entered[Directory]:
    """Seal a directory, open it to the case and enter it with its source, date and grade (B2).

    Asks for the granting key where the file is new to the case. BadValue when it cannot be read as
    rows, before anything is sealed.
    """
    graded, span = _graded(grade), _dated(dated)
    try:
        raw = path.read_bytes()
    except OSError:
        raise UsageError(f'"{path.name}" cannot be read') from None
    before = _decoded(raw)
    form = form_of(before)
    table_of(before, columns, form=form)
    brought = bring(
        case,
        [path],
        source=f"directories-{case.case_id}",
        basis=basis,
        connector="file",
        medium=MEDIUM,
        ground=ground or f"a directory brought to case {case.case_id} by who works in it",
    )
    record_id = brought.records[0][1]
    text, citable_bytes = _sealed_text(case, record_id)
    if not text.strip():
        raise BadValue(
            "the file was sealed, but what stands in it does not read as text",
            hint="it holds signs that no text has: clean it, or save it as CSV in UTF-8 again",
        )
    table, taken = table_of(text, columns, form=form)
    value = Directory(
        record_id=record_id,
        source=source,
        dated=dated,
        dated_earliest_us=span[0],
        dated_latest_us=span[1],
        grade=graded,
        form=form,
        columns=taken,
        rows=len(table),
        citable_rows=int((table.end_byte <= citable_bytes).sum()),
        table_sha256=table.sha256,
    )
    person, at_us = case.office.person, case.office.clock()
    (name,) = case.papers.enter("directory", [value], by=person, at_us=at_us)
    argued(case, what="directory", of=(name, record_id.hex()))
    TABLES.setdefault(case, {})[name] = (table, text)
    return Entered(name, value, person, at_us, None)


def directories(case: CaseWork) -> list[Entered[Directory]]:
    """The directories of a case that stand, in order; none that was judged protected."""
    shut = withheld(case)
    return [
        one
        for one in case.papers.entered("directory", Directory)
        if one.value.record_id not in shut
    ]


def row_of(case: CaseWork, name: str, row: int) -> DirectoryRow:
    """A row of a directory, counted from 1; UsageError when there is none."""
    entered = _entered(case, name)
    table, text = _table(case, entered)
    if not 1 <= row <= len(table):
        raise UsageError(f"{name} has {len(table):,} rows, and none numbered {row:,}")
    return _rows(entered, table, text, [(row - 1, "", None)])[0]


def find_rows(
    case: CaseWork,
    *,
    name: str = "",
    phone: str = "",
    account: str = "",
    only: str | None = None,
) -> list[DirectoryRow]:
    """Rows of the case's directories with a name that sounds alike, a number or an address."""
    found: list[DirectoryRow] = []
    for entered in directories(case):
        if only is not None and entered.name != only:
            continue
        table, text = _table(case, entered)
        places: dict[int, tuple[str, float | None]] = {}
        for row in table.by_account(account) if account else ():
            places.setdefault(row, ("the same address", None))
        for row in table.by_phone(phone) if phone else ():
            places.setdefault(row, ("the same phone number", None))
        for row, like in table.by_name(name) if name else ():
            is_same = parted(table.values(row)["name"]).words == parted(name).words
            same = "the same name" if is_same else "a name that sounds alike"
            places.setdefault(row, (same, like))
        told = [(row, by, like) for row, (by, like) in places.items()]
        found += _rows(entered, table, text, told)
    return found


def as_of(directory: Directory) -> str:
    """How a directory's date is shown beside what it says."""
    return f"as of {directory.dated}"


def is_older(directory: Directory, event_us: int) -> bool:
    """Whether a directory is from before the event: what it says may have changed since."""
    return directory.dated_latest_us < event_us


def _entered(case: CaseWork, name: str) -> Entered[Directory]:
    found = next((one for one in directories(case) if one.name == name), None)
    if found is None:
        raise UsageError(
            f'this case has no directory "{name}"', hint="'pastwatch actors directory list'"
        )
    return found


def _table(case: CaseWork, entered: Entered[Directory]) -> tuple[DirectoryTable, str]:
    """The rows as they come out of what was sealed; CaseDamaged where they are not those entered."""
    kept = TABLES.setdefault(case, {})
    if entered.name not in kept:
        directory = entered.value
        text, _ = _sealed_text(case, directory.record_id)
        table, _ = table_of(text, dict(directory.columns) or None, form=directory.form)
        if table.sha256 != directory.table_sha256:
            raise CaseDamaged(
                f"the rows of directory {entered.name} are not those that were entered",
                hint="it was entered by another version of the program: enter it again",
            )
        kept[entered.name] = table, text
    return kept[entered.name]


def _sealed_text(case: CaseWork, record_id: bytes) -> tuple[str, int]:
    """The text of a sealed directory, and up to which byte of it a citation can reach."""
    (record,) = case.records([record_id])
    end_bytes = len(record.text.encode())
    if not record.envelope.defects & Defect.TEXT_LIMIT:
        return record.text, end_bytes
    # More than a record's text may hold: the rest is read from the original, and cannot be cited.
    whole = _decoded(original_of(case, record_id))
    if not whole.startswith(record.text):
        raise BadValue(
            "the directory is larger than a record's text, and not written in UTF-8",
            hint="bring it in pieces of less than 16 million characters",
        )
    return whole, end_bytes


def _decoded(raw: bytes) -> str:
    """A directory's text as its record will hold it, near enough to see whether it can be read."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16", "replace")
    return raw.decode("cp1252", "replace")


def _rows(
    entered: Entered[Directory],
    table: DirectoryTable,
    text: str,
    found: Sequence[tuple[int, str, float | None]],
) -> list[DirectoryRow]:
    raw = text.encode() if found else b""
    citable = np.sort(table.end_byte)[: entered.value.citable_rows]
    last = int(citable[-1]) if len(citable) else 0
    made = []
    for row, by, like in found:
        start, end = int(table.start_byte[row]), int(table.end_byte[row])
        one = DirectoryRow(
            directory=entered.name,
            row=row + 1,
            values=table.values(row),
            citation=None,
            found_by=by,
            score=like,
        )
        if end <= last:
            citation = Citation(
                record_id=entered.value.record_id,
                part=PART_TEXT,
                start_byte=start,
                end_byte=end,
                text_sha256=hashlib.sha256(raw[start:end]).digest(),
            )
            one = replace(one, citation=citation)
        made.append(one)
    return made


def _graded(word: str) -> Grade:
    found = _GRADE.fullmatch(word.strip().upper())
    if found is None:
        raise BadValue(
            f'"{word}" is no grade', hint="reliability A to F and credibility 1 to 6, as in B2"
        )
    return Grade(reliability=Reliability(found[1]), credibility=int(found[2]))


def _dated(word: str) -> tuple[int, int]:
    """The stretch that a year, a month or a day stands for."""
    found = _DATE.fullmatch(word.strip())
    if found is None:
        raise BadValue(f'"{word}" is no date of a directory', hint="2016, 2016-03 or 2016-03-01")
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    last_month = int(found[2] or 12)
    if not 1 <= month <= last_month <= 12 or year < 1:  # noqa: PLR2004 - a calendar
        raise BadValue(f'"{word}" is no date of a directory', hint="2016, 2016-03 or 2016-03-01")
    last_day = int(found[3] or calendar.monthrange(year, last_month)[1])
    first_us = parse_iso(f"{year:04d}-{month:02d}-{day:02d}")[0]
    return first_us, parse_iso(f"{year:04d}-{last_month:02d}-{last_day:02d}")[0] + DAY_US - 1
