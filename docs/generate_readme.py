"""Writes the demo's real output into README.md, between its two markers; run it when the demo changes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
START = "<!-- demo: written by docs/generate_readme.py -->\n"
END = "<!-- /demo -->\n"
_FOLDER = re.compile(r"\S*pastwatch-demo-[^/\s]+")


def fresh_block() -> str:
    """What `pastwatch demo` prints with its defaults, its scratch folder masked."""
    with tempfile.TemporaryDirectory() as folder:  # the demo keeps its folder for its reader
        ran = subprocess.run(
            [sys.executable, "-m", "pastwatch", "demo"],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "TMPDIR": folder},
        )
    return f"```console\n$ ./pw demo\n{_FOLDER.sub('…/pastwatch-demo', ran.stdout)}```\n"


def kept_block() -> str:
    """The block as the README has it."""
    text = README.read_text(encoding="utf-8")
    return text[text.index(START) + len(START) : text.index(END)]


def main() -> None:
    """Put a fresh block in place of the kept one."""
    text = README.read_text(encoding="utf-8")
    before, after = text.partition(START)[0], text.partition(END)[2]
    README.write_text(before + START + fresh_block() + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
