"""A finding is kept only when its citations resolve to the bytes they name."""

import hashlib
from dataclasses import replace

import pytest

from pastwatch.errors import BadValue, NoSuchRecord
from pastwatch.model.assessment import Finding, FindingKind
from pastwatch.model.record import Citation, Envelope, Record
from pastwatch.stages.assess.findings import check, resolve

ID = b"0123456789abcdef"
TEXT = "Хлеб на дороге, no doubt.\n"
RECORD = Record(
    envelope=Envelope(
        record_id=ID,
        source_id="s",
        medium="chat",
        claimed=None,
        held_us=0,
        size_bytes=len(TEXT),
        account_tokens=(),
        conversation_token=bytes(8),
    ),
    source_sha256=bytes(32),
    sender=None,
    recipients=(),
    conversation="",
    native_id="",
    reply_to="",
    subject="",
    text=TEXT,
    parts=(),
)
OPEN = {ID: RECORD}.get


def cite(start: int, end: int) -> Citation:
    return Citation(
        record_id=ID,
        part=0,
        start_byte=start,
        end_byte=end,
        text_sha256=hashlib.sha256(TEXT.encode()[start:end]).digest(),
    )


def finding(citation: Citation, statement: str = "A record speaks of bread.") -> Finding:
    return Finding(
        finding_id="f1",
        kind=FindingKind.OBSERVATION,
        statement=statement,
        citations=(citation,),
    )


def test_a_citation_resolves_to_its_words() -> None:
    assert resolve(cite(0, 8), record_of=OPEN) == "Хлеб"
    assert check(finding(cite(0, 8)), record_of=OPEN) == ()


def test_wording_comes_back_as_remarks() -> None:
    (remark,) = check(finding(cite(0, 8), "Bread was certainly meant."), record_of=OPEN)
    assert remark.words == "certainly"


def test_a_record_not_open_in_the_case_is_refused() -> None:
    elsewhere = replace(cite(0, 8), record_id=bytes(16))
    with pytest.raises(NoSuchRecord, match="not open in this case"):
        check(finding(elsewhere), record_of=OPEN)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (replace(cite(0, 8), text_sha256=bytes(32)), "hash"),
        (replace(cite(0, 8), end_byte=10), "hash"),
        (cite(0, 500), "past the end"),
        (cite(3, 3), "quotes nothing"),
        (cite(0, 7), "inside a character"),
    ],
)
def test_a_citation_that_does_not_fit_its_bytes_is_refused(wrong: Citation, why: str) -> None:
    with pytest.raises(BadValue, match=why):
        check(finding(wrong), record_of=OPEN)
