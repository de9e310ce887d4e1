"""The demo's output in the README is what the demo prints."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
_DURATION = re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s|min)\b")


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "generate_readme", ROOT / "docs" / "generate_readme.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_block_in_the_readme_is_what_the_demo_prints() -> None:
    module = generator()
    kept, fresh = (_DURATION.sub("…", b) for b in (module.kept_block(), module.fresh_block()))
    assert kept.splitlines() == fresh.splitlines()
