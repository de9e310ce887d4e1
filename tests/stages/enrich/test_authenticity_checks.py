"""Checks of authenticity tell what they see and where, and never what it means."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from pastwatch.errors import BadValue
from pastwatch.model.party import Party, Role
from pastwatch.model.record import Envelope, Record
from pastwatch.model.when import Basis, When
from pastwatch.stages.enrich.continuity import ids, numbers
from pastwatch.stages.enrich.embedded import embedded
from pastwatch.stages.enrich.held import Held, Outcome, Remark
from pastwatch.stages.enrich.madeby import made_by
from pastwatch.stages.enrich.otherside import other_side
from pastwatch.stages.enrich.received import received
from pastwatch.stages.enrich.signed import dkim, keys_of

NOON_US = int(datetime(2017, 4, 3, 12, tzinfo=UTC).timestamp()) * 1_000_000
MINUTE_US = 60_000_000


def held(
    original: bytes,
    *,
    at_us: int | None = NOON_US,
    source: str = "mail",
    medium: str = "mail",
    native_id: str = "",
    text: str = "",
    conversation: str = "",
) -> Held:
    claimed = (
        None if at_us is None else When(earliest_us=at_us, latest_us=at_us, basis=Basis.HEADER)
    )
    record = Record(
        envelope=Envelope(
            record_id=hashlib.sha256(original + str(at_us).encode()).digest()[:16],
            source_id=source,
            medium=medium,
            claimed=claimed,
            held_us=NOON_US,
            size_bytes=len(original),
            account_tokens=(),
            conversation_token=b"",
        ),
        source_sha256=hashlib.sha256(original).digest(),
        sender=Party(address="a@example.org", name="", role=Role.TO),
        recipients=(),
        conversation=conversation,
        native_id=native_id,
        reply_to="",
        subject="",
        text=text,
        parts=(),
    )
    return Held(record=record, source=source, original=original)


def mail(*headers: str, body: str = "the convoy left") -> bytes:
    return ("\n".join(headers) + f"\n\n{body}\n").encode()


def told(remarks: Iterable[Remark]) -> list[tuple[Outcome, str]]:
    return [(remark.outcome, remark.says) for remark in remarks]


def test_stations_in_order_agree_and_a_step_back_is_told_with_its_bytes() -> None:
    good = mail(
        "Received: from b by c; Mon, 3 Apr 2017 12:05:00 +0000",
        "Received: from a by b; Mon, 3 Apr 2017 15:01:00 +0300",
        "Date: Mon, 3 Apr 2017 12:00:00 +0000",
    )
    assert told(received([held(good)])) == [
        (Outcome.AGREES, "2 stations follow each other in time")
    ]
    back = mail(
        "Received: from b by c;\n Mon, 3 Apr 2017 09:00:00 +0000",
        "Received: from a by b; Mon, 3 Apr 2017 12:01:00 +0000",
    )
    (remark,) = received([held(back)])
    assert remark.outcome is Outcome.DIFFERS
    assert remark.says == "a station states a time 3 hours before the one it had it from"
    assert back[remark.start_byte : remark.end_byte].startswith(b"Received: from b by c;")


def test_a_mail_written_after_its_first_station_had_it_differs() -> None:
    late = mail(
        "Received: from a by b; Mon, 3 Apr 2017 12:00:00 +0000",
        "Date: Tue, 4 Apr 2017 12:00:00 +0000",
    )
    differs, agrees = received([held(late)])
    assert differs.says == "it claims to be written 1 day after its first station had it"
    assert late[differs.start_byte : differs.end_byte].startswith(b"Date: Tue")
    assert agrees.outcome is Outcome.AGREES
    old = late.replace(b"Tue, 4 Apr 2017", b"Mon, 6 Mar 2017")
    assert told(received([held(old)]))[0] == (
        Outcome.DIFFERS,
        "its first station had it 28 days after the date it claims",
    )


def test_where_no_station_is_named_that_is_said() -> None:
    assert told(received([held(mail("From: a@example.org"))])) == [
        (Outcome.ABSENT, "no station is named")
    ]
    assert told(received([held(mail("Received: from a by b; lately"))])) == [
        (Outcome.ABSENT, "no station on the way states a time")
    ]
    assert not told(received([held(b"{}", medium="telegram")]))


SIGNED = b"""From: Ana <ana@example.org>\r
To: omar@example.net\r
Subject: at dawn\r
Date: Mon, 03 Apr 2017 12:00:00 +0000\r
\r
the convoy left\r
"""


def signed_mail() -> tuple[bytes, str]:
    library = pytest.importorskip("dkim", reason="signatures need the extra authenticity")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signature = library.sign(SIGNED, b"sel", b"example.org", private)
    zone = f"sel._domainkey.example.org v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}\n"
    return (signature + SIGNED).replace(b"\r\n", b"\n"), zone


def test_a_signature_holds_under_the_key_supplied_and_not_once_a_byte_is_changed() -> None:
    original, zone = signed_mail()
    check = dkim(keys_of("# keys\n" + zone))
    (remark,) = check([held(original)])
    assert (remark.outcome, remark.says) == (
        Outcome.AGREES,
        "the signature for example.org holds under the key supplied",
    )
    assert original[remark.start_byte : remark.end_byte].lower().startswith(b"dkim-signature")
    for was, now in ((b"convoy", b"column"), (b"at dawn", b"at dusk")):
        (remark,) = check([held(original.replace(was, now))])
        assert remark.outcome is Outcome.DIFFERS


def test_without_a_key_nothing_is_said_of_a_signature() -> None:
    original, zone = signed_mail()
    assert told(dkim({})([held(original)])) == [
        (Outcome.UNDECIDED, "signed for example.org: no key was supplied")
    ]
    assert told(dkim({})([held(mail("From: a@b"))])) == [
        (Outcome.ABSENT, "it carries no signature")
    ]
    broken = original.replace(b" bh=", b" bx=")
    assert told(dkim(keys_of(zone))([held(broken)]))[0][0] is Outcome.UNDECIDED
    with pytest.raises(BadValue, match="line 1"):
        keys_of("example.org key")


def test_an_id_borne_by_two_different_records_differs() -> None:
    one = held(mail("Message-ID: <x@y>", body="one"), native_id="<x@y>")
    two = held(mail("Message-ID: <x@y>", body="two"), native_id="<x@y>")
    copy = held(mail("Message-ID: <z@y>"), native_id="<z@y>")
    remarks = list(ids([one, two, copy, copy]))
    assert [remark.record_id for remark in remarks] == [
        one.record.record_id,
        two.record.record_id,
    ]
    assert one.original[remarks[0].start_byte : remarks[0].end_byte].startswith(b"Message-ID")


def test_holes_and_steps_back_in_numbers_are_told() -> None:
    run = [
        held(b"%d" % n, native_id=str(n), medium="telegram", at_us=NOON_US + n * MINUTE_US)
        for n in (1, 2, 3, 4, 8)
    ]
    assert told(numbers(run)) == [
        (Outcome.UNDECIDED, "3 numbers before it are not among the records read")
    ]
    run[1] = held(b"2", native_id="2", medium="telegram", at_us=NOON_US - MINUTE_US)
    assert told(numbers(run))[0] == (
        Outcome.DIFFERS,
        "it bears a later number than a record that claims a later time",
    )
    assert not told(numbers(run[:4]))


def test_a_form_that_is_not_the_named_programs_differs() -> None:
    form = 'Content-Type: multipart/mixed; boundary="Apple-Mail=_1F"'
    apple = mail("X-Mailer: Apple Mail (2.3124)", form)
    outlook = mail("X-Mailer: Microsoft Outlook 16.0", form)
    unnamed = mail(form)
    outcomes = [remark.outcome for remark in made_by([held(m) for m in (apple, outlook, unnamed)])]
    assert outcomes == [Outcome.AGREES, Outcome.DIFFERS, Outcome.UNDECIDED]
    assert told(made_by([held(mail("From: a@b"))]))[0][0] is Outcome.ABSENT


def test_a_picture_made_after_the_claimed_time_differs() -> None:
    picture = b"\xff\xd8\xff\xe1\x00\x40Exif\x00\x00II*\x00" + b"2017:06:01 10:00:00\x00" + bytes(9)
    attached = mail(
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="cut"',
        body="--cut\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(picture).decode()
        + "\n--cut--",
    )
    (remark,) = embedded([held(attached)])
    assert (remark.outcome, remark.says) == (
        Outcome.DIFFERS,
        "a picture says it was made on 2017-06-01, after the time the record claims",
    )
    (remark,) = embedded([held(picture.replace(b"2017:06", b"2016:06"), medium="file")])
    assert remark.outcome is Outcome.AGREES
    assert (remark.start_byte, remark.end_byte) == (0, len(picture))
    pdf = b"%PDF-1.4\n1 0 obj << /CreationDate (D:20170601100000Z) >>"
    assert told(embedded([held(pdf, medium="file", at_us=None)]))[0][0] is Outcome.UNDECIDED
    assert not told(embedded([held(b"\xff\xd8\xffExif\x00\x009999:99:99 99:99:99\x00")]))


def test_two_sides_of_a_conversation_are_compared_record_by_record() -> None:
    def side(source: str, *said: tuple[int, str]) -> list[Held]:
        return [
            held(
                f"{source}{minute}{text}".encode(),
                source=source,
                medium="whatsapp",
                text=text,
                at_us=NOON_US + minute * MINUTE_US,
            )
            for minute, text in said
        ]

    ana = side("ana", (0, "are you there"), (1, "Yes"), (5, "burn it"), (9, "ok"), (60, "later"))
    omar = side("omar", (0, "are you  there"), (1, "yes"), (5, "keep it"), (20, "bye"))
    outcomes = {
        (h.source, h.record.text): remark.says
        for remark in other_side("ana", "omar")([*ana, *omar])
        for h in (*ana, *omar)
        if h.record.record_id == remark.record_id
    }
    assert outcomes == {
        ("ana", "are you there"): "omar holds the same words at that time",
        ("ana", "Yes"): "omar holds the same words at that time",
        ("ana", "burn it"): "omar holds other words at that time",
        ("ana", "ok"): "omar covers that time and does not hold it",
        ("ana", "later"): "omar covers no such time",
        ("omar", "are you  there"): "ana holds the same words at that time",
        ("omar", "yes"): "ana holds the same words at that time",
        ("omar", "keep it"): "ana holds other words at that time",
        ("omar", "bye"): "ana covers that time and does not hold it",
    }


def test_a_remark_is_kept_with_its_maker_version_and_place() -> None:
    back = mail(
        "Received: from b by c; Mon, 3 Apr 2017 09:00:00 +0000",
        "Received: from a by b; Mon, 3 Apr 2017 12:01:00 +0000",
    )
    (remark,) = received([held(back)])
    kept = remark.annotation()
    assert (kept.kind, kept.maker, kept.version) == (
        "authenticity/received",
        "pastwatch.received",
        "1",
    )
    assert kept.value.startswith("differs: a station")
    assert (kept.start_byte, kept.end_byte) == (remark.start_byte, remark.end_byte)
