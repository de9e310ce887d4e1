"""Letters are made harmless, measured without a font, and cut with all that stands on them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.drawing.lettering import cut, visible, width


def test_what_reorders_or_hides_text_stands_there_as_a_sign() -> None:
    assert visible("a\u202eb") == "a‹U+202E›b"
    assert visible("a\x00\x1b[2Jb") == "a‹U+0000›‹U+001B›[2Jb"
    assert visible("\ud800 \ufffe") == "‹U+D800› ‹U+FFFE›"
    assert visible(" two\n lines\u2028 here ") == "two lines here"


def test_ordinary_letters_of_any_script_stay() -> None:
    for text in ("Башар", "بشار", "דוד", "田中さん", "नमस्ते", "é", "👩‍👧"):
        assert visible(text) == text


def test_wide_letters_take_more_room_and_marks_take_none() -> None:
    assert width("iii") < width("www")
    assert width("田中") > width("ab") * 1.4
    assert width("e\u0301") == width("e")
    assert width("a", size_px=24) == pytest.approx(2 * width("a", size_px=12))
    assert width("a", heavy=True) > width("a")


@given(st.text(max_size=60), st.floats(0, 300))
def test_what_was_cut_fits_and_begins_as_the_text_does(text: str, room_px: float) -> None:
    found = cut(text, room_px)
    assert width(found) <= room_px or found == text
    assert found in (text, "") or text.startswith(found.removesuffix("…").rstrip())


def test_a_cut_parts_no_letter_from_what_stands_on_it() -> None:
    text = "e\u0301" * 20
    for room_px in range(10, 120):
        kept = cut(text, room_px).removesuffix("…")
        assert len(kept) % 2 == 0
    assert not cut("a👩‍👩‍👧", width("a👩") + width("…") + 0.1).endswith("\u200d…")
    assert cut("long", 1) == ""
