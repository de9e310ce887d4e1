"""A picture into a file, as SVG or PNG by the file's name: one way for every command that draws."""

from __future__ import annotations

from pathlib import Path

from pastwatch.drawing.png import to_png
from pastwatch.errors import StorageError, UsageError

_SVG, _PNG = ".svg", ".png"


def check_picture(path: Path) -> None:
    """Refuse a file that is neither an SVG nor a PNG by its name; call it before work is done."""
    if path.suffix.lower() not in (_SVG, _PNG):
        raise UsageError(f'"{path.name}" is no picture file', hint="end it in .svg or .png")


def write_picture(svg: str, path: Path) -> None:
    """Write a picture over what stands there; MissingExtra for PNG without the extra `pictures`.

    UsageError for another ending, StorageError where it cannot be written.
    """
    check_picture(path)
    raw = to_png(svg) if path.suffix.lower() == _PNG else svg.encode()
    try:
        path.write_bytes(raw)
    except OSError:
        raise StorageError(f'"{path.name}" cannot be written') from None
