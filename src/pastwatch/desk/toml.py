"""Reads what a person wrote in TOML, and says in one line where it does not parse."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pastwatch.errors import UsageError


def read_toml(path: Path | None) -> dict[str, Any]:
    """The file's tables; nothing without a path; UsageError that names the file alone."""
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise UsageError(f'"{path.name}" cannot be read') from wrong
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise UsageError(f'"{path.name}" does not parse: {wrong}') from wrong
