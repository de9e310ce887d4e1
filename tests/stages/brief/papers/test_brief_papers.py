"""The brief on paper says every sentence of the brief on screen, in order, and nothing acts in it."""

import io
import re
import sys
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import docx
import pypdf
import pytest

from pastwatch.errors import MissingExtra
from pastwatch.plugins import load
from pastwatch.stages.brief import release
from pastwatch.stages.brief.exporters import docx as word
from pastwatch.stages.brief.exporters import pdf
from pastwatch.stages.brief.exporters.docxmarks import by_direction
from pastwatch.stages.brief.exporters.papers import broken, shown
from pastwatch.stages.brief.outline import build
from pastwatch.stages.brief.render import shares
from pastwatch.stages.brief.sentences import Group, Outline, Sentence
from pastwatch.stages.brief.verifier import verify

RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufeff]")


def letters(text: str) -> str:
    """The letters and figures alone: lines end where the paper has room, marks may change sides."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if c.isalnum())


def pdf_text(raw: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(raw)).pages)


def docx_text(raw: bytes) -> str:
    paper = docx.Document(io.BytesIO(raw))
    out = []
    for block in paper.element.body.iter():
        if block.tag.endswith("}t"):
            out.append(block.text or "")
        elif block.tag.endswith(("}p", "}tab", "}br")):
            out.append("\n")
    return "".join(out)


def all_in_order(outline: Outline, text: str, *, from_the_right: bool) -> int:
    """How many sentences are found one after the other; those that turn by their letters alone."""
    whole, at, found = letters(text), 0, 0
    for sentence in outline.sentences():
        cells = shown(sentence.text).split("\t")
        for cell in cells:
            wanted = letters(cell)
            if RTL.search(cell) and not from_the_right:
                start = whole.index(sentence.id, at) if cell is cells[0] else at
                room = whole[start : start + 2 * len(wanted) + 200]
                assert not set(wanted) - set(room), sentence.id
                continue
            place = whole.find(wanted, at)
            assert place >= 0, sentence.id
            at = place + len(wanted)
        found += 1
    return found


def test_a_pdf_holds_every_sentence_in_order(crowded: Outline) -> None:
    text = pdf_text(pdf.EXPORTER.export(crowded))
    held = sum(1 for _ in crowded.sentences())
    assert all_in_order(crowded, text, from_the_right=False) == held
    seen = set(re.findall(r"\bs\d+\b", text))
    assert {s.id for s in crowded.sentences()} <= seen


def test_a_word_file_holds_every_sentence_in_order(crowded: Outline) -> None:
    text = docx_text(word.EXPORTER.export(crowded))
    held = sum(1 for _ in crowded.sentences())
    assert all_in_order(crowded, text, from_the_right=True) == held
    assert {s.id for s in crowded.sentences()} <= set(re.findall(r"\bs\d+\b", text))


@pytest.mark.parametrize("name", ["pdf", "docx"])
def test_the_same_brief_gives_the_same_bytes(name: str, small: Outline) -> None:
    exporter = load("exporters", name)
    assert exporter.export(small) == exporter.export(small)


def test_a_pdf_is_made_for_archives_and_names_no_author(small: Outline) -> None:
    raw = pdf.EXPORTER.export(small)
    held = pypdf.PdfReader(io.BytesIO(raw))
    about = held.metadata
    assert about is not None
    assert about.title == small.given.title
    assert not about.author
    assert b"pdfaid:part>2<" in raw
    assert len(held.outline) > 0
    foot = held.pages[0].extract_text()
    assert f"1 / {len(held.pages)}" in foot
    assert small.given.case_id in foot
    assert small.given.ledger_state in foot


def test_text_of_a_record_is_never_read_as_markup(world: Any, covered: Callable[..., Any]) -> None:
    hostile = '#read("/etc/hostname") #panic("x") *b* _i_ $x$ @ref <lab> \\ `c` // c /* [['
    given = replace(world.given, title=hostile, notes=(hostile,), case_id=hostile, made_by=hostile)
    outline = build(given, coverage_lines=covered)
    assert letters(hostile) in letters(pdf_text(pdf.EXPORTER.export(outline)))
    assert hostile in docx_text(word.EXPORTER.export(outline))


def test_marks_that_turn_the_text_stand_as_signs(world: Any, covered: Callable[..., Any]) -> None:
    given = replace(world.given, notes=("a \u202egpj.exe and \x07 bell",))
    outline = build(given, coverage_lines=covered)
    for text in (
        pdf_text(pdf.EXPORTER.export(outline)),
        docx_text(word.EXPORTER.export(outline)),
    ):
        assert "\u202e" not in text
        assert "U+202E" in text
        assert "U+0007" in text


def test_a_letter_no_font_has_is_named_and_owned_up_to(
    world: Any, covered: Callable[..., Any]
) -> None:
    given = replace(world.given, notes=("before \U0005abcd after",))
    outline = build(given, coverage_lines=covered)
    text = pdf_text(pdf.EXPORTER.export(outline))
    assert "U+5ABCD" in text
    assert "are in none of the fonts" in " ".join(text.split())
    plain = pdf_text(pdf.EXPORTER.export(build(world.given, coverage_lines=covered)))
    assert "in none of the fonts" not in " ".join(plain.split())


def test_a_word_file_has_headings_tables_links_and_no_trace_of_its_maker(crowded: Outline) -> None:
    raw = word.EXPORTER.export(crowded)
    with zipfile.ZipFile(io.BytesIO(raw)) as held:
        assert {i.date_time for i in held.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [n for n in held.namelist() if "thumbnail" in n]
        body = held.read("word/document.xml").decode()
        assert "python-docx" not in held.read("docProps/core.xml").decode()
    paper = docx.Document(io.BytesIO(raw))
    assert not paper.core_properties.author
    assert [len(t.columns) for t in paper.tables] == [9, 4]
    assert [len(t.rows) for t in paper.tables] == [31, 4]
    titles = [p.text for p in paper.paragraphs if p.style and p.style.name == "Heading 1"]
    assert titles == [s.title for s in crowded.sections]
    assert len(paper.inline_shapes) == 5
    marks = re.findall(r'w:bookmarkStart w:id="\d+" w:name="record_(r\d+)"', body)
    assert marks == list(crowded.record_labels())
    assert set(re.findall(r'w:anchor="record_(r\d+)"', body)) <= set(marks)
    assert "<w:bidi/>" in body
    assert "<w:rtl/>" in body


def test_a_release_holds_the_papers_asked_for_and_is_checked_with_them(
    world: Any, written: Callable[..., Any]
) -> None:
    made = world.release(formats=("pdf", "docx"))
    assert made["brief.pdf"].startswith(b"%PDF-")
    folder = written(made)
    before = verify(folder)
    assert not before.problems
    (folder / "brief.pdf").write_bytes(made["brief.pdf"] + b"\n")
    assert verify(folder).problems


def test_a_paper_without_its_extra_is_refused_by_name(
    small: Outline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtra, match="PDF"):
        pdf.EXPORTER.export(small)


def test_the_papers_that_can_be_made_here_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert release.papers() == ("pdf", "docx")
    monkeypatch.setattr(release, "find_spec", lambda part: None if part == "docx" else part)
    assert release.papers() == ("pdf",)


def test_a_handed_out_paper_says_the_day_it_was_made_and_no_more(
    world: Any, covered: Callable[..., Any]
) -> None:
    edition = replace(world.given.edition, released=("Names are replaced.",))
    outline = build(replace(world.given, edition=edition), coverage_lines=covered)
    made = docx.Document(io.BytesIO(word.EXPORTER.export(outline))).core_properties.created
    assert made is not None
    assert (made.hour, made.minute, made.second) == (0, 0, 0)
    about = pypdf.PdfReader(io.BytesIO(pdf.EXPORTER.export(outline))).metadata
    assert about is not None
    assert about.creation_date is not None
    assert (about.creation_date.hour, about.creation_date.minute) == (0, 0)


def test_stretches_of_one_direction_keep_their_marks() -> None:
    said = 'Он сказал: «الخبز على» and "Depot" (04:30).'
    pieces = by_direction(said)
    assert "".join(p for p, _ in pieces) == said
    assert [p for p, rtl in pieces if rtl] == ["الخبز على"]
    assert by_direction("") == []
    assert by_direction("سلام، x")[0] == ("سلام، ", True)


@pytest.mark.parametrize("text", ["", "a b", "x" * 90, "سلام " + "y" * 40 + " z", " " + "q" * 25])
def test_broken_text_is_the_text(text: str) -> None:
    assert "".join(broken(text)) == text
    assert all(len(word) <= 33 for piece in broken(text) for word in piece.split())


def test_a_column_of_long_text_is_wider_than_one_of_marks() -> None:
    row = Sentence(id="s1", kind="item", text="I1\t" + "many words " * 9, ledger=(1,))
    narrow, wide = shares(Group(heading="", sentences=(row,), columns=("Item", "Says")))
    assert narrow < wide
