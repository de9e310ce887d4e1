"""Check a finding before it is kept: its citations resolve and its wording is calibrated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from pastwatch.errors import BadValue, NoSuchRecord
from pastwatch.model.assessment import Finding
from pastwatch.model.record import Citation, Record
from pastwatch.model.wording import WordingChoice
from pastwatch.stages.assess.wording import Remark, lint, lint_reasons
from pastwatch.stages.assess.wording_stated import UNCHOSEN


def check(
    finding: Finding,
    *,
    record_of: Callable[[bytes], Record | None],
    choice: WordingChoice = UNCHOSEN,
) -> tuple[Remark, ...]:
    """Remarks on the finding's wording, once every citation is found to hold.

    `record_of` gives a record already opened in this case, or None. NoSuchRecord for a citation
    of any other record, BadValue for one that does not fit its record's bytes.
    """
    for citation in finding.citations:
        resolve(citation, record_of=record_of)
    remarks = lint(
        finding.statement, kind=finding.kind, likelihood=finding.likelihood, choice=choice
    )
    return remarks + lint_reasons(finding.reasons)


def resolve(citation: Citation, *, record_of: Callable[[bytes], Record | None]) -> str:
    """The exact words a citation names; NoSuchRecord or BadValue when it names none."""
    record = record_of(citation.record_id)
    if record is None:
        raise NoSuchRecord("a finding cites a record that is not open in this case")
    return cited_words(citation, record)


def cited_words(citation: Citation, record: Record) -> str:
    """The words of the record between the citation's bytes, checked against its hash."""
    raw = record.part_text(citation.part).encode()
    quoted = raw[citation.start_byte : citation.end_byte]
    if citation.end_byte > len(raw):
        raise BadValue("a citation reaches past the end of its part")
    if not quoted:
        raise BadValue("a citation quotes nothing")
    if hashlib.sha256(quoted).digest() != citation.text_sha256:
        raise BadValue("a citation's hash is not that of the bytes it names")
    try:
        return quoted.decode()
    except UnicodeDecodeError:
        raise BadValue("a citation starts or ends inside a character") from None
