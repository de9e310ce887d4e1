"""Sealed until authorised: look back over communications you lawfully hold."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pastwatch.desk.holding import open_archive as open  # noqa: A004 - pw.open reads best

try:
    __version__ = version("pastwatch")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0"

__all__ = ["open"]


def __getattr__(name: str) -> Any:
    """Load the desk when it is first asked for, so that importing the package stays light."""
    if name == "open":
        from pastwatch.desk.holding import open_archive

        return open_archive
    raise AttributeError(name)
