"""Calendars and contact cards: each entry a record, at its own time, with its people."""

from pathlib import Path
from typing import Any, ClassVar

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect
from pastwatch.model.when import DAY_US, HOUR_US, SECOND_US, parse_iso
from pastwatch.stages.collect.connectors import calendar, contacts
from pastwatch.testing.connectors import ConnectorConformance

EVENT = """BEGIN:VEVENT
UID:one@example.org
DTSTAMP:20170401T000000Z
DTSTART:20170404T033000Z
DTEND:20170404T043000Z
ORGANIZER;CN="Berg, Anna":mailto:anna@Example.ORG
ATTENDEE;CN=Omar;PARTSTAT=ACCEPTED:MAILTO:omar@example.net
SUMMARY:At the bri
 dge\\, north
DESCRIPTION:bring the canary\\nand the plan
ATTACH;ENCODING=BASE64;VALUE=BINARY;FILENAME=plan.txt:dGhlIHBsYW4=
BEGIN:VALARM
DESCRIPTION:reminding words
END:VALARM
END:VEVENT
"""
CALENDAR = "BEGIN:VCALENDAR\nVERSION:2.0\nX-WR-CALNAME:Works\n" + EVENT * 3 + "END:VCALENDAR\n"
START_US = parse_iso("2017-04-04T03:30:00Z")[0]
CARD = """BEGIN:VCARD
VERSION:3.0
N:Berg;Anna;;Dr.;
FN:Anna Berg
EMAIL;TYPE=work:anna@Example.ORG
TEL;TYPE=cell:+44 20 5550 1234
NOTE:met at the canary\\, twice
PHOTO;ENCODING=b;TYPE=JPEG:AAEC
 AwQF
REV:2017-04-04T03:30:00Z
END:VCARD
"""


def rows(connector: Any, folder: Path, text: str | bytes, **options: str) -> list[dict[str, Any]]:
    path = folder / "sample"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [
        row
        for piece in connector.read(path, options)
        if isinstance(piece, Batch)
        for row in piece.columns.to_pylist()
    ]


class TestCalendar(ConnectorConformance):
    connector = calendar.CONNECTOR
    suffix = ".ics"

    def sample(self) -> bytes:
        return CALENDAR.encode()


class TestContacts(ConnectorConformance):
    connector = contacts.CONNECTOR
    suffix = ".vcf"
    options: ClassVar = {"zone": "UTC"}

    def sample(self) -> bytes:
        return (CARD * 4).encode()


def test_an_event_is_a_record_with_its_exact_bytes_people_and_words(tmp_path: Path) -> None:
    found = rows(calendar.CONNECTOR, tmp_path, CALENDAR)
    assert [row["original"].decode() for row in found] == [EVENT] * 3
    row = found[0]
    assert row["subject"] == "At the bridge, north"
    assert (row["sender_address"], row["sender_name"]) == ("anna@example.org", "Berg, Anna")
    assert [p["address"] for p in row["recipients"]] == ["omar@example.net"]
    assert (row["earliest_us"], row["latest_us"]) == (START_US, START_US + HOUR_US - 1)
    assert row["conversation"] == "Works"
    assert "bring the canary\nand the plan" in row["text"]
    assert "reminding words" in row["text"]
    assert [(p["name"], p["size_bytes"]) for p in row["parts"]] == [("plan.txt", 8)]
    assert row["defects"] == 0


