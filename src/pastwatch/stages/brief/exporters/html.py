"""The brief as one HTML file that needs no script and prints on A4."""

from __future__ import annotations

from pastwatch.stages.brief.draw import coverage_bar, timeline
from pastwatch.stages.brief.moments import made_on
from pastwatch.stages.brief.pictures import OWN, inline
from pastwatch.stages.brief.render import asset, page, source_hash
from pastwatch.stages.brief.sentences import Outline

FIRST_PAGE = ("judgements", "coverage", "timeline")


class HtmlExporter:
    """Writes the brief a reader opens first."""

    name = "html"
    suffix = ".html"

    def export(self, outline: Outline) -> bytes:
        """The whole file; the same outline gives the same bytes."""
        given = outline.given
        style = asset("brief.css")
        return page(
            "brief.html",
            given=given,
            first=[s for s in outline.sections if s.key in FIRST_PAGE],
            later=[s for s in outline.sections if s.key not in FIRST_PAGE],
            made=made_on(
                given.made_us, given.event.zone_offset_s, to_the_day=bool(given.edition.released)
            ),
            bar=inline(coverage_bar(given.coverage), rules=OWN),
            line=inline(timeline(given.timeline, given.event), rules=OWN) if given.timeline else "",
            style=style,
            style_hash=source_hash(style),
        )


EXPORTER = HtmlExporter()
