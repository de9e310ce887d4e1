"""Certified translations of written words: who answers for it, how qualified, of which exact bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pastwatch.casefile.papers import to_text
from pastwatch.casefile.review import KeptAnnotation
from pastwatch.desk.assessing import assessed, cited_hit, whole_text
from pastwatch.desk.case import CaseWork
from pastwatch.desk.hypotheses import hash_of
from pastwatch.errors import UsageError
from pastwatch.model.authority import Act as Allowed
from pastwatch.model.note import Annotation
from pastwatch.model.record import Citation, Record
from pastwatch.stages.brief.cite import cite

KIND: Final = "certified-translation"
DRAFT: Final = "machine-translation"
VERSION: Final = "person"
_RECORD_ID = re.compile(r"[0-9a-fA-F]{32}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A stretch of a record's own words and a person's translation of it.

    `sha256` is what the ledger holds of it.
    """

    citation: Citation
    original: str
    text: str
    language: str
    by: str
    qualification: str
    at_us: int
    sha256: str


def certify(
    case: CaseWork,
    what: str,
    text: str,
    *,
    qualification: str,
    language: str = "en",
    by: str | None = None,
) -> str:
    """Keep a translation of a record that a hit (h3) or its id names; gives the hash in the ledger.

    It is of all of the record's text. `by` is who answers for it, where that is not the person at
    this desk. The hash is in the ledger before it is kept.
    """
    case.gate.check(Allowed.READ)
    if not _LANGUAGE.fullmatch(language):
        raise UsageError("name the language translated into, as en, fr or uk")
    if not text.strip() or not qualification.strip():
        raise UsageError("a translation has words, and says how whoever made it is qualified")
    is_id = _RECORD_ID.fullmatch(what) is not None
    record_id = bytes.fromhex(what) if is_id else cited_hit(case, what).record_id
    (record,) = case.records([record_id])
    place = whole_text(record)
    if place.end_byte <= place.start_byte:
        raise UsageError("there are no words in that record to translate")
    value = {
        "text": text.strip(),
        "language": language,
        "qualification": " ".join(qualification.split()),
        "brought_by": case.office.person,
    }
    made = Annotation(
        record_id=record_id,
        kind=KIND,
        value=to_text(value),
        maker=" ".join((by or case.office.person).split()),
        version=VERSION,
        part=place.part,
        start_byte=place.start_byte,
        end_byte=place.end_byte,
    )
    sha256 = hash_of(made)
    assessed(case, {"translations": 1}, {"translation": sha256})
    case.papers.add_annotations([made], at_us=case.office.clock())
    return sha256


def certified_of(case: CaseWork, record_ids: Sequence[bytes]) -> list[Certified]:
    """The certified translations of some records, in the order of the records; none protected."""
    shut = case.papers.protected_ids()
    kept = {i: case.papers.annotations(i, kind=KIND) for i in record_ids if i not in shut}
    wanted = [record_id for record_id, own in kept.items() if own]
    return [
        _certified(record, one)
        for record in (case.records(wanted) if wanted else [])
        for one in kept[record.record_id]
    ]


def count_drafts(case: CaseWork, record_ids: Sequence[bytes]) -> int:
    """How many of some records a machine has drafted a translation of."""
    return len(case.papers.annotations_about(list(record_ids), kinds=(DRAFT,)))


def _certified(record: Record, kept: KeptAnnotation) -> Certified:
    made = kept.annotation
    value = json.loads(made.value)
    raw = record.part_text(made.part).encode()
    start, end = made.start_byte or 0, made.end_byte or len(raw)
    return Certified(
        citation=cite(record, made.part, start, end),
        original=raw[start:end].decode("utf-8", "replace"),
        text=value["text"],
        language=value["language"],
        by=made.maker,
        qualification=value["qualification"],
        at_us=kept.at_us,
        sha256=hash_of(made),
    )
