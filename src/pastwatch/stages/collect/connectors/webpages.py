"""Reads an article out of a page: what the page states of itself, its main text, and the rest."""

from __future__ import annotations

import functools
import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pastwatch.model.record import Defect
from pastwatch.stages.collect.connectors.articles import Article
from pastwatch.stages.collect.connectors.stated import attached
from pastwatch.stages.collect.connectors.writtendates import WrittenDates
from pastwatch.stages.collect.connectors.xmltags import Markup, Tag
from pastwatch.stages.collect.mailbody import html_text
from pastwatch.stages.collect.mailcharset import codec_of, decoded
from pastwatch.stages.collect.mailtime import Moment

EXTRACTED_LIMIT = 4 * 1024 * 1024  # characters of a page above which its main text is not sought
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE
)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SCRIPT_END = re.compile(rb"</script", re.IGNORECASE)
_SCRIPT_BYTES = 1 << 18
_SPACES = re.compile(r"\s+")
_KEYS = {
    "title": ("og:title", "twitter:title", "dc.title", "headline", "h1", "title"),
    "outlet": ("og:site_name", "publisher", "application-name", "dc.publisher", "host"),
    "byline": ("author", "article:author", "dc.creator", "byl", "parsely-author", "creator"),
    "published": (
        "article:published_time", "datepublished", "dc.date.issued", "date", "pubdate",
        "publishdate", "dc.date", "sailthru.date", "parsely-pub-date", "time",
    ),
    "updated": (
        "article:modified_time", "og:updated_time", "datemodified", "last-modified", "revised",
        "dc.date.modified",
    ),
    "area": ("dateline", "contentlocation", "geo.placename"),
}  # fmt: skip
_SHOWN = ("url", "description", "keywords", "inlanguage", "articlesection", "generator")
_ENCLOSING = frozenset(("title", "h1", "script"))
_TRIES = 200  # elements of a kind that are looked into
_NAMES_LIMIT = 400
_HEAD_BYTES = 16 * 1024
_VALUE_LENGTH = 2000
_FAILURES = (ValueError, TypeError, AttributeError, LookupError, RecursionError, AssertionError)


def page_article(raw: bytes, dates: WrittenDates, *, charset: str = "", url: str = "") -> Article:
    """The article a page holds; its times are those the page states, never ones guessed."""
    if not charset or not codec_of(charset):
        named = _CHARSET.search(raw[:_HEAD_BYTES])
        charset = named[1].decode("ascii") if named else unnamed_charset(raw)
    source, defects = decoded(raw, charset)
    found = _stated(source, url)
    chosen = {field: _first(found, keys) for field, keys in _KEYS.items()}
    published = _read(found, _KEYS["published"], dates)
    updated = _read(found, _KEYS["updated"], dates)
    if published is None and chosen["published"]:
        defects |= Defect.BAD_DATE
    whole = html_text(source)
    main = main_text(source) or whole
    title = _SPACES.sub(" ", chosen["title"]).strip()
    rest = _rest(whole, main, title)
    shown = [(field, chosen[field]) for field in ("published", "updated", "byline")]
    return Article(
        subject=title,
        outlet=chosen["outlet"],
        byline=chosen["byline"],
        area=chosen["area"],
        published=published,
        updated=updated,
        text=main,
        lines=(*shown, *((key, found[key]) for key in _SHOWN if key in found)),
        parts=(attached("page", "text/html", raw, rest),) if rest else (),
        defects=defects,
    )


def unnamed_charset(raw: bytes) -> str:
    """The charset of bytes that name none: what their byte-order mark says, else UTF-8."""
    return "" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"


def main_text(source: str) -> str:
    """The main text of a page, as trafilatura finds it; "" where it is not installed or finds none."""
    extract = _extractor()
    if extract is None or len(source) > EXTRACTED_LIMIT:
        return ""
    try:
        text = extract(
            _CONTROLS.sub(" ", source),
            include_comments=False,
            favor_recall=True,
            with_metadata=False,
        )
    except _FAILURES:
        return ""
    return str(text or "")


