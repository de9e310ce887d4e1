"""Reads articles, plain text or HTML pages: one file is one record, its original all its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.articles import (
    Article,
    add_article,
    has_header,
    looks_like_article,
    plain_article,
)
from pastwatch.stages.collect.connectors.batched import Columns
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.webpages import page_article, unnamed_charset
from pastwatch.stages.collect.connectors.writtendates import WrittenDates
from pastwatch.stages.collect.mailbody import looks_like_text
from pastwatch.stages.collect.mailcharset import decoded

FILE_LIMIT_BYTES = 64 * 1024 * 1024
_HEAD_BYTES = 4096
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^>]{0,2000}-->\s*)*"
    rb"(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<article[\s>])",
    re.IGNORECASE,
)


class Report:
    """The connector of articles; options: zone, order (ymd, mdy, dmy), container."""

    name = "report"
    medium = "report"
    most_sure = 80

    def recognises(self, path: Path, head: bytes) -> int:
        """Likely of a page, and of lines such as SOURCE, TITLE, PUBLISHED; barely of a headline alone."""
        if is_page(head):
            return 60
        if not looks_like_text(head):
            return 0
        text = decoded(head[:_HEAD_BYTES], unnamed_charset(head))[0]
        if has_header(text):
            return 80
        # Surer than the connector of any file, and than no other.
        return 4 if path.suffix.lower() == ".txt" and looks_like_article(text) else 0

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The one article; a file too large to be one is a gap."""
        dates = WrittenDates(options)
        columns = Columns(container_name(path, options))
        with opened(path) as view:
            size = len(view)
            if size > FILE_LIMIT_BYTES:
                yield Gap(
                    source_id="",
                    reason="larger than an article may be",
                    bytes=size,
                    lost_records_at_most=1,
                    container=columns.container,
                    offset=0,
                )
                return
            raw = bytes(view)
        if not raw.strip():
            columns.frame("blank", len(raw))
        else:
            add_article(columns, raw, read_article(raw, dates))
        yield from columns.rest()


def is_page(head: bytes) -> bool:
    """Whether bytes begin as a page of HTML does."""
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        head = decoded(head[: len(head) & ~1], "utf-16")[0].encode()
    return _PAGE.match(head) is not None


def read_article(
    raw: bytes, dates: WrittenDates, *, media_type: str = "", charset: str = "", url: str = ""
) -> Article:
    """The article in some bytes, by their media type or, without one, by how they begin."""
    if "html" in media_type or (not media_type and is_page(raw[:_HEAD_BYTES])):
        return page_article(raw, dates, charset=charset, url=url)
    text, defects = decoded(raw, charset or unnamed_charset(raw))
    if not looks_like_text(raw):
        defects |= Defect.OPAQUE
    article = plain_article(text, dates)
    return article._replace(defects=article.defects | defects)


CONNECTOR = Report()
