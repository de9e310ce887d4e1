"""The pages show what they are given and nothing in a record can act in them."""

import json
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pastwatch.plugins import load
from pastwatch.stages.brief.draw import coverage_bar, share, timeline
from pastwatch.stages.brief.exporters import html, markdown
from pastwatch.stages.brief.reader import OpenedRecord, reader_page
from pastwatch.stages.brief.render import exact, marked

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;\u2028{{7*7}}\u202e"
)


@pytest.mark.parametrize("name", ["brief.html", "brief.md", "brief.json", "proofs.json"])
def test_the_golden_brief_is_written_to_the_byte(name: str, world: Any) -> None:
    made = world.release()[name]
    if os.environ.get("PASTWATCH_GOLDEN") == "write":
        (GOLDEN / name).write_bytes(made)
    assert made == (GOLDEN / name).read_bytes()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def tags(page: bytes) -> Tags:
    found = Tags()
    found.feed(page.decode())
    return found


def hostile(world: Any) -> OpenedRecord:
    record = replace(
        world.opened[0].record,
        text=HOSTILE,
        subject=HOSTILE,
        conversation=HOSTILE,
        sender=replace(world.opened[0].record.sender, name=HOSTILE),
    )
    return OpenedRecord(record=record, source="mail", spans=((0, 3, 20),), marks=(HOSTILE,))


def test_hostile_text_cannot_end_the_element_it_stands_in(world: Any) -> None:
    page = reader_page(HOSTILE, [hostile(world)], case_id=HOSTILE, zone_offset_s=0)
    seen = tags(page)
    assert seen.tags.count("script") == 2
    assert "img" not in seen.tags
    assert not any(name.startswith("on") for name in seen.attributes)
    rows = re.search(
        r'<script type="application/json" id="rows">(.*?)</script>', page.decode(), re.DOTALL
    )
    assert rows is not None
    assert "<" not in rows[1]
    assert "".join(piece for piece, _ in json.loads(rows[1])[0]["text"]) == HOSTILE


def test_a_hostile_brief_shows_its_text_as_text(world: Any) -> None:
    given = replace(world.given, title=HOSTILE, notes=(HOSTILE,), made_by=HOSTILE, case_id=HOSTILE)
    files = world.release(given)
    seen = tags(files["brief.html"])
    assert "script" not in seen.tags
    assert "img" not in seen.tags
    assert not any(name.startswith("on") for name in seen.attributes)
    assert "\u202e" not in files["brief.md"].decode()


def test_the_brief_needs_no_script_and_fetches_nothing(world: Any) -> None:
    page = world.release()["brief.html"].decode()
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|url\((?!#d[0-9a-f]{8}-)|@import|<script|<link", page)


def test_the_reader_allows_its_own_script_by_hash_alone(world: Any) -> None:
    page = world.release()["records.html"].decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "unsafe" not in policy[1]
    assert re.search(r"script-src &#39;sha256-|script-src 'sha256-", policy[1])


def test_exporters_are_found_by_their_name() -> None:
    assert load("exporters", "html") is html.EXPORTER
    assert load("exporters", "markdown") is markdown.EXPORTER


def test_text_keeps_its_carriage_returns() -> None:
    assert exact("a\r\nb<") == "a&#13;\nb&lt;"


def test_marks_are_counted_in_bytes() -> None:
    assert marked("سلام x", ((0, 4),)) == [("سل", True), ("ام x", False)]


def test_shares_are_never_rounded_to_all_or_none() -> None:
    assert [share(n, 10**6) for n in (0, 1, 10, 500_000, 999_999, 10**6)] == [
        "0 %",
        "< 0.01 %",
        "< 0.01 %",
        "50.0 %",
        "> 99.99 %",
        "100 %",
    ]
    assert share(0, 0) == "none"


def test_pictures_say_their_figures_in_words(world: Any) -> None:
    bar = str(coverage_bar(world.given.coverage))
    assert 'aria-label="Records: held 27,159, in scope 3,196, readable 3,190' in bar
    assert str(timeline((), world.given.event)) == ""
    assert str(timeline(world.given.timeline, world.given.event)).count('class="lane"') == 2
