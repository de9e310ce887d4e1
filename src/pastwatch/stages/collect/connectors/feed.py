"""Reads RSS and Atom files: each item or entry is a record, its original exactly its bytes.

RSS 0.9x, 1.0 and 2.0, Atom (RFC 4287) with removed entries (RFC 6721 §3). An entry's id is its guid
or id, else its link; the feed's title is the outlet. What stands between the entries is framing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.articles import Article, add_article
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.files import container_name, whole
from pastwatch.stages.collect.connectors.webpages import host_of
from pastwatch.stages.collect.connectors.writtendates import WrittenDates
from pastwatch.stages.collect.connectors.xmltags import Markup, Tag, plain
from pastwatch.stages.collect.mailbody import html_text

FILE_LIMIT_BYTES = 256 * 1024 * 1024
_ENTRIES = frozenset(("item", "entry", "deleted-entry"))
_FEED_NAMES = (b"<rss", b"purl.org/rss/", b"www.w3.org/2005/Atom", b"purl.org/atom/")
_BODIES = ("content:encoded", "content", "body", "fullitem", "description", "summary", "itunes:summary")  # fmt: skip
_PUBLISHED = ("published", "pubdate", "issued", "dc:date", "date", "created")
_UPDATED = ("updated", "modified", "dcterms:modified", "a10:updated", "atom:updated")
_BYLINES = ("author", "dc:creator", "itunes:author", "media:credit", "dc:publisher")
_PREFIX = re.compile(r"^(?:atom|rss|a10|at)(?:03|10)?:")
_MAILBOX = re.compile(r"(\S+@\S+)\s*\((.{1,200})\)\s*|(.{1,200}?)\s*<(\S+@\S+)>")


class Feed:
    """The connector of feeds; options: zone, order, container."""

    name = "feed"
    medium = "report"

    def recognises(self, path: Path, head: bytes) -> int:  # noqa: ARG002 - the content decides
        """Sure of a file whose first element is that of RSS or Atom."""
        markup = Markup(head)
        start = markup.text(0, 256).lstrip("\ufeff \t\r\n")
        first = next(markup.tags(), None) if start.startswith("<") else None
        if first is None or first.local.lower() not in {"rss", "rdf", "feed"}:
            return 0
        narrow = head.replace(b"\0", b"")
        return 92 if any(name in narrow for name in _FEED_NAMES) else 30

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The entries in file order; an entry without an end is kept as far as it goes."""
        columns = Columns(container_name(path, options))
        yield from feed_entries(whole(path, limit_bytes=FILE_LIMIT_BYTES), columns, options)


