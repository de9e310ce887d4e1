"""A command does not import what it never uses."""

from __future__ import annotations

import subprocess
import sys

LINES = """
import sys
from pastwatch.archive.startup import spare_pandas
spare_pandas()
import numpy as np
import pyarrow as pa
held = pa.array(np.arange(3))
print(held.to_numpy(zero_copy_only=False).sum(), "pandas" in sys.modules, len(sys.meta_path))
"""


def test_arrays_are_made_without_pandas_and_nothing_else_is_changed() -> None:
    bare = "import sys; print(len(sys.meta_path))"
    finders, told = (
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.strip()
        for script in (bare, LINES)
    )
    assert told == f"3 False {finders}"
