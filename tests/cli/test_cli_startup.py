"""What a command imports on its way: nothing that it never uses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LINES = """
import sys
from pastwatch.cli.session import Session
from pastwatch.errors import PastwatchError
try:
    Session(given={"archive": sys.argv[1]}).archive()
except PastwatchError:
    pass
print("pyarrow" in sys.modules, "pandas" in sys.modules)
"""


def test_opening_an_archive_imports_arrow_and_spares_pandas(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", LINES, str(tmp_path / "none")],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert told.split() == ["True", "False"]
