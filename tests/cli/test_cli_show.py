"""What is printed: text of records made harmless, figures short and true, columns aligned."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pastwatch.cli import show
from pastwatch.model.record import Citation
from pastwatch.model.when import Basis, When

HOSTILE = "a\x1b[2Jb\u202ec\u2066d\x9be\x07f\u2028g\u200fh\x7fi"
OBEYED = set("\x1b\x9b\x07\x7f\x00\u202e\u2066\u2069\u200e\u200f\u2028\u061c\ufeff\r\b")


def test_what_a_terminal_would_obey_stands_there_as_a_sign() -> None:
    assert show.neutral(HOSTILE) == "a␛[2Jb⟨U+202E⟩c⟨U+2066⟩d⟨U+009B⟩e␇f g⟨U+200F⟩h⟨U+007F⟩i"


def test_lines_are_kept_where_asked_and_are_spaces_elsewhere() -> None:
    assert show.neutral("one\r\ntwo\n\tthree") == "one two three"
    assert show.neutral("one\r\ntwo\n\tthree", lines=True) == "one\ntwo\n    three"
    assert show.neutral("one\rtwo", lines=True) == "one␍two"


def test_letters_of_every_script_are_left_alone() -> None:
    for text in ("الطريق مفتوح", "Встреча в полдень", "会議", "Ångström", "👩‍🚒"):
        assert show.neutral(text) == text


@given(st.text(alphabet=st.characters()))
def test_no_text_keeps_what_a_terminal_would_obey(text: str) -> None:
    assert not OBEYED & set(show.neutral(text))
    assert not OBEYED & set(show.neutral(text, lines=True))
    show.neutral(text).encode()  # halves of characters are gone as well


def test_json_lines_are_exact_and_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    show.json_line(None, text=HOSTILE, other="مفتوح \ud800", raw=b"\x01")
    line = capsys.readouterr().out
    assert json.loads(line) == {"text": HOSTILE, "other": "مفتوح \ud800", "raw": "01"}
    assert not OBEYED & set(line)
    assert "مفتوح" in line


def test_json_lines_carry_the_fields_of_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    cited = Citation(record_id=bytes(16), part=0, start_byte=1, end_byte=2, text_sha256=bytes(32))
    show.json_line(cited, source="mail")
    plain = json.loads(capsys.readouterr().out)
    assert list(plain) == ["record_id", "part", "start_byte", "end_byte", "text_sha256", "source"]


def test_columns_are_aligned_by_what_the_eye_sees(capsys: pytest.CaptureFixture[str]) -> None:
    show.table([("会議", "1"), ("e\u0301t\u00e9", "22")], head=("name", "n"), right=(1,))
    assert capsys.readouterr().out == "name   n\n会議   1\ne\u0301t\u00e9   22\n"


def test_a_cut_is_seen_and_fits() -> None:
    assert show.cut("abcdef", 6) == "abcdef"
    assert show.cut("abcdefg", 6) == "abcde…"
    assert show.width(show.cut("会議会議会議", 6)) <= 6


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "0 %"),
        (0, 9, "0 %"),
        (1, 2, "50 %"),
        (1, 3, "33.3 %"),
        (1, 10_000, "< 0.1 %"),
        (9_999, 10_000, "> 99.9 %"),
        (7, 7, "100 %"),
    ],
)
def test_a_share_never_rounds_to_none_or_all(part: int, whole: int, said: str) -> None:
    assert show.share(part, whole) == said


def test_figures_are_short() -> None:
    assert [show.size(n) for n in (999, 1000, 15_500_000, 3e12)] == [
        *("999 B", "1.0 kB", "15.5 MB", "3.0 TB"),
    ]
    assert [show.lasting(s) for s in (0.4, 59, 61, 7200, 90_000)] == [
        *("0 s", "59 s", "1 min 1 s", "2 h", "1 d 1 h"),
    ]
    assert show.count(1, "record") == "1 record"
    assert show.count(2000, "entry", "entries") == "2,000 entries"


def test_a_bar_of_little_is_not_a_bar_of_nothing() -> None:
    assert show.bar(0, 100) == ""
    assert show.bar(1, 1_000_000) == "▏"
    assert show.bar(100, 100, columns=4) == "████"
    assert show.sparks([0, 1, 1000]) == " ▁█"
    assert show.sparks([0, 0]) == "  "


def test_a_time_is_said_in_its_zone_and_doubt_is_marked() -> None:
    at = 1_491_246_840_000_000
    assert show.moment(at, offset_s=10_800) == "2017-04-03 22:14 +03:00"
    assert show.moment(at, seconds=True) == "2017-04-03 19:14:00 +00:00"
    sure = When(earliest_us=at, latest_us=at, basis=Basis.HEADER)
    vague = When(earliest_us=at, latest_us=at + 86_400_000_000, basis=Basis.INFERRED)
    assert show.claimed(sure) == " 2017-04-03 19:14 +00:00"
    assert show.claimed(vague) == "~2017-04-03 19:14 +00:00"
    assert show.claimed(None) == " no usable date"
