"""Makes `tests.archive.worlds` importable, and hands out a small archive to whoever asks."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.archive import worlds


@pytest.fixture
def world(tmp_path: Path) -> worlds.World:
    return worlds.World.make(tmp_path / "archive")
