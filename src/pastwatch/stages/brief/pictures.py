"""Drawings made fit to stand in any page: no style sheet, no class, no name that two could share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree as ET

from pastwatch.drawing.markup import Html
from pastwatch.errors import BadValue

_SPACE: Final = "http://www.w3.org/2000/svg"
_RULE: Final = re.compile(r"\.([\w-]+)\s*\{([^{}]*)\}")
_FONT: Final = re.compile(r"((?:[\w-]+ )*)(\d+(?:\.\d+)?(?:px|pt))(?:/\S+)? (.+)")
_POINTS_AT: Final = re.compile(r"url\(\s*[\"']?#([^)\"']+)[\"']?\s*\)")
_ALIEN: Final = frozenset({"script", "foreignObject", "style", "a", "iframe", "image", "animate"})
_SANS: Final = "'Noto Sans','DejaVu Sans',Arial,sans-serif"
_WIDE_PX: Final = 840.0
_FLAT_RATIO: Final = 0.75

OWN: Final[Mapping[str, str]] = {
    "name": f"font:11.5px {_SANS};fill:#59636f",
    "share": f"font:11.5px {_SANS};fill:#59636f",
    "count": f"font:600 11.5px {_SANS};fill:#1d232b",
    "lane": f"font:600 11.5px {_SANS};fill:#1d232b",
    "evt": f"font:600 11.5px {_SANS};fill:#8a3a12",
    "most": f"font:10px {_SANS};fill:#59636f",
    "axis": f"font:10px {_SANS};fill:#59636f",
    "track": "fill:#e8ebef",
    "ink": "fill:#234a6d",
    "fan": "fill:#dfe7ee",
    "before": "fill:#f4f5f7",
    "bar": "fill:#9fb3c5",
    "event": "fill:#8a3a12",
    "cited": "fill:#234a6d",
    "base": "stroke:#b9c1ca;stroke-width:1;fill:none",
    "tick": "stroke:#b9c1ca;stroke-width:1;fill:none",
}
"""How the two pictures that every brief has are inked."""


def inline(svg: str, *, rules: Mapping[str, str] | None = None) -> Html:
    """The drawing as markup that stands in a page of HTML beside others like it."""
    return Html(_written(svg, rules, spaced=False))


def alone(svg: str, *, rules: Mapping[str, str] | None = None, stand_in: Mapping[int, str]) -> str:
    """The drawing as a file; `stand_in` is what is shown where a letter has no font."""
    return _written(svg, rules, spaced=True, stand_in=stand_in)


def size_px(svg: str) -> tuple[float, float]:
    """The width and height of a drawing in its own pixels, from its view box."""
    box = re.search(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', svg)
    if box is None:
        raise BadValue("a picture of a brief states no view box")
    return float(box[1]), float(box[2])


def is_wide(svg: str) -> bool:
    """Whether it is read better across a page on its side than across an upright one."""
    wide, high = size_px(svg)
    return wide > _WIDE_PX and high < _FLAT_RATIO * wide


def _written(
    svg: str,
    rules: Mapping[str, str] | None,
    *,
    spaced: bool,
    stand_in: Mapping[int, str] | None = None,
) -> str:
    root = _parsed(svg)
    known = dict(rules or {})
    for sheet in (e for e in root.iter() if _name(e) == "style"):
        known |= dict(_RULE.findall(sheet.text or ""))
    prefix = "d" + hashlib.sha256(svg.encode()).hexdigest()[:8] + "-"
    _clean(root, known, prefix)
    if stand_in:
        for one in root.iter():
            one.text = (one.text or "").translate(stand_in)
            one.tail = (one.tail or "").translate(stand_in)
    if spaced:
        root.set("xmlns", _SPACE)
    return ET.tostring(root, encoding="unicode")


def _parsed(svg: str) -> ET.Element:
    if "<!" in svg:
        raise BadValue("a picture of a brief declares what a drawing has no need of")
    try:
        return ET.fromstring(svg)  # noqa: S314 - drawn by our own rooms; no entity can be declared
    except ET.ParseError:
        raise BadValue("a picture of a brief is not well-formed") from None


def _clean(one: ET.Element, rules: Mapping[str, str], prefix: str) -> None:
    one.tag = _name(one)
    said = [rules.get(name, "") for name in one.attrib.pop("class", "").split()]
    said.append(one.attrib.pop("style", ""))
    for name in [n for n in one.attrib if n.startswith("on") or "href" in n or "}" in n]:
        del one.attrib[name]
    for rule in said:
        for declared in filter(None, map(str.strip, rule.split(";"))):
            name, _, value = declared.partition(":")
            one.attrib |= _declared(name.strip(), value.strip())
    for name, value in list(one.attrib.items()):
        if name == "id":
            one.set(name, prefix + value)
        elif "url(" in value:
            within = _POINTS_AT.fullmatch(value.strip())
            one.set(name, f"url(#{prefix}{within[1]})" if within else "none")
    for child in list(one):
        if _name(child) in _ALIEN:
            one.remove(child)
        else:
            _clean(child, rules, prefix)


def _declared(name: str, value: str) -> dict[str, str]:
    if name != "font":
        return {name: value}
    parts = _FONT.fullmatch(value)
    if parts is None:
        return {}
    made = {"font-size": parts[2], "font-family": parts[3]}
    for word in parts[1].split():
        made["font-style" if word in ("italic", "oblique") else "font-weight"] = word
    return made


def _name(one: ET.Element) -> str:
    return str(one.tag).rpartition("}")[2]
