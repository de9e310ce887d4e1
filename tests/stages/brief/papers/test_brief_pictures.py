"""Pictures and tables stand in the page of a brief side by side, and none reaches into another."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pastwatch.drawing.canvas import Canvas
from pastwatch.errors import BadValue
from pastwatch.stages.brief.exporters.html import EXPORTER as HTML
from pastwatch.stages.brief.exporters.markdown import EXPORTER as MARKDOWN
from pastwatch.stages.brief.given import Chapter, Edition, Line, Picture, Stretch
from pastwatch.stages.brief.pictures import alone, inline, is_wide, size_px
from pastwatch.stages.brief.sentences import Outline
from pastwatch.stages.brief.verifier import verify
from pastwatch.stages.brief.verifier_page import Sentences


def sheet(words: str, width: float = 400, height: float = 100) -> str:
    drawn = Canvas(width, height, words)
    drawn.rect(0, 0, 50, 50, "gap", title=words)
    drawn.words(10, 20, words, "title")
    return drawn.svg()


def test_no_two_pictures_share_a_name_and_none_brings_a_style(crowded: Outline) -> None:
    page = HTML.export(crowded).decode()
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<style") == 1
    assert "style=" not in page
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) == 5
    assert not any("class=" in one for one in pictures)
    for one in pictures:
        assert set(re.findall(r"url\(#([^)]+)\)", one)) <= set(re.findall(r'id="([^"]+)"', one))


def test_a_picture_keeps_its_inks_and_letters_without_a_style_sheet() -> None:
    drawn = inline(sheet("a & <b>"))
    assert 'font-weight="600"' in drawn
    assert 'font-size="14px"' in drawn
    assert 'stroke="#7b8794"' in drawn
    assert "a &amp; &lt;b&gt;</text>" in drawn
    assert "xmlns" not in drawn
    assert 'xmlns="http://www.w3.org/2000/svg"' in alone(sheet("x"), stand_in={})


def test_a_picture_cannot_act_or_fetch() -> None:
    hostile = (
        '<svg viewBox="0 0 1 1" onload="a()"><script>b()</script><a href="https://x.example">c</a>'
        '<image href="file:///etc/passwd"/><rect fill="url(https://x.example)" style="fill:url(x)"/>'
        '<foreignObject><p>d</p></foreignObject><use href="#e"/></svg>'
    )
    drawn = inline(hostile)
    assert not re.search(r"on\w+=|script|href|image|foreign|url\(|https?:", drawn)
    for broken in ("<svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 1 1">&a;</svg>'):
        with pytest.raises(BadValue):
            inline(broken)


def test_a_wide_picture_is_told_from_one_that_fits() -> None:
    assert size_px(sheet("x", 1120)) == (1120, 100)
    sizes = ((720, 100), (1120, 100), (1120, 1000))
    assert [is_wide(sheet("x", *size)) for size in sizes] == [False, True, False]
    with pytest.raises(BadValue):
        size_px("<svg/>")


def test_the_page_says_each_sentence_to_the_character(crowded: Outline) -> None:
    read = Sentences()
    read.feed(HTML.export(crowded).decode())
    assert read.said == [(s.id, s.text) for s in crowded.sentences()]


def test_a_row_shows_its_records_beside_its_text(crowded: Outline) -> None:
    page = HTML.export(crowded).decode()
    row = next(s for s in crowded.sentences() if s.kind == "item" and len(s.citations) > 1)
    shown = re.search(rf'<tr [^>]*data-sentence="{row.id}".*?</tr>', page, re.DOTALL)
    assert shown is not None
    labels = list(dict.fromkeys(c.record for c in row.citations))
    assert re.findall(r'<a href="#(r\d+)" data-label="\1"', shown[0]) == labels
    assert set(labels) <= set(re.findall(r'<article id="(r\d+)"', page))


def test_the_page_leads_to_each_of_its_sections(crowded: Outline) -> None:
    page = HTML.export(crowded).decode()
    contents = re.search(r"<nav.*?</nav>", page, re.DOTALL)
    assert contents is not None
    assert set(re.findall(r'href="#([^"]+)"', contents[0])) == set(
        re.findall(r'<section [^>]*id="([^"]+)"', page)
    )


def test_every_page_says_which_version_and_whose_copy_it_is(crowded: Outline) -> None:
    page, plain = HTML.export(crowded).decode(), MARKDOWN.export(crowded).decode()
    for words in ("Version 3, supersedes entry 41", "Copy 2"):
        assert words in page
        assert words in plain


def test_a_brief_with_a_table_and_a_picture_is_checked_as_released(
    world: Any, written: Callable[..., Any]
) -> None:
    rows = tuple(
        Line(kind="item", text=f"I{n}\t{words}", ledger=(1,))
        for n, words in enumerate(
            ("a <b> & c", "سلام", "x" * 90, "two\nlines", "/".join(["path"] * 12))
        )
    )
    picture = Picture(name="one", svg=sheet("one"), caption="One.")
    chapter = Chapter(
        key="table",
        title="A table",
        after="findings",
        stretches=(
            Stretch(heading="Rows", lines=rows, columns=("Item", "Says")),
            Stretch(heading="Drawn", picture=picture),
        ),
    )
    given = replace(world.given, chapters=(chapter,), edition=Edition(number=2, copy=7))
    assert not verify(written(world.release(given))).problems
