"""What every test may ask for: a real data set by name, and one fixed way to draw examples."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Children take a third of a second to start; the tests of isolation ask for them.
os.environ.setdefault("PASTWATCH_ISOLATE", "no")

settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session")
def data_set() -> Callable[[str], Path]:
    """A function from a data set's name to its folder; it skips the test where the set is absent."""

    def folder(name: str) -> Path:
        root = os.environ.get("PASTWATCH_DATA")
        if not root:
            pytest.skip(f"needs the data set {name!r}: PASTWATCH_DATA is not set")
        found = Path(root) / name
        if not found.is_dir():
            pytest.skip(f"needs the data set {name!r}: no such folder under PASTWATCH_DATA")
        return found

    return folder
