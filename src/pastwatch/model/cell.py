"""A cell of a table for others that no spreadsheet takes for a formula."""

from __future__ import annotations

from typing import Final

_OBEYED: Final = frozenset("=+-@\t\r\n|＝＋－＠")


def inert(cell: str) -> str:
    """The cell; one that a spreadsheet might obey, white space before it or not, after an apostrophe."""
    return f"'{cell}" if cell[:1] in _OBEYED or cell.lstrip()[:1] in _OBEYED else cell