def feed_entries(raw: bytes, columns: Columns, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
    """The entries of a feed's bytes, wherever they came from."""
    markup, dates = Markup(raw), WrittenDates(options)
    outlet, at, seen = "", 0, False
    for span in _spans(markup, len(raw)):
        if not seen:
            outlet, seen = _outlet(markup, span.start), True
        columns.frame("feed", span.start - at)
        article = _entry(markup, span, outlet, dates)
        add_article(columns, raw[span.start : span.end], article)
        at = span.end
        if columns.is_full:
            yield columns.take()
    if not seen and raw.strip():
        yield Gap(
            source_id="",
            reason="no entry of a feed",
            bytes=len(raw),
            container=columns.container,
            offset=0,
        )
        return
    columns.frame("feed", len(raw) - at)
    yield from columns.rest()


class _Span(NamedTuple):
    start: int
    end: int
    tag: Tag
    is_whole: bool


def _spans(markup: Markup, size: int) -> Iterator[_Span]:
    """Where each entry begins and ends; one that never ends goes to where the next begins."""
    opened: Tag | None = None
    for tag in markup.tags():
        if tag.local not in _ENTRIES or (opened and tag.name != opened.name):
            continue
        if opened and tag.is_end:
            yield _Span(opened.start, tag.end, opened, is_whole=True)
            opened = None
        elif not tag.is_end:
            if opened:
                yield _Span(opened.start, tag.start, opened, is_whole=False)
            opened = None if tag.is_empty else tag
            if tag.is_empty:
                yield _Span(tag.start, tag.end, tag, is_whole=True)
    if opened:
        yield _Span(opened.start, size, opened, is_whole=False)


class _Field(NamedTuple):
    name: str
    value: str  # as written
    attributes: Mapping[str, str]


def _fields(markup: Markup, start: int, stop: int) -> list[_Field]:
    """The elements that stand directly in a stretch, in order; what is within them is not split."""
    found: list[_Field] = []
    opened: Tag | None = None
    depth = 0
    for tag in markup.tags(start, stop):
        if opened is None:
            if tag.is_empty and not tag.is_end:
                found.append(_Field(_name(tag), "", tag.attributes))
            elif not tag.is_end:
                opened, depth = tag, 0
        elif tag.name == opened.name and not tag.is_empty:
            depth += -1 if tag.is_end else 1
            if depth < 0:
                found.append(
                    _Field(_name(opened), markup.text(opened.end, tag.start), opened.attributes)
                )
                opened = None
    if opened is not None:
        found.append(_Field(_name(opened), markup.text(opened.end, stop), opened.attributes))
    return found


def _name(tag: Tag) -> str:
    return _PREFIX.sub("", tag.name.lower())


def _outlet(markup: Markup, stop: int) -> str:
    """The feed's own title: the first one that stands before its entries."""
    opened = None
    for tag in markup.tags(0, stop):
        if _name(tag) == "title":
            if opened is not None and tag.is_end:
                return _words(markup.text(opened.end, tag.start))
            opened = tag
    return ""


def _entry(markup: Markup, span: _Span, outlet: str, dates: WrittenDates) -> Article:
    if span.tag.local == "deleted-entry":
        given = span.tag.attributes
        return Article(
            native_id=given.get("ref", ""),
            outlet=outlet,
            published=dates.read(given.get("when", "")),
            kind=int(Kind.DELETED),
        )
    inside = span.end
    if span.is_whole:
        inside -= (len(span.tag.name) + 3) * markup.width
    fields = _fields(markup, span.tag.end, inside)
    values: dict[str, str] = {}
    for field in fields:
        if field.name not in values and field.value.strip():
            values[field.name] = field.value
    published, updated = (
        next((moment for name in names if (moment := dates.read(_plain(values.get(name))))), None)
        for names in (_PUBLISHED, _UPDATED)
    )
    has_date = any(name in values for name in (*_PUBLISHED, *_UPDATED))
    defects = Defect.NONE if span.is_whole else Defect.CUT_SHORT
    if has_date and published is None and updated is None:
        defects |= Defect.BAD_DATE
    links = [_link(field) for field in fields if field.name == "link"]
    link = next((url for rel, url in links if url and rel in {"", "alternate"}), "")
    source = _words(_titled(values.get("source", "")))
    return Article(
        subject=_words(values.get("title", "")),
        outlet=source or outlet or host_of(link),
        byline=_byline(values),
        published=published,
        updated=updated,
        text=_body(values, markup.text(span.tag.end, inside)),
        lines=tuple(_lines(fields, values, links)),
        defects=defects,
        native_id=_plain(values.get("guid") or values.get("id")) or link,
        reply_to=next(
            (f.attributes.get("ref", "") for f in fields if f.name == "thr:in-reply-to"), ""
        ),
    )


def _lines(
    fields: list[_Field], values: Mapping[str, str], links: list[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """What the part `stated` keeps of an entry: its times as written, links, enclosures, labels."""
    for name in (*_PUBLISHED, *_UPDATED, *_BYLINES, "comments"):
        if name in values:
            yield name, _words(values[name])
    for rel, url in links:
        yield f"link {rel}".strip(), url
    for field in fields:
        if field.name in {"enclosure", "media:content"}:
            given = (field.attributes.get(key, "") for key in ("url", "type", "length", "filesize"))
            yield "enclosure", " ".join(filter(None, given))
        elif field.name in {"category", "dc:subject"}:
            yield "category", _words(field.value) or field.attributes.get("term", "")


def _link(field: _Field) -> tuple[str, str]:
    return field.attributes.get("rel", ""), field.attributes.get("href") or _plain(field.value)


def _body(values: Mapping[str, str], everything: str) -> str:
    """The fullest text of an entry, and the shorter ones where they say something else."""
    texts: list[str] = []
    for name in _BODIES:
        text = html_text(plain(values[name])) if name in values else ""
        if text and not any(text in longer for longer in texts):
            texts.append(text)
    if not texts and "title" not in values:
        return html_text(plain(everything))
    return "\n\n".join(texts)


def _byline(values: Mapping[str, str]) -> str:
    value = next((values[name] for name in _BYLINES if name in values), "")
    inner = re.search(r"<(?:\w+:)?name[^>]*>(.*?)</", value, re.DOTALL)
    text = _words(inner[1] if inner else value)
    mailbox = _MAILBOX.fullmatch(text)
    return (mailbox[2] or mailbox[3]).strip() if mailbox else text


def _titled(value: str) -> str:
    """The title in an Atom source element, or the words of an RSS one."""
    inner = re.search(r"<(?:\w+:)?title[^>]*>(.*?)</", value, re.DOTALL)
    return inner[1] if inner else ("" if "<" in value and "CDATA" not in value else value)


def _plain(value: str | None) -> str:
    return plain(value).strip() if value else ""


def _words(value: str) -> str:
    return " ".join(html_text(plain(value)).split()) if value else ""


CONNECTOR = Feed()
