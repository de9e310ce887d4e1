"""Makes `tests.archive.worlds` importable, and hands out a small archive and a gate to look through."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.archive import worlds
from tests.stages.lookback import slices


@pytest.fixture
def world(tmp_path: Path) -> worlds.World:
    return worlds.World.make(tmp_path / "archive")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> slices.Slice:
    """A slice of several blocks in many scripts, made once: nothing in it is changed by a look."""
    return slices.made(tmp_path_factory.mktemp("slice"))
