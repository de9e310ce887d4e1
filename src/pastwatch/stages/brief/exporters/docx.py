"""The brief as a Word file: real headings and tables, and nothing in it that names a person's machine."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pastwatch.plugins import extra
from pastwatch.stages.brief.exporters.docxmarks import (
    add_field,
    add_link,
    add_mark,
    add_words,
    keep_row,
    repeat_row,
    set_padding,
    set_rule,
    set_shade,
    set_way,
    set_width,
)
from pastwatch.stages.brief.exporters.papers import head, is_rtl, sections, stamp_s
from pastwatch.stages.brief.pictures import size_px
from pastwatch.stages.brief.sentences import Outline

_FIXED: Final = (1980, 1, 1, 0, 0, 0)
_PAGE_CM, _LONG_CM, _SIDE_CM, _NUMBER_CM, _CITES_CM = 21.0, 29.7, 2.0, 1.0, 1.7
_WIDE_CM: Final = _PAGE_CM - 2 * _SIDE_CM
_TALL_CM, _FLAT_CM = 21.0, 13.5  # what a picture may be high on a page upright, on its side
_PADDING_CM: Final = 0.1
_PICTURE_PPI: Final = 200
_SIZES: Final = {"judgement": 11.5, "negative": 11.5, "record": 8.5, "coverage": 8.5}
_SMALL: Final = frozenset({"stated", "figure", "limit", "note", "quote"})
_SOFT, _DEEP, _WARN, _INK = "59636F", "234A6D", "8A3A12", "1D232B"
_THUMBNAIL: Final = "docProps/thumbnail.jpeg"
_TO_THUMBNAIL: Final = re.compile(rb'<Relationship [^>]*thumbnail\.jpeg"[^>]*/>')


class DocxExporter:
    """Writes the brief for a word processor; needs the extra `papers`."""

    name = "docx"
    suffix = ".docx"

    def export(self, outline: Outline) -> bytes:
        """The whole file; the same outline gives the same bytes."""
        with extra("papers", "a brief as DOCX needs the package {package}"):
            import docx
        paper = docx.Document()
        top = head(outline.given)
        _set_up(paper, top, stamp_s(outline.given))
        title = paper.add_paragraph(style="Title")
        add_words(title, top["title"])
        add_words(paper.add_paragraph(), top["made"], size_pt=8.5, colour=_SOFT)
        labels = set(outline.record_labels())
        for number, section in enumerate(sections(outline, {})):
            _section(paper, section, labels, first_mark=number * 10_000)
        add_words(paper.add_paragraph(), top["foot"], size_pt=8, colour=_SOFT)
        held = io.BytesIO()
        paper.save(held)
        return _steady(held.getvalue())


def _set_up(paper: Any, top: dict[str, Any], made_s: int) -> None:
    """Page, head and foot, styles, and properties that name nobody."""
    from docx.shared import Cm, Pt, RGBColor

    page = paper.sections[0]
    page.page_width, page.page_height = Cm(_PAGE_CM), Cm(_LONG_CM)
    page.left_margin = page.right_margin = Cm(_SIDE_CM)
    page.top_margin = page.bottom_margin = Cm(2.2)
    add_words(
        page.header.paragraphs[0], f"Pastwatch brief · {top['strip']}", size_pt=7.5, colour=_SOFT
    )
    foot = page.footer.paragraphs[0]
    add_words(foot, f"{top['made']}    ", size_pt=7.5, colour=_SOFT)
    add_field(foot, "PAGE", size_pt=7.5)
    add_words(foot, " / ", size_pt=7.5, colour=_SOFT)
    add_field(foot, "NUMPAGES", size_pt=7.5)
    for name, size, colour in (
        ("Normal", 10, _INK),
        ("Title", 21, _INK),
        ("Heading 1", 13.5, _INK),
        ("Heading 2", 9.5, _DEEP),
    ):
        style = paper.styles[name]
        style.font.name, style.font.size = "Georgia", Pt(size)
        style.font.color.rgb = RGBColor.from_string(colour)
        set_faces(style)
        style.paragraph_format.space_after = Pt(3)
        style.paragraph_format.space_before = Pt({"Heading 1": 18, "Heading 2": 9}.get(name, 2))
    set_rule(paper.styles["Heading 1"].element.get_or_add_pPr(), "bottom", "D9DDE3")
    set_rule(paper.styles["Title"].element.get_or_add_pPr(), "bottom", None)
    about = paper.core_properties
    about.title, about.author, about.last_modified_by, about.comments = (
        top["title"][:255],
        "",
        "",
        "",
    )
    about.created = about.modified = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=made_s)
    about.revision = 1


def set_faces(style: Any) -> None:
    """The same face for every script, and none of the theme's."""
    from docx.oxml.ns import qn

    faces = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in [n for n in faces.attrib if "Theme" in n]:
        del faces.attrib[name]
    faces.set(qn("w:hAnsi"), "Georgia")
    faces.set(qn("w:cs"), "Arial")
    faces.set(qn("w:eastAsia"), "SimSun")


