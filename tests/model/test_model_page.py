"""The page of the words says what the types say: sentences, fields and rules."""

import ast
import dataclasses
import enum
import importlib
import inspect
import pkgutil
import re
import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import pastwatch.model

PAGE = Path(__file__).resolve().parents[2] / "docs" / "model.md"
# The parts of a parsed query are described with the query language.
APART = {"pastwatch.model.query", "pastwatch.model.plain"}
HEAD = "| word | what it is | fields | rule |"


def modules() -> list[ModuleType]:
    names = [f"pastwatch.model.{m.name}" for m in pkgutil.iter_modules(pastwatch.model.__path__)]
    return [importlib.import_module(name) for name in names if name not in APART]


def words(module: ModuleType) -> list[type]:
    """The classes a module defines, in the order they stand there."""
    return [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__
    ]


def row(kind: type) -> str:
    """The line of the page for one type."""
    sentence = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")
    cells = (f"`{kind.__name__}`", sentence, fields(kind), " · ".join(rules(kind)))
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def fields(kind: Any) -> str:
    """The fields with what may be left out in brackets, or the values of an enum."""
    if issubclass(kind, enum.IntEnum | enum.IntFlag):
        return "one of " + ", ".join(f"{int(member)} {member.name.lower()}" for member in kind)
    if issubclass(kind, enum.Enum):
        return "one of " + ", ".join(str(member.value) for member in kind)
    shown = []
    for field in dataclasses.fields(kind):
        needed = (
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        )
        shown.append(field.name if needed else f"[{field.name}]")
    return ", ".join(shown)


def rules(kind: type) -> list[str]:
    """What the constructor refuses, in the words it refuses it with; a value shown is "…"."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    constructors = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("_")
    ]
    return [
        said(call.args[0])
        for node in constructors
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "BadValue"
    ]


def said(message: ast.expr) -> str:
    if isinstance(message, ast.JoinedStr):
        parts = [v.value if isinstance(v, ast.Constant) else "…" for v in message.values]
        return "".join(map(str, parts))
    return str(ast.literal_eval(message))


def table(module: ModuleType) -> str:
    """The section of the page for one module."""
    name = module.__name__.removeprefix("pastwatch.")
    lead = (module.__doc__ or "").strip()
    rows = "\n".join(row(kind) for kind in words(module))
    return f"## `{name}`\n\n{lead}\n\n{HEAD}\n|---|---|---|---|\n{rows}\n"


@pytest.mark.parametrize("module", modules(), ids=lambda module: str(module.__name__))
def test_the_page_says_of_each_word_what_its_type_says(module: ModuleType) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for line in table(module).splitlines():
        assert line in page.splitlines()


def test_no_word_on_the_page_is_without_a_type() -> None:
    page = PAGE.read_text(encoding="utf-8")
    documented = re.findall(r"^\| `([A-Z]\w+)` \|", page, re.MULTILINE)
    assert sorted(documented) == sorted(k.__name__ for m in modules() for k in words(m))


def test_every_word_is_defined_once() -> None:
    names = [kind.__name__ for module in modules() for kind in words(module)]
    assert len(names) == len(set(names))


def test_the_rules_are_read_from_the_constructors() -> None:
    from pastwatch.model.assessment import Withdrawal
    from pastwatch.model.source import Source

    assert rules(Withdrawal) == ["a withdrawal names who withdraws, and why"]
    assert rules(Source) == ['"…" is not a source name', "a source needs a lawful basis"]
