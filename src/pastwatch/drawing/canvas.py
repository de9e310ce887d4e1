"""A sheet to draw on in SVG: shapes and words in styles of one sheet, nothing loaded from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pastwatch.drawing.lettering import visible
from pastwatch.drawing.markup import Html

STYLES: Mapping[str, str] = {
    "words": "font:12px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#1f2933",
    "small": "font:10px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#52606d",
    "title": "font:600 14px 'Noto Sans','DejaVu Sans',Arial,sans-serif;fill:#1f2933",
    "ink": "fill:#243b53",
    "bar": "fill:#486581",
    "cited": "fill:#b44d12",
    "faint": "fill:#e4e7eb",
    "line": "stroke:#829ab1;stroke-width:1;fill:none",
    "rule": "stroke:#cbd2d9;stroke-width:1;fill:none",
    "event": "stroke:#9b1c1c;stroke-width:1.5;fill:none",
    "hollow": "fill:#fff;stroke:#243b53;stroke-width:1.2",
    "doubt": "fill:#fff;stroke:#243b53;stroke-width:1.2;stroke-dasharray:2.5 2",
    "before": "fill:#f5f7fa",
    "grid": "stroke:#e4e7eb;stroke-width:1;fill:none",
    "gap": "fill:url(#hatch);stroke:#7b8794;stroke-width:0.5",
    "unheld": "fill:url(#cross);stroke:#9aa5b1;stroke-width:0.5",
    "unopened": "fill:url(#dots)",
}
"""The styles that shapes and words may name; dark enough for black and white print."""
# One face with both directions: else what draws the PNG picks a bold one for the half it lacks.
_FOR_RTL = " style=\"font-family:'DejaVu Sans','Noto Sans',Arial,sans-serif\""

PATTERNS = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="6" height="6" fill="#f5f7fa"/>'
    '<path d="M0 0V6" stroke="#52606d" stroke-width="2.4"/></pattern>'
    '<pattern id="cross" width="7" height="7" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="7" height="7" fill="#fff"/>'
    '<path d="M0 0V7M0 0H7" fill="none" stroke="#9aa5b1" stroke-width="1"/></pattern>'
    '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<circle cx="2" cy="2" r="0.9" fill="#9aa5b1"/></pattern></defs>'
)
"""Hatching that tells three sorts of emptiness apart without colour."""


@dataclass(slots=True)
class Canvas:
    """Shapes are drawn in the order they are added; lengths in pixels from the top left."""

    width: float
    height: float
    label: str
    """What a reader who cannot see it is told."""
    styles: Mapping[str, str] = field(default_factory=lambda: dict(STYLES))
    _parts: list[Html] = field(default_factory=list)

    def rect(
        self, x: float, y: float, width: float, height: float, style: str, *, title: str = ""
    ) -> None:
        """A filled rectangle; `title` shows when it is pointed at."""
        if width > 0 and height > 0:
            self._shape(
                '<rect x="{}" y="{}" width="{}" height="{}"',
                (_n(x), _n(y), _n(width), _n(height)),
                style,
                title,
            )

    def circle(self, x: float, y: float, radius: float, style: str, *, title: str = "") -> None:
        """A filled disc around a point."""
        self._shape('<circle cx="{}" cy="{}" r="{}"', (_n(x), _n(y), _n(radius)), style, title)

    def path(self, commands: str, style: str, *, title: str = "", width: float = 0) -> None:
        """A line or area of SVG path commands; `width` over the style's own stroke width."""
        wide = f' stroke-width="{_n(width)}"' if width else ""
        self._shape(f'<path{wide} d="{{}}"', (commands,), style, title)

    def words(
        self, x: float, y: float, text: str, style: str = "words", *, anchor: str = "start"
    ) -> None:
        """A line of text at its baseline: anchor start, middle or end; any script, any direction.

        What would re-order or hide the text around it stands there as a visible sign.
        """
        shown = visible(text)
        face = _FOR_RTL if any("\u0590" <= c <= "\u08ff" for c in shown) else ""
        self._parts.append(
            Html(
                f'<text class="{style}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"{face} '
                'direction="ltr" unicode-bidi="plaintext">{}</text>'
            ).format(shown)
        )

    def svg(self) -> str:
        """The whole picture as one SVG file."""
        rules = "".join(f".{name}{{{rule}}}" for name, rule in self.styles.items())
        head = Html(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" '
            'height="{1}" role="img" aria-label="{2}">'
        ).format(_n(self.width), _n(self.height), visible(self.label))
        page = Html(f"<style>{rules}</style>{PATTERNS}") + Html(
            f'<rect width="{_n(self.width)}" height="{_n(self.height)}" fill="#fff"/>'
        )
        return head + page + Html("").join(self._parts) + Html("</svg>")

    def _shape(self, head: str, values: tuple[str, ...], style: str, title: str) -> None:
        inner = Html("<title>{}</title>").format(visible(title)) if title else Html("")
        tag = head.split(" ", 1)[0].strip("<")
        self._parts.append(
            Html(head).format(*values) + Html(f' class="{style}">') + inner + Html(f"</{tag}>")
        )


def _n(value: float) -> str:
    """A length with one decimal at most; never minus nothing."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
