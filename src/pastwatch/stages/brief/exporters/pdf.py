"""The brief as a PDF for the archive: text that can be read out, no letter that is only a box."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from pastwatch.errors import BadValue
from pastwatch.plugins import extra
from pastwatch.stages.brief.exporters.papers import (
    broken,
    head,
    is_rtl,
    sections,
    shown,
    sign,
    stamp_s,
)
from pastwatch.stages.brief.pictures import size_px
from pastwatch.stages.brief.render import asset
from pastwatch.stages.brief.sentences import Outline

STANDARD: Final = "a-2u"
"""PDF/A-2u (ISO 19005-2, level U): whole in itself, and every letter known by its character."""
# The first comes with the typesetter; the others stand in the system, or another of it stands in.
_FONTS: Final = (
    "Libertinus Serif",
    "Noto Naskh Arabic",
    "Noto Sans Arabic",
    "Noto Serif CJK SC",
    "Noto Sans CJK SC",
    "Noto Serif",
    "Noto Sans",
    "DejaVu Sans",
)
_LACKING: Final = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPED: Final = re.compile(r"\\u\{([0-9a-f]+)\}")
_TRIES: Final = 4
_ROW_LETTERS: Final = 1_200
_WIDE_SHAPE, _UPRIGHT_SHAPE = 0.56, 1.2  # height to width of what a page has room for


class PdfExporter:
    """Writes the brief for paper; needs the extra `papers`."""

    name = "pdf"
    suffix = ".pdf"

    def export(self, outline: Outline) -> bytes:
        """The whole file; the same outline and the same fonts give the same bytes.

        A letter that no font here has stands as its number, and the first page says so.
        """
        with extra("papers", "a brief as PDF needs the package {package}"):
            import typst

        fonts = typst.Fonts()
        families = [f for f in _FONTS if f in set(fonts.families())]
        lacking: set[str] = set()
        for _ in range(_TRIES):
            filled = _filled(outline, lacking) | {"fonts": families}
            try:
                made: bytes = typst.compile(
                    asset("brief.typ").encode(),
                    format="pdf",
                    font_paths=fonts,
                    sys_inputs={"brief": json.dumps(filled, ensure_ascii=False)},
                    pdf_standards=[STANDARD],
                    timestamp=stamp_s(outline.given),
                )
            except typst.TypstError as refused:
                found = _lacking(f"{refused.diagnostic}")
                if not found - lacking:
                    raise BadValue("the brief cannot be set as a PDF") from None
                lacking |= found
            else:
                return made
        raise BadValue("the brief has letters that no font here can show")


def _lacking(diagnostic: str) -> set[str]:
    """The characters that the typesetter found in no font."""
    texts = (_ESCAPED.sub(lambda c: chr(int(c[1], 16)), t) for t in _LACKING.findall(diagnostic))
    return {character for text in texts for character in text}


def _filled(outline: Outline, lacking: set[str]) -> dict[str, Any]:
    """All values of the paper, each text in pieces between which a line may end."""
    stand_in = {ord(c): sign(c) for c in lacking}
    top = {k: shown(v, stand_in) for k, v in head(outline.given).items()}
    made = sections(outline, stand_in)
    for section in made:
        _drawn(section["picture"])
        for group in section["groups"]:
            _drawn(group["picture"])
            group["columns"] = [_run(c) for c in group["columns"]]
            for one in group["said"]:
                text = "".join(p for p, _ in one["pieces"])
                one["rtl"] = is_rtl(text)
                one["long"] = len(text) > _ROW_LETTERS
                one["name"] = one["name"] and _run(one["name"])
                one["pieces"] = [[_run(p), is_marked] for p, is_marked in one["pieces"]]
                one["cells"] = [{"pieces": _run(c), "rtl": is_rtl(c)} for c in one["cells"]]
    gap = ""
    if lacking:
        gap = (
            f"{len(lacking):,} of the characters in this brief are in none of the fonts it was set "
            "with. Each stands as its number, as in ‹U+1234›; brief.html holds it as it is."
        )
    return {"head": top | {"rtl": is_rtl(top["title"])}, "gap": gap, "sections": made}


def _drawn(picture: dict[str, Any] | None) -> None:
    """Whether its words run from the right, and whether it must be held to the height of a page."""
    if picture:
        wide, high = size_px(picture["svg"])
        most = _WIDE_SHAPE if picture["wide"] else _UPRIGHT_SHAPE
        picture |= {"rtl": is_rtl(picture["caption"]), "tall": high / wide > most}


def _run(text: str) -> list[str | int]:
    """Pieces of text with a 0 wherever a line may end inside a word."""
    made: list[str | int] = []
    for piece in broken(text):
        made += [0, piece] if made else [piece]
    return made


EXPORTER = PdfExporter()
