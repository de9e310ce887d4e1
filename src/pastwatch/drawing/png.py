"""A picture as PNG; needs the extra "pictures"."""

from __future__ import annotations

from pastwatch.errors import MissingExtra


def to_png(svg: str, *, scale: float = 2) -> bytes:
    """The picture drawn, `scale` pixels of it for each of its own; MissingExtra without the extra."""
    try:
        import vl_convert
    except ImportError:
        raise MissingExtra(
            "a picture as PNG", hint="install the extra: pip install 'pastwatch[pictures]'"
        ) from None
    drawn: bytes = vl_convert.svg_to_png(svg, scale=scale)
    return drawn
