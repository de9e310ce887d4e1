"""Hostile dates and useless keys: the checks go on, and claim no more than they can."""

from __future__ import annotations

import hashlib

import pytest

from pastwatch.model.party import Party, Role
from pastwatch.model.record import Envelope, Record
from pastwatch.stages.enrich.held import Held, Outcome
from pastwatch.stages.enrich.received import received
from pastwatch.stages.enrich.signed import dkim


def held(original: bytes) -> Held:
    record = Record(
        envelope=Envelope(
            record_id=hashlib.sha256(original).digest()[:16],
            source_id="mail",
            medium="mail",
            claimed=None,
            held_us=0,
            size_bytes=len(original),
            account_tokens=(),
            conversation_token=b"",
        ),
        source_sha256=hashlib.sha256(original).digest(),
        sender=Party(address="a@example.org", name="", role=Role.TO),
        recipients=(),
        conversation="",
        native_id="",
        reply_to="",
        subject="",
        text="",
        parts=(),
    )
    return Held(record=record, source="mail", original=original)


@pytest.mark.parametrize("year", ["0101", "9999"])
def test_a_date_at_the_edge_of_the_calendar_does_not_end_the_check(year: str) -> None:
    date = f"Fri, 31 Dec {year} 23:59:00 +0000"
    original = f"Received: from a by b; {date}\nReceived: from c by a; {date}\nDate: {date}\n\nx\n"
    (only,) = received([held(original.encode())])
    assert (only.outcome, only.says) == (
        Outcome.AGREES,
        "2 stations follow each other in time",
    )


@pytest.mark.parametrize("key", ["v=DKIM1; p=", "v=DKIM1; p=!!!", "v=DKIM1; p=MAA="])
def test_under_a_key_that_is_none_a_signature_is_not_said_to_fail(key: str) -> None:
    pytest.importorskip("dkim", reason="signatures are checked by dkimpy")
    original = (
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from;\n"
        b" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\nFrom: a@example.org\n\n"
    )
    (only,) = dkim({"s._domainkey.example.org": key})([held(original)])
    assert only.outcome is Outcome.UNDECIDED
    assert only.says == "signed for example.org: the key supplied is withdrawn, or is none"