@functools.cache
def _extractor() -> Any:
    try:
        import trafilatura
    except ImportError:
        return None
    return trafilatura.extract


def _first(found: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((found[key] for key in keys if found.get(key)), "")


def _read(found: Mapping[str, str], keys: tuple[str, ...], dates: WrittenDates) -> Moment | None:
    """The first moment that the keys state, in their order."""
    moments = (dates.read(found[key]) for key in keys if found.get(key))
    return next((moment for moment in moments if moment), None)


def _stated(source: str, url: str) -> dict[str, str]:
    """What a page says of itself, by lower-case name; the first value of each."""
    raw = source.encode("utf-8", "replace")
    markup = Markup(raw)
    markup.charset = "utf-8"
    found: dict[str, str] = {}
    linked: dict[str, str] = {}
    tried: Counter[str] = Counter()
    for tag in markup.tags():
        if tag.is_end:
            continue
        name = tag.name.lower()
        if name in _ENCLOSING:
            tried[name] += 1
            if tried[name] > _TRIES:
                continue
        _look(markup, tag, name, found, linked)
    for key, value in linked.items():
        _keep(found, key, value)
    _keep(found, "url", found.get("og:url", "") or url)
    host = host_of(found.get("url", ""))
    _keep(found, "host", host)
    return found


def _look(
    markup: Markup, tag: Tag, name: str, found: dict[str, str], linked: dict[str, str]
) -> None:
    """Keep what one tag states."""
    given = tag.attributes
    if name == "meta":
        key = given.get("property") or given.get("name") or given.get("itemprop") or ""
        _keep(found, key, given.get("content", ""))
    elif name in {"title", "h1"} and name not in found:
        _keep(found, name, html_text(_inside(markup, tag, name)))
    elif name == "time" and given.get("datetime"):
        _keep(found, "time", given["datetime"])
    elif name == "link" and given.get("rel", "").lower() == "canonical":
        _keep(found, "url", given.get("href", ""))
    elif name == "script" and "ld+json" in given.get("type", "").lower():
        for key, value in _linked(_inside(markup, tag, name)):
            _keep(linked, key, value)


def _keep(found: dict[str, str], key: str, value: str) -> None:
    key = key.strip().lower()
    if key and value.strip() and key not in found and len(found) < _NAMES_LIMIT:
        found[key] = html.unescape(value.strip())[:_VALUE_LENGTH]


def _inside(markup: Markup, tag: Tag, name: str) -> str:
    """What stands between a tag and the next end tag of its name."""
    end = -1
    if name == "script":
        closing = _SCRIPT_END.search(markup.raw, tag.end, tag.end + _SCRIPT_BYTES)
        end = closing.start() if closing else -1
    if end < 0:
        end = next(
            (
                t.start
                for t in markup.tags(tag.end, tag.end + 8192)
                if t.is_end and t.name.lower() == name
            ),
            tag.end,
        )
    return markup.text(tag.end, end)


def host_of(url: str) -> str:
    """The host of an address, without www; "" where it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _linked(source: str) -> Iterator[tuple[str, str]]:
    """Names and values in a page's JSON-LD that tell of an article."""
    try:
        stack: list[Any] = [json.loads(source, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_NAMES_LIMIT):
        if not stack:
            return
        top = stack.pop()
        if isinstance(top, list):
            stack.extend(reversed(top))
        elif isinstance(top, dict):
            if not any(key in top for key in ("headline", "datePublished", "articleBody")):
                stack.extend(value for value in top.values() if isinstance(value, (list, dict)))
                continue
            for key, value in top.items():
                yield key, _named(value)


def _named(value: Any) -> str:
    """A value of JSON-LD as text: what it is, or the name it gives; several joined by commas."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_named, value[:20])))
    if isinstance(value, dict):
        return _named(value.get("name", ""))
    return value if isinstance(value, str) else ""


def _rest(whole: str, main: str, title: str) -> str:
    """The lines of a page that its main text leaves out."""
    held = _SPACES.sub(" ", f"{title}\n{main}")
    lines = (line for line in whole.split("\n") if line.strip())
    return "\n".join(line for line in lines if _SPACES.sub(" ", line).strip() not in held)
