"""ARCHITECTURE.md names every room of the house, and no room that is not there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "pastwatch"
PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
_ROOM = re.compile(r"(?m)^\| `([\w/.]+)` \|")


def rooms() -> set[str]:
    """Packages but the plain folder of the stages, and files of the ground floor."""
    stages = {f"stages/{p.parent.name}/" for p in SOURCE.glob("stages/*/__init__.py")}
    packages = {f"{p.parent.name}/" for p in SOURCE.glob("*/__init__.py")} - {"stages/"}
    return stages | packages | {p.name for p in SOURCE.glob("[!_]*.py")}


def test_every_room_has_its_question_and_every_question_its_room() -> None:
    assert set(_ROOM.findall(PAGE)) == rooms()


def test_rooms_said_not_to_be_built_are_not() -> None:
    unbuilt = PAGE[PAGE.index("## Rooms not built yet") :]
    assert set(re.findall(r"`([\w/]+/)`", unbuilt)) & rooms() == set()
