"""A drawing made anew: its lines as they are, every word in it and about it replaced."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Final

from pastwatch.errors import BadValue
from pastwatch.stages.brief.redacting_times import tells_time
from pastwatch.stages.brief.redacting_words import Redactor

SVG: Final = "http://www.w3.org/2000/svg"
_DROPPED: Final = frozenset({"metadata", "script", "foreignObject"})
_WORDED: Final = frozenset({"id", "class", "href", "title", "alt", "role"})


def redrawn(svg: str, redactor: Redactor) -> str:
    """The drawing with its texts, titles and names of parts replaced; comments are left out.

    Empty where it has an axis of time: where its marks stand tells more than coarse times do.
    """
    try:
        root = ET.fromstring(svg)  # noqa: S314 - a drawing of our own rooms
    except ET.ParseError:
        raise BadValue("a drawing does not read, so nothing in it can be replaced") from None
    if any(tells_time(text) for text in root.itertext()):
        return ""
    _walk(root, redactor)
    ET.register_namespace("", SVG)
    return ET.tostring(root, encoding="unicode")


def _walk(element: ET.Element, redactor: Redactor) -> None:
    for child in list(element):
        if _local(str(child.tag)) in _DROPPED:
            element.remove(child)
        else:
            _walk(child, redactor)
    if _local(str(element.tag)) != "style":
        element.text = _replaced(element.text, redactor)
    element.tail = _replaced(element.tail, redactor)
    for name, held in element.items():
        local = _local(name)
        if local.startswith(("aria-", "data-")) or local in _WORDED:
            element.set(name, redactor.cut(held))


def _replaced(text: str | None, redactor: Redactor) -> str | None:
    return redactor.cut(text) if text and text.strip() else text


def _local(name: str) -> str:
    return name.rpartition("}")[2]
