"""Every room is small, says what it is for, and carries a name that means something."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pastwatch import errors

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "pastwatch"
ROOMS = sorted(SRC.rglob("*.py"))

LINES_AT_MOST = 400
SENTENCE_AT_MOST = 100
BANNED = frozenset(
    [
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "core",
        "base",
        "misc",
        "manager",
        "managers",
        "handler",
        "handlers",
        "processor",
        "processors",
        "data",
        "info",
        "service",
        "services",
    ]
)


def name_of(room: Path) -> str:
    return room.relative_to(SRC.parent).as_posix()


def words(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def failures(kind: type[errors.PastwatchError]) -> Iterator[type[errors.PastwatchError]]:
    """An error class and all below it, in the order of errors.py."""
    yield kind
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from failures(below)


def row(kind: type[errors.PastwatchError]) -> str:
    """The line of docs/errors.md that documents one error class."""
    return f"| `{kind.__name__}` | {kind.exit_status} | {(kind.__doc__ or '').strip()} |"


def test_words_are_taken_apart() -> None:
    assert words("HTTPHandler_misc") == {"http", "handler", "misc"}
    assert words("database") == {"database"}


def test_there_are_rooms_to_look_at() -> None:
    assert len(ROOMS) > 10


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_a_room_is_at_most_four_hundred_lines(room: Path) -> None:
    assert len(room.read_text(encoding="utf-8").splitlines()) <= LINES_AT_MOST


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_a_room_says_what_it_is_for_in_one_sentence(room: Path) -> None:
    text = ast.get_docstring(ast.parse(room.read_text(encoding="utf-8")))
    assert text, "no module docstring"
    first = text.splitlines()[0]
    assert first.endswith("."), f"the first line is no sentence: {first}"
    assert len(first) <= SENTENCE_AT_MOST


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_no_module_or_class_has_an_empty_name(room: Path) -> None:
    parts = room.relative_to(SRC).with_suffix("").parts
    named = [*parts] + [
        node.name
        for node in ast.walk(ast.parse(room.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    assert {name: sorted(words(name) & BANNED) for name in named if words(name) & BANNED} == {}


@pytest.mark.parametrize(
    "kind", list(failures(errors.PastwatchError)), ids=lambda kind: str(kind.__name__)
)
def test_every_error_is_documented_with_its_exit_status(
    kind: type[errors.PastwatchError],
) -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").splitlines()
    assert row(kind) in page


def test_no_error_is_documented_that_does_not_exist() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z]\w+)` \|", page, re.MULTILINE))
    assert documented == {kind.__name__ for kind in failures(errors.PastwatchError)}
