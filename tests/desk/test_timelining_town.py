"""The picture on the page about the timeline is the one its command draws."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from pastwatch.desk.timelining import picture_of

SCRIPT = Path(__file__).parents[2] / "docs" / "generate_timeline.py"


def test_the_kept_picture_of_the_town_is_fresh(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("generate_timeline", SCRIPT)
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made = script.town_timeline(tmp_path)
    assert picture_of(made) == script.PICTURE.read_text(encoding="utf-8")
    assert made.split.before == len(made.marks) - 1
