"""Writes fresh figures into docs/real-data.md: python docs/generate_real_data.py FOLDER [JOURNEY …]."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "real-data.md"


def main(args: list[str]) -> None:
    """Run the journeys and put what they print in place of each one's block."""
    ran = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "real_data.py"), *args],
        check=True,
        capture_output=True,
        text=True,
    )
    page = PAGE.read_text(encoding="utf-8")
    for block in ran.stdout.strip().split("\n\n"):
        name = block.partition("\n")[0]
        kept = re.search(rf"(?ms)^```text\n({name}\n.*?)^```", page)
        if kept:
            page = page[: kept.start(1)] + f"{block}\n" + page[kept.end(1) :]
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
