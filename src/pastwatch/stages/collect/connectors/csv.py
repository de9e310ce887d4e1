"""Reads tables of comma-, semicolon-, tab- or bar-separated rows; a row's bytes are the original."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.dayorder import DayOrder
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.rows import Rows
from pastwatch.stages.collect.connectors.tables import Table

_SUFFIXES = {".csv": 60, ".tsv": 60, ".tab": 50}


class Csv:
    """The CSV connector; options: record fields to columns, delimiter, columns, charset, zone, order, epoch, time_unit."""

    name = "csv"
    medium = "other"

    def recognises(self, path: Path, head: bytes) -> int:
        """Likely by the file's name; never by what it holds alone."""
        return _SUFFIXES.get(path.suffix.lower(), 0) if head else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The rows in file order; the header row is framing."""
        with opened(path) as view:
            columns = Columns(container_name(path, options))
            table = Table(view, options, columns)
            if table.refused is not None:
                yield table.refused
                return
            yield from _read(table, options, columns)
            yield from columns.rest()


def _read(table: Table, options: Mapping[str, Any], columns: Columns) -> Iterator[Batch | Gap]:
    at = table.begin()
    names = [str(name) for name in options.get("columns") or ()]
    is_headed = not names
    if is_headed:
        cells, at = table.header(at)
        names = [name.strip() for name in cells]
    rows = Rows(options)
    if is_headed and names:
        rows.check(names)
    place = rows.time_place(names)
    if place is not None:
        times = (cells[place] for cells in table.rows() if place < len(cells))
        rows.order = DayOrder(options, times)
    is_repeated = len(set(names)) < len(names)

    def add(original: bytes, cells: list[str], defects: Defect, is_broken: bool) -> None:
        if is_broken or len(cells) != len(names):
            defects |= Defect.BAD_STRUCTURE
        row = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
        # A column named twice keeps its first value; the others, and cells beyond the header, are text.
        loose = [cell for cell in cells[len(names) :] if cell]
        if is_repeated:
            kept = Counter(row.values())
            loose += [cell for cell in cells[: len(names)] if cell and not kept[cell]]
        rows.add(columns, original, row, defects, extra=" ".join(loose))

    yield from table.read(at, add)


CONNECTOR = Csv()
