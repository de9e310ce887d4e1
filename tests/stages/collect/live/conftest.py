"""Makes the rooms of the tests importable, and hands out a founded archive."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from tests.desk import offices


@pytest.fixture
def desk(tmp_path: Path) -> offices.Desk:
    return offices.Desk.founded(tmp_path / "desk")
