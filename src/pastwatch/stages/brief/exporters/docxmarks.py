"""What a Word file says in XML alone: direction, links within, fields, rules, widths (ISO 29500-1)."""

from __future__ import annotations

import itertools
import unicodedata
from typing import Any, Final

from pastwatch.stages.brief.exporters.papers import is_rtl

_NEUTRAL: Final = frozenset({"WS", "ON", "CS", "ES", "ET", "B", "S", "NSM", "BN"})
_TWIPS_A_CM: Final = 567
# The order in which the schema wants the properties that are set here.
_AFTER_BORDER: Final = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:bidi", "w:spacing", "w:ind",
                        "w:jc", "w:rPr", "w:noWrap", "w:tcMar", "w:vAlign")  # fmt: skip
_AFTER_SHADE: Final = _AFTER_BORDER[1:]
_AFTER_BIDI: Final = ("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr")


def add_words(
    line: Any,
    text: str,
    *,
    size_pt: float = 0,
    colour: str | None = None,
    bold: bool = False,
    italic: bool = False,
    marked: bool = False,
) -> Any:
    """Runs of text, each of one direction; the last of them."""
    from docx.enum.text import WD_COLOR_INDEX
    from docx.shared import Pt, RGBColor

    run = None
    for piece, rtl in by_direction(text):
        run = line.add_run(piece)
        run.bold, run.italic = bold or None, italic or None
        if size_pt:
            run.font.size = Pt(size_pt)
            _child(run._r.get_or_add_rPr(), "w:szCs", val=str(round(2 * size_pt)))  # noqa: SLF001
        if colour:
            run.font.color.rgb = RGBColor.from_string(colour)
        if marked:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
        if rtl:
            run.font.rtl = True
    return run


def by_direction(text: str) -> list[tuple[str, bool]]:
    """The text in stretches of one direction, each with whether it runs from the right.

    What has no direction goes with its neighbours where they agree, else with the whole text.
    """
    base = is_rtl(text)
    ways: list[bool | None] = []
    for character in text:
        way = unicodedata.bidirectional(character)
        ways.append(None if way in _NEUTRAL else way in ("R", "AL", "AN"))
    stretches = [(known, len(list(run))) for known, run in itertools.groupby(ways)]
    made: list[tuple[str, bool]] = []
    at = 0
    for number, (known, length) in enumerate(stretches):
        around = {w for w, _ in (*stretches[:number][-1:], *stretches[number + 1 :][:1])}
        from_right = around == {True} or (base and around != {False})
        rtl = from_right if known is None else known
        piece, at = text[at : at + length], at + length
        if made and made[-1][1] == rtl:
            piece = made.pop()[0] + piece
        made.append((piece, rtl))
    return made


def add_link(line: Any, text: str, *, anchor: str, size_pt: float, colour: str) -> None:
    """A link to a place in the same paper."""
    link = _new("w:hyperlink", anchor=f"record_{anchor}", history="1")
    run = add_words(line, text, size_pt=size_pt, colour=colour)
    link.append(run._r)  # noqa: SLF001 - python-docx has no links to a place within
    line._p.append(link)  # noqa: SLF001 - as above


def add_mark(line: Any, label: str, *, number: int, round_run: Any) -> None:
    """A place that links lead to."""
    start = _new("w:bookmarkStart", id=str(number), name=f"record_{label}")
    round_run._r.addprevious(start)  # noqa: SLF001 - python-docx has no places to link to
    line._p.append(_new("w:bookmarkEnd", id=str(number)))  # noqa: SLF001 - as above


def add_field(line: Any, code: str, *, size_pt: float) -> None:
    """A figure that the reader's program works out, such as the number of the page."""
    from docx.shared import Pt

    field = _new("w:fldSimple", instr=code)
    run = line.add_run("1")
    run.font.size = Pt(size_pt)
    field.append(run._r)  # noqa: SLF001 - python-docx has no fields
    line._p.append(field)  # noqa: SLF001 - as above


def set_way(line: Any, *, rtl: bool) -> None:
    """The direction of a paragraph."""
    if rtl:
        pair = line._p.get_or_add_pPr()  # noqa: SLF001 - python-docx has no direction of a paragraph
        pair.insert_element_before(_new("w:bidi"), *_AFTER_BIDI)


def set_rule(
    pair: Any, side: str, colour: str | None, *, eighths: int = 4, of: str = "pBdr"
) -> None:
    """A line at one side of a paragraph or cell; none where no colour is given."""
    from docx.oxml.ns import qn

    held = pair.find(qn(f"w:{of}"))
    if held is not None:
        pair.remove(held)
    if colour is None:
        return
    border = _new(f"w:{of}")
    border.append(_new(f"w:{side}", val="single", sz=str(eighths), space="4", color=colour))
    pair.insert_element_before(border, *_AFTER_BORDER)


def set_shade(pair: Any, colour: str) -> None:
    """The ground of a paragraph."""
    pair.insert_element_before(_new("w:shd", val="clear", color="auto", fill=colour), *_AFTER_SHADE)


def set_width(cell: Any, wide_cm: float) -> None:
    """The width of a cell."""
    from docx.shared import Twips

    cell.width = Twips(round(wide_cm * _TWIPS_A_CM))


def set_padding(table: Any, wide_cm: float) -> None:
    """The room at either side of what stands in a cell."""
    room = _new("w:tblCellMar")
    for side in ("left", "right"):
        room.append(_new(f"w:{side}", w=str(round(wide_cm * _TWIPS_A_CM)), type="dxa"))
    table._tbl.tblPr.insert_element_before(room, "w:tblLook")  # noqa: SLF001 - no other way


def repeat_row(row: Any) -> None:
    """The row stands at the head of each page its table goes on to."""
    row._tr.get_or_add_trPr().append(_new("w:tblHeader"))  # noqa: SLF001 - no other way


def keep_row(row: Any) -> None:
    """The row stands on one page where it can."""
    row._tr.get_or_add_trPr().append(_new("w:cantSplit"))  # noqa: SLF001 - no other way


def _new(tag: str, /, **values: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(tag)
    for key, value in values.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _child(pair: Any, name: str, **values: str) -> None:
    pair.append(_new(name, **values))
