"""The contracts of the house know every room, so that a new one cannot slip past them."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "pastwatch"

FACES = frozenset({"cli", "web"})
SEEN_BY_FACES = frozenset({"desk", "model", "errors", "config"})
PUBLISHED = frozenset({"testing"})
OPENERS = ("sealing/opening", "archive/opening")


@cache
def rooms() -> frozenset[str]:
    """The names on the floors that are built: packages and single modules of the source."""
    packages = {path.parent.name for path in SRC.glob("*/__init__.py")}
    modules = {path.stem for path in SRC.glob("*.py") if not path.stem.startswith("__")}
    return frozenset(packages | modules)


@cache
def contracts() -> dict[str, dict[str, Any]]:
    """The contracts of pyproject.toml under the first word of their names."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    found: dict[str, dict[str, Any]] = {}
    for contract in tool["importlinter"]["contracts"]:
        found.setdefault(re.split(r"\W", contract["name"], maxsplit=1)[0], contract)
    return found


def listed(contract: str, key: str) -> set[str]:
    return {name.removeprefix("pastwatch.") for name in contracts()[contract][key]}


def test_every_room_built_stands_on_a_floor_without_brackets() -> None:
    layers = " | ".join(contracts()["Floors"]["layers"])
    firm = {name.strip() for name in layers.split("|") if "(" not in name}
    assert rooms() - firm == set()


def test_every_face_built_is_thin() -> None:
    assert (rooms() & FACES) - listed("Faces", "source_modules") == set()


def test_every_room_built_is_shut_to_the_faces_or_named_as_open() -> None:
    shut = listed("Faces", "forbidden_modules")
    assert rooms() - FACES - SEEN_BY_FACES - PUBLISHED - shut == set()
    assert shut & SEEN_BY_FACES == set()


def test_every_package_below_the_faces_is_quiet() -> None:
    packages = {path.parent.name for path in SRC.glob("*/__init__.py")}
    loud = packages - FACES - PUBLISHED - listed("Quiet", "source_modules")
    assert loud == set()


def test_every_opener_built_is_behind_the_gate() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    kept = {
        module
        for contract in tool["importlinter"]["contracts"]
        if contract["type"] == "protected"
        for module in contract["protected_modules"]
    }
    built = {
        "pastwatch." + name.replace("/", ".")
        for name in OPENERS
        if (SRC / name).with_suffix(".py").is_file()
    }
    assert built - kept == set()
