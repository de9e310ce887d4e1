"""Reads one mail in a file of its own (RFC 5322, .eml); the whole file is the original."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.archive.layout import FORM_MAIL
from pastwatch.model.batch import Batch
from pastwatch.model.source import Gap
from pastwatch.stages.collect.connectors.files import container_name, opened
from pastwatch.stages.collect.connectors.mails import Mails, is_raw
from pastwatch.stages.collect.connectors.mbox import RECORD_LIMIT_BYTES

_FIELDS = re.compile(
    rb"^(from|to|date|subject|received|message-id|return-path|mime-version|delivered-to):",
    re.IGNORECASE | re.MULTILINE,
)


class Eml:
    """The EML connector; options: container, depth."""

    name = "eml"
    medium = "mail"

    def recognises(self, path: Path, head: bytes) -> int:
        """Likely for a file whose header names at least three of the fields every mail has."""
        header = re.split(rb"\n\r?\n", head, maxsplit=1)[0]
        known = {found[1].lower() for found in _FIELDS.finditer(header)}
        if path.suffix.lower() == ".eml":
            return 90 if known else 60
        return 50 if len(known) >= 3 else 0  # noqa: PLR2004

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The one mail of the file."""
        container = container_name(path, options)
        rows = Mails(container, form=FORM_MAIL, raw=is_raw(options))
        with opened(path) as view:
            if len(view) > RECORD_LIMIT_BYTES:
                yield too_large(container, len(view))
            elif len(view):
                rows.add(bytes(view))
        yield from rows.rest()


def too_large(container: str, size_bytes: int) -> Gap:
    """The gap for a file of one record that is larger than a record may be."""
    return Gap(
        source_id="",
        reason="larger than a record may be",
        bytes=size_bytes,
        lost_records_at_most=1,
        container=container,
        offset=0,
    )


CONNECTOR = Eml()
