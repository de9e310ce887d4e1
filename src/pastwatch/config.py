"""One frozen set of settings: flag > PASTWATCH_* > pastwatch.toml > default."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pastwatch.errors import UsageError

_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may be set; each field is a flag, a PASTWATCH_ variable and a line in pastwatch.toml."""

    archive: str = "archive"
    keys: str = ""
    zone: str = ""
    span_hours: int = 72
    context: int = 3
    valid_days: int = 14
    workers: int = 0
    person: str = ""
    level: str = "7"
    isolate: bool = True

    @property
    def worker_count(self) -> int:
        """Threads to use: as set, or one a core."""
        return self.workers or os.cpu_count() or 1

    @property
    def keys_dir(self) -> Path:
        """Where key files stand unless `--keys` says otherwise: never inside the archive."""
        return Path(self.keys) if self.keys else Path.home() / ".local" / "share" / "pastwatch"


def load(flags: Mapping[str, Any] | None = None, *, folder: Path | None = None) -> Settings:
    """Settings from flags, then the environment, then pastwatch.toml in `folder`, then defaults."""
    known = {f.name: f for f in dataclasses.fields(Settings)}
    values: dict[str, Any] = {}
    file = (folder or Path()) / "pastwatch.toml"
    if file.is_file():
        try:
            values.update(tomllib.loads(file.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
            raise UsageError(f"pastwatch.toml does not parse: {wrong}") from wrong
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise UsageError(f"pastwatch.toml: no such setting: {', '.join(unknown)}")
    for name in known:
        text = os.environ.get(f"PASTWATCH_{name.upper()}")  # noqa: TID251 - the one place
        if text is not None:
            values[name] = text
    values.update({k: v for k, v in (flags or {}).items() if v is not None})
    return Settings(**{k: _typed(k, v, type(known[k].default)) for k, v in values.items()})


def secret(name: str) -> str | None:
    """A passphrase from PASTWATCH_<NAME>_FILE (a file) or PASTWATCH_<NAME>; None when neither is set."""
    path = os.environ.get(f"PASTWATCH_{name}_FILE")  # noqa: TID251 - the one place
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\n")
        except OSError as wrong:
            raise UsageError(f"cannot read the file named by PASTWATCH_{name}_FILE") from wrong
    return os.environ.get(f"PASTWATCH_{name}")  # noqa: TID251 - the one place


def _typed(name: str, value: Any, kind: type) -> Any:
    try:
        return _SWITCH[value.lower()] if kind is bool and isinstance(value, str) else kind(value)
    except (TypeError, ValueError, KeyError):
        raise UsageError(f'{name} must be a {kind.__name__}, not "{value}"') from None