@pytest.mark.parametrize(
    ("start", "earliest_h", "latest_h", "flag"),
    [
        ("DTSTART;TZID=Europe/Paris:20170404T053000", 0, 0, Defect.NONE),
        ("DTSTART:20170404T033000", -14, 12, Defect.AMBIGUOUS_DATE),
        ("DTSTART;TZID=Somewhere Standard Time:20170404T033000", -2, -1, Defect.AMBIGUOUS_DATE),
    ],
)
def test_a_start_is_as_sure_as_its_zone(
    tmp_path: Path, start: str, earliest_h: int, latest_h: int, flag: Defect
) -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Somewhere Standard Time\nBEGIN:STANDARD\nTZOFFSETTO:+0100\n"
        "END:STANDARD\nBEGIN:DAYLIGHT\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
    )
    event = f"BEGIN:VEVENT\n{start}\nSUMMARY:x\nEND:VEVENT\n"
    (row,) = rows(calendar.CONNECTOR, tmp_path, f"BEGIN:VCALENDAR\n{zone}{event}END:VCALENDAR\n")
    assert row["earliest_us"] == START_US + earliest_h * HOUR_US
    assert row["latest_us"] == START_US + latest_h * HOUR_US
    assert Defect(row["defects"]) & ~Defect.NO_SENDER == flag


def test_a_whole_day_ends_before_the_next_begins(tmp_path: Path) -> None:
    event = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20170404\nDTEND;VALUE=DATE:20170406\nSUMMARY:x\nEND:VEVENT\n"
    (row,) = rows(calendar.CONNECTOR, tmp_path, event, zone="UTC")
    midnight_us = parse_iso("2017-04-04T00:00:00Z")[0]
    assert (row["earliest_us"], row["latest_us"]) == (midnight_us, midnight_us + 2 * DAY_US - 1)


def test_a_length_stands_in_for_an_end(tmp_path: Path) -> None:
    event = "BEGIN:VEVENT\nDTSTART:20170404T033000Z\nDURATION:PT1H30M\nEND:VEVENT\n"
    (row,) = rows(calendar.CONNECTOR, tmp_path, event)
    assert row["latest_us"] == START_US + 5400 * SECOND_US - 1


def test_an_event_without_its_end_is_cut_and_the_next_is_whole(tmp_path: Path) -> None:
    broken = EVENT.replace("END:VEVENT\n", "")
    first, second = rows(calendar.CONNECTOR, tmp_path, broken + EVENT)
    assert first["original"].decode() == broken
    assert first["defects"] & Defect.CUT_SHORT
    assert not second["defects"] & Defect.CUT_SHORT


def test_a_card_names_its_person_under_each_address(tmp_path: Path) -> None:
    (row,) = rows(contacts.CONNECTOR, tmp_path, CARD)
    assert row["subject"] == "Anna Berg"
    assert [(p["address"], p["name"], p["role"]) for p in row["recipients"]] == [
        ("anna@example.org", "Anna Berg", 3),
        ("+44 20 5550 1234", "Anna Berg", 3),
    ]
    assert row["sender_address"] is None
    assert row["earliest_us"] == row["latest_us"] == START_US
    assert "met at the canary, twice" in row["text"]
    assert [(p["media_type"], p["size_bytes"]) for p in row["parts"]] == [("image/jpeg", 6)]


def test_old_cards_are_read_in_their_own_charset_and_encoding(tmp_path: Path) -> None:
    card = (
        b"BEGIN:VCARD\r\nVERSION:2.1\r\n"
        b"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=90=D0=BD=\r\n=D0=BD=D0=B0\r\n"
        b"NOTE;CHARSET=windows-1251:"
        + "мост".encode("cp1251")
        + b"\r\nPHOTO;JPEG;BASE64:AAEC\r\nAwQF\r\n\r\nTEL;HOME:555 1234\r\nEND:VCARD\r\n"
    )
    (row,) = rows(contacts.CONNECTOR, tmp_path, card)
    assert row["subject"] == "Анна"
    assert "мост" in row["text"]
    assert [p["size_bytes"] for p in row["parts"]] == [6]
    assert [p["address"] for p in row["recipients"]] == ["555 1234"]


def test_a_card_in_a_card_stays_in_it(tmp_path: Path) -> None:
    inner = "AGENT:\nBEGIN:VCARD\nFN:Inner\nEND:VCARD\n"
    found = rows(contacts.CONNECTOR, tmp_path, CARD.replace("NOTE:", inner + "NOTE:") + CARD)
    assert len(found) == 2
