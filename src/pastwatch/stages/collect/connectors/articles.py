"""Reads an article, plain or as a page: headline, outlet, byline, times of publication and update.

An article becomes a record so: headline → subject; outlet → the sender's address, byline → the
sender's name; place → area; claimed → from the publication to the last update stated (both as they
are written stand in the part `stated`, with all else the article says of itself); body → text,
with its empty lines and marks of updates in their order. Of a page, what extraction leaves out of
the text stands in the part `page`, so that no word is lost to the search.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pastwatch.archive.layout import basis_number
from pastwatch.model.record import Defect
from pastwatch.model.when import Basis
from pastwatch.stages.collect.connectors.batched import Columns, PartRow, clean
from pastwatch.stages.collect.connectors.stated import from_to, stated
from pastwatch.stages.collect.connectors.writtendates import WrittenDates
from pastwatch.stages.collect.mailtime import Moment

_OUTLET = ("source", "outlet", "publication", "newspaper", "publisher")
_TITLE = ("title", "headline")
_BYLINE = ("author", "byline", "by", "authors")
_PUBLISHED = ("published", "published at", "published on", "date", "publication date")
_UPDATED = ("updated", "last updated", "updated at", "updated on", "modified")
_AREA = ("location", "locations", "dateline")
_OTHER = ("note", "url", "link", "section", "copyright", "language")
LABELS = frozenset((*_OUTLET, *_TITLE, *_BYLINE, *_PUBLISHED, *_UPDATED, *_AREA, *_OTHER))
_LABELLED = re.compile(r"[ \t]*([A-Za-z][A-Za-z ]{1,20}?)[ \t]*:[ \t]*(.*)")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_MARK = re.compile(r"[ \t]*((?:last )?updated?|corrected|correction)\b[ \t]*(?:at|on)?[ \t]*:?[ \t]*(.{0,80})", re.IGNORECASE)  # fmt: skip
_BY = re.compile(r"(?:by|von|par|por)[ \t]+(\S.{1,80})", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*\s*$")
_EMPTY_LINES = re.compile(r"(?:\r?\n[ \t]*){2,}")
_PARAGRAPH_LENGTH = 80
_PARAGRAPHS = 3
_HEADER_LINES = 60
_TITLE_LENGTH = 250
_OPENING_LINES = 8


class Article(NamedTuple):
    """What was read of an article."""

    subject: str = ""
    outlet: str = ""
    byline: str = ""
    area: str = ""
    published: Moment | None = None
    updated: Moment | None = None
    received: Moment | None = None  # when it was captured; its time where it states none
    text: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    parts: tuple[PartRow, ...] = ()
    defects: Defect = Defect.NONE
    native_id: str = ""
    reply_to: str = ""
    conversation: str = ""
    kind: int = 0


def add_article(columns: Columns, original: bytes, article: Article) -> None:
    """Add an article as a record."""
    earliest_us, latest_us, basis, defects = from_to(article.published, article.updated)
    if earliest_us is None and article.received is not None:
        earliest_us, latest_us, basis = *article.received[:2], Basis.RECEIVED
        defects = Defect.NONE
    defects |= article.defects
    address = article.outlet or article.byline
    if not address:
        defects |= Defect.NO_SENDER
    if Defect.BAD_DATE in defects:
        defects &= ~Defect.NO_DATE
    columns.add(
        original,
        text=clean(article.text),
        earliest_us=earliest_us,
        latest_us=latest_us,
        basis=basis_number(basis) if earliest_us is not None else 0,
        sender_address=clean(address),
        sender_name=clean(article.byline),
        subject=clean(article.subject),
        area=clean(article.area),
        native_id=clean(article.native_id),
        reply_to=clean(article.reply_to),
        conversation=clean(article.conversation),
        parts=[*stated(article.lines), *article.parts],
        kind=article.kind,
        defects=int(defects),
    )


def has_header(text: str) -> bool:
    """Whether a text begins with lines that name an article's title, source or date."""
    found = {label for label, _ in _header(text, None)[0]}
    named = sum(any(label in found for label in group) for group in (_OUTLET, _TITLE, _PUBLISHED))
    return named >= 2  # noqa: PLR2004 - one alone begins many a text


def looks_like_article(text: str) -> bool:
    """Whether a text is a headline set apart, and paragraphs of sentences under it."""
    head, *paragraphs = _EMPTY_LINES.split(text.strip("\ufeff \t\r\n"))
    told = [p for p in paragraphs if len(p) > _PARAGRAPH_LENGTH and _SENTENCE_END.search(p)]
    is_headline = "\n" not in head and 0 < len(head) <= _TITLE_LENGTH
    return is_headline and not _SENTENCE_END.search(head) and len(told) >= _PARAGRAPHS


