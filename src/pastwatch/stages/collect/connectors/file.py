"""Reads any single file as one record: a document, a picture; its words where they can be read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pastwatch.errors import SourceError
from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Draft, Part
from pastwatch.model.source import Gap
from pastwatch.model.when import Basis, When
from pastwatch.stages.collect.connectors.batched import clean
from pastwatch.stages.collect.connectors.times import Times
from pastwatch.stages.collect.connectors.wholefile import one_record
from pastwatch.stages.collect.parttext import is_document, media_type_of, read_part

_DOCUMENTS = 40
_ANYTHING = 3
_TEXTS = ("text/", "application/rtf")
_OFFICE = re.compile(r"[.](docx?|xlsx?|pptx?|od[tsp]|rtf|pdf)\Z", re.IGNORECASE)


class File:
    """The connector of last resort; options: container, zone. The whole file is the original."""

    name = "file"
    medium = "file"

    def recognises(self, path: Path, head: bytes) -> int:
        """Likely for PDF, office documents and RTF; barely for any other file that holds bytes."""
        if not head or path.is_dir():
            return 0
        is_office = head.startswith((b"%PDF-", b"{\\rtf")) or (
            head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
            and (bool(_OFFICE.search(path.name)) or b"[Content_Types].xml" in head[:200])
        )
        is_open = head[30:38] == b"mimetype" and b"oasis.opendocument" in head[38:120]
        return _DOCUMENTS if is_office or is_open else _ANYTHING

    def read(self, path: Path, options: Mapping[str, Any]) -> Iterator[Batch | Gap]:
        """The one record of the file; it names neither sender nor recipient."""
        times = Times({"zone": options.get("zone")})
        if path.is_dir():
            raise SourceError(f'"{path.name}" is a folder, and a file was expected')
        yield from one_record(path, options, made_of=lambda raw: _draft(raw, path.name, times))


def _draft(original: bytes, name: str, times: Times) -> Draft:
    found = read_part(original, name=name)
    kind = media_type_of(original, name=name) or "application/octet-stream"
    defects = found.defects
    if not found.text.strip():
        defects |= Defect.OPAQUE
    made = times.read(found.created) if found.created else None
    claimed = None
    if made is None:
        defects |= Defect.BAD_DATE if found.created else Defect.NO_DATE
    else:
        claimed = When(earliest_us=made.earliest_us, latest_us=made.latest_us, basis=Basis.INFERRED)
        defects |= Defect.NONE if made.has_zone else Defect.AMBIGUOUS_DATE
    name = clean(name)
    # What the bytes are stands in a part of its own, whose words are the record's own text.
    part = Part(
        name=name,
        media_type=kind,
        size_bytes=len(original),
        sha256=hashlib.sha256(original).digest(),
    )
    is_plain = kind.startswith(_TEXTS) and not is_document(original)
    return Draft(
        original=original,
        text=clean(found.text),
        claimed=claimed,
        native_id=name,
        subject=name,
        parts=() if is_plain else (part,),
        defects=defects,
    )


CONNECTOR = File()
