"""A picture is one self-contained file of shapes and words, whatever the words are."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.drawing.canvas import STYLES, Canvas
from pastwatch.drawing.png import to_png
from pastwatch.errors import MissingExtra

HOSTILE = (
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "\x00\x08\x1b]0;x\x07",
    "\ud800",
    "]]>&amp;\"'",
    "</text><text onload='x'>",
)


def sheet(*words: str) -> Canvas:
    canvas = Canvas(200, 80, " ".join(words))
    for number, text in enumerate(words):
        canvas.words(4, 12 * number, text, anchor="end")
        canvas.rect(0, 0, 10, 10, "gap", title=text)
        canvas.circle(5, 5, 2, "ink", title=text)
        canvas.path("M0 0H9", "line", title=text, width=2)
    return canvas


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text: str) -> None:
    svg = sheet(text).svg()
    tree = ET.fromstring(svg)  # noqa: S314 - our own file
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert names <= {"svg", "style", "defs", "pattern", "rect", "path", "circle", "text", "title"}
    assert not any(name.startswith("on") for element in tree.iter() for name in element.attrib)
    assert not re.search("[\x00-\x08\u202a-\u202e]", svg)


@given(st.text(max_size=40))
def test_any_text_gives_well_formed_xml(text: str) -> None:
    tree = ET.fromstring(sheet(text).svg())  # noqa: S314 - our own file
    assert tree.tag.endswith("svg")


def test_nothing_is_loaded_from_outside_and_the_bytes_are_stable() -> None:
    svg = sheet("a", "b").svg()
    assert svg == sheet("a", "b").svg()
    assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]
    assert set(re.findall(r"url\(([^)]*)\)", svg)) == {"#hatch", "#cross", "#dots"}


def test_emptiness_is_told_apart_without_colour() -> None:
    fills = {STYLES[name].partition(";")[0] for name in ("gap", "unheld", "unopened")}
    assert len(fills) == 3
    assert all("url(#" in fill for fill in fills)


def test_lengths_are_short_and_nothing_is_never_minus_nothing() -> None:
    canvas = Canvas(10, 10, "x")
    canvas.words(-0.01, 1 / 3, "x")
    assert 'x="0" y="0.3"' in canvas.svg()


def test_shapes_without_a_size_are_left_out() -> None:
    canvas = Canvas(10, 10, "x")
    canvas.rect(0, 0, 0, 5, "ink")
    assert 'class="ink"' not in canvas.svg()


def test_a_picture_becomes_a_png() -> None:
    pytest.importorskip("vl_convert")
    assert to_png(sheet("سوق <b>").svg(), scale=1).startswith(b"\x89PNG")


def test_without_the_extra_a_png_says_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtra) as missing:
        to_png("<svg/>")
    assert "pastwatch[pictures]" in (missing.value.hint or "")