def _section(paper: Any, section: dict[str, Any], labels: set[str], *, first_mark: int) -> None:
    groups = section["groups"]
    is_sideways = _sideways(groups[0])  # the heading goes with a picture that turns the page
    if is_sideways:
        _turn(paper, sideways=True)
    add_words(paper.add_heading(level=1), section["title"])
    if section["picture"]:
        _picture(paper, section["picture"])
    for number, group in enumerate(groups):
        if _sideways(group) != is_sideways:
            is_sideways = not is_sideways
            _turn(paper, sideways=is_sideways)
        _group(paper, section["key"], group, labels, mark=first_mark + number)
    if is_sideways:
        _turn(paper, sideways=False)


def _group(paper: Any, key: str, group: dict[str, Any], labels: set[str], *, mark: int) -> None:
    if group["heading"]:
        heading = paper.add_heading(level=2)
        label = group["label"]
        words = f"{label} · {group['heading']}" if label else group["heading"]
        run = add_words(heading, words)
        if label:
            add_mark(heading, label, number=mark, round_run=run)
    if group["picture"]:
        _picture(paper, group["picture"])
    if group["columns"]:
        _table(paper, group, labels)
    for one in group["said"] if not group["columns"] else ():
        _sentence(paper, key, one, labels)
    if group["ledger"]:
        add_words(paper.add_paragraph(), f"ledger {group['ledger']}", size_pt=7, colour=_SOFT)


def _sideways(group: dict[str, Any]) -> bool:
    return bool(group["picture"] and group["picture"]["wide"])


