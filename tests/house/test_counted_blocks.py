"""What a custodian counts is opened for the counts alone: one room asks for it."""

from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src" / "pastwatch"


def test_only_the_counts_open_blocks_to_count() -> None:
    users = {
        path.relative_to(SRC).as_posix()
        for path in SRC.rglob("*.py")
        if "counted_blocks" in path.read_text(encoding="utf-8")
    }
    assert users == {"archive/aggregates.py", "archive/grant.py"}
