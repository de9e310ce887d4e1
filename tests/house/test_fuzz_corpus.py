"""Every fuzz target passes its seeds and every input that once failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from fuzz.targets import CORPUS, Target, targets  # noqa: E402 - found beside the tests

TARGETS = targets()


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())
def test_a_target_passes_what_is_kept_for_it(target: Target, tmp_path: Path) -> None:
    for seed in target.seeds:
        target.run(tmp_path, seed)


def test_every_kept_input_belongs_to_a_target() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} <= TARGETS.keys()
