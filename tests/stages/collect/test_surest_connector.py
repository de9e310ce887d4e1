"""Which connector is surest of a file: none that could change the answer goes unasked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pastwatch.ports import Connector
from pastwatch.stages.collect.items import best_of


class Marked:
    """A connector that gives one mark, and counts how often it was asked."""

    name, medium = "marked", "other"

    def __init__(self, mark: int, most_sure: int | None = None) -> None:
        self.mark, self.asked = mark, 0
        if most_sure is not None:
            self.most_sure = most_sure

    def recognises(self, path: Path, head: bytes) -> int:
        del path, head
        self.asked += 1
        return self.mark

    def read(self, path: Path, options: Any) -> Any:
        raise AssertionError(path, options)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_bytes(b"some text")
    return path


@pytest.mark.parametrize(
    ("marks", "wanted"),
    [
        ({"a": (50, None), "b": (60, None)}, "b"),
        ({"b": (60, None), "a": (60, None)}, "a"),
        ({"b": (85, None), "a": (85, 85)}, "a"),
        ({"a": (85, 90), "b": (85, 85)}, "a"),
        ({"a": (80, 80), "b": (95, None), "c": (85, 85)}, "b"),
        ({"a": (4, 80), "b": (0, None)}, "a"),
        ({"a": (0, None)}, None),
    ],
)
def test_the_surest_is_taken_and_of_equals_the_first_by_name(
    file: Path, marks: dict[str, tuple[int, int | None]], wanted: str | None
) -> None:
    known: dict[str, Connector] = {name: Marked(*mark) for name, mark in marks.items()}
    assert best_of(file, known) is (known[wanted] if wanted else None)


def test_one_that_is_no_surer_than_asked_for_is_not_taken(file: Path) -> None:
    known: dict[str, Connector] = {"a": Marked(5), "b": Marked(3, 3)}
    assert best_of(file, known, above=5) is None
    assert best_of(file, known, above=4) is known["a"]


def test_one_that_cannot_be_surer_is_not_asked(file: Path) -> None:
    low, high, last = Marked(0, 80), Marked(95), Marked(0, 95)
    assert best_of(file, {"a": low, "b": high, "c": last}) is high
    assert [one.asked for one in (low, high, last)] == [0, 1, 0]
