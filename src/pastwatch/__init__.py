"""Sealed until authorised: look back over communications you lawfully hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pastwatch.desk.holding import open_archive as open  # noqa: A004 - pw.open reads best

__all__ = ["open"]


def __getattr__(name: str) -> Any:
    """Load the desk, or read the version, when first asked for: importing the package stays light."""
    if name == "open":
        from pastwatch.desk.holding import open_archive

        return open_archive
    if name == "__version__":
        return _version()
    raise AttributeError(name)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pastwatch")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
