"""The tables of docs/performance.md and the README are those of the newest kept run."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    {
        "part": "scan",
        "what": "full scan ÷ decode-only of the same frames",
        "ours": "700 MB/s",
        "peers": "decode: 800 MB/s",
        "ratio": "0.88 (0.86–0.90)",
        "target": "≥ .85",
        "met": True,
        "word": "met",
    },
    {
        "part": "bounds",
        "what": "a row of the page alone",
        "ours": "",
        "peers": "",
        "ratio": "",
        "target": "≤ 2",
        "met": None,
        "word": "not measured",
    },
]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    path = ROOT / "docs" / "generate_performance.py"
    spec = importlib.util.spec_from_file_location("generate_performance", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path, generator: ModuleType) -> Path:
    """A project with two kept runs and two pages whose blocks are out of date."""
    for name, level in (("2001-01-01-engine", "old"), ("2002-02-02-engine", "1")):
        folder = tmp_path / "benchmarks" / "runs" / name
        folder.mkdir(parents=True)
        machine = {"zstd decode": {"median": 1.234, "low": 1.0, "high": 2.0}}
        run = {
            "machine_words": {"cpu": "a machine"},
            "rows": ROWS,
            "measured": {"level": level, "rounds": 5, "machine": machine},
        }
        (folder / "engine.json").write_text(json.dumps(run), encoding="utf-8")
    (tmp_path / "docs").mkdir()
    for page in ("docs/performance.md", "README.md"):
        text = f"before\n{generator.START}stale\n{generator.END}after\n"
        (tmp_path / page).write_text(text, encoding="utf-8")
    return tmp_path


def test_both_pages_show_the_newest_kept_run(generator: ModuleType) -> None:
    if generator.newest() is None:
        pytest.skip("no engine run is kept yet")
    for path, text in generator.pages().items():
        assert path.read_text(encoding="utf-8") == text, "run docs/generate_performance.py"


def test_each_page_has_exactly_one_block(generator: ModuleType) -> None:
    for page in ("docs/performance.md", "README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert text.count(generator.START) == text.count(generator.END) == 1


def test_the_newest_run_replaces_what_stood_between_the_markers(
    generator: ModuleType, project: Path
) -> None:
    made = generator.pages(project)
    page = made[project / "docs" / "performance.md"]
    assert page.startswith("before\n")
    assert page.endswith("after\n")
    assert "stale" not in page
    assert "1 of 1 figures met; level 1 unless" in page
    assert "zstd decode 1.23" in page
    assert "| 0.88 (0.86–0.90) | ≥ .85 | met |" in page
    assert "| ≤ 2 | not measured |" in page
    assert "2002-02-02" in page
    assert "2001-01-01" not in page


def test_the_readme_shows_only_rows_that_were_measured(
    generator: ModuleType, project: Path
) -> None:
    readme = generator.pages(project)[project / "README.md"]
    assert "full scan ÷ decode-only" in readme
    assert "a row of the page alone" not in readme
    assert "1 of 1 figures are met" in readme


def test_only_plots_that_were_drawn_are_shown(generator: ModuleType, project: Path) -> None:
    page = project / "docs" / "performance.md"
    assert ".png" not in generator.pages(project)[page]
    (project / "benchmarks/runs/2002-02-02-engine/scan.png").write_bytes(b"")
    assert "(../benchmarks/runs/2002-02-02-engine/scan.png)" in generator.pages(project)[page]


def test_a_page_that_lost_its_markers_is_refused(generator: ModuleType) -> None:
    with pytest.raises(SystemExit, match="lost its markers"):
        generator.filled("no markers here", "block")
