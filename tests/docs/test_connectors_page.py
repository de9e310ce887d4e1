"""docs/connectors.md lists every registered connector, its medium, its limits and the sets' figures."""

import importlib.util
import re
from pathlib import Path

import pytest

from pastwatch import plugins
from pastwatch.stages.collect import spool
from pastwatch.stages.collect.items import LAST_RESORT

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:]
    for cells in re.findall(
        r"(?m)^\| `(\w+)` \| (.+?) \| (\w+) \| (.*?) ?\| (.+?) \|$", PAGE.partition("## Which")[0]
    )
}


def test_every_registered_connector_has_a_row_and_no_row_is_of_another() -> None:
    assert sorted(ROWS) == list(plugins.names("connectors"))


@pytest.mark.parametrize("name", sorted(set(ROWS) & set(plugins.names("connectors"))))
def test_a_row_states_the_medium_and_what_it_was_proven_on(name: str) -> None:
    _, medium, _, proven = ROWS[name]
    assert medium == plugins.load("connectors", name).medium
    real = (ROOT / "docs" / "real-data.md").read_text(encoding="utf-8")
    sets = re.findall(r"`([\w-]+)`", proven)
    assert sets or "unproven on real exports" in proven or name == "payloads"
    assert [each for each in sets if f"`{each}`" not in real] == []


def test_the_limits_of_bundles_are_those_that_hold() -> None:
    assert f"| layers | {spool.LAYERS_AT_MOST} |" in PAGE
    assert f"| members | {spool.MEMBERS_AT_MOST:,} |" in PAGE
    assert f"| bytes unpacked | {spool.BYTES_AT_MOST // 1024**3} GiB," in PAGE
    assert f"| {spool.RATIO_AT_MOST:,} times" in PAGE
    assert f"{spool.RATIO_FREE_BYTES // 1024**2} MiB |" in PAGE
    assert f"A mark of {LAST_RESORT} or less" in PAGE


def test_the_table_of_sets_says_what_the_page_of_figures_says() -> None:
    spec = importlib.util.spec_from_file_location(
        "generate_real_data", ROOT / "docs" / "generate_real_data.py"
    )
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made = script.table((ROOT / "docs" / "real-data.md").read_text(encoding="utf-8"))
    assert made in PAGE
    assert made.count("| `") == 10
