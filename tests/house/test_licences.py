"""Every library that the source imports is declared, and has its row in DEPENDENCIES.md."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "pastwatch"


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def imported() -> frozenset[str]:
    """Top-level names of foreign modules that any file of the source imports, anywhere in it."""
    found: set[str] = set()
    for room in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(room.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return frozenset(found - sys.stdlib_module_names - {"pastwatch"})


@cache
def needed() -> frozenset[str]:
    """The distributions behind those modules; one that is not installed keeps its module's name."""
    where = packages_distributions()
    return frozenset(normal(name) for module in imported() for name in where.get(module, [module]))


@cache
def declared() -> frozenset[str]:
    """The distributions that pyproject.toml asks for, in the core or in an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted.extend(extra)
    named = (normal(re.split(r"[\s\[<>=!~;]", entry, maxsplit=1)[0]) for entry in wanted)
    return frozenset(named) - {"pastwatch"}


@cache
def rows() -> dict[str, list[str]]:
    """The cells of every row of DEPENDENCIES.md, under the name in its first cell."""
    text = (ROOT / "DEPENDENCIES.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {normal(row[0].strip("`")): row[1:] for row in cells}


def test_the_source_imports_something() -> None:
    assert "numpy" in imported() or "pyarrow" in imported()


def test_every_library_imported_is_declared() -> None:
    assert needed() - declared() == set()


def test_every_library_of_the_core_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    core = {normal(re.split(r"[\s\[<>=!~;]", d, maxsplit=1)[0]) for d in project["dependencies"]}
    assert core - needed() == set()


def test_every_library_imported_or_declared_has_its_row() -> None:
    assert (needed() | declared()) - rows().keys() == set()


def test_every_row_is_of_a_library_declared() -> None:
    assert rows().keys() - declared() == set()


def test_every_row_says_why_licence_loss_and_way_out() -> None:
    assert [name for name, cells in rows().items() if len(cells) < 4 or not all(cells[:4])] == []


def test_nothing_imported_is_under_the_gpl() -> None:
    licences = {name: rows()[name][1] for name in needed() & rows().keys()}
    assert {name: text for name, text in licences.items() if re.search(r"\bA?GPL", text)} == {}