def plain_article(text: str, dates: WrittenDates) -> Article:
    """An article in plain text, with header lines or with a headline alone."""
    lines, at = _header(text, dates)
    return _labelled(lines, text[at:], dates) if lines else _bare(text, dates)


def _header(text: str, dates: WrittenDates | None) -> tuple[list[tuple[str, str]], int]:
    """The labelled lines that begin a text, and where its body does.

    A line that is nothing but a date is read as one where `published` gave none.
    """
    lines: list[tuple[str, str]] = []
    at = body = 0
    text_at = len(text) - len(text.lstrip("\ufeff"))
    for _ in range(_HEADER_LINES):
        found = _LINE.match(text, at or text_at)
        if found is None or found.end() == at:
            break
        line = found[0].strip()
        labelled = _LABELLED.fullmatch(found[0].rstrip("\r\n"))
        if labelled and labelled[1].lower() in LABELS:
            lines.append((labelled[1].lower(), labelled[2].strip()))
        elif line and dates and lines and _lacks_date(lines, dates) and dates.is_date(line):
            lines.append(("date", line))
        elif line:
            break
        at = found.end()
        if line:
            body = at
    return lines, body


def _lacks_date(lines: Sequence[tuple[str, str]], dates: WrittenDates) -> bool:
    return not any(label in _PUBLISHED and dates.is_date(value) for label, value in lines)


def _first(lines: Sequence[tuple[str, str]], labels: Sequence[str]) -> str:
    return next((value for label, value in lines if label in labels and value), "")


def _labelled(lines: list[tuple[str, str]], body: str, dates: WrittenDates) -> Article:
    published_as = [value for label, value in lines if label in _PUBLISHED and value]
    published = next((m for value in published_as if (m := dates.read(value))), None)
    byline, defects = _first(lines, _BYLINE), Defect.NONE
    if published is None and (found := dates.read(byline)) is not None:
        published, byline, defects = found, "", Defect.FALLBACK  # the lines stand under wrong names
    elif not byline:
        name = next((value for value in published_as if not dates.read(value)), "")
        spoken = _BY.fullmatch(name)
        byline = spoken[1].strip() if spoken else name
        defects = Defect.FALLBACK if name else defects
    if published is None and published_as:
        defects |= Defect.BAD_DATE
    updated = dates.read(_first(lines, _UPDATED))
    marks, marked = _marks(body, dates)
    return Article(
        subject=_first(lines, _TITLE),
        outlet=_first(lines, _OUTLET),
        byline=byline,
        area=_first(lines, _AREA),
        published=published,
        updated=_latest([updated, *marked]),
        text=body.strip("\r\n"),
        lines=(*lines, *marks),
        defects=defects,
    )


def _bare(text: str, dates: WrittenDates) -> Article:
    """A headline, perhaps a byline and a date, and the body: each set apart by empty lines."""
    text = text.lstrip("\ufeff")
    head, _, rest = text.lstrip().partition("\n")
    is_apart = not rest.split("\n", 1)[0].strip() and rest.strip()
    subject = head.strip() if is_apart and len(head) <= _TITLE_LENGTH else ""
    if _SENTENCE_END.search(subject) and not subject.endswith("?"):
        subject = ""
    body = rest if subject else text
    byline, published = "", None
    for line in [line.strip() for line in body.split("\n") if line.strip()][:_OPENING_LINES]:
        spoken = _BY.fullmatch(line)
        labelled = _LABELLED.fullmatch(line)
        value = labelled[2] if labelled and labelled[1].lower() in _PUBLISHED else line
        byline = byline or (spoken[1].strip() if spoken else "")
        published = published or dates.read(value)
    marks, marked = _marks(body, dates)
    return Article(
        subject=subject,
        byline=byline,
        published=published,
        updated=_latest(marked),
        text=body.strip("\r\n"),
        lines=tuple(marks),
    )


def _marks(body: str, dates: WrittenDates) -> tuple[list[tuple[str, str]], list[Moment]]:
    """Lines that say the text was changed, in their order, and the moments they state."""
    marks, moments = [], []
    for line in body.split("\n"):
        if len(line) < _TITLE_LENGTH and (found := _MARK.fullmatch(line.strip())):
            marks.append(("mark", line.strip()))
            if moment := dates.read(found[2]):
                moments.append(moment)
    return marks, moments


def _latest(moments: Sequence[Moment | None]) -> Moment | None:
    return max((m for m in moments if m), key=lambda m: m.latest_us, default=None)
