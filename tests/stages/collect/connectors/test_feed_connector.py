"""Feeds: exact entries, both times, and the same words that another reader of feeds finds."""

import io
from calendar import timegm
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.stages.collect.connectors import feed
from pastwatch.testing.connectors import ConnectorConformance

RSS = """<?xml version="1.0" encoding="utf-8"?>
<!-- <item> in a comment is none -->
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>The Harbour Post</title><link>https://post.example/</link>
<item><title>Ferry &amp; bridge</title><link>https://post.example/1</link><guid isPermaLink="false">p-1</guid>
<pubDate>Tue, 04 Apr 2017 06:30:00 +0300</pubDate><dc:creator>Anna Berg</dc:creator>
<description><![CDATA[<p>The bridge is <b>shut</b>.</p> </item> is no end here]]></description>
<enclosure url="https://post.example/a.mp3" type="audio/mpeg" length="9"/></item>
<item><title>Мост закрыт</title><link>https://post.example/2</link>
<pubDate>Wed, 05 Apr 2017 06:30:00 GMT</pubDate><author>omar@post.example (Omar Weir)</author>
<description>in brief</description><content:encoded>&lt;p&gt;A short tale, told at length&lt;/p&gt;</content:encoded></item>
<item><title>undated</title><guid>p-3</guid><description>no date here</description></item>
</channel></rss>
"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns:thr="http://purl.org/syndication/thread/1.0">
<title>Coast Wire</title><id>urn:feed</id><updated>2017-04-06T00:00:00Z</updated>
<entry><title type="html">First &lt;i&gt;word&lt;/i&gt;</title><id>urn:1</id><link rel="alternate" href="https://wire.example/1"/>
<published>2017-04-04T03:00:00Z</published><updated>2017-04-05T09:00:00Z</updated>
<author><name>Lena Holm</name></author><content type="html">&lt;p&gt;as changed&lt;/p&gt;</content></entry>
<entry><title>Second</title><id>urn:2</id><thr:in-reply-to ref="urn:1"/><updated>2017-04-05T10:00:00+02:00</updated>
<summary>only a summary</summary></entry>
<at:deleted-entry ref="urn:0" when="2017-04-05T11:00:00Z"/>
</feed>
"""


def rows(path: Path, **options: str) -> list[dict[str, Any]]:
    found = list(feed.CONNECTOR.read(path, options))
    return [row for b in found if isinstance(b, Batch) for row in b.columns.to_pylist()]


class TestRss(ConnectorConformance):
    connector = feed.CONNECTOR
    suffix = ".rss"
    options: ClassVar = {"zone": "UTC"}

    def sample(self) -> bytes:
        return RSS.encode()

    def test_an_entry_is_sealed_as_it_stands(self, tmp_path: Path) -> None:
        path = self.place(tmp_path, self.sample())
        first, second, third = rows(path)
        assert first["original"].startswith(b"<item><title>Ferry")
        assert first["original"].endswith(b'length="9"/></item>')
        assert (first["native_id"], second["native_id"], third["native_id"]) == (
            "p-1",
            "https://post.example/2",
            "p-3",
        )
        assert first["sender_address"] == "The Harbour Post"
        assert [row["sender_name"] for row in (first, second)] == ["Anna Berg", "Omar Weir"]
        assert second["text"] == "A short tale, told at length\n\nin brief"
        assert third["defects"] & Defect.NO_DATE

    def test_another_reader_finds_the_same(self, tmp_path: Path) -> None:
        feedparser = pytest.importorskip("feedparser")
        theirs = feedparser.parse(io.BytesIO(self.sample())).entries
        ours = [
            row for row in rows(self.place(tmp_path, self.sample())) if row["kind"] == Kind.SAID
        ]
        assert [e.title.replace("<i>", "").replace("</i>", "") for e in theirs] == [
            row["subject"] for row in ours
        ]
        stated = [e.get("published_parsed") or e.get("updated_parsed") for e in theirs]
        assert [timegm(s) * 1_000_000 if s else None for s in stated] == [
            row["earliest_us"] for row in ours
        ]


class TestAtom(TestRss):
    suffix = ".atom"

    def sample(self) -> bytes:
        return ATOM.encode()

    def test_an_entry_is_sealed_as_it_stands(self, tmp_path: Path) -> None:
        first, second, gone = rows(self.place(tmp_path, self.sample()))
        assert first["subject"] == "First word"
        assert (first["latest_us"] - first["earliest_us"]) == 30 * 3600 * 1_000_000
        assert "updated: 2017-04-05T09:00:00Z" in first["parts"][0]["text"]
        assert first["sender_name"] == "Lena Holm"
        assert second["reply_to"] == "urn:1"
        assert second["text"] == "only a summary"
        assert (gone["kind"], gone["native_id"]) == (Kind.DELETED, "urn:0")


class TestUtf16Feed(ConnectorConformance):
    connector = feed.CONNECTOR
    suffix = ".xml"

    def sample(self) -> bytes:
        return RSS.replace('encoding="utf-8"', 'encoding="utf-16"').encode("utf-16")

    def test_its_entries_are_those_of_the_plain_one(self, tmp_path: Path) -> None:
        wide = rows(self.place(tmp_path, self.sample()))
        plain = tmp_path / "plain.rss"
        plain.write_bytes(RSS.encode())
        for one, other in zip(wide, rows(plain), strict=True):
            assert one["text"] == other["text"]
            assert one["earliest_us"] == other["earliest_us"]
            assert one["original"].decode("utf-16-le") == other["original"].decode()
