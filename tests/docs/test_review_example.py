"""The example of a whole review runs, and its claim at the end is true."""

import importlib.util
import itertools
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "review.py"


def test_a_town_is_collected_enriched_searched_reviewed_and_stopped(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    spec = importlib.util.spec_from_file_location("review_example", SCRIPT)
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    sys.modules["review_example"] = script
    spec.loader.exec_module(script)
    said: dict[str, object] = {}
    clock = itertools.count()
    standing = script.run(
        script.town(tmp_path, records=1_000),
        tmp_path,
        said.__setitem__,
        stopwatch=lambda: float(next(clock)),
    )
    assert said["collected: records"] == 1_000
    assert said["enrich: records with a defect"] == 0
    assert standing.may_stop
    assert float(str(said["true recall"])) >= 0.95
