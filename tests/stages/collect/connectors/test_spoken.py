"""Chats and transcripts: who said what and when, and what nobody said."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pastwatch.model.batch import Batch
from pastwatch.model.record import Defect, Kind
from pastwatch.model.when import SECOND_US, parse_iso
from pastwatch.stages.collect.connectors import transcript, whatsapp

UTC = {"zone": "UTC"}


def read(
    tmp_path: Path, text: str, options: Mapping[str, Any], connector: Any = whatsapp.CONNECTOR
) -> list[dict[str, Any]]:
    path = tmp_path / "chat.txt"
    path.write_bytes(text.encode())
    found = connector.read(path, options)
    return [row for piece in found if isinstance(piece, Batch) for row in piece.columns.to_pylist()]


@pytest.mark.parametrize(
    ("lines", "iso"),
    [
        ("04/04/2017, 06:30 - Anna: x\n14/04/2017, 06:30 - Anna: y", "2017-04-04T06:30:00Z"),
        ("4/3/17, 6:30 PM - Anna: x\n4/13/17, 6:30 PM - Anna: y", "2017-04-03T18:30:00Z"),
        ("4/3/17, 6:30\u202fAM - Anna: x\n4/13/17, 6:30\u202fPM - Anna: y", "2017-04-03T06:30:00Z"),
        ("[2017-04-03 18:30] Anna: x\n[2017-04-13 18:30] Anna: y", "2017-04-03T18:30:00Z"),
        ("\u200e[03.04.17, 18:30:00] Anna: x\n\u200e[13.04.17, 18:30:00] Anna: y", "2017-04-03T18:30:00Z"),
        ("٣/٤/٢٠١٧، ٦:٣٠ م - آنا: x\n١٣/٤/٢٠١٧، ٦:٣٠ م - آنا: y", "2017-04-03T18:30:00Z"),
        ("31/01/17, 06:30 - Anna: x\n01/02/17, 06:30 - Anna: y", "2017-01-31T06:30:00Z"),
    ],
)  # fmt: skip
def test_dates_are_read_as_phones_write_them(tmp_path: Path, lines: str, iso: str) -> None:
    first, second = read(tmp_path, lines, UTC)
    assert first["earliest_us"] == parse_iso(iso)[0]
    assert (first["text"], second["text"]) == ("x", "y")
    assert not first["defects"]


def test_the_order_of_the_whole_file_decides_a_days_reading(tmp_path: Path) -> None:
    text = (
        "".join(f"0{day}/04/17, 06:30 - Anna: x\n" for day in range(1, 10))
        + "10/04/17, 06:30 - Anna: x\n13/04/17, 06:30 - A: x\n"
    )
    assert read(tmp_path, text, UTC)[0]["earliest_us"] == parse_iso("2017-04-01T06:30:00Z")[0]


def test_an_undecidable_day_keeps_both_readings(tmp_path: Path) -> None:
    text = "03/04/2017, 06:30 - Anna: x\n04/04/2017, 06:30 - Anna: y\n"
    first, second = read(tmp_path, text, UTC)
    assert first["latest_us"] == parse_iso("2017-04-03T06:30:59.999999Z")[0]
    assert Defect(first["defects"]) & Defect.AMBIGUOUS_DATE
    assert first["earliest_us"] == parse_iso("2017-03-04T06:30:00Z")[0]
    assert not second["defects"]
    assert not read(tmp_path, text, {**UTC, "order": "dmy"})[0]["defects"]


def test_a_line_that_only_starts_like_a_date_goes_on(tmp_path: Path) -> None:
    text = (
        "14/04/2017, 06:30 - Anna: we meet\n15/04/2017 at the bridge\n"
        "01/02/2013, 10:00 - Omar: pasted from long ago\n15/04/2017, 06:31 - Omar: ok\n"
    )
    first, second = read(tmp_path, text, UTC)
    assert "at the bridge" in first["text"]
    assert "long ago" in first["text"]
    assert second["text"] == "ok"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ('+12 345 578 created group "Plan: B"', Kind.CREATED),
        ("You were added", Kind.ADDED),
        ("Anna added Omar", Kind.ADDED),
        ("Omar left", Kind.LEFT),
        ("Anna removed Omar", Kind.REMOVED),
        ("Omar joined using this group's invite link", Kind.JOINED),
        ('Anna changed the subject from "A: one" to "B"', Kind.RENAMED),
        ("Plan: B: Messages and calls are end-to-end encrypted. Tap.", Kind.NOTICE),
        ("Town Chat: \u200eMessages and calls are end-to-end encrypted. Tap.", Kind.NOTICE),
        ("Town Chat: \u200eAnna added you", Kind.ADDED),
    ],
)
def test_what_the_app_wrote_has_no_sender(tmp_path: Path, words: str, kind: Kind) -> None:
    row = read(tmp_path, f"14/04/2017, 06:30 - {words}\n14/04/2017, 06:31 - Anna: x\n", UTC)[0]
    assert (row["sender_address"], Kind(row["kind"])) == (None, kind)


@pytest.mark.parametrize(
    ("words", "sender", "text"),
    [
        ("Anna: Omar left", "Anna", "Omar left"),
        ("Anna: it: works", "Anna", "it: works"),
        ("+1 555 123 4567: hi", "+15551234567", "hi"),
        ("~\u202fAnna Berg: hi", "Anna Berg", "hi"),
        ("🤓: hi", "🤓", "hi"),
        ("Anna:.", "Anna", "."),
    ],
)
def test_what_a_person_said_has_one(tmp_path: Path, words: str, sender: str, text: str) -> None:
    row = read(tmp_path, f"14/04/2017, 06:30 - {words}\n", UTC)[0]
    assert (row["sender_address"], row["text"], Kind(row["kind"])) == (sender, text, Kind.SAID)


def test_a_deleted_record_says_so(tmp_path: Path) -> None:
    row = read(tmp_path, "[14/04/2017, 06:30:00] Anna: \u200eThis message was deleted.\n", UTC)[0]
    assert (row["sender_address"], Kind(row["kind"])) == ("Anna", Kind.DELETED)


def test_a_transcript_names_speaker_and_span(tmp_path: Path) -> None:
    text = "1\n00:00:01,500 --> 00:00:02,000\nANNA: the bridge\n\nand the road\n\n2\n00:00:03,000 --> 00:00:04,000\n<i>at six</i>\n"
    epoch = {"epoch": "2017-04-04T03:00:00Z"}
    first, more, second = read(tmp_path, text, epoch, transcript.CONNECTOR)
    start_us = parse_iso(epoch["epoch"])[0]
    assert (first["sender_address"], first["text"]) == ("ANNA", "the bridge")
    assert (first["earliest_us"] - start_us, first["latest_us"] - start_us) == (
        1_500_000,
        2_000_000,
    )
    assert (more["text"], more["basis"], more["earliest_us"]) == (
        "and the road",
        4,
        first["earliest_us"],
    )
    assert second["text"] == "at six"


def test_an_elapsed_clock_without_an_epoch_is_undated(tmp_path: Path) -> None:
    text = "[055:54:53] EECOM: the stir\nand so on\n[055:55:00] FLIGHT: go\n"
    first, second = read(tmp_path, text, {}, transcript.CONNECTOR)
    assert (first["sender_address"], first["text"]) == ("EECOM", "the stir\nand so on")
    assert second["basis"] == 0
    assert Defect(second["defects"]) & Defect.NO_DATE


def test_a_block_without_a_start_goes_on_from_the_same_speakers_last(tmp_path: Path) -> None:
    text = "[55 48 40 -] CAPCOM\nfirst -\n\n[55 48 45] CMP\ngo\n\n[- 55 49 12] CAPCOM\n- and on\n"
    epoch = {"epoch": "1970-04-11T19:13:00Z"}
    first, _, more = read(tmp_path, text, epoch, transcript.CONNECTOR)
    assert (more["earliest_us"], more["basis"]) == (first["earliest_us"], 4)
    assert more["latest_us"] - more["earliest_us"] == 32 * SECOND_US
