"""A list of people from outside the records: org chart, phone book, roster, each row to be cited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pastwatch.errors import BadValue
from pastwatch.model.claim import Grade
from pastwatch.model.record import Citation

FIELDS = ("name", "account", "phone", "mail", "role", "organisation", "since", "until")
"""What a column may be taken for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A sealed file read as rows: where it is from, of which date, how far it is to be relied on.

    `dated` is as it was given ("2016-03"), between `dated_earliest_us` and `dated_latest_us`.
    The rows are read from the sealed file each time; `table_sha256` is over all of them.
    """

    record_id: bytes
    source: str
    dated: str
    dated_earliest_us: int
    dated_latest_us: int
    grade: Grade
    form: str
    columns: Mapping[str, str]  # field -> the column's name in the file
    rows: int
    citable_rows: int
    table_sha256: bytes

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise BadValue("a directory says where it is from")
        if self.dated_earliest_us > self.dated_latest_us:
            raise BadValue("a directory's date ends before it begins")
        unknown = sorted(set(self.columns) - set(FIELDS))
        if unknown:
            raise BadValue(
                f'a directory has no field "{unknown[0]}"', hint=f"known: {', '.join(FIELDS)}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryRow:
    """One row of a directory as it was found: its number, its values, where it can be cited."""

    directory: str  # d1
    row: int  # from 1, the first row of values
    values: Mapping[str, str]
    citation: Citation | None
    found_by: str = ""
    """Why it was found: the same phone number, a name written alike …"""
    score: float | None = None

    @property
    def name(self) -> str:
        """How the row is cited: d1:7."""
        return f"{self.directory}:{self.row}"
