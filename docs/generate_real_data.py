"""Writes fresh figures into docs/real-data.md and the table in docs/connectors.md that sums them up.

python docs/generate_real_data.py FOLDER [JOURNEY …]
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "real-data.md"
FORMATS = ROOT / "docs" / "connectors.md"
HEAD = (
    "| set | files by format | records, new + held | kept opaque | bytes read | framing by kind | gaps |\n"
    "|---|---|--:|--:|--:|---|--:|\n"
)
_TABLE = re.compile(r"(?m)^\| set \| .*\n(?:\|.*\n)+")
_SECTION = re.compile(r"(?ms)^### [^\n]*\(`([\w-]+)`\)\n.*?^```text\n(all-.*?)^```")
_LINE = re.compile(r"(.+?) {2,}(\S.*)")


def main(args: list[str]) -> None:
    """Run the journeys and put what they print in place of each one's block, and of the table."""
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
    formats = FORMATS.read_text(encoding="utf-8")
    FORMATS.write_text(_TABLE.sub(lambda _: table(page), formats), encoding="utf-8")


def table(page: str) -> str:
    """The whole sets of the page, one a row."""
    return HEAD + "".join(_row(name, block) for name, block in _SECTION.findall(page))


def _row(name: str, block: str) -> str:
    figures: dict[str, str] = {}
    for line in block.splitlines()[1:]:
        if found := _LINE.fullmatch(line):
            figures.setdefault(found[1], found[2])
    files = [f"{key.split()[-1]} {figures[key]}" for key in figures if key.startswith("files read")]
    framing = [
        f"{key.rpartition(', ')[2]} {value.partition('(')[2].rstrip(')')}"
        for key, value in figures.items()
        if key.startswith("bytes of framing, ")
    ]
    cells = (
        f"`{name}`",
        " · ".join(files),
        f"{figures['records']} + {figures['records already held']}",
        figures["kept opaque"].partition(" ")[0],
        figures["bytes read"],
        " · ".join(framing),
        figures["gaps, share of bytes read"],
    )
    return "| " + " | ".join(cells) + " |\n"


if __name__ == "__main__":
    main(sys.argv[1:])
