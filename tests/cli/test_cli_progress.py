"""The progress line: records, bytes, rate and time left, and only on a terminal."""

import io
import sys
from dataclasses import dataclass

import pytest

from pastwatch.cli.progress import ProgressLine, line


@dataclass
class Run:
    total_bytes: int = 4_000_000
    read_bytes: int = 1_000_000
    records: int = 1234


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_says_how_far_how_fast_and_how_long() -> None:
    assert line(Run(), elapsed_s=2.0) == (
        "1,234 records · 1.0 MB of 4.0 MB (25 %) · 500.0 kB/s · 6 s left"
    )


def test_a_rate_is_not_guessed_in_the_first_second() -> None:
    assert line(Run(), elapsed_s=0.2) == "1,234 records · 1.0 MB of 4.0 MB (25 %)"


def test_nothing_read_yet_is_no_division_by_nothing() -> None:
    assert "0 B of 0 B" in line(Run(total_bytes=0, read_bytes=0, records=0), elapsed_s=9.0)


def test_off_a_terminal_nothing_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    progress = ProgressLine()
    progress(Run())
    progress.end()
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_the_line_is_drawn_and_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = ProgressLine()
    progress(Run())
    progress(Run())  # too soon to draw again
    progress.end()
    assert screen.getvalue().count("1,234 records") == 1
    assert screen.getvalue().endswith("\r\x1b[K")