def _turn(paper: Any, *, sideways: bool) -> None:
    """A new page, upright or on its side; its head and foot stay those of the page before."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    page = paper.add_section()
    page.orientation = WD_ORIENT.LANDSCAPE if sideways else WD_ORIENT.PORTRAIT
    sides = (_LONG_CM, _PAGE_CM) if sideways else (_PAGE_CM, _LONG_CM)
    page.page_width, page.page_height = map(Cm, sides)


def _sentence(paper: Any, key: str, one: dict[str, Any], labels: set[str]) -> None:
    from docx.shared import Cm

    size = 10.0 if one["part"] else _SIZES.get(one["kind"], 9.2 if one["kind"] in _SMALL else 10.0)
    for words in one["above"]:
        above = paper.add_paragraph()
        add_words(above, words, size_pt=7, colour=_SOFT)
        above.paragraph_format.keep_with_next = True
    line = paper.add_paragraph()
    line.paragraph_format.left_indent = Cm(_NUMBER_CM)
    line.paragraph_format.first_line_indent = Cm(-_NUMBER_CM)
    line.paragraph_format.tab_stops.add_tab_stop(Cm(_NUMBER_CM))
    rtl = is_rtl("".join(p for p, _ in one["pieces"])) and not one["name"]
    set_way(line, rtl=rtl)
    add_words(line, f"{one['id']}\t", size_pt=6.5, colour=_SOFT)
    if one["name"]:
        add_words(line, one["name"] + " ", size_pt=8, colour=_SOFT, bold=True)
    warns = one["kind"] == "warning"
    for words, is_marked in one["pieces"]:
        add_words(
            line,
            words,
            size_pt=size,
            bold=warns,
            italic=one["kind"] == "note",
            colour=_WARN if warns else None,
            marked=is_marked,
        )
    _refs(line, one["refs"], labels)
    pair = line._p.get_or_add_pPr()  # noqa: SLF001 - what python-docx has no word for is set in XML
    if key in ("judgements", "negatives"):
        set_shade(pair, "F4F5F7")
    bar = {"warning": _WARN, "dissent": _INK, "quote": "B9C1CA"}.get(one["kind"])
    if bar or one["part"]:
        set_rule(pair, "right" if rtl else "left", bar or _DEEP, eighths=16)
    for words in one["below"]:
        add_words(paper.add_paragraph(), words, size_pt=7, colour=_SOFT)


def _refs(line: Any, refs: list[str], labels: set[str]) -> None:
    for ref in refs:
        add_words(line, " ", size_pt=7.5)
        if ref in labels:
            add_link(line, f"[{ref}]", anchor=ref, size_pt=7.5, colour=_DEEP)
        else:
            add_words(line, f"[{ref}]", size_pt=7.5, colour=_SOFT)


def _table(paper: Any, group: dict[str, Any], labels: set[str]) -> None:
    """A table with the numbers of its sentences before it and their records after it."""
    from docx.shared import Cm

    cites = any(one["refs"] for one in group["said"])
    names = ["", *group["columns"], *(["Cites"] if cites else [])]
    size = 7.5 if len(group["columns"]) > 5 else 8.8  # noqa: PLR2004 - columns that a page holds well
    free = _WIDE_CM - _NUMBER_CM - (_CITES_CM if cites else 0)
    whole = sum(group["shares"])
    wide = [
        _NUMBER_CM,
        *(free * share / whole for share in group["shares"]),
        *([_CITES_CM] * cites),
    ]
    table = paper.add_table(rows=1 + len(group["said"]), cols=len(names))
    table.autofit = False
    set_padding(table, _PADDING_CM)
    for column, width in zip(table.columns, wide, strict=True):
        column.width = Cm(width)
    for cell, name, width in zip(table.rows[0].cells, names, wide, strict=True):
        add_words(cell.paragraphs[0], name, size_pt=size, colour=_SOFT, bold=True)
        set_width(cell, width)
    repeat_row(table.rows[0])
    for row, one in zip(list(table.rows)[1:], group["said"], strict=True):
        keep_row(row)
        cells = row.cells
        add_words(cells[0].paragraphs[0], one["id"], size_pt=6.5, colour=_SOFT)
        for cell, words in zip(cells[1:], one["cells"], strict=False):
            set_way(cell.paragraphs[0], rtl=is_rtl(words))
            add_words(cell.paragraphs[0], words, size_pt=size)
        if cites:
            _refs(cells[-1].paragraphs[0], one["refs"], labels)
        for cell, width in zip(cells, wide, strict=True):
            set_width(cell, width)
            set_rule(cell._tc.get_or_add_tcPr(), "bottom", "D9DDE3", of="tcBorders")  # noqa: SLF001 - as above
    paper.add_paragraph()


def _picture(paper: Any, picture: dict[str, Any]) -> None:
    from docx.shared import Cm

    wide, high = size_px(picture["svg"])
    room_cm, tall_cm = (_WIDE_CM, _TALL_CM)
    if picture["wide"]:
        room_cm, tall_cm = (_LONG_CM - 2 * _SIDE_CM, _FLAT_CM)
    shrunk_cm = min(room_cm, tall_cm * wide / high)
    line = paper.add_paragraph()
    line.paragraph_format.keep_with_next = True
    drawn = line.add_run().add_picture(
        io.BytesIO(_png(picture["svg"], shrunk_cm)), width=Cm(shrunk_cm)
    )
    drawn._inline.docPr.set("descr", picture["caption"])  # noqa: SLF001 - as above
    add_words(paper.add_paragraph(), picture["caption"], size_pt=8, colour=_SOFT)


def _png(svg: str, wide_cm: float) -> bytes:
    with extra("papers", "a picture of a brief as DOCX needs the package {package}"):
        import typst
    source = (
        f"#set page(width: {wide_cm:.2f}cm, height: auto, margin: 0pt)\n"
        '#image(bytes(sys.inputs.at("svg")), format: "svg", width: 100%)'
    )
    made: bytes = typst.compile(
        source.encode(), format="png", ppi=_PICTURE_PPI, sys_inputs={"svg": svg}
    )
    return made


def _steady(raw: bytes) -> bytes:
    """The same parts under one date, in the order of their names, without the model's thumbnail."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as found,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        names = sorted(found.namelist(), key=lambda n: (n != "[Content_Types].xml", n))
        for name in names:
            if name == _THUMBNAIL:
                continue
            part = found.read(name)
            if name == "_rels/.rels":
                part = _TO_THUMBNAIL.sub(b"", part)
            entry = zipfile.ZipInfo(name, _FIXED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, part)
    return held.getvalue()


EXPORTER = DocxExporter()
